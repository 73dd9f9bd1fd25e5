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
# * see what an average over time forgets: of something computed from *single* frames, their order,
# * put a whole movement into one picture, the motion history, by hand and with the library,
# * measure where every pixel goes: Lucas and Kanade's optical flow by hand, tested where the truth is known, then
#   counted (HOF), and compare all of this with enough films to trust the answer.
#
# About 40 minutes to read, half a minute to run.

# %%
import cv2
import numpy as np
import pandas as pd
from matplotlib import patches

import vmm_lab as vl
from vmm_lab import assets, features, plots, theatre, widgets

# %% [markdown]
# ## One frame is not enough
#
# Eight seeds of the small theatre, six actors. `ORDER_PAIRS` names the pairs of actions that differ only in
# the order of their frames.

# %% tags=["nbval-ignore-output"]
seeds = [vl.load_table("theatre", seed=seed) for seed in range(8)]
films = pd.concat(seeds, ignore_index=True)
sit, stand = theatre.ORDER_PAIRS[0]
table = films[films["label"].isin([sit, stand])].reset_index(drop=True)
table["label"].value_counts().to_frame()

# %% [markdown]
# Here is one film of each. The second is shown from its end to its beginning. Cover the names: could you say which is
# which?

# %%
amara = films[films["group"] == "Amara"].groupby("label")["path"].first()
read = {k: vl.open_media(path).frames(size=(64, 64), fps=10)[0] for k, path in amara.items()}
vl.filmstrip({sit: read[sit], f"{stand},\nbackwards": read[stand][::-1]})

# %% [markdown]
# A feature that describes each frame by itself and averages cannot either: a sum does not depend on the order of its
# terms. We take one film and the same film backwards. How far apart are their rows of numbers, as a share of their
# length?

# %%
one, backwards = read[sit], read[sit][::-1]
kinds = {"HOG, averaged": features.HOG(), "HOG, frame after frame": features.HOG(pooling=None),
         "flow histogram, averaged": features.MotionHistogram(grid=(1, 1), segments=1)}
distance = {}
for name, feature in kinds.items():
    rows = feature.transform([one, backwards])
    distance[name] = np.linalg.norm(rows[0] - rows[1]) / np.linalg.norm(rows[0])
vl.report("averaged HOG, backwards", distance["HOG, averaged"], at_most=1e-5)
vl.report("averaged flow histogram, backwards", distance["flow histogram, averaged"], at_least=0.05)
plots.bars(distance, alt="what changes backwards", xlabel="distance, forwards to backwards (share)")

# %% [markdown]
# No classifier, however clever, can distinguish two films whose rows are equal. But look at the last bar. That is an
# average over time, too, of something that is computed from *pairs* of frames: which way the pixels move. Run
# backwards, every motion turns round. So: **an average of something computed from single frames forgets the order; an
# average of something computed from pairs need not.** The rest of this notebook is about such pairs.
#
# ## What changed?
#
# The simplest measure of motion is the difference of two frames. White means that nothing changed; where something did,
# the picture became lighter (red) or darker (blue).

# %%
before, after = (cv2.cvtColor(one[k], cv2.COLOR_RGB2GRAY).astype(int) for k in (6, 9))
shown = {"0.6 s": one[6], "0.9 s": one[9], "later − earlier": after - before}
plots.gallery(shown, color_map="RdBu_r", bounds=(-255, 255), unit="change (levels of 255)")

# %% [markdown]
# The trees are gone, because they have not moved: a difference shows only what changes. (`astype(int)` is necessary:
# bytes have no numbers below 0, see exercise 1.) How much changes at which time? The mean of the difference, without
# its sign:

# %%
figure, axis = plots.axes("mean change over time for four films", height=2.6)
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
# middle of the film: *how much* moves does not tell in *which direction*.
#
# ### Background subtraction
#
# A difference of two neighbouring frames shows only the edges of what moves. If the camera stands still, there is
# something better: the **background**, what each pixel shows *most of the time*. The median over time finds it, and
# what differs from it is the foreground. OpenCV's method, a *mixture of Gaussians* (MOG2), learns for each pixel
# how much it usually varies, and goes on learning when the light changes. Here is a real film: a man talks in a car,
# and the camera is fixed to the car.

# %%
talk, _ = vl.open_media(assets.fetch("carphone")).frames()
background = np.median(talk, axis=0).astype(np.uint8)
away = np.abs(talk.astype(int) - background).max(axis=3) > 30
subtractor = cv2.createBackgroundSubtractorMOG2(history=len(talk), detectShadows=False)
for frame in talk:
    subtractor.apply(frame)  # first it learns the background
mixture = [subtractor.apply(frame) > 0 for frame in talk]
common = (away[80] & mixture[80]).sum() / (away[80] | mixture[80]).sum()
vl.report("both foregrounds: common / all", common, at_least=0.34)
plots.gallery({"a frame": talk[80], "the background": background,
               "by hand": away[80], "MOG2": mixture[80]})

# %% [markdown]
# The seat and the window frame are gone, the head has moved. But the background has a ghost, because the man is there
# most of the time; and the landscape behind the window counts as foreground. Which motion is *meant* is not in the
# pixels.
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
plots.gallery(histories, color_map="magma", bounds=(0, 1), unit="how recently (1: last step)")

# %% [markdown]
# The slight blur prevents the codec's noise from counting as motion. Look at the pair: the bright end of sitting down
# is at the bottom, that of standing up at the top. A single picture contains the order of time. The library's function
# does the same; every pixel should be equal.

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
# $I_t$ is the difference of the two pictures, as above. $I_x$ and $I_y$ are changes *per pixel*: half of the gradients
# of notebook 03, which were right minus left, two pixels apart. (With the whole ones, every motion comes out half as
# large.) That is *one* equation for *two* unknowns.
#
# ### Lucas and Kanade by hand
#
# Lucas and Kanade (1981) assume that all pixels of a small window move alike. That gives many equations for two
# unknowns, and least squares solves them:
#
# $$\sum_W \begin{pmatrix} I_x^2 & I_x I_y \\ I_x I_y & I_y^2 \end{pmatrix} \begin{pmatrix} u \\ v \end{pmatrix} = -\sum_W \begin{pmatrix} I_x I_t \\ I_y I_t \end{pmatrix}$$
#
# You know the matrix: it is the **structure tensor**, whose eigenvalues distinguish a corner from an edge (03). We try
# it on a tilted square that moves by 0.6 pixels **to the right**.

# %%
box = cv2.boxPoints(((48, 48), (44, 44), 25))
solid = cv2.fillPoly(np.zeros((96, 96)), [np.int32(box.round())], 1.0)
solid = cv2.GaussianBlur(solid, (0, 0), 2)


def square(shift):
    warp = np.float32([[1, 0, shift], [0, 1, 0]])
    return cv2.warpAffine(solid, warp, (96, 96), flags=cv2.INTER_CUBIC)


before, after = square(0), square(0.6)
shown = {"a square": before, "0.6 px to the right": after, "later − earlier": after - before}
plots.gallery(shown, width=7)

# %%
def lucas_kanade(before, after, side=9):
    # Two grey pictures (H, W), floats → the motion (H, W, 2) of each window, and its matrix.
    down, right = np.gradient(before)  # per pixel: half of right minus left
    change, size = after - before, (side, side)
    products = right * right, right * down, right * down, down * down
    sums = [cv2.boxFilter(p, -1, size, normalize=False) for p in products]
    A = np.stack(sums, axis=-1).reshape(*before.shape, 2, 2)
    b = [-cv2.boxFilter(p, -1, size, normalize=False) for p in (right * change, down * change)]
    inverse = np.linalg.pinv(A, rcond=0.02, hermitian=True)  # of what can be inverted
    inverse[np.trace(A, axis1=2, axis2=3) < 1e-3] = 0  # flat: nothing to measure
    return (inverse @ np.stack(b, axis=-1)[..., None])[..., 0], A


motion, A = lucas_kanade(square(0), square(0.6))
print("motion of all windows:", motion.shape, "  their matrices:", A.shape)

# %% [markdown]
# ### The aperture problem
#
# What was found? We look through three windows of 9×9 pixels. (The arrows are twenty times as long as the motion.)

# %%
places = {"inside": (48, 48), "at an edge": (57, 28), "at a corner": (77, 37)}
figure, axes = plots.axes("three windows on a moving square", columns=3, height=3.4)
for axis, (name, (x, y)) in zip(axes, places.items()):
    smaller, larger = np.linalg.eigvalsh(A[y, x])
    axis.imshow(square(0), cmap="gray", vmax=1.5)
    axis.add_patch(patches.Rectangle((x - 4.5, y - 4.5), 9, 9, fill=False, color=plots.PALETTE[5]))
    for (u, v), color in (((0.6, 0), plots.PALETTE[2]), (motion[y, x], plots.PALETTE[1])):
        if np.hypot(u, v) > 0.01:
            axis.arrow(x, y, 20 * u, 20 * v, color=color, width=0.8)
    title = f"{name}: eigenvalues\n{abs(smaller):.2f} and {larger:.2f}"
    axis.set(title=title, xlim=(x - 18, x + 18), ylim=(y + 18, y - 18), xticks=[], yticks=[])
figure

# %%
flat, edge, corner = (motion[y, x] for x, y in places.values())
table_of = {name: [*motion[y, x], *np.linalg.eigvalsh(A[y, x])] for name, (x, y) in places.items()}
vl.report("inside: speed found", np.hypot(*flat), at_most=0.01, unit=" px")
vl.report("at an edge: speed found", np.hypot(*edge), at_most=0.3, unit=" px")
vl.report("at a corner: motion to the right", corner[0], at_least=0.55, at_most=0.65, unit=" px")
columns = ["found, right", "found, down", "smaller eigenvalue", "larger eigenvalue"]
pd.DataFrame(table_of, index=columns).T.round(2)

# %% [markdown]
# Green is the truth, orange what was found. Inside, nothing changes: the matrix is 0 and no motion can be found. At an
# edge the smaller eigenvalue is (nearly) 0: the matrix is **singular**, and every motion *along* the edge fits the
# equations equally well; only the part across it is found. At a corner both eigenvalues are large, and the motion is
# found. This is the **aperture problem**: seen through a small window, an edge does not show how it moves along itself.
# It is why one tracks corners (*KLT*: Kanade, Lucas, Tomasi), and why Horn and Schunck (1981) ask for a flow that is
# smooth over the whole picture: neighbours then help each other.
#
# ### Can we trust it?
#
# Only if we test it where the answer is known. We move a street by more and more pixels, and measure the **end-point
# error** at its corners: the distance between the tips of the computed arrow and of the true one. Next to our version
# stand OpenCV's, which repeats the step from coarse to fine (a *pyramid*), and the library's `flow`: DIS (Kroeger et
# al., 2016), which matches small patches, also from coarse to fine.

# %%
street = vl.open_media(assets.fetch("bikes")).sample(3, size=(136, 320))[0][1]
smoothly = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REFLECT}


def moved_by(right, down, picture=street):
    warp = np.float32([[1, 0, right], [0, 1, down]])
    return cv2.warpAffine(picture, warp, (320, 136), **smoothly)


def grey_of(frame):
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


corners = cv2.goodFeaturesToTrack(grey_of(street), 60, 0.01, 6, blockSize=9)
corners = corners[((corners > 20) & (corners < (300, 116))).all(axis=(1, 2))]
columns, rows = corners[:, 0].astype(int).T
steps = 0.25, 0.5, 1, 2, 4, 8, 16
print("corners, away from the border:", len(corners), "  true motions, in pixels:", *steps)

# %%
errors = {"by hand": [], "OpenCV, pyramid": [], "flow (DIS)": []}
for step in steps:
    true, other = step * np.array([0.8, -0.6]), moved_by(0.8 * step, -0.6 * step)
    before, after = grey_of(street), grey_of(other)
    by_hand = lucas_kanade(before / 255, after / 255)[0][rows, columns]
    tracked = cv2.calcOpticalFlowPyrLK(before, after, corners, None, winSize=(9, 9))[0]
    found = by_hand, (tracked - corners)[:, 0], features.flow(street, other)[rows, columns]
    for name, arrows in zip(errors, found):
        errors[name].append(np.median(np.linalg.norm(arrows - true, axis=1)))
figure = plots.curves(errors, steps, xlabel="true motion (px)", ylabel="median error (px)")
figure.axes[0].loglog()
figure

# %%
at, four = steps.index(1), steps.index(4)
by_hand, pyramid, dis = errors.values()
vl.report("1 pixel, by hand minus OpenCV", by_hand[at] - pyramid[at], at_most=0.1, unit=" px")
vl.report("4 pixels, by hand", by_hand[four], at_least=2, unit=" px")
vl.report("4 pixels, DIS", dis[four], at_most=0.12, unit=" px")
closer = {f"{name}, {steps[k]} px": error[k] for k in (at, four) for name, error in errors.items()}
plots.bars(closer, alt="small and large motions", xlabel="median error (px)")

# %% [markdown]
# Up to a pixel our dozen lines are within a tenth of a pixel, like the libraries; then the linear approximation
# breaks. In a picture of a quarter of the size, though, 4 pixels are only 1: this is what the pyramid is for.
#
# But here everything moved together, which is rare in real films. So we cut a window out of the street and slide only
# that, 4 pixels to the right, over the street, which stays where it is.

# %%
scene, true = street.copy(), np.zeros((136, 320, 2), np.float32)
scene[40:100, 104:204] = street[40:100, 100:200]
true[40:100, 100:200] = 4, 0
field = features.flow(street, scene)
error = np.linalg.norm(field - true, axis=2)
inside = error[48:92, 112:188]
border = np.concatenate([error[36:44, 100:204].ravel(), error[96:104, 100:204].ravel()])
vl.report("median error well inside", np.median(inside), at_most=0.05, unit=" px")
vl.report("median error at the upper and lower border", np.median(border), at_least=0.7, unit=" px")
painted = {"the flow": plots.flow_colors(field, key=True), "the truth": plots.flow_colors(true)}
plots.gallery(painted)

# %% [markdown]
# Inside it is right, and at the borders it is not: there the window mixes two motions. Optical flow is a good
# measurement with blurred edges. (The key in the corner: the hue is the direction, the brightness the speed.) Here is
# the flow of somebody who walks past a bicycle, between two frames that are 0.08 s apart:

# %%
bikes = vl.open_media(assets.fetch("bikes"))
first, _, second = bikes.frames(size=(136, 320), start=7.6, end=7.72)[0]
field = features.flow(first, second)
arrows = plots.draw_arrows(first, field, scale=2, spacing=24, stretch=1.5)
plots.gallery({"arrows": arrows, "colours": plots.flow_colors(field, key=True)})

# %% [markdown]
# ### When the camera moves
#
# If the camera pans, everything moves, and flow, differences and background subtraction all show the camera. What can
# be done? We take the sliding window again and let the camera pan by (−3, 1) on top. The **median** of the flow is the
# motion of most pixels, so the camera's; subtract it (*motion compensation*). Or look only at how the flow *changes*
# from pixel to pixel: a pan changes nothing there. Its histogram is the **motion boundary histogram** (MBH), and
# with HOG and flow, counted along tracked points, it became part of the *dense trajectories* (Wang et al., 2011), whose
# improved form (2013) was the best there was before networks.

# %%
panned = features.flow(street, moved_by(-3, 1, scene))
camera = np.median(panned, axis=(0, 1))
compensated = panned - camera
boundary = sum(np.hypot(*np.gradient(panned[..., k])) for k in (0, 1))
vl.report("error of the camera's motion", np.hypot(*(camera - (-3, 1))), at_most=0.1, unit=" px")
left = np.median(np.linalg.norm(compensated, axis=2)[:32])
vl.report("what is left of the street's motion", left, at_most=0.1, unit=" px")
shown = {"the flow": plots.flow_colors(panned, key=True), "its changes (MBH)": boundary,
         "minus its median": plots.flow_colors(compensated, key=True)}
plots.gallery(shown, color_map="magma", bounds=(0, 3), unit="change (px per px)")

# %% [markdown]
# ## Counting the arrows: HOF
#
# Arrows have a length and a direction, like gradients, so we do as HOG does: cut the picture into cells and count
# directions, weighted by speed. This is the **histogram of optical flow** (HOF); here with eight directions all around
# the circle, and one more bin for the share of pixels that stand still. First the whole picture as a single cell,
# averaged over the film:

# %%
alt = "how much the picture moves in each direction"
figure, axes = plots.axes(alt, columns=2, height=2.4, sharey=True)
colors = plots.class_colors([sit, stand])
for axis, name in zip(axes, (sit, stand)):
    fields = [features.flow(a, b) for a, b in zip(read[name], read[name][1:])]
    histograms = [features.flow_histogram(field, grid=(1, 1))[0, 0] for field in fields]
    *speeds, still = np.mean(histograms, axis=0)
    axis.bar(list("→↘↓↙←↖↑↗"), speeds, color=colors[name])
    axis.tick_params(axis="x", labelsize=14)
    axis.set(title=f"{name}: {100 * still:.0f} % stand still", ylabel="speed (px per 0.1 s)")
figure

# %% [markdown]
# The difference is visible: down, and up. (The motion to the side depends on where the bench is: Amara moves right to
# sit on one bench, and right to leave the other.) In a formula, the bin of direction $k$ in a cell $C$ holds
#
# $$h_k = \frac{1}{|C|} \sum_{(x, y) \in C} w_k(x, y)\,\sqrt{u^2 + v^2},$$
#
# where $w_k$ is 1 if the arrow points exactly along direction $k$ and falls to 0 at the neighbouring directions: votes
# are shared, as in HOG. `MotionHistogram` does it in 4×4 cells and in three segments of the time, one after the other,
# so that *first down, then up* is not the same as the reverse.

# %%
print("numbers of a film:", features.MotionHistogram().transform([one]).shape[1])

# %% [markdown]
# ## The competition
#
# Sitting down or standing up? We begin with the small theatre: twelve films, each actor held out in turn.

# %% tags=["nbval-ignore-output"]
few = vl.compare(table.iloc[:12], methods=[features.HOG()], progress=False).frame
row = few.set_index("name").loc["HOG"]
vl.report("averaged HOG, twelve films: interval from", row["accuracy_low"], at_most=0.5)
vl.report("averaged HOG, twelve films: interval to", row["accuracy_high"], at_least=0.83)
plots.score_bars(few, title="Averaged HOG, twelve films")

# %% [markdown]
# It looks better than guessing, until you look at the thin line. We have just seen that this feature *cannot* know, and
# the line, the interval, agrees: it reaches from far below guessing to far above it, because twelve films are too few.
# So we take all 96, and the features that measure motion:

# %% tags=["nbval-ignore-output"]
methods = {"HOG, averaged": features.HOG(),
           "HOG, frame after frame": features.HOG(pooling=None),
           "motion energy and history": features.MotionEnergy(),
           "histogram of optical flow": features.MotionHistogram()}
board = vl.compare(table, methods=methods, vote=False, progress=False).frame
plots.score_bars(board, title="Sitting down or standing up? 96 films, six unseen actors")

# %% tags=["nbval-ignore-output"]
board = board.set_index("name")
score = board["accuracy"]
vl.report("HOG, averaged", score["HOG, averaged"], at_most=0.59)
vl.report("HOG, averaged: interval from", board["accuracy_low"]["HOG, averaged"], at_most=0.5)
history = score["motion energy and history"]
vl.report("motion energy and history", history, at_least=0.62, at_most=0.76)
vl.report("HOG, frame after frame", score["HOG, frame after frame"], at_least=0.93)
vl.report("histogram of optical flow", score["histogram of optical flow"], at_least=0.94)
board[["accuracy", "accuracy_low", "accuracy_high"]].astype(float).round(2)

# %% [markdown]
# * **HOG, averaged**, is no better than guessing. With twelve films it was luck.
# * **The histogram of optical flow** (`MotionHistogram`) is nearly always right. The question is about direction, and
#   that is what it measures.
# * So is **HOG, frame after frame**: no motion at all, only frames in their order. It needs 16 · 1764 = 28,224 numbers
#   a film, the flow only 432.
# * **Motion energy and history** (`MotionEnergy`) seems better than guessing, and is clearly worse than these two.
#
# The last one is surprising. In the pictures above *you* could see the answer: bright at the bottom, or bright at the
# top. Is the answer not in the numbers, or did the classifier not find it? We compute one number that measures just
# that, the correlation between how low a pixel is and how recently it moved, and learn nothing at all: above 0 is
# sitting down.

# %%
def later_is_lower(path):
    history = features.motion_history(vl.open_media(path).frames(size=(64, 64), fps=10)[0])
    rows, columns = np.nonzero(history)
    return np.corrcoef(rows, history[rows, columns])[0, 1]


numbers = np.array([later_is_lower(path) for path in table["path"]])
right = np.mean(table["label"] == np.where(numbers > 0, sit, stand))
vl.report("one number from the motion history, nothing learnt", right, at_least=0.93)

# %%
figure, axis = plots.axes("one number sorts the films", height=2, ylabel="films",
                          xlabel="later is lower (correlation)")
colors, edges = plots.class_colors([sit, stand]), np.linspace(-1, 1, 41)
for name in (sit, stand):
    axis.hist(numbers[table["label"] == name], edges, color=colors[name], alpha=0.7, label=name)
figure

# %% [markdown]
# The answer was in the numbers, and the classifier missed it. A likely reason: it has to find a weight for each of 512
# numbers, counted in the cells of a fixed grid, from 80 films in which the actors sit in different places, while our
# one number was designed for this question. A feature is only as good as what the classifier can make of it, so a
# handcrafted feature should give the important information in a form that is easy to use.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("04.moved_share")` gives a nudge, and a second one if you ask again;
# `vl.solution("04.moved_share")` shows one way. The stars say how hard an exercise is.
#
# **1. How much moved?** ★ Write `moved_share(before, after)` for two grey pictures, uint8 (H, W): the share of pixels
# that differ by more than 20, lighter or darker. What is 100 − 105 in bytes?

# %%
def moved_share(before, after):
    ...


vl.check("04.moved_share", moved_share)

# %% [markdown]
# **2. Which way did it go?** ★★★ Write `heading(history)` for a motion history image, float (H, W): `"right"`,
# `"left"`, `"down"` or `"up"`.

# %%
def heading(history):
    ...


vl.check("04.heading", heading)

# %% [markdown]
# **3. Speed and direction.** ★★ Write `speed_and_direction(flow)` for arrows (H, W, 2), pixels to the right and down.
# Return two arrays (H, W): the speed, and the angle in degrees from 0 up to 360, where 0° is to the right and 90° is
# down.

# %%
def speed_and_direction(flow):
    ...


vl.check("04.speed_and_direction", speed_and_direction)

# %% [markdown]
# **4. Bins on a circle.** ★★ Write `direction_bin(angle, n_bins)`: in which of `n_bins` equal bins, 0 to n_bins − 1, is
# an angle from 0° up to 360°, if bin 0 is centred on 0°?

# %%
def direction_bin(angle, n_bins):
    ...


vl.check("04.direction_bin", direction_bin)

# %% [markdown]
# **5. A row that keeps the order.** ★★ Write `keeps_order(sequence)` for features (T, d), T ≥ 2: one row of numbers, of
# the same length for every T, that changes when the sequence is played backwards. There are many ways; find a short
# one.

# %%
def keeps_order(sequence):
    ...


vl.check("04.keeps_order", keeps_order)

# %% [markdown]
# **6. One window.** ★★★ Write `window_motion(right, down, change)`: the motion of one window, two numbers (to the
# right, down), by Lucas and Kanade. The three arrays have one shape: the gradients per pixel, and later minus earlier.

# %%
def window_motion(right, down, change):
    ...


vl.check("04.window_motion", window_motion)

# %% [markdown]
# **Open question.** A camera in a train films the landscape, and a passenger waves. Which of today's features would
# find the waving, and what has to be done first? Think of near and far trees, too. There is no check for this one.

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). Here are
# your first three films: a frame, the motion history of their first four seconds, and the flow in the middle. Then,
# where there are labels: does motion know more about them than the frames do?
#
# **If your data disagree with the theatre**, and motion is no better than the majority class, look at the pictures
# first. Does the camera tremble or pan? Then the history is bright everywhere, and the flow has one colour: subtract
# its median. Are people small or far away? Raise `size`. Do the actions take several seconds, or a fraction of one?
# Change `fps` and `segments`. Are there few people? Then the interval is wide, and the order of the methods is luck.
# And perhaps the question is not one of motion: a fall and a squat differ in how they *end*, which a single frame can
# show.

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
plots.gallery(shown, columns=3, width=8)

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1
methods = [features.HOG(), features.MotionHistogram()]
no_labels = "Without labels there is no score; the pictures above need none."
vl.compare(mine, methods=methods, progress=False) if labelled else no_labels

# %% [markdown]
# ## What you learnt
#
# An average of something computed from single frames forgets their order; an average of something computed from pairs
# need not. Differences show that something moved, the background what is in front of it, a motion history where and how
# recently, optical flow in which direction and how fast. You built Lucas and Kanade's flow by hand, saw where it cannot
# know (the aperture problem, a singular matrix), and tested it where the truth was known. And with only twelve films, a
# feature can look good that cannot know anything.
#
# **Next:** so far the classifier was a black box behind `compare`. 05 opens it: how do rows of numbers become a
# decision?
#
# ## Further reading
#
# * B. Lucas and T. Kanade, *An iterative image registration technique with an application to stereo vision*, IJCAI
#   1981.
# * A. Bobick and J. Davis, *The recognition of human movement using temporal templates*, IEEE Transactions on Pattern
#   Analysis and Machine Intelligence 23, 2001: motion history.
# * H. Wang and C. Schmid, *Action recognition with improved trajectories*, ICCV 2013: HOG, HOF and MBH along
#   trajectories, with the camera's motion removed. (Space-time interest points, *STIP*, came before: I. Laptev, 2005.)
