"""Change clips so that they mean the same: one shift, and one flip, for all frames of a clip."""
from dataclasses import dataclass

from ._keras import tensorflow as tf


@dataclass(frozen=True)
class Augment:
    """Change each clip (B, T, H, W, C), or picture (B, H, W, C), of a batch by a seed int (2,), all its frames alike.

    shift: most pixels up, down, left and right; the border is repeated. flip: mirror half of the clips; leave it off
    where left and right mean something, such as signing. The same seed gives the same clips.
    """

    shift: int = 4
    flip: bool = False

    def __call__(self, clips: "tf.Tensor", seed: "tf.Tensor") -> "tf.Tensor":
        still = clips.shape.rank == 4
        clips = clips[:, None] if still else clips
        down, right, turn = (
            tf.random.stateless_uniform(tf.shape(clips)[:1], tf.stack([seed[0], 4 * seed[1] + k])) for k in range(3))
        changed = tf.TensorSpec(clips.shape[1:], clips.dtype)
        clips = tf.map_fn(self._one, (clips, self._by(down), self._by(right), turn), fn_output_signature=changed)
        return clips[:, 0] if still else clips

    def _one(self, drawn):
        """One clip (T, H, W, C), moved by whole pixels; rows are copied in long runs, which a transpose would break."""
        clip, down, right, turn = drawn
        height = clip.shape[1]
        clip = tf.gather(clip, tf.clip_by_value(tf.range(height) + down, 0, height - 1), axis=1)
        edges = tf.repeat(clip[:, :, :1], self.shift, axis=2), tf.repeat(clip[:, :, -1:], self.shift, axis=2)
        moved = tf.slice(tf.concat([edges[0], clip, edges[1]], axis=2), [0, 0, self.shift + right, 0], clip.shape)
        return tf.cond(turn < 0.5, lambda: moved[:, :, ::-1], lambda: moved) if self.flip else moved

    def _by(self, share):
        """int32 (B,): by how many pixels, from -shift to shift."""
        return tf.cast(tf.floor(share * (2 * self.shift + 1)), tf.int32) - self.shift
