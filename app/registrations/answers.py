"""Answers to a workshop's questions: given with the registration, changed until the workshop begins."""

from __future__ import annotations

from datetime import datetime

from app.audit.service import Actor, record
from app.database import retrying, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.questions import queries as questions
from app.questions import service as asking
from app.questions.service import Typed
from app.registrations import queries, seats
from app.registrations.models import Registration
from app.registrations.rules import may_answer


def check(workshop_id: int, typed: Typed | None) -> None:
    """Raises Refused with words for every field in which an answer does not fit."""
    if typed is not None:
        asking.judged(questions.of_workshop(workshop_id), typed)


def write(registration: Registration, typed: Typed | None, now: datetime) -> bool:
    """What was typed becomes the answers, in the transaction that is open; whether that changed any. None: nobody was asked."""
    if typed is None:
        return False
    asked = questions.of_workshop(registration.workshop_id)
    return asking.write(registration.id, asked, asking.judged(asked, typed), now)


def change(registration_id: int, typed: Typed, *, by: Actor, now: datetime) -> Registration:
    """Other answers, as long as they are of use. Raises Missing, Refused."""
    return retrying(lambda: _change(registration_id, typed, by=by, now=now))


def _change(registration_id: int, typed: Typed, *, by: Actor, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        workshop = registration.workshop
        if not may_answer(registration.state, workshop.state, workshop.starts_at, now):
            raise Refused(_("The answers cannot be changed any more."))
        if write(registration, typed, now):
            record("registration.answered", f"workshop:{workshop.id}", by=by, now=now, name=registration.person.name)
        return registration
