"""/healthz, /readyz, /health/scheduler."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.clock import now
from app.database import transaction
from app.outbox import service
from app.outbox.queries import WATCHED
from app.reminders.models import Occurrence
from scheduler.jobs import Shift, plan_reminders, release_seats, run
from tests import factories
from tests.conftest import MakeApp
from tests.outbox.made import STAFF, queued
from tests.reminders.made import rule


def alive(at: datetime) -> UUID:
    """A scheduler that has just done all its work."""
    for job in WATCHED:
        service.finished(job, now=at)
    return service.start_worker(now=at)


def due(at: datetime) -> None:
    """A reminder that should have been written then."""
    workshop = factories.workshop(factories.network())
    reminder = rule(workshop)
    with transaction() as session:
        values = {"rule_id": reminder.id, "workshop_id": workshop.id, "subject": f"workshop:{workshop.id}", "zone": "Europe/Stockholm"}
        session.add(Occurrence(due_at=at, useful_until=at + timedelta(days=1), workshop_version=1, **values))


def told(answer: TestResponse) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(answer.get_data())
    return facts


def test_a_process_that_lives_says_so_even_without_a_database(make_app: MakeApp, tmp_path: Path) -> None:
    client = make_app(f"sqlite:///{tmp_path / 'empty.sqlite'}").test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")
    assert client.get("/readyz").status_code == 503
    assert client.get("/health/scheduler").status_code == 503


def test_it_is_ready_when_the_database_is_at_the_version_of_the_code(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/readyz")
    assert (answer.status_code, "db upgrade" in answer.text) == (503, True)


def test_the_scheduler_is_well_when_it_beats_and_nothing_waits(app: Flask) -> None:
    client = app.test_client()
    alive(now())
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"]) == (200, "ok")
    assert answer.headers["Cache-Control"] == "no-store"


def test_silence_is_an_alarm(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/health/scheduler").status_code == 503
    worker = alive(now() - timedelta(seconds=301))
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"]) == (503, "silent")
    service.beat(worker, now=now() - timedelta(seconds=280))
    assert client.get("/health/scheduler").status_code == 503
    alive(now() - timedelta(seconds=280))
    assert client.get("/health/scheduler").status_code == 200


@pytest.mark.parametrize("job", WATCHED)
def test_a_job_that_never_comes_to_its_end_is_an_alarm_though_the_process_lives(lite: Flask, job: str) -> None:
    client = lite.test_client()
    alive(now())
    service.finished(job, now=now() - timedelta(seconds=301))
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"]) == (503, "silent")


def test_a_planner_that_cannot_plan_gives_no_sign_of_life(lite: Flask, caplog: pytest.LogCaptureFixture) -> None:
    shift = Shift(lite)
    service.start_worker(now=now())
    run(shift, release_seats)
    run(shift, plan_reminders)
    assert lite.test_client().get("/health/scheduler").status_code == 200
    with transaction() as session:
        session.execute(text("DELETE FROM beat"))
        session.execute(text("DROP TABLE occurrence"))
    assert run(shift, plan_reminders) == {"errors": 1}
    with transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM beat")) == 0


def test_a_clock_that_was_set_back_is_an_alarm_until_the_scheduler_starts_again(lite: Flask) -> None:
    client = lite.test_client()
    alive(now() + timedelta(hours=3))
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"]) == (503, "silent")
    alive(now())
    assert client.get("/health/scheduler").status_code == 200


def test_a_reminder_that_has_waited_for_ten_minutes_to_be_written_is_an_alarm(lite: Flask) -> None:
    client = lite.test_client()
    alive(now())
    due(now() - timedelta(minutes=9))
    assert client.get("/health/scheduler").status_code == 200
    due(now() - timedelta(minutes=11))
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"]) == (503, "behind")


def test_a_mail_that_has_waited_for_ten_minutes_is_an_alarm(app: Flask) -> None:
    client = app.test_client()
    alive(now())
    queued(1, now() - timedelta(minutes=9))
    assert client.get("/health/scheduler").status_code == 200
    queued(2, now() - timedelta(minutes=11))
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"], told(answer)["due"]) == (503, "behind", 2)


def test_a_forgotten_pause_is_seen(app: Flask) -> None:
    service.pause(by=STAFF, now=now())
    assert told(app.test_client().get("/health/scheduler"))["paused"] is True
