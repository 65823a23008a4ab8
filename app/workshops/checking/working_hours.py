"""What of other people's working hours a day falls into, and when all of them work; plain values only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from app.workshops.values import Day
from app.workshops.walltime import seen_from

Part = Literal["inside", "early", "late", "around", "before", "after", "weekend"]
Span = tuple[datetime, datetime]

OPENS, CLOSES = time(8), time(17)
SATURDAY = 5
AROUND = range(-2, 3)  # days: no two clocks are further apart than 26 hours
A_MOMENT = timedelta(microseconds=1)


def part_of(day: Day, zone: str, reader_zone: str) -> Part:
    """How the reader's wall shows a day of `zone`: `early` begins before their work does, `before` is over by then.

    Raises WallProblem, OverflowError.
    """
    starts, ends = (at.replace(tzinfo=None) for at in seen_from(day, zone, reader_zone))
    opens, closes = (datetime.combine(starts.date(), wall) for wall in (OPENS, CLOSES))
    if starts.weekday() >= SATURDAY:
        return "weekend"
    if ends <= opens:
        return "before"
    if starts >= closes:
        return "after"
    if starts < opens:
        return "around" if ends > closes else "early"
    return "late" if ends > closes else "inside"


def common(on: date, zone: str, zones: Sequence[str]) -> list[Span]:
    """When it is working hours in all of `zones`, as far as it lies on this date on the wall of `zone`, and on that wall.

    Whose working day it is may be another date's than `on`. Raises OverflowError (year 1 or 9999).
    """
    shared: list[Span] = []
    for number, other in enumerate(dict.fromkeys(zones)):
        theirs = list(_working_days(on, other))
        shared = theirs if number == 0 else list(_both(shared, theirs))
    wall = ZoneInfo(zone)
    here = [(starts.astimezone(wall), ends.astimezone(wall)) for starts, ends in shared]
    return [(starts, ends) for starts, ends in here if starts.date() <= on <= (ends - A_MOMENT).date()]


def _working_days(on: date, zone: str) -> Iterator[Span]:
    """The working days around a date, as instants."""
    wall = ZoneInfo(zone)
    for step in AROUND:
        there = on + timedelta(days=step)
        if there.weekday() < SATURDAY:
            opens, closes = (datetime.combine(there, hour, wall).astimezone(UTC) for hour in (OPENS, CLOSES))
            yield opens, closes


def _both(some: Sequence[Span], others: Sequence[Span]) -> Iterator[Span]:
    """What lies in both, in order of time."""
    for first, last in some:
        for starts, ends in others:
            if max(first, starts) < min(last, ends):
                yield max(first, starts), min(last, ends)
