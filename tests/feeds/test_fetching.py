"""Staff see whose calendar knows of a workshop's last change, and write to the others."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import db, transaction
from app.feeds.fetching import queries
from app.feeds.models import FeedToken
from app.feeds.personal import service
from app.feeds.personal.service import Options
from app.organisations.models import Organisation
from app.registrations import service as registrations
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def workshop(app: Flask) -> Workshop:
    assert app
    home = factories.organisation("CO")
    start = now().date() + timedelta(days=60)
    network = factories.network(home, ends_on=start.replace(year=start.year + 1, month=12, day=31))
    return factories.workshop(network, start, capacity=3, made=NOW)


def home(workshop: Workshop) -> Organisation:
    return workshop.network.members[0].organisation


def seated(workshop: Workshop, name: str, *fetched: timedelta | None) -> Person:
    """Somebody with a seat, and a calendar for each of these: fetched so long after the workshop's last change, or never."""
    who = factories.person(home(workshop), name=name)
    registrations.register(workshop.id, who.id, by=actor(who), now=now())
    for after in fetched:
        service.make_token(who.id, "telephone", Options("es"), by=actor(who), now=NOW)
        with transaction():
            row = db.session.query(FeedToken).order_by(FeedToken.id.desc()).first()
            assert row is not None
            row.last_fetched_at = None if after is None else workshop.changed_at + after
    return who


def test_of_those_with_a_seat_whose_calendar_knows(workshop: Workshop) -> None:
    seated(workshop, "Ana", -HOUR, HOUR)
    seated(workshop, "Bo", -HOUR, None)
    seated(workshop, "Cecilia")
    waits = seated(workshop, "David", HOUR)
    found = queries.readers(workshop.id, workshop.changed_at)
    assert [(one.registration.person.name, one.calendars, one.fetched) for one in found] == [("Ana", 2, 1), ("Bo", 2, 0), ("Cecilia", 0, 0)]
    assert [one.registration.person.name for one in queries.behind(found)] == ["Bo", "Cecilia"]
    assert waits.name not in {one.registration.person.name for one in found}


def test_a_revoked_calendar_does_not_count(workshop: Workshop) -> None:
    who = seated(workshop, "Ana", HOUR)
    service.revoke(who.id, db.session.query(FeedToken).one().id, by=actor(who), now=now())
    assert [one.calendars for one in queries.readers(workshop.id, workshop.changed_at)] == [0]


def test_it_costs_as_many_statements_for_many_as_for_few(app: Flask, workshop: Workshop) -> None:
    seated(workshop, "Ana", HOUR)
    number, since = workshop.id, workshop.changed_at
    with counted(app) as few:
        queries.readers(number, since)
    for name in ("Bo", "Cecilia"):
        seated(workshop, name, -HOUR, HOUR)
    number, since = workshop.id, workshop.changed_at
    with counted(app) as many:
        queries.readers(number, since)
    assert len(few) == len(many) == 3


@pytest.fixture
def staff(app: Flask) -> Visitor:
    found: Visitor = app.test_client().signed_in(factories.person(staff="officer", lang="en"))  # type: ignore[attr-defined]
    return found


def test_the_page_counts_and_its_button_leads_into_the_mail_to_just_these(staff: Visitor, workshop: Workshop) -> None:
    seated(workshop, "Ana", HOUR)
    seated(workshop, "Bo", -HOUR)
    seated(workshop, "Cecilia")
    text = staff.get(f"/en/staff/workshops/{workshop.id}/calendars/").get_data(as_text=True)
    assert "2 of 3 people with a seat have a calendar of their own" in text
    assert "1 of 2 calendars have been fetched since" in text
    assert ("Not since the change" in text, "Ana" in text) == (True, False)
    chosen = re.findall(r'name="chosen" value="(\d+)"', text)
    page = staff.post(f"/en/staff/workshops/{workshop.id}/participants/mail", data={"chosen": chosen}).get_data(as_text=True)
    assert "Write to 2 people" in page


def test_nobody_is_written_to_where_all_know_or_nobody_comes(staff: Visitor, workshop: Workshop) -> None:
    address = f"/en/staff/workshops/{workshop.id}/calendars/"
    assert "Nobody has a seat yet" in staff.get(address).get_data(as_text=True)
    seated(workshop, "Ana", HOUR)
    text = staff.get(address).get_data(as_text=True)
    assert ("The calendars of all of them know" in text, 'name="chosen"' in text) == (True, False)


def test_a_draft_stands_in_no_calendar(staff: Visitor, workshop: Workshop) -> None:
    with transaction():
        workshop.state = "draft"
    assert staff.get(f"/en/staff/workshops/{workshop.id}/calendars/").status_code == 404
