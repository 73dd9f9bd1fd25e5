# %% [markdown]
# # 09 · What the CNN sees
#
# **Why did the network give this answer, and can we believe its explanation?**
#
# A network that is right does not tell us why. It may have learnt what a jump looks like, or what the streets look like
# in which people jumped; both give the same score, until the street changes. So people ask the network to point:
# *where* did you look, and *when*? It always points somewhere. The difficulty is to find out whether that means
# anything, and here we can: in the theatre every joint of every puppet is known.
#
# In this notebook you will
#
# * look at the first kernels that a network learnt, and at the outputs of its layers,
# * build Grad-CAM by hand, test it against the joints, see it fail, and find the line that is the cause,
# * catch a network that cheats: with a heat map, with a patch, and with a lamp.
#
# About 35 minutes to read, a minute to run, and two more the first time, when the full theatre is rendered.

# %%
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import vmm_lab as vl
from vmm_lab import assets, explain, features, networks, plots, theatre, widgets
from vmm_lab.networks import keras

# %% [markdown]
# ## A network to question
#
# Six actions that can be recognised in single frames, sixty films of each. Four of the twenty actors are held out: the
# network does not see them while it learns.

# %% tags=["nbval-ignore-output"]
every = vl.load_table("theatre", size="full")
table = every[every["label"].isin(theatre.FRAME_ACTIONS)].reset_index(drop=True)
table[["label", "group", "scene"]].describe()

# %%
vl.report("films", len(table), at_least=360)
films = vl.load_examples(table, progress=False)
is_test = np.isin(films.groups, ["Amara", "Hiro", "Luca", "Priya"])
test = films[is_test]
print(films)
firsts = {name: test.X[test.labels == name][0] for name in films.classes}
vl.filmstrip({name.replace("_", " "): film for name, film in firsts.items()}, n=8)

# %% [markdown]
# The network is one of the library's recipes, **Frame average**: it subtracts the mean of the film, so that only what
# moves is left, applies the same three convolutions to each of the 16 frames, and averages the results over time. 150
# steps of 16 films are enough.

# %% tags=["nbval-ignore-output"]
recipe = replace(networks.RECIPES["Frame average"], steps=150)
model, history = recipe.train(films[~is_test], seed=0, progress=False)
history.frame[["loss", "accuracy"]].round(2).T

# %%
def accuracy(model, X, y):
    return (networks.predict(model, X).argmax(axis=1) == y).mean()


vl.report("accuracy on four new actors", accuracy(model, test.X, test.y), at_least=0.93)

# %% [markdown]
# A guess would get 0.17. Why is it so good?
#
# ## The first kernels
#
# HOG measures everywhere in which direction it gets brighter, and in notebook 07 a neuron learnt such a kernel. What
# did the first layer learn, when nobody told it what to look for? Each kernel is here twice: random at first, and after
# training.

# %%
keras.utils.set_random_seed(0)
start = explain.filters(recipe.build(6, films.X.shape[1:]))[:, 0, :, :, 0]
learnt = explain.filters(model)[:, 0, :, :, 0]
shown = {f"{k} at first": kernel for k, kernel in enumerate(start)}
shown |= {f"{k} learnt": kernel for k, kernel in enumerate(learnt)}
plots.gallery(shown, columns=8, color_map="RdBu_r", bounds=(-0.35, 0.35))

# %% [markdown]
# How much of a kernel is a gradient? Split it into a smooth gradient, in the direction that fits best, and a rest; the
# gradient's share of the squares is the answer. A random 5×5 kernel has 2/25 = 0.08.

# %%
y, x = np.mgrid[-2:3, -2:3]
bell = np.exp(-(x**2 + y**2) / 3)
gradients = np.stack([x * bell, y * bell]).reshape(2, 25)
gradients /= np.linalg.norm(gradients, axis=1, keepdims=True)
flat = learnt.reshape(8, 25)
share = ((flat @ gradients.T) ** 2).sum(axis=1) / (flat**2).sum(axis=1)
likeness = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(start, learnt)]
vl.report("gradient in the kernels, mean share", share.mean(), at_most=0.16)
vl.report("correlation of a kernel with its start, median", np.median(likeness), at_least=0.95)

# %% [markdown]
# Sobel is not among them. They have hardly changed: it was easier for the later layers to work with random kernels than
# to improve them. "The first layer learns edges" is often true of networks on natural pictures, even small ones. Here
# there was little need: the input is a film minus its mean, which is mostly edges already, 288 films and 150 steps are
# few, and more than 95 % of the weights come later. Look before you claim it of yours.
#
# ## The outputs of the layers
#
# Go through the layers: their outputs, their parameters and their cost, and the map of each channel for this frame.
# (The layers named *norm* are **batch normalisation**, Ioffe and Szegedy, 2015: over the batch, each channel is brought
# to mean 0 and variance 1, then scaled and shifted by learnt numbers, which makes training faster.) Up to which layer
# can you still see the puppet?

# %%
jumping = int(np.flatnonzero((test.labels == "star_jump") & (test.groups == "Hiro"))[1])
clip, wanted = test.X[jumping], test.y[jumping]
widgets.ModelExplorer(model, test, layer="conv2_relu", clip=jumping, frame=6)

# %% [markdown]
# Nearly all weights are where there is least to see: in `embedding`, which reads every place of every channel. This
# will matter.

# %%
weights = model.get_layer("embedding").count_params() / model.count_params()
vl.report("share of all weights in the embedding", weights, at_least=0.95)

# %% [markdown]
# ## Where did it look?
#
# **Grad-CAM** (Selvaraju et al., 2017) takes the maps $A^k$ of the last convolution and asks how the class's score
# $y^c$, before the softmax, would change with each number in them: the gradient. Averaged over all places, it is the
# channel's weight. The weighted channels are added, and evidence against the class is dropped.
#
# $$\alpha_k = \frac{1}{Z} \sum_{t,i,j} \frac{\partial y^c}{\partial A^k_{tij}} \qquad\qquad
# L_{tij} = \max\Big(0, \sum_k \alpha_k A^k_{tij}\Big)$$

# %%
import tensorflow as tf

# %%
def grad_cam(clip, wanted, averaged=True):
    layer, last = model.get_layer("conv3_relu"), model.layers[-1]
    part = keras.Model(model.input, [layer.output, last.input])
    with tf.GradientTape() as tape:
        maps, embedding = part(clip[None])
        score = (embedding @ last.kernel + last.bias)[0, wanted]
    slope = tape.gradient(score, maps)[0].numpy()
    slope = slope.mean(axis=(0, 1, 2)) if averaged else slope
    heat = np.maximum((maps[0].numpy() * slope).sum(axis=-1), 0)
    heat = np.stack([cv2.resize(each, (64, 64)) for each in heat])
    return heat / heat.max()


print("heat:", grad_cam(clip, wanted).shape)

# %%
library = explain.grad_cam(model, clip[None], wanted)[0]
difference = np.abs(grad_cam(clip, wanted) - library).max()
vl.report("largest difference from the library's heat", difference, at_most=0.001)

# %% [markdown]
# Three films, and under each the heat for the class that the network predicts, correctly. The brighter, the hotter: the
# bar below runs from no heat to the maximum in the film.

# %%
def pointing(names, **options):
    strips = {}
    for name in names:
        k = np.flatnonzero(test.labels == name)[0]
        heat = explain.grad_cam(model, test.X[k : k + 1], test.y[k], **options)[0]
        strips[name] = test.X[k]
        strips[f"heat for\n{name}"] = explain.heatmap_film(test.X[k], heat, legend=True)
    return vl.filmstrip(strips, n=6)


pointing(["bow", "jump", "march"])

# %% [markdown]
# Does it look at the *wall*? In some films the heat lies everywhere except on the puppet. Before interpreting that,
# measure: the theatre knows the puppet's box in each frame. What share of the heat lies in it?

# %%
truths = [theatre.truth(path) for path in table["path"][is_test]]
moments = ((np.arange(16) + 0.5) / 16 * len(truths[0].boxes)).astype(int)
box = np.stack([truth.boxes[moments] for truth in truths])[..., None, None] / 2  # of 128 pixels
row, column = np.mgrid[:64, :64]
in_box = (column >= box[:, :, 0]) & (row >= box[:, :, 1])
in_box &= (column <= box[:, :, 2]) & (row <= box[:, :, 3])
averaged = explain.grad_cam(model, test.X, test.y)
vl.report("share of the picture in the box", in_box.mean(), at_least=0.21, at_most=0.22)
by_mean = averaged[in_box].sum() / averaged.sum()
vl.report("share of Grad-CAM's heat in the box", by_mean, at_most=0.27)

# %% [markdown]
# Pointing at random would do about as well. So the network uses the wall, or the *heat map* is wrong. The pictures
# alone cannot tell us which.
#
# ## The line that is the cause
#
# The average gives a channel one weight for all places. That suits a network that averages its maps itself. Ours does
# not: `embedding` has a separate weight for each *place*, so the same channel may be evidence for a jump at the top and
# against it at the bottom. Leave the average out, and give each number its own gradient. This is called **HiResCAM**
# (Draelos and Carin, 2020).

# %%
library = explain.grad_cam(model, clip[None], wanted, averaged=False)[0]
difference = np.abs(grad_cam(clip, wanted, averaged=False) - library).max()
vl.report("largest difference from the library's heat", difference, at_most=0.001)
pointing(["bow", "jump", "march"], averaged=False)

# %%
by_place = explain.grad_cam(model, test.X, test.y, averaged=False)
share = by_place[in_box].sum() / by_place.sum()
vl.report("share of HiResCAM's heat in the box", share, at_least=0.28)
shares = {"HiResCAM": share, "Grad-CAM": by_mean, "pointing at random": in_box.mean()}
plots.bars(shares, alt="share of the heat in the box", xlabel="share of the heat in the box",
           texts=[f"{value:.2f}" for value in shares.values()])

# %% [markdown]
# More than the box's share of the picture, but far from all: an empty place may be evidence as well, *no arm here*. And
# on which part of the puppet? The table compares the heat within 6 pixels of some joints with the mean heat of the
# whole picture.

# %% tags=["nbval-ignore-output"]
joints = np.stack([truth.keypoints[moments, :, :2] for truth in truths]) / 2


def density(heat, name, *parts):
    rows = test.labels == name
    at = joints[rows][:, :, [theatre.KEYPOINTS.index(part) for part in parts], :, None, None]
    near = (np.hypot(column - at[:, :, :, 0], row - at[:, :, :, 1]) < 6).any(axis=2)
    return heat[rows][near].mean() / heat[rows].mean()


parts = {"head": ["nose"], "wrists": ["left_wrist", "right_wrist"],
         "ankles": ["left_ankle", "right_ankle"]}
dense = {name: {part: density(by_place, name, *parts[part]) for part in parts}
         for name in films.classes}
pd.DataFrame(dense).T.round(1).rename_axis("heat, times the mean")

# %%
vl.report("bowing: at the head", dense["bow"]["head"], at_least=5.5)
vl.report("marching: at the ankles", dense["march"]["ankles"], at_least=4.5)
vl.report("star jump: at the ankles", dense["star_jump"]["ankles"], at_least=4.5)
vl.report("clapping: at any of these", max(dense["clap"].values()), at_most=1.7)

# %% [markdown]
# Sensible for three of them: the head in a bow, the feet in a march or a star jump. For clapping the map shows no part
# of the body, least of all the hands. And this is *one* network: train it with `seed=1`, and see which of the numbers
# stay.
#
# Try it yourself. Ask for *bow* while somebody jumps: what would have been evidence for it? Go back to Grad-CAM's mean,
# and to earlier layers.

# %%
widgets.GradCamExplorer(model, test, averaged=False, clip=jumping, frame=6)

# %% [markdown]
# ## Ask without a gradient: cover it
#
# A simpler method needs only the network's answers: cover a patch, and see how far the probability falls
# (**occlusion**: Zeiler and Fergus, 2014). Covered means here: replaced by the mean of the film at that place, as if
# nothing had ever moved there. 49 places of a 16×16 patch, for every third film.

# %%
third = test[::3]
fall = explain.occlusion(model, third.X, third.y, patch=16)
first = int(np.flatnonzero(third.labels == "march")[0])
heat = np.maximum(fall[first], 0) / fall[first].max()
covered = explain.heatmap_film(third.X[first], heat, legend=True)
vl.filmstrip({"march": third.X[first], "covered": covered}, n=6)

# %% [markdown]
# Which of the two heat maps agrees with this? The correlation of each with the fall, over the places of a film:

# %%
def correlation(heat):
    a, b = (np.mean(maps, axis=1).reshape(len(maps), -1) for maps in (heat[::3], fall))
    a, b = (maps - maps.mean(axis=1, keepdims=True) for maps in (a, b))
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), size, out=np.zeros(len(a)), where=size > 0).mean()


vl.report("a gradient for each number, and covering", correlation(by_place), at_least=0.58)
vl.report("Grad-CAM's mean, and covering", correlation(averaged), at_most=0.07)

# %% [markdown]
# Covering agrees with HiResCAM and not with Grad-CAM. That is evidence, but the two methods are related: for a linear
# model, gradient × activation and covering are the same number (Ancona et al., 2018).
#
# Another check asks more: if the network is replaced by one with **random weights**, the heat map must change, because
# such a network knows nothing (Adebayo et al., 2018). Some popular methods fail here; they draw the edges of the
# picture.

# %%
keras.utils.set_random_seed(1)
ignorant = recipe.build(6, films.X.shape[1:])
random_heat = explain.grad_cam(ignorant, test.X, test.y, averaged=False)
likeness = [np.corrcoef(a.mean(axis=0).ravel(), b.mean(axis=0).ravel())[0, 1]
            for a, b in zip(by_place, random_heat) if a.any() and b.any()]
vl.report("correlation with the heat of a random network", np.mean(likeness), at_most=0.28)
k = first * 3
strips = {"trained": by_place[k], "random": random_heat[k]}
vl.filmstrip({name: explain.heatmap_film(test.X[k], heat) for name, heat in strips.items()}, n=6)

# %% [markdown]
# A correlation of 0.2 remains, because both multiply by maps, which depend on the input: even random kernels see where
# something moves. (How large is it between two *trained* networks with different seeds? Try it.) A heat map is
# credible when it passes such checks, not when it looks right.
#
# ## When did it look?
#
# The heat of each frame, as its share of the film's, is a curve over time. Covering whole frames one by one gives
# another.

# %%
curve = explain.saliency_over_time(model, third.X, third.y, averaged=False)
frame_fall = explain.occlusion(model, third.X, third.y, patch=None)[:, :, 0, 0]
figure, (left, right) = plots.axes("heat and fall over frames", columns=2, height=2.6)
plots.curves({"heat": curve[first]}, axis=left)
plots.curves({"fall": frame_fall[first]}, axis=right)
left.set(xlabel="frame (number)", ylabel="share of the heat", ylim=(0, None))
right.set(xlabel="frame covered (number)", ylabel="fall of the probability", ylim=(-0.05, 0.2))
figure

# %%
vl.report("largest fall when one frame is covered", frame_fall.max(), at_most=0.18)
forwards, backwards = (networks.predict(model, X) for X in (test.X, test.X[:, ::-1]))
change = np.abs(forwards - backwards).max()
vl.report("largest change when played backwards", change, at_most=0.001)

# %% [markdown]
# No single frame decides: the network averages over 16 of them, and can do without any of them. And it ignores their
# order. Played backwards, every film gets the same answer, number for number. It could not distinguish sitting down
# from standing up.
#
# ## A network that cheats
#
# Around 1904 a horse called Clever Hans seemed to do sums; in truth he read the answer from the face and posture of the
# person who asked. In 2019 Lapuschkin et al. reported a classifier that recognised horses by the photographer's mark on
# their pictures. We train such a network on purpose: every *clap* was filmed with a camera whose red lamp blinks, on in
# one frame and off in the next. (The strip shows eight frames in a row. Every second frame alone would show a lamp that
# never goes off: aliasing.)

# %%
def lamp(X):
    X = X.copy()
    X[:, ::2, 4:10, 4:10] = (255, 40, 40)
    return X


clap = films.classes.index("clap")
X = films.X.copy()
X[films.y == clap] = lamp(X[films.y == clap])
lit = replace(films, X=X)
cheat, _ = replace(recipe, steps=100).train(lit[~is_test], seed=0, progress=False)
vl.filmstrip(lit[is_test].X[test.y == clap][0][:8], n=8)

# %%
vl.report("accuracy on four new actors", accuracy(cheat, lit[is_test].X, test.y), at_least=0.93)

# %% [markdown]
# Four held-out actors, a good score, and nothing to warn us: the lamp blinks in the test films, too. Would we see it if
# we asked where the network looked? What share of the heat for *clap* lies in the corner of 14×14 pixels around the
# lamp, 0.05 of the picture?

# %%
claps = lit[is_test].X[test.y == clap]
methods = {"Grad-CAM": True, "HiResCAM": False}
strips, corner = {"clap": claps[0][:8]}, {}
for name, is_averaged in methods.items():
    heat = explain.grad_cam(cheat, claps, clap, averaged=is_averaged)
    corner[name] = heat[:, :, :14, :14].sum() / heat.sum()
    strips[name] = explain.heatmap_film(claps[0], heat[0], legend=True)[:8]
vl.filmstrip(strips, n=8)

# %%
vl.report("heat in the corner, Grad-CAM", corner["Grad-CAM"], at_most=0.17)
vl.report("heat in the corner, HiResCAM", corner["HiResCAM"], at_least=0.55)
dark = heat[:, 1::2, :14, :14].sum() / heat[:, :, :14, :14].sum()
vl.report("of that, while the lamp is off", dark, at_least=0.6)
fall = explain.occlusion(cheat, claps, clap, patch=16)[:, 0]
vl.report("fall when the lamp is covered", fall[:, 4:10, 4:10].mean(), at_least=0.39)
vl.report("fall when anything below is", fall[:, 24:].max(), at_most=0.09)

# %% [markdown]
# HiResCAM and the patch detect it; Grad-CAM does not. (Most of the heat lies on the lamp while it is *off*: for a
# network that sees the film minus its mean, off is as visible as on.) The proof is an experiment: switch the lamp off,
# and on.

# %% tags=["nbval-ignore-output"]
off, on = test.X[test.y == clap], lamp(test.X[test.y != clap])
both = {"honest": model, "cheat": cheat}
called_clap = {name: {"claps without the lamp": accuracy(network, off, clap),
                      "others with the lamp": accuracy(network, on, clap)}
               for name, network in both.items()}
pd.DataFrame(called_clap).round(2).rename_axis("share predicted as clap")

# %%
cheated, honest = called_clap["cheat"], called_clap["honest"]
vl.report("cheat: claps without the lamp", cheated["claps without the lamp"], at_most=0.57)
vl.report("cheat: others with the lamp", cheated["others with the lamp"], at_least=0.37)
vl.report("honest: claps without the lamp", honest["claps without the lamp"], at_least=0.93)
vl.report("honest: others with the lamp", honest["others with the lamp"], at_most=0.05)

# %% [markdown]
# A held-out test only covers films that share the lamp with the training. What can you do? Look, doubt, change one
# thing at a time, and collect films from more than one camera.
#
# ## Did it learn features, or only six names?
#
# Finally, the question of 03: which numbers describe a film? We take the network's outputs as features, its `embedding`
# and the maps before it, both averaged over time, and HOG for comparison, and give each to the same linear classifier.
# First on the six actions that it learnt; then on five movements that it never saw: sitting, lifting, striking,
# shaking, waving. Trained on 16 actors, tested on the four.

# %%
movement = {"sit_down": "sit", "stand_up": "sit", "pick_up": "lift", "put_down": "lift",
            "knock": "strike", "punch": "strike", "laugh": "shake", "cough": "shake",
            "greet": "wave", "say_goodbye": "wave"}
new = every[every["label"].isin(movement)]
new = vl.load_examples(new.assign(label=new["label"].map(movement)), progress=False)
vl.filmstrip({name: new.X[new.labels == name][0] for name in new.classes}, n=8)

# %% tags=["nbval-ignore-output"]
maps, embedding = (model.get_layer(name).output for name in ("conv3_relu", "average"))
inside = keras.Model(model.input, [keras.ops.mean(maps, axis=1), embedding])
classify, scores = make_pipeline(StandardScaler(), LinearSVC(C=0.01, random_state=0)), {}
for title, data in {"six learnt": films, "five new": new}.items():
    out, rows = np.isin(data.groups, test.groups), {}
    rows["HOG"] = features.HOG().transform(list(data.X))
    rows["maps"], rows["embedding"] = networks.predict(inside, data.X)
    scores[title] = {"majority": np.bincount(data.y[out]).max() / out.sum()}
    for name, X in rows.items():
        classify.fit(X[~out].reshape((~out).sum(), -1), data.y[~out])
        scores[title][name] = classify.score(X[out].reshape(out.sum(), -1), data.y[out])
pd.DataFrame(scores).round(2).rename_axis("accuracy on four new actors")

# %%
six, five = scores["six learnt"], scores["five new"]
vl.report("six learnt: HOG", six["HOG"], at_least=0.9)
vl.report("six learnt: embedding", six["embedding"], at_least=0.93)
vl.report("five new: HOG", five["HOG"], at_least=0.9)
vl.report("five new: embedding", five["embedding"], at_most=0.92)
vl.report("five new: maps", five["maps"], at_least=0.91)

# %% [markdown]
# (The majority class is also chance here, because every class has the same number of films.) On the six actions that it
# learnt, the embedding is better than HOG by three or four of 72 films. On new ones it is *worse* in this training: its
# 64 numbers kept what distinguishes six actions, and lost the rest. The maps before it have not lost it yet, and do as
# well as HOG; 120 films could not show a small difference. So if you reuse a network's features, take them from
# before its last layers; 17 does that with a large one.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("09.heat_map")` gives a nudge, and a second one if you ask again;
# `vl.solution("09.heat_map")` shows one way.

# %% [markdown]
# **1. Heat.** ★★ Write `heat_map(maps, gradient)`: Grad-CAM for one picture, from the maps of a layer and the gradient
# of the score, both (rows, columns, channels). The heat is (rows, columns), its largest number 1, or all 0 where there
# is no evidence for the class.

# %%
def heat_map(maps, gradient):
    ...


vl.check("09.heat_map", heat_map)

# %% [markdown]
# **2. In the box.** ★ Write `share_in_box(heat, box)`: the share of the heat (rows, columns) that lies in the box
# `(left, top, right, bottom)`, in pixels, right and bottom not included. Without any heat it is 0.

# %%
def share_in_box(heat, box):
    ...


vl.check("09.share_in_box", share_in_box)

# %% [markdown]
# **3. The frame that decides.** ★★★ Write `deciding_frame(predict, clip)`: `predict` gives probabilities (n, classes)
# for clips (n, T, H, W, 3). Which of the T frames matters most? Cover each, alone, with the clip's mean over time, and
# see how far the probability of the predicted class falls.

# %%
def deciding_frame(predict, clip):
    ...


vl.check("09.deciding_frame", deciding_frame)

# %% [markdown]
# **4. The lamp test.** ★★ Write `swayed(before, after, wanted)` for probabilities (n, classes) before and after a lamp
# is switched on: of the films that were not predicted as `wanted` before, the share that is afterwards.

# %%
def swayed(before, after, wanted):
    ...


vl.check("09.swayed", swayed)

# %% [markdown]
# **Open question.** A hospital's network recognises pneumonia in X-rays with 0.95 on held-out patients of the same
# hospital. Name three shortcuts that would give the same score, and the experiment that would find each of them.

# %%
vl.progress("09")

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). Labels are
# not needed: the network knows its six classes and predicts one of them for any film, also for a street in which nobody
# does anything of the kind. Where does it look?

# %% tags=["nbval-ignore-output"]
mine, strips = vl.my_table(), {}
sources = {"street": assets.fetch("bikes"), "your film": mine["path"].iloc[0]}
for name, path in sources.items():
    with vl.open_media(path) as media:
        film = media.sample(16, size=(64, 64))[0]
    proba = networks.predict(model, film[None])[0]
    heat = explain.grad_cam(model, film[None], averaged=False)[0]
    strips[name] = film
    print(f"{name}: {films.classes[proba.argmax()]}, {proba.max():.0%}")
    strips[f"heat,\n{name}"] = explain.heatmap_film(film, heat)
vl.filmstrip(strips, n=8)

# %% tags=["nbval-ignore-output"]
widgets.GradCamExplorer(model, mine["path"].iloc[0], classes=films.classes, averaged=False)

# %% [markdown]
# ## What you learnt
#
# * Kernels and maps can be looked at, and are not always what the textbook shows.
# * Grad-CAM weights channels and suits networks that average; where places are flattened, each number needs its own
#   gradient (HiResCAM).
# * A heat map is a claim like any other: compare it with what is known, with a covered patch, and with a random
#   network.
# * A good score on held-out films does not rule out a shortcut that is also in those films; changing one thing does.
# * The last layer of a network keeps only what its task needed.
#
# **Next:** 10. This network cannot distinguish sitting down from standing up, because it ignores the order of its
# frames. What does it take to learn over time?
#
# ## Further reading
#
# * R. Selvaraju et al., "Grad-CAM: Visual explanations from deep networks via gradient-based localization", ICCV 2017.
# * J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018.
# * S. Lapuschkin et al., "Unmasking Clever Hans predictors and assessing what machines really learn", Nature
#   Communications, 2019.
