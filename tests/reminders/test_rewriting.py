"""Reminders that wait and are written anew: nothing is lost, nothing comes twice, and staff have the last word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.announcements import announce
from app.database import db, transaction
from app.outbox import service as outbox
from app.outbox.models import Message
from app.reminders import service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.reminders import made

REASONS = dict.fromkeys(("sv", "es", "en"), "A landslide")
DUE = made.at("America/Bogota", 2025, 5, 27, 10)


def waiting() -> list[tuple[str, int]]:
    """Who is still to get a reminder, about how many workshops."""
    db.session.expire_all()
    rows = db.session.scalars(select(Message).where(Message.kind == "reminder", Message.state == "pending").order_by(Message.id))
    return [(row.recipient, len(row.items)) for row in rows]


def two_on_a_day() -> tuple[Workshop, Workshop]:
    """Two workshops of one day, which a person is reminded of in one mail; it waits."""
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    person = factories.person(umea, address="ann@umea.example")
    first, second = (factories.workshop(network, date(2025, 6, 3)) for _number in range(2))
    for workshop in (first, second):
        made.seat(workshop, person)
    service.plan(NOW)
    service.queue_due(DUE)
    assert waiting() == [("ann@umea.example", 2)]
    return first, second


def test_who_shares_a_mail_is_reminded_of_both_after_one_was_postponed_and_came_back(app: Any) -> None:
    first, _second = two_on_a_day()
    acts.postpone(first.id, REASONS, by=made.STAFF, now=DUE)
    assert waiting() == [("ann@umea.example", 1)]
    acts.restore(first.id, by=made.STAFF, now=DUE)
    assert sum(number for _who, number in waiting()) == 2


def test_what_staff_have_set_aside_does_not_come_back(app: Any) -> None:
    first, _second = two_on_a_day()
    with transaction():
        message = db.session.scalars(select(Message).where(Message.kind == "reminder")).one()
        message.state = "failed"
    outbox.set_aside(message.id, by=made.STAFF, now=DUE)
    acts.postpone(first.id, REASONS, by=made.STAFF, now=DUE)
    assert waiting() == []


def test_what_may_have_arrived_is_not_written_anew_for_a_word(app: Any) -> None:
    first, _second = two_on_a_day()
    with transaction():
        message = db.session.scalars(select(Message).where(Message.kind == "reminder")).one()
        message.state, message.uncertain = "uncertain", 3
    with transaction():
        announce("workshop_changed", workshop=first, changed=frozenset({"texts"}), now=DUE, by=made.STAFF)
    assert waiting() == []
    assert db.session.get_one(Message, message.id).state == "uncertain"


def test_many_waiting_reminders_are_written_anew_in_as_many_statements_as_few(app: Any, queries: Callable[[], Any]) -> None:
    seen: list[int] = []
    for people in (3, 12):
        umea = factories.organisation("SE")
        network = factories.network(umea)
        workshop = factories.workshop(network, date(2025, 6, 3), capacity=50)
        made.rule(workshop)
        made.crowd(workshop, umea, people, first=100 * people)
        service.plan(NOW)
        service.queue_due(DUE)
        with queries() as statements, transaction():
            announce("workshop_changed", workshop=workshop, changed=frozenset({"texts"}), now=DUE + timedelta(minutes=1), by=made.STAFF)
        seen.append(len(statements))
    assert seen[0] == seen[1]
