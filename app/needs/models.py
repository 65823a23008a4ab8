"""What somebody needs, sealed, and what was agreed to before it was kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, UtcDateTime, one_of
from app.languages import LANGUAGES
from app.needs.rules import KINDS

IN_FORCE = text("ended_at IS NULL")


class Need(Base):
    """One thing that one person needs at one workshop; what it is stands in `sealed` only, encrypted with DATA_KEY.

    It is the person's, not the registration's: whoever comes in somebody's place does not inherit it.
    """

    __tablename__ = "need"
    __table_args__ = (one_of("kind", *KINDS), UniqueConstraint("registration_id", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Consent(Base):
    """Somebody agreed to the words of a version (app/needs/asking/consent.py), for so many days after the end; until `ended_at`.

    It outlives the needs, to show that they were kept with leave; it does not say what they were.
    """

    __tablename__ = "consent"
    __table_args__ = (
        one_of("lang", *LANGUAGES),
        Index(None, "registration_id", "agreed_at"),
        Index("ix_consent_in_force", "registration_id", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    version: Mapped[str] = mapped_column(String(20))
    lang: Mapped[str] = mapped_column(String(2))
    days: Mapped[int]
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
