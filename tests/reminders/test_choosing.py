"""Staff choose a workshop's own reminders, and go back to the network's; nothing goes twice and nothing reaches back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.announcements import announce
from app.audit.models import AuditEntry
from app.database import db, transaction
from app.reminders import service
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.reminders import made

pytestmark = pytest.mark.usefixtures("app")
WEEK_AHEAD = made.at("America/Bogota", 2025, 5, 27, 9)


def choose(workshop: Workshop, *codes: str, now: datetime = NOW) -> list[str]:
    with transaction():
        announce("workshop_reminders_chosen", workshop=workshop, chosen=list(codes), now=now, by=made.STAFF)
    into: list[str] = []
    announce("reminders_of", workshop=workshop, into=into)
    return into


def test_staff_choose_a_workshops_own_reminders_and_go_back_to_the_networks() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    assert choose(workshop, "days:1@09:00", "hours:1") == ["days:1@09:00", "hours:1"]
    assert made.dues() == [
        "2025-06-02 09:00 America/Bogota", "2025-06-02 16:00 Europe/Stockholm",
        "2025-06-03 08:00 America/Bogota", "2025-06-03 15:00 Europe/Stockholm",
    ]  # fmt: skip
    assert choose(workshop, "hours:1") == ["hours:1"]
    assert len(made.dues()) == 2
    assert choose(workshop) == []
    assert made.dues() == ["2025-05-27 09:00 America/Bogota", "2025-05-27 16:00 Europe/Stockholm"]


def test_a_reminder_chosen_too_late_does_not_reach_back() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    late = made.at("America/Bogota", 2025, 6, 2, 12)
    choose(workshop, "days:7@09:00", "hours:1", now=late)
    assert service.queue_due(late) == service.Counts()


def quiet() -> tuple[Workshop, Person]:
    """A workshop of a network without rules, and somebody with a seat."""
    umea = factories.organisation("SE")
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea, address="me@umea.example")
    made.seat(workshop, me)
    return workshop, me


def test_another_rule_after_going_back_is_another_reminder() -> None:
    workshop, _me = quiet()
    choose(workshop, "days:7@09:00")
    service.plan(NOW)
    assert service.queue_due(WEEK_AHEAD).queued == 1
    later = WEEK_AHEAD + timedelta(days=1)
    choose(workshop, now=later)
    choose(workshop, "days:1@09:00", now=later)
    assert service.queue_due(made.at("America/Bogota", 2025, 6, 2, 9)).queued == 1


def test_going_back_does_not_send_again_what_the_workshops_own_rule_has_sent() -> None:
    workshop, _me = quiet()
    choose(workshop, "days:7@09:00")
    made.rule(workshop.network)
    service.plan(NOW)
    assert service.queue_due(WEEK_AHEAD).queued == 1
    later = WEEK_AHEAD + timedelta(days=1)
    choose(workshop, now=later)
    assert service.plan(later) + service.queue_due(later) == service.Counts()


def test_going_back_does_not_reach_back() -> None:
    workshop, *_people = made.world()
    made.rule(workshop.network, offset=-1)
    choose(workshop, "hours:1")
    later = WEEK_AHEAD + timedelta(days=4)
    choose(workshop, now=later)
    assert service.plan(later) + service.queue_due(later) == service.Counts()
    assert made.dues() == ["2025-06-02 09:00 America/Bogota", "2025-06-02 16:00 Europe/Stockholm"]


def test_a_rule_chosen_a_second_time_neither_goes_again_nor_reaches_back() -> None:
    workshop, _me = quiet()
    choose(workshop, "days:7@09:00")
    service.queue_due(WEEK_AHEAD)
    later = WEEK_AHEAD + timedelta(days=1)
    choose(workshop, "hours:1", now=later)
    choose(workshop, "days:7@09:00", now=later)
    assert service.queue_due(later) == service.Counts()
    assert made.recipients() == ["me@umea.example"]


def test_a_fixed_instant_or_thanks_leave_the_networks_reminders_alone() -> None:
    workshop, *_people = made.world()
    made.rule(workshop, anchor="instant", offset=0, unit="minutes", at_local=None, instant=NOW + timedelta(days=1))
    made.rule(workshop.network, anchor="end", offset=1)
    service.plan(NOW)
    assert [due[5:10] for due in made.dues()] == ["03-04", "03-04", "05-27", "05-27", "06-04", "06-04"]
    choose(workshop, "days:1@09:00")
    assert [due[5:10] for due in made.dues()] == ["03-04", "03-04", "06-02", "06-02", "06-04", "06-04"]


def test_each_choice_is_a_line_of_the_audit() -> None:
    workshop, *_people = made.world()
    choose(workshop, "hours:1")
    choose(workshop)
    lines = select(AuditEntry.action, AuditEntry.actor_name).where(AuditEntry.action.startswith("reminders.")).order_by(AuditEntry.id)
    assert [tuple(line) for line in db.session.execute(lines)] == [("reminders.chosen", "Karin"), ("reminders.usual", "Karin")]
