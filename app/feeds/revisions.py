"""The revision of a calendar: what says, in one cheap read, whether it has changed."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from app.database import db, plain, quick
from app.feeds.models import CalendarRevision
from app.feeds.rules import NEVER, later

PUBLIC = "public"  # the scope of all calendars that anybody may read: there from the first workshop on


def revisions(*scopes: str) -> tuple[list[int], datetime]:
    """The revision of each of these scopes, 0 if it has none yet, and their last change; one statement, no session."""
    wanted = select(CalendarRevision.scope, CalendarRevision.revision, CalendarRevision.changed_at)
    found = {scope: (number, at) for scope, number, at in quick(wanted.where(CalendarRevision.scope.in_(scopes)))}
    pairs = [found.get(scope, (0, NEVER)) for scope in scopes]
    return [number for number, _at in pairs], max(at for _number, at in pairs)


def bump(*scopes: str, now: datetime) -> None:
    """Moves the revision of these calendars; inside the transaction of the change itself."""
    for scope in sorted(scopes):
        if scope == PUBLIC and _rise(scope, now):
            continue
        first = _first_revision(db.session.get_bind().dialect.name)
        if plain(first, {"scope": scope, "revision": 1, "changed_at": now}).first() is None:
            _rise(scope, now)


@lru_cache(2)
def _first_revision(dialect: str) -> ReturningInsert[Any]:
    """Nothing where there is one: most people's calendars begin with the registration that is being written. It gives back
    what it wrote, for how many rows that were psycopg does not say."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table = cast(Table, CalendarRevision.__table__)
    return insert(table).on_conflict_do_nothing().returning(table.c.scope)


def _rise(scope: str, now: datetime) -> bool:
    """Whether there was a revision to move. The row is read under its lock."""
    row = db.session.get(CalendarRevision, scope, with_for_update=True, populate_existing=True)
    if row is None:
        return False
    row.revision, row.changed_at = row.revision + 1, later(row.changed_at, now)
    db.session.flush()
    return True
