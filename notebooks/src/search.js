// Show the sections that have all of the typed words: first those with them in the heading, or most often.
const sections = JSON.parse(document.getElementById("sections").textContent);
const lower = sections.map(s => ({heading: `${s.title} ${s.section}`.toLowerCase(), text: s.text.toLowerCase()}));
const [field, count, list] = ["words", "count", "found"].map(name => document.getElementById(name));

function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length ? sections.map((s, k) => {
    const {heading, text} = lower[k];
    if (!words.every(word => heading.includes(word) || text.includes(word))) return null;
    const times = words.map(word => (heading.includes(word) ? 20 : 0) + text.split(word).length - 1);
    return {s, text, score: Math.min(...times)};
  }).filter(Boolean).sort((a, b) => b.score - a.score) : [];
  count.textContent = words.length ? `${hits.length} sections` : "Type a word, such as HOG or fusion.";
  list.replaceChildren(...hits.slice(0, 50).map(({s, text}) => {
    const item = document.createElement("li"), link = document.createElement("a"), line = document.createElement("p");
    link.href = s.href;
    link.textContent = s.section ? `${s.title}: ${s.section}` : s.title;
    const place = Math.max(0, text.indexOf(words[0]) - 60);
    line.textContent = (place ? "… " : "") + s.text.slice(place, place + 200).trim() + " …";
    item.append(link, line);
    return item;
  }));
  history.replaceState(null, "", words.length ? `#${encodeURIComponent(field.value)}` : location.pathname);
}

field.value = decodeURIComponent(location.hash.slice(1));
field.addEventListener("input", search);
search();
