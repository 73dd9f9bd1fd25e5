# %% [markdown]
# # 27 · Your own idea
#
# **You have a question and some videos: how do you get from there to an answer that others believe?**
#
# A folder, a table, a board with baselines, a feature and a network of your own, and a page to send. Everything here is
# small, so that you can replace it piece by piece.
#
# In this notebook you will
#
# * make a project that runs as it is, and check its table before anything is trained,
# * write a feature and a network in about ten lines each, and put them on the same board as the library's,
# * save what is best, export a network, and write a report that opens offline.
#
# About 25 minutes to read, half a minute to run.

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import course, edge, features, networks, plots, widgets
from vmm_lab.features.base import FrameFeature

# %% [markdown]
# ## A folder that runs
#
# In a terminal it is `vmm-lab new my_idea`; the same from Python:

# %% tags=["nbval-ignore-output"]
project = Path(tempfile.mkdtemp()) / "my_idea"
files = [path.relative_to(project).as_posix() for path in course.new_project(project)]
print(len(files), "files:", *[name for name in files if not name.startswith("videos/")])

# %%
vl.report("files in it", len(files), at_least=29)

# %% [markdown]
# `videos.csv` has a row for each video: where it lies, its class (`label`), and who is seen in it (`group`). The videos
# are examples, made by the puppet theatre. Yours come in their place: from a folder, from a phone, or from the camera
# below.

# %%
table = vl.load_table(project / "videos.csv")
pd.crosstab(table["label"], table["group"])

# %% [markdown]
# Look at this table before anything else. Every class should be shown by several groups, and every group should show
# several classes. If one person does all the claps, a method can learn the person in place of the clap.

# %%
groups = table.groupby("label")["group"].nunique()
vl.report("groups of the class that has the fewest", groups.min(), at_least=2)

# %%
first = table.groupby("label").head(1).set_index("label")["path"]
vl.filmstrip({label: vl.open_media(path).sample(8)[0] for label, path in first.items()})

# %% [markdown]
# ## Record your own
#
# The camera of your computer goes on when you press the button and the browser has asked you; nothing is recorded
# before *Record*, and nothing leaves this computer. Choose a label, say who is seen, record, stop. If there is no
# camera, or you said no, the line below the buttons says what to do.

# %%
classes = sorted(set(table["label"]))
recorder = widgets.CameraRecorder(project / "recordings", classes, who="me", seconds=5)
recorder

# %% [markdown]
# Each recording is a file at once, in the folder of its label and of who is seen. Such a folder *is* a table. Film
# several people in each class, then run this cell and all below it: your recordings join the examples.

# %% tags=["nbval-ignore-output"]
recorded = [vl.load_table(recorder.folder)] if recorder.files else []
table = pd.concat([table, *recorded], ignore_index=True)
print(len(table), "rows,", len(recorder.files), "of them recorded here")

# %% [markdown]
# ## Labels
#
# Here the labels are known. If your videos have none yet, give them by keyboard: the desk shows the video that teaches
# most, and writes each label into a file at once (notebook 23).

# %% tags=["nbval-ignore-output"]
X = vl.extract(table, features.MotionHistogram(), progress=False)
widgets.LabelingDesk(table, X, classes, file=project / "labels.csv")

# %% [markdown]
# ## What must be beaten
#
# Before any method: what does somebody reach who does not look? Guessing each class as often as it occurs, with shares
# $p_c$, is right with probability $\sum_c p_c^2$. By hand, and as the board has it:

# %%
shares = table["label"].value_counts(normalize=True)
by_hand = (shares ** 2).sum()
board = vl.compare(table, methods={"HOG": features.HOG()}, progress=False)
rows = board.frame.set_index("name")
difference = abs(by_hand - rows.loc["Chance", "accuracy"])
vl.report("by hand and on the board differ by", difference, at_most=0.001)

# %% [markdown]
# ## A feature of your own
#
# A feature says what it makes of the frames of one video. The class inherits everything else: reading, caching, and its
# place on a board. This one adds up how much light moves at each place of a coarse grid; a picture, which has one
# frame, gets 0. Below are its means over each class, each drawn from its own least (black) to its own most (white): look
# at the bars, too, since most moves in a jump.

# %%
class LightThatMoves(FrameFeature):
    modality = "video"

    def __init__(self, *, size=(16, 16), n_frames=8):
        self.size = size
        self.n_frames = n_frames

    def describe(self, frames):
        brightness = frames.mean(axis=-1)
        return np.abs(np.diff(brightness, axis=0)).sum(axis=0).ravel()


LightThatMoves().describe(np.zeros((8, 16, 16, 3))).shape

# %%
mine = vl.extract(table, LightThatMoves(), progress=False)
grids = {label: mine[table["label"] == label].mean(0).reshape(16, 16) for label in classes}
plots.gallery(grids, unit="grey levels")

# %%
frames, _ = vl.open_media(table["path"][0]).sample(8, size=(16, 16))
changes = [np.abs(frames[t + 1].mean(-1) - frames[t].mean(-1)) for t in range(len(frames) - 1)]
difference = np.abs(np.sum(changes, axis=0).ravel() - mine[0]).max()
vl.report("by hand and by the feature differ by", difference, at_most=1e-3)

# %% [markdown]
# ## A network of your own
#
# A network is a function that builds it. It gets the shape of one example: here 16 frames, each described by 1,764
# numbers of HOG. A `Recipe` adds what the network reads and how many steps it learns.

# %%
def small_network(n_classes, shape):
    frames = networks.keras.Input(shape)
    x = networks.keras.layers.Dense(16, activation="relu")(frames)
    x = networks.keras.layers.Conv1D(16, 3, activation="relu")(x)
    x = networks.keras.layers.GlobalMaxPooling1D()(x)
    classes = networks.keras.layers.Dense(n_classes, activation="softmax")(x)
    return networks.keras.Model(frames, classes)


recipe = networks.Recipe(small_network, features.HOG(pooling=None), steps=80, shift=0,
                         title="My network", sentence="My network convolves HOG over time.")
weights = small_network(4, (16, 1764)).count_params()
print(f"{weights:,} weights, to be learnt from {len(table)} videos")

# %% [markdown]
# ## One board for all
#
# The same rows, the same folds, the same groups held out. Only then may two numbers be compared.

# %% tags=["nbval-ignore-output"]
methods = {"My feature": LightThatMoves(), "My network": recipe, "HOG": features.HOG(),
           "Motion histogram": features.MotionHistogram()}
board = vl.compare(table, methods=methods, vote=False, progress=False)
board

# %%
rows = board.frame.set_index("name")
vl.report("rows on the board, baselines included", len(rows), at_least=6)
wide = (rows["accuracy_high"] - rows["accuracy_low"]).min()
vl.report("width of the narrowest interval", wide, at_least=0.2)

# %% [markdown]
# Look at the intervals before you look at the order. With 24 videos they are so wide that such a board tells
# who may be above chance, and hardly who is best; the best row was picked on these very folds, too, and its score is
# a little optimistic. A network has many more weights than there are videos; do not expect it to lead. More videos of
# *more groups* make the intervals narrower, and only then is a larger network worth its time.
#
# ## Save, export, report
#
# A row of the board becomes a pipeline that learns from all rows, is saved, and is read again elsewhere. A file may ask
# for any class to be built, so `load_pipeline` wants the name of yours: trust only what you wrote.

# %% tags=["nbval-ignore-output"]
pipeline = board.pipeline("My feature").fit(table)
pipeline.save(project / "mine.skops")
again = vl.load_pipeline(project / "mine.skops", trusted=["__main__.LightThatMoves"])
paths = list(table["path"])
same = np.array_equal(again.predict(paths), pipeline.predict(paths))
print("the saved one predicts", "the same" if same else "something else")

# %%
vl.report("the saved one predicts the same", int(same), at_least=1)

# %% [markdown]
# A network goes to a phone or a small computer (notebook 25). `export` compares what was converted with Keras before it
# writes anything:

# %% tags=["nbval-ignore-output"]
examples = vl.load_examples(table, recipe.feature, progress=False)
model, history = recipe.train(examples, seed=0, progress=False)
phone = edge.export(model, project / "phone", labels=examples.classes, calibration=examples)
print(f"{phone.facts['bytes']:,} bytes;", f"{phone.facts['parity']['same_answer']:.0%} of "
      f"{phone.facts['parity']['rows']} answers are Keras's")

# %%
vl.report("differs from Keras by", phone.facts["parity"]["largest_difference"], at_most=1e-4)

# %% [markdown]
# The report is one page: the board, the confusion matrix, the most confident mistakes, and how the scores were made. It
# asks nothing of the internet, so it can be sent.

# %%
page = board.to_html(project / "report.html")
vl.report("sources on other computers", page.count('src="http'), at_most=0)

# %% [markdown]
# Next to the answer, a report owes its reader what the numbers cannot say: where the videos come from and who agreed to
# be seen, who gave the labels and how often two people agree, who is *not* among the groups, and what was tried and did
# not work.
#
# ## Exercises
#
# Replace each `...` and run the cell. `vl.hint("27.leaks")` gives a nudge, and a second one if you ask again;
# `vl.solution("27.leaks")` shows one way.
#
# **1. Who is in both?** ★ Write `leaks(train, test)`: the sorted list of the groups that are in both lists, each once.

# %%
def leaks(train, test):
    ...


vl.check("27.leaks", leaks)

# %% [markdown]
# **2. The honest baseline.** ★★ Write `baseline(train, test)`: the accuracy on the list of labels `test` of always
# guessing the most frequent label of the list `train`.

# %%
def baseline(train, test):
    ...


vl.check("27.baseline", baseline)

# %% [markdown]
# **3. Two people label.** ★★★ Write `kappa(a, b)`: Cohen's kappa of two lists of labels for the same videos,
# $(p - e)/(1 - e)$: $p$ is the share on which they agree, and $e$ the share that chance would give, the sum over the
# labels of $a$'s share times $b$'s share of that label.

# %%
def kappa(a, b):
    ...


vl.check("27.kappa", kappa)

# %%
vl.progress("27")

# %% [markdown]
# **Open question.** Your best row reaches 0.9 on six people. What would have to be true for it to reach 0.9 on a
# seventh, and how would you find out before you promise it?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). First the
# table, then, with labels, the board with your feature on it.

# %% tags=["nbval-ignore-output"]
my_table = vl.my_table().head(200)
known = my_table.get("label", pd.Series("no label", my_table.index)).fillna("no label")
known.value_counts().to_frame("videos")

# %% tags=["nbval-ignore-output"]
kinds = {"My feature": LightThatMoves(), "Colours": features.ColorHistogram()}
try:
    display(vl.compare(my_table, methods=kinds, vote=False, progress=False))
except ValueError as reason:
    print("No board yet:", reason)

# %% [markdown]
# ## What you learnt
#
# * Look at the table first: classes by groups shows what cannot be learnt, and what would leak.
# * A feature is a class with one method, a network is a function; both stand on the same board, on the same folds.
# * Baselines and intervals come before the order of the rows.
# * A saved pipeline, an export and a page that opens offline are what is left when the notebook is closed.
#
# **Next:** this was the last notebook. What comes next is your idea: `vmm-lab new NAME`.
#
# ## Further reading
#
# * J. Cohen: *A Coefficient of Agreement for Nominal Scales*. Educational and Psychological Measurement 20, 1960.
# * T. Gebru and others: *Datasheets for Datasets*. Communications of the ACM 64, 2021.
# * S. Kapoor, A. Narayanan: *Leakage and the Reproducibility Crisis in Machine-Learning-Based Science*. Patterns 4,
#   2023.
