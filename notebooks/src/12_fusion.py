# %% [markdown]
# # 12 · Fusion
#
# **Several modalities together do what none does alone: how do you fuse them, and how close does that come to what is
# possible?**
#
# In the theatre no single modality is enough. A knock and a punch look alike, walking and marching sound alike, and a
# caption may be about clothes. But a perfect observer with pictures, sound and words is wrong in only one film of
# seventy. This notebook fuses the three modalities in eight ways, and compares each with that limit.
#
# In this notebook you will
#
# * compute the best accuracy that each modality, and each pair of them, can reach,
# * fuse probabilities by hand, by their mean and by their product, and learn when each of the two is right,
# * train a network of all three modalities, and read from a table which kinds of fusion are better than a plain vote
#   and which are not.
#
# About 35 minutes to read, a good minute to run.

# %%
import itertools

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, explain, features, networks, plots, theatre, widgets
from vmm_lab.modalities import color_of

networks.keras.utils.set_random_seed(0)

# %% [markdown]
# ## The same films in three modalities
#
# All sixteen actions, twenty actors. The network will get three inputs for each film: HOG of 16 frames, a spectrogram,
# and a caption where there is one. The first time, the theatre takes two minutes to render.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre", size="full")
examples = vl.load_examples(table, networks.MODALITY_FEATURES, progress=False)
examples

# %%
film = table[table["heard"] == "rap"].dropna(subset="caption").iloc[0]
vl.report("films", len(examples), at_least=900)
with vl.open_media(film["path"]) as media:
    picture = plots.timeline(media, caption=film["caption"])
picture

# %% [markdown]
# Pictures, sound and words of one film on one time axis. Before you fuse, make sure that the times agree: a sound that
# comes half a second late belongs to another picture.
#
# ## What is achievable
#
# We know how the theatre was made: `observations(action, modality)` lists what a modality shows of an action, and how
# often. Given the action, the three are drawn independently. So we can list what several modalities show *together*,
# and how many films of two actions are exactly the same in them.

# %%
from vmm_lab.theatre.actions import observations


def joint(action, modalities):
    """Return {what these modalities show of an action, together: how often}."""
    parts = [observations(action, modality).items() for modality in modalities]
    return {tuple(observation for observation, _ in some): np.prod([p for _, p in some])
            for some in itertools.product(*parts)}


joint("knock", ["video", "sound"])

# %%
def overlap(modalities):
    """Compute the share of the films of two actions that is the same here, float (16, 16)."""
    shown = [joint(action, modalities) for action in theatre.ACTIONS]
    return np.array([[sum(min(a[o], b[o]) for o in a.keys() & b.keys()) for b in shown]
                     for a in shown])


panels = {name: overlap([name]) for name in networks.MODALITY_FEATURES}
panels["all three"] = overlap(networks.MODALITY_FEATURES)
pairs = np.triu_indices(16, 1)
vl.report("pairs that look the same", int((panels["video"][pairs] == 1).sum()), at_least=3)
vl.report("largest overlap, all three", panels["all three"][pairs].max(), at_most=0.15)

# %%
alt = "which actions look, sound and read alike"
figure, axes = plots.axes(alt, columns=4, height=3.4, sharey=True)
for axis, (title, panel) in zip(axes, panels.items()):
    axis.imshow(panel, cmap="Blues", vmin=0, vmax=1)
    axis.set_title(title, fontsize=10)
    axis.set_xticks(range(16), theatre.ACTIONS, rotation=90, fontsize=7)
axes[0].set_yticks(range(16), theatre.ACTIONS, fontsize=7)
figure

# %% [markdown]
# A dark square off the diagonal is a pair that nobody can distinguish. Video has three such pairs, and another modality
# distinguishes each of them: sound a knock from a punch, words a greeting from a goodbye. Sound has pairs of its own,
# on a pale background: in 15 % of the films the microphone missed the sound. Words are vague about actions of one kind.
# In the last panel hardly anything is left.
#
# The **ceiling** is the accuracy of an observer who perceives all this perfectly and answers the most probable action.
# By hand: sum, over all observations, the largest probability among the sixteen actions.

# %%
def best_possible(modalities):
    """Compute the accuracy of a perfect observer who has these modalities."""
    shown = [joint(action, modalities) for action in theatre.ACTIONS]
    possible = set().union(*shown)
    return sum(max(p.get(o, 0) for p in shown) for o in possible) / len(shown)


subsets = [some for n in (1, 2, 3)
           for some in itertools.combinations(networks.MODALITY_FEATURES, n)]
ceilings = {"+".join(some): best_possible(some) for some in subsets}
difference = max(abs(value - theatre.ceiling(name)) for name, value in ceilings.items())
vl.report("largest difference from theatre.ceiling", difference, at_most=1e-9)
vl.report("ceiling of the best single modality", ceilings["video"], at_most=0.82)
vl.report("ceiling of all three", ceilings["video+sound+words"], at_least=0.98)

# %% [markdown]
# How near do networks come? The benchmark `python benchmarks/bench_fusion.py` trains one for each modality alone and
# for each kind of fusion, and holds out every actor once. `assets.results` reads what it stored.

# %%
nets = assets.results("fusion_calm").dropna(subset="whole")
best = nets["whole"].idxmax()
reached = nets["whole"][[*networks.MODALITY_FEATURES, best]].rename({best: "video+sound+words"})
reached.round(2).to_frame("accuracy of networks")

# %%
figure, axis = plots.axes("ceilings of all sets of modalities, and networks")
colors = [color_of(name) for name in ceilings]
axis.barh(list(ceilings), list(ceilings.values()), color=colors, alpha=0.5, label="ceiling")
axis.plot(reached, reached.index, "o", color="black", label="network, measured")
axis.invert_yaxis()
axis.set(xlim=(0, 1), xlabel="accuracy, sixteen actions (a guess: 0.06)")
figure.legend(loc="outside right upper", frameon=False)
figure

# %%
luck, best_of_all = reached["words"] - ceilings["words"], reached["video+sound+words"]
vl.report("best network of one modality", reached[:3].max(), at_least=0.68)
vl.report("words, above their ceiling by luck", luck, at_most=0.03)
vl.report("best network of all three", best_of_all, at_least=0.93)
vl.report("and below its ceiling by", max(ceilings.values()) - best_of_all, at_most=0.06)

# %% [markdown]
# ## Three opinions
#
# Begin without a network. Three handcrafted features, each with a linear SVM that gives a probability to every action:
# HOG for video, LogMel for sound and WordBag for words. Every actor is held out once. (`board.warnings` says that
# captions name the action. Here words are a modality like the others; if somebody had written them from the labels,
# they would be a leak.)

# %% tags=["nbval-ignore-output"]
METHODS = {"video": features.HOG(), "sound": features.LogMel(), "words": features.WordBag()}
board = vl.compare(table, methods=METHODS, n_jobs=2, progress=False)
scores = board.frame.set_index("name")["accuracy"]
scores.round(3).to_frame()

# %%
singles = list(METHODS)
P = np.stack([board.probabilities(name) for name in singles], axis=1)
present = examples.X["present"]
print("probabilities", P.shape, "and the mask", present.shape, "of modalities that are present")
vl.report("films that have a caption", float(present[:, 2].mean()), at_least=0.9)
vl.report("best of the three", scores[singles].max(), at_least=0.65)
vl.report("soft vote of the three", scores["Soft vote"], at_least=0.85)

# %% [markdown]
# ## The mean, and the product
#
# Two ways to make one opinion $p(c)$ of $M$ opinions $p_m(c) = p(c \mid x_m)$:
#
# $$\text{sum rule:}\quad p(c) = \tfrac{1}{M} \sum_m p_m(c) \qquad\qquad
# \text{product rule:}\quad p(c) \propto \prod_m p_m(c)$$
#
# The product has a justification. If the modalities are independent given the class, $p(x_1, \dots, x_M \mid c)$ is the
# product of the $p(x_m \mid c)$, and Bayes' rule turns that into $p(c)^{1-M} \prod_m p_m(c)$; where all classes are
# equally frequent, the first factor is the same for all. This is **naive Bayes**. Its danger: one opinion of 0 rules
# out a class, no matter how confident the others are. So a small floor is added to each probability.

# %%
def sum_rule(P, present):
    """Fuse opinions (n, modalities, classes), with a mask (n, modalities), to (n, classes)."""
    return (P * present[..., None]).sum(axis=1) / present.sum(axis=1, keepdims=True)


def product_rule(P, present, floor=1e-4):
    """Fuse by the product; a missing modality does not multiply."""
    logs = (np.log(P + floor) * present[..., None]).sum(axis=1)
    product = np.exp(logs - logs.max(axis=1, keepdims=True))
    return product / product.sum(axis=1, keepdims=True)


by_mean, by_product = sum_rule(P, present), product_rule(P, present)
by_mean.shape

# %%
def accuracy(opinions):
    """Compute the share of films whose most probable action is the right one."""
    return float((opinions.argmax(axis=1) == examples.y).mean())


vl.report("sum rule", accuracy(by_mean), at_least=0.85)
vl.report("product rule, above it", accuracy(by_product) - accuracy(by_mean), at_least=0.01)

# %% [markdown]
# The library has both: the board's *soft vote* is the sum rule, and the product rule is the last layer of one kind of
# fusion below, *stacked*, before its training.

# %%
soft = board.probabilities("Soft vote").to_numpy()
layer = networks.fusion_recipe("stacked").model(examples).get_layer("probabilities")
by_layer = np.asarray(layer(np.log(P + 1e-4) * present[..., None]))
vl.report("sum rule, largest difference", np.abs(by_mean - soft).max(), at_most=1e-5)
vl.report("product rule, largest difference", np.abs(by_product - by_layer).max(), at_most=1e-5)

# %% [markdown]
# ## Three unsure opinions, one confident answer
#
# Among the films in which no modality is more than 60 % confident, we take the one in which the product is most
# confident.

# %%
unsure = (P.max(axis=2) < 0.6).all(axis=1) & (present > 0).all(axis=1)
row = np.flatnonzero(unsure)[by_product[unsure].max(axis=1).argmax()]
vl.report("most confident modality", P[row].max(), at_most=0.6)
vl.report("mean", by_mean[row].max(), at_most=0.6)
vl.report("product", by_product[row].max(), at_least=0.95)
vl.report("the product is right", by_product[row].argmax() == examples.y[row], at_least=1)

# %% tags=["nbval-ignore-output"]
voters = dict(zip([*METHODS, "mean", "product"], [*P[row], by_mean[row], by_product[row]]))
likely = np.sort(np.argsort(-P[row].max(axis=0))[:6])
title = f"{table['label'][row]}: “{table['caption'][row]}”"
alt = "the opinions of three modalities on a film, and both rules"
figure, axes = plots.axes(alt, columns=5, title=title, xlabel="probability", sharey=True)
for axis, (name, opinion) in zip(axes, voters.items()):
    axis.barh(np.array(examples.classes)[likely], opinion[likely], color=color_of(name))
    axis.set(xlim=(0, 1), title=name)
figure

# %%
possible = [set(np.flatnonzero(p > 0.1)) for p in P[row]]
vl.report("actions that a modality leaves open, at least", min(map(len, possible)), at_least=2)
vl.report("actions that every modality leaves open", len(set.intersection(*possible)), at_most=1)

# %% [markdown]
# Each modality leaves a few actions open, and not the same ones. Only one action is left open by all, and the product
# finds it. The mean names it, too, but is as unsure as its voters: a mean is never more confident than its most
# confident voter.
#
# Then why would anybody use the mean? Because it tolerates errors. We give a share of the films the sound track of
# *another* film, as in a badly cut recording, and make the opinions of the sound too confident.

# %%
def sharper(p, power=3):
    """Return the same opinion with too much confidence."""
    return p ** power / (p ** power).sum(axis=-1, keepdims=True)


order, shares = np.random.default_rng(0).permutation(len(P)), np.linspace(0, 0.8, 9)
curves = []
for share in shares:
    moved, spoilt = order[:int(share * len(P))], P.copy()
    spoilt[moved, 1] = np.roll(P[moved, 1], 1, axis=0)
    spoilt[:, 1] = sharper(spoilt[:, 1])
    curves.append([accuracy(rule(spoilt, present)) for rule in (sum_rule, product_rule)])
vl.report("product above mean, at first", curves[0][1] - curves[0][0], at_least=0.01)
vl.report("mean above product, at the end", curves[-1][0] - curves[-1][1], at_least=0.07)

# %%
alt = "accuracy of both rules with the sound of other films"
figure, axis = plots.axes(alt, title="One voter is wrong and overconfident", ylabel="accuracy",
                          xlabel="share of films with the sound of another")
for name, curve, color in zip(("mean", "product"), np.transpose(curves), plots.PALETTE):
    axis.plot(shares, curve, marker="o", label=name, color=color)
axis.set_ylim(0.5, 1)
figure

# %% [markdown]
# With reliable voters the product is better; with an unreliable one the mean. Kittler and others (1998) found the same
# in practice and showed why: a sum dampens the errors of single opinions, and a product amplifies them.
#
# ## Eight places to meet
#
# A network does not have to wait until all opinions are formed. `networks.FUSION_KINDS` has eight kinds of fusion:
# after how many stages of its own does each modality meet the others, and what happens there?

# %%
MEETINGS = {  # how many stages each modality has for itself, and what happens where they meet
    "inputs": (1, "one time axis, one GRU"), "features": (2, "side by side,\nhidden layer"),
    "average": (3, "mean"), "weighted": (3, "mean with learnt weights"),
    "stacked": (3, "learnt, starts as product"), "hybrid": (3, "side by side, hidden layer"),
    "gated": (2, "sum, each times a gate\nthat depends on all"),
    "attention": (2, "each attends to all steps of all")}
pd.DataFrame(MEETINGS, ["stages before", "where they meet"]).T

# %% [markdown]
# As drawings, to be read from below: a modality is processed alone as long as the boxes have its colour, and the bar
# on top gives the answer.

# %%
def boxes(kind):
    """Return (x, y, width, text, colour) of each box of a drawing."""
    n_stages, meeting = MEETINGS[kind]
    found = [(0, n_stages, 2.98, meeting, color_of("fusion"))]
    for x, name in enumerate(networks.MODALITY_FEATURES):
        stages = [name, "embedding", "decision"][:n_stages]
        found += [(x, y, 0.86, stage, color_of(name)) for y, stage in enumerate(stages)]
    return found


pd.DataFrame(boxes("features"), columns=["x", "y", "width", "text", "colour"])

# %%
canvas = {"xlim": (-0.05, 3.03), "ylim": (-0.4, 3.4), "xticks": [], "yticks": []}
alt, line = "where modalities meet in eight kinds of fusion", {"color": "#444444", "zorder": 0}
figure, axes = plots.axes(alt, rows=2, columns=4, height=4.6, subplot_kw=canvas)
for axis, kind in zip(axes.flat, networks.FUSION_KINDS):
    axis.plot(np.add.outer([0.43, 0.43], range(3)), [0, MEETINGS[kind][0]], **line)
    if kind == "hybrid":
        axis.plot(np.add.outer([0.7, 0.93, 0.93], range(3)), [1, 1.5, 3], **line)
    for x, y, width, text, color in boxes(kind):
        axis.barh(y, width, height=0.62, left=x, color=color, edgecolor="#444444")
        axis.text(x + width / 2, y, text, ha="center", va="center", fontsize=7)
    axis.set(frame_on=False, title=kind, **canvas)
figure

# %% [markdown]
# * **Early** (*inputs*, *features*): what belongs together can be found together, such as a sound and the movement that
#   made it. *inputs* needs one time axis for all, even for words, and learns everything from the same few films.
# * **Late** (*average*, *weighted*, *stacked*): each modality decides for itself. This is simple, and each can be
#   examined alone; patterns that only the combination of raw inputs shows are lost.
# * **In between**: *hybrid* passes on embeddings and decisions; *gated* has a gate for each modality in each film;
#   *attention* lets each embedding select from all moments of all modalities.
#
# ## Train one, live
#
# *hybrid*. While it learns, modalities are taken away at random, three of ten, but never all of a film (**modality
# dropout**; Neverova et al., 2016). Four actors are kept for the test, two choose the best epoch.

# %% tags=["nbval-ignore-output"]
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = actors[6:], actors[4:6], actors[:4]
train, val, test = (examples[np.isin(examples.groups, names)] for names in sides)
recipe = networks.fusion_recipe("hybrid")
model = recipe.model(train)
history = await vl.fit(model, train, validation=val, **recipe.settings(train))

# %%
proba = networks.predict(model, test.X)
correct = proba.argmax(axis=1) == test.y
ceiling = theatre.ceiling("video+sound+words")
error = float(np.sqrt(ceiling * (1 - ceiling) / len(test)))
vl.report("films of four new actors", len(test), at_least=150)
vl.report("accuracy, sixteen actions", correct.mean(), at_least=0.91)
vl.report("above the ceiling, in standard errors", (correct.mean() - ceiling) / error, at_most=2)

# %% [markdown]
# A knock whose caption is vague. Take its sound away, or its pictures, add noise to the words, and see which modality
# the network relies on. Black lines mark the probabilities before the change.

# %% tags=["nbval-ignore-output"]
tested = np.isin(examples.groups, actors[:4])
films = table[tested].reset_index(drop=True)
vague = (films["heard"] == "rap") & (films["wording"] == "vague") & correct
explorer = widgets.FusionExplorer(model, test, films, item=int(np.flatnonzero(vague)[0]))
explorer

# %%
vl.report("probability of a knock", explorer.probabilities["knock"], at_least=0.9)
explorer.present["sound"].value = False
vl.report("and without its sound", explorer.probabilities["knock"], at_most=0.6)
explorer.present["sound"].value = True

# %% [markdown]
# ## Every kind, every actor, every seed
#
# The stored table: each actor held out once, with *modality dropout* as above, or without. For comparison it also has
# each modality alone and the votes of this notebook. The standard error of such an accuracy over 960 films is about one
# per cent. A network *wins* where it is two errors above the soft vote, which needs no network at all; otherwise it
# *loses*, because it costs more.

# %%
def per_cent(frame):
    """Write mean ± deviation over seeds, in per cent; a single seed has no deviation."""
    ends = [f" ± {100 * s:.1f}" if s == s else "" for s in frame["whole_std"].astype(float)]
    return [f"{100 * mean:.1f}{end}" for mean, end in zip(frame["whole"], ends)]


gap = nets["whole"] - scores["Soft vote"]
summary = pd.DataFrame({"accuracy (%)": per_cent(nets)}, index=nets.index)
summary["parameters"] = [f"{n:,.0f}" for n in nets["parameters"]]
summary["training (s)"] = nets["seconds"].round(1)
summary["against the soft vote"] = np.where(gap > 0.02, "wins", "loses")
vl.report("networks in the table", len(summary), at_least=19)

# %% tags=["nbval-ignore-output"]
plain = {"ceiling": ceiling, "product rule, by hand": accuracy(by_product),
         "soft vote": scores["Soft vote"], "best handcrafted feature": scores[singles].max(),
         "majority class": scores["Majority class"]}
rows = pd.Series(plain).mul(100).round(1).astype(str).to_frame("accuracy (%)")
ranked = summary.loc[nets["whole"].sort_values(ascending=False).index]
pd.concat([ranked, rows]).fillna("–")

# %% [markdown]
# * **The best kinds are close to one another**: *hybrid*, *features*, *stacked* and *gated* differ by less than two
#   errors. One data set cannot tell which of them is best.
# * **They are far better than every single modality**, and clearly better than the plain vote.
# * **Three kinds do not beat the plain vote**: *average*, *weighted* and *inputs*, trained without modality dropout.
#   They are networks of three hundred thousand parameters, and linear SVMs are as good.
# * **The product by hand** is hard to beat. Averaged HOG does not know the order (09); with it, the ceiling is 0.94,
#   and the product comes near that. What the best networks gain beyond it comes from the order in time.

# %%
top = nets["whole"][["hybrid", "features", "stacked", "gated"]]
losing = nets["whole"][["average", "weighted", "inputs"]]
vl.report("the four best kinds, best minus worst", top.max() - top.min(), at_most=0.03)
vl.report("worst of them, above one modality", top.min() - reached[:3].max(), at_least=0.14)
vl.report("worst of them, above the vote", top.min() - scores["Soft vote"], at_least=0.01)
vl.report("the best of the three, above it", losing.max() - scores["Soft vote"], at_most=0.02)

# %%
without_order = theatre.ceiling("image+sound+words")
vl.report("ceiling of all three without order", without_order, at_least=0.93)
vl.report("product by hand, below it", without_order - accuracy(by_product), at_most=0.05)
vl.report("best network, above it", nets["whole"].max() - without_order, at_least=0.01)

# %% [markdown]
# ## Why the mean trains badly
#
# *average* and *weighted* are the weakest of the late kinds. Why? Their voters are trained together, through a mean.
# The loss $-\log \frac{1}{M}\sum_m p_m$ of the right class is small as soon as *one* of them is right, and the gradient
# of a modality's score is its own error $1 - p_m$ times its share $p_m / \sum_k p_k$ of the sum: the better it is
# already, the more it learns. Through a product, every modality gets the whole error that is left. An example, in which
# the words give the right action 0.5, and video and sound little:

# %%
p = pd.Series({"words": 0.5, "video": 0.10, "sound": 0.05})
others = 15 * ((1 - p) / 15).prod()  # the product for the fifteen wrong actions, all alike
columns = {"alone": 1 - p, "through the mean": p / p.sum() * (1 - p),
           "through the product": others / (p.prod() + others)}
gradients = p.to_frame("p of the right action").assign(**columns)
gradients.round(2)

# %% [markdown]
# The sound has most to learn, and its gradient is the smallest. In the test this accuracy is missing. Modality dropout
# remedies it: sometimes one modality is all that is left, and it gets its whole error. See what the sound is worth in
# the end:

# %%
late = nets.loc[["average", "average, modality dropout", "stacked"]]
worth = pd.DataFrame({"whole": late["whole"], "without sound": late["without sound"]})
worth["what the sound is worth"] = worth["whole"] - worth["without sound"]
worth.mul(100).round(1)

# %%
gained = worth["what the sound is worth"]
vl.report("gradient of sound, by the mean", gradients["through the mean"]["sound"], at_most=0.1)
vl.report("the sound, to average", gained["average"], at_most=0.05)
vl.report("the sound, to stacked", gained["stacked"], at_least=0.05)
gain = worth["whole"]["average, modality dropout"] - worth["whole"]["average"]
vl.report("average, with modality dropout, gains", gain, at_least=0.02)
behind = nets["whole"]["stacked"] - nets["whole"][["average", "weighted"]].max()
vl.report("average and weighted, behind stacked", behind, at_least=0.02)

# %% [markdown]
# ## Each modality learns at its own speed
#
# The curves of the networks of one modality. Dotted: the ceiling. A training accuracy *above* it cannot come from
# anything that generalises; it is memorised. (The network of words learns from the films that have a caption, and their
# ceiling is a little higher.)

# %%
gaps = np.array([observations(action, "words")[("gap", "")] for action in theatre.ACTIONS])
limits = {name: theatre.ceiling(name) for name in networks.MODALITY_FEATURES}
limits["words"] = (limits["words"] - gaps.max() / len(gaps)) / (1 - gaps.mean())
last = nets["train_accuracy"][[*networks.MODALITY_FEATURES]].map(lambda curve: curve[-1])
memorised = last - pd.Series(limits)
vl.report("words, in training, above their ceiling", memorised["words"], at_least=0.04)
vl.report("sound, in training, above its ceiling", memorised["sound"], at_most=0.05)
vl.report("ceiling of words where there are some", limits["words"], at_least=0.76)

# %%
alt, labels = "curves of the networks of one modality", {"xlabel": "epoch", "ylabel": "accuracy"}
figure, axes = plots.axes(alt, columns=3, sharey=True, **labels)
for axis, name in zip(axes, networks.MODALITY_FEATURES):
    for side, style in {"train": "-", "val": "--"}.items():
        curve = nets[f"{side}_accuracy"][name]
        axis.plot(range(1, len(curve) + 1), curve, style, color=color_of(name), label=side)
    axis.axhline(limits[name], color="black", linestyle=":", label="ceiling")
    axis.set(title=name, xlim=(1, 20), ylim=(0, 1))
    axis.legend(fontsize=8, loc="lower right")
figure

# %% [markdown]
# Sound and words learn fast and reach their ceilings; what the network of words learns after that is memorised. Video
# has the highest ceiling, takes longest and falls short. One training for all three stops at one epoch, too late for
# one modality and too early for another (Wang, Tran and Feiszli, CVPR 2020). *inputs* shows this most clearly: it has
# memorised all its training films, and is less accurate on new ones than most others.

# %%
curve = nets["val_accuracy"][[*networks.MODALITY_FEATURES]].map(np.array)
pace = curve.map(lambda values: int((values >= 0.95 * values.max()).argmax()) + 1)
short = pd.Series(limits) - curve.map(lambda values: values[-1])
pd.DataFrame({"epochs to 95 % of its best": pace, "below its ceiling": short.round(3)})

# %%
by_inputs = nets.loc["inputs"]
vl.report("epochs, video above words", pace["video"] - pace["words"], at_least=1)
vl.report("words, below their ceiling at the end", short["words"], at_most=0.05)
vl.report("video, beyond that", short["video"] - short["words"], at_least=0.02)
vl.report("inputs, in training", by_inputs["train_accuracy"][-1], at_least=0.99)
vl.report("and below the best", (nets["whole"] - by_inputs["whole"]).max(), at_least=0.04)

# %% [markdown]
# ## Where it helps, and where it hurts
#
# For each action, on the films of the four actors: three handcrafted features, their vote, and the network.

# %%
opinions = {name: board.probabilities(name).to_numpy() for name in [*singles, "Soft vote"]}
hits = pd.DataFrame({name: p.argmax(axis=1) == examples.y for name, p in opinions.items()})
by_action = hits[tested].assign(hybrid=correct).groupby(test.labels).mean()
helped = by_action["hybrid"] > by_action[singles].max(axis=1)
ahead = (by_action["hybrid"] - by_action["Soft vote"]).mean()
vl.report("actions that the network helps", int(helped.sum()), at_least=9)
vl.report("network, above the vote, four actors", ahead, at_least=0.02)

# %% tags=["nbval-ignore-output"]
figure, axis = plots.axes("accuracy by action of five methods", width=6, height=4.4)
axis.imshow(by_action, cmap="Blues", vmin=0, vmax=1, aspect="auto")
for (y, x), value in np.ndenumerate(by_action.to_numpy()):
    color = "white" if value > 0.6 else "black"
    axis.text(x, y, f"{value:.2f}", ha="center", va="center", fontsize=8, color=color)
axis.set_xticks(range(5), by_action.columns)
axis.set_yticks(range(16), by_action.index)
figure

# %% [markdown]
# Fusion helps most where each modality tells only a part: a knock looks like a punch, but the sound decides, if the
# microphone recorded it. A vote *hurts* where one modality tells everything and the others only a part: a star jump is
# easy to see, but it sounds like any jump, and the vote of the sound counts as much as that of the video. Over all
# twenty actors:

# %%
star = hits[examples.labels == "star_jump"].mean()
vl.report("star jumps, accuracy of video alone", star["video"], at_least=0.92)
vl.report("and of the vote", star["Soft vote"], at_most=0.93)

# %% [markdown]
# Which modality decides for which action in the network? Choose a class to see its films one by one.

# %% tags=["nbval-ignore-output"]
by_class = widgets.FusionExplorer(model, test, films, view="all items")
by_class

# %%
decides = by_class.frame[[*networks.MODALITY_FEATURES]].idxmax(axis=1)
vl.report("in a greeting, words give most evidence", decides["greet"] == "words", at_least=1)
vl.report("in a knock, sound gives most evidence", decides["knock"] == "sound", at_least=1)

# %% [markdown]
# ## One film, and why
#
# The film to which all three modalities contributed most evenly, among those that the network classified correctly with
# a probability below 0.99. The length of a bar is evidence: how much the log-odds fall when that moment is taken away.

# %%
def why(k):
    """Draw the evidence for the network's answer to test film k."""
    with vl.open_media(films["path"][k]) as media:
        frames, _ = media.sample(8, size=(96, 128))
        return explain.evidence_picture(
            model, test[k:k + 1].X, classes=test.classes, frames=frames,
            duration=media.duration)


confidence = proba.max(axis=1)
unsure = correct & (confidence < 0.99) & (test.X["present"] > 0).all(axis=1)
candidates = np.flatnonzero(unsure)
least = explain.modality_shares(model, test[candidates].X).min(axis=1)
vl.report("least share of a modality in this film (nats)", least.max(), at_least=0.4)

# %% tags=["nbval-ignore-output"]
why(candidates[least.argmax()])

# %% [markdown]
# And its most confident mistake:

# %% tags=["nbval-ignore-output"]
mistakes = np.flatnonzero(~correct)
k = mistakes[confidence[mistakes].argmax()]
print(f"The true action is {test.labels[k]}.")
why(k)

# %% [markdown]
# Before you blame the network, ask what the film shows: two actions in opposite order have the same frames, the same
# sound and the same vague words. Only the order of the frames, or a plain word, distinguishes them.

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("12.vote")` gives a nudge, and a second one if you ask again;
# `vl.solution("12.vote")` shows one way.

# %% [markdown]
# **1. A vote of the present modalities.** Write `vote(P, there)`: for opinions float (modalities, classes) and bool
# (modalities,), the mean of the opinions of those that are present, (classes,). A missing modality may hold anything,
# also NaN.

# %%
def vote(P, there):
    ...


vl.check("12.vote", vote)

# %% [markdown]
# **2. Rare classes.** Write `posterior(P, prior)`: the product rule where classes are not equally frequent. P is float
# (modalities, classes); each row is a p(c | x) that already includes the prior, float (classes,). No floor is needed.

# %%
def posterior(P, prior):
    ...


vl.check("12.posterior", posterior)

# %% [markdown]
# **3. The weight of a vote.** Write `best_weight(a, b, y)`: of the weights w = 0, 0.1, …, 1 the one with which w · a +
# (1 − w) · b, float (n, classes), gets most of the labels y, int (n,), right; of equally good ones the smallest.

# %%
def best_weight(a, b, y):
    ...


vl.check("12.best_weight", best_weight)

# %% [markdown]
# **4. Which ceiling?** A small world: eye and ear, float (actions, observations), hold how often each action gives each
# observation. The actions are equally frequent, and the two are independent given the action. Write `together(eye,
# ear)`: the best accuracy of an observer who has both.

# %%
def together(eye, ear):
    ...


vl.check("12.together", together)

# %%
vl.progress("12")

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). A caption
# is in the column `caption`, or, in a folder, next to the film in a text or subtitle file of the same name.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
media = [vl.open_media(path) for path in mine["path"]]
has = [(film.has_video, film.has_audio) for film in media]
has = pd.DataFrame(has, columns=["video", "sound"])
has["words"] = mine["caption"].notna() if "caption" in mine else False
missing = [name for name in has if not has[name].any()]
print(*(f"{count} of {len(mine)} rows have {name}." for name, count in has.sum().items()))
if missing:
    print(f"Without {' and '.join(missing)} there is less to fuse, here and below.")

# %% [markdown]
# The row with most modalities: its pictures, its sound and its words on the time axis of the file. Does each sound come
# at the same time as its picture? If not, repair the file first: fusion cannot.

# %% tags=["nbval-ignore-output"]
k = int(has.sum(axis=1).to_numpy().argmax())
piece = mine.reindex(columns=["start", "end"]).iloc[k].fillna({"start": 0.0, "end": np.inf})
start, end = piece["start"], min(piece["end"], media[k].duration, piece["start"] + 60)
caption = mine["caption"][k] if has["words"][k] else None
if has["sound"][k] and "heard" not in mine:  # the theatre's sound is in 10
    display(widgets.SoundExplorer(mine["path"][k], start=start, end=end))
print(f"The words: {caption or 'none in this row'}")
plots.timeline(media[k], start=start, end=max(end, start + 0.04))

# %% [markdown]
# With two classes and two modalities, we fuse them: trained on some groups, scored on the others, and compared with the
# majority class, each modality alone and their vote. A few dozen films are few for a network, and a vote is often
# better.

# %%
groups = mine["group"].fillna(mine["path"]) if "group" in mine else mine["path"]
held = groups.isin(np.random.default_rng(0).permutation(groups.unique())[::3]).to_numpy()
names = [name for name in has if has[name][~held].any()]
n_classes = mine["label"][~held].nunique() if "label" in mine else 0
print(f"{groups.nunique()} groups; {held.sum()} of {len(mine)} rows are held out.")

# %% tags=["nbval-ignore-output"]
if n_classes < 2:
    print("Without two classes there is nothing to learn here.")
elif len(names) < 2:
    print(f"Only {' '.join(names)}, nothing to fuse: add captions, or record sound next time.")
else:
    usable = mine["label"].notna().to_numpy() & has[names].any(axis=1).to_numpy()
    ours, is_test = mine[usable].reset_index(drop=True), held[usable]
    ours["split"] = np.where(is_test, "test", "train")
    my_methods = {name: METHODS[name] for name in names}
    my_board = vl.compare(ours, methods=my_methods, progress=False)
    display(my_board.frame.iloc[:, [0, 1, 2, 4, 5]].round(2))

# %% tags=["nbval-ignore-output"]
answer = "No network was trained."
if n_classes > 1 and len(names) > 1:
    small = networks.fusion_recipe("hybrid", tuple(names), steps=100)
    some = vl.load_examples(ours, small.feature, progress=False)
    fused, _ = small.train(some[~is_test], progress=False)
    predicted = networks.predict(fused, some[is_test].X).argmax(axis=1)
    share = np.mean(predicted == some[is_test].y)
    answer = f"fused network of {', '.join(names)}: {share:.2f} of {len(predicted)} films correct"
print(answer)

# %% [markdown]
# ## What you learned
#
# * What several modalities reach together depends on what each confuses, not on how good each is alone.
# * The product of opinions is right where modalities are independent given the class; the mean tolerates an unreliable
#   voter, and is never more confident than its most confident voter.
# * Early, late and in between: the good kinds are close to one another. Voters that are trained only through their mean
#   do not beat a plain vote of voters that were trained separately.
# * A training accuracy above the ceiling is memorised, and each modality reaches that point at its own time.
# * An answer can be explained: by modality, by moment, by word.
#
# **Next:** a camera breaks, a microphone is muted, nobody writes a caption. 13 takes modalities away.
