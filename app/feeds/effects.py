"""A change that a calendar shows moves the calendar's revision, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from app import announcements
from app.accounts.models import Affiliation, Person
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
OF_PARTNERSHIPS = ("partnership_changed", "partnership_date_changed")  # private dates too: they stand in the calendars of many


def register(app: Flask) -> None:
    """Wires the handlers."""
    for name in OF_WORKSHOPS:
        announcements.register(app, name, shown_to_all)
    for name in OF_PARTNERSHIPS:
        announcements.register(app, name, shown_to_all)
    announcements.register(app, "partnership_part_changed", shown_to_member)
    announcements.register(app, "place_confirmed", shown_to_the_confirmed)
    announcements.register(app, "place_ended", shown_to_member)
    announcements.register(app, "person_reads_otherwise", brought_along)
    announcements.register(app, "version_raised", counted_on)
    announcements.register(app, "registration_changed", shown_to_one)
    announcements.register(app, "registration_answered", shown_to_one)
    announcements.register(app, "needs_changed", shown_to_one)
    announcements.register(app, "person_absorbed", brought_along)


def shown_to_all(*, now: datetime, **_facts: Any) -> None:
    """A workshop or a partnership changed."""
    bump(PUBLIC, now=now)


def counted_on(*, workshop: Workshop, now: datetime, **_facts: Any) -> None:
    """A workshop's version rises without a change that anybody reads: it stands in the SEQUENCE of deadlines."""
    if workshop.state != "draft":
        bump(PUBLIC, now=now)


def shown_to_one(*, registration: Registration, now: datetime, **_facts: Any) -> None:
    """Somebody's own calendar changed."""
    bump(f"person:{registration.person_id}", now=now)


def shown_to_member(*, person_id: int, now: datetime, **_facts: Any) -> None:
    """Somebody belongs to a partnership, or does no more."""
    bump(f"person:{person_id}", now=now)


def shown_to_the_confirmed(*, affiliation: Affiliation, now: datetime, **_facts: Any) -> None:
    """Somebody belongs to an organisation, and so to its partnerships."""
    bump(f"person:{affiliation.person_id}", now=now)


def brought_along(*, person: Person, now: datetime, **_facts: Any) -> None:
    """What a guest is registered for stands in the calendar of whoever has proved the address; alarms ring on the person's own clock."""
    bump(f"person:{person.id}", now=now)
