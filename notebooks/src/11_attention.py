# %% [markdown]
# # 11 · Attention
#
# **Which frames should a network look at, and how does it know which of them came first?**
#
# The GRU of 10 reads one frame after the other, and anything that it needs later has to survive every step in between.
# *Attention* looks at all frames at once and decides for each of them which others matter. It is the part that today's
# models of text, pictures, sound and video are built from, and it is short enough to write by hand.
#
# In this notebook you will
#
# * build softmax, self-attention and a whole transformer block in NumPy, and check each of them against Keras,
# * see why attention does not know the order of the frames, and what adding *positions* changes,
# * train a transformer, read what it attends to, and compare it with the networks of 10.
#
# About 35 minutes to read, a good minute to run.

# %%
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

import vmm_lab as vl
from vmm_lab import assets, features, networks, plots, theatre, widgets
from vmm_lab.networks import keras

layers = keras.layers

# %% [markdown]
# ## Films as sequences of vectors
#
# The same films and the same actors as in 10: ten actions that can be recognised from pictures over time, four of them
# in pairs whose pictures are similar, in opposite order. HOG describes each frame, and PCA (notebook 06), fitted on the
# training actors, reduces it to 96 numbers. Such a vector for each frame is called its **embedding**. We divide by one
# number, so that the mean variance is 1.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre", size="full")
table = table[table["label"].isin(theatre.VIDEO_ACTIONS)].reset_index(drop=True)
hog = vl.load_examples(table, features.HOG(pooling=None), progress=False)
actors = np.random.default_rng(0).permutation(np.unique(hog.groups))
sides = {"train": actors[6:], "choose the epoch": actors[4:6], "test": actors[:4]}
learns = np.isin(hog.groups, sides["train"])
pca = PCA(96, random_state=0).fit(hog.X[learns].reshape(-1, hog.X.shape[-1]))
scale = np.sqrt(pca.explained_variance_.mean())
hog

# %%
def embed(described):
    """Reduce the HOG of frames, float (T, 1764), to their embeddings, float32 (T, 96)."""
    return (pca.transform(described) / scale).astype(np.float32)


examples = replace(hog, X=np.stack([embed(film) for film in hog.X]))
train, val, test = (examples[np.isin(examples.groups, names)] for names in sides.values())
print(f"{len(train)} films to learn from, {len(val)} to choose the epoch, {len(test)} to test")

# %%
film = {name: np.flatnonzero(test.labels == name)[0] for name in ("jump", "sit_down", "stand_up")}
paths = table["path"][np.isin(hog.groups, sides["test"])].to_numpy()
media = {name: vl.open_media(paths[row]) for name, row in film.items()}
pictures = {name: each.sample(16, size=(96, 96))[0] for name, each in media.items()}
plots.filmstrip({name.replace("_", " "): frames for name, frames in pictures.items()}, n=8)

# %% [markdown]
# ## Softmax: from scores to shares
#
# Attention begins with a score for each frame: the higher, the more it matters. **Softmax** turns any numbers $s_i$
# into shares that are positive and add up to 1:
#
# $$\text{softmax}(s)_i = \frac{e^{s_i}}{\sum_j e^{s_j}}$$
#
# You know it from 08, and the networks of 09 and 10 end with it; its inputs are called **logits**.
# Adding the same number to all scores changes nothing, so we subtract the largest one first; otherwise $e^{1000}$ would
# be infinite.

# %%
def softmax(scores):
    """Turn the scores along the last axis into shares that add up to 1."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


scores = np.array([3.0, 2.0, 1.0, 0.0, -1.0])
by_keras = np.asarray(keras.ops.softmax(scores))
vl.report("largest difference from Keras", np.abs(softmax(scores) - by_keras).max(), at_most=1e-6)
named = dict(zip(map("score {:g}".format, scores), softmax(scores)))
plots.bars(named, alt="softmax of five scores", xlabel="share (all add up to 1)",
           texts=[f"{share:.3f}" for share in softmax(scores)])

# %% [markdown]
# One more point is worth a factor of $e \approx 2.7$, wherever it is: 2 against 1 is the same as 0 against −1. If all
# scores are divided by a number, the *temperature*, the shares become more even or more extreme. That will matter soon.

# %%
figure, axes = plots.axes("softmax at three temperatures", columns=3, sharey=True, height=2.4,
                          xlabel="score", ylabel="share")
for axis, temperature in zip(axes, (0.25, 1, 4)):
    axis.bar(np.arange(5), softmax(np.arange(5) / temperature), color=plots.PALETTE[0])
    axis.set(title=f"temperature {temperature:g}", ylim=(0, 1))
figure

# %% [markdown]
# ## Frames that look at frames
#
# How much should frame 3 attend to frame 9? The simplest score is how similar they are: the **dot product** of their
# embeddings, large when both point in the same direction. Every frame with every frame makes a 16×16 table of scores;
# softmax makes each row add up to 1. This is the **attention matrix**: row $t$ says where frame $t$ looks.
#
# The new embedding of frame $t$ is the mean of all embeddings, weighted by row $t$. (The division by $\sqrt{96}$ is
# explained below.)

# %%
def look(x):
    """Compute the attention matrix of embeddings (T, d) that look for what resembles them."""
    return softmax(x @ x.T / np.sqrt(x.shape[-1]))


weights = look(test.X[film["jump"]])
print("shape:", weights.shape, "· sums of the first rows:", weights.sum(axis=1)[:4].round(3))

# %%
def draw(matrices, title=""):
    """Draw attention matrices, {name: (T, T)}, side by side on one scale of colours."""
    figure, axes = plots.axes(f"attention matrices: {', '.join(matrices)}", columns=len(matrices),
                              height=1.3 + 8 / len(matrices), title=title, sharey=True,
                              xlabel="frame that is looked at", ylabel="frame that looks")
    most = max(matrix.max() for matrix in matrices.values())
    for axis, (name, matrix) in zip(np.ravel(axes), matrices.items()):
        image = axis.imshow(matrix, cmap="viridis", vmin=0, vmax=most)
        axis.set_title(name.replace("_", " "))
    figure.colorbar(image, ax=axes, label="attention (share)", shrink=0.7)
    return figure


draw({name: look(test.X[row]) for name, row in film.items()})

# %% [markdown]
# Read them like this: a large even block is a pose that is held; in *sit down* there is one for standing and one for
# sitting. The small bright spot between them is the movement, whose frames resemble nothing else.
# The chessboard of *jump* is somebody who returns to the same height again and again: a frame finds the same pose
# earlier and later, **at any distance in one step**. A GRU would have to carry it through every frame in between.
#
# The same with two real films, cyclists in a street and somebody in a car. Where does the matrix change?

# %%
real = {}
for name, asset in {"street": "bikes", "car": "carphone"}.items():
    with vl.open_media(assets.fetch(asset)) as media:
        real[name] = media.sample(16, size=(64, 64))[0]
plots.filmstrip(real, n=8)

# %%
def look_within(frames):
    """Compute the attention matrix of any frames, from their HOG minus its mean over time."""
    described = features.HOG(pooling=None, n_frames=len(frames)).describe(frames)
    x = described - described.mean(axis=0)
    size = np.sqrt((x**2).sum(axis=1).mean())
    return look(x / size * np.sqrt(2 * np.sqrt(x.shape[1])))


draw({name: look_within(frames) for name, frames in real.items()})

# %% [markdown]
# The street has six short shots (01): a frame finds only itself and the frames of its own shot. In the car, blocks
# begin and end where the man or the view through the window changes; 19 will find shots in a similar way. (The PCA of
# the theatre knows nothing of streets, so here all 1764 numbers of HOG count, scaled so that a frame scores itself 2 on
# average.)
#
# ## Why divide by √d?
#
# Take two vectors of $d$ random numbers with mean 0 and variance 1. Their dot product is a sum of $d$ products, so its
# variance is $d$ and its usual size $\sqrt d$: the longer the embedding, the larger the scores. Let us measure it, and
# what softmax makes of sixteen such scores.

# %%
random = np.random.default_rng(0)
sizes, largest = [4, 16, 64, 256, 1024], {"scores as they are": [], "divided by √d": []}
for d in sizes:
    query, keys = random.normal(size=(500, 1, d)), random.normal(size=(500, d, 16))
    dots = (query @ keys)[:, 0]
    largest["scores as they are"].append(softmax(dots).max(axis=-1).mean())
    largest["divided by √d"].append(softmax(dots / np.sqrt(d)).max(axis=-1).mean())
vl.report("deviation of the dot products of 1024 numbers", dots.std(), at_least=31, at_most=33)
vl.report("largest of 16 shares, as they are", largest["scores as they are"][-1], at_least=0.9)
vl.report("largest of 16 shares, divided by √d", largest["divided by √d"][-1], at_most=0.3)
plots.curves(largest, sizes, alt="the largest of 16 shares by length", height=2.8,
             xlabel="numbers in an embedding, d", ylabel="largest of 16 shares")

# %% [markdown]
# Without the division, long vectors attend to one frame only, and a softmax so near to 0 and 1 has a gradient near 0:
# the network could not learn to look elsewhere. Dividing by $\sqrt d$ keeps the temperature the same for every $d$.
#
# ## Queries, keys and values
#
# Similar frames are not always the ones that matter. A frame in which somebody bends may need the frame *before* it:
# was the person standing or sitting? So the network learns three matrices. They make of each frame a **query** (what am
# I looking for?), a **key** (what do I offer?) and a **value** (what do I pass on?):
#
# $$Q = XW_Q + b_Q, \qquad K = XW_K + b_K, \qquad V = XW_V + b_V, \qquad
# \text{attention}(Q, K, V) = \text{softmax}\Big(\frac{QK^\top}{\sqrt d}\Big)\,V$$
#
# If all three come from the same sequence, this is **self-attention**. If the queries come from another one, for
# example words that look for frames, it is **cross-attention**; you meet it in 14. The attention of Bahdanau et al.
# (2015), from which this one comes, was of that second kind, between two languages.

# %%
def attention(Q, K, V):
    """Compute what each query gets, (T, d), and its attention matrix, (T, T)."""
    weights = softmax(Q @ K.T / np.sqrt(Q.shape[-1]))
    return weights @ V, weights


keras.utils.set_random_seed(0)
x = test.X[film["sit_down"]]
layer = layers.MultiHeadAttention(num_heads=4, key_dim=16)
layer(x[None], x[None])
pd.DataFrame({"shape": [str(w.shape) for w in layer.weights]},
             index=[w.path.split("/", 1)[1] for w in layer.weights])

# %% [markdown]
# Keras calls its layer `MultiHeadAttention`, because it runs several of these next to one another: each **head** has
# its own three matrices and can look for something else. At the end a fourth matrix adds the heads up to the width of
# the input. That is all; here it is, and the same with Keras' weights.

# %%
def multi_head(x, weights):
    """Compute self-attention of (T, D) with the eight weights of Keras' MultiHeadAttention."""
    Wq, bq, Wk, bk, Wv, bv, Wo, bo = weights
    total = bo
    for head in range(Wq.shape[1]):
        Q, K, V = (x @ W[:, head] + b[head] for W, b in ((Wq, bq), (Wk, bk), (Wv, bv)))
        total = total + attention(Q, K, V)[0] @ Wo[head]
    return total


by_hand = multi_head(x, [np.asarray(weight) for weight in layer.weights])
off = np.abs(by_hand - np.asarray(layer(x[None], x[None]))[0]).max()
vl.report("four heads, largest difference from Keras", off, at_most=1e-4)

# %% [markdown]
# ## A set has no order
#
# Look at the formula again: frame 3 gets a weighted sum over *all* frames, and nothing in it says which came first. If
# the frames are shuffled, the results are the same, shuffled in the same way. After an average over time, not even that
# is left: the network cannot distinguish a film from its frames in any other order.

# %%
shuffled = np.random.default_rng(1).permutation(16)
straight = multi_head(x, [np.asarray(weight) for weight in layer.weights])
mixed = multi_head(x[shuffled], [np.asarray(weight) for weight in layer.weights])
difference = np.abs(mixed - straight[shuffled]).max()
vl.report("frame by frame, largest difference", difference, at_most=1e-4)
difference = np.abs(mixed.mean(axis=0) - straight.mean(axis=0)).max()
vl.report("averages over time, largest difference", difference, at_most=1e-4)

# %% [markdown]
# The remedy is simple: write the time into the frame. A **position** is a vector for each place in time, added to the
# embedding. It may be learnt, as in the library's network, or computed: Vaswani et al. (2017) take sines and cosines of
# several speeds, like the hands of a clock. Neighbouring places get similar vectors, and no two get the same.

# %%
def waves(length, width, slowest=100):
    """Compute sine and cosine positions, float32 (length, width)."""
    speeds = slowest ** -(np.arange(width // 2) / (width // 2))
    angles = np.arange(length)[:, None] * speeds
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


positions = waves(16, 64)
print("first numbers of three frames in a row:", *positions[:3, :2].round(2))

# %%
figure, (left, right) = plots.axes("positions as waves, and how similar they are", columns=2,
                                   height=3.2, ylabel="place in time (frame)")
image = left.imshow(positions, cmap="RdBu_r", aspect="auto", vmin=-1, vmax=1)
figure.colorbar(image, ax=left, label="value")
image = right.imshow(positions @ positions.T, cmap="viridis")
figure.colorbar(image, ax=right, label="dot product")
left.set(title="positions", xlabel="number of the embedding")
right.set(title="similarity of two places", xlabel="place in time (frame)")
figure

# %% [markdown]
# (The slowest wave has a period of about 540 frames here, because our films have 16; in the original it is 60,000
# words.)
#
# ## The transformer block
#
# One attention layer mixes frames and nothing else. A **transformer block** adds three things, each of which you can
# write in a line:
#
# * an **MLP** (two dense layers with a ReLU between them) for each frame alone, which computes with what attention
#   brought together,
# * **residual connections**: each part computes a *change* that is added to its input, $x + f(x)$. The gradient always
#   has a straight way back, so that deep stacks can be trained (He et al., 2016); vanishing gradients, as in 10, are
#   the problem that this solves,
# * **layer normalisation** (Ba et al., 2016): each frame's numbers are brought to mean 0 and variance 1, then scaled
#   and shifted by learnt numbers. Batch normalisation, in the CNNs, takes mean and variance over the batch instead.
#
# $$x \leftarrow x + \text{heads}(\text{norm}(x)), \qquad x \leftarrow x + \text{MLP}(\text{norm}(x))$$

# %%
# One transformer block on sequences (16, 96), averaged over time and classified.
def small_transformer(with_positions, n_classes=10):
    inputs = keras.Input((16, 96))
    x = layers.Dense(64, name="embed")(inputs) + (positions if with_positions else 0)
    y = layers.LayerNormalization(name="norm1")(x)
    x = x + layers.MultiHeadAttention(4, 16, dropout=0.1, name="heads")(y, y)
    y = layers.LayerNormalization(name="norm2")(x)
    y = layers.Dense(128, activation="relu", name="mlp1")(y)
    x = x + layers.Dense(64, name="mlp2")(y)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(name="norm3")(x))
    x = layers.Dense(n_classes, activation="softmax", name="logits")(layers.Dropout(0.4)(x))
    return keras.Model(inputs, x)


small_transformer(True).count_params()

# %% [markdown]
# Train it twice on the same films, with positions and without. Everything else is the same: weights at the start, order
# of the films, number of steps.

# %% tags=["nbval-ignore-output"]
settings = {"epochs": 14, "batch_size": 16, "learning_rate": 2e-3, "seed": 0}
keras.utils.set_random_seed(0)
ordered = small_transformer(True)
history = await vl.fit(ordered, train, validation=val, **settings)

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(0)
unordered = small_transformer(False)
networks.train(unordered, train, validation=val, progress=False, **settings)


# %% tags=["nbval-ignore-output"]
def pair_accuracy(proba, examples):
    """Compute how often the more probable one of two actions in opposite order is right."""
    right = []
    for pair in theatre.ORDER_PAIRS:
        numbers = [examples.classes.index(name) for name in pair]
        rows = np.isin(examples.y, numbers)
        right += list(proba[rows][:, numbers].argmax(axis=1) == (examples.y[rows] == numbers[1]))
    return float(np.mean(right))


both = {"with": ordered, "without": unordered}
answers = {name: networks.predict(model, test.X) for name, model in both.items()}
on_pairs = {name: pair_accuracy(proba, test) for name, proba in answers.items()}
pd.Series(on_pairs, name="accuracy on the pairs").round(2).to_frame()

# %%
right = np.mean(answers["with"].argmax(axis=1) == test.y)
vl.report("ten actions, with positions", right, at_least=0.82)
vl.report("pairs, with positions", on_pairs["with"], at_least=0.92)
vl.report("pairs, without positions", on_pairs["without"], at_most=0.7)

# %% [markdown]
# Two films of a pair have similar pictures in opposite order. With positions they are nearly always right; without,
# they can only be guessed: of 48 films, guessing gets 0.50 ± 0.14 right (95 % interval).
#
# To be sure that this is the order and nothing else, shuffle the frames of the test films. The network without
# positions must not notice; the other one must.

# %%
mixed = {name: networks.predict(model, test.X[:, shuffled]) for name, model in both.items()}
change = {name: np.abs(mixed[name] - answers[name]).max() for name in mixed}
vl.report("without: largest change of a probability", change["without"], at_most=1e-4)
vl.report("with: pairs, frames shuffled", pair_accuracy(mixed["with"], test), at_most=0.8)

# %%
shown = {f"{name} positions": value for name, value in on_pairs.items()}
shown |= {f"{name}, frames shuffled": pair_accuracy(mixed[name], test) for name in mixed}
plots.bars(shown, alt="pair accuracy with and without positions",
           xlabel="accuracy on the pairs (chance: 0.5)",
           texts=[f"{value:.2f}" for value in shown.values()])

# %% [markdown]
# ## The whole network by hand
#
# Every part is now known, so the trained network fits into a few lines of NumPy. Does it give the same probabilities?

# %%
def layer_norm(x, gain, shift):
    """Bring the last axis to mean 0 and variance 1, then scale and shift it."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return gain * centred / np.sqrt(x.var(axis=-1, keepdims=True) + 0.001) + shift


off = np.abs(layer_norm(x, 1, 0) - np.asarray(layers.LayerNormalization()(x))).max()
vl.report("largest difference from Keras", off, at_most=1e-4)

# %%
def transform(x, w):
    """Compute the probabilities of a film, float (16, 96), from {name of the layer: weights}."""
    x = x @ w["embed"][0] + w["embed"][1] + positions
    x = x + multi_head(layer_norm(x, *w["norm1"]), w["heads"])
    hidden = np.maximum(layer_norm(x, *w["norm2"]) @ w["mlp1"][0] + w["mlp1"][1], 0)
    x = x + hidden @ w["mlp2"][0] + w["mlp2"][1]
    return softmax(layer_norm(x, *w["norm3"]).mean(axis=0) @ w["logits"][0] + w["logits"][1])


w = {each.name: [np.asarray(weight) for weight in each.weights] for each in ordered.layers}
off = np.abs(np.array([transform(x, w) for x in test.X]) - answers["with"]).max()
vl.report("largest difference from Keras, 120 films", off, at_most=1e-3)

# %% [markdown]
# ## What did it learn to look at?
#
# The attention matrices of the trained network, averaged over its four heads, for one film of a pair and the other.

# %%
def matrices(x, w):
    """Compute the attention matrices of the trained network, (heads, T, T), for one film."""
    x = layer_norm(x @ w["embed"][0] + w["embed"][1] + positions, *w["norm1"])
    Wq, bq, Wk, bk = w["heads"][:4]
    return np.array([attention(x @ Wq[:, h] + bq[h], x @ Wk[:, h] + bk[h], x)[1] for h in range(4)])


trained = {name: matrices(test.X[row], w) for name, row in film.items()}
draw({name: heads.mean(axis=0) for name, heads in trained.items()})

# %%
draw({f"head {k}": matrix for k, matrix in enumerate(trained["sit_down"])},
     title="The four heads, trained, sit down")

# %% [markdown]
# The heads differ, and all have vertical stripes: a few moments that are looked at from everywhere. The picture cannot
# say whether that is for the moment's place or for its pose. Be careful with such a picture. It shows what was
# *mixed*, not what the answer depends on: the residual connection goes around it, and networks with quite different
# matrices can give the same answers (Jain and Wallace, 2019). To find out what matters, cover it and see what
# changes, as in 09.
#
# ## Compared with the networks of 10
#
# The library's `Transformer` is the same block on the embeddings of a CNN on pixels. It is trained in two stages: first
# *Frame average*, then the block on its frozen frame embeddings. We measure its row of the table in 10 again, on our
# one split. Its positions are learnt, and begin with a deviation of 0.1; the embeddings of this CNN have one
# that is twenty times as large. Can the block hear so quiet a clock? We train it a second time, and begin with our waves instead.

# %% tags=["nbval-ignore-output"]
films = vl.load_examples(table, progress=False)
film_train, film_val, film_test = (films[np.isin(films.groups, names)] for names in sides.values())
quiet = {"validation": film_val, "progress": False}
average, _ = networks.RECIPES["Frame average"].train(film_train, **quiet)
recipe = networks.RECIPES["Transformer"]
models = [recipe.model(film_train, frames=average) for _ in range(2)]
models[1].get_layer("position").table.assign(positions)
embedding = keras.Model(average.input, average.get_layer("embedding").output)
loudness = networks.predict(embedding, film_test.X).std() / 0.1
f"{models[0].count_params():,} numbers, of which the two stages learn one part after the other"

# %% tags=["nbval-ignore-output"]
measured = {}
for name, model in zip(["as it is", "louder positions"], models):
    networks.train(model, film_train, **quiet, **recipe.settings(film_train))
    proba = networks.predict(model, film_test.X)
    measured[name] = np.mean(proba.argmax(axis=1) == film_test.y), pair_accuracy(proba, film_test)
pd.DataFrame(measured, index=["ten actions", "pairs"]).round(2)

# %%
calm = assets.results("networks_calm").dropna(subset=["video_actions"])
scores = 100 * calm[["frame_actions", "order_pairs", "video_actions"]]
scores.loc["majority class"] = 100 / 6, 50, 10
scores.loc["HOG + transformer (one split)"] = np.nan, 100 * on_pairs["with"], 100 * right
scores = scores.sort_values("video_actions")
vl.report("embeddings / positions, deviations", loudness, at_least=15)
vl.report("Transformer measured again, ten actions", measured["as it is"][0], at_least=0.76)
vl.report("Transformer measured again, pairs", measured["as it is"][1], at_least=0.64)
vl.report("with louder positions, pairs", measured["louder positions"][1], at_least=0.74)
plots.bars(scores["video_actions"], alt="accuracy of the networks on ten actions",
           xlabel="accuracy on ten actions (%), new actors",
           texts=[f"pairs {pair:.0f} %" for pair in scores["order_pairs"]])

# %% [markdown]
# (All but one row are means over every actor and three seeds, from `benchmarks/bench_networks.py`.)
#
# The library's transformer is better than the average and worse than the GRU and the convolutions. Why?
#
# * **Order is optional for attention.** A GRU and a convolution have order and nearness built in (an *inductive bias*);
#   a transformer knows of the time only what the positions say. The library's are some twenty times quieter than
#   the embeddings: a louder start may bring it closer to the GRU on the same embeddings (here by three films of 48,
#   which is within luck). Compare sizes before you add two things.
# * **It sees what the frame network kept.** That was trained without order, and its embeddings hold less of the pose
#   than HOG does: our block on HOG is nearly always right on the pairs.
# * **Six hundred films are few.** Transformers win where there are hundreds of thousands of films (Kinetics), or a
#   large pretrained model to start from.
#
# Walk through the layers. Which of them change the number of frames, and where are most of the weights?

# %% tags=["nbval-ignore-output"]
widgets.ModelExplorer(models[0], film_test, layer="attention")

# %% [markdown]
# ## From frames to patches: video transformers
#
# Why stop at one vector for each frame? A **video transformer** cuts each frame into patches, as ViT (the vision
# transformer; Dosovitskiy and others, 2021) does with pictures, and makes one vector, a *token*, of each. Now a token
# can look at other places and other times. But every token looks at every other: 8 frames of 14×14 patches are 1,568
# tokens and 2.5 million pairs.
#
# *Divided* attention (TimeSformer: Bertasius et al., 2021; ViViT: Arnab et al., 2021) does it in two steps: first at
# the same place in all frames, then at all places in the same frame. The bright patches are those that the patch in the
# middle looks at.

# %%
with vl.open_media(assets.fetch("bikes")) as media:
    street = media.frames(fps=4, size=(112, 224))[0][8:14]
at = np.zeros((6, 7, 14), bool)  # patches of 16×16 pixels
joint, time, space = at | True, at.copy(), at.copy()
time[:, 3, 7] = True
space[3] = True
strips = {"joint": joint, "time": time, "space": space}
for name, patches in strips.items():
    pixels = patches.repeat(16, axis=1).repeat(16, axis=2)[..., None]
    strips[name] = np.where(pixels, street, street // 4)
plots.filmstrip(strips, n=6)

# %%
frames, patches = np.array([8, 16, 32, 64, 96]), 14 * 14
pairs_of = {"joint": (frames * patches) ** 2.0, "divided": frames * patches * (frames + patches)}
factor = (pairs_of["joint"] / pairs_of["divided"])[-1]
vl.report("96 frames: joint attention scores so many times the pairs", factor, at_least=64)
millions = {name: number / 1e6 for name, number in pairs_of.items()}
plots.curves(millions, frames, alt="pairs of tokens by the number of frames", height=2.8,
             xlabel="frames of 14×14 patches", ylabel="pairs of tokens (millions)")

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("11.shares")` gives a nudge, and a second one if you ask again;
# `vl.solution("11.shares")` shows one way.

# %% [markdown]
# **1. Softmax with a temperature.** ★ Write `shares(scores, temperature)`: the scores, float (n,), divided by the
# temperature, as shares that add up to 1. It must also work for scores such as 1000.

# %%
def shares(scores, temperature):
    ...


vl.check("11.shares", shares)

# %% [markdown]
# **2. Pairs.** ★ Write `count_pairs(frames, patches, divided)`: how many pairs of tokens are scored for so many frames
# of so many patches each, with joint attention (`divided` is False) or with divided attention (True).

# %%
def count_pairs(frames, patches, divided):
    ...


vl.check("11.count_pairs", count_pairs)

# %% [markdown]
# **3. Attention by hand.** ★★ Write `attend(Q, K, V)` for queries (n, d), keys (m, d) and values (m, e): what each
# query gets, (n, e). There may be more keys than queries, as in cross-attention.

# %%
def attend(Q, K, V):
    ...


vl.check("11.attend", attend)

# %% [markdown]
# **4. Layer normalisation.** ★★ Write `standardised(x)` for (T, D): each frame's numbers minus their mean, divided by
# the root of their variance + 0.001; without gain and shift.

# %%
def standardised(x):
    ...


vl.check("11.standardised", standardised)

# %% [markdown]
# **5. No look ahead.** ★★★ A film that is still running has no later frames. Write `causal(scores)`: the attention
# matrix of scores (T, T) in which each frame looks only at itself and at frames before it; each row adds up to 1. This
# is how language models write one word after the other.

# %%
def causal(scores):
    ...


vl.check("11.causal", causal)

# %% [markdown]
# **Open question.** Our positions count frames. What happens if the film is played at half the speed, or if its first
# second is cut off? Try it with `test.X`, and think of positions that would not mind.

# %%
vl.progress("11")

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). Labels are
# not needed: which moments of your film resemble one another? With labels, the same block learns your classes, on some
# groups, and is tested on the others.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
mine = mine[[vl.open_media(path).has_video for path in mine["path"]]].reset_index(drop=True)
my_frames = {}
for number, path in enumerate(mine["path"].head(2), start=1):
    with vl.open_media(path) as media:
        my_frames[f"film {number}"] = media.sample(16, size=(64, 64))[0]
plots.filmstrip(my_frames, n=8)

# %% tags=["nbval-ignore-output"]
draw({name: look_within(frames) for name, frames in my_frames.items()})

# %% tags=["nbval-ignore-output"]
if "label" in mine and mine["label"].nunique() > 1 and len(mine) >= 12:
    mine = vl.load_examples(mine, features.HOG(pooling=None), progress=False)
    mine = replace(mine, X=np.stack([embed(film) for film in mine.X]))
    my_train, my_test = mine.split(by=None if mine.groups is None else "group", test=1 / 3)
    my_model = small_transformer(True, len(mine.classes))
    networks.train(my_model, my_train, progress=False, **settings)
    right = networks.predict(my_model, my_test.X).argmax(axis=1) == my_test.y
    majority = my_test.y == np.bincount(my_train.y).argmax()
    print(f"{len(right)} films: accuracy {right.mean():.2f}, majority class {majority.mean():.2f}")

# %% [markdown]
# ## What you learnt
#
# * Softmax turns scores into shares; attention is a weighted mean whose weights are computed from the data: queries
#   compared with keys, divided by √d.
# * Attention treats frames as a set. Positions, added to the embeddings, give it the order: on the pairs that was the
#   difference between guessing and nearly always right.
# * A transformer block is attention and an MLP, each with normalisation before it and a residual connection around it.
# * It needs more data than a network with order built in, and its cost grows with the square of the tokens.
#
# **Next:** a film is more than its pictures. 12 listens.
#
# ## Further reading
#
# * D. Bahdanau, K. Cho, Y. Bengio, "Neural machine translation by jointly learning to align and translate", ICLR 2015.
# * A. Vaswani et al., "Attention is all you need", NeurIPS 2017.
# * G. Bertasius, H. Wang, L. Torresani, "Is space-time attention all you need for video understanding?", ICML 2021; and
#   A. Arnab et al., "ViViT: A video vision transformer", ICCV 2021.
