// The pictures and the status line of a widget; it also names the widget's sliders and keeps its keys to itself.
// The bytes as text: fetching a blob from the browser's main process would take ten milliseconds more.
function address(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = "";
  for (let k = 0; k < bytes.length; k += 8192) text += String.fromCharCode(...bytes.subarray(k, k + 8192));
  return `data:image/jpeg;base64,${btoa(text)}`;
}

function render({ model, el }) {
  const stage = document.createElement("div");
  stage.className = "vmm-parts";
  el.append(stage);
  const line = document.createElement("div");
  line.className = "vmm-status";
  line.setAttribute("role", "status");
  el.append(line);

  let box = null;
  const dress = () => {
    if (!box) return;
    // ipywidgets gives its slider handles no name, and its pictures no alternative text.
    for (const handle of box.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = handle.closest(".jupyter-widgets")?.querySelector(".widget-label")?.textContent;
      if (label) handle.setAttribute("aria-label", label);
    }
    const alts = model.get("alts");
    box.querySelectorAll("img").forEach((image, k) => {
      if (image.alt !== (alts[k] ?? "")) image.alt = alts[k] ?? "";
    });
  };
  let shown = [];
  const view = (place, kind) => {
    while (stage.children.length < place) stage.append(document.createElement("div"));
    const old = stage.children[place];
    if (old?.localName === kind) return old;
    const made = document.createElement(kind);
    if (old) old.replaceWith(made);
    else stage.append(made);
    return made;
  };
  const lay = () => {
    const parts = model.get("parts");
    const changed = [...parts.keys()].filter((k) => parts[k] !== shown[k]);
    // Pictures first: the browser decodes them elsewhere while the drawings are built here.
    for (const k of changed.filter((k) => typeof parts[k] !== "string")) view(k, "img").src = address(parts[k]);
    for (const k of changed.filter((k) => typeof parts[k] === "string")) view(k, "div").innerHTML = parts[k];
    while (stage.children.length > parts.length) stage.lastChild.remove();
    shown = parts;
  };
  const speak = () => {
    lay();
    line.textContent = model.get("text");
    line.classList.toggle("vmm-failed", model.get("failed"));
    dress();
  };

  const watcher = new MutationObserver(dress);
  let waiting = 0;
  const settle = () => {
    box = el.closest(".vmm-lab");
    if (!box) {
      waiting = requestAnimationFrame(settle); // ipywidgets attaches the box after its parts
      return;
    }
    // Without this, arrows on a slider would also walk through the cells of the notebook.
    box.dataset.lmSuppressShortcuts = "true";
    watcher.observe(box, { childList: true, subtree: true });
    dress();
  };
  model.on("change", speak);
  speak();
  settle();
  return () => {
    cancelAnimationFrame(waiting);
    watcher.disconnect();
    model.off("change", speak);
  };
}
export default { render };
