"""Learn whose face it is: a network that puts pictures of one person close together and those of others far apart."""
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..features.checks import check_frames
from ..media.options import check_whole
from ._keras import keras
from ._keras import tensorflow as tf
from .prediction import predict

SIDE = 64  # pixels of an aligned face


def face_network(*, dimensions: int = 64, channels: int = 16) -> "keras.Model":
    """Build a network that takes grey aligned faces, float32 (n, 64, 64, 1), to vectors of length 1, (n, dimensions).

    Four convolutions, and then the grid itself and not its mean, since eyes and mouth always lie at the same places.
    """
    layers = keras.layers
    x = inputs = keras.Input((SIDE, SIDE, 1))
    for width in (channels, 2 * channels, 4 * channels, 6 * channels):
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D()(layers.ReLU()(layers.BatchNormalization()(x)))
    x = layers.Dense(dimensions, use_bias=False)(layers.Dropout(0.3)(layers.Flatten()(x)))
    return keras.Model(inputs, layers.UnitNormalization()(layers.BatchNormalization()(x)), name="faces")


def contrastive_loss(people: Any, vectors: Any, *, temperature: float = 0.1) -> Any:
    """Compute the supervised contrastive loss of a batch: whose vectors (B, d), of length 1, are most alike.

    people: int (B,). Each row is a question, "which of the others is the same person?"; the loss is the cross-entropy
    of its answer, the softmax of cosines over the temperature, averaged over the right ones. Rows without a right one
    do not count. Khosla et al., "Supervised contrastive learning", NeurIPS 2020.
    """
    people = tf.reshape(people, [-1])
    itself = tf.eye(tf.shape(vectors)[0])
    answers = tf.nn.log_softmax(tf.matmul(vectors, vectors, transpose_b=True) / temperature - 1e9 * itself)
    right = tf.cast(people[:, None] == people[None], tf.float32) - itself
    count = tf.reduce_sum(right, axis=1)
    each = -tf.reduce_sum(tf.where(right > 0, answers, 0.0), axis=1) / tf.maximum(count, 1.0)
    return tf.reduce_sum(each) / tf.maximum(tf.reduce_sum(tf.cast(count > 0, tf.float32)), 1.0)


def train_faces(model: "keras.Model", faces: NDArray[np.uint8], names: Sequence[str] | NDArray, *, steps: int = 500,
                people: int = 12, pictures: int = 4, learning_rate: float = 2e-3, seed: int = 0) -> list[float]:
    """Train a `face_network` on aligned faces, uint8 (n, H, W, 3) RGB, and the names of their people.

    Each step sees so many people and pictures of each, turned, moved, scaled, mirrored, lit and covered anew, so that
    one picture of a person is enough to take part. Returns the loss of each step; raises ValueError for fewer than two
    people.
    """
    check_frames(faces, "train_faces")
    check_whole("train_faces", steps=steps)
    who = np.unique(np.asarray(names), return_inverse=True)[1]
    if len(who) != len(faces) or len(np.unique(who)) < 2:
        raise ValueError(f"train_faces needs a name for each of {len(faces)} faces, and two people, got {len(who)} "
                         f"names of {len(np.unique(who))}.")
    keras.utils.set_random_seed(seed)
    rng, grey = np.random.default_rng(seed), _grey(faces)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps)), contrastive_loss,
                  jit_compile=False)
    rows = [np.flatnonzero(who == person) for person in range(who.max() + 1)]
    losses = []
    for _ in range(steps):
        chosen = rng.choice(len(rows), min(people, len(rows)), replace=False)
        batch = np.concatenate([rng.choice(rows[k], pictures, replace=len(rows[k]) < pictures) for k in chosen])
        changed = np.stack([changed_face(grey[k], rng) for k in batch])
        losses.append(float(model.train_on_batch(_normal(changed), who[batch].astype(np.int32))))
    return losses


def embed_faces(model: "keras.Model", faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Compute the vectors of aligned faces, uint8 (n, H, W, 3) RGB: float32 (n, d), averaged with the mirror picture's.

    Their lengths are 1, and the distance of two tells how unlike they are, from 0 to 2.
    """
    check_frames(faces, "embed_faces")
    grey = _normal(_grey(faces))
    both = predict(model, grey) + predict(model, np.ascontiguousarray(grey[:, :, ::-1]))
    return both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)


def changed_face(face: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return another picture of the same face, float32 (H, W) from 0 to 255: see `train_faces`."""
    side = len(face)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(-10, 10), rng.uniform(0.9, 1.1))
    turn[:, 2] = np.add(turn[:, 2], rng.uniform(-0.06, 0.06, 2) * side)
    moved = cv2.warpAffine(face, turn, (side, side), borderMode=cv2.BORDER_REPLICATE)
    moved = moved[:, ::-1] if rng.random() < 0.5 else moved
    lit = (255 * (moved / 255) ** np.exp(rng.uniform(-0.4, 0.4))).astype(np.float32)
    if rng.random() < 0.3:
        size = int(side * rng.uniform(0.15, 0.4))
        top, left = rng.integers(0, side - size, 2)
        lit[top:top + size, left:left + size] = rng.uniform(0, 255)
    return lit


def _grey(faces: ArrayLike) -> NDArray[np.uint8]:
    return np.stack([cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
                     for face in np.asarray(faces)])


def _normal(faces: NDArray) -> NDArray[np.float32]:
    """Return faces (n, 64, 64) with mean 0 and deviation 1, float32 (n, 64, 64, 1)."""
    faces = faces.astype(np.float32)
    mean, spread = faces.mean(axis=(1, 2), keepdims=True), faces.std(axis=(1, 2), keepdims=True)
    return ((faces - mean) / (spread + 8))[..., None]
