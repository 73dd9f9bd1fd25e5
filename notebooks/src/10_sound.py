# %% [markdown]
# # 10 · Sound
#
# **What does a microphone tell that the camera does not?**
#
# To the camera of the theatre, a knock and a punch are one and the same: an arm goes forward. A blind listener would not
# mix them up for a moment. This notebook turns a wave into a picture of pitches, step by step, and gives that picture to
# a convolutional network: the same tool as for films, on another sense.
#
# In this notebook you will
#
# * build a spectrogram, its mel bands and its cepstral coefficients by hand, and check them against the library,
# * train a network on sound alone, and find out why it is right only half of the time and could hardly be better,
# * see a network learn voices by heart, and put what is said to cure it to the test.
#
# About 30 minutes to read, a good minute to run, and two more the first time, when the full theatre is rendered.

# %%
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import features, networks, plots, tasks, theatre, widgets
from vmm_lab.networks import keras

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Two films, one motion
#
# All sixteen actions this time, twenty actors. `heard` is what the microphone was given; in some films it missed it,
# and only the room is heard.

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
# Which is which? The pictures do not say. The waves differ a little: how fast each blow fades. The ear hears far more
# than that, because it sorts what it hears by **pitch**.
#
# ## From a wave to its pitches
#
# A wave is one number per sample, here 16,000 a second. A piece of it, 512 samples or 32 ms, can be written as a sum of
# sines (the **Fourier transform**); how strong each sine is, is the *power spectrum*. Before, the piece is faded in and
# out by a *Hann window*: a hard edge would sound like a click, and a click holds all pitches.

# %%
N_FFT, STEP, RATE = 512, 160, 16_000
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
hertz = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
figure = plots.Picture("Power spectra of two blows", figsize=(9, 2.6), layout="constrained")
axis = figure.subplots()
for name, sound in {"punch": wave, "knock": knocking}.items():
    start = max(0, np.abs(sound).argmax() - 100)
    piece = sound[start:start + N_FFT] * hann
    axis.plot(hertz, 10 * np.log10(np.abs(np.fft.rfft(piece)) ** 2 + 1e-10), label=name)
axis.set(xlabel="frequency (Hz)", ylabel="power (dB)", title="One blow of each, 32 ms")
axis.legend()
figure

# %% [markdown]
# The knock rings at a few pitches; the punch is a low thump with a slap of noise.
#
# The unit is the **decibel**, 10 log₁₀ of the power: ten times the power is always 10 dB more, which is roughly how
# the ear counts.
#
# ## A spectrogram by hand
#
# Do it every 10 ms and lay the spectra side by side: time goes one way, pitch the other. That is all a **spectrogram**
# is.

# %%
def power_spectrogram(wave):
    """Power float (T, 257) of windows centred on every 160th sample, silence around."""
    padded = np.pad(wave.astype(float), N_FFT // 2)
    starts = np.arange(0, len(wave) + 1, STEP)
    pieces = np.stack([padded[start:start + N_FFT] for start in starts])
    return np.abs(np.fft.rfft(pieces * hann)) ** 2


power = power_spectrogram(wave)
power.shape

# %% [markdown]
# 257 frequencies, 31 Hz apart. The ear is not so even-handed: from 100 to 200 Hz is an octave, from 4,000 to 4,100 not
# half a semitone. The **mel scale** spaces pitches as listeners do: linear up to 1 kHz, logarithmic above (the numbers
# below are Slaney's). A *mel band* is a triangle on that scale, and adds up the power under it.

# %%
def mel_triangles(n_mels, highest):
    """float (257, n_mels): triangles equally wide in mel, each of area 1 over the hertz."""
    edges = np.linspace(0, features.hertz_to_mel(highest), n_mels + 2)
    edges = np.where(edges < 15, edges * 200 / 3, 1000 * 6.4 ** ((edges - 15) / 27))
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (hertz[:, None] - low) / (middle - low)
    falling = (high - hertz[:, None]) / (high - middle)
    return np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low)


log_mel = 10 * np.log10(np.maximum(power @ mel_triangles(64, 8000), 1e-10))
theirs = features.log_mel(wave, sample_rate=RATE, n_fft=N_FFT, hop_length=STEP, n_mels=64)
apart = np.abs(np.maximum(log_mel, log_mel.max() - 80) - theirs).max()
vl.report("largest difference to the library (dB)", float(apart), at_most=0.01)

# %%
pair = [features.log_mel(sound, sample_rate=RATE) for sound in (wave, knocking)]
shown = {"figsize": (9, 3), "layout": "constrained"}
figure = plots.Picture("Log-mel spectrograms of a punch and a knock", **shown)
axes = figure.subplots(1, 2, sharey=True)
for axis, name, levels in zip(axes, ("punch", "knock"), pair):
    image = axis.imshow(levels.T, origin="lower", aspect="auto", extent=(0, 2, 0, 64), cmap="magma")
    axis.set(xlabel="time (s)", title=name)
axes[0].set_ylabel("mel band, low to high")
figure.colorbar(image, ax=axes, label="dB")
figure

# %% [markdown]
# Now nobody would mix them up. It is a picture, and a network for pictures can read it.
#
# ## Cepstral coefficients by hand
#
# Neighbouring bands say nearly the same. The **MFCC**, which served speech recognition for thirty years, keep the broad
# shape of each column: they ask how much of a slow cosine, of one a little faster, and so on, is in it (a *discrete
# cosine transform*), and keep the first 13 answers. The finer shape, a voice's own pitch among it, is thrown away.

# %%
bands = np.maximum(power @ mel_triangles(26, 4000), 1e-10)
bands = 10 * np.log10(bands)
bands = np.maximum(bands, bands.max() - 80)
cosines = np.cos(np.pi * np.outer(np.arange(26) + 0.5, np.arange(13)) / 26) * np.sqrt(2 / 26)
cosines[:, 0] /= np.sqrt(2)
apart = np.abs(bands @ cosines - features.mfcc(wave, sample_rate=RATE)).max()
vl.report("numbers in a column, before", bands.shape[1], at_least=26, at_most=26)
vl.report("numbers in a column, after", cosines.shape[1], at_least=13, at_most=13)
vl.report("largest difference to the library", float(apart), at_most=0.01)

# %% [markdown]
# ## Hear it and see it
#
# Play the film and follow the line. Then change the window. A long one tells neighbouring pitches apart and smears the
# blow over time; a short one tells when, and no longer what. No window does both: that is not the library's fault, it is
# in the mathematics. With many bands and a short window some bands stay empty. Why? (A window of 8 ms has one frequency
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
# `features.Spectrogram` stretches the loud part of each sound to 24 steps of 24 bands; `networks.sound_cnn` takes each
# band's mean off, runs three convolutions over it and decides. In training, each spectrogram is moved, stretched and
# partly hidden, another way each time; these are layers of the model, and at test time they do nothing.
#
# Four actors are kept for the test, two choose the best epoch.

# %% tags=["nbval-ignore-output"]
feature = features.Spectrogram(hop_length=160, n_mels=24, fmax=4000.0, n_frames=24, trim=30.0)
recipe = replace(networks.RECIPES["Sound CNN"], feature=feature)
examples = vl.load_examples(table, recipe.feature, progress=False)
actors = np.random.default_rng(0).permutation(np.unique(examples.groups))
sides = {"train": actors[6:], "val": actors[4:6], "test": actors[:4]}
rows = {side: np.isin(examples.groups, names) for side, names in sides.items()}
train, val, test = (examples[row] for row in rows.values())
ear = recipe.model(train)
history = await vl.fit(ear, train, validation=val, **recipe.settings(train))

# %%
proba = ear.predict(test.X, verbose=0)
right = proba.argmax(axis=1) == test.y
vl.report("films of actors never heard", len(test), at_least=192, at_most=192)
vl.report("accuracy, sixteen actions", float(right.mean()), at_least=0.43)

# %% [markdown]
# About half. Is that bad? It depends on what could be had.
#
# ## The best that any listener could do
#
# We know how the theatre was made. Walking and marching share their footsteps, sitting down and standing up their creak;
# bowing and waving make no sound at all; and in 15 % of all films the microphone missed what there was. Somebody who
# hears perfectly can only guess among what sounds alike. `theatre.ceiling("sound")` adds that up: 0.54.
#
# A real score may lie a little above by luck, since a test of so many films has an error of its own. More than two of
# these errors above would mean a leak: look for it, do not celebrate.

# %%
ceiling = theatre.ceiling("sound")
error = float(np.sqrt(ceiling * (1 - ceiling) / len(test)))
vl.report("ceiling of sound", ceiling, at_least=0.54)
vl.report("above the ceiling, in errors", (right.mean() - ceiling) / error, at_most=2.0)

# %% tags=["nbval-ignore-output"]
split = np.select(list(rows.values()), list(rows), "")
methods = [features.LogMel(), features.MFCC()]
board = vl.compare(table.assign(split=split), methods=methods, progress=False)
scores = board.frame.set_index("name")["accuracy"].drop("Soft vote", errors="ignore")
scores["Sound CNN"], scores["ceiling: a perfect listener"] = right.mean(), ceiling
scores.to_frame("accuracy on four new actors").round(3)

# %%
over = right.mean() - scores["Majority class"]
vl.report("CNN, above the commonest class", over, at_least=0.4)
vl.report("CNN and LogMel, apart", abs(right.mean() - scores["LogMel"]), at_most=0.07)

# %% [markdown]
# The CNN does not beat the handcrafted row: averaged log-mel with a linear SVM is as near to the ceiling, and nobody can
# be above it. A network is worth its trouble where the ceiling is far.
#
# ## What it confuses, and why
#
# Read the matrix in blocks. Order the actions by their sound, and the mistakes stay inside the block, or go to the
# quiet ones.

# %% tags=["nbval-ignore-output"]
told = table[table["heard"] != "quiet"].groupby("label")["heard"].first()
sound_of = np.array([told.get(name, "quiet") for name in test.classes])
order = np.argsort(sound_of, kind="stable")
counts = pd.crosstab(test.y, proba.argmax(axis=1)).reindex(order, axis=0).reindex(order, axis=1)
names = [f"{test.classes[k]} ({sound_of[k]})" for k in order]
counts = counts.fillna(0).astype(int).set_axis(names, axis=0).set_axis(names, axis=1)
plots.confusion(counts, title="The action, and the sound it makes", width=8)

# %%
loud = (table["heard"] != "quiet").to_numpy()[rows["test"]]
same = sound_of[proba.argmax(axis=1)] == sound_of[test.y]
vl.report("right sound, where it was heard", float(same[loud].mean()), at_least=0.93)
vl.report("right action, only the room heard", float(right[~loud].mean()), at_most=0.17)

# %% [markdown]
# So it hears what there is to hear, and its mistakes are the theatre's: footsteps are footsteps. What the camera tells
# (walking or marching?) the microphone does not, and what the microphone tells (a punch or a knock?) the camera does
# not. Together:

# %%
best = {senses: theatre.ceiling(senses) for senses in ("sound", "video", "sound+video")}
gain = best["sound+video"] - max(best["sound"], best["video"])
vl.report("ceiling of both, above the better one", gain, at_least=0.10)
pd.Series(best, name="ceiling").round(3).to_frame()

# %% [markdown]
# ## A network that learns voices by heart
#
# Real speech is harder. 600 spoken digits of six speakers: learn from five, test on the sixth, every speaker once; the
# networks with three seeds (`python benchmarks/bench_sound.py`). *Plain* is the same network without taking the mean off
# and without anything moved or hidden in training. The table is in per cent of right answers.

# %%
path = Path("../benchmarks/results/sound_digits.json")
digits = pd.DataFrame(json.loads(path.read_text())["rows"]).set_index("what").rename_axis(None)
measures = ["speakers in training", "speakers never heard", "deviation over seeds"]
(100 * digits[measures]).round(1).astype(object).where(digits[measures].notna(), "–")

# %% [markdown]
# The plain network knows all five voices that it learnt from, and three new digits in ten are wrong: it has learnt the
# voices along with the words.
#
# Taking the mean off and augmenting are the textbook cures, and here they cure a part: every fourth mistake goes. MFCC
# with a linear SVM, nothing tuned, is as good: five voices teach a network little that nobody had thought of.

# %%
plain, cured, mfcc = digits.loc[["plain CNN", "Sound CNN", "MFCC + SVM"], measures[1]]
vl.report("plain CNN, voices it knows", digits.loc["plain CNN", measures[0]], at_least=0.95)
vl.report("plain CNN, new voices", plain, at_most=0.73)
vl.report("Sound CNN, new voices", cured, at_least=0.75)
vl.report("mistakes that the cures take away, share", (cured - plain) / (1 - plain), at_least=0.2)
vl.report("MFCC + SVM and Sound CNN, apart", abs(mfcc - cured), at_most=0.02)

# %% [markdown]
# A mean can hide two truths. Voice by voice:

# %%
voices = digits.filter(like="never heard: ").T.rename(index=lambda name: name.split(": ")[1])
voices["cured − plain"] = voices["Sound CNN"] - voices["plain CNN"]
(100 * voices).round(0).astype(int)

# %%
change = voices["cured − plain"]
vl.report("voices that gained", int((change > 0).sum()), at_least=6)
vl.report("voice that gained most", change.max(), at_least=0.18)
apart = np.ptp(voices["Sound CNN"])
vl.report("easiest voice above the hardest, Sound CNN", apart, at_least=0.14)

# %% [markdown]
# All six voices gain, one of them far more than the others. One more cure does not show in the table, since both networks
# have it: `top_db=45`. Whatever is quieter than the loudest moment by more than 45 dB is raised to that level. Below it
# lies the hiss of each speaker's room, and a network that may listen to the hiss learns who speaks. That limit, like the
# size of the spectrogram, was chosen among some twenty settings with speakers left out in pairs, so the score is a little
# kind to it.

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the cell. `hint("10.level")` gives a nudge, and a second one if you ask again;
# `solution("10.level")` shows one way.

# %%
from vmm_lab.exercises import check, hint, progress, solution

# %% [markdown]
# **1. How loud is it?** Write `level(wave)`: the loudness of a wave, float (N,), in decibels: 10 log₁₀ of the mean of
# its squares. Silence should give −100, and not minus infinity.

# %%
def level(wave):
    ...


check("10.level", level)

# %% [markdown]
# **2. How many columns?** Write `columns(seconds, sample_rate, hop_length)`: how many windows `features.log_mel` makes of
# a sound, one centred on sample 0 and on every `hop_length`-th after it, up to and including the end.

# %%
def columns(seconds, sample_rate, hop_length):
    ...


check("10.columns", columns)

# %% [markdown]
# **3. Any microphone.** Write `normalise(spectrogram)`: decibels, float (T, bands) in; the same with the mean over time
# of each band taken off, out. A microphone that is 6 dB duller above 2 kHz then changes nothing.

# %%
def normalise(spectrogram):
    ...


check("10.normalise", normalise)

# %% [markdown]
# **4. The perfect listener.** Knock and punch only, both equally often, and a microphone that misses the sound with
# probability `missed`. Write `perfect_listener(missed)`: the best accuracy that anybody can reach by ear.

# %%
def perfect_listener(missed):
    ...


check("10.perfect_listener", perfect_listener)

# %%
progress("10")

# %% [markdown]
# ## On your own videos
#
# Put the path of your folder or CSV manifest in place of `"theatre"`: films with sound, or sounds alone. A row without
# sound cannot be heard: it is left out, and counted.

# %%
MY_VIDEOS = os.environ.get("VMM_LAB_VIDEOS") or "theatre"

# %% tags=["nbval-ignore-output"]
mine = vl.load_table(MY_VIDEOS)
audible = [vl.open_media(path).has_audio for path in mine["path"]]
silent, mine = len(mine) - sum(audible), mine[audible].reset_index(drop=True)
print(f"{len(mine)} of {len(mine) + silent} rows have sound.")
if silent and not len(mine):
    print("Pictures alone: go back to 09, or record the next ones with a microphone.")
elif len(mine):
    explorer = widgets.SoundExplorer(mine["path"].iloc[0], end=60)
    display(explorer)

# %%
vl.report("rows listened to", len(mine) + silent, at_least=1)

# %% tags=["nbval-ignore-output"]
said = "Without sound, or without labels of two kinds, there is nothing to learn here."
if len(mine) and "label" in mine and mine["label"].nunique() > 1:
    mine = vl.load_examples(mine, recipe.feature, progress=False)
    names = np.arange(len(mine)) if mine.groups is None else mine.groups
    held = np.isin(names, np.random.default_rng(0).permutation(np.unique(names))[::3])
    model, _ = replace(recipe, steps=200).train(mine[~held], progress=False)
    sure = model.predict(mine[held].X, verbose=0).argmax(axis=1) == mine[held].y
    common = mine[held].y == np.bincount(mine[~held].y).argmax()
    said = f"{sure.mean():.2f} of {len(sure)} right; the commonest class: {common.mean():.2f}"
print(said)

# %%
vl.report("letters in the answer", len(said), at_least=10)

# %% [markdown]
# ## What you learned
#
# * A spectrogram is many short Fourier transforms side by side; mel bands and decibels bring it near to what is heard.
# * A window tells pitches apart or moments, not both.
# * A score means something beside what is reachable. At the ceiling, no model is better than the simple one.
# * New voices are another world. A cure is one when it has been measured on voices never heard, over seeds.
#
# **Next:** the third sense needs no sampling rate. 11 reads.
