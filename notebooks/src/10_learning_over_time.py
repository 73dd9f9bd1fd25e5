# %% [markdown]
# # 10 · Learning over time
#
# **A film of somebody sitting down, played backwards, shows somebody standing up: the same pictures, another action.
# Which networks notice?**
#
# The network of 09 looked at every frame and averaged. Such a network can never distinguish the two, however long it is
# trained. This notebook adds time: six networks on the same films, scored on actors that none of them has seen.
#
# In this notebook you will
#
# * see in one line why an average over frames ignores their order, and prove it,
# * build the GRU, a neuron with a memory, by hand, check it against Keras, and see gradients vanish,
# * train a network live, play its films backwards, and read a table of six models over several seeds: what each one
#   gets right, what it costs, and how much it loses in harder films.
#
# About 35 minutes to read, a good minute to run.

# %%
import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, explain, networks, plots, theatre, widgets
from vmm_lab.networks import keras

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The same pictures in another order
#
# The full theatre: twenty actors, and of its sixteen actions the ten that can be recognised from pictures over time.
# Four of the ten form two pairs with similar pictures in opposite order. The first time, the theatre takes two minutes
# to render.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre", size="full")
table = table[table["label"].isin(theatre.VIDEO_ACTIONS)].reset_index(drop=True)
examples = vl.load_examples(table, progress=False)
examples

# %%
vl.report("films", len(examples), at_least=600)
first = {name: np.flatnonzero(examples.labels == name)[0] for name in ("sit_down", "stand_up")}
sit, stand = (examples.X[row] for row in first.values())
strips = {"sit down": sit, "stand up": stand, "backwards": stand[::-1]}
plots.filmstrip(strips, n=8, title="Cover the first strip: which of the others is sitting down?")

# %% [markdown]
# The third strip is "stand up" played backwards, and it *is* a sitting down. Only the order decides.
#
# Four actors are kept for the test, and two are used to choose the best epoch; the network learns from the other
# fourteen. (`examples.split(test=0.2)` draws test actors in one line; here they are drawn by hand, because the numbers
# below were measured with these.)

# %%
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = {"learn": actors[6:], "choose the epoch": actors[4:6], "test": actors[:4]}
train, val, test = (examples[np.isin(examples.groups, names)] for names in sides.values())
sizes = map(len, (train, val, test))
pd.DataFrame({"actors": map(", ".join, sides.values()), "films": sizes}, index=sides)

# %% [markdown]
# ## Why an average is blind
#
# The network of 09 turns frame $t$ into an embedding $e_t$ and averages: $\frac{1}{T}\sum_t e_t$. A sum does not depend
# on the order of its terms. No training can change that, so an untrained network is enough for the proof: give it eight
# films forwards and backwards, and compare the answers.
#
# The reason is not the average alone: it is that each $e_t$ describes a *single frame*. Where something below the
# average compares neighbouring frames, for example a convolution over time, the order is in the embeddings, and an
# average keeps it. So the second network here is the one that convolves over time.

# %%
def change_backwards(model, films):
    """Compute how much a probability changes at most when the films are played backwards."""
    forwards, backwards = networks.predict(model, films), networks.predict(model, films[:, ::-1])
    return np.abs(forwards - backwards).max()


average, convolution = (change_backwards(build(10), test.X[:8])
                        for build in (networks.frame_average, networks.conv3d))
vl.report("largest change of a probability, frame_average", average, at_most=1e-5)
vl.report("largest change of a probability, conv3d", convolution, at_least=1e-3)

# %% [markdown]
# ## A neuron with a memory, by hand
#
# A *recurrent* network reads one frame after the other and keeps a state $h$, a few numbers that summarise what it has
# seen. The **gated recurrent unit** (GRU; Cho et al., 2014) decides at each step how much of the state to keep:
#
# $$z = \sigma(W_z x + b_z + U_z h + c_z), \qquad r = \sigma(W_r x + b_r + U_r h + c_r)$$
# $$\tilde h = \tanh\bigl(W_h x + b_h + r \odot (U_h h + c_h)\bigr), \qquad h' = z \odot h + (1 - z) \odot \tilde h$$
#
# $\sigma$ maps every number into (0, 1). Where the *update gate* $z$ is 1, the memory stays; where it is 0, it is
# replaced by the proposal $\tilde h$. The *reset gate* $r$ decides how much of the memory the proposal uses.
#
# Keras adds two biases (offsets) in each of the three parts, $b$ to the product with the frame and $c$ to the product
# with the state: six in all, $b_z, b_r, b_h$ and $c_z, c_r, c_h$.

# %%
from scipy.special import expit as sigmoid


def gru_step(x, h, W, U, b):
    """Compute the next state from a frame's numbers x (d,) and the state h (units,)."""
    xz, xr, xh = np.split(x @ W + b[0], 3)
    hz, hr, hh = np.split(h @ U + b[1], 3)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    return z * h + (1 - z) * np.tanh(xh + r * hh)


zeros = np.zeros((1, 3))
gru_step(x=np.zeros(1), h=np.ones(1), W=zeros, U=zeros, b=np.zeros((2, 3)))

# %% [markdown]
# With all weights 0 the gates are half open: half of the memory stays.
#
# Sixteen frames of the sitting film, each as its HOG, go through a Keras GRU of 8 units with random weights; and, one
# by one, through ours with the same weights.

# %%
shapes = vl.features.HOG(pooling=None, n_frames=16).describe(sit)  # (16 frames, 1764 numbers)
layer = keras.layers.GRU(8, return_sequences=True)
by_keras = np.asarray(layer(shapes[None]))[0]
W, U, b = (np.asarray(weight) for weight in layer.weights)
by_hand = [np.zeros(8)]
for x in shapes:
    by_hand.append(gru_step(x, by_hand[-1], W, U, b))
largest = np.abs(np.array(by_hand[1:]) - by_keras).max()
vl.report("largest difference from Keras", largest, at_most=1e-5)

# %%
plots.curves({f"number {k}": by_keras[:, k] for k in range(8)}, np.arange(1, 17), height=2.8,
             alt="The eight numbers of a GRU's state over sixteen frames", title="An untrained GRU",
             xlabel="frame", ylabel="state (no unit)")

# %% [markdown]
# One line for each of the eight numbers: they drift while the puppet stands still, change course while it sits down,
# and settle. The state stores that something happened. What it should store, training has to find.
#
# ## Why gates? Gradients that vanish
#
# Without gates a recurrent network is $h' = \tanh(Wx + Uh + b)$. To learn from the first frame, the gradient must come
# back through every step, and each step multiplies it by $U$ and by a slope of tanh, which is at most 1. Sixty factors
# below 1 leave nothing: the gradient **vanishes** (Bengio et al., 1994). With a large $U$ they may exceed 1, and it
# *explodes*. A gate adds a straight way: where $z$ is near
# 1, $h' \approx h$, and the factor is near 1. The **LSTM** (long short-term memory; Hochreiter and Schmidhuber, 1997)
# brought gates, with a second state only for the memory; the GRU is its shorter cousin.
#
# How much does each of 60 steps change the last state? The gradient tells, here of layers with random weights.

# %%
import tensorflow as tf


def reach(layer):
    """Compute how strongly a layer's last state depends on each of 60 steps: float (60,)."""
    steps = tf.Variable(np.random.default_rng(0).normal(size=(8, 60, 16)).astype(np.float32))
    with tf.GradientTape() as tape:
        strength = tf.reduce_sum(layer(steps) ** 2)
    size = np.linalg.norm(tape.gradient(strength, steps).numpy(), axis=2).mean(axis=0)
    return size / size[-1]


keras.utils.set_random_seed(0)
far = {"simple RNN": reach(keras.layers.SimpleRNN(32)), "LSTM": reach(keras.layers.LSTM(32))}
pd.DataFrame(far, index=range(1, 61)).iloc[::12].map("{:.0e}".format).rename_axis("step")

# %%
gates = keras.layers.GRU(32)
far["GRU, gates half open"] = reach(gates)
W, U, b = gates.get_weights()
b[0, :32] = 4  # the bias of the update gate: z is near 1, and the memory stays
gates.set_weights([W, U, b])
far["GRU, gates open"] = reach(gates)
vl.report("simple RNN, first step against the last", far["simple RNN"][0], at_most=1e-8)
vl.report("GRU, gates open, first step against the last", far["GRU, gates open"][0], at_least=0.2)
figure = plots.curves(far, np.arange(1, 61), alt="gradient of the last state by step",
                      xlabel="step", ylabel="gradient (1 = last step)")
figure.axes[0].set(yscale="log", ylim=(1e-14, 3))
figure

# %% [markdown]
# A gate that is half open halves the memory at every step, so a GRU that has learnt nothing forgets even faster. But a
# gate *can* open, and training finds out where; the simple network has nothing of the kind. (Keras starts the LSTM with
# its forget gate a little more than half open.)

# %% [markdown]
# ## Train one, live
#
# From classic features to a network: HOG of each frame, reduced by PCA to 96 numbers, for each number also its change
# since the frame before, and a **bidirectional** GRU: one reads the film forwards, another backwards, and their last
# states are joined. Watch the dashed curve: it is the accuracy on actors that are not in the training set. *Stop* ends
# the training at the next batch and keeps the best weights.

# %% tags=["nbval-ignore-output"]
recipe = networks.RECIPES["HOG + GRU"]
shape_examples = vl.load_examples(table, recipe.feature, progress=False)
train_h, val_h, test_h = (
    shape_examples[np.isin(shape_examples.groups, names)] for names in sides.values())
gru = recipe.model(train_h)
history = await vl.fit(gru, train_h, validation=val_h, **recipe.settings(train_h))

# %% [markdown]
# The score, on four actors that the network has never seen. For the pairs we ask the hardest question: of the two
# names, which one is more probable? Chance is one half.

# %%
def pair_accuracy(proba, examples):
    """Compute how often the more probable one of two actions in opposite order is right."""
    right = []
    for pair in theatre.ORDER_PAIRS:
        numbers = [examples.classes.index(name) for name in pair]
        rows = np.isin(examples.y, numbers)
        right += list(proba[rows][:, numbers].argmax(axis=1) == (examples.y[rows] == numbers[1]))
    return float(np.mean(right))


proba = networks.predict(gru, test_h.X)
vl.report("accuracy, ten actions", np.mean(proba.argmax(axis=1) == test_h.y), at_least=0.93)
vl.report("accuracy on the pairs", pair_accuracy(proba, test_h), at_least=0.93)

# %% [markdown]
# ## From the pixels: convolutions over time
#
# Does it need HOG? A **3-D convolution** slides a small box over height, width *and* time: a kernel of 3×3×3 has 27
# weights for each channel that it reads. **(2+1)D** (Tran et al., 2018) takes it apart: first 3×3 in space, then 3 in
# time, 9 + 3 weights, with a ReLU between them. Bright is what one output looks at, on enlarged pixels of a real
# street.

# %%
with vl.open_media(assets.fetch("bikes")) as media:
    street = media.frames(fps=10, size=(9, 20))[0][75:80]
moments, rows, columns = slice(1, 4), slice(3, 6), slice(9, 12)
boxes = {"3-D": (moments, rows, columns), "space": (2, rows, columns), "time": (moments, 4, 10)}
strips = {}
for name, box in boxes.items():
    strips[name] = street // 3
    strips[name][box] = street[box]
    strips[name] = strips[name].repeat(12, axis=1).repeat(12, axis=2)
plots.filmstrip(strips, n=5)

# %% [markdown]
# One output by hand: multiply the box by the kernel, number by number, and add up. Then the same layer of Keras.

# %%
grey = test.X[:1, :, :, :, :1].astype(np.float32) / 255
layer = keras.layers.Conv3D(1, 3, padding="same", use_bias=False)
by_keras = np.asarray(layer(grey))[0, 8, 30, 30, 0]
kernel = np.asarray(layer.kernel)[..., 0, 0]
by_hand = (grey[0, 7:10, 29:32, 29:32, 0] * kernel).sum()
print(f"weights: {kernel.size}, split into space and time: {3 * 3} + {3}")
vl.report("difference from Keras", abs(by_hand - by_keras), at_most=1e-5)

# %% [markdown]
# Our network reads the difference of each frame to the one before, which is what 07 called a kernel over time; wall,
# floor and light are gone, and so is most of what could be memorised. Large networks do something similar: a
# **two-stream** network (Simonyan and Zisserman, 2014) reads the frames and, next to them, the optical flow of 04;
# **I3D** (Carreira and Zisserman, 2017) is a 3-D network with two streams, trained on the 300,000 films of **Kinetics**
# and then on small sets such as UCF101.

# %% tags=["nbval-ignore-output"]
recipe = networks.RECIPES["Conv3D"]
conv3d = recipe.model(train)
history = await vl.fit(conv3d, train, validation=val, **recipe.settings(train))

# %%
proba = networks.predict(conv3d, test.X)
vl.report("accuracy, ten actions", np.mean(proba.argmax(axis=1) == test.y), at_least=0.93)
vl.report("accuracy on the pairs", pair_accuracy(proba, test), at_least=0.86)

# %% [markdown]
# ## Play it backwards
#
# If the network uses the order, a reversed sitting down must become a standing up. It has never seen a reversed film.
# We play all test films of the pairs backwards and count how often the prediction becomes the opposite action.

# %% tags=["nbval-ignore-output"]
rows = np.isin(test.labels, np.ravel(theatre.ORDER_PAIRS))
films = test.X[rows]
predicted = [networks.predict(conv3d, X).argmax(axis=1) for X in (films, films[:, ::-1])]
forwards, backwards = (np.array(test.classes)[numbers] for numbers in predicted)
opposite = dict(theatre.ORDER_PAIRS) | {b: a for a, b in theatre.ORDER_PAIRS}
turned = [opposite.get(name) == other for name, other in zip(forwards, backwards)]
pd.crosstab(forwards, backwards, rownames=["played forwards"], colnames=["played backwards"])

# %%
vl.report("predictions that turn round with the film", np.mean(turned), at_least=0.81)

# %% [markdown]
# ## Which frames decide?
#
# An experiment answers best. We let only four frames move: everything before them is replaced by the first of the four,
# everything after by the last. How sure is the network still? We move the four frames through the film, and compare
# with how much the picture changes there.

# %%
name = "sit_down"
films, number = test.X[test.labels == name], test.classes.index(name)
sure = []
for start in range(13):
    kept = np.clip(np.arange(16), start, start + 3)
    sure.append(networks.predict(conv3d, films[:, kept])[:, number].mean())
vl.report("probability, only the four best frames move", max(sure), at_least=0.9)
vl.report("probability, only the first four move", sure[0], at_most=0.09)
plots.curves({"probability of sit down": sure}, np.arange(13) + 1.5, ylabel="probability",
             xlabel="middle of the four frames", alt="probability by moving frames", height=2.6)

# %% [markdown]
# The middle of the film decides, where the puppet goes down. Before and after, somebody stands or sits, which both
# actions share.
#
# A heat map may say something else. `conv3d` ends in `Flatten`, so Grad-CAM's mean over places is wrong for it (09):
# take HiResCAM. And its last layer has only 2 steps in time, so at that layer nothing finer than half of the film can
# be read. The first layer has 15.

# %% tags=["nbval-ignore-output"]
film = test.X[np.flatnonzero(test.labels == "sit_down")[0]]
explorer = widgets.GradCamExplorer(conv3d, film, classes=test.classes, averaged=False, frame=10)
explorer.layer.value = "conv1_relu"
explorer

# %%
options = {"layer": "conv1_relu", "averaged": False}
heat = explain.saliency_over_time(conv3d, films, number, **options).mean(axis=0)
vl.report("share of the heat in the middle six of 16 frames", heat[5:11].sum(), at_least=0.5)

# %% [markdown]
# ## Six models, every actor tested once, three seeds
#
# The score of one split depends on chance. The benchmark `python benchmarks/bench_networks.py` holds out every actor
# once, in five folds, and repeats this with three seeds: other initial weights, another order of films, other actors
# for choosing the epoch. The deviation is that between seeds.

# %%
calm = assets.results("networks_calm").dropna(subset=["video_actions"])
scores = pd.DataFrame(index=calm.index)
for measure in ("frame_actions", "order_pairs", "video_actions"):  # mean ± deviation over seeds
    columns = 100 * calm[[measure, f"{measure}_std"]].astype(float)
    cells = [f"{mean:.1f}" + (f" ± {std:.1f}" if std >= 0 else "") for mean, std in columns.values]
    scores[f"{measure.replace('_', ' ')} (%)"] = cells
scores

# %%
training = assets.results("training").dropna(subset=["steps"])["seconds"]
training.index = training.index.str.extract("one training of (.+),", expand=False)
cost = {"parameters": calm["parameters"], "MFLOP": calm["flops"] / 1e6,
        "training (s)": training.reindex(calm.index)}
pd.DataFrame(cost).astype(float).map(lambda n: f"{n:,.0f}" if n > 0 else "–")

# %% [markdown]
# (The *Transformer* is the subject of 11.) *Frame actions* can be recognised in a single picture, *order pairs* only by
# the order (chance: 50), *video actions* are all ten (chance: 10).
#
# * Averaged HOG and the averaging CNN recognise most frame actions and are at chance on the pairs. That is not bad
#   training: it is what averaging means.
# * The two that read **embeddings of a frozen frame network** (CNN + GRU, Transformer) use the order, but only of what
#   that network kept; it was trained to be good without order.
# * The two that **convolve over time from the first layer on**, and HOG with its differences, are the best: motion is
#   in their input.

# %%
average, pixels = calm.loc["Frame average"], calm.loc[["Conv3D", "(2+1)D"]]
vl.report("averaging CNN, frame actions", average["frame_actions"], at_least=0.90)
off_chance = abs(average["order_pairs"] - 0.5)
vl.report("averaging CNN, pairs, distance from chance", off_chance, at_most=0.05)
vl.report("best from pixels, pairs", pixels["order_pairs"].max(), at_least=0.93)
vl.report("best, ten actions", calm["video_actions"].max(), at_least=0.95)
best_over_hog = calm["video_actions"].max() - calm.loc["averaged HOG + SVM", "video_actions"]
vl.report("best, above averaged HOG", best_over_hog, at_least=0.22)

# %%
trained = calm.dropna(subset=["parameters"])
plots.curves({name: row["val_accuracy"] for name, row in trained.iterrows()}, xlabel="epoch",
             alt="Validation accuracy of six models by epoch", ylabel="validation accuracy",
             title="Mean over 15 trainings")

# %% [markdown]
# ## A harder world
#
# So far the camera stood still, and nothing else moved. On the level `"busy"` the puppet is smaller, the camera moves,
# things stand in the way and somebody walks by. The same six models, the same steps, again every actor tested once; one
# seed. *Lost* is the difference in accuracy.

# %%
busy = assets.results("networks_busy").dropna(subset=["video_actions"])
accuracy = {"calm": calm["video_actions"], "busy": busy["video_actions"]}
harder = (100 * pd.DataFrame(accuracy)).round(1)
harder["lost"] = (harder["calm"] - harder["busy"]).round(1)
harder["pairs, busy"] = (100 * busy["order_pairs"]).round(1)
harder.sort_values("busy", ascending=False)

# %% [markdown]
# * The three that read *a frame minus the clip's mean* fall nearly to chance: where the camera moves, nothing is at
#   rest, and the mean is blurred.
# * HOG describes every edge, and now most edges are not the puppet's.
# * **Convolutions on differences between neighbouring frames** lose least. A camera moves little from one frame to the
#   next; an arm moves more.
#
# What a network learns in a quiet room holds in a quiet room. A score is valid for the data that it was measured on.

# %%
lost = harder["lost"]
vl.report("lost by averaging over frames (%)", lost["Frame average"], at_least=57)
vl.report("lost by Conv3D (%)", lost["Conv3D"], at_most=21)
vl.report("Conv3D on busy films (%)", harder["busy"]["Conv3D"], at_least=77)

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("10.backwards")` gives a nudge, and a second one if you ask again;
# `vl.solution("10.backwards")` shows one way.

# %% [markdown]
# **1. Backwards.** ★ Write `backwards(clips)`: for clips uint8 (n, T, H, W, 3), return the same films in the same
# places, each played backwards.

# %%
def backwards(clips):
    ...


vl.check("10.backwards", backwards)

# %% [markdown]
# **2. The cost of memory.** ★★ Write `gru_parameters(inputs, units)`: how many numbers a Keras GRU that reads in one
# direction learns. The formulas above contain them all: three matrices $W$, three $U$, and six biases.

# %%
def gru_parameters(inputs, units):
    ...


vl.check("10.gru_parameters", gru_parameters)

# %% [markdown]
# **3. Blind to order.** ★ Which of the six networks cannot distinguish sitting down from standing up, however long it
# is trained? Write its name as in the table.

# %%
blind_model = ...

vl.check("10.blind_model", blind_model)

# %% [markdown]
# **4. Differences.** ★★ Write `difference(clips)`: for clips float (n, T, H, W), return each frame minus the one
# before, (n, T − 1, H, W).

# %%
def difference(clips):
    ...


vl.check("10.difference", difference)

# %% [markdown]
# **Open question.** A film is recorded with a phone that shakes. Which of the six models would you take, what would you
# do to the frames first, and how would you find out whether it helped?

# %%
vl.progress("10")

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). With
# labels, a network over time is trained on some groups and tested on the others, and compared with the majority class.
# A few dozen films are little for a network: if it is not better than that, use averaged HOG (`vl.compare`).

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
mine = mine[[vl.open_media(path).has_video for path in mine["path"]]].reset_index(drop=True)
with vl.open_media(mine["path"].iloc[0]) as media:
    frames, times = media.sample(9, size=(96, 96))
change = np.abs(np.diff(frames.astype(int), axis=0)).astype(np.uint8)
plots.filmstrip({"frames": frames[1:], "change": change}, n=8)

# %% tags=["nbval-ignore-output"]
recipe = networks.RECIPES["HOG + GRU"]
if "label" in mine and mine["label"].nunique() > 1:
    mine = vl.load_examples(mine, recipe.feature, progress=False)
    mine_train, mine_test = mine.split(by=None if mine.groups is None else "group", test=1 / 3)
    model, history = recipe.train(mine_train, progress=False)
    right = networks.predict(model, mine_test.X).argmax(axis=1) == mine_test.y
    majority = mine_test.y == np.bincount(mine_train.y).argmax()
    print(f"{len(right)} films: accuracy {right.mean():.2f}, majority class {majority.mean():.2f}")
else:
    print("Without labels there is nothing to learn here; 06 finds similar films without any.")

# %% [markdown]
# ## What you learnt
#
# * An average of descriptions of *single frames* ignores order, however it is trained. A recurrent network does not,
#   nor do convolutions over time or differences between frames, even with an average after them.
# * Gates let a memory, and a gradient, survive many steps; without them the gradient vanishes.
# * Give a network the differences between frames, and it need not learn them: together with convolutions over time they
#   raise a small network from chance to nearly perfect.
# * Which frames decide is found by an experiment: keep some, and see whether the answer stays.
# * A score needs its spread, over actors and over seeds; and a comparison also needs the costs.
#
# **Next:** 11 opens the row *Transformer*: attention looks at all frames at once.
#
# ## Further reading
#
# * S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation, 1997; K. Cho et al., "Learning phrase
#   representations using RNN encoder–decoder for statistical machine translation", EMNLP 2014 (the GRU).
# * Y. Bengio, P. Simard, P. Frasconi, "Learning long-term dependencies with gradient descent is difficult", IEEE
#   Transactions on Neural Networks, 1994.
# * K. Simonyan, A. Zisserman, "Two-stream convolutional networks for action recognition in videos", NIPS 2014.
# * D. Tran et al., "A closer look at spatiotemporal convolutions for action recognition", CVPR 2018 ((2+1)D).
# * J. Carreira, A. Zisserman, "Quo vadis, action recognition? A new model and the Kinetics dataset", CVPR 2017 (I3D).
