"""The migrations make exactly what the models say, on both databases, and can be taken back."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from app.audit.service import person as actor
from app.database import Base, db, transaction
from app.registrations import service as registrations
from app.reminders import service as reminders
from app.workshops.values import Hold
from tests import factories
from tests.registrations.made import published
from tests.reminders import made

Schema = dict[str, dict[str, Any]]


def schema() -> Schema:
    """Tables with their columns, keys, checks and indexes, as the database itself tells them."""
    seen = inspect(db.engine)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in seen.get_columns(table)},
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": {
                str(f["name"]): (f["constrained_columns"], f["referred_table"], f["options"]) for f in seen.get_foreign_keys(table)
            },
            "unique": {str(u["name"]): u["column_names"] for u in seen.get_unique_constraints(table)},
            "checks": {str(c["name"]): c["sqltext"] for c in seen.get_check_constraints(table)},
            "indexes": {
                str(i["name"]): (i["column_names"], i["unique"], {key: str(value) for key, value in i.get("dialect_options", {}).items()})
                for i in seen.get_indexes(table)
            },
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def reused() -> set[str]:
    """Tables of SQLite that would give the number of a deleted row to another."""
    with db.engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    return {name for name, sql in made if "\tid INTEGER" in sql and "AUTOINCREMENT" not in sql}


def fresh() -> None:
    """Lets go of every connection, so that DDL need not wait."""
    db.session.remove()
    db.engine.dispose()


def test_alembic_finds_nothing_to_add(app: Flask) -> None:
    fresh()
    check()


def test_migrations_make_what_the_models_say(app: Flask) -> None:
    migrated = schema()
    fresh()
    downgrade(revision="base")
    assert schema() == {}
    Base.metadata.create_all(db.engine)
    assert migrated == schema()


def test_migrations_go_down_and_up_again(app: Flask) -> None:
    before = schema()
    fresh()
    downgrade(revision="base")
    assert schema() == {}
    upgrade()
    assert schema() == before


def test_held_seats_do_not_stay_taken_when_their_table_goes(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea, capacity=5, holds=(Hold(umea.id, 3, date(2025, 4, 30)),))
    assert workshop.taken == 3
    fresh()
    downgrade(revision="0005")
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT taken FROM workshop").scalar_one() == 0
    upgrade()


def test_networks_that_are_there_are_reminded_of_letters_and_what_rules_have_written_stays(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    rule = made.rule(workshop.network)
    reminders.plan(factories.NOW)
    registrations.register(workshop.id, factories.person(umea).id, by=made.STAFF, now=factories.NOW)
    reminders.plan(factories.NOW)
    number = rule.id
    fresh()
    downgrade(revision="0028")
    upgrade()
    with db.engine.connect() as connection:
        rules = connection.exec_driver_sql('SELECT anchor, "offset", at_local, enabled FROM reminder_rule ORDER BY id').all()
        kept = connection.exec_driver_sql("SELECT rule_id FROM occurrence").scalars().all()
    assert [(anchor, days, str(at)[:5], bool(on)) for anchor, days, at, on in rules] == [
        ("start", -7, "09:00", True),
        ("letters", -7, "09:00", True),
    ]
    assert kept == [number]


@pytest.mark.parametrize(
    ("words", "column"), [("'left','past'", False), ("'left', 'past', 'letters'", True)], ids=["unknown", "there already"]
)
def test_a_check_in_other_words_than_ours_stops_the_change_and_says_so(lite: Flask, words: str, *, column: bool) -> None:
    fresh()
    downgrade(revision="0028")
    with db.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql("UPDATE sqlite_master SET sql = replace(sql, ?, ?)", ("'left', 'past'", words))
        connection.exec_driver_sql("PRAGMA writable_schema = RESET")
    fresh()
    with nullcontext() if column else pytest.raises(SystemExit):
        upgrade()
    fresh()
    columns = {one["name"] for one in inspect(db.engine).get_columns("workshop")}
    rules = {str(one["name"]): one["sqltext"] for one in inspect(db.engine).get_check_constraints("reminder_rule")}
    horizons = [str(one["sqltext"]) for one in inspect(db.engine).get_check_constraints("calendar_horizon")]
    assert ("letters_until" in columns, "'letters'" in rules["ck_reminder_rule_anchor"]) == (column, column)
    assert horizons == [f"name IN ({words})"]


def test_no_number_is_given_twice(lite: Flask) -> None:
    assert reused() == set()
    fresh()
    downgrade(revision="base")
    Base.metadata.create_all(db.engine)
    assert reused() == set()


def test_who_had_stopped_reminders_has_none_about_what_comes_next(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop, stopped, other = published(umea), factories.person(umea), factories.person(umea)
    with transaction():
        for person in (stopped, other):
            registration = registrations.register(workshop.id, person.id, by=actor(person), now=factories.NOW)
            registration.reminders_off = person is stopped
    first, second = stopped.id, other.id
    fresh()
    downgrade(revision="0015")
    upgrade()
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, reminders_off, digest FROM person ORDER BY id").all()
    assert [(number, bool(off), bool(digest)) for number, off, digest in rows] == [(first, True, False), (second, False, False)]
