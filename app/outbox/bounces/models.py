"""What came back, one row a failure, and the addresses at which mail fails."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, UtcDateTime, one_of


class Bounce(Base):
    """One failure of one mail. Rows are only ever added, and thrown away after a year.

    `key` names the report (or the try at sending), so that one read twice counts once. `kind`: `hard` counts against the
    address, `soft` does not, because the server still tries or what it refuses is not the address (see rules.py).
    """

    __tablename__ = "bounce"
    __table_args__ = (
        one_of("kind", "hard", "soft"),
        one_of("source", "sending", "report"),
        Index(None, "address", "at"),
        Index(None, "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    address: Mapped[str] = mapped_column(String(320))  # in small letters
    kind: Mapped[str] = mapped_column(String(4))
    source: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(12), default="")  # "5.1.1" (RFC 3463), if the server said one
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def said(self) -> str:
        """What the server said, with its code."""
        return self.words if self.status in self.words else f"{self.status} {self.words}".strip()


class Mark(Base):
    """An address that has failed: marked once it has done so too often, until staff clear it or its owner proves it anew."""

    __tablename__ = "address_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320), unique=True)  # in small letters
    marked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what failed before that counts no more
