# %% [markdown]
# # 15 · Which modality decided
#
# **A network of three modalities gave an answer: which of them decided, and can we trust such an explanation?**
#
# 14 fused pictures, sound and words, and scored the result. A score does not say why. Perhaps the network reads the
# captions and ignores the film; on films without captions it would fail, and nobody would know before. This notebook
# watches how fast each modality learns, finds the actions that fusion helps and those that it hurts, and divides each
# answer among the modalities, moments and words that it rests on.
#
# In this notebook you will
#
# * see from a training curve what was memorised, because the ceiling is known,
# * measure evidence in nats, and compute Shapley's fair shares by hand for one film,
# * test an explanation: take away what it names, and see whether the answer falls.
#
# About 30 minutes to read, a good minute to run.

# %%
import itertools
import math

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, explain, features, networks, plots, theatre, widgets
from vmm_lab.modalities import color_of
from vmm_lab.theatre.actions import observations

networks.keras.utils.set_random_seed(0)

# %% [markdown]
# ## The network that we ask
#
# *hybrid* of 14, with the same films and the same split: four actors for the test, two to choose the best epoch. While
# it learns, modalities are taken away at random (modality dropout), so that it knows what to do without one. We need
# that below.

# %% tags=["nbval-ignore-output"]
MODALITIES = list(networks.MODALITY_FEATURES)
table = vl.load_table("theatre", size="full")
examples = vl.load_examples(table, networks.MODALITY_FEATURES, progress=False)
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = actors[6:], actors[4:6], actors[:4]
train, val, test = (examples[np.isin(examples.groups, names)] for names in sides)
recipe = networks.fusion_recipe("hybrid", steps=300)
model = recipe.model(train)
history = await vl.fit(model, train, validation=val, **recipe.settings(train))

# %%
tested = np.isin(examples.groups, actors[:4])
films = table[tested].reset_index(drop=True)
proba = networks.predict(model, test.X)
correct = proba.argmax(axis=1) == test.y
vl.report("accuracy on four new actors", correct.mean(), at_least=0.91)

# %% [markdown]
# ## Each modality learns at its own speed
#
# First the networks of *one* modality, from the stored results. Dotted: the ceiling, which is the accuracy of a perfect
# observer. A training accuracy *above* it cannot come from anything that generalises; it is memorised. (The network of
# words learns from the films that have a caption, so its dotted line is the ceiling of those films.)

# %%
def ceiling_where_written():
    """Compute the ceiling of words among the films that have a caption."""
    written = [observations(action, "words") for action in theatre.ACTIONS]
    gaps = [shown.pop(("gap", "")) for shown in written]
    best = sum(max(shown.get(o, 0) for shown in written) for o in set().union(*written))
    return best / (len(gaps) - sum(gaps))


nets = assets.results("fusion_calm").dropna(subset="whole")
limits = {name: theatre.ceiling(name) for name in MODALITIES} | {"words": ceiling_where_written()}
pd.Series(limits, name="ceiling").round(3).to_frame().T

# %%
alt, labels = "curves of the networks of one modality", {"xlabel": "epoch", "ylabel": "accuracy"}
figure, axes = plots.axes(alt, columns=3, sharey=True, **labels)
for axis, name in zip(axes, MODALITIES):
    for side, style in {"train": "-", "val": "--"}.items():
        curve = nets[f"{side}_accuracy"][name]
        axis.plot(range(1, len(curve) + 1), curve, style, color=color_of(name), label=side)
    axis.axhline(limits[name], color="black", linestyle=":", label="ceiling")
    axis.set(title=name, xlim=(1, 20), ylim=(0, 1))
    axis.legend(fontsize=8, loc="lower right")
figure

# %%
train_curves, val_curves = (nets[f"{side}_accuracy"][MODALITIES].map(np.array)
                            for side in ("train", "val"))
pace = val_curves.map(lambda values: int((values >= 0.95 * values.max()).argmax()) + 1)
short = pd.Series(limits) - val_curves.map(lambda values: values[-1])
memorised = train_curves.map(lambda values: values[-1]) - pd.Series(limits)
columns = {"epochs to 95 % of its best": pace, "validation, below the ceiling": short.round(2),
           "training, above the ceiling": memorised.round(2)}
pd.DataFrame(columns)

# %% [markdown]
# Sound and words learn fast and come near their ceilings; what the network of words learns after that is memorised.
# Video has the highest ceiling, takes longest and stays furthest below it. One training for all three stops at one
# epoch, too late for one modality and too early for another (Wang, Tran and Feiszli, 2020).
#
# In 14, *inputs* showed this most clearly. It learns all modalities together, from one GRU: it has memorised all its
# training films, and is less accurate on new ones than most others.

# %%
by_inputs = nets.loc["inputs"]
vl.report("epochs, video above words", pace["video"] - pace["words"], at_least=1)
vl.report("words, in training, above their ceiling", memorised["words"], at_least=0.04)
vl.report("sound, in training, above its ceiling", memorised["sound"], at_most=0.05)
vl.report("video, further below than words", short["video"] - short["words"], at_least=0.02)
vl.report("inputs, accuracy in training", by_inputs["train_accuracy"][-1], at_least=0.99)
behind = nets["whole"].max() - by_inputs["whole"]
vl.report("and on new films below the best by", behind, at_least=0.04)

# %% [markdown]
# ## Where fusion helps, and where it hurts
#
# For each action, on the films of the four actors (twelve of each action): the three handcrafted features of 14, each
# with a linear SVM, their vote, and the network.

# %% tags=["nbval-ignore-output"]
METHODS = {"video": features.HOG(), "sound": features.LogMel(), "words": features.WordBag()}
board = vl.compare(table, methods=METHODS, n_jobs=2, progress=False)
opinions = {name: board.probabilities(name).to_numpy() for name in [*METHODS, "Soft vote"]}
answers = pd.DataFrame({name: p.argmax(axis=1) for name, p in opinions.items()})
hits = answers.eq(examples.y, axis=0)
by_action = hits[tested].assign(network=correct).groupby(test.labels).mean()
plots.heatmap(by_action.T, alt="accuracy by action of five methods", bounds=(0, 1), texts=".2f",
              unit="accuracy", width=9)

# %%
helped = by_action["network"] > by_action[[*METHODS]].max(axis=1)
ahead = (by_action["network"] - by_action["Soft vote"]).mean()
vl.report("actions that the network helps", int(helped.sum()), at_least=9)
vl.report("network, above the vote, four actors", ahead, at_least=0.02)

# %% [markdown]
# That compares a network with SVMs. The same question to the network itself, which can be asked with one modality at a
# time, since it learnt without some:

# %% tags=["nbval-ignore-output"]
one_by_one = pd.DataFrame(index=by_action.index)
for name, only in zip(MODALITIES, np.eye(3, dtype=np.float32)):
    p = networks.predict(model, test.X | {"present": test.X["present"] * only})
    one_by_one[name] = pd.Series(p.argmax(axis=1) == test.y).groupby(test.labels).mean()
better = by_action["network"] - one_by_one.max(axis=1)
plots.heatmap(one_by_one.assign(all=by_action["network"]).T, bounds=(0, 1), texts=".2f", width=9,
              alt="accuracy by action with one modality and with all", unit="accuracy")

# %%
vl.report("all, above the best one, mean of the actions", better.mean(), at_least=0.01)
helped_more = int(np.sign(better).sum())
vl.report("actions that fusion helps, minus those that it hurts", helped_more, at_least=1)

# %% [markdown]
# It helps more actions than it hurts. It can hurt where one modality alone is nearly always right: then the others can
# only mislead.
#
# Fusion helps most where each modality tells only a part. To the camera a knock is a punch; the sound decides, if the
# microphone recorded it. The first map says that HOG gets no knock of these actors right. The motion is the same, so it
# can only guess which of the two it is, and films of one actor look alike, so they tend to fall on the same side. For
# the knocks of these four actors it was the wrong one. Over all twenty it is as good as a coin:

# %%
names = np.array(examples.classes)
rows = pd.Series(names[answers["video"]]).where(lambda name: name.isin(["knock", "punch"]), "other")
said = pd.crosstab(table["label"], rows, normalize="index").loc[["knock", "punch"]]
said.round(2).rename_axis("the action").rename_axis("what HOG answers", axis=1)

# %%
star = hits[examples.labels == "star_jump"].mean()
vl.report("knocks called a knock by HOG", said["knock"]["knock"], at_least=0.35, at_most=0.65)
vl.report("knocks and punches called one of the two", 1 - said["other"].mean(), at_least=0.91)
vl.report("star jumps, accuracy of video alone", star["video"], at_least=0.92)
vl.report("and of the vote", star["Soft vote"], at_most=0.93)

# %% [markdown]
# A vote *hurts* where one modality tells everything and the others only a part: a star jump is easy to see, but it
# sounds like any jump, and in a vote the sound counts as much as the video.
#
# ## Evidence, in nats
#
# How much does a modality contribute to *one* answer? A probability is a poor ruler: from 0.50 to 0.60 is a small step,
# from 0.89 to 0.99 a large one, although both are 0.1. So evidence is measured in logarithms. The **log-odds** of a
# probability are
#
# $$\operatorname{logit}(p) = \ln \frac{p}{1 - p}$$
#
# With the natural logarithm the unit is the **nat**; with base 2 it would be the bit, and 1 nat is 1.44 bits. One nat
# more multiplies the odds by e = 2.72.

# %%
probability = np.array([0.05, 0.27, 0.5, 0.60, 0.73, 0.88, 0.89, 0.95, 0.99])
odds = probability / (1 - probability)
ruler = pd.DataFrame({"probability": probability, "odds": odds, "log-odds (nats)": np.log(odds)})
ruler.round(2).T

# %% [markdown]
# Where there are many classes we also use $\ln p$ of one class alone. Without any evidence each of sixteen actions has
# the probability 1/16. So all evidence together can raise $\ln p$ by at most $\ln 16 = 2.77$ nats.
#
# ## One film, all sets of modalities
#
# A knock with a vague caption. We ask the network seven times, once with each set of modalities; with none, every
# action counts as equally probable.

# %% tags=["nbval-ignore-output"]
vague = (films["heard"] == "rap") & (films["wording"] == "vague") & correct
k = int(np.flatnonzero(vague)[0])
item, truth = test[k:k + 1].X, test.y[k]
worth = {frozenset(): math.log(1 / len(test.classes))}
for some in (some for n in (1, 2, 3) for some in itertools.combinations(range(3), n)):
    present = np.isin(np.arange(3), some).astype(np.float32)[None]
    answer = networks.predict(model, item | {"present": present})[0, truth]
    worth[frozenset(some)] = math.log(answer)
sets = [" + ".join(MODALITIES[m] for m in sorted(some)) or "none" for some in worth]
print(f"“{films['caption'][k]}”")
ladder = pd.DataFrame({"modalities": sets, "ln p of a knock": worth.values()})
ladder.assign(p=np.exp(ladder["ln p of a knock"])).round(3).set_index("modalities").T

# %% [markdown]
# What is the part of the sound? Two simple answers: what it tells *alone* (from *none* to *sound*), and what is missed
# *without* it (from all three to *video + words*), called **leave-one-out**. They differ, because what a modality adds
# depends on what is known already: two modalities that know the same are both not missed.
#
# **Shapley** (1953) asked how to divide a gain fairly among players who help one another. His answer: let the players
# come one after the other, note what each adds when it comes, and average over all orders. With $v(S)$ the value of a
# set $S$ of the $M$ modalities, here $\ln p$:
#
# $$\phi_m = \sum_{S \not\ni m} \frac{|S|!\,(M - |S| - 1)!}{M!}\,\big[v(S \cup \{m\}) - v(S)\big]$$
#
# The fraction is the share of the orders in which exactly $S$ came before $m$. With three modalities there are six
# orders; we write them all down.

# %% tags=["nbval-ignore-output"]
orders = list(itertools.permutations(range(3)))
added = np.zeros((len(orders), 3))
for row, order in zip(added, orders):
    for place, m in enumerate(order):
        before = frozenset(order[:place])
        row[m] = worth[before | {m}] - worth[before]
labels = [" → ".join(MODALITIES[m] for m in order) for order in orders]
shares = added.mean(axis=0)
lines = pd.DataFrame(added, index=labels, columns=MODALITIES)
lines.loc["mean: Shapley's shares"] = shares
lines.round(2)

# %%
by_library = explain.modality_shares(model, item, truth)[0]
left_out = explain.leave_one_out(model, item, truth)[0]
gain = worth[frozenset(range(3))] - worth[frozenset()]
vl.report("largest difference from the library", np.abs(shares - by_library).max(), at_most=1e-3)
vl.report("sum of the shares, minus ln p − ln 1/16", abs(shares.sum() - gain), at_most=1e-6)

# %% tags=["nbval-ignore-output"]
compared = {"alone": [worth[frozenset([m])] - worth[frozenset()] for m in range(3)],
            "leave-one-out": left_out, "Shapley": shares}
pd.DataFrame(compared, MODALITIES).T.assign(sum=lambda rows: rows.sum(axis=1)).round(2)

# %% [markdown]
# Alone, the words *busy hands* make a knock *less* probable to this network. That is its own error: by the theatre's
# grammar they speak for a knock, a clap or a punch. An explanation shows such things. Of the three rows, only Shapley's
# always adds up to the whole gain, $\ln p - \ln \frac{1}{16}$: nothing is counted twice and nothing is lost. This
# property is called **efficiency**. For machine learning it was taken up by Lundberg and Lee (2017). With three
# modalities it costs seven questions; with a thousand inputs there are too many sets, and the shares are estimated from
# a sample of orders.
#
# ## All films
#
# `explain.modality_shares` does this for every film. Which modality decides for which action? Choose a class to see its
# films one by one; with the view *one item*, switch modalities off and add noise.

# %% tags=["nbval-ignore-output"]
explorer = widgets.FusionExplorer(model, test, films, view="all items")
explorer

# %%
means = explorer.frame[MODALITIES]
for action, name in {"greet": "words", "knock": "sound"}.items():
    ahead = means.loc[action, name] - means.loc[action].drop(name).max()
    vl.report(f"{name} in a {action}, above the others (nats)", ahead, at_least=0.1)

# %% [markdown]
# ## Is the explanation right?
#
# An explanation is a claim about the model, so it can be tested. (The test below is a mild one: the shares are made
# of answers of this kind.) If the shares are right, then taking away the modality with the *largest* share must hurt
# more than taking away a random one, and taking away the *smallest* must hurt least.

# %%
evidence = explain.modality_shares(model, test.X)
whole = (test.X["present"] > 0).all(axis=1)


def accuracy_without(gone):
    """Compute the accuracy when each whole film loses one modality: its number in gone (n,)."""
    mask = np.where(np.arange(3) == gone[:, None], 0, test.X["present"]).astype(np.float32)
    predicted = networks.predict(model, test.X | {"present": mask}).argmax(axis=1)
    return float((predicted == test.y)[whole].mean())


print(f"{whole.sum()} of {len(whole)} films have all three modalities")

# %%
draws = np.random.default_rng(0).integers(0, 3, (5, len(test)))
after = {"nothing": float(correct[whole].mean()),
         "the smallest share": accuracy_without(evidence.argmin(axis=1)),
         "any, at random": np.mean([accuracy_without(gone) for gone in draws]),
         "the largest share": accuracy_without(evidence.argmax(axis=1))}
texts = [f"{value:.2f}" for value in after.values()]
vl.report("largest, below random", after["any, at random"] - after["the largest share"],
          at_least=0.05)
vl.report("smallest, above random", after["the smallest share"] - after["any, at random"],
          at_least=0.03)
plots.bars(after, alt="accuracy after a modality is taken away", texts=texts,
           xlabel="accuracy on whole films", title="The modality that is taken away")

# %% [markdown]
# ## When, and which word
#
# The same question for moments and words: cover a moment so that nothing happens in it, or leave a word out, and see
# how far the log-odds of the answer fall (occlusion, as in 09). That is leave-one-out from the whole film; the shares
# divide the gain over all sets of modalities. The two need not agree, even in sign. The film to which all three
# modalities contributed most evenly, among those classified correctly with a probability below 0.99:

# %% tags=["nbval-ignore-output"]
def why(k):
    """Draw the evidence for the network's answer to test film k."""
    with vl.open_media(films["path"][k]) as media:
        frames, _ = media.sample(8, size=(96, 128))
        return explain.evidence_picture(
            model, test[k:k + 1].X, classes=test.classes, frames=frames,
            duration=media.duration)


unsure = correct & (proba.max(axis=1) < 0.99) & whole
why(int(np.where(unsure, evidence.min(axis=1), -9).argmax()))

# %% [markdown]
# And its most confident mistake:

# %% tags=["nbval-ignore-output"]
k = int(np.where(correct, 0, proba.max(axis=1)).argmax())
print(f"The true action is {test.labels[k]}.")
why(k)

# %% [markdown]
# Before you blame the network, ask which modality distinguishes the two actions at all. Walking and marching, for
# example, sound alike and share their vague words: only the pictures, or a plain word, distinguish them. And two
# actions in opposite order have the same frames, the same sound and the same vague words: there only the order of the
# frames, or a plain word, helps.
#
# ## A film of none of these actions
#
# A real film, with a caption that we made up. The network knows sixteen actions of puppets and must name one of them.

# %% tags=["nbval-ignore-output"]
bunny = str(assets.fetch("bigbuckbunny"))
stranger = pd.DataFrame({"path": [bunny], "caption": ["A rabbit comes out and stretches."]})
stranger = stranger.assign(label=test.classes[0])  # load_examples asks for a label; it is not used
X = vl.load_examples(stranger, networks.MODALITY_FEATURES, classes=test.classes, progress=False).X
with vl.open_media(bunny) as media:
    frames, _ = media.sample(8, size=(96, 170))
    picture = explain.evidence_picture(model, X, classes=test.classes, frames=frames,
                                       duration=media.duration)
picture

# %% [markdown]
# The picture looks as orderly as the ones before: it says what the network's answer rests on, and not whether the
# answer makes sense. **An explanation explains the model, not the world.** Only the low probability in the title is a
# warning, and you cannot count on that: networks are often sure of nonsense.

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("15.log_odds")` gives a nudge, and a second one if you ask again;
# `vl.solution("15.log_odds")` shows one way.

# %% [markdown]
# **1. From when on does it memorise?** ★★ Write `memorises_from(accuracies, ceiling)`: for the training accuracies of
# all epochs, the first epoch, counted from 1, from which on every accuracy is above the ceiling; 0 if there is none.

# %%
def memorises_from(accuracies, ceiling):
    ...


vl.check("15.memorises_from", memorises_from)

# %% [markdown]
# **2. The ruler.** ★ Write `log_odds(p)`: the log-odds, in nats, of a probability or of an array of them.

# %%
def log_odds(p):
    ...


vl.check("15.log_odds", log_odds)

# %% [markdown]
# **3. Is it missed?** ★★ Write `missed(worth, count)`: `worth` is a dict like ours above, from a frozenset of modality
# numbers to ln p. How much does ln p fall when each of the `count` modalities is taken away from all? Float (count,).

# %%
def missed(worth, count):
    ...


vl.check("15.missed", missed)

# %% [markdown]
# **4. Fair shares.** ★★★ Write `shapley(worth, count)`: Shapley's shares from the same dict, float (count,), for any
# number of modalities.

# %%
def shapley(worth, count):
    ...


vl.check("15.shapley", shapley)

# %%
vl.progress("15")

# %% [markdown]
# **Open question.** A hospital's network decides from an X-ray and from the doctor's referral. Its words have a share
# of 2 nats, its pictures of 0.3. Would you use it? What would you ask about the referrals, and what would you measure
# next?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). With two
# classes and two modalities, a small network learns from three quarters of the groups. On the others: how much does
# each modality speak for the *true* class, on average? Below 0, it speaks against it.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
has = features.modality_table(mine)
print(*(f"{count} of {len(mine)} rows have {name}." for name, count in has.sum().items()))

# %% tags=["nbval-ignore-output"]
ours, names = features.fusible_rows(mine)
print(f"{len(ours)} rows can teach a network of {', '.join(names)}.")

# %% tags=["nbval-ignore-output"]
if len(ours):
    is_test = ours.index.isin(vl.split_by_group(ours)[1].index)
    small = networks.fusion_recipe("features", tuple(names), steps=60)
    some = vl.load_examples(ours.reset_index(drop=True), small.feature, progress=False)
    asked, _ = small.train(some[~is_test], progress=False)
    my_test = some[is_test]
    print(f"Trained on {len(some) - len(my_test)} rows; {len(my_test)} rows are asked about.")
else:
    print("Nothing can be divided: it takes two modalities, two classes and two groups.")

# %% tags=["nbval-ignore-output"]
if len(ours):
    my_shares = pd.DataFrame(explain.modality_shares(asked, my_test.X, my_test.y), columns=names)
    n_right = np.sum(networks.predict(asked, my_test.X).argmax(axis=1) == my_test.y)
    print(f"{n_right} of {len(my_test)} rows correct; the most that can be told is "
          f"{np.log(len(my_test.classes)):.2f} nats.")
    display(plots.bars(my_shares.mean(), alt="mean share of each modality",
                       colors=[*map(color_of, names)],
                       xlabel="mean share of the evidence for the true class (nats)"))
else:
    print("No network was trained.")

# %% [markdown]
# ## What you learnt
#
# * Each modality learns at its own speed. A training accuracy clearly above the ceiling is memorised.
# * Fusion helps where each modality tells a part; a vote hurts where one modality tells everything.
# * Evidence is measured in log-odds, in nats. Leave-one-out says what is missed; Shapley's shares also divide what
#   several modalities know, and add up to the whole gain.
# * Test an explanation: take away what it names. And it explains the model, not the film.
#
# **Next:** a camera breaks, a microphone is muted, nobody writes a caption. 16 takes modalities away.
#
# ## Further reading
#
# * L. Shapley: *A Value for n-Person Games*. Contributions to the Theory of Games II, Princeton University Press, 1953.
# * S. Lundberg, S.-I. Lee: *A Unified Approach to Interpreting Model Predictions*. NeurIPS, 2017.
# * W. Wang, D. Tran, M. Feiszli: *What Makes Training Multi-Modal Classification Networks Hard?* CVPR, 2020.
