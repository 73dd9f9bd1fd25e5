# %% [markdown]
# # 14 · Fusion
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
# * build a gate by hand, train a network of all three modalities, and read from a table which kinds of fusion are
#   clearly better than a plain vote.
#
# About 40 minutes to read, a good minute to run.

# %%
import itertools
import textwrap

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, networks, plots, theatre, widgets
from vmm_lab.modalities import color_of

networks.keras.utils.set_random_seed(0)

# %% [markdown]
# ## Three modalities on one clock
#
# Pictures and sound of a real film on one time axis. Before you fuse, make sure that the times agree: a sound that
# comes half a second late belongs to another picture. Nobody wrote a caption for this film, so one modality is missing.

# %%
with vl.open_media(assets.fetch("bigbuckbunny")) as media:
    picture = plots.timeline(media)
picture

# %% [markdown]
# We learn from the theatre: all sixteen actions, twenty actors, and a caption for most films. The network will get
# three inputs for each film: HOG of 16 frames, a spectrogram, and the caption where there is one. The first time, the
# theatre takes two minutes to render.

# %% tags=["nbval-ignore-output"]
MODALITIES = list(networks.MODALITY_FEATURES)
table = vl.load_table("theatre", size="full")
examples = vl.load_examples(table, networks.MODALITY_FEATURES, progress=False)
film = table[table["heard"] == "rap"].dropna(subset="caption").iloc[0]
print(examples)
with vl.open_media(film["path"]) as media:
    picture = plots.timeline(media, caption=film["caption"])
picture

# %% [markdown]
# ## What is achievable
#
# We know how the theatre was made. For each action a table says what is drawn, whether it is played backwards, what is
# heard, which vague words fit, and how probable it is that the caption names the action (*plain*). This is the whole
# **generative process**: everything that can be known about an action is in its row.

# %%
from vmm_lab.theatre.actions import BY_NAME, MISSED, observations

print(f"In {MISSED:.0%} of the films that have a sound, the microphone missed it.")
pd.DataFrame(BY_NAME.values()).set_index("name").T

# %% [markdown]
# *greet* and *say_goodbye* differ in nothing but their names: only a caption can distinguish them. `observations`
# returns what a modality shows of an action, and how often. Given the action, the three modalities are drawn
# independently. So we can list what several of them show *together*, and how many films of two actions are exactly the
# same in them.

# %%
def joint(action, modalities):
    """Return {what these modalities show of an action, together: how often}."""
    parts = [observations(action, modality).items() for modality in modalities]
    return {tuple(observation for observation, _ in some): float(np.prod([p for _, p in some]))
            for some in itertools.product(*parts)}


def overlap(modalities):
    """Compute the share of the films of two actions that is the same here, float (16, 16)."""
    shown = [joint(action, modalities) for action in theatre.ACTIONS]
    return np.array([[sum(min(a[o], b[o]) for o in a.keys() & b.keys()) for b in shown]
                     for a in shown])


joint("knock", ["video", "sound"])

# %%
panels = {name: overlap([name]) for name in MODALITIES} | {"all three": overlap(MODALITIES)}
alt = "which actions look, sound and read alike"
names = dict(index=theatre.ACTIONS, columns=theatre.ACTIONS)
figure, axes = plots.axes(alt, rows=2, columns=2, height=8)
for axis, (title, panel) in zip(axes.flat, panels.items()):
    plots.heatmap(pd.DataFrame(panel, **names), axis=axis, bounds=(0, 1), unit="share the same")
    axis.set_title(title)
figure

# %%
pairs = np.triu_indices(16, 1)
alike = int((panels["video"][pairs] == 1).sum())
vl.report("pairs that look the same", alike, at_least=3, at_most=3)
vl.report("largest overlap, all three", panels["all three"][pairs].max(), at_most=0.15)

# %% [markdown]
# A dark square off the diagonal is a pair that nobody can distinguish. Video has three such pairs, and another modality
# distinguishes each of them: sound a knock from a punch, words a greeting from a goodbye. Sound has pairs of its own,
# on a pale background of missed sounds. Words are vague about actions of one kind. In the last panel hardly anything is
# left.
#
# The **ceiling** is the accuracy of an observer who perceives all this perfectly and answers the most probable action.
# Statistics calls this observer the *Bayes-optimal classifier*; what it gets wrong, 1 − ceiling, is the **Bayes
# error**. By hand: sum, over all observations, the largest probability among the sixteen actions.

# %%
def best_possible(modalities):
    """Compute the accuracy of a perfect observer who has these modalities."""
    shown = [joint(action, modalities) for action in theatre.ACTIONS]
    possible = set().union(*shown)
    return sum(max(p.get(o, 0) for p in shown) for o in possible) / len(shown)


subsets = [some for n in (1, 2, 3) for some in itertools.combinations(MODALITIES, n)]
ceilings = {"+".join(some): best_possible(some) for some in subsets}
difference = max(abs(value - theatre.ceiling(name)) for name, value in ceilings.items())
vl.report("largest difference from theatre.ceiling", difference, at_most=1e-9)
vl.report("Bayes error of all three", 1 - ceilings["video+sound+words"], at_most=0.02)

# %% [markdown]
# How near do networks come? The benchmark `python benchmarks/bench_fusion.py` trains one for each modality alone and
# for each kind of fusion, and holds out every actor once. `assets.results` reads what it stored.

# %%
nets = assets.results("fusion_calm").dropna(subset="whole")
best = nets["whole"].idxmax()
reached = nets["whole"][[*MODALITIES, best]].rename({best: "video+sound+words"})
figure, axis = plots.axes("ceilings of all sets of modalities, and networks")
plots.bars(ceilings, axis=axis, colors=[color_of(name) for name in ceilings],
           xlabel="accuracy, sixteen actions (a guess: 0.06)")
rows = [len(ceilings) - 1 - list(ceilings).index(name) for name in reached.index]
axis.plot(reached, rows, "o", color="black")
axis.set(xlim=(0, 1), title="bars: ceiling; dots: network, measured")
figure

# %%
best_single, best_of_all = reached[:3].max(), reached["video+sound+words"]
vl.report("best network of one modality", best_single, at_least=0.68)
vl.report("best network of all three", best_of_all, at_least=0.93)
vl.report("and below its ceiling by", ceilings["video+sound+words"] - best_of_all, at_most=0.06)

# %% [markdown]
# (The dot of the words is a little above the end of its bar, by luck: a ceiling is an expected value, and 960 films are
# a sample.)
#
# Outside the theatre nobody knows the ceiling. There one asks how often people agree with one another, or how many
# labels are wrong.
#
# ## Three opinions
#
# Begin without a network. Three handcrafted features, each with a linear SVM that gives a probability to every action:
# HOG for video, LogMel for sound and WordBag for words. Every actor is held out once. (`board.warnings` says that
# captions name the action. Here words are a modality like the others; if somebody had written them from the labels,
# they would be a leak: see 13.)

# %% tags=["nbval-ignore-output"]
METHODS = {"video": features.HOG(), "sound": features.LogMel(), "words": features.WordBag()}
board = vl.compare(table, methods=METHODS, n_jobs=2, progress=False)
scores = board.frame.set_index("name")["accuracy"]
P = np.stack([board.probabilities(name) for name in METHODS], axis=1)
present = examples.X["present"]
print("probabilities", P.shape, "and the mask", present.shape, "of modalities that are present")
plots.score_bars(board.frame)

# %%
vl.report("best of the three", scores[list(METHODS)].max(), at_least=0.65)
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
print("opinions fused to", by_mean.shape)

# %% [markdown]
# The library has both: the board's *soft vote* is the sum rule, and the product rule is the last layer of one kind of
# fusion below, *stacked*, before its training.

# %%
def accuracy(opinions):
    """Compute the share of films whose most probable action is the right one."""
    return float((opinions.argmax(axis=1) == examples.y).mean())


soft = board.probabilities("Soft vote").to_numpy()
layer = networks.fusion_recipe("stacked").model(examples).get_layer("probabilities")
by_layer = np.asarray(layer(np.log(P + 1e-4) * present[..., None]))
vl.report("sum rule, largest difference", np.abs(by_mean - soft).max(), at_most=1e-5)
vl.report("product rule, largest difference", np.abs(by_product - by_layer).max(), at_most=1e-5)
vl.report("accuracy of the sum rule", accuracy(by_mean), at_least=0.85)
vl.report("product rule, above it", accuracy(by_product) - accuracy(by_mean), at_least=0.01)

# %% [markdown]
# ## Three unsure opinions, one confident answer
#
# Among the films in which no modality is more than 60 % confident, we take the one in which the product is most
# confident.

# %% tags=["nbval-ignore-output"]
unsure = (P.max(axis=2) < 0.6).all(axis=1) & (present > 0).all(axis=1)
row = np.flatnonzero(unsure)[by_product[unsure].max(axis=1).argmax()]
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
vl.report("most confident modality", P[row].max(), at_most=0.6)
vl.report("the product", by_product[row].max(), at_least=0.95)

# %% [markdown]
# Each modality leaves a few actions open (above 10 %), and not the same ones. Only one action is left open by all, and
# the product finds it. The mean names it, too, but is as unsure as its voters: a mean is never more confident than its
# most confident voter.
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
# after how many stages of its own does each modality meet the others, and what happens there? Read each drawing from
# below: a modality is processed alone as long as the boxes have its colour, and the bar on top gives the answer.

# %%
MEETINGS = {  # how many stages each modality has for itself, and what happens where they meet
    "inputs": (1, "one time axis,\none GRU"), "features": (2, "joined, hidden layer"),
    "average": (3, "mean"), "weighted": (3, "mean, learnt weights"),
    "stacked": (3, "learnt, starts as product"),
    "hybrid": (3, "joined with embeddings,\nhidden layer"),
    "gated": (2, "sum, each times its gate"), "attention": (2, "each attends to\nall steps of all")}
plots.fusion_diagram(MEETINGS, MODALITIES)

# %% [markdown]
# * **Early fusion** joins *inputs*: what belongs together can be found together, such as a sound and the movement that
#   made it. It needs one time axis for all, even for words, and learns everything from the same few films.
# * **Late fusion** joins *decisions* (*average*, *weighted*, *stacked*): each modality decides for itself. This is
#   simple, and each can be examined alone; patterns that only the combination shows are lost.
# * **Intermediate fusion** joins *features*, here learnt embeddings, in a joint representation: *features*, *gated* and
#   *attention*. *hybrid* joins embeddings and decisions.
#
# Authors use these words differently. Baltrušaitis, Ahuja and Morency (2019) call it early fusion when extracted
# features are joined, and hybrid fusion when early and late are combined.
#
# ## Two that we look into
#
# *gated* asks in each film how much each modality should count (Gated Multimodal Unit; Arevalo and others, 2017). With
# $h_m$ the embedding of modality $m$ after a layer with tanh,
#
# $$z = \sigma\big(W\,[h_1, \dots, h_M] + b\big) \in (0, 1)^M, \qquad h = \sum_m z_m h_m$$
#
# where $\sigma$ is the logistic function, $W$ and $b$ are learnt, and a missing modality has $z_m = 0$ (the mask is an
# input of the gates, too).
#
# *attention* is the attention of notebook 11, across modalities. The query is one modality's embedding $q_m$; keys and
# values are all steps $X$ of all modalities:
#
# $$a_m = \operatorname{softmax}\!\big(q_m W_Q (X W_K)^\top / \sqrt{d}\,\big)\, X W_V$$
#
# In the cross-modal transformer each modality attends to one other at a time (Tsai and others, 2019). A *multimodal
# bottleneck transformer* lets them exchange only a few vectors, which is cheaper and often better (Nagrani and others,
# 2021).
#
# ## Train one, live
#
# *gated*. While it learns, modalities are taken away at random, three of ten, but never all of a film (**modality
# dropout**; Neverova and others, 2016). Four actors are kept for the test, two choose the best epoch.

# %% tags=["nbval-ignore-output"]
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = actors[6:], actors[4:6], actors[:4]
train, val, test = (examples[np.isin(examples.groups, names)] for names in sides)
recipe = networks.fusion_recipe("gated", steps=300)
model = recipe.model(train)
history = await vl.fit(model, train, validation=val, **recipe.settings(train))

# %% [markdown]
# The training curve stays far *below* the validation curve. That is no leak: training is scored while modalities are
# taken away (and parts of the embeddings are left out, by dropout), validation with all of them. Scored in the same
# way, the films of the training are the easier ones:

# %%
proba = networks.predict(model, test.X)
correct = proba.argmax(axis=1) == test.y
in_training = (networks.predict(model, train.X).argmax(axis=1) == train.y).mean()
ceiling = theatre.ceiling("video+sound+words")
vl.report("films of four new actors", len(test), at_least=150)
vl.report("accuracy on them, sixteen actions", correct.mean(), at_least=0.90)
vl.report("accuracy on the films of the training", in_training, at_least=0.95)
vl.report("ceiling", ceiling, at_least=0.98)

# %% [markdown]
# ## The gate, by hand
#
# We compute $z$ and $h$ for all films of the test and compare $h$ with the layer of the network.

# %%
names = [*(f"{name}_part" for name in MODALITIES), "fused"]
outputs = [model.get_layer(name).output for name in names]
*parts, by_network = networks.predict(networks.keras.Model(model.input, outputs), test.X)
mask, (W, b) = test.X["present"], model.get_layer("gates").get_weights()
joined = np.concatenate([*(h * mask[:, [m]] for m, h in enumerate(parts)), mask], axis=1)
gates = 1 / (1 + np.exp(-(joined @ W + b))) * mask
by_hand = sum(gates[:, [m]] * h for m, h in enumerate(parts))
vl.report("largest difference from the network", np.abs(by_hand - by_network).max(), at_most=1e-4)

# %% tags=["nbval-ignore-output"]
by_action = pd.DataFrame(gates, columns=MODALITIES).groupby(test.labels).mean()
plots.heatmap(by_action.T, alt="mean gate of each modality, by action", bounds=(0, 1), texts=".1f",
              unit="gate, 1 is open", width=9)

# %% [markdown]
# In this training the gate of the sound depends most on the action. But an open gate only lets an embedding through; it
# does not say what the embedding tells. So gates are no explanation of an answer: notebook 15 measures that.
#
# A knock whose caption is vague. Take its sound away, or its pictures, add noise to the words, and see what the network
# needs. Black lines mark the probabilities before the change.

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
# One split proves little. The stored table holds out each actor once and trains with three seeds, with modality dropout
# as above and without. For comparison it has each modality alone and the rules of this notebook. The line is the soft
# vote, which needs no network at all. The standard error of such an accuracy over 960 films is about one per cent; we
# call a difference of two points or more *clear*. That is a convention: all methods are scored on the same films.

# %%
plain = {"product rule, by hand": accuracy(by_product), "soft vote": scores["Soft vote"],
         "best handcrafted feature": scores[list(METHODS)].max()}
every = pd.concat([nets["whole"], pd.Series(plain)]).sort_values(ascending=False)
gap = every - scores["Soft vote"]
word = np.select([gap > 0.02, gap < -0.02], ["clear gain", "clearly below"], "no clear gain")
print(pd.Series(word, every.index).value_counts().to_dict())
texts = [f"{100 * value:.1f}   {text}" for value, text in zip(every, word)]

# %%
groups = {**dict.fromkeys(plain, "none"), **{name: name for name in MODALITIES}}
colors = [color_of(groups.get(name, "fusion")) for name in every.index]
errors = nets["whole_std"].reindex(every.index).fillna(0)
figure = plots.bars(every, alt="accuracy of every kind of fusion", colors=colors, texts=texts,
                    errors=errors, xlabel="accuracy, 20 actors (mean and deviation of three seeds)")
figure.axes[0].axvline(scores["Soft vote"], color="black", linestyle=":")
figure.axes[0].set_xticks(np.arange(0, 1.01, 0.2))
figure

# %% [markdown]
# * **The best kinds are close to one another**: *stacked*, *gated*, *hybrid*, *features* and *average*, all with
#   modality dropout, differ by about one standard error. One data set cannot say which of them is best.
# * **They are far better than every single modality**, and clearly better than the vote.
# * **Five networks have no clear gain over the vote**: *attention*, *inputs*, *average* and *weighted* without modality
#   dropout, and *inputs* even with it. Each has three hundred thousand parameters, and a vote of linear SVMs is as
#   good.
# * **The product by hand** is hard to beat. Averaged HOG does not know the order of the frames (10). Without it the
#   ceiling is 0.94, and the product comes near that. Whatever the best networks gain beyond that ceiling comes from the
#   order of the frames.

# %%
gains = gap[[name for name in nets.index if name not in MODALITIES]]
top, without_order = every[:5], theatre.ceiling("image+sound+words")
vl.report("the five best, best minus worst", top.max() - top.min(), at_most=0.03)
vl.report("worst of them, above the best single modality", top.min() - best_single, at_least=0.14)
vl.report("networks of all without a clear gain", int((gains <= 0.02).sum()), at_least=5, at_most=5)
vl.report("ceiling of all three without order", without_order, at_least=0.93)
vl.report("product by hand, below it", without_order - accuracy(by_product), at_most=0.05)
vl.report("best network, above it", nets["whole"].max() - without_order, at_least=0.01)

# %% [markdown]
# **For those who want to know: why the mean trains badly.** The voters of *average* are trained together, through their
# mean. The loss $-\log \frac{1}{M}\sum_m p_m$ of the right class is small as soon as *one* of them is right, and the
# gradient of a modality's score is its own error $1 - p_m$ times its share $p_m / \sum_k p_k$ of the sum. So the rich
# get richer. Through a product, each gets the whole error that is left. An example with three opinions of the right
# action:

# %%
p = pd.Series({"words": 0.5, "video": 0.10, "sound": 0.05})
others = 15 * ((1 - p) / 15).prod()  # the product for the fifteen wrong actions, all alike
columns = {"gradient, alone": 1 - p, "through the mean": p / p.sum() * (1 - p),
           "through the product": others / (p.prod() + others)}
p.to_frame("p of the right action").assign(**columns).round(2)

# %% [markdown]
# The sound has most to learn, and through the mean its gradient is the smallest. Modality dropout remedies it, because
# sometimes one modality is all that is left: *average* rises from 88.3 to 94.4 per cent.

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("14.vote")` gives a nudge, and a second one if you ask again;
# `vl.solution("14.vote")` shows one way.

# %% [markdown]
# **1. A vote of the present modalities.** ★ Write `vote(P, there)`: for opinions float (modalities, classes) and bool
# (modalities,), the mean of the opinions of those that are present, (classes,). A missing modality may hold anything,
# also NaN.

# %%
def vote(P, there):
    ...


vl.check("14.vote", vote)

# %% [markdown]
# **2. Rare classes.** ★★★ Write `posterior(P, prior)`: the product rule where classes are not equally frequent. P is
# float (modalities, classes); each row is a p(c | x) that already includes the prior, float (classes,). No floor is
# needed.

# %%
def posterior(P, prior):
    ...


vl.check("14.posterior", posterior)

# %% [markdown]
# **3. The weight of a vote.** ★★ Write `best_weight(a, b, y)`: of the weights w = 0, 0.1, …, 1 the one with which w · a
# + (1 − w) · b, float (n, classes), gets most of the labels y, int (n,), right; of equally good ones the smallest.

# %%
def best_weight(a, b, y):
    ...


vl.check("14.best_weight", best_weight)

# %% [markdown]
# **4. Which ceiling?** ★★★ A small world: eye and ear, float (actions, observations), hold how often each action gives
# each observation. The actions are equally frequent, and the two are independent given the action. Write
# `together(eye, ear)`: the best accuracy of an observer who has both.

# %%
def together(eye, ear):
    ...


vl.check("14.together", together)

# %%
vl.progress("14")

# %% [markdown]
# **Open question.** The three modalities of the theatre are independent given the action. In a real film they are not:
# a person who shouts also opens the mouth. What would that do to the product rule, and what to its confidence?

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). A caption
# is in the column `caption`, or, in a folder, next to the film in a text or subtitle file of the same name. Which rows
# have which modalities?

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
has = features.modality_table(mine)
print(*(f"{count} of {len(mine)} rows have {name}." for name, count in has.sum().items()))

# %% [markdown]
# The row with most modalities: its pictures, its sound and its words on the time axis of the file. Does each sound come
# at the same time as its picture? If not, repair the file first: fusion cannot.

# %% tags=["nbval-ignore-output"]
k = int(has.sum(axis=1).to_numpy().argmax())
piece = mine.reindex(columns=["start", "end"]).iloc[k].fillna({"start": 0.0, "end": np.inf})
media = vl.open_media(mine["path"][k])
start, end = piece["start"], min(piece["end"], media.duration, piece["start"] + 60)
caption = mine["caption"][k] if has["words"][k] else None
print(f"The words: {caption or 'none in this row'}")
plots.timeline(media, start=start, end=max(end, start + 0.04))

# %% [markdown]
# With two classes and two modalities, we fuse them: trained on some groups, scored on the others, and compared with the
# majority class, each modality alone and their vote. A quarter of the groups is held out. A few dozen films are few for
# a network, and a vote is often better. Read the warnings: captions that name the class make words, and every fusion
# with them, look better than they will be.

# %% tags=["nbval-ignore-output"]
ours, names = features.fusible_rows(mine)
if len(ours):
    held = vl.split_by_group(ours)[1].index
    ours = ours.assign(split=np.where(ours.index.isin(held), "test", "train"))
    ours = ours.reset_index(drop=True)
    print(f"{(ours['split'] == 'test').sum()} of {len(ours)} rows are held out.")
else:
    print("There is nothing to fuse: it takes two modalities, two classes and two groups.")

# %% tags=["nbval-ignore-output"]
if len(ours):
    methods = {name: METHODS[name] for name in names}
    my_board = vl.compare(ours, methods=methods, progress=False)
    for warning in my_board.warnings:
        print(textwrap.fill(warning, 100), "\n")
    display(plots.score_bars(my_board.frame))
else:
    print("No method was compared.")

# %% tags=["nbval-ignore-output"]
answer = "No network was trained."
if len(ours):
    small = networks.fusion_recipe("hybrid", tuple(names), steps=100)
    is_test = ours["split"].to_numpy() == "test"
    some = vl.load_examples(ours, small.feature, progress=False)
    fused, _ = small.train(some[~is_test], progress=False)
    my_test = some[is_test]
    n_right = np.sum(networks.predict(fused, my_test.X).argmax(axis=1) == my_test.y)
    answer = f"fused network of {', '.join(names)}: {n_right} of {len(my_test)} films correct"
print(answer)

# %% [markdown]
# ## What you learnt
#
# * The ceiling is the accuracy of the Bayes-optimal classifier, 1 − Bayes error. What several modalities reach together
#   depends on what each confuses, not on how good each is alone.
# * The product of opinions is right where modalities are independent given the class; the mean tolerates an unreliable
#   voter, and is never more confident than its most confident voter.
# * Early fusion joins inputs, intermediate fusion embeddings, late fusion decisions. The good kinds are close to one
#   another, and some networks have no clear gain over a plain vote.
# * A training accuracy far below the validation accuracy is no miracle where modalities are taken away in training.
#
# **Next:** which of the modalities decided? 15 looks into the fused network.
#
# ## Further reading
#
# * T. Baltrušaitis, C. Ahuja, L.-P. Morency: *Multimodal Machine Learning: A Survey and Taxonomy*. IEEE TPAMI, 2019.
# * J. Kittler, M. Hatef, R. Duin, J. Matas: *On Combining Classifiers*. IEEE TPAMI, 1998.
# * J. Arevalo, T. Solorio, M. Montes-y-Gómez, F. González: *Gated Multimodal Units for Information Fusion*. ICLR
#   workshop, 2017.
# * Y.-H. H. Tsai and others: *Multimodal Transformer for Unaligned Multimodal Language Sequences*. ACL, 2019.
# * A. Nagrani and others: *Attention Bottlenecks for Multimodal Fusion*. NeurIPS, 2021.
