# %% [markdown]
# # 06 · Convolution by hand
#
# **What does a neuron do with a picture?**
#
# In notebook 03 somebody had thought of the features, and in 05 a classifier learnt how to weigh them. A neural network
# learns both. This notebook takes one of its neurons in hand and looks at what it computes, number by number.
#
# In this notebook you will
#
# * compute what one neuron answers, and slide it over a frame until it is a convolution,
# * build a whole convolution layer in nine lines, and meet Keras' numbers again to the fifth decimal,
# * let a neuron find its own weights: nobody tells it, and out comes a kernel from the textbooks.
#
# About 30 minutes to read, 20 seconds to run.

# %%
import os
from itertools import product

import cv2
import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

import vmm_lab as vl
from vmm_lab import assets, plots, widgets

# %% [markdown]
# ## One neuron
#
# A street, and nine of its pixels: 3×3, on the right rim of the green post. How bright a pixel is goes from 0, black,
# to 1, white.

# %%
bikes = vl.open_media(assets.fetch("bikes"))
street = bikes.sample(12, size=(136, 320))[0][10]
grey = cv2.cvtColor(street, cv2.COLOR_RGB2GRAY) / 255
patch = grey[81:84, 128:131]
marked = cv2.rectangle(street.copy(), (123, 76), (134, 87), (255, 0, 0), 1)
zoom = cv2.resize(street[77:87, 124:134], (160, 160), interpolation=cv2.INTER_NEAREST)
cv2.rectangle(zoom, (64, 64), (111, 111), (255, 0, 0), 2)
plots.gallery({"the street": marked, "the red square, and nine pixels": zoom}, width=6)

# %% [markdown]
# You see the rim of a post. The computer has nine numbers:

# %%
def show_numbers(grids, alt):
    size = 2.1 * len(grids), 2.3
    figure = plots.Picture(alt, figsize=size, layout="constrained")
    axes = figure.subplots(1, len(grids), squeeze=False)[0]
    for axis, (name, grid) in zip(axes, grids.items()):
        low, colors = (-abs(grid).max(), "RdBu_r") if grid.min() < 0 else (0, "gray")
        axis.imshow(grid, cmap=colors, vmin=low, vmax=-low or 1)
        for (y, x), number in np.ndenumerate(grid):
            axis.text(x, y, f"{number:.2f}", ha="center", va="center", backgroundcolor="w")
        axis.set(title=name, xticks=[], yticks=[])
    return figure


show_numbers({"pixels x": patch}, "nine pixels and their numbers")

# %% [markdown]
# A **neuron** has a weight $w_i$ for each of its inputs $x_i$, and a bias $b$. It multiplies, adds, and that is all:
#
# $$f(x) = \sum_i w_i\,x_i + b$$
#
# Weights are taste: what the neuron likes, what it dislikes, what leaves it cold. This one likes light on the right and
# dark on the left.

# %%
weights, bias = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]), 0.0
grids = {"weights w": weights, "each w · x": weights * patch}
show_numbers(grids, "nine weights and nine products")

# %%
answer = (weights * patch).sum() + bias
pavement = (weights * grey[90:93, 60:63]).sum() + bias
print(f"at the rim of the post: f(x) = {answer:.1f}   on the pavement: {pavement:.1f}")

# %% [markdown]
# At the rim the right column is light and counts as plus, the left one is dark and counts little as minus: a large
# answer. On the pavement plus and minus cancel. So these nine weights ask one question: *is there an upright edge here,
# dark on its left and light on its right?* They are old friends, named after Irwin Sobel (1968).
#
# ## The same neuron everywhere
#
# An edge is an edge wherever it is. So we do not build a neuron for each place with weights of its own; we slide the
# same nine weights along.

# %%
def slide(picture, weights, bias=0.0):
    side, (height, width) = len(weights), picture.shape
    answers = np.zeros((height - side + 1, width - side + 1))
    for row in range(height - side + 1):
        for column in range(width - side + 1):
            x = picture[row : row + side, column : column + side]
            answers[row, column] = (weights * x).sum() + bias
    return answers


edges = slide(grey, weights)
print("places:", edges.size, "  answers:", edges.shape, "  weights:", weights.size)
shown = {"the street": street, "the answers": edges}
plots.gallery(shown, color_map="RdBu_r", bounds=(-1.2, 1.2), width=5.8)

# %% [markdown]
# Red answers are positive (lighter towards the right), blue ones negative, white is 0. What is level, such as the window
# sill, is hardly there: this neuron does not see it. 42,612 places **share** nine weights, and if something moves in
# the picture, its answer moves along.
#
# This is what networks call a **convolution**, the nine weights are its **kernel**, and the answers are a **feature
# map**. In mathematics a convolution turns the kernel by 180° first, and what we did is a *cross-correlation*. Networks
# turn nothing: they learn the weights, and would learn them turned.

# %%
from scipy.signal import convolve2d, correlate2d

correlated = correlate2d(grey, weights, mode="valid")
convolved = convolve2d(grey, weights[::-1, ::-1], mode="valid")
print("ours is scipy's correlation:", np.allclose(edges, correlated))
print("ours is scipy's convolution with a turned kernel:", np.allclose(edges, convolved))

# %% [markdown]
# ### You have met one before
#
# The *change to the right* that HOG begins with, in 03, was the right neighbour minus the left one. That is a kernel,
# too: one row, [−1, 0, 1]. Sobel's has it three times, one below the other, and so is less upset by noise.

# %%
row_kernel = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]])
right_minus_left = grey[1:-1, 2:] - grey[1:-1, :-2]
print("03's gradient is a convolution:", np.allclose(slide(grey, row_kernel), right_minus_left))

# %% [markdown]
# ## Be the one who chooses
#
# Type into a weight, drag it up or down, or use the arrow keys. Three things to try: make a kernel that sees level
# edges; find out what the sum of the weights does to a wall; take *Difference in time* and see who moves.

# %%
widgets.ConvolutionExplorer(assets.fetch("bikes"), kernel="Sobel x", frame=190)

# %% [markdown]
# ## A whole layer
#
# Three things are missing from `slide`. A colour picture has three **channels**, so a kernel is 3×3×3: nine weights for
# red, nine for green, nine for blue. A layer has **several kernels**, and each makes a channel of the output. And it
# may jump: with a **stride** of 2 it looks at every other place. The **padding** `"same"` puts zeros around the picture,
# so that the kernel can stand at its rim, and `"valid"` does not.
#
# `sliding_window_view` gives all places at once, and `tensordot` multiplies and adds.

# %%
def convolve(frame, kernels, *, bias=0.0, stride=1, padding="valid"):
    """frame (H, W, channels), kernels (k, k, channels, n) → (rows, columns, n)."""
    side = len(kernels)
    if padding == "same":
        places = -(-np.array(frame.shape[:2]) // stride)
        zeros = np.maximum((places - 1) * stride + side - frame.shape[:2], 0)
        frame = np.pad(frame, [*((n // 2, n - n // 2) for n in zeros), (0, 0)])
    windows = sliding_window_view(frame, (side, side), axis=(0, 1))[::stride, ::stride]
    return np.tensordot(windows, kernels, axes=[(3, 4, 2), (0, 1, 2)]) + bias


same = convolve(grey[..., None], weights[..., None, None])[..., 0]
print("loops and windows agree:", np.allclose(same, edges))

# %% [markdown]
# Now the library's. Keras' `Conv2D` begins with random weights; we take eight kernels of our own, put them into both,
# and compare all numbers, for each stride and padding. (It is Keras as you know it from `import keras`; coming through
# `vmm_lab.networks`, it only keeps to itself what TensorFlow has found out about your computer.)

# %%
from vmm_lab.networks import keras

rng = np.random.default_rng(0)
kernels, biases = rng.normal(size=(3, 3, 3, 8)), rng.normal(size=8)
color, farthest, sizes = street / 255, [], {}
for stride, padding in product((1, 2, 3), ("valid", "same")):
    layer = keras.layers.Conv2D(8, 3, strides=stride, padding=padding)
    layer.build((None, *color.shape))
    layer.set_weights([kernels, biases])
    ours = convolve(color, kernels, bias=biases, stride=stride, padding=padding)
    farthest.append(np.abs(ours - layer(color[None])[0]).max())
    sizes[padding, stride] = ours.shape
vl.report("largest difference from Keras, of all numbers", max(farthest), at_most=1e-5)

# %% [markdown]
# How many numbers come out? With $n$ pixels, a kernel of side $k$ and stride $s$:
#
# $$\text{valid: } \left\lfloor \frac{n - k}{s} \right\rfloor + 1 \qquad\qquad \text{same: } \left\lceil \frac{n}{s} \right\rceil$$

# %%
table = pd.Series({key: "×".join(map(str, shape)) for key, shape in sizes.items()}).unstack()
table.rename_axis(index="padding", columns="stride")

# %% [markdown]
# ### Four questions at once
#
# Four kernels over another frame, in colour. The fourth likes red and dislikes green and blue: something that no
# neuron could say of a grey picture. Can you guess what it will find?

# %%
traffic = bikes.sample(12, size=(136, 320))[0][5]
four = np.zeros((3, 3, 3, 4))
four[..., 0] = weights[..., None] / 3
four[..., 1] = weights.T[..., None] / 3
four[..., 2] = 1 / 27
four[..., 3] = np.array([2, -1, -1]) / 9
maps = convolve(traffic / 255, four)
names = ["upright edges", "level edges", "blur", "red"]
shown = {"the frame": traffic} | {name: maps[..., k] for k, name in enumerate(names)}
plots.gallery(shown, columns=3, color_map="RdBu_r", bounds=(-1, 1), width=6.3)

# %%
red = maps[..., 3]
vl.report("red at the brake light", red[18:32, 50:90].max(), at_least=1.15)
vl.report("red at the orange sign", red[20:60, 105:145].max(), at_least=1.12)
vl.report("red in the whole right half", red[:, 160:].max(), at_most=0.76)

# %% [markdown]
# It finds the brake light and the orange sign. Each kernel made one channel; the next layer would look at all four.
#
# ## Bend it, and keep the largest
#
# Sums of sums are sums: two such layers in a row could do no more than one with larger kernels. So between them
# something has to bend, and the simplest bend is **ReLU**, $\max(0, x)$: what is negative becomes 0. Then **max
# pooling** keeps the largest answer of each little square: *there was an edge around here*.

# %%
def pool(answers, side):
    rows, columns = (size // side for size in answers.shape)
    squares = answers[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return squares.max(axis=(1, 3))


positive = np.maximum(edges, 0)
pooled = {f"max of {side}×{side}": pool(positive, side) for side in (4, 8)}
plots.gallery({"ReLU": positive, **pooled}, bounds=(0, 1.2), width=7.2)

# %%
library = keras.layers.MaxPooling2D(4)(positive[None, ..., None])[0, ..., 0]
difference = np.abs(pool(positive, 4) - library).max()
vl.report("difference from Keras' pooling", difference, at_most=1e-6)

# %% [markdown]
# What is it good for, besides fewer numbers? Let the street move by two pixels and ask how much its answers are like
# those before. Beside pooling stands the cheap way to have fewer numbers, taking every fourth one.

# %%
def alike(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


before, after = positive[:, 2:-6], positive[:, :-8]
vl.report("alike after 2 pixels, as they are", alike(before, after), at_most=0.12)
vl.report("every fourth number", alike(before[::4, ::4], after[::4, ::4]), at_most=0.12)
vl.report("the largest of 4×4", alike(pool(before, 4), pool(after, 4)), at_least=0.63)
vl.report("the largest of 8×8", alike(pool(before, 8), pool(after, 8)), at_least=0.74)

# %% [markdown]
# A thin edge that moved by two pixels is a different edge, number by number, and every fourth number is no better. The
# largest of a square cares far less. The price: *where exactly* is forgotten.
#
# ## What sharing saves
#
# Without sharing, a layer is **dense**: each of its neurons has a weight for every number of the picture. Take frames
# of 64×64 in colour.

# %%
inputs = keras.Input((64, 64, 3))
dense = keras.Model(inputs, keras.layers.Dense(128)(keras.layers.Flatten()(inputs)))
convolution = keras.Model(inputs, keras.layers.Conv2D(32, 3)(inputs))
pd.DataFrame({
    "output": ["128", "62×62×32"],
    "parameters by hand": [64 * 64 * 3 * 128 + 128, 3 * 3 * 3 * 32 + 32],
    "Keras counts": [dense.count_params(), convolution.count_params()],
    "multiplications": [64 * 64 * 3 * 128, 62 * 62 * 32 * 3 * 3 * 3],
}, index=["dense, 128 neurons", "convolution, 32 kernels"])

# %% [markdown]
# 896 numbers to learn instead of 1.6 million, and they fit a picture of any size. It is no less *work*, though: the
# convolution multiplies twice as often. What it saves is what has to be learnt.
#
# ## A stack sees farther
#
# A 3×3 kernel sees three pixels in a row. But the next layer looks at *its* answers, and so on. Which answers does a
# single pixel reach through one, two, three layers? As many pixels, the other way round, does one answer see: its
# **receptive field**.

# %%
reached = {"one pixel": np.zeros((13, 13, 1))}
reached["one pixel"][6, 6] = 1
for layer in (1, 2, 3):
    last = list(reached.values())[-1]
    reached[f"layer {layer}"] = convolve(last, np.ones((3, 3, 1, 1)), padding="same") > 0
print("wide:", [int(answers[6].sum()) for answers in reached.values()])
plots.gallery({name: answers[..., 0] for name, answers in reached.items()}, width=6)

# %% [markdown]
# Three, five, seven: each layer adds two. Pooling in between makes every later step twice as long, and then it grows
# fast: with $k_l$ the side and $s_l$ the stride of layer $l$, of a convolution or a pooling,
#
# $$r = 1 + \sum_l (k_l - 1) \prod_{j < l} s_j$$
#
# ## Over time
#
# Nothing says that a kernel has to lie in the picture. Two weights over *frames*, [−1, 1], and the difference of
# notebook 04 is a convolution as well. (A kernel over time *and* picture is Keras' `Conv3D`.)

# %%
walk = bikes.frames(size=(136, 320), start=7.6, end=7.9)[0]
film = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in walk]) / 255
change = sliding_window_view(film, 2, axis=0) @ np.array([-1, 1])
print("frames:", len(film), "  answers:", len(change))
print("the differences of 04:", np.allclose(change, film[1:] - film[:-1]))
shown = {"a frame": walk[3], "later − earlier": change[2]}
plots.gallery(shown, color_map="RdBu_r", bounds=(-0.5, 0.5), width=5.8)

# %% [markdown]
# ## Who chooses the weights?
#
# So far somebody did: Sobel, Dalal and Triggs, you in the widget. Now the neuron shall do it alone. We show it patches
# $x$ of the street and what a neuron with *secret* weights answered to each, $y$. It begins with random weights, and
# looks how wrong it is. The loss is the mean squared error, and its gradient tells how the loss changes with each
# weight:
#
# $$L(w) = \frac{1}{N} \sum_n (w \cdot x_n - y_n)^2 \qquad\qquad \frac{\partial L}{\partial w} = \frac{2}{N} \sum_n (w \cdot x_n - y_n)\,x_n$$
#
# Where the neuron said too much, weights on light pixels go down; where it said too little, they go up. A small step
# against the gradient, again and again: **gradient descent**. (The mean grey is taken off the pixels first, else all
# nine weights push in the same direction for a long time.)

# %%
X = sliding_window_view(grey - grey.mean(), (3, 3))[::2, ::2].reshape(-1, 9)
y = edges[::2, ::2].ravel()
w, losses, kept = rng.normal(0, 0.5, 9), [], {}
for step in range(1001):
    error = X @ w - y
    losses.append((error**2).mean())
    if step in (0, 10, 100, 1000):
        kept[f"after {step} steps"] = w.reshape(3, 3)
    w = w - 2.5 * 2 / len(X) * error @ X
print("patches:", len(X))

# %%
figure = plots.Picture("the loss falls step by step", figsize=(7, 2.3), layout="constrained")
axis = figure.subplots()
axis.plot(losses, color=plots.PALETTE[0])
axis.set(yscale="log", xlabel="step (number)", ylabel="loss (squared answer)", xlim=(0, 1000))
axis.spines[["top", "right"]].set_visible(False)
figure

# %%
show_numbers(kept, "the weights at first, and after 10, 100 and 1000 steps")

# %%
vl.report("loss at the end, of that at the beginning", losses[-1] / losses[0], at_most=1e-4)
vl.report("farthest weight from Sobel's", np.abs(w - weights.ravel()).max(), at_most=0.1)
left, _, right = kept["after 100 steps"].T
vl.report("after 100 steps, right minus left", (right - left).min(), at_least=2.5)

# %% [markdown]
# From noise to Sobel in a thousand steps, and the neuron never saw the secret weights, only what they do. Look at the
# order, too: after a hundred steps it knows *left is minus, right is plus*, and the fine difference between 1 and 2
# takes the other nine hundred.
#
# Kernels can be **learnt**. Here we still had to know the right answer at every place. A network has no such luck:
# somebody says "sit down" of a whole film, and what the kernels of its first layer should answer, nobody knows. But the
# gradient can be handed back through all layers, and that is enough.
#
# ## Exercises
#
# Replace each `...` and run the cell. `hint("06.upward")` gives a nudge, and a second one if you ask again;
# `solution("06.upward")` shows one way.

# %%
from vmm_lab.exercises import check, hint, progress, solution

# %% [markdown]
# **1. A taste for the sky.** Choose the weights `upward`, 3×3: the neuron answers more than 0 where the picture gets
# lighter towards the top, and 0 where it is flat or changes only from left to right.

# %%
upward = ...


check("06.upward", upward)

# %% [markdown]
# **2. What comes out?** Write `output_size(size, side, stride, padding)`: how many numbers come out of `size` pixels in
# a row, for a kernel of `side` pixels, with `padding` `"valid"` or `"same"`.

# %%
def output_size(size, side, stride, padding):
    ...


check("06.output_size", output_size)

# %% [markdown]
# **3. What has to be learnt?** Write `count_parameters(side, channels, kernels)`: the weights and biases of a layer
# with so many kernels of `side`×`side` over so many channels.

# %%
def count_parameters(side, channels, kernels):
    ...


check("06.count_parameters", count_parameters)

# %% [markdown]
# **4. How far does it see?** Write `receptive_field(layers)` for a list of layers from first to last, each
# `(side, stride)`: 3×3 and pooling by 2×2 are `[(3, 1), (2, 2)]`. How many pixels in a row does one number at the end
# see?

# %%
def receptive_field(layers):
    ...


check("06.receptive_field", receptive_field)

# %% [markdown]
# **5. The secret kernel.** Write `secret_kernel(picture, answers)`: the 3×3 weights that made these answers, (H − 2,
# W − 2), of this picture, (H, W). Gradient descent is one way; there is a shorter one.

# %%
def secret_kernel(picture, answers):
    ...


check("06.secret_kernel", secret_kernel)

# %% [markdown]
# ## On your own videos
#
# Put the path of your folder or CSV manifest in place of `"theatre"`. Of your first three films: a frame, its edges
# (both of Sobel's kernels, put together as HOG does), and the kernel over time.

# %%
MY_VIDEOS = os.environ.get("VMM_LAB_VIDEOS") or "theatre"

# %% tags=["nbval-ignore-output"]
mine, shown = vl.load_table(MY_VIDEOS), {}
sobel = np.stack([weights, weights.T], axis=-1)[:, :, None]
for number, path in enumerate(mine["path"].head(3), start=1):
    media = vl.open_media(path)
    size = 120, 120 * media.size[1] // media.size[0]
    frames, _ = media.frames(size=size, fps=10, end=4)
    film = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]) / 255
    middle = len(film) // 2
    shown[f"{number}: a frame"] = frames[middle]
    shown[f"{number}: edges"] = np.hypot(*convolve(film[middle][..., None], sobel).T).T
    shown[f"{number}: change"] = np.abs(film[middle] - film[middle - 1])
plots.gallery(shown, columns=3, width=4.4)

# %%
vl.report("films shown", len(shown) / 3, at_least=1)

# %% tags=["nbval-ignore-output"]
widgets.ConvolutionExplorer(mine["path"].iloc[0], kernel="Laplacian")

# %%
vl.report("pieces of media in the table", len(mine), at_least=1)

# %% [markdown]
# ## What you learned
#
# A neuron is a weighted sum; slid over a picture, it is a convolution, and asks one question everywhere. Channels go
# in, kernels make channels, stride and padding decide how many numbers come out. ReLU bends, pooling forgives a small
# move, a stack sees far, and sharing leaves little to learn. And the weights need nobody who thinks of them: examples
# and a gradient will do.
#
# **Next:** 07 stacks these layers into a first CNN and lets it learn from labels alone. Will it beat the features that
# people thought of?
