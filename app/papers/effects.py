"""What certificates have to say to those below: a registration's page offers its own."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app import announcements
from app.papers import queries


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "certificate_of", certificate_of)


def certificate_of(*, registration_id: int, into: list[bool], **_facts: Any) -> None:
    """Whether there is one in force."""
    found = queries.find_of(registration_id)
    if found is not None and found.revoked_at is None:
        into.append(True)
