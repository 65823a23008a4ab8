"""One entry of a calendar, a VEVENT: what it is made of and its bytes, which are the same in every feed and file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import vDuration

from app.calendars import lines
from app.calendars.lines import begin, end, line, word_value
from app.calendars.zones import Years, render_zone
from app.errors import Refused

_UID = re.compile(r"[A-Za-z0-9._-]{1,160}(@[A-Za-z0-9.-]{1,90})?")
_LANG = re.compile(r"[a-z]{2,3}")
_UTC_KEYS = {"UTC", "Etc/UTC"}


class Status(StrEnum):
    """Whether it takes place. Outlook shows none of these: say it in the title too."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Hours:
    """From one clock time to another, both in the place's ZoneInfo; both in UTC when it is online without a place."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days, the last one included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Address:
    """Whom an e-mail address belongs to."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. Words are finished, in `lang`; a cancelled one's title begins with the word for it.

    `changed` is the moment of the last change in the database, never now. `geo` is latitude and longitude in degrees.
    `alarms` are the times before the start at which a personal calendar rings; public ones and invitations have none.
    `join_url` is where people meet on screen (RFC 7986 section 5.11): only in the calendar of whoever has a seat.
    """

    uid: str
    sequence: int
    created: datetime
    changed: datetime
    status: Status
    when: Hours | Days
    summary: str
    url: str
    lang: str
    organizer: Address
    description: str = ""
    location: str = ""
    geo: tuple[float, float] | None = None
    categories: tuple[str, ...] = ()
    transparent: bool = False
    alarms: tuple[timedelta, ...] = ()
    join_url: str = ""


def render_entry(entry: Entry, years: Years, attendee: Address | None = None) -> bytes:
    """The VEVENT, folded, from BEGIN to END. May be kept under (uid, changed, sequence, lang, level, years).

    Raises Refused for words or addresses that cannot stand in a calendar, ValueError for values no caller may pass.
    """
    _check(entry)
    changed = lines.instant_value(entry.changed)
    rows = [
        begin("VEVENT"),
        line("UID", word_value(entry.uid)),
        line("DTSTAMP", changed),
        line("CREATED", lines.instant_value(entry.created)),
        line("LAST-MODIFIED", changed),
        line("SEQUENCE", word_value(f"{entry.sequence}")),
        line("STATUS", word_value(entry.status)),
        *(_invited(replace(entry, sequence=0, changed=entry.created), years, _walls(entry.when)) if attendee else _told(entry, years)),
    ]
    if attendee:
        asked = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
        rows.append(_party("ATTENDEE", attendee, asked))
    rows.extend(_alarm(before, entry) for before in entry.alarms)
    return b"".join([*rows, end("VEVENT")])


@lru_cache(256)
def _invited(entry: Entry, years: Years, _wall: str) -> tuple[bytes, ...]:
    """What does not change from one person's invitation to the next. `_wall` is there to tell apart what Python calls equal."""
    return _told(entry, years)


def _told(entry: Entry, years: Years) -> tuple[bytes, ...]:
    """All but its number, its version and whom it is sent to."""
    language = {"LANGUAGE": entry.lang}
    cancelled = entry.status is Status.CANCELLED
    rows = [*_times(entry.when, years), line("SUMMARY", lines.title_value(entry.summary, "summary"), language)]
    if entry.description.strip():
        rows.append(line("DESCRIPTION", lines.text_value(entry.description, "description"), language))
    if entry.location.strip():
        rows.append(line("LOCATION", lines.title_value(entry.location, "location")))
    if entry.geo:
        rows.append(line("GEO", lines.point_value(entry.geo, "geo")))
    if entry.categories:
        rows.append(_categories(entry.categories))
    rows.append(line("URL", lines.link_value(entry.url, "url")))
    if entry.join_url:
        meeting = {"VALUE": "URI", "FEATURE": "VIDEO", "LANGUAGE": entry.lang}
        rows.append(line("CONFERENCE", lines.link_value(entry.join_url, "join_url"), meeting))
    rows.append(line("TRANSP", word_value("TRANSPARENT" if cancelled or entry.transparent else "OPAQUE")))
    rows.append(_organizer(entry.organizer))
    return tuple(rows)


@lru_cache(64)
def _categories(names: tuple[str, ...]) -> bytes:
    return line("CATEGORIES", lines.list_value(names, "categories"))


@lru_cache(16)
def _organizer(address: Address) -> bytes:
    """The same in nearly all entries."""
    return _party("ORGANIZER", address, {})


def _walls(when: Hours | Days) -> str:
    """Eight in UTC and nine in Stockholm are equal, and so are the two hours in which clocks are put back."""
    if isinstance(when, Days):
        return ""
    return " ".join(f"{wall.isoformat()} {wall.tzinfo}" for wall in (when.starts, when.ends))


def _check(entry: Entry) -> None:
    """Raises ValueError for what only a programming fault can bring here."""
    faults = []
    if not _UID.fullmatch(entry.uid):
        faults.append(f"UID {entry.uid!r}")
    if not _LANG.fullmatch(entry.lang):
        faults.append(f"language {entry.lang!r}")
    if not 0 <= entry.sequence < 2**31:
        faults.append(f"sequence {entry.sequence}")
    if any(before <= timedelta() for before in entry.alarms):
        faults.append("an alarm after the start")
    if faults:
        message = "not for a calendar: " + ", ".join(faults)
        raise ValueError(message)


def _times(when: Hours | Days, years: Years) -> list[bytes]:
    """DTSTART and DTEND (RFC 5545 section 3.8.2), never floating."""
    if isinstance(when, Days):
        if when.last_day < when.first_day:
            raise Refused(problems={"when": "The last day must not be before the first"})
        days = (("DTSTART", when.first_day), ("DTEND", when.last_day + timedelta(days=1)))
        return [line(name, lines.day_value(day), {"VALUE": "DATE"}) for name, day in days]
    hours = (("DTSTART", when.starts), ("DTEND", when.ends))
    if any(wall.tzinfo is None for _, wall in hours):
        message = f"{when} has no time zone"
        raise ValueError(message)
    if when.ends.astimezone(UTC) <= when.starts.astimezone(UTC):
        raise Refused(problems={"when": "The end must be after the start"})
    key = _zone_key(when, years)
    if key is None:
        return [line(name, lines.instant_value(wall)) for name, wall in hours]
    return [line(name, lines.wall_value(wall), {"TZID": key}) for name, wall in hours]


def _zone_key(when: Hours, years: Years) -> str | None:
    """The zone to name; None for UTC.

    UTC also stands in for a zone without yearly rules, for years those were not proven for, and for a clock time that
    the place's clocks show twice or never: the instant is then right in every program, and the feed stays up.
    """
    if when.starts.tzinfo is UTC and when.ends.tzinfo is UTC:
        return None
    zone, other = when.starts.tzinfo, when.ends.tzinfo
    if not isinstance(zone, ZoneInfo) or not isinstance(other, ZoneInfo) or not zone.key or zone.key != other.key:
        message = f"{when} is not in one zone of the tz database, nor in UTC"
        raise ValueError(message)
    told = zone.key not in _UTC_KEYS and when.starts.year >= years.first and when.ends.year <= years.last
    both = (when.starts, when.ends)
    once = all(wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset() for wall in both)
    return zone.key if told and once and render_zone(zone.key, years) else None


def _party(name: str, address: Address, parameters: dict[str, str]) -> bytes:
    field = name.lower()
    named = {**parameters, "CN": lines.common_name(address.name, field) or address.email}
    return line(name, lines.mail_value(address.email, field), named)


def _alarm(before: timedelta, entry: Entry) -> bytes:
    """A VALARM that shows the title `before` the start."""
    return b"".join(
        [
            begin("VALARM"),
            line("ACTION", word_value("DISPLAY")),
            line("TRIGGER", vDuration(-before)),
            line("DESCRIPTION", lines.title_value(entry.summary, "summary")),
            end("VALARM"),
        ]
    )
