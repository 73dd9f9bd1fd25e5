# %% [markdown]
# # 04 · Motion
#
# **Sitting down or standing up? Every frame of one is also a frame of the other. So what is the difference?**
#
# Notebook 03 ended with three features that describe frames one by one and average the numbers. This one describes what
# happens *between* the frames.
#
# In this notebook you will
#
# * see that an average over frames is the same when the film runs backwards, whatever is averaged,
# * put a whole movement into one picture, the motion history, by hand and with the library,
# * measure where every pixel goes, test that measurement, and count it (HOF),
# * compare these features on the question above, with enough films to trust the answer.
#
# About 30 minutes to read, half a minute to run.

# %%
import cv2
import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, plots, theatre, widgets

# %% [markdown]
# ## One frame is not enough
#
# Eight evenings in the theatre (eight seeds), six actors. `ORDER_PAIRS` names the pairs of actions that differ only in
# the order of their frames.

# %% tags=["nbval-ignore-output"]
evenings = [vl.load_table("theatre", seed=evening) for evening in range(8)]
films = pd.concat(evenings, ignore_index=True)
sit, stand = theatre.ORDER_PAIRS[0]
table = films[films["label"].isin([sit, stand])].reset_index(drop=True)
table["label"].value_counts().to_frame()

# %% [markdown]
# Here is one film of each. The second is shown from its end to its beginning. Cover the names: could you say which is
# which?

# %%
amara = films[films["group"] == "Amara"].groupby("label")["path"].first()
read = {k: vl.open_media(path).frames(size=(64, 64), fps=10)[0] for k, path in amara.items()}
vl.filmstrip({sit: read[sit], f"{stand},\nbackwards": read[stand][::-1]}, width=6)

# %% [markdown]
# A feature that averages over frames cannot either: a sum does not depend on the order of its terms. We take one film
# and the same film backwards. Do their rows of numbers differ?

# %%
one, backwards = read[sit], read[sit][::-1]
for name, feature in {"HOG, averaged": features.HOG(),
                      "HOG, frame after frame": features.HOG(pooling=None),
                      "histogram of optical flow": features.MotionHistogram()}.items():
    rows = feature.transform([one, backwards])
    print(f"{name}: {'the same' if np.allclose(rows[0], rows[1], atol=1e-5) else 'different'}")

# %% [markdown]
# No classifier, however clever, can distinguish two films whose rows are equal. The numbers must depend on the order.
#
# ## What changed?
#
# The simplest measure of motion is the difference of two frames. Grey means that nothing changed; where something did,
# the picture is lighter or darker.

# %%
before, after = (cv2.cvtColor(one[k], cv2.COLOR_RGB2GRAY).astype(int) for k in (6, 9))
difference = 128 + (after - before) // 2
grey = {"0.6 s": before, "0.9 s": after, "later − earlier": difference}
plots.gallery(grey, width=6, bounds=(0, 255))

# %% [markdown]
# The trees are gone, because they have not moved: a difference shows only what changes. (`astype(int)` is necessary:
# bytes have no numbers below 0, see exercise 1.) How much changes at which time? The mean of the difference, without its
# sign:

# %%
figure, axis = plots.axes("mean change over time for four films", width=8, height=2.6)
colors = plots.class_colors(read)
for (name, frames), line in zip(read.items(), ("-", "--", "-.", ":")):
    grey = frames.astype(int).mean(axis=3)
    change = np.abs(np.diff(grey, axis=0)).mean(axis=(1, 2))
    axis.plot(np.arange(1, len(grey)) / 10, change, line, label=name, color=colors[name])
axis.set(xlabel="time (s)", ylabel="mean change\n(grey levels of 255)", ylim=0)
figure.legend(frameon=False, loc="outside right center")
figure

# %% [markdown]
# Jumping comes in bursts, and clapping moves little. Sitting down and standing up have one broad peak each, in the
# middle of the film: *how much* moved does not show in *which direction*.
#
# ## Motion history: a movement in one picture
#
# Bobick and Davis (2001) had a lovely idea: let each pixel remember **how recently** it changed. What moved last is
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
# The slight blur prevents the codec's noise from counting as motion. Look at the pair: the bright end of sitting down is
# at the bottom, that of standing up at the top. A single picture contains the order of time. The library's function does
# the same; every pixel should be equal.

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
# The first line shows the weakness: a pixel remembers only the *last* time. Someone who moves back over the same place
# erases the earlier motion, as the jumping puppet does.
#
# ## Where does each pixel go?
#
# **Optical flow** gives every pixel an arrow: where is it in the next frame? On the left below are the arrows, three
# times as long as the real motion; on the right the hue is the direction and the brightness the speed, with the key in
# the corner. Move through the film, and increase the distance between the two frames. When are the arrows wrong?

# %%
widgets.FeatureExplorer(amara[sit], feature="Optical flow", frame=15)

# %% [markdown]
# The assumption behind it: a point keeps its brightness $I$ while it moves by $(u, v)$ pixels.
#
# $$I(x + u,\; y + v,\; t + 1) = I(x, y, t) \quad\Rightarrow\quad I_x u + I_y v + I_t \approx 0$$
#
# $I_x$ and $I_y$ are the gradients of notebook 03, and $I_t$ is the difference of above. That is *one* equation for
# *two* unknowns. On an empty wall $I_x = I_y = 0$ and every motion solves the equation; at an edge it determines only the
# motion across the edge (the *aperture problem*). So every method has to use the neighbouring pixels. `flow` uses DIS
# (Kroeger et al., 2016), which matches small patches from coarse to fine.
#
# ### Can we trust it?
#
# Only if we test it where the answer is known. We take a street and move it by 2.5 pixels to the right and 1.5 up, then
# compute the flow. The **end-point error** is the distance between the tip of the computed arrow and the tip of the true
# one, in pixels.

# %%
street = vl.open_media(assets.fetch("bikes")).sample(3, size=(136, 320))[0][1]
true = np.float32([2.5, -1.5])
move = np.float32([[1, 0, true[0]], [0, 1, true[1]]])
smoothly = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REFLECT}
moved = cv2.warpAffine(street, move, (320, 136), **smoothly)
error = np.linalg.norm(features.flow(street, moved) - true, axis=2)[16:-16, 16:-16]
vl.report("median end-point error", np.median(error), at_most=0.1, unit=" px")

# %% [markdown]
# Good: far below a pixel. But here everything moved together, which is rare in real films. So we cut a window out of the
# street and slide only that, 4 pixels to the right, over the street, which stays where it is.

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
border = np.concatenate([error[36:44, 100:204].ravel(), error[96:104, 100:204].ravel()])
vl.report("median error well inside", np.median(inside), at_most=0.05, unit=" px")
vl.report("median error at the upper and lower border", np.median(border), at_least=0.7, unit=" px")

# %% [markdown]
# Inside it is right, and at the borders it is not: there, some of the neighbouring pixels move differently. Optical flow
# is a good measurement with blurred edges. Here is the flow of somebody who walks past a bicycle, between two frames
# that are 0.08 s apart:

# %%
bikes = vl.open_media(assets.fetch("bikes"))
first, _, second = bikes.frames(size=(136, 320), start=7.6, end=7.72)[0]
field = features.flow(first, second)
arrows = plots.draw_arrows(first, field, scale=2, spacing=24, stretch=1.5)
plots.gallery({"arrows": arrows, "colours": plots.flow_colors(field, key=True)}, width=8)

# %% [markdown]
# ## Counting the arrows: HOF
#
# Arrows have a length and a direction, like gradients, so we do as HOG does: cut the picture into cells and count
# directions, weighted by speed. This is the **histogram of optical flow** (HOF); here with eight directions all around
# the circle, and one more bin for the share of pixels that stand still. First the whole picture as a single cell,
# averaged over the film:

# %%
alt = "how much the picture moves in each direction"
figure, axes = plots.axes(alt, columns=2, width=8, height=2.4, sharey=True)
colors = plots.class_colors([sit, stand])
for axis, name in zip(axes, (sit, stand)):
    fields = [features.flow(a, b) for a, b in zip(read[name], read[name][1:])]
    histograms = [features.flow_histogram(field, grid=(1, 1))[0, 0] for field in fields]
    *speeds, still = np.mean(histograms, axis=0)
    axis.bar(list("→↘↓↙←↖↑↗"), speeds, color=colors[name])
    axis.set(title=f"{name}: {100 * still:.0f} % stand still", ylabel="speed (px per 0.1 s)")
figure

# %% [markdown]
# The difference is visible: down, and up. (The motion to the side depends on where the bench is: Amara moves right to
# sit on one bench, and right to leave the other.) In a formula, the bin of direction $k$ in a cell $C$ holds
#
# $$h_k = \frac{1}{|C|} \sum_{(x, y) \in C} w_k(x, y)\,\sqrt{u^2 + v^2},$$
#
# where $w_k$ is 1 if the arrow points exactly along direction $k$ and falls to 0 at the neighbouring directions: votes
# are shared, as in HOG. `MotionHistogram` does it in 4×4 cells and in three segments of the time, one after the other, so
# that *first down, then up* is not the same as the reverse.

# %%
print("numbers of a film:", features.MotionHistogram().transform([one]).shape[1])

# %% [markdown]
# ## The competition
#
# Sitting down or standing up? We begin with the small theatre: twelve films, each actor held out in turn.

# %% tags=["nbval-ignore-output"]
few = vl.compare(table.iloc[:12], methods=[features.HOG()], progress=False).frame
plots.score_bars(few, title="Averaged HOG, twelve films")

# %%
row = few.set_index("name").loc["HOG"]
vl.report("averaged HOG, twelve films: interval from", row["accuracy_low"], at_most=0.5)
vl.report("averaged HOG, twelve films: interval to", row["accuracy_high"], at_least=0.83)

# %% [markdown]
# The bar is above guessing, if you ignore the thin line! But we have just seen that this feature *cannot* know. The
# line, the interval, agrees: it reaches from far below guessing to far above it, because twelve films are too few. So we
# take all 96, and the features that measure motion:

# %% tags=["nbval-ignore-output"]
methods = {"HOG, averaged": features.HOG(),
           "HOG, frame after frame": features.HOG(pooling=None),
           "motion energy and history": features.MotionEnergy(),
           "histogram of optical flow": features.MotionHistogram()}
frame = vl.compare(table, methods=methods, vote=False, progress=False).frame
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
motion_energy = score["motion energy and history"]
vl.report("motion energy and history", motion_energy, at_least=0.62, at_most=0.76)
vl.report("HOG, frame after frame", score["HOG, frame after frame"], at_least=0.93)
vl.report("histogram of optical flow", score["histogram of optical flow"], at_least=0.94)

# %% [markdown]
# * **HOG, averaged**, is no better than guessing. With twelve films it was luck.
# * **The histogram of optical flow** (`MotionHistogram`) is nearly always right. The question is about direction, and
#   that is what it measures.
# * So is **HOG, frame after frame**: no motion at all, only frames in their order. It needs 16 · 1764 = 28,224 numbers a
#   film, the flow only 432.
# * **Motion energy and history** (`MotionEnergy`) seems better than guessing, and is clearly worse than these two.
#
# The last one is surprising. In the pictures above *you* could see the answer: bright at the bottom, or bright at the
# top. Is the answer not in the numbers, or did the classifier not find it? We compute one number that measures just that,
# the correlation between how low a pixel is and how recently it moved, and learn nothing at all: above 0 is sitting down.

# %%
def later_is_lower(path):
    history = features.motion_history(vl.open_media(path).frames(size=(64, 64), fps=10)[0])
    rows, columns = np.nonzero(history)
    return np.corrcoef(rows, history[rows, columns])[0, 1]


predicted = [sit if later_is_lower(path) > 0 else stand for path in table["path"]]
right = np.mean(table["label"] == predicted)
vl.report("one number from the motion history, nothing learnt", right, at_least=0.93)

# %% [markdown]
# The answer was in the numbers, and the classifier missed it. A likely reason: it has to find a weight for each of 512
# cells of a fixed grid, from 80 films in which the actors sit in different places, while our one number was designed for
# this question. A feature is only as good as what the classifier can make of it, so a handcrafted feature should give
# the important information in a form that is easy to use.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("04.moved_share")` gives a nudge, and a second one if you ask again;
# `vl.solution("04.moved_share")` shows one way.

# %% [markdown]
# **1. How much moved?** Write `moved_share(before, after)` for two grey pictures, uint8 (H, W): the share of pixels
# that differ by more than 20, lighter or darker. What is 100 − 105 in bytes?

# %%
def moved_share(before, after):
    ...


vl.check("04.moved_share", moved_share)

# %% [markdown]
# **2. Which way did it go?** Write `heading(history)` for a motion history image, float (H, W): `"right"`, `"left"`,
# `"down"` or `"up"`.

# %%
def heading(history):
    ...


vl.check("04.heading", heading)

# %% [markdown]
# **3. Speed and direction.** Write `speed_and_direction(flow)` for arrows (H, W, 2), pixels to the right and down.
# Return two arrays (H, W): the speed, and the angle in degrees from 0 up to 360, where 0° is to the right and 90° is
# down.

# %%
def speed_and_direction(flow):
    ...


vl.check("04.speed_and_direction", speed_and_direction)

# %% [markdown]
# **4. Bins on a circle.** Write `direction_bin(angle, n_bins)`: in which of `n_bins` equal bins, 0 to n_bins − 1, is an
# angle from 0° up to 360°, if bin 0 is centred on 0°?

# %%
def direction_bin(angle, n_bins):
    ...


vl.check("04.direction_bin", direction_bin)

# %% [markdown]
# **5. A row that keeps the order.** Write `keeps_order(sequence)` for features (T, d), T ≥ 2: one row of numbers, of the
# same length for every T, that changes when the sequence is played backwards. There are many ways; find a short one.

# %%
def keeps_order(sequence):
    ...


vl.check("04.keeps_order", keeps_order)

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). Here are
# your first three films: a frame, the motion history of their first four seconds, and the flow in the middle.

# %% tags=["nbval-ignore-output"]
mine, shown = vl.my_table(), {}
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

# %% [markdown]
# Then, where there are labels: does motion know more about them than the frames do?

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1
methods = [features.HOG(), features.MotionHistogram()]
no_labels = "Without labels there is no score; the pictures above need none."
vl.compare(mine, methods=methods, progress=False) if labelled else no_labels

# %% [markdown]
# ## What you learned
#
# An average over frames loses their order, and with it everything that only the order shows. Differences show that
# something moved, a motion history where and how recently, optical flow in which direction and how fast; you tested the
# flow where the truth was known and found its blurred edges. And with only twelve films, a feature can look good that
# cannot know anything.
#
# **Next:** so far the classifier was a black box behind `compare`. 05 opens it: how do rows of numbers become a
# decision, and what can be found in them without any labels at all?
