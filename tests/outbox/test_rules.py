"""How long to wait before the next try, and when nobody is to be woken."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.outbox.rules import halvings, halvings_after, put_off, rate, wait_after

BOGOTA = ZoneInfo("America/Bogota")


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 5), (4, 10), (5, 30), (6, 60), (7, 60), (99, 60)])
def test_the_pause_grows_to_an_hour_and_is_spread_by_half(attempts: int, minutes: int) -> None:
    assert wait_after(attempts, 0.5) == timedelta(minutes=minutes)
    assert wait_after(attempts, 0.0) == timedelta(minutes=minutes) / 2
    assert wait_after(attempts, 1.0) == timedelta(minutes=minutes) * 1.5


@pytest.mark.parametrize(
    ("due", "now", "morning"),
    [
        ((2, 19, 59), (2, 20, 10), None),  # in a queue, no more
        ((2, 18, 0), (2, 20, 0), None),
        ((2, 18, 0), (2, 20, 1), (3, 8, 0)),
        ((2, 18, 0), (3, 0, 30), (3, 8, 0)),
        ((2, 18, 0), (3, 7, 59), (3, 8, 0)),
        ((2, 18, 0), (3, 8, 0), None),
        ((2, 3, 0), (2, 3, 30), None),  # whoever wrote it chose that hour
        ((2, 3, 0), (2, 3, 31), (2, 8, 0)),
    ],
)
def test_a_mail_that_is_late_waits_for_the_readers_morning(
    due: tuple[int, int, int], now: tuple[int, int, int], morning: tuple[int, int, int] | None
) -> None:
    due_at, instant = (datetime(2025, 6, *wall, tzinfo=BOGOTA) for wall in (due, now))
    assert put_off(instant, due_at, "America/Bogota") == (datetime(2025, 6, *morning, tzinfo=BOGOTA) if morning else None)


@pytest.mark.parametrize(
    ("before", "minutes", "after"),
    [
        (0, None, (1, 300)),
        (1, 0.9, None),  # the same minute's answers, to other processes
        (1, 1, (2, 150)),
        (2, 10, (2, 150)),  # one came back meanwhile
        (3, 25, (2, 150)),
        (9, 5, (9, 1)),
        (5, 600, (1, 300)),
        (5, -600, (1, 300)),  # a clock was set back
    ],
)
def test_each_too_much_halves_the_rate_once_a_minute_and_down_to_one(
    before: int, minutes: float | None, after: tuple[int, int] | None
) -> None:
    times = halvings_after(before, None if minutes is None else timedelta(minutes=minutes), 600)
    assert (times, rate(600, times or 0)) == (after or (None, 600))


@pytest.mark.parametrize(("minutes", "expected"), [(0, 150), (9.9, 150), (10, 300), (19.9, 300), (20, 600), (999, 600)])
def test_the_rate_is_doubled_every_ten_quiet_minutes(minutes: float, expected: int) -> None:
    assert rate(600, halvings(2, timedelta(minutes=minutes))) == expected
