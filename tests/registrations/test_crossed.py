"""Transactions that need the same rows in opposite order: PostgreSQL ends one of them, and nobody is to see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Flask
from sqlalchemy import event

from app import announcements
from app.audit import queries as audit
from app.database import db
from app.errors import Busy
from app.registrations import queries, service
from app.registrations.listing import bulk
from app.registrations.listing.filters import Filter, Selection
from app.workshops import queries as workshops
from app.workshops.acts import service as acts
from tests import factories
from tests.factories import NOW
from tests.participants.test_service import ALL, WHY
from tests.registrations.made import LATER, STAFF, edit, published, registered, seen
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


def heard(app: Flask, work: Callable[[], object]) -> list[int]:
    """The people whose registrations `work` announces, in that order."""
    found: list[int] = []
    announcements.register(app, "registration_changed", lambda registration, **_facts: found.append(registration.person_id))
    work()
    return found


def test_acts_on_many_announce_in_the_order_of_people_and_seats_go_in_that_of_the_line(app: Flask) -> None:
    umea = factories.organisation("CO")
    people = [factories.person(umea).id for _n in range(6)]
    workshop_id = published(umea, capacity=2).id
    for second, person_id in enumerate(people[::-1]):  # whoever came last has the lowest number
        service.register(workshop_id, person_id, by=STAFF, now=NOW + timedelta(seconds=second))
    line = {one.person_id: one.id for one in queries.of_workshop(workshop_id)}
    waits = Selection(Filter(), tuple(line[one] for one in people[:4]))
    seats = Selection(Filter(), tuple(line[one] for one in (people[1], people[4], people[5])))
    assert heard(app, lambda: bulk.promote(workshop_id, waits, seen="4", by=STAFF, now=LATER)) == people[:4]
    given = [entry.facts["capacity"] for entry in audit.since(f"workshop:{workshop_id}", 0, "registration.given")]
    assert given == [3, 4, 5, 6]
    assert [queries.get(line[one]).confirmed_at for one in people[:4]] == [LATER] * 4
    assert heard(app, lambda: bulk.cancel(workshop_id, seats, WHY, seen="3", by=STAFF, now=LATER)) == [people[one] for one in (1, 4, 5)]


def test_acts_on_the_same_people_of_two_workshops_do_not_wait_for_each_other(app: Flask) -> None:
    umea, met = factories.organisation("CO"), list[str]()
    event.listen(db.engine, "handle_error", lambda context: met.append(getattr(context.original_exception, "sqlstate", "")))
    for _round in range(3):
        people = [factories.person(umea).id for _n in range(12)]
        ids = [published(umea, capacity=12).id for _n in range(2)]
        for workshop_id, order in zip(ids, (people, people[::-1]), strict=True):
            for second, person_id in enumerate(order):
                service.register(workshop_id, person_id, by=STAFF, now=NOW + timedelta(seconds=second))
        db.session.rollback()
        looked = [(one, seen(one, ALL)) for one in ids]
        work = [lambda one=one, who=who: bulk.cancel(one, ALL, WHY, seen=who, by=STAFF, now=LATER) for one, who in looked]
        assert at_once(app, work) == ["done"] * 2
    assert "40P01" not in met


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
