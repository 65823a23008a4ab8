"""What attendance has to say to those below: where people were, things stay as they are."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app import announcements
from app.attendance import queries
from app.attendance.models import Attendance, SessionAttendance, Tap
from app.database import changed, db
from app.workshops.models import Workshop


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "attended_days", attended_days)
    announcements.register(app, "attended_sessions", attended_sessions)
    announcements.register(app, "registration_passed", registration_passed)


def attended_days(*, workshop: Workshop, into: set[int], **_facts: Any) -> None:
    """The days at which somebody is checked in: they stay where they are."""
    into.update(queries.attended_days(workshop.id))


def attended_sessions(*, workshop: Workshop, into: set[int], **_facts: Any) -> None:
    """The sessions at which somebody was: they stay in the programme."""
    into.update(queries.attended_sessions(workshop.id))


def registration_passed(*, proved: int, own: int, **_facts: Any) -> None:
    """The same person comes by another registration, and was where that of the `proved` address was, unless the own one says where."""
    for table in (Attendance, SessionAttendance, Tap):
        if db.session.scalar(select(table.id).where(table.registration_id == own).limit(1)) is None:
            changed(update(table).where(table.registration_id == proved).values(registration_id=own))
