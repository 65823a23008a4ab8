"""The clocks that other programs' files name: by the tz database, by Windows, by an offset, or by rules of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

MOST_LINES = 400  # of one VTIMEZONE …
MOST_LETTERS = 20_000  # … and all of them together: dates may be listed in one
MOST_RULES = 8  # each is counted from its first year to the one in question, at every look at the clock
FIRST_YEAR, LAST_YEAR = 1600, 2200  # Outlook's clocks begin in 1601
MOST_CLOCKS = 50
_BEGINS = re.compile(r"\d{8}T\d{6}Z?")
_PLAIN = re.compile(r"FREQ=YEARLY(;(INTERVAL=1|BYMONTH=\d{1,2}|BYDAY=-?\d?[A-Z]{2}|UNTIL=[0-9TZ]{8,16}|WKST=[A-Z]{2}))*")
_OFFSET = re.compile(r"(?:UTC|GMT)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")


class Clocks:
    """The clocks of one file. Out of its own VTIMEZONEs only those with plain yearly rules are worked out."""

    def __init__(self, zones: Sequence[Sequence[str]]) -> None:
        self._own = {_of(lines, "TZID"): lines for lines in zones[:MOST_CLOCKS]}
        self._names: dict[str, str | None] = {}
        self._made: dict[str, tzinfo | None] = {}

    def name(self, tzid: str) -> str | None:
        """The name in the tz database; None if the file alone knows this clock, or nobody does."""
        if tzid not in self._names:
            self._names[tzid] = _known(tzid) or _known(_of(self._own.get(tzid, ()), "X-LIC-LOCATION"))
        return self._names[tzid]

    def instant(self, wall: datetime, tzid: str) -> datetime | None:
        """The instant, in UTC, at which a clock that has no name in the tz database shows this; None if nobody knows it."""
        if wall.year > LAST_YEAR:
            return None
        if tzid not in self._made:
            self._made[tzid] = _offset(tzid) or _worked_out(self._own.get(tzid, ()))
        zone = self._made[tzid]
        try:
            return wall.replace(tzinfo=zone).astimezone(UTC) if zone else None
        except (ValueError, OverflowError):
            return None

    def moved(self, wall: datetime, from_zone: str, to_zone: str) -> datetime | None:
        """The same instant on another wall; None where one of them is a clock that the file leaves open."""
        if not from_zone or not to_zone:
            return None
        try:
            return wall.replace(tzinfo=ZoneInfo(from_zone)).astimezone(ZoneInfo(to_zone)).replace(tzinfo=None)
        except OverflowError:
            return None


def _known(tzid: str) -> str | None:
    """'Europe/Stockholm' of itself, of '/freeassociation.sourceforge.net/Europe/Stockholm', of 'W. Europe Standard Time'."""
    tzid = tzid.strip().strip('"')
    tail = "/".join(tzid.split("/")[-2:]) if tzid.startswith("/") else tzid
    for name in (tzid, tail, WINDOWS_TO_OLSON.get(tzid, "")):
        if _NAME.fullmatch(name) and len(name) <= 64 and "/" in name:
            try:
                return ZoneInfo(name).key
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
    return "UTC" if tzid.upper() in {"UTC", "GMT", "Z", "ETC/UTC"} else None


def _offset(tzid: str) -> tzinfo | None:
    """'UTC-5', 'GMT+02:00', as WordPress writes a clock that is only an offset."""
    found = _OFFSET.fullmatch(tzid.strip())
    if found is None:
        return None
    hours, minutes = int(found[2] or 0), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if found[1] == "-" else length)


def _worked_out(lines: Sequence[str]) -> tzinfo | None:
    """A clock out of its VTIMEZONE. Rules that are not plain and yearly, or many that begin long ago, could keep the library busy for
    ever."""
    if not lines or len(lines) > MOST_LINES or sum(map(len, lines)) > MOST_LETTERS:
        return None
    rules, begins = _values(lines, "RRULE"), _values(lines, "DTSTART")
    if len(rules) > MOST_RULES or not all(_PLAIN.fullmatch(rule) for rule in rules):
        return None
    if not all(_BEGINS.fullmatch(text) and int(text[:4]) >= FIRST_YEAR for text in begins):
        return None
    whole = "\r\n".join(["BEGIN:VTIMEZONE", *(line for line in lines if ":" in line), "END:VTIMEZONE", ""])
    try:
        component = Timezone.from_ical(whole)
        zone = component.to_tz(lookup_tzid=False) if isinstance(component, Timezone) else None
    except Exception:  # noqa: BLE001  a stranger's bytes: the library's errors are of many kinds
        return None
    return zone if isinstance(zone, tzinfo) else None


def _values(lines: Sequence[str], name: str) -> list[str]:
    return [line.partition(":")[2].strip().upper() for line in lines if line.strip().upper().startswith(name)]


def _of(lines: Sequence[str], name: str) -> str:
    """The value of the clock's own property."""
    return next((line.partition(":")[2].strip() for line in lines if line.upper().startswith((f"{name}:", f"{name};"))), "")
