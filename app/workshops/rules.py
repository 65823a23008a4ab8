"""What holds for a workshop: wall time and its instants, region, stage, registration, what publishing waits for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

Region = Literal["latin_america", "sweden", "online", "other"]
Stage = Literal["draft", "published", "postponed", "cancelled", "done"]
RegistrationState = Literal["not_yet", "open", "full", "closed", "past", "cancelled", "postponed"]
Verdict = Literal["tick", "cross", "warn"]

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
BOXES = {  # south, north, west, east of a country, islands included, a little too large
    "SE": (55.0, 69.5, 10.5, 24.5),
    "CO": (-4.5, 13.6, -82.0, -66.6),
    "GT": (13.5, 18.0, -92.5, -88.0),
}
MOST_CAPACITY = 10_000
MOST_DAYS = 31
MOST_SESSIONS = 80
MOST_DOCUMENTS = 20
MOST_HOLDS = 40
MINUTE = timedelta(minutes=1)
SEARCHED = 25 * 60  # minutes: no clock was ever set further than a day

# state -> verb -> new state; whatever is not named here is refused
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "draft": {"publish": "published"},
    "published": {"postpone": "postponed", "cancel": "cancelled"},
    "postponed": {"restore": "published", "cancel": "cancelled"},
    "cancelled": {"restore": "published"},
}


@dataclass(frozen=True, order=True)
class Day:
    """A day on the wall. `id` is that of its row, so that a moved day stays the same entry in people's calendars."""

    on: date
    starts: time
    ends: time
    id: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Text:
    """A workshop's words in one language."""

    title: str = ""
    summary: str = ""
    description: str = ""
    practical: str = ""

    def __bool__(self) -> bool:
        return bool(self.title or self.summary or self.description or self.practical)


@dataclass(frozen=True, order=True)
class Session:
    """An item of the programme. `day` is the place, from 0, of its day among the workshop's days in order: a day that moves
    takes its sessions along. `id` is that of its row, so that a changed session stays the same entry in people's calendars.
    """

    day: int
    starts: time
    ends: time
    titles: tuple[tuple[str, str], ...] = ()  # (language, title) as far as there are any, in the order of LANGUAGES
    kind: str = "talk"
    room: str = ""
    facilitators: str = ""
    spoken: tuple[str, ...] = ()
    interpreted: tuple[str, ...] = ()
    id: int | None = field(default=None, compare=False)

    def title(self, lang: str) -> str:
        """What it is called in one language; empty if it has no name there."""
        return dict(self.titles).get(lang, "")


@dataclass(frozen=True)
class Document:
    """A link to something to read; `lang` is the language it is written in, None if it has several."""

    title: str
    url: str
    lang: str | None = None


@dataclass(frozen=True, order=True)
class Hold:
    """Seats for the people of one organisation, until the end of a day on the workshop's clock."""

    organisation_id: int
    seats: int
    until: date


@dataclass(frozen=True)
class Values:
    """All that staff decide about a workshop, as they typed it. `opens` and `closes` are on the wall of `zone`.

    `reminders`: codes of REMINDERS; empty for the network's usual ones; None leaves them as they are.
    """

    network_id: int
    zone: str
    original_lang: str
    texts: Mapping[str, Text] = field(default_factory=dict)
    days: tuple[Day, ...] = ()
    organisation_id: int | None = None
    format: str = "on_site"
    spoken: tuple[str, ...] = ()
    theme: str | None = None
    venue: str = ""
    street_address: str = ""
    place: str = ""
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    join_url: str = ""
    capacity: int = 0
    access: str = "network"
    approval: bool = False
    holds: tuple[Hold, ...] = ()
    invitees: frozenset[int] = frozenset()
    opens: datetime | None = None
    closes: datetime | None = None
    contact: str = ""
    in_series: bool = False
    sessions: tuple[Session, ...] = ()
    documents: tuple[Document, ...] = ()
    reminders: tuple[str, ...] | None = None

    @property
    def original(self) -> Text:
        """The words in the language they were first written in, else in any that has a title."""
        own = self.texts.get(self.original_lang, Text())
        return own if own.title else next((t for t in self.texts.values() if t.title), own)


# Wall time ---------------------------------------------------------------------------------------------------------


class WallProblem(ValueError):
    """A wall time that is no single instant. `nearest` are the times of the same date around it that are one."""

    def __init__(self, on: date, wall: time, zone: str) -> None:
        super().__init__(f"{on} {wall} in {zone}")
        self.on, self.wall, self.zone = on, wall, zone
        self.nearest = nearest(on, wall, zone)


class NoSuchTime(WallProblem):
    """The clock jumps over it."""


class TimeTwice(WallProblem):
    """The clock is set back and shows it twice."""


def instant(on: date, wall: time, zone: str) -> datetime:
    """The instant, in UTC, at which clocks in `zone` show this. Raises NoSuchTime, TimeTwice, OverflowError (year 1 or 9999)."""
    first, second = _offsets(datetime.combine(on, wall), zone)
    if first < second:
        raise NoSuchTime(on, wall, zone)
    if first > second:
        raise TimeTwice(on, wall, zone)
    return datetime.combine(on, wall, ZoneInfo(zone)).astimezone(UTC)


def nearest(on: date, wall: time, zone: str) -> tuple[time, ...]:
    """The last time before and the first after, on the same date, that exist once; to the minute."""
    at = datetime.combine(on, wall.replace(second=0, microsecond=0))
    found = []
    for step in (-MINUTE, MINUTE):
        near = at + step
        for _try in range(SEARCHED):
            if near.date() != on:
                break
            first, second = _offsets(near, zone)
            if first == second:
                found.append(near.time())
                break
            near += step
    return tuple(found)


def _offsets(wall: datetime, zone: str) -> tuple[timedelta, timedelta]:
    """The offsets before and after a change of the clock (PEP 495): equal unless the wall time lies in one."""
    first = wall.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset() or timedelta()
    second = wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset() or timedelta()
    return first, second


def seen_from(day: Day, zone: str, reader_zone: str) -> tuple[datetime, datetime]:
    """Start and end of a day on the reader's wall. The day's hours must be real ones."""
    reader = ZoneInfo(reader_zone)
    return instant(day.on, day.starts, zone).astimezone(reader), instant(day.on, day.ends, zone).astimezone(reader)


def on_wall(at: datetime, zone: str) -> datetime:
    """What clocks in `zone` show at an instant."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


# Region, stage, registration ---------------------------------------------------------------------------------------


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


# What was typed ----------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True)
class Check:
    """One line of the list before publishing. `what` and `why` are codes; `field` is where to put it right."""

    what: str
    verdict: Verdict
    why: str = ""
    field: str = ""
    lang: str = ""


def checks(values: Values, ages: Mapping[str, datetime], today: date, hour: time = time()) -> list[Check]:
    """What publishing waits for (cross), what it could do without (warn), and what is well (tick).

    `today` and `hour` are what the clock of the place shows.
    """
    found = [_place(values), *_join(values), *_point(values), _days(values, today), *_programme(values), _seats(values), *_access(values)]
    found += [text_state(values, lang, ages) for lang in LANGUAGES]
    found += _practical(values)
    found.append(_window(values, datetime.combine(today, hour)))
    if not values.contact:
        found.append(Check("contact", "warn", "missing", "contact"))
    return found


def blocking(found: Iterable[Check]) -> list[Check]:
    """The crosses."""
    return [check for check in found if check.verdict == "cross"]


def _place(values: Values) -> Check:
    if values.format == "online":
        return Check("place", "tick", "online", "join_url") if values.join_url else Check("place", "warn", "no_link", "join_url")
    if not values.place:
        return Check("place", "cross", "no_place", "place")
    if not values.country:
        return Check("place", "cross", "no_country", "country")
    if not values.venue:
        return Check("place", "warn", "no_venue", "venue")
    return Check("place", "tick", "place", "place")


def _join(values: Values) -> list[Check]:
    """The link of a workshop that has a venue too, whose line says the venue."""
    return [Check("join", "warn", "no_link", "join_url")] if values.format == "both" and not values.join_url else []


def _point(values: Values) -> list[Check]:
    """A slip such as latitude and longitude changed about, or a minus left out."""
    if values.format == "online" or values.latitude is None or values.longitude is None or values.country not in BOXES:
        return []
    south, north, west, east = BOXES[values.country]
    inside = south <= values.latitude <= north and west <= values.longitude <= east
    return [] if inside else [Check("point", "warn", "outside", "latitude")]


def _window(values: Values, wall: datetime) -> Check:
    first, last = min(values.days, default=None), max(values.days, default=None)
    if values.opens is not None and values.closes is not None and values.closes <= values.opens:
        return Check("window", "cross", "closes_before_opens", "closes")
    if values.opens is not None and first is not None and values.opens >= datetime.combine(first.on, first.starts):
        return Check("window", "cross", "opens_after_start", "opens")
    if values.closes is None:
        return Check("window", "tick", "closes_at_start", "closes")
    if values.days and values.closes > max(datetime.combine(day.on, day.ends) for day in values.days):
        return Check("window", "cross", "closes_after_end", "closes")
    if values.closes <= wall and not (last and last.on < wall.date()):  # that all days have passed is said already
        return Check("window", "warn", "closed", "closes")
    return Check("window", "tick", "closes", "closes")


def _days(values: Values, today: date) -> Check:
    if not values.days:
        return Check("days", "cross", "missing", "days-0-on")
    past = max(values.days).on < today
    return Check("days", "warn" if past else "tick", "past" if past else "span", "days-0-on")


def _programme(values: Values) -> list[Check]:
    """Whoever travels for several days wants to know what for."""
    missing = len(values.days) > 1 and not values.sessions
    return [Check("programme", "warn", "missing", "programme")] if missing else []


def _practical(values: Values) -> list[Check]:
    """If one language has it, the others are told that they lack it."""
    there = any(text.practical for text in values.texts.values())
    return [] if there else [Check("practical", "warn", "missing", f"practical_{values.original_lang}")]


def reminded(chosen: Sequence[str] | None, usual: Iterable[str], form: str) -> bool:
    """Whether any reminder goes out. `usual`: whom those of the network are for (all, on_site, online), which own ones replace."""
    whom = {"online" if code.startswith("hours") else "all" for code in chosen} if chosen else set(usual)
    return "all" in whom or form in whom or (form == "both" and bool(whom))


def _seats(values: Values) -> Check:
    return Check("seats", "tick", "number", "capacity") if values.capacity > 0 else Check("seats", "cross", "missing", "capacity")


def _access(values: Values) -> list[Check]:
    if values.access != "invited" or values.invitees:
        return []
    return [Check("access", "cross", "nobody", "invitees")]


def text_state(values: Values, lang: str, ages: Mapping[str, datetime]) -> Check:
    """How complete the words in one language are: also the mark under its heading in the form."""
    text, original = values.texts.get(lang, Text()), values.original
    for name in ("title", "summary"):
        if not getattr(text, name):
            return Check("text", "cross", f"no_{name}", f"{name}_{lang}", lang)
    for name in ("description", "practical"):
        if getattr(original, name) and not getattr(text, name):
            return Check("text", "warn", f"no_{name}", f"{name}_{lang}", lang)
    if is_older(lang, values.original_lang, ages):
        return Check("text", "warn", "older", f"title_{lang}", lang)
    return Check("text", "tick", "complete", f"title_{lang}", lang)


def is_older(lang: str, original: str, ages: Mapping[str, datetime]) -> bool:
    """Whether the original was changed after this language was."""
    return lang in ages and original in ages and ages[lang] < ages[original]
