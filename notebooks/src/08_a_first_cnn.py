# %% [markdown]
# # 08 · A first CNN
#
# **A network is shown pictures and the right answers, and nothing else. What does it learn from them, and is that
# what we meant?**
#
# In notebook 07 a neuron found its weights by gradient descent. Here 3,937,409 parameters are found in the same way, in
# the simplest convolutional network (*CNN*) there is, which must tell from a single picture whether somebody bows or
# claps.
#
# In this notebook you will
#
# * count the network's parameters layer by layer, and watch it learn, with a Stop button that works,
# * help it twice, with a better zero and with pictures that show only what matters, and compare it with HOG fairly: the
#   test actors are asked once, at the end,
# * make it memorise its training examples on purpose (*overfitting*), and measure what cures that.
#
# About 40 minutes to read, a minute and a half to run.

# %%
from itertools import product

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import vmm_lab as vl
from vmm_lab import assets, networks, plots, tasks
from vmm_lab.networks import keras

# %% [markdown]
# ## Bow or clap?
#
# All twenty actors of the theatre, three takes of each action. The network learns from ten actors (*training*). Four
# others decide everything that has to be chosen on the way: when to stop, which learning rate, which remedy
# (*validation*). The last six are met **once**, at the end (*test*): a test set that has helped to choose is a second
# validation set, and its score is too good.

# %% tags=["nbval-ignore-output"]
theatre = vl.load_table("theatre", size="full")
table = theatre[theatre["label"].isin(["bow", "clap"])]
rest, test = vl.split_by_group(table, test=0.3)
train, validation = vl.split_by_group(rest, test=0.3)
films = networks.load_examples(table, progress=False)  # 16 frames of 64×64 of each film
parts = {"training": train, "validation": validation, "test": test}
actors = {name: sorted(part["group"].unique()) for name, part in parts.items()}
for name, group in actors.items():
    print(f"{name + ':':12}{', '.join(group)}")

# %% [markdown]
# For now we ignore the order of the frames: we take three from the middle of each film and treat each as a separate
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
print({part: len(examples) for part, examples in raw.items()}, "pictures")

# %%
train = raw["training"]
shown = {f"{train.groups[k]}: {train.labels[k]}": train.X[k] for k in range(1, 180, 18)}
plots.gallery(shown, columns=5)

# %% [markdown]
# ## The baseline
#
# There are as many bows as claps, so predicting the same class every time is right half of the time. HOG with a linear
# SVM (notebooks 03 and 05) gets the same pictures, as bytes. All scores until the end are those of the *validation*
# actors.

# %%
hog = vl.features.HOG()


def hog_rows(X):
    return hog.transform([np.uint8(255 * picture)[None] for picture in X])


def svm_of(parts):
    svm = make_pipeline(StandardScaler(), LinearSVC(C=0.01))
    return svm.fit(hog_rows(parts["training"].X), parts["training"].y)


held_out = raw["validation"]
on_raw = svm_of(raw).score(hog_rows(held_out.X), held_out.y)
score = {"majority class": np.bincount(held_out.y).max() / len(held_out), "HOG + SVM": on_raw}
vl.report("HOG + SVM, validation actors", score["HOG + SVM"], at_least=0.88)
texts = [f"{share:.2f}" for share in score.values()]
plots.bars(score, alt="the baselines", xlabel="accuracy, validation actors", texts=texts)

# %% [markdown]
# ## The network
#
# You know every layer from 07 except two: **Flatten**, which turns the maps into one long vector, and the output, one
# neuron whose sum the *sigmoid* turns into the probability of a clap.

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

# %% [markdown]
# 896 parameters look at the picture; nearly four million come after Flatten, one for each of 30,752 numbers and 128
# neurons. And there are 180 pictures to learn from. Keep that in mind.
#
# ## From a sum to a probability
#
# The sum of an output neuron can be any number; it is called a **logit**. With one neuron for each of $n$ classes, the
# **softmax** makes probabilities of the logits $s_1, …, s_n$: it makes them positive and divides by their sum.
#
# $$p_k = \frac{e^{s_k}}{\sum_j e^{s_j}}$$
#
# A class whose logit is larger by 1 than another's is $e = 2.7$ times as probable. Our network has one neuron and two
# classes: the other logit is fixed at 0, and the softmax of $(0, s)$ is the **sigmoid**, $p = 1 / (1 + e^{-s})$.

# %%
def softmax(logits):
    powers = np.exp(logits - np.max(logits))  # the largest becomes 1: no overflow
    return powers / powers.sum()


logits = np.float32([2, 1, -1, 0])
difference = np.abs(softmax(logits) - keras.ops.softmax(logits).numpy()).max()
vl.report("difference from Keras' softmax", difference, at_most=1e-6)
by_softmax = np.array([softmax([0, s])[1] for s in logits])
difference = np.abs(by_softmax - keras.ops.sigmoid(logits).numpy()).max()
vl.report("softmax of (0, s), minus the sigmoid", difference, at_most=1e-6)

# %%
figure, (left, middle, right) = plots.axes("logits, softmax and sigmoid", columns=3, height=2.4)
names = ["bow", "clap", "jump", "wave"]
plots.bars(dict(zip(names, logits)), axis=left, xlabel="logit")
plots.bars(dict(zip(names, softmax(logits))), axis=middle, xlabel="softmax: probability")
line = np.linspace(-6, 6)
right.plot(line, 1 / (1 + np.exp(-line)), color=plots.PALETTE[0])
right.set(xlabel="logit s of one neuron", ylabel="sigmoid")
figure

# %% [markdown]
# ## The loss: how mistakes are scored
#
# The loss is **cross-entropy**: minus the logarithm of the probability that the right class got. With the right answer
# $y_n$, 1 for a clap and 0 for a bow, and the network's probability $p_n$ of a clap:
#
# $$L = -\frac{1}{N} \sum_n \bigl( y_n \log p_n + (1 - y_n) \log (1 - p_n) \bigr)$$
#
# Sure and right costs nothing, sure and wrong costs a lot, and always answering one half costs $\log 2 = 0.693$.
# Gradient descent goes on as in 07, in small *batches* of 32 pictures (*stochastic* gradient descent); **Adam** gives
# each weight a step of its own size. One *epoch* is one pass over all pictures. The **learning rate** falls to 0 during
# the training, along half a cosine: large steps first, small ones at the end (a *schedule*).
#
# `vl.fit` trains and shows the progress. `await` leaves the kernel free to react: press **Stop** if you have seen
# enough. Training ends after the batch, and the network keeps the weights of its best epoch, the one with the lowest
# validation loss.

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


score["CNN, from 0 to 1"] = accuracy(model, raw["validation"])
vl.report("CNN, from 0 to 1", score["CNN, from 0 to 1"], at_most=0.57)
vl.report("loss, mean of the first four epochs", early_loss(slow), at_least=0.75)

# %% [markdown]
# In the first epochs it learns nothing at all: the loss stays above 0.693, the cost of one half for every picture. It
# learns late and badly, and stays far behind HOG, which is twenty years old. Here are the mistakes that it is surest
# of, among the *validation* actors. (Looking at the mistakes of the test actors, and then changing something, would use
# up the test set.)

# %% tags=["nbval-ignore-output"]
p = networks.predict(model, held_out.X)[:, 0]
answers = pd.DataFrame({"actor": held_out.groups, "true": held_out.labels, "p": p})
wrong = answers[(p > 0.5) != held_out.y]
surest = wrong.loc[(wrong["p"] - 0.5).abs().sort_values(ascending=False).index]
name = "{0.Index} {0.actor}: {0.true}, p = {0.p:.2f}"  # p for a clap; numbered, as p may repeat
shown = {name.format(row): held_out.X[row.Index] for row in surest.head(10).itertuples()}
plots.gallery(shown, columns=5)

# %% [markdown]
# To us these are obvious, and the network is not sure of a single one: $p$ is near one half everywhere. There are two
# suspicions.
#
# ## The first suspicion: the zero
#
# From 0 to 1, every pixel is positive. So at each place the 27 weights of a kernel get gradients of the *same sign*.
# In their sum over all places the shared part, the brightness, dominates: the weights move mostly together, and a
# kernel such as "right minus left" needs them to part. In 07 we subtracted the mean grey for this reason. So let the
# same pictures go from −0.5 to 0.5, with grey at 0 (**centring**): same contrast, same network, same plan. Nothing
# else changes.

# %% tags=["nbval-ignore-output"]
centred = examples_of(pictures(films.X / np.float32(255) - np.float32(0.5)))
model, fast = await learn(centred, epochs=12)

# %%
score["CNN, centred"] = accuracy(model, centred["validation"])
vl.report("CNN, centred", score["CNN, centred"], at_least=0.6)
vl.report("loss, mean of the first four epochs", early_loss(fast), at_most=0.55)
losses = pd.DataFrame({"from 0 to 1": slow.frame["loss"], "centred": fast.frame["loss"]})
figure, axis = plots.axes("the loss with and without centring", height=2.5, xlabel="epoch",
                          ylabel="training loss")
for name, color in zip(losses, plots.PALETTE):
    axis.plot(range(1, len(losses) + 1), losses[name], color=color, label=name)
axis.axhline(np.log(2), color="grey", linestyle=":", label="log 2: always one half")
figure

# %% [markdown]
# It learns from the first epochs on. Centring the input was not a detail. (Standardising, in notebook 05, centres too.)
# But look at both numbers: the training loss falls below 0.1, and a third of the pictures of new actors are still
# wrong. Something else must be the matter.
#
# ## How large a step?
#
# We never said where the learning rate 0.0005 comes from. It is not learnt but chosen, a **hyperparameter**, and
# it was tried out. Three rates, three short trainings:

# %% tags=["nbval-ignore-output"]
rates, tries = (5e-6, 5e-4, 5e-1), {}
for rate in rates:
    options = plan | {"learning_rate": rate, "epochs": 5, "progress": False}
    tries[rate] = networks.train(fresh(), centred["training"], **options)
figure, axis = plots.axes("three rates", height=2.5, xlabel="epoch", ylabel="training loss")
for (rate, history), color in zip(tries.items(), plots.PALETTE):
    axis.plot(range(1, 6), history.frame["loss"], color=color, label=f"learning rate {rate:g}")
axis.set(yscale="log", ylim=(0.15, 100))  # the largest begins far above
figure

# %%
end = {rate: history.frame["loss"].iloc[-1] for rate, history in tries.items()}
vl.report("loss at the end, rate 0.000005", end[5e-6], at_least=0.5)
vl.report("loss at the end, rate 0.0005", end[5e-4], at_most=0.4)
vl.report("loss at the end, rate 0.5", end[5e-1], at_least=0.65)

# %% [markdown]
# Too small, and it hardly moves (*underfitting*: not even the training pictures are learnt). Too large, and the first
# steps throw it so far away that it does not come back. In between it works.
#
# ## The second suspicion: the room
#
# Most of a picture is room, and a dress or a cupboard is larger than an arm. A network does not know that we mean the
# arm. It uses anything that goes with the answers, and in 180 pictures many things do, by chance.
#
# A still camera offers a way out: the mean of all 16 frames of a film is the room (and a faint trace of the actor), as
# in the *background subtraction* of 04. A frame *minus* this mean is what moved, lighter or darker than usual. Grey is
# 0 again.

# %%
film = films.X / np.float32(255)
moving = examples_of(pictures(film - film.mean(axis=1, keepdims=True)))
train = moving["training"]
shown = {f"{train.groups[k]}: {train.labels[k]}": 0.5 + train.X[k] for k in range(1, 180, 18)}
plots.gallery({name: picture.clip(0, 1) for name, picture in shown.items()}, columns=5)

# %% tags=["nbval-ignore-output"]
model, fastest = await learn(moving, epochs=8)

# %% tags=["nbval-ignore-output"]
as_bytes = {part: networks.Examples((0.5 + data.X).clip(0, 1), data.y, data.classes)
            for part, data in moving.items()}
svm = svm_of(as_bytes)
score["HOG + SVM, minus the mean"] = svm.score(hog_rows(as_bytes["validation"].X), held_out.y)
score["CNN, minus the mean"] = accuracy(model, moving["validation"])
vl.report("CNN, minus the mean", score["CNN, minus the mean"], at_least=0.93)
vl.report("HOG + SVM, minus the mean", score["HOG + SVM, minus the mean"], at_least=0.93)
ordered = pd.Series(score).sort_values()
plots.bars(ordered, alt="accuracies of the validation actors",
           texts=[f"{share:.2f}" for share in ordered], xlabel="accuracy, validation actors")

# %% [markdown]
# Nearly everything is right, after fewer epochs than before. But HOG gains from it, too: a fair comparison gives the
# same pictures to both methods. The advantage of the CNN is that nobody had to design its features. Subtracting the
# mean has a cost: it needs a still camera, and it cannot be done for a photograph.
#
# ## Memorised
#
# Back to pictures with rooms, centred, and now we make it worse on purpose: three actors to learn from, and more
# epochs.

# %% tags=["nbval-ignore-output"]
trio = np.isin(centred["training"].groups, actors["training"][:3])
few = {**centred, "training": centred["training"][trio]}
of_three, memorised = await learn(few, epochs=20)

# %%
curves = memorised.frame
vl.report("training accuracy at the end", curves["accuracy"].iloc[-1], at_least=0.97)
gap = curves["accuracy"].iloc[-1] - curves["val_accuracy"].iloc[-1]
vl.report("training accuracy minus validation accuracy at the end", gap, at_least=0.39)
figure, axes = plots.axes("two curves that part", columns=2, height=2.6, xlabel="epoch")
for axis, name in zip(axes, ("loss", "accuracy")):
    for part, line in (("", "-"), ("val_", "--")):
        axis.plot(range(1, 21), curves[part + name], line, color=plots.PALETTE[0])
    axis.set(ylabel=name, ylim=0)
figure.legend(axes[0].lines, ["training actors", "validation actors"], loc="outside right upper")
figure

# %% [markdown]
# Every training picture is right, and many pictures of new actors are wrong: this is **overfitting**. You see it in the
# loss: the solid line goes to 0, while the dashed one rises. The network becomes more certain without
# becoming more accurate.
#
# ## What cures it?
#
# What helps a network to **generalise**, that is, to be right about what it has not seen, is called *regularisation*:
#
# * **Early stopping** keeps the weights of the lowest validation loss. `vl.fit` always does so;
#   `patience=10` would also end the training ten epochs later.
# * **Augmentation** moves and mirrors each picture a little differently in every epoch: the label stays, so the network
#   cannot rely on the position. (A mirrored clap is a clap. A mirrored *b* is a *d*.)
# * **Dropout** sets half of the numbers to 0 in training, different ones in each step, so that the network relies on
#   none of them.
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
# Each remedy is tried on the pictures minus the mean, from which the network can learn most, with two seeds, which
# differ in the initial weights and in the order of the pictures. A remedy must gain more than two seeds differ. One of
# the eight trainings was run above; it is not run again.

# %%
three = {**moving, "training": moving["training"][trio]}
cures = {
    "3 actors": (three, networks.first_cnn, None, 20),
    "3 actors, augmentation": (three, networks.first_cnn, networks.Augment(shift=3, flip=True), 20),
    "3 actors, dropout": (three, with_dropout, None, 20),
    "10 actors": (moving, networks.first_cnn, None, 8),
}
tried = pd.DataFrame(index=cures, columns=["seed 0", "seed 1"], dtype=float)
tried.loc["10 actors", "seed 0"] = score["CNN, minus the mean"]
print("still to be trained:", int(tried.isna().sum().sum()))

# %% tags=["nbval-ignore-output"]
for (name, (data, build, augment, epochs)), seed in product(cures.items(), range(2)):
    if np.isnan(tried.loc[name, f"seed {seed}"]):
        options = plan | {"epochs": epochs, "augment": augment, "seed": seed, "progress": False}
        other = fresh(build, seed)
        networks.train(other, data["training"], validation=data["validation"], **options)
        tried.loc[name, f"seed {seed}"] = accuracy(other, data["validation"])
tried.assign(mean=tried.mean(axis=1)).round(2)

# %%
cured = tried.mean(axis=1)
vl.report("3 actors, with and without tricks", cured.drop("10 actors").mean(), at_most=0.7)
vl.report("10 actors", cured["10 actors"], at_least=0.93)
tricks = cured[["3 actors, augmentation", "3 actors, dropout"]].max()
vl.report("the better trick, minus no trick", tricks - cured["3 actors"], at_most=0.07)
vl.report("10 actors, minus the better trick", cured["10 actors"] - tricks, at_least=0.28)
figure, axis = plots.axes("remedies and seeds", height=2.2)
plots.bars(cured, axis=axis, xlabel="accuracy, validation actors")
for place, (_, seeds) in enumerate(tried[::-1].iterrows()):
    axis.plot(seeds, [place, place], "o", color=plots.PALETTE[1])
figure

# %% [markdown]
# The bars are means, the dots the two seeds. More people help most by far. The two tricks hardly change anything here:
# neither a shifted picture nor a missing neuron shows the network how another person bows. That is no law. On other
# films and with another network, augmentation helps most in notebook 23: try it, and measure. And before you believe a
# difference of a few points, look at the difference between two seeds.
#
# ### A trap: `validation_split`
#
# Keras can set some rows aside by itself: `fit(…, validation_split=0.25)` takes the *last* quarter of the rows. Tables
# are often sorted by class. Then the network is validated on a class that it hardly saw in training.

# %%
by_class = np.sort(films.y)
last_quarter = by_class[-len(by_class) // 4 :]
vl.report("share of claps in the last quarter", last_quarter.mean(), at_least=1.0)
vl.report("share of claps in the other rows", by_class[: -len(last_quarter)].mean(), at_most=0.34)
figure, axis = plots.axes("a sorted table, cut", height=1.3, xlabel="row of the table")
axis.imshow(by_class[None], cmap="coolwarm", aspect="auto")
axis.axvline(len(by_class) * 0.75 - 0.5, color="white", linewidth=4)
axis.set(yticks=[], title="bow (blue), clap (red), and where validation_split=0.25 cuts")
figure

# %% [markdown]
# This happened to a well-known tutorial, *Video Classification with a CNN-RNN Architecture* in the code examples of
# Keras (S. Paul and M. Buchwald, 2021, version of 2023). Ten actions, a table sorted by action, and
# `validation_split=0.3`: the last three actions are only validated on, and never trained on. The page shows a
# validation accuracy of 0.0 in nine of ten epochs. The checkpoint keeps the epoch with the lowest validation loss, and
# that is the first, before the network has learnt that three actions never come; 26.8 % of the test films are right.
# Split by group, before anything else; and when a number looks impossible, stop and ask why.
#
# ## The test, once
#
# All choices are made: pictures minus the mean, the centred plan, eight epochs. Now the six test actors may speak.
# Their 108 pictures are not 108 independent ones: three come from each film and 18 from each actor, who are right or
# wrong together. The **95 % confidence interval** takes that into account (`tasks.accuracy_interval`, a Wilson interval
# widened by the *design effect* of the groups).

# %% tags=["nbval-ignore-output"]
test = moving["test"]
right = {"majority class": test.y == np.bincount(moving["training"].y).argmax(),
         "HOG + SVM, minus the mean": svm.predict(hog_rows(as_bytes["test"].X)) == test.y,
         "CNN, minus the mean": (networks.predict(model, test.X)[:, 0] > 0.5) == test.y}
final = pd.DataFrame({name: [r.mean(), *tasks.accuracy_interval(r, test.groups)]
                      for name, r in right.items()}, index=["accuracy", "low", "high"]).T
reach = [final["accuracy"] - final["low"], final["high"] - final["accuracy"]]
plots.bars(final["accuracy"], alt="the test, once", errors=reach,
           xlabel="accuracy of the six test actors, with its 95 % interval")

# %%
vl.report("CNN, six new actors", final["accuracy"]["CNN, minus the mean"], at_least=0.91)
vl.report("lower end of its interval", final["low"]["CNN, minus the mean"], at_least=0.84)
vl.report("majority class", final["accuracy"]["majority class"], at_most=0.5)
lead = final["accuracy"]["CNN, minus the mean"] - final["accuracy"]["HOG + SVM, minus the mean"]
vl.report("CNN and HOG differ by", abs(lead), at_most=0.06)

# %% [markdown]
# HOG, which people designed, is as good here, and a little ahead. The two differ by a few of 108 pictures of six
# actors: nobody can say which is better. That is a result, too.
#
# ### And outside the theatre?
#
# A network of two classes must answer one of them, even when it sees a street. Here are real frames, as the centred
# network of three actors sees them.

# %%
real = {}
for name in ("bikes", "carphone", "bigbuckbunny"):
    real[name] = vl.open_media(assets.fetch(name)).sample(2, size=(64, 64))[0]
X = np.concatenate(list(real.values()))
p = networks.predict(of_three, X / np.float32(255) - np.float32(0.5))[:, 0]
answers = np.where(p > 0.5, "clap", "bow")
names = [f"{k}: {answer}, p = {q:.2f}" for k, (answer, q) in enumerate(zip(answers, p))]
plots.gallery(dict(zip(names, X)), columns=6)

# %% [markdown]
# There is nobody who bows or claps, and the network does not know that it does not know. Softmax and sigmoid distribute
# 100 % among the classes they have; a picture of something else is *out of distribution*, and the probabilities mean
# nothing there.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("08.map_sizes")` gives a nudge, and a second one if you ask again;
# `vl.solution("08.map_sizes")` shows one way. The stars say how hard an exercise is.
#
# **1. Round by round.** ★ Write `map_sizes(size, rounds)`: pictures of `size`×`size` pass through rounds of a 3×3
# convolution (`"valid"`) and pooling by 2×2. Return the side of the maps after each round, as a list.

# %%
def map_sizes(size, rounds):
    ...


vl.check("08.map_sizes", map_sizes)

# %% [markdown]
# **2. Count them all.** ★★ Write `count_parameters(size, kernels, neurons)` for a network like ours: colour pictures,
# 3×3 kernels, pooling by 2×2, Flatten, a dense layer, one neuron at the end.

# %%
def count_parameters(size, kernels, neurons):
    ...


vl.check("08.count_parameters", count_parameters)

# %% [markdown]
# **3. The loss.** ★★ Write `cross_entropy(y, p)`: the mean loss of the probabilities `p`, where `y`, 0 or 1, is the
# right answer. Both are arrays.

# %%
def cross_entropy(y, p):
    ...


vl.check("08.cross_entropy", cross_entropy)

# %% [markdown]
# **4. When to stop?** ★★★ Write `early_stopping(val_loss, patience)`: the losses of the epochs come one by one.
# Training ends as soon as the loss has not become lower for `patience` epochs in a row. Return (epochs run, epoch whose
# weights are kept), both counted from 1.

# %%
def early_stopping(val_loss, patience):
    ...


vl.check("08.early_stopping", early_stopping)

# %% [markdown]
# **5. What moves.** ★ Write `moving_part(clip)` for one clip, uint8 (T, H, W, 3): each frame minus the clip's mean over
# time, with white as 1.

# %%
def moving_part(clip):
    ...


vl.check("08.moving_part", moving_part)

# %% [markdown]
# **Open question.** You have recorded ten people in one room, five who bow and five who clap. How will a CNN find out
# who does what, and how would you notice that it looked at something else? There is no check for this one.
#
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
plots.gallery(shown, columns=len(shown) // 2)

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
# ## What you learnt
#
# * A first CNN is a convolution, ReLU, pooling, Flatten and two dense layers; nearly all of its parameters come after
#   Flatten. Sigmoid and softmax turn logits into probabilities, and cross-entropy scores them.
# * Centring the input and the learning rate decide how well it learns, and pictures that show only what matters help
#   more than any setting.
# * Overfitting shows as a growing gap between two curves. Early stopping keeps the best epoch; more people help
#   most. A remedy must gain more than two seeds differ.
# * Validation actors choose, test actors are asked once, and their score has an interval.
#
# **Next:** we only guessed that the network looks at the room. 09 asks it: which pixels led to its answer, and what do
# its kernels look for?
#
# ## Further reading
#
# * Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, *Efficient BackProp*, in *Neural Networks: Tricks of the Trade*,
#   Springer 1998: why inputs are centred, and how learning rates are chosen.
# * D. Kingma and J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015.
# * N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, *Dropout: a simple way to prevent neural
#   networks from overfitting*, Journal of Machine Learning Research 15, 2014.
