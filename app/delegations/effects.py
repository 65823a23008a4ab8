"""What a coordinator may do about a workshop, for the pages of lower features."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, url_for

from app import announcements
from app.delegations import queries


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "my_delegation", my_delegation)


def my_delegation(*, workshop_id: int, person_id: int, now: datetime, into: list[str], **_facts: Any) -> None:
    """Where a coordinator registers colleagues for a workshop; nothing for whoever cannot."""
    if queries.sends_to(workshop_id, person_id, now):
        into.append(url_for("delegations_member.delegation", workshop_id=workshop_id))
