"""All that entries show of workshops, as plain values: read in three statements, compared as a whole, no object loaded.

They stand in for the objects wherever `workshops.showing.entries` makes entries, and are at once what an entry was made of:
an entry whose values are equal has equal bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, select

from app.database import db
from app.organisations.models import NetworkName
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession, WorkshopSessionTitle, WorkshopText


class Text(NamedTuple):
    """A workshop's words in one language."""

    lang: str
    title: str
    summary: str
    reason: str


class Named(NamedTuple):
    """A network, or a session in one language."""

    lang: str
    name: str

    @property
    def title(self) -> str:
        """What a session is called."""
        return self.name


class Session(NamedTuple):
    """An item of the programme."""

    on: date
    starts_at: datetime
    ends_at: datetime
    room: str
    facilitators: str
    spoken: str
    interpreted: str
    uid: str
    sequence: int
    changed_at: datetime
    titles: Mapping[str, Named]


class Day(NamedTuple):
    """A day with its programme, where that was asked for."""

    on: date
    starts_at: datetime
    ends_at: datetime
    uid: str
    sequence: int
    changed_at: datetime
    sessions: tuple[Session, ...]


class Shown(NamedTuple):
    """A workshop as its entries show it in one language."""

    id: int
    slug: str
    state: str
    format: str
    original_lang: str
    spoken: str
    venue: str
    street_address: str
    place: str
    country: str | None
    latitude: float | None
    longitude: float | None
    zone: str
    closes_at: datetime | None
    uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    network: Named
    text: Text
    days: tuple[Day, ...]


Words = TypeVar("Words", Text, Named)

OF_WORKSHOP = tuple(getattr(Workshop, name) for name in Shown._fields[:-3])
OF_DAY = (WorkshopDay.workshop_id, WorkshopDay.id, *(getattr(WorkshopDay, name) for name in Day._fields[:-1]))
OF_SESSION = (WorkshopSession.id, WorkshopSession.day_id, *(getattr(WorkshopSession, name) for name in Session._fields[1:-1]))


def shown(where: Iterable[ColumnElement[bool]], lang: str, *, programme: bool, above: int = 0) -> list[Shown]:
    """The workshops with higher numbers than `above` that those conditions hold for, oldest first, of one state of the database."""
    conditions = [*where, Workshop.id > above]
    with db.engine.connect() as plain:
        on_server = plain.dialect.name == "postgresql"
        connection = plain.execution_options(isolation_level="REPEATABLE READ") if on_server else plain
        workshops = select(Workshop.network_id, *OF_WORKSHOP).where(*conditions).order_by(Workshop.starts_at, Workshop.id)
        found = connection.execute(workshops).all()
        networks = _networks(connection, lang)
        texts = _texts(connection, conditions, lang, {row[1]: row.original_lang for row in found})
        sessions = _sessions(connection, conditions) if programme else {}
        days = _days(connection, conditions, sessions)
    return [Shown._make((*row[1:], networks[row[0]], texts[row[1]], tuple(days.get(row[1], ())))) for row in found]


def _in_language(words: Mapping[str, Words], original: str, lang: str) -> Words:
    """As `languages.in_language` chooses among objects."""
    return words.get(lang) or words.get(original) or next(iter(words.values()))


def _networks(connection: Connection, lang: str) -> dict[int, Named]:
    names: dict[int, dict[str, Named]] = defaultdict(dict)
    for number, *name in connection.execute(select(NetworkName.network_id, NetworkName.lang, NetworkName.name)):
        names[number][name[0]] = Named(*name)
    return {number: _in_language(of, "en", lang) for number, of in names.items()}


def _texts(connection: Connection, conditions: list[ColumnElement[bool]], lang: str, originals: Mapping[int, str]) -> dict[int, Text]:
    """The words in that language; in the original's, or in any, of those that have none in it."""
    wanted = select(WorkshopText.workshop_id, *(getattr(WorkshopText, name) for name in Text._fields)).join(WorkshopText.workshop)
    wanted = wanted.where(*conditions, WorkshopText.title != "")
    found = {row[0]: Text(*row[1:]) for row in connection.execute(wanted.where(WorkshopText.lang == lang))}
    if len(found) < len(originals):
        others: dict[int, dict[str, Text]] = defaultdict(dict)
        for row in connection.execute(wanted):
            others[row[0]][row[1]] = Text(*row[1:])
        found |= {number: _in_language(texts, originals[number], lang) for number, texts in others.items() if number not in found}
    return found


def _sessions(connection: Connection, conditions: list[ColumnElement[bool]]) -> dict[int, list[Session]]:
    """Of each day, in their order."""
    titles: dict[int, dict[str, Named]] = defaultdict(dict)
    named = select(WorkshopSessionTitle.session_id, WorkshopSessionTitle.lang, WorkshopSessionTitle.title)
    of_session = named.join(WorkshopSession, WorkshopSession.id == WorkshopSessionTitle.session_id)
    for number, *title in connection.execute(of_session.join(WorkshopSession.day).join(WorkshopDay.workshop).where(*conditions)):
        titles[number][title[0]] = Named(*title)
    wanted = select(WorkshopDay.on, *OF_SESSION).join(WorkshopSession.day).join(WorkshopDay.workshop).where(*conditions)
    found: dict[int, list[Session]] = defaultdict(list)
    for row in connection.execute(wanted.order_by(WorkshopSession.starts, WorkshopSession.id)):
        found[row[2]].append(Session._make((row[0], *row[3:], titles.get(row[1], {}))))
    return found


def _days(connection: Connection, conditions: list[ColumnElement[bool]], sessions: Mapping[int, Sequence[Session]]) -> dict[int, list[Day]]:
    """Of each workshop, in their order."""
    wanted = select(*OF_DAY).join(WorkshopDay.workshop).where(*conditions).order_by(WorkshopDay.on)
    found: dict[int, list[Day]] = defaultdict(list)
    for row in connection.execute(wanted):
        found[row[0]].append(Day._make((*row[2:], tuple(sessions.get(row[1], ())))))
    return found
