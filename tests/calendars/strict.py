"""An unforgiving reader of iCalendar, written from RFC 5545 and independent of the library that the product uses."""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from unicodedata import is_normalized

_LINE = re.compile(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^":;,]*)(?:,(?:"[^"]*"|[^":;,]*))*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Z0-9-]+)=("[^"]*"|[^":;,]*)')
_REGISTERED = re.compile(
    "BEGIN|END|VERSION|PRODID|CALSCALE|METHOD|NAME|REFRESH-INTERVAL|UID|DTSTAMP|CREATED|LAST-MODIFIED|SEQUENCE|STATUS|"
    "DTSTART|DTEND|SUMMARY|DESCRIPTION|LOCATION|GEO|CATEGORIES|URL|TRANSP|ORGANIZER|ATTENDEE|ACTION|TRIGGER|TZID|"
    "TZOFFSETFROM|TZOFFSETTO|TZNAME|RRULE|CONFERENCE|X-[A-Z0-9-]+"
)
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "CATEGORIES", "PRODID", "TZNAME"}


@dataclass
class Part:
    """A component: its properties in order, and the components in it."""

    name: str
    properties: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def names(self) -> list[str]:
        return [name for name, _, _ in self.properties]

    def value(self, name: str) -> str:
        """The raw value of a property that must be there exactly once."""
        (only,) = [value for key, _, value in self.properties if key == name]
        return only

    def parameters(self, name: str) -> dict[str, str]:
        (only,) = [parameters for key, parameters, _ in self.properties if key == name]
        return only

    def text(self, name: str) -> str:
        return unescape(self.value(name))

    def all(self, name: str) -> list[Part]:
        return [part for part in self.parts if part.name == name]


def unescape(value: str) -> str:
    r"""A TEXT value's characters; after a backslash only `\ ; , n` may stand."""
    assert re.fullmatch(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,n])*", value), value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)


def read(data: bytes) -> Part:
    """The one VCALENDAR in `data`; fails on whatever RFC 5545 or our requirements 13 to 15 forbid."""
    assert data.endswith(b"\r\n")
    assert not data.startswith(b"\xef\xbb\xbf")
    rows = data[:-2].split(b"\r\n")
    for row in rows:
        assert len(row) <= 75, row
        assert row.strip(), "blank line"
        assert b"\r" not in row
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", row), row
        row.decode()  # each line by itself: no UTF-8 sequence is cut
    top = Part("")
    stack = [top]
    for content in data[:-2].decode().replace("\r\n ", "").split("\r\n"):
        assert is_normalized("NFC", content)
        found = _LINE.fullmatch(content)
        assert found, content
        name, value = found[1], found[3]
        assert _REGISTERED.fullmatch(name), name
        if name == "BEGIN":
            stack[-1].parts.append(Part(value))
            stack.append(stack[-1].parts[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            parameters = {key: raw.strip('"') for key, raw in _PARAMETER.findall(found[2])}
            stack[-1].properties.append((name, parameters, value))
            for text in re.split(r"(?<!\\)(?:\\\\)*,", value) if name == "CATEGORIES" else [value] * (name in TEXTS):
                unescape(text)
    assert len(stack) == 1
    assert [part.name for part in top.parts] == ["VCALENDAR"]
    return top.parts[0]


class Clock:
    """A VTIMEZONE as RFC 5545 section 3.6.5 defines it: the observance with the latest onset rules."""

    def __init__(self, zone: Part, until: int) -> None:
        onsets: list[tuple[datetime, timedelta]] = []
        for part in zone.parts:
            start = _wall(part.value("DTSTART"))
            before, after = _offset(part.value("TZOFFSETFROM")), _offset(part.value("TZOFFSETTO"))
            days = [start.date()]
            if "RRULE" in part.names():
                days = _yearly(part.value("RRULE"), start.date(), until)
                assert start.date() == days[0], "DTSTART is the first of the rule's days"
            onsets += [(datetime.combine(day, start.time()) - before, after) for day in days]
        onsets.sort()
        self._moments = [moment for moment, _ in onsets]
        self._offsets = [offset for _, offset in onsets]

    def offset(self, utc: datetime) -> timedelta:
        """The offset in force at a moment, given in UTC without tzinfo."""
        return self._offsets[bisect_right(self._moments, utc) - 1]


def _wall(text: str) -> datetime:
    assert re.fullmatch(r"\d{8}T\d{6}", text), text
    return datetime.fromisoformat(text)


def _offset(text: str) -> timedelta:
    assert re.fullmatch(r"[+-]\d{4}", text), text
    return (1 if text[0] == "+" else -1) * timedelta(hours=int(text[1:3]), minutes=int(text[3:]))


def _yearly(rule: str, start: date, until: int) -> list[date]:
    """The days of `FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3`, and of nothing more complicated, by looking at each day."""
    facts = dict(part.split("=") for part in rule.split(";"))
    assert facts.keys() == {"FREQ", "BYDAY", "BYMONTH"}
    assert facts["FREQ"] == "YEARLY"
    which, weekday = int(facts["BYDAY"][:-2]), "MOTUWETHFRSASU".index(facts["BYDAY"][-2:]) // 2
    days = []
    for year in range(start.year, until + 1):
        month = int(facts["BYMONTH"])
        all_days = [date(year, month, day + 1) for day in range(monthrange(year, month)[1])]
        fitting = [day for day in all_days if day.weekday() == weekday]
        days.append(fitting[which - 1 if which > 0 else which])
    return days
