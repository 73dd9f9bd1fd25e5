# %% [markdown]
# # 12 · Fusion
#
# **Several senses together do what none does alone: how do you put them together, and how close does that come to what
# is possible?**
#
# In the theatre no single sense is enough. A knock and a punch look alike, walking and marching sound alike, and a
# caption may speak of clothes. Yet whoever looks, listens and reads is wrong in one film of seventy. This notebook
# puts the three senses together in eight ways, and measures each against that limit.
#
# In this notebook you will
#
# * compute what each sense, and each pair of them, can reach at best,
# * fuse probabilities by hand, by their mean and by their product, and learn when each of the two is right,
# * train a network of all three senses, and read from a table which kinds of fusion earn their place and which lose to
#   a plain vote.
#
# About 35 minutes to read, a good minute to run.

# %%
import itertools
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import explain, features, networks, plots, theatre, widgets
from vmm_lab.modalities import color_of
from vmm_lab.networks import predict

networks.keras.utils.set_random_seed(0)

# %% [markdown]
# ## The same films for three senses
#
# All sixteen actions, twenty actors. The network will get each film as three things: HOG of 16 frames, a spectrogram,
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
# Pictures, sound and words of one film on one clock. Whoever fuses must first be sure that the clocks agree: a sound
# that comes half a second late speaks about another picture.
#
# ## What can be had
#
# We know how the theatre was made: `observations(action, sense)` tells what a sense is given of an action, and how
# often. Given the action, the three are drawn independently. So we can list what several senses are given *together*,
# and how many films of two actions are exactly the same to them.

# %%
from vmm_lab.theatre.actions import observations


def given(action, senses):
    """{what these senses are given of an action, together: how often}."""
    parts = [observations(action, sense).items() for sense in senses]
    return {tuple(seen for seen, _ in some): np.prod([p for _, p in some])
            for some in itertools.product(*parts)}


given("knock", ["video", "sound"])

# %%
def alike(senses):
    """float (16, 16): how much of the films of two actions is the same to these senses."""
    worlds = [given(action, senses) for action in theatre.ACTIONS]
    m = [[sum(min(a[o], b[o]) for o in a.keys() & b.keys()) for b in worlds] for a in worlds]
    return np.array(m)


panels = {f"{sense}": alike([sense]) for sense in networks.MODALITY_FEATURES}
panels["all three"] = alike(networks.MODALITY_FEATURES)
others = np.triu_indices(16, 1)
vl.report("pairs that look the same", int((panels["video"][others] == 1).sum()), at_least=3)
vl.report("most of two actions, all three", panels["all three"][others].max(), at_most=0.15)

# %%
shown = {"figsize": (9, 2.8), "layout": "constrained"}
figure = plots.Picture("who looks, sounds and reads alike", **shown | {"figsize": (9, 3.4)})
axes = figure.subplots(1, 4, sharey=True)
for axis, (title, panel) in zip(axes, panels.items()):
    axis.imshow(panel, cmap="Blues", vmin=0, vmax=1)
    axis.set_title(title, fontsize=10)
    axis.set_xticks(range(16), theatre.ACTIONS, rotation=90, fontsize=7)
axes[0].set_yticks(range(16), theatre.ACTIONS, fontsize=7)
figure

# %% [markdown]
# Dark off the diagonal means: nobody can tell. The camera has three dark pairs, and each of them is told apart by
# another sense: a knock from a punch by ear, a greeting from a goodbye by the words. The ear has its own pairs, on a
# pale ground: in 15 % of the films the microphone missed the sound. The words are vague about actions of one kind. In
# the last panel hardly anything is left.
#
# The **ceiling** is the accuracy of one who sees all this perfectly and says the likeliest action. By hand: for all
# that may be observed, the best of the sixteen.

# %%
def best_possible(senses):
    """The accuracy of a perfect observer who has these senses."""
    worlds = [given(action, senses) for action in theatre.ACTIONS]
    seen = set().union(*worlds)
    return sum(max(world.get(o, 0) for world in worlds) for o in seen) / len(worlds)


subsets = [some for n in (1, 2, 3) for some in itertools.combinations(networks.MODALITY_FEATURES, n)]
ceilings = {"+".join(some): best_possible(some) for some in subsets}
apart = max(abs(value - theatre.ceiling(name)) for name, value in ceilings.items())
vl.report("largest difference to theatre.ceiling", apart, at_most=1e-9)
vl.report("ceiling of the best single sense", ceilings["video"], at_most=0.82)
vl.report("ceiling of all three", ceilings["video+sound+words"], at_least=0.98)

# %% [markdown]
# How near do networks come? The benchmark `python benchmarks/bench_fusion.py` trains one for each sense alone and for
# each kind of fusion, holds out every actor once, and commits what it found.

# %%
def results(name, column):
    """The committed measurements of one benchmark that have such a column, a row for each."""
    rows = json.loads(Path(f"../benchmarks/results/{name}.json").read_text())["rows"]
    return pd.DataFrame(row for row in rows if column in row).set_index("what")


nets = results("fusion_calm", "whole")
best = nets["whole"].idxmax()
reached = nets["whole"][[*networks.MODALITY_FEATURES, best]].rename({best: "video+sound+words"})
reached.round(2).to_frame("accuracy of networks").rename_axis(None)

# %%
figure = plots.Picture("ceilings of all sets of senses, and networks", **shown)
axis = figure.subplots()
colors = [color_of(name) for name in ceilings]
axis.barh(list(ceilings), list(ceilings.values()), color=colors, alpha=0.5, label="ceiling")
axis.plot(reached, reached.index, "o", color="black", label="network, measured")
axis.invert_yaxis()
axis.set(xlim=(0, 1), xlabel="accuracy, sixteen actions (a guess: 0.06)")
figure.legend(loc="outside right upper", fontsize=9)
figure

# %%
luck = reached["words"] - ceilings["words"]
vl.report("best network of one sense", reached[:3].max(), at_least=0.68)
vl.report("words, above their ceiling by luck", luck, at_most=0.03)
vl.report("best network of all three", reached.iloc[-1], at_least=0.93)
vl.report("and below its ceiling by", max(ceilings.values()) - reached.iloc[-1], at_most=0.06)

# %% [markdown]
# ## Three opinions
#
# Begin without a network. Three handcrafted features of 03, each with a linear SVM that gives a probability to every
# action: one looks (HOG), one listens (LogMel), one reads (WordBag). Every actor is held out once. (`board.warnings` says
# that captions name the action. Here words are a sense like the others; where somebody wrote them from the labels, they
# would be a leak.)

# %% tags=["nbval-ignore-output"]
METHODS = {"video": features.HOG(), "sound": features.LogMel(), "words": features.WordBag()}
board = vl.compare(table, methods=list(METHODS.values()), n_jobs=2, progress=False)
scores = board.frame.set_index("name")["accuracy"]
scores.round(3).to_frame()

# %%
singles = ["HOG", "LogMel", "WordBag"]
P = np.stack([board.probabilities(name) for name in singles], axis=1)
there = examples.X["present"]
print("opinions", P.shape, "of", there.shape, "senses that are there, or not")
vl.report("films that have a caption", float(there[:, 2].mean()), at_least=0.9)
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
# The product is no whim. If the senses are independent given the class, $p(x_1, \dots, x_M \mid c)$ is the product of
# the $p(x_m \mid c)$, and Bayes' rule turns that into $p(c)^{1-M} \prod_m p_m(c)$; where all classes are equally
# frequent, the first factor is the same for all. This is **naive Bayes**. Its danger: who says 0 forbids a class, however
# sure the others are. So each probability is raised by a little floor.

# %%
def sum_rule(P, there):
    """Opinions (n, senses, classes), and who is there (n, senses), to one (n, classes)."""
    return (P * there[..., None]).sum(axis=1) / there.sum(axis=1, keepdims=True)


def product_rule(P, there, floor=1e-4):
    """The same by the product; who is missing multiplies nothing."""
    logs = (np.log(P + floor) * there[..., None]).sum(axis=1)
    product = np.exp(logs - logs.max(axis=1, keepdims=True))
    return product / product.sum(axis=1, keepdims=True)


by_mean, by_product = sum_rule(P, there), product_rule(P, there)
by_mean.shape

# %%
def right(opinions):
    """The share of films whose likeliest action is the right one."""
    return float((opinions.argmax(axis=1) == examples.y).mean())


vl.report("sum rule", right(by_mean), at_least=0.85)
vl.report("product rule, above it", right(by_product) - right(by_mean), at_least=0.01)

# %% [markdown]
# The library has both: the board's *soft vote* is the sum rule, and `ProductOfExperts` is the layer with which one of the kinds
# of fusion below begins.

# %%
from vmm_lab.networks.fusion_layers import ProductOfExperts

soft = board.probabilities("Soft vote").to_numpy()
layer = np.asarray(ProductOfExperts()(np.log(P + 1e-4) * there[..., None]))
vl.report("sum rule, largest difference", np.abs(by_mean - soft).max(), at_most=1e-5)
vl.report("product rule, largest difference", np.abs(by_product - layer).max(), at_most=1e-5)

# %% [markdown]
# ## Half-certain, half-certain, sure
#
# Among the films in which no sense is more than 60 % sure, we take the one in which the product is surest.

# %%
unsure = (P.max(axis=2) < 0.6).all(axis=1) & (there > 0).all(axis=1)
row = np.flatnonzero(unsure)[by_product[unsure].max(axis=1).argmax()]
vl.report("surest single sense", P[row].max(), at_most=0.6)
vl.report("mean", by_mean[row].max(), at_most=0.6)
vl.report("product", by_product[row].max(), at_least=0.95)
vl.report("the product is right", by_product[row].argmax() == examples.y[row], at_least=1)

# %% tags=["nbval-ignore-output"]
voters = dict(zip([*METHODS, "mean", "product"], [*P[row], by_mean[row], by_product[row]]))
likely = np.sort(np.argsort(-P[row].max(axis=0))[:6])
figure = plots.Picture("what three senses say of a film, and both rules", **shown)
for axis, (name, opinion) in zip(figure.subplots(1, 5, sharey=True), voters.items()):
    color = color_of(name)
    axis.barh(np.array(examples.classes)[likely], opinion[likely], color=color)
    axis.set(xlim=(0, 1), title=name)
figure.axes[2].set_xlabel("probability")
figure.suptitle(f"{table['label'][row]}: “{table['caption'][row]}”", fontsize=10)
figure

# %%
openings = [set(np.flatnonzero(p > 0.1)) for p in P[row]]
vl.report("actions that a sense leaves open, at least", min(map(len, openings)), at_least=2)
vl.report("actions that all senses leave open", len(set.intersection(*openings)), at_most=1)

# %% [markdown]
# Each sense leaves a few actions open, and not the same ones. One action alone is left open by all, and the product
# finds it. The mean names it, too, but stays as unsure as its voters: a mean is never surer than its surest member.
#
# Then why would anybody take the mean? Because it forgives. We give a share of the films the sound track of *another*
# film, as a badly cut recording has it, and a listener that is too sure of itself.

# %%
def sharper(p, power=3):
    """The same opinion, said with too much confidence."""
    return p ** power / (p ** power).sum(axis=-1, keepdims=True)


order, shares = np.random.default_rng(0).permutation(len(P)), np.linspace(0, 0.8, 9)
curves = []
for share in shares:
    moved, spoilt = order[:int(share * len(P))], P.copy()
    spoilt[moved, 1] = np.roll(P[moved, 1], 1, axis=0)
    spoilt[:, 1] = sharper(spoilt[:, 1])
    curves.append([right(rule(spoilt, there)) for rule in (sum_rule, product_rule)])
vl.report("product above mean, at first", curves[0][1] - curves[0][0], at_least=0.01)
vl.report("mean above product, at the end", curves[-1][0] - curves[-1][1], at_least=0.07)

# %%
figure = plots.Picture("accuracy of both rules with the sound of other films", **shown)
axis = figure.subplots()
for name, curve, color in zip(("mean", "product"), np.transpose(curves), plots.PALETTE):
    axis.plot(shares, curve, marker="o", label=name, color=color)
axis.set(xlabel="share of films with the sound of another", ylabel="accuracy", ylim=(0.5, 1))
axis.set_title("An overconfident liar among the voters")
figure.legend(loc="outside right upper")
figure

# %% [markdown]
# With honest voters the product wins; with a liar the mean. Kittler and others (1998) found the same in practice and
# showed why: a sum dampens the errors of single opinions, and a product lets them grow.
#
# ## Eight places to meet
#
# A network need not wait until all opinions are formed. `networks.FUSION_KINDS` has eight kinds. Read the drawings from below:
# each sense goes alone for as long as it has its own colour, and above that bar stands the answer.

# %%
MEETINGS = {  # how many stages each sense goes alone, and what they do where they meet
    "inputs": (1, "one clock, one GRU"), "features": (2, "side by side,\nhidden layer"),
    "average": (3, "mean"), "weighted": (3, "mean with learnt weights"),
    "stacked": (3, "learnt, begins as product"), "hybrid": (3, "side by side, hidden layer"),
    "gated": (2, "sum, each behind a gate\nthat looks at all"),
    "attention": (2, "each asks all steps of all")}


def block(axis, x, y, text, color, *, width=0.86):
    """A box with a text in it."""
    axis.barh(y, width, height=0.62, left=x, color=color, edgecolor="#444444", linewidth=0.6)
    axis.text(x + width / 2, y, text, ha="center", va="center", fontsize=7)


vl.report("kinds of fusion", len(MEETINGS), at_least=8)

# %%
def diagram(axis, kind):
    """One kind: three senses below, and on top where they meet."""
    alone, text = MEETINGS[kind]
    for x, sense in enumerate(networks.MODALITY_FEATURES):
        axis.plot([x + 0.43] * 2, [0, alone], color="#444444", zorder=0)
        if kind == "hybrid":
            axis.plot([x + 0.7, x + 0.93, x + 0.93], [1, 1.5, 3], color="#444444", zorder=0)
        for y, name in enumerate([sense, "embedding", "decision"][:alone]):
            block(axis, x, y, name, color_of(sense))
    block(axis, 0, alone, text, color_of("fusion"), width=2.98)


canvas = {"xlim": (-0.05, 3.03), "ylim": (-0.4, 3.4), "xticks": [], "yticks": []}
vl.report("stages of hybrid before the senses meet", MEETINGS["hybrid"][0], at_least=3)

# %%
figure = plots.Picture("where the senses meet in eight kinds of fusion", figsize=(9, 4.6))
for axis, kind in zip(figure.subplots(2, 4, subplot_kw=canvas).flat, networks.FUSION_KINDS):
    diagram(axis, kind)
    axis.set_title(kind, fontsize=10)
    axis.set_frame_on(False)
figure.subplots_adjust(0, 0, 1, 0.94, wspace=0.03, hspace=0.15)
figure

# %% [markdown]
# * **Early** (*inputs*, *features*): what belongs together can be found together, such as a sound and the movement that
#   made it. *inputs* needs one clock for all, even for words, and learns everything from the same few films.
# * **Late** (*average*, *weighted*, *stacked*): each sense decides for itself. Simple, and each can be looked at alone;
#   what only shows in the combination of raw inputs is lost.
# * **In between**: *hybrid* hands on embeddings and decisions; *gated* opens a gate for each sense in each film;
#   *attention* lets each embedding pick from all moments of all senses.
#
# ## Train one, live
#
# *hybrid*. While it learns, senses are taken away at random, three of ten, never all of a film (**modality dropout**;
# Neverova et al., 2016). Four actors are kept for the test, two choose the best epoch.

# %% tags=["nbval-ignore-output"]
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = actors[6:], actors[4:6], actors[:4]
learnt, chosen, tested = (np.isin(examples.groups, names) for names in sides)
train, val, test = examples[learnt], examples[chosen], examples[tested]
recipe = networks.fusion_recipe("hybrid")
model = recipe.model(train)
history = await vl.fit(model, train, validation=val, **recipe.settings(train))

# %%
answers = predict(model, test.X)
hit = answers.argmax(axis=1) == test.y
ceiling = theatre.ceiling("video+sound+words")
error = float(np.sqrt(ceiling * (1 - ceiling) / len(test)))
vl.report("films of four new actors", len(test), at_least=150)
vl.report("accuracy, sixteen actions", hit.mean(), at_least=0.91)
vl.report("above the ceiling, in standard errors", (hit.mean() - ceiling) / error, at_most=2)

# %% [markdown]
# A knock whose caption is vague. Take its sound away, or its pictures, drown the words in noise, and see whom the
# network believes. Black lines mark what it said at first.

# %% tags=["nbval-ignore-output"]
films = table[tested].reset_index(drop=True)
vague = (films["heard"] == "rap") & (films["wording"] == "vague") & hit
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
# The committed table: each actor held out once. *Modality dropout* as above, or without. Below them stand each sense
# alone and the votes of this notebook. The error of such a share over 960 films is about one per cent. A network *wins*
# where it is two errors above the soft vote, which needs no network at all; else it *loses*, for it costs more.

# %%
def shares_of(board):
    """Mean ± deviation over seeds, in per cent; a single seed has no deviation."""
    ends = [f" ± {100 * s:.1f}" if s == s else "" for s in board["whole_std"].astype(float)]
    return [f"{100 * mean:.1f}{end}" for mean, end in zip(board["whole"], ends)]


gap = nets["whole"] - scores["Soft vote"]
told = pd.DataFrame({"accuracy (%)": shares_of(nets)}, index=nets.index.rename(None))
told["parameters"] = [f"{n:,.0f}" for n in nets["parameters"]]
told["training (s)"] = nets["seconds"].round(1)
told["beside the soft vote"] = np.where(gap > 0.02, "wins", "loses")
vl.report("networks in the table", len(told), at_least=19)

# %% tags=["nbval-ignore-output"]
plain = {"ceiling": ceiling, "product rule, by hand": right(by_product),
         "soft vote": scores["Soft vote"], "best handcrafted sense": scores[singles].max(),
         "majority class": scores["Majority class"]}
rows = pd.Series(plain).mul(100).round(1).astype(str).to_frame("accuracy (%)")
ranked = told.loc[nets["whole"].sort_values(ascending=False).index]
pd.concat([ranked, rows]).fillna("–")

# %% [markdown]
# * **The best kinds lie close together**: *hybrid*, *features*, *stacked* and *gated* differ by less than two errors.
#   Who asks which of them is best asks too much of one data set.
# * **They beat every single sense by far**, and the plain vote clearly.
# * **Three kinds do not beat the plain vote**: *average*, *weighted* and *inputs*, trained without modality dropout. They
#   are networks of three hundred thousand parameters, and linear SVMs are as good.
# * **The product by hand** is hard to beat. Averaged HOG is blind to order (09); with it, the ceiling is 0.94, and the
#   product comes near that. What the best networks have more, they have from order in time.

# %%
top = nets["whole"][["hybrid", "features", "stacked", "gated"]]
losing = nets["whole"][["average", "weighted", "inputs"]]
vl.report("the four best kinds, apart", top.max() - top.min(), at_most=0.03)
vl.report("the least of them, above one sense", top.min() - reached[:3].max(), at_least=0.14)
vl.report("the least of them, above the vote", top.min() - scores["Soft vote"], at_least=0.01)
vl.report("the best of the three, above it", losing.max() - scores["Soft vote"], at_most=0.02)

# %%
blind = theatre.ceiling("image+sound+words")
vl.report("ceiling of all three without order", blind, at_least=0.93)
vl.report("product by hand, below it", blind - right(by_product), at_most=0.05)
vl.report("best network, above it", nets["whole"].max() - blind, at_least=0.01)

# %% [markdown]
# ## Why the mean trains badly
#
# *average* and *weighted* are the weakest of the late kinds. Why? Their voters are trained together, through a mean. The
# loss $-\log \frac{1}{M}\sum_m p_m$ of the right class is content as soon as *one* of them is right, and each sense's
# score is pushed by its own error $1 - p_m$ times its share $p_m / \sum_k p_k$ of what is right already: who has, gets.
# Through a product, every sense is pushed by the whole error that is left. Say the words know half, film and sound little:

# %%
p = pd.Series({"words": 0.5, "video": 0.10, "sound": 0.05})
others = 15 * ((1 - p) / 15).prod()  # the product for the fifteen wrong actions, all alike
pushed = {"alone": 1 - p, "through the mean": p / p.sum() * (1 - p),
          "through the product": others / (p.prod() + others)}
pushes = p.to_frame("p of the right action").assign(**pushed)
pushes.round(2)

# %% [markdown]
# The sound, which has most to learn, is hardly told so. At the test that is missed. Modality dropout heals the mean: now
# and then a sense is all that is left, and bears its whole error. See what the sound is worth in the end:

# %%
late = nets.loc[["average", "average, modality dropout", "stacked"]]
worth = pd.DataFrame({"whole": late["whole"], "without sound": late["without sound"]})
worth["what the sound is worth"] = worth["whole"] - worth["without sound"]
worth.rename_axis(None).mul(100).round(1)

# %%
gained = worth["what the sound is worth"]
vl.report("push on sound, by the mean", pushes["through the mean"]["sound"], at_most=0.1)
vl.report("the sound, to average", gained["average"], at_most=0.05)
vl.report("the sound, to stacked", gained["stacked"], at_least=0.05)
healed = worth["whole"]["average, modality dropout"] - worth["whole"]["average"]
vl.report("average, with modality dropout, gains", healed, at_least=0.02)
behind = nets["whole"]["stacked"] - nets["whole"][["average", "weighted"]].max()
vl.report("average and weighted, behind stacked", behind, at_least=0.02)

# %% [markdown]
# ## Each sense learns at its own speed
#
# The curves of the networks of one sense. Dotted: the ceiling. A training accuracy *above* it cannot come from anything
# that there is to know; it is learnt by heart. (The network of words learns from the films that have a caption, and their
# ceiling is a little higher.)

# %%
gaps = np.array([observations(action, "words")[("gap", "")] for action in theatre.ACTIONS])
limits = {sense: theatre.ceiling(sense) for sense in networks.MODALITY_FEATURES}
limits["words"] = (limits["words"] - gaps.max() / len(gaps)) / (1 - gaps.mean())
learnt_most = nets["train_accuracy"][[*networks.MODALITY_FEATURES]].map(lambda curve: curve[-1])
by_heart = learnt_most - pd.Series(limits)
vl.report("words, in training, above their ceiling", by_heart["words"], at_least=0.04)
vl.report("sound, in training, above its ceiling", by_heart["sound"], at_most=0.05)
vl.report("ceiling of words where there are some", limits["words"], at_least=0.76)

# %%
figure = plots.Picture("curves of the networks of one sense", **shown)
for axis, sense in zip(figure.subplots(1, 3, sharey=True), networks.MODALITY_FEATURES):
    for side, style in {"train": "-", "val": "--"}.items():
        curve = nets[f"{side}_accuracy"][sense]
        color = color_of(sense)
        axis.plot(range(1, len(curve) + 1), curve, style, color=color, label=side)
    axis.axhline(limits[sense], color="black", linestyle=":", label="ceiling")
    axis.set(title=sense, xlabel="epoch", xlim=(1, 20), ylim=(0, 1))
    axis.legend(fontsize=8, loc="lower right")
figure.axes[0].set_ylabel("accuracy")
figure

# %% [markdown]
# Sound and words are learnt soon and come to their ceilings; what words go on to learn is by heart. The film has most to
# tell, takes longest and falls short. One training for all three stops at one epoch, too late for one sense and too early
# for another (Wang, Tran and Feiszli, CVPR 2020). *inputs* shows the worst of it: it knows all its training films, more
# than anybody could, and of the new ones less than most others.

# %%
curve = nets["val_accuracy"][[*networks.MODALITY_FEATURES]].map(np.array)
pace = curve.map(lambda values: int((values >= 0.95 * values.max()).argmax()) + 1)
short = pd.Series(limits) - curve.map(lambda values: values[-1])
pd.DataFrame({"epochs to 95 % of its best": pace, "short of its ceiling": short.round(3)})

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
# Action by action, on the films of the four actors: three opinions, their vote, and the network.

# %%
opinions = {name: board.probabilities(name).to_numpy() for name in [*singles, "Soft vote"]}
hits = pd.DataFrame({name: p.argmax(axis=1) == examples.y for name, p in opinions.items()})
here = hits[tested].assign(hybrid=hit).groupby(test.labels).mean()
helped = here["hybrid"] > here[singles].max(axis=1)
ahead = (here["hybrid"] - here["Soft vote"]).mean()
vl.report("actions that the network helps", int(helped.sum()), at_least=9)
vl.report("network, above the vote, here", ahead, at_least=0.02)

# %% tags=["nbval-ignore-output"]
figure = plots.Picture("accuracy by action of five methods", **shown | {"figsize": (6, 4.4)})
axis = figure.subplots()
axis.imshow(here, cmap="Blues", vmin=0, vmax=1, aspect="auto")
for (y, x), value in np.ndenumerate(here.to_numpy()):
    color = "white" if value > 0.6 else "black"
    axis.text(x, y, f"{value:.2f}", ha="center", va="center", fontsize=8, color=color)
axis.set_xticks(range(5), here.columns)
axis.set_yticks(range(16), here.index)
figure

# %% [markdown]
# Fusion helps most where each sense knows half: a knock is half seen and wholly heard, if the microphone was there. A
# vote *hurts* where one sense knows and the others know half: a star jump is plain to see, but it sounds like any jump,
# and the ear's vote counts as much as the eye's. Over all twenty actors:

# %%
star = hits[examples.labels == "star_jump"].mean()
vl.report("star jumps known from the film alone", star["HOG"], at_least=0.92)
vl.report("and from the vote", star["Soft vote"], at_most=0.93)

# %% [markdown]
# Which sense decides for which action in the network? Choose a class to see its films one by one.

# %% tags=["nbval-ignore-output"]
by_class = widgets.FusionExplorer(model, test, films, view="all items")
by_class

# %%
decides = by_class.frame[[*networks.MODALITY_FEATURES]].idxmax(axis=1)
vl.report("of a greeting, the words tell most", decides["greet"] == "words", at_least=1)
vl.report("of a knock, the sound tells most", decides["knock"] == "sound", at_least=1)

# %% [markdown]
# ## One film, and why
#
# The film to which all three senses contributed most evenly, among those that the network got right without being
# certain. The length of a bar is evidence: how much the log-odds fall when that moment is taken away.

# %%
def why(k):
    """What the network's answer to test film k rests on."""
    with vl.open_media(films["path"][k]) as media:
        frames, _ = media.sample(8, size=(96, 128))
        return explain.evidence_picture(
            model, test[k:k + 1].X, classes=test.classes, frames=frames,
            duration=media.duration)


sure = answers.max(axis=1)
candidates = np.flatnonzero(hit & (sure < 0.99) & (test.X["present"] > 0).all(axis=1))
least = explain.modality_shares(model, test[candidates].X).min(axis=1)
vl.report("least share of a sense in the film chosen (nats)", least.max(), at_least=0.4)

# %% tags=["nbval-ignore-output"]
why(candidates[least.argmax()])

# %%
vl.report("films to choose from", len(candidates), at_least=1)

# %% [markdown]
# And the mistake of which it was surest:

# %% tags=["nbval-ignore-output"]
mistakes = np.flatnonzero(~hit)
k = mistakes[sure[mistakes].argmax()]
print(f"In truth it is {test.labels[k]}.")
why(k)

# %%
vl.report("mistakes", len(mistakes), at_least=1)

# %% [markdown]
# Before you blame the network, ask what there was to know: two actions in opposite order have the same frames, the same
# sound and the same vague words. Only the order of the frames, or a plain word, tells them apart.

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `hint("12.vote")` gives a nudge, and a second one if you ask again;
# `solution("12.vote")` shows one way.

# %%
from vmm_lab.exercises import check, hint, progress, solution

# %% [markdown]
# **1. A vote of those who are there.** Write `vote(P, there)`: opinions float (senses, classes) and bool (senses,) in,
# the mean of the opinions of those who are there, (classes,), out. What a missing sense holds may be anything, also NaN.

# %%
def vote(P, there):
    ...


check("12.vote", vote)

# %% [markdown]
# **2. Rare classes.** Write `posterior(P, prior)`: the product rule where classes are not equally frequent. P is float
# (senses, classes), each row a p(c | x) that has counted the prior, float (classes,), already. No floor is needed.

# %%
def posterior(P, prior):
    ...


check("12.posterior", posterior)

# %% [markdown]
# **3. The weight of a vote.** Write `best_weight(a, b, y)`: of the weights 0, 0.1, …, 1 the one for `a` with which
# w · a + (1 − w) · b, float (n, classes), gets most of the labels y, int (n,), right; of equally good ones the smallest.

# %%
def best_weight(a, b, y):
    ...


check("12.best_weight", best_weight)

# %% [markdown]
# **4. Which ceiling?** A small world: eye and ear, float (actions, observations), tell how often each action gives each
# observation. The actions are equally frequent, and the senses independent given the action. Write
# `together(eye, ear)`: the best accuracy of one who has both.

# %%
def together(eye, ear):
    ...


check("12.together", together)

# %%
progress("12")

# %% [markdown]
# ## On your own videos
#
# Put the path of your folder or CSV manifest in place of `"theatre"`. A caption may stand in the column `caption`, or,
# in a folder, beside the film in a text or subtitle file of the same name.

# %%
MY_VIDEOS = os.environ.get("VMM_LAB_VIDEOS") or "theatre"

# %% tags=["nbval-ignore-output"]
mine = vl.load_table(MY_VIDEOS)
media = [vl.open_media(path) for path in mine["path"]]
has = [(film.has_video, film.has_audio) for film in media]
has = pd.DataFrame(has, columns=["video", "sound"])
has["words"] = mine["caption"].notna() if "caption" in mine else False
missing = [sense for sense in has if not has[sense].any()]
print(*(f"{count} of {len(mine)} rows have {sense}." for sense, count in has.sum().items()))
if missing:
    print(f"Without {' and '.join(missing)} there is less to fuse, here and below.")

# %%
vl.report("rows to look at", len(mine), at_least=1)

# %% [markdown]
# The row that has most, its pictures, its sound and its words on one clock, that of the file. Does a sound come when its
# picture does? If not, mend the file first: no fusion can.

# %% tags=["nbval-ignore-output"]
k = int(has.sum(axis=1).to_numpy().argmax())
piece = mine.reindex(columns=["start", "end"]).iloc[k].fillna({"start": 0.0, "end": np.inf})
start, end = piece["start"], min(piece["end"], media[k].duration, piece["start"] + 60)
caption = mine["caption"][k] if has["words"][k] else None
if has["sound"][k] and MY_VIDEOS != "theatre":  # that one plays in 10
    display(widgets.SoundExplorer(mine["path"][k], start=start, end=end))
print(f"The words: {caption or 'none in this row'}")
plots.timeline(media[k], start=start, end=max(end, start + 0.04))

# %%
vl.report("seconds on show", end - start, at_least=0)

# %% [markdown]
# With labels of two kinds and two senses, we fuse them: learnt on some groups, scored on the others, beside the
# commonest class, each sense alone and their vote. A few dozen films are little for a network, and a vote often wins.

# %%
groups = mine["group"].fillna(mine["path"]) if "group" in mine else mine["path"]
held = groups.isin(np.random.default_rng(0).permutation(groups.unique())[::3]).to_numpy()
names = [sense for sense in has if has[sense][~held].any()]
kinds = mine["label"][~held].nunique() if "label" in mine else 0
vl.report("groups", groups.nunique(), at_least=1)

# %% tags=["nbval-ignore-output"]
if kinds < 2:
    print("Without labels of two kinds there is nothing to learn here. 15 needs none.")
elif len(names) < 2:
    print(f"Only {' '.join(names)}, nothing to fuse: add captions, or record sound next time.")
else:
    known = mine["label"].notna().to_numpy() & has[names].any(axis=1).to_numpy()
    ours, aside = mine[known].reset_index(drop=True), held[known]
    ours["split"] = np.where(aside, "test", "train")
    mine_board = vl.compare(ours, methods=[METHODS[sense] for sense in names], progress=False)
    display(mine_board.frame.iloc[:, [0, 1, 2, 4, 5]].round(2))

# %%
vl.report("senses to fuse", len(names), at_least=0)

# %% tags=["nbval-ignore-output"]
told = "No network was trained."
if kinds > 1 and len(names) > 1:
    small = networks.fusion_recipe("hybrid", tuple(names), steps=100)
    some = vl.load_examples(ours, small.feature, progress=False)
    fused, _ = small.train(some[~aside], progress=False)
    good = predict(fused, some[aside].X).argmax(axis=1) == some[aside].y
    told = f"fused network of {', '.join(names)}: {good.mean():.2f} of {len(good)} films right"
print(told)

# %%
vl.report("letters in the answer", len(told), at_least=10)

# %% [markdown]
# ## What you learned
#
# * What several senses can reach together depends on what each confuses, not on how good each is alone.
# * The product of opinions is right where senses are independent given the class; the mean forgives a liar, and is never
#   surer than its surest voter.
# * Early, late and in between: the good kinds lie close together. Voters that are trained through their mean alone do not
#   beat a plain vote of voters that were trained apart.
# * A training accuracy above the ceiling is learning by heart, and each sense does it at its own time.
# * An answer can be taken apart again: by sense, by moment, by word.
#
# **Next:** a camera breaks, a microphone is muted, nobody writes a caption. 13 takes senses away.
