"""Notebooks are tested on data that this run generates; at its end stands how many seconds each of them took."""
import os
import tempfile
from collections import Counter
from pathlib import Path


def pytest_configure(config):
    if config.getoption("nbval", default=False):
        # The digits that `vl.report` measured differ a little between machines; its names and bounds are compared.
        config.option.nbval_sanitize_with = str(Path(__file__).parent / "notebooks" / "src" / "nbval.cfg")
    # Whatever was rendered before, perhaps by older code, decides nothing; the processes of a run share one folder.
    if config.getoption("nbval", default=False) and not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="vmm_lab_", ignore_cleanup_errors=True)
        os.environ["VMM_LAB_DATA"] = folder.name
        config.add_cleanup(folder.cleanup)


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
