"""Reads of answers: somebody's own by the secret of their link, a workshop's for staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app.attendance.queries import were_there
from app.crypto import decrypt, hash_token
from app.database import db
from app.feedback import rules
from app.feedback.models import Feedback
from app.feedback.rules import Stage
from app.registrations.models import Registration
from app.registrations.queries import counts
from app.workshops.models import Workshop


def days_open() -> int:
    """The setting FEEDBACK_DAYS: how long after the end the form is open."""
    number: int = current_app.config["CONFIG"].number("feedback_days")
    return number


def key_of(registration: Registration) -> str:
    """What somebody's answers are kept under: without DATA_KEY nobody makes it out of what the database holds."""
    return hash_token(f"feedback:{decrypt(registration.manage_token).decode()}")


def find(registration: Registration) -> Feedback | None:
    """Somebody's own answers."""
    return db.session.scalars(select(Feedback).where(Feedback.key == key_of(registration))).one_or_none()


def stage_of(registration: Registration, now: datetime) -> Stage:
    """Where the form stands for somebody. If people were checked in, it is for those who were; else for all with a seat."""
    workshop = registration.workshop
    found = rules.stage(workshop.state, registration.state, workshop.ends_at, now, days=days_open())
    if found == "open" and (there := were_there([workshop.id])) and registration.id not in there:
        return "absent"
    return found


def of_workshop(workshop_id: int) -> Sequence[Feedback]:
    """All answers about a workshop, in nobody's order."""
    return db.session.scalars(select(Feedback).where(Feedback.workshop_id == workshop_id).order_by(Feedback.key)).all()


def asked(workshop_id: int) -> int:
    """How many people the form is for."""
    return len(were_there([workshop_id])) or counts(workshop_id).get("confirmed", 0)


def bound(now: datetime) -> Sequence[str]:
    """The keys that still lead to somebody although the form is closed."""
    wanted = select(Feedback.key, Workshop.ends_at).join(Workshop, Workshop.id == Feedback.workshop_id)
    rows = db.session.execute(wanted.where(Feedback.loose.is_(False), Workshop.ends_at <= now))
    return [key for key, ends_at in rows if ends_at is not None and rules.closes_at(ends_at, days_open()) <= now]
