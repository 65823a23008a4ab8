"""Mail: due reminders that leave, beside a bare loop of Flask-Mail over one connection with the same mails and the same server.

Both databases wait for the disk at each commit, as in production. A scheduler here is a process of its own that runs the job
`tick`; MAIL_PER_MINUTE is lifted, because it is what an installation wants to be slow.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import bindparam, func, select, update

from app import create_app, create_core
from app.clock import now
from app.database import db, transaction
from app.outbox import service as outbox
from app.outbox.models import Message
from app.reminders import service as reminders
from scheduler.jobs import Shift, deliver, run
from tests import servers
from tests.benchmarks.backlog import backlog
from tests.benchmarks.measure import database
from tests.benchmarks.people import gather
from tests.benchmarks.planning import planning
from tests.benchmarks.sink import Sink, bytes_loop, flask_mail_loop, sink
from tests.conftest import SETTINGS

ROUNDS, MAILS = 3, 2000
ONE, FOUR = 1.2, 2.0
fork = multiprocessing.get_context("fork")


def mail(_app: Flask | None = None) -> None:
    """All that is promised about mail."""
    delivering()
    planning()
    backlog()


def delivering() -> None:
    """One scheduler on SQLite, four on PostgreSQL: mails a second, the loop's, the ratio."""
    with sink() as server, tempfile.TemporaryDirectory() as folder:
        print(f"{MAILS} due reminders to {server.name}, a process of its own; medians of {ROUNDS} rounds, turn by turn")
        print(f"{'':<28}{'bytes alone/s':>15}{'Flask-Mail/s':>14}{'ours/s':>9}{'ratio':>8}")
        _measure("SQLite, one scheduler", f"sqlite:///{folder}/mail.sqlite", Path(folder), server, 1, ONE)
        try:
            with database() as url:
                _measure("PostgreSQL, four", url, Path(folder), server, 4, FOUR)
        except servers.NotHere as error:
            print(f"PostgreSQL: {error}")


def _measure(what: str, url: str, folder: Path, server: Sink, number: int, at_least: float) -> None:
    settings = {
        **SETTINGS,
        "INSTANCE": str(folder),
        "DATABASE_URL": url,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(server.port),
        "MAIL_MODE": "live",
        "MAIL_PER_MINUTE": "1000000",
    }
    app = create_app(settings)
    with app.app_context():
        upgrade()
        gather(workshops=MAILS // 100, people=100, rule_in=timedelta(minutes=1))
        reminders.plan(now())
        reminders.queue_due(now() + timedelta(minutes=1))
        bodies = {number: body for number, body in db.session.execute(select(Message.id, Message.body)) if body}
    assert len(bodies) == MAILS
    lines, loops, ours = [], [], []
    for _round in range(ROUNDS):
        lines.append(MAILS / bytes_loop(server.port, list(bodies.values())))
        loops.append(MAILS / flask_mail_loop(server.port, list(bodies.values())))
        with app.app_context():
            _put_back(bodies)
        ours.append(MAILS / _deliver(settings, number))
        with app.app_context():
            assert db.session.scalar(select(func.count()).where(Message.state == "sent", Message.attempts == 1)) == MAILS
            db.session.remove()
            db.engine.dispose()
    ratio = statistics.median(mine / loop for mine, loop in zip(ours, loops, strict=True))
    shown = f"{what:<28}{statistics.median(lines):>15.0f}{statistics.median(loops):>14.0f}{statistics.median(ours):>9.0f}{ratio:>8.2f}"
    print(f"{shown}{'' if ratio >= at_least else f'  below {at_least}'}", flush=True)


def _put_back(bodies: dict[UUID, bytes]) -> None:
    """All of them are due, as if none had ever left."""
    at = now()
    table: Any = Message.__table__
    wanted = update(table).where(table.c.id == bindparam("number"))
    fresh = {"state": "pending", "attempts": 0, "uncertain": 0, "due_at": at, "next_at": at, "sent_at": None}
    with transaction():
        values = wanted.values(body=bindparam("bytes"), expires_at=at + timedelta(hours=2), **fresh)
        db.session.connection().execute(values, [{"number": number, "bytes": body} for number, body in bodies.items()])
    db.session.remove()
    db.engine.dispose()


def _deliver(settings: dict[str, str], number: int) -> float:
    """Seconds from the word go, given to so many schedulers that have been up for a while, until the last has nothing left to do."""
    gate, ends = fork.Barrier(number + 1), fork.SimpleQueue()
    team: Sequence[Any] = [fork.Process(target=_work, args=(settings, gate, ends), daemon=True) for _number in range(number)]
    for one in team:
        one.start()
    gate.wait(60)
    start = time.perf_counter()
    last = max(float(ends.get()) for _one in team)
    for one in team:
        one.join(60)
    return last - start


def _work(settings: dict[str, str], gate: Barrier, ends: Any) -> None:
    """One scheduler: its job until nothing is due. It has looked before, as one that is up does every two seconds."""
    shift = Shift(create_core(settings))
    with shift.app.app_context():
        outbox.deliver_pending(stop=lambda: True)
        db.session.remove()
    gate.wait(60)
    while run(shift, deliver)["sent"]:
        pass
    ends.put(time.perf_counter())
