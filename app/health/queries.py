"""What monitoring asks of other features' rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.database import db
from app.reminders.models import Occurrence


def oldest_unwritten(now: datetime) -> datetime | None:
    """Since when a reminder that is due waits to be written; None when none does."""
    return db.session.scalar(select(func.min(Occurrence.due_at)).where(Occurrence.state == "planned", Occurrence.due_at <= now))
