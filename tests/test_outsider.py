"""An outsider adds a modality, a feature, a network, a method and a task through public names alone, in this one file."""
import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vmm_lab import features, media, modalities, networks, tasks

# ---- a modality: depth maps in a file beside the picture, walk.depth.npy beside walk.png ----


def depth_file(path):
    return Path(path).with_suffix(".depth.npy")


def sequence_encoder(shape):
    """A sequence of embeddings, as fusion wants it from every modality."""
    inputs = networks.keras.Input(shape)
    return networks.keras.Model(inputs, networks.keras.layers.Dense(64, activation="relu", name="steps")(inputs))


class DepthRows(features.Feature):
    """The mean depth of each row of a depth map."""

    modality = "depth"
    n_frames = 8

    def sources(self, segment):
        return [depth_file(segment.path)]

    def read(self, segment):
        if not depth_file(segment.path).is_file():
            raise media.MediaError(f"{segment.path}: no depth map beside it; record one.")
        return np.load(depth_file(segment.path))

    def describe(self, item):
        return item.mean(axis=1, keepdims=True).astype(np.float32)


@pytest.fixture(autouse=True)
def depth():
    assert "Fused network" in networks.RECIPES  # built now, so that the recipes of the other tests know nothing of depth
    yield modalities.register(modalities.Modality(
        "depth", "#8C510A", "depth maps", lambda media, segment: depth_file(segment.path).is_file(),
        decode=lambda media, segment: np.load(depth_file(segment.path)), feature=DepthRows(), encoder=sequence_encoder,
    ))
    del modalities.MODALITIES["depth"]  # the other tests know nothing of it


# ---- a method and a task: find the pictures of the same kind, with two measures of its own ----


class Nearest(tasks.Method):
    """Embed by a feature, standardised on the training rows."""

    procedure = "vectors of a feature, standardised on the training rows, compared by their distance"

    def __init__(self, feature):
        self.feature = feature

    @property
    def modality(self):
        return self.feature.modality

    @property
    def needs(self):
        return (tasks.Need(self.modality, self.feature, "row"),)

    def fit_items(self, items, y, groups=None):
        rows = np.stack(list(items.parts[0]))
        self.mean_, self.scale_ = rows.mean(axis=0), rows.std(axis=0) + 1e-6
        return self

    def predict_items(self, items):
        return (np.stack(list(items.parts[0])) - self.mean_) / self.scale_


def ranks(held_out):
    """The rank, from 1, of the first picture of the same kind in each query's own fold; the last where there is no vector."""
    found = np.empty(len(held_out.truth))
    for query in range(len(found)):
        gallery = np.flatnonzero((held_out.fold == held_out.fold[query]) & (np.arange(len(found)) != query))
        distances = np.linalg.norm(held_out.output[gallery] - held_out.output[query], axis=1)
        order = gallery[np.argsort(np.nan_to_num(distances, nan=np.inf), kind="stable")]
        found[query] = 1 + np.flatnonzero(held_out.truth[order] == held_out.truth[query])[0]
    return found


RETRIEVAL = (
    tasks.Measure("recall_at_1", "Recall at 1", lambda held_out: (ranks(held_out) == 1).astype(float), interval=tasks.accuracy_interval),
    tasks.Measure("median_rank", "Median rank", lambda held_out: float(np.median(ranks(held_out))), better="lower", share=False),
)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Grey pictures by four people, near or far: only depth tells them apart; one picture has no depth map."""
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))
    rng, rows = np.random.default_rng(0), []
    for group in "abcd":
        for k, label in enumerate(("near", "far") * 4):
            path = tmp_path / f"{group}{k}.png"
            Image.fromarray(np.full((16, 16, 3), 128, np.uint8)).save(path)
            if (group, k) != ("a", 0):
                np.save(depth_file(path), rng.normal(1.0 if label == "near" else 4.0, 0.5, (8, 8)))
            rows.append((str(path), label, group))
    return pd.DataFrame(rows, columns=["path", "label", "group"])


@pytest.mark.slow  # it trains a network
def test_a_task_of_ones_own_gets_folds_intervals_warnings_board_and_page(table):
    methods = {"depth": Nearest(DepthRows()), "colours": Nearest(features.ColorHistogram(size=(16, 16)))}
    rows = tasks.usable_rows(table, methods, progress=False)
    folds = tasks.choose_folds(rows.labels, rows.column("group"))
    results = [tasks.evaluate(method, rows, folds, name=name) for name, method in methods.items()]
    board = tasks.Board(results, rows, folds, measures=RETRIEVAL, warnings=rows.warnings, title="Find the same kind")
    row = json.loads(board.to_json())["rows"][0]
    assert row["name"] == board.best == "depth" and row["modality"] == "depth"
    assert row["recall_at_1_low"] < row["recall_at_1"] <= row["recall_at_1_high"] and row["recall_at_1"] >= 0.9
    assert row["median_rank"] == 1.0 and "accuracy" not in row
    assert board.protocol["n_folds"] == 4 and "leave-one-group-out" in board.protocol["words"][0]
    assert any("1 of 32 rows have no depth maps (" in text and "a0.png" in text for text in board.warnings)
    page = board.to_html()
    assert "Find the same kind" in page and "Median rank" in page and "#8C510A" in page and "Recall at 1" in repr(board)


@pytest.mark.slow  # it trains
def test_a_feature_and_a_network_of_a_new_modality_are_compared_like_any_other(table):
    alone = networks.fusion_recipe("features", ("depth",), steps=150, title="Depth network", sentence="Depth network reads depth maps.")
    both = dataclasses.replace(networks.fusion_recipe("hybrid", ("depth", "words"), steps=150), title="Depth and words")
    worded = table[table["group"] < "c"].assign(caption=["a thing", None] * 8)  # two folds: each network is trained twice
    board = tasks.compare(worded, methods={"rows of depth": DepthRows(), "network": alone, "fused": both}, progress=False)
    accuracy = board.frame.set_index("name")["accuracy"]
    assert min(accuracy["rows of depth"], accuracy["network"], accuracy["fused"]) >= 0.85 > accuracy["Chance"]
    assert board.frame.set_index("name")["modality"].to_dict() == {
        "rows of depth": "depth", "network": "depth", "fused": "fusion", "Chance": "none", "Majority class": "none"}
    assert "Depth network reads depth maps." in board.protocol["words"] and "depth maps" in " ".join(board.warnings)
