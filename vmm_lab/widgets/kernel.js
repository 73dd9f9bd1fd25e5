// A grid of weights: each is a number box that can be typed into, moved by arrow keys, or dragged up and down.
const STEPS = { ArrowUp: 0.1, ArrowDown: -0.1, PageUp: 1, PageDown: -1 }, PIXELS = 6; // so many of a drag are one step

function render({ model, el }) {
  el.innerHTML = '<div class="vmm-note" role="status"></div><div class="vmm-kernel" role="group"></div>';
  const [title, grid] = el.children;
  let boxes = [], resting = 0, late = false;

  const rounded = (weight) => Math.round(weight * 1000) / 1000;
  // "1/9", "0,5" and "−2" are numbers, too; NaN for what is none.
  const read = (text) => {
    const parts = text.replace("−", "-").split("/").map((part) => Number(part.trim().replace(",", ".") || NaN));
    const number = parts[0] / (parts[1] ?? 1);
    return parts.length < 3 && Number.isFinite(number) ? number : NaN;
  };
  const write = (k, weight) => {
    const text = [rounded(weight), +weight.toPrecision(3)].map(String).find((text) => text.length < 7);
    boxes[k].value = text ?? weight.toExponential(1).replace("+", ""); // what does not fit would be cut
    boxes[k].title = weight;
    boxes[k].ariaValueNow = weight;
  };
  const weightOf = (k) => model.get("value").flat()[k];
  const paint = () => {
    const weights = model.get("value").flat(), most = Math.max(1e-9, ...weights.map(Math.abs));
    boxes.forEach((box, k) => {
      box.style.setProperty("--share", `${(50 * Math.abs(weights[k])) / most}%`);
      box.style.setProperty("--sign", weights[k] < 0 ? "#4393c3" : "#d6604d");
    });
  };
  const show = () => {
    const rows = model.get("value");
    title.textContent = model.get("title");
    grid.setAttribute("aria-label", model.get("title"));
    if (boxes.length !== rows.length ** 2) build(rows.length);
    rows.flat().forEach((weight, k) => {
      // What is being typed, such as "0." or "1/9", stays as long as it means the same.
      if (document.activeElement !== boxes[k] || read(boxes[k].value) !== weight) write(k, weight);
    });
    paint();
  };
  const put = (k, weight) => {
    const rows = model.get("value").map((row) => [...row]);
    rows[Math.floor(k / rows.length)][k % rows.length] = weight;
    model.set("value", rows);
    paint();
    tell();
  };
  // A drag has more moves than the page has pictures: at most one message for each, the first of them at once.
  const tell = () => {
    late = resting > 0;
    if (late) return;
    model.save_changes();
    resting = requestAnimationFrame(() => { resting = 0; if (late) tell(); });
  };
  const move = (k, by) => put(k, rounded(weightOf(k) + by));
  const make = (side, k) => {
    const box = document.createElement("input");
    Object.assign(box, { role: "spinbutton", inputMode: "decimal", autocomplete: "off" });
    box.style.fontSize = side > 3 ? "12px" : "14px";
    box.setAttribute("aria-label", `${model.get("called")} row ${Math.floor(k / side) + 1} column ${(k % side) + 1}`);
    box.addEventListener("input", () => { if (!isNaN(read(box.value))) put(k, read(box.value)); });
    box.addEventListener("change", () => {
      const wrong = isNaN(read(box.value)) && box.value.trim() && `“${box.value}” is no number such as 0.5 or 1/9`;
      write(k, weightOf(k));
      if (wrong) title.textContent = `${wrong}: the weight stays ${box.value}.`;
    });
    box.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      move(k, STEPS[event.key]);
    });
    let from = null, steps = 0;
    box.addEventListener("pointerdown", (event) => { [from, steps] = [event.clientY, 0]; });
    box.addEventListener("pointermove", (event) => {
      const now = Math.round((from - event.clientY) / PIXELS);
      if (from === null || !event.buttons || now === steps) return;
      box.setPointerCapture(event.pointerId);
      move(k, (now - steps) * STEPS.ArrowUp);
      steps = now;
    });
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => { from = null; });
    return box;
  };
  const build = (side) => {
    grid.style.gridTemplateColumns = `repeat(${side}, ${side > 3 ? 46 : 58}px)`;
    boxes = Array.from({ length: side * side }, (_, k) => make(side, k));
    grid.replaceChildren(...boxes);
  };
  model.on("change:value change:title", show);
  show();
  return () => {
    cancelAnimationFrame(resting);
    model.off("change:value change:title", show);
  };
}
export default { render };
