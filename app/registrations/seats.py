"""The guard at the seats: who changes them comes through the lock of the workshop, and the database itself counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast

from flask import current_app
from sqlalchemy import Boolean, ColumnElement, Date, Integer, Select, Table, Update, bindparam, delete, or_, select, update

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.database import changed, db, plain
from app.registrations import queries
from app.registrations.models import Registration
from app.registrations.rules import next_sequence
from app.workshops.models import SeatHold, Workshop

KEY = "app.seats"


class Guard:
    """What keeps two people from one seat. The controls of tests/registrations/test_races.py put one with a hole in its
    place, and see the race."""

    def lock(self, workshop_id: int) -> Workshop | None:
        """The workshop, held until the commit and read anew. SQLite has one writer anyway and ignores the clause; PostgreSQL
        waits at the row, at most three seconds."""
        return db.session.scalars(_locked(), {"workshop": workshop_id}).one_or_none()

    def in_order(self, workshop_ids: Iterable[int]) -> list[int]:
        """How several are locked: whoever locks the same ones in the same order waits, and waits for nobody who waits for them."""
        return sorted(workshop_ids)

    def take(self, workshop_id: int) -> bool:
        """One row changed is a seat, none is full: the condition stands in the statement, and a CHECK behind it."""
        return plain(_taken(), {"workshop": workshop_id}).rowcount == 1

    def take_held(self, hold_id: int, now: datetime) -> bool:
        """One of an organisation's held seats, which the workshop counts already: as guarded as a free one."""
        public = select(Workshop.id).where(Workshop.state == "published")
        wanted = update(SeatHold).where(SeatHold.id == hold_id, SeatHold.unused > 0, SeatHold.lapses_at > now)
        return changed(wanted.where(SeatHold.workshop_id.in_(public)).values(unused=SeatHold.unused - 1)) == 1


@lru_cache(1)
def _taken() -> Update:
    table = Workshop.__table__
    wanted = update(cast(Table, table)).where(table.c.id == bindparam("workshop"))
    return wanted.where(table.c.taken < table.c.capacity, table.c.state == "published").values(taken=table.c.taken + 1)


@lru_cache(1)
def _locked() -> Select[Workshop]:
    """Made once: it runs with every registration, and others wait meanwhile."""
    return select(Workshop).where(Workshop.id == bindparam("workshop")).with_for_update().execution_options(populate_existing=True)


@dataclass(frozen=True)
class Turn:
    """Who gets the next seat, and out of which hold; a free one if out of none."""

    registration_id: int
    hold_id: int | None = None


@dataclass(frozen=True)
class Chance:
    """The hold from which somebody may have a seat, and who waits for the next free one."""

    hold_id: int | None
    first_waiting: int | None


def guard() -> Guard:
    """This app's guard."""
    found: Guard = current_app.extensions.setdefault(KEY, Guard())
    return found


def lock(workshop_id: int) -> Workshop | None:
    """The workshop, held until the commit; None if there is none."""
    return guard().lock(workshop_id)


def held_still(registration: Registration) -> Registration:
    """The registration as it is once its workshop is locked."""
    lock(registration.workshop_id)
    db.session.refresh(registration)
    return registration


def take(workshop_id: int) -> bool:
    """A seat for whoever is first in line."""
    return guard().take(workshop_id)


def claim(registration: Registration, now: datetime, *, in_line: bool, chance: Chance | None = None) -> bool:
    """A seat for somebody who has just come, or whose request is granted: one held for their organisation, else a free one, but
    `in_line` only if nobody waits for it. `chance`: what has been read of that, under the lock. The registration's own columns
    are not yet flushed."""
    chance = chance or _chance(registration, now)
    if chance.hold_id is not None and guard().take_held(chance.hold_id, now):
        registration.hold_id = chance.hold_id
        return True
    return (not in_line or chance.first_waiting is None) and take(registration.workshop_id)


def take_newly(workshop_id: int, *, in_line: bool) -> bool:
    """A free seat for somebody who has just come; `in_line`: those who wait come first, so only if there is nobody."""
    return (not in_line or first_waiting(workshop_id) is None) and take(workshop_id)


def give(workshop_id: int, hold_id: int | None = None, *, now: datetime) -> None:
    """A seat back: to the hold that it came from until its day is over, else to everybody."""
    alive = update(SeatHold).where(SeatHold.id == hold_id, SeatHold.lapses_at > now)
    if hold_id is None or changed(alive.values(unused=SeatHold.unused + 1)) == 0:
        changed(update(Workshop).where(Workshop.id == workshop_id).values(taken=Workshop.taken - 1))


def let_go(hold: SeatHold) -> None:
    """What nobody has used of a hold is free, and the seats that came from it are like any other."""
    changed(update(Workshop).where(Workshop.id == hold.workshop_id).values(taken=Workshop.taken - hold.unused))
    changed(delete(SeatHold).where(SeatHold.id == hold.id))


def touch(registration: Registration, now: datetime) -> None:
    """Something new is said of it: mails and calendars are written anew."""
    registration.changed_at = now
    registration.sequence = next_sequence(registration.sequence, registration.workshop.sequence)
    registration.generation += 1


def next_turn(workshop_id: int, now: datetime) -> Turn | None:
    """Takes the next seat for the first in line who may have it: those of an organisation with held seats first, out of
    its own; then the free ones for whoever is first. None when there is no seat for anybody who waits."""
    held = _first_with_hold(workshop_id, now)
    if held is not None and held.hold_id is not None and guard().take_held(held.hold_id, now):
        return held
    first = first_waiting(workshop_id)
    return Turn(first) if first is not None and take(workshop_id) else None


def first_waiting(workshop_id: int) -> int | None:
    """The registration that gets the next free seat."""
    return db.session.scalar(first_in_line(), {"workshop": workshop_id})


@lru_cache(1)
def first_in_line() -> Select[int]:
    """The same as a statement, for whoever asks more in one."""
    wanted = select(Registration.id).join(Registration.person).where(Registration.workshop_id == bindparam("workshop"))
    wanted = wanted.where(Registration.state == "waitlisted", Person.disabled_at.is_(None))  # nobody comes with a closed account
    return wanted.order_by(*queries.LINE).limit(1)


def _first_with_hold(workshop_id: int, now: datetime) -> Turn | None:
    """A guest may name any organisation: only its own people, and whom it has named itself, sit on its seats."""
    wanted = (
        select(Registration.id, SeatHold.id)
        .join(Registration.person)
        .join(SeatHold, (SeatHold.workshop_id == Registration.workshop_id) & (SeatHold.organisation_id == Registration.organisation_id))
        .where(Registration.workshop_id == workshop_id, Registration.state == "waitlisted", Person.disabled_at.is_(None))
        .where(SeatHold.unused > 0, SeatHold.lapses_at > now)
        .where(or_(Registration.vouched, _belongs(now)))
    )
    found = db.session.execute(wanted.order_by(*queries.LINE).limit(1)).first()
    return Turn(*found) if found is not None else None


def _chance(registration: Registration, now: datetime) -> Chance:
    """In one statement, for others wait meanwhile."""
    facts = {"workshop": registration.workshop_id, "organisation": registration.organisation_id, "person": registration.person_id}
    return Chance(*plain(_looked_up(), {**facts, "day": now.date(), "vouched": registration.vouched}).one())


@lru_cache(1)
def _looked_up() -> Select[int | None, int | None]:
    mine = select(Affiliation.id).where(Affiliation.person_id == bindparam("person"), counting(bindparam("day", type_=Date())))
    mine = mine.where(Affiliation.organisation_id == bindparam("organisation", type_=Integer()))
    held = select(SeatHold.id).where(SeatHold.workshop_id == bindparam("workshop"), SeatHold.unused > 0)
    named = bindparam("vouched", type_=Boolean())
    held = held.where(SeatHold.organisation_id == bindparam("organisation", type_=Integer()), or_(named, mine.exists()))
    return select(held.scalar_subquery(), first_in_line().scalar_subquery())


def _belongs(now: datetime) -> ColumnElement[bool]:
    mine = select(Affiliation.id).where(Affiliation.person_id == Registration.person_id, counting(now.date()))
    return mine.where(Affiliation.organisation_id == Registration.organisation_id).exists()
