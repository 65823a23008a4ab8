"""What a closed account means for expressions of interest; in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from app import announcements
from app.accounts.models import Person
from app.audit.service import Actor
from app.membership.interest import joining


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "person_closed", person_closed)


def person_closed(*, person: Person, now: datetime, by: Actor, **_facts: Any) -> None:
    """Nobody answers for it any more."""
    joining.closed(person, by=by, now=now)
