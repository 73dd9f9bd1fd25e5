# %% [markdown]
# # 03 · Handcrafted features
#
# **Which few numbers say what is in a picture, and which never could?**
#
# A frame of 64×64 pixels is 12,288 numbers, and most of them say nothing by themselves. For fifty years, from the first
# edge detectors of the 1960s on, people thought about what to keep: how much of which colour, which way the edges run,
# what the corners look like. Nothing is learnt from millions of pictures here; somebody had a good idea and wrote it down.
#
# In this notebook you will
#
# * find out what a colour histogram sees, and fool it completely,
# * build a histogram of oriented gradients (HOG) by hand and meet every number of it again in the library's,
# * watch SIFT find the same corner in a turned picture, and turn corners into *words* that can be counted.
#
# About 30 minutes to read, half a minute to run.

# %%
import os

import cv2
import numpy as np
import pandas as pd
from sklearn.metrics import pairwise_distances_argmin

import vmm_lab as vl
from vmm_lab import assets, features, plots, widgets

# %% [markdown]
# ## The films
#
# The small theatre has 24 films, too few to compare features by: one film more or less would move a score by four
# points. Another `seed` plays the same actions with the same six actors again, in other scenes, at another pace. Four
# evenings give 96 films.

# %% tags=["nbval-ignore-output"]
evenings = [vl.load_table("theatre", seed=evening) for evening in range(4)]
table = pd.concat(evenings, ignore_index=True)
one_of_each = table.groupby("label")["path"].first()
films = {k: vl.open_media(path).sample(6, size=(64, 64))[0] for k, path in one_of_each.items()}
vl.filmstrip(films, width=4.5)

# %%
vl.report("films", len(table), at_least=96)

# %% [markdown]
# ## How much of which colour
#
# A **colour histogram** sorts the pixels into bins of hue (which colour), saturation (how colourful) and value (how
# bright), and counts them. Below, the right picture is painted with the middle of each pixel's bin: that is all the
# histogram is told. Move the number of bins and the frame.

# %%
clapping = table.query("label == 'clap' and group == 'Mei'")["path"].iloc[0]
widgets.FeatureExplorer(clapping, feature="Colour histogram", frame=20)

# %% [markdown]
# Even the right picture tells you more than the histogram keeps: it knows *how much*, never *where*. So throw all
# pixels of a frame into a bag, shake it, and lay them out again anywhere.

# %%
frame = vl.open_media(clapping).sample(16, size=(64, 64))[0][6]
rng = np.random.default_rng(0)
shaken = rng.permutation(frame.reshape(-1, 3)).reshape(frame.shape)
plots.gallery({"a frame": frame, "the same pixels, shaken": shaken}, width=4)

# %%
seen, seen_shaken = features.color_histogram(np.stack([frame, shaken]))
print("Does the histogram see a difference?", not np.array_equal(seen, seen_shaken))

# %% [markdown]
# Written down, with $h, s, v$ the bins of hue, saturation and value, and $N$ pixels $p$ in the frame:
#
# $$H(h, s, v) = \frac{1}{N}\;\#\{\,p : \text{hue}(p) \in h,\ \text{saturation}(p) \in s,\ \text{value}(p) \in v\,\}$$
#
# There is no place in the formula, so there is none in the answer. What is it good for, then? For telling *where* a
# film plays. Here is the mean distance between the histograms of two films of different actors that share their scene,
# their action, or neither, which counts as 1.

# %% tags=["nbval-ignore-output"]
def distances(X):
    apart = np.linalg.norm(X[:, None] - X[None], axis=2)
    columns = [table[name].to_numpy() for name in ("scene", "label", "group")]
    scene, action, actor = (column[:, None] == column for column in columns)
    mean = {"scene only": apart[~actor & scene & ~action].mean(),
            "action only": apart[~actor & action & ~scene].mean(),
            "neither": apart[~actor & ~action & ~scene].mean()}
    return pd.Series(mean, name="mean distance") / mean["neither"]


by_color = distances(vl.extract(table, features.ColorHistogram(), progress=False))
by_color.round(2).to_frame().rename_axis("the two films share")

# %%
vl.report("distance of films that share the scene", by_color["scene only"], at_most=0.55)
vl.report("distance of films that share the action", by_color["action only"], at_least=0.95)

# %% [markdown]
# Sharing the scene brings two films much closer. Sharing the action brings them no closer at all.
#
# ## Which way the edges run
#
# Clothes, light and walls change; a raised arm stays a raised arm. What remains of it is its *outline*. A **histogram
# of oriented gradients** (Dalal and Triggs, 2005) cuts the picture into cells and asks in each: which way do the edges
# run here, and how strong are they? Move the size of the cells and the number of directions. When do you still see the
# puppet? When do you see what it does?

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
figure = plots.Picture("a cell and its votes in bins", figsize=(7, 2.2), layout="constrained")
left, chart = figure.subplots(1, 2, width_ratios=[1, 3])
left.imshow(frame[8 * r : 8 * r + 8, 8 * c : 8 * c + 8])
left.set(xlabel=f"cell ({r}, {c})", xticks=[], yticks=[])
chart.bar(np.arange(10, 180, 20), cells[r, c], width=17, color=plots.PALETTE[0])
chart.set(xlabel="orientation (degrees)", ylabel="votes (levels)", xticks=range(0, 181, 20))
figure

# %% [markdown]
# A gradient runs *across* its edge: votes near 0° come from upright edges, votes near 90° from level ones.
#
# ### Blocks
#
# In the shade all gradients are weaker. So 2×2 neighbouring cells form a block, and each block of numbers $b$ is
# brought to length 1: $b \leftarrow b / (\lVert b \rVert + \varepsilon)$. No number may stay above 0.2, lest one sharp
# edge silence all others, and the length is made 1 once more (the paper calls it L2-Hys). The small $\varepsilon$ keeps
# the noise of an empty wall from being blown up into "edges".

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
alike = np.corrcoef(by_hand.ravel(), library.ravel())[0, 1]
vl.report("correlation of the two", alike, at_least=0.87)

# %% [markdown]
# Much alike, but not the same, and "much alike" is no proof. What is different? A pixel at 19.9° gave its whole vote to
# the first bin, and at 20.1° to the second; a pixel at the rim of a cell likewise. The library, which calls OpenCV,
# *shares* each vote: between the two nearest bins, and between the nearest cells of the block, the nearer one getting
# more. Let us share too.

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
apart = np.abs(shared - library).max()
vl.report("largest difference of any of the 1764 numbers", apart, at_most=0.01)

# %% [markdown]
# Now every number agrees: no magic is left in it. The library's is only faster.
#
# ### What changes it, what does not
#
# A feature is chosen for what it ignores. Here is how alike a frame stays to itself (1 is "the same") after four
# changes: the *shared mass* of two colour histograms, $\sum \min(H, H')$, and the correlation of two HOGs.

# %% tags=["nbval-ignore-output"]
turn = cv2.getRotationMatrix2D((32, 32), 30, 1)
turned = cv2.warpAffine(frame, turn, (64, 64), borderMode=cv2.BORDER_REPLICATE)
changed = {"half the light": frame // 2, "red and blue swapped": frame[..., ::-1].copy(),
           "pixels shaken": shaken, "turned by 30°": turned}
colors = features.color_histogram(np.stack(list(changed.values())))
hogs = [features.hog(picture).ravel() for picture in (frame, *changed.values())]
alike = pd.DataFrame({"colour histogram": [np.minimum(seen, each).sum() for each in colors],
                      "HOG": np.corrcoef(hogs)[0, 1:]}, index=changed)
alike.round(2)

# %%
hog, color = alike["HOG"], alike["colour histogram"]
vl.report("HOG in half the light", hog["half the light"], at_least=0.93)
vl.report("colour in half the light", color["half the light"], at_most=0.23)
vl.report("HOG turned by 30°", hog["turned by 30°"], at_most=0.11)
vl.report("colour turned by 30°", color["turned by 30°"], at_least=0.84)

# %% [markdown]
# They are each other's opposite. HOG shrugs at light and at red swapped for blue, and is thrown by a tilted camera; the
# colour histogram is thrown by light, and shrugs at anything that only moves pixels.
#
# ## The same corner again
#
# Can a feature survive turning *and* zooming? **SIFT** (Lowe, 2004) does not look everywhere. It finds *keypoints*:
# corners and blobs that stand out at some size. Each gets its own size and its own direction, and its surroundings are
# described by a little HOG of 128 numbers, drawn in that size and direction. Turn the picture, and the little HOG turns
# with it.

# %%
street = vl.open_media(assets.fetch("bikes")).sample(3, size=(136, 320))[0][1]
grey = cv2.cvtColor(street, cv2.COLOR_RGB2GRAY)
street = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)  # SIFT sees no colours
points, described = features.sift(street, n_keypoints=60)
print("keypoints:", points.shape, "  their descriptors:", described.shape)
drawn = plots.draw_keypoints(street, points, scale=2)
plots.gallery({"60 keypoints: a circle for the size, a line for the direction": drawn}, width=6)

# %% [markdown]
# The test: turn and shrink the street ourselves. Then we know where each keypoint *must* be found again. A match is
# **right** if it lies within 3 pixels of that place.

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
# others is no proof of anything.

# %%
def match(frame, other, warp, ratio):
    here, described = features.sift(frame, n_keypoints=200)
    there, redescribed = features.sift(other, n_keypoints=200)
    nearest = cv2.BFMatcher().knnMatch(described, redescribed, k=2)
    kept = [best for best, second in nearest if best.distance <= ratio * second.distance]
    pairs = np.array([(best.queryIdx, best.trainIdx) for best in kept])
    expected = here[pairs[:, 0], :2] @ warp[:, :2].T + warp[:, 2]
    right = np.linalg.norm(expected - there[pairs[:, 1], :2], axis=1) < 3
    return here, there, pairs, right


here, there, pairs, right = match(street, other, warp, 0.8)
drawn = [plots.draw_matches(street, here, other, there, pairs[who]) for who in (right, ~right)]
plots.gallery(dict(zip(("right matches", "wrong matches"), drawn)), columns=1, width=6.4)

# %%
vl.report("share of right matches, ratio test", right.mean(), at_least=0.90)
every = match(street, other, warp, 1.0)[3]
vl.report("share of right matches, nearest alone", every.mean(), at_most=0.65)
vl.report("of the right ones, the test keeps", right.sum() / every.sum(), at_least=0.84)
vl.report("of the wrong ones, the test keeps", (~right).sum() / (~every).sum(), at_most=0.1)

# %% [markdown]
# How far does it carry? All angles and three sizes, of 200 keypoints each. Solid lines keep what passes the ratio test,
# dotted lines keep every nearest neighbour.

# %%
figure = plots.Picture("matches by angle and size", figsize=(7.5, 2.7), layout="constrained")
share, number = figure.subplots(1, 2)
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
# The test gives up a few right matches and throws out nearly all wrong ones. Does the angle matter? At half the size
# (green) the lines lie flat: it does not. The dip of the blue line is not SIFT's fault: at full size, a street turned
# upright no longer fits into the picture, and who is not there cannot be found. Size does matter: what is small in the
# street is gone when the street is half as large.
#
# ## A bag of visual words
#
# One film has 300 keypoints, another 40, and a classifier wants rows of equal length. The trick comes from text:
# describe a document by how often each *word* occurs. Cluster all descriptors into 200 groups; each centre is a word of
# the **vocabulary**, and a film is how often each word occurs in it. The vocabulary is *learnt*, so it may look at
# training films only: whoever clusters the test films too has peeked.

# %%
train, test = vl.split_by_group(table, test=0.3)
bag = features.SIFTBag(n_words=200)
found, reasons, seconds = features.descriptions(train, bag, progress=False)
bag.fit_descriptions(found)
both_sides = set(train["group"]) & set(test["group"])
print("actors on both sides:", both_sides or "none", "  vocabulary:", bag.vocabulary_.shape)

# %% [markdown]
# What does such a word look like? Each strip shows patches from *test* films, of actors the vocabulary has never met,
# that were given the same word.

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
# Rims of dark hair, stripes, bright spots above a shadow: a word is a *kind of spot*, and not always a tidy one. A film,
# as the classifier gets it, is a row of 200 numbers:

# %%
row = bag.encode(features.descriptions(test.iloc[:1], bag, progress=False)[0])[0]
told = "how often each of 200 words occurs in one film"
figure = plots.Picture(told, figsize=(8, 1.8), layout="constrained")
axis = figure.subplots()
axis.bar(range(200), 100 * row**2, width=1, color=plots.PALETTE[0])
axis.set(xlabel="visual word (number)", ylabel="share of the\nkeypoints (%)", xlim=(-1, 200))
axis.spines[["top", "right"]].set_visible(False)
figure

# %% [markdown]
# ## Who knows what?
#
# All three features get the same simple classifier, a linear support vector machine (notebook 05), and the same test:
# each actor is held out in turn. First question: **what happens** in the film? One thing we know beforehand. Standing
# up is sitting down played backwards, and these features average over frames, so nobody can do better there than guess:
# the best to be expected is $(1 + 1 + \tfrac12 + \tfrac12) / 4 = 0.75$.

# %% tags=["nbval-ignore-output"]
methods = [features.ColorHistogram(), features.HOG(), features.SIFTBag()]
what = vl.compare(table, methods=methods, progress=False).frame
what = what[what["name"] != "Soft vote"]
plots.score_bars(what, title="What happens? Four actions, six actors, 96 films")

# %%
right = what.set_index("name")["accuracy"]
vl.report("what, HOG", right["HOG"], at_least=0.70, at_most=0.82)
vl.report("what, bag of words", right["SIFTBag"], at_most=0.47)
vl.report("what, colour", right["ColorHistogram"], at_most=0.28)
vl.report("what, majority class", right["Majority class"], at_most=0.25)

# %% [markdown]
# And a second question about the very same films: **where** do they play?

# %% tags=["nbval-ignore-output"]
where = vl.compare(table.assign(label=table["scene"]), methods=methods, progress=False).frame
where = where[where["name"] != "Soft vote"]
plots.score_bars(where, title="Where does it play? Four scenes, six actors, 96 films")

# %%
right = where.set_index("name")["accuracy"]
vl.report("where, HOG", right["HOG"], at_least=0.93)
vl.report("where, bag of words", right["SIFTBag"], at_least=0.92)
vl.report("where, colour", right["ColorHistogram"], at_least=0.85)
vl.report("where, majority class", right["Majority class"], at_most=0.42)

# %% [markdown]
# Colour has lost the first question outright: it is not to be told from guessing. The bag of words does better than
# guessing and far worse than HOG: it knows that there is a hand, and not where. HOG keeps *where*, and reaches about
# what can be expected of it. On the second question all three do well, far above always saying the commonest scene. So
# no feature is good or bad. Each is blind to something, and the question is whether that something matters.
#
# ## Exercises
#
# Replace each `...` and run the cell. `hint("03.scramble")` gives a nudge, and a second one if you ask again;
# `solution("03.scramble")` shows one way.

# %%
from vmm_lab.exercises import check, hint, progress, solution

# %% [markdown]
# **1. Fool the histogram.** Write `scramble(frame)`: another picture of the same shape, uint8 (H, W, 3), which no
# colour histogram can tell from `frame`. Shaking, as above, is one way; there is one in nine characters.

# %%
def scramble(frame):
    ...


check("03.scramble", scramble)

# %% [markdown]
# **2. HOG and a turned picture.** Write `turned_cell(votes, degrees)`. `votes` are the nine bins of one cell: the first
# from 0° to 20°, the last from 160° to 180°, with 0° to the right and angles growing clockwise. What are the votes once
# the picture was turned clockwise by `degrees`, a multiple of 20?

# %%
def turned_cell(votes, degrees):
    ...


check("03.turned_cell", turned_cell)

# %% [markdown]
# **3. Matches that you can trust.** Write `ratio_test(distances)` in NumPy. `distances[i, j]` is the distance from
# keypoint i of one picture to keypoint j of the other; return the rows i whose smallest distance is below 0.8 of their
# second smallest.

# %%
def ratio_test(distances):
    ...


check("03.ratio_test", ratio_test)

# %% [markdown]
# **4. A bag of words.** Write `bag_of_words(descriptors, vocabulary)`, of shapes (n, d) and (k, d): k shares, what part
# of the descriptors is nearest to each word. A picture without descriptors gets zeros.

# %%
def bag_of_words(descriptors, vocabulary):
    ...


check("03.bag_of_words", bag_of_words)

# %% [markdown]
# ## On your own videos
#
# Put the path of your folder or CSV manifest in place of `"theatre"`. First, without any labels: which two of your
# videos look most alike to each feature?

# %%
MY_VIDEOS = os.environ.get("VMM_LAB_VIDEOS") or "theatre"

# %% tags=["nbval-ignore-output"]
mine, strips = vl.load_table(MY_VIDEOS), {}
for name, feature in {"colour": features.ColorHistogram(), "HOG": features.HOG()}.items():
    X = vl.extract(mine, feature, on_error="skip", progress=False)
    apart = np.linalg.norm(X[:, None] - X[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    for side, row in zip((1, 2), np.unravel_index(np.nanargmin(apart), apart.shape)):
        film = vl.open_media(mine["path"].iloc[row])
        strips[f"{name} {side}"] = film.sample(6, size=(48, 64))[0]
vl.filmstrip(strips, width=5.5)

# %%
readable = np.isfinite(X).all(axis=1)
vl.report("share of the pieces that could be read", readable.mean(), at_least=0.5)

# %% [markdown]
# Then, where there are labels, the same honest table as above.

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1
without = "Without labels there is no score; the strips above need none."
vl.compare(mine, methods=methods, progress=False) if labelled else without

# %%
vl.report("pieces of media in the table", len(mine), at_least=1)

# %% [markdown]
# ## What you learned
#
# A feature is a decision about what to forget. Colour histograms forget places, HOG forgets light and colour and keeps
# outlines, SIFT forgets turning and size and keeps corners, and a bag of words forgets where the corners were. You
# built one by hand down to the last number, and saw each of them lose a question and win another.
#
# **Next:** 04 looks at what none of these can see. Sitting down or standing up? The frames are the same; only their
# order tells.
