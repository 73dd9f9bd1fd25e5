# %% [markdown]
# # 26 · Many machines
#
# **A laptop describes some dozens of short videos a second. What do you do with a million of them?**
#
# Everything so far ran on one computer. Here the same lines run on several *worker processes*, as they would on several
# machines. One of them is killed in the middle, and nothing is lost.
#
# In this notebook you will
#
# * hand out rows of a table to workers by hand, and then let `extract` and `compare` do it on a cluster,
# * kill a worker half way, and check that the result is the same, bit for bit,
# * train on two devices at once, and work out what a thousand, a million and a billion clips cost.
#
# About 35 minutes to read, a minute to run, and two more the first time, when the full theatre is rendered.

# %%
import logging
import os
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

import vmm_lab as vl
from vmm_lab import assets, features, plots, tasks, widgets

# %% [markdown]
# ## One machine
#
# 160 clips of the theatre, described by HOG: decode sixteen frames, compute gradients, average. `cache=False` makes
# `extract` do the work each time, because that is what we measure.

# %% tags=["nbval-ignore-output"]
full = vl.load_table("theatre", size="full")
table = full.sample(160, random_state=0).reset_index(drop=True)
start = time.perf_counter()
X = vl.extract(table, features.HOG(), cache=False, progress=False)
seconds_serial = time.perf_counter() - start
print(f"{seconds_serial:.1f} s, {len(table) / seconds_serial:.0f} clips a second, {X.shape}")

# %% [markdown]
# Rows do not need each other. Such work is called *embarrassingly parallel*: any worker may take any row, in any order,
# and only the order of the results must be kept.
#
# ## A cluster
#
# [Dask](https://distributed.dask.org) is a library for this. A **scheduler** knows which pieces of work are left,
# **workers** ask for them, and a **client** (this notebook) waits for the results. Here all of them run on this
# computer, with two worker processes; they talk over the network all the same. `host="127.0.0.1"` lets no other
# computer in. Dask's page of charts is off, and a busy computer gets a minute before a connection counts as lost.

# %%
import dask
from dask.distributed import Client, LocalCluster

# %% tags=["nbval-ignore-output"]
dask.config.set({f"distributed.comm.timeouts.{kind}": "60s" for kind in ("connect", "tcp")})


def two_workers():
    return LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=0, host="127.0.0.1",
        dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL)


cluster = two_workers()
client = Client(cluster)
processes = list(client.run(os.getpid).values())
print("workers:", processes, "this notebook:", os.getpid())

# %%
vl.report("worker processes", len({*processes, os.getpid()}) - 1, at_least=2)

# %% [markdown]
# ### By hand
#
# Cut the table into pieces, submit each, gather what comes back, and put the pieces in order. `submit` sends the
# function and its arguments to a worker and returns at once with a *future*, a promise of the result.

# %%
def describe(piece):
    return vl.extract(piece, features.HOG(), cache=False, progress=False)


pieces = [table.iloc[k:k + 20] for k in range(0, len(table), 20)]
futures = [client.submit(describe, piece, pure=False) for piece in pieces]
by_hand = np.concatenate(client.gather(futures))
vl.report("differs from one machine by", np.abs(by_hand - X).max(), at_most=0)

# %% [markdown]
# ### The library's way
#
# `extract` hands its rows to [joblib](https://joblib.readthedocs.io), and joblib to whatever `parallel_config` names.
# The line does not change; the place where it runs does.

# %% tags=["nbval-ignore-output"]
start = time.perf_counter()
with joblib.parallel_config(backend="dask"):
    on_cluster = vl.extract(table, features.HOG(), cache=False, progress=False)
seconds_cluster = time.perf_counter() - start
print(f"{seconds_cluster:.1f} s on two workers, {seconds_serial:.1f} s on one machine")

# %%
vl.report("the same bytes as one machine", int(on_cluster.tobytes() == X.tobytes()), at_least=1)

# %% [markdown]
# Two workers are not always twice as fast: both read the same disk, and on a laptop both share the same cores and
# memory. What cannot be shared limits the rest. If a share $s$ of the work runs alone, $n$ workers
# are faster by
#
# $$\frac{1}{s + (1 - s)/n} \le \frac{1}{s}$$
#
# This is *Amdahl's law*. With one percent alone, a thousand machines are 91 times as fast, and no number of them
# reaches 100.

# %%
workers = 2 ** np.arange(11)
gain = {f"{s:.0%} alone": 1 / (s + (1 - s) / workers) for s in (0.0, 0.01, 0.05, 0.2)}
pd.DataFrame(gain, index=pd.Index(workers, name="workers")).round(1)

# %% [markdown]
# `compare` runs there, too: every fold of every method is one piece of work.

# %%
few = table[table["label"].isin(["jump", "sit_down", "stand_up", "clap"])].reset_index(drop=True)
methods = {"HOG": features.HOG(), "Motion energy": features.MotionEnergy()}
here = vl.compare(few, methods=methods, progress=False)
print(len(few), "clips of", few["label"].nunique(), "actions")

# %%
with joblib.parallel_config(backend="dask"):
    there = vl.compare(few, methods=methods, progress=False)
columns = ["name", "accuracy", "accuracy_low", "accuracy_high", "balanced_accuracy", "macro_f1"]
same = here.frame[columns].equals(there.frame[columns])
vl.report("the same board on the cluster", int(same), at_least=1)

# %% tags=["nbval-ignore-output"]
scores = there.frame.set_index("name")[["accuracy", "accuracy_low", "accuracy_high"]].round(2)
scores

# %%
above = scores.loc["Motion energy", "accuracy"] - scores.loc["Majority class", "accuracy"]
vl.report("motion energy, better than the majority class by", above, at_least=0.43)

# %% [markdown]
# ## A machine dies
#
# With a thousand machines one fails every day. This feature is HOG, and notes in a file which process described
# which row. A thread waits until sixty rows are noted, and then kills one worker with the signal that no process
# survives.

# %%
import signal
import threading

# %%
class NotedHOG(features.HOG):
    def __init__(self, folder="", **options):
        super().__init__(**options)
        self.folder = folder

    def read(self, segment):
        with open(Path(self.folder) / str(os.getpid()), "a") as notes:
            notes.write(f"{segment.path}\n")
        return super().read(segment)


NotedHOG().dimensions

# %%
def noted(folder):
    """Return {process: rows that it began}."""
    return {int(p.name): p.read_text().splitlines() for p in Path(folder).iterdir()}


def kill_half_way(victim, folder, after=60):
    while sum(map(len, noted(folder).values())) < after:
        time.sleep(0.01)
    os.kill(victim, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)


notes = tempfile.mkdtemp()
print(len(noted(notes)), "processes have begun a row")

# %%
victim = min(client.run(os.getpid).values())
killer = threading.Thread(target=kill_half_way, args=(victim, notes), daemon=True)
killer.start()
with joblib.parallel_config(backend="dask"):
    survived = vl.extract(table, NotedHOG(notes), cache=False, progress=False)
killer.join()
vl.report("the same bytes in spite of it", int(survived.tobytes() == X.tobytes()), at_least=1)

# %% [markdown]
# The scheduler noticed that the worker had gone, and gave the rows in its hands to the other one. A *nanny*, a small
# process next to each worker, started a new one. Who began how many rows?

# %% tags=["nbval-ignore-output"]
begun = noted(notes)
counts = {f"process {p}" + " (killed)" * (p == victim): len(rows) for p, rows in begun.items()}
rows = [row for part in begun.values() for row in part]
print(f"{len(rows)} rows begun, {len(set(rows))} different ones, "
      f"{len(rows) - len(set(rows))} begun again")
plots.bars(pd.Series(counts), alt="rows begun by each worker", xlabel="rows begun",
           title="Who did the work")

# %%
vl.report("rows never begun", len(table) - len(set(rows)), at_most=0)
twice = {row for row in rows if rows.count(row) > 1}
vl.report("rows begun twice that the killed worker did not hold",
          len(twice - set(begun[victim])), at_most=0)

# %% [markdown]
# Doing a row again is harmless only because twice leaves the same as once: the result is a function of the row alone,
# and files are written whole. Such work is called *idempotent*.
#
# ### Other machines
#
# On a real cluster somebody starts `dask scheduler` on one machine and `dask worker tcp://ADDRESS:8786` on the others,
# with the same versions of everything. Only the address changes here. Anybody who reaches a scheduler can run code on
# its workers, so keep it in a network that strangers cannot reach.

# %%
address = cluster.scheduler_address
with Client(address, set_as_default=False) as other, joblib.parallel_config("dask", client=other):
    by_address = vl.extract(table.head(40), features.HOG(), cache=False, progress=False)
vl.report("the same through the address", int(np.array_equal(by_address, X[:40])), at_least=1)

# %% [markdown]
# ## A cache that is shared
#
# Descriptions are kept on disk. If all machines use one folder, may it ever hold a wrong one? An entry is named by a
# hash of *what it depends on*: the bytes of the video, the feature's options, the code and the versions. It does not
# matter which machine wrote it, nor where the file lies (for a feature of your own the path counts, too, since it may
# read what lies next to the file). An entry is written under another name and renamed when it is whole.
#
# Two folders stand in for two machines here: the same clips under other paths. The second "machine" must find the work
# of the first, and a file that was changed must not be taken for the old one.

# %%
import shutil
from unittest import mock

# %%
machines = [Path(tempfile.mkdtemp()) for _ in range(2)]
tables = []
for machine in machines:
    for k, path in enumerate(table["path"][:24]):
        shutil.copy(path, machine / f"{k}.mp4")
    tables.append(pd.DataFrame({"path": [str(machine / f"{k}.mp4") for k in range(24)]}))
print(len(tables[0]), "clips on each machine")

# %%
shared = tempfile.mkdtemp()


def shared_extract(rows):
    # Return (descriptions, {(entry, when it was written)} of the cache after it).
    with mock.patch.dict(os.environ, VMM_LAB_CACHE=shared), joblib.parallel_config(backend="dask"):
        described = vl.extract(rows, features.HOG(), progress=False)
    entries = Path(shared).rglob("*.npz")
    return described, {(entry.name, entry.stat().st_mtime_ns) for entry in entries}


results = [shared_extract(rows) for rows in tables]
(_, after_first), (_, after_second) = results
print("entries after each machine:", len(after_first), len(after_second))
vl.report("entries that the second one wrote", len(after_second - after_first), at_most=0)
right = [np.array_equal(described, X[:24]) for described, _ in results]
vl.report("machines with the right descriptions, of 2", sum(right), at_least=2)

# %% [markdown]
# The second machine wrote no entry: it found all of them. Now the clip at `0.mp4` of the second machine is replaced by
# another one under the same name, as happens when somebody corrects a file:

# %%
shutil.copy(table["path"][100], machines[1] / "0.mp4")
described, entries = shared_extract(tables[1])
print("entries now:", len(entries))
own, others = np.array_equal(described[0], X[100]), np.array_equal(described[1:], X[1:24])
vl.report("the new clip has its own description", int(own), at_least=1)
vl.report("the other 23 are as before", int(others), at_least=1)

# %% [markdown]
# The folder must have the same path on all machines, and a drive that renames files whole, as NFS does within one
# folder.
#
# What came back is an ordinary array. Here it is as a map, on which similar clips lie near each other; move through it
# with the arrow keys.

# %% tags=["nbval-ignore-output"]
widgets.EmbeddingExplorer(PCA(2, random_state=0).fit_transform(X), table)

# %% [markdown]
# The workers are not needed any more.

# %%
client.close()
cluster.close()
vl.report("workers left", len(cluster.workers), at_most=0)

# %% [markdown]
# ## Training on two devices
#
# Describing is easy to share out. Training is not: each step needs the weights after the step before. What is shared
# out is the *batch*: each device computes the gradient of its half, and the gradients are averaged. By hand, for a
# linear classifier with weights $W$, the softmax of $XW$ and the cross-entropy:

# %%
from scipy.special import softmax


def gradient(W, X, truth):
    return X.T @ (softmax(X @ W, axis=1) - truth) / len(X)


rng = np.random.default_rng(0)
points, W = rng.normal(size=(64, 8)), rng.normal(size=(8, 3))
truth = np.eye(3)[points[:, :3].argmax(axis=1)]
whole = gradient(W, points, truth)
halves = [gradient(W, points[k::2], truth[k::2]) for k in range(2)]
difference = np.abs(np.mean(halves, axis=0) - whole).max()
vl.report("mean of two halves differs by", difference, at_most=1e-12)

# %% [markdown]
# This holds because the loss is a mean over the batch, and the halves are equally large. Layers that look at a whole
# batch, such as batch normalisation, see only their half unless they are told to synchronise.
#
# TensorFlow calls it `MirroredStrategy`: each device has a copy of the weights. This computer has one processor, so
# it is split into two *virtual* devices. That teaches the mechanics and saves no time.

# %%
from vmm_lab.networks import keras  # before TensorFlow, whose notes it keeps quiet
import tensorflow as tf

# %%
logging.getLogger("tensorflow").setLevel(logging.ERROR)

processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
[device.name for device in tf.config.list_logical_devices("CPU")]

# %%
y, labels = pd.factorize(table["label"], sort=True)


def trained(strategy):
    """Train a small network on the clips; return (losses, weights)."""
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = keras.Sequential([
            keras.Input(X.shape[1:]), keras.layers.Dense(16, "relu"),
            keras.layers.Dense(len(labels), "softmax")])
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    history = model.fit(X, y, batch_size=32, epochs=30, shuffle=False, verbose=0)
    return history.history["loss"], np.concatenate([w.ravel() for w in model.get_weights()])


len(labels), "actions"

# %% tags=["nbval-ignore-output"]
one, weights_one = trained(tf.distribute.OneDeviceStrategy("CPU:0"))
two, weights_two = trained(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
plots.curves({"one device": one, "two devices": two}, xlabel="epoch", ylabel="loss in training",
             dashed=["two devices"], alt="the loss falls alike on one device and on two")

# %%
vl.report("largest difference of a weight", np.abs(weights_one - weights_two).max(), at_most=1e-3)
vl.report("loss fell by, on two devices", two[0] - two[-1], at_least=0.35)

# %% [markdown]
# The lines lie on each other. The order of summation differs, and so do the last digits of the weights.
# `keras.distribution.DataParallel` is the same idea in Keras' own words, for its JAX backend; `ModelParallel` splits
# the weights, too. With several machines it is `MultiWorkerMirroredStrategy`, and then the network between them limits:
# each step sends as many numbers as the model has weights.
#
# ## What does it cost?
#
# Four quantities, measured here and now: the bytes of a clip, decoding, describing, and one search through all of many
# vectors. These clips are small, two seconds of 36 kB or so; those of a phone have hundreds of times the bytes.

# %% tags=["nbval-ignore-output"]
def decode(path):
    with vl.open_media(path) as media:
        return media.sample(16, size=(64, 64))


bytes_clip = np.mean([os.path.getsize(path) for path in table["path"]])
seconds_clip = seconds_serial / len(table)
start = time.perf_counter()
for path in table["path"][:60]:
    decode(path)
seconds_decode = (time.perf_counter() - start) / 60
print(f"{bytes_clip / 1000:.0f} kB a clip; decoding {1000 * seconds_decode:.1f} ms, "
      f"decoding and describing {1000 * seconds_clip:.1f} ms")

# %% tags=["nbval-ignore-output"]
vectors = rng.normal(size=(100_000, 384)).astype(np.float32)
start = time.perf_counter()
best = (vectors @ vectors[7]).argmax()
seconds_search = (time.perf_counter() - start) / len(vectors)
print(f"{1e9 * seconds_search:.0f} ns a vector, so {1e6 * seconds_search:.2g} s for a million")

# %%
vl.report("the nearest vector is itself", int(best == 7), at_least=1)

# %% [markdown]
# From these, and two assumptions that you should replace by your own: what a core costs in an hour, and what a terabyte
# costs in a month, in euros.

# %% tags=["nbval-ignore-output"]
EURO_CORE_HOUR, EURO_TB_MONTH = 0.04, 20.0
clips = np.array([1e3, 1e6, 1e9])
hours, terabytes = clips * seconds_clip / 3600, clips * bytes_clip / 1e12
costs = pd.DataFrame({
    "core hours": hours, "on 100 cores, hours": hours / 100, "videos, TB": terabytes,
    "vectors, GB": clips * 384 * 4 / 1e9, "one exact search, s": clips * seconds_search,
    "describing, €": hours * EURO_CORE_HOUR, "videos, € a month": terabytes * EURO_TB_MONTH,
}, index=["1e3 clips", "1e6 clips", "1e9 clips"]).T
costs.map("{:,.3g}".format)

# %% [markdown]
# | clips | what to use | what stops scaling first |
# |---|---|---|
# | a thousand | this laptop: `vl.extract`, `vl.compare`, an exact search | nothing yet |
# | a million | `n_jobs` on one large machine for a night at most, or Dask on a few; the vectors fit into memory; an approximate index such as those of FAISS | decoding; then the exact search |
# | a billion | a cluster whose workers sit next to the storage; vectors compressed to bytes and spread over machines; labels and queries in a database | the scheduler (a row of its own for each clip is too small: hand out thousands at once), the list of files, and people who look at results |
#
# Nothing here was run with more than 160 clips: the table is the rates times the clips, and assumes that each worker
# reads as fast as this disk. How does the work grow? `benchmarks/bench_growth.py` measured it beforehand, on short
# videos and on hours of sound: an exponent is the slope of log seconds of the processor over log size, so that 1 is
# proportional. Memory is the most that the process held, at the largest size over the smallest. What learns keeps rows
# of numbers in a file and reads them block by block. From a thousand videos on they no longer fit into the room that it
# holds, so each pass reads them again: the work of `compare` stays proportional up to ten thousand, and its memory
# misses the bar, by 13 MB.

# %%
growth = assets.results("growth")
growth[["value", "bar", "met"]]

# %%
exponents = growth["value"][growth.index.str.contains("exponent")]
vl.report("largest exponent of the work", exponents.max(), at_most=1.1)

# %% [markdown]
# ## Exercises
#
# **1. Amdahl.** ★ Write `speedup(alone, workers)`: how many times as fast `workers` workers are, if the share `alone`
# of the work can be done by one only.

# %%
def speedup(alone, workers):
    ...


vl.check("26.speedup", speedup)

# %% [markdown]
# **2. The last one out.** ★★ Write `makespan(seconds, workers)`: pieces of work are handed out in their order, each to
# the worker that is free first. After how many seconds is everything done?

# %%
def makespan(seconds, workers):
    ...


vl.check("26.makespan", makespan)

# %% [markdown]
# **3. Whose clip is it?** ★★ Write `owner(name, workers)`: the number, from 0, of the machine that keeps the clip
# `name`: the SHA-256 of its UTF-8 bytes, read as one big-endian integer, modulo `workers`.

# %%
def owner(name, workers):
    ...


vl.check("26.owner", owner)

# %% [markdown]
# **4. Nothing lost, nothing twice.** ★★★ Write `merge(parts, n_rows)`: `parts` are (row, value) in the order in which
# they arrived, some twice because a worker died. Return the list of values by row; raise `ValueError` if a row is
# missing, or arrived twice with different values.

# %%
def merge(parts, n_rows):
    ...


vl.check("26.merge", merge)

# %%
vl.progress("26")

# %% [markdown]
# **Open question.** A hundred machines describe a film archive over a weekend. On Monday two descriptions in a million
# differ from those of a laptop. Where would you look first, and when would you accept it?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). For a real
# cluster, put its address into `Client(…)`; the videos must have the same paths on all machines.

# %% tags=["nbval-ignore-output"]
mine = vl.my_table().head(24)
f"{len(mine)} rows from {mine['path'].nunique()} files"

# %% tags=["nbval-ignore-output"]
with two_workers() as mine_on, Client(mine_on), joblib.parallel_config(backend="dask"):
    my_X = vl.extract(mine, features.ColorHistogram(), on_error="skip", progress=False)
empty = np.isnan(my_X).any(axis=1).sum()
f"{len(my_X)} rows described on two workers, {empty} of them without pictures"

# %% [markdown]
# ## What you learnt
#
# * Rows that do not need each other can be described anywhere, in any order; `parallel_config` names the place.
# * A killed worker costs time, and no results, because each row is idempotent and results are kept in order.
# * A cache named by contents can be shared; one named by paths alone cannot.
# * Data-parallel training averages gradients, and equals one device but for rounding.
# * Rates measured on one machine tell what a thousand cost, until something that all of them share gives out.
#
# **Next:** an idea of your own. `vmm-lab new NAME` in a terminal makes a folder to begin in: a table, a notebook, a
# test.
#
# ## Further reading
#
# * G. Amdahl: *Validity of the Single Processor Approach to Achieving Large Scale Computing Capabilities*. AFIPS, 1967.
# * J. Dean, S. Ghemawat: *MapReduce: Simplified Data Processing on Large Clusters*. OSDI, 2004.
# * M. Rocklin: *Dask: Parallel Computation with Blocked Algorithms and Task Scheduling*. SciPy, 2015.
# * P. Goyal and others: *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour*. arXiv 1706.02677, 2017.
