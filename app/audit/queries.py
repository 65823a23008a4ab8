"""Reads of the audit for staff."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from app.audit.models import AuditEntry
from app.database import db
from app.errors import Missing


def entries(topic: str, limit: int = 50) -> Sequence[AuditEntry]:
    """What happened to one thing, newest first."""
    wanted = select(AuditEntry).where(AuditEntry.topic == topic).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    return db.session.scalars(wanted.limit(limit)).all()


def latest(topic: str, actions: Sequence[str], *, limit: int = 50, kept: int = 100) -> Sequence[AuditEntry]:
    """What happened to one thing, newest first: the last lines, and as many older ones of actions that begin like these, which no
    crowd of others pushes out."""
    numbers = select(AuditEntry.id).where(AuditEntry.topic == topic).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    chosen = numbers.where(_begins(actions)).limit(kept)
    wanted = select(AuditEntry).where(or_(AuditEntry.id.in_(numbers.limit(limit)), AuditEntry.id.in_(chosen)))
    return db.session.scalars(wanted.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())).all()


def last_of(topic: str, actions: Sequence[str], limit: int = 1) -> Sequence[AuditEntry]:
    """The last lines about one thing whose actions begin like these, newest first."""
    wanted = select(AuditEntry).where(AuditEntry.topic == topic, _begins(actions))
    return db.session.scalars(wanted.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)).all()


def _begins(actions: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(AuditEntry.action.startswith(beginning, autoescape=True) for beginning in actions))


def about(topics: Sequence[str], what: str, limit: int = 50) -> Sequence[AuditEntry]:
    """What happened to one thing within these topics, in order; a line that stands in several of them once."""
    wanted = select(AuditEntry).where(AuditEntry.topic.in_(topics), AuditEntry.about == what).order_by(AuditEntry.id).limit(limit)
    return list({(entry.action, entry.at): entry for entry in db.session.scalars(wanted)}.values())


def newest(topic: str) -> int:
    """The number of the newest line about one thing; 0 if there is none."""
    return db.session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.topic == topic)) or 0


def since(topic: str, entry_id: int, actions: str) -> Sequence[AuditEntry]:
    """The newer lines about one thing, of actions that begin like this, in their order."""
    newer = select(AuditEntry).where(AuditEntry.topic == topic, AuditEntry.id > entry_id, AuditEntry.action.startswith(actions))
    return db.session.scalars(newer.order_by(AuditEntry.id)).all()


def get(topic: str, entry_id: int) -> AuditEntry:
    """One line of what happened to one thing. Raises Missing, also for another thing's."""
    found = db.session.get(AuditEntry, entry_id)
    if found is None or found.topic != topic:
        raise Missing
    return found
