"""A change that a calendar shows moves the calendar's revision, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from app import announcements
from app.accounts.models import Person
from app.feeds.revisions import PUBLIC, bump
from app.registrations.models import Registration
from app.workshops.models import Workshop

OF_WORKSHOPS = (
    "workshop_published",
    "workshop_moved",
    "workshop_changed",
    "workshop_postponed",
    "workshop_cancelled",
    "workshop_restored",
    "network_changed",
    "questions_changed",
)


def register(app: Flask) -> None:
    """Wires the handlers."""
    for name in OF_WORKSHOPS:
        announcements.register(app, name, shown_to_all)
    announcements.register(app, "version_raised", counted_on)
    announcements.register(app, "registration_changed", shown_to_one)
    announcements.register(app, "registration_answered", shown_to_one)
    announcements.register(app, "person_absorbed", brought_along)


def shown_to_all(*, now: datetime, **_facts: Any) -> None:
    """A workshop changed."""
    bump(PUBLIC, now=now)


def counted_on(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """A workshop's version rises without a change that anybody reads: it stands in the SEQUENCE of deadlines."""
    if workshop.state != "draft":
        bump(PUBLIC, now=now)


def shown_to_one(*, registration: Registration, now: datetime, **_facts: Any) -> None:
    """Somebody's own calendar changed."""
    bump(f"person:{registration.person_id}", now=now)


def brought_along(*, person: Person, now: datetime, **_facts: Any) -> None:
    """What a guest is registered for stands in the calendar of whoever has proved the address."""
    bump(f"person:{person.id}", now=now)
