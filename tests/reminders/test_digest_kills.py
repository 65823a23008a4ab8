"""Real processes that write digests, several at once and killed at random moments: everybody gets one, nobody two."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections import Counter
from datetime import date
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import event, func, select

from app import create_core
from app.database import db
from app.outbox.models import Message
from app.reminders.digest import service
from tests import factories
from tests.conftest import SETTINGS, MakeApp
from tests.membership.made import world
from tests.reminders.test_digest import MONDAY, crowd, workshop

fork = multiprocessing.get_context("fork")
PEOPLE, ROUNDS, WORKERS = 400, 6, 2
FIRST, LAST = 30, 38  # statements of a writer, with which it has written fifty or more of them, and two have not written all


def write_until_killed(settings: dict[str, str], statements: int) -> None:
    """A scheduler's life, as far as digests go: silent, an app and connections of its own, and killed as by anybody when it has said
    so much to the database. From the first digest to the last it says a dozen things in a few milliseconds: no clock would hit that."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    app, said = create_core(settings), count()

    def say(*_statement: object) -> None:
        if next(said) == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", say)
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


def written(app: Flask) -> int:
    """How many digests are in the outbox. Leaves no connection behind for a child to share."""
    with app.app_context():
        number = db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "digest")) or 0
        db.session.remove()
        db.engine.dispose()
    return number


def test_everybody_gets_one_and_nobody_two_however_often_writers_are_killed(database_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    app, chance = make_app(database_url), random.Random(7)
    given(app)
    settings = {**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": database_url, "LOCK_SECONDS": "30"}
    seen = [0]
    while seen[-1] < PEOPLE and len(seen) <= ROUNDS:
        lives = [chance.randint(FIRST if len(seen) == 1 else 1, LAST) for _one in range(WORKERS)]
        workers = [fork.Process(target=write_until_killed, args=(settings, life), daemon=True) for life in lives]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert {worker.exitcode for worker in workers} == {-signal.SIGKILL}
        seen.append(written(app))
    assert 0 < seen[1] < PEOPLE, "killed in the middle"
    with app.app_context():
        service.write(now=MONDAY)
        copies = Counter(db.session.scalars(select(Message.person_id).where(Message.kind == "digest")))
        assert (len(copies), set(copies.values())) == (PEOPLE, {1})
        assert service.write(now=MONDAY) == 0
