"""A rule says when somebody is reminded of an offered seat: one mail, not two, and none about an offer that is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.database import db, transaction
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.registrations.waiting import offers
from app.registrations.waiting.rules import reminder_at
from app.reminders.editing import service
from app.reminders.editing.queries import Place
from app.reminders.editing.rules import Values
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, edit, published, registered, waiting
from tests.reminders import made

DEADLINE = LATER + timedelta(hours=48)
SIX_HOURS = Values("offer_lapses", -6, "hours", audience="offered")


@pytest.fixture
def line(app: Flask) -> tuple[Workshop, list[int]]:
    """One seat that is taken, and two who wait; a free one is offered for two days."""
    assert app
    umea = factories.organisation("SE")
    workshop = published(umea, capacity=1)
    with transaction():
        workshop.waitlist = "offer"
    return workshop, registered(workshop.id, umea, 3)


def offer(first: int) -> None:
    registrations.cancel(first, by=STAFF, now=LATER)


def place_of(workshop: Workshop) -> Place:
    return Place(workshop.network)


def dues() -> list[datetime]:
    db.session.expire_all()
    return sorted(message.due_at for message in waiting("offer_reminder"))


def test_a_rule_takes_the_place_of_the_usual_reminder(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, *_others) = line
    service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=NOW)
    offer(first)
    assert dues() == [DEADLINE - timedelta(hours=6)]


def test_two_rules_are_two_reminders_by_day_and_both_are_taken_back_by_the_answer(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, second, _third) = line
    service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=NOW)
    service.add(Place(workshop.network, workshop), Values("offer_lapses", -12, "hours", audience="offered"), by=made.STAFF, now=NOW)
    offer(first)
    assert dues() == [made.at("Europe/Stockholm", 2025, 3, 4, 20), DEADLINE - timedelta(hours=6)]
    offers.accept(second, by=STAFF, now=LATER + timedelta(hours=1))
    assert dues() == []


def test_a_rule_made_while_an_offer_is_open_holds_for_it_and_one_switched_off_too(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, *_others) = line
    offer(first)
    [usual] = dues()
    rule = service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=LATER + timedelta(hours=1))
    assert (usual, dues()) == (made.at("Europe/Stockholm", 2025, 3, 4, 20), [DEADLINE - timedelta(hours=6)])
    other = Values("offer_lapses", -5, "hours", audience="offered")
    service.save(place_of(workshop), rule.id, other, 1, by=made.STAFF, now=LATER + timedelta(hours=2))
    assert dues() == [DEADLINE - timedelta(hours=5)]
    off = Values("offer_lapses", -5, "hours", audience="offered", enabled=False)
    service.save(place_of(workshop), rule.id, off, 2, by=made.STAFF, now=LATER + timedelta(hours=3))
    assert dues() == []


def test_where_a_rule_is_about_something_else_now_offers_are_reminded_of_as_usual(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, *_others) = line
    rule = service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=NOW)
    offer(first)
    service.save(place_of(workshop), rule.id, Values("start", -3), 1, by=made.STAFF, now=LATER + timedelta(hours=1))
    (row,) = db.session.scalars(db.select(Registration).where(Registration.state == "offered")).all()
    assert row.held_until is not None
    assert dues() == [reminder_at(LATER, row.held_until, row.person.zone)]


def test_a_reminder_that_would_be_past_does_not_go(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, *_others) = line
    offer(first)
    service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=DEADLINE - timedelta(hours=2))
    assert dues() == []


def test_a_workshop_without_the_networks_rule_reminds_of_no_offer(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, *_others) = line
    rule = service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=NOW)
    offer(first)
    service.skip(workshop, rule.id, off=True, by=made.STAFF, now=LATER + timedelta(hours=1))
    assert dues() == []
    service.skip(workshop, rule.id, off=False, by=made.STAFF, now=LATER + timedelta(hours=2))
    assert len(dues()) == 1


def test_a_rule_for_politicians_reminds_nobody_else(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, second, _third) = line
    with transaction():
        db.session.get_one(Registration, second).comes_as = "official"
    narrow = Values("offer_lapses", -6, "hours", audience="offered", comes_as="politician")
    service.add(place_of(workshop), narrow, by=made.STAFF, now=NOW)
    offer(first)
    assert dues() == []


def test_a_new_place_writes_each_reminder_that_waits_anew_and_no_other(line: tuple[Workshop, list[int]]) -> None:
    workshop, (first, *_others) = line
    service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=NOW)
    service.add(Place(workshop.network, workshop), Values("offer_lapses", -12, "hours", audience="offered"), by=made.STAFF, now=NOW)
    offer(first)
    before = dues()
    with transaction():
        gone = min(waiting("offer_reminder"), key=lambda message: message.due_at)
        gone.state, gone.sent_at = "sent", NOW
    left = dues()
    edit(workshop.id, venue="Another hall", now=LATER + timedelta(minutes=10))
    assert (len(before), dues()) == (2, left)


def test_no_occurrence_is_made_of_such_a_rule(line: tuple[Workshop, list[int]]) -> None:
    workshop, _people = line
    service.add(place_of(workshop), SIX_HOURS, by=made.STAFF, now=NOW)
    assert made.occurrences() == []
