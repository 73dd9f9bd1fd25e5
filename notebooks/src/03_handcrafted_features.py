# %% [markdown]
# # 03 · Handcrafted features
#
# **Which few numbers describe what is in a picture, and what can they not describe?**
#
# A frame of 64×64 pixels is 12,288 numbers, and most of them mean nothing by themselves. From the first edge detectors
# of the 1960s on, people thought about what to keep: how much of which colour, which way the edges run, what the
# corners look like. The numbers that remain are a **feature vector**, and what it ignores is its **invariance**.
# Nothing is learnt from millions of pictures here: somebody had a good idea and wrote it down.
#
# In this notebook you will
#
# * find out what a colour histogram measures, and fool it completely,
# * build a histogram of oriented gradients (HOG) by hand until every number agrees with the library's,
# * find corners and blobs by hand, follow them through a turned picture with SIFT, and count them as *words*.
#
# About 40 minutes to read, half a minute to run.

# %%
from itertools import product

import cv2
import numpy as np
import pandas as pd
from sklearn.metrics import pairwise_distances_argmin

import vmm_lab as vl
from vmm_lab import assets, features, plots, tasks, widgets

# %% [markdown]
# ## The films
#
# The small theatre has 24 films, too few to compare features: one film more or less would move a score by four points.
# Another `seed` plays the same actions with the same six actors again, in other scenes and at another pace. Four seeds
# give 96 films.

# %% tags=["nbval-ignore-output"]
seeds = [vl.load_table("theatre", seed=seed) for seed in range(4)]
table = pd.concat(seeds, ignore_index=True)
one_of_each = table.groupby("label")["path"].first()
films = {k: vl.open_media(path).sample(6, size=(96, 96))[0] for k, path in one_of_each.items()}
vl.filmstrip(films)

# %% [markdown]
# ## How much of which colour
#
# A **colour histogram** sorts the pixels into bins of hue (which colour), saturation (how colourful) and value (how
# bright), and counts them; the three together are called *HSV*. Below, the right picture is painted with the middle of
# each pixel's bin: the histogram gets no more than this. Move the number of bins and the frame.

# %%
clapping = table.query("label == 'clap' and group == 'Mei'")["path"].iloc[0]
widgets.FeatureExplorer(clapping, feature="Colour histogram", frame=20)

# %% [markdown]
# Even the right picture contains more than the histogram keeps: it counts *how much*, never *where*. So we put the
# pixels of a frame into a random order.

# %%
frame = vl.open_media(clapping).sample(16, size=(64, 64))[0][6]
rng = np.random.default_rng(0)
shaken = rng.permutation(frame.reshape(-1, 3)).reshape(frame.shape)
histogram, of_shaken = features.color_histogram(np.stack([frame, shaken]))
print("numbers in a histogram:", histogram.size, "  equal:", np.array_equal(histogram, of_shaken))
plots.gallery({"a frame": frame, "the same pixels, shaken": shaken}, width=7)

# %% [markdown]
# Written down, with $h, s, v$ the bins of hue, saturation and value, and $N$ pixels $p$ in the frame:
#
# $$H(h, s, v) = \frac{1}{N}\;\#\{\,p : \text{hue}(p) \in h,\ \text{saturation}(p) \in s,\ \text{value}(p) \in v\,\}$$
#
# The formula contains no position, so neither does the histogram. What is it good for, then? For recognising the scene
# of a film. Here is the mean distance between the histograms of two films of *different* actors that share their scene,
# their action, or neither, which counts as 1.

# %% tags=["nbval-ignore-output"]
X = vl.extract(table, features.ColorHistogram(), progress=False)
distances = np.linalg.norm(X[:, None] - X[None], axis=2)
columns = [table[name].to_numpy() for name in ("scene", "label", "group")]
scene, action, actor = (column[:, None] == column for column in columns)
neither = distances[~actor & ~action & ~scene].mean()
by_color = {"scene only": distances[~actor & scene & ~action].mean() / neither,
            "action only": distances[~actor & action & ~scene].mean() / neither, "neither": 1}
vl.report("distance of films that share the scene", by_color["scene only"], at_most=0.55)
vl.report("distance of films that share the action", by_color["action only"], at_least=0.95)
plots.bars(by_color, alt="films of one scene are closer",
           xlabel="mean distance (films that share neither: 1)")

# %% [markdown]
# Films of the same scene are much closer to each other. Films of the same action are no closer at all.
#
# ## Which way the edges run
#
# Clothes, light and walls change, but the *outline* of a raised arm stays the same. A **histogram of oriented
# gradients** (Dalal and Triggs, 2005) cuts the picture into cells and measures in each: which way do the edges run
# here, and how strong are they? Move the size of the cells and the number of directions. When do you still see the
# puppet? When do you see what it does?

# %%
widgets.FeatureExplorer(clapping, feature="HOG", frame=20)

# %% [markdown]
# ### HOG by hand: gradients
#
# First, where does the picture change? The *gradient* of a pixel is two numbers: its right neighbour minus its left
# one, and the one below minus the one above. (That is the change over *two* pixels; notebook 04 will need half of it.)
# In a colour picture each channel has its own gradient; the strongest counts.

# %%
def gradients(frame):
    padded = np.pad(frame.astype(float), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    right = padded[1:-1, 2:] - padded[1:-1, :-2]
    down = padded[2:, 1:-1] - padded[:-2, 1:-1]
    strongest = np.hypot(right, down).argmax(axis=2)[..., None]
    return [np.take_along_axis(change, strongest, axis=2)[..., 0] for change in (right, down)]


right, down = gradients(frame)
strength, angle = np.hypot(right, down), np.degrees(np.arctan2(down, right)) % 180
changes = {"change to the right": right, "change downwards": down, "strength": strength}
plots.gallery({"the frame": frame, **changes}, color_map="RdBu_r", bounds=(-255, 255),
              unit="change (levels of 255)")

# %% [markdown]
# With $r$ the change to the right and $d$ the change downwards, the strength is $m = \sqrt{r^2 + d^2}$ and the
# orientation $\theta = \arctan(d / r)$, taken between 0° and 180°: from dark to light counts like from light to dark,
# so that a white shirt on a dark wall and a dark shirt on a white wall look alike.
#
# ### Votes and cells
#
# Each pixel of an 8×8 cell now votes for its orientation, in one of nine bins of 20°, with its strength as weight.

# %%
rows, columns = np.mgrid[:64, :64] // 8
cells = np.zeros((8, 8, 9))
np.add.at(cells, (rows, columns, (angle // 20).astype(int)), strength)

r, c = np.unravel_index(cells.max(axis=2).argmax(), (8, 8))
figure, (left, chart) = plots.axes("a cell and its votes in bins", columns=2,
                                   height=2.6, width_ratios=[1, 3])
left.imshow(frame[8 * r : 8 * r + 8, 8 * c : 8 * c + 8])
left.set(xlabel=f"cell ({r}, {c})", xticks=[], yticks=[])
chart.bar(np.arange(10, 180, 20), cells[r, c], width=17, color=plots.PALETTE[0])
chart.set(xlabel="orientation (degrees)", ylabel="votes (levels)", xticks=range(0, 181, 20))
figure

# %% [markdown]
# A gradient runs *across* its edge: votes near 0° come from vertical edges, votes near 90° from horizontal ones.
#
# ### Blocks
#
# In the shade all gradients are weaker. So 2×2 neighbouring cells form a block of 36 numbers $b$, and each block is
# scaled to length 1: $b \leftarrow b / (\lVert b \rVert + \varepsilon)$. Numbers above 0.2 are set to 0.2, so that one
# sharp edge cannot drown out the rest, and the length is made 1 once more (the paper calls it L2-Hys). The
# $\varepsilon$ prevents the noise of an empty wall from being scaled up to "edges". OpenCV takes a tenth for each number
# of the block, 36 · 0.1 = 3.6, and the second time, where only a division by zero has to be avoided, 0.001.

# %%
FIRST_EPSILON, SECOND_EPSILON, CLIP = 36 * 0.1, 1e-3, 0.2


def normalize(blocks):
    length = np.sqrt((blocks**2).sum(axis=(2, 3, 4), keepdims=True))
    blocks = np.minimum(blocks / (length + FIRST_EPSILON), CLIP)
    return blocks / (np.sqrt((blocks**2).sum(axis=(2, 3, 4), keepdims=True)) + SECOND_EPSILON)


blocks = np.stack([[cells[r : r + 2, c : c + 2] for c in range(7)] for r in range(7)])
by_hand, library = normalize(blocks), features.hog(frame)
print("shape:", by_hand.shape, library.shape, "  numbers:", library.size)
vl.report("correlation", np.corrcoef(by_hand.ravel(), library.ravel())[0, 1], at_least=0.87)
both = {"by hand": by_hand, "vmm_lab.features.hog": library}
plots.gallery({name: plots.draw_hog(frame, blocks) for name, blocks in both.items()})

# %% [markdown]
# Very similar, but not the same, so something is still missing. A pixel at 19.9° gave its whole vote to the first bin,
# and at 20.1° to the second; the same jump happens at the border of a cell. The library *shares* each vote
# (interpolation, a *soft* histogram): between the two nearest bins, and between the four cells of the block, with the
# larger part for the nearer one. The lines show which part of a vote each bin gets, the squares which part each of the
# four cells gets from the 16×16 pixels of a block.

# %%
place = (np.arange(16) + 0.5) / 8 - 0.5  # of 16 pixels, counted in cells: 0 and 1 are the middles
near = np.clip(1 - np.abs(place[:, None] - np.arange(2)), 0, 1)  # the part for either cell
part_of = {(r, c): np.outer(near[:, r], near[:, c]) for r, c in product(range(2), range(2))}

figure, chart = plots.axes("shares of bins", height=2, xlabel="orientation (degrees)",
                           ylabel="share of the vote")
for k, degrees in enumerate(range(10, 180, 20)):
    chart.plot([degrees - 20, degrees, degrees + 20], [0, 1, 0], color=plots.PALETTE[k])
chart.set(xlim=(0, 180), xticks=range(10, 180, 20))
display(figure)
plots.gallery({f"cell {cell}": part for cell, part in part_of.items()}, color_map="magma",
              bounds=(0, 1), unit="share of the vote")

# %% [markdown]
# In code: first each pixel's vote in two bins, then for each block and each of its four cells the sum of the pixels'
# votes, each with its part.

# %%
lower, share = np.divmod(angle / 20 - 0.5, 1)
lower, (y, x) = lower.astype(int), np.mgrid[:64, :64]
votes = np.zeros((64, 64, 9))
votes[y, x, lower % 9] = strength * (1 - share)
votes[y, x, (lower + 1) % 9] = strength * share

shared = np.zeros((7, 7, 2, 2, 9))
for block_row, block_column in product(range(7), range(7)):
    top, left = 8 * block_row, 8 * block_column
    window = votes[top : top + 16, left : left + 16]
    for (r, c), part in part_of.items():
        shared[block_row, block_column, r, c] = (window * part[..., None]).sum(axis=(0, 1))
shared.shape

# %%
difference = np.abs(normalize(shared) - library)
vl.report("largest difference of any of the 1764 numbers", difference.max(), at_most=0.01)
before = np.abs(by_hand - library)
found = {"votes not shared": before.max(), "votes shared": difference.max()}
plots.bars(found, alt="the difference is gone", xlabel="largest difference from the library's HOG")

# %% [markdown]
# Now every number agrees: there is nothing hidden in the library's HOG. It is only faster.
#
# ### OpenCV's parameters
#
# `features.hog` calls OpenCV. If you use `cv2.HOGDescriptor()` yourself, its defaults give other numbers: it was made
# to find pedestrians in windows of 64×128.

# %% tags=["nbval-ignore-output"]
theirs, meaning = cv2.HOGDescriptor(), {
    "winSize": ("the frame", "width × height of what is described"),
    "cellSize": ((8, 8), "pixels of a cell"), "nbins": (9, "orientations over 180°"),
    "blockSize": ((16, 16), "pixels of a block: 2×2 cells"),
    "blockStride": ((8, 8), "from block to block: one cell"),
    "derivAperture": (1, "the gradient [−1, 0, 1]"), "L2HysThreshold": (0.2, "the clip above"),
    "winSigma": (1e6, "a Gaussian over the block; −1: a quarter of it; wide: none"),
    "gammaCorrection": (False, "square root of the grey levels first"),
}
pd.DataFrame({"cv2.HOGDescriptor()": {name: getattr(theirs, name) for name in meaning},
              "features.hog": {name: ours for name, (ours, _) in meaning.items()},
              "what it is": {name: text for name, (_, text) in meaning.items()}})

# %% [markdown]
# ### What changes it, what does not
#
# A feature is chosen for what it ignores. Here is how similar a frame is to itself (1 is "the same") after four
# changes: the *shared mass* of two colour histograms, $\sum \min(H, H')$, and the correlation of two HOGs.

# %% tags=["nbval-ignore-output"]
turn = cv2.getRotationMatrix2D((32, 32), 30, 1)
turned = cv2.warpAffine(frame, turn, (64, 64), borderMode=cv2.BORDER_REPLICATE)
changed = {"half the light": frame // 2, "red and blue swapped": frame[..., ::-1].copy(),
           "pixels shaken": shaken, "turned by 30°": turned}
others = features.color_histogram(np.stack([*changed.values()]))
colors = np.minimum(histogram, others).sum(axis=(1, 2, 3))
hogs = np.corrcoef([features.hog(p).ravel() for p in (frame, *changed.values())])[0, 1:]
vl.report("HOG in half the light", hogs[0], at_least=0.93)
vl.report("colour in half the light", colors[0], at_most=0.23)
vl.report("HOG turned by 30°", hogs[3], at_most=0.11)
names = [f"{name}\ncolour {c:.2f}, HOG {h:.2f}" for name, c, h in zip(changed, colors, hogs)]
plots.gallery(dict(zip(names, changed.values())))

# %% [markdown]
# They are opposites. HOG hardly changes with the light or when red and blue are swapped, but changes completely with a
# tilted camera; the colour histogram changes with the light, and not with anything that only moves pixels.
#
# ## Corners
#
# Can a feature survive turning *and* zooming? Not if it looks everywhere: it has to find the same few places again.
# Which places can be found again? Look at a small window of a street, and compare it with the window moved by one
# pixel. On an empty wall nothing changes. Along an edge nothing changes either, only across it. At a **corner** it
# changes whichever way you move. How much it changes is in the products of the gradients, summed over the window $W$:
#
# $$A = \sum_W \begin{pmatrix} I_x^2 & I_x I_y \\ I_x I_y & I_y^2 \end{pmatrix}$$
#
# This is the **structure tensor**. Its larger eigenvalue is the change in the direction that changes most, its smaller
# one in the direction that changes least. Shi and Tomasi (1994) take the smaller one as the strength of a corner;
# Harris and Stephens (1988) a formula of both, because eigenvalues were expensive.

# %%
street = vl.open_media(assets.fetch("bikes")).sample(3, size=(136, 320))[0][1]
light = np.float32(cv2.cvtColor(street, cv2.COLOR_RGB2GRAY) / 255)


def structure_tensor(light, side=5):
    """Sum the products of the gradients over windows of side×side pixels: (H, W, 2, 2)."""
    options = {"ddepth": -1, "ksize": 3, "scale": 1 / (4 * side)}  # as OpenCV's corners do
    right, down = (cv2.Sobel(light, dx=1 - k, dy=k, **options) for k in (0, 1))
    products = right * right, right * down, right * down, down * down
    sums = [cv2.boxFilter(p, -1, (side, side), normalize=False) for p in products]
    return np.stack(sums, axis=-1).reshape(*light.shape, 2, 2)


print(structure_tensor(light)[20, 170].round(4), "at an edge")

# %%
smaller, larger = np.moveaxis(np.linalg.eigvalsh(structure_tensor(light)), -1, 0)
library = cv2.cornerMinEigenVal(light, blockSize=5, ksize=3)
off = np.abs(smaller - library).max() / library.max()
vl.report("difference from OpenCV's, as a share of the strongest", off, at_most=1e-4)
places = {"a wall": (51, 294), "an edge": (20, 170), "a corner": (21, 205)}
figure, axes = plots.axes("a wall, an edge, a corner", columns=6, height=2, width_ratios=[2, 1] * 3)
for (name, (y, x)), picture, chart in zip(places.items(), axes[::2], axes[1::2]):
    picture.imshow(street[y - 7 : y + 8, x - 7 : x + 8])
    picture.set(title=name, xticks=[], yticks=[])
    chart.bar(["one", "other"], [larger[y, x], smaller[y, x]], color=plots.PALETTE[:2])
    chart.set(ylim=(0, 0.05), yticks=[0, 0.05])
figure

# %% [markdown]
# Two small numbers, one large one, two large ones. Notebook 04 meets the same matrix again, where it decides whether a
# motion can be measured. Below are the 40 strongest corners, at least 6 pixels apart, as
# `cv2.goodFeaturesToTrack` finds them.

# %%
corners = cv2.goodFeaturesToTrack(light, 40, 0.01, 6, blockSize=5)[:, 0]
pale = np.uint8(170 + 85 * light)[..., None].repeat(3, axis=2)  # to draw on
marked = plots.resized(pale, 3)
for x, y in corners:
    cv2.circle(marked, (round(3 * x + 1), round(3 * y + 1)), 7, (200, 60, 0), 2, cv2.LINE_AA)
plots.gallery({"40 corners": marked})

# %% [markdown]
# ## Blobs, and how large they are
#
# A corner has no size of its own: seen from half the distance, it is twice as large, and the window of five pixels
# shows something else. **Scale space** finds a size for each place. Blur the picture more and more, with a Gaussian of
# width $\sigma$, and subtract each picture from the next: the *difference of Gaussians* (DoG). It answers where
# something is about as large as the blur, lighter or darker than its surroundings: a **blob**.

# %%
def dog(light, sigma):
    """Blur a little more, minus blurred: what is about as large as sigma."""
    return cv2.GaussianBlur(light, (0, 0), 2**0.25 * sigma) - cv2.GaussianBlur(light, (0, 0), sigma)


shown = {f"σ = {sigma} pixels": dog(light, sigma)[:, 60:260] for sigma in (2, 4, 8)}
plots.gallery(shown, color_map="RdBu_r", bounds=(-0.05, 0.05), unit="DoG")

# %% [markdown]
# Red is darker than its surroundings, because blurring makes it lighter. Now we stay at one place, the head of a
# cyclist, and look at all sizes; then we do the same in a picture of half the size.

# %%
x, y = 138, 31
half = cv2.resize(light, (160, 68), interpolation=cv2.INTER_AREA)
sigmas = 1.2 * 2 ** (np.arange(17) / 4)
answers = {"the picture": [abs(dog(light, s)[y, x]) for s in sigmas],
           "half the size": [abs(dog(half, s)[y // 2, x // 2]) for s in sigmas]}
best = {name: sigmas[np.argmax(answer)] for name, answer in answers.items()}
figure, axis = plots.axes("the answer by size, in both pictures", height=2.6, ylabel="|DoG|",
                          xlabel="σ of the blur (pixels)")
for (name, answer), line in zip(answers.items(), ("-", "--")):
    axis.plot(sigmas, answer, line, label=f"{name}: largest at σ = {best[name]:.1f}")
axis.set_xscale("log", base=2)
figure

# %%
points, _ = features.sift(street, n_keypoints=200)
nearest = points[np.linalg.norm(points[:, :2] - (x, y), axis=1).argmin()]
size = best["the picture"]
print(f"SIFT's keypoint there is {nearest[2]:.1f} pixels wide, and 2 σ is {2 * size:.1f}")
ratio = size / best["half the size"]
vl.report("size in the picture / size in the half", ratio, at_least=1.9, at_most=2.1)

# %% [markdown]
# In the smaller picture the same place is largest at half the $\sigma$. So a place can measure its own size, and no
# longer depends on the zoom. This is how **SIFT** (Lowe, 2004) finds its *keypoints*: extrema of the DoG over place and
# size, mostly blobs. Those along edges are removed by a test like the one above, on the two eigenvalues of the DoG's
# second derivatives. Each then gets its own direction, and its surroundings are described by a small HOG of 128
# numbers, measured in that size and direction. When the picture turns, the small HOG turns with it. (The explorer shows
# the 16 cells of any keypoint: choose *SIFT* as the feature.)

# %%
points, described = features.sift(street, n_keypoints=60)
print("keypoints:", points.shape, "  their descriptors:", described.shape)
drawn = plots.draw_keypoints(pale, points, scale=3, color=(0, 0, 0))
plots.gallery({"60 keypoints: a circle for the size, a line for the direction": drawn})

# %% [markdown]
# ### The same place again
#
# To test this, we turn and shrink the street ourselves. Then we know where each keypoint *must* be found again: a match
# is **right** if it is within 3 pixels of that place. For each keypoint we take the two nearest descriptors of the
# other picture. Lowe's **ratio test** keeps the match only if the best is clearly nearer than the second best, here
# below 0.8 of its distance: a keypoint that looks like two others could be either of them.

# %%
def turn_and_zoom(picture, degrees, zoom):
    height, width = picture.shape[:2]
    warp = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    return cv2.warpAffine(picture, warp, (width, height)), warp


other, warp = turn_and_zoom(street, 30, 0.8)
plots.gallery({"turned by 30°, 0.8 of its size": other}, width=6)

# %%
def match(picture, other, warp, ratio):
    points, described = features.sift(picture, n_keypoints=200)
    other_points, other_described = features.sift(other, n_keypoints=200)
    nearest = cv2.BFMatcher().knnMatch(described, other_described, k=2)
    kept = [best for best, second in nearest if best.distance <= ratio * second.distance]
    pairs = np.array([(best.queryIdx, best.trainIdx) for best in kept])
    expected = points[pairs[:, 0], :2] @ warp[:, :2].T + warp[:, 2]
    right = np.linalg.norm(expected - other_points[pairs[:, 1], :2], axis=1) < 3
    return points, other_points, pairs, right


points, other_points, pairs, right = match(street, other, warp, 0.8)
print("matches that pass the test:", len(right), "  right:", right.sum())

# %% tags=["nbval-ignore-output"]
every, pale_other = match(street, other, warp, 1.0)[3], turn_and_zoom(pale, 30, 0.8)[0]
vl.report("share of right matches, ratio test", right.mean(), at_least=0.90)
vl.report("share of right matches, nearest alone", every.mean(), at_most=0.65)
vl.report("of the right ones, the test keeps", right.sum() / every.sum(), at_least=0.84)
vl.report("of the wrong ones, the test keeps", (~right).sum() / (~every).sum(), at_most=0.1)
drawn = {f"{chosen.sum()} {name} matches pass the test, of {of.sum()}":
         plots.draw_matches(pale, points, pale_other, other_points, pairs[chosen])
         for name, chosen, of in (("right", right, every), ("wrong", ~right, ~every))}
plots.gallery(drawn, columns=1)

# %% [markdown]
# How far does this work? We try all angles and three sizes, with 200 keypoints each. Solid lines keep the matches that
# pass the ratio test, dotted lines keep every nearest neighbour.

# %%
figure, (share, number) = plots.axes("matches by angle and size", columns=2, height=3,
                                     xlabel="turned by (degrees)")
angles, sizes = range(0, 181, 20), {1: "original size", 0.7: "0.7 of it", 0.5: "half of it"}
for zoom, color in zip(sizes, plots.PALETTE):
    for ratio, line in ((0.8, "-"), (1, ":")):
        found = [match(street, *turn_and_zoom(street, a, zoom), ratio)[3] for a in angles]
        share.plot(angles, [right.mean() for right in found], line, color=color)
        number.plot(angles, [right.sum() for right in found], line, color=color)
share.set(ylabel="right among the kept (share)", ylim=(0, 1.02))
number.set(xlabel="turned by (degrees)", ylabel="right matches (number)", ylim=(0, 205))
figure.legend(share.lines[::2], sizes.values(), loc="outside upper center", ncols=3)
figure

# %% [markdown]
# The test loses a few right matches and removes nearly all wrong ones. Does the angle matter? At half the size (green)
# the lines are flat: it does not. The dip of the blue line has other reasons than SIFT: at full size, a street turned
# by 90° no longer fits into the picture, what lies outside the frame cannot be matched, and any angle but 0° and 180°
# mixes pixels. Size does matter: small details of the street are gone when the street is half as large.
#
# ## A bag of visual words
#
# One film has 300 keypoints, another 40, and a classifier needs rows of equal length. The trick comes from text:
# describe a document by how often each *word* occurs. Cluster all descriptors into 200 groups; each centre is a word of
# the **vocabulary**, and a film is described by how often each word occurs in it. The vocabulary is *learnt*, so it
# must be learnt from training films only: clustering the test films too would be leakage (notebook 02). Below is one
# film as a row of 200 numbers. The classifier gets the *square roots* of these shares: otherwise a few frequent words
# would decide everything (the distance between square roots is the *Hellinger distance*).

# %%
train, test = vl.split_by_group(table, test=0.3)
bag = features.SIFTBag(n_words=200)
bag.fit_descriptions(features.descriptions(train, bag, progress=False)[0])
learned_from, tested_on = (", ".join(sorted(set(part["group"]))) for part in (train, test))
print(f"vocabulary: {bag.vocabulary_.shape}, learnt from {learned_from}, tested on {tested_on}")
row = bag.encode(features.descriptions(test.iloc[:1], bag, progress=False)[0])[0]
figure, axis = plots.axes("how often each of 200 words occurs in one film", height=2.2,
                          xlabel="visual word (number)", ylabel="share of the\nkeypoints (%)")
axis.bar(range(200), 100 * row**2, width=1, color=plots.PALETTE[0])
figure

# %% [markdown]
# What does a word look like? Each strip shows patches from *test* films, of actors the vocabulary has never seen, that
# belong to the same word.

# %%
patches, words = [], []
for path in test["path"]:
    picture = vl.open_media(path).sample(1)[0][0]
    points, described = features.sift(picture, n_keypoints=60)
    words.extend(pairwise_distances_argmin(described.astype(np.float32), bag.vocabulary_))
    for x, y, diameter, _ in points:
        patch = cv2.getRectSubPix(picture, (round(3 * diameter) | 1,) * 2, (float(x), float(y)))
        patches.append(cv2.resize(patch, (48, 48)))
common = np.bincount(words).argsort()[::-1][:4]
patches, words = np.stack(patches), np.array(words)
rows = {f"common word {k}": patches[words == word][:10] for k, word in enumerate(common, 1)}
vl.filmstrip(rows, n=10)

# %% [markdown]
# Bright spots, faces, the edge between something dark and something light: a word is a *kind of patch*, and its patches
# are not always similar.
#
# ## What does each feature know?
#
# All three features get the same simple classifier, the linear support vector machine of `compare` (notebook 05
# explains it), and the same test: each actor is held out in turn. First question: **what happens** in the film? One
# thing we know in advance. Standing up is sitting down played backwards, and these features average over frames, so for
# this pair no classifier can do better than guess: the best expected accuracy is $(1 + 1 + \tfrac12 + \tfrac12) / 4 =
# 0.75$.

# %% tags=["nbval-ignore-output"]
methods = [features.ColorHistogram(), features.HOG(), features.SIFTBag()]
board = vl.compare(table, methods=methods, vote=False, progress=False).frame
what = board.set_index("name")["accuracy"]
vl.report("what, HOG", what["HOG"], at_least=0.70, at_most=0.82)
vl.report("what, bag of words", what["SIFTBag"], at_most=0.47)
vl.report("what, colour", what["ColorHistogram"], at_most=0.28)
vl.report("what, majority class", what["Majority class"], at_most=0.25)
plots.score_bars(board, title="What happens? Four actions, six actors, 96 films")

# %% [markdown]
# HOG is at this limit; what it has above 0.75 is luck. Colour does no better than guessing. The bag of words does
# better than guessing and far worse than HOG: it knows that there is a hand, but not where. HOG keeps *where*. Second
# question: **where** do the same films play?

# %% tags=["nbval-ignore-output"]
scenes = table.assign(label=table["scene"])
board = vl.compare(scenes, methods=methods, vote=False, progress=False).frame
where = board.set_index("name")["accuracy"]
vl.report("where, HOG", where["HOG"], at_least=0.93)
vl.report("where, bag of words", where["SIFTBag"], at_least=0.92)
vl.report("where, colour", where["ColorHistogram"], at_least=0.85)
vl.report("where, majority class", where["Majority class"], at_most=0.42)
plots.score_bars(board, title="Where does it play? Four scenes, six actors, 96 films")

# %% [markdown]
# All three do well, HOG best of all. So is HOG simply the best feature? One more question: where do they play, if
# somebody held the phone **sideways**? The scenes are learnt from upright films of four actors; the films of the other
# two are turned by 90°.

# %% tags=["nbval-ignore-output"]
def scene_scores(feature):
    """Learn the scenes from upright films; return the accuracy on upright and on turned ones."""
    model = tasks.LinearSVM().fit(feature.transform(lessons), train["scene"])
    return [np.mean(model.predict(feature.transform(films)) == test["scene"]) for films in exams]


lessons, upright = ([vl.open_media(path).sample(4, size=(128, 128))[0] for path in part["path"]]
                    for part in (train, test))
exams = upright, [np.rot90(film, axes=(1, 2)).copy() for film in upright]
hog = features.HOG(size=(128, 128), pixels_per_cell=(16, 16))
three = {"ColorHistogram": features.ColorHistogram(size=(128, 128)), "HOG": hog, "SIFTBag": bag}
sideways = pd.DataFrame({name: scene_scores(feature) for name, feature in three.items()},
                        index=["upright", "sideways"]).T
sideways.round(2)

# %%
vl.report("scenes sideways, HOG", sideways["sideways"]["HOG"], at_most=0.63)
vl.report("scenes sideways, colour", sideways["sideways"]["ColorHistogram"], at_least=0.93)
vl.report("scenes sideways, bag of words", sideways["sideways"]["SIFTBag"], at_least=0.93)
questions = {"what happens?": what[list(three)], "where?": where[list(three)],
             "where, sideways?": sideways["sideways"]}
figure, axes = plots.axes("accuracy in three questions", columns=3, height=2.2, sharey=True)
for axis, (question, right) in zip(axes, questions.items()):
    plots.bars(right, axis=axis, title=question, xlabel="accuracy",
               texts=[f"{r:.2f}" for r in right])
    axis.set_xlim(0, 1.2)
figure

# %% [markdown]
# HOG loses this one by far: in a turned picture every edge has another direction and another place. The colours are the
# same, and SIFT turns with the picture. So no feature is good or bad in itself. Each ignores something, and what
# matters is whether the question depends on it: *where* the hand is matters for the action, and which way is up matters
# as soon as nobody can rely on it.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("03.scramble")` gives a nudge, and a second one if you ask again;
# `vl.solution("03.scramble")` shows one way. The stars say how hard an exercise is.
#
# **1. Fool the histogram.** ★ Write `scramble(frame)`: another picture of the same shape, uint8 (H, W, 3), which no
# colour histogram can tell from `frame`. Shaking, as above, is one way; there is a much shorter one.

# %%
def scramble(frame):
    ...


vl.check("03.scramble", scramble)

# %% [markdown]
# **2. HOG and a turned picture.** ★★ Write `turned_cell(votes, degrees)`. `votes` are the nine bins of one cell: the
# first from 0° to 20°, the last from 160° to 180°, with 0° to the right and angles growing clockwise. What are the
# votes once the picture was turned clockwise by `degrees`, a multiple of 20?

# %%
def turned_cell(votes, degrees):
    ...


vl.check("03.turned_cell", turned_cell)

# %% [markdown]
# **3. Corner or edge?** ★★★ Write `corner_strength(right, down)` for the gradients of one window, two float arrays of
# the same shape: the smaller eigenvalue of their structure tensor (Shi and Tomasi).

# %%
def corner_strength(right, down):
    ...


vl.check("03.corner_strength", corner_strength)

# %% [markdown]
# **4. Matches that you can trust.** ★★ Write `ratio_test(distances)` in NumPy. `distances[i, j]` is the distance from
# keypoint i of one picture to keypoint j of the other; return the rows i whose smallest distance is below 0.8 of their
# second smallest.

# %%
def ratio_test(distances):
    ...


vl.check("03.ratio_test", ratio_test)

# %% [markdown]
# **5. A bag of words.** ★★ Write `bag_of_words(descriptors, vocabulary)`, of shapes (n, d) and (k, d): k shares, what
# part of the descriptors is nearest to each word. A picture without descriptors gets zeros.

# %%
def bag_of_words(descriptors, vocabulary):
    ...


vl.check("03.bag_of_words", bag_of_words)

# %% [markdown]
# **Open question.** Your phone can recognise the room it is in, by day and by night, upright and sideways. Which of the
# three features would you build on, what would you change in it, and with which films would you test it? There is no
# check for this one: write down your answer and discuss it with somebody.
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). First,
# without any labels: which two of your videos are most similar according to each feature? Then, where there are labels,
# the same honest table as above.

# %% tags=["nbval-ignore-output"]
mine, strips = vl.my_table(), {}
for name, feature in {"colour": features.ColorHistogram(), "HOG": features.HOG()}.items():
    X = vl.extract(mine, feature, on_error="skip", progress=False)
    distances = np.linalg.norm(X[:, None] - X[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    for side, row in zip((1, 2), np.unravel_index(np.nanargmin(distances), distances.shape)):
        film = vl.open_media(mine["path"].iloc[row])
        strips[f"{name} {side}"] = film.sample(6, size=(72, 96))[0]
vl.filmstrip(strips)

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1
no_labels = "Without labels there is no score; the strips above need none."
vl.compare(mine, methods=methods, progress=False) if labelled else no_labels

# %% [markdown]
# ## What you learnt
#
# Choosing a feature means choosing what to ignore. Colour histograms ignore positions; HOG ignores light and colour and
# keeps outlines, as long as nobody turns the camera; corners and blobs are places that can be found again, and SIFT
# describes them independently of rotation and size; a bag of words ignores where they were. You built HOG by hand down
# to the last number, and saw each feature lose a question.
#
# **Next:** 04 looks at what none of these can see. Sitting down or standing up? The frames are the same; only their
# order is different.
#
# ## Further reading
#
# * N. Dalal and B. Triggs, *Histograms of oriented gradients for human detection*, CVPR 2005.
# * D. G. Lowe, *Distinctive image features from scale-invariant keypoints*, International Journal of Computer Vision
#   60, 2004; with a clear section on scale space.
# * R. Szeliski, *Computer Vision: Algorithms and Applications*, 2nd edition, Springer 2022, chapter 7 on features and
#   matching.
