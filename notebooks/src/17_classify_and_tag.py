# %% [markdown]
# # 17 · Classify and tag
#
# **What is in this video, and at which moment?**
#
# Until now each film had one label, and each network began with random weights. But a film shows a place, people and
# things all at once; and most people have a few dozen labelled films, too few for a network to learn seeing from. A
# usual remedy is to begin with a network that somebody else has trained on a million photographs. When does it help?
#
# In this notebook you will
#
# * ask a pretrained network what it sees in photographs and films, and find out when not to believe it,
# * compare its *embedding* with handcrafted features and with training from scratch, for 2 to 16 examples per class,
#   and see it lose,
# * give films several *tags* at once, measure that by *average precision*, and find the moments of each tag.
#
# About 35 minutes to read, 50 seconds to run. The weights come with `vmm-lab fetch` (notebook 00).

# %%
import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, networks, plots, tasks, theatre, widgets
from vmm_lab.features import Segment
from vmm_lab.pretrained import ImageEmbedding, classify, imagenet_classes
from vmm_lab.tables import tag_matrix

# %% [markdown]
# ## A network that has seen a million photographs
#
# *EfficientNet-Lite0* was trained on *ImageNet*: 1.3 million photographs of 1,000 classes, from "goldfish" to "toilet
# paper". `ImageEmbedding` reads pictures as the network wants them: the square in the middle, 224 × 224 pixels. What
# are these three?

# %%
reader = ImageEmbedding()
paths = {name: str(assets.fetch(name)) for name in ("cat", "coffee", "rocket")}
photos = {name: reader.read(Segment(path))[0] for name, path in paths.items()}
plots.gallery(photos)

# %%
names = np.array(imagenet_classes())
probabilities = classify(np.stack(list(photos.values())))
best = np.argsort(-probabilities, axis=1)[:, :3]
shown = [[f"{names[c]} {p[c]:.2f}" for c in row] for p, row in zip(probabilities, best)]
pd.DataFrame(shown, index=list(photos), columns=["first", "second", "third"])

# %%
vl.report("coffee: an espresso, with probability", probabilities[1, best[1, 0]], at_least=0.88)
cats = [c for c in best[0] if "cat" in names[c] or "Mau" in names[c]]
vl.report("cat: its three first classes are cats", len(cats), at_least=3)
vl.report("cat: the first alone", probabilities[0, best[0, 0]], at_most=0.5)

# %% [markdown]
# The coffee is easy. The network is unsure which of three kinds of *cat* it sees, and quite sure that it is one. (The
# two missiles of the rocket are two classes: ImageNet has *missile* twice.) With a thousand classes, so many of them
# near relatives, one looks at the first five answers (*top-5 accuracy*).
#
# ## A film is more than its mean
#
# A street, ten seconds, many people on bicycles. There is no plain "bicycle" in ImageNet; the nearest classes are
# "mountain bike", "tandem bicycle" and "unicycle". We ask about 24 frames.

# %%
film = str(assets.fetch("bikes"))
many = ImageEmbedding(n_frames=24)
frames = many.read(Segment(film))
times = (np.arange(24) + 0.5) * vl.open_media(film).duration / 24
vl.filmstrip(frames[::3], times=times[::3])

# %%
seen = classify(frames)
mean = seen.mean(axis=0)
first = np.argsort(-mean)[:4]
lines = {names[c]: seen[:, c] for c in first}
plots.curves(lines, times, xlabel="time (s)", ylabel="probability", alt="four classes over a film")

# %%
print("the mean over the film, the first five:", ", ".join(names[np.argsort(-mean)[:5]]))
vl.report("mean probability of a unicycle", mean[names == "unicycle"].max(), at_least=0.06)
vl.report("the same at its best moment", seen[:, names == "unicycle"].max(), at_least=0.77)

# %% [markdown]
# The mean over the film hardly says anything: each class has its moment, and is gone. That is why the second question
# of this notebook is *when*.
#
# ## What it never saw
#
# *Big Buck Bunny* is a drawn film about a rabbit. ImageNet holds photographs.

# %%
cartoon = str(assets.fetch("bigbuckbunny"))
drawn = reader.read(Segment(cartoon))
answers = classify(drawn)
print(" → ".join(names[answers.argmax(axis=1)]))
vl.filmstrip(drawn, n=6)

# %%
vl.report("highest probability of any class", answers.max(), at_least=0.73)
hares = [c for c, name in enumerate(names) if "rabbit" in name or "hare" in name]
rabbit = answers[:, hares].sum(axis=1).mean()
vl.report("mean probability of all rabbits and hares", rabbit, at_most=0.05)

# %% [markdown]
# Confident and wrong. The probabilities are a softmax over the 1,000 classes: they add up to 1, and "none of these" is
# no answer. Data that differ from the training data (*domain shift*) do not make a network modest. Its answers are
# worth little here; but are the numbers from which it makes them?
#
# ## Keep the numbers, drop the answers
#
# The last layer multiplies 1,280 numbers by weights, as the linear classifiers of notebook 05 do. These numbers, the
# **embedding**, describe a picture in general: shapes, materials, parts of things. We cut the last layer off and learn
# a new one, for *our* classes. This is **transfer learning**. Are frames of one film near each other?

# %%
films = {name: str(assets.fetch(name)) for name in ("bikes", "carphone", "bigbuckbunny")}
vectors = [reader.describe(reader.read(Segment(path))) for path in films.values()]
vectors = np.concatenate([v[::3] for v in vectors])
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
similar = vectors @ vectors.T
labels = [f"{name} {k + 1}" for name in films for k in range(4)]
frame = pd.DataFrame(similar, labels, labels)
plots.heatmap(frame, alt="similarity of frames of three films", unit="cosine", bounds=(0, 1))

# %%
owner = np.repeat(np.arange(3), 4)
same = (owner[:, None] == owner) & ~np.eye(12, dtype=bool)
vl.report("mean cosine, two frames of one film", similar[same].mean(), at_least=0.6)
vl.report("mean cosine, frames of two films", similar[owner[:, None] != owner].mean(), at_most=0.35)

# %% [markdown]
# In the car and in the cartoon they are. The four frames of the street come from four different shots, and are hardly
# more similar than frames of different films.
#
# ## Programmes by kind
#
# The theatre also makes television: news, sport and lessons, each on two channels with their own people, places and
# palette. A programme is a series of shots, and its truth says what is in each. One row for each shot; the question is
# of which *kind* of programme it is a part. The group is the channel, so the tested people and places are new.

# %% tags=["nbval-ignore-output"]
programmes = theatre.programmes("small")
rows = []
for _, row in programmes.iterrows():
    shots = theatre.programme_truth(row)
    rows.append(shots.assign(path=row["path"], label=row["label"], group=row["group"]))
shots = pd.concat(rows, ignore_index=True)
shots = shots[["path", "start", "end", "label", "group", "tags"]]
pd.crosstab(shots["group"], shots["label"])

# %% tags=["nbval-ignore-output"]
middles = {}
for k in shots.groupby("label").sample(3, random_state=0).index:
    s = shots.loc[k]
    [picture], _ = vl.open_media(s["path"]).sample(1, start=s["start"], end=s["end"])
    middles[f"{s['label']}: shot {k}"] = picture
plots.gallery(middles, columns=3)

# %% [markdown]
# ## With the little data that you have
#
# Three ways to describe a shot, each by three of its frames: the embedding, HOG (notebook 03), and the pixels from
# which a network of notebook 08 starts, with random weights. We learn from 2, 6 and 16 shots of each kind on one
# channel, and test on the other. (Where there are fewer shots, all of them.) The two that train in a moment are
# repeated with four draws of the shots.

# %% tags=["nbval-ignore-output"]
of_three = {"n_frames": 3}
embedding = ImageEmbedding(pooling="mean", **of_three)
rows = {"embedding": vl.extract(shots, embedding, progress=False),
        "HOG": vl.extract(shots, features.HOG(**of_three), progress=False)}
examples = vl.load_examples(shots, features.Frames(**of_three), progress=False)
pd.Series({name: X.shape for name, X in rows.items()} | {"pixels": examples.X.shape})

# %%
kind, channel = shots["label"].to_numpy(str), shots["group"].to_numpy(str)
classes = np.unique(kind)


def draw(n, test, seed):
    """Row numbers of n shots of each kind, or all there are, that are not tested."""
    rng = np.random.default_rng(seed)
    there = [rng.permutation(np.flatnonzero((kind == c) & ~test)) for c in classes]
    return np.concatenate([rows[:n] for rows in there])


print(draw(2, channel == channel[0], seed=0), "are two shots of each of", *classes)

# %%
def cnn_accuracy(train, test):
    """Train a small CNN from random weights on frames; its mean over a shot's frames decides."""
    pixels, codes = np.concatenate(examples.X[train]), np.repeat(examples.y[train], 3)
    single = networks.Examples(pixels, codes, examples.classes)
    networks.keras.utils.set_random_seed(0)
    model = networks.small_cnn(len(classes))
    networks.train(model, single, epochs=1 + 1600 // len(single), progress=False)
    answers = networks.predict(model, np.concatenate(examples.X[test]))
    shot = answers.reshape(-1, 3, len(classes)).mean(axis=1)
    return np.mean(shot.argmax(axis=1) == examples.y[test])


print(f"{networks.small_cnn(len(classes)).count_params():,} weights to learn")

# %% tags=["nbval-ignore-output"]
sizes, found = (2, 6, 16), {name: [] for name in (*rows, "CNN from scratch")}
for n in sizes:
    for test in (channel == name for name in np.unique(channel)):
        for seed in range(4):
            train = draw(n, test, seed)
            for name, X in rows.items():
                svm = tasks.LinearSVM().fit(X[train], kind[train])
                found[name].append((n, svm.score(X[test], kind[test])))
        found["CNN from scratch"].append((n, cnn_accuracy(draw(n, test, 0), test)))
curve = {name: pd.DataFrame(pairs).groupby(0)[1].mean() for name, pairs in found.items()}
learnt = pd.DataFrame(curve).rename_axis("shots per kind")
learnt.round(2)

# %%
about = {"xlabel": "training shots of each kind", "ylabel": "accuracy on the other channel"}
figure = plots.curves(learnt, np.array(sizes), alt="learning curves of three methods", **about)
majority = pd.Series(kind).value_counts(normalize=True).max()
figure.axes[0].axhline(majority, color=plots.INK, ls=":", label="majority class")
figure.axes[0].set(xticks=sizes, ylim=(0, 0.8))
figure

# %%
lead = learnt["HOG"] - learnt["embedding"]
vl.report("HOG, 16 shots of each kind", learnt["HOG"].iloc[-1], at_least=0.60)
vl.report("CNN from scratch, the same", learnt["CNN from scratch"].iloc[-1], at_least=0.50)
vl.report("embedding, the same", learnt["embedding"].iloc[-1], at_most=0.60, at_least=0.50)
vl.report("HOG above the embedding, mean of the sizes", lead.mean(), at_least=0.02)

# %% [markdown]
# From six shots on all three are above the majority class, and the million photographs **do not win**. (The CNN was
# trained once for each point, so the shape of its line is mostly luck.) Two reasons are plausible. The pictures are
# drawn, and the network knows photographs (*domain shift*). And the question is one of layout: a desk, a board, many
# small figures on a field. HOG and the small CNN keep *where* something is; the embedding is a mean over all places of
# the picture, which suits "is there a cat?".
#
# On photographs it is usually the other way round: there, the better a network is on ImageNet, the better a linear
# classifier on its embedding is for other questions (Kornblith and others, 2019). Neither result holds for your films
# by itself. So compare: where `vmm-lab fetch` has brought the weights, `vl.compare(table)` has rows for the pretrained
# networks, next to the handcrafted ones and the baselines.
#
# Which shots does the embedding get wrong? Step through the mistakes.

# %% tags=["nbval-ignore-output"]
methods = {"embedding": embedding, "HOG": features.HOG(**of_three)}
board = vl.compare(shots.drop(columns="tags"), methods=methods, progress=False)
widgets.PredictionExplorer(board)

# %% [markdown]
# ## Several answers at once
#
# "News" is one word about a whole programme. A shot also shows a crowd, or somebody from nearby, in the park, at a
# desk. Such **tags** do not exclude each other, so a softmax, which shares one probability between all classes, is the
# wrong last layer. *Multi-label* classification asks one yes-or-no question per tag, *one against the rest*. A table
# keeps the tags of a row in a column `tags`, with `|` between them.

# %%
has = tag_matrix(shots)
both = has.groupby(channel).sum().min()
kept = both[both >= 3].index
has = has[kept]
shots["tags"] = ["|".join(kept[row]) or "|" for row in has.to_numpy()]
plots.bars(has.mean().sort_values(), alt="how frequent each tag is", xlabel="share of the shots")

# %% [markdown]
# (Tags with fewer than three shots on a channel are left out: they could be neither learnt nor scored.)
#
# For one tag, a linear classifier gives a score to each shot. Learnt on one channel, here are the shots of the other
# that look most like a *crowd*, the highest score first:

# %% tags=["nbval-ignore-output"]
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

train, test = channel == np.unique(channel)[0], channel != np.unique(channel)[0]
truth = has["crowd"].to_numpy()
crowd = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
crowd.fit(rows["embedding"][train], truth[train])
scores = crowd.predict_proba(rows["embedding"][test])[:, 1]
order = np.argsort(-scores)
print(" ".join("●" if hit else "·" for hit in truth[test][order]))
print(f"{truth[test].sum()} shots with a crowd (●) among {test.sum()}")

# %% [markdown]
# ## Average precision
#
# A good list has its ● at the front. Go down the list and stop at each ●: which share of the shots so far is right?
# That is the precision at this place. Its mean over all ● is the **average precision** (AP),
#
# $$\mathrm{AP} = \frac{1}{|R|} \sum_{k \in R} \frac{\text{hits among the first } k}{k},$$
#
# where $R$ are the places of the shots that have the tag. It is 1 if they all come first. If the order is random, it is
# about their share, the *prevalence*: that is the baseline, and it differs from tag to tag. No threshold was needed.

# %%
from sklearn.metrics import average_precision_score


def average_precision_by_hand(scores, truth):
    """Compute the mean precision at the places of the true items."""
    hits = truth[np.argsort(-scores)]
    return (hits.cumsum() / np.arange(1, len(hits) + 1))[hits].mean()


by_hand = average_precision_by_hand(scores, truth[test])
assert np.isclose(by_hand, average_precision_score(truth[test], scores))
vl.report("average precision of “crowd”", by_hand, at_least=0.75)
vl.report("its prevalence", truth[test].mean(), at_most=0.45)

# %% [markdown]
# ## A threshold for each tag
#
# To *give* tags, one has to cut each list somewhere. A score of 0.5 is no natural place: where a tag is rare, hardly
# any shot gets there. A common choice is the threshold with the best F1 (notebook 05). It is learnt, so it must be
# learnt on training rows, and on scores of rows that the classifier did not learn from. We cut the training channel
# into three parts, by programme:

# %% tags=["nbval-ignore-output"]
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict


def best_f1(scores, truth):
    """The score from which on giving the tag has the best F1."""
    return max(np.unique(scores), key=lambda t: f1_score(truth, scores >= t))


parts = {"groups": shots["path"][train], "cv": GroupKFold(3), "method": "predict_proba"}
inner = cross_val_predict(crowd, rows["embedding"][train], truth[train], **parts)[:, 1]
learned, cheating = best_f1(inner, truth[train]), best_f1(scores, truth[test])
thresholds = {"0.5": 0.5, "learned": learned, "best on the test": cheating}
f1 = {name: f1_score(truth[test], scores >= t) for name, t in thresholds.items()}
pd.DataFrame({"threshold": thresholds, "F1 on the test": f1}).round(2)

# %%
vl.report("F1 with the learned threshold", f1["learned"], at_least=0.58)
added = f1["best on the test"] - f1["learned"]
vl.report("by choosing on the test one would add", added, at_least=0)

# %% [markdown]
# Learnt from so few shots, the threshold is uncertain, and may do hardly better than 0.5. One chosen on the test rows
# would look far better, and would be cheating (05).
#
# ## The library: all tags at once
#
# `tasks.tag` (or `vmm-lab tag`) does this for every tag and every method. The mean of the tags' AP is **mAP**.
# *Micro-F1* counts all decisions together, so frequent tags rule; *macro-F1* is the mean of the tags' F1. Thresholds
# are learnt inside the training rows. One channel after the other is held out. With two channels the interval, which is
# for new channels, is as wide as it can be: two are too few to say anything about a third.

# %% tags=["nbval-ignore-output"]
tagged = tasks.tag(shots.drop(columns="label"), methods=methods, progress=False)
tagged

# %%
scored = tagged.frame.set_index("name")
vl.report("mAP of the best row", scored["map"].max(), at_least=0.63)
vl.report("mAP of the embedding", scored.loc["embedding", "map"], at_least=0.60)
vl.report("mAP of guessing, the mean prevalence", scored.loc["Chance", "map"], at_most=0.25)

# %% tags=["nbval-ignore-output"]
by_tag = tagged.confusion(tagged.best).sort_values("average_precision")
figure, axis = plots.axes("average precision of each tag, and its prevalence", height=4.5)
axis.barh(by_tag.index, by_tag["average_precision"], color=plots.PALETTE[0], label=tagged.best)
axis.plot(by_tag["items"] / len(shots), by_tag.index, "k|", ms=10, label="prevalence")
axis.set(xlim=(0, 1), xlabel="average precision")
axis.legend(loc="lower right")
figure

# %% [markdown]
# Some tags are nearly solved, others are hardly better than their prevalence. Read mAP never alone: it is a mean of
# questions of very different difficulty.
#
# ## At which moment?
#
# A method of the board that learnt from shots can be asked about any stretch of a film. `tags_over_time` slides a
# window of four seconds over a whole programme that it has never seen, from the other channel. The programme's truth is
# on the left.

# %% tags=["nbval-ignore-output"]
model = tagged.pipeline(tagged.best).fit(shots[train])
programme = programmes[programmes["group"] != channel[train][0]].iloc[0]
over_time = tasks.tags_over_time(model, programme["path"], window=4.0, step=2.0)
times, there = over_time.index.to_numpy(), theatre.programme_truth(programme)
shot_at = np.searchsorted(there["start"], times, side="right") - 1
true = tag_matrix(there).reindex(columns=kept, fill_value=False).to_numpy()[shot_at]
figure, axes = plots.axes("truth and scores over a programme", columns=2, height=5, sharey=True)
for axis, values, title in zip(axes, (true, over_time[kept]), ("truth", "score of each window")):
    axis.imshow(np.asarray(values, float).T, aspect="auto", cmap="Blues", vmin=0, vmax=1,
                extent=(0, times[-1], len(kept), 0))
    axis.set(title=title, xlabel="time (s)", yticks=np.arange(len(kept)) + 0.5, yticklabels=kept)
figure

# %%
by_window = [average_precision_score(true[:, k], over_time[name]) - true[:, k].mean()
             for k, name in enumerate(kept) if 0 < true[:, k].mean() < 1]
vl.report("AP over the windows, above prevalence", np.mean(by_window), at_least=0.40)

# %% [markdown]
# Windows do not know where a shot ends: one that spans a cut sees two shots. Notebook 19 finds the cuts first.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("17.moments")` gives a nudge, and a second one if you ask again;
# `vl.solution("17.moments")` shows one way.

# %% [markdown]
# **1. Micro and macro.** ★ Write `micro_macro(truth, given)`: (micro-F1, macro-F1) of two bool arrays (items, tags). F1
# is 2 · hits / (given + true): once with the counts of all decisions together, once as the mean of the tags' own.

# %%
def micro_macro(truth, given):
    ...


vl.check("17.micro_macro", micro_macro)

# %% [markdown]
# **2. Average precision, from memory.** ★★ Write `average_precision(scores, truth)` without looking up: `scores` float,
# no two equal, `truth` bool.

# %%
def average_precision(scores, truth):
    ...


vl.check("17.average_precision", average_precision)

# %% [markdown]
# **3. Where to cut.** ★★ Write `best_threshold(scores, truth)` without scikit-learn: of the scores themselves the one
# from which on giving the tag has the best F1.

# %%
def best_threshold(scores, truth):
    ...


vl.check("17.best_threshold", best_threshold)

# %% [markdown]
# **4. Moments.** ★★★ Write `moments(times, scores, threshold)`: a list of (start, end), the first and the last time of
# each unbroken run of scores ≥ threshold. All three are as one tag of `over_time` has them.

# %%
def moments(times, scores, threshold):
    ...


vl.check("17.moments", moments)

# %%
vl.progress("17")

# %% [markdown]
# **Open question.** The embedding was trained on photographs of things, not of actions. Which of the tags above could
# it hardly know, however many shots there were? Which kind of pretraining would they need?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). First, what
# ImageNet sees in the first film with pictures:

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
opened = [vl.open_media(path) for path in mine["path"]]
mine = mine[[media.has_video for media in opened]].reset_index(drop=True)
if len(mine):
    first = mine.iloc[0]
    pictures = reader.read(features.segments(mine.iloc[:1])[0])
    print(", ".join(names[np.argsort(-classify(pictures).mean(axis=0))[:5]]))
    display(vl.filmstrip(pictures, n=6))
else:
    print("No row has pictures.")

# %% [markdown]
# With a column `tags`, the board of tags; with labels, the embedding next to HOG.

# %% tags=["nbval-ignore-output"]
mine = mine.iloc[np.random.default_rng(0).permutation(len(mine))[:100]].sort_index()
answer = "Without tags or labels there is no score."
if "tags" in mine and mine["tags"].nunique() > 1:
    answer = tasks.tag(mine, methods=methods, progress=False)
elif "label" in mine and mine["label"].nunique() > 1:
    answer = vl.compare(mine, methods=methods, progress=False)
answer

# %% [markdown]
# ## What you learnt
#
# * A network trained on a million photographs names things well in photographs, and is confidently wrong about what it
#   never saw.
# * Transfer learning keeps its embedding and learns only a linear classifier on it, which few examples can do. Whether
#   that beats a handcrafted feature depends on the pictures and on the question: put both on the board.
# * Tags are one question each. Average precision measures the order, F1 the decisions; thresholds are learnt on
#   training rows. The baseline of AP is the prevalence.
# * A classifier of shots, slid over a film, tells at which moment.
#
# **Next:** tags are a fixed list. 18 searches with any sentence.
#
# ## Further reading
#
# * M. Tan, Q. V. Le: "EfficientNet: rethinking model scaling for convolutional neural networks". *ICML*, 2019.
# * J. Yosinski, J. Clune, Y. Bengio, H. Lipson: "How transferable are features in deep neural networks?" *NIPS*, 2014.
# * S. Kornblith, J. Shlens, Q. V. Le: "Do better ImageNet models transfer better?" *CVPR*, 2019.
# * M. Everingham, L. Van Gool, C. Williams, J. Winn, A. Zisserman: "The PASCAL Visual Object Classes (VOC) challenge".
#   *International Journal of Computer Vision* 88, 2010. Average precision, and how to compare by it.
# * M.-L. Zhang, Z.-H. Zhou: "A review on multi-label learning algorithms". *IEEE TKDE* 26, 2014.
