"""A country changes its rules about summer time: the hours on the wall stay, the instants follow."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.queries import entries
from app.database import db, transaction
from app.outbox.models import Message
from app.reminders import service as reminders
from app.workshops.models import Workshop
from app.workshops.writing import clocks
from tests import factories
from tests.factories import NOW
from tests.reminders import made
from tests.workshops.made import heard

HOUR = timedelta(hours=1)


def under_old_rules(state: str = "published") -> tuple[Workshop, datetime]:
    """A workshop whose instants were worked out when the country still had summer time; and what they should be."""
    workshop = factories.workshop(factories.network(), state=state, access="open")
    right = workshop.days[0].starts_at
    with transaction():
        for row in workshop.days:
            row.starts_at, row.ends_at = row.starts_at + HOUR, row.ends_at + HOUR
            workshop.starts_at, workshop.ends_at = row.starts_at, row.ends_at
    return workshop, right


def test_a_coming_day_begins_when_the_clocks_will_show_its_hour(app: Flask) -> None:
    workshop, right = under_old_rules()
    with heard(app) as told:
        assert clocks.recompute(NOW) == 1
        assert clocks.recompute(NOW) == 0
    assert [(name, facts["changed"]) for name, facts in told] == [("workshop_changed", {"zone"})]
    assert (workshop.starts_at, workshop.days[0].starts_at, workshop.ends_at) == (right, right, workshop.days[0].ends_at)
    assert (workshop.sequence, workshop.days[0].sequence, workshop.version) == (1, 1, 3)
    assert [entry.action for entry in entries(f"workshop:{workshop.id}")] == ["workshop.clocks_changed"]


def test_reminders_follow_and_nobody_gets_a_mail(app: Flask) -> None:
    workshop, _right = under_old_rules()
    made.rule(workshop, offset=-1, unit="hours", at_local=None)
    made.seat(workshop, factories.person(factories.organisation("CO")))
    reminders.plan(NOW)
    assert made.dues() == ["2025-06-03 09:00 America/Bogota"]
    clocks.recompute(NOW)
    assert made.dues() == ["2025-06-03 08:00 America/Bogota"]
    assert list(db.session.scalars(select(Message.kind))) == ["confirmation"]


@pytest.mark.parametrize("state", ["draft", "postponed"])
def test_what_is_not_taking_place_yet_follows_too(app: Flask, state: str) -> None:
    workshop, right = under_old_rules(state)
    assert clocks.recompute(NOW) == 1
    assert (workshop.starts_at, workshop.sequence) == (right, int(state != "draft"))


def test_what_has_been_stays_as_it_was(app: Flask) -> None:
    workshop, right = under_old_rules()
    assert clocks.recompute(right + timedelta(days=1)) == 0
    assert workshop.starts_at == right + HOUR


def test_a_zone_that_is_not_known_here_keeps_nobody_else_waiting(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    strange, _right = under_old_rules()
    _other, _right = under_old_rules()
    with transaction():
        strange.zone = "Mars/Phobos"
    assert clocks.recompute(NOW) == 1
    assert "its zone 'Mars/Phobos' is not known here" in caplog.text
