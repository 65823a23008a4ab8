"""A rule is switched off, or made twice, while planners write by it: nothing by the old one waits after the commit."""

from __future__ import annotations

import threading

from flask import Flask
from sqlalchemy import func, select

from app.database import db, end_reading, retrying
from app.errors import Refused
from app.organisations.models import Network
from app.outbox import service as outbox
from app.reminders import service
from app.reminders.editing import service as editing
from app.reminders.editing.queries import Place
from app.reminders.editing.rules import Values
from app.reminders.models import ReminderRule
from tests.factories import NOW
from tests.reminders import made
from tests.reminders.test_races import WEEK_AHEAD, crowded, finished, together


def place() -> Place:
    return Place(db.session.scalars(select(Network)).one())


def switch_off() -> None:
    rule = db.session.scalars(select(ReminderRule)).one()
    off = Values("start", rule.offset, rule.unit, rule.at_local, enabled=False)
    editing.save(place(), rule.id, off, rule.version, by=made.STAFF, now=WEEK_AHEAD)


def test_nothing_waits_by_a_rule_that_was_switched_off_while_planners_wrote(app: Flask, *, full: bool) -> None:
    crowded(120 if full else 24)
    service.plan(NOW)
    together(app, *[lambda: retrying(lambda: service.queue_due(WEEK_AHEAD))] * 2, switch_off)
    service.queue_due(WEEK_AHEAD)
    assert (made.reminders(), made.dues()) == ([], [])


def test_what_was_composed_before_a_rule_was_switched_off_is_not_written(app: Flask) -> None:
    assert app
    crowded(1)
    service.plan(NOW)
    letters = finished()
    switch_off()
    assert service._write(letters, WEEK_AHEAD)[0] == 0  # noqa: SLF001  the moment between reading and writing
    assert made.recipients() == []


def test_the_race_is_real_who_does_not_look_again_writes_by_the_old_rule(app: Flask) -> None:
    """The control: composed before, and written without a second look."""
    assert app
    crowded(1)
    service.plan(NOW)
    (letter,) = finished()
    switch_off()
    outbox.queue(letter.mail, now=WEEK_AHEAD)
    assert made.recipients() == ["p0@crowd.example"]


def test_two_who_make_the_same_rule_at_once_make_one(app: Flask) -> None:
    crowded(1)
    both, refused = threading.Barrier(2), []

    def make() -> None:
        both.wait(10)
        try:
            editing.add(place(), Values("start", -3), by=made.STAFF, now=NOW)
        except Refused as refusal:
            refused.append(refusal)

    together(app, make, make)
    end_reading()
    assert len(refused) == 1
    assert db.session.scalar(select(func.count()).where(ReminderRule.offset == -3)) == 1
