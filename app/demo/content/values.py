"""What the demo's data are made of, and how they are placed on the calendar around a given day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

LANGUAGES = ("sv", "es", "en")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True)
class Organisation:
    """A row of organisations.csv; `names` by language."""

    slug: str
    kind: str
    country: str
    names: dict[str, str]
    place: str
    latitude: float
    longitude: float
    zone: str


@dataclass(frozen=True)
class Network:
    """A network; `members` are slugs of organisations, all from the first day of the period; `texts` as they stand in its table,
    by language; `links` are titles by language, and an address."""

    slug: str
    starts_on: date
    ends_on: date
    texts: dict[str, dict[str, str]]
    themes: tuple[str, ...]
    members: tuple[str, ...]
    contact: str
    links: tuple[tuple[dict[str, str], str], ...]


@dataclass(frozen=True)
class Person:
    """Somebody invented; a guest has no organisation but words of their own in `guest_of`. `staff` is a role or None."""

    address: str
    name: str
    organisation: str | None
    organisation_role: str
    kind: str | None
    lang: str
    gender: str | None
    zone: str
    staff: str | None
    guest_of: str


@dataclass(frozen=True)
class Text:
    """A workshop's words in one language; description and practical are Markdown."""

    title: str
    summary: str
    description: str
    practical: str
    reason: str


@dataclass(frozen=True)
class RecurringText:
    """A text that stands in many workshops: (name, body in Markdown) by language."""

    original: str
    words: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Hours:
    """From when to when on the wall, on one day."""

    starts: time
    ends: time


@dataclass(frozen=True)
class Session:
    """An item of the programme on one of the days, counted from 1; `titles` by language, `spoken` empty for the workshop's own."""

    day: int
    hours: Hours
    kind: str
    titles: dict[str, str]
    room: str
    led_by: str
    spoken: tuple[str, ...]
    interpreted: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A link to something to read."""

    title: str
    url: str
    lang: str | None


@dataclass(frozen=True)
class Workshop:
    """One gathering on consecutive days, on a fixed date (`first`) or so many days from the day of loading (`in_days`).

    `moved_days` says that it was moved so many days later; `reminder_in_minutes` asks for a rule of its own, besides the
    network's, at an instant so many minutes after loading.
    """

    slug: str
    state: str
    format: str
    original: str
    spoken: tuple[str, ...]
    theme: str
    access: str
    invited: tuple[str, ...]
    host: str
    venue: str
    street_address: str
    place: str
    country: str
    latitude: float | None
    longitude: float | None
    join_url: str
    zone: str
    first: date | None
    in_days: int | None
    weekday: int | None
    hours: tuple[Hours, ...]
    moved_days: int | None
    capacity: int
    opens_days_before: int
    closes_days_before: int
    closes: time
    letters_days_before: int | None
    reminder_in_minutes: int | None
    in_series: bool
    texts: dict[str, Text]
    sessions: tuple[Session, ...]
    documents: tuple[Document, ...]

    def days(self, today: date) -> tuple[tuple[date, time, time], ...]:
        """Day, start and end, all on the wall of `zone`."""
        first = self.first or _place(self.in_days or 0, self.weekday, len(self.hours), today)
        return tuple((first + timedelta(days=n), each.starts, each.ends) for n, each in enumerate(self.hours))

    def window(self, today: date) -> tuple[tuple[date, time], tuple[date, time]]:
        """When registration opens and closes, on the wall of `zone`."""
        first = self.days(today)[0][0]
        opens = first - timedelta(days=self.opens_days_before)
        return (opens, time(9)), (first - timedelta(days=self.closes_days_before), self.closes)

    def letters(self, today: date) -> datetime | None:
        """The last moment to ask for a letter for a visa, on the wall of `zone`."""
        if self.letters_days_before is None:
            return None
        return datetime.combine(self.days(today)[0][0] - timedelta(days=self.letters_days_before), time(23, 59))

    def moved_from(self, today: date) -> tuple[date, date] | None:
        """The first and the last day before it was moved."""
        if self.moved_days is None:
            return None
        back = timedelta(days=self.moved_days)
        days = self.days(today)
        return days[0][0] - back, days[-1][0] - back


@dataclass(frozen=True)
class Registration:
    """One person at one workshop; `attended` are its days, counted from 1. The order of the file is the order of arrival."""

    workshop: str
    person: str
    state: str
    attended: tuple[int, ...]


@dataclass(frozen=True)
class Commitment:
    """In a period, so many workshops in each half by at least `people` of an organisation."""

    starts_on: date
    ends_on: date
    latin_america: int = 1
    sweden: int = 1
    people: int = 1


@dataclass(frozen=True)
class Waiver:
    """An organisation is let off one half of the commitment number `commitment`, with a reason in its own language."""

    commitment: int
    organisation: str
    half: str
    reason: str
    by: str


@dataclass(frozen=True)
class Phase:
    """A stretch of a partnership."""

    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class PartnershipDate:
    """A date of a partnership: on a fixed day, or so many days from today, on the clock of one side."""

    kind: str
    titles: dict[str, str]
    at: str  # the organisation whose clock and place it has
    days: int = 1
    on: date | None = None
    in_days: int = 0
    hours: tuple[time, time] | None = None
    public: bool = True


@dataclass(frozen=True)
class Partnership:
    """Two organisations that work in one area; `left` is the Latin American one, as on the map."""

    slug: str
    left: str
    right: str
    area: str
    mentor: str
    phases: tuple[Phase, ...]
    dates: tuple[PartnershipDate, ...] = ()
    documents: tuple[tuple[str, str], ...] = ()  # title and link

    def phase(self, today: date) -> str:
        """The name of the phase on a day: 'preparation', 'project', or 'ended' once the last is over."""
        return next((each.name for each in self.phases if today <= each.ends_on), "ended")


def _place(in_days: int, weekday: int | None, length: int, today: date) -> date:
    """About `in_days` from today: back to `weekday`, else on from a week-end, and clear of the quiet weeks."""
    first = today + timedelta(days=in_days)
    if weekday is not None:
        first -= timedelta(days=(first.weekday() - weekday) % 7)
    step = timedelta(days=1 if weekday is None else 7) * (1 if in_days > 0 else -1)
    while any(_is_quiet(first + timedelta(days=n)) for n in range(length)) or first.weekday() > WEEKDAYS.index("friday"):
        first += step
    return first


def _is_quiet(day: date) -> bool:
    """Whether nobody would call a meeting: from 21 December to 6 January, and from Palm Sunday to Easter Monday."""
    easter = _easter(day.year)
    return (day.month, day.day) >= (12, 21) or (day.month, day.day) <= (1, 6) or -7 <= (day - easter).days <= 1


def _easter(year: int) -> date:
    """Easter Sunday by Gauss's rule, as it holds from 1900 to 2099."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    if moon + sunday == 35 or (moon == 28 and sunday == 6 and year % 19 > 10):
        sunday -= 7
    return date(year, 3, 22) + timedelta(days=moon + sunday)
