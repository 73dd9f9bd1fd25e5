"""Test notebooks on data that this run generates, and tell at its end how many seconds each of them took."""
import os
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest

BROWSER = Path(__file__).parent / "tests" / "browser"
AXE = "axe-core@4.14.1"  # what it finds changes with its version
SERIOUS = """async where => {
  const { violations } = await axe.run(where, { resultTypes: ["violations"] });
  return violations.filter(v => ["serious", "critical"].includes(v.impact))
    .flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)); }"""


@pytest.fixture(scope="session")
def seriously_wrong(tmp_path_factory):
    """seriously_wrong(page, selector): what axe-core calls serious or critical in a part of a page, an accessibility check from npm."""
    from vmm_lab import assets
    from vmm_lab.edge.page import _npm

    folder = tmp_path_factory.mktemp("axe")
    try:
        done = subprocess.run([*_npm(), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, AXE], check=False,
                              capture_output=True, text=True, timeout=120)
    except (assets.AssetError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"axe-core comes by npm: {error}")
    if done.returncode:
        pytest.skip(f"npm did not bring {AXE}: {(done.stderr.strip().splitlines() or ['it gave no reason'])[-1]}")
    script = (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def find(page, selector):
        page.evaluate(script)
        return page.evaluate(SERIOUS, {"include": [selector]})

    return find


def pytest_configure(config):
    if config.getoption("nbval", default=False):
        # The digits that `vl.report` measured differ a little between machines; its names and bounds are compared.
        config.option.nbval_sanitize_with = str(Path(__file__).parent / "notebooks" / "src" / "nbval.cfg")
    # Whatever was rendered before, perhaps by older code, decides nothing; the processes of a run share one folder.
    if config.getoption("nbval", default=False) and not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="vmm_lab_", ignore_cleanup_errors=True)
        os.environ["VMM_LAB_DATA"] = folder.name
        config.add_cleanup(folder.cleanup)


def pytest_ignore_collect(collection_path, config):
    # A file of nothing but tests that are left out is not even imported: TensorFlow alone takes seconds.
    if "not browser" in config.option.markexpr and collection_path == BROWSER:
        return True
    if "not slow" in config.option.markexpr and collection_path.suffix == ".py":
        return "\npytestmark = pytest.mark.slow" in collection_path.read_text(encoding="utf-8") or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
        if item.path.suffix == ".ipynb":
            item.output_timeout = 60  # seconds; of a busy machine the 5 s that nbval waits for a printed line are too few
    # A release is tried only by who asks for it.
    if "release" not in config.option.markexpr:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("release")])
        items[:] = [item for item in items if not item.get_closest_marker("release")]
    # Files that take minutes come first, so that no process is left alone with one of them at the end.
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.path.suffix != ".ipynb", item.path not in slow))


def pytest_terminal_summary(terminalreporter):
    seconds = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            file = getattr(report, "nodeid", "").partition("::")[0]
            if file.endswith(".ipynb"):
                seconds[file] += getattr(report, "duration", 0.0)
    if seconds:
        terminalreporter.section("seconds per notebook")
        for file, spent in sorted(seconds.items()):
            terminalreporter.line(f"{spent:6.1f} s  {file}")
        terminalreporter.line(f"{sum(seconds.values()):6.1f} s  together")
