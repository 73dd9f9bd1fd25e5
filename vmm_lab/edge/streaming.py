"""Recognise on a stream, frame by frame: the last frames, a budget of time for each frame, a count of those dropped."""
import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .. import networks
from ..files import no_stderr
from ..media import MediaError, open_media
from ..media.options import check_number
from .exported import Exported, load_exported

Frames = Generator[tuple[float, NDArray[np.uint8]], None, None]
BEGINS = (-4, -2, 0, 2, 4, 8, 12)  # of `stream_windows`, frames after the begin of an action of 16 frames
SETTLE, MARGIN = 0.15, 0.2  # of `steady`: seconds of its running mean, and what a new answer must be above the old one


class Recogniser:
    """Keep the last frames of a stream, and answer with probabilities at each new one.

    model: an exported model of frames. fps: how many frames a second it wants; a model of clips knows that itself.
    """

    def __init__(self, model: Exported, *, fps: float = 10.0):
        facts = model.facts["preprocessing"]
        if facts["kind"] != "frames":
            raise ValueError(f"{model.facts['name']} reads no frames but {facts['feature']}; a stream needs a model of "
                             "pictures.")
        self.model, self.size, self.n = model, (facts["height"], facts["width"]), facts["n_frames"]
        self.fps = self.n / facts["seconds"] if self.n > 1 else float(fps)
        self._scale = np.float32(1 / 255) if facts["range"] == [0, 1] else None
        self.model.run(np.zeros((1, *model.shape), model.facts["inputs"][0]["dtype"]))  # the first call makes room
        self.reset()

    def reset(self) -> None:
        """Forget all frames."""
        self._frames: deque[NDArray[np.uint8]] = deque(maxlen=self.n)
        self._time = 0.0

    def feed(self, time: float, frame: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Take the frame (height, width, 3) on screen at `time`, in seconds, and return probabilities (classes,).

        None until there are as many as the model takes, and for a frame that comes sooner than its rate. Where frames
        are missing, the one before was on screen still, and is repeated. Raises ValueError for a frame of another size
        or dtype.
        """
        if frame.shape != (*self.size, 3) or frame.dtype != np.uint8:
            raise ValueError(f"The frame is {frame.dtype} {frame.shape}, and a stream has frames uint8 "
                             f"{(*self.size, 3)}; `stream` scales frames.")
        if not self._frames:
            self._time = time
        else:
            steps = round((time - self._time) * self.fps)
            if steps < 1:
                return None
            # The model's moment, not the frame's: a faster camera's frame, taken early, would bring the next forward.
            self._time += steps / self.fps
            self._frames.extend([self._frames[-1]] * min(steps - 1, self.n))
        self._frames.append(frame.copy())
        if len(self._frames) < self.n:
            return None
        pixels = np.stack(self._frames)
        rows = pixels if self._scale is None else pixels * self._scale
        return self.model.predict(rows[None] if len(self.model.shape) == 4 else rows)[0]


def stream_windows(clips: "networks.Examples", length: int, *, begins: Sequence[int] = BEGINS,
                   seed: int = 0) -> "networks.Examples":
    """Cut windows out of clips as a stream shows them: over the end of another clip, inside one, over its repetition.

    clips: X (n, T, …). Each is put behind a clip drawn by `seed`, and in front of itself; in that film a window of
    `length` frames starts at each of `begins`, counted in frames from the start of the clip, and has its class.
    Returns len(begins) · n rows; ValueError for windows that do not lie in the film.
    """
    T = clips.X.shape[1]
    if not (len(begins) and length > 0 and -T <= min(begins) and max(begins) + length <= 2 * T):
        raise ValueError(f"Windows of {length} frames from {list(begins)} do not lie between {-T} and {2 * T}, in a "
                         f"film of clips of {T} frames; choose other begins, or another length.")
    before, n = clips.X[np.random.default_rng(seed).permutation(len(clips))], len(begins)
    film = np.concatenate([before, clips.X, clips.X], axis=1)
    return replace(clips, X=np.concatenate([film[:, T + k:T + k + length] for k in begins]), y=np.tile(clips.y, n),
                   groups=None if clips.groups is None else np.tile(clips.groups, n))


def steady(times: ArrayLike, probabilities: ArrayLike) -> NDArray[np.intp]:
    """Decide on a class at each moment, int (n,), without flicker: times (n,) in seconds, probabilities (n, classes).

    A running mean follows the probabilities with a time constant of 0.15 s, and the answer changes only where another
    class's mean is above its own by 0.2. The camera page has the same rule.

    >>> steady([0.0, 0.1, 0.2, 0.3], [[1, 0], [0.45, 0.55], [0, 1], [0, 1]]).tolist()
    [0, 0, 1, 1]
    """
    times, probabilities = np.asarray(times, float), np.asarray(probabilities, float)
    answers = np.zeros(len(times), int)
    mean, best = (probabilities[0], int(probabilities[0].argmax())) if len(times) else (None, 0)
    for k, (gap, row) in enumerate(zip(np.diff(times, prepend=times[:1]), probabilities)):
        mean = mean + (1 - np.exp(-gap / SETTLE)) * (row - mean)
        best = int(mean.argmax()) if mean.max() > mean[best] + MARGIN else best
        answers[k] = best
    return answers


@dataclass
class Streamed:
    """Describe how a stream went: `times` (n,) and `probabilities` (n, classes) of all decisions, costs of all frames.

    costs: seconds from asking for a frame to its decision, decoding and scaling included; of a camera, from its
    arrival. dropped: frames that came while the one before was still at work, at the speed of life.
    """

    labels: list[str]
    budget: float
    times: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    probabilities: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    costs: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    dropped: int = 0
    duration: float = 0.0

    @property
    def intervals(self) -> pd.DataFrame:
        """The decisions, made `steady`, as pieces of one label: start, end (s), label, and its mean probability."""
        best = steady(self.times, self.probabilities)
        cuts = np.flatnonzero(np.diff(best)) + 1
        rows = [{"start": self.times[part[0]], "end": self.times[part[-1]], "label": self.labels[best[part[0]]],
                 "probability": float(self.probabilities[part, best[part[0]]].mean())}
                for part in np.split(np.arange(len(best)), cuts) if len(part)]
        return pd.DataFrame(rows, columns=["start", "end", "label", "probability"])

    @property
    def facts(self) -> dict[str, Any]:
        """What it cost: frames, dropped, over_budget, milliseconds (median, p99, budget), times real time."""
        some = self.costs if len(self.costs) else np.zeros(1)
        return {"frames": len(self.costs), "dropped": self.dropped,
                "over_budget": int((self.costs > self.budget).sum()),
                "budget_ms": 1000 * self.budget, "median_ms": 1000 * float(np.median(some)),
                "p99_ms": 1000 * float(np.quantile(some, 0.99)), "duration": self.duration,
                "times_real_time": self.duration / max(float(self.costs.sum()), 1e-9)}

    def to_dict(self) -> dict[str, Any]:
        """Return labels, intervals and costs as what JSON holds."""
        return {"labels": self.labels, "intervals": self.intervals.to_dict("records"), **self.facts}

    def __str__(self) -> str:
        facts = self.facts
        return (f"{facts['frames']} frames, {facts['dropped']} dropped; a frame took {facts['median_ms']:.1f} ms, p99 "
                f"{facts['p99_ms']:.1f} ms, of a budget of {facts['budget_ms']:.0f} ms; "
                f"{facts['times_real_time']:.0f} times real time")


def stream(model: Exported | str | os.PathLike, source: str | os.PathLike | int, *, fps: float = 10.0,
           seconds: float | None = None,
           on_decision: Callable[[float, NDArray[np.float32]], None] | None = None) -> Streamed:
    """Recognise on a file, a camera or a pipe, on one thread, and tell what each frame cost.

    model: an `Exported`, or its folder. source: the path of a video, the number of a camera, or "-": a container that
    can be read from its start (Matroska, MPEG-TS, MJPEG) on standard input. The budget of a frame is the time until the
    next. seconds: where to end. on_decision(time, probabilities) hears each decision at once.
    Files run as fast as they can; dropped are the frames that a camera of their speed would have lost.
    MediaError for a file that cannot be read and for a camera that is absent, busy or refused.
    """
    check_number("stream", **{} if seconds is None else {"seconds": seconds})
    recogniser = Recogniser(model if isinstance(model, Exported) else load_exported(model), fps=fps)
    named, lost = str(source), [0]
    live = isinstance(source, int) or (named.isdecimal() and not Path(named).exists())
    frames: Any = (  # a generator
        camera_frames(int(named), recogniser.size, lost) if live else pipe_frames(recogniser.size)
        if named == "-" else open_media(named).stream(size=recogniser.size, fps=recogniser.fps))
    done = Streamed(recogniser.model.labels, 1 / recogniser.fps)
    found, costs, busy_until, last = [], [], 0.0, None
    with contextlib.closing(frames):
        began = time.perf_counter()
        for at, frame in frames:
            if seconds is not None and at >= seconds:
                break
            last = at
            if not live and at < busy_until - done.budget:
                lost[0] += 1
            else:
                began = time.perf_counter() if live else began
                answer = recogniser.feed(at, frame)
                costs.append(time.perf_counter() - began)
                busy_until = max(busy_until, at) + costs[-1]
                if answer is not None:
                    found.append((at, answer))
                    if on_decision:
                        on_decision(at, answer)
            began = time.perf_counter()
    done.dropped, done.costs = lost[0], np.array(costs)
    done.duration = last + 1 / recogniser.fps if last is not None else 0.0
    if found:
        done.times, done.probabilities = np.array([t for t, _ in found]), np.stack([p for _, p in found])
    return done


def camera_frames(number: int, size: tuple[int, int], lost: list[int]) -> Frames:
    """Yield (seconds since the start, RGB frame of `size`) of a camera, always the newest; lost[0] counts the others.

    MediaError where the camera is absent, busy or refused.
    """
    import av
    import cv2

    with no_stderr():  # OpenCV writes its own words past Python
        camera = cv2.VideoCapture(number)
    device = Path(f"/dev/video{number}")
    if not camera.isOpened():
        refused = device.exists() and not os.access(device, os.R_OK | os.W_OK)
        raise MediaError(
            f"The camera {number} is refused: {device} is not yours to read; join its group (often 'video'), and log "
            "in again." if refused else f"There is no camera {number}, or another program has it; close that program, "
            "look at its cable, or try another number.")
    newest: list = []
    ready, end = threading.Condition(), threading.Event()

    def read() -> None:
        while not end.is_set():
            fine, picture = camera.read()
            with ready:
                lost[0] += len(newest)
                newest[:] = [(time.perf_counter(), picture)] if fine else [None]
                ready.notify()
            if not fine:
                return

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        began = None
        while True:
            with ready:
                came = ready.wait_for(lambda: newest, timeout=5)
                taken = newest.pop() if came else None
            if taken is None:
                raise MediaError(f"The camera {number} gives no pictures{'' if began is None else ' any more'}; "
                                 "another program may be using it, or it was unplugged.")
            began = taken[0] if began is None else began
            yield taken[0] - began, _scaled(av.VideoFrame.from_ndarray(taken[1], format="bgr24"), size)
    finally:
        end.set()
        thread.join(timeout=5)
        camera.release()


def pipe_frames(size: tuple[int, int]) -> Frames:
    """Yield (seconds, RGB frame of `size`) of a video on standard input; MediaError where it is none."""
    import av

    try:
        with av.open(sys.stdin.buffer, mode="r") as container:
            first = None
            for frame in container.decode(video=0):
                first = frame.time if first is None else first
                yield frame.time - first, _scaled(frame, size)
    except (av.FFmpegError, IndexError, TypeError) as error:
        raise MediaError("What comes in by standard input is no video that can be read from its start "
                         f"({type(error).__name__}); pipe Matroska, MPEG-TS or MJPEG.") from None


def _scaled(frame, size):
    """A frame of PyAV as RGB of a size, by the scaler that training uses."""
    return frame.reformat(size[1], size[0], "rgb24", interpolation="AREA").to_ndarray()
