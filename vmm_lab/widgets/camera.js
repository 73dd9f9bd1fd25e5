// The camera of this computer, recorded between two presses of a button; what it took goes to the kernel in pieces.
const REASONS = {
  NotAllowedError: "The camera was refused. To allow it, click the sign next to the page's address, then press again.",
  NotFoundError: "There is no camera here. Connect one and press again, or copy videos from a phone into the folder.",
  NotReadableError: "Another program uses the camera. Close that one, then press again.",
};
const PIECE = 500; // milliseconds

function render({ model, el }) {
  el.classList.add("vmm-player");
  el.innerHTML = `<video class="vmm-screen" muted playsinline hidden aria-label="What the camera sees"></video>
    <div class="vmm-row"><button type="button">Turn the camera on</button><button type="button" disabled>Record</button>
    <span class="vmm-clock" role="status">The camera is off.</span></div>`;
  const [screen, [power, record, clock]] = [el.firstChild, el.lastChild.children];
  let stream = null, recorder = null, timer = 0, closed = false, sent = Promise.resolve();
  const say = (text, role = "status") => Object.assign(clock, { role, textContent: text });
  const off = () => {
    if (recorder?.state === "recording") recorder.stop();
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = screen.srcObject = null;
    [screen.hidden, record.disabled, power.textContent] = [true, true, "Turn the camera on"];
  };
  const ask = (audio) => navigator.mediaDevices.getUserMedia(
    { video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio });
  const on = async () => {
    if (!navigator.mediaDevices || !window.MediaRecorder)
      return say("This page gets no camera: a browser gives one only on this computer (localhost) or over https.");
    power.disabled = true;
    say("The browser asks whether this page may use the camera and the microphone.");
    try {
      // A camera without a microphone is enough.
      const alone = (error) => (error.name === "NotFoundError" ? ask(false) : Promise.reject(error));
      stream = await ask(true).catch(alone);
      if (closed) return off(); // meanwhile
      screen.srcObject = stream;
      await screen.play();
      [screen.hidden, record.disabled, power.textContent] = [false, false, "Turn the camera off"];
      say("Nothing is recorded until you press Record.");
    } catch (error) {
      off();
      say(REASONS[error.name] ?? `The camera did not start (${error.name}).`);
    }
    power.disabled = false;
  };
  const start = () => {
    recorder = new MediaRecorder(stream);
    const began = performance.now(), end = recorder;
    const passed = () => (performance.now() - began) / 1000;
    sent = sent.catch(() => {}).then(() => model.send({ what: "start" })); // behind the end of the one before
    end.ondataavailable = ({ data }) => {
      sent = sent.then(async () => model.send({ what: "piece" }, undefined, [await data.arrayBuffer()]));
    };
    end.onstop = () => {
      clearInterval(timer);
      [record.textContent, recorder] = ["Record", null];
      say("Stopped.");
      sent = sent.then(() => model.send({ what: "end", kind: end.mimeType }));
    };
    end.start(PIECE);
    record.textContent = "Stop";
    timer = setInterval(() => {
      say(`● ${passed().toFixed(1)} s of at most ${model.get("seconds")}`, "timer"); // which is not read out
      if (passed() >= model.get("seconds") && end.state === "recording") end.stop();
    }, 100);
  };
  power.addEventListener("click", () => (stream ? (off(), say("The camera is off.")) : on()));
  record.addEventListener("click", () => {
    try {
      recorder ? recorder.state === "recording" && recorder.stop() : start(); // stopped once
    } catch (error) {
      recorder = null;
      say(`This browser cannot record (${error.name}).`);
    }
  });
  return () => (closed = true, off()); // no camera stays on behind a closed widget
}
export default { render };
