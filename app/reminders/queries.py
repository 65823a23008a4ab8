"""Reads for planning reminders, for writing them, and for the staff who watch over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, literal, or_, select
from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload

from app.accounts.models import Person
from app.attendance.queries import were_there
from app.database import db
from app.outbox.models import Message, MessageItem
from app.outbox.rules import MARKED
from app.registrations import travelling
from app.registrations.models import ACTIVE, Registration
from app.registrations.queries import full
from app.reminders.models import Occurrence, ReminderRule, Skipped
from app.reminders.rules import AFTERWARDS
from app.workshops.models import Workshop

AFTER_THE_END = AFTERWARDS + timedelta(days=14)  # how long after its end a workshop is still looked at
SO_MANY = 500  # keys in one statement


@dataclass(frozen=True)
class Readers:
    """The people of one audience of one workshop who share a zone: how many, and since when there has been one."""

    people: int
    since: datetime


def is_planned(now: datetime) -> ColumnElement[bool]:
    """Of a workshop: it is published, and reminders may still belong to it."""
    return and_(Workshop.state == "published", Workshop.ends_at > now - AFTER_THE_END)


def planned_workshops(now: datetime, numbers: Collection[int]) -> Sequence[Workshop]:
    """Those of these workshops that reminders may still belong to; the rows alone."""
    wanted = select(Workshop).where(is_planned(now), Workshop.id.in_(numbers)).order_by(Workshop.id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def rules_of(workshops: Sequence[Workshop]) -> dict[int, list[ReminderRule]]:
    """The rules of each workshop that are switched on: its own, and those of its network that it has not switched off.

    Staff tick reminders of the start in its form: those replace the network's such rules, and no others.
    """
    numbers = [w.id for w in workshops]
    theirs = or_(ReminderRule.workshop_id.in_(numbers), ReminderRule.network_id.in_({w.network_id for w in workshops}))
    switched_off = (Skipped.rule_id == ReminderRule.id) & Skipped.workshop_id.in_(numbers)
    wanted = select(ReminderRule, Skipped.workshop_id).outerjoin(Skipped, switched_off).where(ReminderRule.enabled, theirs)
    own: dict[int, list[ReminderRule]] = defaultdict(list)
    common: dict[int, list[ReminderRule]] = defaultdict(list)
    off: dict[int, set[int | None]] = {}  # by rule, the workshops that it is switched off for
    for rule, skipping in db.session.execute(wanted.order_by(ReminderRule.id)):
        if rule.id not in off:
            if rule.workshop_id is not None:
                own[rule.workshop_id].append(rule)
            elif rule.network_id is not None:
                common[rule.network_id].append(rule)
        off.setdefault(rule.id, set()).add(skipping)
    return {
        w.id: own[w.id] + [rule for rule in common[w.network_id] if w.id not in off[rule.id] and not is_replaced(rule, own[w.id])]
        for w in workshops
    }


def rules_about(workshop: Workshop, anchor: str) -> Sequence[ReminderRule]:
    """The rules of one anchor of a workshop and its network, also those switched off."""
    wanted = select(ReminderRule).where(ReminderRule.anchor == anchor)
    mine = or_(ReminderRule.workshop_id == workshop.id, ReminderRule.network_id == workshop.network_id)
    return db.session.scalars(wanted.where(mine).order_by(ReminderRule.id)).all()


def is_replaced(rule: ReminderRule, own: Sequence[ReminderRule]) -> bool:
    """Whether a network's rule gives way to reminders that are ticked in the workshop's form."""
    return rule.anchor == "start" and any(is_ticked(mine) and mine.enabled for mine in own)


def is_ticked(rule: ReminderRule) -> bool:
    """Whether it comes from a workshop's form, rather than from the page of rules."""
    return rule.workshop_id is not None and rule.anchor == "start" and not rule.beside


def skipped(workshop_ids: Iterable[int]) -> frozenset[tuple[int, int]]:
    """(rule, workshop) for each rule of a network that one of these workshops has switched off for itself."""
    wanted = select(Skipped.rule_id, Skipped.workshop_id).where(Skipped.workshop_id.in_(list(workshop_ids)))
    return frozenset((rule_id, workshop_id) for rule_id, workshop_id in db.session.execute(wanted))


def own_rules(workshop_id: int) -> Sequence[ReminderRule]:
    """The rules of one workshop alone, also those switched off."""
    return db.session.scalars(select(ReminderRule).where(ReminderRule.workshop_id == workshop_id).order_by(ReminderRule.id)).all()


def reminded_by(network_id: int) -> Select[str, str, str, int]:
    """Whom a network's own rules of the start, switched on, are for: all, on_site, online; to be asked together with others."""
    wanted = select(literal("reminds"), ReminderRule.applies_to, literal(""), literal(0))
    wanted = wanted.where(ReminderRule.network_id == network_id, ReminderRule.enabled, ReminderRule.audience == "confirmed")
    return wanted.where(ReminderRule.anchor == "start", ReminderRule.comes_as.is_(None), ReminderRule.organisation_id.is_(None)).distinct()


def readers(workshop_ids: Sequence[int]) -> dict[tuple[int, str], dict[str, Readers]]:
    """For each workshop and audience: the zones in which its people live."""
    since = func.min(func.coalesce(Registration.confirmed_at, Registration.queued_at))
    wanted = (
        select(Registration.workshop_id, Registration.state, Person.zone, func.count(), since)
        .join(Registration.person)
        .where(Registration.workshop_id.in_(workshop_ids), Registration.state.in_(("confirmed", "waitlisted")))
        .group_by(Registration.workshop_id, Registration.state, Person.zone)
    )
    found: dict[tuple[int, str], dict[str, Readers]] = defaultdict(dict)
    for workshop_id, state, zone, people, first in db.session.execute(wanted):
        found[workshop_id, state][zone] = Readers(people, first)
        if state == "confirmed":
            found[workshop_id, "attended"][zone] = Readers(people, first)
    return found


def occurrences(workshop_ids: Sequence[int]) -> Sequence[Occurrence]:
    """All that stands on the clock for these workshops, oldest generation first."""
    wanted = select(Occurrence).where(Occurrence.workshop_id.in_(workshop_ids)).order_by(Occurrence.generation, Occurrence.id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def due(now: datetime) -> Sequence[Occurrence]:
    """What has fallen due and is not yet written, the nearest workshop first."""
    wanted = (
        select(Occurrence)
        .join(Occurrence.workshop)
        .where(Occurrence.state == "planned", Occurrence.due_at <= now)
        .options(contains_eager(Occurrence.workshop), joinedload(Occurrence.rule))
        .order_by(Workshop.starts_at, Occurrence.id)
    )
    return db.session.scalars(wanted).all()


def still_planned(numbers: Iterable[int]) -> frozenset[int]:
    """Those of these occurrences that nobody has taken off the clock since."""
    wanted = select(Occurrence.id).where(Occurrence.id.in_(list(numbers)), Occurrence.state == "planned")
    return frozenset(db.session.scalars(wanted))


def registrations(workshop_ids: Iterable[int]) -> Sequence[Registration]:
    """Everybody who may be written to about these workshops, in the order of the workshops."""
    return db.session.scalars(reminded(full(), workshop_ids)).all()


def reminded(wanted: Select[Registration], workshop_ids: Iterable[int]) -> Select[Registration]:
    """Narrows registrations to those who may be reminded, for whoever needs more or less of them."""
    wanted = wanted.join(Registration.workshop).join(Registration.person)
    wanted = wanted.where(
        Registration.workshop_id.in_(list(workshop_ids)),
        Registration.state.in_(("confirmed", "waitlisted")),
        Registration.reminders_off.is_(False),
        Person.reminders_off.is_(False),
        Person.disabled_at.is_(None),
    )
    return wanted.order_by(Workshop.starts_at, Registration.id)


def registration_ids(workshop_id: int) -> Sequence[int]:
    """Everybody who was ever registered for a workshop."""
    return db.session.scalars(select(Registration.id).where(Registration.workshop_id == workshop_id)).all()


def active(numbers: Iterable[int]) -> Sequence[Registration]:
    """Those of these registrations whose people may still be reminded."""
    wanted = full().join(Registration.workshop).join(Registration.person)
    wanted = wanted.where(
        Registration.id.in_(list(numbers)),
        Registration.state.in_(("confirmed", "waitlisted")),
        Registration.reminders_off.is_(False),
        Person.reminders_off.is_(False),
        Person.disabled_at.is_(None),
        Workshop.state == "published",
    )
    return db.session.scalars(wanted.order_by(Workshop.starts_at, Registration.id).execution_options(populate_existing=True)).all()


def newest_of(workshop_ids: Iterable[int]) -> dict[tuple[int, int, str], Occurrence]:
    """For each rule, workshop and zone its newest occurrence."""
    rows = occurrences(list(workshop_ids))
    return {(row.rule_id, row.workshop_id, row.zone): row for row in rows}


def of_same_person(registration: Registration, now: datetime) -> Sequence[Registration]:
    """This registration and all others of the same person that are not over."""
    return of_person(registration.person_id, now, Registration.id == registration.id)


def of_person(person_id: int, now: datetime, also: ColumnElement[bool] | None = None) -> Sequence[Registration]:
    """All that somebody is registered for that is not over."""
    wanted = full().join(Registration.workshop)
    wanted = wanted.where(Registration.person_id == person_id, Registration.state.in_(ACTIVE))
    wanted = wanted.where(Workshop.ends_at > now if also is None else or_(Workshop.ends_at > now, also))
    return db.session.scalars(wanted.order_by(Workshop.starts_at, Registration.id)).all()


def hold(workshop_ids: Iterable[int]) -> None:
    """Holds these workshops until the commit, in one order everywhere. SQLite has one writer anyway."""
    db.session.execute(select(Workshop.id).where(Workshop.id.in_(set(workshop_ids))).order_by(Workshop.id).with_for_update()).all()


def attended(workshop_ids: Iterable[int]) -> frozenset[int]:
    """The registrations of those who were there."""
    return were_there(list(workshop_ids))


def without_letter(rules: Iterable[ReminderRule], workshop_ids: Iterable[int]) -> frozenset[int]:
    """The registrations of those who may need a letter for a visa and have not asked; read only if one of these rules is for them."""
    if not any(rule.whom.letterless for rule in rules):
        return frozenset()
    return travelling.without_letter(Registration.workshop_id.in_(list(workshop_ids)))


def crowds(rows: Sequence[Occurrence]) -> dict[int, int]:
    """How many are registered for each of these reminders' workshops, in whatever state."""
    wanted = select(Registration.workshop_id, func.count()).where(Registration.workshop_id.in_({row.workshop_id for row in rows}))
    return {workshop_id: number for workshop_id, number in db.session.execute(wanted.group_by(Registration.workshop_id))}


def largest() -> int | None:
    """For how many people a reminder was so far, of those that have gone; None if there was none."""
    return db.session.scalar(select(largest_so_far()))


def largest_so_far() -> ScalarSelect[int | None]:
    """The same, to be asked together with others."""
    return select(func.max(Occurrence.people)).where(Occurrence.state == "expanded").scalar_subquery()


def siblings(rows: Sequence[Occurrence]) -> dict[tuple[int, str, int], dict[str, datetime]]:
    """For each rule, subject and generation: the zones that have been written to already, and when that was due."""
    wanted = select(Occurrence).where(Occurrence.state == "expanded", Occurrence.workshop_id.in_({row.workshop_id for row in rows}))
    found: dict[tuple[int, str, int], dict[str, datetime]] = defaultdict(dict)
    for row in db.session.scalars(wanted):
        found[row.rule_id, row.subject, row.generation][row.zone] = row.due_at
    return found


def written(keys: Sequence[str]) -> frozenset[str]:
    """Which of these dedupe keys are in the outbox already."""
    found: set[str] = set()
    for first in range(0, len(keys), SO_MANY):
        part = keys[first : first + SO_MANY]
        found.update(db.session.scalars(select(MessageItem.dedupe).where(MessageItem.dedupe.in_(part))))
    return frozenset(found)


def messages_about(subjects: Sequence[str], states: Sequence[str]) -> Sequence[Message]:
    """Reminders about these subjects in these states, with all their items."""
    wanted = (
        select(Message)
        .where(Message.kind == "reminder", Message.state.in_(states))
        .where(Message.id.in_(select(MessageItem.message_id).where(MessageItem.subject.in_(subjects))))
        .options(selectinload(Message.items))
    )
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def waiting(now: datetime) -> Sequence[tuple[UUID, datetime, str]]:
    """Reminders that should have left hours ago, surely have not, and are still of use: which, since when, on whose clock."""
    wanted = select(Message.id, Message.due_at, Person.zone).join(Person, Person.id == Message.person_id)
    return [(row.id, row.due_at, row.zone) for row in db.session.execute(wanted.where(*_waits(now)))]


def workshops_of(numbers: Sequence[UUID]) -> Sequence[int]:
    """The workshops that these reminders are about."""
    subjects = db.session.scalars(select(MessageItem.subject).where(MessageItem.message_id.in_(numbers)))
    mine = [int(subject.partition(":")[2]) for subject in subjects]
    return db.session.scalars(select(Registration.workshop_id).where(Registration.id.in_(mine)).distinct()).all()


def waiting_still(now: datetime, numbers: Sequence[UUID]) -> Sequence[Message]:
    """Those of them that still wait, held until the commit, so that no worker takes one up meanwhile."""
    wanted = select(Message).where(*_waits(now), Message.id.in_(numbers)).order_by(Message.id).with_for_update()
    wanted = wanted.options(selectinload(Message.items), defer(Message.body))
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def _waits(now: datetime) -> tuple[ColumnElement[bool], ...]:
    since = now - timedelta(hours=3)  # from eight in the evening to midnight there are more
    kept_back = and_(Message.state == "held", Message.error == MARKED)  # until staff clear the address
    pending = (Message.kind == "reminder", or_(Message.state == "pending", kept_back), Message.uncertain == 0)
    return *pending, Message.due_at <= since, Message.expires_at > now


def of_workshop(workshop_id: int) -> Sequence[Occurrence]:
    """A workshop's line of reminders, in the order of time."""
    wanted = select(Occurrence).where(Occurrence.workshop_id == workshop_id)
    wanted = wanted.options(joinedload(Occurrence.rule), joinedload(Occurrence.workshop))
    return db.session.scalars(wanted.order_by(Occurrence.due_at, Occurrence.id)).all()


def planned_for(person_id: int) -> Sequence[Occurrence]:
    """What stands on the clock for one person: of the workshops that they are registered for, on their clock, for those in their
    state. Staff read it: so one of letters for a visa is there for whoever comes from another country, asked for or not."""
    wanted = (
        select(Occurrence, Registration.id)
        .join(Occurrence.rule)
        .join(Registration, Registration.workshop_id == Occurrence.workshop_id)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Person.id == person_id,
            Person.disabled_at.is_(None),
            Registration.reminders_off.is_(False),
            Person.reminders_off.is_(False),
            Occurrence.state.in_(("planned", "held")),
            Occurrence.zone == Person.zone,
            or_(ReminderRule.audience == Registration.state, (ReminderRule.audience == "attended") & (Registration.state == "confirmed")),
        )
        .options(contains_eager(Occurrence.rule), joinedload(Occurrence.workshop).selectinload(Workshop.texts))
    )
    rows = db.session.execute(wanted.order_by(Occurrence.due_at, Occurrence.id)).unique().all()
    about_letters = {number for row, number in rows if row.rule.whom.letterless}
    abroad = travelling.from_abroad(Registration.id.in_(about_letters)) if about_letters else frozenset()
    return [row for row, number in rows if number in abroad or not row.rule.whom.letterless]


def watched(now: datetime) -> Sequence[Occurrence]:
    """What staff must look at: reminders held back because so many would get them, and those missed of late."""
    wanted = _watched(now).options(joinedload(Occurrence.rule), joinedload(Occurrence.workshop).joinedload(Workshop.texts))
    return db.session.scalars(wanted).unique().all()


def _watched(now: datetime) -> Select[Any]:
    recent = (Occurrence.state == "missed") & (Occurrence.useful_until > now - timedelta(days=14))
    return select(Occurrence).where(or_(Occurrence.state == "held", recent)).order_by(Occurrence.due_at.desc())
