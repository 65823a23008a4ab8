"""Free seats go to who waits, in order: at once or as an offer, inside the transaction that freed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.announcements import announce
from app.audit.service import SCHEDULER, Actor
from app.database import db
from app.registrations import news, queries, seats
from app.registrations.log import note
from app.registrations.models import Registration
from app.registrations.waiting import terms
from app.workshops.models import Workshop


def promote(workshop_id: int, *, by: Actor, now: datetime, also: Sequence[Registration] = ()) -> list[int]:
    """Gives or offers every free seat to the first in line. Inside the transaction that freed them. Which registrations moved up.

    `also`: who freed them. All are announced together at the end, in the order of people: their calendars are renewed, and
    two transactions that renew the same ones in another order would wait for each other.
    """
    workshop = seats.lock(workshop_id)
    moved = _move_up(workshop, by, now) if workshop is not None and terms.moves(workshop, now) else []
    tell({one.id: one for one in [*also, *moved]}.values(), now)
    return [registration.id for registration in moved]


def tell(changed: Iterable[Registration], now: datetime) -> None:
    """Announces them in the order of people."""
    for registration in sorted(changed, key=lambda one: one.person_id):
        announce("registration_changed", registration=registration, now=now)


def _move_up(workshop: Workshop, by: Actor, now: datetime) -> list[Registration]:
    moved: list[Registration] = []
    until = terms.of(workshop).deadline(now)
    while (turn := seats.next_turn(workshop.id, now)) is not None:
        registration = queries.get(turn.registration_id)
        seat(registration, now, until=until, hold_id=turn.hold_id)
        action = "registration.promoted" if until is None else "registration.offered"
        note(action, registration, by=by, now=now)
        news.moved_up(registration, now)
        moved.append(registration)
    return moved


def seat(registration: Registration, now: datetime, *, until: datetime | None = None, hold_id: int | None = None) -> None:
    """The seat that was taken is this person's; only offered, if it waits for an answer `until` then."""
    registration.state, registration.holds_seat = "offered" if until else "confirmed", True
    registration.held_until, registration.confirmed_at = until, None if until else now
    registration.hold_id = hold_id
    if until is None:
        registration.priority = registration.lapses = 0
    seats.touch(registration, now)
    db.session.flush()


def fit(workshop: Workshop, now: datetime, *, told: bool) -> list[Registration]:
    """No offer outlives the line, which stops earlier than it did; what is left too little time to answer is a seat.

    `told`: a mail about the change goes to all, and says until when the seat is held now; else the offer itself goes once more.
    Whose offers are other now: the caller announces them, with whoever else moves up.
    """
    mine = terms.of(workshop)
    other = []
    for registration in queries.of_workshop(workshop.id, ("offered",)):
        until = mine.kept(registration.held_until or now, now)
        if until is not None and (told or until == registration.held_until):
            registration.held_until = until
            continue
        seat(registration, now, until=until, hold_id=registration.hold_id)
        if until is None:
            note("registration.promoted", registration, by=SCHEDULER, now=now)
        news.moved_up(registration, now)
        other.append(registration)
    return other


def renew(workshop: Workshop, *, by: Actor, now: datetime) -> list[int]:
    """The clock of open offers begins anew when a workshop is taken up again; too short a one is a seat. Whose they are."""
    until = terms.of(workshop).deadline(now)
    open_ones = list(queries.of_workshop(workshop.id, ("offered",)))
    for registration in open_ones:
        seat(registration, now, until=until, hold_id=registration.hold_id)
        if until is None:
            note("registration.promoted", registration, by=by, now=now)
        news.moved_up(registration, now)
    tell(open_ones, now)
    return [registration.id for registration in open_ones]
