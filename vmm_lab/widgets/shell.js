// The status line of a widget; it also names the widget's sliders and pictures and keeps its keys to itself.
function render({ model, el }) {
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
    box.querySelectorAll("img.widget-image").forEach((image, k) => {
      if (image.alt !== (alts[k] ?? "")) image.alt = alts[k] ?? "";
    });
  };
  const speak = () => {
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
