"""A partnership's own calendar, and its dates in the calendars of those who belong there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, current_app
from sqlalchemy import update

from app.accounts import places
from app.accounts.models import Affiliation, Person
from app.database import changed, transaction
from app.feeds import leaving
from app.membership.partnership import dates, rules, service
from app.membership.partnership.dates import Values
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.feeds.made import address, events, fetched
from tests.feeds.test_gate import past_the_gate
from tests.membership.partnership.made import KARIN, MEETING, MILESTONE, REPORT, VISIT, Pair, opened, write

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> Pair:
    assert app
    return opened()


def test_public_dates_stand_in_it_as_entries_of_their_kind(world: Pair) -> None:
    for values in (VISIT, MEETING, REPORT):
        write(world, values)
    report, visit = events(world.url)
    assert [str(one["SUMMARY"]) for one in (report, visit)] == ["Report due: First report", "Visit to Bogotá"]
    assert (report["DTSTART"].dt, report["DTEND"].dt, report["TRANSP"]) == (date(2025, 6, 30), date(2025, 7, 1), "TRANSPARENT")
    assert (visit["DTSTART"].params["TZID"], f"{visit['DTSTART'].dt:%d %H}", f"{visit['DTEND'].dt:%d %H}") == (
        "America/Bogota",
        "01 09",
        "03 16",
    )
    assert (visit["STATUS"], visit["TRANSP"], visit["LOCATION"], visit["URL"]) == (
        "CONFIRMED", "OPAQUE", "Bogotá", f"http://127.0.0.1:5000/en/partnerships/{world.slug}/",
    )  # fmt: skip
    body = fetched(world.url).data
    assert (b"VALARM" in body, b"Steering" in body, b"X-WR-CALNAME:Ume\xc3\xa5 and Bogot\xc3\xa1: urban planning" in body) == (
        False,
        False,
        True,
    )


def test_as_a_bar_a_visit_takes_whole_days_and_keeps_its_name(world: Pair) -> None:
    write(world, VISIT)
    (day,), (bar,), (session,) = (events(f"{world.url}&show={level}") for level in ("days", "overview", "sessions"))
    assert (bar["DTSTART"].dt, bar["DTEND"].dt, bar["UID"]) == (date(2025, 9, 1), date(2025, 9, 4), day["UID"])
    assert (session["DTSTART"].dt, session["DTEND"].dt) == (day["DTSTART"].dt, day["DTEND"].dt)


def test_a_project_after_the_networks_years_still_has_its_clock(world: Pair) -> None:
    write(world, MILESTONE)
    (event,) = events(world.url)
    assert (event["DTSTART"].params["TZID"], event["DTSTART"].dt.utcoffset()) == ("Europe/Stockholm", timedelta(hours=2))


def test_what_moves_keeps_its_name_and_counts_up_and_the_rest_stays_as_it_was(world: Pair) -> None:
    number = write(world, VISIT)
    write(world, REPORT)
    first = fetched(world.url)
    report, visit = events(world.url)
    assert fetched(world.url, {"If-None-Match": first.headers["ETag"]}).status_code == 304
    write(world, replace(VISIT, starts_on=date(2025, 9, 2)), number, NOW + HOUR)
    after = fetched(world.url, {"If-None-Match": first.headers["ETag"]})
    same, moved = events(world.url)
    assert (after.status_code, moved["UID"], int(moved["SEQUENCE"]), moved["CREATED"].dt) == (200, visit["UID"], 1, visit["CREATED"].dt)
    assert (moved["LAST-MODIFIED"].dt > visit["LAST-MODIFIED"].dt, same.to_ical()) == (True, report.to_ical())
    dates.call_off(world.slug, number, by=KARIN, now=NOW + 2 * HOUR)
    off = events(world.url)[1]
    assert (off["STATUS"], off["TRANSP"], int(off["SEQUENCE"]), str(off["SUMMARY"])) == (
        "CANCELLED",
        "TRANSPARENT",
        2,
        "CANCELLED: Visit to Bogotá",
    )


def test_another_area_is_an_edit_of_each_entry(world: Pair) -> None:
    write(world, REPORT)
    other = rules.Values(world.umea.id, world.bogota.id, "health", "preparation", date(2025, 1, 1))
    service.save(world.slug, other, 1, by=KARIN, now=NOW + HOUR)
    (event,) = events(world.url)
    assert ("health" in str(event["DESCRIPTION"]), event["LAST-MODIFIED"].dt, int(event["SEQUENCE"])) == (True, NOW + HOUR, 0)


def test_two_fetches_are_byte_equal_and_siblings_of_other_kinds_say_the_same(world: Pair) -> None:
    number = write(world, VISIT)
    write(world, MEETING)
    first = fetched(world.url).data
    with past_the_gate(current_app._get_current_object()):  # type: ignore[attr-defined]  # noqa: SLF001  polls go no further
        assert fetched(world.url).data == first
    data = fetched(f"/feeds/partnership/{world.slug}.json?lang=sv").get_json()
    assert [one["title"] for one in data["entries"]] == ["Besök i Bogotá"]
    write(world, replace(VISIT, starts_on=date(2025, 9, 2)), number, NOW + HOUR)
    dates.call_off(world.slug, number, by=KARIN, now=NOW + 2 * HOUR)
    news = fetched(f"/feeds/partnership/{world.slug}.atom?lang=en").get_data(as_text=True)
    titles = [part.partition("</title>")[0] for part in news.split("<title>")[2:]]
    assert titles == ["Cancelled: Visit to Bogotá", "Moved: Visit to Bogotá", "New: Visit to Bogotá"]
    assert "Steering" not in news


def test_news_of_other_hours_name_them_and_a_whole_day_on_another_clock_is_none(world: Pair) -> None:
    visit, report = write(world, VISIT), write(world, REPORT)
    write(world, replace(VISIT, starts=time(10)), visit, NOW + HOUR)
    write(world, replace(REPORT, zone="America/Bogota"), report, NOW + HOUR)
    news = fetched(f"/feeds/partnership/{world.slug}.atom?lang=en").get_data(as_text=True)
    assert [part.partition("</title>")[0] for part in news.split("<title>")[2:]] == [
        "Moved: Visit to Bogotá", "New: First report", "New: Visit to Bogotá",
    ]  # fmt: skip
    moved = news.partition("Moved: Visit")[2].partition("</entry>")[0]
    assert ("1 September 10:00 – 3 September 16:00 in Bogotá" in moved, "Before:" in moved) == (True, False)


def test_an_unknown_one_is_what_unknown_calendars_are(lite: Flask) -> None:
    assert lite
    paths = ("nobody.ics", "partnership/nobody.ics", "partnership/.ics", "partnership/nobody.json", "partnership/nobody.atom")
    assert [fetched(f"/feeds/{path}").status_code for path in paths] == [404] * 5


def test_what_it_costs_does_not_grow_with_its_dates(world: Pair, app: Flask) -> None:
    seen = []
    for values in (VISIT, REPORT, MILESTONE):
        write(world, values)
        with counted(app) as statements:
            assert fetched(world.url).status_code == 200
        seen.append(len(statements))
    assert seen[1] == seen[2] <= 6  # the first opens connections too


def test_what_was_public_and_is_no_more_is_gone_and_what_is_over_goes_after_two_years(world: Pair) -> None:
    number = write(world, VISIT)
    write(world, replace(VISIT, public=False), number, NOW + HOUR)
    assert events(world.url) == []
    write(world, VISIT, number, NOW + 2 * HOUR)
    tag = fetched(world.url).headers["ETag"]
    assert leaving.move_on(now=datetime.combine(date(2027, 9, 1), time(), NOW.tzinfo)) == 1  # first of all: whose days have turned
    assert len(events(world.url)) == 1
    assert leaving.move_on(now=datetime.combine(date(2027, 9, 4), time(), NOW.tzinfo)) == 1
    assert (fetched(world.url, {"If-None-Match": tag}).status_code, events(world.url)) == (200, [])


ALARMS: dict[str, tuple[Values, str, list[str]]] = {
    "a visit rings a week before, at nine in Umeå": (VISIT, "Europe/Stockholm", ["2025-08-25 09:00"]),
    "and at nine in Bogotá": (VISIT, "America/Bogota", ["2025-08-25 09:00"]),
    "a meeting the day before": (MEETING, "Europe/Stockholm", ["2025-05-05 09:00"]),
    "which is the same day's morning for nobody": (replace(MEETING, starts=time(6), ends=time(7)), "America/Bogota", ["2025-05-04 09:00"]),
}


@pytest.mark.parametrize("case", ALARMS)
def test_who_belongs_has_all_dates_with_alarms_on_the_own_clock(lite: Flask, case: str) -> None:
    assert lite
    world, (values, zone, rings) = opened(), ALARMS[case]
    write(world, values)
    with transaction():
        changed(update(Person).where(Person.id == world.malin.id).values(zone=zone))
    (event,) = events(address(world.malin))
    start = event["DTSTART"].dt
    found = [f"{(start + alarm['TRIGGER'].dt).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for alarm in event.walk("VALARM")]
    assert found == rings
    assert (str(event["URL"]), str(event["SUMMARY"])[-18:]) == (
        f"http://127.0.0.1:5000/en/me/partnerships/{world.slug}/",
        " · Umeå and Bogotá",
    )


def test_a_report_rings_twice_until_it_is_done(world: Pair) -> None:
    number = write(world, REPORT)
    url = address(world.malin)
    (event,) = events(url)
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [9 * HOUR - 14 * DAY, 9 * HOUR - 2 * DAY]
    dates.mark_done(world.slug, number, done=True, by=KARIN, now=NOW + HOUR)
    (event,) = events(url)
    assert (event.walk("VALARM"), "Done" in str(event["DESCRIPTION"]), event["LAST-MODIFIED"].dt) == ([], True, NOW + HOUR)


def test_who_leaves_has_them_no_more_and_outsiders_never(world: Pair) -> None:
    write(world, MEETING)
    mentor, outsider = factories.person(factories.organisation("GT")), factories.person()
    urls = [address(one) for one in (world.malin, mentor, outsider)]
    assert [len(events(url)) for url in urls] == [1, 0, 0]
    part = service.add_person(world.slug, mentor.address, "mentor", by=KARIN, now=NOW).id
    assert [len(events(url)) for url in urls] == [1, 1, 0]
    service.remove_person(world.slug, part, by=KARIN, now=NOW + HOUR)
    places.end_affiliation(world.malin.id, affiliation(world.malin), by=KARIN, now=NOW + DAY)
    assert [len(events(url)) for url in urls] == [0, 0, 0]


def affiliation(person: Person) -> int:
    return person.affiliations[0].id


def test_whose_place_ends_by_its_day_loses_them_by_the_scheduler(world: Pair, clock: Callable[[datetime], Any]) -> None:
    write(world, MEETING)
    with transaction():
        changed(update(Affiliation).where(Affiliation.person_id == world.malin.id).values(ends_on=date(2025, 3, 10)))
    leaving.move_on(now=NOW)
    url = address(world.malin)
    tag = fetched(url).headers["ETag"]
    with clock(NOW + 20 * DAY):  # not the clock, the row
        assert fetched(url, {"If-None-Match": tag}).status_code == 304
        assert leaving.move_on(now=NOW + 8 * DAY) == 1
        assert (fetched(url, {"If-None-Match": tag}).status_code, events(url)) == (200, [])
