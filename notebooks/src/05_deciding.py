# %% [markdown]
# # 05 · Deciding
#
# **A few numbers per film, and no network: can a machine name the action of an actor it has never seen?**
#
# Notebooks 03 and 04 turned films into rows of numbers, *feature vectors*. Now we need a decision. *Supervised* learning
# gets the labels of some films and must predict those of others. (*Unsupervised* learning gets no labels; that is
# notebook 06.)
#
# In this notebook you will
#
# * build the simplest classifier by hand, and draw the borders that four classifiers learn,
# * see underfitting and overfitting, and choose a setting without cheating,
# * open the classifier behind `vl.compare`, and let mistakes, confidence, precision and recall explain its score.
#
# About 30 minutes to read, half a minute to run.

# %%
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import vmm_lab as vl
from vmm_lab import assets, plots, widgets

one_thread = threadpool_limits(1)  # for thousands of small products one thread is faster

# %% [markdown]
# ## Ninety-six films
#
# With the twenty-four films of one small theatre, one film more or less moves a score by four points. Four different
# seeds give four takes of each: the same six actors and four actions, other places and other moods. The first time, this
# renders for a few seconds. The actor is the *group*: all takes of Mei stay together.

# %% tags=["nbval-ignore-output"]
table = pd.concat([vl.load_table("theatre", seed=seed) for seed in range(4)], ignore_index=True)
labels, actors = table["label"].to_numpy(str), table["group"].to_numpy(str)
pd.crosstab(table["group"], table["label"])

# %% [markdown]
# ## Two numbers per film
#
# A histogram of optical flow (notebook 04) says, for each part of the picture, how fast it moves in each of eight
# directions. We reduce it to two numbers that we can draw: how much more moves **down than up**, and how much moves **up
# or down** at all. Both are mean speeds in pixels per 0.1 s, because the feature compares ten frames a second. Directions
# run clockwise from "right", so bin 2 is down and bin 6 is up.

# %%
motion = vl.extract(table, vl.features.MotionHistogram(), progress=False).astype(float)
bins = motion.reshape(len(motion), -1, 9)  # film, part of the picture and the time, direction
down, up = bins[:, :, 2].mean(axis=1), bins[:, :, 6].mean(axis=1)
two = np.stack([down - up, down + up], axis=1)
names = ("down minus up (pixels per 0.1 s)", "down plus up (pixels per 0.1 s)")
corner = np.array([[-0.06, 0.06], [-0.004, 0.06]])  # where three of the four classes are
figure, axes = plots.axes("each film as two numbers, all and enlarged", columns=2, height=3.8)
for axis in axes:
    plots.draw_points(axis, two, labels)
    axis.set(xlabel=names[0], ylabel=names[1])
axes[1].set(xlim=corner[0], ylim=corner[1], title="the lower corner, enlarged")
figure

# %% [markdown]
# Jumping is far from the rest, because a jump moves so much more. The enlarged corner shows an order too: sitting down
# moves down, standing up moves up, clapping does neither. (We chose these two numbers by hand, knowing the four actions;
# that is what "handcrafted" means, and it works only for these actions.)
#
# ## The simplest classifier: nearest neighbours
#
# Learning can be nothing but remembering. **k nearest neighbours** (kNN) keeps all training films; a new film gets the
# label that most of the $k$ most similar ones have. Here it is by hand, and next to it scikit-learn's:

# %%
from sklearn.neighbors import KNeighborsClassifier


def nearest_labels(train, train_labels, test, k):
    """The most frequent label among the k training rows nearest to each test row."""
    distances = np.linalg.norm(test[:, None] - train[None], axis=2)
    near = train_labels[distances.argsort(axis=1)[:, :k]]
    return np.array([pd.Series(row).mode()[0] for row in near])


by_hand = nearest_labels(two, labels, two, k=5)
library = KNeighborsClassifier(5).fit(two, labels).predict(two)
assert np.array_equal(by_hand, library)
vl.report("right on the films that they remember, k = 5", np.mean(library == labels), at_least=0.95)

# %% [markdown]
# ## An honest score
#
# A score on remembered films means nothing: with $k = 1$, each film is its own nearest neighbour. What counts is how well
# the machine *generalises* to a new actor: leave one actor out, learn from the five others, predict the sixth, and do so
# for each (*cross-validation* by group). We compare it with two baselines that do not look at the films: *guessing*, and
# always predicting the *majority class*, the most frequent label.

# %%
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict

by_actor = LeaveOneGroupOut()


def held_out(model, X, **options):
    """What a model predicts for each film after learning from all other actors."""
    return cross_val_predict(model, X, labels, groups=actors, cv=by_actor, **options)


def right(model, X):
    return np.mean(held_out(model, X) == labels)


vl.report("5 neighbours: right on new actors", right(KNeighborsClassifier(5), two), at_least=0.93)
vl.report("majority class: right on new actors", right(DummyClassifier(), two), at_most=0.25)

# %% [markdown]
# ## Units matter
#
# Somebody hands you the second column in another unit, 1000 times as large; so its numbers are a thousandth. Nothing
# about the films has changed. We compare kNN with and without *standardising* each column first: minus its mean, divided
# by its standard deviation. `make_pipeline` puts both steps into one model, so the mean is learnt from training rows
# only.

# %%
neighbours = KNeighborsClassifier(5)
standardised = make_pipeline(StandardScaler(), neighbours)
other_unit = two * [1, 0.001]
found = {"5 neighbours": right(neighbours, two),
         "5 neighbours, other unit": right(neighbours, other_unit),
         "standardised, then 5 neighbours": right(standardised, two),
         "standardised, other unit": right(standardised, other_unit)}
vl.report("5 neighbours, other unit", found["5 neighbours, other unit"], at_most=0.82)
vl.report("standardised, other unit", found["standardised, other unit"], at_least=0.93)
plots.bars(found, alt="accuracy of kNN in two units", xlabel="accuracy on unseen actors")

# %% [markdown]
# ## A border to draw: the linear SVM
#
# kNN keeps everything. A *linear classifier* keeps only weights: it multiplies the numbers by them, adds up, and predicts
# the class with the largest sum. So its borders are straight lines. A **support vector machine** (SVM) looks for the
# lines with the widest empty *margin* on both sides.

# %%
from sklearn.svm import SVC, LinearSVC

svm = make_pipeline(StandardScaler(), LinearSVC())
x, y = (np.linspace(*ends, 200) for ends in corner)
plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
colors = list(plots.class_colors(labels).values())
print(f"{len(plane)} points of the corner, for each of which a classifier predicts a class")

# %%
def draw_borders(models):
    """Colour the corner by the class that each model predicts, and put the films on it."""
    figure, axes = plots.axes("borders of " + " and ".join(models), columns=len(models), height=3.4,
                              xlabel=names[0], ylabel=names[1], sharey=True)
    for axis, (title, model) in zip(axes, models.items()):
        predicted = np.searchsorted(np.unique(labels), model.fit(two, labels).predict(plane))
        axis.contourf(x, y, predicted.reshape(200, 200), range(-1, 4), colors=colors, alpha=0.3)
        plots.draw_points(axis, two, labels, size=24)
        axis.set(title=title, xlim=corner[0], ylim=corner[1], xticks=(-0.05, 0, 0.05))
    return figure


vl.report("SVM, as they are: right on new actors", right(LinearSVC(), two), at_most=0.92)
draw_borders({"SVM, numbers as they are": LinearSVC(), "SVM, standardised first": svm})

# %% [markdown]
# For two classes, "widest margin" means: find weights $w$ and an offset $b$ that make
#
# $$\tfrac{1}{2}\,\lVert w\rVert^2 \;+\; C \sum_{i} \max\bigl(0,\; 1 - y_i\,(w^\top x_i + b)\bigr)^2$$
#
# as small as possible, where $x_i$ is the row of numbers of film $i$ and $y_i$ is $+1$ or $-1$, its class. Small weights
# mean a wide margin, so the first term is small where the margin is wide (this is *regularisation*). The second adds up
# the films that are on the wrong side or inside the margin. $C$ is how much such a film counts. With four classes there
# are four such machines, each one class against the rest.
#
# The weights are the reason why units matter here too. A column of small numbers needs large weights, and the first term
# keeps weights small. Standardised columns are all treated the same.
#
# ## Underfitting and overfitting
#
# A border need not be straight. An SVM with an *RBF kernel* measures how similar two films are by
# $e^{-\gamma\,\lVert x - x'\rVert^2}$, and each film pulls the border only as far as this reaches: far with a small
# $\gamma$, hardly beyond itself with a large one. The three pictures differ in $\gamma$ alone.

# %%
def rbf(gamma):
    return make_pipeline(StandardScaler(), SVC(gamma=gamma, C=10))


draw_borders({f"γ = {gamma:g}": rbf(gamma) for gamma in (0.001, 1, 10_000)})

# %% [markdown]
# On the left the model is too simple: it cannot separate the three classes, not even on the films that it was trained
# on. It **underfits**. On the right, every film has an island of its own, and the sea around them belongs to one class. It
# **overfits**: all training films are right, and a new film that falls between the islands is not. Measured for many
# $\gamma$, on training films and on films of unseen actors:

# %%
from sklearn.model_selection import validation_curve

gammas = [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000]
options = {"param_name": "svc__gamma", "param_range": gammas, "cv": by_actor}
curves = validation_curve(rbf(1), two, labels, groups=actors, **options)
on_training, on_unseen = (accuracies.mean(axis=1) for accuracies in curves)
figure, axis = plots.axes("accuracy over gamma: high on training films, a hill on unseen actors")
axis.semilogx(gammas, on_training, "o-", color=plots.PALETTE[0], label="training films")
axis.semilogx(gammas, on_unseen, "s--", color=plots.PALETTE[1], label="films of unseen actors")
axis.set(xlabel="γ  (left: too simple, underfits; right: too flexible, overfits)", ylim=(0.4, 1.03))
axis.set_ylabel("accuracy (share of 1)")
figure

# %%
vl.report("γ = 0.001, training films", on_training[0], at_most=0.80)
vl.report("γ = 1, unseen actors", on_unseen[3], at_least=0.94)
vl.report("γ = 10,000, training films", on_training[-1], at_least=1.0)
vl.report("γ = 10,000, unseen actors", on_unseen[-1], at_most=0.76)

# %% [markdown]
# Training and test together tell which it is: both low means underfitting, a large gap means overfitting. How many
# numbers a film has matters as much as the classifier. `HOG(pooling="mean+std")` (notebook 03) describes the shapes in
# a film by 3,528 numbers, and 96 points in 3,528 dimensions can nearly always be separated by a *flat* surface, no
# matter what their labels say. So let us shuffle the labels:

# %%
mean_and_deviation = vl.features.HOG(pooling="mean+std")
shape = vl.extract(table, mean_and_deviation, progress=False).astype(float)
shuffled = np.random.default_rng(0).permutation(labels)
memorised = svm.fit(shape, shuffled).score(shape, shuffled)
predicted = cross_val_predict(svm, shape, shuffled, groups=actors, cv=by_actor)
generalises = np.mean(predicted == shuffled)
vl.report("shuffled labels, training films", memorised, at_least=1.0)
vl.report("shuffled labels, unseen actors", generalises, at_most=0.36)
plots.bars({"training films": memorised, "films of unseen actors": generalises},
           alt="accuracy with shuffled labels", title="Linear SVM, shuffled labels",
           xlabel="accuracy (share of 1); guessing gives 0.25")

# %% [markdown]
# ## Choose a setting without cheating
#
# $\gamma$, $C$ and $k$ are *hyperparameters*: the training does not find them. If you take the best point of the dashed
# curve and report its accuracy, you have chosen it by the test. Honest tuning runs a second cross-validation *inside* the
# training rows of each fold, and the test rows are used once (*nested cross-validation*):

# %%
from sklearn.model_selection import GridSearchCV

chosen, hits = [], []
for train, test in by_actor.split(two, labels, actors):
    search = GridSearchCV(rbf(1), {"svc__gamma": gammas}, cv=LeaveOneGroupOut())
    search.fit(two[train], labels[train], groups=actors[train])
    chosen.append(search.best_params_["svc__gamma"])
    hits.append(search.score(two[test], labels[test]))
tested = pd.Index(np.unique(actors), name="actor")  # the folds are in this order
pd.DataFrame({"γ chosen on the five others": chosen, "accuracy": hits}, index=tested).round(2)

# %%
vl.report("the best point of the curve", on_unseen.max(), at_least=0.96)
vl.report("chosen inside the training rows", np.mean(hits), at_least=0.90)

# %% [markdown]
# The honest number is the second, and it is a little lower. The more you try out, the larger the difference.
#
# Anything that looks at labels must stay inside the folds. An experiment: 5,000 columns of pure noise, of which we keep
# the 20 that correlate best with the labels, once before the folds and once inside them.

# %%
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression

noise = np.random.default_rng(0).normal(size=(len(table), 5000))
before = SelectKBest(k=20).fit_transform(noise, labels)  # uses the labels of all films
peeking = right(LogisticRegression(), before)
honest = right(make_pipeline(SelectKBest(k=20), LogisticRegression()), noise)
vl.report("noise, columns chosen before the folds", peeking, at_least=0.66)
vl.report("noise, columns chosen inside the folds", honest, at_most=0.30)
plots.bars({"chosen before the folds": peeking, "chosen inside the folds": honest},
           alt="accuracy on noise, with and without peeking", title="20 of 5,000 columns of noise",
           xlabel="accuracy on unseen actors (share of 1); guessing gives 0.25")

# %% [markdown]
# More than two in three right, from noise: this is *leakage*, the same fault as in notebook 02.
#
# ## Logistic regression: probabilities
#
# **Logistic regression** draws straight borders too, but turns the sums into probabilities:
#
# $$p(k \mid x) = \frac{e^{\,w_k^\top x + b_k}}{\sum_j e^{\,w_j^\top x + b_j}}$$
#
# where $x$ is the row of numbers of a film and $w_k$, $b_k$ are the weights and offset of class $k$ (the function is
# called *softmax*; notebook 08 uses it again). It is regularised by the same $C$: a small $C$ keeps the weights small and
# every film pulls the borders a little; with a large one, the few films nearest to the border decide.

# %%
def logistic(C=1.0):
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=10_000))


draw_borders({f"C = {C:g}: {right(logistic(C), two):.2f} right": logistic(C)
              for C in (0.01, 1, 1000)})

# %% [markdown]
# ## The classifier behind `vl.compare`
#
# Until now the classifier of `compare` was a black box. It is `vmm_lab.tasks.LinearSVM`: the linear SVM above with one
# more step. After standardising, a row of $d$ numbers has a length of about $\sqrt d$, and a longer row needs smaller
# weights; so the same $C$ would mean something else for each feature. `LinearSVM` divides by that length. By hand:

# %%
from sklearn.preprocessing import FunctionTransformer

from vmm_lab.tasks import LinearSVM

hog = vl.extract(table, vl.features.HOG(), progress=False).astype(float)
unit_length = FunctionTransformer(lambda X: X / np.sqrt(X.shape[1]))
by_hand = held_out(make_pipeline(StandardScaler(), unit_length, LinearSVC()), hog)
library = held_out(LinearSVM(), hog)
vl.report("films for which both predict the same", np.mean(by_hand == library), at_least=0.97)
vl.report("LinearSVM, HOG", np.mean(library == labels), at_least=0.72, at_most=0.80)
vl.report("StandardScaler and LinearSVC, HOG", right(svm, hog), at_most=0.75)

# %% [markdown]
# So the same HOG on the same films has one score here and in notebook 03, where `compare` used `LinearSVM`, and a lower
# one with the plain pipeline: with rows of length 1, $C = 1$ regularises 1,764 times as much, which is better here.
# (The other difference, probabilities that can be trusted, comes below.)
#
# ## Every feature, three classifiers
#
# Now the features of the last notebooks, each with three classifiers, on unseen actors. `HOG, in order` joins the
# descriptors of the frames end to end instead of averaging them.

# %%
features = {
    "ColorHistogram": vl.features.ColorHistogram(),
    "HOG, mean": vl.features.HOG(),
    "HOG, mean and deviation": mean_and_deviation,
    "HOG, in order": vl.features.HOG(pooling=None, n_frames=8),
    "MotionEnergy": vl.features.MotionEnergy(),
    "MotionHistogram": vl.features.MotionHistogram(),
}
rows = {k: vl.extract(table, f, progress=False).astype(float) for k, f in features.items()}
pd.Series({name: X.shape[1] for name, X in rows.items()}).to_frame("numbers per film")

# %% tags=["nbval-ignore-output"]
classifiers = {"LinearSVM": LinearSVM(), "logistic regression": logistic(),
               "5 neighbours": standardised}
predictions = {(name, classifier): held_out(model, X)
               for name, X in rows.items() for classifier, model in classifiers.items()}
accuracy = pd.Series({pair: np.mean(p == labels) for pair, p in predictions.items()}).unstack()
accuracy = accuracy[list(classifiers)].sort_values("LinearSVM", ascending=False)
accuracy.round(2)

# %%
vl.report("MotionHistogram, LinearSVM", accuracy["LinearSVM"]["MotionHistogram"], at_least=0.93)
vl.report("HOG, in order, LinearSVM", accuracy["LinearSVM"]["HOG, in order"], at_least=0.92)
vl.report("HOG, in order, 5 neighbours", accuracy["5 neighbours"]["HOG, in order"], at_most=0.65)
vl.report("ColorHistogram, LinearSVM", accuracy["LinearSVM"]["ColorHistogram"], at_most=0.29)

# %% [markdown]
# Colours do no better than guessing, because they do not depend on the action; the histogram of motion is nearly always
# right. The two linear classifiers hardly differ. Neighbours lose most where a film has most numbers: of 14,112
# numbers most describe the scene (the *curse of dimensionality*: many numbers, few that matter), and nothing tells kNN
# which ones do.
#
# ## How sure is a score?
#
# HOG, mean: 73 of 96 right is 0.76. With other films it would have been another number. A *95 % confidence interval* is
# computed by a rule whose intervals contain the true accuracy in 95 of 100 such experiments. For independent films,
# Wilson's rule for a share $p$ of $n$ is, with $z = 1.96$:
#
# $$\frac{p + \frac{z^2}{2n} \;\pm\; z\sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}$$
#
# But films of one actor tend to be right or wrong together, so 96 films of six actors tell less than 96 of 96 actors. We
# compare the variance of the score over whole actors with that over films; their ratio, the *design effect*, says how many
# films count as one. And six actors are few, so $z$ is replaced by Student's $t$ with 5 degrees of freedom.

# %%
from scipy import stats

from vmm_lab.tasks import accuracy_interval


def wilson(p, n, z):
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (p + z**2 / (2 * n) + np.array([-half, half])) / (1 + z**2 / n)


hit = predictions["HOG, mean", "LinearSVM"] == labels
p, n, groups = hit.mean(), len(hit), np.unique(actors)
sums = np.array([(hit[actors == actor] - p).sum() for actor in groups])
effect = max(1, 6 / 5 * (sums**2).sum() / n**2 / (p * (1 - p) / n))
films, people = wilson(p, n, 1.96), wilson(p, n / effect, stats.t.ppf(0.975, 5))
pd.DataFrame({"films independent": films, "by actor": people}, index=["low", "high"]).round(2)

# %%
assert np.allclose(people, accuracy_interval(hit, actors))
vl.report("design effect", effect, at_least=1.5)
vl.report("width of the interval for independent films", np.ptp(films), at_most=0.18)
vl.report("width by actor, as on a board", np.ptp(people), at_least=0.25)
board = accuracy["LinearSVM"].rename("accuracy").rename_axis("name").reset_index()
hits = [predictions[name, "LinearSVM"] == labels for name in board["name"]]
board[["accuracy_low", "accuracy_high"]] = [accuracy_interval(hit, actors) for hit in hits]
board["modality"] = [features[name].modality for name in board["name"]]
plots.score_bars(board, title="LinearSVM: four actions by actors it has never seen")

# %% [markdown]
# The bars say *how well*. They do not say *why*.
#
# ## Look at the mistakes
#
# A *confusion matrix* counts which class was taken for which. Here it is for the HOG with mean and deviation and logistic
# regression.

# %%
probabilities = held_out(logistic(), shape, method="predict_proba")
probabilities = pd.DataFrame(probabilities, columns=sorted(set(labels)))
predicted = probabilities.idxmax(axis=1).to_numpy(str)
counts = pd.crosstab(labels, predicted)
wrong = pd.DataFrame({"label": labels, "predicted": predicted})[predicted != labels]
pair = ["sit_down", "stand_up"]
inside = wrong["label"].isin(pair) & wrong["predicted"].isin(pair)
vl.report("share of mistakes between sit_down and stand_up", inside.mean(), at_least=0.93)
of_pair = (predicted == labels)[np.isin(labels, pair)].mean()
vl.report("right inside the pair, where a coin gives 0.50", of_pair, at_most=0.70)
plots.confusion(counts, title="HOG, mean and deviation: counts")

# %% [markdown]
# All mistakes are of one kind. Look through them, the most confident first: the bars are the probabilities, the frames
# are the film. Could *you* tell, if the frames were shuffled?

# %% tags=["nbval-ignore-output"]
shown = table.assign(predicted=predicted).join(probabilities.add_prefix("probability_"))
widgets.PredictionExplorer(shown)

# %% [markdown]
# A possible reason: mean and deviation over time do not depend on the order of the frames. This is easy to test. Play one
# film backwards and describe it again.

# %%
path = table["path"][labels == "sit_down"].iloc[0]
film, _ = vl.open_media(path).sample(8, size=(64, 64))
for name in ("HOG, mean and deviation", "HOG, in order", "MotionHistogram"):
    forwards, backwards = features[name].transform([film, film[::-1]])
    same = np.allclose(forwards, backwards, atol=1e-5)
    print(f"{name}: played backwards, {'the same' if same else 'different'} numbers")

# %% [markdown]
# Standing up is sitting down backwards, so this feature can hardly distinguish them. No classifier and no $C$ can repair
# that; a feature that keeps the order can. This is why it helps to look at mistakes: they show whether to change the
# classifier, the data or the feature.
#
# ## Can we trust the probabilities?
#
# Some of the mistakes above were made "at 100 %". Probabilities are *calibrated* if, of all films predicted at about
# 80 %, about 80 % are right. We sort the films by confidence into four groups of 24 and compare.

# %%
models = {"C = 1": logistic(), "C = 0.001": logistic(0.001), "LinearSVM": LinearSVM()}
axes_names = {"xlabel": "mean confidence of 24 films", "ylabel": "share of them that are right"}
figure, axis = plots.axes("right predictions over confidence", height=4, **axes_names)
axis.plot([0.3, 1], [0.3, 1], ":", color="#666666", label="calibrated")
confidence, hit_by = {}, {}
for (name, model), look, color in zip(models.items(), "osD", plots.PALETTE):
    chances = held_out(model, shape, method="predict_proba")
    sure, hit = chances.max(axis=1), np.unique(labels)[chances.argmax(axis=1)] == labels
    means = [(sure[g].mean(), hit[g].mean()) for g in np.array_split(np.argsort(sure), 4)]
    axis.plot(*np.transpose(means), look + "-", color=color, label=name)
    confidence[name], hit_by[name] = sure.mean(), hit.mean()
figure

# %%
vl.report("C = 1: mean confidence", confidence["C = 1"], at_least=0.87)
vl.report("C = 0.001: mean confidence", confidence["C = 0.001"], at_most=0.70)
vl.report("LinearSVM: mean confidence", confidence["LinearSVM"], at_least=0.72, at_most=0.84)
vl.report("share that is right, the lowest of the three", min(hit_by.values()), at_least=0.76)
logistic_differ = abs(hit_by["C = 1"] - hit_by["C = 0.001"])
vl.report("share that is right, C = 1 and C = 0.001 differ by", logistic_differ, at_most=0.03)

# %% [markdown]
# Below the dotted line a model is *overconfident*, above it too modest. The two logistic regressions get (nearly)
# equally many films right, so accuracy does not show this. `LinearSVM` hides a part of its training rows, in turn, and
# looks for the one number, a *temperature* $T$, by which all sums have to be divided so that $e^{s_k/T} / \sum_j
# e^{s_j/T}$ fits the hidden rows best. Dividing all sums by the same number never changes which one is largest.
#
# ## Precision and recall, on real photographs
#
# Accuracy has another blind spot: rare classes. These are 110 real pictures of 25 × 25 pixels (from *Labeled Faces in the
# Wild*): ten faces, and a hundred pieces of background. Find the faces!

# %%
pictures = np.load(assets.fetch("faces"))[np.r_[0:10, 100:200]]
is_face = np.arange(110) < 10
kind = np.where(is_face, "face", "other")
plots.gallery({f"{kind[k]} {k}": pictures[k] for k in range(2, 18)}, columns=8)

# %%
from sklearn.model_selection import StratifiedKFold

five_parts = StratifiedKFold(5, shuffle=True, random_state=0)
pixels = pictures.reshape(110, -1)
sums = cross_val_predict(logistic(), pixels, is_face, cv=five_parts, method="decision_function")
found = sums > 0
vl.report("accuracy", np.mean(found == is_face), at_least=0.91)
vl.report("accuracy of always saying \"no face\"", np.mean(~is_face), at_most=0.91)

# %% [markdown]
# 0.95 sounds excellent, and is hardly more than saying "no" to everything. Count instead. *Precision*: what share of the
# pictures that were called faces are faces? *Recall*: what share of the faces were found? *F1* is their harmonic mean, so
# it is small if either is.

# %%
from sklearn.metrics import precision_recall_fscore_support

hits, called, faces = (found & is_face).sum(), found.sum(), is_face.sum()
precision, recall = hits / called, hits / faces
by_hand = precision, recall, 2 * precision * recall / (precision + recall)
assert np.allclose(by_hand, precision_recall_fscore_support(is_face, found, average="binary")[:3])
print(f"{called} called a face, {hits} of them rightly; {faces} faces")
vl.report("precision", precision, at_least=0.60)
vl.report("recall", recall, at_most=0.70)
vl.report("F1", by_hand[2], at_most=0.75)

# %% [markdown]
# A board shows two numbers of this kind. **Balanced accuracy** is the mean recall of all classes: here of "face" and
# "other". **Macro-F1** is the mean F1 of all classes. Both treat a rare class like a frequent one.
#
# Where the sum is larger than 0 we said "face". With another *threshold* we can find more faces and pay with false
# alarms:

# %%
from sklearn.metrics import precision_recall_curve

precisions, recalls, thresholds = precision_recall_curve(is_face, sums)
figure, axis = plots.axes("precision over recall of the face detector", width=6, height=3.4)
axis.step(recalls, precisions, color=plots.PALETTE[0], where="post", label="all thresholds")
axis.plot(recall, precision, "o", ms=10, color=plots.PALETTE[1], label="sum > 0")
axis.axhline(faces / 110, color="#666666", linestyle=":", label="calling everything a face")
axis.set(xlabel="recall (share of the faces found)", ylabel="precision", ylim=(0, 1.05))
figure

# %% [markdown]
# Which threshold is right depends on what a missed face and a false alarm cost: a camera that focuses on faces and a
# door that opens for them need different ones.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("05.folds")` gives a nudge, and a second one if you ask again;
# `vl.solution("05.folds")` shows one way. The stars say how hard an exercise is.

# %% [markdown]
# **1. The baseline to beat.** ★ Write `majority_accuracy(train_labels, test_labels)`: the accuracy on the test rows of
# always predicting the majority class of the training rows. Both are lists of strings.

# %%
def majority_accuracy(train_labels, test_labels):
    ...


vl.check("05.majority_accuracy", majority_accuracy)

# %% [markdown]
# **2. Leave one group out.** ★★ `groups` is an array that names the group of each row. Return a list of pairs (train,
# test) of row numbers: each group is tested once, and is in the training rows of all other folds.

# %%
def folds(groups):
    ...


vl.check("05.folds", folds)

# %% [markdown]
# **3. Scale without leakage.** ★★ `train` and `test` are float (n, d) and (m, d). Return both, standardised: each column
# minus a mean, divided by a standard deviation. The mean and deviation of which rows?

# %%
def standardize(train, test):
    ...


vl.check("05.standardize", standardize)

# %% [markdown]
# **4. The worst confusion.** ★★★ In `confusion`, rows are true classes and columns predicted ones. Return (true,
# predicted) of the worst confusion: the largest *share* of a true class that is taken for one other class.

# %%
def most_confused(confusion):
    ...


vl.check("05.most_confused", most_confused)

# %% [markdown]
# **5. Precision at a wanted recall.** ★★★ `scores` is a float array, larger where a picture looks more like a face;
# `truth` is a boolean array. Lower the threshold until at least the share `recall` of the true ones is found. What is the
# precision there?

# %%
def precision_at_recall(scores, truth, recall):
    ...


vl.check("05.precision_at_recall", precision_at_recall)

# %% [markdown]
# **Open question.** Tune the RBF SVM on `rows["MotionEnergy"]` instead of on two numbers: which $\gamma$ are sensible in
# 512 dimensions, how large is the gap between the best point of the curve and the nested score, and why?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). With labels
# you get a score, by group where there is a column `group`. A file that cannot be read is left out and named.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
has_video = vl.open_media(mine["path"].iloc[0]).has_video
of_pictures = [vl.features.HOG(pooling="mean+std"), vl.features.MotionHistogram()]
my_features = of_pictures if has_video else [vl.features.MFCC()]
labelled = "label" in mine and mine["label"].nunique() > 1
my_board = vl.compare(mine, methods=my_features, progress=False) if labelled else None
my_board if labelled else "Without labels there is no score; notebook 06 needs none."

# %% [markdown]
# The mistakes of its best row. Are they mistakes of the classifier, of the feature or of the labels?

# %% tags=["nbval-ignore-output"]
widgets.PredictionExplorer(my_board) if labelled else "No labels, no mistakes."

# %% [markdown]
# ## What you learnt
#
# * The simplest classifier remembers (kNN), a linear one weighs (SVM, logistic regression), a kernel bends the border.
#   Standardise, and do it in the pipeline, on training rows.
# * Good on training films and bad on unseen people is overfitting; bad on both is underfitting. Hyperparameters are chosen
#   inside the training rows.
# * A score needs a baseline and an interval, over people and not only over films. Confidence needs calibration, and rare
#   classes need precision and recall.
# * Mistakes show whether to change the classifier, the data or the feature.
#
# **Next:** most videos have no labels. What can a machine find without any? 06 searches, maps and groups.
#
# ## Further reading
#
# * T. Hastie, R. Tibshirani, J. Friedman: *The Elements of Statistical Learning*, 2nd edition, Springer, 2009. Chapters 7
#   (model selection), 12 (support vector machines) and 13 (nearest neighbours).
# * C. Cortes, V. Vapnik: "Support-vector networks". *Machine Learning* 20, 1995.
# * C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger: "On calibration of modern neural networks". *ICML*, 2017.
