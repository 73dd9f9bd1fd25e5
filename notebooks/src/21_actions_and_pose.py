# %% [markdown]
# # 21 · Actions and pose
#
# **Is a skeleton enough to tell what somebody does?**
#
# Notebook 20 followed people as boxes. A box has no arms. A **pose** is a list of points, such as the left elbow and the
# right knee, and a film becomes a few dozen numbers a frame.
#
# In this notebook you will
#
# * find people and their joints in a real street, and read a point out of a heatmap by hand,
# * centre, scale and measure a skeleton, so that it says the same wherever somebody stands,
# * tell actions from skeletons, next to pixels and next to the best that is possible, and find them in a long film.
#
# About 35 minutes to read, a minute and a half to run.

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, networks, plots, pretrained, tasks, theatre, widgets
from vmm_lab.pretrained import blaze, pose

# %% [markdown]
# ## People in a street
#
# **BlazePose** works in two steps. A detector finds people and says how they are turned. A second network looks at each
# of them, cut out and upright, and gives 33 points. Seventeen of them are those of the COCO data set, which most of the
# field uses.

# %%
media = vl.open_media(assets.fetch("bikes"))
frames, times = media.frames()
picture = frames[112]
people = pretrained.find_poses(picture)
drawn = plots.draw_skeletons(picture, np.array([person.coco for person in people]))
plots.filmstrip(drawn[None], title="Left is blue, right is orange")

# %%
nose = people[0].coco[0, :2]
vl.report("people", len(people), at_least=1)
vl.report("pixels from the nose that I marked by hand", np.hypot(*(nose - (421, 55))), at_most=12)

# %% [markdown]
# ## A point out of a heatmap, by hand
#
# BlazePose gives its points as numbers. For each of them the second network also paints a **heatmap**, from which many
# other networks of pose read theirs: 64×64 cells over the cut-out square, bright where it believes the point to be.
# Here is the one of the left knee, point 25 of 33.

# %%
square = blaze.crop(picture, people[0].region, pose.SIDE, edge="black")
outputs = blaze.network("pose_landmark")(square[None] / np.float32(255))
maps = next(o for o in outputs if o.shape[-1] == 39)  # logits
heat = 1 / (1 + np.exp(-maps[0, :, :, 25]))
shown = np.repeat((255 * heat / heat.max()).astype(np.uint8)[..., None], 3, axis=2)
plots.filmstrip(np.stack([square, plots.resized(shown, 4)]), title="What it sees; the left knee")

# %% [markdown]
# The brightest cell is a first answer, four pixels wide. A *local soft-argmax* is finer: the mean place of the cells
# around it, each as heavy as it is bright. Here it lies some pixels from the number that BlazePose gives.
# `networks.points_of` does the same for all maps at once.

# %%
y, x = np.unravel_index(heat.argmax(), heat.shape)
rows, columns = np.mgrid[y - 2:y + 3, x - 2:x + 3]
weights = heat[rows, columns] / heat[rows, columns].sum()
by_hand = 4 * (np.array([(weights * columns).sum(), (weights * rows).sum()]) + 0.5)
library = networks.points_of(heat[None, :, :, None])[0, 0, :2]
print("brightest cell", (int(x), int(y)))
print("by hand", by_hand.round(1), "library", library.round(1))

# %%
vl.report("by hand and by the library differ by", np.abs(by_hand - library).max(), at_most=1e-3)
knee = people[0].region.from_picture(people[0].points[25:26, :2])[0] * pose.SIDE
vl.report("pixels of the square from the point that is given",
          np.hypot(*(knee - by_hand)), at_most=10)

# %% [markdown]
# ## From frame to frame
#
# A detector costs time. Once somebody is found, the second network says where to look in the next frame, and the
# detector rests until that person is lost. Where nobody is found, as in most frames of this film, it looks each time.

# %% tags=["nbval-ignore-output"]
follower = pose.PoseFollower()
found = [follower(frame) for frame in frames]
seen = pd.Series([len(people) for people in found], index=times.round(2), name="people")
shots = pd.DataFrame({"frames": len(frames), "with people": (seen > 0).sum(),
                      "looks of the detector": follower.detections}, index=["bikes"])
shots

# %%
vl.report("frames with somebody, of 250", int((seen > 0).sum()), at_least=62)
vl.report("looks of the detector", follower.detections, at_most=225)

# %% [markdown]
# ## Where it fails
#
# Around 7.8 s somebody walks through the picture whose head is outside of it. We see the walker at once. BlazePose does
# not: it was made for films in which the head is always in the picture, and its detector looks for one. At 7.4 s a
# bicycle behind a fence may pass for a person: the network's own score says so, and only the heatmaps, which are flat
# there, let most of such finds be dropped.

# %% tags=["nbval-ignore-output"]
hard = [186, 195]
overlays = [plots.draw_skeletons(frames[k], np.array([one.coco for one in found[k]])) for k in hard]
plots.filmstrip(np.stack(overlays), times=times[hard])

# %%
walker = [len(found[k]) for k in range(192, 200)]
vl.report("frames of eight with the walker found", int(np.sum(np.array(walker) > 0)), at_most=1)

# %% [markdown]
# ## An angle, by hand
#
# The angle at the knee lies between the way to the hip and the way to the ankle. With u and v for the two, its cosine is
# u·v / (|u| |v|). It stays the same wherever somebody stands in the picture, and however large that is. It changes when
# they turn: a bent knee looks straight from the front. Only points in three dimensions say more.

# %%
leg = np.array([one.coco[[12, 14, 16], :2] for one in (found[112][0], found[130][0])])
hip, knee, ankle = leg[:, 0], leg[:, 1], leg[:, 2]
u, v = hip - knee, ankle - knee
cosine = (u * v).sum(axis=1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1)
angles = np.rad2deg(np.arccos(cosine))
print("right knee:", angles.round().astype(int), "degrees")

# %%
both = np.array([found[112][0].coco[:, :2], found[130][0].coco[:, :2]])
library = np.rad2deg(features.joint_angles(both))[:, 7]  # the right knee
vl.report("by hand and by the library differ by, degrees",
          np.abs(angles - library).max(), at_most=1e-3)

# %% [markdown]
# ## Centred and scaled, by hand
#
# Pixels say where somebody stands. What they *do* is in the joints relative to the body: the middle of the hips becomes
# the origin, and the length of the torso the unit. One point is a bad guess: the left ankle, which the drawing above
# leaves out as too unsure, lies here next to its knee.

# %%
hips, shoulders = both[:, [11, 12]].mean(axis=1), both[:, [5, 6]].mean(axis=1)
torso = np.median(np.linalg.norm(shoulders - hips, axis=1))
body = (both - hips[:, None]) / torso
sides = ["left" if name.startswith("left") else "right or middle" for name in theatre.KEYPOINTS]
plots.scatter(body[0] * (1, -1), sides, axes_names=("torsos to the right", "torsos up"), width=4)

# %%
vl.report("by hand and by the library differ by", np.abs(body - features.on_body(both)[0]).max(),
          at_most=1e-6)
larger = features.on_body(3 * both + 50)[0]
vl.report("a larger picture elsewhere differs by", np.abs(larger - body).max(), at_most=1e-6)

# %% [markdown]
# ## Drag the time
#
# The skeleton over the film, and the angles of its joints below. Play it, choose other joints, or drag in the curves.

# %% tags=["nbval-ignore-output"]
ride = slice(106, 134)
points = pose.largest_person(found[ride])
explorer = widgets.PoseExplorer(frames[ride], points, times=times[ride])
explorer

# %%
vl.report("elbow on the right, degrees", np.nanmedian(explorer.angles[:, 1]), at_least=112)

# %% [markdown]
# ## Is a skeleton enough?
#
# The theatre knows its joints exactly. Saved as `.npy` files of (frames, joints, 2 or 3), they are a table like any
# other; joints from a depth camera or from motion capture can be saved in the same way. `PoseStatistics` takes the
# median of three frames at each joint, so that a joint found in a wrong place in one frame does no harm, centres and
# scales, and pools places, velocities and angles over five parts of the time.

# %% tags=["nbval-ignore-output"]
plays = vl.load_table("theatre", size="full").iloc[::2].reset_index(drop=True)
folder = Path(tempfile.mkdtemp())
for row, path in enumerate(plays["path"]):
    np.save(folder / f"{row}.npy", theatre.truth(path).keypoints)
paths = [str(folder / f"{row}.npy") for row in plays.index]
known = plays.assign(path=paths).drop(columns="caption")
print(len(known), "sequences of", theatre.truth(plays["path"][0]).keypoints.shape)

# %% tags=["nbval-ignore-output"]
board = vl.compare(known, progress=False)
board

# %%
ceiling = theatre.ceiling("video")
exact = board.frame.set_index("name").loc["PoseStatistics", "accuracy"]
vl.report("the best that pictures allow", ceiling, at_least=0.8)
vl.report("exact joints, as a share of that", exact / ceiling, at_least=0.95)

# %% [markdown]
# Exact joints say nearly all that can be seen. What the ceiling lacks to 1 can only be heard or read: a knock and a
# punch are one motion.
#
# ## From the films themselves
#
# Now the joints come from BlazePose, which has never seen a puppet, next to a row that reads pixels, one that reads the
# flow, and a vote of all. Forty-eight films of four actions, folds by actor.

# %% tags=["nbval-ignore-output"]
four = plays[plays["label"].isin(["clap", "jump", "sit_down", "stand_up"])]
films = four.groupby("label").head(12).drop(columns="caption").reset_index(drop=True)
methods = {"pose": pretrained.PoseStatistics(n_frames=12), "HOG": features.HOG(),
           "flow": features.MotionHistogram()}
scores = vl.compare(films, methods=methods, n_jobs=2, progress=False)
scores

# %%
accuracy = scores.frame.set_index("name")["accuracy"]
vl.report("pose, found in the films", accuracy["pose"], at_least=0.89)
vl.report("what pose has more than pictures", accuracy["pose"] - accuracy["HOG"], at_least=0.33)
vl.report("the vote of pictures, flow and pose", accuracy["Soft vote"], at_least=0.91)
vl.report("majority class", accuracy["Majority class"], at_most=0.3)

# %% [markdown]
# A skeleton beats single pictures, which cannot say whether somebody sits down or stands up. It does not beat the flow
# here, where the flow has it easy: the theatre's camera stands still, and nothing moves but the puppet. With
# 48 films, though, one film is two per cent, and the intervals of the board are wide.
#
# ## A long film
#
# In a long film nobody says where an action begins. A classifier **slides** over it: a window of one second moves on by
# a quarter of a second each time, and gets probabilities. Windows of one class are merged, and of several that overlap
# the surest wins (*non-maximum suppression*). The classifier has to learn from windows, too, as it has to know an
# action from any part of it.

# %%
small = plays[plays["label"].isin(theatre.VIDEO_ACTIONS)]
learn, held = vl.split_by_group(small, test=0.25)
joints = {path: theatre.truth(path).keypoints[:, :, :2].astype(float) for path in small["path"]}
cut = [(part, label) for path, label in zip(learn["path"], learn["label"])
       for part in tasks.cut_windows(joints[path], fps=25, step=0.5)[0]]
statistics = features.PoseStatistics()
windows = statistics.transform([part for part, _ in cut])
svm = tasks.ChosenSVM().fit(windows, np.array([label for _, label in cut]))
print(len(cut), "windows of", len(learn), "films")

# %% tags=["nbval-ignore-output"]
one = held[held["group"] == held["group"].iloc[0]].drop_duplicates("label")
long = np.concatenate([joints[path] for path in one["path"]])
starts = np.arange(len(one)) * 2.0
truth = pd.DataFrame({"start": starts, "end": starts + 2, "action": one["label"].to_numpy()})
actions = tasks.actions_in_poses(long, lambda parts: svm.predict_proba(statistics.transform(parts)),
                                 list(svm.classes_), fps=25)
actions.round(2)

# %%
score = tasks.score_actions(actions, truth)
vl.report("F1 of actions that overlap the truth by half", score["f1"], at_least=0.68)
vl.report("recall", score["recall"], at_least=0.93)

# %% [markdown]
# All actions are found. There are bows between them that nobody made: when one action is over and the next has not
# begun, the puppet stands for a moment, and a class for *nothing happens* was never learnt.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("21.angle")` gives a nudge, and a second one if you ask again;
# `vl.solution("21.angle")` shows one way.

# %% [markdown]
# **1. An angle.** ★ Write `angle(a, b, c)`: the angle at `b` between `a` and `c`, points float (2,), in degrees from 0 to
# 180.

# %%
def angle(a, b, c):
    ...


vl.check("21.angle", angle)

# %% [markdown]
# **2. On the body.** ★★ Write `centred(points)`: 17 points of COCO, float (17, 2), relative to the middle of the hips (11
# and 12) and divided by the length from there to the middle of the shoulders (5 and 6).

# %%
def centred(points):
    ...


vl.check("21.centred", centred)

# %% [markdown]
# **3. PCK** (percentage of correct keypoints). ★★ Write `pck(found, truth, torso)`: the share of points, float (n, 2),
# that lie within 0.2 torsos of the truth. Points whose truth is NaN do not count.

# %%
def pck(found, truth, torso):
    ...


vl.check("21.pck", pck)

# %%
vl.progress("21")

# %% [markdown]
# **Open question.** A skeleton has no face and no clothes. Is a film that is kept as skeletons anonymous? What about
# somebody who limps?

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). In a
# terminal: `vmm-lab pose walk.mp4 --out overlay.mp4 --json poses.json`.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table().head(4)
print(len(mine), "of your media")

# %% tags=["nbval-ignore-output"]
kept = []
for path in mine["path"]:
    with vl.open_media(path) as film:
        kept += [film.sample(1, size=(180, 240))[0][0]] if film.has_video else []
mine_found = [[one.coco for one in pretrained.find_poses(frame)] for frame in kept]
mine_drawn = [plots.draw_skeletons(*pair) for pair in zip(kept, map(np.array, mine_found))]
plots.filmstrip(np.stack(mine_drawn)) if kept else "no pictures"

# %% [markdown]
# ## What you learnt
#
# * Many networks paint a heatmap for each joint; a local soft-argmax reads a point out of it that is finer than a cell.
# * Centred on the hips and divided by the torso, a skeleton says what somebody does, and not where.
# * Exact joints reach nearly what pictures allow, and found ones tell four actions apart; nobody is found where the head
#   is cut off.
# * Sliding windows, merged, give each action a start and an end.
#
# **Next:** 22 looks at faces: who is it, and what do they feel?
#
# ## Further reading
#
# * V. Bazarevsky and others: *BlazePose: On-device Real-time Body Pose Tracking*. CVPR workshop, 2020.
# * J. Tompson and others: *Joint Training of a Convolutional Network and a Graphical Model for Human Pose Estimation*.
#   NeurIPS, 2014.
# * S. Yan, Y. Xiong, D. Lin: *Spatial Temporal Graph Convolutional Networks for Skeleton-Based Action Recognition*. AAAI,
#   2018.
