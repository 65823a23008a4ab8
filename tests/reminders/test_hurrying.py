"""A planned reminder that staff let go before its hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.audit.queries import entries
from app.database import db, transaction
from app.errors import Conflict, Missing, Refused
from app.reminders import hurrying, service
from app.reminders.models import Occurrence
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.outbox.test_pages import words
from tests.reminders import made

STOCKHOLM = "Europe/Stockholm"


def planned(zone: str = STOCKHOLM) -> int:
    """The reminder of those who live there."""
    service.plan(NOW)
    return db.session.scalars(select(Occurrence.id).where(Occurrence.zone == zone)).one()


def test_it_leaves_at_once_for_those_for_whom_it_was_due_and_never_again(app: Flask) -> None:
    workshop, *_people = made.world()
    number = planned()
    assert hurrying.look(number, NOW)[1] == 1
    assert hurrying.send_now(number, seen=1, by=made.STAFF, now=NOW).queued == 1
    assert made.recipients() == ["a.swede@umea.example"]
    assert entries(f"workshop:{workshop.id}")[0].action == "reminder.hurried"
    service.plan(NOW + timedelta(minutes=1))
    service.queue_due(made.at(STOCKHOLM, 2025, 6, 2, 9))
    assert sorted(made.recipients()) == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_whoever_comes_after_it_was_sent_early_has_it_at_its_hour_and_nobody_twice(app: Flask) -> None:
    workshop, swede, _colombian = made.world()
    number = planned()
    hurrying.send_now(number, seen=1, by=made.STAFF, now=NOW)
    made.seat(workshop, factories.person(swede.affiliations[0].organisation, address="late@umea.example"), NOW + timedelta(days=1))
    service.plan(NOW + timedelta(days=1))
    assert service.queue_due(NOW + timedelta(days=1)).queued == 0
    service.queue_due(made.at(STOCKHOLM, 2025, 6, 2, 9))
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example", "late@umea.example"]
    assert {state for _zone, state, _generation in made.occurrences()} == {"expanded"}


@pytest.mark.parametrize(("days", "copies"), [(7, 2), (0, 1)])
def test_one_that_was_sent_early_goes_again_only_when_the_workshop_moves_far(app: Flask, days: int, copies: int) -> None:
    workshop, *_people = made.world()
    hurrying.send_now(planned(), seen=1, by=made.STAFF, now=NOW)
    (early,) = made.reminders()
    with transaction():
        early.state, early.sent_at = "sent", NOW
    made.move(workshop, timedelta(days=days, hours=1), NOW + timedelta(days=1))
    for month, day in ((5, 27), (6, 3)):
        service.queue_due(made.at(STOCKHOLM, 2025, month, day, 20))
    assert made.recipients("sent", "pending").count("a.swede@umea.example") == copies


def test_at_night_it_waits_for_its_readers_morning(app: Flask) -> None:
    made.world()
    number, night = planned(), made.at(STOCKHOLM, 2025, 3, 4, 2)
    hurrying.send_now(number, seen=1, by=made.STAFF, now=night)
    assert [row.due_at for row in made.reminders()] == [made.at(STOCKHOLM, 2025, 3, 4, 8)]


def test_whoever_registers_between_the_look_and_the_click_makes_it_another_act(app: Flask) -> None:
    workshop, swede, _colombian = made.world()
    number = planned()
    made.seat(workshop, factories.person(swede.affiliations[0].organisation))
    with pytest.raises(Conflict, match="2 mails by now"):
        hurrying.send_now(number, seen=1, by=made.STAFF, now=NOW)
    assert made.recipients() == []
    assert db.session.get_one(Occurrence, number).due_at > NOW


@pytest.mark.parametrize("state", ["expanded", "cancelled", "missed", "stopped"])
def test_one_that_does_not_wait_any_more_is_not_sent(app: Flask, state: str) -> None:
    made.world()
    number = planned()
    with transaction():
        db.session.get_one(Occurrence, number).state = state
    assert hurrying.look(number, NOW)[1] == 0
    with pytest.raises(Conflict, match="does not wait"):
        hurrying.send_now(number, seen=1, by=made.STAFF, now=NOW)


def test_one_that_is_too_late_is_refused_and_one_that_is_not_there_is_missing(app: Flask) -> None:
    made.world()
    number = planned()
    late = db.session.get_one(Occurrence, number).useful_until
    with pytest.raises(Refused, match="too late"):
        hurrying.send_now(number, seen=1, by=made.STAFF, now=late)
    with pytest.raises(Missing):
        hurrying.send_now(999, seen=1, by=made.STAFF, now=NOW)


def test_a_workshop_that_has_changed_since_it_was_planned_is_no_hindrance(app: Flask) -> None:
    workshop, *_people = made.world()
    number = planned()
    with transaction():
        workshop.version += 1
    assert hurrying.send_now(number, seen=1, by=made.STAFF, now=NOW).queued == 1


@pytest.fixture
def staff(lite: Flask) -> Iterator[Visitor]:
    with time_machine.travel(NOW, tick=False):
        client = lite.test_client()
        assert isinstance(client, Visitor)
        yield client.signed_in(factories.person(factories.organisation("SE"), staff="officer", lang="en"))


def test_the_workshops_log_leads_to_a_page_that_says_how_many_and_its_button_sends_them(staff: Visitor) -> None:
    workshop, *_people = made.world()
    number, log = planned(), f"/en/staff/workshops/{workshop.id}/mails"
    assert f'href="/en/staff/reminders/{number}/now"' in staff.get(log).get_data(as_text=True)
    page = staff.get(f"/en/staff/reminders/{number}/now").get_data(as_text=True)
    assert "One mail leaves now, for the clock of Stockholm" in words(page)
    assert made.recipients() == []
    answer = staff.post(f"/en/staff/reminders/{number}/now", data={"seen": "1"})
    assert (answer.status_code, answer.location) == (303, log)
    assert made.recipients() == ["a.swede@umea.example"]
    assert "One mail is on its way" in words(staff.get(log).get_data(as_text=True))
    assert staff.get(f"/en/staff/reminders/{number}/now").location == log
    assert staff.post(f"/en/staff/reminders/{number}/now", data={"seen": "1"}).status_code == 409
