"""Reads of partnerships: the staff's, those of somebody, one with all that it has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, or_, select, union
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.database import db
from app.errors import Missing
from app.membership.models import Partnership, PartnershipPerson
from app.membership.partnership.rules import ANSWERING
from app.organisations.models import Organisation


def get(slug: str) -> Partnership:
    """One with everything. Raises Missing."""
    sides = (joinedload(side).joinedload(Organisation.names) for side in (Partnership.left, Partnership.right))
    more = (selectinload(Partnership.people).joinedload(PartnershipPerson.person), selectinload(Partnership.events))
    wanted = select(Partnership).options(*sides, *more, selectinload(Partnership.links), joinedload(Partnership.network))
    found = db.session.scalars(wanted.where(Partnership.slug == slug)).unique().one_or_none()
    if found is None:
        raise Missing
    return found


def of_person(person_id: int, on: date) -> Sequence[Partnership]:
    """Those that somebody belongs to: by a part in it, or as one of the people of either side."""
    wanted = select(Partnership).where(belongs(person_id, on)).order_by(Partnership.phase == "ended", Partnership.starts_on.desc())
    sides = (joinedload(side).joinedload(Organisation.names) for side in (Partnership.left, Partnership.right))
    return db.session.scalars(wanted.options(*sides)).unique().all()


def belongs(person_id: int, on: date) -> ColumnElement[bool]:
    """That somebody belongs to a partnership on a day."""
    mine = exists().where(PartnershipPerson.partnership_id == Partnership.id, PartnershipPerson.person_id == person_id)
    either = or_(Affiliation.organisation_id == Partnership.left_id, Affiliation.organisation_id == Partnership.right_id)
    return or_(mine, exists().where(Affiliation.person_id == person_id, either, counting(on)))


def is_of(partnership_id: int, person_id: int, on: date) -> bool:
    """Whether somebody belongs to this one."""
    wanted = select(Partnership.id).where(Partnership.id == partnership_id, belongs(person_id, on))
    return db.session.scalar(wanted) is not None


def delegates(partnership: Partnership, on: date) -> Sequence[tuple[Person, int]]:
    """The coordinators of both sides on a day, with their organisation."""
    wanted = select(Person, Affiliation.organisation_id).join(Affiliation, Affiliation.person_id == Person.id)
    wanted = wanted.where(Affiliation.organisation_id.in_([partnership.left_id, partnership.right_id]), counting(on))
    wanted = wanted.where(Affiliation.role == "coordinator", Person.disabled_at.is_(None)).order_by(Affiliation.id)
    return [(row[0], row[1]) for row in db.session.execute(wanted)]


def turned_between(one: date, other: date) -> Select[int]:
    """Whoever's place at a side of a partnership began to count, or ceased to, from one day to the next."""
    either = or_(Affiliation.organisation_id == Partnership.left_id, Affiliation.organisation_id == Partnership.right_id)
    begun = and_(Affiliation.starts_on > one, Affiliation.starts_on <= other)
    ended = and_(Affiliation.ends_on >= one, Affiliation.ends_on < other)
    wanted = select(Affiliation.person_id).distinct().where(Affiliation.confirmed_at.is_not(None), or_(begun, ended))
    return wanted.where(exists().where(either))


def those_of(partnership_ids: Sequence[int], on: date) -> CompoundSelect[int, int, bool]:
    """(partnership_id, person_id, answers) of all who belong to these on a day: the same as `belongs`, from the other side.

    `answers`: one of its coordinators or steering group, or a coordinator of either side; whoever is more than one stands here twice.
    """
    either = or_(Affiliation.organisation_id == Partnership.left_id, Affiliation.organisation_id == Partnership.right_id)
    coordinates = (Affiliation.role == "coordinator").label("answers")
    placed = select(Partnership.id.label("partnership_id"), Affiliation.person_id.label("person_id"), coordinates)
    placed = placed.join(Affiliation, either).where(Partnership.id.in_(partnership_ids), counting(on))
    parts = select(PartnershipPerson.partnership_id, PartnershipPerson.person_id, PartnershipPerson.role.in_(ANSWERING))
    parts = parts.where(PartnershipPerson.partnership_id.in_(partnership_ids), PartnershipPerson.person_id.is_not(None))
    return union(placed, parts)
