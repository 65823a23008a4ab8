"""Who was there: half-days, single sessions, and each tap that said so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.attendance.rules import WAYS
from app.database import Base, UtcDateTime, one_of

SOURCES = ("scan", "list", "typed")


class Attendance(Base):
    """Somebody was there, for half a day. `source` is how it came to be known: a code, a tap in the list, a signed sheet."""

    __tablename__ = "attendance"
    __table_args__ = (
        one_of("half", "morning", "afternoon"),
        one_of("way", *WAYS),
        one_of("source", *SOURCES),
        UniqueConstraint("registration_id", "day_id", "half"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    day_id: Mapped[int] = mapped_column(ForeignKey("workshop_day.id", ondelete="RESTRICT"), index=True)
    half: Mapped[str] = mapped_column(String(10))
    way: Mapped[str] = mapped_column(String(10), default="on_site", server_default="on_site")
    source: Mapped[str] = mapped_column(String(10), default="list", server_default="list")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(200), default="")


class CountedSession(Base):
    """A session at which attendance is taken by itself, because staff asked for it."""

    __tablename__ = "counted_session"

    session_id: Mapped[int] = mapped_column(ForeignKey("workshop_session.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)


class SessionAttendance(Base):
    """Somebody was at one session."""

    __tablename__ = "session_attendance"
    __table_args__ = (one_of("way", *WAYS), one_of("source", *SOURCES), UniqueConstraint("registration_id", "session_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("workshop_session.id", ondelete="RESTRICT"), index=True)
    way: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(200), default="")


class Tap(Base):
    """One press at the door, or one box that was changed: of several about the same person and slot, the latest counts.

    `key` is made by the device, so that what is sent twice is written once. `at` is when it was pressed, perhaps without network.
    """

    __tablename__ = "attendance_tap"
    __table_args__ = (Index("ix_attendance_tap_place", "registration_id", "slot", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    slot: Mapped[str] = mapped_column(String(24))  # the code of rules.Slot
    present: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(200), default="")
