# %% [markdown]
# # 04 · Motion
#
# **Sitting down or standing up? Every single frame of one is also a frame of the other. So what tells them apart?**
#
# Notebook 03 ended with three features that look at frames one by one and average what they see. This one looks at what
# lies *between* the frames.
#
# In this notebook you will
#
# * see that an average over frames is the same when the film runs backwards, whatever is averaged,
# * lay a whole movement into one picture, the motion history, by hand and with the library,
# * measure where every pixel goes, test that measurement, and count it (HOF),
# * let them compete for the question above, on enough films to believe the answer.
#
# About 30 minutes to read, half a minute to run.

# %%
import os

import cv2
import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, plots, theatre, widgets

# %% [markdown]
# ## One frame is not enough
#
# Eight evenings in the theatre (eight seeds), six actors. `ORDER_PAIRS` names the actions that only time tells apart.

# %% tags=["nbval-ignore-output"]
evenings = [vl.load_table("theatre", seed=evening) for evening in range(8)]
films = pd.concat(evenings, ignore_index=True)
sit, stand = theatre.ORDER_PAIRS[0]
table = films[films["label"].isin([sit, stand])].reset_index(drop=True)
table["label"].value_counts().to_frame()

# %%
vl.report("films of the pair", len(table), at_least=96)

# %% [markdown]
# Here is one film of each. The second is shown from its end to its beginning. Cover the names: could you say which is
# which?

# %%
amara = films[films["group"] == "Amara"].groupby("label")["path"].first()
read = {k: vl.open_media(path).frames(size=(64, 64), fps=10)[0] for k, path in amara.items()}
vl.filmstrip({sit: read[sit], f"{stand},\nbackwards": read[stand][::-1]}, width=6)

# %% [markdown]
# Nor could a feature that averages over frames: a sum does not care for the order of its terms. We take one film and
# the same film backwards. Do their rows of numbers differ?

# %%
one, backwards = read[sit], read[sit][::-1]
for name, feature in {"HOG, averaged": features.HOG(),
                      "HOG, frame after frame": features.HOG(pooling=None),
                      "histogram of optical flow": features.MotionHistogram()}.items():
    rows = feature.transform([one, backwards])
    print(f"{name}: {'the same' if np.allclose(rows[0], rows[1], atol=1e-5) else 'different'}")

# %% [markdown]
# No classifier, however clever, can tell two films apart whose rows are equal. The order must get into the numbers.
#
# ## What changed?
#
# The simplest thing between two frames is their difference. Grey means nothing changed; the picture is lighter or
# darker where it did.

# %%
before, after = (cv2.cvtColor(one[k], cv2.COLOR_RGB2GRAY).astype(int) for k in (6, 9))
difference = 128 + (after - before) // 2
grey = {"0.6 s": before, "0.9 s": after, "later − earlier": difference}
plots.gallery(grey, width=6, bounds=(0, 255))

# %% [markdown]
# The trees are gone, for they have not moved: a difference sees only what happens. (`astype(int)` is no decoration: bytes
# know no number below 0, see exercise 1.) How much happens at which time? The mean of the difference, without its sign:

# %%
told = "mean change against time for four films"
figure = plots.Picture(told, figsize=(8, 2.6), layout="constrained")
axis, colors = figure.subplots(), plots.class_colors(read)
for (name, frames), line in zip(read.items(), ("-", "--", "-.", ":")):
    grey = frames.astype(int).mean(axis=3)
    change = np.abs(np.diff(grey, axis=0)).mean(axis=(1, 2))
    axis.plot(np.arange(1, len(grey)) / 10, change, line, label=name, color=colors[name])
axis.set(xlabel="time (s)", ylabel="mean change\n(grey levels of 255)", ylim=0)
axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
axis.spines[["top", "right"]].set_visible(False)
figure

# %% [markdown]
# Jumping comes in bursts, clapping moves little. Sitting down and standing up make one soft hill each, in the middle of
# the film: *how much* moved says nothing about *where to*.
#
# ## Motion history: a movement in one picture
#
# Bobick and Davis (2001) had a lovely idea: let each pixel remember **how lately** it changed. What moved last is
# bright, what moved earlier is darker, what never moved is black, like the trail of a sparkler. By hand it is a loop: a
# pixel whose grey value changes by more than a threshold gets the number of the step.

# %%
def history_by_hand(frames, threshold=20):
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    grey = [cv2.GaussianBlur(frame, (3, 3), 0) for frame in grey]
    history = np.zeros(grey[0].shape, np.float32)
    for step in range(1, len(grey)):
        moved = cv2.absdiff(grey[step], grey[step - 1]) > threshold
        history[moved] = step / (len(grey) - 1)
    return history


histories = {name: history_by_hand(frames) for name, frames in read.items()}
plots.gallery(histories, color_map="magma", bounds=(0, 1))

# %% [markdown]
# The slight blur keeps the codec's noise from counting as motion. Look at the pair: sitting down leaves its bright end
# below, standing up above. One picture, and the order of time is in it. The library's function does the same; every
# pixel should be equal.

# %%
for name, frames in read.items():
    equal = np.array_equal(histories[name], features.motion_history(frames))
    print(f"{name}: every pixel equal: {equal}")

# %% [markdown]
# Written down, with $D_t(x, y)$ the difference of frames $t$ and $t-1$, $\theta$ the threshold and $T$ the number of
# frames,
#
# $$H_t(x, y) = \begin{cases} t\,/\,(T-1) & \text{if } |D_t(x, y)| > \theta \\ H_{t-1}(x, y) & \text{otherwise,}\end{cases} \qquad H_0 = 0.$$
#
# The weakness stands in the first line: a pixel remembers only its *last* time. Who walks back over their own trail
# wipes it out, as the jumping puppet does.
#
# ## Where does each pixel go?
#
# **Optical flow** gives every pixel an arrow: where is it in the next frame? On the left below are the arrows, three
# times as long as the way; on the right direction is a hue and speed the brightness, with the key in the corner. Move
# through the film, and move the frames apart. When do the arrows go wrong?

# %%
widgets.FeatureExplorer(amara[sit], feature="Optical flow", frame=15)

# %% [markdown]
# The assumption behind it: a point keeps its brightness $I$ while it moves by $(u, v)$ pixels.
#
# $$I(x + u,\; y + v,\; t + 1) = I(x, y, t) \quad\Rightarrow\quad I_x u + I_y v + I_t \approx 0$$
#
# $I_x$ and $I_y$ are the gradients of notebook 03, and $I_t$ is the difference of above. That is *one* equation for
# *two* unknowns. On an empty wall $I_x = I_y = 0$ and the equation says nothing; along an edge it says only how fast
# the edge moves across itself (the *aperture problem*). So every method has to ask the neighbours. `flow` uses DIS
# (Kroeger et al., 2016), which matches small patches from coarse to fine.
#
# ### Can we believe it?
#
# Only if we test it where the answer is known. We take a street and move it by 2.5 pixels to the right and 1.5 up, then
# ask. The **end-point error** is the distance between the tip of the arrow we got and the tip of the true one, in
# pixels.

# %%
street = vl.open_media(assets.fetch("bikes")).sample(3, size=(136, 320))[0][1]
true = np.float32([2.5, -1.5])
move = np.float32([[1, 0, true[0]], [0, 1, true[1]]])
smoothly = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REFLECT}
moved = cv2.warpAffine(street, move, (320, 136), **smoothly)
error = np.linalg.norm(features.flow(street, moved) - true, axis=2)[16:-16, 16:-16]
vl.report("median end-point error", np.median(error), at_most=0.1, unit=" px")

# %% [markdown]
# Good: far below a pixel. But all of it moved as one, and real things do not. So we cut a window out of the street and
# slide only that, 4 pixels to the right, over the standing street.

# %%
scene, true = street.copy(), np.zeros((136, 320, 2), np.float32)
scene[40:100, 104:204] = street[40:100, 100:200]
true[40:100, 100:200] = 4, 0
field = features.flow(street, scene)
error = np.linalg.norm(field - true, axis=2)
painted = {"the flow": plots.flow_colors(field, key=True), "the truth": plots.flow_colors(true)}
plots.gallery(painted, width=8)

# %%
inside = error[48:92, 112:188]
rim = np.concatenate([error[36:44, 100:204].ravel(), error[96:104, 100:204].ravel()])
vl.report("median error well inside", np.median(inside), at_most=0.05, unit=" px")
vl.report("median error at the upper and lower rim", np.median(rim), at_least=0.7, unit=" px")

# %% [markdown]
# Inside it is right, and at the rims it is not: there, neighbours with other opinions are asked. Optical flow is a good
# measurement with soft edges. Here it looks at somebody who walks past a bicycle, seen twice within 0.08 s:

# %%
bikes = vl.open_media(assets.fetch("bikes"))
first, _, second = bikes.frames(size=(136, 320), start=7.6, end=7.72)[0]
field = features.flow(first, second)
arrows = plots.draw_arrows(first, field, scale=2, spacing=24, stretch=1.5)
plots.gallery({"arrows": arrows, "colours": plots.flow_colors(field, key=True)}, width=8)

# %% [markdown]
# ## Counting the arrows: HOF
#
# Arrows are gradients' cousins, so we do as HOG does: cut the picture into cells and count directions, weighted by
# speed. This is the **histogram of optical flow** (HOF); here with eight directions all around the circle, and one more
# bin for the share of pixels that stand still. First the whole picture as a single cell, averaged over the film:

# %%
told = "how much the picture moves in each direction"
figure = plots.Picture(told, figsize=(8, 2.4), layout="constrained")
colors = plots.class_colors([sit, stand])
for axis, name in zip(figure.subplots(1, 2, sharey=True), (sit, stand)):
    fields = [features.flow(a, b) for a, b in zip(read[name], read[name][1:])]
    histograms = [features.flow_histogram(field, grid=(1, 1))[0, 0] for field in fields]
    *speeds, still = np.mean(histograms, axis=0)
    axis.bar(list("→↘↓↙←↖↑↗"), speeds, color=colors[name])
    axis.set(title=f"{name}: {100 * still:.0f} % stand still", ylabel="speed (px per 0.1 s)")
    axis.spines[["top", "right"]].set_visible(False)
figure

# %% [markdown]
# There it is: down, and up. (Sideways it depends on which side the bench is on: Amara goes right to sit on the one, and
# right to leave the other.) In a formula, the bin of direction $k$ in a cell $C$ holds
#
# $$h_k = \frac{1}{|C|} \sum_{(x, y) \in C} w_k(x, y)\,\sqrt{u^2 + v^2},$$
#
# where $w_k$ is 1 if the arrow points exactly along direction $k$ and fades to 0 at the directions beside it: votes are
# shared, as in HOG. `MotionHistogram` does it in 4×4 cells and in three segments of the time, one after the other, so
# that *first down, then up* is not the same as the reverse.

# %%
print("numbers of a film:", features.MotionHistogram().transform([one]).shape[1])

# %% [markdown]
# ## The competition
#
# Sitting down or standing up? We begin as one would, with the small theatre: twelve films, each actor held out in turn.

# %% tags=["nbval-ignore-output"]
few = vl.compare(table.iloc[:12], methods=[features.HOG()], progress=False).frame
plots.score_bars(few, title="Averaged HOG, twelve films")

# %%
row = few.set_index("name").loc["HOG"]
vl.report("averaged HOG, twelve films: interval from", row["accuracy_low"], at_most=0.5)
vl.report("averaged HOG, twelve films: interval to", row["accuracy_high"], at_least=0.83)

# %% [markdown]
# A bar above guessing, if you cut off the thin line! But we have just seen that this feature *cannot* know. The line
# says so: from far below guessing to far above it, everything fits twelve films. So we take all 96, and the features
# that see motion:

# %% tags=["nbval-ignore-output"]
methods = [features.HOG(), features.HOG(pooling=None),
           features.MotionEnergy(), features.MotionHistogram()]
names = {"HOG": "HOG, averaged", "HOG 2": "HOG, frame after frame"}
frame = vl.compare(table, methods=methods, progress=False).frame.replace({"name": names})
frame = frame[frame["name"] != "Soft vote"]
plots.score_bars(frame, title="Sitting down or standing up? 96 films, six unseen actors")

# %%
averaged = frame.set_index("name").loc["HOG, averaged"]
vl.report("HOG, averaged", averaged["accuracy"], at_most=0.59)
vl.report("HOG, averaged: interval from", averaged["accuracy_low"], at_most=0.5)

# %% tags=["nbval-ignore-output"]
columns = ["accuracy", "accuracy_low", "accuracy_high", "balanced_accuracy"]
frame.set_index("name")[columns].astype(float).round(2)

# %%
score = frame.set_index("name")["accuracy"]
vl.report("motion energy and history", score["MotionEnergy"], at_least=0.62, at_most=0.76)
vl.report("HOG, frame after frame", score["HOG, frame after frame"], at_least=0.93)
vl.report("histogram of optical flow", score["MotionHistogram"], at_least=0.94)

# %% [markdown]
# * **HOG, averaged**, is not to be told from guessing. The luck of the twelve films is gone.
# * **The histogram of optical flow** (`MotionHistogram`) nearly always knows. Direction is what the question asked for.
# * So does **HOG, frame after frame**: no motion at all, only frames in their order. It pays with 16 · 1764 = 28,224
#   numbers a film, where the flow needs 432.
# * **Motion energy and history** (`MotionEnergy`) seems better than guessing, and loses clearly.
#
# The last one should make you suspicious. In the pictures above *you* could see the answer: bright below, or bright
# above. Is the answer not in the numbers, or did the classifier not find it? Ask for one number that says just that,
# the correlation between how low a pixel lies and how lately it moved, and learn nothing at all: above 0 is sitting
# down.

# %%
def later_is_lower(path):
    history = features.motion_history(vl.open_media(path).frames(size=(64, 64), fps=10)[0])
    rows, columns = np.nonzero(history)
    return np.corrcoef(rows, history[rows, columns])[0, 1]


said = [sit if later_is_lower(path) > 0 else stand for path in table["path"]]
right = np.mean(table["label"] == said)
vl.report("one number from the motion history, nothing learnt", right, at_least=0.93)

# %% [markdown]
# The answer was there, and the classifier missed it. A likely reason: it has to find a weight for each of 512 cells of
# a fixed grid, from 80 films in which the actors sit here and there, while our one number was told beforehand what to
# compare. A feature is as good as what the next step can make of it, and handcrafting means to hand over what matters
# in a form that is easy to use.
#
# ## Exercises
#
# Replace each `...` and run the cell. `hint("04.moved_share")` gives a nudge, and a second one if you ask again;
# `solution("04.moved_share")` shows one way.

# %%
from vmm_lab.exercises import check, hint, progress, solution

# %% [markdown]
# **1. How much moved?** Write `moved_share(before, after)` for two grey pictures, uint8 (H, W): the share of pixels
# that differ by more than 20, lighter or darker. What is 100 − 105 in bytes?

# %%
def moved_share(before, after):
    ...


check("04.moved_share", moved_share)

# %% [markdown]
# **2. Which way did it go?** Write `heading(history)` for a motion history image, float (H, W): `"right"`, `"left"`,
# `"down"` or `"up"`.

# %%
def heading(history):
    ...


check("04.heading", heading)

# %% [markdown]
# **3. Speed and direction.** Write `speed_and_direction(flow)` for arrows (H, W, 2), pixels to the right and down.
# Return two arrays (H, W): the speed, and the angle in degrees from 0 up to 360, where 0° is to the right and 90° is
# down.

# %%
def speed_and_direction(flow):
    ...


check("04.speed_and_direction", speed_and_direction)

# %% [markdown]
# **4. Bins on a circle.** Write `direction_bin(angle, n_bins)`: in which of `n_bins` equal bins, 0 to n_bins − 1, is an
# angle from 0° up to 360°, if bin 0 is centred on 0°?

# %%
def direction_bin(angle, n_bins):
    ...


check("04.direction_bin", direction_bin)

# %% [markdown]
# **5. A row that keeps the order.** Write `keeps_order(sequence)` for features (T, d), T ≥ 2: one row of numbers, as
# long for every T, that is another one when the sequence is played backwards. There are many ways; find a short one.

# %%
def keeps_order(sequence):
    ...


check("04.keeps_order", keeps_order)

# %% [markdown]
# ## On your own videos
#
# Put the path of your folder or CSV manifest in place of `"theatre"`. First your first three films: a frame, the motion
# history of their first four seconds, and the flow in the middle.

# %%
MY_VIDEOS = os.environ.get("VMM_LAB_VIDEOS") or "theatre"

# %% tags=["nbval-ignore-output"]
mine, shown = vl.load_table(MY_VIDEOS), {}
for number, path in enumerate(mine["path"].head(3), start=1):
    frames, _ = vl.open_media(path).frames(size=(72, 96), fps=10, end=4)
    middle = len(frames) // 2
    trail = (255 * features.motion_history(frames)).astype(np.uint8)
    trail = cv2.applyColorMap(trail, cv2.COLORMAP_MAGMA)[..., ::-1]  # OpenCV gives blue first
    field = features.flow(frames[middle - 1], frames[middle])
    shown[f"{number}: a frame"] = frames[middle]
    shown[f"{number}: motion history"] = trail
    shown[f"{number}: flow"] = plots.flow_colors(field, key=True)
plots.gallery(shown, columns=3, width=5)

# %%
vl.report("films shown", len(shown) / 3, at_least=1)

# %% [markdown]
# Then, where there are labels: does motion know more about them than the frames do?

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1
methods = [features.HOG(), features.MotionHistogram()]
without = "Without labels there is no score; the pictures above need none."
vl.compare(mine, methods=methods, progress=False) if labelled else without

# %%
vl.report("pieces of media in the table", len(mine), at_least=1)

# %% [markdown]
# ## What you learned
#
# An average over frames forgets their order, and with it everything that only time tells. Differences say that
# something moved, a motion history where and how lately, optical flow which way and how fast; you tested the flow where
# the truth was known and found its soft edges. And twelve films can make a feature look good that cannot know anything.
#
# **Next:** so far the classifier was a black box behind `compare`. 05 opens it: how do rows of numbers become a
# decision, and what can be found in them without any labels at all?
