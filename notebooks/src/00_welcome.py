# %% [markdown]
# # 00 · Welcome
#
# **What is in a video, and how much of it can a computer understand on this laptop?**
#
# A video is three things at once: pictures that follow each other, the sound that goes with them, and the words that
# people say or write about them. This workbench takes such files apart, learns from each part, and puts them together
# again.
#
# In this notebook you will
#
# * look at real videos and at generated ones as pictures, sound and words on one clock,
# * meet the puppet theatre, the data set in which every answer is known,
# * see an honest leaderboard: what simple methods reach, compared with guessing.
#
# About 15 minutes to read; half a minute to run, a minute the first time. Press *Run → Run All Cells* and scroll along.
#
# **What you should know before:** Python with lists, dictionaries and functions; NumPy arrays (shape, slicing, mean over
# an axis); a table in pandas (columns, filters, `groupby`); from school, vectors, a logarithm and what a slope is. You
# need to know nothing about video, sound or machine learning.

# %%
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, plots, theatre, widgets

# %% [markdown]
# ## A real video
#
# `open_media` opens any media file. So far it only reads the description of what is inside: how long it is, how large
# its pictures are, how many there are in a second, and whether there is sound.

# %%
bikes = vl.open_media(assets.fetch("bikes"))
{"seconds": bikes.duration, "frames per second": bikes.fps,
 "height, width": bikes.size, "sound": bikes.has_audio}

# %% [markdown]
# `sample(8)` fetches eight frames, spread evenly over time. A *frame* is one picture: a grid of pixels, each with an
# amount of red, green and blue from 0 to 255. Here are ten seconds of a street.

# %%
frames, times = bikes.sample(8)
vl.filmstrip(frames, times=times)

# %%
frames.shape, frames.dtype

# %% [markdown]
# Eight frames of 272 rows and 640 columns of pixels with three colours each: four million numbers for eight moments.
# The rest of the course describes them with far fewer numbers.
#
# ## Pictures and sound on one clock
#
# A piece of the animated film *Big Buck Bunny*. Its sound is drawn below the pictures: the height of the line is how far
# the membrane of your loudspeaker is pushed out or pulled in at that moment.

# %%
bunny = vl.open_media(assets.fetch("bigbuckbunny"))
plots.timeline(bunny)

# %% [markdown]
# The same piece to play with. Drag the slider, press play, step with the arrow keys. (The orange mark at the beginning of
# the timeline, which you see once the slider has moved on, is a *keyframe*; notebook 01 explains it.)

# %%
widgets.FramePlayer(bunny)

# %% [markdown]
# ## The puppet theatre
#
# Real videos have a flaw as teachers: nobody knows exactly what is in them. So the workbench brings its own actors.
# The theatre draws puppets, moves them, makes the sound from their motion and writes captions about them: short films
# in which every joint, every clap and every word is known. The first time, this takes a few seconds.

# %% tags=["nbval-ignore-output"]
table = vl.load_table("theatre")
table[["label", "group", "caption"]].head()

# %% [markdown]
# Every film is one row: the file, its **label** (what happens), its **group** (who plays) and its **caption**, where
# somebody wrote one. One film of each action:

# %%
one_of_each = table.groupby("label").sample(1, random_state=3).set_index("label")["path"]
films = {action: vl.open_media(path).sample(8)[0] for action, path in one_of_each.items()}
vl.filmstrip(films)

# %% [markdown]
# And one film as its pictures, its sound and its words:

# %%
row = table[table["caption"].notna()].iloc[0]
plots.timeline(vl.open_media(row["path"]), caption=row["caption"])

# %% [markdown]
# ## Four ways to tell actions apart
#
# What happens in a film can show in a single picture, only in the order of the pictures, only in the sound, or only in
# the words. Each of these is a *modality*. The theatre was built so that **no** modality shows everything, and it knows
# exactly how much each could show at best: the accuracy of somebody who saw, heard or read perfectly. That is the
# *ceiling*. Here it is for all sixteen actions, and for the four of the films above:

# %%
four = sorted(table["label"].unique())
modalities = ["image", "video", "sound", "words", "all"]
every = [theatre.ceiling(modality) for modality in modalities]
these = [theatre.ceiling(modality, actions=four) for modality in modalities]
pd.DataFrame({"16 actions": every, ", ".join(four): these}, index=modalities).round(2)

# %% [markdown]
# *image* is the frames without their order. Standing up is sitting down backwards, so frames alone cannot distinguish
# them; a knock and a punch look alike but sound different; a greeting and a goodbye differ only in what is said. With
# four actions there is less to confuse, so the ceilings are higher. Words are not perfect even then: not every caption
# names the action, and some films have none.
#
# ## An honest leaderboard
#
# `compare` takes a table and tries everything that applies: each handcrafted feature with a simple classifier, features
# of pretrained networks where `vmm-lab fetch` has brought their weights (17), and a vote of all. Every film is
# predicted by a model that has never seen its actor. Two rows are **baselines**: *Chance* guesses, and *Majority class*
# always predicts the most frequent label. A method that cannot beat these has learnt nothing. After the figure,
# `vl.report` compares what was just measured with what this text claims: ✓ means that the claim holds on your computer
# too.

# %% tags=["nbval-ignore-output"]
board = vl.compare(table, progress=False)
plots.score_bars(board.frame, title="Which of four actions? The small theatre")

# %% [markdown]
# The thin lines are 95 % intervals. Printed, a board has more columns:
#
# | column | what it says |
# |---|---|
# | Accuracy | the share of films predicted rightly |
# | 95 % interval | the range of accuracies that are plausible for new films of new actors, given how few were tested (Wilson's interval for a share, widened because films of one actor tend to be right or wrong together) |
# | Balanced | the accuracy within each class, averaged over the classes: a rare class counts as much as a frequent one |
# | Macro-F1 | per class, the harmonic mean of *precision* (how many of those predicted are right) and *recall* (how many of those there are were found), averaged over the classes; notebook 05 opens it |
# | ★ | the best row, if its whole interval is above every baseline |

# %% tags=["nbval-ignore-output"]
shown = ["accuracy", "accuracy_low", "accuracy_high", "balanced_accuracy", "macro_f1"]
board.frame.set_index("name")[shown].round(2)

# %%
scores = board.frame.set_index("name")["accuracy"]
vl.report("accuracy of the best row", scores[board.best], at_least=0.73)
vl.report("accuracy of guessing", scores["Chance"], at_most=0.30)

# %% [markdown]
# Compare the bars with the ceilings of *these four* actions. *WordBag* is far below the ceiling of words: a method that
# counts words has 20 films to learn from here, and meets words in the test that it has never read.
# (*SentenceEmbedding*, if you have its weights, comes from a network that has read a billion sentences before.) With 24
# films the intervals are wide: one more film right or wrong moves a bar by four points. `board.to_html("board.html")`
# writes everything as a page: the confusion matrix, the most confident mistakes as filmstrips, and how the scores were
# made.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("00.raw_megabytes")` gives a nudge, and a second one if you ask again;
# `vl.solution("00.raw_megabytes")` shows one way, and `vl.progress()` what you have done so far.

# %% [markdown]
# **1. Pixels in megabytes.** ★ Write `raw_megabytes(duration, fps, size)`: how many megabytes (10⁶ bytes) the pixels of a video fill when
# nothing is compressed.

# %%
def raw_megabytes(duration, fps, size):
    ...


vl.check("00.raw_megabytes", raw_megabytes)

# %% [markdown]
# **2. Who can tell?** ★★ For each pair of actions: which of image, video, sound and words, taken in this order, is the first that can
# tell them apart?

# %%
who_can_tell = {
    ("walk", "march"): ...,
    ("sit_down", "stand_up"): ...,
    ("knock", "punch"): ...,
    ("greet", "say_goodbye"): ...,
}
vl.check("00.who_can_tell", who_can_tell)

# %% [markdown]
# **3. Clear winners.** ★★ Write `clear_winners(rows)`: the names of the methods whose whole 95 % interval lies above the
# accuracy of the best baseline. A row is a dictionary like those in `board.rows`; a baseline is a row whose `modality` is
# `"none"`.

# %%
def clear_winners(rows):
    ...


vl.check("00.clear_winners", clear_winners)

# %% [markdown]
# **Open question.** A company reports that its program recognises falls with 97 % accuracy. Which three questions would you
# ask before you believe that it works?
#
# ## On your own videos
#
# The last section of every notebook runs on your own videos. `vl.my_table()` loads the folder or CSV manifest that the
# environment variable `VMM_LAB_VIDEOS` names, and without it the theatre; `vl.load_table("path/to/yours")` instead of it
# does so here alone. A folder needs one subfolder per class; a CSV needs a column `path`, and may have `label`, `group`
# and `caption`.

# %%
mine = vl.my_table()
first = mine.iloc[0]
plots.timeline(vl.open_media(first["path"]), caption=first.get("caption"))

# %% tags=["nbval-ignore-output"]
labelled = "label" in mine and mine["label"].nunique() > 1
no_labels = "Without labels there is nothing to compare; the course shows what can be done."
vl.compare(mine, progress=False) if labelled else no_labels

# %% [markdown]
# ## What you learnt
#
# A video is numbers on a clock: frames, sound samples, words. What is in it can show in any of them, and none shows it
# all. A score means something only next to a baseline, with an interval, and on people the model has never seen.
#
# ## The course
#
# | notebooks | question |
# |---|---|
# | 01 frames · 02 clips | What is in a file, and how do we cut it into equal pieces? |
# | 03 handcrafted features · 04 motion | How far do fifty years of good ideas go, before any network? |
# | 05 deciding · 06 finding | How does a classifier decide, and what can be found without labels? |
# | 07 convolution by hand · 08 a first CNN · 09 what it sees | What does a network learn instead, and from what? |
# | 10 learning over time · 11 attention | How does a network use the order of the frames? |
# | 12 sound · 13 words | What do the other modalities tell? |
# | 14 fusion · 15 which modality decided · 16 missing modalities | What do they know together, and when one is missing? |
#
# From 17 on, the course applies all of this. In 17 classify and tag, 18 retrieve, and 19 summarise and review, networks
# that others trained tell what is in a film, find it by a sentence, and cut a long one down to what matters. Then
# come 20 moving objects, 21 actions and pose, 22 faces and expressions; 23 few labels, 24 smaller models, 25 to the
# phone, 26 many machines, and 27 your own idea.
#
# ## Glossary
#
# | word | what it means here | notebook |
# |---|---|---|
# | baseline | what is reached without learning, or by the simplest method; every score is compared with it | 00 |
# | ceiling | the best accuracy that anybody could reach from one modality: that of the *Bayes classifier* | 00, 12 |
# | clip | a fixed number of consecutive frames | 02 |
# | codec, container | how a stream is compressed; the file format that holds the streams | 01 |
# | descriptor, feature | numbers that describe a picture, a sound or a text | 03 |
# | embedding | the numbers by which a trained network describes its input | 09 |
# | fold, cross-validation | every part of the data is tested once, by a model trained on the rest | 05 |
# | frame, keyframe | one picture of a video; one that is stored whole | 01 |
# | fusion | to decide from several modalities together | 14 |
# | group | rows that must not be split between training and test, such as one actor's | 02 |
# | interval | the range in which the true score plausibly lies | 05 |
# | leak | the answer reaches the test by another way than the one that is meant | 02 |
# | logit, softmax | a network's raw score of a class; what turns the scores into probabilities | 08 |
# | modality | one kind of signal: image, video, sound, words | 00 |
# | optical flow | where each pixel moves from one frame to the next | 04 |
# | overfitting | to be good on the training data and poor on new data | 05 |
# | spectrogram | which frequencies sound when | 12 |
# | token | what a text is cut into: a word, or a piece of one | 13 |
#
# **Next:** 01 opens the file itself. Why does the eighth frame sometimes cost as much as all the frames before it?

# %% [markdown]
# ## Further reading
#
# * R. Szeliski, *Computer Vision: Algorithms and Applications*, Springer, 2nd edition 2022.
# * T. Baltrušaitis, C. Ahuja and L.-P. Morency, "Multimodal machine learning: a survey and taxonomy", IEEE Transactions on
#   Pattern Analysis and Machine Intelligence, 2019.
# * A. Torralba and A. Efros, "Unbiased look at dataset bias", CVPR 2011.
