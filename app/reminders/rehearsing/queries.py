"""Reads for the rehearsal: a workshop, those on the same days with the same people, who is reminded, what is written already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.database import db
from app.errors import Missing
from app.outbox.models import Message, MessageItem
from app.registrations.models import Registration
from app.registrations.news import TOLD
from app.reminders.holding.queries import key_of
from app.reminders.models import Occurrence
from app.reminders.queries import largest_so_far, reminded
from app.workshops.models import SeatHold, Workshop

DAY = timedelta(hours=38)  # two that begin on one day of anybody's calendar lie at most so far apart, wherever that is
WAITS = ("pending", "held", "sending")


@dataclass(frozen=True)
class Written:
    """What a mail in the outbox is about: `key` is its item's, `zone` its reader's, empty for nobody we know."""

    topic: str
    key: str
    kind: str
    lang: str
    zone: str
    state: str
    leaves_at: datetime

    @property
    def waits(self) -> bool:
        """Whether it has not left yet."""
        return self.state in WAITS


@dataclass(frozen=True)
class Coordinator:
    """Somebody who is reminded of held seats, once under this key."""

    hold_id: int
    lang: str
    zone: str
    key: str


def workshop(workshop_id: int) -> Workshop:
    """The workshop with its words, days and held seats, in one read. Raises Missing."""
    more = joinedload(Workshop.texts), joinedload(Workshop.days), joinedload(Workshop.holds)
    found = db.session.scalars(select(Workshop).options(*more).where(Workshop.id == workshop_id)).unique().one_or_none()
    if found is None:
        raise Missing
    return found


def neighbours(of: Workshop) -> Sequence[Workshop]:
    """Others around the same day to which the same people come: their reminders may share a mail."""
    if of.starts_at is None:
        return []
    mine = select(Registration.person_id).where(Registration.workshop_id == of.id, Registration.state.in_(("confirmed", "waitlisted")))
    theirs = select(Registration.workshop_id).where(
        Registration.person_id.in_(mine), Registration.state.in_(("confirmed", "waitlisted")), Registration.workshop_id != of.id
    )
    wanted = select(Workshop).where(Workshop.state == "published", Workshop.id.in_(theirs))
    wanted = wanted.where(Workshop.starts_at.between(of.starts_at - DAY, of.starts_at + DAY))
    wanted = wanted.options(joinedload(Workshop.texts)).order_by(Workshop.starts_at, Workshop.id)
    return db.session.scalars(wanted).unique().all()


def occurrences(workshop_ids: Collection[int]) -> Sequence[Occurrence]:
    """All that stands on the clock with its rule, oldest generation first."""
    wanted = select(Occurrence).options(joinedload(Occurrence.rule)).where(Occurrence.workshop_id.in_(workshop_ids))
    wanted = wanted.order_by(Occurrence.generation, Occurrence.id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def people(workshop_ids: Collection[int]) -> tuple[list[Registration], int | None]:
    """Everybody who may be reminded of these workshops, as the scheduler finds them, and for how many a reminder was so far (which
    matters only where there is somebody), in one read."""
    known = contains_eager(Registration.workshop), contains_eager(Registration.person)
    wanted = reminded(select(Registration).options(*known), workshop_ids).add_columns(largest_so_far())
    rows = db.session.execute(wanted).all()
    return [row[0] for row in rows], rows[0][1] if rows else None


def written(workshop_ids: Collection[int]) -> list[Written]:
    """Reminders of these workshops that are in the outbox, whatever became of them, and the other mails that have not left."""
    columns = (MessageItem.topic, MessageItem.dedupe, Message.kind, Message.lang, func.coalesce(Person.zone, ""))
    wanted = select(*columns, Message.state, Message.next_at).join(MessageItem.message)
    wanted = wanted.outerjoin(Person, Person.id == Message.person_id)
    wanted = wanted.where(MessageItem.topic.in_([f"workshop:{number}" for number in workshop_ids]))
    wanted = wanted.where(or_(Message.kind.in_(("reminder", "hold_reminder")), Message.state.in_(WAITS)))
    return [Written(*row) for row in db.session.execute(wanted.order_by(Message.next_at, MessageItem.id))]


def told(workshop_id: int) -> dict[tuple[str, str], int]:
    """How many people hear of a workshop's changes, by how they stand to it and in which language."""
    wanted = select(Registration.state, Registration.lang, func.count()).join(Registration.person)
    wanted = wanted.where(Registration.workshop_id == workshop_id, Registration.state.in_(TOLD), Person.disabled_at.is_(None))
    return {(state, lang): number for state, lang, number in db.session.execute(wanted.group_by(Registration.state, Registration.lang))}


def coordinators(of: Workshop, now: datetime) -> list[Coordinator]:
    """Of the organisations that have held seats nobody uses yet."""
    if not any(hold.unused and hold.lapses_at > now for hold in of.holds):
        return []
    wanted = select(SeatHold.id, SeatHold.until, Person.id, Person.lang, Person.zone).select_from(SeatHold)
    belongs = and_(Affiliation.organisation_id == SeatHold.organisation_id, Affiliation.role == "coordinator", counting(now.date()))
    wanted = wanted.join(Affiliation, belongs).join(Person, Person.id == Affiliation.person_id)
    wanted = wanted.where(SeatHold.workshop_id == of.id, SeatHold.unused > 0, SeatHold.lapses_at > now, Person.disabled_at.is_(None))
    rows = db.session.execute(wanted.distinct())
    return [Coordinator(hold_id, lang, zone, key_of(hold_id, until, person_id)) for hold_id, until, person_id, lang, zone in rows]
