"""100,000 messages due at once: the rate is kept, the nearest workshop goes first, and memory stays as it is."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from datetime import timedelta
from multiprocessing.connection import Connection
from uuid import uuid4

from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from app import create_app, create_core
from app.clock import now
from app.database import db, transaction
from app.outbox import service as outbox
from app.outbox.models import Message
from scheduler.jobs import Shift, deliver, run
from tests.benchmarks.sink import sink
from tests.conftest import SETTINGS
from tests.outbox.made import WORDS, mail

MESSAGES, PER_MINUTE, LIFTED, AT_ONCE = 100_000, 600, 5_000, 10_000
MOST_MB = 300
spawn = multiprocessing.get_context("spawn")


def backlog() -> None:
    """One scheduler on SQLite: what it sends in its first minute, in which order, and what memory it takes at the very most."""
    with sink() as server, tempfile.TemporaryDirectory() as folder:
        settings = {
            **SETTINGS,
            "INSTANCE": folder,
            "DATABASE_URL": f"sqlite:///{folder}/backlog.sqlite",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(server.port),
            "MAIL_MODE": "live",
        }
        app = create_app(settings)
        with app.app_context():
            upgrade()
            _fill()
            print(f"{MESSAGES} messages due at once, to {server.name}")
            _measure(settings)
            db.session.remove()
            db.engine.dispose()


def _measure(settings: dict[str, str]) -> None:
    sent, seconds, tick, memory = _work({**settings, "MAIL_PER_MINUTE": str(PER_MINUTE)}, None)
    print(f"  {PER_MINUTE} a minute: {sent} in {seconds:.0f} s, then none until the minute is over; such a tick takes {tick * 1000:.0f} ms")
    print(f"  memory {memory:.0f} MB{'' if memory < MOST_MB else f'  above {MOST_MB}'}; in order: {_in_order()}")
    sent, seconds, _tick, more = _work({**settings, "MAIL_PER_MINUTE": "1000000"}, LIFTED)
    print(f"  not limited: {sent} at {sent / seconds:.0f}/s; memory {more:.0f} MB; in order: {_in_order()}", flush=True)


def _in_order() -> str:
    """Whether nothing that waits is nearer than anything that has left."""
    end = select(func.max(Message.rank_at)).where(Message.state == "sent").scalar_subquery()
    db.session.rollback()
    return "no" if db.session.scalar(select(func.count()).where(Message.state == "pending", Message.rank_at < end)) else "yes"


def _work(settings: dict[str, str], at_most: int | None) -> tuple[int, float, float, float]:
    """A scheduler of its own: how many it sent, in how many seconds, the seconds of an idle tick, its most memory in MB."""
    mine, theirs = spawn.Pipe()
    worker = spawn.Process(target=_deliver, args=(settings, at_most, theirs), daemon=True)
    worker.start()
    found: tuple[int, float, float, float] = mine.recv()
    worker.join(60)
    return found


def _deliver(settings: dict[str, str], at_most: int | None, answer: Connection) -> None:
    shift = Shift(create_core(settings), at_most=at_most)
    start = time.perf_counter()
    sent = run(shift, deliver)["sent"]
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    if at_most is None:
        sent += run(shift, deliver)["sent"]
    answer.send((sent, seconds, time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000))


def _fill() -> None:
    """Copies of one finished message, about workshops of the next hundred days in no order."""
    at = now()
    outbox.queue(mail(0, content=WORDS, due_at=at), now=at)
    first = db.session.query(Message).one()
    facts = {column.name: getattr(first, column.name) for column in Message.__table__.columns}
    for start in range(1, MESSAGES, AT_ONCE):
        rows = [
            facts | {"id": uuid4(), "message_id": f"<{number}@icld.se>", "rank_at": at + timedelta(hours=number * 7919 % 2400)}
            for number in range(start, min(start + AT_ONCE, MESSAGES))
        ]
        with transaction():
            db.session.execute(insert(Message), rows)
    db.session.remove()
