// A map of points: the kernel drew it, here one is chosen, by mouse or by the arrow keys.
const TURNS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function render({ model, el }) {
  el.classList.add("vmm-map");
  const board = document.createElement("div");
  board.tabIndex = 0;
  board.setAttribute("role", "application");
  board.setAttribute("aria-roledescription", "map of points");
  board.innerHTML = model.get("drawing");
  el.append(board);
  const svg = board.querySelector("svg");
  const ring = document.createElementNS(svg.namespaceURI, "circle");
  ring.setAttribute("class", "vmm-ring");
  ring.setAttribute("r", 11);
  svg.append(ring);
  const x = model.get("x"), y = model.get("y");

  const show = () => {
    const k = model.get("value");
    ring.setAttribute("cx", x[k]);
    ring.setAttribute("cy", y[k]);
    board.setAttribute("aria-label", `${model.get("about")} Chosen: ${model.get("names")[k]}.`);
    board.dataset.value = k;
  };
  const choose = (k) => {
    if (k < 0 || k >= x.length || k === model.get("value")) return;
    model.set("value", k);
    model.save_changes();
    show();
  };
  // The best next point lies ahead, near, and not far off to the side.
  const towards = ([dx, dy]) => {
    const from = model.get("value");
    let best = -1, least = Infinity;
    for (let k = 0; k < x.length; k++) {
      const ahead = (x[k] - x[from]) * dx + (y[k] - y[from]) * dy;
      const aside = Math.abs((x[k] - x[from]) * dy - (y[k] - y[from]) * dx);
      if (k === from || ahead <= 1e-3 || aside > 2 * ahead) continue;
      const cost = ahead + 2 * aside;
      if (cost < least) [best, least] = [k, cost];
    }
    return best;
  };
  board.addEventListener("keydown", (event) => {
    const at = model.get("value");
    if (event.key in TURNS) choose(towards(TURNS[event.key]));
    else if (event.key === "PageDown") choose(at + 1);
    else if (event.key === "PageUp") choose(at - 1);
    else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(x.length - 1);
    else return;
    event.preventDefault();
  });
  board.addEventListener("pointerdown", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let best = -1, least = 18;
    for (let k = 0; k < x.length; k++) {
      const far = Math.hypot(x[k] - at.x, y[k] - at.y);
      if (far < least) [best, least] = [k, far];
    }
    choose(best);
  });
  const tips = model.get("names");
  for (const mark of board.querySelectorAll("[data-item]")) {
    const tip = document.createElementNS(svg.namespaceURI, "title");
    tip.textContent = tips[mark.dataset.item];
    mark.append(tip);
  }
  model.on("change:value", show);
  show();
  return () => model.off("change:value", show);
}
export default { render };
