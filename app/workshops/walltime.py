"""What a clock on a wall shows, and the one instant that it stands for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.workshops.values import Day

MINUTE = timedelta(minutes=1)
SEARCHED = 25 * 60  # minutes: no clock was ever set further than a day


class WallProblem(ValueError):
    """A wall time that is no single instant. `nearest` are the times of the same date around it that are one."""

    def __init__(self, on: date, wall: time, zone: str) -> None:
        super().__init__(f"{on} {wall} in {zone}")
        self.on, self.wall, self.zone = on, wall, zone
        self.nearest = nearest(on, wall, zone)


class NoSuchTime(WallProblem):
    """The clock jumps over it."""


class TimeTwice(WallProblem):
    """The clock is set back and shows it twice."""


def instant(on: date, wall: time, zone: str) -> datetime:
    """The instant, in UTC, at which clocks in `zone` show this. Raises NoSuchTime, TimeTwice, OverflowError (year 1 or 9999)."""
    first, second = _offsets(datetime.combine(on, wall), zone)
    if first < second:
        raise NoSuchTime(on, wall, zone)
    if first > second:
        raise TimeTwice(on, wall, zone)
    return datetime.combine(on, wall, ZoneInfo(zone)).astimezone(UTC)


def nearest(on: date, wall: time, zone: str) -> tuple[time, ...]:
    """The last time before and the first after, on the same date, that exist once; to the minute."""
    at = datetime.combine(on, wall.replace(second=0, microsecond=0))
    found = []
    for step in (-MINUTE, MINUTE):
        near = at + step
        for _try in range(SEARCHED):
            if near.date() != on:
                break
            first, second = _offsets(near, zone)
            if first == second:
                found.append(near.time())
                break
            near += step
    return tuple(found)


def _offsets(wall: datetime, zone: str) -> tuple[timedelta, timedelta]:
    """The offsets before and after a change of the clock (PEP 495): equal unless the wall time lies in one."""
    first = wall.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset() or timedelta()
    second = wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset() or timedelta()
    return first, second


def seen_from(day: Day, zone: str, reader_zone: str) -> tuple[datetime, datetime]:
    """Start and end of a day on the reader's wall. The day's hours must be real ones."""
    reader = ZoneInfo(reader_zone)
    return instant(day.on, day.starts, zone).astimezone(reader), instant(day.on, day.ends, zone).astimezone(reader)


def on_wall(at: datetime, zone: str) -> datetime:
    """What clocks in `zone` show at an instant."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
