# %% [markdown]
# # 09 · Learning over time
#
# **A film of somebody sitting down, played backwards, shows somebody standing up: the same pictures, another action.
# Which networks notice?**
#
# The network of 08 looked at every frame and averaged. Such a network can never tell the two apart, however long it
# learns. This notebook puts time back: six networks on the same films, scored on actors whom none of them has met.
#
# In this notebook you will
#
# * see in one line why an average is blind to order, and prove it,
# * build the GRU, a neuron with a memory, by hand, and check it against Keras,
# * train a network live, play its films backwards, and read a table of six models over several seeds: what each one
#   gets right, what it costs, and what a harder world does to it.
#
# About 25 minutes to read, a good minute to run.

# %%
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import networks, plots, theatre, widgets
from vmm_lab.networks import keras

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The same pictures in another order
#
# The full theatre: twenty actors, and of its sixteen actions the ten that pictures over time can tell apart. Four of
# the ten come in pairs whose pictures are alike and run in opposite order. The first time, the theatre takes two
# minutes to render.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre", size="full")
table = table[table["label"].isin(theatre.VIDEO_ACTIONS)].reset_index(drop=True)
examples = vl.load_examples(table, progress=False)
examples

# %%
vl.report("films", len(examples), at_least=600)
first = {name: np.flatnonzero(examples.labels == name)[0] for name in ("sit_down", "stand_up")}
sit, stand = (examples.X[row] for row in first.values())
strips = {"sit down": sit, "stand up": stand, "stand up, backwards": stand[::-1]}
plots.filmstrip(strips, n=8, title="Cover the first strip: which of the others is sitting down?")

# %% [markdown]
# The third strip *is* a sitting down, although its film is called "stand up". What decides is the order alone.
#
# Four actors are kept for the test and two choose the best epoch; the network learns from the other fourteen.

# %%
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = {"learn": actors[6:], "choose the epoch": actors[4:6], "test": actors[:4]}
train, val, test = (examples[np.isin(examples.groups, names)] for names in sides.values())
sizes = map(len, (train, val, test))
pd.DataFrame({"actors": map(", ".join, sides.values()), "films": sizes}, index=sides)

# %% [markdown]
# ## Why an average is blind
#
# The network of 08 turns frame $t$ into an embedding $e_t$ and averages: $\frac{1}{T}\sum_t e_t$. A sum does not care
# about the order of its terms. No training can change that, so we can ask a network that has learnt nothing at all:
# play it eight films forwards and backwards, and compare the answers. Beside it one that convolves over time.

# %%
blind, seeing = networks.frame_average(10), networks.conv3d(10)
films = test.X[:8]
for model in (blind, seeing):
    change = float(np.abs(model(films) - model(films[:, ::-1])).max())
    bound = {"at_most": 1e-5} if model is blind else {"at_least": 1e-3}
    vl.report(f"largest change of a probability, {model.name}", change, **bound)

# %% [markdown]
# ## A neuron with a memory, by hand
#
# A *recurrent* network reads one frame after the other and keeps a state $h$, a few numbers that sum up what it has
# seen. The **gated recurrent unit** (GRU; Cho et al., 2014) decides at each step how much of the state to keep:
#
# $$z = \sigma(W_z x + U_z h + b_z), \qquad r = \sigma(W_r x + U_r h + b_r)$$
# $$\tilde h = \tanh\bigl(W_h x + r \odot (U_h h + c_h) + b_h\bigr), \qquad h' = z \odot h + (1 - z) \odot \tilde h$$
#
# $\sigma$ squeezes into (0, 1). Where the *update gate* $z$ is 1, the memory stays; where it is 0, it is replaced by
# the proposal $\tilde h$. The *reset gate* $r$ says how much of the memory the proposal may use.

# %%
from scipy.special import expit as sigmoid


def gru_step(x, h, W, U, b):
    """The next state from a frame's numbers x (d,) and the state h (units,)."""
    xz, xr, xh = np.split(x @ W + b[0], 3)
    hz, hr, hh = np.split(h @ U + b[1], 3)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    return z * h + (1 - z) * np.tanh(xh + r * hh)


nothing = np.zeros((1, 3))
gru_step(x=np.zeros(1), h=np.ones(1), W=nothing, U=nothing, b=np.zeros((2, 3)))

# %% [markdown]
# With all weights 0 the gates stand half open: half of the memory stays.
#
# Sixteen frames of the sitting film, each as its HOG, go through a Keras GRU of 8 units with random weights; and, one
# by one, through ours with the same weights.

# %%
shapes = vl.features.HOG(pooling=None, n_frames=16).describe(sit)  # (16 frames, 1764 numbers)
layer = keras.layers.GRU(8, return_sequences=True)
theirs = np.asarray(layer(shapes[None]))[0]
W, U, b = (np.asarray(weight) for weight in layer.weights)
ours = [np.zeros(8)]
for x in shapes:
    ours.append(gru_step(x, ours[-1], W, U, b))
apart = np.abs(np.array(ours[1:]) - theirs).max()
vl.report("largest difference to Keras", float(apart), at_most=1e-5)

# %%
shown = {"figsize": (9, 2.6), "layout": "constrained"}
figure = plots.Picture("The eight numbers of a GRU's state over sixteen frames", **shown)
axis = figure.subplots()
axis.plot(np.arange(1, 17), theirs)
axis.set(xlabel="frame", ylabel="state (no unit)", title="A GRU that has learnt nothing")
figure

# %% [markdown]
# ## Train one, live
#
# The bridge from the classic part: HOG of each frame, squeezed by PCA to 96 numbers, beside each number its change
# since the frame before, and a GRU that reads the film from both ends. Watch the dashed curve: it is the accuracy on
# actors who are not learnt from. *Stop* ends the training at the next batch and keeps the best weights.

# %% tags=["nbval-ignore-output"]
recipe = networks.RECIPES["HOG + GRU"]
shape_examples = vl.load_examples(table, recipe.feature, progress=False)
train_h, val_h, test_h = (
    shape_examples[np.isin(shape_examples.groups, names)] for names in sides.values())
gru = recipe.model(train_h)
history = await vl.fit(gru, train_h, validation=val_h, **recipe.settings(train_h))

# %% [markdown]
# The score, on four actors whom the network has never seen. For the pairs we ask the sharpest question: of the two
# names, which one is more probable? A coin gets half.

# %%
def pair_accuracy(proba, examples):
    """How often the more probable one of two actions in opposite order is the right one."""
    right = []
    for pair in theatre.ORDER_PAIRS:
        numbers = [examples.classes.index(name) for name in pair]
        rows = np.isin(examples.y, numbers)
        right += list(proba[rows][:, numbers].argmax(axis=1) == (examples.y[rows] == numbers[1]))
    return float(np.mean(right))


proba = gru.predict(test_h.X, verbose=0)
right = proba.argmax(axis=1) == test_h.y
vl.report("accuracy, ten actions", float(right.mean()), at_least=0.93)
vl.report("accuracy on the pairs", pair_accuracy(proba, test_h), at_least=0.93)

# %% [markdown]
# ## From the pixels: convolutions over time
#
# Does it need HOG? A **3-D convolution** slides a small box over height, width *and* time. Its input is the
# difference of each frame to the one before, which is what 06 called a kernel over time; wall, floor and light are
# gone, and so is most of what could be learnt by heart.

# %% tags=["nbval-ignore-output"]
recipe = networks.RECIPES["Conv3D"]
conv3d = recipe.model(train)
history = await vl.fit(conv3d, train, validation=val, **recipe.settings(train))

# %%
proba = conv3d.predict(test.X, verbose=0)
vl.report("accuracy, ten actions", float((proba.argmax(axis=1) == test.y).mean()), at_least=0.93)
vl.report("accuracy on the pairs", pair_accuracy(proba, test), at_least=0.86)

# %% [markdown]
# ## Play it backwards
#
# If the network has understood order, a reversed sitting down must become a standing up. It has never seen a reversed
# film. We play it all test films of the pairs backwards and count how often its answer changes sides.

# %%
rows = np.isin(test.labels, np.ravel(theatre.ORDER_PAIRS))
films = test.X[rows]
said = [conv3d.predict(X, verbose=0).argmax(axis=1) for X in (films, films[:, ::-1])]
forwards, reverse = (np.array(test.classes)[numbers] for numbers in said)
opposite = dict(theatre.ORDER_PAIRS) | {b: a for a, b in theatre.ORDER_PAIRS}
turned = np.array([opposite.get(name) == other for name, other in zip(forwards, reverse)])
pd.crosstab(forwards, reverse, rownames=["played forwards"], colnames=["played backwards"])

# %%
vl.report("answers that turn round with the film", float(turned.mean()), at_least=0.81)

# %% [markdown]
# Which frames decide? Move through the film, and choose another action to ask the network about.

# %% tags=["nbval-ignore-output"]
film = test.X[np.flatnonzero(test.labels == "sit_down")[0]]
widgets.GradCamExplorer(conv3d, film, classes=test.classes)

# %% [markdown]
# ## Six models, every actor tested once, three seeds
#
# One split is one roll of the dice. The benchmark `python benchmarks/bench_networks.py` holds out every actor once, in
# five folds, and repeats it with three seeds: other weights at the start, another order of films, other actors who
# choose the epoch. The deviation is that between seeds.

# %%
def results(name, column):
    """The committed measurements of one benchmark that have such a column, a row for each."""
    rows = json.loads(Path(f"../benchmarks/results/{name}.json").read_text())["rows"]
    return pd.DataFrame(row for row in rows if column in row).set_index("what")


def shares(board, measure):
    """Mean ± deviation over seeds, in per cent; a single seed has no deviation."""
    spread = board[f"{measure}_std"].astype(float)
    ends = [f" ± {100 * s:.1f}" if s == s else "" for s in spread]
    return [f"{100 * mean:.1f}{end}" for mean, end in zip(board[measure], ends)]


vl.report("films behind the committed table", len(examples), at_least=600)

# %%
calm = results("networks_calm", "video_actions")
quiet = results("training", "steps")["seconds"]
quiet.index = quiet.index.str.extract("one training of (.+),", expand=False)
measures = ("frame_actions", "order_pairs", "video_actions")
told = {f"{name.replace('_', ' ')} (%)": shares(calm, name) for name in measures}
told["parameters"] = [f"{n:,.0f}" if n > 0 else "–" for n in calm["parameters"]]
told["MFLOP"] = [f"{n / 1e6:,.0f}" if n > 0 else "–" for n in calm["flops"]]
told["training (s)"] = [f"{s:.1f}" if s > 0 else "–" for s in quiet.reindex(calm.index)]
pd.DataFrame(told, index=calm.index.rename(None))

# %% [markdown]
# *Frame actions* can be told from a single picture, *order pairs* only from the order (a coin: 50), *video actions*
# are all ten (a guess: 10).
#
# * Averaged HOG and the averaging CNN know most frame actions and toss a coin over the pairs. That is not bad
#   training: it is what averaging means.
# * The two that read **embeddings of a frozen frame network** see order, but only in what that network found worth
#   keeping; it was trained to be good without order.
# * The two that **convolve over time from the first layer on**, and HOG with its differences, are the best: motion is
#   in their input.

# %%
average, pixels = calm.loc["Frame average"], calm.loc[["Conv3D", "(2+1)D"]]
vl.report("averaging CNN, frame actions", average["frame_actions"], at_least=0.90)
vl.report("averaging CNN, pairs, off a coin", abs(average["order_pairs"] - 0.5), at_most=0.05)
vl.report("best from pixels, pairs", pixels["order_pairs"].max(), at_least=0.93)
vl.report("best, ten actions", calm["video_actions"].max(), at_least=0.95)
best_over_hog = calm["video_actions"].max() - calm.loc["averaged HOG + SVM", "video_actions"]
vl.report("best, above averaged HOG", best_over_hog, at_least=0.22)

# %%
figure = plots.Picture("Validation accuracy of six models by epoch", **shown)
axis = figure.subplots()
for (name, row), color in zip(calm.dropna(subset=["parameters"]).iterrows(), plots.PALETTE):
    mean, deviation = np.array(row["val_accuracy"]), np.array(row["val_accuracy_std"])
    epochs = np.arange(1, len(mean) + 1)
    axis.plot(epochs, mean, label=name, color=color)
    axis.fill_between(epochs, mean - deviation, mean + deviation, color=color, alpha=0.12)
axis.set(xlabel="epoch", ylabel="validation accuracy", ylim=(0, 1.03))
axis.set_title("Mean over 15 trainings; the band is one deviation")
figure.legend(loc="outside right center")
figure

# %% [markdown]
# ## A harder world
#
# So far the camera stood still, and the theatre was quiet. On the level `"busy"` the puppet is smaller, the camera
# moves, things stand in the way and somebody walks by. The same six models, the same steps, again every actor tested
# once; one seed. *Lost* is what each gave up.

# %%
busy = results("networks_busy", "video_actions")
told = {"calm": calm["video_actions"], "busy": busy["video_actions"]}
harder = (100 * pd.DataFrame(told)).round(1).rename_axis(None)
harder["lost"] = (harder["calm"] - harder["busy"]).round(1)
harder["pairs, busy"] = (100 * busy["order_pairs"]).round(1)
harder.sort_values("busy", ascending=False)

# %% [markdown]
# * The three that read *a frame minus the clip's mean* fall to a guess: where the camera moves, nothing is at rest, and
#   the mean is a smear.
# * HOG describes every edge, and now most edges are not the puppet's. It learns its training films by heart.
# * **Differences between neighbouring frames** last longest. A camera moves little from one frame to the next; an arm
#   moves more.
#
# What is learnt in a quiet room holds in a quiet room. A score belongs to the data that it was measured on.

# %%
lost = harder["lost"]
vl.report("lost by averaging over frames (%)", lost["Frame average"], at_least=57)
vl.report("lost by Conv3D (%)", lost["Conv3D"], at_most=21)
vl.report("Conv3D on busy films (%)", harder["busy"]["Conv3D"], at_least=77)

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `hint("09.backwards")` gives a nudge, and a second one if you ask again;
# `solution("09.backwards")` shows one way.

# %%
from vmm_lab.exercises import check, hint, progress, solution

# %% [markdown]
# **1. The projector turned round.** Write `backwards(clips)`: uint8 (n, T, H, W, 3) in, the same films in the same
# places, each played backwards, out.

# %%
def backwards(clips):
    ...


check("09.backwards", backwards)

# %% [markdown]
# **2. How much memory costs.** Write `gru_parameters(inputs, units)`: the numbers that a Keras GRU, reading in one
# direction, learns. The formulas above name them all.

# %%
def gru_parameters(inputs, units):
    ...


check("09.gru_parameters", gru_parameters)

# %% [markdown]
# **3. Who stays blind?** Which of the six networks cannot tell sitting down from standing up, however long it learns?
# Write its name as the table does.

# %%
blind_model = ...

check("09.blind_model", blind_model)

# %% [markdown]
# **4. Change, and nothing else.** Write `difference(clips)`: float (n, T, H, W) in, (n, T − 1, H, W) out, each frame
# minus the one before.

# %%
def difference(clips):
    ...


check("09.difference", difference)

# %%
progress("09")

# %% [markdown]
# ## On your own videos
#
# Put the path of your folder or CSV manifest in place of `"theatre"`. With labels, a network over time is trained on
# some groups and scored on the others, beside always saying the commonest class. A few dozen films are little for a
# network: if it does not beat that, averaged HOG (`vl.compare`) is the better tool.

# %%
MY_VIDEOS = os.environ.get("VMM_LAB_VIDEOS") or "theatre"

# %% tags=["nbval-ignore-output"]
mine = vl.load_table(MY_VIDEOS)
mine = mine[[vl.open_media(path).has_video for path in mine["path"]]].reset_index(drop=True)
with vl.open_media(mine["path"].iloc[0]) as media:
    frames, times = media.sample(9, size=(96, 96))
change = np.abs(np.diff(frames.astype(int), axis=0)).astype(np.uint8)
plots.filmstrip({"frames": frames[1:], "what changed since the frame before": change}, n=8)

# %%
vl.report("films with pictures", len(mine), at_least=1)

# %% tags=["nbval-ignore-output"]
recipe = networks.RECIPES["HOG + GRU"]
said = "Without labels there is nothing to learn here; 15 finds alike films without any."
if "label" in mine and mine["label"].nunique() > 1:
    mine = vl.load_examples(mine, recipe.feature, progress=False)
    names = np.arange(len(mine)) if mine.groups is None else mine.groups
    held = np.isin(names, np.random.default_rng(0).permutation(np.unique(names))[::3])
    model, history = recipe.train(mine[~held], progress=False)
    right = model.predict(mine[held].X, verbose=0).argmax(axis=1) == mine[held].y
    common = mine[held].y == np.bincount(mine[~held].y).argmax()
    said = f"{right.mean():.2f} of {len(right)} right; the commonest class: {common.mean():.2f}"
print(said)

# %%
vl.report("letters in the answer", len(said), at_least=10)

# %% [markdown]
# ## What you learned
#
# * An average over time is blind to order, whatever stands below it. A recurrent network, attention with positions,
#   and convolutions over time are not.
# * Give a network the change, and it need not find it: differences took a small network from a coin to nearly always.
# * A score needs its spread: over actors, and over seeds. And a table says what a model costs, too.
#
# **Next:** a film is more than its pictures. 10 listens.
