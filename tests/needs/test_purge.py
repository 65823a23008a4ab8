"""Needs are gone two weeks after the end: from the tables, and from the bytes of the database's files."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url, select

from app.audit import queries as history
from app.audit.sentences import sentence
from app.audit.service import person as actor
from app.clock import now
from app.database import db, scour, transaction
from app.needs import service
from app.needs.models import Consent, Need
from app.registrations import service as registering
from app.workshops.models import Workshop
from scheduler import jobs
from scheduler.jobs import Counts, Shift, run
from tests import factories
from tests.factories import NOW
from tests.needs.made import PEANUTS, consents, rows
from tests.registrations.made import waiting, words

SECRET = b"cashew"
DAYS = timedelta(days=14)


def comes(*days: date) -> Workshop:
    """A workshop to which somebody comes who needs something."""
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea, starts_on=date(2024, 1, 1)), *days)
    person = factories.person(umea)
    registering.register(workshop.id, person.id, by=actor(person), now=NOW, needs=PEANUTS)
    return workshop


def sealed() -> bytes:
    """Enough of the only row's bytes to know them by."""
    found = db.session.scalars(select(Need)).one().sealed[40:200]
    db.session.rollback()
    return found


def bytes_of(url: str) -> bytes:
    """All that stands in the database's files, table by table, used or not."""
    where = make_url(url)
    if where.database and where.drivername == "sqlite":
        files = [Path(where.database), Path(f"{where.database}-wal")]
        return b"".join(file.read_bytes() for file in files if file.exists())
    wanted = (
        "WITH mine AS (SELECT oid, reltoastrelid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')"
        " SELECT pg_read_binary_file(pg_relation_filepath(one))"
        " FROM (SELECT oid FROM mine UNION SELECT reltoastrelid FROM mine WHERE reltoastrelid <> 0) AS files(one)"
    )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("CHECKPOINT")
        return b"".join(plain.exec_driver_sql(wanted).scalars())


def test_nothing_of_it_ever_stands_there_in_clear_and_nothing_at_all_afterwards(app: Flask, database_url: str) -> None:
    workshop = comes()
    assert workshop.ends_at is not None
    mark, end = sealed(), workshop.ends_at
    assert all("cashew" not in words(mail) for mail in waiting())
    before = bytes_of(database_url)
    assert (SECRET in before, mark in before) == (False, True)
    assert service.purge(now=end + DAYS) == 1
    assert mark in bytes_of(database_url), "the control: deleting the row alone leaves its bytes where they were"
    assert run(Shift(app), jobs.purge_needs) == Counts(purged=0)
    after = bytes_of(database_url)
    assert (SECRET in after, mark in after, b"needs.erased" in after) == (False, False, True)


def test_without_zeros_in_its_place_the_file_itself_would_keep_it(lite: Flask, sqlite_url: str) -> None:
    """The control of secure_delete: the same, by a connection that lacks it."""
    comes()
    mark, path = sealed(), make_url(sqlite_url).database
    assert path is not None
    assert scour("need")
    with sqlite3.connect(path) as careless:
        careless.execute("PRAGMA secure_delete = OFF")
        careless.execute("DELETE FROM need")
    careless.close()
    assert scour("need")
    assert mark in Path(path).read_bytes()


def test_a_file_that_somebody_reads_is_emptied_another_night(lite: Flask, sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    workshop = comes()
    assert workshop.ends_at is not None
    reader = sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM need").fetchone()
    assert run(Shift(lite), jobs.purge_needs) == Counts(purged=1)
    assert "the next night tries again" in caplog.text
    reader.close()
    assert scour("need")


def test_they_are_kept_for_two_weeks_and_not_a_night_longer(app: Flask) -> None:
    workshop = comes()
    assert workshop.ends_at is not None
    end = workshop.ends_at
    assert service.purge(now=end + DAYS - timedelta(seconds=1)) == 0
    assert service.purge(now=end + DAYS) == 1
    assert (rows(), [in_force for _number, in_force in consents()]) == ([], [False])
    assert sentence(history.entries(f"workshop:{workshop.id}")[0]) == "What people needed was erased: 1 entries"


def test_whoever_agreed_to_less_is_forgotten_sooner(lite: Flask) -> None:
    workshop = comes()
    assert workshop.ends_at is not None
    with transaction():
        db.session.scalars(select(Consent)).one().days = 3
    assert service.purge(now=workshop.ends_at + timedelta(days=3)) == 1


@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_of_a_workshop_that_was_never_held_the_last_known_end_counts(lite: Flask, state: str) -> None:
    workshop = comes()
    assert workshop.ends_at is not None
    with transaction():
        workshop.state = state
    assert service.purge(now=workshop.ends_at + DAYS) == 1


def test_the_job_never_looks_past_the_real_clock(lite: Flask) -> None:
    ahead = (now() + timedelta(days=30)).date()
    workshop = comes(ahead)
    assert run(Shift(lite, at=now() + timedelta(days=400)), jobs.purge_needs) == Counts(purged=0)
    assert workshop.ends_at is not None
    assert service.purge(now=workshop.ends_at + DAYS) == 1, "the control: that instant itself would have been late enough"
