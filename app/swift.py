"""A few statements that run with every mail: on a connection of their own, written out for the driver, for SQLAlchemy and its
session take longer for one than the database does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import OperationalError

from app.database import connection, db, is_passing
from app.errors import Busy
from app.turns import turn

Statement = tuple[str, Mapping[str, Any]]  # with :names; values are plain, UUIDs, or instants


class Swift:
    """Such a connection. What it is given at once is one unit of work, as by database.transaction()."""

    def __init__(self, pooled: PoolProxiedConnection) -> None:
        self._pooled = pooled
        self._raw: Any = pooled.driver_connection
        self._errors: Any = db.engine.dialect.loaded_dbapi.Error  # of the driver
        self._path = db.engine.url.database
        self._lasting = True
        self.is_postgresql = db.engine.dialect.name == "postgresql"

    def write(self, *statements: Statement, lasting: bool = True) -> list[list[tuple[Any, ...]]]:
        """The rows that each statement gave and, last in each, how many it touched. Raises Busy.

        What is not `lasting` does not wait for the disk: killing a process does it no harm, a power cut takes it unless
        something that lasts has been written since. On PostgreSQL it is one statement, which says so by HASTE.
        """
        try:
            return self._on_postgresql(*statements) if self.is_postgresql else self._on_sqlite(statements, lasting=lasting)
        except self._errors as error:
            trouble = OperationalError("", None, error)  # no parameter reaches a log
            if is_passing(trouble):
                raise Busy from error
            raise trouble from error

    def _on_postgresql(self, statement: Statement) -> list[list[tuple[Any, ...]]]:
        """One trip to the server: by itself a statement is a transaction."""
        words, facts = statement
        cursor = self._raw.execute(_with_percent(words), facts, prepare=True, binary=True)  # a mail as it is, not in twice as many digits
        return [[*(cursor.fetchall() if cursor.pgresult.nfields else ()), (cursor.rowcount,)]]  # `description` makes an object a column

    def _on_sqlite(self, statements: Sequence[Statement], *, lasting: bool) -> list[list[tuple[Any, ...]]]:
        found = []
        with turn(f"{self._path}.lock", float(current_app.config["LOCK_SECONDS"])):
            if lasting is not self._lasting:
                self._raw.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
                self._lasting = lasting
            self._raw.execute("BEGIN IMMEDIATE")
            try:
                for words, facts in statements:
                    cursor = self._raw.execute(words, {name: _for_sqlite(value) for name, value in facts.items()})
                    found.append([*cursor.fetchall(), (cursor.rowcount,)])
                self._raw.execute("COMMIT")
            finally:
                if self._raw.in_transaction:
                    self._raw.rollback()
        return found

    def make_ready(self) -> None:
        """Each statement a transaction that hardly waits for anybody, and the next of a queue found by its index. What is known of how
        many rows wait is old when they have just come: taken for one or two, all would be read and sorted to find the first, each time."""
        if self.is_postgresql:
            self._raw.autocommit = True
            self._raw.execute(IN_ORDER)

    def put_back(self) -> None:
        """As it was, for whoever has it next; one that is broken is thrown away."""
        try:
            if self.is_postgresql:
                self._raw.execute(AS_ALWAYS)
                self._raw.autocommit = False
            elif not self._lasting:
                self._raw.execute("PRAGMA synchronous=FULL")
        except self._errors:
            self._pooled.invalidate()
        self._pooled.close()


# On PostgreSQL, for as long as the connection is ours. Every row has its index, and each statement is planned once: made while the table
# was small, a plan that reads all of it would stay when thousands come. It waits 20 ms for a row: after a second PostgreSQL would look
# for those who wait for each other and end one of them, which might be somebody who saves a page.
OURS = {
    "enable_bitmapscan": "off",
    "enable_seqscan": "off",
    "enable_sort": "off",
    "lock_timeout": "20ms",
    "plan_cache_mode": "force_generic_plan",
}
IN_ORDER, AS_ALWAYS = "; ".join(f"SET {name} = '{value}'" for name, value in OURS.items()), "; ".join(f"RESET {name}" for name in OURS)
# On PostgreSQL, in front of a statement that need not wait for the disk; it must read from `haste`.
HASTE = "haste AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS off)"


@contextmanager
def swift() -> Iterator[Swift]:
    """A connection of one's own, for as long as it is needed."""
    pooled = db.engine.raw_connection()
    line = Swift(pooled)
    try:
        line.make_ready()
        yield line
    finally:
        line.put_back()


def within(statement: Statement) -> int:
    """The same statement inside the open transaction(); how many rows it touched."""
    words, facts = statement
    if db.engine.dialect.name == "postgresql":
        return connection().exec_driver_sql(_with_percent(words), dict(facts)).rowcount
    return connection().exec_driver_sql(words, {name: _for_sqlite(value) for name, value in facts.items()}).rowcount


def instant(value: str | datetime) -> datetime:
    """An instant as the driver gives it."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value.astimezone(UTC)


def _for_sqlite(value: Any) -> Any:
    """As SQLAlchemy writes it there."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.hex if isinstance(value, UUID) else value


@cache
def _with_percent(words: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", words)
