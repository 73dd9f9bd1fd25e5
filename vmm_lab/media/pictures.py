"""A decoded frame goes in; an upright RGB array of the wanted size comes out, whatever the pixel format and the rotation tag."""
import math

import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import VideoReformatter

from vmm_lab.media.container import DECODER_ERRORS
from vmm_lab.media.reading import Damaged

UPRIGHT = (1, 0, 0, 1)

# A picture of fewer pixels is scaled sooner by one thread than several can be woken.
THREADED_PIXELS = 640 * 480


QUARTERS = {0: UPRIGHT, 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}  # clockwise


def orientation(frame, metadata=()):
    """The turn that makes `frame` upright, as (a, b, c, d) of the container's display matrix: x' = a x + c y, y' = b x + d y.

    Matrices that are no turn or flip by quarters (some cameras write zeros or noise) count as upright. Files from before the
    matrix say `rotate` in their tags, in degrees clockwise.
    """
    try:
        matrices = [np.frombuffer(data, np.int32) for data in frame.side_data if data.type is Type.DISPLAYMATRIX]
    except ValueError:  # PyAV does not know every kind of side data, and then lists none
        return QUARTERS.get(-frame.rotation % 360, UPRIGHT)
    for matrix in matrices:
        a, b, _, c, d = (float(v) for v in matrix[:5])
        if abs(a * d) > abs(b * c):
            return (round(math.copysign(1, a)), 0, 0, round(math.copysign(1, d)))
        if abs(b * c) > abs(a * d):
            return (0, round(math.copysign(1, b)), round(math.copysign(1, c)), 0)
        return UPRIGHT
    for key, value in dict(metadata).items():
        if key.lower() == "rotate":
            try:
                degrees = float(value)
            except ValueError:
                return UPRIGHT
            return QUARTERS[round(degrees / 90) * 90 % 360] if abs(degrees) <= 360 else UPRIGHT
    return UPRIGHT


def clockwise(turn):
    """Degrees clockwise (0, 90, 180, 270) of an `orientation`; one that also mirrors counts as mirrored left-right first."""
    a, b, c, d = turn
    if a * d - b * c < 0:
        a, b = -a, -b
    return round(math.degrees(math.atan2(b, a))) % 360


class ToArray:
    """Turns frames into upright uint8 (H, W, 3) RGB, resized to `size` = (height, width) by area averaging, all with one scaler.

    The first frame settles the size, and the turn unless one is given; later ones of another size (a stream may switch) are fitted to it. Alpha is
    dropped: what comes out are the stored colours, as in OpenCV and in Pillow's convert("RGB").
    """

    def __init__(self, size=None, metadata=(), turn=None):
        self.size = size
        self.metadata = metadata
        self.turn = turn
        self._scaler = VideoReformatter()

    def settle(self, frame):
        if self.turn is None:
            self.turn = orientation(frame, self.metadata)
        if self.size is None:
            self.size = (frame.height, frame.width) if self.turn[0] else (frame.width, frame.height)
        return self

    def __call__(self, frame):
        self.settle(frame)
        a, b, c, d = self.turn
        height, width = self.size if a else self.size[::-1]
        threads = 1 if frame.width * frame.height <= THREADED_PIXELS else 0
        try:
            rgb = self._scaler.reformat(frame, width=width, height=height, format="rgb24", interpolation="AREA", threads=threads)
        except DECODER_ERRORS:
            raise Damaged(f"its pictures ({frame.width}x{frame.height}, {frame.format.name}) cannot be turned into RGB") from None
        plane = rgb.planes[0]
        if plane.line_size >= 3 * width:
            rows = np.frombuffer(plane, np.uint8, count=plane.line_size * height).reshape(height, plane.line_size)
            picture = rows[:, : 3 * width].reshape(height, width, 3)
        else:  # stored bottom row first
            picture = rgb.to_ndarray()
        if not a:
            picture = picture.transpose(1, 0, 2)
        return picture[:: d or b, :: a or c]
