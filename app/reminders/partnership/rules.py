"""When a date of a partnership is reminded of, and until when that is of use; plain values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEFORE: Mapping[str, Sequence[int]] = {"visit": (7, 1), "meeting": (7, 1), "milestone": (7,), "report": (14, 2)}  # days
AFTER: Mapping[str, int] = {"report": 1}  # days, unless it is done by then
DEADLINES = frozenset({"milestone", "report"})  # these count from their last day, and are of use until it is over
AT = time(9)  # on the wall of each reader
NOTICE = timedelta(hours=2)  # a reminder is of no use later than this before the start
LATE = timedelta(days=3)  # nor is the one afterwards later than this
MOST_DAYS = timedelta(days=max(max(each) for each in BEFORE.values()) + 2)
PAST = timedelta(days=max(AFTER.values()) + LATE.days + 2)


@dataclass(frozen=True)
class Day:
    """A date as far as this asks: `starts_at` and `ends_at` only where it has hours; whole days are everybody's own."""

    kind: str
    first: date
    last: date
    starts_at: datetime | None
    ends_at: datetime | None
    since: datetime  # it has stood on these days
    done: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Due:
    """One reminder for readers on one clock: so many days before (minus: after) the day that it counts from."""

    days: int
    on: date
    at: datetime
    useful_until: datetime

    @property
    def code(self) -> str:
        """'2025-09-01:before:7': another day is another reminder."""
        return f"{self.on.isoformat()}:{'before' if self.days > 0 else 'after'}:{abs(self.days)}"


def dues(day: Day, zone: str) -> list[Due]:
    """All reminders of a date on the clock of a zone, the first first; none of what is done or called off.

    Each is of use until the next one is due. What would have been due before the date came to stand on its days does not go.
    """
    if day.cancelled or (day.done and day.kind in DEADLINES):
        return []
    anchor, end = _anchor(day, zone), _end(day, zone)
    days = [*BEFORE[day.kind], *(-after for after in (AFTER.get(day.kind),) if after)]
    ats = [_at(anchor, each, zone) for each in days]
    limits = [*ats[1:], end]
    found = []
    for each, at, limit in zip(days, ats, limits, strict=True):
        useful_until = at + LATE if each < 0 else min(limit, end)
        if day.since <= at < useful_until:
            found.append(Due(each, anchor, at, useful_until))
    return found


def current(day: Day, zone: str, now: datetime) -> Due | None:
    """The one that is due now and still of use."""
    return next((due for due in dues(day, zone) if due.at <= now < due.useful_until), None)


def _anchor(day: Day, zone: str) -> date:
    """The day on the reader's wall that the reminders count from."""
    instant = day.ends_at if day.kind in DEADLINES else day.starts_at
    if instant is None:
        return day.last if day.kind in DEADLINES else day.first
    return instant.astimezone(ZoneInfo(zone)).date()


def _end(day: Day, zone: str) -> datetime:
    """When it is too late for a reminder before."""
    if day.kind in DEADLINES:
        return day.ends_at or datetime.combine(day.last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    return (day.starts_at or datetime.combine(day.first, time(), ZoneInfo(zone)).astimezone(UTC)) - NOTICE


def _at(anchor: date, days: int, zone: str) -> datetime:
    return datetime.combine(anchor - timedelta(days=days), AT, ZoneInfo(zone)).astimezone(UTC)
