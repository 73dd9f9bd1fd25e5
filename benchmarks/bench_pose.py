"""Measure poses: BlazePose's pace on a street, actions from poses of the theatre, and the keypoint network.

    python benchmarks/bench_pose.py [pace] [actions] [npy] [long] [keypoints]

pace: frames a second on the bikes video, of wall clock and of processor. actions: `compare` on the films of the full
theatre, every ROWS-th row, folds by actor: pose found by BlazePose, pixels, flow, and their vote, next to the ceiling.
npy: the theatre's keypoints saved as .npy files and given as a table, with a network that reads them in their order.
long: the films of each actor held out, one after the other: which action, from when to when. keypoints: PCK@0.2 of the
torso on actors held out. The parts that are not named keep what they measured before.
"""
import json
import os
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from harness import RESULTS, write_results

import vmm_lab as vl
from vmm_lab import assets, features, networks, pretrained, tasks, theatre

ROWS = 3


def barred(what, value, bar, **more):
    """A row of the results whose value has to reach a bar."""
    return {"what": what, "value": round(float(value), 4), "bar": f">= {bar:g}", "met": bool(value >= bar), **more}


def pace():
    frames = vl.open_media(assets.fetch("bikes")).frames()[0]
    pretrained.find_poses(frames[0])
    follower, wall, processor = pretrained.pose.PoseFollower(), time.perf_counter(), time.process_time()
    found = [follower(frame) for frame in frames]
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    yield barred("BlazePose, bikes: frames a second of processor time", len(frames) / processor, 15, wall=len(frames) / wall,
                 frames=len(frames), with_people=sum(map(bool, found)), detections=follower.detections)


def scores(table, methods, **options):
    """{name: accuracy as a share of what an ideal observer of the pictures would reach}."""
    board = vl.compare(table, methods=methods, progress=sys.stderr.isatty(), **options).frame
    return dict(zip(board["name"], board["accuracy"] / theatre.ceiling("video")))


def actions():
    table = vl.load_table("theatre", size="full").iloc[::ROWS].reset_index(drop=True).drop(columns="caption")
    share = scores(table, {"pose": pretrained.PoseStatistics(), "HOG over time": features.HOG(pooling=None),
                           "flow": features.MotionHistogram(), "motion": features.MotionEnergy()}, n_jobs=2)
    others = {name: value for name, value in share.items() if name not in ("pose", "Soft vote")}
    yield barred("16 actions from poses that BlazePose finds, share of the video ceiling", share["pose"], 0.90, rows=len(table))
    yield barred("the vote with pixels and flow, share of the video ceiling", share["Soft vote"],
                 round(max(*others.values(), share["pose"]), 3), **others)


def npy():
    table = vl.load_table("theatre", size="full").drop(columns="caption")
    folder = tempfile.mkdtemp()
    paths = []
    for row, path in enumerate(table["path"]):
        paths.append(os.path.join(folder, f"{row}.npy"))
        np.save(paths[-1], theatre.truth(path).keypoints)
    share = scores(table.assign(path=paths), {"svm": features.PoseStatistics(), "gru": networks.RECIPES["Pose + GRU"]})
    yield barred("16 actions from exact joints in .npy files, share of the video ceiling", share["svm"], 0.95, rows=len(table))
    yield barred("the same, Pose + GRU", share["gru"], 0.90, rows=len(table))


def long():
    """Every actor's films one after the other, two seconds each; a classifier of one-second windows of the other actors."""
    table = vl.load_table("theatre", size="full")
    table = table[table["label"].isin(theatre.VIDEO_ACTIONS)].iloc[::2]
    learn, held = vl.split_by_group(table, test=0.25)
    joints = {path: theatre.truth(path).keypoints[..., :2].astype(float) for path in table["path"]}
    cut = [(part, label) for path, label in zip(learn["path"], learn["label"])
           for part in tasks.cut_windows(joints[path], fps=25, step=0.5)[0]]
    statistics = features.PoseStatistics()
    svm = tasks.ChosenSVM().fit(statistics.transform([part for part, _ in cut]), np.array([label for _, label in cut]))
    found = []
    for _, films in held.groupby("group"):
        films = films.drop_duplicates("label")
        starts = 2.0 * np.arange(len(films))
        truth = pd.DataFrame({"start": starts, "end": starts + 2, "action": films["label"].to_numpy()})
        actions = tasks.actions_in_poses(np.concatenate([joints[path] for path in films["path"]]),
                                         lambda parts: svm.predict_proba(statistics.transform(parts)), list(svm.classes_), fps=25)
        found.append(tasks.score_actions(actions, truth))
    means = pd.DataFrame(found).mean()
    yield barred("actions in long films, actors held out: F1 at half an overlap", means["f1"], 0.7, films=len(found), **means.drop("f1"))


def pictures(table, n, seed):
    """Four frames of each of n clips, and their points; NaN where one is outside."""
    shown, points = [], []
    for path in table["path"].iloc[np.random.default_rng(seed).permutation(len(table))[:n]]:
        media = vl.open_media(path)
        frames, times = media.sample(4)
        truth = theatre.truth(path).keypoints
        at = truth[np.round(times * media.fps).astype(int).clip(0, len(truth) - 1)].astype(float)
        shown.append(frames)
        points.append(np.where(at[..., 2:] > 0, at[..., :2], np.nan))
    return np.concatenate(shown), np.concatenate(points)


def keypoints(epochs=16):
    train, test = vl.split_by_group(vl.load_table("theatre", size="full"), test=0.25)
    (X, points), (held, truth) = pictures(train, 600, 0), pictures(test, 80, 1)
    model, started = networks.keypoint_network(X.shape[1:]), time.process_time()
    networks.train_keypoints(model, X, points, epochs=epochs)
    seconds = time.process_time() - started
    found = networks.points_of(networks.predict(model, held))
    share = networks.correct_keypoints(found, truth)
    yield barred("keypoint network, actors held out: PCK@0.2 of the torso", share.mean(), 0.90, pictures=len(X), epochs=epochs,
                 worst=theatre.KEYPOINTS[int(share.argmin())], worst_pck=float(share.min()), processor_seconds=seconds)


PARTS = {"pace": pace, "actions": actions, "npy": npy, "long": long, "keypoints": keypoints}


def main(names):
    path = RESULTS / "pose.json"
    before = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else []
    rows = []
    for name, part in PARTS.items():
        kept = [row for row in before if row["part"] == name]
        rows += [{**row, "part": name} for row in part()] if name in names or not names else kept
    write_results("pose", rows, packages=("opencv-python-headless", "keras", "ai-edge-litert"))


if __name__ == "__main__":
    main(sys.argv[1:])
