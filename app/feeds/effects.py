"""A change that a calendar shows moves the calendar's revision, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from app import announcements
from app.feeds.service import bump
from app.registrations.models import Registration

OF_WORKSHOPS = (
    "workshop_published",
    "workshop_moved",
    "workshop_changed",
    "workshop_postponed",
    "workshop_cancelled",
    "workshop_restored",
    "network_changed",
)


def register(app: Flask) -> None:
    """Wires the handlers."""
    for name in OF_WORKSHOPS:
        announcements.register(app, name, shown_to_all)
    announcements.register(app, "registration_changed", shown_to_one)


def shown_to_all(*, now: datetime, **_facts: Any) -> None:
    """A workshop changed."""
    bump("public", now=now)


def shown_to_one(*, registration: Registration, now: datetime, **_facts: Any) -> None:
    """Somebody's own calendar changed."""
    bump(f"person:{registration.person_id}", now=now)
