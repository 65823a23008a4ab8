"""Writes down who did what; always inside the transaction of the act itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.audit.models import AuditEntry
from app.database import db


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a person, a guest with a link, the scheduler, a command."""

    code: str
    name: str


class Named(Protocol):
    """A row that can act."""

    id: int
    name: str


SCHEDULER = Actor("scheduler", "")
COMMAND = Actor("command", "")
DEMO = Actor("demo", "")


def person(row: Named) -> Actor:
    """The actor that a person is."""
    return Actor(f"person:{row.id}", row.name)


def record(action: str, topic: str, *, by: Actor, now: datetime, **facts: Any) -> None:
    """One line of the audit: `action` is a code of app/audit/sentences.py, `facts` fill its sentence."""
    db.session.add(AuditEntry(at=now, actor=by.code, actor_name=by.name, action=action, topic=topic, facts=facts))
