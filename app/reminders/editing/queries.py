"""Reads for the page of rules: which there are, what they would do, and what of them stands on the clock or waits to leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from app.accounts.models import Person
from app.attendance.queries import were_there
from app.database import db
from app.errors import Missing
from app.organisations.models import Network
from app.outbox.models import Message, MessageItem
from app.registrations.models import Registration
from app.registrations.queries import Unsent, full
from app.registrations.travelling import without_letter
from app.reminders.models import Occurrence, ReminderRule
from app.reminders.queries import AFTER_THE_END
from app.reminders.rules import Standing, Whom
from app.workshops.models import Workshop

WAITING = ("pending", "held", "sending")
SHOWN = 12  # coming workshops of a network on the page of one rule


@dataclass(frozen=True)
class Place:
    """Whose rules they are: a network's, or those of one of its workshops."""

    network: Network
    workshop: Workshop | None = None

    @property
    def topic(self) -> str:
        """What the audit calls it."""
        return f"workshop:{self.workshop.id}" if self.workshop else f"network:{self.network.id}"

    @property
    def columns(self) -> dict[str, int]:
        """What a row of its own says of it."""
        return {"workshop_id": self.workshop.id} if self.workshop else {"network_id": self.network.id}


def own(place: Place) -> Sequence[ReminderRule]:
    """The rules that are edited here, also those switched off, in the order in which they were made."""
    return db.session.scalars(select(ReminderRule).filter_by(**place.columns).order_by(ReminderRule.id)).all()


def of_network(network_id: int) -> Sequence[ReminderRule]:
    """A network's rules, also those switched off."""
    return db.session.scalars(select(ReminderRule).where(ReminderRule.network_id == network_id).order_by(ReminderRule.id)).all()


def get(place: Place, rule_id: int) -> ReminderRule:
    """One that is edited here. Raises Missing, also for another place's."""
    rule = db.session.scalars(select(ReminderRule).filter_by(id=rule_id, **place.columns)).one_or_none()
    if rule is None:
        raise Missing
    return rule


def workshops(place: Place, now: datetime) -> Sequence[Workshop]:
    """Those that the place's rules may still do something for, the nearest first; the rows alone."""
    wanted = select(Workshop).where(_belongs(place), Workshop.state != "draft", Workshop.ends_at > now - AFTER_THE_END)
    return db.session.scalars(wanted.order_by(Workshop.starts_at, Workshop.id).execution_options(populate_existing=True)).all()


def coming(place: Place, now: datetime) -> Sequence[Workshop]:
    """The nearest of the published ones that are not over, with their titles."""
    wanted = select(Workshop).where(_belongs(place), Workshop.state == "published", Workshop.ends_at > now)
    wanted = wanted.options(selectinload(Workshop.texts)).order_by(Workshop.starts_at, Workshop.id)
    return db.session.scalars(wanted.limit(SHOWN)).all()


def _belongs(place: Place) -> ColumnElement[bool]:
    return Workshop.id == place.workshop.id if place.workshop else Workshop.network_id == place.network.id


def meant(whom: Whom, workshop_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many people of each workshop a rule would be for as things are now, by their clocks."""
    comes_as = func.coalesce(Registration.comes_as, Person.kind)
    state = "confirmed" if whom.audience == "attended" else whom.audience
    wanted = select(Registration.workshop_id, Registration.id, Person.zone, comes_as, Registration.organisation_id)
    wanted = wanted.join(Registration.person).where(Registration.workshop_id.in_(workshop_ids), Registration.state == state)
    rows = db.session.execute(
        wanted.where(Person.disabled_at.is_(None), Registration.reminders_off.is_(False), Person.reminders_off.is_(False))
    ).all()
    there = were_there(workshop_ids) if whom.audience == "attended" or whom.absent else frozenset()
    letterless = without_letter(Registration.workshop_id.in_(workshop_ids)) if whom.letterless else frozenset()
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for workshop_id, number, zone, kind, organisation_id in rows:
        lacks_letter = number in letterless
        one = Standing(state, number in there, noted=True, comes_as=kind, organisation_id=organisation_id, lacks_letter=lacks_letter)
        if whom.takes(one):
            found[workshop_id][zone] += 1
    return found


def occurrences(rule_id: int, workshop_ids: Sequence[int]) -> dict[int, list[Occurrence]]:
    """What of a rule stands on the clock, by workshop, oldest generation first."""
    wanted = select(Occurrence).where(Occurrence.rule_id == rule_id, Occurrence.workshop_id.in_(workshop_ids))
    found: dict[int, list[Occurrence]] = defaultdict(list)
    for row in db.session.scalars(wanted.order_by(Occurrence.generation, Occurrence.id).execution_options(populate_existing=True)):
        found[row.workshop_id].append(row)
    return found


def waiting(rule_id: int, workshop_ids: Sequence[int]) -> Sequence[Message]:
    """Reminders of a rule about these workshops that have been written and have not left, with all their items."""
    about = select(MessageItem.message_id).where(MessageItem.dedupe.startswith(f"rule:{rule_id}:"), _about(workshop_ids))
    wanted = select(Message).where(Message.kind == "reminder", Message.state.in_(WAITING), Message.id.in_(about))
    return db.session.scalars(wanted.options(selectinload(Message.items)).execution_options(populate_existing=True)).all()


def reminded_of_offers(workshop_ids: Sequence[int]) -> list[Unsent]:
    """The reminders of offered seats that have not left."""
    wanted = select(Message.kind, MessageItem.dedupe, Message.id).join(MessageItem.message)
    wanted = wanted.where(Message.kind == "offer_reminder", Message.state.in_(WAITING), _about(workshop_ids))
    return [Unsent(*row) for row in db.session.execute(wanted)]


def offered(workshop_ids: Sequence[int]) -> Sequence[Registration]:
    """The open offers of these workshops, of those who are written to."""
    wanted = full().join(Registration.person).where(Registration.workshop_id.in_(workshop_ids), Registration.state == "offered")
    return db.session.scalars(wanted.where(Person.disabled_at.is_(None)).order_by(Registration.id)).all()


def _about(workshop_ids: Sequence[int]) -> ColumnElement[bool]:
    return MessageItem.topic.in_([f"workshop:{number}" for number in workshop_ids])
