"""What stands on the clock: every rule, every published workshop, every zone of its people, once."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from flask import Flask, current_app

from app.accounts.models import Person
from app.announcements import announce
from app.attendance import service as attendance
from app.database import transaction
from app.languages import using
from app.outbox.queries import Planned
from app.reminders import service
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.reminders import made

pytestmark = pytest.mark.usefixtures("app")


def test_each_zone_of_the_people_is_planned_once() -> None:
    made.world()
    assert service.plan(NOW).planned == 2
    assert service.plan(NOW) == service.Counts()
    assert made.dues() == ["2025-05-27 09:00 America/Bogota", "2025-05-27 16:00 Europe/Stockholm"]


def test_a_civil_hour_of_the_reader_comes_before_the_hour_of_the_rule() -> None:
    workshop, *_people = made.world()
    made.rule(workshop, at_local=time(18), offset=-1)
    service.plan(NOW)
    assert made.dues() == ["2025-06-02 20:00 Europe/Stockholm", "2025-06-02 18:00 America/Bogota"]


def test_own_rules_of_a_workshop_replace_the_networks() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.rule(workshop, offset=-2)
    service.plan(NOW)
    assert made.dues() == ["2025-06-01 09:00 America/Bogota", "2025-06-01 16:00 Europe/Stockholm"]
    assert [state for _zone, state, _generation in made.occurrences()] == ["cancelled", "cancelled", "planned", "planned"]


def test_a_rule_for_online_workshops_leaves_others_alone() -> None:
    workshop, *_people = made.world()
    made.rule(workshop, applies_to="online")
    assert service.plan(NOW).planned == 0


def test_drafts_and_workshops_that_are_over_have_no_reminders() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    for workshop in (factories.workshop(network), factories.workshop(network)):
        made.seat(workshop, factories.person(umea))
    with transaction():
        workshop.state = "draft"
    service.plan(NOW)
    assert len(made.occurrences()) == 1
    service.plan(NOW + timedelta(days=400))
    assert len(made.occurrences()) == 1


def test_a_newcomers_zone_is_planned_at_the_next_pass() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.seat(workshop, _guatemalan(workshop))
    assert service.plan(NOW).planned == 1


def _guatemalan(workshop: Workshop) -> Person:
    umea = workshop.network.members[0].organisation
    return factories.person(umea, zone="America/Guatemala")


def test_whoever_came_after_the_due_gets_no_stale_reminder() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    workshop = factories.workshop(network)
    late = made.at("America/Bogota", 2025, 5, 30, 12)
    made.seat(workshop, factories.person(umea), now=late)
    assert service.plan(late + timedelta(minutes=1)) == service.Counts()
    assert made.occurrences() == []


def test_a_clock_that_stood_still_plans_what_is_still_of_use_and_names_what_is_not() -> None:
    made.world()
    back = made.at("America/Bogota", 2025, 6, 1, 12)
    assert service.plan(back).planned == 2
    assert service.queue_due(back).queued == 2


def test_what_is_of_no_use_any_more_is_missed_not_dropped() -> None:
    made.world()
    too_late = made.at("America/Bogota", 2025, 6, 3, 8)
    assert service.plan(too_late) == service.Counts(missed=2)
    assert service.queue_due(too_late).queued == 0


def test_a_rule_made_too_late_does_not_reach_back() -> None:
    workshop, *_people = made.world()
    late = made.at("America/Bogota", 2025, 5, 30, 12)
    made.rule(workshop, armed_at=late)
    made.rule(workshop, offset=-1, armed_at=late)
    service.plan(late)
    assert made.dues() == ["2025-06-02 09:00 America/Bogota", "2025-06-02 16:00 Europe/Stockholm"]


def test_a_rule_that_is_changed_or_switched_off_is_followed() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    rule = made.rule(network)
    made.seat(factories.workshop(network), factories.person(umea))
    service.plan(NOW)
    with transaction():
        rule.offset = -3
    service.plan(NOW)
    assert made.dues() == ["2025-05-31 16:00 Europe/Stockholm"]
    with transaction():
        rule.enabled = False
    service.plan(NOW)
    assert made.occurrences() == [("Europe/Stockholm", "cancelled", 0)]


def test_thanks_go_to_those_who_came(app: Flask) -> None:
    assert app
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network, anchor="end", offset=1, audience="attended")
    workshop = factories.workshop(network, date(2025, 6, 3))
    came, _stayed = (made.seat(workshop, factories.person(umea, address=f"{name}@umea.example")) for name in ("came", "stayed"))
    during = made.at("America/Bogota", 2025, 6, 3, 10)
    attendance.record_attendance(came.id, workshop.days[0].id, "morning", present=True, by=made.STAFF, now=during)
    after = made.at("America/Bogota", 2025, 6, 4, 10)
    service.plan(NOW)
    assert service.queue_due(after).queued == 1
    assert made.recipients() == ["came@umea.example"]


def test_the_mail_log_shows_what_is_still_to_come() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    into: list[Planned] = []
    with current_app.test_request_context("/en/"), using("en"):  # its lines lead to pages
        announce("planned_mails", topic=f"workshop:{workshop.id}", into=into)
    assert [(one.what, one.who, one.state) for one in into] == [
        ("Reminder 7 days before, at 09:00", "1 person on the clock of Bogotá", "planned"),
        ("Reminder 7 days before, at 09:00", "1 person on the clock of Stockholm", "planned"),
    ]
