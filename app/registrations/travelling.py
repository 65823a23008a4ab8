"""Who with a seat comes from another country and has not asked for a letter for a visa; asked by reminders and calendars."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from app.database import db
from app.needs.models import Need
from app.needs.rules import Traveller, lacks_letter
from app.organisations.models import Organisation
from app.registrations.models import Registration
from app.workshops.models import Workshop


def without_letter(*where: ColumnElement[bool]) -> frozenset[int]:
    """Their registrations, of those at workshops that have a last moment for letters; one statement."""
    asked = select(Need.id).where(Need.registration_id == Registration.id, Need.person_id == Registration.person_id, Need.kind == "visa")
    facts = (Registration.state, Organisation.country, Workshop.country, Workshop.format, asked.exists())
    wanted = select(Registration.id, *facts).join(Registration.workshop).outerjoin(Registration.organisation)
    rows = db.session.execute(wanted.where(Workshop.letters_until.is_not(None), *where))
    return frozenset(row[0] for row in rows if lacks_letter(Traveller(*row[1:])))
