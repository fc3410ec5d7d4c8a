"""Counts the port suites per backend: every backend passes the same number of tests, none skips."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

BACKENDS = {
    "store": ("fake", "sqlite", "postgresql"),
    "chain": ("fake", "embedded", "anvil"),
}


class Tally:
    """What ran on which backend; `tests/ports/test_<port>*.py` names the port."""

    def __init__(self) -> None:
        self.passed: Counter[tuple[str, str]] = Counter()
        self.skipped: list[str] = []

    def complaints(self) -> list[str]:
        found = [f"{nodeid} was skipped" for nodeid in self.skipped]
        for port, backends in BACKENDS.items():
            # A run of one backend alone is a developer's choice; a run of several is compared.
            counts = {self.passed[port, name] for name in backends} - {0}
            if len(counts) > 1:
                found.append(f"{port} port: the backends passed different numbers of tests")
        return found


TALLY = pytest.StashKey[Tally]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLY] = tally = Tally()
    config.pluginmanager.register(Counting(tally))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        port = Path(item.path).stem.removeprefix("test_").partition("_")[0]
        marker = item.get_closest_marker("backend")
        if marker and port in BACKENDS:
            item.user_properties.append(("backend", (port, marker.args[0])))


class Counting:
    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        where: Any = dict(report.user_properties).get("backend")
        if where and report.skipped:
            self.tally.skipped.append(report.nodeid)
        if where and report.when == "call" and report.passed:
            self.tally.passed[tuple(where)] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash[TALLY].complaints() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tally = config.stash[TALLY]
    for port, backends in BACKENDS.items():
        if any(tally.passed[port, name] for name in backends):
            counts = ", ".join(f"{name} {tally.passed[port, name]}" for name in backends)
            terminalreporter.write_line(f"{port} port: {counts}")
    for complaint in tally.complaints():
        terminalreporter.write_line(complaint, red=True)
