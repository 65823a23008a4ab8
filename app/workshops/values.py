"""What staff decide about a workshop, as plain values: days, texts, sessions, documents, held seats, and all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

PASSING = {"passing": True}  # of a field that says how something was typed, and is not kept


@dataclass(frozen=True, order=True)
class Day:
    """A day on the wall. `id` is that of its row, so that a moved day stays the same entry in people's calendars; `number` what
    whoever typed it sees beside it, where that is not its place among the days that could be read."""

    on: date
    starts: time
    ends: time
    id: int | None = field(default=None, compare=False)
    number: int | None = field(default=None, compare=False, metadata=PASSING)


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
    """All that staff decide about a workshop, as they typed it. `opens`, `closes` and `letters` (the last
    moment to ask for a letter for a visa) are on the wall of `zone`.

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
    waitlist: str = "at_once"
    offer_hours: int | None = None  # None: as the settings say; so with the next
    promotion_ends_hours: int | None = None
    holds: tuple[Hold, ...] = ()
    invitees: frozenset[int] = frozenset()
    opens: datetime | None = None
    closes: datetime | None = None
    letters: datetime | None = None
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
