"""A data set is one table: from folders and manifests, with sentences for what is wrong."""
import datetime
import itertools
import os
import unicodedata
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab.features import segments
from vmm_lab.splits import group_split, split_by_group
from vmm_lab.tables import TableError, load_table, my_table


@pytest.fixture
def folder(tmp_path):
    for name in ("wave/ada/1.mp4", "wave/bob/2.mp4", "jump/ada/3.MP4", "jump/bob/4.wav", "jump/notes.txt", ".hidden/5.mp4"):
        path = tmp_path / "vidéos of mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "vidéos of mine"


def manifest(tmp_path, text, name="table.csv", **kwargs):
    for file in ("a.mp4", "b.mp4"):
        (tmp_path / file).touch()
    (tmp_path / name).write_text(text, encoding="utf-8", **kwargs)
    return tmp_path / name


def test_class_folders_give_labels_and_the_folders_inside_them_give_groups(folder):
    table = load_table(folder)
    assert table["label"].tolist() == ["jump", "jump", "wave", "wave"]
    assert table["group"].tolist() == ["ada", "bob", "ada", "bob"]
    assert all(Path(p).is_absolute() and Path(p).exists() for p in table["path"])


def test_split_folders_give_the_split(tmp_path):
    for part in ("train", "test", "valid"):
        (tmp_path / part / "yes").mkdir(parents=True)
        (tmp_path / part / "yes" / "x.png").touch()
    table = load_table(tmp_path)
    assert table["split"].tolist() == ["test", "train", "val"] and set(table["label"]) == {"yes"}


def test_a_flat_folder_is_a_table_without_labels(tmp_path):
    (tmp_path / "x.mp4").touch()
    assert list(load_table(tmp_path).columns) == ["path"]


def test_a_link_that_leads_back_up_does_not_hang(folder):
    try:
        (folder / "wave" / "again").symlink_to(folder, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    assert len(load_table(folder)) == 4


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_manifest_keeps_labels_as_strings_and_every_other_column(tmp_path, separator):
    text = "path,label,camera,start,end\na.mp4,007,3,0.5,\nb.mp4,,4,,2\n".replace(",", separator)
    table = load_table(manifest(tmp_path, text))
    assert table["label"][0] == "007" and pd.isna(table["label"][1])
    assert table["camera"].tolist() == [3, 4]
    assert table["start"].dtype == table["end"].dtype == np.float64
    np.testing.assert_array_equal(table["start"], [0.5, np.nan])


def test_a_manifest_saved_by_a_spreadsheet_is_read(tmp_path):
    manifest(tmp_path, "")
    (tmp_path / "table.csv").write_bytes("path;caption\r\na.mp4;Grüße\r\n".encode("utf-8-sig"))
    assert load_table(tmp_path / "table.csv")["caption"].tolist() == ["Grüße"]


def test_a_class_may_be_called_none_or_na_but_nan_is_missing(tmp_path):
    table = load_table(manifest(tmp_path, "path,label\na.mp4,None\nb.mp4,NA\na.mp4,NaN\n"))
    assert table["label"].tolist()[:2] == ["None", "NA"] and pd.isna(table["label"][2])


def test_integer_labels_of_a_frame_become_strings(tmp_path):
    manifest(tmp_path, "")
    frame = pd.DataFrame({"path": [str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4")], "label": [1, np.nan]})
    table = load_table(frame)
    assert table["label"][0] == "1" and pd.isna(table["label"][1])
    assert frame["label"].dtype == float, "the caller's frame is left alone"


@pytest.mark.parametrize(("text", "words"), [
    ("file,label\na.mp4,x\n", ["`path`", "rename `file`"]),
    ("path,label\n", ["no rows"]),
    ("", ["table.csv"]),
    ("path,label\n,x\n", ["row 0", "`path`"]),
    ("path,start\na.mp4,-1\n", ["row 0", "`start`", "-1"]),
    ("path,start,end\na.mp4,0,1\nb.mp4,3,2\n", ["row 1", "`end`"]),
    ("path,start,end\na.mp4,1,1\n", ["row 0", "`end`"]),
    ("path,start\na.mp4,soon\n", ["row 0", "`start`", "soon"]),
    ("path,end\na.mp4,inf\n", ["row 0", "`end`"]),
    ("path\n../a.mp4\n", ["row 0", "outside", "root="]),
    ("path\na.mp4\n/etc/passwd\n", ["row 1", "outside", "root="]),
    ("path\nnot_there.mp4\n", ["not_there.mp4", "None of the 1 files"]),
    ("path,label,caption\na.mp4,x,he falls, then rises\n", ["more cells", "double quotes"]),
    ("path\n" + "x" * 300 + ".mp4\n", ["None of the 1 files"]),
])
def test_a_bad_manifest_gets_one_sentence_that_names_the_place(tmp_path, text, words):
    with pytest.raises(TableError) as error:
        load_table(manifest(tmp_path, text))
    assert all(word in str(error.value) for word in words), error.value
    assert "\n" not in str(error.value)


def test_root_allows_paths_beside_the_manifest(tmp_path):
    (tmp_path / "lists").mkdir()
    source = manifest(tmp_path / "lists", "path\n../far.mp4\n")
    (tmp_path / "far.mp4").touch()
    assert load_table(source, root=tmp_path)["path"].tolist() == [str(tmp_path / "far.mp4")]


def test_paths_may_be_relative_to_root(tmp_path):
    (tmp_path / "lists").mkdir()
    source = manifest(tmp_path / "lists", "path\nfar.mp4\n")
    (tmp_path / "far.mp4").touch()
    assert load_table(source, root=tmp_path)["path"].tolist() == [str(tmp_path / "far.mp4")]


def test_a_link_inside_the_folder_cannot_reach_outside(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.mp4").touch()
    source = manifest(tmp_path / "in", "path\nlink.mp4\n")
    try:
        (tmp_path / "in" / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    except OSError:
        pytest.skip("this system makes no symbolic links")
    with pytest.raises(TableError, match="outside"):
        load_table(source)


@pytest.mark.parametrize("source", ["nowhere", "nowhere.csv"])
def test_a_missing_source_is_told(tmp_path, source):
    with pytest.raises(TableError, match="no file or folder"):
        load_table(tmp_path / source)


def test_an_empty_folder_is_told_what_it_should_hold(tmp_path):
    with pytest.raises(TableError, match="one subfolder per class"):
        load_table(tmp_path)


def test_a_binary_file_is_no_manifest(tmp_path):
    (tmp_path / "table.csv").write_bytes(bytes(range(256)))
    with pytest.raises(TableError, match="UTF-8"):
        load_table(tmp_path / "table.csv")


def grouped(groups=8, rows=5):
    return pd.DataFrame({"path": [f"{k}.mp4" for k in range(groups * rows)],
                         "label": ["x", "y"] * (groups * rows // 2),
                         "group": np.repeat([f"g{k}" for k in range(groups)], rows)})


@pytest.mark.parametrize("share", [0.2, 0.25, 0.5, 0.75])
def test_a_split_by_group_keeps_groups_whole_and_meets_the_share(share):
    table = grouped()
    train, test = split_by_group(table, test=share, seed=3)
    assert not set(train["group"]) & set(test["group"])
    assert sorted([*train.index, *test.index]) == list(table.index)
    assert abs(len(test) / len(table) - share) <= 1 / 8
    again = split_by_group(table, test=share, seed=3)[1]
    pd.testing.assert_frame_equal(test, again)


def test_a_random_split_must_be_asked_for_and_warns():
    table = grouped()
    with pytest.raises(TableError, match="group=None"):
        split_by_group(table.drop(columns="group"))
    with pytest.warns(UserWarning, match="random split"):
        train, test = split_by_group(table, group=None)
    assert len(test) == 10 and len(train) == 30


def test_a_row_without_group_and_a_single_group_are_told():
    table = grouped()
    table.loc[7, "group"] = None
    with pytest.raises(TableError, match="Row 7"):
        split_by_group(table)
    with pytest.raises(TableError, match="one group only"):
        split_by_group(grouped().assign(group="g"))
    with pytest.raises(ValueError, match="share"):
        split_by_group(grouped(), test=2)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_of_no_or_one_row_cannot_be_split_at_random_either(rows):
    with pytest.warns(UserWarning, match="random split"), pytest.raises(ValueError, match="at least two"):
        vl.split_by_group(pd.DataFrame({"path": ["a.mp4"] * rows}), group=None)


def test_a_grouped_split_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        split_by_group(grouped(groups=3, rows=4))


def test_the_verbs_are_there():
    assert vl.load_table is load_table and "load_table" in dir(vl)


def test_a_split_comes_as_near_to_the_share_as_whole_groups_allow():
    table = pd.DataFrame({"path": list("abcdefghi"), "label": ["x", "y", "x"] * 3, "group": ["small"] + ["large"] * 8})
    assert len(split_by_group(table, test=0.1)[1]) == 1
    pair = pd.DataFrame({"path": ["a", "b"], "label": ["x", "y"], "group": ["g", "h"]})
    assert len(split_by_group(pair, test=0.5)[1]) == 1


@pytest.mark.parametrize("share, got", [(0.4, 0.4), (0.6, 0.6), (0.35, 0.3), (0.15, 0.1), (0.8, 0.8), (0.01, 0.1)])
def test_any_share_is_met_as_nearly_as_ten_equal_groups_allow(share, got):
    assert len(split_by_group(grouped(groups=10, rows=10), test=share)[1]) in (100 * got, 100 * got + 10 * (share != got))


def test_no_other_choice_of_groups_comes_nearer_to_the_share():
    rng = np.random.default_rng(0)
    for trial in range(60):
        sizes = rng.integers(1, 12, rng.integers(2, 9))
        groups, share = np.repeat(np.arange(len(sizes)), sizes), rng.uniform(0.02, 0.98)
        held = group_split(groups, rng.integers(0, 3, len(groups)), share, seed=trial)
        choices = [c for k in range(1, len(sizes)) for c in itertools.combinations(sizes, k)]
        nearest = min(abs(sum(choice) - share * len(groups)) for choice in choices)
        assert abs(held.sum() - share * len(groups)) == pytest.approx(nearest)
        assert all(len(set(held[groups == k])) == 1 for k in range(len(sizes)))


def test_every_class_gets_its_share_where_groups_allow():
    groups = np.repeat(np.arange(20), 10)
    labels = np.repeat(list("abcd") * 5, 10)  # each group is of one class
    for seed in range(5):
        held = group_split(groups, labels, 0.4, seed)
        assert [(labels[held] == name).sum() for name in "abcd"] == [20] * 4


def test_a_folder_named_theatre_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theatre" / "wave").mkdir(parents=True)
    (tmp_path / "theatre" / "wave" / "a.mp4").touch()
    assert load_table(Path("theatre"))["label"].tolist() == ["wave"]


def test_my_table_is_that_of_the_environment_or_the_theatre(tmp_path, monkeypatch):
    (tmp_path / "wave").mkdir()
    (tmp_path / "wave" / "a.mp4").touch()
    monkeypatch.setenv("VMM_LAB_VIDEOS", str(tmp_path))
    assert my_table()["label"].tolist() == ["wave"]
    monkeypatch.delenv("VMM_LAB_VIDEOS")
    monkeypatch.setattr("vmm_lab.theatre.render", lambda **options: options)
    assert my_table(size="full")["size"] == "full"


def test_a_tiny_table_can_be_split_at_random_when_asked_for():
    table = pd.DataFrame({"path": list("abcd"), "label": ["x", "x", "y", "y"]})
    with pytest.warns(UserWarning, match="random split"):
        assert len(split_by_group(table, test=0.25, group=None)[1]) == 1


def test_a_file_beside_group_folders_is_a_group_of_its_own(tmp_path):
    for name in ("a/s1/0.png", "a/1.png", "b/1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert load_table(tmp_path)["group"].nunique() == 3


@pytest.mark.parametrize("source", [None, 5, ["a.png"]])
def test_a_source_of_another_kind_is_told(source):
    with pytest.raises(TableError, match="load_table takes"):
        load_table(source)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read every folder")
def test_a_class_folder_that_may_not_be_read_is_not_left_out_silently(folder):
    (folder / "wave").chmod(0)
    try:
        with pytest.raises(TableError, match="may not be read"):
            load_table(folder)
    finally:
        (folder / "wave").chmod(0o700)


def test_two_columns_of_one_name_are_told(tmp_path):
    (tmp_path / "a.mp4").touch()
    with pytest.raises(TableError, match="two columns `label`"):
        load_table(pd.DataFrame([[str(tmp_path / "a.mp4"), "x", "y"]], columns=["path", "label", "label"]))


def test_the_committed_sample_is_a_table_that_can_be_read():
    table = load_table(Path(__file__).parents[1] / "data" / "sample" / "clips.csv")
    assert table["label"].value_counts().tolist() == [2, 2] and table["group"].nunique() == 2
    for path in table["path"]:
        media = vl.open_media(path)
        assert media.has_audio and media.frames(end=0.2)[0].shape == (5, 128, 128, 3)


# ---- layouts, spellings and units that people have ----

def touched(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def classes_in(*folders):
    return [f"{folder}/{name}/{k}.png" for folder in folders for name in ("cat", "dog") for k in range(2)]


@pytest.mark.parametrize("train, test", [("train", "test"), ("train", "testing"), ("Training", "TEST"), ("train_set", "test-set"),
                                         ("training", "validation"), ("train", "dev"), ("train data", "tests")])
@pytest.mark.parametrize("order", ["split/class", "class/split", "around/split/class"])
def test_split_folders_are_found_however_they_are_spelt_and_nested(tmp_path, train, test, order):
    for side in (train, test):
        for name in ("cat", "dog"):
            touched(tmp_path, *(f"{order.replace('split', side).replace('class', name)}/{k}.png" for k in range(2)))
    table = load_table(tmp_path)
    assert set(table["label"]) == {"cat", "dog"} and "group" not in table
    assert table["split"].value_counts().to_dict() == {"train": 4, "val" if test in ("validation", "dev") else "test": 4}


def test_groups_stay_below_the_classes_of_a_split(tmp_path):
    table = load_table(touched(tmp_path, "train/cat/ada/1.png", "test/cat/bob/1.png"))
    assert table[["split", "label", "group"]].values.tolist() == [["test", "cat", "bob"], ["train", "cat", "ada"]]


@pytest.mark.parametrize("stray", ["preview.png", "extra/cat/1.png"])
def test_files_outside_the_split_folders_are_told_and_have_no_label(tmp_path, stray):
    touched(tmp_path, *classes_in("train", "test"), stray)
    with pytest.warns(UserWarning, match="1 of 9 files stand outside the folders of test and train"):
        table = load_table(tmp_path)
    assert set(table["label"].dropna()) == {"cat", "dog"} and table["split"].notna().sum() == 8


def test_a_class_may_be_called_train(tmp_path):
    table = load_table(touched(tmp_path, "train/1.png", "bus/1.png", "tram/1.png"))
    assert table["label"].tolist() == ["bus", "train", "tram"] and "split" not in table


@pytest.mark.parametrize("folder", ["@eaDir", "$RECYCLE.BIN", "System Volume Information", "__MACOSX", "lost+found", "#recycle", ".Trash-1000"])
def test_hidden_and_system_folders_are_left_out(tmp_path, folder):
    touched(tmp_path, "cat/1.png", "dog/1.png", f"{folder}/1.png", f"cat/{folder}/1.png", f"{folder}/cat/1.png")
    assert load_table(tmp_path)["label"].tolist() == ["cat", "dog"]


def test_a_folder_linked_into_two_classes_is_read_in_both(tmp_path):
    touched(tmp_path, "kept/1.png")
    try:
        for name in ("train", "test"):
            (tmp_path / "set" / name).mkdir(parents=True)
            (tmp_path / "set" / name / "cat").symlink_to(tmp_path / "kept", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    assert load_table(tmp_path / "set")["split"].tolist() == ["test", "train"]


def test_a_class_is_one_however_its_name_is_spelt(tmp_path):
    apart = unicodedata.normalize("NFD", "café")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_table(touched(tmp_path / "1", "café/1.png", f"{apart}/2.png"))["label"].nunique() == 1
        assert set(load_table(touched(tmp_path / "2", "cat/1.png", "cat /2.png"))["label"]) == {"cat"}
        text = f"path,label,group\na.mp4,café,1\nb.mp4,{apart},1.0\na.mp4,sit  down,2.0\nb.mp4,sit down,2\n"
        table = load_table(manifest(tmp_path, text))
    assert table["label"].nunique() == 2 and table["group"].tolist() == ["1", "1", "2", "2"]


@pytest.mark.parametrize("one, other", [("Cat", "cat"), ("sitdown", "sit down"), ("cat", "c\u200bat"), ("TRUE", "True")])
@pytest.mark.parametrize("column", ["label", "group"])
def test_names_that_read_alike_are_told(tmp_path, one, other, column):
    with pytest.warns(UserWarning, match=f"`{column}` holds .* read alike"):
        load_table(manifest(tmp_path, f"path,{column}\na.mp4,{one}\nb.mp4,{other}\n"))


@pytest.mark.parametrize("values, labels", [
    ([True, False], ["True", "False"]), ([np.int8(1), 2], ["1", "2"]), ([1.0, None], ["1", None]), ([1.5, pd.NA], ["1.5", None]),
    (["nan", ""], [None, None]), ([float("nan"), "None"], [None, "None"]), (pd.Categorical(["a", None]), ["a", None])])
def test_labels_of_a_frame_become_text_or_are_missing(tmp_path, values, labels):
    touched(tmp_path, "a.mp4")
    table = load_table(pd.DataFrame({"path": [tmp_path / "a.mp4"] * 2, "label": values}))
    assert [None if pd.isna(label) else label for label in table["label"]] == labels


def test_a_list_is_no_label(tmp_path):
    touched(tmp_path, "a.mp4")
    with pytest.raises(TableError, match="row 0: `label` is .* no single text"):
        load_table(pd.DataFrame({"path": [str(tmp_path / "a.mp4")], "label": [["a", "b"]]}))


@pytest.mark.parametrize("value, seconds", [
    (pd.Timedelta("1s"), 1), (datetime.timedelta(minutes=1), 60), (np.timedelta64(1500, "ms"), 1.5), ("2", 2), (" 0.5 ", 0.5),
    ("0,5", 0.5), ("12,25", 12.25), (np.float32(0.5), 0.5), (3, 3), (None, np.nan), (pd.NaT, np.nan), (pd.NA, np.nan), ("", np.nan)])
@pytest.mark.parametrize("mixed", [False, True])
def test_a_time_is_seconds_in_whatever_type_it_comes(tmp_path, value, seconds, mixed):
    touched(tmp_path, "a.mp4")
    frame = pd.DataFrame({"path": [str(tmp_path / "a.mp4")] * 2, "end": pd.Series([value, "1" if mixed else value])})
    np.testing.assert_array_equal(load_table(frame)["end"][:1], [seconds])
    assert segments(frame)[0].end == (None if np.isnan(seconds) else seconds)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_column_of_lengths_of_time_is_seconds_in_every_unit(tmp_path, unit):
    touched(tmp_path, "a.mp4")
    ends = pd.Series(pd.to_timedelta(["1s", None])).astype(f"timedelta64[{unit}]")
    table = load_table(pd.DataFrame({"path": [str(tmp_path / "a.mp4")] * 2, "start": [0, 0], "end": ends}))
    np.testing.assert_array_equal(table["end"], [1, np.nan])


@pytest.mark.parametrize("value", ["0:05", "1,000", "5s", True, np.True_, pd.Timestamp("2026-01-01"), datetime.time(0, 5), np.inf,
                                   pd.Period("2026"), 1j, "1_0"])
def test_what_is_no_number_of_seconds_is_refused(tmp_path, value):
    touched(tmp_path, "a.mp4")
    frame = pd.DataFrame({"path": [str(tmp_path / "a.mp4")], "start": [value]})
    with pytest.raises(TableError, match="row 0: `start` is .* no number of seconds"):
        load_table(frame)
    with pytest.raises(TableError, match="no number of seconds"):
        segments(frame)


ROWS = [["path", "label", "start", "caption"], ["a.mp4", "007", "0.5", "he says: no"], ["b.mp4", "Grün", "", "a, b; c"]]


def written(separator=",", quoted=False, line="\n"):
    return line.join(separator.join(f'"{cell}"' if quoted or set(cell) & set(",;") else cell for cell in row) for row in ROWS) + line


@pytest.mark.parametrize("stored", [
    *(written(separator).encode() for separator in ",;\t|"), written(quoted=True).encode(), written(line="\r\n").encode("utf-8-sig"),
    written(line="\r").encode(), written("\t").encode("utf-16"), written(";").encode("utf-16-be").join([b"\xfe\xff", b""]),
    ("sep=;\n" + written(";")).encode(), ("\n\n" + written()).encode(), (written() + ",,,\n").encode(),
    written().replace("path,label,start", "Path, LABEL ,Start").encode()],
    ids=["comma", "semicolon", "tab", "bar", "quoted", "BOM and CRLF", "CR", "UTF-16", "UTF-16 big end", "sep=", "blank lines",
         "empty rows", "other case"])
def test_a_manifest_of_every_kind_gives_the_same_table(tmp_path, stored):
    touched(tmp_path, "a.mp4", "b.mp4", "m.csv").joinpath("m.csv").write_bytes(stored)
    table = load_table(tmp_path / "m.csv")
    assert list(table.columns) == ROWS[0] and table["label"].tolist() == ["007", "Grün"] and table["start"][0] == 0.5
    assert table["caption"].tolist() == ["he says: no", "a, b; c"] and len(table) == 2


def test_two_columns_of_one_name_are_told_in_a_manifest_too(tmp_path):
    with pytest.raises(TableError, match="two columns `label`"):
        load_table(manifest(tmp_path, "path,label, Label,label \na.mp4,x,z,y\n"))


@pytest.mark.parametrize("stored", ["path,label\na.mp4,grün\n".encode("latin-1"), "path\na.mp4\n".encode("utf-16-le")])
def test_a_manifest_in_another_encoding_is_refused(tmp_path, stored):
    touched(tmp_path, "a.mp4", "m.csv").joinpath("m.csv").write_bytes(stored)
    with pytest.raises(TableError, match="UTF-8"):
        load_table(tmp_path / "m.csv")


@pytest.mark.parametrize("path", ["clips\\c.png", "clips\\..\\clips\\c.png", unicodedata.normalize("NFD", "clips/é.png")])
def test_a_path_is_found_as_another_system_writes_it(tmp_path, path):
    touched(tmp_path, "clips/c.png", unicodedata.normalize("NFC", "clips/é.png"), "a.png")
    table = load_table(manifest(tmp_path, f"path\na.png\n{path}\n"))
    assert all(map(os.path.exists, table["path"]))


def test_backslashes_cannot_lead_outside(tmp_path):
    touched(tmp_path, "secret.png", "in/a.png")
    with pytest.raises(TableError, match="outside"):
        load_table(manifest(tmp_path / "in", "path\na.png\n..\\secret.png\n"))
