"""Reads of the audit for staff."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.database import db
from app.errors import Missing


def entries(topic: str, limit: int = 50) -> Sequence[AuditEntry]:
    """What happened to one thing, newest first."""
    wanted = select(AuditEntry).where(AuditEntry.topic == topic).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    return db.session.scalars(wanted.limit(limit)).all()


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
