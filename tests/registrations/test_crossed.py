"""Transactions that need the same rows in opposite order: PostgreSQL ends one of them, and nobody is to see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from flask import Flask

from app.database import db
from app.errors import Busy
from app.registrations import queries, service
from app.workshops import queries as workshops
from app.workshops.acts import service as acts
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, edit, published, registered
from tests.workshops.made import KARIN, REASONS


def at_once(app: Flask, work: Sequence[Callable[[], object]]) -> list[str]:
    """Runs all of `work` in the same moment; what each ended as."""
    gate, said = threading.Barrier(len(work)), []

    def run(one: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait(60)
            try:
                one()
                said.append("done")
            except Busy:
                said.append("busy")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


def test_crossed_cancellations_end_well(app: Flask) -> None:
    umea = factories.organisation("SE")
    network, said = factories.network(umea), []
    for _round in range(10):
        people = [factories.person(umea).id for _n in range(2)]
        seated = []
        for first, second in (people, people[::-1]):
            workshop_id = factories.workshop(network, capacity=1).id
            seated.append(service.register(workshop_id, first, by=STAFF, now=NOW).id)
            service.register(workshop_id, second, by=STAFF, now=NOW)
        db.session.rollback()
        said += at_once(app, [lambda each=each: service.cancel(each, by=STAFF, now=NOW) for each in seated])  # type: ignore[misc]
    assert said == ["done"] * 20


def test_moves_stops_and_confirmations_at_once_end_well(app: Flask) -> None:
    umea = factories.organisation("CO")
    ids = [published(umea, capacity=1).id for _n in range(3)]
    for workshop_id in ids:
        registered(workshop_id, umea, 2)
    db.session.rollback()
    moved, stopped, left = ids
    seated = queries.of_workshop(left)[0].id
    version = workshops.get(stopped).version
    db.session.rollback()
    work: list[Callable[[], object]] = [
        lambda: edit(moved, LATER, days=2, capacity=2),
        lambda: acts.cancel(stopped, REASONS, by=KARIN, now=LATER, version=version),
        lambda: service.cancel(seated, by=STAFF, now=LATER),
    ]
    assert at_once(app, work) == ["done"] * 3
