"""A coordinator says as what people come, and how many are of the majority and of the opposition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.queries import is_coordinator
from app.audit.service import person as actor
from app.audit.service import record
from app.database import db, retrying, transaction
from app.delegations.mix.rules import MOST
from app.delegations.models import Mix
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.registrations import seats
from app.registrations.models import Registration

KINDS = frozenset({"politician", "official"})
Sides = tuple[int, int]  # majority, opposition


def say(workshop_id: int, organisation_id: int, kinds: Mapping[int, str], sides: Sides | None, *, by: Person, now: datetime) -> None:
    """`kinds`: politician, official or nothing, by registration; `sides`: None if nobody says.

    Raises Missing for whoever does not coordinate the organisation and for somebody else's registration, Refused for numbers that
    cannot be.
    """
    retrying(lambda: _say(workshop_id, organisation_id, kinds, sides, by=by, now=now))


def _say(workshop_id: int, organisation_id: int, kinds: Mapping[int, str], sides: Sides | None, *, by: Person, now: datetime) -> None:
    with transaction():
        organisation = db.session.get(Organisation, organisation_id)
        if seats.lock(workshop_id) is None or organisation is None or not is_coordinator(by, now.date(), organisation_id):
            raise Missing
        if sides is not None and not all(0 <= side <= MOST for side in sides):
            raise Refused(_("Enter numbers from 0 to 99, or nothing."))
        mine = select(Registration).where(Registration.workshop_id == workshop_id, Registration.organisation_id == organisation_id)
        rows = {row.id: row for row in db.session.scalars(mine.where(Registration.id.in_(kinds)))}
        if rows.keys() != kinds.keys() or not KINDS.issuperset(kind for kind in kinds.values() if kind):
            raise Missing
        changed = _keep(workshop_id, organisation_id, sides)
        for number, kind in kinds.items():
            changed |= (rows[number].comes_as or "") != kind
            rows[number].comes_as = kind or None
        if changed:
            record("delegation.mix", f"workshop:{workshop_id}", by=actor(by), now=now, organisation=organisation.name)


def _keep(workshop_id: int, organisation_id: int, sides: Sides | None) -> bool:
    """Whether that is other than it was."""
    row = db.session.get(Mix, (workshop_id, organisation_id))
    if (None if row is None else (row.majority, row.opposition)) == sides:
        return False
    if sides is None:
        db.session.delete(row)
    elif row is None:
        db.session.add(Mix(workshop_id=workshop_id, organisation_id=organisation_id, majority=sides[0], opposition=sides[1]))
    else:
        row.majority, row.opposition = sides
    return True
