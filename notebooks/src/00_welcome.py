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
# * see an honest leaderboard: what simple methods reach, compared with mere guessing.
#
# About 10 minutes to read; half a minute to run, a minute the first time. Press *Run → Run All Cells* and scroll along.

# %%
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
# amount of red, green and blue from 0 to 255. Here is the street in ten seconds.

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
# The same piece to play with. Drag the slider, press play, step with the arrow keys. (The orange mark at the beginning
# of the timeline, under the line, is a *keyframe*; notebook 01 explains it.)

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
# *ceiling*, here for all of its actions.

# %%
modalities = ["image", "video", "sound", "words", "all"]
{modality: round(theatre.ceiling(modality), 2) for modality in modalities}

# %% [markdown]
# *image* is the frames without their order. Standing up is sitting down backwards, so frames alone cannot distinguish
# them; a knock and a punch look alike but sound different; a greeting and a goodbye differ only in what is said.
#
# ## An honest leaderboard
#
# `compare` takes a table and tries everything that applies: each handcrafted feature with a simple classifier, and a vote
# of all. Every film is predicted by a model that has never seen its actor. Two rows are not methods at all: *Chance*
# guesses, and *Majority class* always predicts the most frequent label. A method that does not beat these has learnt
# nothing. After the figure, `vl.report` compares what was just measured with what this text claims: ✓ means that the
# claim holds on your computer too.

# %% tags=["nbval-ignore-output"]
board = vl.compare(table, progress=False)
plots.score_bars(board.frame, title="Which of four actions? The small theatre")

# %%
scores = board.frame.set_index("name")["accuracy"]
vl.report("accuracy of the best row", scores[board.best], at_least=0.73)
vl.report("accuracy of guessing", scores["Chance"], at_most=0.30)

# %% [markdown]
# With 24 films the intervals are wide: one more film right or wrong moves a bar by four points. Small data gives
# uncertain answers, and the intervals show it. `board.to_html("board.html")` writes everything as a page: the confusion
# matrix, the most confident mistakes as filmstrips, and how the scores were made.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("00.raw_megabytes")` gives a nudge, and a second one if you ask again;
# `vl.solution("00.raw_megabytes")` shows one way, and `vl.progress()` what you have done so far.

# %% [markdown]
# **1.** Write `raw_megabytes(duration, fps, size)`: how many megabytes (10⁶ bytes) the pixels of a video fill when
# nothing is compressed.

# %%
def raw_megabytes(duration, fps, size):
    ...


vl.check("00.raw_megabytes", raw_megabytes)

# %% [markdown]
# **2.** For each pair of actions: which of image, video, sound and words, taken in this order, is the first that can
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
# **3.** Write `clear_winners(rows)`: the names of the methods whose whole 95 % interval lies above the best baseline.
# A row is a dictionary like those in `board.rows`.

# %%
def clear_winners(rows):
    ...


vl.check("00.clear_winners", clear_winners)

# %% [markdown]
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
# ## What you learned
#
# A video is numbers on a clock: frames, sound samples, words. What is in it can show in any of them, and none shows it
# all. A score means something when it is compared with guessing, has an interval, and is measured on people the model
# has never met.
#
# | notebooks | question |
# |---|---|
# | 01 frames · 02 clips | What is in a file, and how do we cut it into equal pieces? |
# | 03 handcrafted features · 04 motion · 05 classic learning | How far do fifty years of good ideas go, before any network? |
# | 06 convolution by hand · 07 a first CNN · 08 what it sees · 09 time | What does a network learn instead? |
# | 10 sound · 11 words · 12 fusion · 13 missing modalities | What do several modalities know together? |
# | 14 classify and tag · 15 retrieve · 16 summarise and review | What do people use it for? |
# | 17 moving objects · 18 actions and pose · 19 faces and expressions | Who moves, how, and with what face? |
# | 20 few labels · 21 smaller models · 22 to the phone · 23 many machines · 24 your own idea | And in real life? |
#
# **Next:** 01 opens the file itself. Why does the eighth frame sometimes cost as much as all the frames before it?
