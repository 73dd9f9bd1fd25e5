"""Exercises accept what is right, say what is wrong in a helpful sentence, and read the same on every machine."""
import csv
import dataclasses
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from wrong_answers import WRONG

from vmm_lab.exercises import check, hint, progress, record, solution
from vmm_lab.exercises.answers import Complaint, array, call, close, expect, is_open, short
from vmm_lab.exercises.check import judge
from vmm_lab.exercises.exercise import catalogue, exercise, find, titles

EXERCISES = catalogue()
SOURCES = Path(__file__).resolve().parents[1] / "notebooks" / "src"
STRANGE = [0, -1.5, True, "text", b"bytes", [], {}, {"a": 1}, [1, [2, 3]], np.zeros(3), np.full((2, 2), np.nan),
           object(), max, len, int, np.sum, lambda: 1,
           lambda *values: 1 / 0, lambda *values: float("nan"), lambda *values: "text",
           lambda *values: object(), lambda *values: np.array([]), lambda *values: values, lambda *values: -7,
           lambda *values: (yield), lambda *values: [[1], [2, 3]], lambda *values: np.zeros((0, 3)), lambda *values: {}]

each_exercise = pytest.mark.parametrize("name", EXERCISES)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A record of one's own, so that no test sees or touches the learner's."""
    monkeypatch.setenv("VMM_LAB_DATA", str(tmp_path / "data é"))
    return tmp_path / "data é"


def answer_from(source, word, **given):
    """What a source makes: the value of an expression, or what statements bind to the exercise's word."""
    source = textwrap.dedent(source).strip()
    names = dict(given)
    try:
        return eval(compile(source, "<answer>", "eval"), names)
    except SyntaxError:
        exec(compile(source, "<answer>", "exec"), names)
        return names[word]


def sentence(text):
    """What was printed as one sentence, wherever its lines were broken."""
    return " ".join(text.split())


def define(check, **changes):
    """An exercise of the test's own."""
    check.__module__ = "somewhere.n99_testing"
    texts = {"task": "Write it.", "hint": "a", "more": "b", "solution": "x = 1", "insight": "it works."}
    return exercise(**(texts | changes))(check)


# What holds for each exercise of the course.

@each_exercise
def test_its_solution_runs_by_itself_and_passes_its_check(name):
    answer = answer_from(EXERCISES[name].solution, name.partition(".")[2])
    assert judge(EXERCISES[name], answer) == ("right", f"✓ {name}, well done: {EXERCISES[name].insight}")


@pytest.mark.parametrize("name, answer, phrase", [
    pytest.param(name, answer, phrase, id=f"{name}-{phrase}")
    for name, pairs in WRONG.items() for answer, phrase in pairs])
def test_a_plausible_mistake_is_refused_in_a_sentence_of_its_own(name, answer, phrase):
    if isinstance(answer, str) and "\n" in answer:
        answer = answer_from(answer, name.partition(".")[2], np=np)
    state, line = judge(EXERCISES[name], answer)
    assert state == "wrong"
    assert phrase in line and line.startswith(f"✗ {name}, not yet: ")
    assert re.search(r"[.?)]$", line) and "\n" not in line and len(line) < 400, line


@each_exercise
def test_its_words_are_all_there(name):
    e = EXERCISES[name]
    assert len(WRONG[name]) >= 2
    assert len(e.hints) == 2 and len(set(e.hints)) == 2
    for text in (e.task, e.insight, *e.hints):
        assert re.search(r"[.?)]$", text) and "\n" not in text and "  " not in text, text
    code = [line.strip() for line in e.solution.splitlines() if line.strip()]
    assert 1 <= len([line for line in code if not line.startswith(("import", "from"))]) <= 9
    assert not any(line in e.hints[0] for line in code), "the first hint is a nudge only"


@each_exercise
def test_its_stars_are_those_of_the_notebook(name):
    source = next(SOURCES.glob(f"{EXERCISES[name].notebook}_*.py")).read_text(encoding="utf-8")
    posed = re.split(r"^# \*\*\d+\. ", source.partition(f'vl.check("{name}"')[0], flags=re.MULTILINE)[-1]
    assert len(re.search("★+", posed)[0]) == EXERCISES[name].stars


@each_exercise
@pytest.mark.filterwarnings("ignore")
def test_the_strangest_answers_are_refused_in_one_line_and_raise_nothing(name):
    for answer in STRANGE:
        state, line = judge(EXERCISES[name], answer)
        assert state == "wrong" and "\n" not in line and len(line) < 500, (answer, line)


@each_exercise
def test_checking_twice_says_the_same(name):
    answer = answer_from(EXERCISES[name].solution, name.partition(".")[2])
    assert judge(EXERCISES[name], answer) == judge(EXERCISES[name], answer)


def test_no_wrong_answer_is_to_an_exercise_that_is_gone():
    assert set(WRONG) == set(EXERCISES)


def test_every_notebook_with_exercises_has_at_least_three():
    for number, title in titles().items():
        assert sum(e.notebook == number for e in EXERCISES.values()) >= 3, title


@pytest.mark.parametrize("source", sorted(SOURCES.glob("[0-9]*.py")), ids=lambda p: p.stem)
def test_a_notebook_asks_exactly_the_exercises_of_its_module(source):
    text = source.read_text(encoding="utf-8")
    asked = re.findall(r"""^(?:vl\.)?check\(\s*["']([\w.]+)["']""", text, re.MULTILINE)
    there = [e.name for e in EXERCISES.values() if e.notebook == source.stem[:2]]
    if not asked:
        pytest.skip("this notebook has no exercises yet")
    assert asked == there
    for word in (name.partition(".")[2] for name in asked):
        # The unanswered cell would overwrite it, and "On your own videos" comes after.
        taken = re.findall(rf"^(?:def {word}\(|{word} = |from .* import .*\b{word}\b)", text, re.MULTILINE)
        assert len(taken) == 1, f"{word} is both the notebook's and the exercise's"
    assert titles()[source.stem[:2]].lower() == source.stem.replace("_", " ")


# What check, hint and solution say.

@pytest.mark.parametrize("answer", [..., None, (..., ...), {"a": ...}, [None, None]])
def test_an_unanswered_exercise_is_one_friendly_sentence_that_never_changes(answer, capsys):
    friendly = ("… 02.count_windows: your turn. Write your answer in place of the ... and run the cell again; "
                'vl.hint("02.count_windows") helps.')
    assert check("02.count_windows", answer) is None
    hint("02.count_windows")
    check("02.count_windows", lambda *values: 3)
    capsys.readouterr()
    check("02.count_windows", answer)
    check("02.count_windows")
    assert sentence(capsys.readouterr().out) == f"{friendly} {friendly}"


def test_asking_for_nothing_writes_nothing(folder):
    check("02.count_windows", ...)
    progress()
    assert not folder.exists()


def test_a_function_without_a_body_is_unanswered_and_one_with_a_body_is_not():
    def dots(a, b):
        ...

    def words(a):
        """What it should do."""

    def returns_dots(a):
        return ...

    def closure():
        return dots

    assert all(map(is_open, (dots, words, returns_dots, lambda a: ..., lambda a: None)))
    assert not any(map(is_open, (closure, lambda a: a, lambda a: 0, lambda a: (yield), max, 0, "", [], {},
                                 np.array([]), np.array([None]))))


@pytest.mark.parametrize("source", ["""
    def count_windows(n_frames, length, stride):
        last = ...
        return last
""", """
    def count_windows(n_frames, length, stride):
        last = ...
        return last // stride + 1
"""])
def test_a_function_with_a_gap_left_in_it_is_unanswered(source):
    assert judge(find("02.count_windows"), answer_from(source, "count_windows"))[0] == "open"


def test_a_right_answer_gets_one_warm_sentence(capsys):
    check("02.count_windows", lambda n, length, stride: max(0, (n - length) // stride + 1))
    assert sentence(capsys.readouterr().out) == f"✓ 02.count_windows, well done: {find('02.count_windows').insight}"


@each_exercise
def test_what_is_said_fits_beside_a_list_of_files(name, capsys):
    check(name, ...)
    check(name, lambda: 1 / 0)
    hint(name)
    hint(name)
    hint(name)
    check(name, answer_from(EXERCISES[name].solution, name.partition(".")[2]))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 88
    assert [line[0] for line in lines if line[0] != " "] == list("…✗HHHHT✓"), "what goes on is indented"


def test_an_error_in_the_learners_function_is_told_with_its_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_text("import numpy as np\n\ndef count(n, length, stride):\n    room = n - length\n"
                                      "    return room + np.zeros(3) @ np.zeros(4)\n")
    monkeypatch.syspath_prepend(tmp_path)
    from mine import count

    check("02.count_windows", count)
    told = capsys.readouterr().out
    assert sentence(told).startswith("✗ 02.count_windows, not yet: count(10, 4, 2) stops with ValueError: ")
    assert sentence(told).endswith("in line 5: `return room + np.zeros(3) @ np.zeros(4)`.")


@pytest.mark.parametrize("answer, said", [
    (4, "should be a function, handed over by its name, without brackets and arguments; yours is 4"),
    (lambda n: n, "called with 3 values, your function(10, 4, 2), but it takes (n)"),
    (lambda n, length, stride: None if n else 1, "gives None: does every way through your function end with `return`?"),
    (lambda n, length, stride: "four", "should be one number; yours is 'four'"),
    (lambda n, length, stride: [4], "should be one number; yours is [4]"),
    (lambda n, length, stride: float("nan"), "NaN"),
])
def test_a_function_of_the_wrong_kind_is_told_what_is_asked_for(answer, said):
    assert said in judge(find("02.count_windows"), answer)[1]


def test_a_tensor_is_as_good_as_an_array():
    class Tensor:
        def __init__(self, value):
            self.value = np.float32(value)

        def numpy(self):
            return self.value

        def __len__(self):
            raise TypeError("a scalar tensor has no length")

    right = find("08.cross_entropy")
    assert judge(right, lambda y, p: Tensor(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))))[0] == "right"
    assert "a minus is missing" in judge(right, lambda y, p: Tensor(np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))))[1]


def test_the_learners_function_may_write_into_what_it_is_given():
    given = np.arange(3)
    assert call(lambda values: values.sort() or values.fill(0) or 1, given) == 1
    assert given.tolist() == [0, 1, 2]


def test_interrupting_a_function_that_never_ends_is_possible():
    def endless(n, length, stride):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="02.count_windows was interrupted: does every loop") as interrupt:
        check("02.count_windows", endless)
    assert not [entry for entry in interrupt.traceback if entry.path.name == "n02_clips.py"], "it would show the answer"


def test_an_interrupt_shows_one_line_in_a_notebook():
    def endless(n, length, stride):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as interrupt:
        check("02.count_windows", endless)
    assert interrupt.value._render_traceback_() == ["KeyboardInterrupt: 02.count_windows was interrupted: does every loop of your answer end?"]


def _ends_never(n, length, stride):
    while True:
        n += 1


def _catches_exceptions(n, length, stride):
    while True:
        try:
            n += 1
        except Exception:
            n = 0


@pytest.mark.parametrize("endless", [_ends_never, _catches_exceptions])
def test_an_answer_that_never_ends_is_given_up_with_a_sentence(endless, monkeypatch, capsys):
    monkeypatch.setattr(sys.modules["vmm_lab.exercises.check"], "PATIENCE", 0.3)
    start = time.monotonic()
    check("02.count_windows", endless)
    said = sentence(capsys.readouterr().out)
    assert said == "✗ 02.count_windows, not yet: your answer was still running after 0.3 seconds, and was stopped: does every loop end?"
    assert time.monotonic() - start < 5
    check("02.count_windows", RIGHT["02.count_windows"])
    assert "well done" in sentence(capsys.readouterr().out), "what follows is not disturbed"


def test_no_thread_stays_behind_a_check():
    before = threading.active_count()
    for _ in range(20):
        judge(find("02.count_windows"), RIGHT["02.count_windows"])
    assert threading.active_count() == before


def test_in_another_thread_an_answer_that_never_ends_is_given_up_too(monkeypatch):
    monkeypatch.setattr(sys.modules["vmm_lab.exercises.check"], "PATIENCE", 0.3)
    with ThreadPoolExecutor() as pool:
        assert "still running" in pool.submit(judge, find("02.count_windows"), _ends_never).result(timeout=10)[1]


def test_an_answer_that_leaves_python_outside_a_call_is_told_so_and_the_kernel_stays():
    class Leaves:
        def __eq__(self, other):
            raise SystemExit

    assert judge(define(lambda answer: answer == 3), Leaves())[0] == "wrong"


@pytest.mark.parametrize("value", [[1, 2], (1, 2), np.array([1, 2]), [np.int64(1), np.int64(2)]], ids=repr)
@pytest.mark.parametrize("expected", [[1, 2], (1, 2)], ids=repr)
def test_a_list_a_tuple_and_an_array_of_the_same_values_are_as_good(value, expected):
    expect(lambda: value, (), expected)
    with pytest.raises(Complaint, match="not"):
        expect(lambda: value, (), type(expected)([1, 3]))


def test_stars_are_shown_by_progress(monkeypatch):
    shown = progress("02")
    starred = {name: dataclasses.replace(e, stars=2 * (name == "02.count_windows")) for name, e in EXERCISES.items()}
    monkeypatch.setattr(sys.modules["vmm_lab.exercises.progress"], "catalogue", lambda: starred)
    assert "count_windows ★★" in repr(shown) and "count_windows ★★<" in shown._repr_html_() and "★★★" not in repr(shown)


def test_stars_are_at_most_three():
    assert all(0 <= e.stars <= 3 for e in EXERCISES.values())


def test_titles_are_spelled_as_words_are():
    assert titles()["08"] == "08 a first CNN" and titles()["09"] == "09 what the CNN sees"


def test_a_function_that_leaves_python_is_told_so_and_the_kernel_stays():
    assert "stops with SystemExit: 3" in judge(find("02.count_windows"), lambda n, length, stride: sys.exit(3))[1]


def test_a_check_that_stumbles_over_an_answer_repeats_the_task_instead_of_a_traceback():
    stumbles = define(lambda answer: answer.no_such_thing)
    state, line = judge(stumbles, 3)
    assert (state, line[-len("Write it."):]) == ("wrong", "Write it.")


@pytest.mark.parametrize("name, said", [
    ("02.count_window", "02.count_windows"), ("2.count_windows", "02.count_windows"),
    ("count_windows", "02.count_windows"),
    ("02.Count_Windows", "02.count_windows"), ("04.flow", "04.moved_share"), ("purity", "06.purity"),
    ("zzz", "vl.progress() lists them"), (None, "vl.progress() lists them"), (77, "vl.progress() lists them"),
])
@pytest.mark.parametrize("verb", [check, hint, solution])
def test_an_unknown_name_suggests_near_ones(verb, name, said):
    with pytest.raises(ValueError, match="There is no exercise") as error:
        verb(name)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_hints_come_one_by_one_and_then_point_to_the_solution(capsys):
    name, (first, second) = "02.count_windows", find("02.count_windows").hints
    hint(name)
    assert sentence(capsys.readouterr().out) == f"Hint 1 of 2 for {name}: {first}"
    hint(name)
    assert sentence(capsys.readouterr().out) == f"Hint 2 of 2 for {name}: {second}"
    hint(name)
    out = sentence(capsys.readouterr().out)
    assert first in out and second in out
    assert out.endswith(f'There are no more hints. Try once more; then vl.solution("{name}") shows one way.')
    hint("02.pad_repeat")
    assert capsys.readouterr().out.startswith("Hint 1 of 2 for 02.pad_repeat: "), "each exercise counts its own"


def test_a_solution_is_printed_as_code_that_runs(capsys):
    solution("01.bin_centers")
    code = capsys.readouterr().out
    assert judge(find("01.bin_centers"), answer_from(code, "bin_centers"))[0] == "right"


def test_in_a_notebook_a_solution_is_highlighted_by_the_page(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: "a kernel")
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    solution("01.bin_centers")
    assert shown[0]["text/markdown"].startswith("```python\n# One way to solve 01.bin_centers\nimport numpy as np\n")
    assert shown[0]["text/markdown"].endswith("\n```")
    assert "def bin_centers" in shown[0]["text/plain"]


def test_it_works_where_there_is_no_ipython(folder):
    code = ("import sys; sys.modules['IPython'] = None\n"
            "from vmm_lab.exercises import check, hint, progress, solution\n"
            "check('02.count_windows', 3); hint('02.count_windows'); solution('02.count_windows'); print(progress())")
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], check=False, capture_output=True, text=True,
                          encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "def count_windows" in done.stdout and "exercises done" in done.stdout


def test_a_terminal_without_utf8_shows_what_it_can(folder):
    code = ("from vmm_lab.exercises import check, report\n"
            "report('accuracy', 0.93, at_least=0.9); check('02.count_windows', 3)")
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True,
                          env=os.environ | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert "accuracy 0.93, at least 0.90 ?" in done.stdout


# What is kept, and what a teacher gets.

RIGHT = {"02.count_windows": lambda n, length, stride: max(0, (n - length) // stride + 1)}


def test_progress_knows_tries_hints_and_what_is_done():
    name = "02.count_windows"
    check(name, 3)
    check(name, ...)
    hint(name)
    check(name, RIGHT[name])
    check(name, 3)
    check(name, RIGHT[name])
    solution(name)
    row = next(r for r in progress().rows if r["exercise"] == name)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", row.pop("done"))
    assert row == {"notebook": "02 clips", "exercise": name, "tries": 2, "hints": 1, "solution": False}
    check("02.pad_repeat", 3)
    solution("02.pad_repeat")
    row = next(r for r in progress().rows if r["exercise"] == "02.pad_repeat")
    assert (row["tries"], row["solution"], row["done"]) == (1, True, None)


def test_progress_reads_the_same_wherever_the_same_is_done():
    check("02.count_windows", RIGHT["02.count_windows"])
    text, page = repr(progress()), progress()._repr_html_()
    assert text.splitlines()[0] == f"1 of {len(EXERCISES)} exercises done"
    line = next(line for line in text.splitlines() if line.startswith("02 clips"))
    assert "1 of 6" in line and "✓ count_windows" in line and "· pad_repeat" in line
    assert re.search('<progress style="width: 6em" value="1" max="6" aria-label="1 of 6 done">', page)
    assert "✓&nbsp;02.count_windows" in page
    assert not re.search(r"20\d\d-|0x[0-9a-f]{6}", text + page), "no dates and no addresses"


def test_progress_of_one_notebook_shows_that_one_alone():
    shown = progress("02")
    assert {row["notebook"] for row in shown.rows} == {"02 clips"} and len(repr(shown).splitlines()) == 2
    with pytest.raises(ValueError, match="no exercises of a notebook '77'"):
        progress("77")


def test_a_teacher_gets_a_row_for_every_exercise(tmp_path):
    check("02.count_windows", RIGHT["02.count_windows"])
    progress(to=tmp_path / "ada.csv")
    progress(to=str(tmp_path / "ada.json"))
    with open(tmp_path / "ada.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    same = json.loads((tmp_path / "ada.json").read_text())
    assert [r["exercise"] for r in rows] == list(EXERCISES) == [r["exercise"] for r in same]
    assert [r["exercise"] for r in rows if r["done"]] == ["02.count_windows"]
    assert sorted(p.name for p in tmp_path.glob("ada*")) == ["ada.csv", "ada.json"]


@pytest.mark.parametrize("to, said", [
    ("ada.txt", "name it ada.csv"), ("ada", ".csv or .json"), ("no/such/folder/ada.csv", "cannot be written")])
def test_a_file_for_the_teacher_that_cannot_be_is_refused_in_a_sentence(tmp_path, to, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        progress(to=tmp_path / to)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\ud800", '{"02.count_windows": 3}'])
def test_a_record_that_cannot_be_read_is_put_aside_and_work_goes_on(folder, text, capsys):
    folder.mkdir(parents=True)
    record.path().write_bytes(text.encode("utf-8", "surrogatepass"))
    assert progress().rows[0]["tries"] == 0
    check("02.count_windows", RIGHT["02.count_windows"])
    assert record.load()["02.count_windows"]["done"]
    assert (folder / "progress.unreadable.json").read_bytes() == text.encode("utf-8", "surrogatepass")


def test_an_empty_record_is_a_record_and_stays_where_it_is(folder, capsys):
    folder.mkdir(parents=True)
    record.path().write_text("{}")
    check("02.count_windows", RIGHT["02.count_windows"])
    assert record.load()["02.count_windows"]["done"]
    assert not list(folder.glob("*unreadable*"))


def test_a_record_edited_by_hand_is_brought_to_its_types(folder, capsys):
    folder.mkdir(parents=True)
    edited = {"02.count_windows": {"tries": "many", "hints": -3, "done": 7, "more": 1}, "old": {"tries": 2}}
    record.path().write_text(json.dumps(edited))
    assert record.load()["02.count_windows"] | {"hints": 0} == record.BLANK
    hint("02.count_windows")
    assert "Hint 1 of 2" in capsys.readouterr().out
    check("02.count_windows", 3)
    assert record.load()["old"]["tries"] == 2, "what an older or newer version knows is kept"


def test_where_nothing_can_be_written_answers_are_checked_all_the_same(tmp_path, monkeypatch, capsys):
    (tmp_path / "a file").touch()
    monkeypatch.setenv("VMM_LAB_DATA", str(tmp_path / "a file" / "data"))
    check("02.count_windows", RIGHT["02.count_windows"])
    hint("02.count_windows")
    out = capsys.readouterr().out
    assert out.startswith("✓ 02.count_windows") and "vl.progress() will not know of this" in out
    assert "Hint 1 of 2" in out and "Hint 2 of 2" in out, "the second could never be asked for"


@pytest.mark.slow
def test_several_kernels_at_once_lose_nothing():
    code = ("import sys; from vmm_lab.exercises import record\n"
            "for i in range(40): record.note(f'k{sys.argv[1]}.{i}', 'wrong'); record.note('shared', 'wrong')")
    kernels = [subprocess.Popen([sys.executable, "-c", code, str(k)]) for k in range(3)]
    assert [k.wait() for k in kernels] == [0, 0, 0]
    kept = record.load()
    assert len(kept) == 121 and kept["shared"]["tries"] == 120
    assert not list(record.path().parent.glob(".part*"))


def test_the_record_is_the_readers_own_file_and_small():
    for name in EXERCISES:
        record.note(name, "wrong")
    assert record.path().stat().st_size < 200 * len(EXERCISES)
    assert stat.S_ISREG(record.path().stat().st_mode)


# What a writer of exercises builds on.

def complaint_of(function, *values, **options):
    with pytest.raises(Complaint) as complaint:
        function(*values, **options)
    return str(complaint.value)


def test_an_array_is_told_what_is_wrong_with_it():
    assert complaint_of(array, np.zeros((2, 3)), "it", shape=(3, 2)) == "it should be of shape (3, 2); yours is (2, 3)."
    assert complaint_of(array, np.zeros(2), "it", dtype=np.uint8) == "it should be of dtype uint8; yours is float64."
    assert complaint_of(array, [[1.0, np.nan]], "it").startswith("it holds NaN (not a number), first at [0, 1]")
    assert "array of numbers" in complaint_of(array, [[1], [2, 3]])
    assert "array of numbers" in complaint_of(array, "text")
    assert array([1, 2], shape=(2,)).tolist() == [1, 2]


def test_values_of_an_array_are_told_where_they_are_off():
    told = complaint_of(expect, lambda a: a * 2, (np.array([1.0, 0.0]),), np.array([1.0, 0.0]))
    assert told == "your function([1, 0]) is off in 1 of 2 places, first at [0], where yours is 2, not 1."


def test_a_result_is_told_what_it_is_and_what_it_should_be():
    assert complaint_of(expect, lambda: 12.0, (), 13.5) == "your function() gives 12, not 13.5."
    assert complaint_of(expect, lambda: 15, (), 13.5, otherwise="seconds, not frames.") == (
        "your function() gives 15, not 13.5: seconds, not frames.")
    assert complaint_of(expect, lambda: 27, (), 13.5, traps=[(27.0, "that is twice.")]) == (
        "your function() gives 27: that is twice.")
    assert complaint_of(expect, lambda: True, (), "video") == "your function() should be a str; yours is True."
    for value in (13.500001, np.float32(13.5), np.array(13.5)):
        expect(lambda value=value: value, (), 13.5)
    expect(lambda: np.array([1, 2]), (), np.array([1.0, 2.0]))


def test_close_compares_values_as_a_learner_means_them():
    assert close([1, 2], np.array([1.0, 2.000001])) and close(np.str_("a"), "a") and close((3, 1), (3, 1))
    assert close(np.array(["a", "b"]), ["a", "b"])
    assert not close([1, 2], [[1, 2]]) and not close(True, 1) and not close(np.nan, np.nan) and not close("1", 1)
    assert not close([[1], [2, 3]], [1, 2]) and not close({}, []) and not close(np.array([True]), np.array([1]))


def test_values_stay_short_in_a_sentence():
    assert short(np.zeros((3, 4), np.uint8)) == "uint8 array (3, 4)"
    assert short(np.array([1, 2])) == "[1, 2]" and short(np.int64(3)) == "3"
    assert short(1 / 3) == "0.333333" == short(np.array(1 / 3))
    assert short(list(range(1000))) == "a list of length 1000" and len(short(object())) <= 60
    assert "\n" not in short(np.array(["two\nlines"] * 8)) + short("a\nb") + short(np.linspace(0, 1, 8) * 1e9)
    assert short(max) == "the function max"


def test_an_exercise_stands_in_a_module_named_after_its_notebook():
    def lonely(answer):
        pass

    with pytest.raises(ValueError, match="n02_clips.py"):
        exercise(task="", hint="", more="", solution="", insight="")(lonely)


def test_a_record_of_the_first_course_is_carried_over_to_the_new_numbers(folder, capsys):
    first = {"07.count_parameters": {"tries": 3}, "06.count_parameters": {"tries": 1}, "02.count_windows": {"hints": 1}}
    record.path().parent.mkdir(parents=True, exist_ok=True)
    record.path().write_text(json.dumps(first))
    assert {name: entry["tries"] for name, entry in record.load().items()} == {
        "08.count_parameters": 3, "07.count_parameters": 1, "02.count_windows": 0}
    record.note("07.count_parameters", "wrong")
    record.note("07.count_parameters", "wrong")
    assert record.load()["07.count_parameters"]["tries"] == 3, "carried over once, and not again"
