"""People, where they belong, how they prove who they are, and their sessions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, UtcDateTime, one_of
from app.folding import Searched
from app.languages import LANGUAGES
from app.organisations.models import Organisation

STAFF_ROLES = ("administrator", "officer", "helper")
STAFF = ("administrator", "officer")  # a helper sees no more than the check-in
ASKED = text("confirmed_at IS NULL")


class Person(Searched, Base):
    """Anybody we write to: a guest of one open talk, a member, a programme officer.

    `canonical_address` is what the address is compared by (NFKC, lower case); `address` is what was typed.
    `confirmed_at` says when somebody first proved to read that mailbox. `role` is empty for all but staff.
    """

    __tablename__ = "person"
    __table_args__ = (
        one_of("lang", *LANGUAGES),
        CheckConstraint("kind IS NULL OR kind IN ('official', 'politician')", name="kind"),
        CheckConstraint("role IS NULL OR role IN ('administrator', 'officer', 'helper')", name="role"),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("canonical_address = lower(canonical_address)", name="canonical"),
    )
    SEARCHED = ("name", "address")

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    canonical_address: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    lang: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str | None] = mapped_column(String(12))
    gender: Mapped[str | None] = mapped_column(String(60))  # voluntary, in the person's own words
    role: Mapped[str | None] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted with DATA_KEY
    totp_last_step: Mapped[int] = mapped_column(default=0)  # a code is good once (RFC 6238 section 5.2)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminders_off: Mapped[bool] = mapped_column(default=False, server_default=false())  # wants none of these kinds of mail …
    bulletins_off: Mapped[bool] = mapped_column(default=False, server_default=false())
    partnerships_off: Mapped[bool] = mapped_column(default=False, server_default=false())
    commitment_off: Mapped[bool] = mapped_column(default=False, server_default=false())
    digest: Mapped[bool] = mapped_column(default=False, server_default=false())  # … but this one
    digest_week: Mapped[str | None] = mapped_column(String(8))  # the last week that was looked at: "2026-W49"

    affiliations: Mapped[list[Affiliation]] = relationship(back_populates="person", cascade="all, delete-orphan")

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF


class Affiliation(Base):
    """A person's place in an organisation, from a day, perhaps to a day.

    Without `confirmed_at` it is only asked for, and counts for nothing; `queries.counting` is the one place that says so.
    """

    __tablename__ = "affiliation"
    __table_args__ = (
        one_of("role", "member", "coordinator"),
        UniqueConstraint("person_id", "organisation_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("confirmed_at IS NOT NULL OR role = 'member'", name="asked"),  # nobody asks to be a coordinator
        Index("ix_affiliation_asked", "person_id", unique=True, sqlite_where=ASKED, postgresql_where=ASKED),  # one question at a time
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="member")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(back_populates="affiliations")
    organisation: Mapped[Organisation] = relationship()


class SignIn(Base):
    """A session on the server: the cookie holds a random token, this row its hash; ended means ended everywhere."""

    __tablename__ = "sign_in"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agent: Mapped[str] = mapped_column(String(200), default="")

    person: Mapped[Person] = relationship()


class Code(Base):
    """Six digits that were mailed to an address, good once, for a short time, in the browser that asked."""

    __tablename__ = "code"
    __table_args__ = (one_of("purpose", "sign_in", "change_address"), Index(None, "canonical_address", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    canonical_address: Mapped[str] = mapped_column(String(320))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    browser_hash: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the proof has made its one account


class Invitation(Base):
    """A link that makes somebody staff, or a member of an organisation, once it is accepted."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role IS NULL OR role IN ('administrator', 'officer', 'helper')", name="role"),
        CheckConstraint("(role IS NULL) <> (organisation_id IS NULL)", name="staff_or_member"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(String(320))
    canonical_address: Mapped[str] = mapped_column(String(320), index=True)
    lang: Mapped[str] = mapped_column(String(2))
    role: Mapped[str | None] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_role: Mapped[str] = mapped_column(String(20), default="member")
    invited_by: Mapped[str] = mapped_column(String(200), default="")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)  # empty: a command
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation | None] = relationship()


class RecoveryCode(Base):
    """A code for the day the telephone is lost; good once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tries(Base):
    """How often something was tried in an hour; counted in the database, so that all processes count together."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)  # "sign_in:<hash of address>"
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True, index=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of passwords, whose next try must wait
