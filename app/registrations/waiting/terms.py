"""How the waiting list of a workshop moves; what it does not say itself, the settings say."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app

from app.registrations.waiting import rules
from app.registrations.waiting.rules import Terms
from app.workshops.models import Workshop


def of(workshop: Workshop) -> Terms:
    """With an offer of so long or at once, and until when."""
    config = current_app.config["CONFIG"]
    offer = config.number("offer_hours") if workshop.offer_hours is None else workshop.offer_hours
    stops = config.number("promotion_ends_hours") if workshop.promotion_ends_hours is None else workshop.promotion_ends_hours
    ends_at = rules.ends_at(workshop.starts_at, workshop.closes_at, stops)
    return Terms(workshop.waitlist == "offer", timedelta(hours=offer), ends_at)


def moves(workshop: Workshop, now: datetime) -> bool:
    """Whether a free seat is for the first in line."""
    return workshop.state == "published" and of(workshop).moves(now)
