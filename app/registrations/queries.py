"""Reads of registrations for pages, mails and jobs; what is loaded with them is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.crypto import hash_token
from app.database import db
from app.errors import Missing
from app.folding import fold
from app.languages import in_language, sort_key
from app.organisations.models import Organisation, OrganisationName
from app.outbox.models import Message, MessageItem
from app.questions import queries as questions
from app.registrations.models import Registration
from app.workshops.models import SeatHold, Workshop

AHEAD = ("confirmed", "waitlisted", "offered", "requested")  # states in which somebody looks forward to a workshop
UNSENT = ("pending", "held", "sending")
LINE = (Registration.priority.desc(), Registration.queued_at, Registration.id)  # in which those who wait get seats


def named() -> Select[Registration]:
    """A registration with the names that a list shows."""
    return select(Registration).options(
        joinedload(Registration.person), joinedload(Registration.organisation).selectinload(Organisation.names)
    )


def full() -> Select[Registration]:
    """A registration with all that its own page or a mail says of it."""
    return named().options(
        joinedload(Registration.workshop).options(selectinload(Workshop.texts), selectinload(Workshop.days), joinedload(Workshop.network)),
    )


def find(workshop_id: int, person_id: int) -> Registration | None:
    """A person's registration for a workshop, whatever its state."""
    return db.session.scalars(_found(), {"workshop": workshop_id, "person": person_id}).one_or_none()


@lru_cache(1)
def _found() -> Select[Registration]:
    """Made once: it runs with every registration."""
    return full().where(Registration.workshop_id == bindparam("workshop"), Registration.person_id == bindparam("person"))


def get(registration_id: int) -> Registration:
    """One registration. Raises Missing."""
    found = db.session.scalars(full().where(Registration.id == registration_id)).one_or_none()
    if found is None:
        raise Missing
    return found


def get_own(registration_id: int, person_id: int) -> Registration:
    """One of somebody's own. Raises Missing, also for another's."""
    found = get(registration_id)
    if found.person_id != person_id:
        raise Missing
    return found


def by_manage_token(token: str) -> Registration:
    """The registration that a mailed link speaks of. Raises Missing: wrong and withdrawn links look the same."""
    found = db.session.scalars(full().where(Registration.manage_hash == hash_token(token))).one_or_none()
    if found is None:
        raise Missing
    return found


def of_person(person_id: int) -> Sequence[Registration]:
    """All that somebody is or was registered for, in the order of time."""
    wanted = full().join(Registration.workshop).where(Registration.person_id == person_id, Workshop.state != "draft")
    return db.session.scalars(wanted.order_by(Workshop.starts_at, Workshop.id)).all()


def workshops_of(person_id: int) -> Sequence[int]:
    """The workshops that somebody is or was registered for."""
    return db.session.scalars(select(Registration.workshop_id).where(Registration.person_id == person_id)).all()


def ahead_of_person(person_id: int, now: datetime) -> Sequence[Registration]:
    """What somebody has a seat in, waits for or has asked for, and is not over, in the order of time; with what a list shows."""
    shown = contains_eager(Registration.workshop).options(joinedload(Workshop.days), selectinload(Workshop.texts))
    wanted = select(Registration).join(Registration.workshop).options(shown).where(Registration.person_id == person_id)
    wanted = wanted.where(Registration.state.in_(AHEAD), Workshop.state != "draft", Workshop.ends_at > now)
    return db.session.scalars(wanted.order_by(Workshop.starts_at, Workshop.id)).unique().all()


def of_workshop(workshop_id: int, states: Iterable[str] = ()) -> Sequence[Registration]:
    """A workshop's registrations, in the order in which people came."""
    wanted = full().where(Registration.workshop_id == workshop_id)
    if chosen := list(states):
        wanted = wanted.where(Registration.state.in_(chosen))
    return db.session.scalars(wanted.order_by(Registration.queued_at, Registration.id)).all()


def seated(workshop_id: int) -> Sequence[Registration]:
    """Those with a seat at a workshop, with the names that a list shows."""
    wanted = named().where(Registration.workshop_id == workshop_id, Registration.state.in_(("confirmed", "offered")))
    return db.session.scalars(wanted.order_by(Registration.id)).all()


def chosen(workshop_id: int, registration_ids: Sequence[int]) -> list[Registration]:
    """Some of a workshop's registrations, read anew, in the order in which people came; others' are left out."""
    wanted = full().where(Registration.workshop_id == workshop_id, Registration.id.in_(registration_ids))
    wanted = wanted.order_by(Registration.queued_at, Registration.id).execution_options(populate_existing=True)
    return list(db.session.scalars(wanted))


def with_seats(workshop_id: int) -> Sequence[Registration]:
    """Everybody with a seat, by name in the order of the language in force."""
    wanted = named().where(Registration.workshop_id == workshop_id, Registration.state == "confirmed")
    rows = db.session.scalars(wanted.order_by(Registration.id)).all()
    return sorted(rows, key=lambda row: sort_key(row.person.name))


def own_words(workshop_id: int) -> dict[int, str]:
    """The folded words of guests who wrote their organisation themselves: the few that no row keeps folded."""
    wanted = select(Registration.id, Registration.organisation_name)
    wanted = wanted.where(Registration.workshop_id == workshop_id, Registration.organisation_name != "")
    return {number: fold(name) for number, name in db.session.execute(wanted)}


def counts(workshop_id: int) -> dict[str, int]:
    """How many there are in each state."""
    wanted = select(Registration.state, func.count()).where(Registration.workshop_id == workshop_id).group_by(Registration.state)
    return {state: number for state, number in db.session.execute(wanted).all()}


def how_many(kind: str, workshop_id: int, states: Sequence[str]) -> Select[str, str, str, int]:
    """How many there are in some of the states, to be asked together with others."""
    wanted = select(literal(kind), literal(""), literal(""), func.count()).select_from(Registration)
    return wanted.where(Registration.workshop_id == workshop_id, Registration.state.in_(states))


def states_of(numbers: Sequence[int]) -> dict[int, str]:
    """The states of these registrations."""
    wanted = select(Registration.id, Registration.state).where(Registration.id.in_(numbers))
    return {number: state for number, state in db.session.execute(wanted).all()}


def queue_counts(workshop_id: int) -> dict[str, int]:
    """How many wait for a seat (`waitlisted`), for the staff to decide (`requested`), or have not said whether a new date suits
    (`awaited`), at a workshop; and how many questions it puts to them (`questions`)."""
    silent = func.sum(case((awaited(), 1), else_=0))
    asks = questions.number(workshop_id)
    wanted = select(Registration.state, func.count(), silent, asks).where(Registration.workshop_id == workshop_id)
    rows = db.session.execute(wanted.where(Registration.state.in_(("confirmed", "waitlisted", "requested"))).group_by(Registration.state))
    found = {"awaited": 0, "questions": 0}
    for state, number, awaiting, asked in rows:
        found |= {state: number, "awaited": found["awaited"] + awaiting, "questions": asked}
    return found


def place_in_line(registration: Registration) -> int:
    """1 for the first who waits."""
    same = Registration.priority == registration.priority
    earlier = or_(
        Registration.priority > registration.priority,
        same & (Registration.queued_at < registration.queued_at),
        same & (Registration.queued_at == registration.queued_at) & (Registration.id < registration.id),
    )
    wanted = select(func.count()).where(Registration.workshop_id == registration.workshop_id, Registration.state == "waitlisted", earlier)
    return int(db.session.scalar(wanted) or 0) + 1


@dataclass(frozen=True)
class Unsent:
    """A mail about one registration that has not left."""

    kind: str
    key: str
    message_id: UUID


def unsent(workshop_id: int, kinds: Sequence[str], registration_id: int | None = None) -> dict[int, list[Unsent]]:
    """The mails of these kinds about a workshop (about one registration) that have not left, by registration, oldest first."""
    wanted = (
        select(MessageItem.subject, Message.kind, MessageItem.dedupe, Message.id)
        .join(MessageItem.message)
        .where(MessageItem.topic == f"workshop:{workshop_id}", Message.kind.in_(kinds), Message.state.in_(UNSENT))
        .order_by(Message.created_at, MessageItem.id)
    )
    if registration_id is not None:
        wanted = wanted.where(MessageItem.subject == f"registration:{registration_id}")
    found: dict[int, list[Unsent]] = {}
    for subject, kind, key, message_id in db.session.execute(wanted):
        found.setdefault(int(subject.partition(":")[2]), []).append(Unsent(kind, key, message_id))
    return found


def holds(workshop_id: int, now: datetime) -> Sequence[SeatHold]:
    """The seats of a workshop that are held for organisations."""
    wanted = select(SeatHold).options(joinedload(SeatHold.organisation).joinedload(Organisation.names))
    wanted = wanted.where(SeatHold.workshop_id == workshop_id, SeatHold.lapses_at > now).order_by(SeatHold.id)
    return db.session.scalars(wanted).unique().all()


def lapsed_holds(now: datetime) -> Sequence[int]:
    """Holds whose day is over."""
    return db.session.scalars(select(SeatHold.id).where(SeatHold.lapses_at <= now).order_by(SeatHold.lapses_at, SeatHold.id)).all()


def waiting_for_hold(person_id: int, organisation_id: int) -> Sequence[int]:
    """The workshops for which somebody waits while seats are held for that organisation."""
    wanted = select(Registration.workshop_id).join(SeatHold, SeatHold.workshop_id == Registration.workshop_id)
    wanted = wanted.where(Registration.person_id == person_id, Registration.state == "waitlisted")
    wanted = wanted.where(SeatHold.organisation_id == organisation_id, SeatHold.unused > 0)
    return db.session.scalars(wanted.order_by(Registration.workshop_id)).all()


def expired(now: datetime) -> Sequence[int]:
    """Registrations whose guests did not answer in time."""
    wanted = select(Registration.id).where(Registration.state == "unconfirmed", Registration.held_until <= now)
    return db.session.scalars(wanted.order_by(Registration.held_until)).all()


def lapsed_offers(now: datetime) -> Sequence[int]:
    """Offers that nobody accepted in time. While a workshop is postponed or cancelled their clock stands still."""
    wanted = select(Registration.id).join(Registration.workshop).where(Registration.state == "offered", Registration.held_until <= now)
    return db.session.scalars(wanted.where(Workshop.state == "published").order_by(Registration.held_until, Registration.id)).all()


def line(workshop_id: int) -> Sequence[Registration]:
    """Those with an offer, the first to lapse first, and those who wait, in the order of their turn."""
    wanted = named().where(Registration.workshop_id == workshop_id, Registration.state.in_(("offered", "waitlisted")))
    return db.session.scalars(wanted.order_by(Registration.state, Registration.held_until, *LINE)).all()


def awaited() -> ColumnElement[bool]:
    """Who was asked whether a new date suits, and has not said."""
    return Registration.asked_at.is_not(None) & Registration.answered_at.is_(None) & Registration.state.in_(("confirmed", "waitlisted"))


def awaited_of(workshop_id: int) -> Sequence[Registration]:
    """Of one workshop, those asked first first; nobody while it is postponed or cancelled, though the question stays open."""
    wanted = named().where(Registration.workshop_id == workshop_id, awaited(), Registration.workshop.has(state="published"))
    return db.session.scalars(wanted.order_by(Registration.asked_at, Registration.id)).all()


def to_chase() -> list[tuple[int, datetime, datetime]]:
    """(registration, when it was asked, when the workshop begins) of those who have not been asked twice."""
    wanted = select(Registration.id, Registration.asked_at, Workshop.starts_at).join(Registration.workshop)
    wanted = wanted.where(awaited(), Registration.chased_at.is_(None), Workshop.state == "published")
    rows = db.session.execute(wanted.order_by(Registration.asked_at, Registration.id))
    return [(number, asked_at, starts_at) for number, asked_at, starts_at in rows if asked_at and starts_at]


def who_comes(workshop_id: int) -> list[tuple[str, str, int]]:
    """(country, name in the language in force, how many) of the organisations from which people come; never a person."""
    found: dict[int, dict[str, Row[Any]]] = {}
    for row in db.session.execute(_who_comes(), {"workshop": workshop_id}):
        found.setdefault(row.id, {})[row.lang] = row
    rows = [in_language(names, "en") for names in found.values()]
    return [(row.country, row.name, row.number) for row in rows]


@lru_cache(1)
def _who_comes() -> Select[Any]:
    """Made once: it runs with every page of a workshop."""
    mine = Registration.__table__
    each = select(mine.c.organisation_id, func.count().label("number")).group_by(mine.c.organisation_id)
    each = each.where(mine.c.workshop_id == bindparam("workshop"), mine.c.state == "confirmed")
    number, of, names = each.subquery(), Organisation.__table__, OrganisationName.__table__
    joined = number.join(of, of.c.id == number.c.organisation_id).join(names, names.c.organisation_id == of.c.id)
    wanted = select(of.c.id, of.c.country, names.c.lang, names.c.name, number.c.number).select_from(joined)
    return wanted.order_by(number.c.number.desc(), of.c.slug)
