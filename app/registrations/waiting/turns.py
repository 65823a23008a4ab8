"""What staff do about the line: who comes before the others, and a seat out of turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.announcements import announce
from app.audit.service import Actor
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.registrations import news, queries, seats, service
from app.registrations.log import note
from app.registrations.models import Registration
from app.registrations.waiting import line
from app.workshops.rules import MOST_CAPACITY, stage

AHEAD = 1


def put_ahead(workshop_id: int, registration_id: int, *, ahead: bool, by: Actor, now: datetime) -> Registration:
    """Before all who are not, such as people of a municipality that lacks its half; or back to where the time says.

    Raises Missing, Refused when the person does not wait any more.
    """
    with transaction():
        registration = _waiting(workshop_id, registration_id)
        priority = AHEAD if ahead else 0
        if registration.priority != priority:
            registration.priority = priority
            action = "registration.put_ahead" if ahead else "registration.put_back"
            note(action, registration, by=by, now=now)
        return registration


def seat_now(workshop_id: int, registration_id: int, *, by: Actor, now: datetime) -> Registration:
    """A seat out of turn: a free one once the line has stopped, else one more than there were, so that nobody loses a turn.

    Raises Missing, Refused.
    """
    return retrying(lambda: _seat_now(workshop_id, registration_id, by=by, now=now))


def _seat_now(workshop_id: int, registration_id: int, *, by: Actor, now: datetime) -> Registration:
    with transaction():
        registration = _waiting(workshop_id, registration_id)
        if registration.person.disabled_at is not None:
            raise Refused(service.closed(registration.person))
        seats_now([registration], by=by, now=now)
        return registration


def seats_now(people: Sequence[Registration], *, by: Actor, now: datetime) -> None:
    """The same for several who wait, in the order given, inside the transaction that holds their workshop; announced in the order
    of people. Raises Refused."""
    raised = [one.workshop for one in people if _give(one, by=by, now=now)]
    line.tell(people, now)
    if raised:
        announce("version_raised", workshop=raised[0], now=now)


def _give(registration: Registration, *, by: Actor, now: datetime) -> bool:
    """Whether the workshop has one seat more for it."""
    workshop = registration.workshop
    if workshop.state != "published" or stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done":
        raise Refused(_("Seats are given only for a workshop that takes place and is not over."))
    raised = not seats.take(workshop.id)
    if raised:
        if workshop.capacity >= MOST_CAPACITY:
            raise Refused(_("A workshop has at most %(number)s seats.", number=MOST_CAPACITY))
        workshop.capacity += 1
        db.session.flush()
        seats.take(workshop.id)
    line.seat(registration, now)
    note("registration.given" if raised else "registration.given_free", registration, by=by, now=now, capacity=workshop.capacity)
    news.moved_up(registration, now, given=True)
    return raised


def _waiting(workshop_id: int, registration_id: int) -> Registration:
    """The registration, its workshop held until the commit. Raises Missing for another workshop's, Refused."""
    registration = queries.get(registration_id)
    if registration.workshop_id != workshop_id:
        raise Missing
    registration = seats.held_still(registration)
    if registration.state != "waitlisted":
        raise Refused(_("%(name)s does not wait for a seat any more.", name=registration.person.name))
    return registration
