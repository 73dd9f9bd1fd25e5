"""Record labelled videos from the camera of this computer into a folder that `load_table` reads."""
import contextlib
import itertools
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from ..files import atomic_path
from ..media import MediaError, open_media
from ..tables import side_of
from .base import HERE, Explorer, choice, look, script

ENDINGS = {"video/webm": ".webm", "video/mp4": ".mp4", "video/x-matroska": ".mkv"}  # what browsers record
LONGEST, LARGEST = 600, 500_000_000  # seconds, and bytes of them: 6.7 Mbit/s, where browsers take 2.5
RESERVED = re.compile(r'[<>:"/\\|?*\x00-\x1f]|^\.|\.$|^(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)', re.IGNORECASE)


class Camera(anywidget.AnyWidget):
    """Represent the camera of the page: its picture and two buttons; it sends what was recorded in pieces."""

    _esm = script("camera.js")
    _css = HERE / "lab.css"
    seconds: traitlets.Int = traitlets.Int(10).tag(sync=True)


def folder_name(name: str, what: str) -> str:
    """Return a name that can be a folder of a class or a group; ValueError, with the way out, for another one."""
    name = name.strip()
    too_long = len(name.encode(errors="replace")) > 255
    if not name or too_long or RESERVED.search(name) or side_of(name):
        raise ValueError(f"{what} {name[:40]!r} cannot be the name of a folder here: write letters or digits, none of "
                         '< > : " / \\ | ? *, no dot at either end, 255 bytes at most, and not train, val or test, nor '
                         "what Windows keeps for itself, such as CON.")
    return name


def new_path(folder: Path, label: str, group: str, ending: str) -> Path:
    """Make the empty file folder/label/group/NN.ending, numbered behind what is there, and return its path."""
    place = folder / label / group
    place.mkdir(parents=True, exist_ok=True)
    taken = max((int(path.stem) for path in place.iterdir() if path.stem.isdecimal()), default=0)
    for number in itertools.count(taken + 1):
        with contextlib.suppress(FileExistsError):  # of another kernel, which records into this folder, too
            (path := place / f"{number:02}{ending}").touch(exist_ok=False)
            break
    return path


class CameraRecorder(Explorer):
    """Record videos from this computer's camera: choose a label, say who is seen, press Record, and Stop.

    Each recording is a file at once, `folder/label/who/01.webm`, so that `vl.load_table(folder)` gives its label and
    its group. The browser asks before the camera goes on, and nothing leaves this computer; where it is refused or
    missing, a sentence says what to do. The picture of the camera is in no notebook.

    folder: made with the first recording. labels: names of the classes. who: the person or thing on camera, the group.
    seconds: 1 to 600, at which a recording stops by itself. Raises ValueError for names that cannot be folders.

    Attributes:
    label, who : the controls
    files : list of Path, what was recorded by this widget, in order
    """

    _lasting = "folder", "files"

    def __init__(self, folder: str | os.PathLike, labels: Sequence[str], *, who: str = "me", seconds: int = 10) -> None:
        labels = [folder_name(str(label), "the label") for label in ([labels] if isinstance(labels, str) else labels)]
        if not labels or not 1 <= seconds <= LONGEST:
            raise ValueError(f"a recorder needs at least one label, and 1 to {LONGEST} seconds; got {len(labels)} "
                             f"labels and {seconds} s.")
        self.folder = Path(folder).expanduser().absolute()
        self.files: list[Path] = []
        self._data, self._target = bytearray(), ("", "")
        self.label = choice("Label", labels, labels[0])
        self.who = ipywidgets.Text(folder_name(who, "who"), description="Who is seen", **look())
        self._camera = Camera(seconds=int(seconds))
        self._camera.on_msg(self._received)
        super().__init__([self.label, self.who], self._camera)
        self.follow(self.who)

    def draw(self) -> str:
        place = Path(self.folder.name, self.label.value, folder_name(self.who.value, "who")).as_posix()
        return f"{len(self.files)} recorded. The next goes into {place}; it stays on this computer."

    def describe(self) -> str:
        return f"{', '.join(self.label.options)}: {len(self.files)} recorded"

    def _received(self, widget: Any, content: dict, buffers: Any) -> None:
        if content.get("what") == "start":
            self._data, self._target = bytearray(), (self.label.value, self.who.value)
        for piece in buffers:
            self._data += bytes(piece)[:LARGEST + 1 - len(self._data)]
        if content.get("what") == "end":
            self.attempt(lambda: self.say(self._write(bytes(self._data), str(content.get("kind")))))
            self._data = bytearray()

    def _write(self, data: bytes, kind: str) -> str:
        """Write a recording, only if it can be read, and return a sentence about it."""
        ending = ENDINGS.get(kind.partition(";")[0])
        if ending is None:
            raise ValueError(f"this browser records {kind}, not {', '.join(ENDINGS)}; use another browser.")
        if len(data) > LARGEST:
            raise ValueError(f"the recording is larger than {LARGEST // 10**6} MB, and was not kept; record for a "
                             "shorter time.")
        label, who = self._target[0], folder_name(self._target[1], "who")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as elsewhere:
            trial = Path(elsewhere, f"trial{ending}")
            trial.write_bytes(data)
            try:
                _, times = open_media(trial).frames(size=(32, 32))
            except MediaError:
                raise ValueError("the recording could not be read, and was not kept; record for a second or "
                                 "longer.") from None
        path = new_path(self.folder, label, who, ending)
        try:
            with atomic_path(path) as part:
                part.write_bytes(data)
        except OSError:
            path.unlink()
            raise
        self.files.append(path)
        return f"{path.relative_to(self.folder)}: {len(times)} frames in {times[-1]:.1f} s. {len(self.files)} recorded."
