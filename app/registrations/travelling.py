"""Who with a seat comes from another country, and who of them has not asked for a letter for a visa; asked by reminders and calendars."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, false, select

from app.database import db
from app.needs.models import Need
from app.needs.rules import Traveller, lacks_letter
from app.organisations.models import Organisation
from app.registrations.models import Registration
from app.workshops.models import Workshop


def without_letter(*where: ColumnElement[bool]) -> frozenset[int]:
    """The registrations of those who have not, of those at workshops that have a last moment for letters; one statement."""
    asked = select(Need.id).where(Need.registration_id == Registration.id, Need.person_id == Registration.person_id, Need.kind == "visa")
    return _lacking(asked.exists(), where)


def from_abroad(*where: ColumnElement[bool]) -> frozenset[int]:
    """The same whether they have asked or not, which is theirs to tell."""
    return _lacking(false(), where)


def _lacking(asked: ColumnElement[bool], where: Iterable[ColumnElement[bool]]) -> frozenset[int]:
    facts = (Registration.state, Organisation.country, Workshop.country, Workshop.format, asked)
    wanted = select(Registration.id, *facts).join(Registration.workshop).outerjoin(Registration.organisation)
    rows = db.session.execute(wanted.where(Workshop.letters_until.is_not(None), *where))
    return frozenset(row[0] for row in rows if lacks_letter(Traveller(*row[1:])))
