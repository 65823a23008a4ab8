"""The revision of a calendar: what says, in one cheap read, whether it has changed."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.database import db, plain, quick
from app.feeds.models import CalendarRevision
from app.feeds.rules import NEVER, later

PUBLIC = "public"  # the scope of all calendars that anybody may read: there from the first workshop on
_OF = select(CalendarRevision.scope, CalendarRevision.revision, CalendarRevision.changed_at).where(
    CalendarRevision.scope.in_(bindparam("scopes", expanding=True))
)
WAITING = "app.feeds.revisions"  # of a session: its transaction, and what that is to move


def revisions(*scopes: str) -> tuple[list[int], datetime]:
    """The revision of each of these scopes, 0 if it has none yet, and their last change; one statement, no session."""
    found = {scope: (number, at) for scope, number, at in quick(_OF, {"scopes": scopes})}
    pairs = [found.get(scope, (0, NEVER)) for scope in scopes]
    return [number for number, _at in pairs], max(at for _number, at in pairs)


def bump(*scopes: str, now: datetime) -> None:
    """Moves the revision of these calendars, by one, right before the open transaction commits: the change itself.

    Not before, because what a transaction does in which order follows from the act: so all hold these rows in one order, and none waits
    for a row of another that waits for one of its own.
    """
    session = db.session()
    begun = session.get_transaction()
    if WAITING not in session.info or session.info[WAITING][0] is not begun:  # else of a transaction that was taken back
        session.info[WAITING] = begun, {}
    waiting: dict[str, datetime] = session.info[WAITING][1]
    for scope in scopes:
        waiting[scope] = max(now, waiting.get(scope, now))


@event.listens_for(db.session, "before_commit")
def _move(session: Session) -> None:
    """All that wait, the public one first, then persons' by number."""
    if session.in_nested_transaction():
        return
    begun, waiting = session.info.pop(WAITING, (None, {}))
    if begun is not session.get_transaction():
        return
    for scope in sorted(waiting, key=_rank):
        if scope == PUBLIC and _rise(scope, waiting[scope]):
            continue
        first = _first_revision(session.get_bind().dialect.name)
        if plain(first, {"scope": scope, "revision": 1, "changed_at": waiting[scope]}).first() is None:
            _rise(scope, waiting[scope])


def _rank(scope: str) -> int:
    return int(scope.partition(":")[2] or 0)


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
