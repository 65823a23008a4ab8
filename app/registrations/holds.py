"""Seats held for an organisation, once their day is over, or when staff take them away and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.audit.service import SCHEDULER, record
from app.database import db, transaction
from app.registrations import queries, seats
from app.registrations.each import one_by_one
from app.registrations.models import Registration
from app.registrations.waiting import line
from app.workshops.models import SeatHold, Workshop


def lapse(*, now: datetime) -> int:
    """Seats that an organisation has not used in time go to those who wait; each hold in a transaction of its own. How many."""
    return one_by_one(queries.lapsed_holds(now), lambda number: _lapse(number, now), "the seats of hold %s could not be let go")


def _lapse(hold_id: int, now: datetime) -> bool:
    with transaction() as session:
        hold = session.get(SeatHold, hold_id)
        if hold is None:
            return False
        workshop_id = hold.workshop_id
        seats.lock(workshop_id)
        hold = session.get(SeatHold, hold_id, populate_existing=True)
        if hold is None or hold.lapses_at > now:  # staff were faster
            return False
        facts = {"organisation": hold.organisation.name, "unused": hold.unused, "seats": hold.seats}
        record("hold.lapsed", f"workshop:{workshop_id}", by=SCHEDULER, now=now, **facts)
        seats.let_go(hold)
        session.expire_all()
        line.promote(workshop_id, by=SCHEDULER, now=now)
        return True


def without(workshop: Workshop) -> Sequence[Registration]:
    """Whoever sits on a seat that was held for the own organisation and is by now like any other, first come first."""
    wanted = select(Registration).where(Registration.workshop_id == workshop.id, Registration.holds_seat, Registration.hold_id.is_not(None))
    there = select(SeatHold.id).where(SeatHold.workshop_id == workshop.id)
    wanted = wanted.where(Registration.hold_id.not_in(there)).order_by(Registration.queued_at, Registration.id)
    return db.session.scalars(wanted).all()


def rejoin(workshop: Workshop) -> None:
    """Lines that came back get their people again, in the transaction that is open."""
    alone = without(workshop)
    for hold in workshop.holds:
        mine = select(Registration.id).where(Registration.hold_id == hold.id, Registration.holds_seat)
        room = hold.seats - hold.unused - len(db.session.scalars(mine).all())
        for registration in [one for one in alone if one.organisation_id == hold.organisation_id][:room]:
            registration.hold_id = hold.id
