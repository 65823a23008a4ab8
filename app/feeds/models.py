"""Secret addresses of personal calendars, the revisions that say whether a calendar has changed, and what has left by time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.database import Base, UtcDateTime, one_of
from app.feeds.rules import LEVELS
from app.languages import LANGUAGES
from app.workshops.models import Workshop


class FeedToken(Base):
    """One device's address of a person's own calendar: only the hash is kept, and it is shown once.

    `lang`, `level` and `deadlines` (whether short entries ring before what is awaited of the person) are what it shows there.
    """

    __tablename__ = "feed_token"
    __table_args__ = (one_of("lang", *LANGUAGES), one_of("level", *LEVELS))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(80))
    lang: Mapped[str] = mapped_column(String(2))
    level: Mapped[str] = mapped_column(String(8), default="days", server_default="days")
    deadlines: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_agent: Mapped[str] = mapped_column(String(200), default="")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship()


class CalendarRevision(Base):
    """Rises in the transaction that changes anything a calendar shows. Scope: "public" or "person:12"."""

    __tablename__ = "calendar_revision"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CalendarClosing(Base):
    """Somebody could still come to a workshop that would close an open half of their commitment: its deadline stands in their calendar.

    The scheduler finds these rows; they are never the truth about a commitment.
    """

    __tablename__ = "calendar_closing"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    workshop: Mapped[Workshop] = relationship()


class CalendarHorizon(Base):
    """Up to which instant entries have left calendars by time: those of people who gave up their place ("left"), those of
    workshops that are over ("past"), and those of the last moments for letters for a visa ("letters"). A row and not the clock says
    so, so that a calendar's bytes follow from rows alone; the scheduler moves it, and in the same transaction the revision of every
    calendar that something leaves.
    """

    __tablename__ = "calendar_horizon"
    __table_args__ = (one_of("name", "left", "past", "letters"),)

    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
