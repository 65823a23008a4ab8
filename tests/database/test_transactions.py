"""One writer at a time, in a queue; whoever waits too long is told; and no instant without its offset."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import StatementError

from app.database import db, end_reading, transaction
from app.errors import Busy
from app.outbox.models import Switch
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.servers import held


def write(value: str) -> None:
    with transaction() as session:
        session.merge(Switch(name="counter", value=value, at=NOW))


def number() -> int:
    row = db.session.get(Switch, "counter", populate_existing=True)
    return int(row.value) if row else 0


def raise_by_one() -> None:
    """Reads after the lock."""
    with transaction():
        found = number()
        time.sleep(0.002)
        write(str(found + 1))


def raise_carelessly() -> None:
    """Reads before the lock: the control."""
    end_reading()
    found = number()
    time.sleep(0.002)
    write(str(found + 1))


def in_threads(app: Flask, work: Callable[[], None], threads: int, times: int) -> None:
    def run() -> None:
        with app.app_context():
            for _time in range(times):
                work()
            db.session.remove()

    team = [threading.Thread(target=run) for _number in range(threads)]
    for one in team:
        one.start()
    for one in team:
        one.join()


def test_writers_queue_and_none_loses_what_another_wrote(lite: Flask) -> None:
    write("0")
    in_threads(lite, raise_by_one, 6, 20)
    end_reading()
    assert number() == 120


def test_control_whoever_reads_before_the_lock_loses_what_another_wrote(lite: Flask) -> None:
    write("0")
    in_threads(lite, raise_carelessly, 6, 20)
    end_reading()
    assert number() < 120


def test_who_waits_longer_than_lock_seconds_is_told_that_it_is_busy(sqlite_url: str, make_app: MakeApp) -> None:
    lock = Path(sqlite_url.removeprefix("sqlite:///") + ".lock")
    with make_app(sqlite_url, LOCK_SECONDS="1").app_context(), lock.open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        started = time.monotonic()
        with pytest.raises(Busy):
            write("1")
        assert 1 <= time.monotonic() - started < 3
        fcntl.flock(first, fcntl.LOCK_UN)
        write("2")
        assert number() == 2


def test_a_database_that_somebody_else_holds_is_busy_too_and_free_afterwards(database_url: str, make_app: MakeApp) -> None:
    with make_app(database_url).app_context():
        with held(database_url), pytest.raises(Busy):
            write("1")
        write("2")
        assert number() == 2


def test_what_fails_is_taken_back_and_an_inner_transaction_joins_the_outer(app: Flask) -> None:
    write("1")
    with pytest.raises(ZeroDivisionError), transaction():
        write("2")
        raise ZeroDivisionError
    end_reading()
    assert number() == 1


def test_an_instant_without_its_offset_is_refused(app: Flask) -> None:
    with pytest.raises(StatementError, match="an instant needs its offset"), transaction() as session:
        session.add(Switch(name="now", value="", at=NOW.replace(tzinfo=None)))


def test_an_instant_comes_back_as_utc_whatever_offset_it_had(app: Flask) -> None:
    with transaction() as session:
        session.add(Switch(name="now", value="", at=datetime(2025, 6, 3, 9, tzinfo=timezone(timedelta(hours=-5)))))
    end_reading()
    at = db.session.get_one(Switch, "now").at
    assert (at, at.tzinfo) == (datetime(2025, 6, 3, 14, tzinfo=UTC), UTC)


def test_what_is_committed_outlives_a_power_cut(lite: Flask) -> None:
    """2 is FULL: each commit waits for the disk, as PostgreSQL's do."""
    with lite.app_context():
        assert db.session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 2
