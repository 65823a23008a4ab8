"""What is not kept: guests who typed an address, or somebody else's, and never proved it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.accounts.models import Person
from app.database import changed, transaction
from app.registrations.models import ACTIVE, Registration

KEEP_GUESTS = timedelta(days=30)


def forget_guests(*, now: datetime) -> int:
    """Throws guests away who never proved their address and have had no live registration for a month; how many.

    Destroys: `now` must never lie ahead of the real clock.
    """
    before = now - KEEP_GUESTS
    with transaction() as session:
        busy = select(Registration.person_id).where(Registration.state.in_(ACTIVE) | (Registration.changed_at >= before))
        unproved = (Person.confirmed_at.is_(None), Person.role.is_(None), Person.disabled_at.is_(None), Person.created_at < before)
        gone = session.scalars(select(Person.id).where(*unproved, Person.id.not_in(busy)).with_for_update()).all()
        changed(delete(Registration).where(Registration.person_id.in_(gone), Registration.state.not_in(ACTIVE)))
        back = select(Registration.person_id)  # who has come back in this very moment
        return changed(delete(Person).where(Person.id.in_(gone), Person.id.not_in(back)))
