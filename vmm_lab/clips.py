"""Cut arrays with time along their first axis into overlapping windows of one length."""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .media.options import check_whole


def split_clips(
    frames: ArrayLike, *, length: int, stride: int | None = None, pad: str | None = None
) -> tuple[NDArray, NDArray[np.int64]]:
    """Cut frames, or a sound wave, or anything else with time first, into clips of one length.

    frames: array (T, ...): frames (T, H, W, 3), times (T,), a wave (N,), descriptors (T, d).
    length: frames (first-axis steps) in a clip.
    stride: steps from the beginning of one clip to that of the next; default `length`, side by side without overlap.
    pad: None drops an incomplete clip at the end: fewer than `length` frames give no clips, shape (0, length, ...).
        "repeat" completes it with copies of the last frame, so that every frame is in some clip (stride <= length).

    Returns (clips, first_frames): clips (N, length, ...) of the dtype given, and int64 (N,), clip i being
    frames[first_frames[i] : first_frames[i] + length]. Where nothing is padded, the clips are a read-only view: they
    cost no memory, and none can be changed by mistake through its neighbour. Take clips.copy() to write.
    Raises ValueError if there are no frames, or for a length, stride or pad that makes no sense.

    >>> clips, first_frames = split_clips(np.arange(10), length=4, stride=3)
    >>> clips.tolist(), first_frames.tolist()
    ([[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]], [0, 3, 6])
    >>> split_clips(np.arange(3), length=4, pad="repeat")[0].tolist()
    [[0, 1, 2, 2]]
    """
    frames = np.asarray(frames)
    if frames.ndim == 0 or frames.dtype == object:
        raise ValueError("frames is not an array with time first; pass (T, H, W, 3) frames or a wave (N,).")
    if not len(frames):
        raise ValueError("there are no frames to split; check the start and end they were read with.")
    stride = length if stride is None else stride
    check_whole("split_clips", length=length, stride=stride)
    if pad not in (None, "repeat"):
        raise ValueError(f'pad is None (drop an incomplete clip) or "repeat" (repeat the last frame), not {pad!r}.')
    if pad == "repeat":
        count = 1 + max(0, -(-(len(frames) - length) // stride))
        count = min(count, -(-len(frames) // stride))  # none begins behind the last frame
        missing = max(0, (count - 1) * stride + length - len(frames))
        if missing > 0:
            frames = np.concatenate([frames, np.repeat(frames[-1:], missing, axis=0)])
    if len(frames) < length:
        clips = np.empty((0, length, *frames.shape[1:]), frames.dtype)
        clips.flags.writeable = False
    else:
        windows = np.lib.stride_tricks.sliding_window_view(frames, length, axis=0)
        clips = np.moveaxis(windows[::stride], -1, 1)
    return clips, np.arange(len(clips), dtype=np.int64) * stride
