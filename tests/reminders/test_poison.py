"""One row that nobody can read never keeps the others from their mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from app.audit.service import person as actor
from app.database import db, transaction
from app.languages import using
from app.outbox.models import Message
from app.outbox.queries import Planned
from app.registrations import guests
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import service, shown
from tests import factories
from tests.factories import NOW
from tests.reminders import made

pytestmark = pytest.mark.usefixtures("lite")
WEEK_AHEAD = made.at("America/Bogota", 2025, 5, 27, 9)


def failed() -> list[tuple[str, str, str]]:
    db.session.expire_all()
    rows = db.session.scalars(select(Message).where(Message.state == "failed").order_by(Message.id))
    return [(row.kind, row.recipient, row.error.split("'")[0].strip()) for row in rows]


def seal_under_another_key(person_id: int) -> None:
    with transaction():
        mine = db.session.scalars(select(Registration).where(Registration.person_id == person_id)).one()
        mine.manage_token = b"written with another DATA_KEY"


def test_a_zone_that_nobody_knows_keeps_nobody_else_from_a_reminder() -> None:
    _workshop, swede, _colombian = made.world()
    with transaction():
        swede.zone = "Mars/Phobos"
    assert service.plan(NOW).planned == 2
    assert service.queue_due(WEEK_AHEAD).queued == 2
    assert made.recipients() == ["b.colombian@bogota.example"]
    assert failed() == [("reminder", "a.swede@umea.example", "unwritten: ZoneInfoNotFoundError")]
    assert service.queue_due(WEEK_AHEAD + timedelta(hours=1)) == service.Counts()


def test_a_link_sealed_under_another_key_keeps_nobody_else_from_a_reminder() -> None:
    _workshop, swede, _colombian = made.world()
    service.plan(NOW)
    seal_under_another_key(swede.id)
    service.queue_due(WEEK_AHEAD)
    assert made.recipients() == ["b.colombian@bogota.example"]
    assert failed() == [("reminder", "a.swede@umea.example", "unwritten: InvalidToken")]


def test_a_workshop_on_a_clock_that_nobody_knows_keeps_no_other_from_being_planned() -> None:
    workshop, swede, _colombian = made.world()
    other = factories.workshop(workshop.network)
    made.seat(other, swede)
    with transaction():
        workshop.zone = "Mars/Phobos"
    assert service.plan(NOW).planned == 1
    assert service.queue_due(WEEK_AHEAD).queued == 1


def test_a_workshop_with_such_a_person_can_be_cancelled() -> None:
    workshop, swede, colombian = made.world()
    seal_under_another_key(swede.id)
    made.stop(workshop, "cancelled", NOW)
    assert failed() == [("workshop_cancelled", "a.swede@umea.example", "unwritten: InvalidToken")]
    told = select(Message.recipient).where(Message.kind == "workshop_cancelled", Message.state == "pending")
    assert db.session.scalars(told).all() == [colombian.address]


def test_the_staffs_pages_show_a_reader_on_an_unknown_clock_on_the_workshops() -> None:
    workshop, swede, _colombian = made.world()
    with transaction():
        swede.zone = "Mars/Phobos"
    service.plan(NOW)
    with current_app.test_request_context("/en/"), using("en"):  # its lines lead to pages
        rows: list[Planned] = shown.planned(workshop.id)
    assert [(row.zone, row.who) for row in rows] == [("America/Bogota", "1 person on the clock of Bogotá")] * 2


def test_a_seat_that_cannot_be_passed_on_in_words_is_passed_on(lite: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea), capacity=1, access="open")
    guest = guests.Guest("Guest", "guest@there.example", None, "", "sv", "Europe/Stockholm")
    guests.register_guest(workshop.id, guest, now=NOW)
    waiting = factories.person(umea)
    registrations.register(workshop.id, waiting.id, by=actor(waiting), now=NOW)
    seal_under_another_key(waiting.id)
    assert guests.expire_held(now=NOW + timedelta(hours=2)) == 1
    states = select(Registration.state).order_by(Registration.id)
    assert db.session.scalars(states).all() == ["cancelled", "confirmed"]
    assert failed() == [("promotion", waiting.address, "unwritten: InvalidToken")]
