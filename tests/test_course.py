"""A new project runs as it is, a teacher sees the class in one table, and a laptop says whether it is ready."""
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vmm_lab import assets, cli, course
from vmm_lab.exercises import record
from vmm_lab.exercises.exercise import catalogue
from vmm_lab.exercises.progress import progress

ROOT = Path(__file__).resolve().parents[1]


# ---- a project ----

@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere") / "my idea ü"
    course.new_project(folder)
    return folder


def environment():
    return os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def test_a_project_has_a_notebook_a_table_a_feature_a_test_and_videos(project):
    names = {path.name for path in project.iterdir()}
    assert names == {"my idea ü.ipynb", "README.md", "videos.csv", "videos", "feature.py", "test_project.py"}
    table = pd.read_csv(project / "videos.csv")
    assert list(table.columns) == ["path", "label", "group", "caption"] and len(table) == 24
    assert all((project / path).is_file() for path in table["path"])
    assert "NAME" not in (project / "README.md").read_text(encoding="utf-8")


def test_the_feature_of_a_project_gives_a_still_a_number(project, monkeypatch):
    monkeypatch.syspath_prepend(project)
    feature = importlib.import_module("feature").MyFeature()
    still = np.full((1, 16, 16, 3), 200, np.uint8)
    assert (feature.describe(still) == np.zeros(256)).all()
    assert (feature.describe(np.concatenate([still, still - 50, still])) == np.full(256, 100)).all()


@pytest.mark.slow
def test_the_test_of_a_project_passes_as_it_is(project):
    done = subprocess.run([sys.executable, "-m", "unittest"], check=False, cwd=project, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0 and "Ran 3 tests" in done.stderr, done.stderr


@pytest.mark.slow
def test_the_notebook_of_a_project_runs_as_it_is(project):
    import nbformat

    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "run.ipynb", f"{project.name}.ipynb"]
    done = subprocess.run(command, check=False, cwd=project, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    outputs = [o for c in nbformat.read(project / "run.ipynb", as_version=4).cells if c.cell_type == "code" for o in c.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert (project / "report.html").stat().st_size > 10_000


def test_an_existing_folder_is_refused_and_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("demo").mkdir()
    Path("demo/mine.txt").write_text("kept")
    assert cli.main(["new", "demo"]) == 1
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["demo", "mine.txt"]


def test_a_project_is_made_whole_or_not_at_all(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(course.project.shutil, "copyfile", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert cli.main(["new", "demo"]) == 1
    assert "No space left" in capsys.readouterr().err and not list(tmp_path.iterdir())
    assert cli.main(["new", "nowhere/demo"]) == 1
    assert "there is no folder" in capsys.readouterr().err


# ---- a class ----

@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the records of two learners, one as CSV and one as JSON."""
    monkeypatch.setenv("VMM_LAB_DATA", str(tmp_path / "data"))
    target = tmp_path / "class"
    target.mkdir()
    progress(to=target / "Ben.csv")
    record.note("00.raw_megabytes", "hint")
    record.note("00.raw_megabytes", "wrong")
    record.note("00.raw_megabytes", "right")
    record.note("01.unknown", "solution")
    progress(to=target / "Ada.json")
    return target


def test_the_records_of_a_class_become_one_table(folder):
    records, laptops, unread = course.gather([folder])
    ada, ben = records.to_dict("records")
    assert (ada["learner"], ben["learner"]) == ("Ada", "Ben")
    assert ada | {"done": 1, "of": len(catalogue()), "tries": 2, "hints": 1, "solutions": 0, "00": 1, "01": 0} == ada
    assert ben | {"done": 0, "tries": 0, "00": 0} == ben
    assert laptops.empty and unread == {}


def test_csv_and_json_of_one_learner_count_the_same(folder):
    progress(to=folder / "Ada.csv")
    records = course.gather([folder / "Ada.csv", folder / "Ada.json"])[0]
    assert records.iloc[0].to_dict() == records.iloc[1].to_dict()


def test_learners_whose_files_have_one_name_are_told_apart_by_their_folders(folder):
    for place in ("Ada/monday", "Ben/monday", "Cy/tuesday"):
        (folder / place).mkdir(parents=True)
        progress(to=folder / place / "progress.csv")
        (folder / place / "check.json").write_text(json.dumps({"ready": True, "version": "1"}))
    records, laptops, _ = course.gather([folder, folder / "Ben.csv"])
    assert list(records["learner"]) == ["Ada/monday/progress", "Ada", "Ben/monday/progress", "Ben", "Cy/tuesday/progress"]
    assert list(laptops["laptop"]) == ["Ada/monday/check", "Ben/monday/check", "Cy/tuesday/check"]


def test_a_record_saved_by_a_spreadsheet_is_read(folder):
    (folder / "Cy.csv").write_text((folder / "Ben.csv").read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8-sig")
    records, _, unread = course.gather([folder])
    assert unread == {} and records.iloc[2].drop("learner").equals(records.iloc[1].drop("learner"))


@pytest.mark.parametrize("name, content, said", [
    ("empty.csv", "", "No columns"), ("list.csv", "a,b\n1,2\n", "neither written"), ("half.json", "[{", "Expecting"),
    ("number.json", "7", "neither written"), ("other.json", '{"a": 1}', "neither written"), ("bytes.csv", b"\xff\xfe\x00", "UTF-8"),
    ("old.json", json.dumps([{"notebook": "x", "exercise": "99.none", "tries": 1, "hints": 0, "solution": False, "done": None}]), "99.none"),
])
def test_a_file_that_is_something_else_is_left_out_by_name_and_the_rest_is_read(folder, name, content, said, capsys):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert cli.main(["teach", str(folder), "--csv", str(folder.parent / "class.csv")]) == 0
    shown = capsys.readouterr()
    assert name in shown.err and said in shown.err and "Ada" in shown.out
    assert list(pd.read_csv(folder.parent / "class.csv")["learner"]) == ["Ada", "Ben"]


def test_a_class_without_files_is_one_sentence(tmp_path, capsys):
    assert cli.main(["teach", str(tmp_path)]) == 1
    assert "no .csv or .json" in capsys.readouterr().err
    assert cli.main(["teach", str(tmp_path / "none")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_the_plan_has_the_minutes_that_each_notebook_states(tmp_path):
    plan = course.lesson_plan()
    notebooks = course.listed(ROOT / "notebooks")
    assert list(plan["notebook"]) == [path.name[:2] for path in notebooks]
    assert plan["minutes"].between(5, 90).all() and (plan["runs"].str.len() > 0).all() and (plan["exercises"] >= 3).all()
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["# 00 · One\n", "\n", "About 17 minutes to read; a blink to run."]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "00_one.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    row = course.lesson_plan(tmp_path).iloc[0]
    assert (row["title"], row["minutes"], row["runs"]) == ("One", 17, "a blink")
    with pytest.raises(ValueError, match="no notebooks"):
        course.lesson_plan(tmp_path / "empty")


def test_a_teacher_is_told_what_to_do_before_the_lesson_and_how_long_it_took(capsys):
    assert cli.main(["teach"]) == 0
    shown = capsys.readouterr().out
    measured = assets.results("install")["seconds"]
    assert all(f"{seconds:.0f} s" in shown for seconds in measured[["install the wheel with the lab", "fetch all media and weights"]])
    assert "Welcome" in shown and "vmm-lab check --json" in shown


def test_a_laptop_says_whether_it_is_ready(tmp_path, monkeypatch, capsys):
    assert cli.main(["check", "--json", str(tmp_path / "laptop1.json")]) == 0
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "empty"))
    assert cli.main(["check", "--json", str(tmp_path / "laptop2.json")]) == 0
    first, second = (json.loads((tmp_path / f"laptop{k}.json").read_text()) for k in (1, 2))
    assert first["missing"] == [] and first["ready"] == (first["not_fetched"] == [])
    assert second["ready"] is False and second["not_fetched"] == list(assets.ASSETS)
    records, laptops, unread = course.gather([tmp_path / "laptop1.json", tmp_path / "laptop2.json"])
    assert records.empty and unread == {} and list(laptops["laptop"]) == ["laptop1", "laptop2"]
    assert "bikes" in laptops["missing"].iloc[1]
