# %% [markdown]
# # 10 · Sound
#
# **What does a microphone record that the camera does not?**
#
# For the camera of the theatre, a knock and a punch are the same: an arm goes forward. A listener would not confuse them
# for a moment. This notebook turns a wave into a picture of pitches, step by step, and gives that picture to a
# convolutional network: the same tool as for films, on another modality.
#
# In this notebook you will
#
# * build a spectrogram, its mel bands and its cepstral coefficients by hand, and check them against the library,
# * train a network on sound alone, and find out why it is right only half of the time and could hardly be better,
# * see a network memorise voices, and test the usual cures.
#
# About 30 minutes to read, a good minute to run, and two more the first time, when the full theatre is rendered.

# %%
from dataclasses import replace

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, features, networks, plots, theatre, widgets
from vmm_lab.networks import keras

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Two films, one motion
#
# All sixteen actions this time, twenty actors. `heard` is the sound that the microphone recorded; in some films it missed
# the sound of the action, and recorded only the room.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre", size="full")
table[["label", "heard", "scene", "group", "caption"]].sample(5, random_state=2)

# %%
vl.report("films with sound", len(table), at_least=960, at_most=960)
heard = table[table["heard"].isin(["thump", "rap"]) & (table["group"] == "Hiro")]
punch, knock = (heard[heard["label"] == name].iloc[0] for name in ("punch", "knock"))
with vl.open_media(punch["path"]) as media:
    wave = media.audio(sample_rate=16_000)
    picture = plots.timeline(media)
picture

# %%
with vl.open_media(knock["path"]) as media:
    knocking = media.audio(sample_rate=16_000)
    picture = plots.timeline(media)
picture

# %% [markdown]
# Which is which? The pictures do not show it. The waves differ a little: in how fast each blow fades. The ear hears far
# more than that, because it separates sounds by **pitch**.
#
# ## From a wave to its pitches
#
# A wave is one number per sample, here 16,000 per second. A piece of it, 512 samples or 32 ms, can be written as a sum of
# sines (the **Fourier transform**); the strengths of the sines are the *power spectrum*. Before that, the piece is faded
# in and out by a *Hann window*: a hard edge would sound like a click, and a click contains all pitches.

# %%
N_FFT, STEP, RATE = 512, 160, 16_000
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
hertz = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
figure, axis = plots.axes("Power spectra of two blows", height=2.6, title="One blow of each, 32 ms",
                          xlabel="frequency (Hz)", ylabel="power (dB)")
for name, sound in {"punch": wave, "knock": knocking}.items():
    start = max(0, np.abs(sound).argmax() - 100)
    piece = sound[start:start + N_FFT] * hann
    axis.plot(hertz, 10 * np.log10(np.abs(np.fft.rfft(piece)) ** 2 + 1e-10), label=name)
figure

# %% [markdown]
# The knock rings at a few pitches; the punch is a low thump with a slap of noise.
#
# The unit is the **decibel**, 10 log₁₀ of the power: ten times the power is always 10 dB more, which is roughly how
# the ear counts.
#
# ## A spectrogram by hand
#
# Do this every 10 ms and put the spectra next to one another: one axis is time, the other pitch. That is a
# **spectrogram**.

# %%
def power_spectrogram(wave):
    """Compute the power, float (T, 257), of windows centred on every 160th sample."""
    padded = np.pad(wave.astype(float), N_FFT // 2)
    starts = np.arange(0, len(wave) + 1, STEP)
    pieces = np.stack([padded[start:start + N_FFT] for start in starts])
    return np.abs(np.fft.rfft(pieces * hann)) ** 2


power = power_spectrogram(wave)
power.shape

# %% [markdown]
# 257 frequencies at intervals of 31 Hz. The ear does not divide pitches equally: from 100 to 200 Hz is an octave, from
# 4,000 to 4,100 less than half a semitone. The **mel scale** spaces pitches as listeners do: linear up to 1 kHz,
# logarithmic above (the numbers below are Slaney's). A *mel band* is a triangle on that scale, and adds up the power
# under it.

# %%
def mel_triangles(n_mels, highest):
    """Build float (257, n_mels): triangles of equal width in mel, each of area 1 in hertz."""
    edges = np.linspace(0, features.hertz_to_mel(highest), n_mels + 2)
    edges = np.where(edges < 15, edges * 200 / 3, 1000 * 6.4 ** ((edges - 15) / 27))
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (hertz[:, None] - low) / (middle - low)
    falling = (high - hertz[:, None]) / (high - middle)
    return np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low)


log_mel = 10 * np.log10(np.maximum(power @ mel_triangles(64, 8000), 1e-10))
library = features.log_mel(wave, sample_rate=RATE, n_fft=N_FFT, hop_length=STEP, n_mels=64)
difference = np.abs(np.maximum(log_mel, log_mel.max() - 80) - library).max()
vl.report("largest difference from the library (dB)", difference, at_most=0.01)

# %%
pair = [features.log_mel(sound, sample_rate=RATE) for sound in (wave, knocking)]
figure, axes = plots.axes("Log-mel spectrograms of a punch and a knock", columns=2, sharey=True,
                          xlabel="time (s)", ylabel="mel band, low to high")
for axis, name, levels in zip(axes, ("punch", "knock"), pair):
    image = axis.imshow(levels.T, origin="lower", aspect="auto", extent=(0, 2, 0, 64), cmap="magma")
    axis.set(title=name)
figure.colorbar(image, ax=axes, label="dB")
figure

# %% [markdown]
# Now nobody would confuse them. A spectrogram is a picture, and a network for pictures can read it.
#
# ## Cepstral coefficients by hand
#
# Neighbouring bands have nearly the same values. The **MFCC**, which served speech recognition for thirty years, keep the
# broad shape of each column: they measure how much of a slow cosine, of one a little faster, and so on, is in it (a
# *discrete cosine transform*), and keep the first 13 coefficients. The finer shape, for example the pitch of a voice, is
# thrown away.

# %%
bands = np.maximum(power @ mel_triangles(26, 4000), 1e-10)
bands = 10 * np.log10(bands)
bands = np.maximum(bands, bands.max() - 80)
cosines = np.cos(np.pi * np.outer(np.arange(26) + 0.5, np.arange(13)) / 26) * np.sqrt(2 / 26)
cosines[:, 0] /= np.sqrt(2)
mfcc = bands @ cosines
difference = np.abs(mfcc - features.mfcc(wave, sample_rate=RATE)).max()
print(f"a column: {bands.shape[1]} bands before, {mfcc.shape[1]} coefficients after")
vl.report("largest difference from the library", difference, at_most=0.01)

# %% [markdown]
# ## Hear it and see it
#
# Play the film and follow the line. Then change the window. A long one separates neighbouring pitches and blurs the blow
# over time; a short one shows the moment, but not the pitch. No window does both: this is a property of the mathematics,
# not of the library. With many bands and a short window some bands stay empty. Why? (A window of 8 ms has one frequency
# every 125 Hz.)

# %% tags=["nbval-ignore-output"]
widgets.SoundExplorer(knock["path"])

# %%
lengths = {ms: features.mel_filters(RATE, n_fft=16 * ms, n_mels=64) for ms in (8, 32, 128)}
empty = [int((filters.sum(axis=0) == 0).sum()) for filters in lengths.values()]
vl.report("bands that an 8 ms window leaves empty", empty[0], at_least=7, at_most=7)
vl.report("bands that a 128 ms window leaves empty", empty[2], at_least=0, at_most=0)

# %% [markdown]
# ## A network that hears
#
# `features.Spectrogram` stretches the loud part of each sound to 24 steps of 24 bands; `networks.sound_cnn` subtracts the
# mean of each band, applies three convolutions and classifies. In training, each spectrogram is moved, stretched and
# partly hidden, differently each time; these are layers of the model, and at test time they do nothing.
#
# Four actors are kept for the test, and two are used to choose the best epoch. (They are drawn by hand, because the
# numbers below were measured with these; `examples.split` does it in one line.)

# %% tags=["nbval-ignore-output"]
feature = features.Spectrogram(hop_length=160, n_mels=24, fmax=4000.0, n_frames=24, trim=30.0)
recipe = replace(networks.RECIPES["Sound CNN"], feature=feature)
examples = vl.load_examples(table, recipe.feature, progress=False)
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = {"train": actors[6:], "val": actors[4:6], "test": actors[:4]}
rows = {side: np.isin(examples.groups, names) for side, names in sides.items()}
train, val, test = (examples[row] for row in rows.values())
model = recipe.model(train)
history = await vl.fit(model, train, validation=val, **recipe.settings(train))

# %%
predicted = networks.predict(model, test.X).argmax(axis=1)
right = predicted == test.y
vl.report("films of new actors", len(test), at_least=192, at_most=192)
vl.report("accuracy, sixteen actions", right.mean(), at_least=0.43)

# %% [markdown]
# About half. Is that bad? It depends on what is achievable.
#
# ## The best that any listener could do
#
# We know how the theatre was made. Walking and marching share their footsteps, sitting down and standing up their creak;
# bowing and waving make no sound at all; and in 15 % of all films the microphone missed the sound. A perfect listener
# can only guess among actions that sound the same. `theatre.ceiling("sound")` computes the accuracy of that: 0.54.
#
# A real score may be a little higher by luck, because a test of 192 films has a standard error. More than two standard
# errors above would mean a leak: look for it, do not celebrate.

# %%
ceiling = theatre.ceiling("sound")
error = np.sqrt(ceiling * (1 - ceiling) / len(test))
vl.report("ceiling of sound", ceiling, at_least=0.54)
vl.report("above the ceiling, in standard errors", (right.mean() - ceiling) / error, at_most=2.0)

# %% tags=["nbval-ignore-output"]
split = np.select(list(rows.values()), list(rows), "")
methods = [features.LogMel(), features.MFCC()]
board = vl.compare(table.assign(split=split), methods=methods, vote=False, progress=False)
scores = board.frame.set_index("name")["accuracy"]
scores["Sound CNN"], scores["ceiling: a perfect listener"] = right.mean(), ceiling
scores.to_frame("accuracy on four new actors").round(3)

# %%
gain = right.mean() - scores["Majority class"]
vl.report("CNN, above the majority class", gain, at_least=0.36)
difference = abs(right.mean() - scores["LogMel"])
vl.report("difference between CNN and LogMel", difference, at_most=0.07)

# %% [markdown]
# The CNN is not better than the handcrafted features: averaged log-mel with a linear SVM is as near to the ceiling, and
# no method can be above it. A network is worth its cost where the ceiling is far.
#
# ## What it confuses, and why
#
# Read the matrix in blocks. Order the actions by their sound, and the mistakes stay inside the block, or go to the quiet
# actions.

# %% tags=["nbval-ignore-output"]
sounds = table[table["heard"] != "quiet"].groupby("label")["heard"].first()
sound_of = np.array([sounds.get(name, "quiet") for name in test.classes])
order = np.argsort(sound_of, kind="stable")
counts = pd.crosstab(test.y, predicted).reindex(order, axis=0).reindex(order, axis=1)
names = [f"{test.classes[k]} ({sound_of[k]})" for k in order]
counts = counts.fillna(0).astype(int).set_axis(names, axis=0).set_axis(names, axis=1)
plots.confusion(counts, title="The action, and the sound it makes", width=8)

# %%
loud = (table["heard"] != "quiet").to_numpy()[rows["test"]]
same = sound_of[predicted] == sound_of[test.y]
vl.report("right sound, where it was recorded", same[loud].mean(), at_least=0.93)
vl.report("right action, only the room recorded", right[~loud].mean(), at_most=0.17)

# %% [markdown]
# So it recognises nearly every sound that was recorded, and its mistakes come from the theatre: footsteps are footsteps.
# The camera shows some differences (walking or marching?) that the microphone does not, and the microphone records
# others (a punch or a knock?) that the camera does not. Together:

# %%
best = {names: theatre.ceiling(names) for names in ("sound", "video", "sound+video")}
gain = best["sound+video"] - max(best["sound"], best["video"])
vl.report("ceiling of both, above the better one", gain, at_least=0.10)
pd.Series(best, name="ceiling").round(3).to_frame()

# %% [markdown]
# ## A network that memorises voices
#
# Real speech is harder. 600 spoken digits of six speakers: train on five, test on the sixth, every speaker once; the
# networks with three seeds (`python benchmarks/bench_sound.py`). *Plain* is the same network without subtracting the mean
# and without augmentation. The table shows the accuracy in per cent.

# %%
digits = assets.results("sound_digits")
measures = ["speakers in training", "speakers never heard", "deviation over seeds"]
(100 * digits[measures]).round(1).astype(object).where(digits[measures].notna(), "–")

# %% [markdown]
# The plain network is right for all five voices that it was trained on, and wrong for three in ten digits of a new voice:
# it has learnt the voices along with the words.
#
# Subtracting the mean and augmentation are the textbook cures, and here they help in part: a quarter of the mistakes
# disappear. MFCC with a linear SVM, without any tuning, is as good: five voices are too few for a network to find better
# features.

# %%
plain, cured, mfcc = digits.loc[["plain CNN", "Sound CNN", "MFCC + SVM"], measures[1]]
vl.report("plain CNN, voices in training", digits.loc["plain CNN", measures[0]], at_least=0.95)
vl.report("plain CNN, new voices", plain, at_most=0.73)
vl.report("Sound CNN, new voices", cured, at_least=0.75)
vl.report("mistakes that the cures take away, share", (cured - plain) / (1 - plain), at_least=0.2)
vl.report("difference between MFCC + SVM and Sound CNN", abs(mfcc - cured), at_most=0.02)

# %% [markdown]
# A mean can hide differences. Voice by voice:

# %%
voices = digits.filter(like="never heard: ").T.rename(index=lambda name: name.split(": ")[1])
voices["cured − plain"] = voices["Sound CNN"] - voices["plain CNN"]
(100 * voices).round(0).astype(int)

# %%
change = voices["cured − plain"]
vl.report("voices that gained", int((change > 0).sum()), at_least=6)
vl.report("voice that gained most", change.max(), at_least=0.18)
spread = np.ptp(voices["Sound CNN"])
vl.report("easiest voice above the hardest, Sound CNN", spread, at_least=0.14)

# %% [markdown]
# All six voices gain, one of them far more than the others. One more cure is not visible in the table, because both
# networks have it: `top_db=45`. Everything more than 45 dB below the loudest moment is raised to that level. Below it is
# the hiss of each speaker's room, and a network that hears the hiss learns who speaks. That limit, like the size of the
# spectrogram, was chosen among some twenty settings with speakers left out in pairs, so the score is slightly optimistic.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("10.level")` gives a nudge, and a second one if you ask again;
# `vl.solution("10.level")` shows one way.

# %% [markdown]
# **1. How loud is it?** Write `level(wave)`: the loudness of a wave, float (N,), in decibels: 10 log₁₀ of the mean of
# its squares. Silence should give −100, not minus infinity.

# %%
def level(wave):
    ...


vl.check("10.level", level)

# %% [markdown]
# **2. How many columns?** Write `columns(seconds, sample_rate, hop_length)`: how many windows `features.log_mel` makes of
# a sound, one centred on sample 0 and on every `hop_length`-th after it, up to and including the end.

# %%
def columns(seconds, sample_rate, hop_length):
    ...


vl.check("10.columns", columns)

# %% [markdown]
# **3. Any microphone.** Write `normalise(spectrogram)`: for decibels, float (T, bands), subtract from each band its mean
# over time. A microphone that is 6 dB duller above 2 kHz then changes nothing.

# %%
def normalise(spectrogram):
    ...


vl.check("10.normalise", normalise)

# %% [markdown]
# **4. The perfect listener.** Only knock and punch, equally frequent, and a microphone that misses the sound with
# probability `missed`. Write `perfect_listener(missed)`: the best accuracy that a listener can reach.

# %%
def perfect_listener(missed):
    ...


vl.check("10.perfect_listener", perfect_listener)

# %%
vl.progress("10")

# %% [markdown]
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00): films with
# sound, or sounds alone. A row without sound is left out, and counted.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table()
audible = [vl.open_media(path).has_audio for path in mine["path"]]
silent, mine = len(mine) - sum(audible), mine[audible].reset_index(drop=True)
print(f"{len(mine)} of {len(mine) + silent} rows have sound.")
if silent and not len(mine):
    print("These have pictures alone: use 09, or record the next ones with a microphone.")
elif len(mine):
    explorer = widgets.SoundExplorer(mine["path"].iloc[0], end=60)
    display(explorer)

# %% tags=["nbval-ignore-output"]
if len(mine) and "label" in mine and mine["label"].nunique() > 1:
    mine = vl.load_examples(mine, recipe.feature, progress=False)
    mine_train, mine_test = mine.split(by=None if mine.groups is None else "group", test=1 / 3)
    my_model, _ = replace(recipe, steps=200).train(mine_train, progress=False)
    right = networks.predict(my_model, mine_test.X).argmax(axis=1) == mine_test.y
    majority = mine_test.y == np.bincount(mine_train.y).argmax()
    print(f"{len(right)} rows: accuracy {right.mean():.2f}, majority class {majority.mean():.2f}")
else:
    print("Without sound, or without two different labels, there is nothing to learn here.")

# %% [markdown]
# ## What you learned
#
# * A spectrogram is many short Fourier transforms next to one another; mel bands and decibels bring it near to what
#   people hear.
# * A window separates pitches or moments, not both.
# * Compare a score with what is achievable. At the ceiling, no model is better than the simple one.
# * New voices are much harder. Test a cure on voices that were not in training, over several seeds.
#
# **Next:** the third modality needs no sampling rate. 11 reads.
