"""/healthz, /readyz, /health/scheduler."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.clock import now
from app.database import transaction
from app.outbox import service
from tests.conftest import MakeApp
from tests.outbox.made import STAFF, queued


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
    service.start_worker(now=now())
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"]) == (200, "ok")
    assert answer.headers["Cache-Control"] == "no-store"


def test_silence_is_an_alarm(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/health/scheduler").status_code == 503
    worker = service.start_worker(now=now() - timedelta(seconds=301))
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"]) == (503, "silent")
    service.beat(worker, now=now() - timedelta(seconds=280))
    assert client.get("/health/scheduler").status_code == 200


def test_a_mail_that_has_waited_for_ten_minutes_is_an_alarm(app: Flask) -> None:
    client = app.test_client()
    service.start_worker(now=now())
    queued(1, now() - timedelta(minutes=9))
    assert client.get("/health/scheduler").status_code == 200
    queued(2, now() - timedelta(minutes=11))
    answer = client.get("/health/scheduler")
    assert (answer.status_code, told(answer)["status"], told(answer)["due"]) == (503, "behind", 2)


def test_a_forgotten_pause_is_seen(app: Flask) -> None:
    service.pause(by=STAFF, now=now())
    assert told(app.test_client().get("/health/scheduler"))["paused"] is True
