"""`python -m scheduler --once`: every job once, as if the clock showed an instant, and one line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.clock import now
from app.config import ROOT
from app.database import transaction
from scheduler.__main__ import main, once
from tests.conftest import SETTINGS, MakeApp
from tests.factories import NOW
from tests.outbox.made import message, queued, states
from tests.reminders.made import at, reminders, world

DUE = at("America/Bogota", 2025, 5, 27, 9, 30)


@pytest.fixture
def everywhere(database_url: str, make_app: MakeApp) -> Flask:
    return make_app(database_url, MAIL_ALLOWLIST="@umea.example,@bogota.example,@there.example")


def run(app: Flask, capsys: pytest.CaptureFixture[str], instant: object = None) -> dict[str, int]:
    assert once(app, instant) == 0  # type: ignore[arg-type]
    counts: dict[str, int] = json.loads(capsys.readouterr().out)
    return counts


def some(counts: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in counts.items() if number}


def test_reminders_that_are_due_at_that_instant_go_once(everywhere: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with everywhere.app_context():
        world()
    assert some(run(everywhere, capsys, NOW)) == {"planned": 2, "sent": 2}  # the confirmations
    assert some(run(everywhere, capsys, DUE)) == {"queued": 2, "sent": 2}
    assert some(run(everywhere, capsys, DUE)) == {}
    with everywhere.app_context():
        assert [mail.recipient for mail in reminders("sent")] == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_after_a_long_silence_the_useful_goes_and_the_rest_is_missed_and_counted(
    everywhere: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    with everywhere.app_context():
        world()
    done = run(everywhere, capsys, at("America/Bogota", 2025, 6, 3, 8))
    assert done["missed"] == 4  # two confirmations, and two reminders an hour before the start
    assert (done["sent"], done["errors"]) == (0, 0)
    with everywhere.app_context():
        assert set(states().values()) == {"expired"}


def test_it_ends_when_nothing_more_is_due_however_much_there_is(everywhere: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with everywhere.app_context():
        for number in range(120):
            queued(number)
    assert some(run(everywhere, capsys, NOW)) == {"sent": 120}


def test_looking_ahead_throws_nothing_away(everywhere: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with everywhere.app_context():
        for number, age in ((1, 1), (2, 91)):
            with transaction():
                queued(number, now() - timedelta(days=age)).state = "failed"
    assert some(run(everywhere, capsys, now() + timedelta(days=365))) == {"purged": 1}
    with everywhere.app_context():
        assert (message(1).body is None, message(2).body is None) == (False, True)


def test_the_command_prints_one_line_of_json_and_ends_well(sqlite_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    with make_app(sqlite_url).app_context():
        queued(1)
    settings = {**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": sqlite_url, "MAIL_MODE": "live"}
    command = [sys.executable, "-m", "scheduler", "--once", "--at", NOW.isoformat()]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")
    counts = json.loads(done.stdout)
    assert counts["sent"] == 1
    assert {"planned", "sent", "failed", "missed"} <= counts.keys()
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1


@pytest.mark.parametrize("text", ["tomorrow", "2026-03-18", "2026-03-18T09:00:00", ""])
def test_an_instant_needs_date_time_and_offset(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--once", "--at", text])
    assert end.value.code == 2
    assert "give date, time and offset" in capsys.readouterr().err
