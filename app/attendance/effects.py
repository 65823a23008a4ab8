"""What attendance has to say to those below: where people were, things stay as they are."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app import announcements
from app.attendance import queries
from app.workshops.models import Workshop


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "attended_days", attended_days)
    announcements.register(app, "attended_sessions", attended_sessions)


def attended_days(*, workshop: Workshop, into: set[int], **_facts: Any) -> None:
    """The days at which somebody is checked in: they stay where they are."""
    into.update(queries.attended_days(workshop.id))


def attended_sessions(*, workshop: Workshop, into: set[int], **_facts: Any) -> None:
    """The sessions at which somebody was: they stay in the programme."""
    into.update(queries.attended_sessions(workshop.id))
