"""The guard at the seats: who changes them comes through the lock of the workshop, and the database itself counts."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select, update

from app.database import changed, db
from app.registrations.models import Registration
from app.workshops.models import Workshop

KEY = "app.seats"


class Guard:
    """What keeps two people from one seat. The controls of tests/registrations/test_races.py put one with a hole in its
    place, and see the race."""

    def lock(self, workshop_id: int) -> Workshop | None:
        """The workshop, held until the commit and read anew. SQLite has one writer anyway and ignores the clause; PostgreSQL
        waits at the row, at most three seconds."""
        return db.session.get(Workshop, workshop_id, with_for_update=True, populate_existing=True)

    def take(self, workshop_id: int) -> bool:
        """One row changed is a seat, none is full: the condition stands in the statement, and a CHECK behind it."""
        wanted = update(Workshop).where(Workshop.id == workshop_id, Workshop.taken < Workshop.capacity, Workshop.state == "published")
        return changed(wanted.values(taken=Workshop.taken + 1)) == 1


def guard() -> Guard:
    """This app's guard."""
    found: Guard = current_app.extensions.setdefault(KEY, Guard())
    return found


def lock(workshop_id: int) -> Workshop | None:
    """The workshop, held until the commit; None if there is none."""
    return guard().lock(workshop_id)


def held_still(registration: Registration) -> Registration:
    """The registration as it is once its workshop is locked."""
    lock(registration.workshop_id)
    db.session.refresh(registration)
    return registration


def take(workshop_id: int) -> bool:
    """A seat for whoever is first in line."""
    return guard().take(workshop_id)


def take_past_nobody(workshop_id: int) -> bool:
    """A seat for somebody who has just come: only if nobody waits for it."""
    return first_waiting(workshop_id) is None and take(workshop_id)


def give(workshop_id: int) -> None:
    """A seat back."""
    changed(update(Workshop).where(Workshop.id == workshop_id).values(taken=Workshop.taken - 1))


def first_waiting(workshop_id: int) -> int | None:
    """The registration that gets the next seat."""
    wanted = select(Registration.id).where(Registration.workshop_id == workshop_id, Registration.state == "waitlisted")
    return db.session.scalar(wanted.order_by(Registration.queued_at, Registration.id).limit(1))
