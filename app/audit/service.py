"""Writes down who did what; always inside the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, cast

from sqlalchemy import Insert, Table, insert, select

from app.audit.models import AuditEntry
from app.database import connection, db

FORGOTTEN = "…"  # what stands for a fact that is no longer kept


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a person, a guest with a link, the scheduler, a command."""

    code: str
    name: str


class Named(Protocol):
    """Somebody who can act."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


SCHEDULER = Actor("scheduler", "")
COMMAND = Actor("command", "")
DEMO = Actor("demo", "")


def person(row: Named) -> Actor:
    """The actor that a person is."""
    return Actor(f"person:{row.id}", row.name)


def forget_fact(name: str, actions: Sequence[str], *, before: datetime) -> None:
    """Takes a fact, such as an address, out of old lines of these actions; that it was done, by whom and when stays."""
    named = AuditEntry.facts[name].as_string()
    old = select(AuditEntry).where(AuditEntry.action.in_(actions), AuditEntry.at < before, named != FORGOTTEN)
    for entry in db.session.scalars(old):
        entry.facts = {**entry.facts, name: FORGOTTEN}


def record(action: str, topic: str, about: str | None = None, /, *, by: Actor, now: datetime, **facts: Any) -> None:
    """One line of the audit: `action` is a code of app/audit/sentences.py, `facts` fill its sentence."""
    row = {"at": now, "actor": by.code, "actor_name": by.name, "action": action, "topic": topic, "about": about, "facts": facts}
    connection().execute(_line(), row)  # past the objects: nobody reads it back, and others wait meanwhile


@lru_cache(1)
def _line() -> Insert:
    return insert(cast(Table, AuditEntry.__table__)).inline()
