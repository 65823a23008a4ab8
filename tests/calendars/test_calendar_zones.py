"""Requirement 23 of calendars: the VTIMEZONEs, proven against the tz database by two readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

import pytest

from app.calendars import Years, file, is_plain_zone, render_entry
from app.calendars.zones import render_zone
from tests.calendars.made import YEARS, entry, hours
from tests.calendars.strict import Clock, Part, read

OURS = ["Europe/Stockholm", "America/Bogota", "America/Guatemala"]
OTHERS = ["America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "UTC"]
TZICAL = import_module("dateutil.tz").tzical  # by name, because dateutil is untyped
HALF_HOUR = timedelta(minutes=30)


def vtimezone(key: str, years: Years) -> Part:
    data = render_zone(key, years)
    assert data
    return read(b"BEGIN:VCALENDAR\r\n" + data + b"END:VCALENDAR\r\n").parts[0]


def moments(key: str, years: Years, step: timedelta) -> list[datetime]:
    """Moments of the place's own years, in UTC."""
    zone = ZoneInfo(key)
    now = datetime(years.first, 1, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(years.last + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    return [now + n * step for n in range((end - now) // step)]


def assert_right(key: str, years: Years, step: timedelta) -> None:
    zone, clock = ZoneInfo(key), Clock(vtimezone(key, years), until=years.last)
    wrong = [m for m in moments(key, years, step) if clock.offset(m.replace(tzinfo=None)) != zone.utcoffset(m.astimezone(zone))]
    assert wrong == []


@pytest.mark.parametrize("key", [*OURS, *OTHERS])
def test_req_23_every_half_hour_of_the_period_has_the_database_s_offset(key: str) -> None:
    assert_right(key, YEARS, HALF_HOUR)


@pytest.mark.parametrize("years", [Years(2024, 2024), Years(2024, 2026), Years(2026, 2033), Years(2025, 2028)])
def test_req_23_other_periods_are_proven_as_well(years: Years) -> None:
    assert_right("Europe/Stockholm", years, HALF_HOUR)
    if is_plain_zone("America/Santiago", years):
        assert_right("America/Santiago", years, HALF_HOUR)


def test_req_23_a_zone_south_of_the_equator_is_right_where_it_can_be_told() -> None:
    assert is_plain_zone("America/Santiago", Years(2025, 2028))
    assert not is_plain_zone("America/Santiago", Years(2024, 2028))  # 8 September 2024 was the second Sunday


def test_req_23_an_hour_that_changes_within_the_period_is_no_yearly_rule() -> None:
    assert is_plain_zone("America/St_Johns", YEARS)
    assert not is_plain_zone("America/St_Johns", Years(2010, 2011))  # at 00:01, from November 2011 on at 02:00


def test_req_23_no_zone_of_the_whole_database_is_told_wrong() -> None:
    plain = sorted(key for key in available_timezones() if is_plain_zone(key, Years(2024, 2025)))

    for key in plain:
        assert_right(key, Years(2024, 2025), timedelta(hours=9))
    assert set(OURS) < set(plain)
    assert "Africa/Casablanca" not in plain


@pytest.mark.parametrize("key", OURS)
def test_req_23_dateutil_reads_the_same_clock(key: str) -> None:
    text = file([render_entry(entry(when=hours(key)), YEARS)], YEARS, lang="sv").decode()
    theirs = TZICAL(StringIO(text.replace("\r\n", "\n"))).get(key)
    zone = ZoneInfo(key)

    for moment in moments(key, YEARS, HALF_HOUR):
        local = moment.astimezone(zone)
        wall = local.replace(tzinfo=None)
        shown_once = local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()
        assert not shown_once or theirs.utcoffset(wall) == local.utcoffset(), wall


def test_req_23_a_zone_without_summer_time_is_one_standard_without_rule() -> None:
    zone = vtimezone("America/Bogota", YEARS)

    (only,) = zone.parts
    assert only.name == "STANDARD"
    assert [(name, value) for name, _, value in only.properties] == [
        ("DTSTART", "20230101T000000"),
        ("TZOFFSETFROM", "-0500"),
        ("TZOFFSETTO", "-0500"),
        ("TZNAME", "-05"),
    ]


def test_req_23_summer_time_is_one_standard_and_one_daylight_by_yearly_rules() -> None:
    zone = vtimezone("Europe/Stockholm", YEARS)

    assert [(part.name, [value for _, _, value in part.properties]) for part in zone.parts] == [
        ("STANDARD", ["20231029T030000", "+0200", "+0100", "CET", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"]),
        ("DAYLIGHT", ["20230326T020000", "+0100", "+0200", "CEST", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"]),
    ]


def test_req_23_every_named_zone_is_described_once() -> None:
    pieces = [render_entry(entry(uid=f"w{n}@example.org", when=hours(key)), YEARS) for n, key in enumerate(OURS * 2)]

    calendar = read(file(pieces, YEARS, lang="sv"))

    assert [zone.value("TZID") for zone in calendar.all("VTIMEZONE")] == sorted(OURS)


def test_req_23_entries_rendered_for_other_years_are_a_fault_not_a_wrong_hour() -> None:
    piece = render_entry(entry(when=hours("America/Santiago")), Years(2024, 2024))
    assert b"TZID=America/Santiago" in piece

    with pytest.raises(ValueError, match="other years"):
        file([piece], YEARS, lang="sv")


@pytest.mark.parametrize("key", ["", "Europe", "Europe/Umeå", "../etc/passwd", "Nowhere/Else"])
def test_req_23_what_is_no_zone_is_not_plain(key: str) -> None:
    assert not is_plain_zone(key, YEARS)
