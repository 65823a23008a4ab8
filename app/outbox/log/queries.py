"""Reads of the log: rows and how many of each tab, one mail, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import defer, selectinload

from app.database import db
from app.errors import Missing
from app.outbox.bounces.models import Bounce
from app.outbox.log.filters import Filter
from app.outbox.models import Message, MessageItem
from app.outbox.shown import FILTERS

MOST_QUESTIONS = 5  # words of one search
Wanted = Sequence[ColumnElement[bool]]


def narrowed(by: Filter, zone: str) -> Wanted:
    """What a filter says, but for its tab."""
    wanted: list[ColumnElement[bool]] = []
    if by.kind:
        wanted.append(Message.kind == by.kind)
    if by.first:
        wanted.append(Message.due_at >= _midnight(by.first, zone))
    if by.last:
        wanted.append(Message.due_at < _midnight(by.last + timedelta(days=1), zone))
    return [*wanted, *(_has(word) for word in by.words.split()[:MOST_QUESTIONS])]


def of_person(person_id: int) -> Wanted:
    """The mails to one person."""
    return [Message.person_id == person_id]


def of_topic(topic: str) -> Wanted:
    """The mails about one thing; one mail may be about several, and stands in the log of each."""
    return [Message.id.in_(select(MessageItem.message_id).where(MessageItem.topic == topic))]


def tabs(wanted: Wanted) -> dict[str, int]:
    """How many mails each tab has."""
    asked = select(Message.state, func.count(), func.count().filter(_came_back())).where(*wanted).group_by(Message.state)
    rows = [(state, number, back) for state, number, back in db.session.execute(asked)]
    found = {tab: sum(number for state, number, _back in rows if not states or state in states) for tab, states in FILTERS.items()}
    return found | {"returned": sum(back for _state, _number, back in rows)}


def page(wanted: Wanted, tab: str, *, limit: int, offset: int) -> Sequence[Message]:
    """The mails of a tab, the newest first, without their bytes."""
    asked = select(Message).where(*wanted)
    if tab == "returned":
        asked = asked.where(_came_back())
    elif FILTERS[tab]:
        asked = asked.where(Message.state.in_(FILTERS[tab]))
    asked = asked.order_by(Message.due_at.desc(), Message.recipient_name, Message.id).limit(limit).offset(offset)
    return db.session.scalars(asked.options(defer(Message.body, raiseload=True))).all()


def get(message_id: UUID) -> Message:
    """One mail with its bytes and what it is about. Raises Missing."""
    found = db.session.get(Message, message_id, options=[selectinload(Message.items)])
    if found is None:
        raise Missing
    return found


def _came_back() -> ColumnElement[bool]:
    return exists().where(Bounce.message_id == Message.id, Bounce.kind == "hard")


def _has(word: str) -> ColumnElement[bool]:
    """A word of the name or the address. SQLite knows small and capital letters of ASCII alone: so both are asked for."""
    forms = {word, word.lower(), word.upper(), word.capitalize()}
    columns = (Message.recipient, Message.recipient_name)
    return or_(*(column.icontains(form, autoescape=True) for column in columns for form in sorted(forms)))


def _midnight(on: date, zone: str) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(zone)).astimezone(UTC)
