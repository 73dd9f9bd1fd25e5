"""Clips go in, clips that mean the same come out: one shift, flip and change of light for all frames of a clip."""
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Augment:
    """Change each clip of a batch, all its frames alike: a film in which every frame jumps is not what a camera sees.

    shift: most pixels up, down, left and right; the border is repeated. flip: mirror half of the clips; leave it off
    where left and right mean something, such as pointing or signing. light: most change of brightness, as a share of 1.

    Called with a tensor uint8 (B, T, H, W, C) or (B, H, W, C) and a seed int (2,); gives the same shape and dtype. The
    same seed gives the same clips.

    >>> clips = tf.zeros((2, 3, 8, 8, 3), tf.uint8)
    >>> Augment(shift=2, flip=True)(clips, [0, 1]).shape.as_list()
    [2, 3, 8, 8, 3]
    """

    shift: int = 4
    flip: bool = False
    light: float = 0.0

    def __call__(self, clips, seed):
        still = clips.shape.rank == 4
        clips = clips[:, None] if still else clips
        count, height, width = tf.shape(clips)[0], clips.shape[2], clips.shape[3]
        down, right, turn, light = (
            tf.random.stateless_uniform((count,), tf.stack([seed[0], 4 * seed[1] + part])) for part in range(4)
        )
        rows, columns = self._moved(down, height), self._moved(right, width)
        if self.flip:
            columns = tf.where(turn[:, None] < 0.5, columns[:, ::-1], columns)
        clips = tf.gather(tf.transpose(clips, (0, 2, 1, 3, 4)), rows, batch_dims=1)  # (B, H, T, W, C)
        clips = tf.gather(tf.transpose(clips, (0, 3, 2, 1, 4)), columns, batch_dims=1)  # (B, W, T, H, C)
        clips = tf.transpose(clips, (0, 2, 3, 1, 4))
        if self.light:
            change = 255 * self.light * (2 * light - 1)[:, None, None, None, None]
            clips = tf.cast(tf.clip_by_value(tf.cast(clips, tf.float32) + change, 0, 255), clips.dtype)
        return clips[:, 0] if still else clips

    def _moved(self, share, side):
        """int32 (B, side): where each row or column is taken from."""
        by = tf.cast(tf.floor(share * (2 * self.shift + 1)), tf.int32) - self.shift
        return tf.clip_by_value(tf.range(side)[None] + by[:, None], 0, side - 1)
