"""A place's clock as one VTIMEZONE: a STANDARD, at most one DAYLIGHT, yearly rules (what Outlook and Thunderbird read).

The icalendar library's own writes long lists of dates, which several calendar programs read an hour wrong.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import vRecur, vUTCOffset

from app.calendars.lines import begin, end, line, text_value, wall_value, word_value

_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WHICH = (-1, 1, 2, 3, 4)  # what Outlook can read, "the last Sunday" first


class Years(NamedTuple):
    """The calendar years, both included, for which a clock's rules must hold: those of the networks' periods."""

    first: int
    last: int


class _Change(NamedTuple):
    """A clock is moved: `wall` is what it shows just before."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str


class _Rule(NamedTuple):
    """The same change every year, such as on the last (-1) Sunday (6) of March."""

    month: int
    which: int
    weekday: int
    change: _Change


def is_plain_zone(key: str, years: Years) -> bool:
    """Whether the zone of the tz database can be told by yearly rules throughout `years`.

    Entries in a zone that cannot (Morocco's, which follows Ramadan; Chile's in some years) are written in UTC: the
    right instant for everybody, but without the name of the place's clock. Forms may want to say so.
    """
    return render_zone(key, years) is not None


@lru_cache(maxsize=512)
def render_zone(key: str, years: Years) -> bytes | None:
    """The VTIMEZONE of one zone, right for every moment of `years`; None when no yearly rules tell it.

    It starts in the year before `years`, so that January has a rule in force (RFC 5545 section 3.6.5).
    """
    try:
        zone = ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the database, such as `Europe`
        return None
    changes = _changes(zone, years)
    if not changes:
        new_year = datetime(years.first, 1, 1, tzinfo=zone)
        offset = new_year.utcoffset() or timedelta()
        start = new_year.replace(year=years.first - 1, tzinfo=None)
        steady = _Change(start, offset, offset, new_year.tzname() or key)
        parts = [_observance("STANDARD", steady, None)] if _in_minutes(offset) else []
    else:
        autumn = _yearly([c for c in changes if c.after < c.before], years)
        spring = _yearly([c for c in changes if c.after > c.before], years)
        if not (autumn and spring):
            return None
        parts = [
            _observance("STANDARD", _first(autumn, years), autumn),
            _observance("DAYLIGHT", _first(spring, years), spring),
        ]
    if not parts:
        return None
    return b"".join([begin("VTIMEZONE"), line("TZID", word_value(key)), *parts, end("VTIMEZONE")])


def _changes(zone: ZoneInfo, years: Years) -> list[_Change]:
    """Every change of the offset in the local years, found by looking at each day and halving where it differs."""
    found = []
    low = datetime(years.first, 1, 1, tzinfo=UTC) - _DAY
    while low.year <= years.last:
        high = low + _DAY
        if _offset(zone, low) != _offset(zone, high):
            after = high
            before = low
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
                before, after = (before, middle) if _offset(zone, middle) != _offset(zone, before) else (middle, after)
            old, new = _offset(zone, before), _offset(zone, after)
            wall = (after + old).replace(tzinfo=None)
            found.append(_Change(wall, old, new, after.astimezone(zone).tzname() or ""))
        low = high
    return [change for change in found if years.first <= change.wall.year <= years.last]


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _yearly(changes: list[_Change], years: Years) -> _Rule | None:
    """One rule for all of these changes, one in each year; None if there is none."""
    if [change.wall.year for change in changes] != list(range(years.first, years.last + 1)):
        return None
    kinds = {(c.wall.month, c.wall.weekday(), c.wall.time(), c.before, c.after, c.name) for c in changes}
    if len(kinds) != 1 or not (_in_minutes(changes[0].before) and _in_minutes(changes[0].after)):
        return None
    first = changes[0].wall
    for which in _WHICH:
        days = {_nth(change.wall.year, first.month, which, first.weekday()) for change in changes}
        if days == {change.wall.date() for change in changes}:
            return _Rule(first.month, which, first.weekday(), changes[0])
    return None


def _nth(year: int, month: int, which: int, weekday: int) -> date:
    """The first (1), second (2), … or last (-1) such weekday of a month."""
    first, length = monthrange(year, month)
    if which > 0:
        return date(year, month, 1 + (weekday - first) % 7 + 7 * (which - 1))
    last = (first + length - 1) % 7
    return date(year, month, length - (last - weekday) % 7)


def _first(rule: _Rule, years: Years) -> _Change:
    """The rule's change in the year before the first one."""
    day = _nth(years.first - 1, rule.month, rule.which, rule.weekday)
    return rule.change._replace(wall=datetime.combine(day, rule.change.wall.time()))


def _in_minutes(offset: timedelta) -> bool:
    return not offset % timedelta(minutes=1)


def _observance(kind: str, change: _Change, rule: _Rule | None) -> bytes:
    """A STANDARD or DAYLIGHT part."""
    lines = [
        begin(kind),
        line("DTSTART", wall_value(change.wall)),
        line("TZOFFSETFROM", vUTCOffset(change.before)),
        line("TZOFFSETTO", vUTCOffset(change.after)),
        line("TZNAME", text_value(change.name, "TZNAME")),
    ]
    if rule:
        by_day = f"{rule.which}{_WEEKDAYS[rule.weekday]}"
        lines.append(line("RRULE", vRecur({"FREQ": "YEARLY", "BYMONTH": rule.month, "BYDAY": by_day})))
    return b"".join([*lines, end(kind)])
