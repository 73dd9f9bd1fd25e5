"""Find the joints of a body in a picture: a network that paints a heatmap for each, and the point that it means."""
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..features.checks import check_frames
from ._keras import keras

STRIDE = 4  # pixels of the picture for one cell of a heatmap


def heatmaps(points: ArrayLike, size: tuple[int, int], *, spread: float = 1.0) -> NDArray[np.float32]:
    """Paint a Gaussian at each point: float32 (n, height / 4, width / 4, points), each map with the sum 1.

    points: float (n, points, 2), x and y in pixels of a picture of `size` (height, width); NaN paints nothing, zeros.
    spread: its standard deviation in cells of 4×4 pixels. Tompson et al., "Joint training of a convolutional network
    and a graphical model for human pose estimation", NeurIPS 2014.

    >>> maps = heatmaps([[[18.0, 6.0]]], (32, 32))
    >>> [int(place) for place in np.unravel_index(maps[0, :, :, 0].argmax(), (8, 8))]
    [1, 4]
    """
    centres = np.asarray(points, np.float64) / STRIDE - 0.5
    down, across = (np.arange(side // STRIDE) for side in size)
    rows = np.exp(-0.5 * ((down - centres[..., 1, None]) / spread) ** 2)
    columns = np.exp(-0.5 * ((across - centres[..., 0, None]) / spread) ** 2)
    maps = np.nan_to_num(np.einsum("nky,nkx->nyxk", rows, columns))
    return (maps / np.maximum(maps.sum(axis=(1, 2), keepdims=True), 1e-12)).astype(np.float32)


def points_of(maps: ArrayLike) -> NDArray[np.float64]:
    """Return the point that each heatmap means, float64 (n, points, 3): x, y in pixels of the picture, and its peak.

    maps: float (n, height, width, points), each a probability over its cells. It is the mean place of the 5×5 cells
    around the highest one, weighted by their values (soft-argmax), which is finer than a cell and not drawn to a second
    peak.

    >>> points_of(heatmaps([[[17.0, 14.0]]], (32, 32)))[0, 0, :2].round().tolist()
    [17.0, 14.0]
    """
    maps = np.asarray(maps, np.float64)
    n, height, width, count = maps.shape
    y, x = np.divmod(maps.reshape(n, -1, count).argmax(axis=1), width)
    down, across = np.arange(height)[:, None, None] - y[:, None, None], np.arange(width)[:, None] - x[:, None, None]
    weights = np.where((np.abs(down) <= 2) & (np.abs(across) <= 2), maps, 0)
    total = np.maximum(weights.sum(axis=(1, 2)), 1e-12)
    x, y = (place + (weights * by).sum(axis=(1, 2)) / total for place, by in ((x, across), (y, down)))
    return np.stack([(x + 0.5) * STRIDE, (y + 0.5) * STRIDE, maps.max(axis=(1, 2))], axis=-1)


def correct_keypoints(found: ArrayLike, truth: ArrayLike, *, share: float = 0.2) -> NDArray[np.float64]:
    """Return the share of points that lie within `share` of the torso of the truth, PCK, float64 (points,) over items.

    found: float (n, points, 2 or more), NaN where one was not found; truth: float (n, 17, 2 or more), the points of
    COCO, NaN where one is not known, which does not count. A point that no item knows has NaN. The torso goes from the
    middle of the shoulders to that of the hips. Yang and Ramanan, "Articulated human detection with flexible mixtures
    of parts", PAMI 2013.
    """
    found, truth = (np.asarray(points, np.float64)[..., :2] for points in (found, truth))
    torso = np.linalg.norm(truth[:, [5, 6]].mean(axis=1) - truth[:, [11, 12]].mean(axis=1), axis=1)
    apart = np.linalg.norm(found - truth, axis=2)
    known = np.isfinite(truth).all(axis=2) & np.isfinite(torso)[:, None]
    right = known & (apart <= share * torso[:, None])
    with np.errstate(invalid="ignore"):
        return right.sum(axis=0) / known.sum(axis=0)


def keypoint_network(shape: tuple[int, int, int], *, points: int = 17, channels: int = 48) -> "keras.Model":
    """Build a network that takes pictures, uint8 (n, H, W, 3) RGB, to heatmaps, float32 (n, H / 4, W / 4, points).

    H and W are multiples of 16. Dilated convolutions on a coarse grid see most of the picture, so that a left knee is
    distinguished from a right one; a finer grid is added to say where exactly. Each map is a softmax over its cells.
    After Newell et al., "Stacked hourglass networks for human pose estimation", ECCV 2016, with one small hourglass.
    """
    layers = keras.layers
    if shape[0] % 16 or shape[1] % 16:
        raise ValueError(f"keypoint_network takes pictures whose sides are multiples of 16, got {shape[:2]}.")

    def convolved(x, width, side=3, **options):
        x = layers.Conv2D(width, side, padding="same", use_bias=False, **options)(x)
        return layers.ReLU()(layers.BatchNormalization()(x))

    inputs = keras.Input(shape, dtype="uint8")
    x = convolved(layers.Rescaling(1 / 127.5, -1)(inputs), channels // 2, 5, strides=2)
    fine = x = convolved(x, channels, strides=2)
    x = convolved(x, 2 * channels, strides=2)
    for dilation in (1, 2, 4, 1):
        x = layers.Add()([x, convolved(x, 2 * channels, dilation_rate=dilation)])
    x = layers.UpSampling2D(interpolation="bilinear")(convolved(x, channels, 1))
    x = convolved(layers.Add()([x, fine]), channels)
    x = layers.Conv2D(points, 1)(x)
    height, width = x.shape[1:3]
    x = layers.Softmax(axis=1)(layers.Reshape((height * width, points))(x))
    return keras.Model(inputs, layers.Reshape((height, width, points))(x), name="keypoints")


def train_keypoints(model: "keras.Model", pictures: NDArray[np.uint8], points: ArrayLike, *, epochs: int = 8,
                    batch_size: int = 16, learning_rate: float = 3e-3, seed: int = 0) -> list[float]:
    """Train a `keypoint_network` on pictures uint8 (n, H, W, 3) and their points (n, points, 2), pixels, NaN unknown.

    The loss is the cross-entropy between a map and a Gaussian at the point. In each epoch another half of the pictures
    is shown in a mirror, where the points are the 17 of COCO: left and right are exchanged. Returns the loss of each
    epoch.
    """
    check_frames(pictures, "train_keypoints")
    rng, points = np.random.default_rng(seed), np.array(points, np.float64)[..., :2]
    keras.utils.set_random_seed(seed)
    steps = epochs * -(-len(pictures) // batch_size)

    def loss(truth: Any, found: Any) -> Any:
        return -keras.ops.mean(keras.ops.sum(truth * keras.ops.log(found + 1e-7), axis=(1, 2)))

    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps)), loss)
    swapped = [0, *(k + (1 if k % 2 else -1) for k in range(1, 17))]
    targets = heatmaps(points, pictures.shape[1:3])
    losses = []
    for epoch in range(epochs):
        shown, aims = pictures, targets
        if points.shape[1] == len(swapped):
            turned = rng.random(len(pictures)) < 0.5
            shown, aims = pictures.copy(), targets.copy()
            shown[turned], aims[turned] = pictures[turned][:, :, ::-1], targets[turned][:, :, ::-1][..., swapped]
        history = model.fit(shown, aims, batch_size=batch_size, epochs=epoch + 1, initial_epoch=epoch, verbose=0)
        losses.append(float(history.history["loss"][0]))
    return losses
