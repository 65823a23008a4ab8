"""Answers to a workshop's questions, and needs: given with the registration, changed until the workshop begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.announcements import announce
from app.audit.service import Actor
from app.database import retrying, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.needs import service as needs
from app.needs.rules import Given, Whose
from app.questions import queries as questions
from app.questions import service as asking
from app.questions.models import Question
from app.questions.service import Typed
from app.registrations import queries, seats
from app.registrations.log import note
from app.registrations.models import Registration
from app.registrations.rules import may_answer


def check(workshop_id: int, typed: Typed | None, given: Given | None = None, *, asked: Sequence[Question] | None = None) -> None:
    """Raises Refused with words for every field in which an answer or a need does not fit. `asked`: the questions, if they
    have been read."""
    found: dict[str, str] = {}
    try:
        if typed is not None:
            asking.judged(questions.of_workshop(workshop_id) if asked is None else asked, typed)
    except Refused as refusal:
        found = refusal.problems
    try:
        needs.check(given)
    except Refused as refusal:
        found = found | refusal.problems
    if found:
        raise Refused(problems=found)


def write(registration: Registration, typed: Typed | None, now: datetime, given: Given | None = None) -> bool:
    """What was typed becomes the answers and needs, in the transaction that is open; whether that changed any answer.

    None: nobody was asked.
    """
    needs.write(whose(registration), given, now)
    if typed is None:
        return False
    asked = questions.of_workshop(registration.workshop_id)
    return asking.write(registration.id, asked, asking.judged(asked, typed), now)


def whose(registration: Registration) -> Whose:
    """Whose needs a registration's are."""
    return Whose(registration.id, registration.person_id, registration.workshop_id)


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
            note("registration.answered", registration, by=by, now=now)
            announce("registration_answered", registration=registration, now=now)
        return registration


def change_needs(registration_id: int, given: Given, *, by: Actor, now: datetime) -> Registration:
    """Other needs, as long as somebody can act on them. Raises Missing, Refused."""
    return retrying(lambda: _change_needs(registration_id, given, by=by, now=now))


def _change_needs(registration_id: int, given: Given, *, by: Actor, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        workshop = registration.workshop
        if not may_answer(registration.state, workshop.state, workshop.starts_at, now):
            raise Refused(_("What you need cannot be changed any more, but you can still erase it."))
        if needs.write(whose(registration), given, now, standing=True):
            note("needs.changed", registration, by=by, now=now)
            announce("needs_changed", registration=registration, now=now)
        return registration


def withdraw_needs(registration_id: int, *, by: Actor, now: datetime) -> None:
    """The consent is taken back, and what it was for is erased; as long as there is anything. Raises Missing."""
    retrying(lambda: _withdraw_needs(registration_id, by=by, now=now))


def _withdraw_needs(registration_id: int, *, by: Actor, now: datetime) -> None:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if needs.erase(registration.id, now):
            note("needs.withdrawn", registration, by=by, now=now)
            announce("needs_changed", registration=registration, now=now)
