"""How each connection to the database is set up, and looked after while it rests."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

CACHE = 256  # KiB of SQLite's file that each connection keeps, of which a process has many; the system keeps the file for all of them
RESTED = 1.0  # seconds after which a connection may have been ended by the other side


def engine_options(url: str) -> dict[str, Any]:
    """No parameter of a statement reaches a log; on PostgreSQL nobody waits for a lock for more than three seconds, and whatever the
    server's own choice, each statement sees what is committed by then: what is read under a lock must not be older than it."""
    options: dict[str, Any] = {"hide_parameters": True}
    if url.startswith("postgresql"):
        options["connect_args"] = {"options": r"-c lock_timeout=3000 -c default_transaction_isolation=read\ committed"}
    return options


def prepare_engine(engine: Engine, is_writing: Callable[[], bool]) -> None:
    """SQLite: WAL, foreign keys, and a BEGIN of our own, so that reads never wait and writers queue (SQLite docs, WAL).

    `synchronous` is FULL: with NORMAL a power cut takes back the last commits, whose people have read that they have a seat.
    """
    if engine.dialect.name != "sqlite":
        _look_after(engine)
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        settings = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON")
        for pragma in (*settings, f"cache_size=-{CACHE}"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing() else "BEGIN")


def _look_after(engine: Engine) -> None:
    """A connection to a server is asked whether it still lives, unless it was used a moment ago: each asking is a trip."""

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
        since = entry.info.get("rests_since")  # nothing where it is new
        if since is None or time.monotonic() - since < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except cast(Any, engine.dialect.loaded_dbapi).Error as error:
            raise InvalidatePoolError from error


def _lower(value: str | bytes | float | None) -> str | bytes | float | None:
    """As PostgreSQL does it: SQLite's own knows A to Z alone, and a search for Örebro would find nothing."""
    return value.lower() if isinstance(value, str) else value
