# %% [markdown]
# # 07 · A first CNN
#
# **A network is shown pictures and the right answers, and nothing else. What does it learn from them, and is that
# what we meant?**
#
# In notebook 06 a neuron found its weights by gradient descent. Here 3,937,409 weights do the same, in the simplest
# convolutional network (*CNN*) there is, and must tell from a single picture whether somebody bows or claps.
#
# In this notebook you will
#
# * count the network's parameters layer by layer, and watch it learn, with a Stop button that works,
# * see it lose against HOG, and help it twice: with a better zero, and with pictures that show only what matters,
# * make it memorise its training examples on purpose, and measure what cures that.
#
# About 30 minutes to read, a minute to run.

# %%
from itertools import product

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import vmm_lab as vl
from vmm_lab import networks, plots
from vmm_lab.networks import keras

# %% [markdown]
# ## Bow or clap?
#
# All twenty actors of the theatre, three takes of each action. The network learns from some actors (*training*), others
# decide when to stop (*validation*), and it meets the rest only at the end (*test*).

# %% tags=["nbval-ignore-output"]
theatre = vl.load_table("theatre", size="full")
table = theatre[theatre["label"].isin(["bow", "clap"])]
rest, test = vl.split_by_group(table, test=0.3)
train, validation = vl.split_by_group(rest, test=0.3)
parts = {"training": train, "validation": validation, "test": test}
films = networks.load_examples(table, progress=False)  # 16 frames of 64×64 of each film
actors = {name: sorted(part["group"].unique()) for name, part in parts.items()}
for name, group in actors.items():
    print(f"{name + ':':12}{', '.join(group)}")

# %%
vl.report("films", len(films), at_least=120)
vl.report("test actors", len(actors["test"]), at_least=6)

# %% [markdown]
# The order of the frames plays no part today: we take three from the middle of each film and treat each as a separate
# picture.

# %%
def pictures(clips, frames=(4, 7, 10)):
    """Return three frames of each clip: (n, 16, 64, 64, 3) → (3 n, 64, 64, 3)."""
    return clips[:, frames].reshape(-1, *clips.shape[2:])


def examples_of(X):
    """Return the pictures with their labels and actors, by part."""
    y, groups = films.y.repeat(3), films.groups.repeat(3)
    examples = networks.Examples(X, y, films.classes, groups)
    return {part: examples[np.isin(groups, names)] for part, names in actors.items()}


raw = examples_of(pictures(films.X / np.float32(255)))  # from 0, black, to 1, white
raw

# %%
train = raw["training"]
shown = {f"{train.groups[k]}: {train.labels[k]}": train.X[k] for k in range(1, 180, 18)}
plots.gallery(shown, columns=5, width=7)

# %% [markdown]
# ## The bar to clear
#
# There are as many bows as claps, so predicting the same class every time is right half of the time. HOG with a linear
# SVM (notebooks 03 and 05) gets the same pictures, as bytes.

# %%
hog = vl.features.HOG()


def hog_rows(X):
    return hog.transform([np.uint8(255 * picture)[None] for picture in X])


def svm_accuracy(parts):
    svm = make_pipeline(StandardScaler(), LinearSVC(C=0.01))
    svm.fit(hog_rows(parts["training"].X), parts["training"].y)
    return svm.score(hog_rows(parts["test"].X), parts["test"].y)


majority = np.bincount(raw["training"].y).argmax()
test_accuracy = {"majority class": np.mean(raw["test"].y == majority)}
test_accuracy["HOG + SVM"] = svm_accuracy(raw)
vl.report("majority class", test_accuracy["majority class"], at_most=0.5)
vl.report("HOG + SVM, new actors", test_accuracy["HOG + SVM"], at_least=0.90)

# %% [markdown]
# ## The network
#
# You know everything in it from 06, except **Flatten**, which puts all numbers into one row, and the end: one neuron
# whose sum $s$ the *sigmoid* turns into a probability, $p = 1 / (1 + e^{-s})$, the probability of a clap.

# %%
model = networks.first_cnn()
by_hand = [(3 * 3 * 3 + 1) * 32, 0, 0, (31 * 31 * 32 + 1) * 128, 128 + 1]
pd.DataFrame({
    "layer": ["32 kernels 3×3, ReLU", "max pooling, 2×2", "flatten", "dense, ReLU", "dense"],
    "output shape": ["×".join(map(str, layer.output.shape[1:])) for layer in model.layers],
    "why": ["64 − 3 + 1 = 62", "62 / 2 = 31", "31 · 31 · 32", "", "a probability"],
    "parameters by hand": by_hand,
    "Keras counts": [layer.count_params() for layer in model.layers],
})

# %%
print(f"{sum(by_hand):,} by hand, {model.count_params():,} by Keras")

# %% [markdown]
# 896 parameters look at the picture; nearly four million come after Flatten, one for each of 30,752 numbers and 128
# neurons. And there are 180 pictures to learn from. Keep that in mind.
#
# ## The loss
#
# The loss is **binary cross-entropy**. With the right answer $y_n$, 1 for a clap and 0 for a bow, and the network's
# probability $p_n$:
#
# $$L = -\frac{1}{N} \sum_n \bigl( y_n \log p_n + (1 - y_n) \log (1 - p_n) \bigr)$$
#
# Sure and right costs nothing, sure and wrong costs a lot, and always answering one half costs $\log 2 = 0.693$.
# Gradient descent goes on as in 06, in small *batches* of 32 pictures; **Adam** gives each weight a step of its own
# size. One *epoch* is one pass over all pictures.
#
# `vl.fit` trains and shows the progress. `await` leaves the kernel free to react: press **Stop** if you have seen enough.
# Training ends after the batch, and the network keeps the weights of its best epoch, the one with the lowest validation
# loss.

# %% tags=["nbval-ignore-output"]
def fresh(build=networks.first_cnn, seed=0):
    """Build a new network; the same seed gives the same initial weights."""
    keras.utils.set_random_seed(seed)
    return build()


plan = {"batch_size": 32, "learning_rate": 5e-4}


async def learn(parts, epochs):
    """Train a new network on the training actors; return it and its history."""
    model, training, validation = fresh(), parts["training"], parts["validation"]
    return model, await vl.fit(model, training, validation=validation, epochs=epochs, **plan)


model, slow = await learn(raw, epochs=12)

# %%
def accuracy(model, examples):
    """Compute the share of pictures that a network classifies correctly."""
    return np.mean((networks.predict(model, examples.X)[:, 0] > 0.5) == examples.y)


def early_loss(history):
    """Compute the mean loss of the first four epochs."""
    return history.frame["loss"].head(4).mean()


test_accuracy["CNN, from 0 to 1"] = accuracy(model, raw["test"])
vl.report("loss, mean of the first four epochs", early_loss(slow), at_least=0.75)

# %% [markdown]
# In the first epochs it learns nothing at all: the loss stays above 0.693, the cost of one half for every picture. How
# well it classifies new actors then depends on luck; it stays behind HOG, which is twenty years old.
#
# ## Look at the mistakes

# %%
test = raw["test"]
p = networks.predict(model, test.X)[:, 0]
predicted = np.where(p > 0.5, "clap", "bow")
answers = pd.DataFrame({"actor": test.groups, "true": test.labels, "predicted": predicted, "p": p})
counts = pd.crosstab(answers["true"], answers["predicted"])
plots.confusion(counts, title="The CNN, from 0 to 1", width=3)

# %% tags=["nbval-ignore-output"]
wrong = answers[answers["true"] != answers["predicted"]]
surest = wrong.loc[(wrong["p"] - 0.5).abs().sort_values(ascending=False).index]
name = "{0.Index} {0.actor}: {0.true}, p = {0.p:.2f}"  # p for a clap; numbered, as p may repeat
shown = {name.format(row): test.X[row.Index] for row in surest.head(10).itertuples()}
plots.gallery(shown, columns=5, width=8.6)

# %% [markdown]
# To us these are obvious. There are two suspicions.
#
# ## The first suspicion: the zero
#
# In 06 we subtracted the mean grey from the pixels before gradient descent; otherwise all nine weights push in the same
# direction for a long time. From 0 to 1, every pixel is positive, and here four million weights push in the same
# direction. So let the same pictures go from −1 to 1, with grey at 0. Nothing else changes.

# %% tags=["nbval-ignore-output"]
centred = examples_of(pictures(films.X / np.float32(127.5) - 1))
model, fast = await learn(centred, epochs=12)

# %%
test_accuracy["CNN, from −1 to 1"] = accuracy(model, centred["test"])
vl.report("CNN, from −1 to 1", test_accuracy["CNN, from −1 to 1"], at_least=0.85)
vl.report("loss, mean of the first four epochs", early_loss(fast), at_most=0.57)

# %% [markdown]
# It learns from the first epochs on, and comes close to HOG. The position of zero was not a detail. (Notebook 05 called
# this *standardise*.)
#
# ## The second suspicion: the room
#
# Most of a picture is room, and a dress or a cupboard is larger than an arm. A network does not know that we mean the
# arm. It uses anything that goes with the answers, and in 180 pictures many things do, by chance.
#
# A still camera offers a way out: the mean of all 16 frames of a film is the room (and a faint trace of the actor). A
# frame *minus* this mean is what moved, lighter or darker than usual. Grey is 0 again.

# %%
film = films.X / np.float32(255)
moving = examples_of(pictures(film - film.mean(axis=1, keepdims=True)))
train = moving["training"]
shown = {f"{train.groups[k]}: {train.labels[k]}": 0.5 + train.X[k] for k in range(1, 180, 18)}
plots.gallery({name: picture.clip(0, 1) for name, picture in shown.items()}, columns=5, width=7)

# %% tags=["nbval-ignore-output"]
model, fastest = await learn(moving, epochs=8)

# %%
as_bytes = {part: networks.Examples((0.5 + data.X).clip(0, 1), data.y, data.classes)
            for part, data in moving.items()}
test_accuracy["HOG + SVM, minus the mean"] = svm_accuracy(as_bytes)
test_accuracy["CNN, minus the mean"] = accuracy(model, moving["test"])
vl.report("CNN, minus the mean", test_accuracy["CNN, minus the mean"], at_least=0.93)
vl.report("HOG + SVM, minus the mean", test_accuracy["HOG + SVM, minus the mean"], at_least=0.93)

# %% tags=["nbval-ignore-output"]
pd.Series(test_accuracy).sort_values().to_frame("test accuracy").map("{:.2f}".format)

# %%
lead = test_accuracy["CNN, minus the mean"] - test_accuracy["HOG + SVM, minus the mean"]
vl.report("CNN minus HOG, both without the room", lead, at_most=0.03)

# %% [markdown]
# Nearly everything is right, after fewer epochs than before. But HOG gains from it, too: a fair comparison gives the same
# pictures to both methods, and then there is hardly a difference. The advantage of the CNN is that nobody had to design
# its features. Subtracting the mean has a cost: it needs a still camera, and it cannot be done for a photograph.
#
# ## Memorised
#
# Back to pictures with rooms, from −1 to 1, and now we make it worse on purpose: three actors to learn from, and more
# epochs.

# %% tags=["nbval-ignore-output"]
trio = np.isin(centred["training"].groups, actors["training"][:3])
few = {**centred, "training": centred["training"][trio]}
model, memorised = await learn(few, epochs=30)
test_of_three = accuracy(model, few["test"])

# %%
curves = memorised.frame
vl.report("training accuracy at the end", curves["accuracy"].iloc[-1], at_least=1.0)
gap = curves["accuracy"].iloc[-1] - curves["val_accuracy"].iloc[-1]
vl.report("training accuracy minus validation accuracy at the end", gap, at_least=0.21)

# %% [markdown]
# Every training picture is right, and many pictures of new actors are wrong: this is **overfitting**. You see it in the
# loss: the solid line goes to 0, while the dashed one stays far above it. The network becomes more certain without
# becoming more accurate.
#
# ## What cures it?
#
# * **Early stopping** keeps the weights of the lowest validation loss. `vl.fit` always does so;
#   `patience=10` would also end the training ten epochs later.
# * **Augmentation** moves and mirrors each picture a little differently in every epoch: the label stays, so the network
#   cannot rely on the position. (A mirrored clap is a clap. A mirrored *b* is a *d*.)
# * **Dropout** sets half of the numbers to 0, different ones in each step, so that the network relies on none of them.
# * **More actors**: ten instead of three, if you have them.

# %%
layers = keras.layers


def with_dropout():
    return keras.Sequential([
        keras.Input((64, 64, 3)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
        layers.Dropout(0.5), layers.Dense(128, activation="relu"),
        layers.Dropout(0.5), layers.Dense(1, activation="sigmoid"),
    ])


print(f"{with_dropout().count_params():,} parameters: dropout has nothing to learn")

# %% [markdown]
# Each remedy with two seeds, which differ in the initial weights and in the order of the pictures. Seeds are luck; a
# remedy must be worth more than luck. Two of the eight trainings were run above; they are not run again.

# %%
cures = {
    "3 actors": (few, networks.first_cnn, None, 30),
    "3 actors, augmentation": (few, networks.first_cnn, networks.Augment(shift=3, flip=True), 30),
    "3 actors, dropout": (few, with_dropout, None, 30),
    "10 actors": (centred, networks.first_cnn, None, 12),
}
tried = pd.DataFrame(index=cures, columns=["seed 0", "seed 1"], dtype=float)
tried["seed 0"] = pd.Series({"3 actors": test_of_three,
                             "10 actors": test_accuracy["CNN, from −1 to 1"]})
print("still to be trained:", int(tried.isna().sum().sum()))

# %% tags=["nbval-ignore-output"]
for (name, (data, build, augment, epochs)), seed in product(cures.items(), range(2)):
    if np.isnan(tried.loc[name, f"seed {seed}"]):
        options = plan | {"epochs": epochs, "augment": augment, "seed": seed, "progress": False}
        model = fresh(build, seed)
        networks.train(model, data["training"], validation=data["validation"], **options)
        tried.loc[name, f"seed {seed}"] = accuracy(model, data["test"])
tried.assign(mean=tried.mean(axis=1)).round(2)

# %%
cured = tried.mean(axis=1)
vl.report("3 actors, with and without tricks", cured.drop("10 actors").mean(), at_most=0.85)
vl.report("10 actors", cured["10 actors"], at_least=0.85)
tricks = cured[["3 actors, augmentation", "3 actors, dropout"]].max()
vl.report("10 actors, minus the better trick", cured["10 actors"] - tricks, at_least=0.03)

# %% [markdown]
# More people cure it, and no trick replaces them. And before you believe a difference of a few points, look at the
# difference between two seeds.
#
# ### A trap: `validation_split`
#
# Keras can set some rows aside by itself: `fit(…, validation_split=0.25)` takes the *last* quarter of the rows.
# Tables are often sorted by class. Then the network is validated on one class alone, with people it knows.

# %%
by_class = np.sort(films.y)
last_quarter = by_class[-len(by_class) // 4 :]
vl.report("share of claps in the last quarter", last_quarter.mean(), at_least=1.0)
vl.report("share of claps in the other rows", by_class[: -len(last_quarter)].mean(), at_most=0.34)

# %% [markdown]
# A published video tutorial made this mistake, and shows a validation accuracy of 0.0 in nine of ten epochs. Split by
# group, before anything else.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("07.map_sizes")` gives a nudge, and a second one if you ask again;
# `vl.solution("07.map_sizes")` shows one way.

# %% [markdown]
# **1. Round by round.** Write `map_sizes(size, rounds)`: pictures of `size`×`size` pass through rounds of a 3×3
# convolution (`"valid"`) and pooling by 2×2. Return the side of the maps after each round, as a list.

# %%
def map_sizes(size, rounds):
    ...


vl.check("07.map_sizes", map_sizes)

# %% [markdown]
# **2. Count them all.** Write `count_parameters(size, kernels, neurons)` for a network like ours: colour pictures,
# 3×3 kernels, pooling by 2×2, Flatten, a dense layer, one neuron at the end.

# %%
def count_parameters(size, kernels, neurons):
    ...


vl.check("07.count_parameters", count_parameters)

# %% [markdown]
# **3. The loss.** Write `cross_entropy(y, p)`: the mean loss of the probabilities `p`, where `y`, 0 or 1, is the right
# answer. Both are arrays.

# %%
def cross_entropy(y, p):
    ...


vl.check("07.cross_entropy", cross_entropy)

# %% [markdown]
# **4. When to stop?** Write `early_stopping(val_loss, patience)`: the losses of the epochs come one by one. Training ends
# as soon as the loss has not become lower for `patience` epochs in a row. Return (epochs run, epoch whose weights are
# kept), both counted from 1.

# %%
def early_stopping(val_loss, patience):
    ...


vl.check("07.early_stopping", early_stopping)

# %% [markdown]
# **5. What moves.** Write `moving_part(clip)` for one clip, uint8 (T, H, W, 3): each frame minus the clip's mean over
# time, with white as 1.

# %%
def moving_part(clip):
    ...


vl.check("07.moving_part", moving_part)

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). You see a
# middle frame of your first films, as it is and minus the mean. With labels, the network learns to distinguish your two
# most frequent classes, and is tested on groups it has never seen (or on every other film, without a column `group`).

# %% tags=["nbval-ignore-output"]
mine = vl.my_table().head(400)
mine["label"] = mine.get("label", pd.Series("film", mine.index)).fillna("film")
frequent = mine["label"].value_counts().index[:2]
mine = mine[mine["label"].isin(frequent)].reset_index(drop=True)
clips = networks.load_examples(mine, progress=False)
film = clips.X / np.float32(255)
movement = film - film.mean(axis=1, keepdims=True)
shown = {f"{k}: {clips.labels[k]}": film[k, 7] for k in range(min(4, len(mine)))}
shown |= {f"{k}: what moves": (0.5 + movement[k, 7]).clip(0, 1) for k in range(len(shown))}
plots.gallery(shown, columns=len(shown) // 2, width=6)

# %% tags=["nbval-ignore-output"]
y = clips.y.repeat(3)
groups = (np.arange(len(clips)) % 2 if clips.groups is None else clips.groups).repeat(3)
every_other = np.isin(groups, np.unique(groups)[::2])
data = networks.Examples(pictures(movement), y, clips.classes, groups)
if len(frequent) == 2:
    model = fresh()
    await vl.fit(model, data[every_other], epochs=15, **plan)
    score, majority = accuracy(model, data[~every_other]), np.bincount(y[~every_other]).max()
    print(f"accuracy: {score:.2f}, majority class: {majority / sum(~every_other):.2f}")
else:
    print("Without two labels there is nothing to learn; the pictures above show what moves.")

# %% [markdown]
# ## What you learned
#
# * A first CNN is a convolution, ReLU, pooling, Flatten and two dense layers; nearly all of its parameters come after
#   Flatten, and cross-entropy measures how wrong it is.
# * The position of zero decides whether it learns at all, and pictures that show only what matters help more than any
#   setting.
# * Overfitting shows as a growing gap between two curves. Early stopping keeps the best epoch; more people cure it. A
#   remedy must make a larger difference than a seed.
#
# **Next:** we only guessed that the network looks at the room. 08 asks it: which pixels led to its answer, and what do
# its kernels look for?
