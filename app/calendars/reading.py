"""Somebody else's calendar file into plain values: hostile until read, so that size, depth and every value are bounded.

Nothing here raises anything but Unreadable: what is wrong with one entry stands in its faults, as codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from icalendar import vDDDTypes, vDuration, vRecur
from icalendar.parser import Contentline, Parameters

from app.calendars.clocks import Clocks
from app.calendars.parts import MOST_LINE, Parts, Unreadable, looks_like_calendar
from app.config import CONTROLS

__all__ = ["Calendar", "Event", "Fault", "Unreadable", "looks_like_calendar", "read"]

T = TypeVar("T")

MOST_TIMES = 31  # days of one repeated entry
KEPT = frozenset(
    {"UID", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
     "CATEGORIES"}
)  # fmt: skip
DAILY = {"FREQ", "COUNT", "UNTIL", "INTERVAL", "WKST"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_STAMP = re.compile(r"\d{8}(T\d{6}Z?)?")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one property of an entry.

    `why`: missing, twice, unreadable, long, zone, before (the end lies before the start), repeats, often, part (of a
    repeated entry), controls. `value` is as much of the text as helps.
    """

    name: str
    why: str
    value: str = ""


@dataclass(frozen=True)
class Event:
    """One entry. `starts` and `ends` are dates (whole days, the last one included) or naive times on the wall of `zone`.

    `zone` is a name of the tz database, or empty where the file leaves the clock open (a floating time). `times` is on how
    many days it takes place, every `every` days. Both instants are None where a fault says why.
    """

    line: int
    uid: str = ""
    title: str = ""
    title_lang: str = ""
    text: str = ""
    place: str = ""
    categories: tuple[str, ...] = ()
    cancelled: bool = False
    zone: str = ""
    starts: date | datetime | None = None
    ends: date | datetime | None = None
    times: int = 1
    every: int = 1
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """A file: its entries in their order, the clock it names for itself, and how many parts of other kinds it has."""

    events: tuple[Event, ...]
    zone: str = ""
    others: int = 0


Property = tuple[Parameters, str]


def read(text: str, most: int) -> Calendar:
    """The entries of a calendar file, at most so many. Raises Unreadable."""
    parts = Parts(text, most)
    clocks = Clocks(parts.zones)
    return Calendar(tuple(_event(line, lines, clocks) for line, lines in parts.events), clocks.name(parts.zone) or "", parts.others)


# One entry ---------------------------------------------------------------------------------------------------------


def _event(line: int, lines: list[str], clocks: Clocks) -> Event:
    faults: list[Fault] = []
    found = _properties(lines, faults)
    zone, starts, ends = _times(found, clocks, faults)
    times, every = _repeats(found, zone, starts, faults)
    title, text = found.get("SUMMARY"), found.get("DESCRIPTION")
    faults += [Fault(name, "controls") for name in ("SUMMARY", "DESCRIPTION", "LOCATION") if name in found and _has_controls(found[name])]
    return Event(
        line=line,
        uid=_text(found.get("UID")),
        title=_one_line(title),
        title_lang=str(title[0].get("LANGUAGE", "")).lower()[:2] if title else "",
        text=_text(text),
        place=_one_line(found.get("LOCATION")),
        categories=tuple(part.strip() for part in _text(found.get("CATEGORIES")).split(",") if part.strip()),
        cancelled=_text(found.get("STATUS")).upper() == "CANCELLED",
        zone=zone,
        starts=starts,
        ends=ends,
        times=times,
        every=every,
        faults=tuple(faults),
    )


def _properties(lines: list[str], faults: list[Fault]) -> dict[str, Property]:
    """The properties that matter, each once; the first one counts."""
    found: dict[str, Property] = {}
    for content in lines:
        name = re.split("[;:]", content[:40], maxsplit=1)[0].strip().upper()
        if name not in KEPT:
            continue
        if len(content) > MOST_LINE:
            faults.append(Fault(name, "long"))
            content = content[:MOST_LINE]  # noqa: PLW2901  as much of it as is looked at
        try:
            _name, parameters, value = Contentline(content).raw_parts()  # type: ignore[no-untyped-call]
        except (ValueError, AssertionError):
            faults.append(Fault(name, "unreadable", content[:60]))
            continue
        if name in found:
            faults += [Fault(name, "twice")] if name not in {"CATEGORIES", "EXDATE", "RDATE"} else []
            continue
        found[name] = (parameters, value)
    return found


def _times(
    found: Mapping[str, Property], clocks: Clocks, faults: list[Fault]
) -> tuple[str, date | datetime | None, date | datetime | None]:
    """The clock, and start and end on its wall; whole days end with their last one."""
    start = found.get("DTSTART")
    if start is None:
        faults.append(Fault("DTSTART", "missing"))
        return "", None, None
    read_start = _moment("DTSTART", start, clocks, faults)
    if read_start is None:
        return "", None, None
    zone, starts = read_start
    ends = _end(found, zone, starts, clocks, faults)
    if ends is None:
        return zone, None, None
    if ends < starts or (isinstance(starts, datetime) and ends == starts):
        faults.append(Fault("DTEND", "before"))
        return zone, None, None
    return zone, starts, ends


def _end(found: Mapping[str, Property], zone: str, starts: date, clocks: Clocks, faults: list[Fault]) -> date | datetime | None:
    """The end, of the same kind as the start; an entry of whole days may leave it out, and is then one day."""
    if "DTEND" in found:
        return _told_end(found["DTEND"], zone, starts, clocks, faults)
    if "DURATION" in found:
        return _lasted(found["DURATION"][1], starts, faults)
    if isinstance(starts, datetime):
        faults.append(Fault("DTEND", "missing"))
        return None
    return starts


def _told_end(value: Property, zone: str, starts: date, clocks: Clocks, faults: list[Fault]) -> date | datetime | None:
    read_end = _moment("DTEND", value, clocks, faults)
    if read_end is None:
        return None
    other, ends = read_end
    if isinstance(ends, datetime) and isinstance(starts, datetime):
        moved = ends if other == zone else clocks.moved(ends, other, zone)
        faults += [Fault("DTEND", "zone", other)] if moved is None else []
        return moved
    if isinstance(ends, datetime) or isinstance(starts, datetime):
        faults.append(Fault("DTEND", "unreadable", value[1][:60]))
        return None
    return max(ends - timedelta(days=1), starts) if ends >= starts else ends


def _lasted(text: str, starts: date, faults: list[Fault]) -> date | datetime | None:
    length: timedelta | None = _guarded(text, vDuration.from_ical)
    if length is None or not timedelta() < length < timedelta(days=400):
        faults.append(Fault("DURATION", "unreadable", text[:60]))
        return None
    whole = not isinstance(starts, datetime) and length >= timedelta(days=1)
    try:
        return starts + (length - timedelta(days=1) if whole else length)
    except OverflowError:
        faults.append(Fault("DURATION", "unreadable", text[:60]))
        return None


def _moment(name: str, value: Property, clocks: Clocks, faults: list[Fault]) -> tuple[str, date | datetime] | None:
    """(clock, date or time on its wall)."""
    parameters, text = value
    text = text.strip()
    moment = _guarded(text, vDDDTypes.from_ical) if _STAMP.fullmatch(text) else None
    if not isinstance(moment, date):
        faults.append(Fault(name, "unreadable", text[:60]))
        return None
    if not isinstance(moment, datetime):
        return "", moment
    if moment.tzinfo is not None:
        return "UTC", moment.astimezone(UTC).replace(tzinfo=None)
    return _on_clock(name, moment, str(parameters.get("TZID", "")).strip(), clocks, faults)


def _on_clock(name: str, wall: datetime, tzid: str, clocks: Clocks, faults: list[Fault]) -> tuple[str, datetime] | None:
    """A time on the wall of a clock: under the clock's name in the tz database if it has one, else in UTC."""
    known = clocks.name(tzid) if tzid else ""
    if known is not None:
        return known, wall
    instant = clocks.instant(wall, tzid)
    if instant is None:
        faults.append(Fault(name, "zone", tzid[:60]))
        return None
    return "UTC", instant.replace(tzinfo=None)


def _repeats(found: Mapping[str, Property], zone: str, starts: date | datetime | None, faults: list[Fault]) -> tuple[int, int]:
    """(on how many days, every how many days): only a plain daily repetition with an end can become one workshop's days."""
    if "RECURRENCE-ID" in found:
        faults.append(Fault("RECURRENCE-ID", "part"))
    faults += [Fault(name, "repeats") for name in ("RDATE", "EXDATE") if name in found]
    if "RRULE" not in found:
        return 1, 1
    rule = _guarded(found["RRULE"][1], vRecur.from_ical)
    if rule is None:
        faults.append(Fault("RRULE", "unreadable", found["RRULE"][1][:60]))
        return 1, 1
    values = {str(name).upper(): list(value) for name, value in rule.items()}
    plain = set(values) <= DAILY and values.get("FREQ") == ["DAILY"] and ("COUNT" in values) != ("UNTIL" in values)
    if not plain or starts is None:
        faults += [Fault("RRULE", "repeats")] if starts is not None else []
        return 1, 1
    every = int(values.get("INTERVAL", [1])[0])
    times = int(values["COUNT"][0]) if "COUNT" in values else _until(values["UNTIL"][0], zone, starts, every)
    if not (1 <= times <= MOST_TIMES and 1 <= every <= MOST_TIMES):
        faults.append(Fault("RRULE", "often"))
        return 1, 1
    return times, every


def _until(last: object, zone: str, starts: date | datetime, every: int) -> int:
    """How many times until a day or an instant, which counts on the entry's own clock: Google ends a Colombian day at 04:59:59 UTC of
    the next one. An instant beside a start without a clock counts by its date."""
    if not isinstance(last, date) or every < 1:
        return 0
    first = starts.date() if isinstance(starts, datetime) else starts
    if not isinstance(last, datetime):
        return (last - first).days // every + 1
    try:
        wall = last.astimezone(ZoneInfo(zone)) if last.tzinfo is not None and zone else last
    except OverflowError:
        return 0
    until = wall.date()
    if isinstance(starts, datetime) and (zone or last.tzinfo is None) and wall.time() < starts.time():
        until -= timedelta(days=1)
    return (until - first).days // every + 1


def _guarded(text: str, parse: Callable[[str], T]) -> T | None:
    """What the library makes of a value; nothing for whatever it stumbles over."""
    try:
        return parse(text)
    except Exception:  # noqa: BLE001  a stranger's bytes: the library's errors are of many kinds
        return None


def _text(value: Property | None) -> str:
    r"""A TEXT value without its escapes (RFC 5545 section 3.3.11). The library takes the `\n` in `C:\\new` for a line break."""
    if value is None:
        return ""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in {"n", "N"} else found[1], value[1]).strip()


def _one_line(value: Property | None) -> str:
    return " ".join(_text(value).split())


def _has_controls(value: Property) -> bool:
    return CONTROLS.search(_text(value).replace("\n", "").replace("\t", "")) is not None
