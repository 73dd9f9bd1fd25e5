# %% [markdown]
# # 03 · Handcrafted features
#
# **Which few numbers describe what is in a picture, and what can they not describe?**
#
# A frame of 64×64 pixels is 12,288 numbers, and most of them mean nothing by themselves. For fifty years, from the first
# edge detectors of the 1960s on, people thought about what to keep: how much of which colour, which way the edges run,
# what the corners look like. Nothing is learnt from millions of pictures here; somebody had a good idea and wrote it
# down.
#
# In this notebook you will
#
# * find out what a colour histogram measures, and fool it completely,
# * build a histogram of oriented gradients (HOG) by hand and compare every number with the library's,
# * watch SIFT find the same corner in a turned picture, and turn corners into *words* that can be counted.
#
# About 30 minutes to read, half a minute to run.

# %%
import cv2
import numpy as np
import pandas as pd
from sklearn.metrics import pairwise_distances_argmin

import vmm_lab as vl
from vmm_lab import assets, features, plots, widgets

# %% [markdown]
# ## The films
#
# The small theatre has 24 films, too few to compare features: one film more or less would move a score by four points.
# Another `seed` plays the same actions with the same six actors again, in other scenes, at another pace. Four evenings
# give 96 films.

# %% tags=["nbval-ignore-output"]
evenings = [vl.load_table("theatre", seed=evening) for evening in range(4)]
table = pd.concat(evenings, ignore_index=True)
one_of_each = table.groupby("label")["path"].first()
films = {k: vl.open_media(path).sample(6, size=(64, 64))[0] for k, path in one_of_each.items()}
vl.filmstrip(films, width=4.5)

# %% [markdown]
# ## How much of which colour
#
# A **colour histogram** sorts the pixels into bins of hue (which colour), saturation (how colourful) and value (how
# bright), and counts them. Below, the right picture is painted with the middle of each pixel's bin: the histogram gets
# no more than this. Move the number of bins and the frame.

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
plots.gallery({"a frame": frame, "the same pixels, shaken": shaken}, width=4)

# %%
histogram, of_shaken = features.color_histogram(np.stack([frame, shaken]))
print("Are the two histograms different?", not np.array_equal(histogram, of_shaken))

# %% [markdown]
# Written down, with $h, s, v$ the bins of hue, saturation and value, and $N$ pixels $p$ in the frame:
#
# $$H(h, s, v) = \frac{1}{N}\;\#\{\,p : \text{hue}(p) \in h,\ \text{saturation}(p) \in s,\ \text{value}(p) \in v\,\}$$
#
# The formula contains no position, so neither does the histogram. What is it good for, then? For recognising the scene
# of a film. Here is the mean distance between the histograms of two films of different actors that share their scene,
# their action, or neither, which counts as 1.

# %% tags=["nbval-ignore-output"]
def mean_distances(X):
    distances = np.linalg.norm(X[:, None] - X[None], axis=2)
    columns = [table[name].to_numpy() for name in ("scene", "label", "group")]
    scene, action, actor = (column[:, None] == column for column in columns)
    mean = {"scene only": distances[~actor & scene & ~action].mean(),
            "action only": distances[~actor & action & ~scene].mean(),
            "neither": distances[~actor & ~action & ~scene].mean()}
    return pd.Series(mean, name="mean distance") / mean["neither"]


by_color = mean_distances(vl.extract(table, features.ColorHistogram(), progress=False))
by_color.round(2).to_frame().rename_axis("the two films share")

# %%
vl.report("distance of films that share the scene", by_color["scene only"], at_most=0.55)
vl.report("distance of films that share the action", by_color["action only"], at_least=0.95)

# %% [markdown]
# Films of the same scene are much closer to each other. Films of the same action are no closer at all.
#
# ## Which way the edges run
#
# Clothes, light and walls change, but the *outline* of a raised arm stays the same. A **histogram of oriented
# gradients** (Dalal and Triggs, 2005) cuts the picture into cells and measures in each: which way do the edges run here,
# and how strong are they? Move the size of the cells and the number of directions. When do you still see the puppet?
# When do you see what it does?

# %%
widgets.FeatureExplorer(clapping, feature="HOG", frame=20)

# %% [markdown]
# ### HOG by hand: gradients
#
# First, where does the picture change? The *gradient* of a pixel is two numbers: its right neighbour minus its left
# one, and the one below minus the one above. In a colour picture every channel has its own; the strongest counts.

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
plots.gallery({"the frame": frame, **changes})

# %% [markdown]
# With $r$ the change to the right and $d$ the change downwards, the strength is $m = \sqrt{r^2 + d^2}$ and the
# orientation $\theta = \arctan(d / r)$, taken between 0° and 180°: from dark to light counts like from light to dark,
# so that a white shirt on a dark wall and a dark shirt on a white wall look alike.
#
# ### Votes and cells
#
# Each pixel of an 8×8 cell now votes for its orientation, in one of nine bins of 20°, with its strength as weight.

# %%
bins = (angle // 20).astype(int)
rows, columns = np.mgrid[:64, :64] // 8
cells = np.zeros((8, 8, 9))
np.add.at(cells, (rows, columns, bins), strength)

r, c = np.unravel_index(cells.max(axis=2).argmax(), (8, 8))
figure, (left, chart) = plots.axes("a cell and its votes in bins", columns=2,
                                   width=7, height=2.2, width_ratios=[1, 3])
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
# In the shade all gradients are weaker. So 2×2 neighbouring cells form a block, and each block of numbers $b$ is scaled
# to length 1: $b \leftarrow b / (\lVert b \rVert + \varepsilon)$. Numbers above 0.2 are set to 0.2, so that one sharp
# edge does not outweigh all others, and the length is made 1 once more (the paper calls it L2-Hys). The small
# $\varepsilon$ prevents the noise of an empty wall from being scaled up to "edges".

# %%
def normalize(blocks):
    length = np.sqrt((blocks**2).sum(axis=(2, 3, 4), keepdims=True))
    blocks = np.minimum(blocks / (length + 3.6), 0.2)
    return blocks / (np.sqrt((blocks**2).sum(axis=(2, 3, 4), keepdims=True)) + 1e-3)


def blocks_of(cells):
    return np.stack([[cells[r : r + 2, c : c + 2] for c in range(7)] for r in range(7)])


by_hand, library = normalize(blocks_of(cells)), features.hog(frame)
both = {"by hand": by_hand, "vmm_lab.features.hog": library}
plots.gallery({name: plots.draw_hog(frame, blocks) for name, blocks in both.items()}, width=6)

# %%
print("by hand:", by_hand.shape, "  library:", library.shape, "  numbers:", library.size)
correlation = np.corrcoef(by_hand.ravel(), library.ravel())[0, 1]
vl.report("correlation of the two", correlation, at_least=0.87)

# %% [markdown]
# Very similar, but not the same, so something is still missing. What is different? A pixel at 19.9° gave its whole vote
# to the first bin, and at 20.1° to the second; the same holds at the border of a cell. The library, which calls OpenCV,
# *shares* each vote: between the two nearest bins, and between the nearest cells of the block, with the larger part for
# the nearer one. We do the same.

# %%
lower, share = np.divmod(angle / 20 - 0.5, 1)
lower = lower.astype(int)
votes, (y, x) = np.zeros((64, 64, 9)), np.mgrid[:64, :64]
votes[y, x, lower % 9] = strength * (1 - share)
votes[y, x, (lower + 1) % 9] = strength * share
place = (np.arange(16) + 0.5) / 8 - 0.5  # of 16 pixels, in cells: 0 and 1 are the middles
near = np.clip(1 - np.abs(place[:, None] - np.arange(2)), 0, 1)
windows = [[votes[8 * r : 8 * r + 16, 8 * c : 8 * c + 16] for c in range(7)] for r in range(7)]
shared = normalize(np.einsum("RCyxo,yr,xc->RCrco", np.array(windows), near, near))
difference = np.abs(shared - library).max()
vl.report("largest difference of any of the 1764 numbers", difference, at_most=0.01)

# %% [markdown]
# Now every number agrees: there is nothing hidden in the library's HOG. It is only faster.
#
# ### What changes it, what does not
#
# A feature is chosen for what it ignores. Here is how similar a frame is to itself (1 is "the same") after four changes:
# the *shared mass* of two colour histograms, $\sum \min(H, H')$, and the correlation of two HOGs.

# %% tags=["nbval-ignore-output"]
turn = cv2.getRotationMatrix2D((32, 32), 30, 1)
turned = cv2.warpAffine(frame, turn, (64, 64), borderMode=cv2.BORDER_REPLICATE)
changed = {"half the light": frame // 2, "red and blue swapped": frame[..., ::-1].copy(),
           "pixels shaken": shaken, "turned by 30°": turned}
colors = features.color_histogram(np.stack(list(changed.values())))
hogs = [features.hog(picture).ravel() for picture in (frame, *changed.values())]
shared_mass = [np.minimum(histogram, other).sum() for other in colors]
hog_correlation = np.corrcoef(hogs)[0, 1:]
similarity = pd.DataFrame({"colour histogram": shared_mass, "HOG": hog_correlation}, index=changed)
similarity.round(2)

# %%
hog, color = similarity["HOG"], similarity["colour histogram"]
vl.report("HOG in half the light", hog["half the light"], at_least=0.93)
vl.report("colour in half the light", color["half the light"], at_most=0.23)
vl.report("HOG turned by 30°", hog["turned by 30°"], at_most=0.11)
vl.report("colour turned by 30°", color["turned by 30°"], at_least=0.84)

# %% [markdown]
# They are opposites. HOG hardly changes with the light or when red and blue are swapped, but changes completely with a
# tilted camera; the colour histogram changes with the light, and not with anything that only moves pixels.
#
# ## The same corner again
#
# Can a feature survive turning *and* zooming? **SIFT** (Lowe, 2004) does not look everywhere. It finds *keypoints*:
# corners and blobs that stand out at some size. Each gets its own size and its own direction, and its surroundings are
# described by a small HOG of 128 numbers, measured in that size and direction. When the picture turns, the small HOG
# turns with it.

# %%
street = vl.open_media(assets.fetch("bikes")).sample(3, size=(136, 320))[0][1]
grey = cv2.cvtColor(street, cv2.COLOR_RGB2GRAY)
street = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)  # SIFT sees no colours
points, described = features.sift(street, n_keypoints=60)
print("keypoints:", points.shape, "  their descriptors:", described.shape)
drawn = plots.draw_keypoints(street, points, scale=2)
plots.gallery({"60 keypoints: a circle for the size, a line for the direction": drawn}, width=6)

# %% [markdown]
# To test this, we turn and shrink the street ourselves. Then we know where each keypoint *must* be found again. A match
# is **right** if it is within 3 pixels of that place.

# %%
def turn_and_zoom(frame, degrees, zoom):
    height, width = frame.shape[:2]
    warp = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    return cv2.warpAffine(frame, warp, (width, height)), warp


other, warp = turn_and_zoom(street, 30, 0.8)
plots.gallery({"turned by 30°, 0.8 of its size": other}, width=3.2)

# %% [markdown]
# For each keypoint we take the two nearest descriptors of the other picture. Lowe's **ratio test** keeps the match only
# if the best is clearly nearer than the second best, here below 0.8 of its distance: a corner that looks like two
# others could be either of them.

# %%
def match(frame, other, warp, ratio):
    points, described = features.sift(frame, n_keypoints=200)
    other_points, other_described = features.sift(other, n_keypoints=200)
    nearest = cv2.BFMatcher().knnMatch(described, other_described, k=2)
    kept = [best for best, second in nearest if best.distance <= ratio * second.distance]
    pairs = np.array([(best.queryIdx, best.trainIdx) for best in kept])
    expected = points[pairs[:, 0], :2] @ warp[:, :2].T + warp[:, 2]
    right = np.linalg.norm(expected - other_points[pairs[:, 1], :2], axis=1) < 3
    return points, other_points, pairs, right


points, other_points, pairs, right = match(street, other, warp, 0.8)
vl.report("share of right matches, ratio test", right.mean(), at_least=0.90)

# %%
drawn = {name: plots.draw_matches(street, points, other, other_points, pairs[chosen])
         for name, chosen in {"right matches": right, "wrong matches": ~right}.items()}
plots.gallery(drawn, columns=1, width=6.4)

# %%
every = match(street, other, warp, 1.0)[3]
vl.report("share of right matches, nearest alone", every.mean(), at_most=0.65)
vl.report("of the right ones, the test keeps", right.sum() / every.sum(), at_least=0.84)
vl.report("of the wrong ones, the test keeps", (~right).sum() / (~every).sum(), at_most=0.1)

# %% [markdown]
# How far does this work? We try all angles and three sizes, with 200 keypoints each. Solid lines keep the matches that
# pass the ratio test, dotted lines keep every nearest neighbour.

# %%
alt = "matches by angle and size"
figure, (share, number) = plots.axes(alt, columns=2, width=7.5, height=2.7)
angles, sizes = range(0, 181, 20), {1: "original size", 0.7: "0.7 of it", 0.5: "half of it"}
for zoom, color in zip(sizes, plots.PALETTE):
    for ratio, line in ((0.8, "-"), (1, ":")):
        found = [match(street, *turn_and_zoom(street, a, zoom), ratio)[3] for a in angles]
        share.plot(angles, [right.mean() for right in found], line, color=color)
        number.plot(angles, [right.sum() for right in found], line, color=color)
share.set(xlabel="turned by (degrees)", ylabel="right among the kept (share)", ylim=(0, 1.02))
number.set(xlabel="turned by (degrees)", ylabel="right matches (number)", ylim=(0, 205))
figure.legend(share.lines[::2], sizes.values(), loc="outside upper center", ncols=3)
figure

# %% [markdown]
# The test loses a few right matches and removes nearly all wrong ones. Does the angle matter? At half the size (green)
# the lines are flat: it does not. The dip of the blue line is not SIFT's fault: at full size, a street turned by 90° no
# longer fits into the picture, and a keypoint outside cannot be found. Size does matter: small details of the street
# are gone when the street is half as large.
#
# ## A bag of visual words
#
# One film has 300 keypoints, another 40, and a classifier wants rows of equal length. The trick comes from text:
# describe a document by how often each *word* occurs. Cluster all descriptors into 200 groups; each centre is a word of
# the **vocabulary**, and a film is described by how often each word occurs in it. The vocabulary is *learnt*, so it must
# be learnt from training films only: clustering the test films too would be leakage (notebook 02).

# %%
train, test = vl.split_by_group(table, test=0.3)
bag = features.SIFTBag(n_words=200)
found, reasons, seconds = features.descriptions(train, bag, progress=False)
bag.fit_descriptions(found)
both_sides = set(train["group"]) & set(test["group"])
print("actors on both sides:", both_sides or "none", "  vocabulary:", bag.vocabulary_.shape)

# %% [markdown]
# What does such a word look like? Each strip shows patches from *test* films, of actors the vocabulary has never seen,
# that belong to the same word.

# %%
patches, words = [], []
for path in test["path"]:
    picture = vl.open_media(path).sample(1)[0][0]
    points, described = features.sift(picture, n_keypoints=60)
    words.extend(pairwise_distances_argmin(described.astype(np.float32), bag.vocabulary_))
    for x, y, diameter, _ in points:
        patch = cv2.getRectSubPix(picture, (round(3 * diameter) | 1,) * 2, (float(x), float(y)))
        patches.append(cv2.resize(patch, (32, 32)))
common = np.bincount(words).argsort()[::-1][:5]
patches, words = np.stack(patches), np.array(words)
vl.filmstrip({f"{word}": patches[words == word][:8] for word in common}, width=4.5)

# %% [markdown]
# Bright spots, faces, the edge of dark hair: a word is a *kind of patch*, and its patches are not always similar. The
# classifier gets each film as a row of 200 numbers:

# %%
row = bag.encode(features.descriptions(test.iloc[:1], bag, progress=False)[0])[0]
figure, axis = plots.axes("how often each of 200 words occurs in one film", width=8, height=1.8)
axis.bar(range(200), 100 * row**2, width=1, color=plots.PALETTE[0])
axis.set(xlabel="visual word (number)", ylabel="share of the\nkeypoints (%)", xlim=(-1, 200))
figure

# %% [markdown]
# ## What does each feature know?
#
# All three features get the same simple classifier, a linear support vector machine (notebook 05), and the same test:
# each actor is held out in turn. First question: **what happens** in the film? One thing we know in advance. Standing up
# is sitting down played backwards, and these features average over frames, so for this pair no classifier can do better
# than guess: the best expected accuracy is $(1 + 1 + \tfrac12 + \tfrac12) / 4 = 0.75$.

# %% tags=["nbval-ignore-output"]
methods = [features.ColorHistogram(), features.HOG(), features.SIFTBag()]
what = vl.compare(table, methods=methods, vote=False, progress=False).frame
plots.score_bars(what, title="What happens? Four actions, six actors, 96 films")

# %%
right = what.set_index("name")["accuracy"]
vl.report("what, HOG", right["HOG"], at_least=0.70, at_most=0.82)
vl.report("what, bag of words", right["SIFTBag"], at_most=0.47)
vl.report("what, colour", right["ColorHistogram"], at_most=0.28)
vl.report("what, majority class", right["Majority class"], at_most=0.25)

# %% [markdown]
# And a second question about the same films: **where** do they play?

# %% tags=["nbval-ignore-output"]
scenes = table.assign(label=table["scene"])
where = vl.compare(scenes, methods=methods, vote=False, progress=False).frame
plots.score_bars(where, title="Where does it play? Four scenes, six actors, 96 films")

# %%
right = where.set_index("name")["accuracy"]
vl.report("where, HOG", right["HOG"], at_least=0.93)
vl.report("where, bag of words", right["SIFTBag"], at_least=0.92)
vl.report("where, colour", right["ColorHistogram"], at_least=0.85)
vl.report("where, majority class", right["Majority class"], at_most=0.42)

# %% [markdown]
# On the first question colour does no better than guessing. The bag of words does better than guessing and far worse
# than HOG: it knows that there is a hand, but not where. HOG keeps *where*, and reaches about what we expected. On the
# second question all three do well, far above always predicting the most frequent scene. So no feature is good or bad
# in itself. Each ignores something, and what matters is whether the question depends on it.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("03.scramble")` gives a nudge, and a second one if you ask again;
# `vl.solution("03.scramble")` shows one way.

# %% [markdown]
# **1. Fool the histogram.** Write `scramble(frame)`: another picture of the same shape, uint8 (H, W, 3), which no
# colour histogram can tell from `frame`. Shaking, as above, is one way; there is a much shorter one.

# %%
def scramble(frame):
    ...


vl.check("03.scramble", scramble)

# %% [markdown]
# **2. HOG and a turned picture.** Write `turned_cell(votes, degrees)`. `votes` are the nine bins of one cell: the first
# from 0° to 20°, the last from 160° to 180°, with 0° to the right and angles growing clockwise. What are the votes once
# the picture was turned clockwise by `degrees`, a multiple of 20?

# %%
def turned_cell(votes, degrees):
    ...


vl.check("03.turned_cell", turned_cell)

# %% [markdown]
# **3. Matches that you can trust.** Write `ratio_test(distances)` in NumPy. `distances[i, j]` is the distance from
# keypoint i of one picture to keypoint j of the other; return the rows i whose smallest distance is below 0.8 of their
# second smallest.

# %%
def ratio_test(distances):
    ...


vl.check("03.ratio_test", ratio_test)

# %% [markdown]
# **4. A bag of words.** Write `bag_of_words(descriptors, vocabulary)`, of shapes (n, d) and (k, d): k shares, what part
# of the descriptors is nearest to each word. A picture without descriptors gets zeros.

# %%
def bag_of_words(descriptors, vocabulary):
    ...


vl.check("03.bag_of_words", bag_of_words)

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). First,
# without any labels: which two of your videos are most similar according to each feature?

# %% tags=["nbval-ignore-output"]
mine, strips = vl.my_table(), {}
for name, feature in {"colour": features.ColorHistogram(), "HOG": features.HOG()}.items():
    X = vl.extract(mine, feature, on_error="skip", progress=False)
    distances = np.linalg.norm(X[:, None] - X[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    for side, row in zip((1, 2), np.unravel_index(np.nanargmin(distances), distances.shape)):
        film = vl.open_media(mine["path"].iloc[row])
        strips[f"{name} {side}"] = film.sample(6, size=(48, 64))[0]
vl.filmstrip(strips, width=5.5)

# %% [markdown]
# Then, where there are labels, the same honest table as above.

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1
no_labels = "Without labels there is no score; the strips above need none."
vl.compare(mine, methods=methods, progress=False) if labelled else no_labels

# %% [markdown]
# ## What you learned
#
# Choosing a feature means choosing what to ignore. Colour histograms ignore positions; HOG ignores light and colour and
# keeps outlines; SIFT ignores rotation and size and keeps corners; a bag of words ignores where the corners were. You
# built one by hand down to the last number, and saw that each of them answers some questions and not others.
#
# **Next:** 04 looks at what none of these can see. Sitting down or standing up? The frames are the same; only their
# order is different.
