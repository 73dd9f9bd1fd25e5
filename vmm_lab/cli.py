"""Run `vmm-lab`: open the lab, compare methods, tag media, fetch sample media, check the installation, empty the cache.

Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 stopped from the keyboard. An error is one sentence on stderr.
"""
import argparse
import contextlib
import difflib
import functools
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

COMMANDS: dict[str, tuple[Callable, str, tuple]] = {}  # {name: (work, what it does, its options)}


class WorkFailed(Exception):
    """Raised where the work fails; the message is the one sentence to print."""


class WrongUsage(WorkFailed):
    """Raised where there is too little to work on, or words contradict each other."""


class _Output(str):
    """The path of a file that is written at the end."""


def _command(text: str, *options: tuple) -> Callable[[Callable], Callable]:
    """Make a function a command of its name; `text` says what it does."""
    def register(work: Callable) -> Callable:
        COMMANDS[work.__name__.strip("_")] = work, text, options
        return work

    return register


def _option(*flags: str, **settings: Any) -> tuple:
    """Describe an option, as argparse does."""
    return flags, settings


def _file(flag: str, text: str, **settings: Any) -> tuple:
    return _option(flag, **{"metavar": "FILE", "help": text, "type": _Output} | settings)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (default: what was typed) and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            # A terminal that cannot show a letter must not stop the work.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        args = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _note(message)
            _check_outputs(args)
            return args.work(args) or 0
    except KeyboardInterrupt:
        return _complain("stopped; what was done is kept, and the next run goes on from there", 130)
    except BrokenPipeError:  # `vmm-lab compare … | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if args.traceback:
            raise
        known = isinstance(error, (WorkFailed, ValueError, OSError)) or type(error).__name__ == "AssetError"
        text = str(error).strip() or type(error).__name__
        text = text if known else f"{type(error).__name__}: {text}; `vmm-lab --traceback …` shows where"
        return _complain(text, 2 if isinstance(error, WrongUsage) else 1)


def _check_outputs(args: argparse.Namespace) -> None:
    """Raise WorkFailed, before minutes of work, for a file that cannot be written, or would be written over."""
    words = [word for value in vars(args).values() for word in (value if isinstance(value, list) else [value])]
    taken = {_identity(word): "is read, and would be lost; give another file to write"
             for word in words if type(word) is str and os.path.isfile(word)}
    for path in (word for word in words if isinstance(word, _Output)):
        if not Path(path).absolute().parent.is_dir() or Path(path).is_dir():
            raise WorkFailed(f"{path} cannot be written; give a file in a folder that exists.")
        if _identity(path) in taken:
            raise WorkFailed(f"{path} {taken[_identity(path)]}.")
        taken[_identity(path)] = "is to be written twice; give each output a file of its own"


def _identity(path: str) -> object:
    """Return what is the same however a file is named: its device and number, or the place where it will be."""
    state = os.stat(path) if os.path.exists(path) else None
    return (state.st_dev, state.st_ino) if state else os.path.realpath(path)


def _note(text: object) -> None:
    print(f"vmm-lab: note: {text}", file=sys.stderr)


def _parser() -> "_Parser":
    text = "Video multimodal machine learning in JupyterLab. Without a command, opens the lab."
    parser = _Parser(prog="vmm-lab", description=text)
    parser.add_argument("--version", action="version", version=f"vmm-lab {importlib.metadata.version('vmm-lab')}")
    parser.add_argument("--traceback", action="store_true", help="show where an error was raised, to mend it")
    parser.add_argument("--no-browser", action="store_true", help="start the lab without opening a browser window")
    parser.add_argument("--port", metavar="N", type=functools.partial(_count, most=65_535), default=8888,
                        help="the lab's port; the next free one if taken (8888)")
    parser.add_argument("--folder", metavar="DIR", help="the folder of your notebooks; the course is copied there once")
    parser.set_defaults(work=_open_lab)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parser.commands = commands.choices
    for name, (work, text, options) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        command.set_defaults(work=work)
        for flags, settings in options:
            command.add_argument(*flags, **settings)
    return parser


class _Parser(argparse.ArgumentParser):
    """Name a misspelt option, with the one that was meant: argparse would complain about the word after it."""

    commands: Mapping[str, Any] = {}  # the parsers of the words that may follow
    typed: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # type: ignore[override]
        self.typed = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        of_this = list(self._option_string_actions)
        known = of_this + [option for command in self.commands.values() for option in command._option_string_actions]
        options = [word.partition("=")[0] for word in self.typed if word.startswith("--") and word != "--"]
        unknown = next((word for word in options if not any(option.startswith(word) for option in known)), None)
        if unknown:
            # Above the default of 0.6, at which the two dashes alone make short options look alike.
            near = [option for some in (of_this, known) for option in difflib.get_close_matches(unknown, some, 1, 0.7)]
            message = f"there is no option {unknown}" + (f" (did you mean {near[0]}?)" if near else "")
        self.exit(2, f"vmm-lab: {message}; see `{self.prog} --help`\n")


def _count(text: str, most: int = 10**9) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {most}")
    return int(text)


def _complain(text: str, code: int) -> int:
    with contextlib.suppress(OSError):
        print(f"vmm-lab: {' '.join(text.split())}", file=sys.stderr)
    return code


def _write(path: str | None, facts: Any) -> None:
    """Write text, facts as JSON, or what a function writes to it, where a path was given."""
    if path:
        from .files import write_text

        write = facts if callable(facts) else functools.partial(
            write_text, text=facts if isinstance(facts, str) else json.dumps(facts, indent=1))
        write(path)
        print(f"written: {path}")


def _board(args: argparse.Namespace, task: str, **options: Any) -> None:
    """Run a task on the table, print its board, and write it to the files that were asked for."""
    from . import tables, tasks

    table = tables.load_table(args.source, root=args.root)
    board = getattr(tasks, task)(table, n_jobs=args.jobs, progress=sys.stderr.isatty(), **options)
    print(board)
    _write(args.html, board.to_html)
    _write(args.json, board.to_json)


JOBS = _option("--jobs", metavar="N", type=_count, default=1, help="work on so many files at a time (1)")
BOARD = (_file("--html", "write the report as one page that opens offline"),
         _file("--json", "write the scores as JSON"), JOBS,
         _option("--root", metavar="DIR", help="another folder that the manifest's paths may lie in"))


@_command("score every applicable method on a folder of class folders or a CSV manifest", _option("source", help=(
    'a folder of class folders, a CSV manifest with a column "path", or the word theatre')),
          _option("--networks", action="store_true",
                  help="also train small networks on frames, sound, captions and all of them, which takes minutes"),
          _option("--per-group", action="store_true",
                  help="also with every group normalised by its own unlabelled rows"), *BOARD)
def _compare(args: argparse.Namespace) -> None:
    _board(args, "compare", networks=args.networks, per_group=args.per_group)


@_command("score every applicable method at giving items their tags, of any number", _option("source", help=(
    'a CSV manifest with columns "path" and "tags", several between |, or theatre')), *BOARD)
def _tag(args: argparse.Namespace) -> None:
    _board(args, "tag")


@_command("find the cuts and the gradual transitions of a video", _option("video", help="a video file"),
          _file("--json", "write the shots as JSON"))
def _shots(args: argparse.Namespace) -> None:
    from .tasks import shots

    found = shots.find_shots(args.video, progress=sys.stderr.isatty())
    print(found.to_string(index=False, float_format="%.2f", na_rep=""))
    _write(args.json, functools.partial(shots.write_json, found))


@_command("write a highlight reel and a storyboard of a video", _option("video", help="a video file"),
          _file("--json", "write the shots as JSON"),
          _option("--seconds", metavar="S", type=float, default=15.0, help="how long the reel is (15)"),
          _option("--importance", choices=("energy", "clusters", "random", "uniform"), default="energy",
                  help="what is chosen by: motion and sound (energy), what many shots look like (clusters), chance, or "
                       "equal distances"),
          _file("--out", "the reel, with a .png next to it", default="reel.mp4"),
          _file("--chapters", "write chapters: .json, .vtt, or .txt for FFmpeg"),
          _option("--speech", action="store_true", help="name chapters by English speech where there are no subtitles "
                                                        "(needs the extra speech)"))
def _summarise(args: argparse.Namespace) -> None:
    from .tasks.summarise import summarise

    options = {name: getattr(args, name) for name in ("seconds", "importance", "json", "chapters", "speech")}
    for path in summarise(args.video, args.out, progress=sys.stderr.isatty(), **options):
        print(f"written: {path}")


@_command("follow what moves in a video, and write the boxes in the MOT format",
          _option("video", nargs="?", help="a video file; may be left out with --detections"),
          _file("--out", "the tracks in the MOT format (tracks.txt)", default="tracks.txt"),
          _option("--detections", metavar="FILE", help="boxes of a detector of your own in the MOT format"),
          _option("--detector", choices=("background", "flow", "pedestrians", "people"), default="background",
                  help="what moves before a still (background) or a moving camera (flow), small or large people"),
          _file("--json", "write the tracks as JSON"))
def _track(args: argparse.Namespace) -> None:
    from .tasks import mot, track

    if not args.video and not args.detections:
        raise WrongUsage("there is nothing to track; give a video, or --detections FILE, or both.")
    boxes = mot.read_mot(args.detections) if args.detections else None
    found = track.find_tracks(args.video, detector=args.detector, detections=boxes, progress=sys.stderr.isatty())
    print(track.summary(found).to_string(index=False, float_format="%.1f") if len(found) else "Nothing moves here.")
    print(f"{found.id.nunique()} tracks, written: {mot.write_mot(found, args.out)}")
    _write(args.json, functools.partial(track.write_json, found))


@_command("find the people in a video or picture, and 17 points of each",
          _option("media", help="a video or a picture"),
          _file("--out", "write skeletons over the video (.mp4) or the picture (.png, .jpg)"),
          _file("--json", "write, for each frame, its people with points and scores"),
          _option("--people", metavar="N", type=_count, default=8, help="at most so many in one frame (8)"))
def _pose(args: argparse.Namespace) -> None:
    from .pretrained.pose import write_poses

    options = {"out": args.out, "json": args.json, "people": args.people}
    frames = write_poses(args.media, progress=sys.stderr.isatty(), **options)["frames"]
    seen = sum(bool(frame["people"]) for frame in frames)
    most = max((len(frame["people"]) for frame in frames), default=0)
    print(f"people in {seen} of {len(frames)} frames, at most {most} in one")
    for path in filter(None, (args.out, args.json)):
        print(f"written: {path}")


@_command("tell whether two pictures, or the pairs of a CSV, show one person",
          _option("pictures", nargs="*", metavar="PICTURE", help="two pictures or videos"),
          _option("--pairs", metavar="FILE", help="a CSV with path_a, path_b, and perhaps same and fold"),
          _file("--json", "write, for each pair, distance, score and decision"))
def _verify(args: argparse.Namespace) -> None:
    from .tasks.verify import load_pairs, pair_of, verify

    if bool(args.pairs) == bool(args.pictures) or len(args.pictures) not in (0, 2):
        raise WrongUsage("give two pictures, or --pairs FILE with a CSV of pairs.")
    found = verify(load_pairs(args.pairs) if args.pairs else pair_of(*args.pictures), progress=sys.stderr.isatty())
    print(found)
    for note in found.notes:
        _note(note)
    _write(args.json, found.to_json)
    if not found.pairs["score"].notna().any():
        raise WorkFailed("no pair could be scored.")


@_command("tell who of those enrolled a picture shows, or that it is nobody of them",
          _option("enrolled", help="pictures with names: a folder for each person, or a CSV with path and label"),
          _option("pictures", nargs="*", metavar="PICTURE", help="pictures or videos"),
          _option("--table", metavar="FILE", help="a CSV or folder of pictures; with labels, the share of right names"),
          _option("--root", metavar="DIR", help="another folder that the tables' paths may lie in"),
          _option("--threshold", metavar="D", type=float, help="the distance up to which it is one person"),
          _file("--json", "write, for each picture, name, distance and who is next"))
def _recognise(args: argparse.Namespace) -> None:
    import pandas as pd

    from .tables import load_table
    from .tasks.recognise import recognise_pictures

    if bool(args.table) == bool(args.pictures):
        raise WrongUsage("give pictures, or --table FILE with a table of them.")
    enrolled = load_table(args.enrolled, root=args.root)
    pictures = load_table(args.table, root=args.root) if args.table else pd.DataFrame({"path": args.pictures})
    found = recognise_pictures(enrolled, pictures, threshold=args.threshold, progress=sys.stderr.isatty())
    for row in found["pictures"]:
        near = "" if row["nearest"] is None else f"  (nearest {row['nearest']}, distance {row['distance']:.3f})"
        print(f"{row['name'] or row['reason']}{near}  {row['path']}")
    print(f"By {found['method']}: one person up to a distance of {found['threshold']:.2f}; "
          f"{len(found['enrolled'])} people enrolled.")
    if "accuracy" in found:
        print(f"right: {found['accuracy']:.3f}, unknown being right for those who did not enrol")
    for note in found["notes"]:
        _note(note)
    _write(args.json, found)
    if all(row["name"] is None for row in found["pictures"]):
        raise WorkFailed("no picture shows a face.")


@_command("describe a folder or manifest of media once, to search it in no time",
          _option("source", help='a folder, or a CSV manifest with a column "path" and perhaps "caption"'),
          _file("--out", "the file to write; one that is there is brought up to date, and gets what other sources add",
                metavar="INDEX", required=True),
          _option("--seconds", type=float, default=4.0, help="cut longer films into moments of that length (4)"),
          JOBS)
def _index(args: argparse.Namespace) -> None:
    from .tasks.index import build_index, load_index

    old = load_index(args.out) if os.path.exists(args.out) else None
    if old:
        print(old.told_changes())
    index = build_index(args.source, old=old, seconds=args.seconds, n_jobs=args.jobs, progress=sys.stderr.isatty())
    index.save(args.out)
    print(f"{index.about()}\nwritten: {args.out}")


@_command("find media in an index by a sentence, a picture or a video",
          _option("index", help="what `vmm-lab index` wrote"),
          _option("query", nargs="?", help="a sentence in English, or the path of a picture or a video"),
          _option("--queries", metavar="FILE", help="a text file with one query a line"),
          _option("--where", metavar="COLUMN=VALUE", action="append", default=[], help="only such rows"),
          _option("--top", metavar="K", type=_count, default=10, help="how many results (10)"),
          _file("--json", "write, for each query, a list of path, start and score"))
def _search(args: argparse.Namespace) -> None:
    from .tasks.index import load_index, search_all

    queries = [args.query] if args.query is not None else []
    if args.queries:
        try:
            lines = Path(args.queries).read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise WorkFailed(f"{args.queries} is no text in UTF-8; save it as that, with one query a line.") from None
        queries += [line for line in lines if line.strip()]
    where = dict(word.partition("=")[::2] for word in args.where)
    if len(where) < len(args.where):
        raise WrongUsage("--where takes each column once; search for one value after the other.")
    if not queries:
        raise WrongUsage("there is no query; write a sentence in quotes, a path, or --queries FILE with one a line.")
    index = load_index(args.index)
    if (changes := index.told_changes()) != "Nothing has changed.":
        _note(f"{changes} `vmm-lab index` brings the index up to date.")
    found = search_all(index, queries, top=args.top, where=where)
    for query, hits in zip(queries, found):
        print(f"{query}:" if len(queries) > 1 else "", *(
            f"{hit['score']:6.3f}  {hit['path']}" + (f"  from {hit['start']:.1f} s" if hit["start"] else "")
            for hit in hits), sep="\n")
    _write(args.json, found)


@_command("write a trained network as a LiteRT or ONNX file, with its labels",
          _option("model", help="a saved pipeline of a network, or a .keras file"),
          _option("--to", choices=("litert", "onnx", "page"), default="litert",
                  help="the kind of file (litert); page: ONNX with a web page for the camera"),
          _option("--out", metavar="FOLDER", required=True, help="the folder to write"),
          _option("--quantize", choices=("fp16", "dynamic", "int8"), help="smaller numbers, of LiteRT"),
          _option("--labels", metavar="FILE", help="the names of the classes, one a line"),
          _option("--calibration", metavar="TABLE", help="for int8: a folder or manifest like the training's"),
          _option("--seconds", type=float, default=2.0, help="of a stream that a clip model looks at (2)"),
          _file("--json", "write what model.json says there, too"))
def _export(args: argparse.Namespace) -> None:
    from . import edge

    rows = edge.read_rows(args.model, args.calibration) if args.calibration else None
    options = {"quantize": args.quantize, "labels": args.labels, "calibration": rows, "seconds": args.seconds}
    done = edge.export(args.model, args.out, to=args.to, **options)
    parity = done.facts["parity"]
    print(f"written: {done.folder} ({_bytes(done.facts['bytes'])}); against Keras on {parity['rows']} rows: largest "
          f"difference {parity['largest_difference']:.2g}, same answer on {parity['same_answer']:.1%}")
    _write(args.json, done.facts)


@_command("recognise on a video, a camera or a pipe with an exported model",
          _option("model", help="the folder that `vmm-lab export` wrote"),
          _option("source", metavar="FILE", help="a video, the number of a camera, or - for standard input"),
          _option("--seconds", type=float, help="end after so many"),
          _file("--json", "write what was recognised, and what frames cost, as JSON"))
def _stream(args: argparse.Namespace) -> None:
    from . import edge

    done = edge.stream(args.model, args.source, seconds=args.seconds)
    seen = done.intervals.to_string(index=False, float_format="%.2f") if len(done.times) else "no decision"
    print(seen, done, sep="\n")
    _write(args.json, done.to_dict())


@_command("bring sample media and pretrained weights into the cache, for going offline",
          _option("--media", action="store_true", help="only the sample media, which are small"))
def _fetch(args: argparse.Namespace) -> None:
    from . import assets

    wanted = {name: asset for name, asset in assets.ASSETS.items() if asset.kind == "media" or not args.media}
    for name, asset in wanted.items():
        verb = "have   " if assets.installed(name) else "fetched"
        path = assets.fetch(name)
        print(f"{verb}  {name}: {asset.about} ({_bytes(path.stat().st_size)}, {asset.licence}), {path}", flush=True)
    if not args.media:
        from .edge import page

        try:
            print(f"have     {page.PACKAGE} {page.VERSION}: for camera pages ({page.LICENCE}), {page.runtime()}")
        except assets.AssetError as error:  # a camera page is one use of many
            _note(error)


@_command("tell what is installed, what is missing, and where the cache is and how large",
          _file("--json", "write what is installed, missing and ready as JSON"))
def _check(args: argparse.Namespace) -> None:
    from . import assets, course, files

    version, machine = importlib.metadata.version("vmm-lab"), f"{platform.system()} {platform.machine()}"
    print(f"vmm-lab {version}, Python {platform.python_version()}, {machine}")
    required = [(re.split(r"[^\w.-]", line)[0], re.search(r"extra\s*==\s*['\"]([\w-]+)", line))
                for line in importlib.metadata.requires("vmm-lab") or []]
    core = {name: _version(name) for name, extra in required if not extra}
    lab = {name: _version(name) for name, extra in required if extra and extra[1] == "lab"}
    for title, found in (("core", core), ("lab", lab)):
        installed = [f"{name} {version}" for name, version in found.items() if version]
        print(f"installed for the {title}: {', '.join(installed) or 'nothing'}")
        if missing := [name for name, version in found.items() if not version]:
            print(f"missing for the {title}: {', '.join(missing)}; run: {_install_line()}")
    have = [name for name in assets.ASSETS if assets.installed(name)]
    rest = [name for name in assets.ASSETS if name not in have]
    not_fetched = f"; not fetched: {', '.join(rest)} (run: vmm-lab fetch)" if rest else ""
    print(f"sample media: {', '.join(have) or 'none yet'}{not_fetched}")
    print(f"cache: {files.cache_dir()} ({_size(files.cache_dir())}); vmm-lab clean empties it")
    print(f"generated data: {files.data_dir()} ({_size(files.data_dir())})")
    print(f"notebooks: {course.find() or 'none here; vmm-lab copies them into ' + course.FOLDER}")
    _write(args.json, {
        "ready": all(core.values()) and all(lab.values()) and not rest, "version": version, "machine": machine,
        "python": platform.python_version(), "installed": core | lab, "fetched": have, "not_fetched": rest,
        "missing": [name for name, version in (core | lab).items() if not version]})
    if not all(core.values()):
        raise WorkFailed(f"parts of the core are missing; run: {_install_line()}")


@_command("empty the cache of what can be fetched or computed again",
          _option("--yes", action="store_true", help="do not ask first"))
def _clean(args: argparse.Namespace) -> None:
    from . import assets, files

    folder = files.cache_dir().absolute()
    for precious in (Path.home(), Path.cwd(), Path(__file__)):
        if precious.resolve().is_relative_to(folder.resolve()):
            raise WorkFailed(f"the cache is set to {folder}, which holds more than the cache, so nothing was deleted; "
                             "set VMM_LAB_CACHE to a folder of its own.")
    if not folder.is_dir() or not any(folder.iterdir()):
        print(f"The cache {folder} is empty.")
        return
    if not args.yes:
        size = _size(folder)
        print(f"Delete what can be fetched or computed again from {folder} ({size})? [y/N] ", end="", flush=True)
        answer = sys.stdin.readline() if sys.stdin else ""
        if not answer:
            raise WorkFailed("nothing was deleted, because nobody answered; `vmm-lab clean --yes` does not ask.")
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return
    print(f"Deleted {_bytes(assets.clear())} from {folder}.")


@_command("make a project folder that runs as it is: notebook, table, feature, test",
          _option("name", help="the folder to make, in which nothing may be yet"))
def _new(args: argparse.Namespace) -> None:
    from .course import new_project

    made, name = new_project(args.name), Path(args.name).name
    print(f"{len(made)} files were made in {args.name}; next: cd \"{args.name}\" and jupyter lab \"{name}.ipynb\"")


@_command("show a plan of lessons, and the records of a class in one table",
          _option("files", nargs="*", help="files of vl.progress(to=…) and vmm-lab check --json, or their folder"),
          _file("--csv", "write the table of learners, or without files the plan, as CSV"))
def _teach(args: argparse.Namespace) -> None:
    from .course import before_the_lesson, gather, lesson_plan

    if args.files:
        table, laptops, unread = gather(args.files)
        if table.empty and laptops.empty and not unread:
            raise WorkFailed(f"there are no .csv or .json files in {', '.join(args.files)}.")
    else:
        table, laptops, unread = lesson_plan(), (), {}
        print(*before_the_lesson(), "", sep="\n")
    for shown in filter(len, (table, laptops)):
        print(shown.to_string(index=False), end="\n\n")
    for path, reason in unread.items():
        _note(f"{path} was left out: {reason}")
    _write(args.csv, table.to_csv(index=False))


def _open_lab(args: argparse.Namespace) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        raise WorkFailed(f"JupyterLab is not installed; run: {_install_line()}")
    folder, first = _notebooks(args.folder)
    # An empty token would switch off the one that Jupyter makes, and prints with the address.
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_TOKEN" or value}
    # The settings spare the learner a question about news.
    paths = [str(Path(__file__).with_name("lab_settings")), environment.get("JUPYTER_CONFIG_PATH")]
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    opens = "" if args.no_browser else "opens in your browser; if it does not, "
    print(f"JupyterLab starts, and {opens}this is its address. To stop it, press Ctrl-C here twice.", flush=True)
    lab = subprocess.Popen(_lab_command(args, folder, first), env=environment)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the lab, which asks before it stops
    try:
        return 1 if lab.wait() else 0
    finally:
        signal.signal(signal.SIGINT, before)


def _lab_command(args: argparse.Namespace, folder: Path, first: Path) -> list[str]:
    """Return the words that start JupyterLab at the first notebook, for this computer only."""
    import zmq  # it comes with JupyterLab's kernels

    return [
        sys.executable, "-m", "jupyterlab",
        "--ServerApp.ip=127.0.0.1", "--ServerApp.allow_remote_access=False", f"--ServerApp.port={args.port}",
        f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{quote(first.name)}",
        # The lab asks nobody for news, updates or extensions.
        "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        # The terminal shows the address, warnings and errors, and not every step.
        "--Application.log_level=WARN", "--Application.log_format=%(message)s",
        "--ServerApp.tornado_settings={'ws_ping_timeout': 30_000}",  # Tornado complains about Jupyter's default
        # Other users of this computer cannot read what the lab and its kernels exchange.
        *(["--KernelManager.transport_encryption=auto"] if zmq.has("curve") else []),
        *(["--no-browser"] if args.no_browser else []),
        # In a container, root is often the only user, and nobody outside this computer gets in.
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]


def _notebooks(folder: str | None) -> tuple[Path, Path]:
    """Return (folder, first notebook) of the course; copy it there where it is neither in a checkout nor here."""
    from . import course

    found = None if folder else course.find()
    if found is None or (found / course.RECORD).is_file():
        found = Path(folder or found or course.FOLDER).expanduser().absolute()
        for sentence in course.bring(found):
            print(sentence)
    return found, course.listed(found)[0]


def _install_line() -> str:
    checkout = Path(__file__).resolve().parents[1]
    where = f'-e "{checkout}[lab]"' if (checkout / "pyproject.toml").is_file() else '"vmm-lab[lab]"'
    return f"{Path(sys.executable).name} -m pip install {where}"


def _version(name: str) -> str | None:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version(name)
    return None


def _size(folder: Path) -> str:
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(here, name)).st_size
    return _bytes(total)


def _bytes(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


if __name__ == "__main__":
    sys.exit(main())
