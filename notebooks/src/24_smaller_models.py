# %% [markdown]
# # 24 · Smaller models
#
# **A network is good but too large: how much of it can go, and does less of it run faster?**
#
# A phone has little memory and a battery. Four ways make a network smaller: zeros in place of small weights, fewer
# channels, numbers of fewer bits, and a small network that learns from the large one. Each promises much. Here they stand
# on one plot, measured.
#
# In this notebook you will
#
# * prune weights and channels, and see which of them saves time,
# * quantise numbers by hand, and find out why int8 helps one network and not another,
# * distil a large network into a small one, and compare it with the same small one that learnt alone.
#
# About 35 minutes to read, a good minute to run.

# %%
import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, edge, features, plots, widgets
from vmm_lab.networks import RECIPES, Augment, Examples, cost, keras, predict, train

# %% [markdown]
# ## What a network costs
#
# The (2+1)D CNN of notebook 10 tells ten actions apart. Actors of the test are not in the training.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre", size="full")
table = table[table["label"].isin(vl.theatre.VIDEO_ACTIONS)].reset_index(drop=True)
clips = vl.load_examples(table, features.Frames(), progress=False)
learnt, held = clips.split(by="group", test=0.25)
model, history = RECIPES["(2+1)D"].train(learnt, seed=0, progress=False)
whole = edge.measure(model, held.X, held.y)
pd.Series(whole).to_frame("(2+1)D")

# %% [markdown]
# `edge.measure` converts to LiteRT, the runtime of phones (notebook 25), and runs it on one thread. Four costs, and they
# are not the same: **parameters** fill memory, **operations** (flops) fill time, **bytes** are what is sent to the phone,
# and **milliseconds** are what one waits. The last is what counts; the others are promises about it.

# %%
layers = [layer for layer in model.layers if hasattr(layer, "kernel")]
sizes = {layer.name: int(np.prod(layer.kernel.shape)) for layer in layers}
plots.bars(sizes, alt="weights of each layer", xlabel="weights")

# %%
share = sum(sizes.values()) / cost(model)["parameters"]
vl.report("share of all parameters in these kernels", share, at_least=0.95)
vl.report("accuracy on new actors", whole["accuracy"], at_least=0.9)

# %% [markdown]
# ## Zeros
#
# **Magnitude pruning** sets the smallest weights to 0: they hardly add to any sum. By hand, one quantile and one
# comparison. The library does it for each kernel.

# %%
def pruned(kernel, share):
    return np.where(np.abs(kernel) <= np.quantile(np.abs(kernel), share), 0, kernel)


layer = layers[2]
by_hand = pruned(np.asarray(layer.kernel), 0.5)
by_library = edge.prune_weights(model, 0.5).get_layer(layer.name).kernel
vl.report("largest difference", np.abs(by_hand - np.asarray(by_library)).max(), at_most=1e-6)

# %% tags=["nbval-ignore-output"]
zeros = {"0%": whole}
for share in (0.2, 0.4, 0.5, 0.6, 0.8):
    zeros[f"{share:.0%}"] = edge.measure(edge.prune_weights(model, share), held.X, held.y)
accuracy = {name: row["accuracy"] for name, row in zeros.items()}
plots.bars(accuracy, alt="accuracy, by the share of zeros", xlabel="accuracy")

# %%
vl.report("lost by 20 % of zeros", accuracy["0%"] - accuracy["20%"], at_most=0.05)
ratio = zeros["50%"]["bytes"] / whole["bytes"]
vl.report("bytes, next to those without zeros", ratio, at_least=0.99)

# %% [markdown]
# A zero is stored and multiplied like any other number. So the file keeps its size, and the work takes its
# time, as the plot at the end will show. Zeros help only where the file is compressed, or a special runtime skips
# them; our count of parameters leaves them out. (They are not tuned here; Han and others retrain after pruning, which
# brings back much of what is lost.)
#
# ## Whole channels
#
# If all weights of a channel go, the channel itself can go, and with it the weights of the next layer that read it. What
# is left is an ordinary, narrower network. Which channels? Those with little weight: the sum of |w|, times |γ| of the
# batch normalisation behind it, which scales the channel. A layer counts only what it still reads.

# %%
def heaviest(weight, share=0.42):
    return np.sort(np.argsort(-weight, kind="stable")[:round(share * len(weight))])


first, second = (np.abs(np.asarray(model.get_layer(name).kernel)).sum(axis=(0, 1, 2))
                 for name in ("conv1", "conv2_space"))
read = heaviest(first.sum(axis=0))  # of the layer before, whose channels go first
norm = model.get_layer("conv2_space_norm")
kept = heaviest(second[read].sum(axis=0) * np.abs(np.asarray(norm.gamma)))
print(f"{len(kept)} of {norm.gamma.shape[0]} channels stay")

# %%
narrow = edge.prune_channels(model, 0.42)
gamma = np.asarray(narrow.get_layer(norm.name).gamma)
same = np.abs(np.asarray(norm.gamma)[kept] - gamma).max()
vl.report("channels by hand and by the library, γ differs by", same, at_most=1e-6)
left = narrow.count_params() / model.count_params()
vl.report("share of the parameters that is left", left, at_most=0.25)

# %% [markdown]
# Just cut, it knows little: each layer expects channels that are gone. A few passes over the training rows, **fine-tuning**,
# repair that.

# %% tags=["nbval-ignore-output"]
cut = edge.measure(narrow, held.X, held.y)
train(narrow, learnt, epochs=4, learning_rate=1e-3, augment=Augment(3), progress=False)
tuned = edge.measure(narrow, held.X, held.y)
stages = {"whole": whole["accuracy"], "cut": cut["accuracy"],
          "cut, then tuned": tuned["accuracy"], "chance": 0.1}
plots.bars(stages, alt="accuracy of the whole, the cut and the tuned network", xlabel="accuracy")

# %%
vl.report("accuracy when it is tuned", tuned["accuracy"], at_least=0.88)
vl.report("lost by the cut alone", whole["accuracy"] - cut["accuracy"], at_least=0.3)
vl.report("share of the bytes", tuned["bytes"] / whole["bytes"], at_most=0.4)

# %% [markdown]
# ## Fewer bits
#
# A weight has 32 bits. **Quantisation** writes it with 8: a scale $s$ is chosen so that the largest weight becomes 127,
# and each weight is stored as a whole number:
#
# $$q = \mathrm{round}(w / s), \qquad \hat w = s\,q, \qquad s = \max|w| / 127$$
#
# The error is at most half a step, $s/2$.

# %%
w = np.asarray(layers[-1].kernel)
s = np.abs(w).max() / 127
q = np.round(w / s).astype(np.int8)
error = np.abs(w - s * q).max()
print(f"{w.nbytes:,} bytes become {q.nbytes:,}; the largest is {np.abs(w).max() / s:.0f} steps")
vl.report("largest error, in steps", error / s, at_most=0.5001)

# %% [markdown]
# LiteRT has three kinds: **fp16** (weights of 16 bits), **dynamic** (weights of 8 bits; activations become 8 bits
# while it runs, where there are kernels for that), and **int8** (activations of 8 bits as well, with a scale fixed
# before). For int8 somebody must say how large the activations become: a **calibration** set, about a hundred
# training rows with every class among them. We try all on the (2+1)D CNN and on a CNN that looks at one frame.

# %% tags=["nbval-ignore-output"]
pictures = Examples(clips.X[:, 8], clips.y, clips.classes, clips.groups)
few, some = pictures.split(by="group", test=0.25)
cnn, _ = RECIPES["CNN"].train(few, seed=0, progress=False)
found = {}
for name, net, a, b in (("(2+1)D", model, learnt, held), ("CNN of one frame", cnn, few, some)):
    for kind in (None, "fp16", "dynamic", "int8"):
        found[name, kind or "float"] = edge.measure(
            net, b.X, b.y, quantize=kind, calibration=a.X[::4], repeats=200)
quantised = pd.DataFrame(found).T[["bytes", "milliseconds", "accuracy", "same_answer"]]
quantised

# %%
video, picture = quantised.loc["(2+1)D"], quantised.loc["CNN of one frame"]
of_video, of_picture = (part["bytes"] / part["bytes"]["float"] for part in (video, picture))
vl.report("(2+1)D, fp16: share of the bytes", of_video["fp16"], at_most=0.55)
vl.report("(2+1)D, fp16: same answer", video["same_answer"]["fp16"], at_least=0.98)
vl.report("(2+1)D, int8: share of the bytes", of_video["int8"], at_least=0.7)
vl.report("CNN, int8: share of the bytes", of_picture["int8"], at_most=0.3)
vl.report("CNN, int8: same answer", picture["same_answer"]["int8"], at_least=0.92)

# %% [markdown]
# Why does int8 shrink one and not the other? LiteRT has integer kernels for Conv2D and Dense, and none for **Conv3D**: its
# weights stay float, and around each layer numbers are turned into integers and back, which takes time. *Smaller numbers
# pay where the runtime has kernels for them.* fp16 asks for no kernels: weights are widened when the model is loaded.
#
# ## A teacher
#
# **Distillation** (Hinton, Vinyals and Dean, 2015): a small network, the student, learns from the answers of the large
# one. These say more than labels do: *this is a bow, and it looks a little like picking up*. A temperature $T$ makes them
# softer, so that the small numbers count:
#
# $$p_i^{(T)} \propto p_i^{1/T}$$
#
# The student minimises $0.7\,T^2\,\mathrm{CE}(p^{(T)}_{teacher}, p^{(T)}_{student}) + 0.3\,\mathrm{CE}(y,
# p_{student})$. Here is the answer of which the teacher is least sure:

# %%
P = predict(model, held.X)
p = P[P.max(axis=1).argmin()]
soft = p ** (1 / 4) / (p ** (1 / 4)).sum()
pair = pd.DataFrame({"T = 1": p, "T = 4": soft}, index=clips.classes).T
plots.heatmap(pair, alt="answers of the teacher, plain and softened", unit="probability", width=8,
              texts=".2f", bounds=(0, 1))

# %%
vl.report("both add up to", soft.sum() + p.sum(), at_least=1.99, at_most=2.01)
vl.report("the largest is softer by", p.max() - soft.max(), at_least=0.1)

# %% [markdown]
# The student has the shape of the pruned network, with new random weights. Next to it the same network learns alone, from
# the labels, for as many steps and with the same changes to its rows. Without this comparison, no score of a student says
# anything about the teacher.

# %% tags=["nbval-ignore-output"]
steps = 5 * (len(learnt) // 16)
keras.utils.set_random_seed(0)
student = keras.models.clone_model(narrow)
losses = edge.distil(student, model, learnt, steps=steps, augment=Augment(3), seed=0)
keras.utils.set_random_seed(0)
alone = keras.models.clone_model(narrow)
train(alone, learnt, epochs=5, learning_rate=3e-3, augment=Augment(3), progress=False)
small = {name: edge.measure(net, held.X, held.y)
         for name, net in (("distilled", student), ("alone", alone))}
smooth = pd.Series(losses).rolling(10).mean()
plots.curves({"loss": smooth}, alt="the loss of the student falls", xlabel="step", ylabel="loss")

# %%
fallen = np.mean(losses[-10:]) / np.mean(losses[:10])
vl.report("loss, last steps next to first", fallen, at_most=0.8)

# %% [markdown]
# ## All on one plot
#
# One training of each, with the same actors held out. One actor more or less moves an accuracy by a point or two, so look
# at large differences alone; `python benchmarks/bench_edge.py` does it over three seeds.

# %% tags=["nbval-ignore-output"]
rows = {"(2+1)D": whole, "half of the weights 0": zeros["50%"], "pruned channels, tuned": tuned, **{
    f"narrow, {name}": row for name, row in small.items()}}
rows |= {f"(2+1)D, {kind}": found["(2+1)D", kind] for kind in ("fp16", "dynamic", "int8")}
rows["pruned channels, tuned, fp16"] = edge.measure(narrow, held.X, held.y, quantize="fp16")
rows = pd.DataFrame(rows).T
shown = rows[["parameters", "bytes", "milliseconds", "accuracy"]]
shown.astype({"parameters": int, "bytes": int}).round({"milliseconds": 2, "accuracy": 3})

# %% [markdown]
# Nothing is best in all. What no other beats is on the **frontier**: none is as cheap and more accurate, or cheaper
# and as accurate. Times of one network differ by a fifth from run to run. Whether the teacher helped, one training
# cannot say: compare *distilled* and *alone*. Choose a cost, and how many points may be lost; the cheapest network
# that keeps to it is marked.

# %% tags=["nbval-ignore-output"]
explorer = widgets.TradeoffExplorer(rows)
explorer

# %%
explorer.lost.value = 5
saved = 1 - rows.loc[explorer.chosen, "bytes"] / whole["bytes"]
vl.report("bytes saved where five points may be lost", saved, at_least=0.55)

# %% [markdown]
# ## Three seeds
#
# One training is luck. `python benchmarks/bench_edge.py` did all of this with three seeds, each with other actors held out:

# %% tags=["nbval-ignore-output"]
stored = assets.results("edge")
seeds = stored[stored["seeds"].notna()]
shown = seeds[["parameters", "bytes", "milliseconds", "accuracy", "accuracy_std", "same_answer"]]
shown.astype({"parameters": int, "bytes": int}).round(3)

# %%
mean = seeds["accuracy"]
lost = mean["(2+1)D"] - mean["channels pruned, tuned"]
helped = mean["narrow, distilled"] - mean["narrow, from nothing"]
vl.report("lost by cutting channels, then tuning", lost, at_most=0.03)
vl.report("distilled, less the same network alone", helped, at_most=0.02)
int8 = seeds.loc["(2+1)D, int8", "same_answer"]
vl.report("same answer of the (2+1)D CNN in int8, mean", int8, at_most=0.96)

# %% [markdown]
# Cut and tuned, distilled, and trained alone end within a point of each other. Here neither the weights nor the answers of
# the large network help the small one. A claim that they do needs the small one alone next to it. And int8 costs
# the (2+1)D CNN more than time: with one of the seeds only three answers in four stayed.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("24.quantise")` gives a nudge, and a second one if you ask again;
# `vl.solution("24.quantise")` shows one way.

# %% [markdown]
# **1. Eight bits.** ★ Write `quantise(w)`: float weights as whole numbers from −127 to 127, `int8`, so that the largest
# magnitude becomes 127. Not all weights are 0.

# %%
def quantise(w):
    ...


vl.check("24.quantise", quantise)

# %% [markdown]
# **2. Softer.** ★ Write `soften(p, T)`: the probabilities p, float (n,), at temperature T.

# %%
def soften(p, T):
    ...


vl.check("24.soften", soften)

# %% [markdown]
# **3. Which channels.** ★★ Write `channels(kernel, gamma, keep)`: the numbers of the `keep` most important output channels,
# in rising order. `kernel` is (height, width, inputs, outputs), `gamma` is (outputs,).

# %%
def channels(kernel, gamma, keep):
    ...


vl.check("24.channels", channels)

# %% [markdown]
# **4. The frontier.** ★★★ Write `on_frontier(cost, accuracy)`: bool (n,), True for each network such that no other is at least
# as cheap *and* at least as accurate, and better in one of both.

# %%
def on_frontier(cost, accuracy):
    ...


vl.check("24.on_frontier", on_frontier)

# %%
vl.progress("24")

# %% [markdown]
# **Open question.** The pruned network is as accurate on average. Would you expect it to lose evenly over all actions, or a
# few of them wholly? How would you find out, and for whom would it matter?

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). A CNN on
# single frames is trained in seconds; how small can it be on yours? All of these rows were trained on, so an accuracy
# would mean nothing and is not shown; the share of answers that stay the same does mean something.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
mine = mine[mine["label"].notna()] if "label" in mine else mine.iloc[:0]
print(len(mine), "labelled rows")

# %% tags=["nbval-ignore-output"]
if len(mine) >= 8 and mine["label"].nunique() > 1:
    own = vl.load_examples(mine, features.Frames(n_frames=1), progress=False)
    own_cnn, _ = RECIPES["CNN"].train(own, epochs=5, seed=0, progress=False)
    kinds = {kind or "float": edge.measure(own_cnn, own.X, own.y, quantize=kind, calibration=own.X)
             for kind in (None, "fp16", "dynamic", "int8")}
    display(pd.DataFrame(kinds).T[["bytes", "milliseconds", "same_answer"]])
else:
    print("Too few labelled rows to train on: eight of two classes are the least.")

# %% [markdown]
# ## What you learnt
#
# * Parameters, operations, bytes and milliseconds are four costs; only a measurement tells the last.
# * Zeros alone save nothing; whole channels save all four, time least, and some tuning brings the accuracy back.
# * fp16 halves a file at no loss; int8 pays where the runtime has kernels for it, and Conv3D has none.
# * Put every way on one plot, next to the small network that learnt alone for as long: here it is as good.
#
# **Next:** 25 takes the network out of Keras, to a phone.
#
# ## Further reading
#
# * S. Han, J. Pool, J. Tran, W. Dally: *Learning both Weights and Connections for Efficient Neural Networks*. NeurIPS, 2015.
# * H. Li and others: *Pruning Filters for Efficient ConvNets*. ICLR, 2017.
# * G. Hinton, O. Vinyals, J. Dean: *Distilling the Knowledge in a Neural Network*. NIPS Deep Learning Workshop, 2015.
# * B. Jacob and others: *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference*. CVPR, 2018.
