"""Measure poses: BlazePose's pace on a street, actions from poses of the theatre, and the keypoint network.

    python benchmarks/bench_pose.py [pace] [actions] [npy] [keypoints]

pace: frames a second on the bikes video, of wall clock and of processor. actions: `compare` on the films of the full
theatre, every ROWS-th row, folds by actor: pose found by BlazePose, pixels, flow, and their vote, next to the ceiling.
npy: the theatre's keypoints saved as .npy files and given as a table. keypoints: PCK@0.2 of the torso on actors held
out. Prints one line of JSON for each.
"""
import json
import os
import sys
import tempfile
import time

import numpy as np

import vmm_lab as vl
from vmm_lab import assets, features, networks, pretrained, theatre

ROWS = 3


def tell(**values):
    print(json.dumps({name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}), flush=True)


def pace():
    frames = vl.open_media(assets.fetch("bikes")).frames()[0]
    pretrained.find_poses(frames[0])
    follower, wall, processor = pretrained.pose.PoseFollower(), time.perf_counter(), time.process_time()
    found = [follower(frame) for frame in frames]
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    tell(what="pace", frames=len(frames), with_people=sum(map(bool, found)), per_second=len(frames) / wall,
         per_processor_second=len(frames) / processor, detections=follower.detections)


def actions():
    table = vl.load_table("theatre", size="full").iloc[::ROWS].reset_index(drop=True).drop(columns="caption")
    methods = {"pose": pretrained.PoseStatistics(), "HOG over time": features.HOG(pooling=None), "flow": features.MotionHistogram(),
               "motion": features.MotionEnergy()}
    board = vl.compare(table, methods=methods, n_jobs=2, progress=sys.stderr.isatty())
    tell(what="actions", rows=len(table), ceiling=theatre.ceiling("video"),
         **{name: float(value) for name, value in zip(board.frame["name"], board.frame["accuracy"])})


def npy():
    table = vl.load_table("theatre", size="full")
    folder = tempfile.mkdtemp()
    paths = []
    for row, path in enumerate(table["path"]):
        paths.append(os.path.join(folder, f"{row}.npy"))
        np.save(paths[-1], theatre.truth(path).keypoints)
    board = vl.compare(table.assign(path=paths).drop(columns="caption"), progress=False)
    tell(what="npy", rows=len(table), ceiling=theatre.ceiling("video"),
         **{name: float(value) for name, value in zip(board.frame["name"], board.frame["accuracy"])})


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
    tell(what="keypoints", pictures=len(X), epochs=epochs, pck=float(share.mean()), worst=theatre.KEYPOINTS[int(share.argmin())],
         worst_pck=float(share.min()), processor_seconds=seconds)


if __name__ == "__main__":
    for name in sys.argv[1:] or ("pace", "npy", "keypoints", "actions"):
        globals()[name]()
