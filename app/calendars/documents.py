"""Whole documents: a feed to subscribe to, a file to import, an invitation in a mail (RFC 5545, 5546, 7986)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from icalendar import vDuration

from app.calendars.entries import Address, Entry, Status, render_entry
from app.calendars.lines import begin, end, line, text_value, title_value, word_value
from app.calendars.zones import Years, render_zone
from app.errors import Refused

MOST_ENTRIES = 1000  # Google takes about 1,111 events and 1 MB from one address
MOST_OCTETS = 1_000_000

_ZONE = b"\r\nDTSTART;TZID="  # a text cannot hold these bytes: its line breaks are escaped


def feed(name: str, pieces: Sequence[bytes], years: Years, *, lang: str, refresh: timedelta = timedelta(hours=1)) -> bytes:
    """A calendar to subscribe to, out of entries rendered for the same `years`, oldest first. May be empty.

    Where it would grow beyond MOST_ENTRIES or MOST_OCTETS, the oldest leave. `refresh` (15 minutes to a day) is how
    often programs are asked to look again; most have their own mind.
    """
    if not timedelta(minutes=15) <= refresh <= timedelta(days=1):
        message = f"refresh must lie between 15 minutes and a day, not {refresh}"
        raise ValueError(message)
    interval = vDuration(refresh)
    head = [
        *_head("PUBLISH", lang),
        line("NAME", title_value(name, "name")),
        line("X-WR-CALNAME", title_value(name, "name")),
        line("REFRESH-INTERVAL", interval, {"VALUE": "DURATION"}),
        line("X-PUBLISHED-TTL", interval),
    ]
    room = MOST_OCTETS - len(_document(head, [], years)) - len(_zones(pieces, years))
    return _document(head, _newest(pieces, room), years)


def file(pieces: Sequence[bytes], years: Years, *, lang: str) -> bytes:
    """One workshop's entries, to be imported: without a name and other properties of a feed (Outlook opens a new
    calendar for those)."""
    return _document(_head("PUBLISH", lang), pieces, years)


def invitation(entry: Entry, method: Literal["REQUEST", "CANCEL"], *, attendee: Address, years: Years) -> bytes:
    """The calendar part of a mail to one person (RFC 5546, 6047); the mail comes from the entry's organizer.

    CANCEL takes it off the person's calendar. SEQUENCE must be higher than in the mail before. Raises Refused when
    the person is the organizer.
    """
    if attendee.email.casefold() == entry.organizer.email.casefold():
        raise Refused(problems={"attendee": "Nobody can be invited from their own address"})
    if method not in {"REQUEST", "CANCEL"} or (method == "REQUEST" and entry.status is Status.CANCELLED):
        message = f"{method} does not go with {entry.status}"
        raise ValueError(message)
    status = Status.CANCELLED if method == "CANCEL" else entry.status
    sent = replace(entry, status=status, alarms=(), join_url="")
    return _document(_head(method, entry.lang), [render_entry(sent, years, attendee)], years)


def _head(method: str, lang: str) -> list[bytes]:
    return [
        begin("VCALENDAR"),
        line("VERSION", word_value("2.0")),
        line("PRODID", text_value(f"-//ICLD//Workshops//{lang.upper()}", "PRODID")),
        line("CALSCALE", word_value("GREGORIAN")),
        line("METHOD", word_value(method)),
    ]


def _newest(pieces: Sequence[bytes], room: int) -> Sequence[bytes]:
    """As many of the last pieces as MOST_ENTRIES and `room` octets allow."""
    start = len(pieces)
    while start > max(0, len(pieces) - MOST_ENTRIES) and len(pieces[start - 1]) <= room:
        start -= 1
        room -= len(pieces[start])
    return pieces[start:]


def _document(head: list[bytes], pieces: Sequence[bytes], years: Years) -> bytes:
    return b"".join([*head, _zones(pieces, years), *pieces, end("VCALENDAR")])


def _zones(pieces: Sequence[bytes], years: Years) -> bytes:
    """The VTIMEZONEs of the zones that the pieces name, in order of their names."""
    named = (piece.partition(_ZONE)[2][:80].partition(b":")[0] for piece in pieces)
    parts = {key: render_zone(key, years) for key in sorted({key.decode("ascii") for key in named if key})}
    unknown = [key for key, part in parts.items() if part is None]
    if unknown:
        message = f"entries in {', '.join(unknown)} were rendered for other years than {years}"
        raise ValueError(message)
    return b"".join(part for part in parts.values() if part)
