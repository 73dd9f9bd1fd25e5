"""Retrieval: ranks with ties, methods on a board, an index that is built, searched, updated and refused."""
import importlib
import itertools
import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vmm_lab import TableError, assets, cli, features, media, tasks
from vmm_lab.tasks import index, ranking

retrieve = importlib.import_module("vmm_lab.tasks.retrieve")  # `tasks.retrieve` is the function


def by_all_orders(scores, right, k):
    """(recall at k, first rank, average precision), averaged over every order that the scores allow."""
    found = []
    for order in itertools.permutations(range(len(scores))):
        if all(scores[a] >= scores[b] for a, b in itertools.pairwise(order)):
            hits = np.array([right[item] for item in order])
            places = np.flatnonzero(hits) + 1
            found.append((hits[:k].sum() / hits.sum(), places[0], np.mean(np.arange(1, len(places) + 1) / places)))
    return np.mean(found, axis=0)


@pytest.mark.parametrize("scores, right", [
    ([3, 2, 1], [1, 0, 0]), ([1, 1, 1, 1], [1, 0, 0, 0]), ([2, 1, 1, 1, 0], [0, 1, 1, 0, 1]), ([1, 1, 0, 0, 0, 2], [0, 1, 1, 1, 0, 0]),
])
def test_a_rank_is_what_all_orders_of_equal_scores_give_on_average(scores, right):
    recall, first, precision = ranking.rank(np.array(scores, float), np.array(right, bool), ks=[2])
    assert (*recall, first, precision) == pytest.approx(tuple(by_all_orders(scores, right, 2)))


# ---- a world without networks: a picture's brightness and its name stand for what the networks see and read ----

AXES = np.eye(retrieve.WIDTH, dtype=np.float32)
SEEN = {"dark": 0, "light": 1, "red": 2}


def read(sentences):
    """Sentences are placed by the colours that they name."""
    return retrieve.unit(np.stack([sum((AXES[k] for word, k in SEEN.items() if word in text), AXES[9] * 0.01) for text in sentences]))


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A folder of pictures, dark and light, and a film that turns from light to red; networks that need no weights."""
    def describe(self, table, **options):
        rows = []
        for segment in features.segments(table):
            try:
                with media.open_media(segment.path) as opened:
                    r, g, _ = opened.sample(1, size=(8, 8), start=segment.start, end=segment.end)[0].mean((0, 1, 2))
                rows.append(AXES[2] if r > g + 60 else AXES[int(r > 128)])
            except media.MediaError:
                if options.get("on_error") == "raise":
                    raise
                rows.append(AXES[0] * np.nan)
        self.sizes_ = [retrieve.WIDTH]
        return np.stack(rows)

    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(retrieve.Retriever, "describe", describe)
    monkeypatch.setattr(retrieve, "conse", retrieve.unit)
    monkeypatch.setattr(index, "embed_sentences", read)
    folder = tmp_path / "médias"
    for label, level in (("night", 20), ("day", 230)):
        (folder / label).mkdir(parents=True)
        for k in range(3):
            Image.fromarray(np.full((32, 32, 3), level + k, np.uint8)).save(folder / label / f"{k}.png")
    frames = np.full((200, 32, 32, 3), 230, np.uint8)
    frames[100:, ..., 1:] = 0
    media.write_video(folder / "day" / "film.mp4", frames, fps=10)
    (folder / "day" / "broken.png").write_bytes(b"no picture")
    return folder


def built(folder, **options):
    return index.build_index(folder, progress=False, **options)


def names(hits):
    return [Path(path).name for path in hits["path"]]


def test_a_sentence_finds_pictures_and_a_picture_finds_its_like(world):
    found = built(world)
    assert len(found.files) == 7 and "broken.png" in found.about()
    assert set(found.search("a light picture", top=3)["label"]) == {"day"}
    hits = found.search(world / "night" / "0.png", top=3)
    assert set(hits["label"]) == {"night"} and hits["score"].is_monotonic_decreasing and hits["score"][0] == pytest.approx(1)


def test_a_long_film_is_found_by_its_moments_and_neighbours_count_once(world):
    hits = built(world, seconds=10.0).search("something red", top=9)
    assert names(hits)[0] == "film.mp4" and hits["start"][0] == 10 and len(hits) == 7  # its first half is left out


def test_rows_are_filtered_by_columns_of_the_table(world):
    found = built(world)
    assert set(found.search("light", where={"label": "night"})["label"]) == {"night"}
    with pytest.raises(ValueError, match="no column 'kind'.*label"):
        found.search("light", where={"kind": "x"})


@pytest.mark.parametrize("take", [2, 2.0, "2", "2.0", [2]])
def test_a_whole_number_is_found_however_it_is_written(world, take):
    """Whole numbers next to a missing cell are floats, and a manifest's reader makes them so."""
    rows = pd.DataFrame({"path": list(map(str, sorted(world.rglob("?.png")))), "take": [1, 2, 3, 1, 2, None]})
    found = built(rows)
    assert sorted(names(found.search("light", where={"take": take}))) == ["1.png", "1.png"]
    nothing = found.search("light", where={"take": 9})
    assert list(nothing) == list(found.search("light")) and nothing.empty and index.search_all(found, ["light"], where={"take": 9}) == [[]]


def test_an_index_is_the_same_after_it_was_saved(world, tmp_path):
    found = built(world)
    again = index.load_index(found.save(tmp_path / "a.index"))
    pd.testing.assert_frame_equal(found.search("dark"), again.search("dark"))
    assert again.files == found.files and again.told_changes() == "Nothing has changed."
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".index"] == ["a.index"]


def test_a_folder_that_changed_is_told_and_brought_up_to_date(world, tmp_path):
    found = built(world)
    (world / "day" / "0.png").unlink()
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(world / "day" / "1.png")
    Image.fromarray(np.full((32, 32, 3), 220, np.uint8)).save(world / "day" / "new.png")
    changes = {kind: [Path(path).name for path in paths] for kind, paths in found.changes().items()}
    assert changes == {"new": ["new.png"], "gone": ["0.png"], "changed": ["1.png"]}
    assert "1 file new (day/new.png); 1 file gone (day/0.png); 1 file changed (day/1.png)" in found.told_changes()
    after = built(world, old=found)
    assert after.told_changes() == "Nothing has changed." and "new.png" in names(after.search("light"))
    assert "day/1.png" in [index.short(path) for path in after.search("dark")["path"]]


def test_another_source_is_added_and_the_first_one_kept(world, tmp_path):
    Image.fromarray(np.full((32, 32, 3), 240, np.uint8)).save(tmp_path / "more.png")
    (tmp_path / "more.csv").write_text("path,caption\nmore.png,a red thing\n")
    both = built(tmp_path / "more.csv", old=built(world))
    assert len(both.files) == 8 and len(both.sources) == 2
    assert names(both.search("a light red thing", top=1)) == ["more.png"]  # its caption is searched, too


@pytest.mark.parametrize("train, test", [("train", "test"), ("Training", "Testing"), (None, "test_set")])
def test_captions_of_test_rows_are_neither_learnt_from_nor_searched(world, train, test):
    rows = [(str(path), "a red thing", split) for path, split in zip(sorted(world.rglob("?.png")), [train] * 3 + [test] * 3)]
    found = built(pd.DataFrame(rows, columns=["path", "caption", "split"]))
    assert test not in set(found.search("red", top=3)["split"])
    assert found.search("red", where={"split": test})["score"].max() < 0.1


@pytest.mark.parametrize("query, message", [
    ("", "is empty"), ("   ", "is empty"), ("?!", "holds no words"), ("一个人在挥手", "reads English"), ("человек машет", "reads English"),
    ("nowhere.mp4", "no such file"),
])
def test_a_query_that_cannot_be_answered_gets_one_sentence(world, query, message):
    with pytest.raises(ValueError, match=message):
        built(world).search(query)


class Evil:
    def __reduce__(self):
        return exec, ("raise SystemExit('unpickled')",)


def spoilt(path, **changes):
    with np.load(path) as stored:
        parts = dict(stored)
    np.savez(path.open("wb"), **parts | changes)


@pytest.mark.parametrize("spoil, message", [
    (lambda path: path.write_bytes(path.read_bytes()[:-300]), "damaged"),
    (lambda path: path.write_bytes(b""), "damaged"),
    (lambda path: path.write_bytes(pickle.dumps(Evil())), "damaged"),
    (lambda path: spoilt(path, header=np.array([Evil()], object)), "damaged"),
    (lambda path: spoilt(path, vectors=np.zeros((3, 4), np.float32)), "damaged"),
    (lambda path: spoilt(path, looks=np.full((9, retrieve.WIDTH), np.nan, np.float16)), "damaged"),
    (lambda path: spoilt(path, table=np.frombuffer(b"[1, 2]", np.uint8)), "damaged"),
    (lambda path: path.unlink(), "no index"),
])
def test_an_index_of_a_stranger_is_not_run_and_a_broken_one_gets_one_sentence(world, tmp_path, spoil, message):
    path = built(world).save(tmp_path / "a.index")
    spoil(path)
    with pytest.raises(ValueError, match=message) as caught:
        index.load_index(path)
    assert "vmm-lab index" in str(caught.value)


def test_an_index_of_another_encoder_is_refused(world, tmp_path, monkeypatch):
    path = built(world).save(tmp_path / "a.index")
    monkeypatch.setattr(retrieve.Retriever, "version", 99)
    with pytest.raises(ValueError, match="another encoder"):
        index.load_index(path)


def test_a_full_disk_leaves_what_was_there(world, tmp_path, monkeypatch):
    path = built(world).save(tmp_path / "a.index")
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", lambda *args, **options: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(ValueError, match="No space left"):
        built(world).save(path)
    assert path.read_bytes() == before and {p.name for p in tmp_path.iterdir()} == {"a.index", "médias"}


def many(n):
    rng = np.random.default_rng(0)
    vectors = retrieve.unit(rng.normal(size=(n, 24)) @ rng.normal(size=(24, retrieve.WIDTH)))
    table = pd.DataFrame({"path": [f"{k}.png" for k in range(n)], "start": np.nan, "end": np.nan})
    return index.Index(table, vectors, vectors, retrieve.Retriever(learner=None), {})


def test_exact_search_gives_what_sorting_gives():
    found = many(500)
    best = np.argsort(-found.vectors @ found.vectors[7])[:10]
    assert found.near(found.vectors[7])["path"].tolist() == [f"{k}.png" for k in best]


def test_the_graph_finds_nearly_what_is_exact_and_is_kept(monkeypatch, tmp_path):
    pytest.importorskip("faiss", reason="faiss-cpu is not installed")
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path))
    found = many(2000)
    exact = [set(found.near(vector)["path"]) for vector in found.vectors[:20]]
    monkeypatch.setattr(index, "EXACT", 1000)
    by_graph = [set(found.near(vector)["path"]) for vector in found.vectors[:20]]
    assert np.mean([len(a & b) for a, b in zip(exact, by_graph)]) >= 9.5 and len(list(tmp_path.rglob("*.hnsw"))) == 1


def test_without_faiss_a_large_index_is_still_searched(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    monkeypatch.setattr(index, "EXACT", 100)
    with pytest.warns(UserWarning, match=r"vmm-lab\[search\]"):
        assert many(200).near(AXES[0]).shape[0] == 10


# ---- the board and the command, without networks ----

class Known(tasks.Method):
    """Place each picture by its pixels, and its sentence at the same place."""

    modality, needs = "image", (tasks.Need("image", features.Frames(size=(2, 2), n_frames=1), "row"),)

    def fit_items(self, items, y, groups=None):
        return self

    def predict_items(self, items):
        media = retrieve.unit(np.stack([np.ravel(row) for row in items.parts[0]]).astype(float))
        return np.stack([media, media], axis=1)


class Chance(Known):
    modality, strategy = "none", "chance"


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """Twelve pictures of six colours: two of each, with the same caption and group; the last caption is missing."""
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))
    rows = []
    for k in range(12):
        path = tmp_path / f"{k}.png"
        color = np.array([[250, 50, 50], [50, 250, 50], [50, 50, 250], [250, 250, 50], [250, 50, 250], [50, 250, 250]][k // 2], np.uint8)
        pixels = np.tile(color, (16, 16, 1))
        pixels[:8, :8] -= 40 * (k % 2)
        Image.fromarray(pixels).save(path)
        rows.append((str(path), f"color {k // 2}" if k < 11 else None, f"g{k // 2}"))
    return pd.DataFrame(rows, columns=["path", "caption", "group"])


def test_a_board_of_retrieval_shows_chance_and_the_size_of_the_gallery(pictures):
    board = retrieve.retrieve(pictures, {"known": Known(), "chance": Chance()}, progress=False)
    rows = {row["name"]: row for row in board.rows}
    assert rows["known"]["recall_at_5"] == 1 and rows["known"]["recall_at_1"] == pytest.approx((10 / 2 + 2) / 12)
    assert rows["chance"]["recall_at_5"] == pytest.approx(5 / 6) and rows["chance"]["modality"] == "none"
    assert board.protocol["gallery"] == [6, 6] and "searched among the 6 items" in board.protocol["words"][1]
    assert "Median rank" in repr(board) and "mAP" in board.to_html() and json.loads(board.to_json())["rows"][0]["map"] == 1


def test_captions_of_one_picture_are_several_queries_for_one_item(pictures):
    doubled = pd.concat([pictures.assign(caption="a"), pictures.assign(caption="b")], ignore_index=True)
    board = retrieve.retrieve(doubled, {"known": Known()}, progress=False)
    assert board.frame["recall_at_1"][0] == 1


def test_media_ask_for_others_of_their_label(pictures):
    board = retrieve.retrieve(pictures, {"known": Known(), "chance": Chance()}, query="media", relevant="group", progress=False)
    rows = board.frame.set_index("name")
    assert rows.loc["known", "recall_at_1"] == 1 and rows.loc["chance", "median_rank"] == pytest.approx(3)  # 5 others, one right


class Spelling(features.Feature):
    modality = "words"

    def read(self, segment):
        if not segment.caption:
            raise media.MediaError("it has no caption")
        return segment.caption

    def describe(self, caption):
        return np.eye(retrieve.WIDTH, dtype=np.float32)[ord(caption[-1])]


def test_media_without_a_single_caption_among_them_are_found_by_what_was_learnt_elsewhere(pictures, monkeypatch):
    monkeypatch.setattr(retrieve, "SENTENCE", Spelling())
    twins = pd.concat([pictures.assign(split="train"), pictures.assign(split="test", caption=None)], ignore_index=True)
    learner = retrieve.Retriever([features.ColorHistogram(size=(16, 16), bins=(8, 4, 16))], conse=0.0)
    board = retrieve.retrieve(twins, {"learnt": learner}, query="media", relevant="group", progress=False)
    assert board.protocol["gallery"] == [12] and board.frame["recall_at_5"][0] == 1


@pytest.mark.parametrize(("learner", "query", "message"), [
    ({"learner": "rigde"}, "text", "learner must be one of None, 'ridge', 'contrastive'"), ({}, "video", "query must be one of 'text', 'media'"),
    ({"features": [features.MFCC()]}, "text", "No row has what Retriever reads")])
def test_what_cannot_be_retrieved_gets_one_sentence(pictures, monkeypatch, learner, query, message):
    monkeypatch.setattr(retrieve, "SENTENCE", Spelling())
    method = retrieve.Retriever(**({"features": [features.ColorHistogram(size=(16, 16))], "conse": 0.0} | learner))
    with pytest.raises(ValueError, match=message):
        retrieve.retrieve(pictures, {"known": method}, query=query, progress=False)


def test_a_table_without_captions_gets_one_sentence(pictures):
    with pytest.raises(TableError, match="no column `caption`"):
        retrieve.retrieve(pictures.drop(columns="caption"), {"known": Known()}, progress=False)


def test_the_command_makes_an_index_and_searches_it(world, tmp_path, capsys):
    out, found = str(tmp_path / "a.index"), tmp_path / "found.json"
    assert cli.main(["index", str(world), "--out", out]) == 0
    (tmp_path / "queries.txt").write_text(f"a light thing\n{world / 'night' / '0.png'}\n", encoding="utf-8")
    assert cli.main(["search", out, "--queries", str(tmp_path / "queries.txt"), "--top", "2", "--json", str(found)]) == 0
    lists = json.loads(found.read_text(encoding="utf-8"))
    assert [[index.short(hit["path"])[:3] for hit in hits] for hits in lists] == [["day", "day"], ["nig", "nig"]]
    assert all(set(hit) == {"path", "start", "score"} for hits in lists for hit in hits)
    (world / "day" / "0.png").unlink()
    capsys.readouterr()
    assert cli.main(["search", out, "light", "--where", "label=night"]) == 0
    shown = capsys.readouterr()
    assert "1 file gone (day/0.png)" in shown.err and "night" in shown.out and "day" not in shown.out
    assert cli.main(["index", str(world), "--out", out]) == 0 and "1 file gone" in capsys.readouterr().out


@pytest.mark.parametrize("argv, message", [
    (["search", "nowhere.index", "x"], "no index nowhere.index"), (["index", "nowhere", "--out", "a.index"], "nowhere"),
    (["index", ".", "--out", "no/such/folder/a.index"], "cannot be written"),
])
def test_the_command_says_in_one_sentence_what_is_wrong(argv, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(argv) == 1
    err = capsys.readouterr().err
    assert message in err and len(err.strip().splitlines()) == 1


# ---- with the networks ----

@pytest.mark.slow
def test_photographs_are_found_by_a_sentence_without_any_pairs(tmp_path):
    try:
        paths = [str(assets.fetch(name)) for name in ("cat", "coffee", "rocket")]
        assets.fetch("minilm"), assets.fetch("efficientnet_lite0")
    except assets.AssetError as error:
        pytest.skip(str(error))
    found = built(pd.DataFrame({"path": paths}))
    for query, name in (("a kitten on a sofa", "cat"), ("an espresso in a cup", "coffee"), ("a missile before its launch", "rocket")):
        assert Path(found.search(query, top=1)["path"][0]).stem == name
