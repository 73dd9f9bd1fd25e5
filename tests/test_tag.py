"""Tagging: average precision and thresholds as by hand and as scikit-learn's, held-out groups, moments, and bad tables."""
import html.parser
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import average_precision_score, f1_score

import vmm_lab as vl
from vmm_lab import cli, features, tables
from vmm_lab.tasks import FeatureMethod, TagMachine, compare, tag, tags_over_time
from vmm_lab.tasks.measures import HeldOut
from vmm_lab.tasks.tag import TAGGING
from vmm_lab.tasks.tag_methods import TagMethod, average_precision, best_threshold

PAINT = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (40, 60, 220)}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))


def picture(path, names, rng):
    image = rng.integers(90, 110, (24, 36, 3)).astype(np.uint8)
    for name in names:
        place = list(PAINT).index(name) * 12
        image[6:18, place:place + 12] = PAINT[name]
    Image.fromarray(image).save(path)
    return str(path)


@pytest.fixture
def table(tmp_path):
    """Pictures by four people with patches of any of three colours; two rows without a word on their tags."""
    rng, rows = np.random.default_rng(0), []
    for group in "abcd":
        for k in range(12):
            names = [name for name in PAINT if rng.random() < 0.4]
            cell = "|".join(names) or "|"
            rows.append((picture(tmp_path / f"{group}{k}.png", names, rng), None if (group, k) in (("a", 3), ("b", 5)) else cell, group))
    return pd.DataFrame(rows, columns=["path", "tags", "group"])


def colours(table, **options):
    return tag(table, methods={"colours": features.ColorHistogram(size=(24, 36))}, progress=False, **options)


# ---- the numbers ----

def test_average_precision_is_that_of_scikit_learn_also_where_scores_are_equal():
    rng = np.random.default_rng(0)
    truth, scores = rng.random((60, 5)) < 0.3, rng.integers(0, 9, (60, 5)) / 8
    np.testing.assert_allclose(average_precision(truth, scores), [average_precision_score(truth[:, k], scores[:, k]) for k in range(5)])
    assert np.isnan(average_precision(np.array([[True, False]] * 3), np.ones((3, 2)))).all()


def test_the_threshold_is_the_one_with_the_best_f1_of_all():
    rng = np.random.default_rng(1)
    for _ in range(8):
        truth, scores = rng.random(30) < 0.4, rng.integers(0, 12, 30) / 11
        best = max(f1_score(truth, scores >= t, zero_division=0) for t in [*scores, 2])
        assert f1_score(truth, scores >= best_threshold(scores, truth), zero_division=0) == pytest.approx(best)


def test_the_measures_are_those_of_scikit_learn_and_guessing_gives_the_prevalence():
    rng = np.random.default_rng(2)
    truth, scores = rng.random((400, 3)) < [0.1, 0.3, 0.6], rng.random((400, 3))
    seen = HeldOut(scores, truth, np.arange(400) % 4, None, np.array(list("abc")))
    found = {}
    for measure in TAGGING:
        found |= measure.row(seen)
    assert found["map"] == pytest.approx(np.mean([average_precision_score(truth[:, k], scores[:, k]) for k in range(3)]))
    assert found["map_low"] < found["map"] < found["map_high"] and found["map_std"] > 0
    for average in ("micro", "macro"):
        assert found[f"{average}_f1"] == pytest.approx(f1_score(truth, scores >= 0.5, average=average))
    chance = {measure.name: measure.row(seen, guessing=True)[measure.name] for measure in TAGGING}
    assert chance["map"] == pytest.approx(truth.mean(axis=0).mean())
    assert chance == pytest.approx({name: found[name] for name in chance}, abs=0.05), "what many guesses give"


def test_an_interval_holds_what_new_groups_give_and_is_wider_with_fewer():
    rng = np.random.default_rng(3)
    widths = []
    for n in (40, 400):
        truth = rng.random((n, 2)) < 0.4
        seen = HeldOut(truth + rng.normal(0, 0.7, (n, 2)), truth, np.zeros(n, int), np.arange(n).astype(str), np.array(["a", "b"]))
        row = TAGGING[0].row(seen)
        widths.append(row["map_high"] - row["map_low"])
        assert 0 <= row["map_low"] < row["map"] < row["map_high"] <= 1
    assert widths[0] > 2 * widths[1]


def test_the_machine_learns_tags_that_bend_and_forgets_a_column_that_never_changes():
    angle = np.random.default_rng(0).uniform(0, 6.28, 120)
    radius = np.repeat([1, 3], 60)
    X = np.c_[np.cos(angle) * radius, np.sin(angle) * radius, np.full(120, 7.0)]
    tags = ["|".join(["outer"] * int(r > 2) + ["right"] * int(x > 0)) or "|" for r, x in zip(radius, X[:, 0])]
    machine = TagMachine().fit(X[::2], tags[::2])
    given = machine.predict_proba(X[1::2]) >= 0.5
    assert machine.kernel_ == "rbf" and machine.classes_.tolist() == ["outer", "right"]
    assert (given == np.c_[radius > 2, X[:, 0] > 0][1::2]).mean() >= 0.9
    assert np.isfinite(machine.predict_proba(X + [0, 0, 5])).all()


# ---- the board ----

def test_tags_of_unseen_groups_are_found_and_the_board_is_as_of_compare(table, tmp_path):
    with pytest.warns(UserWarning, match="2 of 48 rows"):
        board = colours(table)
    found = json.loads(board.to_json())
    assert list(found) == ["rows", "protocol", "warnings", "skipped"]
    row = found["rows"][0]
    assert list(row) == ["name", "modality", "map", "map_std", "map_low", "map_high", "micro_f1", "macro_f1", "seconds_extract",
                         "seconds_fit", "ms_per_item"]
    assert row["name"] == "colours" and row["map"] >= 0.95 and row["macro_f1"] >= 0.85
    assert board.protocol["folds"] == "leave-one-group-out" and set(board.protocol["classes"]) == set(PAINT)
    prevalence = np.mean([count / 46 for count in board.protocol["classes"].values()])
    assert board.frame.set_index("name")["map"][["Chance", "Prevalence"]].tolist() == pytest.approx([prevalence] * 2)
    assert "46 items tested, 3 tags" in repr(board) and "46 items, 3 tags" in board._repr_html_() and "bootstrap" in board._repr_html_()
    by_tag = board.confusion("colours")
    assert by_tag["items"].to_dict() == board.protocol["classes"] and by_tag["average_precision"].mean() == pytest.approx(row["map"])
    found = board.predictions("colours")
    assert np.mean([set(a.split("|")) == set(b.split("|")) for a, b in zip(found["predicted"], found["tags"])]) >= 0.75


def test_columns_of_the_table_are_kept_next_to_what_was_found(table):
    board = colours(table.dropna().assign(predicted="by hand", fold=7))
    found = board.predictions("colours")
    assert set(found["table_predicted"]) == {"by hand"} and set(found["table_fold"]) == {7} and set(found["fold"]) == {0, 1, 2, 3}


@pytest.mark.parametrize("cells", [["red", "blue"], ["red|green", "blue"]])
def test_the_score_of_a_method_is_the_share_of_rows_whose_tags_are_all_right(tmp_path, cells):
    rng = np.random.default_rng(0)
    rows = [(picture(tmp_path / f"{k}.png", cells[k % 2].split("|"), rng), cells[k % 2], "x") for k in range(12)]
    table = pd.DataFrame(rows, columns=["path", "tags", "label"])
    model = TagMethod(features.ColorHistogram(size=(24, 36))).fit(table)
    assert model.score(table) == 1
    turned = table.assign(tags=[cells[1]] * 6 + [None] * 6)
    assert model.score(turned.drop(columns="label")) == 0.5
    for nobody in (table.drop(columns="tags"), table.assign(tags=None)):
        with pytest.raises(vl.TableError, match="fill in the column `tags`"):
            model.score(nobody)


def test_the_page_shows_each_tag_and_escapes_names(table):
    hostile = "<script>alert(1)</script>"
    page = colours(table.dropna().assign(tags=lambda t: t["tags"].str.replace("red", hostile))).to_html()
    text = []
    reader = html.parser.HTMLParser()
    reader.handle_data = text.append
    reader.feed(page)
    assert "Tag by tag" in "".join(text) and hostile in "".join(text) and "<script" not in page
    assert all(name in "".join(text) for name in ("green", "blue", "Micro-F1", "prevalence"))


def test_what_is_learnt_knows_nothing_of_the_tags_of_the_test_rows(table):
    table = table.dropna().assign(split=lambda t: np.where(t["group"] == "a", "test", "train")).reset_index(drop=True)
    turned = table.assign(tags=np.where(table["group"] == "a", "red", table["tags"]))
    first, second = colours(table), colours(turned)
    tested = first.fold >= 0
    np.testing.assert_array_equal(first.probabilities("colours")[tested], second.probabilities("colours")[tested])


def test_modalities_vote_and_a_row_without_words_is_scored_all_the_same(table, tmp_path):
    table = table.dropna().reset_index(drop=True)
    table["caption"] = [None if k == 0 else "a picture with " + text.replace("|", " and ") for k, text in enumerate(table["tags"])]
    board = tag(table, methods=[features.ColorHistogram(size=(24, 36)), features.WordBag()], progress=False)
    scores = board.frame.set_index("name")["map"]
    assert scores["Soft vote"] >= 0.95 and any("1 of 46 rows have no captions" in text for text in board.warnings)
    model = board.pipeline("Soft vote").fit(table)
    assert set(model.predict(table.iloc[[1]])[0]) == set(filter(None, table["tags"][1].split("|")))
    again = vl.load_pipeline(board.pipeline("ColorHistogram").fit(table).save(tmp_path / "tags.skops"))
    assert again.predict(table["path"][1]) == board.pipeline("ColorHistogram").fit(table).predict(table["path"][1])


def test_a_tag_of_one_group_cannot_be_learnt_where_it_is_tested(table):
    table = table.dropna().reset_index(drop=True)
    table.loc[0, "tags"] = "red|rare"
    board = colours(table)
    assert any("Tag rare cannot be learnt" in text for text in board.warnings)
    assert board.probabilities("colours")["rare"][0] == 0


def test_a_method_that_learns_labels_is_no_method_for_tags_nor_the_other_way_round(table):
    by_label, by_tags = FeatureMethod(features.ColorHistogram()), TagMethod(features.ColorHistogram())
    with pytest.raises(ValueError, match="mine learns the column `label`"):
        tag(table.dropna(), methods={"mine": by_label}, progress=False)
    with pytest.raises(ValueError, match="mine learns the column `tags`"):
        compare(table.dropna().assign(label=["a", "b"] * 23), methods={"mine": by_tags}, progress=False)


def test_test_rows_without_any_tag_give_a_board_without_scores(table):
    table = table.dropna().assign(split=lambda t: np.where(t["group"] == "a", "test", "train"))
    board = colours(table.assign(tags=np.where(table["group"] == "a", "|", table["tags"])))
    scores = board.frame[["map", "map_low", "map_high", "micro_f1", "macro_f1"]]
    assert scores.isna().all(axis=None) and "–" in repr(board) and "colours" in board.to_html()


@pytest.mark.parametrize(("change", "message"), [
    (lambda t: t.drop(columns="tags"), "fill in the column `tags`"),
    (lambda t: t.assign(tags=None), "fill in the column `tags`"),
    (lambda t: t.assign(tags="red"), "the same tags"),
    (lambda t: t.assign(path="gone.png"), "is there"),
])
def test_a_table_that_cannot_be_scored_is_one_sentence(table, change, message):
    with pytest.raises(vl.TableError, match=message):
        colours(change(table))


def test_the_command_writes_board_and_page(table, tmp_path, capsys):
    table.dropna().assign(path=lambda t: [path.rpartition("/")[2] for path in t["path"]]).to_csv(tmp_path / "tags.csv", index=False)
    out, page = tmp_path / "b.json", tmp_path / "b.html"
    assert cli.main(["tag", str(tmp_path / "tags.csv"), "--json", str(out), "--html", str(page), "--jobs", "2"]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["rows"][0]["map"] >= 0.95 and "Mean average precision" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert any("vmm-lab fetch" in note for note in found["protocol"]["notes"])


# ---- moments ----

def test_tags_are_found_at_their_moments(table, tmp_path):
    rng = np.random.default_rng(5)
    halves = []
    for k, names in enumerate((["red"], ["blue", "green"])):
        frame = np.array(Image.open(picture(tmp_path / f"half{k}.png", names, rng)))
        halves.append(np.repeat(frame[None], 24, axis=0))
    film = vl.write_video(tmp_path / "film.mp4", np.concatenate(halves), fps=12)
    model = colours(table.dropna()).pipeline("colours").fit(table.dropna())
    for media in (film, str(film), vl.open_media(film)):
        found = tags_over_time(model, media, window=1.0)
        assert found.index.name == "time" and found.index.tolist() == pytest.approx([0.5, 1, 1.5, 2, 2.5, 3, 3.5])
        assert list(found.columns) == sorted(PAINT) and found.to_numpy().min() >= 0 and found.to_numpy().max() <= 1
    assert (found["red"] >= 0.5).tolist()[:3] == [True] * 3 and (found["red"] < 0.5).tolist()[-3:] == [True] * 3
    assert (found["blue"] >= 0.5).tolist()[-3:] == [True] * 3
    assert len(tags_over_time(model, film, window=60)) == 1 and len(tags_over_time(model, table["path"][0])) == 1
    with pytest.raises(ValueError, match="window"):
        tags_over_time(model, film, window=0)


# ---- the column ----

@pytest.mark.parametrize(("cell", "expected"), [
    ("dog|park", ("dog", "park")), (" dog ;  big   park;", ("dog", "big park")), ("dog|dog|Dog", ("dog", "Dog")), ("|", ()), (";", ()),
    ("", None), (None, None), (np.nan, None), (["dog", "park"], ("dog", "park")), ([], ()), ({"b", "a"}, ("a", "b")), ("1.0|2", ("1", "2")),
    ("cafe\u0301", ("caf\u00e9",)),
])
def test_a_cell_of_tags_is_a_list_of_names(cell, expected):
    assert tables.tags_of(pd.DataFrame({"tags": pd.Series([cell], dtype=object)})) == [expected]


def test_tags_of_a_manifest_are_tidied_and_read_alike_from_it(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "m.csv").write_text("path;Tags\na.png;sea |sky\na.png;\na.png;|\na.png;sky|sea\n", encoding="utf-8")
    table = vl.load_table(tmp_path / "m.csv")
    assert tables.tags_of(table) == tables.tags_of(vl.load_table(table)) == [("sea", "sky"), None, (), ("sky", "sea")]
    matrix = tables.tag_matrix(table)
    assert matrix.columns.tolist() == ["sea", "sky"] and matrix.to_numpy().tolist() == [[True, True], [False, False], [False, False], [True, True]]
    with pytest.warns(UserWarning, match="`tags` holds 'Sea' and 'sea'"):
        vl.load_table(table.assign(tags=["sea|Sea"] * 4))
    with pytest.raises(vl.TableError, match="no column `tags`"):
        tables.tags_of(table[["path"]])


def test_features_do_not_see_the_tags():
    [segment] = features.segments(pd.DataFrame({"path": ["a.mp4"], "tags": ["dog"], "take": [2]}))
    assert segment.columns == {"take": 2}


# ---- pretrained rows ----

def test_pretrained_rows_are_there_where_their_weights_are_and_a_note_tells_how_to_bring_them(table, monkeypatch):
    table = table.dropna().reset_index(drop=True).assign(label=lambda t: np.where(t["tags"].str.contains("red"), "red", "other"))
    boards = [compare(table.iloc[:24], progress=False)]
    assert not {"ImageEmbedding", "SentenceEmbedding"} & set(boards[0].frame["name"])
    assert boards[0].protocol["notes"] == ["ImageEmbedding has no row, because its weights are not here; `vmm-lab fetch` brings them."]
    for text in (repr(boards[0]), boards[0]._repr_html_(), boards[0].to_html()):
        assert "vmm-lab fetch" in text
    assert compare(table, methods=[features.ColorHistogram(size=(24, 36))], progress=False).protocol["notes"] == []
    from vmm_lab import assets, pretrained

    monkeypatch.setattr(assets, "installed", lambda name: name == "efficientnet_lite0")
    monkeypatch.setattr(pretrained.ImageEmbedding, "describe", lambda self, frames: frames[:, ::64, ::64].reshape(len(frames), -1).astype(np.float32))
    board = compare(table.iloc[:24], progress=False)
    assert "ImageEmbedding" in set(board.frame["name"]) and board.protocol["notes"] == []
    assert "keras" in board.protocol["versions"] and any("EfficientNet-Lite0" in text for text in board.protocol["words"])
