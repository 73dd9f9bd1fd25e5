// The play head over waveform and spectrogram. It reads the player's own slider at every picture of the screen, and a
// click moves that slider: the kernel is asked for nothing.
function render({ model, el }) {
  const head = document.createElement("div");
  head.className = "vmm-sound-head";
  head.setAttribute("aria-hidden", "true"); // the player's slider tells the time
  let box = null, stage = null, waiting = 0, dragging = false;

  const parts = () => [box.querySelector(".vmm-player .vmm-slider"), stage.querySelector("svg")];
  const span = () => model.get("right") - model.get("left");
  const follow = () => {
    waiting = requestAnimationFrame(follow);
    if (!box) {
      stage = el.closest(".vmm-lab")?.querySelector(".vmm-parts");
      if (!stage) return; // ipywidgets attaches the box after its parts
      box = el.closest(".vmm-lab");
      stage.parentElement.classList.add("vmm-sound");
      stage.parentElement.append(head);
      stage.addEventListener("pointerdown", press);
      stage.addEventListener("pointermove", drag);
    }
    const [time, drawing] = parts();
    if (!time || !drawing) return;
    const share = (time.value - time.min) / Math.max(time.max - time.min, 1e-9);
    const x = drawing.clientWidth * (model.get("left") + share * span());
    head.style.transform = `translateX(${Math.min(x, drawing.clientWidth - 2).toFixed(1)}px)`;
    head.style.height = `${drawing.clientHeight * 0.89}px`; // to the axis of the seconds
  };
  const drag = (event) => {
    const [time, drawing] = parts();
    if (!dragging || !time || !drawing) return;
    const place = drawing.getBoundingClientRect();
    const share = ((event.clientX - place.left) / place.width - model.get("left")) / span();
    time.value = +time.min + Math.min(Math.max(share, 0), 1) * (time.max - time.min);
    time.dispatchEvent(new Event("input"));
  };
  const press = (event) => {
    dragging = true;
    drag(event);
    addEventListener("pointerup", () => (dragging = false), { once: true });
  };
  follow();
  return () => {
    cancelAnimationFrame(waiting);
    head.remove();
    stage?.removeEventListener("pointerdown", press);
    stage?.removeEventListener("pointermove", drag);
  };
}
export default { render };
