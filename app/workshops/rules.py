"""What holds for a workshop: what it may be, its region, its stage, whether one can register, what counts as moved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Protocol
from urllib.parse import urlsplit

from app.workshops.values import Day

Region = Literal["latin_america", "sweden", "online", "other"]
Stage = Literal["draft", "published", "postponed", "cancelled", "done"]
RegistrationState = Literal["not_yet", "open", "full", "closed", "past", "cancelled", "postponed"]

LATIN_AMERICA = ("AR", "BO", "BR", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "MX", "NI", "PA", "PE", "PY", "SV", "UY", "VE")
LANGUAGES = ("sv", "es", "en")
REMINDERS = ("days:7@09:00", "days:1@09:00", "hours:1")
ZONES = (  # whose clock a workshop may follow: the tz database has names that are no place, such as `localtime`
    "Europe/Stockholm", "America/Bogota", "America/Guatemala",
    "America/Mexico_City", "America/Tegucigalpa", "America/El_Salvador", "America/Managua", "America/Costa_Rica", "America/Panama",
    "America/Lima", "America/Guayaquil", "America/La_Paz", "America/Caracas", "America/Santiago", "America/Asuncion",
    "America/Argentina/Buenos_Aires", "America/Montevideo", "America/Sao_Paulo", "America/Santo_Domingo", "America/Havana",
    "America/New_York", "Europe/London", "Europe/Madrid", "Europe/Brussels", "Europe/Helsinki", "Europe/Kyiv",
    "Africa/Nairobi", "Africa/Johannesburg", "UTC",
)  # fmt: skip
MOST_CAPACITY = 10_000
MOST_DAYS = 31
MOST_SESSIONS = 80
MOST_DOCUMENTS = 20
MOST_HOLDS = 40

# state -> verb -> new state; whatever is not named here is refused
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "draft": {"publish": "published"},
    "published": {"postpone": "postponed", "cancel": "cancelled"},
    "postponed": {"restore": "published", "cancel": "cancelled"},
    "cancelled": {"restore": "published"},
}


def region(country: str | None, format: str) -> Region:  # noqa: A002  the column's name
    """Which half of the commitment it counts for: where it is, if it is anywhere."""
    if format == "online":
        return "online"
    if country == "SE":
        return "sweden"
    return "latin_america" if country in LATIN_AMERICA else "other"


def stage(state: str, starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> Stage:
    """The state, with `done` for a published one that is over."""
    last = ends_at or starts_at
    if state == "published":
        return "done" if last is not None and last <= now else "published"
    if state == "postponed":
        return "postponed"
    return "cancelled" if state == "cancelled" else "draft"


class Registrable(Protocol):
    """What decides whether one can register."""

    @property
    def state(self) -> str: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime | None: ...
    @property
    def capacity(self) -> int: ...
    @property
    def taken(self) -> int: ...


def registration_state(workshop: Registrable, now: datetime) -> RegistrationState:
    """What the button says. Without a closing time registration closes when the workshop starts; `full` takes names
    for the waiting list."""
    if workshop.state == "cancelled":
        return "cancelled"
    if workshop.state == "postponed":  # even after its old days: it has not been held
        return "postponed"
    if workshop.ends_at is not None and workshop.ends_at <= now:
        return "past"
    last = workshop.closes_at or workshop.starts_at
    if workshop.state != "published" or last is None or last <= now:
        return "closed"
    if workshop.opens_at is not None and now < workshop.opens_at:
        return "not_yet"
    return "full" if workshop.taken >= workshop.capacity else "open"


def passes_on(workshop: Registrable, now: datetime) -> bool:
    """Whether a free seat goes to the first in line: until the start, and after it as long as people may register."""
    if workshop.state != "published" or workshop.starts_at is None or (workshop.ends_at is not None and workshop.ends_at <= now):
        return False
    return now < max(workshop.starts_at, workshop.closes_at or workshop.starts_at)


def next_state(state: str, verb: str) -> str | None:
    """The state that `publish`, `postpone`, `cancel` or `restore` leads to; None if it leads nowhere from here."""
    return TRANSITIONS.get(state, {}).get(verb)


def outside(days: Iterable[Day], first: date, last: date) -> list[Day]:
    """The days that lie outside a period, both ends included."""
    return [day for day in days if not first <= day.on <= last]


def uid_host(url: str) -> str:
    """The host of an address as it may stand in the name of a calendar entry: an underscore, or the colons of an IPv6
    address, become hyphens, and a long one is cut from the left to fit into the column."""
    return re.sub(r"[^a-z0-9.-]", "-", urlsplit(url).hostname or "")[-80:]


def is_https(url: str) -> bool:
    """Whether it is a whole https address, without a log-in or white space in it."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and not any(c.isspace() for c in url)


def moved(before: Sequence[Day], after: Sequence[Day], zone_before: str, zone_after: str) -> bool:
    """Whether any day has other hours, or there are more or fewer days."""
    return zone_before != zone_after or sorted(before) != sorted(after)
