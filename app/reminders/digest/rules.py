"""When a digest is written, and when there is something to say; plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING, EVENING = time(8), time(20)
LAST_DAY = 2  # Wednesday: a clock that stood still on Monday is made up for until then
OF_USE = timedelta(days=3)
NEW = timedelta(days=7)  # what was published since the last one
SOON = timedelta(days=14)  # deadlines, and workshops for whose sake alone a mail comes


@dataclass(frozen=True)
class Week:
    """A week of somebody's own calendar."""

    monday: date
    begins_at: datetime  # eight on Monday, on the own wall

    @property
    def code(self) -> str:
        """'2026-W49' (ISO 8601)."""
        return code_of(self.monday)

    @property
    def expires_at(self) -> datetime:
        return self.begins_at + OF_USE


def code_of(on: date) -> str:
    """The ISO week of a day."""
    year, week, _weekday = on.isocalendar()
    return f"{year}-W{week:02}"


def week_to_write(now: datetime, zone: str) -> Week | None:
    """The week whose digest may leave now: by day, from Monday to Wednesday on the own clock; None at all other times."""
    wall = now.astimezone(ZoneInfo(zone))
    if wall.weekday() > LAST_DAY or not MORNING <= wall.time() < EVENING:
        return None
    monday = wall.date() - timedelta(days=wall.weekday())
    return Week(monday, datetime.combine(monday, MORNING, ZoneInfo(zone)))


def has_another_turn(now: datetime, zone: str) -> bool:
    """Whether a digest that is taken back now can still be written this week, at once or on another day."""
    wall = now.astimezone(ZoneInfo(zone))
    return wall.weekday() < LAST_DAY or (wall.weekday() == LAST_DAY and wall.time() < EVENING)


def admits(access: str, *, member: bool, invited: bool) -> bool:
    """Whether somebody of such an organisation may register for a workshop of this access."""
    return access == "open" or (access == "network" and member) or (access == "invited" and invited)
