"""Which halves a day has, what counts as attended, and how long that was: tables of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from app.attendance.rules import Day, attended, code_in, current, halves, is_near, is_no_show, minutes_attended, slots

FIRST, SECOND = date(2025, 6, 3), date(2025, 6, 4)
DAYS = [Day(1, FIRST, time(9), time(16), ((7, time(11), time(14)),)), Day(2, SECOND, time(9), time(12))]
ALL = {"1-morning", "1-afternoon", "2-morning"}


@pytest.mark.parametrize(
    ("starts", "ends", "there"),
    [
        (time(9), time(16), ("morning", "afternoon")),
        (time(9), time(12), ("morning",)),
        (time(9), time(13), ("morning",)),
        (time(13), time(17), ("afternoon",)),
        (time(12, 59), time(13, 1), ("morning", "afternoon")),
        (time(18), time(20), ("afternoon",)),
    ],
)
def test_a_day_has_the_halves_that_its_hours_touch(starts: time, ends: time, there: tuple[str, ...]) -> None:
    assert halves(starts, ends) == there


def test_slots_stand_in_the_order_of_time() -> None:
    assert [slot.code for slot in slots(DAYS)] == ["1-morning", "s7", "1-afternoon", "2-morning"]


@pytest.mark.parametrize(
    ("local", "code"),
    [
        ("2025-06-01T10:00", "1-morning"),  # before it begins
        ("2025-06-03T00:10", "1-morning"),
        ("2025-06-03T12:59", "1-morning"),
        ("2025-06-03T13:00", "1-afternoon"),
        ("2025-06-03T23:00", "1-afternoon"),
        ("2025-06-04T08:00", "2-morning"),
        ("2025-06-04T15:00", "2-morning"),  # that day has no afternoon
        ("2025-06-09T10:00", "2-morning"),
    ],
)
def test_the_clock_of_the_workshop_chooses_the_half_day(local: str, code: str) -> None:
    found = current(slots(DAYS), datetime.fromisoformat(local))
    assert found is not None
    assert found.code == code


def test_a_workshop_without_days_has_no_half_day_to_choose() -> None:
    assert current((), datetime(2025, 6, 3, 10)) is None  # noqa: DTZ001  a wall time


@pytest.mark.parametrize(
    ("marks", "threshold", "enough"),
    [
        (set(), 50, False),
        (set(), 1, False),
        ({"1-morning"}, 50, False),  # a third
        ({"1-morning"}, 33, True),
        ({"1-morning", "2-morning"}, 50, True),
        ({"1-morning", "2-morning"}, 67, False),
        (ALL, 100, True),
        ({"1-morning", "s7"}, 50, False),  # a session is no half-day
        ({"1-morning", "2-afternoon"}, 50, False),  # a half that the day no longer has
    ],
)
def test_whoever_was_there_for_the_threshold_has_attended(marks: set[str], threshold: int, enough: bool) -> None:
    assert attended(marks, ALL, threshold) is enough


@pytest.mark.parametrize(
    ("marks", "minutes"),
    [
        (set(), 0),
        ({"1-morning"}, 4 * 60),
        ({"1-afternoon"}, 3 * 60),
        ({"1-morning", "1-afternoon", "2-morning"}, 10 * 60),
        ({"s7"}, 3 * 60),  # a session alone
        ({"1-morning", "s7"}, 5 * 60),  # only what lies past the half-day is added
        ({"1-morning", "1-afternoon", "s7"}, 7 * 60),
        ({"unknown"}, 0),
    ],
)
def test_hours_are_those_of_the_halves_and_of_what_lies_beside_them(marks: set[str], minutes: int) -> None:
    assert minutes_attended(slots(DAYS), marks) == minutes


@pytest.mark.parametrize(
    ("marks", "over", "missed"), [(set(), True, True), (set(), False, False), ({"1-morning"}, True, False), ({"s7"}, True, False)]
)
def test_nobody_is_a_no_show_before_the_end(marks: set[str], over: bool, missed: bool) -> None:
    assert is_no_show(marks, over=over) is missed


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ABCD2345", "ABCD2345"),
        (" abcd-2345 ", "ABCD2345"),
        ("https://workshops.example/sv/staff/workshops/7/check-in/?code=ABCD2345", "ABCD2345"),
        ("https://workshops.example/x?slot=1&code=abcd2345#p3", "ABCD2345"),
        ("Ana Pérez", ""),
        ("ABCD234", ""),
        ("ABCD23456", ""),
        ("ABCO2345", ""),  # no letter O is given
        ("", ""),
    ],
)
def test_a_code_is_read_however_it_is_typed_or_scanned(typed: str, code: str) -> None:
    assert code_in(typed) == code


@pytest.mark.parametrize(("days", "near"), [(-8, False), (-7, True), (0, True), (3, True), (4, False)])
def test_a_workshop_is_near_from_a_week_before_until_two_days_after(days: int, near: bool) -> None:
    starts, ends = datetime(2025, 6, 3, 9, tzinfo=UTC), datetime(2025, 6, 4, 9, tzinfo=UTC)
    assert is_near(starts, ends, starts + timedelta(days=days)) is near
