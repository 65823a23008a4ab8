"""Real processes that write digests, several at once and killed at random moments: everybody gets one, nobody two."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app import create_core
from app.database import db
from app.outbox.models import Message
from app.reminders.digest import service
from tests import factories
from tests.conftest import SETTINGS, MakeApp
from tests.membership.made import world
from tests.reminders.test_digest import MONDAY, crowd, workshop

fork = multiprocessing.get_context("fork")
PEOPLE, ROUNDS, WORKERS = 160, 6, 2


def write_until_killed(settings: dict[str, str]) -> None:
    """A scheduler's life, as far as digests go: silent, an app and connections of its own."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.nice(10)  # whoever is to kill it must not wait for it
    app = create_core(settings)
    while True:
        with app.app_context():
            service.write(now=MONDAY)
            db.session.remove()


def given(app: Flask) -> None:
    with app.app_context():
        of = world()
        workshop(of, date(2025, 6, 3))
        crowd(of, PEOPLE, 0)
        factories.person(of.umea)  # who does not want it
        db.session.remove()
        db.engine.dispose()  # a child must not share a connection


def written(app: Flask, more_than: int = -1) -> int:
    """How many digests are in the outbox, once there are more than so many, else after a minute. Leaves no connection behind for a
    child to share."""
    until = time.monotonic() + 60
    with app.app_context():
        while True:
            number = db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "digest")) or 0
            db.session.rollback()
            if number > more_than or time.monotonic() > until:
                break
        db.session.remove()
        db.engine.dispose()
    return number


def test_everybody_gets_one_and_nobody_two_however_often_writers_are_killed(database_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    app, chance = make_app(database_url), random.Random(7)
    given(app)
    settings = {**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": database_url, "LOCK_SECONDS": "30"}
    seen = [0]
    while seen[-1] < PEOPLE and len(seen) <= ROUNDS:
        workers = [fork.Process(target=write_until_killed, args=(settings,), daemon=True) for _one in range(WORKERS)]
        for worker in workers:
            worker.start()
        written(app, more_than=seen[-1])  # the first of them has just committed: the others are at it
        time.sleep(chance.uniform(0, 0.05))
        for worker in workers:
            worker.kill()
            worker.join()
        seen.append(written(app))
    assert 0 < seen[1] < PEOPLE, "killed in the middle"
    with app.app_context():
        service.write(now=MONDAY)
        copies = Counter(db.session.scalars(select(Message.person_id).where(Message.kind == "digest")))
        assert (len(copies), set(copies.values())) == (PEOPLE, {1})
        assert service.write(now=MONDAY) == 0
