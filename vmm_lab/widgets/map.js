// A map of points: the kernel drew it, here one is chosen, by mouse or by the arrow keys; other keys go to the kernel.
const TURNS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function render({ model, el }) {
  el.classList.add("vmm-map");
  el.innerHTML = '<div tabindex="0" role="application" aria-roledescription="map of points"></div>';
  const board = el.firstChild;
  let svg, ring, x, y, names;
  const draw = () => {
    board.innerHTML = model.get("drawing");
    svg = board.querySelector("svg");
    [x, y, names] = ["x", "y", "names"].map((key) => model.get(key));
    svg.insertAdjacentHTML("beforeend", `<circle class="vmm-ring" r="${model.get("ring")}"/>`);
    ring = svg.lastChild;
    show();
  };
  const show = () => {
    const k = model.get("value");
    ring.setAttribute("cx", x[k]);
    ring.setAttribute("cy", y[k]);
    board.setAttribute("aria-label", `${model.get("about")} Chosen: ${names[k]}.`);
    board.dataset.value = k;
  };
  const choose = (k) => {
    if (k < 0 || k >= x.length || k === model.get("value")) return;
    model.set("value", k);
    model.save_changes();
    show();
  };
  // The point of the least cost; -1 where every cost is infinite.
  const best = (cost) => {
    const costs = x.map((_, k) => cost(k)), least = Math.min(...costs);
    return least < Infinity ? costs.indexOf(least) : -1;
  };
  // The best next point lies ahead, near, and not far off to the side.
  const towards = ([dx, dy]) => {
    const from = model.get("value");
    return best((k) => {
      const ahead = (x[k] - x[from]) * dx + (y[k] - y[from]) * dy;
      const aside = Math.abs((x[k] - x[from]) * dy - (y[k] - y[from]) * dx);
      return k === from || ahead <= 1e-3 || aside > 2 * ahead ? Infinity : ahead + 2 * aside;
    });
  };
  board.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return; // Ctrl+S saves the notebook
    const at = model.get("value"), jumps = { PageDown: at + 1, PageUp: at - 1, Home: 0, End: x.length - 1 };
    const key = (event.shiftKey ? "Shift+" : "") + event.key;
    if (model.get("commands").includes(key)) model.send({ key });
    else if (event.key in TURNS) choose(towards(TURNS[event.key]));
    else if (event.key in jumps) choose(jumps[event.key]);
    else return;
    event.preventDefault();
  });
  board.addEventListener("pointerdown", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const far = (k) => Math.hypot(x[k] - at.x, y[k] - at.y);
    choose(best((k) => (far(k) < model.get("reach") ? far(k) : Infinity)));
  });
  model.on("change:value", show);
  model.on("change:drawing", draw);
  draw();
  return () => { model.off("change:value", show); model.off("change:drawing", draw); };
}
export default { render };
