"""Messages on their way out, what they are about, the switch that stops them and the workers that carry them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, UtcDateTime, one_of

STATES = ("pending", "sending", "sent", "failed", "uncertain", "cancelled", "superseded", "expired", "held")


class Message(Base):
    """One finished mail to one person. Its bytes and its Message-ID are fixed when it enters, so that a copy is a copy."""

    __tablename__ = "message"
    __table_args__ = (
        one_of("state", *STATES),
        CheckConstraint("attempts >= 0 AND uncertain >= 0", name="counts"),
        CheckConstraint("(state = 'sending') = (token IS NOT NULL)", name="token_while_sending"),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        Index(None, "state", "rank_at", "next_at"),
        Index(None, "sent_at"),
        Index(None, "person_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # "reminder", "confirmation", "sign_in_code", …
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    lang: Mapped[str] = mapped_column(String(2))
    recipient: Mapped[str] = mapped_column(String(320))
    recipient_name: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(String(400))
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_dated: Mapped[bool]  # after expires_at it is of no use at all; else that is only how long we try
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rank_at: Mapped[datetime] = mapped_column(UtcDateTime)  # start of what it is about: the nearest goes first
    zone: Mapped[str | None] = mapped_column(String(64))  # nobody there is written to at night; None for what is waited for
    state: Mapped[str] = mapped_column(String(12), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[int] = mapped_column(default=0)  # times it was handed over without an answer that we know of
    token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    smtp_reply: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[bytes | None] = mapped_column(LargeBinary)  # the whole message as it goes over the wire; empty once it has left.
    # It stands last, because SQLite walks through it to whatever stands behind.

    items: Mapped[list[MessageItem]] = relationship(back_populates="message", cascade="all, delete-orphan", passive_deletes=True)


class MessageItem(Base):
    """One thing that a message is about. The unique key stands here, so that several things can share one mail."""

    __tablename__ = "message_item"
    __table_args__ = (Index(None, "subject"), Index(None, "topic"))

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    dedupe: Mapped[str] = mapped_column(String(120), unique=True)  # "rule:3:registration:12:generation:1"
    subject: Mapped[str] = mapped_column(String(60))  # "registration:12"
    topic: Mapped[str] = mapped_column(String(60), default="")  # "workshop:5", whose mail log shows it

    message: Mapped[Message] = relationship(back_populates="items")


class Switch(Base):
    """A switch that staff throw: `mail` is live or paused; `circuit` is open while the SMTP server does not answer."""

    __tablename__ = "switch"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(200), default="")


class Beat(Base):
    """A recurring job, and when any scheduler last came to its end."""

    __tablename__ = "beat"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Worker(Base):
    """A scheduler process and its last heartbeat."""

    __tablename__ = "worker"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
