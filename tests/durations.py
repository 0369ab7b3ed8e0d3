"""How long each folder of tests took, against what it may take; printed before pytest's closing line.

Where the suite runs in several processes (pytest -n), a folder's minutes are its share of the time that passed: what it would save to be without it.
"""

from collections import defaultdict

import pytest

BUDGETS = {  # minutes on two cores
    "engine": 2,
    "bpmn": 2,
    "feel": 1,
    "project": 3,
    "portal": 2,
    "processes": 1,
    "api": 8,
    "flows": 6,
    "browser": 7,
    "clients": 3,
    "crashes": 2,
    "canary": 2,
}
_seconds: dict[str, float] = defaultdict(float)


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    parts = report.nodeid.split("/")
    _seconds[parts[1] if len(parts) > 2 else parts[0]] += report.duration


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("minutes")
    processes = terminalreporter.config.getoption("numprocesses", None) or 1
    shares = {folder: seconds / processes for folder, seconds in _seconds.items()}
    for folder, seconds in sorted(shares.items(), key=lambda item: -item[1]):
        budget = BUDGETS.get(folder)
        note = f" of {budget}" if budget else ""
        over = "  OVER BUDGET" if budget and seconds > budget * 60 else ""
        terminalreporter.write_line(f"{folder:12} {seconds / 60:5.1f}{note}{over}")
