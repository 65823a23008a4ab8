"""What has been imported: so that the same file twice makes no workshop twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, UtcDateTime


class ImportedWorkshop(Base):
    """A row of a file, or an entry of a calendar, and the draft it became. Goes when the draft is thrown away, so that it
    can be imported again."""

    __tablename__ = "imported_workshop"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # app/exchange/rules.py says out of what
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
