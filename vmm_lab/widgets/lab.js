// What each of our views asks of the lab around it; it stands before the script of the view.
const EDITS = /^([acmvxyzMZ]|Backspace|Delete|Home|End|Arrow.*)$/; // with Ctrl or Cmd: of text, or of cells
const VIEW = "application/vnd.jupyter.widget-view+json", STATE = "application/vnd.jupyter.widget-state+json";
const SAVED = '<img class="vmm-saved" ';

// A key pressed in a widget is no command of the notebook (X cuts the cell), but Ctrl+S saves and Shift+Enter runs.
function keepKeys(box) {
  // A click next to the controls gives the focus, and the next letter, to the cell around them.
  box.tabIndex = -1;
  box.addEventListener("click", () => box.contains(document.activeElement) || box.focus({ preventScroll: true }));
  const isCommand = (event) => (event.key === "Enter" && (event.shiftKey || event.altKey))
    || ((event.ctrlKey || event.metaKey) && !EDITS.test(event.key));
  box.addEventListener("keydown", (event) => isCommand(event) || event.stopPropagation());
  // ipywidgets keeps every key of a text field to itself: a command goes to the lab around the box all the same.
  box.addEventListener("keydown", (event) => {
    if (!event.target.matches('[type="text"], textarea') || !isCommand(event)) return;
    event.stopPropagation();
    if (!box.parentElement.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
  }, true);
}

// The lab saves no widgets: opened again without its kernel, a notebook would say "model not found" where one was.
// So, before it is saved, each of our outputs gets a widget that needs no kernel: the picture that it already has.
function keepPictures({ widget_manager: manager }) {
  const notebook = manager?.context?.model;
  if (!notebook?.cells || manager.vmmKeepsPictures) return;
  manager.vmmKeepsPictures = true;
  manager.context.saveState.connect((_, phase) => { if (phase === "started") savePictures(notebook); });
}

function savePictures(notebook) {
  const before = notebook.getMetadata("widgets")?.[STATE]?.state ?? {};
  const state = { ...before };
  for (const id in state) if (`${state[id].state?.value}`.startsWith(SAVED)) delete state[id];
  for (const { data } of [...notebook.cells].flatMap((cell) => cell.outputs?.toJSON() ?? [])) {
    const id = data?.[VIEW]?.model_id, png = data?.["image/png"];
    if (!id || !png || state[id]) continue;
    const image = Object.assign(new Image(), { alt: data["text/plain"], src: `data:image/png;base64,${png}` });
    const value = image.outerHTML.replace("<img ", SAVED);
    state[id] = { model_name: "HTMLModel", model_module: "@jupyter-widgets/controls", model_module_version: "2.0.0",
      state: { value } };
  }
  if (Object.keys(state).sort().join() !== Object.keys(before).sort().join())
    notebook.setMetadata("widgets", { [STATE]: { version_major: 2, version_minor: 0, state } });
}
