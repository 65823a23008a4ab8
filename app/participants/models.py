"""A mail that staff wrote to many people of a workshop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, UtcDateTime, one_of
from app.languages import LANGUAGES


class Bulletin(Base):
    """Subject and text by language; who has no text in the own language reads that of `original_lang`. `chosen` says to whom it went,
    in the words of the list's address, and `count` to how many. Its number makes each mail unique."""

    __tablename__ = "bulletin"
    __table_args__ = (one_of("original_lang", *LANGUAGES), CheckConstraint("count > 0", name="count"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    original_lang: Mapped[str] = mapped_column(String(2))
    subjects: Mapped[dict[str, str]] = mapped_column(JSON)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    chosen: Mapped[str] = mapped_column(String(400))
    count: Mapped[int]
    necessary: Mapped[bool] = mapped_column(default=False, server_default=false())  # also to those who want no mails from staff
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
