"""Reads of dates that are near, of who is to hear of them, and of what has been written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from app.accounts.models import Person
from app.database import db
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.entries import Dated, dated
from app.membership.partnership.queries import those_of
from app.membership.partnership.rules import DEADLINES
from app.outbox.models import Message, MessageItem
from app.outbox.service import MAY_LEAVE
from app.reminders.partnership.rules import MOST_DAYS, PAST, Day


class Reader(NamedTuple):
    """Somebody who belongs to a partnership. `answers`: for its reports."""

    person: Person
    answers: bool


def subject(event_id: int) -> str:
    """What mails about a date are taken back by."""
    return f"partnership_event:{event_id}"


def day_of(row: Dated) -> Day:
    """A date as the rules see it."""
    starts_at, ends_at = (None, None) if row.starts is None else (row.starts_at, row.ends_at)
    since = row.moved_at or row.created_at
    return Day(row.kind, row.starts_on, row.ends_on, starts_at, ends_at, since, row.done, row.cancelled)


def near(now: datetime) -> list[Dated]:
    """All dates that may have a reminder due."""
    open_ = or_(PartnershipEvent.done.is_(False), PartnershipEvent.kind.not_in(DEADLINES))
    span = (PartnershipEvent.ends_at > now - PAST, PartnershipEvent.starts_at < now + MOST_DAYS)
    return dated(*span, PartnershipEvent.cancelled.is_(False), open_)


def readers(partnership_ids: Iterable[int], on: date, only: int | None = None, *, still: bool = False) -> dict[int, list[Reader]]:
    """Who belongs to each of these partnerships on a day and wants such mails; `still`: and keeps wanting them until the commit."""
    pairs = those_of(list(partnership_ids), on).subquery()
    wanted = select(pairs.c.partnership_id, pairs.c.answers, Person).join(Person, Person.id == pairs.c.person_id)
    wanted = wanted.where(Person.disabled_at.is_(None), Person.partnerships_off.is_(False))
    if only is not None:
        wanted = wanted.where(Person.id == only)
    if still:  # whoever says just now that they want none waits for us, and then takes back what is written here
        wanted = wanted.with_for_update(read=True, of=Person).execution_options(populate_existing=True)
    found: dict[int, dict[int, Reader]] = defaultdict(dict)
    for partnership_id, answers, person in db.session.execute(wanted.order_by(Person.id, pairs.c.answers)):
        found[partnership_id][person.id] = Reader(person, answers)  # of two rows of one person the one who answers is the last
    return defaultdict(list, {number: list(those.values()) for number, those in found.items()})


def concerned(readers: Iterable[Reader], kind: str) -> list[Person]:
    """Who of them hears of a date of this kind: of a report only whoever answers for it."""
    return [one.person for one in readers if hears(one, kind)]


def hears(reader: Reader, kind: str) -> bool:
    """Whether a date of this kind concerns somebody."""
    return reader.answers or kind != "report"


def stray(person_id: int, on: date) -> list[UUID]:
    """The mails written to somebody about dates of which they are to hear no more."""
    wanted = select(MessageItem.subject, Message.id).join(MessageItem.message)
    wanted = wanted.where(Message.person_id == person_id, Message.kind == "partnership", Message.state.in_(MAY_LEAVE))
    mails = [(int(about.rpartition(":")[2]), number) for about, number in db.session.execute(wanted)]
    rows = {row.id: row for row in dated(PartnershipEvent.id.in_([event for event, _number in mails]))} if mails else {}
    those = readers({row.partnership_id for row in rows.values()}, on) if rows else {}
    theirs = {key for key, row in rows.items() if any(one.id == person_id for one in concerned(those[row.partnership_id], row.kind))}
    return [number for event, number in mails if event not in theirs]


def written(event_ids: Sequence[int]) -> dict[str, bool]:
    """Of each mail about these dates, by what it was written under: whether it stands, or was replaced before it had left."""
    wanted = select(MessageItem.dedupe, Message.state, Message.sent_at).join(MessageItem.message)
    rows = db.session.execute(wanted.where(MessageItem.subject.in_([subject(number) for number in event_ids]))).all() if event_ids else []
    return {dedupe: state != "superseded" or sent_at is not None for dedupe, state, sent_at in rows}


def hold(partnership_id: int) -> None:
    """Holds a partnership until the commit, as whoever changes its dates does. SQLite has one writer anyway."""
    db.session.execute(select(Partnership.id).where(Partnership.id == partnership_id).with_for_update()).all()
