"""Seats held for an organisation, once their day is over."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from app.audit.service import SCHEDULER, record
from app.database import retrying, transaction
from app.errors import Busy
from app.registrations import queries, seats
from app.registrations.waiting import line
from app.workshops.models import SeatHold


def lapse(*, now: datetime) -> int:
    """Seats that an organisation has not used in time go to those who wait; each hold in a transaction of its own. How many."""
    gone = 0
    for hold_id in queries.lapsed_holds(now):
        try:
            gone += retrying(lambda wanted=hold_id: _lapse(wanted, now))  # type: ignore[misc]
        except Busy:  # the next one would wait as long
            raise
        except Exception:  # one that cannot be let go must not keep the others
            current_app.logger.exception("the seats of hold %s could not be let go", hold_id)
    return gone


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
