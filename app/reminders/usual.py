"""The reminders that a network begins with; staff change them afterwards."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from app.database import db
from app.organisations.models import Network
from app.reminders.models import ReminderRule

RULES: tuple[dict[str, Any], ...] = (
    {"anchor": "start", "offset": -7, "unit": "days", "at_local": time(9)},
    {"anchor": "start", "offset": -1, "unit": "days", "at_local": time(9)},
    {"anchor": "start", "offset": -1, "unit": "hours", "applies_to": "online"},
    {"anchor": "letters", "offset": -7, "unit": "days", "at_local": time(9)},
)


def founded(*, network: Network, now: datetime, **_facts: Any) -> None:
    """A new network reminds as all do. What would have been due before now never goes."""
    db.session.add_all(ReminderRule(network_id=network.id, armed_at=now, **rule) for rule in RULES)


def of_network(network: Network) -> list[ReminderRule]:
    """The same for a network whose workshops may have begun."""
    return [ReminderRule(network_id=network.id, **rule) for rule in RULES]


def of_workshop(workshop_id: int) -> list[ReminderRule]:
    """Those of the start, chosen for one workshop; it has the others from its network."""
    return [ReminderRule(workshop_id=workshop_id, **rule) for rule in RULES if rule["anchor"] == "start"]
