# %% [markdown]
# # 06 · Finding
#
# **Without any labels, what can a machine find in a pile of videos?**
#
# Most videos in the world have no labels. *Unsupervised* learning looks at the feature vectors alone: which films are
# alike, in which directions do they differ, which groups do they form? It always finds something. The question of this
# notebook is whether it is what you are looking for.
#
# In this notebook you will
#
# * search by example, and measure what the search finds,
# * build PCA and k-means by hand, and let k-means cut a real film into shots,
# * measure whether a map of films is faithful, and unmask a map that invents its groups.
#
# About 20 minutes to read, half a minute to run.

# %%
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

import vmm_lab as vl
from vmm_lab import assets, plots, widgets

one_thread = threadpool_limits(1)  # for thousands of small products one thread is faster

# %% [markdown]
# ## Ninety-six films, three descriptions
#
# The films of notebook 05, described in three ways: by colours, by shapes (HOG, mean and deviation over time), and by
# motion (histogram of optical flow). The labels are there too, but no method below may look at them: we keep them to
# check what was found.

# %% tags=["nbval-ignore-output"]
table = pd.concat([vl.load_table("theatre", seed=seed) for seed in range(4)], ignore_index=True)
known = {name: table[column].to_numpy(str)
         for name, column in {"action": "label", "actor": "group", "scene": "scene"}.items()}
features = {"colours": vl.features.ColorHistogram(), "shapes": vl.features.HOG(pooling="mean+std"),
            "motion": vl.features.MotionHistogram()}
rows = {k: vl.extract(table, f, progress=False).astype(float) for k, f in features.items()}
table["scene"].value_counts().to_frame("films").T

# %% [markdown]
# ## Search by example
#
# "More like this one." The simplest search sorts all films by their *distance* to the query: the smaller the distance
# of the two rows of numbers, the more alike. For every film we look for the five nearest films *of other actors*, in
# each description. Below is a query, and under it the nearest film by colours, by shapes and by motion.

# %%
def nearest_others(X, groups, k):
    """For each row of X, the k nearest rows of other groups, the nearest first: int (n, k)."""
    distances = np.linalg.norm(X[:, None] - X[None], axis=2)
    distances[groups[:, None] == groups[None]] = np.inf
    return distances.argsort(axis=1)[:, :k]


found = {name: nearest_others(X, known["actor"], k=5) for name, X in rows.items()}
print("the five nearest to film 0, by motion:", found["motion"][0].tolist())

# %%
def strip(number):
    return vl.open_media(table["path"][number]).sample(10)[0]


query = 42
pictures = {f"query\n{known['action'][query]}": strip(query)}
for name in rows:
    best = found[name][query][0]
    pictures[f"{name}\n{known['action'][best]}"] = strip(best)
vl.filmstrip(pictures, n=10)

# %% [markdown]
# Is this a good search? That depends on what you were looking for. *Precision at 5* is the share of the five best that
# are what one wanted, averaged over all queries. We ask for the same action, then for the same scene. *Guessing* takes
# any films of other actors.

# %% tags=["nbval-ignore-output"]
def precision(neighbours, classes):
    return np.mean(classes[neighbours] == classes[:, None])


right = pd.DataFrame({wanted: {name: precision(found[name], known[wanted]) for name in rows}
                      for wanted in ("action", "scene")})
others = known["actor"][:, None] != known["actor"]
right.loc["guessing"] = [np.mean((known[wanted][:, None] == known[wanted])[others])
                         for wanted in right]
right.round(2)

# %%
figure, axes = plots.axes("precision at 5 of three features", columns=2, height=2.0, sharex=True)
for axis, wanted in zip(axes, right):
    plots.bars(right[wanted], axis=axis, title=f"the same {wanted}", xlabel="precision at 5")
vl.report("colours, the same scene", right["scene"]["colours"], at_least=0.90)
vl.report("colours, the same action", right["action"]["colours"], at_most=0.35)
vl.report("motion, the same action", right["action"]["motion"], at_least=0.93)
vl.report("guessing, the same action", right["action"]["guessing"], at_least=0.2, at_most=0.3)
vl.report("motion, the same scene", right["scene"]["motion"], at_most=0.43)
vl.report("guessing, the same scene", right["scene"]["guessing"], at_least=0.24, at_most=0.36)
figure

# %% [markdown]
# The same films, the same search: colours and shapes find the room, motion finds the action. A distance has no opinion;
# the *feature* decides what "alike" means. Colours find the action, and motion the scene, only a little more often
# than guessing does.
#
# ## PCA by hand
#
# Now we want to see all films at once. 3,528 dimensions cannot be drawn, so which two directions show most? *Principal
# component analysis* finds the ones along which the films differ most: subtract the mean, decompose, keep the first
# directions.
#
# $$X - \bar{x} = U \, \mathrm{diag}(s) \, V^\top, \qquad \text{map} = U_{:,\,1:2} \, \mathrm{diag}(s_1, s_2)$$
#
# $X$ is the table of films × numbers, $\bar{x}$ its mean row; the columns of $V$ are the directions, and $s_k$ says how
# much the films spread along direction $k$.

# %%
from sklearn.decomposition import PCA

shape = rows["shapes"]
U, s, Vt = np.linalg.svd(shape - shape.mean(axis=0), full_matrices=False)
by_hand = U[:, :2] * s[:2]
pca = PCA(2).fit(shape)
library = pca.transform(shape)
signs = np.sign((by_hand * library).sum(axis=0))  # a direction may also point the other way
assert np.allclose(by_hand * signs, library, atol=1e-6)
print("The map by SVD equals scikit-learn's PCA, up to the sign of each axis.")

# %% [markdown]
# How much do we lose? The *variance* of the films (their mean squared distance from the mean) is a sum over all
# directions, and $s_k^2 / \sum_j s_j^2$ is the share of direction $k$: its **explained variance**.

# %%
explained = s**2 / (s**2).sum()
assert np.allclose(explained[:2], pca.explained_variance_ratio_)
figure, axis = plots.axes("explained variance of twenty directions, and their sum", height=2.8)
axis.bar(range(1, 21), explained[:20], color=plots.PALETTE[0], label="this direction")
axis.plot(range(1, 21), explained.cumsum()[:20], "o-", color=plots.PALETTE[1], label="all up to it")
axis.set(xlabel="principal component", ylabel="share of the variance", xticks=range(1, 21))
vl.report("on the map: the first two", explained[:2].sum(), at_least=0.40, at_most=0.48)
figure

# %% [markdown]
# More than half of the differences between the films is not on the map. Keep that in mind while you look at it:

# %%
def draw_maps(points, **columns):
    """The same map once for each way to name the films, in the colours of the names."""
    alt = f"maps of the films, coloured by {' and '.join(columns)}"
    figure, axes = plots.axes(alt, columns=2, height=3.4, ylabel="2nd component", sharey=True)
    for axis, (name, classes) in zip(axes, columns.items()):
        plots.draw_points(axis, points, classes)
        axis.set(title=f"coloured by {name}", xlabel="1st component")
        axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


draw_maps(library, action=known["action"], scene=known["scene"])

# %% [markdown]
# There are clear groups, but they are not the actions. They are the *scenes*: the background covers more of the picture
# than the puppet does, so it causes most of the variance. PCA shows what varies most, which need not be what you are
# interested in.
#
# ## k-means by hand
#
# A map leaves the grouping to your eyes. *Clustering* does it by itself. **k-means** starts with $k$ centres. Each film
# is assigned to its nearest centre; each centre moves to the mean of its films; and so on until nothing changes. (A
# centre to which no film is nearest has no mean, and stays where it is. The second start below tries this: it begins with
# the same film twice, so one of the two centres gets nothing at first.)

# %%
def k_means(X, centres):
    """Cluster numbers int (n,) of the rows of X, from the given first centres (k, d)."""
    while True:
        nearest = ((X[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
        moved = np.stack([X[nearest == k].mean(axis=0) if np.any(nearest == k) else centre
                          for k, centre in enumerate(centres)])
        if np.allclose(moved, centres):
            return nearest
        centres = moved


for start in ([0, 30, 60, 90], [0, 0, 30, 60]):
    sizes = np.bincount(k_means(shape, shape[start]), minlength=4)
    print(f"from films {start}: clusters of {sizes.tolist()} films")

# %%
from sklearn.cluster import KMeans

start = shape[[0, 30, 60, 90]]
library = KMeans(4, init=start, n_init=1, tol=0).fit(shape).labels_
assert np.array_equal(k_means(shape, start), library)
print("k-means by hand puts every film into the same cluster as scikit-learn's.")

# %% [markdown]
# The result depends on the start. So we let scikit-learn choose ten starts (`n_init=10`) and keep the result with the
# smallest distances to the centres. And how well do the clusters match something we know?
#
# * **Purity**: the share of films that belong to the most frequent class of their cluster. It is never near 0, so we
#   compare it with the purity of shuffled clusters.
# * **Adjusted Rand index** (ARI): of all pairs of films, how many are together in both clusters and classes, or separate
#   in both, corrected for chance:
#
# $$\text{ARI} = \frac{\text{RI} - \mathbb{E}[\text{RI}]}{1 - \mathbb{E}[\text{RI}]}$$
#
# where RI is the share of pairs on which clusters and classes agree, and $\mathbb{E}[\text{RI}]$ the share expected
# by chance. 1 is perfect, 0 is chance.

# %%
from sklearn.metrics import adjusted_rand_score


def cluster_purity(clusters, classes):
    return pd.crosstab(clusters, classes).max(axis=1).sum() / len(classes)


def agreement(clusters, classes):
    """Purity, that of shuffled clusters ("by chance"), and the adjusted Rand index."""
    shuffle = np.random.default_rng(0).permutation
    chance = np.mean([cluster_purity(shuffle(clusters), classes) for _ in range(20)])
    return cluster_purity(clusters, classes), chance, adjusted_rand_score(classes, clusters)


found_scenes = cluster_purity(library, known["scene"])
print("purity of the first clusters, for the scene:", round(found_scenes, 2))

# %% tags=["nbval-ignore-output"]
clusters = {name: KMeans(4, n_init=10, random_state=0).fit(rows[name]).labels_
            for name in ("shapes", "motion")}
measured = {(name, kind): agreement(clusters[name], classes)
            for name in clusters for kind, classes in known.items()}
measured = pd.DataFrame(measured, index=["purity", "by chance", "ARI"]).T
measured.round(2)

# %%
vl.report("shapes: ARI with the scene", measured["ARI"]["shapes", "scene"], at_least=0.93)
vl.report("shapes: ARI with the action", measured["ARI"]["shapes", "action"], at_most=0.10)
vl.report("motion: ARI with the action", measured["ARI"]["motion", "action"], at_least=0.56)
vl.report("motion: ARI with the scene", measured["ARI"]["motion", "scene"], at_most=0.10)

# %% [markdown]
# From shapes, k-means found the four scenes without a mistake, and the actions not at all. Nothing in it prefers actions.
# So we changed the feature, not the algorithm: a histogram of motion does not depend on a wall that stands still. What is
# in its clusters?

# %%
members = pd.crosstab(pd.Series(clusters["motion"], name="cluster"), known["action"])
members.index = [f"cluster {k}" for k in members.index]
both = (members[["sit_down", "stand_up"]].min(axis=1) >= 20).sum()
vl.report("clusters that hold nearly all of both sit_down and stand_up", both, at_least=1)
figure = plots.confusion(members, title="Which actions are in each cluster?")
figure.axes[0].set(xlabel="true action", ylabel="found from motion")
figure.axes[1].set(ylabel="share of the cluster")
figure

# %% [markdown]
# The clusters follow the actions, but not exactly: sitting down and standing up share one, and jumping is split in two.
# Without labels a machine cannot know *which* difference matters.
#
# ## A real film, cut by k-means
#
# Notebook 01 found the shots of *bikes* from its keyframes. Can clustering find them from the pictures alone? We describe
# ten seconds, 0.2 s at a time, by their colours. Nobody tells us how many shots there are. The *silhouette* helps: for
# each piece it compares the distance to its own cluster with that to the next one, and is 1 if the clusters are tight and
# far apart.

# %%
from sklearn.metrics import silhouette_score

bikes = vl.open_media(assets.fetch("bikes"))
starts = np.arange(0, 10, 0.2)
pieces = pd.DataFrame({"path": str(bikes.path), "start": starts, "end": starts + 0.2})
colours = vl.extract(pieces, vl.features.ColorHistogram(n_frames=1), progress=False)
cuts = {k: KMeans(k, n_init=10, random_state=0).fit(colours).labels_ for k in range(2, 11)}
tight = {f"k = {k}": silhouette_score(colours, c) for k, c in cuts.items()}
print("tightest:", max(tight, key=tight.get))
plots.bars(tight, alt="silhouette by number of clusters", xlabel="silhouette, between −1 and 1")

# %% [markdown]
# Eight clusters are tightest, and from six to nine there is hardly a difference. The silhouette knows nothing of shots:
# it asks how many *looks* there are. By its keyframes, the film has six shots, so we compare six clusters with them.

# %%
shots = np.searchsorted(bikes.keyframes, starts + 0.1, side="right") - 1
figure, axes = plots.axes("clusters over time, and the shots", rows=2, height=1.9, sharex=True)
for axis, numbers, name in zip(axes, (cuts[6], shots), ("clusters\nfound", "shots by\nkeyframes")):
    axis.imshow(numbers[None], cmap="tab10", vmax=9, aspect="auto", extent=(0, 10, 0, 1))
    axis.set(yticks=[])
    axis.set_ylabel(name, rotation=0, ha="right", va="center")
axes[1].set_xlabel("time (s)")
vl.report("ARI of six clusters with the shots", adjusted_rand_score(shots, cuts[6]), at_least=0.80)
figure

# %%
best = {f"cluster {c}": np.flatnonzero(cuts[6] == c) for c in range(6)}
pictures = np.concatenate([bikes.sample(1, start=start, end=start + 0.2, size=(68, 160))[0]
                           for start in starts])
frames = {name: pictures[np.resize(members, 5)] for name, members in best.items()}
vl.filmstrip(frames, n=5, width=6)

# %% [markdown]
# Look at the strips and at the two bars. Where the clusters and the keyframes disagree, who is right? A shot whose content
# changes is cut in two, and two shots with the same colours share a cluster. A cluster is a set of *similar* pieces, and
# knows nothing of time.
#
# ## t-SNE: a map of neighbours
#
# PCA preserves large distances. **t-SNE** does not, and keeps neighbours together instead: it makes the probability that
# two films are neighbours on the map similar to that in the full space. *Perplexity* is, roughly, how many neighbours it
# uses. Distances between groups, and the size of a group, mean nothing.

# %%
from sklearn.manifold import TSNE

motion = rows["motion"]
maps = {}
for p in (5, 15, 45):
    tsne = TSNE(perplexity=p, random_state=0, method="exact")
    maps[f"t-SNE, perplexity {p}"] = tsne.fit_transform(motion)
figure, axes = plots.axes("three maps by t-SNE", columns=3, height=3)
for axis, (name, points) in zip(axes, maps.items()):
    plots.draw_points(axis, points, known["action"], size=24)
    axis.set(title=name, xticks=[], yticks=[])
figure

# %% [markdown]
# The same films, three maps. Which of them can we trust?
#
# ## Is a map faithful?
#
# A map is faithful if films that are neighbours on it are neighbours in the full space. So we count: of the ten nearest
# films in all 432 numbers, what share are among the ten nearest on the map? The question does not involve labels at all.
# *Trustworthiness* is the usual measure of this kind: it also counts how far away the false neighbours really are (1 is
# perfect, a random map has about 0.5).

# %%
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors


def ten_nearest(X):
    return NearestNeighbors(n_neighbors=10).fit(X).kneighbors(return_distance=False)


def kept(X, points):
    """The share of the ten nearest rows of X that are among the ten nearest points of a map."""
    pairs = zip(ten_nearest(X), ten_nearest(points))
    return np.mean([len(set(near) & set(on_map)) / 10 for near, on_map in pairs])


maps["PCA"] = PCA(2).fit_transform(motion)
maps["random"] = np.random.default_rng(0).normal(size=(96, 2))
vl.report("a random map keeps", kept(motion, maps["random"]), at_most=0.15)

# %% [markdown]
# And one more map, made to deceive. We *shuffle* the labels, and let linear discriminant analysis (LDA), a supervised
# method, look for the two directions in 432 dimensions that separate the shuffled labels best.

# %%
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

shuffled = np.random.default_rng(0).permutation(known["action"])
lda = LinearDiscriminantAnalysis(n_components=2, solver="eigen", shrinkage=1e-4)
maps["LDA, shuffled labels"] = lda.fit_transform(motion, shuffled)
plots.scatter(maps["LDA, shuffled labels"], shuffled, title="Four groups, of shuffled labels",
              axes_names=("1st direction of LDA", "2nd direction of LDA"))

# %%
faithful = pd.DataFrame({name: {"neighbours kept": kept(motion, points),
                                "trustworthiness": trustworthiness(motion, points, n_neighbors=10)}
                         for name, points in maps.items()}).T
figure, axes = plots.axes("faithfulness of six maps", columns=2, height=2.4, sharey=True)
for axis, measure in zip(axes, faithful):
    plots.bars(faithful[measure], axis=axis, xlabel=measure)
figure

# %%
keeps = faithful["neighbours kept"]
vl.report("t-SNE, neighbours kept", keeps["t-SNE, perplexity 15"], at_least=0.75)
vl.report("PCA, neighbours kept", keeps["PCA"], at_most=0.62)
vl.report("LDA, neighbours kept", keeps["LDA, shuffled labels"], at_most=0.2)
near = shuffled[ten_nearest(maps["LDA, shuffled labels"])[:, 0]]
vl.report("LDA, nearest has the same shuffled label", np.mean(near == shuffled), at_least=0.93)

# %% [markdown]
# The map of LDA has the purest groups of all, and they do not exist: it keeps hardly more neighbours than a random map.
# So pure colours on a map are no proof. Ask how the map was made, and whether it keeps neighbours. t-SNE with
# perplexity 15 keeps most of them here; PCA loses nearly half, and is the one whose distances can be read.
#
# Explore the faithful map: click a point, or use the arrow keys, and its film plays. Apart from the action, what do
# neighbours have in common?

# %%
widgets.EmbeddingExplorer(maps["t-SNE, perplexity 15"], table)

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("06.purity")` gives a nudge, and a second one if you ask again;
# `vl.solution("06.purity")` shows one way.

# %% [markdown]
# **1. Do clusters match labels?** ★ Above, pandas counted. Write `purity(clusters, labels)` with NumPy alone; both are
# arrays, one entry per film.

# %%
def purity(clusters, labels):
    ...


vl.check("06.purity", purity)

# %% [markdown]
# **2. How many directions?** ★ Write `components_for(X, share)`: how many principal components are needed to explain at
# least `share` of the variance of the rows of X, float (n, d)?

# %%
def components_for(X, share):
    ...


vl.check("06.components_for", components_for)

# %% [markdown]
# **3. Precision at k.** ★★ `distances` is float (n, n), between all films; `labels` is an array. For each film, take the
# k nearest *others*. What share of them, over all films, have the same label?

# %%
def precision_at(distances, labels, k):
    ...


vl.check("06.precision_at", precision_at)

# %% [markdown]
# **4. One step of k-means.** ★★★ Return the new centres, float (k, d): the mean of the rows of X that are nearest to each
# old centre. A centre without rows stays where it is.

# %%
def move_centres(X, centres):
    ...


vl.check("06.move_centres", move_centres)

# %% [markdown]
# **Open question.** Standardise `rows["shapes"]` before PCA (notebook 05). How much variance do two components explain
# now, and does the map still show the scenes? Which of the two maps would you print, and why?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). No labels are
# needed. Films and photographs are described by their shapes, sound files by their sound; a file that cannot be read is
# left out and named.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
has_video = vl.open_media(mine["path"].iloc[0]).has_video
my_feature = vl.features.HOG(pooling="mean+std") if has_video else vl.features.MFCC()
X = vl.extract(mine, my_feature, on_error="skip", progress=False).astype(float)
good = np.isfinite(X).all(axis=1)
mine, X = mine[good].reset_index(drop=True), X[good]
print(f"{len(mine)} files, described by {X.shape[1]} numbers of {type(my_feature).__name__}")

# %% [markdown]
# A map of them, coloured by clusters without names. What do the files of one cluster have in common?

# %% tags=["nbval-ignore-output"]
k = max(2, mine["label"].nunique()) if "label" in mine else 3
my_clusters = KMeans(k, n_init=10, random_state=0).fit(X).labels_
my_names = [f"cluster {c}" for c in my_clusters]
my_map = PCA(2).fit(X)
print(f"the map shows {my_map.explained_variance_ratio_.sum():.0%} of the variance")
widgets.EmbeddingExplorer(my_map.transform(X), mine, labels=my_names)

# %% [markdown]
# ## What you learnt
#
# * A search, a map and a clustering show what varies most in the *feature*. Change the feature to change what they find.
# * PCA preserves large distances, and its explained variance says what is missing; t-SNE preserves neighbours.
# * A map is faithful if it keeps neighbours. Pure groups on a map prove nothing.
# * Clusters need to be compared with something known, by purity and the adjusted Rand index, and with chance.
#
# **Next:** every feature so far was designed by a person. 07 takes the first step towards features that are learnt: a
# filter that slides over a picture, built by hand.
#
# ## Further reading
#
# * C. M. Bishop: *Pattern Recognition and Machine Learning*, Springer, 2006. Chapters 9 (k-means) and 12 (PCA).
# * L. van der Maaten, G. Hinton: "Visualizing data using t-SNE". *Journal of Machine Learning Research* 9, 2008.
# * J. Venna, S. Kaski: "Neighborhood preservation in nonlinear projection methods: an experimental study". *ICANN*, 2001.
