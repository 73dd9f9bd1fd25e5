# %% [markdown]
# # NAME
#
# **Which of these classes does a video belong to?** Write your own question here.
#
# 1. Put your videos into `videos/`, one folder for each class, and a row for each into `videos.csv`. What is there now
#    is an example: generated videos of 4 actions by 6 actors. `vl.widgets.CameraRecorder("mine", ["clap", "jump"])`
#    in a cell records your own from the camera; `vl.load_table("mine")` reads them with their labels, without a CSV.
# 2. Run this notebook: it shows the data, scores every method that applies next to the baselines, and tests your own
#    feature.
# 3. Change `feature.py`, and run it again.

# %%
import vmm_lab as vl
from feature import MyFeature

table = vl.load_table("videos.csv")
table.head()

# %% [markdown]
# One video of each class:

# %%
examples = table.groupby("label").head(1).set_index("label")["path"]
vl.filmstrip({label: vl.open_media(path).sample(8)[0] for label, path in examples.items()})

# %% [markdown]
# Every method that applies. Each row is tested on groups that it was not trained on; a method that is not above the
# baselines has learnt nothing.

# %%
board = vl.compare(table, progress=False)
board

# %% [markdown]
# Your own feature with a linear classifier, on the same folds:

# %%
mine = vl.compare(table, methods={"My feature": MyFeature()}, progress=False)
mine

# %% [markdown]
# The whole story on one page that opens offline and can be sent: the confusion matrix, the most confident mistakes,
# and how the scores were made.

# %%
board.to_html("report.html")

# %% [markdown]
# The best method, trained on all rows and put to use on a new video. `pipeline.save("FILE")` keeps it, and
# `vl.load_pipeline("FILE")` reads it again.

# %%
names = [row["name"] for row in board.rows if row["modality"] in ("image", "video", "sound")]
pipeline = board.pipeline(names[0]).fit(table)
names[0], pipeline.predict([table["path"].iloc[0]])
