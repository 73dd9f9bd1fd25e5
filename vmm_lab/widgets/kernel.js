// A grid of weights: each is a number box that can be typed into, moved by arrow keys, or dragged up and down.
const STEP = 0.1, LEAP = 1, PIXELS = 6; // so many pixels of a drag are one step

function render({ model, el }) {
  const title = document.createElement("div"), grid = document.createElement("div");
  title.className = "vmm-kernel-title";
  grid.className = "vmm-kernel";
  grid.setAttribute("role", "group");
  el.append(title, grid);
  let boxes = [], resting = 0, late = false;

  const text = (weight) => String(Math.round(weight * 1000) / 1000);
  const paint = () => {
    const weights = model.get("value").flat(), most = Math.max(1e-9, ...weights.map(Math.abs));
    boxes.forEach((box, k) => {
      box.style.setProperty("--share", `${(50 * Math.abs(weights[k])) / most}%`);
      box.classList.toggle("vmm-negative", weights[k] < 0);
    });
  };
  const show = () => {
    const rows = model.get("value");
    title.textContent = model.get("title");
    grid.setAttribute("aria-label", model.get("title"));
    if (boxes.length !== rows.length ** 2) build(rows.length);
    rows.flat().forEach((weight, k) => {
      // What is being typed, such as "0." or "-", stays as long as it means the same.
      if (document.activeElement !== boxes[k] || boxes[k].valueAsNumber !== weight) boxes[k].value = text(weight);
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
  const move = (k, by) => {
    const weight = Math.round((model.get("value").flat()[k] + by) * 1000) / 1000;
    boxes[k].value = text(weight);
    put(k, weight);
  };
  const build = (side) => {
    grid.style.gridTemplateColumns = `repeat(${side}, ${side > 3 ? 46 : 58}px)`;
    boxes = Array.from({ length: side * side }, (_, k) => {
      const box = document.createElement("input");
      box.type = "number";
      box.step = "any";
      box.setAttribute("aria-label", `${model.get("called")} row ${Math.floor(k / side) + 1} column ${(k % side) + 1}`);
      box.addEventListener("input", () => { if (Number.isFinite(box.valueAsNumber)) put(k, box.valueAsNumber); });
      box.addEventListener("change", () => { if (!Number.isFinite(box.valueAsNumber)) box.value = text(model.get("value").flat()[k]); });
      box.addEventListener("keydown", (event) => {
        const by = { ArrowUp: STEP, ArrowDown: -STEP, PageUp: LEAP, PageDown: -LEAP }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        move(k, by);
      });
      let from = null, steps = 0;
      box.addEventListener("pointerdown", (event) => { [from, steps] = [event.clientY, 0]; });
      box.addEventListener("pointermove", (event) => {
        if (from === null || !event.buttons) return;
        const now = Math.round((from - event.clientY) / PIXELS);
        if (now === steps) return;
        box.setPointerCapture(event.pointerId);
        move(k, (now - steps) * STEP);
        steps = now;
      });
      for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => { from = null; });
      return box;
    });
    grid.replaceChildren(...boxes);
  };
  model.on("change:value", show);
  model.on("change:title", show);
  show();
  return () => {
    cancelAnimationFrame(resting);
    model.off("change:value", show);
    model.off("change:title", show);
  };
}
export default { render };
