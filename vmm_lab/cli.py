"""Run `vmm-lab`: open the lab, compare methods, tag media, fetch sample media, check the installation, empty the cache.

Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 stopped from the keyboard. An error is one sentence on stderr.
"""
import argparse
import contextlib
import difflib
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
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

LAB = ("jupyterlab", "ipywidgets", "anywidget", "ipykernel")


class WorkFailed(Exception):
    """Raised where the work fails; the message is the one sentence to print."""


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
            warnings.showwarning = _print_note
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
        return _complain(text if known else f"{type(error).__name__}: {text}; `vmm-lab --traceback …` shows where", 1)


def _print_note(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"vmm-lab: note: {message}", file=sys.stderr)


def _parser() -> "_Parser":
    parser = _Parser(
        prog="vmm-lab",
        description="Video multimodal machine learning in JupyterLab. Without a command, opens the lab.",
    )
    parser.add_argument("--version", action="version", version=f"vmm-lab {importlib.metadata.version('vmm-lab')}")
    parser.add_argument("--traceback", action="store_true", help="show where an error was raised, to mend it")
    parser.add_argument("--no-browser", action="store_true", help="start the lab without opening a browser window")
    parser.add_argument("--port", type=_port, default=8888, help="the lab's port; the next free one if taken (8888)")
    parser.add_argument("--folder", metavar="DIR", help="the folder of your notebooks; the course is copied there once")
    parser.set_defaults(work=_open_lab)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parser.commands = commands.choices
    compare = commands.add_parser(
        "compare", help="score every applicable method on a folder of class folders or a CSV manifest")
    compare.add_argument(
        "source", help='a folder of class folders, a CSV manifest with a column "path", or the word theatre')
    compare.add_argument(
        "--networks", action="store_true",
        help="also train small networks on frames, sound, captions and all of them, which takes minutes")
    compare.add_argument(
        "--per-group", action="store_true", help="also with every group normalised by its own unlabelled rows")
    compare.set_defaults(options=("networks", "per_group"))
    tag = commands.add_parser("tag", help="score every applicable method at giving items their tags, of any number")
    tag.add_argument("source", help='a CSV manifest with columns "path" and "tags", several between |, or theatre')
    tag.set_defaults(options=())
    for name, command in (("compare", compare), ("tag", tag)):
        command.add_argument("--html", metavar="FILE", help="write the report as one page that opens offline")
        command.add_argument("--json", metavar="FILE", help="write the scores as JSON")
        command.add_argument("--jobs", metavar="N", type=_count, default=1, help="work on so many files at a time (1)")
        command.add_argument("--root", metavar="DIR", help="another folder that the manifest's paths may lie in")
        command.set_defaults(work=_board, task=name)
    _add_shots_and_summarise(commands)
    _add_people(commands)
    index = commands.add_parser("index", help="describe a folder or manifest of media once, to search it in no time")
    index.add_argument("source", help='a folder, or a CSV manifest with a column "path" and perhaps "caption"')
    index.add_argument("--out", metavar="INDEX", required=True, help="the file to write; one that is there is brought "
                       "up to date, and gets what another source adds")
    index.add_argument("--seconds", type=float, default=4.0, help="cut longer films into moments of that length (4)")
    index.add_argument("--jobs", metavar="N", type=_count, default=1, help="work on so many files at a time (1)")
    index.set_defaults(work=_index)
    search = commands.add_parser("search", help="find media in an index by a sentence, a picture or a video")
    search.add_argument("index", help="what `vmm-lab index` wrote")
    search.add_argument("query", nargs="?", help="a sentence in English, or the path of a picture or a video")
    search.add_argument("--queries", metavar="FILE", help="a text file with one query a line")
    search.add_argument("--where", metavar="COLUMN=VALUE", action="append", default=[], help="only such rows")
    search.add_argument("--top", metavar="K", type=_count, default=10, help="how many results (10)")
    search.add_argument("--json", metavar="FILE", help="write, for each query, a list of path, start and score")
    search.set_defaults(work=_search)
    _add_export(commands)
    for name, work, text in (
            ("fetch", _fetch, "bring sample media and pretrained weights into the cache, for going offline"),
            ("check", _check, "tell what is installed, what is missing, and where the cache is and how large"),
            ("clean", _clean, "empty the cache of what can be fetched or computed again")):
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(work=work)
        if name == "fetch":
            command.add_argument("--media", action="store_true", help="only the sample media, which are small")
    command.add_argument("--yes", action="store_true", help="do not ask first")
    _add_course(commands)
    return parser


def _add_people(commands: Any) -> None:
    _add_track(commands)
    pose = commands.add_parser("pose", help="find the people in a video or picture, and 17 points of each")
    pose.add_argument("media", help="a video or a picture")
    pose.add_argument("--out", metavar="FILE", help="write skeletons over the video (.mp4) or the picture (.png, .jpg)")
    pose.add_argument("--json", metavar="FILE", help="write, for each frame, its people with points and scores")
    pose.add_argument("--people", metavar="N", type=_count, default=8, help="at most so many in one frame (8)")
    pose.set_defaults(work=_pose)
    verify = commands.add_parser("verify", help="tell whether two pictures, or the pairs of a CSV, show one person")
    verify.add_argument("pictures", nargs="*", metavar="PICTURE", help="two pictures or videos")
    verify.add_argument("--pairs", metavar="FILE", help="a CSV with path_a, path_b, and perhaps same and fold")
    verify.add_argument("--json", metavar="FILE", help="write, for each pair, distance, score and decision")
    verify.set_defaults(work=_verify)


def _add_course(commands: Any) -> None:
    new = commands.add_parser("new", help="make a project folder that runs as it is: notebook, table, feature, test")
    new.add_argument("name", help="the folder to make, in which nothing may be yet")
    new.set_defaults(work=_new)
    teach = commands.add_parser("teach", help="show a plan of lessons, and the records of a class in one table")
    teach.add_argument("files", nargs="*", help="files of vl.progress(to=…) and vmm-lab check --json, or their folder")
    teach.add_argument("--csv", metavar="FILE", help="write the table of learners, or without files the plan, as CSV")
    teach.set_defaults(work=_teach)
    commands.choices["check"].add_argument(
        "--json", metavar="FILE", help="write what is installed, missing and ready as JSON")


def _add_shots_and_summarise(commands: Any) -> None:
    for name, task, text in (("shots", _shots, "find the cuts and the gradual transitions of a video"),
                             ("summarise", _summarise, "write a highlight reel and a storyboard of a video")):
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.add_argument("video", help="a video file")
        command.add_argument("--json", metavar="FILE", help="write the shots as JSON")
        command.set_defaults(work=task)
    command.add_argument("--seconds", metavar="S", type=float, default=15.0, help="how long the reel is (15)")
    command.add_argument("--importance", choices=("energy", "clusters", "random", "uniform"), default="energy",
                         help="what is chosen by: motion and sound (energy), what many shots look like (clusters), "
                              "chance, or equal distances")
    command.add_argument("--out", metavar="FILE", default="reel.mp4", help="the reel, with a .png next to it")
    command.add_argument("--chapters", metavar="FILE", help="write chapters: .json, .vtt, or .txt for FFmpeg")
    command.add_argument("--speech", action="store_true", help="name chapters by English speech where there are no "
                                                               "subtitles (needs the extra speech)")


def _add_export(commands: Any) -> None:
    export = commands.add_parser("export", help="write a trained network as a LiteRT or ONNX file, with its labels")
    export.add_argument("model", help="a saved pipeline of a network, or a .keras file")
    export.add_argument("--to", choices=("litert", "onnx", "page"), default="litert",
                        help="the kind of file (litert); page: ONNX with a web page for the camera")
    export.add_argument("--out", metavar="FOLDER", required=True, help="the folder to write")
    export.add_argument("--quantize", choices=("fp16", "dynamic", "int8"), help="smaller numbers, of LiteRT")
    export.add_argument("--labels", metavar="FILE", help="the names of the classes, one a line")
    export.add_argument("--calibration", metavar="TABLE", help="for int8: a folder or manifest like the training's")
    export.add_argument("--seconds", type=float, default=2.0, help="of a stream that a clip model looks at (2)")
    export.add_argument("--json", metavar="FILE", help="write what model.json says there, too")
    export.set_defaults(work=_export)
    stream = commands.add_parser("stream", help="recognise on a video, a camera or a pipe with an exported model")
    stream.add_argument("model", help="the folder that `vmm-lab export` wrote")
    stream.add_argument("source", metavar="FILE", help="a video, the number of a camera, or - for standard input")
    stream.add_argument("--seconds", type=float, help="end after so many")
    stream.add_argument("--json", metavar="FILE", help="write what was recognised, and what frames cost, as JSON")
    stream.set_defaults(work=_stream)


def _add_track(commands: Any) -> None:
    track = commands.add_parser("track", help="follow what moves in a video, and write the boxes in the MOT format")
    track.add_argument("video", nargs="?", help="a video file; may be left out with --detections")
    track.add_argument("--out", metavar="FILE", default="tracks.txt", help="the tracks in the MOT format (tracks.txt)")
    track.add_argument("--detections", metavar="FILE", help="boxes of a detector of your own in the MOT format")
    track.add_argument("--detector", choices=("background", "flow", "pedestrians", "people"), default="background",
                       help="what moves before a still (background) or a moving camera (flow), small or large people")
    track.add_argument("--json", metavar="FILE", help="write the tracks as JSON")
    track.set_defaults(work=_track)


class _Parser(argparse.ArgumentParser):
    """Name a misspelt option, with the one that was meant: argparse would complain about the word after it."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.commands: dict[str, _Parser] = {}
        self.typed: list[str] = []

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


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _port(text: str) -> int:
    if _count(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; ports are 1 to 65535")
    return int(text)


def _complain(text: str, code: int) -> int:
    with contextlib.suppress(OSError):
        print(f"vmm-lab: {' '.join(text.split())}", file=sys.stderr)
    return code


def _check_writable(*paths: str | None) -> None:
    for path in filter(None, paths):  # before the minutes of work, not after
        if not Path(path).absolute().parent.is_dir() or Path(path).is_dir():
            raise WorkFailed(f"{path} cannot be written; give a file in a folder that exists.")


def _board(args: argparse.Namespace) -> None:
    """Run the task on the table, print its board, and write it to the files that were asked for."""
    _check_writable(args.html, args.json)
    from . import tables, tasks

    table = tables.load_table(args.source, root=args.root)
    options = {name: getattr(args, name) for name in args.options}
    board = getattr(tasks, args.task)(table, n_jobs=args.jobs, progress=sys.stderr.isatty(), **options)
    print(board)
    for path, write in ((args.html, board.to_html), (args.json, board.to_json)):
        if path:
            write(path)
            print(f"written: {path}")


def _shots(args: argparse.Namespace) -> None:
    _check_writable(args.json)
    from .tasks import shots

    found = shots.find_shots(args.video, progress=sys.stderr.isatty())
    print(found.to_string(index=False, float_format="%.2f", na_rep=""))
    if args.json:
        print(f"written: {shots.write_json(found, args.json)}")


def _verify(args: argparse.Namespace) -> None:
    from .tasks.verify import load_pairs, pair_of, verify

    _check_writable(args.json)
    if bool(args.pairs) == bool(args.pictures) or len(args.pictures) not in (0, 2):
        raise WorkFailed("give two pictures, or --pairs FILE with a CSV of pairs.")
    found = verify(load_pairs(args.pairs) if args.pairs else pair_of(*args.pictures), progress=sys.stderr.isatty())
    print(found)
    for note in found.notes:
        print(f"vmm-lab: note: {note}", file=sys.stderr)
    if args.json:
        print(f"written: {found.to_json(args.json)}")
    if not found.pairs["score"].notna().any():
        raise WorkFailed("no pair could be scored.")


def _pose(args: argparse.Namespace) -> None:
    _check_writable(args.out, args.json)
    from .pretrained.pose import write_poses

    options = {"out": args.out, "json": args.json, "people": args.people}
    frames = write_poses(args.media, progress=sys.stderr.isatty(), **options)["frames"]
    seen = sum(bool(frame["people"]) for frame in frames)
    most = max((len(frame["people"]) for frame in frames), default=0)
    print(f"people in {seen} of {len(frames)} frames, at most {most} in one")
    for path in filter(None, (args.out, args.json)):
        print(f"written: {path}")


def _summarise(args: argparse.Namespace) -> None:
    _check_writable(args.out, args.json, args.chapters)
    from .tasks.summarise import summarise

    options = {name: getattr(args, name) for name in ("seconds", "importance", "json", "chapters", "speech")}
    for path in summarise(args.video, args.out, progress=sys.stderr.isatty(), **options):
        print(f"written: {path}")


def _track(args: argparse.Namespace) -> int | None:
    if not args.video and not args.detections:
        return _complain("there is nothing to track; give a video, or --detections FILE, or both", 2)
    _check_writable(args.out, args.json)
    from .tasks import mot, track

    boxes = mot.read_mot(args.detections) if args.detections else None
    found = track.find_tracks(args.video, detector=args.detector, detections=boxes, progress=sys.stderr.isatty())
    print(track.summary(found).to_string(index=False, float_format="%.1f") if len(found) else "Nothing moves here.")
    print(f"{found.id.nunique()} tracks, written: {mot.write_mot(found, args.out)}")
    if args.json:
        print(f"written: {track.write_json(found, args.json)}")
    return None


def _index(args: argparse.Namespace) -> None:
    _check_writable(args.out)
    from .tasks.index import build_index, load_index

    old = load_index(args.out) if os.path.exists(args.out) else None
    if old:
        print(old.told_changes())
    index = build_index(args.source, old=old, seconds=args.seconds, n_jobs=args.jobs, progress=sys.stderr.isatty())
    index.save(args.out)
    print(f"{index.about()}\nwritten: {args.out}")


def _search(args: argparse.Namespace) -> None:
    _check_writable(args.json)
    from .tasks.index import load_index, search_all

    queries = [args.query] if args.query is not None else []
    if args.queries:
        queries += Path(args.queries).read_text(encoding="utf-8-sig").strip().splitlines()
    if not queries:
        raise WorkFailed("there is no query; write a sentence in quotes, a path, or --queries FILE with one a line.")
    index = load_index(args.index)
    if (changes := index.told_changes()) != "Nothing has changed.":
        print(f"vmm-lab: note: {changes} `vmm-lab index` brings the index up to date.", file=sys.stderr)
    found = search_all(index, queries, top=args.top, where=dict(word.partition("=")[::2] for word in args.where))
    for query, hits in zip(queries, found):
        print(f"{query}:" if len(queries) > 1 else "", *(
            f"{hit['score']:6.3f}  {hit['path']}" + (f"  from {hit['start']:.1f} s" if hit["start"] else "")
            for hit in hits), sep="\n")
    _write_json(args.json, found)


def _export(args: argparse.Namespace) -> None:
    _check_writable(args.json)
    from . import edge

    rows = edge.read_rows(args.model, args.calibration) if args.calibration else None
    options = {"quantize": args.quantize, "labels": args.labels, "calibration": rows, "seconds": args.seconds}
    done = edge.export(args.model, args.out, to=args.to, **options)
    parity = done.facts["parity"]
    print(f"written: {done.folder} ({_bytes(done.facts['bytes'])}); against Keras on {parity['rows']} rows: largest "
          f"difference {parity['largest_difference']:.2g}, same answer on {parity['same_answer']:.1%}")
    _write_json(args.json, done.facts)


def _stream(args: argparse.Namespace) -> None:
    _check_writable(args.json)
    from . import edge

    done = edge.stream(args.model, args.source, seconds=args.seconds)
    seen = done.intervals.to_string(index=False, float_format="%.2f") if len(done.times) else "no decision"
    print(seen, done, sep="\n")
    _write_json(args.json, done.to_dict())


def _write_json(path: str | None, facts: Any) -> None:
    if path:
        from .files import atomic_write

        text = json.dumps(facts, indent=1)
        atomic_write(path, lambda file: file.write(text.encode()))
        print(f"written: {path}")


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
            print(f"vmm-lab: note: {error}", file=sys.stderr)


def _new(args: argparse.Namespace) -> None:
    from .course import new_project

    made, name = new_project(args.name), Path(args.name).name
    print(f"{len(made)} files were made in {args.name}; next: cd \"{args.name}\" and jupyter lab \"{name}.ipynb\"")


def _teach(args: argparse.Namespace) -> None:
    _check_writable(args.csv)
    from .course import before_the_lesson, gather, lesson_plan

    laptops, unread = None, {}
    if args.files:
        table, laptops, unread = gather(args.files)
        if table.empty and laptops.empty and not unread:
            raise WorkFailed(f"there are no .csv or .json files in {', '.join(args.files)}.")
    else:
        table = lesson_plan()
        print(*before_the_lesson(), "", sep="\n")
    for shown in (table, laptops):
        if shown is not None and len(shown):
            print(shown.to_string(index=False), end="\n\n")
    for path, reason in unread.items():
        print(f"vmm-lab: note: {path} was left out: {reason}", file=sys.stderr)
    if args.csv:
        from .files import atomic_write

        atomic_write(args.csv, lambda file: file.write(table.to_csv(index=False).encode()))
        print(f"written: {args.csv}")


def _check(args: argparse.Namespace) -> None:
    _check_writable(args.json)
    from . import assets, course, files

    version, machine = importlib.metadata.version("vmm-lab"), f"{platform.system()} {platform.machine()}"
    print(f"vmm-lab {version}, Python {platform.python_version()}, {machine}")
    required = [(re.split(r"[^\w.-]", line)[0], re.search(r"extra\s*==\s*['\"]([\w-]+)", line))
                for line in importlib.metadata.requires("vmm-lab") or []]
    core = _versions(name for name, extra in required if not extra)
    lab = _versions([name for name, extra in required if extra and extra[1] == "lab"] or LAB)
    for title, found in (("core", core), ("lab", lab)):
        installed = [f"{name} {version}" for name, version in found.items() if version]
        print(f"installed for the {title}: {', '.join(installed) or 'nothing'}")
        missing = [name for name, version in found.items() if not version]
        if missing:
            print(f"missing for the {title}: {', '.join(missing)}; run: {_install_line()}")
    have = [name for name in assets.ASSETS if assets.installed(name)]
    rest = [name for name in assets.ASSETS if name not in have]
    not_fetched = f"; not fetched: {', '.join(rest)} (run: vmm-lab fetch)" if rest else ""
    print(f"sample media: {', '.join(have) or 'none yet'}{not_fetched}")
    print(f"cache: {files.cache_dir()} ({_bytes(_size(files.cache_dir()))}); vmm-lab clean empties it")
    print(f"generated data: {files.data_dir()} ({_bytes(_size(files.data_dir()))})")
    print(f"notebooks: {course.find() or 'none here; vmm-lab copies them into ' + course.FOLDER}")
    if args.json:
        text = json.dumps({
            "ready": all(core.values()) and all(lab.values()) and not rest, "version": version, "machine": machine,
            "python": platform.python_version(), "installed": core | lab, "fetched": have, "not_fetched": rest,
            "missing": [name for name, version in (core | lab).items() if not version]}, indent=1)
        files.atomic_write(args.json, lambda file: file.write(text.encode()))
        print(f"written: {args.json}")
    if not all(core.values()):
        raise WorkFailed(f"parts of the core are missing; run: {_install_line()}")


def _clean(args: argparse.Namespace) -> int:
    from . import assets, files

    folder = files.cache_dir().absolute()
    for precious in (Path.home(), Path.cwd(), Path(__file__)):
        if precious.resolve().is_relative_to(folder.resolve()):
            raise WorkFailed(f"the cache is set to {folder}, which holds more than the cache, so nothing was deleted; "
                             "set VMM_LAB_CACHE to a folder of its own.")
    if not folder.is_dir() or not any(folder.iterdir()):
        print(f"The cache {folder} is empty.")
        return 0
    if not args.yes:
        size = _bytes(_size(folder))
        print(f"Delete what can be fetched or computed again from {folder} ({size})? [y/N] ", end="", flush=True)
        answer = sys.stdin.readline() if sys.stdin else ""
        if not answer:
            raise WorkFailed("nothing was deleted, because nobody answered; `vmm-lab clean --yes` does not ask.")
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return 0
    print(f"Deleted {_bytes(assets.clear())} from {folder}.")
    return 0


def _open_lab(args: argparse.Namespace) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        raise WorkFailed(f"JupyterLab is not installed; run: {_install_line()}")
    folder, first = _notebooks(args.folder)
    # An empty token would switch off the one that Jupyter makes, and prints with the address.
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_TOKEN" or value}
    # The settings spare the learner a question about news.
    settings = str(Path(__file__).parent / "lab_settings")
    paths = [settings, environment.get("JUPYTER_CONFIG_PATH")]
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


def _versions(names: Iterable[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def _size(folder: Path) -> int:
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(here, name)).st_size
    return total


def _bytes(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


if __name__ == "__main__":
    sys.exit(main())
