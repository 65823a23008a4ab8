"""What the line of the audit keeps of a workshop's days, so that what happened can be told later as it was then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from app.audit import queries as audit
from app.workshops.models import WorkshopDay

STATES = ("workshop.published", "workshop.postponed", "workshop.cancelled", "workshop.restored")

T = TypeVar("T")


class Walled(Protocol):
    """A day on the wall: a row, or as staff typed it."""

    @property
    def on(self) -> date: ...
    @property
    def starts(self) -> time: ...
    @property
    def ends(self) -> time: ...


def days_fact(days: Iterable[Walled], zone: str) -> dict[str, Any]:
    """For the facts of an audit line: the zone, and each day as an interval of ISO 8601 on its wall, '2025-06-03T09:00/16:00'."""
    walls = [f"{day.on.isoformat()}T{day.starts:%H:%M}/{day.ends:%H:%M}" for day in sorted(days, key=lambda day: day.on)]
    return {"zone": zone, "walls": walls}


def days_when_stopped(topic: str) -> dict[str, Any]:
    """The days that a postponed or cancelled workshop had when people were told so, as days_fact() has them; of several such acts
    in a row the first counts. Nothing if the line is older than this way of keeping them."""
    stopped: dict[str, Any] = {}
    for entry in audit.last_of(topic, STATES, limit=10):
        if entry.action in {"workshop.published", "workshop.restored"}:
            break
        stopped = (entry.facts or {}).get("days") or {}
    return stopped


def read_days(fact: Any) -> list[WorkshopDay]:
    """The days out of the facts of an audit line, as rows of no table; none if the line is older than this way of keeping them."""
    try:
        return [_day(wall, ZoneInfo(fact["zone"])) for wall in fact["walls"]]
    except (KeyError, TypeError, ValueError, OSError):
        return []


Span = tuple[date, date]
Hours = tuple[tuple[datetime, datetime], ...]


def span_of(days: Sequence[WorkshopDay]) -> Span:
    """The first and last of them."""
    return min(day.on for day in days), max(day.on for day in days)


def hours_of(days: Iterable[WorkshopDay]) -> Hours:
    """From when to when each of them lasts, whatever the zone."""
    return tuple(sorted((day.starts_at, day.ends_at) for day in days))


def dates_before(moves: Iterable[Any], dates: Span) -> Span | None:
    """The first and last day that a public workshop had before it was moved to `dates`; None if it never was moved there.

    `moves`: the facts of its changes of days, the oldest first. Going back to earlier dates undoes what came after them.
    """
    way = _way(moves, span_of)
    return way[way.index(dates) - 1] if dates in way[1:] else None


def hours_before(moves: Iterable[Any], hours: Hours) -> Hours | None:
    """The hours that a public workshop had before these, in the same way."""
    way = _way(moves, hours_of)
    return way[way.index(hours) - 1] if hours in way[1:] else None


def is_first(moves: Iterable[Any], hours: Hours) -> bool:
    """Whether a public workshop was to have these hours before it was first moved."""
    return _way(moves, hours_of)[:1] == [hours]


def _way(moves: Iterable[Any], place: Callable[[Sequence[WorkshopDay]], T]) -> list[T]:
    """Where its days have stood, one after the other."""
    way: list[T] = []
    for facts in moves:
        before, after = (read_days(facts.get(name)) for name in ("days_before", "days"))
        if before and after and facts.get("stage") != "draft":
            for days in (before, after):
                here = place(days)
                way = way[: way.index(here) + 1] if here in way else [*way, here]
    return way


def _day(wall: str, zone: ZoneInfo) -> WorkshopDay:
    starts, _slash, ends = wall.partition("/")
    begun = datetime.fromisoformat(starts).replace(tzinfo=zone)
    ended = datetime.combine(begun.date(), time.fromisoformat(ends), zone)
    return WorkshopDay(on=begun.date(), starts=begun.time(), ends=ended.time(), starts_at=begun, ends_at=ended)
