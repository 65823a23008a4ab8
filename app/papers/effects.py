"""What certificates have to say to those below: a registration's page offers its own."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import update

from app import announcements
from app.database import changed
from app.papers import queries
from app.papers.models import Certificate


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "certificate_of", certificate_of)
    announcements.register(app, "registration_passed", registration_passed)


def certificate_of(*, registration_id: int, into: list[bool], **_facts: Any) -> None:
    """Whether there is one in force."""
    found = queries.find_of(registration_id)
    if found is not None and found.revoked_at is None:
        into.append(True)


def registration_passed(*, proved: int, own: int, **_facts: Any) -> None:
    """The same person has it by another registration."""
    if queries.find_of(own) is None:
        changed(update(Certificate).where(Certificate.registration_id == proved).values(registration_id=own))
