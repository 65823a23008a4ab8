"""Who wants to come to a workshop, where they belong, and how that stands to it: reads that run while others wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.database import UtcDateTime, db, plain
from app.errors import Missing
from app.organisations.models import NetworkMember, Organisation
from app.questions.models import Question
from app.registrations.models import Registration
from app.registrations.seats import Chance, first_in_line
from app.workshops.models import SeatHold, Workshop, WorkshopInvitee
from app.workshops.queries import PUBLIC

_CLOSEST = (Affiliation.role != "coordinator", Affiliation.starts_on.desc(), Affiliation.id.desc())  # to whom somebody belongs first


def entrance(slug: str) -> tuple[int, bool]:
    """The number of a public workshop, and whether it asks anything: all that is to be known before somebody is let in.
    Raises Missing."""
    found = plain(_entrance(), {"slug": slug}).one_or_none()
    if found is None:
        raise Missing
    return found.id, found.asks


@lru_cache(1)
def _entrance() -> Select[int, bool]:
    asked = select(Question.id).where(Question.workshop_id == Workshop.id, Question.retired_at.is_(None))
    return select(Workshop.id, asked.exists().label("asks")).where(Workshop.slug == bindparam("slug"), Workshop.state.in_(PUBLIC))


@dataclass(frozen=True)
class Place:
    """Where somebody belongs, and how that organisation stands to a workshop: `hold_id` is the hold that has a seat for them."""

    organisation_id: int
    is_member: bool
    is_invited: bool
    hold_id: int | None


@dataclass(frozen=True)
class Newcomer:
    """Who wants to come, held still as they are, their registration, whatever its state, whether the workshop asks anything, who
    waits for its next free seat, and where they belong, as `places` says it."""

    person: Person
    registration: Registration | None
    asks: bool
    first_waiting: int | None
    places: list[Place]

    def chance(self, organisation_id: int | None) -> Chance:
        """Of a seat, for somebody who comes for this organisation of theirs."""
        held = (one.hold_id for one in self.places if one.organisation_id == organisation_id)
        return Chance(next(held, None), self.first_waiting)


def newcomer(workshop: Workshop, person_id: int, now: datetime) -> Newcomer:
    """All that decides what becomes of somebody, once the workshop is locked. Raises Missing."""
    rows = db.session.execute(_newcomer(), _facts(workshop, person_id, now)).all()
    if not rows:
        raise Missing
    person, number, asks, first_waiting = rows[0][:4]
    registration = None if number is None else db.session.get_one(Registration, number, populate_existing=True)
    return Newcomer(person, registration, asks, first_waiting, _in_order(Place(*row[4:]) for row in rows if row[4] is not None))


@lru_cache(1)
def _newcomer() -> Select[*tuple[Any, ...]]:
    """Made once: it runs with every registration, and others wait meanwhile."""
    asked = select(Question.id).where(Question.workshop_id == bindparam("workshop"), Question.retired_at.is_(None))
    mine = (Registration.person_id == Person.id) & (Registration.workshop_id == bindparam("workshop"))
    belongs = (Affiliation.person_id == Person.id) & counting(_day())
    wanted = select(Person, Registration.id, asked.exists(), first_in_line().scalar_subquery(), *_place())
    wanted = wanted.outerjoin(Registration, mine).outerjoin(Affiliation, belongs).where(Person.id == bindparam("person"))
    return wanted.order_by(*_CLOSEST).with_for_update(read=True, of=Person)


def places(workshop: Workshop, person_id: int, now: datetime) -> list[Place]:
    """As `organisations_of`, with all that decides for which of them somebody may come; first whichever holds a seat for them."""
    wanted = select(*_place()).where(Affiliation.person_id == bindparam("person"), counting(_day())).order_by(*_CLOSEST)
    return _in_order(Place(*row) for row in plain(wanted, _facts(workshop, person_id, now)))


def _place() -> tuple[ColumnElement[Any], ...]:
    """The columns of a Place."""
    mine = Affiliation.organisation_id
    held = select(SeatHold.id).where(SeatHold.workshop_id == bindparam("workshop"), SeatHold.organisation_id == mine)
    held = held.where(SeatHold.unused > 0, SeatHold.lapses_at > bindparam("now", type_=UtcDateTime()))
    invitee = select(WorkshopInvitee.organisation_id).where(WorkshopInvitee.workshop_id == bindparam("workshop"))
    member, invited = _members().where(NetworkMember.organisation_id == mine), invitee.where(WorkshopInvitee.organisation_id == mine)
    return mine.expression, member.exists(), invited.exists(), held.scalar_subquery()


def _facts(workshop: Workshop, person_id: int, now: datetime) -> dict[str, Any]:
    return {"workshop": workshop.id, "network": workshop.network_id, "person": person_id, "day": now.date(), "now": now}


def _day() -> ColumnElement[date]:
    return bindparam("day", type_=Date())


def _in_order(found: Iterable[Place]) -> list[Place]:
    return sorted(found, key=lambda one: one.hold_id is None)


def organisations_of(person_id: int, on: date) -> Sequence[int]:
    """Where somebody belongs on a day, as it was confirmed: where they coordinate first, then the newest."""
    wanted = select(Affiliation.organisation_id).where(Affiliation.person_id == person_id, counting(on))
    return db.session.scalars(wanted.order_by(*_CLOSEST)).all()


def members(network_id: int, on: date) -> frozenset[int]:
    """The organisations that belong to a network on a day."""
    return frozenset(db.session.scalars(_members(), {"network": network_id, "day": on}))


@lru_cache(1)
def _members() -> Select[int]:
    mine = select(NetworkMember.organisation_id).where(NetworkMember.network_id == bindparam("network"))
    return mine.where(NetworkMember.joined_on <= _day(), or_(NetworkMember.left_on.is_(None), NetworkMember.left_on >= _day()))


def invited(workshop_id: int) -> frozenset[int]:
    """The organisations that a workshop is for, if it is by invitation."""
    return frozenset(db.session.scalars(select(WorkshopInvitee.organisation_id).where(WorkshopInvitee.workshop_id == workshop_id)))


def hold_for(workshop_id: int, person_id: int, now: datetime) -> SeatHold | None:
    """The seats that are held for somebody's organisation, if any is left."""
    mine = select(Affiliation.organisation_id).where(Affiliation.person_id == person_id, counting(now.date()))
    wanted = select(SeatHold).options(joinedload(SeatHold.organisation).selectinload(Organisation.names))
    wanted = wanted.where(SeatHold.workshop_id == workshop_id, SeatHold.unused > 0, SeatHold.lapses_at > now)
    return db.session.scalars(wanted.where(SeatHold.organisation_id.in_(mine)).order_by(SeatHold.id).limit(1)).first()
