"""The camera page in Chromium: a fake camera shows a film of actions, and the page tells when it knew each of them.

The network learns on windows of the theatre that begin in the action before, within the action, and across its repetition; the actors
of the film are held out. Needs a Chromium and playwright. About five minutes on two quiet cores.
"""
import argparse
import functools
import http.server
import tempfile
import threading
import time
from pathlib import Path

import av
import numpy as np
from bench_widgets import browser_tools
from harness import write_results

import vmm_lab as vl
from vmm_lab import edge
from vmm_lab.networks import RECIPES

WINDOW, SECONDS = 12, 1.5
PER_ACTION, SHOWN, HELD = 2, 4.0, 0.5  # films of each action; seconds of each, which repeat a clip of 2 s; what counts as known
RECORD = """() => { window.log = []; let seen = 0;
  const tick = () => {
    if (page.count !== seen) {
      seen = page.count;
      const some = page.pixels.slice(-64 * 64 * 3).filter((_, k) => Math.floor(k / 3) % 4 === 0 && Math.floor(k / 192) % 4 === 0);
      log.push([performance.now() / 1000, document.getElementById('answer').textContent, btoa(String.fromCharCode(...some))]);
    }
    requestAnimationFrame(tick);
  };
  tick(); }"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    table = vl.load_table("theatre", size="full")
    learnt, held = vl.split_by_group(table[table["label"].isin(vl.theatre.VIDEO_ACTIONS)].reset_index(drop=True), test=0.25)
    clips = vl.load_examples(learnt, progress=False)
    model, _ = RECIPES["(2+1)D"].train(edge.stream_windows(clips, WINDOW), epochs=options.epochs, seed=0, progress=False)
    with tempfile.TemporaryDirectory() as home:
        exported = edge.export(model, Path(home) / "page", to="page", labels=clips.classes, seconds=SECONDS)
        shown = held.groupby("label").sample(PER_ACTION, random_state=0).sample(frac=1, random_state=0)
        films = [vl.open_media(path).frames()[0] for path in shown["path"]]
        seen, last = watch(exported.folder, camera(films, Path(home) / "film.y4m"), SHOWN * (len(films) + 1))
    pixels = np.array(last["pixels"], np.uint8).reshape(1, *exported.shape)
    rows = summary(seen, films, list(shown["label"]))
    rows.append({"what": "frames a second", "value": last["rate"], "bar": ">= 30", "met": last["rate"] >= 30})
    difference = float(np.abs(exported.predict(pixels)[0] - last["probabilities"]).max())
    rows.append({"what": "probabilities, largest difference from Python", "value": difference, "bar": "<= 1e-4", "met": difference <= 1e-4})
    write_results("camera", rows, packages=("tensorflow", "keras", "onnxruntime", "playwright", "vmm-lab"))


def camera(films, path):
    """A film for the fake camera, 25 frames a second: each clip as often as it fits."""
    with av.open(str(path), "w", format="yuv4mpegpipe") as file:
        stream = file.add_stream("rawvideo", rate=25)
        stream.height, stream.width, stream.pix_fmt = *films[0].shape[1:3], "yuv420p"
        for frames in films:
            for k in range(int(25 * SHOWN)):
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frames[k % len(frames)]), format="rgb24")
                file.mux(stream.encode(picture))
        file.mux(stream.encode())
    return path


def watch(folder, film, seconds):
    """Open the page, let it see the film, and return what it answered when, and its last window."""
    from playwright.sync_api import sync_playwright

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_tools().chromium(), args=[
            "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={film}"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        page.evaluate("page.ready")
        page.click("#start")
        page.evaluate(RECORD)
        time.sleep(seconds)
        seen, last = page.evaluate("[log, {pixels: Array.from(page.pixels), probabilities: page.probabilities, rate: page.costs.rate}]")
        browser.close()
    server.shutdown()
    return seen, last


def summary(seen, films, labels):
    """From what the page showed, and when: which clip was before the camera, and since when the answer was right."""
    import base64

    times, answers = np.array([row[0] for row in seen]), np.array([row[1] for row in seen])
    pictures = np.stack([np.frombuffer(base64.b64decode(row[2]), np.uint8) for row in seen]).astype(np.float32)
    side = films[0].shape[1] // 64
    small = np.concatenate([frames.reshape(len(frames), 64, side, 64, side, 3).mean(axis=(2, 4))[:, ::4, ::4] for frames in films])
    small = small.reshape(len(small), -1).astype(np.float32)
    far = (small ** 2).sum(axis=1)[None] - 2 * pictures @ small.T
    clip = np.repeat(np.arange(len(films)), [len(frames) for frames in films])[far.argmin(axis=1)]
    first = np.flatnonzero(np.diff(clip)) + 1
    knew, at_two, changes = [], [], []
    for start, end in zip(first, first[1:]):  # whole ones alone
        since, right = times[start:end] - times[start], answers[start:end] == labels[clip[start]]
        if since[-1] < SHOWN - 0.5:
            continue
        stays = [right[(since >= t) & (since < t + HELD)].all() for t in since]
        knew.append(next((float(t) for t, fine in zip(since, stays) if fine and t <= SHOWN - HELD), np.inf))
        at_two.append(bool(right[np.searchsorted(since, 2.0)]))
        changes.append(int((answers[start:end][1:] != answers[start:end][:-1]).sum()))
        print(f"{labels[clip[start]]:10s} known after {knew[-1]:.2f} s, {changes[-1]} changes", flush=True)
    known = np.array(knew)
    share, middle = float((known <= 2.0).mean()), float(np.median(known))
    return [{"what": "actions whose right answer came within 2 s and stayed for half a second", "value": share, "actions": len(known),
             "bar": "1", "met": share == 1.0},
            {"what": "seconds from the start of an action to its right answer, median", "value": middle,
             "slowest": float(known[np.isfinite(known)].max()), "bar": "<= 2", "met": middle <= 2},
            {"what": "actions right 2 s after their start", "value": float(np.mean(at_two)), "bar": "told", "met": True},
            {"what": "answers shown for an action of 4 s, the one before included", "value": float(np.mean(changes)) + 1, "bar": "told", "met": True}]


if __name__ == "__main__":
    main()
