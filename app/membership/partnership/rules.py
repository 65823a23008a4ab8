"""What a partnership may be, on plain values: which areas there are, which pairs, which days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

PHASES = ("preparation", "project", "ended")
ROLES = ("coordinator", "steering", "mentor")
ANSWERING = ("coordinator", "steering")  # roles: these answer for its reports
KINDS = ("visit", "meeting", "milestone", "report")  # of dates
DEADLINES = ("milestone", "report")  # of these: something is to be there by then, and can be done
AREAS = ("urban_planning", "representation", "violence", "economy", "education", "health", "care")
FORMER = ("services",)  # what education and health were until they stood apart: kept where it is, offered to nobody
MOST_YEARS = 10
EARLIEST = 2000  # year
MOST_EVENTS, MOST_LINKS, MOST_PEOPLE = 200, 50, 40


@dataclass(frozen=True)
class Side:
    """One of the two, as far as the rules ask."""

    id: int
    country: str
    longitude: float


@dataclass(frozen=True)
class Values:
    """All that staff say of a partnership but for its people, dates and documents."""

    one_id: int
    other_id: int
    area: str
    phase: str
    starts_on: date
    project_on: date | None = None
    ends_on: date | None = None


class Spans(Protocol):
    """Days on the wall of a zone, with hours or for the whole days."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def starts(self) -> time | None: ...
    @property
    def ends(self) -> time | None: ...
    @property
    def zone(self) -> str: ...


class Stand(NamedTuple):
    """When a date is, as its people know it; of where it is only as much as tells one place from another."""

    starts_on: date
    ends_on: date
    starts: time | None
    ends: time | None
    zone: str
    place: str


def instants(days: Spans) -> tuple[datetime, datetime]:
    """When it begins and ends; without hours from midnight to midnight. Also of an hour that clocks skip or have twice."""
    zone = ZoneInfo(days.zone)
    last, ends = (days.ends_on + timedelta(days=1), time()) if days.ends is None else (days.ends_on, days.ends)
    starts_at = datetime.combine(days.starts_on, days.starts or time(), zone)
    return starts_at.astimezone(UTC), datetime.combine(last, ends, zone).astimezone(UTC)


def problems(values: Values, one: Side | None, other: Side | None, members: Collection[int], *, former: bool = False) -> dict[str, str]:
    """What is wrong, as codes by field: none means that it can be. `former`: it may keep an area that is offered no more."""
    found: dict[str, str] = {}
    if one is None or one.id not in members:
        found["one"] = "no_member"
    if other is None or other.id not in members:
        found["other"] = "no_member"
    elif one is not None and one.id == other.id:
        found["other"] = "itself"
    elif one is not None and one.country == other.country:
        found["other"] = "same_country"
    if values.area not in AREAS and not (former and values.area in FORMER):
        found["area"] = "area"
    return found | _of_days(values)


def _of_days(values: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    if values.phase not in PHASES:
        found["phase"] = "phase"
    if values.starts_on.year < EARLIEST:
        found["starts_on"] = "early"
    if values.ends_on is not None and values.ends_on < values.starts_on:
        found["ends_on"] = "backwards"
    elif values.ends_on is not None and values.ends_on.year - values.starts_on.year > MOST_YEARS:
        found["ends_on"] = "too_long"
    if values.project_on is not None and not values.starts_on <= values.project_on <= (values.ends_on or values.project_on):
        found["project_on"] = "outside"
    elif values.phase == "project" and values.project_on is None:
        found["project_on"] = "needed"
    return found


def in_order(one: Side, other: Side) -> tuple[int, int]:
    """The two as the map shows them, the western first."""
    west, east = sorted((one, other), key=lambda side: (side.longitude, side.id))
    return west.id, east.id
