"""Several planners at once, and people who leave while their reminders are being written."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.database import db, retrying
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import service
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


def test_nobody_who_left_has_a_reminder_waiting(app: Flask, *, full: bool) -> None:
    ids = crowded(120 if full else 24)
    service.plan(NOW)

    def leave(mine: list[int]) -> Callable[[], None]:
        def run() -> None:
            for number in mine:
                registrations.cancel(number, by=made.STAFF, now=WEEK_AHEAD)

        return run

    leaving = ids[::2]
    together(app, lambda: retrying(lambda: service.queue_due(WEEK_AHEAD)), leave(leaving[::2]), leave(leaving[1::2]))
    service.queue_due(WEEK_AHEAD)
    waiting = {item.subject for message in made.reminders() for item in message.items}
    assert waiting == {f"registration:{number}" for number in ids[1::2]}
