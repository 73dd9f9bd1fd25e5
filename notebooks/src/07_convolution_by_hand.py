# %% [markdown]
# # 07 · Convolution by hand
#
# **What does a neuron do with a picture?**
#
# In notebook 03 somebody had designed the features, and in 05 a classifier learnt how to weight them. A neural network
# learns both. This notebook takes a single neuron and looks at what it computes, number by number.
#
# In this notebook you will
#
# * compute the output of one neuron, and slide it over a frame, which is a convolution,
# * build a whole convolution layer in nine lines, and get the same numbers as Keras to the fifth decimal,
# * let a neuron learn its weights from examples, and pass the gradient back through two layers by hand.
#
# About 40 minutes to read, half a minute to run.

# %%
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
# A street, and nine of its pixels: 3×3, on the right edge of the post. The brightness of a pixel is a number from 0,
# black, to 1, white.

# %%
bikes = vl.open_media(assets.fetch("bikes"))
street = bikes.sample(12, size=(136, 320))[0][10]
grey = cv2.cvtColor(street, cv2.COLOR_RGB2GRAY) / 255
patch = grey[81:84, 128:131]
marked = cv2.rectangle(street.copy(), (123, 76), (134, 87), (255, 0, 0), 1)
zoom = cv2.resize(street[77:87, 124:134], (160, 160), interpolation=cv2.INTER_NEAREST)
cv2.rectangle(zoom, (64, 64), (111, 111), (255, 0, 0), 2)
plots.gallery({"the street": marked, "the red square, and nine pixels": zoom})

# %% [markdown]
# You see the edge of a post. The computer has nine numbers:

# %%
def show_numbers(grids, alt):
    figure, axes = plots.axes(alt, columns=len(grids), width=2.5 * len(grids), height=2.7)
    for axis, (name, grid) in zip(np.ravel(axes), grids.items()):
        most, signed = abs(grid).max() or 1, grid.min() < 0
        bounds, colors = ((-most, most), "RdBu_r") if signed else ((0, most), "gray")
        plots.heatmap(grid, axis=axis, texts=".2f", color_map=colors, bounds=bounds)
        axis.set(title=name, xticks=[], yticks=[])
    return figure


show_numbers({"pixels x": patch}, "nine pixels and their numbers")

# %% [markdown]
# A **neuron** has a weight $w_i$ for each of its inputs $x_i$, and a bias $b$. It multiplies and adds:
#
# $$f(x) = \sum_i w_i\,x_i + b$$
#
# (In a network the sum also passes through an *activation function*; that comes further below.)
#
# A positive weight means that the output grows with the input, a negative one that it falls, and 0 that the input does
# not matter. The output of this neuron is large where it is light on the right and dark on the left.

# %%
weights, bias = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]), 0.0
grids = {"weights w": weights, "each w · x": weights * patch}
show_numbers(grids, "nine weights and nine products")

# %%
output = (weights * patch).sum() + bias
pavement = (weights * grey[90:93, 60:63]).sum() + bias
print(f"at the edge of the post: f(x) = {output:.1f}   on the pavement: {pavement:.1f}")

# %% [markdown]
# At the edge, the right column is light and adds much, the left one is dark and subtracts little: a large output. On
# the pavement they cancel. So these nine weights detect a *vertical edge, dark on its left and light on its right*.
# They are known as the Sobel kernel, after Irwin Sobel, who presented it in 1968.
#
# ## The same neuron everywhere
#
# An edge looks the same at every place. So we do not build a neuron with different weights for each place; we slide the
# same nine weights over the picture.

# %%
def slide(picture, weights, bias=0.0):
    side, (height, width) = len(weights), picture.shape
    outputs = np.zeros((height - side + 1, width - side + 1))
    for row in range(height - side + 1):
        for column in range(width - side + 1):
            x = picture[row : row + side, column : column + side]
            outputs[row, column] = (weights * x).sum() + bias
    return outputs


edges = slide(grey, weights)
print("places:", edges.size, "  outputs:", edges.shape, "  weights:", weights.size)

# %%
def show_maps(shown, most, label, columns=None):
    options = {"columns": columns, "color_map": "RdBu_r", "bounds": (-most, most)}
    return plots.gallery(shown, unit=label, **options)


show_maps({"the street": street, "the outputs": edges}, 1.2, "output f(x)")

# %% [markdown]
# Red outputs are positive (lighter towards the right), blue ones negative, white is 0. Horizontal edges, such as the
# window sill, hardly appear: this neuron does not respond to them. 42,612 places **share** nine weights. So if
# something moves in the picture, its output moves with it; this is called **translation equivariance**. (*Invariance*
# would mean that the output stays the same.)

# %%
moved = np.roll(grey, (5, 40), axis=(0, 1))  # 5 pixels down, 40 to the right
outputs_moved = slide(moved, weights)
print("the outputs have moved along:", np.allclose(outputs_moved[5:, 40:], edges[:-5, :-40]))
window = slice(30, 110), slice(100, 240)  # of both, the same
show_maps({"outputs before": edges[window], "outputs after the move": outputs_moved[window]},
          1.2, "output f(x)")

# %% [markdown]
# In networks this is called a **convolution**, the nine weights are its **kernel**, and the outputs are a **feature
# map**. In mathematics a convolution turns the kernel by 180° first, and what we did is a *cross-correlation*. Networks
# need not turn it: they learn the weights, and would simply learn them turned.

# %%
from scipy.signal import convolve2d, correlate2d

correlated = correlate2d(grey, weights, mode="valid")
convolved = convolve2d(grey, weights[::-1, ::-1], mode="valid")
print("ours is scipy's correlation:", np.allclose(edges, correlated))
print("ours is scipy's convolution with a turned kernel:", np.allclose(edges, convolved))

# %% [markdown]
# ### You have used one before
#
# The *change to the right* that HOG begins with, in 03, was the right neighbour minus the left one. That is a kernel,
# too: one row, [−1, 0, 1]. Sobel's has this row once above, twice in the middle and once below: it takes the difference
# across and a weighted mean along the edge, and so is less sensitive to noise. How much less? We measure how far both
# outputs change when noise is added, compared with how strong they are.

# %%
row_kernel = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]])
right_minus_left = grey[1:-1, 2:] - grey[1:-1, :-2]
print("03's gradient is a convolution:", np.allclose(slide(grey, row_kernel), right_minus_left))

# %%
noisy = grey + np.random.default_rng(0).normal(0, 0.05, grey.shape)
noise = {}
for name, kernel in {"the row [−1, 0, 1]": row_kernel, "Sobel": weights}.items():
    clean = correlate2d(grey, kernel, mode="valid")
    noise[name] = (correlate2d(noisy, kernel, mode="valid") - clean).std() / clean.std()
of_row, of_sobel = noise.values()
vl.report("noise of Sobel / noise of the row", of_sobel / of_row, at_most=0.75)
plots.bars(noise, alt="Sobel is less noisy", xlabel="spread of the noise / spread of the output")

# %% [markdown]
# ## Choose the weights yourself
#
# Type into a weight, drag it up or down, or use the arrow keys. Three things to try: make a kernel that detects
# horizontal edges; find out what the sum of the weights does to a wall; choose *Difference in time* and see who moves.

# %%
widgets.ConvolutionExplorer(assets.fetch("bikes"), kernel="Sobel x", frame=190)

# %% [markdown]
# ## A whole layer
#
# Three things are missing from `slide`. A colour picture has three **channels**, so a kernel is 3×3×3: nine weights for
# red, nine for green, nine for blue. A layer has **several kernels**, and each makes a channel of the output. And it
# may jump: with a **stride** of 2 it looks at every other place. The **padding** `"same"` puts zeros around the
# picture, so that the kernel can be placed at its border, and `"valid"` does not.
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
print("loops and windows agree:", np.allclose(same, edges), "  shape:", same.shape)

# %% [markdown]
# Now the library's. Keras' `Conv2D` begins with random weights; we choose eight kernels, put them into both, and
# compare all numbers, for each stride and padding. (It is the same Keras as from `import keras`; imported through
# `vmm_lab.networks`, it only hides what TensorFlow prints about your computer.)

# %%
from vmm_lab.networks import keras

rng = np.random.default_rng(0)
kernels, biases = rng.normal(size=(3, 3, 3, 8)), rng.normal(size=8)
color, differences, sizes = street / 255, [], {}
for stride, padding in product((1, 2, 3), ("valid", "same")):
    layer = keras.layers.Conv2D(8, 3, strides=stride, padding=padding)
    layer.build((None, *color.shape))
    layer.set_weights([kernels, biases])
    ours = convolve(color, kernels, bias=biases, stride=stride, padding=padding)
    differences.append(np.abs(ours - layer(color[None])[0]).max())
    sizes[padding, stride] = ours.shape
vl.report("largest difference from Keras, of all numbers", max(differences), at_most=1e-5)

# %% [markdown]
# How many numbers come out? With $n$ pixels, a kernel of side $k$ and stride $s$:
#
# $$\text{valid: } \left\lfloor \frac{n - k}{s} \right\rfloor + 1 \qquad\qquad \text{same: } \left\lceil \frac{n}{s} \right\rceil$$

# %%
table = pd.Series({key: "×".join(map(str, shape)) for key, shape in sizes.items()}).unstack()
table.rename_axis(index="padding", columns="stride")

# %% [markdown]
# ### Four kernels at once
#
# Four kernels over another frame, in colour. The fourth has positive weights for red and negative ones for green and
# blue, which is impossible on a grey picture. Can you guess what it will find?

# %%
traffic = bikes.sample(12, size=(136, 320))[0][5]
four = np.zeros((3, 3, 3, 4))
four[..., 0] = weights[..., None] / 3
four[..., 1] = weights.T[..., None] / 3
four[..., 2] = 1 / 27
four[..., 3] = np.array([2, -1, -1]) / 9
maps = convolve(traffic / 255, four)
names = ["vertical edges", "horizontal edges", "blur", "red"]
shown = {"the frame": traffic} | {name: maps[..., k] for k, name in enumerate(names)}
shown["blur"] = np.uint8(255 * shown["blur"])[..., None].repeat(3, axis=2)  # grey: it has no sign
show_maps(shown, 1, "output f(x)", columns=3)

# %%
red = maps[..., 3]
vl.report("red at the brake light", red[18:32, 50:90].max(), at_least=1.15)
vl.report("red at the orange sign", red[20:60, 105:145].max(), at_least=1.12)
vl.report("red in the whole right half", red[:, 160:].max(), at_most=0.76)
plots.gallery({"where red is above 0.8": red > 0.8}, width=5)

# %% [markdown]
# It finds the brake light and the orange sign. Each kernel made one channel; the next layer would read all four.
#
# ## ReLU and max pooling
#
# A weighted sum of weighted sums is a weighted sum: two such layers in a row could do no more than one with larger
# kernels. So something non-linear has to come between them, an **activation function**, and the simplest is **ReLU**
# (rectified linear unit), $\max(0, x)$: negative numbers become 0. Then **max pooling** keeps the largest output of
# each small square: *there was an edge around here*.

# %%
def pool(outputs, side):
    rows, columns = (size // side for size in outputs.shape)
    squares = outputs[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return squares.max(axis=(1, 3))


positive = np.maximum(edges, 0)
pooled = {f"max of {side}×{side}": pool(positive, side) for side in (4, 8)}
library = keras.layers.MaxPooling2D(4)(positive[None, ..., None])[0, ..., 0]
difference = np.abs(pooled["max of 4×4"] - library).max()
vl.report("difference from Keras' pooling", difference, at_most=1e-6)
plots.gallery({"ReLU": positive, **pooled}, bounds=(0, 1.2))

# %% [markdown]
# What is it good for, apart from fewer numbers? Let the street move by two pixels and measure how similar its outputs
# are to those before. We compare pooling with the cheap way to get fewer numbers: taking every fourth one.

# %%
def correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


before, after = positive[:, 2:-6], positive[:, :-8]
alike = {"all numbers": correlation(before, after),
         "every fourth number": correlation(before[::4, ::4], after[::4, ::4]),
         "the largest of 4×4": correlation(pool(before, 4), pool(after, 4)),
         "the largest of 8×8": correlation(pool(before, 8), pool(after, 8))}
vl.report("every fourth number", alike["every fourth number"], at_most=0.12)
vl.report("the largest of 8×8", alike["the largest of 8×8"], at_least=0.74)
texts = [f"{value:.2f}" for value in alike.values()]
plots.bars(alike, alt="pooling changes less", texts=texts,
           xlabel="correlation after a move by 2 pixels")

# %% [markdown]
# When a thin edge moves by two pixels, its outputs are quite different number by number, and taking every fourth number
# is no better. The largest of a square changes far less. But pooling also loses *where exactly* the edge was.
#
# ## What locality and sharing save
#
# A convolution makes two assumptions about pictures. Take frames of 64×64 in colour, and the 62×62×32 outputs of 32
# kernels. A **dense** layer with as many outputs would have a weight for every number of the picture in each of them.
# **Locality**: each output looks only at its own 3×3×3 numbers; such a layer is *locally connected*. **Sharing**: all
# places use the same weights. Each step can be counted.

# %%
outputs, places, seen = 62 * 62 * 32, 62 * 62, 3 * 3 * 3
rows = {"dense": (64 * 64 * 3 + 1) * outputs, "local: 3×3×3 inputs": (seen + 1) * outputs,
        "local and shared": (seen + 1) * 32}
multiplications = [64 * 64 * 3 * outputs, seen * outputs, seen * outputs]
convolution = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Conv2D(32, 3)])
one_place = keras.Sequential([keras.Input((27,)), keras.layers.Dense(32)])  # each has its own
counted = ["too large to build", one_place.count_params() * places, convolution.count_params()]
pd.DataFrame({"parameters by hand": rows.values(), "Keras counts": counted,
              "multiplications": multiplications}, index=rows)

# %%
figure, axis = plots.axes("parameters in three rows, each a thousand times fewer", height=1.9)
plots.bars(rows, axis=axis, xlabel="parameters (number, each step of the axis is ten times more)",
           texts=["1.51 billion", "3.44 million", "896"])
axis.set(xscale="log", xlim=(100, 1e12))
figure

# %% [markdown]
# Locality divides by 439, sharing by 3844 once more: 896 numbers to learn instead of 1.51 billion, and they fit a
# picture of any size. Look at the last column, too: locality saves work, sharing saves only parameters.
#
# ## Several layers see farther
#
# A 3×3 kernel sees three pixels in a row. But the next layer reads *its* outputs, and so on. Which outputs does a
# single pixel reach through one, two, three layers? The other way round, one output depends on just as many pixels: its
# **receptive field**.

# %%
reached = {"one pixel": np.zeros((13, 13, 1))}
reached["one pixel"][6, 6] = 1
for layer in (1, 2, 3):
    last = list(reached.values())[-1]
    reached[f"layer {layer}"] = convolve(last, np.ones((3, 3, 1, 1)), padding="same") > 0
print("wide:", [int(outputs[6].sum()) for outputs in reached.values()])
plots.gallery({name: outputs[..., 0] for name, outputs in reached.items()})

# %% [markdown]
# Three, five, seven: each layer adds two. With pooling in between, every later step is twice as long, and the receptive
# field grows fast: with $k_l$ the side and $s_l$ the stride of layer $l$, of a convolution or a pooling,
#
# $$r = 1 + \sum_l (k_l - 1) \prod_{j < l} s_j$$
#
# ## Over time
#
# A kernel can also run over time. With two weights over *frames*, [−1, 1], the difference of notebook 04 is a
# convolution as well. (A kernel over time *and* picture is Keras' `Conv3D`.)

# %%
walk = bikes.frames(size=(136, 320), start=7.6, end=7.9)[0]
film = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in walk]) / 255
change = sliding_window_view(film, 2, axis=0) @ np.array([-1, 1])
print("frames:", len(film), "  outputs:", len(change))
print("the differences of 04:", np.allclose(change, film[1:] - film[:-1]))
left = slice(None), slice(0, 200)
shown = {"a frame": walk[3][left], "later − earlier": change[2][left]}
show_maps(shown, 0.5, "change in brightness")

# %% [markdown]
# ## Who chooses the weights?
#
# So far a person did: Sobel, Dalal and Triggs, you in the widget. Now the neuron will learn them. We give it patches
# $x$ of the street and the output $y$ of a neuron with *secret* weights for each patch. It begins with random weights,
# and measures how wrong it is. The loss is the mean squared error, and its gradient shows how the loss changes with
# each weight:
#
# $$L(w) = \frac{1}{N} \sum_n (w \cdot x_n - y_n)^2 \qquad\qquad \frac{\partial L}{\partial w} = \frac{2}{N} \sum_n (w \cdot x_n - y_n)\,x_n$$
#
# Where the output was too large, weights on light pixels go down; where it was too small, they go up. A small step
# against the gradient, again and again, is **gradient descent**, and the factor of the step, here 2.5, is its
# **learning rate**. (The mean grey is subtracted from the pixels first, otherwise all nine weights move in the same
# direction for a long time.)

# %%
X = sliding_window_view(grey - grey.mean(), (3, 3))[::2, ::2].reshape(-1, 9)
y = edges[::2, ::2].ravel()
w, losses, kept, learning_rate = rng.normal(0, 0.5, 9), [], {}, 2.5
for step in range(1001):
    error = X @ w - y
    losses.append((error**2).mean())
    if step in (0, 10, 100, 1000):
        kept[f"after {step} steps"] = w.reshape(3, 3)
    w = w - learning_rate * 2 / len(X) * error @ X
print(f"patches: {len(X)}, loss at first: {losses[0]:.2f}, after 1000 steps: {losses[-1]:.6f}")

# %%
figure, axis = plots.axes("the loss falls step by step", height=2.4)
axis.plot(losses, color=plots.PALETTE[0])
axis.set(yscale="log", xlabel="step (number)", ylabel="loss (squared output)", xlim=(0, 1000))
figure

# %%
vl.report("loss at the end / at the beginning", losses[-1] / losses[0], at_most=1e-4)
difference = np.abs(w - weights.ravel()).max()
vl.report("largest difference of a weight from Sobel's", difference, at_most=0.1)
left, _, right = kept["after 100 steps"].T
vl.report("after 100 steps, right minus left", (right - left).min(), at_least=2.5)
show_numbers(kept, "the weights at first, and after 10, 100 and 1000 steps")

# %% [markdown]
# From random numbers to Sobel in a thousand steps, and the neuron never saw the secret weights, only their outputs.
# Look at the order, too: after a hundred steps it has learnt *left is minus, right is plus*, and the small difference
# between 1 and 2 takes the other nine hundred.
#
# ## Back through two layers
#
# Kernels can be **learnt**. But here we knew the right output at every place. A network does not: a whole film is
# labelled "sit down", and nobody knows what the kernels of its first layer should answer. Only the last output has a
# right answer. So the gradient has to come from there, backwards through all layers: **back-propagation**. It is the
# chain rule, one layer at a time. Take a small network: two kernels $k$ over a picture $x$ of 8×8 pixels, ReLU, and one
# neuron with weights $v$ that adds everything up to $s$, which should be $y$.
#
# $$z = x * k \quad\rightarrow\quad a = \max(0, z) \quad\rightarrow\quad s = \sum v\,a \quad\rightarrow\quad L = (s - y)^2$$
#
# Backwards, each line uses the one before it:
#
# $$\frac{\partial L}{\partial s} = 2 (s - y) \quad \frac{\partial L}{\partial v} = \frac{\partial L}{\partial s}\,a \quad \frac{\partial L}{\partial a} = \frac{\partial L}{\partial s}\,v \quad \frac{\partial L}{\partial z} = \frac{\partial L}{\partial a}\,[z > 0] \quad \frac{\partial L}{\partial k_{ij}} = \sum_{p} \frac{\partial L}{\partial z_p}\,x_{p + ij}$$
#
# ReLU lets the gradient through only where it was active. And because all places $p$ share the kernel, its gradient is
# a *sum* over all places.

# %%
x, y = (grey - grey.mean())[80:88, 124:132, None], 1.0
k, v = rng.normal(0, 0.5, (3, 3, 1, 2)), rng.normal(0, 0.5, (6, 6, 2))


def forward(k, v):
    z = convolve(x, k)
    a = np.maximum(z, 0)
    s = (v * a).sum()
    return z, a, s, (s - y) ** 2


print("s:", forward(k, v)[2].round(2), "  should be", y)

# %%
z, a, s, loss = forward(k, v)
ds = 2 * (s - y)
dv, da = ds * a, ds * v
dz = np.where(z > 0, da, 0)
windows = sliding_window_view(x[..., 0], (3, 3))  # (6, 6, 3, 3): what each place sees
dk = np.einsum("pqn,pqij->ijn", dz, windows)[:, :, None]
print(f"loss {loss:.3f}; ReLU lets the gradient through at {(z > 0).mean():.0%} of the places")
show_numbers({"∂L/∂z, first kernel": dz[..., 0], "∂L/∂k, first kernel": dk[:, :, 0, 0]},
             "the gradient of the 6×6 sums, and of the 3×3 weights that they share")

# %% [markdown]
# Is it right? There are two ways to find out. The slow one: change a single weight a little and look at the loss, which
# is a **numerical gradient**. The fast one: Keras does the same as we did (it is called *automatic differentiation*).

# %%
def numerical(k, v, step=1e-5):
    slopes = np.zeros_like(k)
    for place in np.ndindex(k.shape):
        up, down = k.copy(), k.copy()
        up[place], down[place] = k[place] + step, k[place] - step
        slopes[place] = (forward(up, v)[-1] - forward(down, v)[-1]) / (2 * step)
    return slopes


slow = numerical(k, v)
vl.report("largest difference from the numerical gradient", np.abs(dk - slow).max(), at_most=1e-6)

# %%
import tensorflow as tf

convolution = keras.layers.Conv2D(2, 3, use_bias=False, activation="relu")
network = keras.Sequential([keras.Input((8, 8, 1)), convolution, keras.layers.Flatten(),
                            keras.layers.Dense(1, use_bias=False)])
network.set_weights([k, v.reshape(-1, 1)])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum((network(x[None]) - y) ** 2)
of_kernels, of_v = (gradient.numpy() for gradient in tape.gradient(loss, network.trainable_weights))
vl.report("largest difference from Keras, kernels", np.abs(dk - of_kernels).max(), at_most=1e-4)
vl.report("largest difference from Keras, v", np.abs(dv.ravel() - of_v.ravel()).max(), at_most=1e-4)
three = {"by hand": dk, "numerical": slow, "Keras": of_kernels}
show_numbers({name: of[:, :, 0, 0] for name, of in three.items()}, "one gradient, three ways")

# %% [markdown]
# Three ways, the same nine numbers. The numerical gradient needs two runs for *each* weight; back-propagation needs one
# forward and one backward for all of them, which is why networks with millions of weights can be trained at all.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("07.upward")` gives a nudge, and a second one if you ask again;
# `vl.solution("07.upward")` shows one way. The stars say how hard an exercise is.
#
# **1. Lighter towards the top.** ★ Choose the weights `upward`, 3×3: the output is more than 0 where the picture gets
# lighter towards the top, and 0 where it is flat or changes only from left to right.

# %%
upward = ...


vl.check("07.upward", upward)

# %% [markdown]
# **2. What comes out?** ★★ Write `output_size(size, side, stride, padding)`: how many numbers come out of `size` pixels
# in a row, for a kernel of `side` pixels, with `padding` `"valid"` or `"same"`.

# %%
def output_size(size, side, stride, padding):
    ...


vl.check("07.output_size", output_size)

# %% [markdown]
# **3. What has to be learnt?** ★ Write `count_parameters(side, channels, kernels)`: the weights and biases of a layer
# with so many kernels of `side`×`side` over so many channels.

# %%
def count_parameters(side, channels, kernels):
    ...


vl.check("07.count_parameters", count_parameters)

# %% [markdown]
# **4. How far does it see?** ★★★ Write `receptive_field(layers)` for a list of layers from first to last, each `(side,
# stride)`: 3×3 and pooling by 2×2 are `[(3, 1), (2, 2)]`. On how many pixels in a row does one number at the end
# depend?

# %%
def receptive_field(layers):
    ...


vl.check("07.receptive_field", receptive_field)

# %% [markdown]
# **5. The secret kernel.** ★★ Write `secret_kernel(picture, answers)`: the 3×3 weights that produced these outputs, (H
# − 2, W − 2), from this picture, (H, W). Gradient descent is one way; there is a shorter one.

# %%
def secret_kernel(picture, answers):
    ...


vl.check("07.secret_kernel", secret_kernel)

# %% [markdown]
# **6. Back through ReLU.** ★★★ Write `weight_gradient(W, v, x, y)` for a network of two dense layers,
# $s = v \cdot \max(0, W x)$ with the loss $(s - y)^2$: the gradient of the loss with respect to `W`. `W` is (n, d), `v`
# (n,), `x` (d,) and `y` a number.

# %%
def weight_gradient(W, v, x, y):
    ...


vl.check("07.weight_gradient", weight_gradient)

# %% [markdown]
# **Open question.** A convolution uses the same weights at the top and at the bottom of a picture. In a picture of a
# street, the sky is above and the road is below. When is sharing a wrong assumption, and what would you change in the
# layer? There is no check for this one.

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). Of your
# first three films you see a frame, its edges (both of Sobel's kernels, combined as in HOG), and the kernel over time.

# %% tags=["nbval-ignore-output"]
mine, shown = vl.my_table(), {}
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
plots.gallery(shown, columns=3, width=7)

# %% tags=["nbval-ignore-output"]
widgets.ConvolutionExplorer(mine["path"].iloc[0], kernel="Laplacian")

# %% [markdown]
# ## What you learnt
#
# A neuron is a weighted sum with an activation function; slid over a picture, it is a convolution, which detects the
# same pattern everywhere (translation equivariance). Each kernel reads all channels of the input and makes one channel
# of the output; stride and padding determine its size. ReLU is the non-linear part, pooling makes small movements
# matter less, several layers see farther, and locality and sharing leave few parameters to learn. And nobody has to
# design the weights: they are learnt by gradient descent, and back-propagation passes the gradient through all layers.
#
# **Next:** 08 stacks these layers into a first CNN and lets it learn from labels alone. Will it beat the features that
# people designed?
#
# ## Further reading
#
# * Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*,
#   Proceedings of the IEEE 86, 1998: convolution, sharing and pooling as they are still used.
# * D. Rumelhart, G. Hinton and R. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986.
# * I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press 2016, chapter 9 on convolutional networks.
