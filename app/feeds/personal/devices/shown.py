"""What the page about one's own calendar says: the devices in words, the square for the telephone, the next entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app.calendars import Days, Entry
from app.feeds.addresses import Addresses, addresses
from app.feeds.models import FeedToken
from app.feeds.personal.devices import programs
from app.languages import LANGUAGES, city, hours, moment, span, weekday_day
from app.languages import gettext as _

MOST_NEXT = 5


@dataclass(frozen=True)
class Made:
    """A new address, on the one page that shows it: nobody can ask for it once more."""

    device: str
    addresses: Addresses


def made(token: str, device: str) -> Made:
    """Everything that a person may do with a new address."""
    return Made(device, addresses(f"/feeds/me/{token}.ics", _("My workshops")))


@dataclass(frozen=True)
class Device:
    """One address in words."""

    id: int
    name: str
    options: str
    fetched: str
    silent: bool  # nothing has fetched it yet


def devices(tokens: Sequence[FeedToken], zone: str) -> list[Device]:
    """Somebody's addresses."""
    return [Device(row.id, row.device, options(row), fetched(row, zone), row.last_fetched_at is None) for row in tokens]


def options(row: FeedToken) -> str:
    """'Svenska · one entry a day · with deadlines'."""
    levels = {"days": _("an entry a day"), "overview": _("a bar a workshop"), "sessions": _("the whole programme")}
    return " · ".join([LANGUAGES[row.lang], levels[row.level], *([_("with deadlines")] if row.deadlines else [])])


def fetched(row: FeedToken, zone: str) -> str:
    """When, and by which program."""
    if row.last_fetched_at is None:
        return _("Not fetched yet. Made on %(when)s.", when=moment(row.created_at, zone))
    program = programs.name(row.last_agent)
    known = {"": _("an unnamed program"), "browser": _("a browser")}.get(program, program)
    return _("Last fetched on %(when)s by %(program)s.", when=moment(row.last_fetched_at, zone), program=known)


@dataclass(frozen=True)
class Next:
    """One coming entry."""

    title: str
    when: str


def coming(entries: Sequence[Entry], now: datetime, zone: str) -> list[Next]:
    """The next entries, as a calendar program will list them on its owner's clock."""
    ahead = sorted((entry for entry in entries if _end(entry) > now), key=_start)
    return [Next(entry.summary, _when(entry, zone)) for entry in ahead[:MOST_NEXT]]


def _start(entry: Entry) -> datetime:
    return _morning(entry.when.first_day) if isinstance(entry.when, Days) else entry.when.starts


def _end(entry: Entry) -> datetime:
    return _morning(entry.when.last_day).replace(hour=23) if isinstance(entry.when, Days) else entry.when.ends


def _morning(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=UTC)


def _when(entry: Entry, own_zone: str) -> str:
    if isinstance(entry.when, Days):
        return span(entry.when.first_day, entry.when.last_day)
    starts, ends = (instant.astimezone(ZoneInfo(own_zone)) for instant in (entry.when.starts, entry.when.ends))
    return f"{weekday_day(starts.date())}, " + _("%(hours)s in %(city)s", hours=hours(starts, ends), city=city(own_zone))
