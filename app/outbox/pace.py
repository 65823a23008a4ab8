"""How fast mail leaves, all processes together: MAIL_PER_MINUTE, and less while the server asks for less at once."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.database import db, end_reading, transaction
from app.outbox.models import Message, Switch, Worker
from app.outbox.queries import slowed
from app.outbox.rules import SLOWED, WINDOW, halvings_after, rate

logger = logging.getLogger(__name__)
RECOUNT, MOST = 50, 200  # messages between two looks at what all processes have sent: a hundredth of what a minute takes, within these


def room(limit: int, clock: datetime) -> int:
    """How many may leave before the next look. Near the limit it is one: several workers share the minute, and each that
    took many at once would take them on top of the others'. What --at has sent in days to come does not count."""
    end_reading()
    wanted = select(func.count()).where(Message.sent_at > clock - WINDOW, Message.sent_at <= clock, Message.state == "sent")
    in_hand = select(func.count()).where(Message.state == "sending")
    whole = rate(limit, slowed(clock))
    left: int = whole - db.session.scalars(wanted).one() - db.session.scalars(in_hand).one()
    team = db.session.scalars(select(func.count()).where(Worker.beat_at > clock - WINDOW)).one()
    end_reading()
    many = min(max(RECOUNT, whole // 100), MOST)
    return many if left > many * (team + 1) else min(left, 1)


def slow_down(limit: int, clock: datetime) -> None:
    """Half as many a minute from here on, for all processes: the server has said "too much at once"."""
    with transaction() as session:
        row = session.get(Switch, SLOWED, with_for_update=True)
        times = halvings_after(int(row.value), clock - row.at, limit) if row else halvings_after(0, None, limit)
        if times is not None:
            throw(SLOWED, str(times), clock)
            logger.warning("the server asks for less at once: %s a minute for now", rate(limit, times))


def throw(name: str, value: str, at: datetime) -> None:
    """Sets a switch of our own, inside the open transaction."""
    insert = insert_postgresql if db.session.get_bind().dialect.name == "postgresql" else insert_sqlite
    wanted = insert(Switch).values(name=name, value=value, at=at, by="")
    db.session.execute(wanted.on_conflict_do_update(index_elements=["name"], set_={"value": value, "at": at, "by": ""}))
