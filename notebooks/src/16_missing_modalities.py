# %% [markdown]
# # 16 · Missing modalities
#
# **What does a model of several modalities do when one of them fails?**
#
# A bag stands in front of the camera, a microphone is muted, nobody writes a caption. 14 fused three modalities and
# scored the result on films that mostly had all three. This notebook takes modalities away at test time, adds strong
# noise to them, and asks how much of the lost accuracy any model could have kept.
#
# In this notebook you will
#
# * see why a missing modality must not be filled with zeros, and what it costs to do so,
# * compute how much accuracy a *perfect* observer loses, so that you know what to expect of a model,
# * build modality dropout by hand, train a network with it and one without, and read from measurements of eight kinds
#   of fusion what it improves and what it does not.
#
# About 30 minutes to read, a good minute to run.

# %%
import itertools

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, networks, plots, theatre, widgets

networks.keras.utils.set_random_seed(0)

# %% [markdown]
# ## Which modalities are present
#
# Three real films. A file says itself which streams it has: two of these are silent, and nobody has described any of
# them.

# %%
strips = {}
for name in ("bikes", "carphone", "bigbuckbunny"):
    with vl.open_media(assets.fetch(name)) as film:
        label = "with sound" if film.has_audio else "no sound"
        strips[f"{name[:8]}\n{label}"] = film.sample(5, size=(144, 256))[0]
plots.filmstrip(strips, n=5)

# %% [markdown]
# Then the films of 14: sixteen actions, twenty actors, HOG of 16 frames, a spectrogram, a caption. In addition to the
# three there is a mask, `present`: 1 where a film has a modality, 0 where it lacks it. The first time, the theatre
# takes two minutes to render.

# %% tags=["nbval-ignore-output"]
MODALITIES = list(networks.MODALITY_FEATURES)
table = vl.load_table("theatre", size="full")
examples = vl.load_examples(table, networks.MODALITY_FEATURES, progress=False)
present = pd.DataFrame(examples.X["present"], columns=MODALITIES).astype(int)
rows = present.assign(caption=table["caption"].fillna("–"), label=table["label"])
vl.report("share of films without a caption", 1 - present["words"].mean(), at_least=0.05)
pd.concat([rows[rows["words"] == 1][:3], rows[rows["words"] == 0][:3]])

# %% [markdown]
# Nearly every film has all three: a network that learns from these hardly ever meets a missing one. We train such a
# network first, *features* of 14: three embeddings and the mask side by side, and a hidden layer on all. Four actors
# are kept for the test, two choose the best epoch.

# %% tags=["nbval-ignore-output"]
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = actors[6:], actors[4:6], actors[:4]
train, val, test = (examples[np.isin(examples.groups, names)] for names in sides)
recipe = networks.fusion_recipe("features", modality_dropout=0.0, steps=300)
plain = recipe.model(train)
history = await vl.fit(plain, train, validation=val, **recipe.settings(train))

# %%
def accuracy(model, X):
    """Compute the share of the test films that a model classifies correctly, given as X."""
    return float((networks.predict(model, X).argmax(axis=1) == test.y).mean())


vl.report("accuracy with all modalities", accuracy(plain, test.X), at_least=0.87)

# %% [markdown]
# ## Missing is not zero
#
# An array has no holes: something must fill the place of a missing modality. The rule: **the network never uses what
# fills it.** So we take the pictures away, put NaN in their place, which spoils every number that is computed with it,
# and compare the answers bit for bit. We do the same with sound, and with words of nonsense.

# %%
def filled(X, name, content):
    """Return X with one modality replaced by a constant in every film."""
    return X | {name: np.full_like(X[name], content, dtype=X[name].dtype)}


for name in MODALITIES:
    missing = networks.without_modalities(test.X, name)
    nonsense = filled(missing, name, "never" if name == "words" else np.nan)
    probas = [networks.predict(plain, X) for X in (missing, nonsense)]
    change = np.abs(probas[0] - probas[1]).max()
    vl.report(f"largest change, {name} missing", float(change), at_most=0.0)

# %% [markdown]
# A frequent mistake is to fill the place with zeros and leave `present` at 1: then the zeros are data. A fairer rival
# fills it with the *mean* of the training films, which is what a zero would be after standardising; a caption is empty
# in both cases. What do they do to the network?

# %% tags=["nbval-ignore-output"]
ZERO = {"video": 0, "sound": 0, "words": ""}
mean = {name: train.X[name].mean(axis=0) for name in ("video", "sound")} | {"words": ""}
found = {}
for name in MODALITIES:
    ways = {"(all there)": test.X,
            "marked as missing": networks.without_modalities(test.X, name),
            "mean, not marked": filled(test.X, name, mean[name]),
            "zeros, not marked": filled(test.X, name, ZERO[name])}
    found[name] = {way: accuracy(plain, X) for way, X in ways.items()}
found = pd.DataFrame(found).T
(100 * found).round(1)

# %%
cost = found["marked as missing"] - found["zeros, not marked"]
vl.report("what zeros cost, sound", cost["sound"], at_least=0.40)
vl.report("what zeros cost, pictures", cost["video"], at_most=0.10)
vl.report("what an empty caption costs", abs(cost["words"]), at_most=0.05)
loudness = float(np.quantile(examples.X["sound"], 0.95))
vl.report("level that 95 % of all sound stays below (dB)", loudness, at_most=-10)

# %% [markdown]
# Only the sound suffers from zeros, and badly. In decibels 0 is not silence: it is louder than 95 % of all sound in
# these films, in all bands, all the time, and the network takes it for sound. So this is first of all a mistake of
# units. Pictures of zeros and empty captions cost a few points at most, and the mean of the training films is nearly
# as good as a mark.
#
# And a network that is *trained* with zeros? Let us be fair to it: the same network without a mask, trained on films in
# which three modalities in ten are replaced by zeros.

# %%
def with_zeros(examples, seed):
    """Return the inputs with 30 % of each modality replaced by zeros, and no mark."""
    X = networks.drop_modalities(examples.X, 0.3, seed=seed)
    for k, name in enumerate(MODALITIES):
        X[name] = X[name].copy()
        X[name][X["present"][:, k] == 0] = ZERO[name]
    return X | {"present": np.ones_like(X["present"])}


copies = [with_zeros(train, seed) for seed in range(4)]
X = {name: np.concatenate([copy[name] for copy in copies]) for name in train.X}
several = networks.Examples(X, np.tile(train.y, 4), train.classes, np.tile(train.groups, 4))
print(several)

# %% tags=["nbval-ignore-output"]
unmasked, _ = recipe.train(several, progress=False)
no_mark = test.X | {"present": np.ones_like(test.X["present"])}
tests = {"(all there)": no_mark} | {name: filled(no_mark, name, ZERO[name]) for name in MODALITIES}
by_zeros = {name: accuracy(unmasked, X) for name, X in tests.items()}
vl.report("trained with zeros, sound of zeros", by_zeros["sound"], at_least=0.75)
pd.Series(by_zeros).mul(100).round(1).to_frame("trained and tested with zeros for").T

# %% [markdown]
# It has learnt that zeros mean *missing*. So zeros are not wrong in themselves: what counts is that the network can
# recognise that something is missing, and has met it in training. A mask says it directly, no matter what the unit is
# and what fills the place; zeros must be learnt, and are ambiguous wherever a real film may look like them, such as a
# black picture or silence. Keep the second half of this in mind: *has met it in training*.
#
# ## What is achievable
#
# Before we blame the network for what it loses, ask what a perfect observer would lose. 14 computed the ceiling of
# every set of modalities.

# %%
sets = [some for some in itertools.product((False, True), repeat=3) if any(some)]
ceiling_of = {some: theatre.ceiling(itertools.compress(MODALITIES, some)) for some in sets}
names = ["+".join(itertools.compress(MODALITIES, some)) for some in sets]
best = pd.Series(list(ceiling_of.values()), names, name="ceiling").sort_values()
best.round(3).to_frame()

# %% [markdown]
# Now at random: `networks.drop_modalities(X, share)` takes each modality away from a share of the films, but never the
# last one of a film. Then every film has a set of modalities left, each set has its ceiling, and the mean over the
# films is the **ceiling under the mask**. It takes no model, only the mask.
#
# One detail: the ceiling already includes that some captions are missing from the start. So only what `drop_modalities`
# takes counts as taken.

# %%
def left_over(X, share, seed=0):
    """Return bool (n, modalities): what `drop_modalities` does not take; it cannot take a gap."""
    kept = networks.drop_modalities(X, share, seed=seed)["present"] > 0
    return kept | (X["present"] == 0)


def ceiling_under(left):
    """Compute the accuracy of a perfect observer who has what a mask (n, modalities) leaves."""
    return float(np.mean([ceiling_of[tuple(row)] for row in left]))


print(f"ceiling of the test films with nothing taken: {ceiling_under(left_over(test.X, 0)):.3f}")

# %%
SHARES, MASKS = (0, 0.1, 0.3, 0.5, 0.7), range(5)
reach = pd.Series({share: np.mean([ceiling_under(left_over(examples.X, share, seed))
                                   for seed in MASKS]) for share in SHARES})
unavoidable = reach[0] - reach[0.3]
vl.report("ceiling, 30 % of each modality missing", reach[0.3], at_least=0.87, at_most=0.90)
vl.report("what a perfect observer loses", unavoidable, at_least=0.08, at_most=0.12)
reach.round(3).rename_axis("share missing").to_frame("ceiling under the mask").T

# %% [markdown]
# With 30 % of each modality missing, **even a perfect observer loses nearly 0.10**. From here on, every loss is split
# in two: the part that nobody can avoid, and the rest, which is due to the model.
#
# ## Modality dropout, by hand
#
# The remedy is to train the model with missing modalities. **Modality dropout** (Neverova and others, "ModDrop", 2016)
# draws a new mask for every film in every step of the training: each modality is taken away with probability `rate`,
# but never all. If all draws are below the rate, the modality with the largest draw stays.

# %%
def modality_dropout(present, rate, rng):
    """Take some modalities out of a mask (n, modalities), never all of a row."""
    draws = rng.uniform(size=present.shape) * present
    kept = draws > rate
    # Where any is kept, the largest draw is: this line changes only rows that would be empty.
    kept[np.arange(len(kept)), draws.argmax(axis=1)] = True
    return kept


some = modality_dropout(np.ones((6, 3)), 0.5, np.random.default_rng(3))
pd.DataFrame(some.astype(int), columns=MODALITIES)

# %% [markdown]
# A layer of the network, "kept", does it in training only. The two use different random numbers, so we compare how
# often each of the seven sets of modalities is left, over many films.

# %%
all_there, rng = np.ones((20_000, 3), np.float32), np.random.default_rng(0)
layer = networks.fusion_recipe("features", modality_dropout=0.5).model(train).get_layer("kept")
masks = {"by hand": modality_dropout(all_there, 0.5, rng),
         "the layer": np.asarray(layer(all_there, training=True)) > 0}
counts = {name: [(mask == some).all(axis=1).mean() for some in sets]
          for name, mask in masks.items()}
difference = np.abs(np.subtract(*counts.values())).max()
vl.report("largest difference of a share", difference, at_most=0.02)

# %%
alt, places = "how often modality dropout leaves each set of modalities", np.arange(len(sets))
title = "What is left at a rate of 0.5"
figure, axis = plots.axes(alt, title=title, ylabel="share of films")
for k, (name, shares) in enumerate(counts.items()):
    axis.bar(places + 0.4 * k - 0.2, shares, 0.38, label=name, color=plots.PALETTE[k])
labels = ["\n".join(itertools.compress(MODALITIES, some)) for some in sets]
axis.set_xticks(places, labels, fontsize=9)
figure

# %% [markdown]
# A single modality is left a little more often than a pair, because the films that would have lost everything keep one.
#
# ## Train it again, with dropout
#
# The same method, the same seed, the same films, and three modalities in ten taken away. The training curve is now
# below that of the validation: training is scored with modalities taken away, validation with all of them.

# %% tags=["nbval-ignore-output"]
recipe = networks.fusion_recipe("features", modality_dropout=0.3, steps=300)
robust = recipe.model(train)
history = await vl.fit(robust, train, validation=val, **recipe.settings(train))

# %% tags=["nbval-ignore-output"]
MODELS = {"plain": plain, "modality dropout": robust}
taken = {share: [networks.drop_modalities(test.X, share, seed=seed) for seed in MASKS]
         for share in SHARES}
curves = {name: [np.mean([accuracy(model, X) for X in some]) for some in taken.values()]
          for name, model in MODELS.items()}
curves["ceiling under the mask"] = [
    np.mean([ceiling_under(left_over(test.X, share, k)) for k in MASKS]) for share in SHARES]
curves = pd.DataFrame(curves, index=SHARES)
curves.rename_axis("share missing").mul(100).round(1)

# %%
whole, harder = curves.loc[0], curves.loc[[0.3, 0.5, 0.7]].mean()
vl.report("accuracy with all modalities, dropout", whole["modality dropout"], at_least=0.89)
gain, short = harder["modality dropout"] - harder["plain"], harder.iloc[2] - harder.iloc[:2]
vl.report("with modalities missing, above plain", gain, at_least=0.03)
vl.report("below the ceiling, plain", short["plain"], at_least=0.07)
vl.report("below the ceiling, modality dropout", short["modality dropout"], at_most=0.09)

# %%
def draw_curves(axis, curves):
    """Draw accuracy by the share missing: plain, with modality dropout, and the ceiling."""
    looks = (plots.PALETTE[1], "s-"), (plots.PALETTE[0], "o-"), ("black", "^:")
    for name, (color, look) in zip(curves, looks):
        axis.plot(curves.index, curves[name], look, markersize=4, color=color, label=name)


alt = "accuracy by the share of modalities missing, two networks"
figure, axis = plots.axes(alt, xlabel="share of each modality missing", ylabel="accuracy")
draw_curves(axis, curves)
axis.set_ylim(0.5, 1.01)
figure

# %% [markdown]
# The dotted line falls, too. Without it, you would see two models that break down. With it, you see that from
# 30 % missing on the curve of modality dropout stays closer to what is achievable than the plain one does.
#
# For comparison, simpler methods under the same five masks with 30 % missing: one handcrafted feature for each modality
# with a linear SVM (14), and their vote. The vote leaves out what is missing, so it is robust without training for it.

# %% tags=["nbval-ignore-output"]
METHODS = {"video": features.HOG(), "sound": features.LogMel(), "words": features.WordBag()}
tested = np.isin(examples.groups, actors[:4])
split = np.where(tested, "test", "train")
board = vl.compare(table.assign(split=split), methods=METHODS, vote=False, progress=False)
P = np.stack([board.probabilities(name) for name in METHODS], axis=1)[tested]
board.frame[["name", "accuracy", "accuracy_low", "accuracy_high"]].round(3)

# %% tags=["nbval-ignore-output"]
def vote(mask):
    """Compute the accuracy of the mean of the opinions that a mask (n, modalities) leaves."""
    total = (P * mask[..., None]).sum(axis=1)  # a mean has the same largest class
    return np.mean(total.argmax(axis=1) == test.y)


votes = {share: np.mean([vote(X["present"]) for X in taken[share]]) for share in (0, 0.3)}
scores = curves.loc[[0, 0.3]].T
scores.loc["soft vote"] = votes
scores.loc["majority class"] = 1 / 16
scores.columns = ["nothing missing", "30 % missing"]
scores.assign(lost=scores.iloc[:, 0] - scores.iloc[:, 1]).mul(100).round(1)

# %%
ahead = scores.loc["modality dropout"] - scores.loc["soft vote"]
vl.report("dropout, above the vote, whole films", ahead["nothing missing"], at_least=0.01)
vl.report("dropout, above the vote, 30 % missing", ahead["30 % missing"], at_least=0.01)

# %% [markdown]
# On whole films the two networks differ by a few films at most, and the standard error of such a score on 192 films is
# 2 %: this split cannot show whether modality dropout costs anything on whole films. More actors can.
#
# ## Every method, every actor
#
# One split of four actors is a small test. `python benchmarks/bench_fusion.py` trains the eight methods of 14 with and
# without modality dropout, holds out every actor once, and tests each of them with the same modalities missing. All
# numbers are means over three seeds.

# %%
nets = assets.results("fusion_calm").dropna(subset="whole")
kinds = list(networks.FUSION_KINDS)
before = nets.loc[kinds]
after = nets.loc[[f"{kind}, modality dropout" for kind in kinds]].set_axis(kinds)
tests = ["whole", *(f"{share} missing" for share in SHARES[1:])]


def both_ways(test):
    """Return the accuracy of each kind in one of the tests, plain and with modality dropout."""
    return pd.DataFrame({"plain": before[test], "dropout": after[test]})


print(len(kinds), "kinds of fusion, measured both ways")

# %%
alt, shared = "accuracy by the share missing, eight methods", {"sharex": True, "sharey": True}
figure, axes = plots.axes(alt, rows=2, columns=4, height=5, ylabel="accuracy", **shared)
for axis, kind in zip(axes.flat, kinds):
    panel = [side.loc[kind, tests].to_numpy(float) for side in (before, after)]
    panel = np.transpose([*panel, reach])
    draw_curves(axis, pd.DataFrame(panel, index=SHARES, columns=curves.columns))
    axis.set_title(kind, fontsize=10)
figure.supxlabel("share of each modality missing", fontsize=10)
figure.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=3)
figure

# %% [markdown]
# Without dropout *inputs* and *attention* fall fastest. What 30 % missing costs each, in percentage points: *lost* is
# the accuracy with all modalities minus the accuracy with some missing, and the *rest* is what is lost beyond the
# perfect observer. *Short* is the distance to the ceiling under the mask, the gap between a curve and the dotted line
# at 0.3.

# %%
lost = both_ways("whole") - both_ways("0.3 missing")
rest, short = lost - unavoidable, reach[0.3] - both_ways("0.3 missing")
observer = pd.DataFrame({"loses": unavoidable}, index=kinds)
parts = {"lost": lost, "the perfect observer": observer, "rest": rest, "short": short}
pd.concat(parts, axis=1).mul(100).round(1)

# %%
avoidable = rest["plain"] > 0.02
halved = (rest["dropout"] <= rest["plain"] / 2) & avoidable
better = after["whole"] - before["whole"]
vl.report("kinds with a rest above two points", int(avoidable.sum()), at_least=5)
vl.report("of these, not halved", int((avoidable & ~halved).sum()), at_most=2)
vl.report("largest rest with modality dropout", rest["dropout"].max(), at_most=0.04)
vl.report("dropout, the least distance to the ceiling", short["dropout"].min(), at_least=0.02)
vl.report("mean distance saved", (short["plain"] - short["dropout"]).mean(), at_least=0.02)
vl.report("on whole films, the worst change", better.min(), at_least=-0.02)
vl.report("on whole films, the mean change", better.mean(), at_least=0.005)

# %% [markdown]
# * **The avoidable rest is at least halved** for most kinds that had one above two points, and little of it is left.
# * **Over twenty actors it costs nothing on whole films**, and helps: a modality that is sometimes alone has to learn
#   to answer alone.
# * *average* and *weighted* have hardly any rest without it, but that is not a strength. They lose no more than a
#   perfect observer because they had less to lose: they are far below the ceiling with all modalities, too. *weighted*
#   even loses more with dropout than without, and yet it is better at every share, because it starts higher. So look at
#   *short* as well.
# * Even the best kinds stay a few points short of the ceiling. Modality dropout narrows that gap and does not close it:
#   part of it is what they lack with all modalities, too.
#
# ## Noise that is not marked
#
# A muted microphone can be marked. One in a storm is still `present`: the model must find out by itself that the sound
# is useless. `networks.add_noise` adds noise, in standard deviations of the modality; in a caption it replaces a share
# of the words by words of other films.
#
# How much a storm costs differs a lot from one training to the next, so two trainings of our own would prove nothing.
# The stored results have all methods, all actors and three seeds. The map shows the accuracy with the *strongest noise
# minus the accuracy with the same modality off*, that is, missing and marked as missing. Below 0 (red) the noisy
# modality is worse than none.

# %%
STRONGEST = {"video": "video noise 2", "sound": "sound noise 2", "words": "words noise 1"}
noisy = {name: both_ways(test) for name, test in STRONGEST.items()}
off = {name: both_ways(f"without {name}") for name in MODALITIES}
above = pd.concat({name: noisy[name] - off[name] for name in MODALITIES}, axis=1).mul(100)
above.columns = [" ".join(column) for column in above.columns]
plots.heatmap(above.T, alt="noise minus off, eight methods", color_map="RdBu", bounds=(-40, 40),
              texts="+.0f", unit="noisy minus off (percentage points)", width=9)

# %% [markdown]
# * **Noise in pictures does little harm** to most. Of the 1,764 numbers of a HOG the network keeps 96 directions, and
#   most of the noise is not in them. Without its noisy pictures, a plain network would not be better; *inputs* and
#   *attention* with modality dropout would.
# * **Noise in sound separates the methods.** *attention* may select any moment, and selects the storm. *features*,
#   *stacked* and *hybrid* suffer, too. *gated* is a little better than these.
#   *inputs*, *weighted* and *average* lose little.
# * **Words of other films are worse than none**, for nearly every method, and worst for *weighted*, whose weights are
#   the same for all films. The network cannot recognise them as noise: each is a proper word.
#
# No method was trained with noise, and none has learnt to detect it. Modality dropout taught them that a modality may
# be missing. That helps most of them where the sound is noisy. It hardly helps *inputs*, which lost little before, and
# *attention* stays far behind all others. It is not the same as detecting noise: for pictures and words it gains little
# more than on clean films.
#
# All these are means over three seeds. For missing modalities the seeds hardly differ; with a storm in the sound they
# do, above all for *attention*, so its exact value means little.

# %%
storm, by_words = noisy["sound"]["plain"], above[["words plain", "words dropout"]]
gate = storm["gated"] - storm[["features", "stacked", "hybrid"]].mean()
gained = (noisy["sound"]["dropout"] - storm).mean()
vl.report("in a storm, attention is last", float(storm.idxmin() == "attention"), at_least=1)
vl.report("in a storm, gated above these three", gate, at_least=0.02)
vl.report("in a storm, mean gain of modality dropout", gained, at_least=0.03)
worse = int((by_words < 0).sum(axis=None))
vl.report("of 16, wrong words worse than none", worse, at_least=12)
vl.report("deviation between seeds, noisy sound", nets["sound noise 2_std"].max(), at_least=0.05)
vl.report("deviation between seeds, 30 % missing", nets["0.3 missing_std"].max(), at_most=0.04)

# %% [markdown]
# ## Which modality it relies on
#
# Take one modality away and see how far the accuracy falls: that is how much a model relies on it. The last row is what
# a perfect observer would lose.

# %%
relies = pd.concat({name: both_ways("whole") - off[name] for name in MODALITIES}, axis=1)
others = [[other for other in MODALITIES if other != name] for name in MODALITIES]
perfect = [reach[0] - theatre.ceiling(left) for left in others]
relies.loc["a perfect observer"] = np.repeat(perfect, 2)
less = (relies["video"]["plain"] - relies["video"]["dropout"])[kinds].mean()
vl.report("inputs without pictures, plain", off["video"]["plain"]["inputs"], at_most=0.31)
vl.report("inputs without pictures, dropout", off["video"]["dropout"]["inputs"], at_least=0.68)
vl.report("network of words alone", nets.loc["words", "whole"], at_least=0.65)
vl.report("reliance on pictures, plain minus dropout", less, at_least=0.05)
relies.mul(100).round(1)

# %% [markdown]
# Without pictures, plain *inputs* still has the words and the sound of every film, and is far worse than a network that
# has the words alone. It has not learnt to use them without pictures. With modality dropout it has.
#
# ## Take a modality away yourself
#
# How do our two networks bear a storm in the sound, with and without pictures? (One training each: look, and do not
# conclude.)

# %% tags=["nbval-ignore-output"]
no_video, levels = networks.without_modalities(test.X, "video"), (0, 0.5, 1, 1.5, 2)
figure, axes = plots.axes("accuracy by noise in the sound, two networks", columns=2, sharey=True,
                          xlabel="noise in the sound (deviations)", ylabel="accuracy")
for axis, (title, X) in zip(axes, {"with pictures": test.X, "no pictures": no_video}.items()):
    storms = [networks.add_noise(X, "sound", level) for level in levels]
    lines = {name: [accuracy(model, storm) for storm in storms] for name, model in MODELS.items()}
    plots.curves(lines, levels, axis=axis, colors=dict(zip(lines, plots.PALETTE[1::-1])))
    axis.set(title=title, ylim=(0, 1))
figure

# %% [markdown]
# Now one film that both classify correctly with its pictures. Here they are off, and the plain network fails. Switch
# them on again, take the words away, add noise to the sound. Write `robust` in place of `plain` to ask the other
# network: at which noise do the two differ?

# %% tags=["nbval-ignore-output"]
films, rows = table[tested].reset_index(drop=True), np.arange(len(test))
p_whole, p_without = ([networks.predict(model, X)[rows, test.y] for model in MODELS.values()]
                      for X in (test.X, no_video))
known = (np.min(p_whole, axis=0) > 0.8) & (test.X["present"] > 0).all(axis=1)
k = int((known * (p_without[1] - p_without[0])).argmax())
vl.report("true action without pictures, plain", p_without[0][k], at_most=0.3)
vl.report("true action without pictures, dropout", p_without[1][k], at_least=0.7)
explorer = widgets.FusionExplorer(plain, test, films, item=k)
explorer.present["video"].value = False
explorer

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("16.fair_mean")` gives a nudge, and a second one if you ask again;
# `vl.solution("16.fair_mean")` shows one way.

# %% [markdown]
# **1. A missing modality does not vote.** ★ Write `fair_mean(decisions, present)`: for probabilities (n, modalities,
# classes) and a mask (n, modalities), the mean of each row over the modalities that it has, (n, classes). A missing
# modality may hold anything, also NaN.

# %%
def fair_mean(decisions, present):
    ...


vl.check("16.fair_mean", fair_mean)

# %% [markdown]
# **2. Zeros pull the mean.** ★★ Write `standardise(X, there)`: for float (n, d) and bool (n,), each column minus its
# mean, divided by its standard deviation, both over the rows that are present; 0 in the other rows, no matter what they
# held.

# %%
def standardise(X, there):
    ...


vl.check("16.standardise", standardise)

# %% [markdown]
# **3. How much is left?** ★★ Write `share_kept(rate, count)`: the share of the modalities that modality dropout leaves
# on average if it removes each with probability `rate`, but never all of them; `count` is their number.

# %%
def share_kept(rate, count):
    ...


vl.check("16.share_kept", share_kept)

# %% [markdown]
# **4. The ceiling falls.** ★★★ Write `reachable(share, both, first, second)`: the best accuracy with two modalities,
# each missing with probability `share`. At least one is left: where both would be missing, one of them, each equally
# often, stays. The last three are the ceilings of both, of the first alone and of the second alone.

# %%
def reachable(share, both, first, second):
    ...


vl.check("16.reachable", reachable)

# %%
vl.progress("16")

# %% [markdown]
# **Open question.** A car has two cameras and a microphone. One camera may freeze and go on sending its last picture:
# present, without noise, and wrong. How would you train for that, and how would you notice it?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). First:
# which rows have which modalities? The table has a row for each set that occurs.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
has = features.modality_table(mine)
has.value_counts().rename("rows").reset_index().replace({True: "yes", False: "–"})

# %% [markdown]
# With two classes and two modalities, a small network with modality dropout learns from three quarters of the groups,
# and is tested on the others with each modality switched off in turn. The accuracy falls most without the modality that
# it relies on most. A few dozen films are few: look at the majority class first, and remember that captions that name
# the class make words look better than they will be (`vl.compare(mine).warnings` tells).

# %% tags=["nbval-ignore-output"]
ours, names = features.fusible_rows(mine)
print(f"{len(ours)} rows can teach a network of {', '.join(names)}.")

# %% tags=["nbval-ignore-output"]
if len(ours):
    held = ours.index.isin(vl.split_by_group(ours)[1].index)
    small = networks.fusion_recipe("features", tuple(names), steps=60)
    some = vl.load_examples(ours.reset_index(drop=True), small.feature, progress=False)
    fused, _ = small.train(some[~held], progress=False)
    my_test = some[held]
    print(f"Trained on {(~held).sum()} rows; {len(my_test)} rows are held out.")
else:
    print("Nothing can be switched off: it takes two modalities, two classes and two groups.")

# %% tags=["nbval-ignore-output"]
answer = "No network was trained."
if len(ours):
    majority = my_test.y == np.bincount(some[~held].y).argmax()
    answer = {"majority class": (majority.mean(), len(my_test))}
    for name in ("nothing", *names):
        X = networks.without_modalities(my_test.X, *([] if name == "nothing" else [name]))
        left = X["present"].any(axis=1)
        predicted = networks.predict(fused, {part: X[part][left] for part in X}).argmax(axis=1)
        answer[f"{name} off"] = np.mean(predicted == my_test.y[left]), left.sum()
    answer = pd.DataFrame(answer, index=["accuracy", "rows with a modality left"]).T.round(2)
answer

# %% [markdown]
# ## What you learnt
#
# * Mark a missing modality, and never use what fills its place. A zero is data (0 dB is loud), unless the network was
#   trained to read it as *missing*.
# * The ceiling falls where modalities are missing. Compute it from the mask, and split every loss into what nobody can
#   avoid and what is due to the model.
# * Modality dropout removes most of the second part, costs nothing on whole films here, and cannot change the first.
# * A modality that fails without a mark is a different problem. It can be worse than none, and none of these methods
#   was trained for it.
#
# **Next:** all tools are ready. 17 classifies and tags collections with them.
#
# ## Further reading
#
# * N. Neverova, C. Wolf, G. Taylor, F. Nebout: *ModDrop: Adaptive Multi-Modal Gesture Recognition*. IEEE TPAMI, 2016.
# * M. Ma, J. Ren, L. Zhao, D. Testuggine, X. Peng: *Are Multimodal Transformers Robust to Missing Modality?* CVPR,
#   2022.
# * R. Little, D. Rubin: *Statistical Analysis with Missing Data*, third edition. Wiley, 2019.
