"""Reads of the audit for staff."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.audit.models import AuditEntry
from app.database import db


def entries(topic: str, limit: int = 50) -> Sequence[AuditEntry]:
    """What happened to one thing, newest first."""
    wanted = select(AuditEntry).where(AuditEntry.topic == topic).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    return db.session.scalars(wanted.limit(limit)).all()
