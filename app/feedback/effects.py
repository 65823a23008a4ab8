"""What the form after a workshop has to say to those below: a registration's page leads to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from app import announcements
from app.feedback import queries, service
from app.registrations.models import Registration


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "feedback_of", feedback_of)
    announcements.register(app, "registration_passed", registration_passed)


def feedback_of(*, registration: Registration, now: datetime, into: list[bool], **_facts: Any) -> None:
    """Whether the form is open to somebody: True if they have answered already, False if not."""
    if queries.stage_of(registration, now) == "open":
        into.append(queries.find(registration) is not None)


def registration_passed(*, proved: int, own: int, **_facts: Any) -> None:
    """The same person answers by another link."""
    service.pass_on(proved, own)
