# %% [markdown]
# # 02 · Clips
#
# **How do we cut films of any length into pieces of one shape, and how can such pieces mislead us?**
#
# A network wants every input to have the same shape, and an action is often over in a second. So films are cut into
# **clips**: short sequences of frames. This takes one line. It takes longer to see how easily clips make a method that
# has learnt nothing about the action look excellent.
#
# In this notebook you will
#
# * cut windows of a length, a stride and a temporal stride, and decide what happens to the rest at the end,
# * keep the sound together with the pictures that it belongs to,
# * watch a score of 100 % collapse when clips of one film may no longer be on both sides of the split.
#
# About 30 minutes to read, half a minute to run.

# %%
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import vmm_lab as vl
from vmm_lab import assets, features, plots, theatre, widgets

# %% [markdown]
# ## Windows
#
# Our film is one from the theatre: Kofi jumps for two seconds, 50 frames at 25 a second.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre")
jumps = table[table["label"] == "jump"].set_index("group")
film = vl.open_media(jumps.loc["Kofi", "path"])
frames, times = film.frames()
vl.filmstrip(frames, times=times, n=10)

# %% [markdown]
# A clip is a slice of that array. Two numbers, both in frames, say where to cut: the **length** of a clip, and the
# **stride** from the beginning of one to the beginning of the next. With length 16 and stride 8, neighbours share
# half of their frames.

# %%
length, stride = 16, 8
beginnings = range(0, len(frames) - length + 1, stride)
by_hand = np.stack([frames[first : first + length] for first in beginnings])
print(f"of {len(frames)} frames, clips begin at {list(beginnings)}; shape {by_hand.shape}")
vl.filmstrip({f"clip {k}": clip[::4] for k, clip in enumerate(by_hand)}, width=4)

# %% [markdown]
# Of each clip every fourth frame is shown. Look at them one below the other: the right half of each clip is the left
# half of the next. The library's version does the same in one line, and returns the first frames as well:

# %%
clips, firsts = vl.split_clips(frames, length=16, stride=8)
assert np.array_equal(clips, by_hand)
print(clips.shape, firsts.tolist())

# %% [markdown]
# There is one difference, though not in the numbers. Stacking copies the shared frames again and again. `split_clips`
# returns a **view**: the same memory, seen through a moving window. So overlapping clips of a long film cost nothing,
# and the view is read-only, so that a change in one clip cannot change its neighbour.

# %%
both = {"stacked by hand": by_hand, "split_clips": clips}
memory = {name: np.shares_memory(array, frames) for name, array in both.items()}
pd.Series(memory).to_frame("shares the memory of the film")

# %% [markdown]
# Now try it yourself. What happens when the stride becomes larger than the length? What is lost at the end, and when?

# %%
widgets.ClipExplorer(film, length=16, stride=8)

# %% [markdown]
# ## Every k-th frame
#
# A clip of 16 frames at 25 a second shows 0.64 s, which is less than one jump. How can a clip show more, with no more
# numbers for a network to read? Take only every $k$-th frame. This $k$ is the **temporal stride**, or the *sampling
# rate*, and half of the name of many video networks: "16×4" means 16 frames, each the fourth. (The stride from one clip
# to the next is another number.) From the first frame of a clip to the last one, $L$ frames cover
#
# $$\text{span} \;=\; \frac{(L - 1) \cdot k + 1}{f} \quad\text{seconds, at } f \text{ frames per second:}$$
#
# there are $L - 1$ steps of $k$ frames, and the last frame stays on screen for $1/f$ seconds.

# %%
strides = [1, 2, 3]
strided = {f"16×{k}\n{(15 * k + 1) / 25:.2f} s": frames[k * np.arange(16)] for k in strides}
library, _ = vl.split_clips(frames[::3], length=16)
assert np.array_equal(library[0], strided["16×3\n1.84 s"])
vl.filmstrip(strided, n=16, width=9)

# %% [markdown]
# Each row has sixteen frames. With temporal stride 3 a clip covers nearly the whole film, both jumps. The library needs
# no option for it: take every third frame first (`frames[::3]`, again a view), then split.
#
# What does it cost? Two things. The first is time. The network reads no more, but the *decoder* does: a frame in
# between is not shown, but the next one is stored as its difference from it (notebook 01). We read clips of 16 frames
# from the street.

# %% tags=["nbval-ignore-output"]
street = vl.open_media(assets.fetch("bikes"))
costs = {}
for k in (1, 2, 4, 8):
    seconds, spent = (15 * k + 1) / 25, []
    for _ in range(3):
        before = time.process_time()
        read = street.frames(size=(96, 226), end=seconds)[0]
        clip = read[::k]
        spent.append(1000 * (time.process_time() - before))
    costs[f"16×{k}"] = {"span (s)": seconds, "frames decoded": len(read),
                        "megabytes": clip.nbytes / 1e6, "processor time (ms)": min(spent)}
pd.DataFrame(costs).T.round(2)

# %% [markdown]
# The clip stays as large as it was; the number of frames decoded, and the time with it, grows with the span. The second
# cost is worse, because nothing tells you about it. Diego claps about three times a second, once in eight frames. Here
# are his film at every frame, at every eighth, and at every seventh:

# %%
diego = table[table["label"] == "clap"].set_index("group").loc["Diego", "path"]
truth, (clapping, _) = theatre.truth(diego), vl.open_media(diego).frames()
hands = np.linalg.norm(truth.keypoints[:, 9, :2] - truth.keypoints[:, 10, :2], axis=1)
moved = {k: np.ptp(hands[1::k]) for k in (1, 8)}
beat = round(np.diff(truth.events).mean() * 25)
vl.report("frames from one clap to the next", beat, at_least=8, at_most=8)
vl.report("way of the hands at every frame", moved[1], at_least=20, unit=" pixels")
vl.report("way of the hands at every eighth frame", moved[8], at_most=0.5, unit=" pixels")
vl.filmstrip({f"k = {k}": clapping[1::k][:7] for k in (1, 8, 7)}, width=6)

# %% [markdown]
# In the second row he stands still. In the third he claps, but once in 2.2 seconds: each picture is one frame *earlier*
# in the movement than the picture before it. So he claps slowly and backwards. Clapping looks the same in both
# directions; the wheels of a coach in an old film do not. This is **temporal aliasing**: a motion that repeats faster
# than we look takes on a false speed. To see the right one, we have to look more than twice in each of its periods, here
# $k < 4$. (Sound has the same rule; notebook 12 gives it its name.) So the temporal stride is a trade: the span of a clip
# against the fastest motion that it still shows.
#
# ## What is left at the end
#
# 50 frames make five clips of 16 with stride 8, and two frames are left over. Leaving out the rest is honest and
# simple, but a film shorter than one clip would vanish altogether. `pad="repeat"` completes the last clip with copies
# of the last frame. Here the third clip of 20 frames, every second one shown; can you see where the film stops?

# %%
whole, _ = vl.split_clips(frames, length=20)
filled, first = vl.split_clips(frames, length=20, pad="repeat")
print(len(whole), "clips without padding,", len(filled), "with; the last begins at", first[-1])
vl.filmstrip(filled[-1][::2], n=10)

# %% [markdown]
# Why not fill up with black, that is, with zeros? Because a clip shows *motion*. Here is how much changes from each frame
# to the next, the mean over all pixels, with the two ways to fill:

# %%
black = np.concatenate([frames[40:], np.zeros((10, *frames.shape[1:]), np.uint8)])
alt = "change from frame to frame: a peak at the cut to black, nothing for repeated frames"
figure, axis = plots.axes(alt, height=2.6)
ways = {"last frame repeated": (filled[-1], "o-"), "filled with black": (black, "s--")}
for (name, (clip, look)), color in zip(ways.items(), plots.PALETTE):
    change = np.abs(np.diff(clip.astype(int), axis=0)).mean(axis=(1, 2, 3))
    axis.plot(range(1, 20), change, look, label=name, color=color)
axis.set(xlabel="frame of the clip", ylabel="mean change (of 255)", xticks=range(0, 20, 2))
figure

# %% [markdown]
# The cut to black is by far the largest motion of the whole clip, and it never happened. Repeated frames add no motion.
# (A third way is to *loop*, to begin again with the first frame. That suits a motion that repeats, and makes one false
# jump in any other.)
#
# But repeated frames are not free of harm, either: an average over the clip counts the last frame eleven times. And zeros
# are harmless as soon as everybody knows that they are no pictures. Networks that read sequences of different lengths
# therefore get zeros **and a mask**: for each place of the clip, `True` where there is a real frame. What stands
# elsewhere is left out. (Notebook 16 does the same where a whole modality is missing.) We describe each frame by the
# edges in it (HOG; notebook 03 builds it), take the mean over the clip in three ways, and compare it with the mean over
# the ten real frames:

# %%
rows = features.HOG(size=(128, 128), pooling=None).transform([filled[-1]])[0].reshape(20, -1)
mask = np.arange(20) < 10  # the last clip has ten frames of its own
zeros = np.where(mask[:, None], rows, 0)
ways = {"last frame repeated": rows.mean(axis=0), "zeros": zeros.mean(axis=0),
        "zeros and a mask": (zeros * mask[:, None]).sum(axis=0) / mask.sum()}
true = rows[:10].mean(axis=0)
assert np.allclose(ways["zeros and a mask"], np.average(zeros, axis=0, weights=mask))
error = {name: np.linalg.norm(row - true) / np.linalg.norm(true) for name, row in ways.items()}
plots.bars(error, alt="error of the mean: none with a mask",
           xlabel="error (share of the true mean)")

# %% [markdown]
# Without the mask, zeros halve every number, because half of the places are empty. With it, the mean is that of the real
# frames alone. So the rule is: *for a method that knows no mask, repeat the last frame; for one that does, pad with zeros
# and hand over the mask.*
#
# ## The sound of a clip
#
# Frames and sound run on one clock: frame $k$ is on screen from $k/f$ to $(k+1)/f$ seconds, where $f$ is the number
# of frames per second, and sample $i$ of the sound lies at $i/r$, where $r$ is the sampling rate. At $f = 25$ and $r
# = 16\,000$ a frame lasts exactly 640 samples. So the sound can be cut just as the pictures are, with both numbers
# 640 times as large. To hear whether it fits, we take a film of clapping.

# %%
RATE = 16_000
claps = table[(table["label"] == "clap") & (table["heard"] == "clap")]
film = vl.open_media(claps["path"].iloc[0])
frames, times = film.frames()
clips, firsts = vl.split_clips(frames, length=16, stride=8)
wave = film.audio(sample_rate=RATE, end=film.duration)
per_frame = RATE // 25
sounds, _ = vl.split_clips(wave, length=16 * per_frame, stride=8 * per_frame)
print("clips of frames:", clips.shape, " clips of sound:", sounds.shape)

# %% [markdown]
# Does it fit? The theatre knows when the hands meet: the dotted lines. The grey and white bands are clips of ten frames,
# each with its sound.

# %%
figure = plots.timeline(film, n=10)
below = figure.axes[1]
for first in range(0, len(frames), 20):
    below.axvspan(first / 25, (first + 10) / 25, color="#BBBBBB", alpha=0.5, linewidth=0)
for moment in theatre.truth(film.path).events:
    below.axvline(moment, color=plots.PALETTE[0], linestyle=":")
figure

# %% [markdown]
# Each peak begins at its line. Now we test it over all films with claps that can be heard: take the clip that *shows*
# the hands meet, cut its sound, and see whether the loudest moment of that sound is near the true one.

# %%
def delay_of_clap(path, moment, length=10):
    """Seconds from the true clap to the peak of the sound in the clip that shows it."""
    start = int(moment * 25) // length * length / 25
    sound = vl.open_media(path).audio(sample_rate=RATE, start=start, end=start + length / 25)
    near = max(0, round((moment - start - 0.1) * RATE)), round((moment - start + 0.1) * RATE)
    peak = near[0] + np.abs(sound[slice(*near)]).argmax()
    return start + peak / RATE - moment


moments = [(path, moment) for path in claps["path"] for moment in theatre.truth(path).events]
delays = [delay_of_clap(path, moment) for path, moment in moments]
vl.report("claps looked at", len(delays), at_least=20)
vl.report("largest delay of a peak, in frames", max(np.abs(delays)) * 25, at_most=0.2)

# %% [markdown]
# Every clap is heard in the clip that shows it, less than a frame away from its moment. Press play, and hear one clip
# with its sound.

# %%
with_sound = {"sound": sounds[1], "sample_rate": RATE}
widgets.FramePlayer(clips[1], times[8:24] - times[8], **with_sound, name="clip 1")

# %% [markdown]
# ## Many clips from few films
#
# Clips are tempting: 24 films become 192 examples. We need not even store them. A row of a table may name a *segment*
# of a file, with `start` and `end` in seconds, and everything that reads tables reads just that segment. Clips of 8
# frames, one every 6 frames:

# %%
def cut(table, seconds, stride):
    """A row per clip of every film: the film's columns, its number, `start` and `end` (s)."""
    rows = []
    for number, row in table.iterrows():
        last = vl.open_media(row["path"]).duration - seconds
        for start in np.arange(0, last + 1e-6, stride):
            place = {"film": f"film {number}", "start": start, "end": start + seconds}
            rows.append({**row, **place})
    return pd.DataFrame(rows)


segments = cut(table[["path", "label", "group"]], seconds=8 / 25, stride=6 / 25)
segments[["label", "group", "film", "start", "end"]].head(3).round(2)

# %% [markdown]
# Each clip becomes one row of numbers: HOG, which describes where edges run in which direction, averaged over four
# frames. Any feature would do here.
#
# ## An excellent score
#
# Can a linear support vector machine (SVM) tell which of the four actions a clip shows? Until notebook 05 opens it, it
# is a black box: it learns from rows of numbers with labels (`fit`), and predicts the labels of others; the
# `StandardScaler` before it brings all columns to one scale. We keep a third of the clips for testing, chosen at random,
# and learn from the rest. As we split, the library warns us:

# %%
X = vl.extract(segments, vl.features.HOG(n_frames=4), progress=False)
print(f"{len(X)} rows of {X.shape[1]} numbers")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    train, test = vl.split_by_group(segments, group=None, test=1 / 3, seed=0)
print(caught[0].message)

# %% [markdown]
# We ignore the warning, as many have done. Next to the score we put the *majority baseline*: always predict the most
# frequent label of the training clips.

# %%
def split(clips, group, seed):
    """Train and test clips, without the warning that we have read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return vl.split_by_group(clips, group=group, test=1 / 3, seed=seed)


train, test = split(segments, group=None, seed=0)
majority_class = train["label"].mode()[0]
print(f"{len(train)} training clips, {len(test)} test clips; majority class: {majority_class}")

# %%
def score(clips, X, group, seed):
    """Accuracy on held-out clips of a linear SVM, and of the majority baseline."""
    train, test = split(clips, group, seed)
    model = make_pipeline(StandardScaler(), SVC(kernel="linear"))
    model.fit(X[train.index], train["label"])
    majority_class = train["label"].mode()[0]
    return model.score(X[test.index], test["label"]), (test["label"] == majority_class).mean()


accuracy, majority = score(segments, X, group=None, seed=0)
vl.report("accuracy of the SVM", accuracy, at_least=0.97)
vl.report("accuracy of the majority baseline", majority, at_most=0.30)

# %% [markdown]
# Nearly every clip is right, after a second of work! Before we write a paper about it: *how* does the machine know? We
# look for the *nearest neighbour* of each test clip, the training clip whose row of numbers is closest to its own. Here
# are three test clips, each with its neighbour.

# %%
def most_similar(group, seed=0):
    """The test clips of a split and, row by row, the training clip nearest to each in HOG."""
    train, test = split(segments, group, seed)
    distances = np.linalg.norm(X[test.index][:, None] - X[train.index][None], axis=2)
    return test, train.iloc[distances.argmin(axis=1)]


tests, twins = most_similar(group=None)
same_film = (tests["film"].to_numpy() == twins["film"].to_numpy()).mean()
vl.report("share of test clips whose neighbour is of the same film", same_film, at_least=0.97)

# %%
def show_pairs(tests, twins):
    shown = {}
    for pair, k in enumerate(range(0, len(tests), 22), 1):
        for side, row in (("test", tests.iloc[k]), ("most similar", twins.iloc[k])):
            clip, _ = vl.open_media(row["path"]).sample(1, start=row["start"], end=row["end"])
            shown[f"{pair}: {side}\n{row['film']}, {row['group']}\n{row['label']}"] = clip[0]
    return plots.gallery(shown, columns=6, width=9)


show_pairs(tests, twins)

# %% [markdown]
# The same actor, the same room, the same *film*, a quarter of a second away. The machine need not know what clapping
# is: it recognises the film and has memorised its label.
#
# This is **leakage**: information about the test has leaked into the training. Now the honest way. All clips of an
# actor go to one side, so the machine is tested on people that it has never seen:

# %%
show_pairs(*most_similar(group="group"))

# %% [markdown]
# ## Random, by film, by actor
#
# Three ways to split, eight seeds each, with the same clips, the same feature and the same classifier. A dot is one
# seed, a bar the mean of all eight.

# %%
SPLITS = {"random clips": None, "by film": "film", "by actor": "group"}


def score_splits(clips, X, splits, seeds=8):
    trials = [(name, group, seed) for name, group in splits.items() for seed in range(seeds)]
    rows = [(name, *score(clips, X, group, seed)) for name, group, seed in trials]
    return pd.DataFrame(rows, columns=["split", "SVM", "majority"])


actions = score_splits(segments, X, SPLITS)
means = actions.groupby("split", sort=False).mean()
vl.report("random clips, SVM", means.loc["random clips", "SVM"], at_least=0.97)
vl.report("by actor, SVM", means.loc["by actor", "SVM"], at_least=0.40, at_most=0.50)
vl.report("by actor, majority", means.loc["by actor", "majority"], at_most=0.26)
vl.report("by film, SVM", means.loc["by film", "SVM"], at_most=0.52)

# %%
def show_splits(results, title):
    means = results.groupby("split", sort=False).mean()
    figure, axis = plots.axes(f"{title} Accuracy by kind of split", height=2.6)
    plots.bars(means["SVM"], axis=axis, colors="#56B4E9", title=title)
    places = dict(zip(means.index, range(len(means))[::-1]))
    axis.plot(results["SVM"], results["split"].map(places), "o", ms=4, label="SVM, one seed")
    axis.plot(means["majority"], list(places.values()), "kd", label="majority, mean")
    label = "accuracy on held-out clips (share of 1)"
    axis.set(xlim=(0, 1.25), xticks=np.arange(6) / 5, xlabel=label)
    return figure


show_splits(actions, "Which of four actions?")

# %% [markdown]
# From 100 % to less than half, where the baseline reaches a quarter, and only the split was changed. On new actors the
# feature is better than the baseline, but far from perfect: a clip is eight frames of a small puppet, there are 16 films
# to learn from, and sitting down looks like standing up.
#
# By film it is no better: in this theatre every actor plays each action once, so the other films of the same actor show
# other actions. And the dots are widely spread. 192 clips look like many, but there are only 24 films and six
# actors, and an honest score depends on *these* numbers.
#
# ## Predicting a coin
#
# Do you still believe that the first score had anything to do with actions? Then try this. For each film we toss a coin
# and label all of its clips *heads* or *tails*. There is nothing to learn, because nobody can see a coin in a film. An
# honest score must be about one half.

# %%
def toss(seed):
    """Every clip labelled with the coin of its film; as many films with heads as with tails."""
    names = segments["film"].unique()
    coins = np.random.default_rng(seed).permutation(np.arange(len(names)) % 2)
    heads = segments["film"].map(dict(zip(names, coins)))
    return segments.assign(label=np.where(heads, "heads", "tails"))


tosses = pd.concat([score_splits(toss(seed), X, SPLITS, seeds=2) for seed in range(6)])
show_splits(tosses, "Heads or tails?")

# %%
means = tosses.groupby("split", sort=False).mean()
vl.report("coin, random clips", means.loc["random clips", "SVM"], at_least=0.97)
vl.report("coin, by film", means.loc["by film", "SVM"], at_most=0.60)
vl.report("coin, by actor", means.loc["by actor", "SVM"], at_most=0.58)
vl.report("coin, by actor, majority", means.loc["by actor", "majority"], at_most=0.43)

# %% [markdown]
# With random clips, the classifier predicts the coin perfectly. So a high score on such a split may mean no more than
# this. By film and by actor it reaches what anybody can reach with a coin, about one half. (By actor the majority
# baseline is even below one half: there are as many heads as tails, so the side that is more frequent among the training
# films is the rarer one among the test films, and the baseline predicts the wrong side.) As a rule: **if two clips come
# from one recording, or show one person, they belong on one side.** `split_by_group` does so by the column `group`, and
# `vl.compare` does it automatically.
#
# ## Exercises
#
# Write your answer in place of the `...` and run the cell. `vl.hint("02.count_windows")` gives a nudge, and a second one
# if you ask again; `vl.solution("02.count_windows")` shows one way.
#
# **1. How many windows?** ★ You have counted them with the widget; now find the rule. Windows of `length` frames begin
# at frame 0, `stride`, 2·`stride` and so on. How many whole ones fit into `n_frames`? Think of a video shorter than
# one window, too.

# %%
def count_windows(n_frames, length, stride):
    ...


vl.check("02.count_windows", count_windows)

# %% [markdown]
# **2. How long is a clip?** ★ A network is called "`length`×`temporal_stride`". How many seconds of a film of `fps`
# frames per second does one of its clips span, from the moment its first frame appears until its last one goes?

# %%
def span(length, temporal_stride, fps):
    ...


vl.check("02.span", span)

# %% [markdown]
# **3. Filling the last window.** ★★ Do by hand what `pad="repeat"` does. `frames` is uint8 (T, H, W, 3) with T ≤
# `length`; return (length, H, W, 3): the frames, then the last one again and again.

# %%
def pad_repeat(frames, length):
    ...


vl.check("02.pad_repeat", pad_repeat)

# %% [markdown]
# **4. The mean of a batch.** ★★★ Clips of different lengths have been padded into one array, `rows` of shape (N, T, d),
# with a boolean `mask` (N, T). Return the mean over the real frames of each clip, (N, d). What stands in the padding
# may be anything, even NaN (*not a number*): it must not matter.

# %%
def masked_mean(rows, mask):
    ...


vl.check("02.masked_mean", masked_mean)

# %% [markdown]
# **5. The sound of a clip.** ★★★ With 25 frames/s, 640 samples made a frame. With 30 it is 533⅓. Return the samples of
# the clip of `length` frames that begins at frame `first_frame`; frame 0 and `wave` begin together. Clips that follow
# one another should share no sample and lose none.

# %%
def sound_of_clip(wave, sample_rate, fps, first_frame, length):
    ...


vl.check("02.sound_of_clip", sound_of_clip)

# %% [markdown]
# **6. How much leaks?** ★★ For each clip, the array `videos` names the video that it was cut from, and the boolean array
# `is_test` says on which side of the split it is. What share of the test clips has a training clip from the same
# video?

# %%
def leaked_share(videos, is_test):
    ...


vl.check("02.leaked_share", leaked_share)

# %% [markdown]
# **Open question.** Two nurses are filmed in four rooms of a hospital, each in every room. A method should recognise
# falls in hospitals that it has never seen. Which splits can you make of these films, which of them can you trust, and
# what can none of them tell you? There is no check for this one.
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). The cells
# take up to 24 films, cut them into clips of one second, and look for leakage.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
mine = mine[[vl.open_media(path).has_video for path in mine["path"]]]
mine = mine.sample(min(24, len(mine)), random_state=0)
my_film = vl.open_media(mine["path"].iloc[0])
my_frames, _ = my_film.frames(size=(90, round(90 * my_film.size[1] / my_film.size[0])), end=5)
my_clips, _ = vl.split_clips(my_frames, length=16, pad="repeat")
vl.filmstrip({f"clip {k}": clip[::2] for k, clip in enumerate(my_clips[:2])}, width=7)

# %% [markdown]
# The nearest neighbour needs no labels: how many of your clips are most similar to another clip of *the same film*? By
# chance this would be rare.

# %%
my_segments = cut(mine, seconds=1, stride=1)
my_X = vl.extract(my_segments, vl.features.HOG(n_frames=2), progress=False)
distances = np.linalg.norm(my_X[:, None] - my_X[None], axis=2)
np.fill_diagonal(distances, np.inf)  # a clip is not its own neighbour
neighbours = my_segments["film"].to_numpy()[distances.argmin(axis=1)]
share = (neighbours == my_segments["film"]).mean()
print(f"{100 * share:.0f} % of {len(my_X)} clips are most similar to a clip of the same film")

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1 and mine["label"].notna().all()
grouped = "group" in mine and mine["group"].nunique() > 1 and mine["group"].notna().all()
my_splits = {"random clips": None, "by film": "film"}
my_splits.update({"by group": "group"} if grouped else {})
if labelled:
    display(show_splits(score_splits(my_segments, my_X, my_splits, seeds=4), "Your labels"))
else:
    print("Without labels there is no score to inflate; the neighbours show what would leak.")

# %% [markdown]
# ## What you learnt
#
# * A clip is a slice of `length` frames; one begins every `stride` frames; `split_clips` gives all of them without
#   copying. With a temporal stride of $k$ it spans $((L - 1) \cdot k + 1) / f$ seconds: decoding takes longer, and what
#   repeats more often than once in $2k$ frames is shown wrongly.
# * Fill up with the last frame, or with zeros and a mask; zeros that nobody knows of are a cut to black.
# * Pictures and sound are cut on one clock, both ends in seconds; then the clap is in the clip that shows it.
# * Clips of one film are nearly copies of one another. Split at random, they let a machine predict a coin; split by
#   film and person, they show what it has learnt.
#
# **Next:** the honest score was low. What could a machine look at, if not at the wallpaper? 03 builds handcrafted
# features: colours, edges, keypoints.
#
# ## Further reading
#
# * C. Feichtenhofer, H. Fan, J. Malik and K. He, *SlowFast networks for video recognition*, ICCV 2019: two temporal
#   strides in one network.
# * L. Wang et al., *Temporal segment networks: towards good practices for deep action recognition*, ECCV 2016: a few
#   frames spread over the whole film, in place of a dense clip.
# * S. Kaufman, S. Rosset, C. Perlich and O. Stitelman, *Leakage in data mining: formulation, detection, and avoidance*,
#   ACM Transactions on Knowledge Discovery from Data 6, 2012.
