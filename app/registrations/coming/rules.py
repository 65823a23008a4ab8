"""When somebody who has not answered is asked once more; plain values only."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING, EVENING = time(8), time(20)
ASKED = frozenset({"confirmed", "waitlisted"})  # an offered seat is a question already, a request has no seat yet


def is_awaited(state: str, asked_at: datetime | None, answered_at: datetime | None) -> bool:
    """Whether somebody was asked and has not said."""
    return state in ASKED and asked_at is not None and answered_at is None


def chase_at(asked_at: datetime, starts_at: datetime, days: int) -> datetime:
    """After so many days of silence, or half of the time that is left, whichever comes first."""
    return asked_at + min(timedelta(days=days), max((starts_at - asked_at) / 2, timedelta()))


def by_day(now: datetime, zone: str) -> datetime:
    """Now, or at eight in the morning where it is night on the own clock."""
    wall = now.astimezone(ZoneInfo(zone))
    if MORNING <= wall.time() <= EVENING:
        return now
    on = wall.date() if wall.time() < MORNING else wall.date() + timedelta(days=1)
    return datetime.combine(on, MORNING, ZoneInfo(zone)).astimezone(UTC)
