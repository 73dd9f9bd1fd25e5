# %% [markdown]
# # 18 · Retrieve
#
# **You type a sentence, and a film should come back: how does a machine compare words with pictures?**
#
# Notebook 17 gave films names from a fixed list. A search has no list: anybody may ask anything. The trick is one space
# in which a picture and a sentence are both points, and what belongs together is near. It is called a **joint space**.
#
# In this notebook you will
#
# * place pictures among sentences by hand, without a single pair to learn from,
# * search real films by a sentence, and find the moment, not only the file,
# * learn a better space from pairs, score it fairly against chance, and see what such a search does not understand.
#
# About 35 minutes to read, a good half minute to run.

# %%
from pathlib import Path

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, plots, pretrained, tasks, widgets
from vmm_lab.tasks import ranking
from vmm_lab.tasks.retrieve import PICTURE, Guess, conse, info_nce, unit

# %% [markdown]
# ## A space of sentences
#
# MiniLM, a small transformer (notebook 11), turns a sentence into 384 numbers of length 1. It learnt from a billion
# pairs of English sentences that belong together, such as a question and its answer. Such a point is an **embedding**,
# and the inner product of two points of length 1 is their **cosine**: 1 is the same direction, 0 is unrelated.

# %%
sentences = ["a cat lies on a sofa", "a kitten is resting", "an espresso in a white cup",
             "somebody drinks coffee", "a rocket is launched", "a spacecraft takes off"]
T = pretrained.embed_sentences(sentences)
print("embeddings", T.shape, "of length", np.linalg.norm(T, axis=1).round(3))
table = pd.DataFrame(T @ T.T, index=sentences, columns=[f"{k + 1}" for k in range(6)])
plots.heatmap(table, alt="cosines of six sentences", unit="cosine", texts=".2f", width=7)

# %%
same, other = (T @ T.T)[[0, 2, 4], [1, 3, 5]], (T @ T.T)[[0, 0, 2], [2, 4, 4]]
vl.report("least cosine of two that mean nearly the same", same.min(), at_least=0.45)
vl.report("largest of two that do not", other.max(), at_most=0.2)

# %% [markdown]
# ## What a picture shows
#
# EfficientNet-Lite0 has seen 1.3 million photographs of 1,000 classes (ImageNet). It knows no sentences. What it gives
# are probabilities of classes, and 1,280 numbers just before them, the embedding of the picture.

# %%
names = ("cat", "coffee", "rocket")
photos = pd.DataFrame({"path": [str(assets.fetch(name)) for name in names]})
squares = np.concatenate([PICTURE.read(segment) for segment in features.segments(photos)])
plots.filmstrip(squares, title="What the network sees: the square in the middle")

# %%
P, classes = pretrained.classify(squares), pretrained.imagenet_classes()
for name, p in zip(names, P):
    best = np.argsort(-p)[:3]
    print(f"{name:7}", ", ".join(f"{classes[k]} {p[k]:.2f}" for k in best))

# %% [markdown]
# ## A bridge without pairs
#
# The classes have *names*, and names are words, which MiniLM can place. So a picture goes where the names of its classes
# are, each as heavy as it is probable. This is **ConSE**, a *convex combination of semantic embeddings* (Norouzi et al.,
# 2014). The probabilities are flattened by a square root first, so that the second and third class have a say; ten
# classes are kept.

# %%
C = pretrained.embed_sentences(classes)


def place(P, C, top=10):
    """Place pictures with class probabilities P (n, classes) among the names C (classes, 384)."""
    weights = np.sqrt(P)
    least = np.sort(weights, axis=1)[:, -top, None]
    mixed = np.where(weights >= least, weights, 0) @ C
    return mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


V = place(P, C)
print("three pictures as points among sentences:", V.shape)

# %% [markdown]
# The library does the same, from the embeddings. And now pictures and sentences can be compared:

# %%
E = vl.extract(photos, PICTURE, progress=False)
vl.report("largest difference from the library", np.abs(conse(E) - V).max(), at_most=1e-3)
cosines = pd.DataFrame(T @ V.T, index=sentences, columns=names)
plots.heatmap(cosines, alt="cosines of sentences and pictures", unit="cosine", texts=".2f", width=5)

# %%
found = (T @ V.T).argmax(axis=1)
n_right = int((found == [0, 0, 1, 1, 2, 2]).sum())
vl.report("sentences that find their picture, of 6", n_right, at_least=6)

# %% [markdown]
# Nobody ever showed this machine a picture with a sentence. The names of a thousand classes are the whole bridge. What
# has no name among them, such as waving or sadness, cannot cross it.
#
# ## An index
#
# Nobody wants to wait until every film has been looked at again for each question. An **index** keeps the points. Films
# longer than a few seconds are cut into *moments*. We take the photographs, three real films and the little theatre.

# %% tags=["nbval-ignore-output"]
films = [str(assets.fetch(name)) for name in ("bikes", "bigbuckbunny", "carphone")]
theatre = vl.load_table("theatre")
media = pd.DataFrame({"path": [*photos["path"], *films, *theatre["path"]]})
media["kind"] = ["photograph"] * 3 + ["film"] * 3 + ["theatre"] * len(theatre)
index = tasks.build_index(media, seconds=2.0, progress=False)
print(index.about())

# %% [markdown]
# The points are a matrix, and a search is one product with it and a sort. By hand, and by the index:

# %%
question = "bicycles in the street"
[q] = pretrained.embed_sentences([question])
scores = index.vectors @ q
by_hand = np.argsort(-scores)[:10]
hits = index.search(question, top=3)
best = index.table.iloc[by_hand[0]]
difference = abs(scores.max() - hits["score"][0])
vl.report("best score, by hand and by the index, differ by", difference, at_most=1e-6)
assert hits["path"][0] == best["path"] == films[0]
print("first:", Path(best["path"]).name)

# %%
with vl.open_media(hits["path"][0]) as film:
    frames, times = film.sample(6, start=hits["start"][0], end=hits["end"][0], size=(90, 212))
plots.filmstrip(frames, times=times, title=f"“{question}”: score {hits['score'][0]:.2f}")

# %% [markdown]
# One product with a matrix of 100,000 × 384 takes a few milliseconds, where nothing else runs. For millions of points
# a graph of neighbours (HNSW) is walked instead; it looks at a few thousand of them and misses a few. A search can
# also begin with a picture, and keep to rows of the table:

# %%
alike = index.search(photos["path"][0], top=3)
staged = index.search("a person in a kitchen", top=3, where={"kind": "theatre"})
print("like the cat:", [Path(path).name for path in alike["path"]])
print("in the theatre only:", sorted(set(staged["kind"])))
vl.report("a picture finds itself, cosine", alike["score"][0], at_least=0.99)

# %% [markdown]
# ## Search it yourself
#
# Type a sentence and press Enter. Choose a result with the slider, and it plays. *Find what looks like this frame* asks
# with the frame on screen. Try `a rabbit`, `a man talks`, and then something that is in none of the films: the best of
# nothing still comes first, so look at the score.

# %% tags=["nbval-ignore-output"]
explorer = widgets.SearchExplorer(index, "an animal on a meadow")
explorer

# %%
explorer.query.value = "a cup of coffee"
assert explorer.hits["path"][0] == photos["path"][1]
print("first:", Path(explorer.hits["path"][0]).name)

# %% [markdown]
# ## A score that is fair
#
# Does it work, or did we choose nice examples? Each caption of the theatre should find its own film among all. **Recall
# at 10** is the share of what is right that is among the first ten. Two traps:
#
# * it depends on the size of the **gallery**: among ten films everybody has recall 1;
# * **ties**. A method that puts many films on one point lets a sort decide, and the sort may know the answer.
#
# `ranking.rank` takes the mean over all orders that the scores allow.

# %%
scores, right = np.zeros(100), np.arange(100) == 0  # all alike, the first is right
lucky = int(np.argsort(-scores, kind="stable")[0] == 0)
(at_1, at_10), first_rank, precision = ranking.rank(scores, right, ks=(1, 10))
print(f"sorted: recall at 1 is {lucky}; fairly {at_1:.2f}, at 10 {at_10:.2f}, rank {first_rank}")
vl.report("fair recall at 10 of a method that knows nothing", at_10, at_least=0.09, at_most=0.11)

# %% [markdown]
# ## Pairs
#
# With films *and* their captions a machine can learn the bridge. The simplest one is linear: a matrix that maps what is
# seen to the embedding of the caption. **Ridge regression** finds the best one in closed form, and keeps it small:
#
# $$W = (X^\top X + \lambda I)^{-1} X^\top T$$
#
# By hand, with three numbers for each of five pictures:

# %%
rng = np.random.default_rng(0)
X, true = rng.normal(size=(5, 3)), rng.normal(size=(3, 2))
W = np.linalg.solve(X.T @ X + 1e-6 * np.eye(3), X.T @ (X @ true))
vl.report("largest difference from the true matrix", np.abs(W - true).max(), at_most=1e-4)

# %% [markdown]
# The other bridge is **contrastive**: in a batch of pairs, each item must choose its own sentence among all sentences of
# the batch, and each sentence its own item. The loss is a cross-entropy over cosines, divided by a *temperature*; it is
# called **InfoNCE**, and it is how CLIP was trained, on 400 million pairs. By hand and by the library:

# %%
def contrastive_loss(sentences, items, temperature=0.07):
    """Compute the loss of each pair (n,), from points of length 1, (n, d) each."""
    logits = items @ sentences.T / temperature
    loss = 0
    for scores in (logits, logits.T):
        shifted = scores - scores.max(axis=1, keepdims=True)
        loss = loss - np.diag(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
    return loss / 2


items = unit(T + 0.1 * rng.normal(size=T.shape)).astype(np.float32)
by_hand, by_library = contrastive_loss(T, items), np.asarray(info_nce(T, items))
vl.report("largest difference", np.abs(by_hand - by_library).max(), at_most=1e-3)

# %% [markdown]
# Ninety-six films, six actors. Three actors are learnt from and the other three searched, then the other way round. All
# see the same: EfficientNet's embedding for what is there, HOG of sixteen frames for how it moves.

# %% tags=["nbval-ignore-output"]
table = pd.concat([vl.load_table("theatre", seed=seed) for seed in range(4)], ignore_index=True)
SEEN = [PICTURE, features.HOG(pooling=None)]
methods = {"ConSE": tasks.Retriever(SEEN, learner=None), "Ridge": tasks.Retriever(SEEN, conse=0.0),
           "Contrastive": tasks.Retriever(SEEN, learner="contrastive", conse=0.0),
           "Chance": Guess(SEEN, learner=None)}
board = tasks.retrieve(table, methods, progress=False)
board

# %%
scores = board.frame.set_index("name")
chance = scores.loc["Chance", "recall_at_10"]
vl.report("gallery", board.protocol["gallery"][0], at_least=48, at_most=48)
vl.report("recall at 10 by chance", chance, at_least=0.2, at_most=0.22)
vl.report("ridge", scores.loc["Ridge", "recall_at_10"], at_least=0.48)
vl.report("contrastive", scores.loc["Contrastive", "recall_at_10"], at_least=0.59)
vl.report("ConSE, which has seen no pair", scores.loc["ConSE", "recall_at_10"], at_most=0.4)

# %% [markdown]
# ConSE has no class called *jump*. What pairs teach is what this collection talks about.
#
# ## Larger galleries
#
# With more films in the gallery every recall falls, and chance falls with it: ten of 480 is 0.02. Many captions are true
# of several films ("Kofi claps"), so even an observer who sees everything and reads perfectly would not find each film
# among the first ten. The benchmark `python benchmarks/bench_retrieve.py` scores the whole theatre:

# %%
bench = assets.results("retrieve")
whole = bench[bench.index.str.startswith("theatre")]
whole[["recall_at_1", "recall_at_10", "median_rank", "chance_at_10", "times_chance"]].round(2)

# %%
vl.report("times chance, the best of 480", whole["times_chance"].max(), at_least=16)
vl.report("recall at 10, the best of 480", whole["recall_at_10"].max(), at_least=0.33, at_most=0.6)

# %% [markdown]
# A third of the films is among the first ten. That is many times chance, and still less than one would want of a search.
#
# The same benchmark measures how long one query takes, by product and sort up to 100,000 points, and by the graph beyond;
# `load` says how many programs wanted the two processors meanwhile.

# %%
times = bench[bench.index.str.contains("search")]
times[["ms", "plain_numpy_ms", "recall_at_10", "index_mb", "graph_mb", "build_cpu_seconds",
       "load"]].round(1)

# %%
least = times["recall_at_10"].min()
vl.report("least recall at 10 of a search next to an exact one", least, at_least=0.95)

# %% [markdown]
# ## What it does not understand
#
# The embedding of a sentence is a mean over the vectors of its words, which have attended to one another (11). It has
# learnt to bring sentences about the same thing together, so *not*, *two* and *before* weigh little. And in a mean over
# frames, order weighs nothing:

# %%
pairs = {"negation": ("a photo of a dog", "a photo without a dog"),
         "number": ("two cats", "five cats"), "order": ("he sits down", "he stands up"),
         "who does what": ("a dog bites a man", "a man bites a dog")}
cosines = {name: float(np.dot(*pretrained.embed_sentences(pair))) for name, pair in pairs.items()}
plots.bars(cosines, alt="cosines of sentences that mean different things", xlabel="cosine")

# %%
vl.report("least cosine of two that mean the opposite", min(cosines.values()), at_least=0.52)
sitting = theatre[theatre["label"] == "sit_down"].head(1)
in_order = pretrained.ImageEmbedding(pooling=None, n_frames=4)
steps = vl.extract(sitting, in_order, progress=False).reshape(4, -1)
difference = np.abs(steps.mean(axis=0) - steps[::-1].mean(axis=0)).max()
vl.report("forwards and backwards differ by", difference, at_most=1e-5)

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("18.nearest")` gives a nudge, and a second one if you ask again;
# `vl.solution("18.nearest")` shows one way.

# %% [markdown]
# **1. The nearest.** ★ Write `nearest(vectors, query, k)`: the numbers of the k rows of `vectors`, float (n, d), with the
# largest cosine to `query`, float (d,), best first. The rows are *not* of length 1.

# %%
def nearest(vectors, query, k):
    ...


vl.check("18.nearest", nearest)

# %% [markdown]
# **2. Recall.** ★ Write `recall(ranks, k)`: `ranks`, int (n,), holds for each query the place, from 1, of its one right
# item. Return the share of queries whose right item is among the first k.

# %%
def recall(ranks, k):
    ...


vl.check("18.recall", recall)

# %% [markdown]
# **3. Fair places.** ★★ Write `fair_rank(scores, right)`: the mean place, from 1, of item number `right` among `scores`,
# float (n,), over all orders of equal scores.

# %%
def fair_rank(scores, right):
    ...


vl.check("18.fair_rank", fair_rank)

# %% [markdown]
# **4. A bridge of pairs.** ★★★ Write `ridge(X, T, strength)`: the matrix, (d, e), that maps centred X, float (n, d), to
# centred T, float (n, e), by ridge regression. Centre both inside.

# %%
def ridge(X, T, strength):
    ...


vl.check("18.ridge", ridge)

# %%
vl.progress("18")

# %% [markdown]
# **Open question.** A search engine learns from what people click. Which pictures would such an engine show for *a nurse*
# and *an engineer* after a year, and who could notice?

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). In a
# terminal: `vmm-lab index my_videos/ --out my.index`, then `vmm-lab search my.index "a person waves"`. Where thirty rows
# have a caption, a projection is learnt from them.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
my_index = tasks.build_index(mine.head(60), progress=False)
print(my_index.about())
my_hits = my_index.search("a person waves", top=3)
my_hits.assign(path=[Path(path).name for path in my_hits["path"]])[["path", "start", "score"]]

# %% tags=["nbval-ignore-output"]
widgets.SearchExplorer(my_index, "a person waves", top=3)

# %% tags=["nbval-ignore-output"]
captions = mine["caption"].notna().sum() if "caption" in mine else 0
if captions >= 8 and mine.get("group", mine["path"]).nunique() > 1:
    ways = {"ConSE": tasks.Retriever(learner=None), "Ridge": tasks.Retriever()}
    display(tasks.retrieve(mine, ways, progress=False))
else:
    print(f"{captions} rows have a caption, which is too few to score a search.")

# %% [markdown]
# ## What you learnt
#
# * In a joint space pictures and sentences are points, and a search is a matrix product and a sort.
# * The names of classes are a bridge without any pairs; ridge regression and a contrastive loss learn one from pairs.
# * A recall means nothing without the size of the gallery, chance, and a fair treatment of ties.
# * Such a search matches topics: negation, numbers and order hardly move a point.
#
# **Next:** films too long to look at: 19 cuts them into shots and sums them up.
#
# ## Further reading
#
# * M. Norouzi and others: *Zero-Shot Learning by Convex Combination of Semantic Embeddings*. ICLR, 2014.
# * Yu. A. Malkov, D. A. Yashunin: *Efficient and Robust Approximate Nearest Neighbor Search Using Hierarchical Navigable
#   Small World Graphs*. IEEE PAMI, 2020 (HNSW).
# * A. van den Oord, Y. Li, O. Vinyals: *Representation Learning with Contrastive Predictive Coding*. 2018 (InfoNCE).
# * A. Radford and others: *Learning Transferable Visual Models From Natural Language Supervision*. ICML, 2021.
# * J. Johnson, M. Douze, H. Jégou: *Billion-Scale Similarity Search with GPUs*. IEEE Transactions on Big Data, 2021.
