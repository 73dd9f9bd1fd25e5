"""A path, a Media or frames go in, a player comes out that scrubs in the browser, with the sound in step."""
import anywidget
import numpy as np
import traitlets

from .base import HERE, Pictured, dismiss_own
from .reel import Reel, read_reel
from .charts import Sketch
from .strips import spread


class FramePlayer(Pictured, anywidget.AnyWidget):
    """Play, scrub and step through a video, hear it, and see its keyframes; everything happens in the browser.

    Parameters
    ----------
    source : path, Media, or uint8 (T, H, W, 3) RGB frames
        Sound without pictures is welcome too.
    times : float (T,), optional
        Seconds of each frame, where frames were given; 25 frames per second if left out.
    sound : bool or float32 (N,), optional
        False is silence; beside frames, a wave in [−1, 1] that begins with the first frame. A file brings its own.
    sample_rate : int
        Samples per second of that wave.
    keyframes : sequence of float, optional
        Seconds to mark on the timeline; a file's own keyframes by default, where they are known.
    size : (height, width), optional
        Pixels; by default at most 480 on the longer side.
    fps : float, optional
        Frames per second to show; a file's own by default.
    start, end : float, optional
        Seconds: the part [start, end) of a file. Of frames, when the first comes and the last goes.
    loop : bool
        Begin again at the end.
    name : str, optional
        What to call it; a file's name by default.

    Attributes
    ----------
    frame : int
        The number of the frame on screen, from 0. The browser tells it, eight times a second while playing; setting it
        moves the picture.
    time : float
        The same in seconds.
    playing : bool

    Raises
    ------
    ValueError
        More than 300 s, or frames and times that do not fit. Shorter videos that are still heavy are shown with fewer or
        smaller frames, and say so.

    Examples
    --------
    >>> import numpy as np
    >>> player = FramePlayer(np.zeros((50, 48, 64, 3), np.uint8))
    >>> player.frame = 10
    >>> player.time, player
    (0.4, FramePlayer(frames, 50 frames of 48×64, 2.00 s, at frame 10))
    """

    _esm = HERE / "player.js"
    _css = HERE / "player.css"

    film = traitlets.Bytes(b"").tag(sync=True)
    offsets = traitlets.List(traitlets.Int()).tag(sync=True)
    times = traitlets.List(traitlets.Float()).tag(sync=True)
    sound = traitlets.Bytes(b"").tag(sync=True)
    loudness = traitlets.List(traitlets.Float()).tag(sync=True)
    keyframes = traitlets.List(traitlets.Float()).tag(sync=True)
    begin = traitlets.Float(0.0).tag(sync=True)
    finish = traitlets.Float(0.0).tag(sync=True)
    name = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)
    loop = traitlets.Bool(False).tag(sync=True)
    # What the page tells all the time need not be told back to it.
    frame = traitlets.Int(0).tag(sync=True, echo_update=False)
    time = traitlets.Float(0.0).tag(sync=True, echo_update=False)
    playing = traitlets.Bool(False).tag(sync=True, echo_update=False)

    def __init__(
        self, source, times=None, *, sound=None, sample_rate=None, keyframes=None, size=None, fps=None, start=None, end=None,
        loop=False, name=None,
    ):
        self._reel = read_reel(
            source, times, sound=sound, sample_rate=sample_rate, keyframes=keyframes, size=size, fps=fps, start=start, end=end, name=name
        )
        # Whole in the first message: a reel must not be seen half loaded.
        super().__init__(loop=loop, **_state(self._reel))

    def load(self, source, times=None, *, play=False, **options):
        """Show another source, or a Reel, in the same place; options as for a new player."""
        self._reel = reel = source if isinstance(source, Reel) else read_reel(source, times, **options)
        with self.hold_sync():
            for trait, value in _state(reel).items():
                setattr(self, trait, value)
            self.frame, self.time, self.playing = 0, reel.begin, play

    @traitlets.validate("frame")
    def _within(self, proposal):
        return int(np.clip(proposal["value"], 0, max(0, len(self.times) - 1)))

    @traitlets.validate("time")
    def _in_time(self, proposal):
        return float(np.clip(proposal["value"], self.begin, self.finish))

    @traitlets.observe("frame")
    def _frame_moved(self, change):
        if self.times and self._frame_at(self.time) != self.frame:
            self.time = self.times[self.frame]

    @traitlets.observe("time")
    def _time_moved(self, change):
        if self.times and self._frame_at(self.time) != self.frame:
            self.frame = self._frame_at(self.time)

    def _frame_at(self, seconds):
        return max(0, int(np.searchsorted(self.times, seconds + 1e-6, side="right")) - 1)

    def describe(self):
        height, width = self._reel.size
        pictures = f"{len(self.times)} frames of {height}×{width}, " if self.times else ""
        place = f", at frame {self.frame}" if self.frame else ""
        return f"{self.name}, {pictures}{self.finish - self.begin:.2f} s{', with sound' if self.sound else ''}{place}"

    def pixels(self):
        return player_sketch(self._reel).pixels()

    def close(self):
        """Take the player from the page and free its frames."""
        dismiss_own(self)
        super().close()
        self._reel = Reel(b"", (0,), np.zeros(0), (0, 0), b"", (), 0.0, 0.0, (), "closed")
        self.set_trait("offsets", [])
        self.film = self.sound = b""


def player_sketch(reel, *, n=8, width=820):
    """A reel on paper: frames at their times above the timeline with its sound and keyframes."""
    shown = spread(len(reel.times), n) if len(reel.times) else []
    cell = width / max(1, len(shown))
    tall = cell * reel.size[0] / max(1, reel.size[1]) if len(shown) else 0
    squeeze = min(1, 150 / tall) if tall else 1
    tall, wide = tall * squeeze, cell * squeeze
    sketch = Sketch(width, tall + 68)
    for place, k in enumerate(shown):
        sketch.picture(place * wide, 0, wide - 2, tall, reel.frame(k))
        sketch.words((place + 0.5) * wide, tall + 13, f"{reel.times[k]:.2f} s", size=10, color="soft", anchor="middle")
    top, middle = tall + 20, tall + 36
    seconds = max(reel.finish - reel.begin, 1e-9)
    if reel.loudness:
        x = np.linspace(0, width, len(reel.loudness))
        y = 15 * np.asarray(reel.loudness)
        sketch.polygon(np.concatenate([np.c_[x, middle - y], np.c_[x, middle + y][::-1]]), fill="mark", opacity=0.45)
    sketch.path([(0, middle), (width, middle)], line="rule")
    for mark in reel.keyframes:
        x = (mark - reel.begin) / seconds * width
        sketch.path([(x, top), (x, top + 32)], line="#D55E00", thick=1.5)
    told = [f"{reel.begin:.2f} to {reel.finish:.2f} s"]
    told += ["blue: sound" if reel.loudness else "no sound"] + (["orange: keyframes"] if reel.keyframes else [])
    sketch.words(0, top + 43, " · ".join([reel.name, *told]), size=10, color="soft")
    return sketch


def _state(reel):
    return {
        "film": reel.film, "offsets": list(reel.offsets), "times": reel.times.tolist(), "sound": reel.sound,
        "loudness": list(reel.loudness), "keyframes": list(reel.keyframes), "begin": reel.begin, "finish": reel.finish,
        "name": reel.name, "note": reel.note, "time": reel.begin,
    }
