"""A coordinator registers several colleagues in one act: all of them, or nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.accounts.models import Person
from app.accounts.queries import is_coordinator
from app.announcements import announce
from app.audit.service import person as actor
from app.database import db, transaction
from app.delegations import colleagues
from app.delegations.colleagues import Colleague
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.outbox import service as outbox
from app.questions import queries as questions
from app.registrations import letters, mails, newcomers, queries, seats
from app.registrations import service as registrations
from app.registrations.log import note
from app.registrations.models import ACTIVE, Registration
from app.registrations.rules import may_register
from app.workshops.models import Workshop

Wanted = tuple[int, Sequence[Colleague]]  # a workshop, and who is to come to it


class TooFew(Refused):
    """Not everybody would have a seat; nothing is done. `seated` of `wanted` would."""

    def __init__(self, seated: int, wanted: int) -> None:
        super().__init__(_("There are not enough seats for all of them. Nobody is registered yet."))
        self.seated, self.wanted = seated, wanted


def register_delegation(
    wanted: Sequence[Wanted], organisation_id: int, *, by: Person, now: datetime, waiting: bool = False
) -> list[Registration]:
    """All of them come, to all of these workshops, or nothing has happened. Who is registered already stays so.

    `waiting`: whoever finds no seat goes on the waiting list. Raises Missing for whoever does not coordinate the organisation,
    TooFew when somebody would wait, Refused when registration is not open or somebody cannot be named.
    """
    return registrations.once(lambda: _register(wanted, organisation_id, by=by, now=now, waiting=waiting))


def _register(wanted: Sequence[Wanted], organisation_id: int, *, by: Person, now: datetime, waiting: bool) -> list[Registration]:
    with transaction():
        organisation = db.session.get(Organisation, organisation_id)
        if organisation is None or not is_coordinator(by, now.date(), organisation_id):
            raise Missing
        named = dict(wanted)
        open_ones = [_opened(workshop_id, organisation_id, now) for workshop_id in seats.guard().in_order(named)]
        found: list[Registration] = []
        new: list[Registration] = []
        for workshop in open_ones:
            for person in colleagues.brought(named[workshop.id], organisation, by=actor(by), now=now):
                registration, arrived = _come(workshop, person, organisation, now)
                found.append(registration)
                new += [registration] if arrived else []
        seated = sum(one.state != "waitlisted" for one in new)
        if seated < len(new) and not waiting:
            raise TooFew(seated, len(new))
        _tell(new, by, now)
        return found


def _opened(workshop_id: int, organisation_id: int, now: datetime) -> Workshop:
    workshop = registrations.open_workshop(workshop_id, now)
    if not may_come(workshop, organisation_id, now):
        raise Missing
    return workshop


def may_come(workshop: Workshop, organisation_id: int, now: datetime) -> bool:
    """Whether the workshop is for people of this organisation."""
    members = newcomers.members(workshop.network_id, now.date()) if workshop.access == "network" else frozenset()
    invited = newcomers.invited(workshop.id) if workshop.access == "invited" else frozenset()
    return may_register(workshop.access, organisation_id, members, invited)


def _come(workshop: Workshop, person: Person, organisation: Organisation, now: datetime) -> tuple[Registration, bool]:
    """The registration, and whether it is new."""
    registration = queries.find(workshop.id, person.id)
    if registration is not None and registration.state in ACTIVE and registration.state != "unconfirmed":
        return registration, False
    if registration is None:
        registration = registrations.made(workshop, person, organisation.id, now)
    registration.come_for(organisation.id, vouched=True)
    registration.lang = person.lang
    registrations.come_in(registration, now)
    db.session.flush()
    return registration, True


def _tell(new: Sequence[Registration], by: Person, now: datetime) -> None:
    """Calendars are renewed in the order of people, as everywhere: two that renew the same ones must not wait for each other."""
    common = letters.Common()
    for one in sorted(new, key=lambda each: (each.person_id, each.workshop_id)):
        asks = questions.count(one.workshop_id) > 0
        note(f"registration.{one.state}", one, by=actor(by), now=now)
        sent = mails.answer(one, named=mails.Named(registered_by=by.name, asks=asks), common=common)
        outbox.queue_all([sent], now=now)
        announce("registration_changed", registration=one, now=now)
