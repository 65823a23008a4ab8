"""Names what could not run on this machine: how many tests, why, and how to get it."""

from __future__ import annotations

import os
from collections import Counter
from typing import NoReturn

import pytest

from tests.servers import NotHere

MARK = "cannot run here: "


def skip(error: NotHere) -> NoReturn:
    """Leaves this test out, and has it named at the end of the run."""
    pytest.skip(f"{MARK}{error}")


def report(reporter: pytest.TerminalReporter) -> None:
    """The block at the end of the run; nothing when everything ran."""
    counted = _counted(reporter)
    if counted:
        reporter.section("could not run on this machine", sep="=", yellow=True)
    for why, number in sorted(counted.items()):
        reporter.write_line(f"NOT RUN: {number} {'test' if number == 1 else 'tests'}, {why}")


def judge(session: pytest.Session) -> None:
    """Turns a green run into a failed one if CI is set and something could not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK and reporter is not None and _counted(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _counted(reporter: pytest.TerminalReporter) -> Counter[str]:
    counted: Counter[str] = Counter()
    for skipped in reporter.stats.get("skipped", []):
        reason = skipped.longrepr[2] if isinstance(skipped.longrepr, tuple) else str(skipped.longrepr)
        _, found, why = reason.partition(MARK)
        counted.update([why] if found else [])
    return counted
