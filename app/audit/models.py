"""One row an act: who, what, to which row, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, UtcDateTime


class AuditEntry(Base):
    """`action` is a code such as `workshop.moved`; `facts` fill the sentence that the code stands for.

    `topic` names what it happened to ("workshop:5"), `about` what of it if that has a past of its own ("registration:12"),
    `actor` who did it ("person:3", "scheduler", "guest").
    The actor's name is kept as it was, so that the sentence outlives the person's account.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "topic", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(40))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    topic: Mapped[str] = mapped_column(String(60))
    about: Mapped[str | None] = mapped_column(String(40))  # no index: a topic's lines are few, and each line is written while others wait
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
