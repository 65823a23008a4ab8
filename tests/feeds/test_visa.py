"""The last moment to ask for a letter for a visa, in the calendars of those who may need one and have not asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.accounts.models import Person
from app.audit.service import person as actor
from app.database import transaction
from app.feeds import leaving
from app.feeds.models import CalendarHorizon
from app.needs.rules import Given, Said
from app.organisations.models import Organisation
from app.registrations import answers
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.feeds.made import address, events, fetched, seat, somebody
from tests.registrations.made import LATER, edit, published

LAST = datetime.fromisoformat("2025-05-10T12:00-05:00")
LETTER = Given({"visa": Said(("letter",))}, agreed=True)


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


def bogota(umea: Organisation) -> Workshop:
    """A workshop of 3 and 4 June, letters until 10 May."""
    return published(umea, access="open", letters=LAST.replace(tzinfo=None))


def letters(url: str) -> list[str]:
    return [str(one["SUMMARY"]) for one in events(url) if str(one["UID"]).startswith("letter-")]


def ask(number: int, me: Person, now: datetime = LATER) -> None:
    answers.change_needs(number, LETTER, by=actor(me), now=now)


def test_it_rings_for_who_may_need_one_until_they_ask_and_again_if_they_take_that_back(umea: Organisation) -> None:
    workshop = bogota(umea)
    me, url = somebody(umea, deadlines=True)
    number = seat(workshop, me)
    (event,) = (one for one in events(url) if str(one["UID"]) == f"letter-{number}-{workshop.uid}")
    assert str(event["SUMMARY"]) == f"Ask for a letter for a visa: {workshop.text.title}"
    assert (event["DTEND"].dt, event["TRANSP"], str(event["URL"]).endswith("/needs")) == (LAST, "TRANSPARENT", True)
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [timedelta(days=-7), timedelta(days=-1)]
    before = fetched(url).headers["ETag"]
    ask(number, me)
    asked = fetched(url).headers["ETag"]
    assert (letters(url), asked == before) == ([], False)
    answers.withdraw_needs(number, by=actor(me), now=LATER)
    assert (len(letters(url)), fetched(url).headers["ETag"] == asked) == (1, False)


def test_it_leaves_with_the_last_moment_by_the_scheduler_and_comes_back_with_a_later_one(umea: Organisation) -> None:
    workshop = bogota(umea)
    me, url = somebody(umea, deadlines=True)
    seat(workshop, me)
    assert leaving.close_letters(now=LAST - timedelta(seconds=1)) == 0
    tag = fetched(url).headers["ETag"]
    assert (len(letters(url)), leaving.close_letters(now=LAST), letters(url)) == (1, 1, [])
    assert (fetched(url).headers["ETag"] == tag, leaving.close_letters(now=LAST + timedelta(hours=1))) == (False, 0)
    edit(workshop.id, LATER, letters=(LAST + timedelta(days=3)).replace(tzinfo=None))
    assert len(letters(url)) == 1


def test_not_for_who_lives_there_or_waits_nor_where_it_is_off_or_deadlines_are_not_shown(umea: Organisation) -> None:
    workshop = bogota(umea)
    here = factories.person(factories.organisation("CO"), lang="en")
    me, url = somebody(umea, deadlines=True)
    urls = [address(here, deadlines=True), address(me)]
    for person in (here, me):
        seat(workshop, person)
    edit(workshop.id, LATER, capacity=2)
    waiting, line = somebody(umea, deadlines=True)
    seat(workshop, waiting, LATER)
    assert [letters(one) for one in (*urls, line)] == [[], [], []]
    edit(workshop.id, LATER, letters=None)
    assert letters(url) == []


def test_its_calendar_costs_as_many_statements_for_many_workshops_as_for_one(lite: Flask) -> None:
    umea = factories.organisation("SE")
    me, url = somebody(umea, deadlines=True)
    seen = []
    for _one in range(3):
        seat(bogota(umea), me)
        with counted(lite) as statements:
            fetched(url)
        seen.append(len(statements))
    assert (seen[1], len(letters(url))) == (seen[2], 3)


def test_a_clock_that_is_put_back_brings_it_back(lite: Flask) -> None:
    umea = factories.organisation("SE")
    me, url = somebody(umea, deadlines=True)
    workshop = bogota(umea)
    seat(workshop, me)
    assert [leaving.close_letters(now=LAST), len(letters(url)), leaving.close_letters(now=NOW), len(letters(url))] == [1, 0, 1, 1]
    with transaction() as session:
        assert session.get_one(CalendarHorizon, "letters").at == NOW
