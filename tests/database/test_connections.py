"""Connections to a server that rest, that were ended by it, and that go on from reading to writing."""

from __future__ import annotations

import time

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text

from app.audit.models import AuditEntry
from app.connections import RESTED
from app.database import db, end_reading, plain, snapshot, transaction
from app.outbox.models import Switch
from tests.conftest import MakeApp
from tests.factories import NOW

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a file ends no connection
OTHERS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
READ = select(Switch.value).where(Switch.name == "mail")
LINE = insert(AuditEntry.__table__).inline()  # type: ignore[arg-type]  # it is a Table
FACTS = {"at": NOW, "actor": "a", "actor_name": "Å", "action": "x", "topic": "t", "about": None, "facts": {}}


def raw(app: Flask) -> psycopg.Connection:
    """A connection of somebody else."""
    return psycopg.connect(app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", ""), autocommit=True)


def test_a_connection_that_the_server_has_ended_meanwhile_is_not_used(app: Flask) -> None:
    with app.app_context(), raw(app) as other:
        assert plain(READ, {}).all() == []
        end_reading()
        other.execute(OTHERS)
        time.sleep(RESTED + 0.1)
        assert plain(READ, {}).all() == []


def test_what_others_wrote_between_reading_and_writing_is_seen(app: Flask) -> None:
    with app.app_context(), raw(app) as other:
        assert plain(READ, {}).all() == []
        other.execute("INSERT INTO switch (name, value, at, by) VALUES ('mail', 'paused', now(), '')")
        with transaction():
            assert plain(READ, {}).one().value == "paused"
            plain(LINE, FACTS)
        other.execute("UPDATE switch SET value = 'live'")
        assert db.session.scalar(READ) == "live"
        assert other.execute("SELECT count(*) FROM audit_entry").fetchone() == (1,)


def test_neither_a_snapshot_nor_a_failed_read_goes_on_as_a_write(app: Flask) -> None:
    with app.app_context(), raw(app) as other:
        snapshot()
        assert plain(READ, {}).all() == []
        other.execute("INSERT INTO switch (name, value, at, by) VALUES ('mail', 'paused', now(), '')")
        assert plain(READ, {}).all() == []
        with transaction():
            assert plain(READ, {}).one().value == "paused"
        with pytest.raises(Exception, match="division by zero"):
            db.session.scalar(select(1 / func.length("")))
        with transaction():
            plain(LINE, FACTS)
        assert other.execute("SELECT count(*) FROM audit_entry").fetchone() == (1,)


@pytest.mark.parametrize("is_sent", [False, True])
def test_what_was_written_outside_a_transaction_is_let_go(app: Flask, *, is_sent: bool) -> None:
    with app.app_context(), raw(app) as other:
        assert plain(READ, {}).all() == []
        db.session.add(Switch(name="mail", value="live", at=NOW))
        if is_sent:
            db.session.flush()
        with transaction():
            plain(LINE, FACTS)
        assert other.execute("SELECT count(*) FROM switch").fetchone() == (0,)


def test_a_server_that_prefers_old_snapshots_has_no_say(app: Flask, make_app: MakeApp) -> None:
    """With them, who reads before the lock would read the same after it."""
    with app.app_context(), raw(app) as other:
        name = other.info.dbname
        other.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'repeatable read'")
        another = make_app(app.config["SQLALCHEMY_DATABASE_URI"])
        with another.app_context():
            assert db.session.scalar(text("SHOW transaction_isolation")) == "read committed"
