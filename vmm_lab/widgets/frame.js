// The pictures and the status line of a widget; it also names the widget's sliders.
// The bytes as text: fetching a blob from the browser's main process would take ten milliseconds more.
function address(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = "";
  for (let k = 0; k < bytes.length; k += 8192) text += String.fromCharCode(...bytes.subarray(k, k + 8192));
  return `data:image/jpeg;base64,${btoa(text)}`;
}

function render({ model, el }) {
  el.innerHTML = '<div class="vmm-parts"></div><div class="vmm-status" role="status"></div>';
  const [stage, line] = el.children;
  let box = null, shown = [], waiting = 0;

  const name = () => {
    // ipywidgets gives its slider handles no name, and its pictures no alternative text.
    for (const handle of box?.querySelectorAll(".noUi-handle:not([aria-label])") ?? []) {
      const label = handle.closest(".jupyter-widgets")?.querySelector(".widget-label")?.textContent;
      if (label) handle.setAttribute("aria-label", label);
    }
    const alts = model.get("alts");
    box?.querySelectorAll("img").forEach((image, k) => { image.alt = alts[k] ?? ""; });
  };
  const view = (place, kind) => {
    while (stage.children.length <= place) stage.append(document.createElement("div"));
    if (stage.children[place].localName !== kind) stage.children[place].replaceWith(document.createElement(kind));
    return stage.children[place];
  };
  const show = () => {
    const parts = model.get("parts"), changed = [...parts.keys()].filter((k) => parts[k] !== shown[k]);
    // Pictures first: the browser decodes them elsewhere while the drawings are built here.
    for (const k of changed.filter((k) => typeof parts[k] !== "string")) view(k, "img").src = address(parts[k]);
    for (const k of changed.filter((k) => typeof parts[k] === "string")) view(k, "div").innerHTML = parts[k];
    while (stage.children.length > parts.length) stage.lastChild.remove();
    shown = parts;
    line.textContent = model.get("text");
    line.classList.toggle("vmm-failed", model.get("failed"));
    name();
  };
  const watcher = new MutationObserver(name);
  const settle = () => {
    box = el.closest(".vmm-lab");
    if (!box) return (waiting = requestAnimationFrame(settle)); // ipywidgets attaches the box after its parts
    keepKeys(box);
    watcher.observe(box, { childList: true, subtree: true });
    name();
  };
  model.on("change", show);
  show();
  settle();
  keepPictures(model);
  return () => {
    cancelAnimationFrame(waiting);
    watcher.disconnect();
    model.off("change", show);
  };
}
export default { render };
