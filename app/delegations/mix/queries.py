"""The numbers of delegations: never who they are."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.accounts.models import Affiliation, Person
from app.database import db
from app.delegations.mix.rules import Counted, balance
from app.delegations.models import Mix
from app.languages import sort_key
from app.organisations.models import Organisation
from app.registrations.models import ACTIVE, Registration


def counted(workshop_id: int, organisation_id: int | None = None) -> dict[int, Counted]:
    """By organisation that has named somebody, or of that one alone.

    What a person says of themselves counts once their place is confirmed: who was only named tells nobody anything.
    """
    there = (Affiliation.person_id == Registration.person_id, Affiliation.organisation_id == Registration.organisation_id)
    theirs = select(Affiliation.id).where(*there, Affiliation.confirmed_at.is_not(None)).correlate(Registration).exists()
    sides = (Mix.workshop_id == Registration.workshop_id) & (Mix.organisation_id == Registration.organisation_id)
    wanted = select(Registration.organisation_id, Registration.comes_as, Person.kind, Person.gender, theirs, Mix.majority, Mix.opposition)
    wanted = wanted.join(Registration.person).outerjoin(Mix, sides)
    wanted = wanted.where(Registration.workshop_id == workshop_id, Registration.organisation_id.is_not(None))
    wanted = wanted.where(Registration.state.in_(ACTIVE)).order_by(Registration.id)
    if organisation_id is not None:
        wanted = wanted.where(Registration.organisation_id == organisation_id)
    rows: dict[int, list[tuple[str | None, str | None]]] = defaultdict(list)
    typed: dict[int, tuple[int | None, int | None]] = {}
    for of, comes_as, kind, gender, own, *said in db.session.execute(wanted):
        number = of or 0
        rows[number].append((comes_as or (kind if own else None), gender if own else None))
        typed[number] = (said[0], said[1])
    return {number: _of(people, *typed[number]) for number, people in rows.items()}


def delegations(workshop_id: int) -> list[tuple[Organisation, Counted]]:
    """The numbers of each organisation that sends somebody, by name."""
    numbers = counted(workshop_id)
    wanted = select(Organisation).options(selectinload(Organisation.names)).where(Organisation.id.in_(numbers))
    rows = sorted(db.session.scalars(wanted), key=lambda row: sort_key(row.name))
    return [(row, numbers[row.id]) for row in rows]


def _of(people: list[tuple[str | None, str | None]], majority: int | None, opposition: int | None) -> Counted:
    return Counted(
        people=len(people),
        politicians=sum(kind == "politician" for kind, _gender in people),
        officials=sum(kind == "official" for kind, _gender in people),
        majority=majority,
        opposition=opposition,
        balance=balance(gender for _kind, gender in people),
    )
