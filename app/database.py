"""Base, the column type of instants, transaction() and rehearsal(): the only place that commits or rolls back."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    MetaData,
    Row,
    Select,
    UpdateBase,
    event,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.connections import prepare_engine
from app.errors import Busy
from app.turns import turn

T = TypeVar("T")
Columns = TypeVarTuple("Columns")

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SERIALIZATION_FAILURES = {"40001", "40P01"}
LOCK_NOT_AVAILABLE = "55P03"
FLUSHED = "app.flushed"


class Base(DeclarativeBase):
    """The typed base of every table; constraints get their names from NAMES, so that migrations can speak of them."""

    metadata = MetaData(naming_convention=NAMES)

    def __init_subclass__(cls, **rest: Any) -> None:
        """No number is given twice, on SQLite either: keys, histories and addresses outlive the row that they name."""
        cls.__table_args__ = (*cls.__dict__.get("__table_args__", ()), {"sqlite_autoincrement": True})
        super().__init_subclass__(**rest)


def one_of(column: str, *values: str) -> CheckConstraint:
    """The column holds one of these words; named after the column."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses a naive value; stores UTC; gives back an aware value (SQLite drops the offset by itself)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"naive time {value!r}: an instant needs its offset"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """On SQLite in one step instead of three: a page of a long list has 150 instants."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


@event.listens_for(db.session, "after_flush")
def _remember(session: Session, _context: object) -> None:
    """What was written outside transaction() is never committed: not with the next one's work either."""
    if not _writing.depth:
        session.info[FLUSHED] = session.get_transaction()


def init_app(app: Flask) -> None:
    """Binds the engine and the migrations to the app."""
    db.init_app(app)
    app.extensions["migrate"] = _Migrations(app)
    with app.app_context():
        prepare_engine(db.engine, is_writing)


class _Migrations:
    """Stands where Flask-Migrate looks for its settings, and makes them when it does: with Alembic and what that loads it is a tenth
    of a web process, which migrates nothing."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate  # noqa: PLC0415  for commands alone

        Migrate(self._app, db, directory=str(Path(self._app.root_path) / "migrations"), render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


class _Writing(threading.local):
    """How deep this thread stands in transaction(), and the connection that it writes through."""

    depth = 0
    connection: Connection | None = None


_writing = _Writing()


def is_writing() -> bool:
    """Whether this thread stands in transaction()."""
    return _writing.depth > 0


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back on any error. Inside another one it simply joins it.

    What was read before is read anew, after the lock. Raises Busy when the database is held for longer than LOCK_SECONDS.
    """
    session: Session = db.session()
    if _writing.depth:
        yield session
        return
    with _unit(session):
        yield session
        session.commit()


@contextmanager
def rehearsal() -> Iterator[Session]:
    """One unit of work that is done in full and then taken back: inside the block it can be read what it would write.

    It waits for its turn and holds what it touches as transaction() does. Never inside one, whose work it would take back.
    """
    if _writing.depth:
        message = "a rehearsal inside a transaction would take that one back"
        raise RuntimeError(message)
    session: Session = db.session()
    with _unit(session):
        yield session
        session.rollback()


@contextmanager
def _unit(session: Session) -> Iterator[None]:
    _stop_reading(session)
    with _turn(session):
        _writing.depth += 1
        try:
            _writing.connection = session.connection()
            yield
        except DBAPIError as error:
            session.rollback()
            if is_passing(error):
                raise Busy from error
            raise
        except BaseException:
            session.rollback()
            raise
        finally:
            _writing.depth -= 1
            _writing.connection = None


def _stop_reading(session: Session) -> None:
    """What was read before is read anew. On PostgreSQL, whose statements see all that is committed by then (READ COMMITTED), a
    transaction in which somebody has only read goes on, which spares two trips to the server."""
    if _has_only_read(session):
        session.expire_all()
    else:
        session.rollback()


def _has_only_read(session: Session) -> bool:
    begun = session.get_transaction()
    if begun is None or session.info.get(FLUSHED) is begun or session.new or session.dirty or session.deleted:
        return False
    found = session.connection()
    if found.dialect.name == "sqlite" or "isolation_level" in found.get_execution_options():  # what snapshot() sees is older
        return False
    raw: Any = found.connection.dbapi_connection  # psycopg's, which is not loaded for SQLite
    return bool(raw.info.transaction_status.name == "INTRANS")


def retrying(work: Callable[[], T], tries: int = 5) -> T:
    """Runs `work`, which opens its own transaction, again after a deadlock or a serialization failure (40001, 40P01).

    Not once LOCK_SECONDS have gone by: whoever has waited that long for a lock is told that it is busy.
    """
    until = time.monotonic() + float(current_app.config["LOCK_SECONDS"])
    for attempt in range(1, tries + 1):
        try:
            return work()
        except Busy:
            if attempt == tries or _writing.depth or time.monotonic() >= until:
                raise
            time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311  jitter, not a secret
    raise AssertionError


def is_passing(error: DBAPIError) -> bool:
    """Whether the same statement may well succeed in a moment."""
    state = getattr(error.orig, "sqlstate", None)
    if state in SERIALIZATION_FAILURES or state == LOCK_NOT_AVAILABLE:
        return True
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def end_reading() -> None:
    """Ends the read that this thread has open, so that the next one sees what others have committed since."""
    db.session.rollback()


def snapshot() -> bool:
    """Has all that this thread reads from now on come from one state of the database, until end_reading(). False if it does so
    already: on SQLite each read stands in a transaction, which sees what was there when it began."""
    if db.engine.dialect.name == "sqlite":
        return False
    end_reading()
    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return True


@contextmanager
def _turn(session: Session) -> Iterator[None]:
    """SQLite's own waiters poll and starve; a queue before them does not (measured: 5.2 s -> 0.37 s)."""
    bind = session.get_bind()
    path = bind.engine.url.database if bind.dialect.name == "sqlite" else None
    if not path or path == ":memory:":
        yield
        return
    with turn(f"{path}.lock", float(current_app.config["LOCK_SECONDS"])):
        yield


def _forget() -> None:
    """A forked child writes nothing yet, and not through its parent's connection."""
    _writing.depth, _writing.connection = 0, None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def plain(statement: Executable, facts: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> CursorResult[*tuple[Any, ...]]:
    """One statement inside the open transaction, past the objects, which cost more than most statements; as with any other,
    what is pending is written first."""
    session = db.session()
    if session.autoflush:
        session.flush()
    return connection().execute(statement, facts)


def connection() -> Connection:
    """The one of the open transaction, which the session looks for anew each time that it is asked."""
    return _writing.connection or db.session.connection()


def changed(statement: UpdateBase) -> int:
    """Runs an UPDATE or DELETE inside the open transaction, past the identity map; how many rows it changed."""
    result = cast("CursorResult[Any]", db.session.execute(statement.execution_options(synchronize_session=False)))
    return int(result.rowcount)


def scour(*tables: str) -> bool:
    """What was deleted from these tables leaves the database's files as well; False while somebody else is in the way.

    SQLite has put zeros in its place (secure_delete), and only its log still has it: the log is emptied into the file.
    PostgreSQL keeps what is deleted until its table is written anew.
    """
    end_reading()
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        try:
            busy, _pages, _done = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
        return not busy
    try:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            for table in tables:
                plain.exec_driver_sql(f"VACUUM (FULL) {table}")
    except DBAPIError as error:
        if not is_passing(error):
            raise
        return False
    return True


def let_go() -> None:
    """Ends what is read and closes the connections: a process to be forked would share them, and a file that is replaced stays in them."""
    db.session.remove()
    db.engine.dispose()


def quick(statement: Select[*Columns], facts: Mapping[str, Any] | None = None) -> list[Row[*Columns]]:
    """One plain read outside the session, for the hot path and for health: no object graph, no identity map. `facts`: its parameters."""
    with db.engine.connect() as connection:
        return list(connection.execute(statement, facts))
