"""Who has which certificate, and the runs that issue them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, UtcDateTime
from app.registrations.models import Registration

OPEN = text("finished_at IS NULL")


class Certificate(Base):
    """Somebody attended, for so many minutes; `code` is how others check it, found by its hash, so that no time tells how near a guess was.

    It keeps its code when attendance that is typed in later changes its minutes, and when it is withdrawn and given back.
    """

    __tablename__ = "certificate"
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), unique=True)
    code: Mapped[str] = mapped_column(String(12))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    minutes: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[str] = mapped_column(String(200))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(600), default="", server_default="")

    registration: Mapped[Registration] = relationship()


class PaperRun(Base):
    """Staff asked for all certificates of a workshop; the scheduler issues them in batches and counts `done`.

    After an error it rests until `next_at`; after `tries` errors in a row it is given up (`failed_at`, and finished).
    """

    __tablename__ = "paper_run"
    __table_args__ = (Index("ix_paper_run_open", "workshop_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(50))
    actor_name: Mapped[str] = mapped_column(String(200))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
