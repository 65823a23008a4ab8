"""When reminders are due: the unclamped instant, the clamp into civil hours, and both over six years of calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.reminders import rules

STOCKHOLM, BOGOTA, GUATEMALA = "Europe/Stockholm", "America/Bogota", "America/Guatemala"
NINE = time(9)


def wall(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def shown(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "offset", "at", "zone", "expected"),
    [
        pytest.param(wall(STOCKHOLM, 2027, 3, 29, 9), -2, NINE, STOCKHOLM, "2027-03-27 08:00", id="two calendar days in spring"),
        pytest.param(wall(STOCKHOLM, 2027, 11, 1, 9), -2, NINE, STOCKHOLM, "2027-10-30 07:00", id="two calendar days in autumn"),
        pytest.param(wall(STOCKHOLM, 2027, 3, 29, 9), -1, time(2, 30), STOCKHOLM, "2027-03-28 01:30", id="a gap moves forward"),
        pytest.param(wall(STOCKHOLM, 2027, 11, 1, 9), -1, time(2, 30), STOCKHOLM, "2027-10-31 00:30", id="an overlap is the first"),
        pytest.param(datetime(2027, 3, 30, 22, 30, tzinfo=UTC), -1, NINE, STOCKHOLM, "2027-03-30 07:00", id="the zone's day, Stockholm"),
        pytest.param(datetime(2027, 3, 30, 22, 30, tzinfo=UTC), -1, NINE, BOGOTA, "2027-03-29 14:00", id="the zone's day, Bogota"),
        pytest.param(wall(GUATEMALA, 2027, 1, 3, 8), -7, None, GUATEMALA, "2026-12-27 14:00", id="without an hour the anchor's own"),
        pytest.param(wall(BOGOTA, 2027, 1, 3, 8), 1, NINE, BOGOTA, "2027-01-04 14:00", id="a day after"),
    ],
)
def test_days_are_counted_on_the_wall(start: datetime, offset: int, at: time | None, zone: str, expected: str) -> None:
    assert f"{rules.due_instant(start, offset, 'days', at, zone):%Y-%m-%d %H:%M}" == expected


def test_hours_are_counted_as_instants() -> None:
    start = wall(STOCKHOLM, 2027, 3, 28, 9)
    assert rules.due_instant(start, -24, "hours", None, STOCKHOLM) == start - timedelta(hours=24)
    assert rules.due_instant(start, -90, "minutes", None, STOCKHOLM) == start - timedelta(minutes=90)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        ((2027, 5, 4, 8, 0), "2027-05-04 08:00"),
        ((2027, 5, 4, 20, 0), "2027-05-04 20:00"),
        ((2027, 5, 4, 7, 59), "2027-05-03 20:00"),
        ((2027, 5, 4, 20, 1), "2027-05-04 20:00"),
        ((2027, 5, 4, 0, 0), "2027-05-03 20:00"),
        ((2027, 5, 4, 23, 59), "2027-05-04 20:00"),
    ],
)
@pytest.mark.parametrize("zone", [STOCKHOLM, BOGOTA, GUATEMALA])
def test_nobody_is_written_to_at_night_and_earlier_beats_later(hour: tuple[int, ...], expected: str, zone: str) -> None:
    assert shown(rules.civil_instant(wall(zone, *hour), zone), zone) == expected


@pytest.mark.parametrize(
    ("now", "useful_until", "expected"),
    [
        pytest.param((4, 8, 0), (5, 0, 0), "2027-05-04 08:00", id="from eight"),
        pytest.param((4, 20, 1), (5, 0, 0), "2027-05-04 20:01", id="due at eight, a minute late"),
        pytest.param((4, 20, 15), (6, 0, 0), "2027-05-05 08:00", id="and no later"),
        pytest.param((4, 2, 0), (5, 0, 0), "2027-05-04 08:00", id="at night in the morning"),
        pytest.param((4, 22, 0), (6, 0, 0), "2027-05-05 08:00", id="late in the evening on the next day"),
        pytest.param((4, 2, 0), (4, 8, 0), "2027-05-04 02:00", id="at once if the morning is too late"),
    ],
)
@pytest.mark.parametrize("zone", [STOCKHOLM, BOGOTA, GUATEMALA])
def test_what_is_due_leaves_at_a_civil_hour_if_that_still_helps(
    now: tuple[int, ...], useful_until: tuple[int, ...], expected: str, zone: str
) -> None:
    leaves = rules.leaving_instant(wall(zone, 2027, 5, *now), zone, wall(zone, 2027, 5, *useful_until))
    assert shown(leaves, zone) == expected


def test_each_zone_gets_the_same_reminder_at_a_civil_hour_of_its_own() -> None:
    times = rules.Times(wall(STOCKHOLM, 2027, 9, 16, 9), wall(STOCKHOLM, 2027, 9, 16, 16), STOCKHOLM)
    rule = rules.Rule("start", -1, "days", NINE)
    found = {zone: rules.schedule(rule, times, zone) for zone in (STOCKHOLM, BOGOTA)}
    assert [shown(due.at, zone) for zone, due in found.items() if due] == ["2027-09-15 09:00", "2027-09-14 20:00"]


def test_an_hour_before_an_evening_meeting_comes_before_bedtime() -> None:
    times = rules.Times(wall(BOGOTA, 2027, 3, 19, 16), wall(BOGOTA, 2027, 3, 19, 18), BOGOTA)
    due = rules.schedule(rules.Rule("start", -1, "hours"), times, STOCKHOLM)
    assert due
    assert shown(due.at, STOCKHOLM) == "2027-03-19 20:00"
    assert due.useful_until == times.starts_at - timedelta(minutes=10)


def test_a_reminder_is_never_due_past_its_use() -> None:
    times = rules.Times(wall(BOGOTA, 2027, 3, 19, 10), wall(BOGOTA, 2027, 3, 19, 18), BOGOTA)
    due = rules.schedule(rules.Rule("start", 0, "days", NINE), times, BOGOTA)
    assert due
    assert due.useful_until == times.starts_at - timedelta(hours=2)
    assert shown(due.at, BOGOTA) == "2027-03-19 08:00"


def test_on_the_day_means_before_the_start() -> None:
    times = rules.Times(wall(BOGOTA, 2027, 3, 19, 8, 30), wall(BOGOTA, 2027, 3, 19, 18), BOGOTA)
    due = rules.schedule(rules.Rule("start", 0, "days", NINE), times, BOGOTA)
    assert due
    assert (shown(due.at, BOGOTA), shown(due.useful_until, BOGOTA)) == ("2027-03-18 20:00", "2027-03-19 06:30")


def test_a_fixed_instant_is_not_bent() -> None:
    times = rules.Times(wall(BOGOTA, 2027, 3, 19, 10), wall(BOGOTA, 2027, 3, 19, 18), BOGOTA)
    night = wall(BOGOTA, 2027, 3, 17, 3)
    due = rules.schedule(rules.Rule("instant", 0, "minutes", instant=night), times, BOGOTA)
    assert due
    assert due.at == night


def test_thanks_after_a_workshop_stay_useful_for_three_days() -> None:
    times = rules.Times(wall(BOGOTA, 2027, 3, 19, 10), wall(BOGOTA, 2027, 3, 19, 18), BOGOTA)
    due = rules.schedule(rules.Rule("end", 1, "days", NINE), times, BOGOTA)
    assert due
    assert (shown(due.at, BOGOTA), due.useful_until - due.at) == ("2027-03-20 09:00", timedelta(days=3))


def test_a_reminder_of_letters_is_of_use_until_the_last_moment_for_them() -> None:
    until = wall(BOGOTA, 2027, 2, 10, 23, 59)
    times = rules.Times(wall(BOGOTA, 2027, 3, 19, 10), wall(BOGOTA, 2027, 3, 19, 18), BOGOTA, letters_until=until)
    due = rules.schedule(rules.Rule("letters", -7, "days", NINE), times, STOCKHOLM)
    assert due
    assert (shown(due.at, BOGOTA), due.useful_until) == ("2027-02-03 09:00", until)


def test_a_rule_without_its_anchor_is_not_due() -> None:
    times = rules.Times(wall(BOGOTA, 2027, 3, 19, 10), wall(BOGOTA, 2027, 3, 19, 18), BOGOTA)
    assert rules.schedule(rules.Rule("closes", -3, "days", NINE), times, BOGOTA) is None


@pytest.mark.parametrize("zone", [STOCKHOLM, BOGOTA, GUATEMALA])
def test_every_day_of_six_years_is_due_at_nine_on_the_wall_once(zone: str) -> None:
    place = ZoneInfo(zone)
    for number in range((date(2032, 1, 1) - date(2026, 1, 1)).days):
        on = date(2026, 1, 1) + timedelta(days=number)
        start = datetime.combine(on, time(13, 30), place).astimezone(UTC)
        dues = [rules.due_instant(start, -before, "days", NINE, zone) for before in range(15)]
        assert [due.astimezone(place).replace(tzinfo=None) for due in dues] == [
            datetime.combine(on - timedelta(days=before), NINE) for before in range(15)
        ]
        assert len({*dues}) == 15


@pytest.mark.parametrize("reader", [STOCKHOLM, BOGOTA, GUATEMALA])
@pytest.mark.parametrize("place", [STOCKHOLM, BOGOTA, GUATEMALA])
def test_every_day_of_six_years_is_clamped_into_its_readers_day_earlier_rather_than_later(place: str, reader: str) -> None:
    """The second test of decision 3: at nine on the wall of the place, and then by day on the reader's, however far away."""
    rule = [rules.Rule("start", -before, "days", NINE) for before in range(15)]
    for number in range((date(2032, 1, 1) - date(2026, 1, 1)).days):
        on = date(2026, 1, 1) + timedelta(days=number)
        start = datetime.combine(on, time(13, 30), ZoneInfo(place)).astimezone(UTC)
        times = rules.Times(start, start + timedelta(hours=2), place)
        found = [rules.schedule(one, times, reader) for one in rule]
        plain = [rules.due_instant(start, one.offset, "days", NINE, place) for one in rule]
        for due, unclamped in zip(found, plain, strict=True):
            assert due is not None
            wall = due.at.astimezone(ZoneInfo(reader))
            assert time(8) <= wall.time() <= time(20), (on, place, reader, wall)
            assert due.at == unclamped or (wall.time() == time(20) and timedelta() < unclamped - due.at < timedelta(hours=12))
            assert due.at <= due.useful_until == start - timedelta(hours=2)
        assert len({due.at for due in found if due}) == 15


def stands(state: str = "confirmed", *, there: bool = False, noted: bool = True, comes_as: str | None = None) -> rules.Standing:
    return rules.Standing(state, there, noted, comes_as, organisation_id=1)


WHOM: list[tuple[str, rules.Whom, rules.Standing, bool]] = [
    ("a seat", rules.Whom("confirmed"), stands(), True),
    ("still waits", rules.Whom("confirmed"), stands("waitlisted"), False),
    ("may need a letter", rules.Whom("confirmed", letterless=True), replace(stands(), lacks_letter=True), True),
    ("needs none, or has asked", rules.Whom("confirmed", letterless=True), stands(), False),
    ("may need a letter, and waits", rules.Whom("confirmed", letterless=True), replace(stands("waitlisted"), lacks_letter=True), False),
    ("was there", rules.Whom("attended"), stands(there=True), True),
    ("was not", rules.Whom("attended"), stands(), False),
    ("missed", rules.Whom("confirmed", absent=True), stands(), True),
    ("came", rules.Whom("confirmed", absent=True), stands(there=True), False),
    ("nobody was noted", rules.Whom("confirmed", absent=True), stands(noted=False), False),
    ("politician", rules.Whom("confirmed", comes_as="politician"), stands(comes_as="politician"), True),
    ("has not said", rules.Whom("confirmed", comes_as="politician"), stands(), False),
    ("of another", rules.Whom("confirmed", organisation_id=2), stands(), False),
]


@pytest.mark.parametrize(("whom", "one", "expected"), [pytest.param(*case, id=name) for name, *case in WHOM])
def test_a_rule_is_for_those_whom_it_names(whom: rules.Whom, one: rules.Standing, expected: bool) -> None:
    assert whom.takes(one) is expected


def test_that_registration_closes_is_of_no_use_once_it_has() -> None:
    start, closes = wall(BOGOTA, 2027, 3, 19, 10), wall(BOGOTA, 2027, 3, 10, 12)
    times = rules.Times(start, start + timedelta(hours=6), BOGOTA, closes_at=closes)
    due = rules.schedule(rules.Rule("closes", -2, "days", NINE), times, BOGOTA)
    assert due
    assert (shown(due.at, BOGOTA), due.useful_until) == ("2027-03-08 09:00", closes)


FORMS = [("all", "on_site", True), ("online", "on_site", False), ("online", "both", True)]
FORMS += [("on_site", "both", True), ("on_site", "online", False)]


@pytest.mark.parametrize(("applies_to", "form", "expected"), FORMS)
def test_a_rule_fits_the_form_of_a_workshop(applies_to: str, form: str, expected: bool) -> None:
    assert rules.fits(applies_to, form) is expected


def test_half_a_day_is_far() -> None:
    start = wall(BOGOTA, 2027, 3, 19, 10)
    assert rules.moved_far(start, start + timedelta(hours=12))
    assert not rules.moved_far(start, start - timedelta(hours=11))


@pytest.mark.parametrize(
    ("people", "largest", "waits"),
    [
        (500, None, False), (501, None, True), (501, 500, True),
        (100, 1, False), (101, 1, True), (101, 33, True), (101, 34, False), (300, 100, False), (301, 100, True),
    ],
)  # fmt: skip
def test_the_brake_holds_more_than_five_hundred_and_more_than_three_times_the_largest_so_far(
    people: int, largest: int | None, waits: bool
) -> None:
    assert rules.is_brake(people, largest) is waits


@pytest.mark.parametrize("code", ["days:7@09:00", "days:1@09:00", "hours:1", "minutes:30", "days:3"])
def test_a_code_reads_back_as_it_was_written(code: str) -> None:
    assert rules.code_of(*rules.read_code(code)) == code


@pytest.mark.parametrize("code", ["", "weeks:1", "days:x", "days:-1", "days:1@25:00"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rules.read_code(code)
