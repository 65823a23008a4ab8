"""All that entries show of workshops: read in few statements, compared as the driver gives it, turned into values only where bytes are
made anew; no object loaded.

A `Shown` stands in for the objects wherever `workshops.showing.entries` makes entries. What an entry was made of is kept beside it
as the `Rows` that were read: equal rows make equal bytes, and to compare them costs a tenth of making values out of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Date, Select, and_, bindparam, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import NullType

from app.database import UtcDateTime, db
from app.organisations.models import NetworkName
from app.swift import instant
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


class Rows(NamedTuple):
    """A workshop as it was read: its own columns, and those of its days with their sessions, as the driver gives them."""

    workshop: tuple[Any, ...]
    network: Named
    text: Text
    days: tuple[tuple[Any, ...], ...]

    @property
    def id(self) -> int:
        """The workshop's number."""
        return int(self.workshop[0])


Words = TypeVar("Words", Text, Named)
Column = InstrumentedAttribute[Any]


def _readers(columns: Iterable[Column]) -> list[tuple[int, Callable[[Any], Any]]]:
    """Where days and instants stand among these columns, which SQLite's driver gives as texts, and how they are read."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for number, column in enumerate(columns):
        if isinstance(column.type, UtcDateTime):
            found.append((number, _instant))
        elif isinstance(column.type, Date):
            found.append((number, _on))
    return found


def _instant(value: Any) -> datetime | None:
    return None if value is None else instant(value)


def _on(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


OF_WORKSHOP = tuple(getattr(Workshop, name) for name in Shown._fields[:-3])
OF_TEXT = tuple(getattr(WorkshopText, name) for name in Text._fields)
OF_DAY = tuple(getattr(WorkshopDay, name) for name in Day._fields[:-1])
OF_SESSION = (WorkshopDay.on, *(getattr(WorkshopSession, name) for name in Session._fields[1:-1]))
READ = {kind: _readers(columns) for kind, columns in ((Shown, OF_WORKSHOP), (Day, OF_DAY), (Session, OF_SESSION))}
ORIGINAL = Shown._fields.index("original_lang")
NETWORKS = select(NetworkName.network_id, NetworkName.lang, NetworkName.name)


class Statements(NamedTuple):
    """What reads the workshops that some conditions hold for. To write them out takes longer than to run them: made once and kept."""

    workshops: Select[Any]
    texts: Select[Any]
    days: Select[Any]
    sessions: Select[Any]
    titles: Select[int, str, str]


def statements(*where: ColumnElement[bool]) -> Statements:
    """For these conditions, whose values may be parameters that `find` is given."""
    conditions = [*where, Workshop.id > bindparam("above")]
    in_lang = and_(WorkshopText.workshop_id == Workshop.id, WorkshopText.lang == bindparam("lang"), WorkshopText.title != "")
    workshops = select(Workshop.network_id, *_raw(OF_WORKSHOP), *OF_TEXT).outerjoin(WorkshopText, in_lang)
    texts = select(WorkshopText.workshop_id, *OF_TEXT).join(WorkshopText.workshop).where(WorkshopText.title != "")
    days = select(WorkshopDay.workshop_id, WorkshopDay.id, *_raw(OF_DAY)).join(WorkshopDay.workshop)
    sessions = select(WorkshopSession.id, WorkshopSession.day_id, *_raw(OF_SESSION)).join(WorkshopSession.day).join(WorkshopDay.workshop)
    titles = select(WorkshopSessionTitle.session_id, WorkshopSessionTitle.lang, WorkshopSessionTitle.title)
    titles = titles.join(WorkshopSession, WorkshopSession.id == WorkshopSessionTitle.session_id).join(WorkshopSession.day)
    return Statements(
        workshops.where(*conditions).order_by(Workshop.starts_at, Workshop.id),
        texts.where(*conditions),
        days.where(*conditions).order_by(WorkshopDay.on),
        sessions.where(*conditions).order_by(WorkshopSession.starts, WorkshopSession.id),
        titles.join(WorkshopDay.workshop).where(*conditions),
    )


def find(wanted: Statements, lang: str, *, programme: bool, above: int = 0, **facts: str) -> list[Rows]:
    """The workshops with higher numbers than `above`, oldest first, of one state of the database. `facts`: the statements' parameters."""
    with db.engine.connect() as plain:
        on_server = plain.dialect.name == "postgresql"
        connection = plain.execution_options(isolation_level="REPEATABLE READ") if on_server else plain

        def read(statement: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(statement, {**facts, "lang": lang, "above": above}).all()]

        networks = _networks(connection, lang)
        found = read(wanted.workshops)
        size = len(OF_WORKSHOP) + 1
        bare = {row[1]: str(row[1 + ORIGINAL]) for row in found if row[size] is None}
        texts = _texts(read(wanted.texts), lang, bare) if bare else {}
        sessions = _sessions(read(wanted.sessions), read(wanted.titles)) if programme else {}
        days = _days(read(wanted.days), sessions)
    return [
        Rows(row[1:size], networks[row[0]], Text._make(row[size:]) if row[size] else texts[row[1]], tuple(days.get(row[1], ())))
        for row in found
    ]


def shown(rows: Rows) -> Shown:
    """The values of one."""
    return Shown._make((*_values(Shown, rows.workshop), rows.network, rows.text, tuple(_day(*one) for one in rows.days)))


def _day(day: tuple[Any, ...], sessions: Sequence[tuple[tuple[Any, ...], Mapping[str, Named]]]) -> Day:
    return Day._make((*_values(Day, day), tuple(Session._make((*_values(Session, one), titles)) for one, titles in sessions)))


def _raw(columns: Iterable[Column]) -> list[ColumnElement[Any]]:
    """Columns whose values stay as the driver gives them."""
    return [type_coerce(column, NullType()) for column in columns]


def _values(kind: type[Shown | Day | Session], row: tuple[Any, ...]) -> list[Any]:
    """What those would have been."""
    values = list(row)
    for number, read in READ[kind]:
        values[number] = read(values[number])
    return values


def _in_language(words: Mapping[str, Words], original: str, lang: str) -> Words:
    """As `languages.in_language` chooses among objects."""
    return words.get(lang) or words.get(original) or next(iter(words.values()))


def _networks(connection: Connection, lang: str) -> dict[int, Named]:
    names: dict[int, dict[str, Named]] = defaultdict(dict)
    for number, *name in connection.execute(NETWORKS):
        names[number][name[0]] = Named(*name)
    return {number: _in_language(of, "en", lang) for number, of in names.items()}


def _texts(rows: list[tuple[Any, ...]], lang: str, originals: Mapping[int, str]) -> dict[int, Text]:
    """The words of those that have none in that language: in the original's, or in any."""
    others: dict[int, dict[str, Text]] = defaultdict(dict)
    for number, *text in rows:
        others[number][text[0]] = Text(*text)
    return {number: _in_language(others[number], original, lang) for number, original in originals.items()}


def _sessions(rows: list[tuple[Any, ...]], titles: list[tuple[Any, ...]]) -> dict[int, list[Any]]:
    """Of each day, in their order, with what each is called."""
    called: dict[int, dict[str, Named]] = defaultdict(dict)
    for number, *title in titles:
        called[number][title[0]] = Named(*title)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[1]].append((row[2:], called.get(row[0], {})))
    return found


def _days(rows: list[tuple[Any, ...]], sessions: Mapping[int, Sequence[Any]]) -> dict[int, list[Any]]:
    """Of each workshop, in their order, with their sessions."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[0]].append((row[2:], tuple(sessions.get(row[1], ()))))
    return found
