"""Several planners at once, and people who leave while their reminders are being written. Each race has a control in which
the guard is off and the race is seen.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app.crypto import decrypt
from app.database import db, end_reading, retrying, transaction
from app.outbox import service as outbox
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import letters, moves, queries, service
from app.reminders.letters import Letter
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.reminders import made

WEEK_AHEAD = made.at("America/Bogota", 2025, 5, 27, 9)


def together(app: Flask, *work: Callable[[], object]) -> None:
    """Runs all of it at once, each in a thread and session of its own."""
    gate, problems = threading.Barrier(len(work)), []

    def run(one: Callable[[], object]) -> None:
        with app.app_context():
            try:
                gate.wait(10)
                one()
            except Exception as error:  # noqa: BLE001  shown by the assertion
                problems.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []


def crowded(number: int) -> list[int]:
    """So many people with seats; the ids of their registrations."""
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    workshop = factories.workshop(network, capacity=number)
    made.crowd(workshop, umea, number)
    return list(db.session.scalars(select(Registration.id).order_by(Registration.id)))


def test_any_number_of_planners_write_each_reminder_once(app: Flask) -> None:
    crowded(30)

    def planner() -> None:
        retrying(lambda: service.plan(WEEK_AHEAD))
        retrying(lambda: service.queue_due(WEEK_AHEAD))

    together(app, planner, planner, planner, planner)
    service.queue_due(WEEK_AHEAD)
    assert len(made.recipients()) == len(set(made.recipients())) == 30
    assert made.occurrences() == [("Europe/Stockholm", "expanded", 0)]


def finished() -> list[Letter]:
    """What a planner has read and composed, and not yet written."""
    end_reading()
    _verdicts, groups = letters.gather(queries.due(WEEK_AHEAD), WEEK_AHEAD)
    return [letters.compose(group, WEEK_AHEAD) for group in groups]


def test_the_race_is_real_planners_without_keys_write_each_reminder_twice(app: Flask) -> None:
    """The control: the same planners, but their mails carry no key that is written once."""
    crowded(3)
    service.plan(WEEK_AHEAD)
    both_have_read = threading.Barrier(2)

    def planner() -> None:
        ready = finished()
        both_have_read.wait(10)
        for letter in ready:
            outbox.queue(replace(letter.mail, items=[]), now=WEEK_AHEAD)

    together(app, planner, planner)
    assert Counter(made.recipients()) == {f"p{number}@crowd.example": 2 for number in range(3)}


def gone(number: int) -> None:
    registrations.cancel(number, by=made.STAFF, now=WEEK_AHEAD)


def quiet(number: int) -> None:
    token = decrypt(db.session.get_one(Registration, number).manage_token).decode()
    retrying(lambda: moves.stop(token, now=WEEK_AHEAD))


@pytest.mark.parametrize("leave", [gone, quiet])
def test_nobody_who_left_or_stopped_has_a_reminder_waiting(app: Flask, leave: Callable[[int], None], *, full: bool) -> None:
    ids = crowded(120 if full else 24)
    service.plan(NOW)

    def each(mine: list[int]) -> Callable[[], None]:
        def run() -> None:
            for number in mine:
                leave(number)

        return run

    leaving = ids[::2]
    together(app, lambda: retrying(lambda: service.queue_due(WEEK_AHEAD)), each(leaving[::2]), each(leaving[1::2]))
    service.queue_due(WEEK_AHEAD)
    waiting = {item.subject for message in made.reminders() for item in message.items}
    assert waiting == {f"registration:{number}" for number in ids[1::2]}


@pytest.mark.parametrize("leave", [gone, quiet])
def test_the_race_is_real_who_does_not_look_again_writes_to_those_who_left(app: Flask, leave: Callable[[int], None]) -> None:
    """The control: composed before somebody leaves, and written without a second look."""
    (number,) = crowded(1)
    service.plan(WEEK_AHEAD)
    (letter,) = finished()
    leave(number)
    outbox.queue(letter.mail, now=WEEK_AHEAD)
    assert made.recipients() == ["p0@crowd.example"]


def test_who_stops_reminders_waits_for_a_planner_that_has_looked_and_not_yet_written(app: Flask) -> None:
    (number,) = crowded(1)
    service.plan(WEEK_AHEAD)
    has_looked = threading.Event()

    def planner() -> None:
        (letter,) = finished()
        with transaction():
            db.session.execute(select(Workshop.id).with_for_update(read=True)).all()
            has_looked.set()
            time.sleep(0.3)  # long enough for the other to come
            outbox.queue(letter.mail, now=WEEK_AHEAD)

    def reader() -> None:
        has_looked.wait(10)
        quiet(number)

    together(app, planner, reader)
    assert (made.recipients(), made.recipients("cancelled")) == ([], ["p0@crowd.example"])
