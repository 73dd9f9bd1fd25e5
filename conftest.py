"""At the end of a test run: how many seconds each notebook took."""
from collections import Counter


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
