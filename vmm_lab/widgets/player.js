// All frames and the sound are here, in the browser: moving through them asks the kernel for nothing.
// The kernel is told where the playhead is, at most eight times a second, and may move it.
const TELL_EVERY = 125; // milliseconds
const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  play: "M4 2 L14 8 L4 14 Z",
  pause: "M3 2 H7 V14 H3 Z M9 2 H13 V14 H9 Z",
  sound: "M1 6 H4 L8 2 V14 L4 10 H1 Z M10 5 Q13 8 10 11 M11.5 3 Q16.5 8 11.5 13",
  silent: "M1 6 H4 L8 2 V14 L4 10 H1 Z M10 6 L15 11 M15 6 L10 11",
};

function element(kind, className, parent, attributes = {}) {
  const made = document.createElement(kind);
  made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

function stroke(kind, parent, attributes) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

function face(button, icon, label) {
  if (button.getAttribute("aria-label") === label) return;
  button.replaceChildren();
  const drawing = stroke("svg", button, { viewBox: "0 0 17 16", width: 16, height: 16, "aria-hidden": "true" });
  stroke("path", drawing, { d: ICONS[icon], class: icon === "sound" || icon === "silent" ? "vmm-lines" : "" });
  button.setAttribute("aria-label", label);
  button.title = label;
}

function render({ model, el }) {
  el.classList.add("vmm-player");
  el.dataset.lmSuppressShortcuts = "true"; // arrows and space are ours here, not the notebook's
  const canvas = element("canvas", "vmm-screen", el, { role: "img" });
  const bench = element("div", "vmm-bench", el);
  const timeline = stroke("svg", bench, { class: "vmm-timeline", preserveAspectRatio: "none", "aria-hidden": "true" });
  const slider = element("input", "vmm-slider", bench, { type: "range", min: 0, max: 1, step: "any", "aria-label": "Time" });
  const row = element("div", "vmm-row", bench);
  const toggle = element("button", "vmm-button", row, { type: "button" });
  const quiet = element("button", "vmm-button", row, { type: "button" });
  const clock = element("div", "vmm-clock", row); // no live region: it would never be silent
  const speedLabel = element("label", "vmm-speed", row);
  speedLabel.append("Speed ");
  const speeds = element("select", "", speedLabel, { "aria-label": "Speed" });
  for (const rate of [0.1, 0.25, 0.5, 1, 2, 4]) speeds.append(new Option(`${rate}×`, rate, rate === 1, rate === 1));
  const note = element("div", "vmm-note", el);
  const pen = canvas.getContext("2d");

  let frames, times, begin, finish, keyframes; // what is shown
  let loaded = [], film = 0, audio = null, audioUrl = null; // film: how many were loaded
  let at = 0, shown = -1, drawing = 0; // playhead in seconds; frame on screen; the newest drawing asked for
  let running = false, startedAt = 0, startedFrom = 0, ticking = 0, told = 0, tellLater = 0, gone = false;

  const frameAt = (seconds) => {
    let low = 0, high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= seconds + 1e-6) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const clamp = (seconds) => Math.min(Math.max(seconds, begin), finish);

  function load() {
    const data = model.get("film"), offsets = model.get("offsets");
    loaded = [data, model.get("sound")];
    film++;
    times = model.get("times");
    frames = times.map((_, k) =>
      new Blob([new Uint8Array(data.buffer, data.byteOffset + offsets[k], offsets[k + 1] - offsets[k])], { type: "image/jpeg" }));
    begin = model.get("begin");
    finish = model.get("finish");
    keyframes = model.get("keyframes");
    slider.min = begin;
    slider.max = Math.max(finish, begin + 1e-3);
    canvas.hidden = !frames.length;
    note.textContent = model.get("note");
    note.hidden = !note.textContent;
    loadSound();
    drawTimeline();
    shown = -1;
    toggle.disabled = finish <= begin;
    place(model.get("time"), false);
    startedFrom = at;
    if (audio) audio.currentTime = at - begin;
  }

  function loadSound() {
    audio?.pause();
    if (audioUrl) URL.revokeObjectURL(audioUrl);
    audio = audioUrl = null;
    const data = model.get("sound");
    quiet.hidden = !data?.byteLength;
    if (quiet.hidden) return;
    audioUrl = URL.createObjectURL(new Blob([data], { type: "audio/wav" }));
    audio = new Audio(audioUrl);
    audio.preload = "auto";
    audio.preservesPitch = true;
    face(quiet, "sound", "Mute");
  }

  function drawTimeline() {
    const loudness = model.get("loudness"), span = Math.max(finish - begin, 1e-9);
    timeline.replaceChildren();
    timeline.setAttribute("viewBox", "0 0 1000 32");
    timeline.toggleAttribute("hidden", !loudness.length && !keyframes.length);
    if (loudness.length) {
      const points = loudness.map((l, k) => [(1000 * k) / (loudness.length - 1), 15 * l]);
      const above = points.map(([x, y]) => `${x.toFixed(1)},${(16 - y).toFixed(1)}`);
      const below = points.reverse().map(([x, y]) => `${x.toFixed(1)},${(16 + y).toFixed(1)}`);
      stroke("polygon", timeline, { points: [...above, ...below].join(" "), class: "vmm-wave" });
    }
    for (const mark of keyframes) {
      const x = (1000 * (mark - begin)) / span;
      stroke("line", timeline, { x1: x, x2: x, y1: 0, y2: 32, class: "vmm-keyframe" });
    }
    stroke("line", timeline, { x1: 0, x2: 0, y1: 0, y2: 32, class: "vmm-head" });
  }

  async function draw(index) {
    const mine = ++drawing;
    const bitmap = await createImageBitmap(frames[index]);
    if (mine === drawing && !gone) {
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
        canvas.width = bitmap.width;
        canvas.height = bitmap.height;
        // Small frames are enlarged, to about a third of a screen.
        const scale = Math.max(1, Math.min(Math.floor(300 / bitmap.height), Math.floor(640 / bitmap.width)));
        canvas.style.width = `${bitmap.width * scale}px`;
        canvas.classList.toggle("vmm-pixels", bitmap.height <= 64);
        bench.style.maxWidth = `${Math.max(500, bitmap.width * scale)}px`;
      }
      pen.drawImage(bitmap, 0, 0);
      canvas.dataset.frame = index; // what is on screen, not what was asked for
      canvas.dataset.film = film;
    }
    bitmap.close();
  }

  function place(seconds, telling = true) {
    at = clamp(seconds);
    slider.value = at;
    const head = timeline.lastChild, x = (1000 * (at - begin)) / Math.max(finish - begin, 1e-9);
    head?.setAttribute("x1", x);
    head?.setAttribute("x2", x);
    const index = frames.length ? frameAt(at) : -1;
    const isKey = keyframes.some((mark) => Math.abs(mark - times[index]) < 1e-3);
    const where = index < 0 ? "" : `frame ${index}${isKey ? " · keyframe" : ""}`;
    clock.textContent = `${at.toFixed(2)} / ${finish.toFixed(2)} s${where ? " · " + where : ""}`;
    slider.setAttribute("aria-valuetext", `${at.toFixed(2)} seconds${where ? ", " + where : ""}`);
    canvas.setAttribute("aria-label", `${model.get("name")}, ${where}, ${at.toFixed(2)} s`);
    if (index !== shown && index >= 0) {
      shown = index;
      draw(index);
    }
    if (!telling) return;
    const wait = TELL_EVERY - (performance.now() - told);
    clearTimeout(tellLater);
    if (wait <= 0) tell();
    else tellLater = setTimeout(tell, wait);
  }

  function tell() {
    clearTimeout(tellLater);
    told = performance.now();
    const frame = Math.max(shown, 0), time = at; // not rounded: it must not fall into another frame
    const same = model.get("frame") === frame && Math.abs(model.get("time") - time) < 1e-3;
    if (gone || (same && model.get("playing") === running)) return;
    model.set({ frame, time, playing: running });
    model.save_changes();
  }

  function seek(seconds) {
    startedFrom = clamp(seconds);
    startedAt = performance.now();
    if (audio) audio.currentTime = startedFrom - begin;
    place(startedFrom);
  }

  function tick() {
    if (!running) return;
    // With sound, the sound is the clock, so that pictures cannot drift away from it.
    const now = audio ? begin + audio.currentTime : startedFrom + ((performance.now() - startedAt) / 1000) * +speeds.value;
    if (now >= finish - 1e-3 || audio?.ended) {
      if (!model.get("loop")) {
        place(finish);
        return pause();
      }
      seek(begin);
      audio?.play();
    } else place(now);
    ticking = requestAnimationFrame(tick);
  }

  async function play() {
    if (running || finish <= begin) return;
    running = true;
    face(toggle, "pause", "Pause");
    seek(at >= finish - 1e-3 ? begin : at);
    if (audio) {
      audio.playbackRate = +speeds.value;
      try {
        await audio.play();
      } catch {
        if (running) pause(); // a page may not start sounds by itself
        return;
      }
    }
    ticking = requestAnimationFrame(tick);
  }

  function pause() {
    running = false;
    cancelAnimationFrame(ticking);
    audio?.pause();
    face(toggle, "play", "Play");
    tell();
  }

  const step = (count) => {
    if (running) pause();
    if (!frames.length) return seek(at + count * 0.1);
    const index = Math.min(Math.max(frameAt(at) + count, 0), frames.length - 1);
    seek(Math.max(times[index], begin));
  };
  const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10, Home: -1e9, End: 1e9 };
  slider.addEventListener("keydown", (event) => {
    if (event.key in STEPS) step(STEPS[event.key]);
    else if (event.key === " ") running ? pause() : play();
    else return;
    event.preventDefault();
  });
  slider.addEventListener("input", () => seek(+slider.value));
  toggle.addEventListener("click", () => (running ? pause() : play()));
  quiet.addEventListener("click", () => {
    audio.muted = !audio.muted;
    face(quiet, audio.muted ? "silent" : "sound", audio.muted ? "Sound on" : "Mute");
  });
  speeds.addEventListener("change", () => {
    if (audio) audio.playbackRate = +speeds.value;
    startedFrom = at;
    startedAt = performance.now();
  });

  // A new film comes with a new time and more; they wait until the film is loaded, whichever is announced first.
  const stale = () => model.get("film") !== loaded[0] || model.get("sound") !== loaded[1];
  const moved = () => {
    if (!stale() && Math.abs(model.get("time") - at) > 2e-3 && !running) seek(model.get("time"));
  };
  const asked = () => {
    if (stale()) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (model.get("playing") && !running && !still) play();
    else if (!model.get("playing") && running) pause();
  };
  const changed = () => {
    if (!stale()) return;
    running = false;
    cancelAnimationFrame(ticking);
    load();
    face(toggle, "play", "Play");
    asked();
  };
  model.on("change:film change:sound", changed);
  model.on("change:time", moved);
  model.on("change:playing", asked);
  // What nobody sees or hears need not keep the computer busy: a silent film rests while it is out of view.
  let resting = false;
  const watcher = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting && running && !audio) {
      pause();
      resting = true;
    } else if (isIntersecting && resting) {
      resting = false;
      play();
    }
  });
  watcher.observe(el);
  face(toggle, "play", "Play");
  load();
  asked();
  return () => {
    gone = true;
    watcher.disconnect();
    running = false;
    cancelAnimationFrame(ticking);
    clearTimeout(tellLater);
    audio?.pause();
    if (audioUrl) URL.revokeObjectURL(audioUrl);
    model.off("change:film change:sound", changed);
    model.off("change:time", moved);
    model.off("change:playing", asked);
  };
}
export default { render };
