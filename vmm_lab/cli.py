"""Words typed in a terminal go in, the `vmm-lab` command comes out: open the lab, compare, fetch, check, clean.

Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 stopped from the keyboard. An error is one sentence on stderr.
"""
import argparse
import contextlib
import difflib
import importlib.metadata
import importlib.util
import os
import platform
import re
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from urllib.parse import quote

LAB = ("jupyterlab", "ipywidgets", "anywidget", "ipykernel")


class WorkFailed(Exception):
    """The work failed; the message is the one sentence to say."""


def main(argv=None):
    """Run the command with `argv` (default: what was typed) and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a letter must not stop the work
    try:
        args = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: print(f"vmm-lab: note: {message}", file=sys.stderr)
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


def _parser():
    parser = _Parser(prog="vmm-lab", description="Video multimodal machine learning in JupyterLab. Without a command, opens the lab.")
    parser.add_argument("--version", action="version", version=f"vmm-lab {importlib.metadata.version('vmm-lab')}")
    parser.add_argument("--traceback", action="store_true", help="where an error came from, for the person who mends it")
    parser.add_argument("--no-browser", action="store_true", help="start the lab without opening a browser window")
    parser.add_argument("--port", type=_port, default=8888, help="the lab's port; the next free one if taken (default 8888)")
    parser.set_defaults(work=_open_lab)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parser.commands = commands.choices
    compare = commands.add_parser("compare", help="score every applicable method on a folder of class folders or a CSV manifest")
    compare.add_argument("source", help='a folder of class folders, a CSV manifest with a column "path", or the word theatre')
    compare.add_argument("--html", metavar="FILE", help="write the report as one page that opens offline")
    compare.add_argument("--json", metavar="FILE", help="write the scores as JSON")
    compare.add_argument("--jobs", metavar="N", type=_count, default=1, help="how many files to work on at a time (default 1)")
    compare.add_argument("--root", metavar="DIR", help="a folder outside the manifest's own that its paths may lie in")
    compare.add_argument("--networks", action="store_true", help="also train small networks on frames, sound, captions and all of them, which takes minutes")
    compare.set_defaults(work=_compare)
    for name, work, text in (("fetch", _fetch, "bring all sample media into the cache, for a classroom that goes offline"),
                             ("check", _check, "tell what is installed, what is missing, and where the cache is and how large"),
                             ("clean", _clean, "empty the cache of what can be fetched or computed again")):
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(work=work)
    command.add_argument("--yes", action="store_true", help="do not ask first")
    return parser


class _Parser(argparse.ArgumentParser):
    """Says of a misspelt option that it is one: argparse would complain about the word behind it."""

    commands = {}  # name: the parser of that command

    def parse_known_args(self, args=None, namespace=None):
        self.typed = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(args, namespace)

    def error(self, message):
        own = list(self._option_string_actions)
        known = own + [option for command in self.commands.values() for option in command._option_string_actions]
        options = [word.partition("=")[0] for word in self.typed if word.startswith("--") and word != "--"]
        strange = next((word for word in options if not any(option.startswith(word) for option in known)), None)
        if strange:
            near = difflib.get_close_matches(strange, own, n=1) or difflib.get_close_matches(strange, known, n=1)
            message = f"there is no option {strange}" + (f" (did you mean {near[0]}?)" if near else "")
        self.exit(2, f"vmm-lab: {message}; see `{self.prog} --help`\n")


def _count(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _port(text):
    if _count(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; ports are 1 to 65535")
    return int(text)


def _complain(text, code):
    with contextlib.suppress(OSError):
        print(f"vmm-lab: {' '.join(text.split())}", file=sys.stderr)
    return code


def _compare(args):
    for path in filter(None, (args.html, args.json)):  # before the minutes of work, not after
        if not Path(path).absolute().parent.is_dir() or Path(path).is_dir():
            raise WorkFailed(f"{path} cannot be written; give a file in a folder that is there.")
    from .tables import load_table
    from .tasks import compare

    table = load_table(args.source, root=args.root)
    board = compare(table, networks=args.networks, n_jobs=args.jobs, progress=sys.stderr.isatty())
    print(board)
    for path, write in ((args.html, board.to_html), (args.json, board.to_json)):
        if path:
            write(path)
            print(f"written: {path}")


def _fetch(args):
    from . import assets, files

    for name, asset in assets.ASSETS.items():
        there = assets.installed(name)
        path = assets.fetch(name)
        print(f"{'have   ' if there else 'fetched'}  {name}: {asset.about} ({_bytes(path.stat().st_size)}, {asset.licence}), {path}", flush=True)


def _check(args):
    from . import assets, files

    print(f"vmm-lab {importlib.metadata.version('vmm-lab')}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    wanted = [(re.match(r"[\w.-]+", line)[0], re.search(r"extra\s*==\s*['\"]([\w-]+)", line))
              for line in importlib.metadata.requires("vmm-lab") or []]
    core = _versions([name for name, extra in wanted if not extra])
    lab = _versions([name for name, extra in wanted if extra and extra[1] == "lab"] or LAB)
    for title, found in (("core", core), ("lab", lab)):
        there = [f"{name} {version}" for name, version in found.items() if version]
        print(f"installed for the {title}: {', '.join(there) or 'nothing'}")
        missing = [name for name, version in found.items() if not version]
        if missing:
            print(f"missing for the {title}: {', '.join(missing)}; run: {_install_line()}")
    have = [name for name in assets.ASSETS if assets.installed(name)]
    rest = [name for name in assets.ASSETS if name not in have]
    print(f"sample media: {', '.join(have) or 'none yet'}" + (f"; not fetched: {', '.join(rest)} (run: vmm-lab fetch)" if rest else ""))
    print(f"cache: {files.cache_dir()} ({_bytes(_size(files.cache_dir()))}); vmm-lab clean empties it")
    print(f"generated data: {files.data_dir()} ({_bytes(_size(files.data_dir()))})")
    try:
        print(f"notebooks: {_notebooks()[0]}")
    except WorkFailed as error:
        print(f"notebooks: {error}")
    if not all(core.values()):
        raise WorkFailed(f"parts of the core are missing; run: {_install_line()}")


def _clean(args):
    from . import assets, files

    folder = files.cache_dir().absolute()
    for precious in (Path.home(), Path.cwd(), Path(__file__)):
        if precious.resolve().is_relative_to(folder.resolve()):
            raise WorkFailed(f"the cache is set to {folder}, which holds more than the cache, so nothing was deleted; set VMM_LAB_CACHE to a folder of its own.")
    if not folder.is_dir() or not any(folder.iterdir()):
        print(f"The cache {folder} is empty.")
        return 0
    if not args.yes:
        print(f"Delete what can be fetched or computed again from {folder} ({_bytes(_size(folder))})? [y/N] ", end="", flush=True)
        answer = sys.stdin.readline() if sys.stdin else ""
        if not answer:
            raise WorkFailed("nothing was deleted, for nobody answered; `vmm-lab clean --yes` does not ask.")
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return 0
    print(f"Deleted {_bytes(assets.clear())} from {folder}.")


def _open_lab(args):
    folder, first = _notebooks()
    if importlib.util.find_spec("jupyterlab") is None:
        raise WorkFailed(f"JupyterLab is not installed; run: {_install_line()}")
    import zmq  # it comes with JupyterLab's kernels

    command = [
        sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", "--ServerApp.allow_remote_access=False", f"--ServerApp.port={args.port}",
        f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{quote(first.name)}",
        # No news and no look for updates: the lab asks nobody anything.
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        # The address, warnings and errors; not every step on the way.
        "--Application.log_level=WARN", "--Application.log_format=%(message)s",
        "--ServerApp.tornado_settings={'ws_ping_timeout': 30_000}",  # Jupyter's own default is one that Tornado complains of
        # What the lab and its kernels say to each other is nobody else's on this computer either.
        *(["--KernelManager.transport_encryption=auto"] if zmq.has("curve") else []),
        *(["--no-browser"] if args.no_browser else []),
        # In a container root is often the only user there is, and nobody outside this computer gets in.
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    # Jupyter makes a token of its own and prints the address with it; an empty one would switch that off.
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_TOKEN" or value}
    # Neither the question about news nor a shop of extensions stands in the learner's way.
    own = str(Path(__file__).parent / "lab_settings")
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [own, os.environ.get("JUPYTER_CONFIG_PATH")]))
    opens = "and this is its address" if args.no_browser else "and opens in your browser; if it does not, this is its address"
    print(f"JupyterLab starts, {opens}. To stop it, press Ctrl-C here twice.", flush=True)
    lab = subprocess.Popen(command, env=environment)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the lab, which asks before it stops
    try:
        return 1 if lab.wait() else 0
    finally:
        signal.signal(signal.SIGINT, before)


def _notebooks():
    """(folder, first notebook) of the course, in the checkout or below the current folder."""
    places = [Path(__file__).resolve().parents[1] / "notebooks", Path.cwd() / "notebooks", Path.cwd()]
    for folder in places:
        found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
        if found:
            return folder, found[0]
    raise WorkFailed("the course notebooks are not here; run vmm-lab inside a checkout of the project, where the folder notebooks/ is.")


def _install_line():
    checkout = Path(__file__).resolve().parents[1]
    where = f'-e "{checkout}[lab]"' if (checkout / "pyproject.toml").is_file() else '"vmm-lab[lab]"'
    return f"{Path(sys.executable).name} -m pip install {where}"


def _versions(names):
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def _size(folder):
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(here, name)).st_size
    return total


def _bytes(count):
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


if __name__ == "__main__":
    sys.exit(main())
