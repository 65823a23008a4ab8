"""What the database says of calendars, by the cheapest read that there is.

It is asked for the public revision once a second, and at once after a commit of this very process: even 8 µs of SQLite at each poll
would have the threads of a process pass the interpreter's lock to and fro, which halves what they answer. Whose a secret address
is, and what has changed for that person alone, it is asked at each poll, so that one that is revoked ends at once. SQLite is read
past SQLAlchemy, over a connection that each thread keeps.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from app.crypto import hash_token
from app.database import db
from app.feeds.personal.queries import Owner
from app.feeds.rules import NEVER

FRESH = timedelta(seconds=1)  # that the database's last word is good for
PATIENCE = 0.25  # seconds for a lock on SQLite's file, which readers hardly ever meet
CACHE = 128  # KiB of the file that each of many threads keeps: the system keeps it for all of them
REST = 1.0  # seconds before a database that did not answer is asked again
_PUBLIC = "SELECT revision, changed_at FROM calendar_revision WHERE scope = 'public'"
_OWNER = """SELECT t.id, t.person_id, t.lang, t.level, t.deadlines, r.revision, r.changed_at
FROM feed_token t JOIN person p ON p.id = t.person_id AND p.disabled_at IS NULL
LEFT JOIN calendar_revision r ON r.scope = 'person:' || t.person_id
WHERE t.token_hash = :hash AND t.revoked_at IS NULL"""


class Unreachable(Exception):
    """The database does not answer."""


class State(NamedTuple):
    """Revisions and their last change. The same object as long as they are the same."""

    revisions: tuple[int, ...]
    changed_at: datetime


class Watch:
    """Asks one database, for all threads of a process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = engine.url.database if engine.dialect.name == "sqlite" else None
        self.mine = threading.local()
        self._last: tuple[Sequence[Any] | None, State] = (None, State((0,), NEVER))
        self._asked = -1, NEVER  # after so many commits of this process, at that time
        self._failed = -REST

    def public(self, at: datetime) -> State:
        """The state of all that anybody may read, as of a second ago at most. Raises Unreachable."""
        commits = _commits.number
        if commits == self._asked[0] and abs(at - self._asked[1]) < FRESH:  # abs: a clock may be set back
            return self._last[1]
        row = self._ask(_PUBLIC)
        if row != self._last[0]:
            self._last = row, _state(row)
        self._asked = commits, at
        return self._last[1]

    def owner(self, token: str, at: datetime) -> tuple[Owner, State] | None:
        """Whose live address that is, and the state of that person's calendar, to which all that is public belongs. Raises Unreachable."""
        row = self._ask(_OWNER, {"hash": hash_token(token)})
        if row is None:
            return None
        token_id, person_id, lang, level, deadlines = row[:5]
        return Owner(token_id, person_id, lang, level, bool(deadlines)), _both(self.public(at), *row[5:])

    def _ask(self, statement: str, facts: dict[str, str] | None = None) -> Sequence[Any] | None:
        if time.monotonic() < self._failed + REST:
            raise Unreachable
        try:
            if self._path is not None:
                return cast("Sequence[Any] | None", self._file(self._path).execute(statement, facts or {}).fetchone())
            with self._engine.connect() as connection:
                return connection.execute(text(statement), facts).fetchone()
        except (sqlite3.Error, OSError, DBAPIError) as error:
            self.mine.__dict__.clear()
            self._failed = time.monotonic()
            raise Unreachable from error

    def _file(self, path: str) -> sqlite3.Connection:
        """This thread's connection, opened anew when another file stands there (a backup was put back) or the process has forked."""
        there = os.stat(path)  # noqa: PTH116  Path makes it twice as long
        mark = there.st_ino, there.st_dev, os.getpid()
        if getattr(self.mine, "mark", None) != mark:
            self.mine.connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE)
            for pragma in ("query_only = ON", f"cache_size = -{CACHE}"):
                self.mine.connection.execute(f"PRAGMA {pragma}")
            self.mine.mark = mark
        return cast(sqlite3.Connection, self.mine.connection)


@lru_cache(1024)
def _both(public: State, *own: Any) -> State:
    """The public state with a person's: most persons have had no change of their own, and stand alike."""
    mine = _state(own)
    return State(public.revisions + mine.revisions, max(public.changed_at, mine.changed_at))


def _state(row: Sequence[Any] | None) -> State:
    """What a scope that nothing has touched yet lacks is 0 and NEVER."""
    return State((0,), NEVER) if row is None or row[0] is None else State((row[0],), _instant(row[1]))


def _instant(stored: str | datetime) -> datetime:
    """As `UtcDateTime` gives it back: SQLite's text is UTC without saying so."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC) if isinstance(stored, str) else stored.astimezone(UTC)


class _Commits:
    """How often this process has committed: what was read before may be old."""

    number = 0

    def one_more(self, _session: object) -> None:
        self.number += 1


_commits = _Commits()
event.listen(db.session, "after_commit", _commits.one_more)
