# %% [markdown]
# # 23 · Few labels
#
# **You have a thousand videos and the patience to label eighty: how far does that carry?**
#
# Films cost nothing, labels cost an evening. Notebook 10 learnt from 42 labelled videos of each class. Here we have
# five. Each of the methods below takes what it lacks from somewhere else: from rules, from another network, from the
# videos without labels, or from you, one key at a time.
#
# In this notebook you will
#
# * draw learning curves, and say how much of a difference is luck of the draw,
# * build prototypes, margins and a pretext task by hand,
# * ask whether a machine can choose what to label, and label at a desk yourself.
#
# About 35 minutes to read, one and a half to run.

# %%
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, plots, tasks, widgets
from vmm_lab.networks import Augment, keras
from vmm_lab.tasks import FeatureMethod, LinearSVM, Prototypes

# %% [markdown]
# ## The rules of the game
#
# The theatre has 16 actions, 20 actors and 960 videos. Each **draw** holds a quarter of the actors out. Of the videos
# of the others, n of each class get their label; the rest stays, without labels. All methods get the same draws, and
# none looks at a video of a held-out actor before it is tested.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre", size="full")
y, classes = table["label"].to_numpy(str), sorted(set(table["label"]))
train, test = vl.split_by_group(table, seed=0)
train, test = train.index.to_numpy(), test.index.to_numpy()
print(f"{len(train)} videos to learn from, {len(test)} of other actors; {len(classes)} classes")

# %%
shared = set(table["group"][train]) & set(table["group"][test])
vl.report("actors on both sides", len(shared), at_most=0)
vl.report("chance", 1 / len(classes), at_most=0.07)

# %% [markdown]
# ## Prototypes by hand
#
# With few labels a simple machine is a good one. A **prototype** is the mean of the few rows $S_k$ of a class, and a
# new row belongs to the nearest prototype (Snell and others, 2017):
#
# $$c_k = \frac{1}{|S_k|}\sum_{i \in S_k} f(x_i), \qquad
# p(y = k \mid x) = \frac{\exp(-\lVert f(x) - c_k\rVert^2 / \tau)}{\sum_j \exp(-\lVert f(x) - c_j\rVert^2 / \tau)}$$
#
# For $f$ we take histograms of optical flow (notebook 04), standardised and brought to length 1.

# %% tags=["nbval-ignore-output"]
X = vl.extract(table, features.MotionHistogram(), n_jobs=2, progress=False)
rng = np.random.default_rng(0)
few = np.concatenate([rng.permutation(train[y[train] == name])[:5] for name in classes])
print(f"{X.shape[1]} numbers for each video; {len(few)} videos have a label")

# %%
def unit(rows):
    """Standardise rows by the labelled ones, and bring them to length 1."""
    rows = (rows - X[few].mean(axis=0)) / np.maximum(X[few].std(axis=0), 1e-12)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


means = np.stack([unit(X[few])[y[few] == name].mean(axis=0) for name in classes])
distances = ((unit(X[test])[:, None] - means) ** 2).sum(axis=2)
by_hand = np.array(classes)[distances.argmin(axis=1)]
machine = Prototypes().fit(X[few], y[few])
agree = np.mean(by_hand == machine.predict(X[test]))
vl.report("share on which the library agrees", agree, at_least=0.99)
vl.report("accuracy with five labels a class", np.mean(by_hand == y[test]), at_least=0.56)

# %% [markdown]
# Nothing was trained: five videos of each class, and an average.
#
# ## Luck of the draw
#
# Another five videos, other actors: another number. So a score of few labels is a mean over draws, and stands next to
# its **deviation**. `tasks.learning_curve` draws labels, holds actors out, and does so for every method alike.

# %% tags=["nbval-ignore-output"]
motion = features.MotionHistogram()
ways = {"handcrafted": FeatureMethod(motion, LinearSVM()),
        "prototypes": FeatureMethod(motion, Prototypes())}
curve = tasks.learning_curve(table, ways, draws=5, n_jobs=2, progress=False)
curve.plot()

# %% tags=["nbval-ignore-output"]
curve.frame.round(2).astype(str) + " ± " + curve.deviation.round(2).astype(str)

# %% [markdown]
# The methods share their draws. So the fair question is not whether the bars overlap, but how large the
# difference is *on the same draw*, and how much it varies:

# %%
at_5 = curve.runs[curve.runs["labels"] == 5]
at_5 = at_5.pivot(index="draw", columns="method", values="accuracy")
gain = at_5["handcrafted"] - at_5["prototypes"]
vl.report("gain of the SVM over prototypes, mean", gain.mean(), at_least=0.0)
vl.report("deviation of the gain", gain.std(), at_most=0.1)

# %% [markdown]
# ## The whole table
#
# Trainings of networks take longer than this notebook may. `python benchmarks/bench_few_labels.py` has run all methods
# on five draws, and this is what it measured. *From scratch* is the (2+1)D network of notebook 10, from random
# weights and without the shift of its clips; *augmentation* is the same network with that shift, as its recipe has
# it.

# %% tags=["nbval-ignore-output"]
stored = assets.results("few_labels")
runs = stored[stored["draws"].notna()]
sizes = [1, 2, 5, 10, 20]
written = {n: runs[f"{n}"].map("{:.2f}".format) + " ± " + runs[f"{n}_std"].map("{:.2f}".format)
           for n in sizes}
pd.DataFrame(written)

# %% [markdown]
# As learning curves, in two pictures with *from scratch* in both. First what knows something before it sees the
# labels: that a shift changes nothing, that motion matters (*handcrafted* and *prototypes* both take optical flow), or
# what is in photographs. The dotted line is chance.

# %%
def kept_curves(*names):
    """Draw methods of the table, with bars of ± one deviation over the draws."""
    drawn = [(name, n, draw, accuracy) for name in names for n in sizes
             for draw, accuracy in enumerate(runs.loc[name, f"{n}_draws"])]
    drawn = pd.DataFrame(drawn, columns=["method", "labels", "draw", "accuracy"])
    figure = tasks.LearningCurve(drawn).plot(width=plots.WIDTH, height=3.6)
    figure.axes[0].axhline(1 / len(classes), color=plots.INK, linestyle=":", label="chance")
    return figure


kept_curves("from scratch", "augmentation", "handcrafted", "prototypes", "transfer (ImageNet)")

# %% [markdown]
# Then what looks at the videos without labels, and a vote (*together*) of time order, sound and picture, and optical
# flow. The *random encoder* looks at nothing: it is the control of the two pretext tasks.

# %%
kept_curves("from scratch", "pseudo-labels", "random encoder", "time order", "sound and picture",
            "together")

# %% [markdown]
# What we just measured, *handcrafted*, is one row of the table. On another computer optical flow and SVM give the
# same but for rounding:

# %%
live, kept = curve.frame.loc["handcrafted", 5], runs.loc["handcrafted", "5"]
vl.report("measured here and in the table differ by", abs(live - kept), at_most=0.03)

# %% [markdown]
# ## What helped, and what did not
#
# The bars are gains over *from scratch* at five labels a class, on the same draws:

# %%
plots.bars(runs["above scratch"].drop("from scratch").sort_values(ascending=False).to_dict(),
           alt="gain of each method over training from scratch",
           xlabel="gain in accuracy at five labels a class")

# %%
gain = runs["above scratch"]
vl.report("handcrafted motion", gain["handcrafted"], at_least=0.08)
vl.report("prototypes", gain["prototypes"], at_least=0.04)
vl.report("transfer from photographs", gain["transfer (ImageNet)"], at_most=-0.14)
harm = gain["pseudo-labels"] - gain["handcrafted"]
vl.report("pseudo-labels, over their SVM", harm, at_most=-0.02)
taught = gain["sound and picture"] - gain["random encoder"]
vl.report("sound and picture, over a random encoder", taught, at_least=0.08)
best, next_best = runs["1"].nlargest(2)
vl.report("augmentation at one label, over the next best", best - next_best, at_least=0.04)

# %% [markdown]
# * **Augmentation helps most** from one label a class to ten: no more than a shift, and the network that had fallen
#   behind the rules is ahead of them.
# * **Rules help when labels are few.** Somebody knew that motion matters, and wrote optical flow. The lead over the
#   plain network is largest at five labels a class, and less than half of that at twenty.
# * **Prototypes** come close without any training, as long as there are few labels.
# * **A network of photographs does not help here.** It knows what is in a picture, such as a sofa or a dog, and
#   the same sofas stand there in all actions.
# * **Pseudo-labels do harm at one, two and five labels**: wrong answers are learnt as if they were right. They come
#   back to what the SVM does without them, and no further.
# * **Pretext tasks help.** The same encoder with random weights is as good as training from scratch; what it hears
#   brings nearly as much as optical flow at five labels a class, more at one and two, and at twenty only a vote of it,
#   time order and the rules (*together*) has more.
#
# ## Augmentation
#
# A video moved by a few pixels shows the same action. So each training step sees another shift, and five videos become
# as many as one likes. It is one of the oldest ways to save labels. One clip, moved twice:

# %%
path = table["path"][few[0]]
frames, times = vl.open_media(path).sample(16, size=(64, 64))
clip, change = keras.ops.convert_to_tensor(frames[None]), Augment(shift=6)
moved = [change(clip, keras.ops.convert_to_tensor([seed, 0]))[0].numpy() for seed in (1, 4)]
plots.filmstrip({"as it is": frames, "moved": moved[0], "moved again": moved[1]}, n=8)

# %% [markdown]
# ## Learning without labels
#
# The videos without labels know a lot. A **pretext task** asks a question whose answer is in the video itself:
#
# * **time order**: does the clip run forwards, backwards, or are its quarters shuffled? (Misra and others, 2016)
# * **sound and picture**: which of these sounds belongs to this clip? (Arandjelović and Zisserman, 2017)
#
# For the second, each clip $v_i$ and each sound $s_j$ of a batch of $B$ become vectors of length 1, and
# $z_{ij} = a\, v_i^\top s_j + b$ is how well they agree; the scale $a$ and the offset $b$ are learnt. True pairs
# weigh as much as false ones ($\sigma$: the sigmoid):
#
# $$L = -\frac{1}{2B}\sum_i \log \sigma(z_{ii}) - \frac{1}{2B(B-1)}\sum_{i \neq j} \log\bigl(1 - \sigma(z_{ij})\bigr)$$

# %%
def pair_loss(z):
    """Compute the loss of a batch from the agreement of each clip and each sound, (B, B)."""
    right = np.eye(len(z), dtype=bool)
    p = 1 / (1 + np.exp(-z))
    return -np.log(p[right]).mean() / 2 - np.log(1 - p[~right]).mean() / 2


z = np.random.default_rng(0).normal(size=(8, 8))
moved = pair_loss(z + 4 * np.eye(8))
print(f"random agreement {pair_loss(z):.2f}, with true pairs moved up {moved:.2f}")

# %%
from vmm_lab import networks

by_library = float(networks.pair_loss(np.eye(8, dtype=np.float32), z.astype(np.float32)))
vl.report("by hand and by the library differ by", abs(pair_loss(z) - by_library), at_most=1e-5)

# %% [markdown]
# Now in earnest, on one draw. The encoder reads the HOG of 16 frames: principal components, one convolution over time,
# and pooling. The same encoder with random weights is the control, because even random filters are features.

# %% tags=["nbval-ignore-output"]
encoders = {"random encoder": tasks.SelfSupervised("nothing"),
            "sound and picture": tasks.SelfSupervised()}
taught = tasks.learning_curve(table, encoders, labels_per_class=(5,), draws=1, n_jobs=2,
                              progress=False)
taught.frame

# %%
gained = taught.gain("random encoder").loc["sound and picture", 5]
vl.report("what the sounds taught, at five labels a class", gained, at_least=0.05)

# %% [markdown]
# The sound is used while the encoder learns, and never after: the videos of the test are seen, not heard.
#
# ## Pseudo-labels
#
# A machine can label the rest itself, and learn from the answers of which it is surest (Lee, 2013). That works as far
# as the sure answers are right. How right are they?

# %%
svm, rest = LinearSVM().fit(X[few], y[few]), np.setdiff1d(train, few)
P = svm.predict_proba(X[rest])
surest = np.argsort(-P.max(axis=1))[:100]
right = svm.classes_[P.argmax(axis=1)] == y[rest]
vl.report("the surest 100 pseudo-labels are right", right[surest].mean(), at_least=0.83)
vl.report("all of them are right", right.mean(), at_most=0.73)

# %% [markdown]
# The surest answers are right more often; but of what it is sure of, it has the least to learn.
#
# ## Which video to label next
#
# If labels cost, choose them. The **margin** is the gap between the two most probable classes; where it is small, the
# machine is torn (Scheffer and others, 2001). By hand and by the library:

# %%
ranked = np.sort(P, axis=1)
margins = ranked[:, -1] - ranked[:, -2]
ask = rest[np.argsort(margins)[:5]]
everything = svm.predict_proba(X)
allowed = np.setdiff1d(np.arange(len(X)), rest)
chosen = tasks.choose_next(X, allowed, 5, strategy="margin", probabilities=everything)
vl.report("rows on which both agree, of 5", len(set(ask) & set(chosen)), at_least=5)

# %% [markdown]
# Does that save labels? Two learners, the SVM (*active*) and prototypes (*active prototypes*), began with one label of
# each class, and asked for the rest themselves, by their margins or by chance (*random*). The table above has two more
# ways: `k-center` asks for the video farthest from all labels, `typical` for the middle of the largest group without one.
# Five labels a class are 80 in all here, not five of each: the machine that asks does not know the classes
# beforehand.

# %%
kept_curves(*[name for name in runs.index if re.match("active.*(random|margin)", name)])

# %%
at_5, at_10 = runs["5"], runs["10"]
lost = at_5["active, random"] - at_5["active, margin"]
vl.report("SVM: lost by margins at five labels a class", lost, at_least=0.09)
same = at_5["active prototypes, margin"] - at_5["active prototypes, random"]
vl.report("prototypes: margins over chance at five", same, at_least=-0.05)
won = at_10["active prototypes, margin"] - at_10["active prototypes, random"]
vl.report("prototypes: margins over chance at ten", won, at_least=0.0)

# %% [markdown]
# **It depends on the machine that asks.** The margins of the SVM do much worse than chance up to ten labels a class.
# Those of prototypes are no worse than chance at five, and better from ten on. Chance has its price, too: with five
# videos of *each* class the SVM reaches 0.66, and with 80 that are mostly drawn by chance 0.59. `k-center` and
# `typical` beat chance with neither of them at five. So measure, with the machine that you will use, before you trust a
# choice.
#
# ## The labelling desk
#
# Here you label. The machine behind the desk is prototypes, and it asks by their margins. A digit or letter gives its
# label to the video on show; **U** takes it back, **S** puts a video off. Or choose a tile by arrow keys, which
# underlines it, and press Space. The tile with the blue frame is the guess. Each label is in the file at once: close
# the notebook, come back, go on.
#
# So that there is something to see, the first sixty labels are given by somebody who knows.

# %% tags=["nbval-ignore-output"]
pool = table.iloc[train].reset_index(drop=True)
file = Path(tempfile.mkdtemp()) / "labels.csv"  # for real work, a place that stays
desk = widgets.LabelingDesk(pool, X[train], classes, file=file, test=(X[test], y[test]))
for _ in range(60):
    desk.map.value = classes.index(desk.row["label"])
    desk.label.click()
desk

# %%
vl.report("labels in the file", len(pd.read_csv(file)), at_least=60)
vl.report("accuracy of the desk after 60 labels", desk.curve[-1][1], at_least=0.56)

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("23.farthest")` gives a nudge, and a second one if you ask again;
# `vl.solution("23.farthest")` shows one way.

# %% [markdown]
# **1. The nearest mean.** ★ Write `nearest_mean(X, y, query)`: of rows X, float (n, d), with classes y, str (n,), the
# class whose mean is nearest to `query`, float (d,).

# %%
def nearest_mean(X, y, query):
    ...


vl.check("23.nearest_mean", nearest_mean)

# %% [markdown]
# **2. Torn between two.** ★★ Write `smallest_margins(P, n)`: the numbers of the n rows of probabilities P, float
# (rows, classes), whose two most probable classes are nearest to each other, the smallest margin first.

# %%
def smallest_margins(P, n):
    ...


vl.check("23.smallest_margins", smallest_margins)

# %% [markdown]
# **3. Far from all labels.** ★★ Write `farthest(X, labelled)`: the number of the row of X, float (n, d), that is
# farthest from its nearest row among `labelled`, a list of numbers of rows. This is one step of `k-center`.

# %%
def farthest(X, labelled):
    ...


vl.check("23.farthest", farthest)

# %% [markdown]
# **4. The same draws.** ★★★ Write `paired_gain(a, b)`: `a` and `b` hold the scores of two methods on the same draws,
# float (draws,). Return the mean and the deviation (`ddof=1`) of what b gains over a.

# %%
def paired_gain(a, b):
    ...


vl.check("23.paired_gain", paired_gain)

# %%
vl.progress("23")

# %% [markdown]
# **Open question.** Active learning asks about the videos that are hard for *this* machine. What happens to the labels
# if you change the machine next year, and what would you do to be safe?

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). The desk
# asks for no labels to begin with: change the classes to yours, and `file` to a place that stays.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table().head(60)
V = vl.extract(mine, features.MotionHistogram(), on_error="skip", progress=False)
seen = np.isfinite(V).all(axis=1)
names = sorted(set(mine["label"].dropna()))[:26] if "label" in mine else []
names = names if len(names) > 1 else ["interesting", "not interesting"]
if seen.any():
    my_file = Path(tempfile.mkdtemp()) / "labels.csv"
    display(widgets.LabelingDesk(mine[seen], V[seen], names, file=my_file))
else:
    print("None of these rows has moving pictures.")

# %% tags=["nbval-ignore-output"]
counts = mine["label"].value_counts() if "label" in mine else pd.Series(dtype=int)
if seen.all() and len(counts) > 1 and counts.min() >= 4:
    mine_curve = tasks.learning_curve(mine, ways, labels_per_class=(1, 2), draws=3, progress=False)
    display(mine_curve.frame.round(2))
else:
    print("A learning curve needs four labelled videos of each of two classes.")

# %% [markdown]
# ## What you learnt
#
# * A score of few labels belongs to a draw; means and deviations over draws, on the same draws for all, can be
#   compared.
# * Rules and prototypes carry far at five labels; a network of photographs does not know actions, and pseudo-labels of
#   a weak machine teach its mistakes.
# * Videos without labels teach an encoder through questions that they answer themselves.
# * What a machine asks for may teach less than chance does; it depends on the machine, and on how much it knows.
# * A desk that saves each label at once turns an evening into a data set.
#
# **Next:** what was learnt is too large for a small computer: 24 makes it smaller.
#
# ## Further reading
#
# * I. Misra, C. L. Zitnick, M. Hebert: *Shuffle and Learn: Unsupervised Learning using Temporal Order Verification*.
#   ECCV, 2016.
# * R. Arandjelović, A. Zisserman: *Look, Listen and Learn*. ICCV, 2017.
# * J. Snell, K. Swersky, R. Zemel: *Prototypical Networks for Few-shot Learning*. NeurIPS, 2017.
# * D.-H. Lee: *Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks*. ICML
#   workshop, 2013.
# * T. Scheffer, C. Decomain, S. Wrobel: *Active Hidden Markov Models for Information Extraction*. IDA, 2001.
