"""That registration closes, in the calendars of those who could still close an open half of their commitment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import db, transaction
from app.feeds.models import CalendarClosing
from app.feeds.personal import closing
from app.membership.models import CommitmentRule
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.feeds.made import address, events, fetched, seat
from tests.membership import made
from tests.membership.made import World
from tests.reminders.test_races import together

CLOSES = datetime(2025, 5, 20, 21, 59, 59, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(app: Flask) -> World:
    assert app
    return made.world()


def sweden(world: World, **values: object) -> Workshop:
    return factories.workshop(world.network, country="SE", closes_at=CLOSES, **values)


def titles(url: str) -> list[str]:
    return [str(one["SUMMARY"]) for one in events(url)]


def test_what_would_close_an_open_half_stands_there_until_it_closes(world: World) -> None:
    workshop = sweden(world)
    url = address(world.andres, deadlines=True)
    tag = fetched(url).headers["ETag"]
    assert [closing.keep(now=NOW), closing.keep(now=NOW + HOUR)] == [1, 0]
    assert fetched(url, {"If-None-Match": tag}).status_code == 200
    (event,) = events(url)
    assert str(event["SUMMARY"]) == f"Registration closes: {workshop.text.title}"
    assert (event["DTEND"].dt, event["TRANSP"], [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]) == (
        CLOSES.replace(second=0), "TRANSPARENT", [-timedelta(days=1)],
    )  # fmt: skip
    assert str(event["URL"]) == f"http://127.0.0.1:5000/en/workshops/{workshop.slug}/register"
    assert fetched(url).data == fetched(url).data
    assert (closing.keep(now=CLOSES + HOUR), events(url)) == (1, [])


def test_each_network_in_force_that_asks_is_looked_at(world: World) -> None:
    first, other = sweden(world), factories.network(world.panajachel, starts_on=date(2025, 1, 1))
    with transaction() as session:
        session.add(CommitmentRule(network_id=other.id, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)))
    second = factories.workshop(other, country="SE", closes_at=CLOSES)
    url = address(world.andres, deadlines=True)
    closing.keep(now=NOW)
    assert titles(url) == [f"Registration closes: {one.text.title}" for one in (first, second)]


def test_not_for_who_has_registered_nor_once_the_half_is_closed_nor_on_devices_without_deadlines(world: World) -> None:
    workshop, other = sweden(world), sweden(world)
    urls = [address(world.andres, deadlines=True), address(world.lucia, deadlines=True), address(world.lucia)]
    closing.keep(now=NOW)
    assert [len(events(url)) for url in urls] == [2, 2, 0]
    seat(workshop, world.andres)  # closes the half for both, as the scheduler will see
    assert f"Registration closes: {workshop.text.title}" not in titles(urls[0])
    assert f"Registration closes: {other.text.title}" in titles(urls[1])
    assert (closing.keep(now=NOW + HOUR), titles(urls[1])) == (2, [])


def test_what_is_moved_or_called_off_follows_at_once(world: World) -> None:
    workshop = sweden(world)
    url = address(world.andres, deadlines=True)
    closing.keep(now=NOW)
    with transaction():
        workshop.state = "cancelled"
    assert closing.keep(now=NOW + HOUR) == 1
    assert events(url) == []


def test_four_schedulers_at_once_write_each_once(app: Flask, world: World) -> None:
    sweden(world)
    url = address(world.andres, deadlines=True)
    db.session.remove()
    together(app, *[lambda: closing.keep(now=NOW)] * 4)
    assert (db.session.scalar(select(func.count()).select_from(CalendarClosing)), len(events(url))) == (1, 1)


def test_neither_the_calendar_nor_the_job_costs_more_for_many_workshops_and_people(lite: Flask) -> None:
    world, seen = made.world(), []
    url = address(world.andres, deadlines=True)
    for number in range(3):
        for _each in range(2):
            sweden(world)
            address(factories.person(world.panajachel), deadlines=True)
        closing.keep(now=NOW + number * HOUR)
        with counted(lite) as job:
            closing.keep(now=NOW + number * HOUR)
        with counted(lite) as calendar:
            fetched(url)
        seen.append((len(job), len(calendar)))
    assert seen[1] == seen[2]


def test_what_is_not_in_force_asks_for_nothing(lite: Flask) -> None:
    assert lite
    assert closing.keep(now=NOW) == 0
    world = made.world()
    with transaction():
        world.rule.starts_on, world.rule.ends_on = date(2024, 1, 1), date(2024, 12, 31)
    sweden(world)
    address(world.andres, deadlines=True)
    assert closing.keep(now=NOW) == 0
