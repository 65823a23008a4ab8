"""What staff look at before mail goes out again: what would go now, and what the journal keeps back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from app.database import db
from app.outbox.journal import open_journal
from app.outbox.models import Message
from app.outbox.queries import PutBack
from app.reminders.models import Occurrence


@dataclass(frozen=True)
class Ahead:
    """`rows` would go now, the nearest workshop first, `number` of them in all; `known` left after the copy was made and will not go
    again; `unwritten` reminders are due that the scheduler has not written yet; `left` mails went between the copy and its return."""

    rows: Sequence[Message]
    number: int
    known: int
    unwritten: int
    left: int


def ahead(copy: PutBack, now: datetime, limit: int) -> Ahead:
    """What letting mail go out would do at this instant. Raises OSError where the journal cannot be read."""
    journal = open_journal()
    journal.read_since(copy.copied_at, now)
    wanted = select(Message.id, Message.message_id, Message.next_at).order_by(Message.rank_at, Message.next_at)
    due = db.session.execute(wanted.where(Message.state == "pending", Message.next_at <= now, Message.expires_at > now)).all()
    would = [number for number, name, next_at in due if (at := journal.sent_at(name)) is None or at <= next_at]
    shown = select(Message).where(Message.id.in_(would[:limit])).order_by(Message.rank_at, Message.next_at)
    unwritten = select(func.count()).select_from(Occurrence).where(Occurrence.state == "planned", Occurrence.due_at <= now)
    return Ahead(
        rows=db.session.scalars(shown.options(defer(Message.body, raiseload=True))).all(),
        number=len(would),
        known=len(due) - len(would),
        unwritten=db.session.scalar(unwritten) or 0,
        left=journal.number_since(copy.copied_at),
    )
