"""Registers the people of a list, after a look at what would happen; in one transaction, and nobody twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.queries import is_open
from app.accounts.rules import canonical
from app.accounts.service import find_or_make_person
from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, transaction
from app.errors import Refused
from app.exchange import rules
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.outbox import service as outbox
from app.participants.importing import rows
from app.participants.importing.rows import Row
from app.questions import queries as questions
from app.registrations import mails, newcomers, queries
from app.registrations import service as registrations
from app.registrations.log import note
from app.registrations.models import ACTIVE, Registration
from app.workshops import queries as workshops
from app.workshops.models import Workshop


def look(workshop_id: int, text: str) -> list[Row]:
    """What an import of this table would do, row by row; nothing is written. Raises Missing, Refused if it is no table."""
    workshops.get_named(workshop_id)
    known = db.session.scalars(select(Organisation)).all()
    found = rows.read(text, {rules.fold(name): one.id for one in known for name in (one.slug, *(word.name for word in one.names.values()))})
    mine = select(Person.canonical_address).join(Registration, Registration.person_id == Person.id)
    mine = mine.where(Registration.workshop_id == workshop_id, Registration.state.in_(set(ACTIVE) - {"unconfirmed"}))
    there = set(db.session.scalars(mine))
    for row in found:
        row.there = canonical(row.address) in there
    return found


def bring_in(workshop_id: int, text: str, *, by: Actor, now: datetime, leave_out: Collection[int] = ()) -> list[Registration]:
    """A seat for each in the order of the file, or a place in the line when none is left, and a mail about it.

    All or nothing, but for the lines that the person saw to be wrong and chose to leave out; who is registered already is left
    alone. Raises Missing, Refused when another row is wrong or nobody can come.
    """
    return registrations.once(lambda: _bring_in(workshop_id, text, leave_out, by=by, now=now))


def _bring_in(workshop_id: int, text: str, leave_out: Collection[int], *, by: Actor, now: datetime) -> list[Registration]:
    with transaction():
        workshop = registrations.open_workshop(workshop_id, now, even_closed=True)
        found = look(workshop_id, text)
        if any(row.wrong and row.line not in leave_out for row in found):
            raise Refused(_("Nothing was imported, because something in the file is wrong."))
        found = [row for row in found if row.line not in leave_out]
        made = [one for row in found if not row.there if (one := _come(workshop, row, by=by, now=now)) is not None]
        for one in sorted(made, key=lambda one: one.person_id):
            announce("registration_changed", registration=one, now=now)
        record("participants.imported", f"workshop:{workshop_id}", by=by, now=now, number=len(made))
        return made


def _come(workshop: Workshop, row: Row, *, by: Actor, now: datetime) -> Registration | None:
    """One person's seat, or nothing for somebody whose account is closed or who is there under another address."""
    person = _person(workshop, row, now)
    registration = queries.find(workshop.id, person.id)
    there = registration is not None and registration.state in ACTIVE and registration.state != "unconfirmed"
    if there or not is_open(person):
        return None
    registration = registration or registrations.made(workshop, person, None, now)
    home = row.organisation_id or _home(workshop, person, now) or registration.organisation_id
    registration.come_for(home, registration.organisation_name, vouched=row.organisation_id is not None)
    registration.lang = row.lang or person.lang
    registration.queued_at, registration.priority, registration.lapses, registration.asked_at = now, 0, 0, None
    registrations.seat_or_line(registration, now)
    db.session.flush()
    note(f"registration.{registration.state}", registration, by=by, now=now)
    named = mails.Named(registered_by=by.name, asks=questions.count(workshop.id) > 0)
    outbox.queue(mails.answer(registration, named=named), now=now)
    return registration


def _home(workshop: Workshop, person: Person, now: datetime) -> int | None:
    """Where somebody belongs of whom the file does not say it, so that a seat that is held there is used."""
    mine = newcomers.places(workshop, person.id, now)
    return mine[0].organisation_id if mine else None


def _person(workshop: Workshop, row: Row, now: datetime) -> Person:
    home = db.session.get(Organisation, row.organisation_id) if row.organisation_id else None
    person = find_or_make_person(
        row.address, row.name, lang=row.lang or workshop.original_lang, zone=home.zone if home else workshop.zone, now=now
    )
    if row.kind and person.kind is None:
        person.kind = row.kind
    return person


def waiting(made: Sequence[Registration]) -> int:
    """For how many no seat was left."""
    return sum(one.state == "waitlisted" for one in made)
