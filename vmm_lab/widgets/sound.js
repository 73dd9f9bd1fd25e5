// The play head over waveform and spectrogram. It reads the player's own slider at every picture of the screen, and a
// click moves that slider: the kernel is asked for nothing.
function render({ model, el }) {
  const head = document.createElement("div"), ended = new AbortController();
  head.className = "vmm-sound-head";
  head.setAttribute("aria-hidden", "true"); // the player's slider tells the time
  let waiting = 0, dragging = false;

  // ipywidgets attaches the box after its parts, and a drawing comes anew with every change.
  const find = () => [".vmm-slider", ".vmm-parts svg"].map((name) => el.closest(".vmm-lab")?.querySelector(name));
  const span = () => model.get("right") - model.get("left");
  const follow = () => {
    waiting = requestAnimationFrame(follow);
    const [time, drawing] = find();
    if (!time || !drawing) return;
    const view = drawing.closest(".vmm-parts").parentElement;
    if (head.parentElement !== view) {
      view.classList.add("vmm-sound");
      view.append(head);
    }
    const share = (time.value - time.min) / Math.max(time.max - time.min, 1e-9);
    const x = drawing.clientWidth * (model.get("left") + share * span());
    head.style.transform = `translateX(${Math.min(x, drawing.clientWidth - 2).toFixed(1)}px)`;
    head.style.height = `${drawing.clientHeight * 0.89}px`; // to the axis of the seconds
  };
  const seek = (event) => {
    const [time, drawing] = find();
    if (event.type === "pointerdown") dragging = drawing?.contains(event.target);
    if (!dragging || !event.buttons || !time || !drawing) return;
    const place = drawing.getBoundingClientRect();
    const share = ((event.clientX - place.left) / place.width - model.get("left")) / span();
    time.value = +time.min + Math.min(Math.max(share, 0), 1) * (time.max - time.min);
    time.dispatchEvent(new Event("input"));
  };
  for (const kind of ["pointerdown", "pointermove"]) addEventListener(kind, seek, { signal: ended.signal });
  follow();
  return () => {
    cancelAnimationFrame(waiting);
    ended.abort();
    head.remove();
  };
}
export default { render };
