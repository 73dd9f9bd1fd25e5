// All frames and the sound are here, in the browser: moving through them asks the kernel for nothing.
// The kernel is told where the playhead is, at most eight times a second, and may move it.
const TELL_EVERY = 125; // milliseconds
const ICONS = {
  Play: "M4 2 L14 8 L4 14 Z",
  Pause: "M3 2 H7 V14 H3 Z M9 2 H13 V14 H9 Z",
  Mute: "M1 6 H4 L8 2 V14 L4 10 H1 Z M10 5 Q13 8 10 11 M11.5 3 Q16.5 8 11.5 13",
  "Sound on": "M1 6 H4 L8 2 V14 L4 10 H1 Z M10 6 L15 11 M15 6 L10 11",
};
const STEPS = {
  ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10, Home: -1e9, End: 1e9,
};
const PAGE = `
  <canvas class="vmm-screen" role="img"></canvas>
  <div style="max-width: 500px">
    <svg class="vmm-timeline" viewBox="0 0 820 32" preserveAspectRatio="none" aria-hidden="true"></svg>
    <input class="vmm-slider" type="range" step="any" aria-label="Time">
    <div class="vmm-row">
      <button type="button"></button><button type="button"></button>
      <div class="vmm-clock"></div>
      <label>Speed <select aria-label="Speed"></select></label>
    </div>
  </div>
  <div class="vmm-note"></div>`; // the clock is no live region: it would never be silent

function label(button, text) {
  if (button.title === text) return;
  const filled = text === "Play" || text === "Pause" ? "currentColor" : "none";
  const path = `<path fill="${filled}" stroke="currentColor" stroke-width="1.4" d="${ICONS[text]}"/>`;
  button.innerHTML = `<svg viewBox="0 0 17 16" width="16" height="16" aria-hidden="true">${path}</svg>`;
  button.setAttribute("aria-label", text);
  button.title = text;
}

function render({ model, el }) {
  el.classList.add("vmm-player");
  el.innerHTML = PAGE;
  keepKeys(el);
  keepPictures(model);
  const [canvas, bench, note] = el.children, [toggle, quiet] = el.querySelectorAll("button");
  const find = (name) => bench.querySelector(name);
  const [timeline, slider, clock, speeds] = ["svg", "input", ".vmm-clock", "select"].map(find);
  for (const rate of [0.1, 0.25, 0.5, 1, 2, 4]) speeds.append(new Option(`${rate}×`, rate, rate === 1, rate === 1));
  const pen = canvas.getContext("2d");

  let frames, times, begin, finish, keyframes; // what is shown
  let loaded = [], film = 0, audio = null, leave = null; // film: how many were loaded; leave: lets go of the audio
  let at = 0, shown = -1, drawing = 0; // playhead in seconds; frame on screen; the newest drawing asked for
  let running = false, startedAt = 0, startedFrom = 0, ticking = 0, told = 0, tellLater = 0, gone = false;

  const clamp = (seconds) => Math.min(Math.max(seconds, begin), finish);
  const along = (seconds) => (820 * (seconds - begin)) / Math.max(finish - begin, 1e-9);
  const frameAt = (seconds) => Math.max(0, times.findLastIndex((time) => time <= seconds + 1e-6));

  function load() {
    const data = model.get("film"), offsets = model.get("offsets");
    loaded = [data, model.get("sound")];
    film++;
    [times, begin, finish, keyframes] = ["times", "begin", "finish", "keyframes"].map((name) => model.get(name));
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    frames = times.map((_, k) => new Blob([bytes.subarray(offsets[k], offsets[k + 1])], { type: "image/jpeg" }));
    [slider.min, slider.max] = [begin, Math.max(finish, begin + 1e-3)];
    canvas.hidden = !frames.length;
    note.textContent = model.get("note");
    note.hidden = !note.textContent;
    toggle.disabled = finish <= begin;
    loadSound();
    timeline.innerHTML = `${model.get("timeline")}<line style="stroke: var(--vmm-ink)" y2="32"/>`;
    timeline.toggleAttribute("hidden", !model.get("timeline"));
    shown = -1;
    const heardAt = audio && !audio.paused ? begin + audio.currentTime : model.get("time"); // it plays in another view
    place(heardAt, false);
    startedFrom = at;
    if (audio?.paused) audio.currentTime = at - begin;
  }

  // One sound, however often the player is shown: all views of it find the audio at the data that they share.
  function loadSound() {
    leave?.();
    const data = model.get("sound");
    audio = leave = null;
    quiet.hidden = !data?.byteLength;
    if (quiet.hidden) return;
    if (!data.audio) {
      Object.assign(data, { audio: new Audio(URL.createObjectURL(new Blob([data], { type: "audio/wav" }))), views: 0 });
      data.audio.defaultPlaybackRate = data.audio.playbackRate = +speeds.value;
    }
    data.views++;
    audio = data.audio;
    const show = () => {
      label(quiet, audio.muted ? "Sound on" : "Mute");
      speeds.value = audio.playbackRate;
    };
    const ended = new AbortController();
    for (const kind of ["volumechange", "ratechange"]) audio.addEventListener(kind, show, { signal: ended.signal });
    show();
    leave = () => {
      ended.abort();
      if (--data.views) return;
      audio.pause();
      URL.revokeObjectURL(audio.src);
      delete data.audio;
    };
  }

  async function draw(index) {
    const mine = ++drawing;
    const bitmap = await createImageBitmap(frames[index]);
    if (mine === drawing && !gone) {
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
        [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
        // Small frames are enlarged, to about a third of a screen.
        const scale = Math.max(1, Math.min(Math.floor(300 / bitmap.height), Math.floor(640 / bitmap.width)));
        canvas.style.width = `${bitmap.width * scale}px`;
        canvas.style.imageRendering = bitmap.height <= 64 ? "pixelated" : "auto";
        bench.style.maxWidth = `${Math.max(500, bitmap.width * scale)}px`;
      }
      pen.drawImage(bitmap, 0, 0);
      Object.assign(canvas.dataset, { frame: index, film }); // what is on screen, not what was asked for
    }
    bitmap.close();
  }

  function place(seconds, telling = true) {
    at = clamp(seconds);
    slider.value = at;
    for (const end of ["x1", "x2"]) timeline.lastChild.setAttribute(end, along(at));
    const index = frames.length ? frameAt(at) : -1;
    const isKey = keyframes.some((mark) => Math.abs(mark - times[index]) < 1e-3);
    const where = index < 0 ? "" : `frame ${index}${isKey ? " · keyframe" : ""}`;
    clock.textContent = `${at.toFixed(2)} / ${finish.toFixed(2)} s${where ? " · " + where : ""}`;
    slider.setAttribute("aria-valuetext", `${at.toFixed(2)} seconds${where ? ", " + where : ""}`);
    canvas.setAttribute("aria-label", `${model.get("name")}, ${where}, ${at.toFixed(2)} s`);
    if (index !== shown && index >= 0) draw((shown = index));
    if (!telling) return;
    clearTimeout(tellLater);
    const wait = TELL_EVERY - (performance.now() - told);
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
    const late = audio ? Math.abs(begin + audio.currentTime - startedFrom) : 0;
    if (audio?.paused || late > 0.05) audio.currentTime = startedFrom - begin; // not where another view just began
    place(startedFrom);
  }

  function tick() {
    if (!running) return;
    // With sound, the sound is the clock, so that pictures cannot drift away from it.
    const silent = () => startedFrom + ((performance.now() - startedAt) / 1000) * +speeds.value;
    const now = audio ? begin + audio.currentTime : silent();
    if (now >= finish - 1e-3 || audio?.ended) {
      if (!model.get("loop")) {
        place(finish);
        return pause();
      }
      seek(begin);
      if (audio?.paused) audio.play();
    } else place(now);
    ticking = requestAnimationFrame(tick);
  }

  async function play() {
    if (running || finish <= begin) return;
    running = true;
    label(toggle, "Pause");
    seek(at >= finish - 1e-3 ? begin : at);
    if (audio) {
      audio.playbackRate = +speeds.value;
      try {
        if (audio.paused) await audio.play();
      } catch {
        if (running) pause(); // a page may not start sounds by itself
        return;
      }
    }
    ticking = requestAnimationFrame(tick);
  }

  function halt() {
    running = false;
    cancelAnimationFrame(ticking);
    audio?.pause();
    label(toggle, "Play");
  }

  function pause() {
    halt();
    tell();
  }

  const step = (count) => {
    if (running) pause();
    if (!frames.length) return seek(at + count * 0.1);
    seek(Math.max(times[Math.min(Math.max(frameAt(at) + count, 0), frames.length - 1)], begin));
  };
  slider.addEventListener("keydown", (event) => {
    if (event.key in STEPS) step(STEPS[event.key]);
    else if (event.key === " ") running ? pause() : play();
    else return;
    event.preventDefault();
  });
  slider.addEventListener("input", () => seek(+slider.value));
  toggle.addEventListener("click", () => (running ? pause() : play()));
  quiet.addEventListener("click", () => { audio.muted = !audio.muted; });
  speeds.addEventListener("change", () => {
    if (audio) audio.playbackRate = +speeds.value;
    [startedFrom, startedAt] = [at, performance.now()];
  });

  // A new film comes with a new time and more; they wait until the film is loaded, whichever is announced first.
  const stale = () => model.get("film") !== loaded[0] || model.get("sound") !== loaded[1];
  const heard = {
    "change:film change:sound": () => {
      if (!stale()) return;
      halt();
      load();
      heard["change:playing"]();
    },
    "change:time": () => {
      if (!stale() && Math.abs(model.get("time") - at) > 2e-3 && !running) seek(model.get("time"));
    },
    "change:playing": () => {
      if (stale()) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (model.get("playing") && !running && !still) play();
      else if (!model.get("playing") && running) pause();
    },
  };
  for (const [event, answer] of Object.entries(heard)) model.on(event, answer);
  // What nobody sees or hears need not keep the computer busy: a silent film rests while it is out of view.
  let resting = false;
  const watcher = new IntersectionObserver(([{ isIntersecting }]) => {
    if (isIntersecting && resting) play();
    const rests = !isIntersecting && running && !audio;
    if (rests) pause();
    resting = rests || (resting && !isIntersecting);
  });
  watcher.observe(el);
  heard["change:film change:sound"]();
  return () => {
    gone = true;
    running = false;
    watcher.disconnect();
    clearTimeout(tellLater);
    leave?.();
    for (const [event, answer] of Object.entries(heard)) model.off(event, answer);
  };
}
export default { render };
