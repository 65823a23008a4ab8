"""What tests of attendance start from: a workshop of two days in Bogotá, people with seats, and its mornings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import Person
from app.attendance.models import CountedSession
from app.attendance.service import Wish
from app.audit.models import AuditEntry
from app.audit.service import Actor
from app.database import db
from app.organisations.models import Organisation
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.workshops.models import Workshop, WorkshopSession
from tests import factories
from tests.factories import NOW
from tests.registrations.made import published
from tests.workshops.made import session

STAFF = Actor("person:0", "Karin")
HELPER = Actor("person:1", "Malin")
MORNING = datetime(2025, 6, 3, 15, 0, tzinfo=UTC)  # ten o'clock on the first day, in Bogotá
AFTER = datetime(2025, 6, 5, 15, 0, tzinfo=UTC)  # the day after the last
MINUTE = timedelta(minutes=1)


def workshop(umea: Organisation, **changes: Any) -> Workshop:
    """3 and 4 June, 09:00 to 16:00, with a visit in the first afternoon; open to registration."""
    return published(umea, sessions=(session("The visit", 14, 16),), **changes)


def seat(of: Workshop, umea: Organisation, name: str = "", **facts: Any) -> Registration:
    """Somebody who reads English has a seat."""
    me: Person = factories.person(umea, lang="en", **({"name": name} if name else {}), **facts)
    return registrations.register(of.id, me.id, by=STAFF, now=NOW)


def slot(of: Workshop, day: int = 0, half: str = "morning") -> str:
    """The code of a half-day."""
    return f"{of.days[day].id}-{half}"


def visit() -> int:
    """The number of the session."""
    return db.session.scalars(select(WorkshopSession.id)).one()


def wish(registration: Registration, code: str, at: datetime = MORNING, *, present: bool = True, key: str = "") -> Wish:
    """Pressed at that time."""
    return Wish(registration.id, code, present, at, key)


def actions() -> list[str]:
    """What the audit says of attendance, oldest first."""
    wanted = select(AuditEntry.action).where(AuditEntry.action.startswith("attendance.")).order_by(AuditEntry.id)
    return list(db.session.scalars(wanted))


def counted() -> list[int]:
    """The sessions at which attendance is taken."""
    return list(db.session.scalars(select(CountedSession.session_id)))
