"""The table of jobs, and the process that runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask
from sqlalchemy import select

from app.clock import now
from app.config import ROOT
from app.database import db, transaction
from app.mailer.transport import hang_up
from app.outbox import service
from app.outbox.models import Worker
from app.registrations import guests
from scheduler import jobs
from scheduler.__main__ import close
from scheduler.jobs import JOBS, Counts, Shift, run
from tests import factories
from tests.conftest import SETTINGS, MakeApp
from tests.factories import NOW
from tests.outbox.made import message, queued
from tests.reminders.made import at, world
from tests.servers import Mailbox, free_port, held


def test_these_are_the_jobs_and_there_is_no_other() -> None:
    assert [(job.name, job.work) for job in JOBS] == [
        ("tick", jobs.deliver),
        ("seats", jobs.release_seats),
        ("papers", jobs.issue_certificates),
        ("plan", jobs.plan_reminders),
        ("commitment", jobs.mind_the_commitment),
        ("letters", jobs.close_letters),
        ("bounces", jobs.read_bounces),
        ("clocks", jobs.mind_the_clocks),
        ("nightly", jobs.forget),
        ("calendars", jobs.turn_calendars),
        ("needs", jobs.purge_needs),
        ("backup", jobs.back_up),
    ]


def test_the_job_that_plans_puts_reminders_on_the_clock_and_writes_what_is_due(lite: Flask) -> None:
    world()
    assert run(Shift(lite, at=NOW), jobs.plan_reminders) == Counts(planned=2)
    assert run(Shift(lite, at=at("America/Bogota", 2025, 5, 27, 9, 30)), jobs.plan_reminders) == Counts(queued=2)


def test_a_database_that_is_held_and_a_server_that_is_gone_are_survived_and_everything_goes_afterwards(
    database_url: str, make_app: MakeApp, smtp: tuple[Mailbox, int]
) -> None:
    mailbox, port = smtp
    settings = {"LOCK_SECONDS": "1", "MAIL_SERVER": "127.0.0.1", "MAIL_ALLOWLIST": "@there.example"}
    gone = Shift(make_app(database_url, **settings, MAIL_PORT=str(free_port())))
    with gone.app.app_context():
        for number in range(20):
            queued(number, now())
    with held(database_url):
        assert run(gone, jobs.deliver) == Counts(errors=1)
    assert run(gone, jobs.deliver)["again"] == 1
    with held(database_url):
        assert run(gone, jobs.deliver) == Counts(errors=1)
    back = Shift(make_app(database_url, **settings, MAIL_PORT=str(port)), worker=gone.worker, at_most=1000)
    assert run(back, jobs.deliver)["sent"] == 20
    with back.app.app_context():
        hang_up()
    assert len(mailbox.raw) == 20


def test_a_seat_that_lapses_is_released_by_a_job_of_its_own(lite: Flask) -> None:
    workshop = factories.workshop(factories.network(), capacity=1, access="open")
    guest = guests.Guest("G", "g@there.example", None, "", "sv", "Europe/Stockholm")
    guests.register_guest(workshop.id, guest, now=NOW)
    assert run(Shift(lite, at=NOW + timedelta(minutes=29)), jobs.release_seats) == Counts(released=0)
    assert run(Shift(lite, at=NOW + timedelta(minutes=31)), jobs.release_seats) == Counts(released=1)


def test_nothing_escapes_from_a_job(lite: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_shift: Shift) -> Counts:
        message = "no"
        raise ZeroDivisionError(message)

    assert run(Shift(lite), broken) == Counts(errors=1)
    assert "broken did not finish" in caplog.text


def test_a_database_without_tables_is_one_line_in_the_log(tmp_path: Path, make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert run(Shift(app), jobs.deliver) == Counts(errors=1)
    assert caplog.text.count("\n") == 1
    assert "no such table" in caplog.text


def test_the_nightly_job_forgets_old_bodies_and_dead_workers(lite: Flask) -> None:
    with transaction():
        queued(1, now() - timedelta(days=91)).state = "failed"
    old, young = (service.start_worker(now=now() - timedelta(days=days)) for days in (8, 1))
    assert run(Shift(lite), jobs.forget) == Counts(purged=1)
    with lite.app_context():
        assert message(1).body is None
        assert list(db.session.scalars(select(Worker.id))) == [young] != [old]


def test_the_process_says_what_it_serves_beats_and_ends_when_asked(sqlite_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(sqlite_url)
    with app.app_context():
        queued(1, now())
    settings = {**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": sqlite_url, "MAIL_MODE": "live"}
    command = [sys.executable, "-m", "scheduler"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while time.monotonic() < end and not list(tmp_path.glob("mail/*.eml")):
            time.sleep(0.1)
        with app.app_context():
            age = service.heartbeat_age(now())
        process.send_signal(signal.SIGTERM)
        _out, words = process.communicate(timeout=30)
    assert process.returncode == 0
    assert age is not None
    assert age < timedelta(seconds=30)
    assert len(list(tmp_path.glob("mail/*.eml"))) == 1
    assert f"mail to files in {tmp_path / 'mail'}" in words
    assert "The scheduler has stopped." in words


@pytest.mark.parametrize("waits", [True, False], ids=["waits", "the control: does not"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_who_is_asked_to_end_before_it_has_begun_ends(*, waits: bool) -> None:
    scheduler = BlockingScheduler(timezone=UTC)
    ending = threading.Thread(target=close if waits else scheduler.shutdown, args=(scheduler,) if waits else (), daemon=True)
    ending.start()
    ending.join(0.1)
    loop = threading.Thread(target=scheduler.start, daemon=True)
    loop.start()
    loop.join(20 if waits else 0.5)
    ended = not loop.is_alive()
    if not ended:
        scheduler.shutdown()
        loop.join(20)
    assert ended is waits
