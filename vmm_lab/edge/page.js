// Recognise what the camera sees, on this device alone: frames → a window of the model's rate → onnxruntime-web.
const inside = globalThis.PAGE;  // of the single file: everything in base64
const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const $ = name => document.getElementById(name);
const say = text => { $("status").textContent = text; };
const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { willReadFrequently: true });
const frames = [];  // {time, pixels}, the newest last
let ort, session, facts, looks, rows, running = false;

async function load() {
  ort = await import(inside ? URL.createObjectURL(new Blob([bytes(inside.ort)], { type: "text/javascript" }))
    : "./ort.wasm.bundle.min.mjs");
  ort.env.wasm.numThreads = 1;  // more need headers that a plain server does not send
  if (inside) ort.env.wasm.wasmBinary = bytes(inside.wasm).buffer;
  else ort.env.wasm.wasmPaths = { wasm: new URL("ort-wasm-simd-threaded.wasm", location.href).href };
  facts = inside ? inside.facts : await (await fetch("model.json")).json();
  const model = inside ? bytes(inside.model) : new Uint8Array(await (await fetch("model.onnx")).arrayBuffer());
  session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  looks = facts.preprocessing;
  const size = looks.height * looks.width * 3;
  rows = facts.labels.map(label => {
    const [row, bar, name, fill, number] = ["div", "div", "span", "span", "b"].map(tag => document.createElement(tag));
    name.textContent = label;
    bar.append(fill);
    row.className = "bar";
    row.append(name, bar, number);
    $("bars").append(row);
    return { fill, number };
  });
  await predict(new Uint8Array(looks.n_frames * size));  // the first call makes room
  $("start").disabled = false;
  say("The pictures stay on this device: nothing is recorded, and nothing is sent.");
}

// Probabilities of a window of pixels, 0 to 255, n_frames × height × width × 3.
async function predict(pixels) {
  const { dtype, shape } = facts.inputs[0], most = 255 / looks.range[1];
  const data = dtype === "uint8" ? pixels : Float32Array.from(pixels, value => value / most);
  const tensor = new ort.Tensor(dtype, data, [1, ...shape]);
  const answers = (await session.run({ [session.inputNames[0]]: tensor }))[session.outputNames[0]].data;
  return answers.length === 1 ? Float32Array.of(1 - answers[0], answers[0]) : answers; // of one sigmoid both classes
}

// The square in the middle of the picture, each pixel the mean of those that it covers.
function look(video) {
  const side = Math.min(video.videoWidth, video.videoHeight), { height, width } = looks;
  const k = Math.max(1, Math.min(8, Math.round(side / Math.max(height, width))));
  canvas.width = k * width;
  canvas.height = k * height;
  const left = (video.videoWidth - side) / 2, top = (video.videoHeight - side) / 2;
  pen.drawImage(video, left, top, side, side, 0, 0, k * width, k * height);
  const all = pen.getImageData(0, 0, k * width, k * height).data, pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let color = 0; color < 3; color++) {
    let sum = 0;
    for (let down = 0; down < k; down++) {
      const first = 4 * ((y * k + down) * k * width + x * k) + color;
      for (let right = 0; right < k; right++) sum += all[first + 4 * right];
    }
    pixels[(y * width + x) * 3 + color] = Math.round(sum / (k * k));
  }
  return pixels;
}

// The frames on screen at the moments that the model wants, up to now; null until there are enough.
function lastWindow(now) {
  const n = looks.n_frames, step = n > 1 ? 1000 * looks.seconds / n : 0;
  while (frames.length > 1 && frames[1].time <= now - (n - 1) * step) frames.shift();
  if (!frames.length || frames[0].time > now - (n - 1) * step) return null;
  const size = frames[0].pixels.length, pixels = new Uint8Array(n * size);
  for (let k = 0, j = 0; k < n; k++) {
    while (j + 1 < frames.length && frames[j + 1].time <= now - (n - 1 - k) * step + 1e-6) j++;
    pixels.set(frames[j].pixels, k * size);
  }
  return pixels;
}

// The class to show: of a running mean, and only where it is clearly above the one before (`steady` in streaming.py).
const SETTLE = 0.15, MARGIN = 0.2;
let mean = null, best = 0, last = 0;
function steady(seconds, probabilities) {
  const first = !mean, part = mean ? 1 - Math.exp((last - seconds) / SETTLE) : 1;
  mean = Array.from(probabilities, (value, k) => (mean ? mean[k] * (1 - part) : 0) + value * part);
  const highest = Math.max(...mean);
  if (first || highest > mean[best] + MARGIN) best = mean.indexOf(highest);
  last = seconds;
  return best;
}
const forget = () => { frames.length = 0; mean = null; };

const page = { predict, lastWindow, steady, forget, count: 0, costs: {} };  // and pixels, probabilities, ready
globalThis.page = page;

async function loop(video) {
  let began = performance.now(), rate = 0;
  while (running) {
    await new Promise(resolve => requestAnimationFrame(resolve));
    const start = performance.now();
    frames.push({ time: start, pixels: look(video) });
    const seen = performance.now(), pixels = lastWindow(start);
    if (pixels) {
      const probabilities = await predict(pixels);
      Object.assign(page, { pixels, probabilities: Array.from(probabilities), count: page.count + 1 });
    }
    const thought = performance.now();
    if (pixels) show(steady(start / 1000, page.probabilities));
    else $("answer").textContent = "watching …";
    rate = 0.9 * rate + 0.1 * 1000 / (performance.now() - began);
    began = performance.now();
    page.costs = { picture: seen - start, network: thought - seen, page: began - thought, rate };
    const part = Object.entries(page.costs).slice(0, 3).map(([name, cost]) => `${name} ${cost.toFixed(1)} ms`);
    $("costs").textContent = `${rate.toFixed(0)} frames a second: ${part.join(", ")}`;
  }
}

function show(winner) {
  const label = facts.labels[winner];
  if ($("answer").textContent !== label) $("answer").textContent = label;
  rows.forEach(({ fill, number }, k) => {
    fill.style.width = `${100 * mean[k]}%`;
    number.textContent = mean[k].toFixed(2);
  });
}

const REASONS = {
  NotAllowedError: "The camera was refused. Click the camera or lock sign next to the address, allow the camera "
    + "for this page, and press Start again.",
  NotFoundError: "There is no camera. Connect one, and press Start again.",
  NotReadableError: "The camera is busy: close the other program that uses it, and press Start again.",
};

async function start() {
  if (!navigator.mediaDevices) {
    say("Browsers give the camera to pages from https:// or from this computer alone: open it as "
      + "http://localhost:…, or the single file.");
    return;
  }
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "user" } });
    const video = $("camera");
    video.srcObject = stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => {
      running = false;
      $("start").hidden = false;
      say("The camera was unplugged. Press Start again.");
    });
    await video.play();
    forget();
    running = true;
    $("start").hidden = true;
    say("The pictures stay on this device: nothing is recorded, and nothing is sent.");
    await loop(video);
  } catch (error) {
    running = false;
    $("start").hidden = false;
    say(REASONS[error.name] ?? `The camera cannot be used (${error.name}: ${error.message}). Press Start again.`);
  }
}

$("start").addEventListener("click", start);
page.ready = load().catch(error => say(
  `The network cannot be loaded (${error.message}); copy the whole folder to the server, with the .wasm file.`));
