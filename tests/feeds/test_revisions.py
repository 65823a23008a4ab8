"""The revision of a calendar rises with each change, on either database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.database import db, transaction
from app.errors import Busy
from app.feeds.models import CalendarRevision
from app.feeds.revisions import bump, revisions
from app.feeds.rules import dated
from tests.factories import NOW


def test_the_revision_of_one_persons_calendar_rises_with_each_change(app: Flask) -> None:
    assert app
    for number in (1, 2, 3):
        with transaction():
            bump("person:5", now=NOW)
        assert revisions("person:5")[0] == [number]


def test_a_change_that_is_taken_back_moves_nothing_and_is_forgotten(app: Flask) -> None:
    assert app
    with pytest.raises(Busy), transaction():
        bump("public", "person:5", now=NOW)
        raise Busy
    with transaction():
        bump("person:6", now=NOW)
        bump("person:6", now=NOW)
    assert revisions("public", "person:5", "person:6")[0] == [0, 0, 1]


def at_once(scope: str) -> None:
    """The careless way: the row is held from here on."""
    db.session.execute(update(CalendarRevision).where(CalendarRevision.scope == scope).values(revision=CalendarRevision.revision + 1))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer
@pytest.mark.parametrize(("move", "stuck"), [(lambda scope: bump(scope, now=NOW), 0), (at_once, 1)], ids=["ours", "control"])
def test_two_who_move_the_same_calendars_in_two_orders_do_not_stop_each_other(app: Flask, move: Callable[[str], None], stuck: int) -> None:
    scopes = ("public", "person:9", "person:10")
    with transaction():
        bump(*scopes, now=NOW)
    both, problems = threading.Barrier(2), []

    def work(order: tuple[str, ...]) -> None:
        with app.app_context():
            try:
                with transaction():
                    move(order[0])
                    both.wait(10)
                    for scope in order[1:]:
                        move(scope)
            except Busy as error:
                problems.append(error)
            db.session.remove()

    threads = [threading.Thread(target=work, args=(order,)) for order in (scopes, scopes[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(problems), revisions(*scopes)[0]) == (stuck, [3 - stuck] * 3)


@pytest.mark.parametrize(("age", "expected"), [(0.4, -1), (9.9, -1), (10, 0), (3600, 0)])
def test_the_date_of_ones_own_calendar_is_a_second_early_until_no_other_change_can_bear_it(age: float, expected: int) -> None:
    changed_at = NOW + timedelta(milliseconds=300)
    assert dated(changed_at, changed_at + timedelta(seconds=age)) == NOW + timedelta(seconds=expected)
    assert dated(changed_at, NOW - timedelta(hours=1)) == NOW - timedelta(hours=1, seconds=1)  # never later than the answer
