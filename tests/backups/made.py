"""What tests of copies start from: a database with people and mails, the scheduler's jobs by hand, and a restore that tidies up."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
from flask import Flask, current_app
from sqlalchemy import func, make_url, select

from app.accounts.models import Person
from app.backups import restoring
from app.backups.restoring import Restored
from app.database import db
from app.outbox import service as outbox
from scheduler.jobs import Counts, Shift, deliver, plan_reminders, release_seats, run

KEY = "a key for copies that is long enough to be one"
fork = multiprocessing.get_context("fork")


def tick(app: Flask, at: datetime) -> Counts:
    """What the scheduler does in a minute: mails that one job wakes in another go too."""
    total = Counts()
    for job in (release_seats, plan_reminders, deliver, plan_reminders, deliver):
        total.update(run(Shift(app, at=at, at_most=1000), job))
    return total


def restore(file: Path, now: datetime, *, over: bool = True) -> Restored:
    """Puts the copy back, and throws away what PostgreSQL kept of the database that was there."""
    done = restoring.restore(file, over=over, now=now)
    url = make_url(current_app.config["CONFIG"].database_url)
    if done.aside and url.get_backend_name() == "postgresql":
        address = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{done.aside}" WITH (FORCE)'.encode())
    return done


def people() -> int:
    """How many there are, as the database stands now."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def beat(now: datetime) -> None:
    """A scheduler has just been here."""
    outbox.start_worker(now=now)


def forked(work: Callable[[], object]) -> multiprocessing.context.ForkProcess:
    """A child of this warm process that does the work and ends at once; it shares no connection with us."""
    db.session.remove()
    db.engine.dispose()

    def child() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  the parent reads the number
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(3)
        os._exit(0)

    process = fork.Process(target=child)
    process.start()
    return process
