"""Expressions of interest, the people behind them, whom they name, which workshops, and what was said between them and staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.database import Base, UtcDateTime, one_of
from app.languages import LANGUAGES
from app.membership.interest.rules import COMES_AS, KINDS, LIVE, STATES
from app.organisations.models import Network, Organisation

SIDES = ("applicant", "staff", "note")  # a note is for staff alone
ROLES = ("applicant", "colleague")
ALIVE = text(f"state IN ({', '.join(repr(state) for state in LIVE)})")


class Interest(Base):
    """A municipality says that it wants to join a network.

    It names an organisation that is known, or the facts of a new one. `whose` is the same for all that speak of one
    organisation ("organisation:5", "new:GT:quetzaltenango"), of which only one is alive in a network at a time.
    """

    __tablename__ = "interest"
    __table_args__ = (
        one_of("state", *STATES),
        one_of("kind", *KINDS),
        CheckConstraint("organisation_id IS NOT NULL OR name <> ''", name="who"),
        CheckConstraint("sent_at IS NOT NULL OR state IN ('draft', 'withdrawn')", name="sent"),
        Index("ix_interest_alive", "network_id", "whose", unique=True, sqlite_where=ALIVE, postgresql_where=ALIVE),
        Index(None, "state", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("network_call.id", ondelete="SET NULL"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(20), default="municipality")
    country: Mapped[str] = mapped_column(String(2))
    place: Mapped[str] = mapped_column(String(120), default="")
    zone: Mapped[str] = mapped_column(String(64))  # whose clock says when a call is open
    whose: Mapped[str] = mapped_column(String(260))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    challenge: Mapped[str] = mapped_column(Text, default="")
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)
    politicians: Mapped[int | None]
    officials: Mapped[int | None]
    support: Mapped[str] = mapped_column(Text, default="")
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    why: Mapped[str] = mapped_column(Text, default="")  # not a workshop in each half
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    partner: Mapped[str] = mapped_column(String(300), default="")
    lang: Mapped[str] = mapped_column(String(2))  # in which it is written
    assigned_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was declined, as the applicant read it
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # what it said when staff last asked for more
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    network: Mapped[Network] = relationship()
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=organisation_id)
    wished: Mapped[Organisation | None] = relationship(foreign_keys=partner_id)
    assigned: Mapped[Person | None] = relationship()
    people: Mapped[list[InterestPerson]] = relationship(order_by="InterestPerson.id", cascade="all, delete-orphan")
    colleagues: Mapped[list[InterestColleague]] = relationship(order_by="InterestColleague.id", cascade="all, delete-orphan")
    workshops: Mapped[list[InterestWorkshop]] = relationship(cascade="all, delete-orphan")
    messages: Mapped[list[InterestMessage]] = relationship(order_by="InterestMessage.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way

    @property
    def called(self) -> str:
        """The organisation's name in the language in force, or as the applicant typed it."""
        return self.organisation.name if self.organisation else self.name


class InterestPerson(Base):
    """Somebody behind it: the applicant, or a colleague who asks to join and, once somebody has agreed, sees and writes it too."""

    __tablename__ = "interest_person"
    __table_args__ = (
        one_of("role", *ROLES),
        UniqueConstraint("interest_id", "person_id"),
        CheckConstraint("role <> 'applicant' OR agreed_at IS NOT NULL", name="applicant"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship()


class InterestColleague(Base):
    """Somebody whom it names, and who is invited once it is accepted."""

    __tablename__ = "interest_colleague"
    __table_args__ = (one_of("comes_as", *COMES_AS), CheckConstraint("name <> '' AND address <> ''", name="words"))

    id: Mapped[int] = mapped_column(primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320))
    comes_as: Mapped[str] = mapped_column(String(12))


class InterestWorkshop(Base):
    """A workshop that they could attend."""

    __tablename__ = "interest_workshop"

    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True, index=True)


class InterestMessage(Base):
    """What somebody wrote: a question, an answer, a decision in words, or a note that staff keep for themselves."""

    __tablename__ = "interest_message"
    __table_args__ = (one_of("side", *SIDES), one_of("lang", *LANGUAGES), CheckConstraint("words <> ''", name="words"))

    id: Mapped[int] = mapped_column(primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), index=True)
    side: Mapped[str] = mapped_column(String(12))
    author: Mapped[str] = mapped_column(String(200))
    lang: Mapped[str] = mapped_column(String(2))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
