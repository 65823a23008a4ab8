"""Two delegations across the same two workshops in opposite order: nobody sees a deadlock."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import event

from app.database import db
from app.delegations.colleagues import Colleague
from app.delegations.service import Wanted, register_delegation
from app.registrations import seats
from tests import factories
from tests.factories import NOW
from tests.registrations.test_crossed import at_once


class AsGiven(seats.Guard):
    """The control: locks in the order in which the workshops were named."""

    def in_order(self, workshop_ids: Iterable[int]) -> list[int]:
        return list(workshop_ids)


def rounds(app: Flask, number: int) -> list[str]:
    """What the delegations of `number` rounds ended as."""
    ours, theirs = factories.organisation("SE"), factories.organisation("CO")
    network, said = factories.network(ours, theirs), []
    leaders = [factories.person(one, "coordinator") for one in (ours, theirs)]
    for _round in range(number):
        ids = [factories.workshop(network, capacity=4).id for _n in range(2)]
        groups = [[Colleague(person_id=factories.person(one).id) for _n in range(2)] for one in (ours, theirs)]
        db.session.rollback()
        numbers = [(one.id, whose.id) for one, whose in zip(leaders, (ours, theirs), strict=True)]
        db.session.rollback()
        wanted: list[list[Wanted]] = [[(one, groups[0]) for one in ids], [(one, groups[1]) for one in ids[::-1]]]

        def act(turn: int, wanted: list[list[Wanted]] = wanted, numbers: list[tuple[int, int]] = numbers) -> None:
            by = db.session.get_one(type(leaders[0]), numbers[turn][0])
            register_delegation(wanted[turn], numbers[turn][1], by=by, now=NOW)

        said += at_once(app, [lambda: act(0), lambda: act(1)])
    return said


@pytest.mark.timeout(1800)
def test_delegations_in_opposite_order_see_no_deadlock(app: Flask, full: bool) -> None:
    number = 1000 if full else 10
    assert rounds(app, number) == ["done"] * 2 * number


def test_the_control_that_locks_as_named_meets_deadlocks(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    app.extensions[seats.KEY] = AsGiven()
    met: list[object] = []
    event.listen(db.engine, "handle_error", lambda context: met.append(getattr(context.original_exception, "sqlstate", "")))
    rounds(app, 10)
    assert "40P01" in met
