"""Reads of the long lists and of searches: what tells their rows apart, how many there are, what the filters may offer.

Making a statement takes longer than running it, so each of these is made once for each choice of filters, on the bare table,
with the instant left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    extract,
    func,
    select,
    true,
)

from app.database import UtcDateTime, db
from app.errors import Missing
from app.organisations.models import Organisation, OrganisationName
from app.workshops import queries
from app.workshops.finding.filters import NO_FILTERS, Filters, Kind, conditions
from app.workshops.models import STATES, Workshop, WorkshopDay
from app.workshops.queries import matching

NOW = cast(datetime, bindparam("now", type_=UtcDateTime))
PUBLIC = and_(*(Workshop.__table__.c.state != state for state in STATES if state not in queries.PUBLIC))  # by time, not state by state
KEPT = 256


class Head(NamedTuple):
    """What tells a row of a long list from the one that was shown before; `lines` knows the rest."""

    id: int
    version: int
    changed_at: datetime
    taken: int
    capacity: int
    state: str
    zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None


def heads(now: datetime, filters: Filters = NO_FILTERS, *, over: bool, limit: int, offset: int = 0) -> list[Head]:
    """One page of what is not over, the nearest first, or of what is, the latest first."""
    values = {"now": now, "most": limit, "skipped": offset}
    return read(_heads(filters, over=over), values)


class Signs(NamedTuple):
    """What is another as soon as any public workshop is another, or is over; with the filter for open ones, how many are open, too.

    Each change of a workshop raises its version and writes the time; none that was public is ever taken away. What is over
    only grows, and what is not only shrinks, so that their number tells; who is open comes and goes.
    """

    when: int
    public: int
    versions: int | None
    changed_at: datetime | None
    open: int = 0
    first: datetime | None = None
    last: datetime | None = None


def signs(now: datetime, filters: Filters = NO_FILTERS, *, over: bool) -> Signs:
    """Cheap to read: what a list shows around its rows need not be made again while these are the same."""
    return Signs(*run(_signs(filters if filters.open else NO_FILTERS, over=over), {"now": now}).one())


def count(now: datetime, filters: Filters = NO_FILTERS, *, over: bool) -> tuple[int, date | None, date | None]:
    """How many there are, and on which days, of their own calendars, the first and the last of them begin."""
    number, first, last = run(_numbers(filters, over=over), {"now": now}).one()
    return number, first, last


@dataclass(frozen=True)
class Heap:
    """How many of one kind begin in a month, by the calendar of their own places, and how many of them are still to come."""

    year: int
    month: int
    country: str | None
    format: str
    number: int
    ahead: int


def heaps(filters: Filters, now: datetime) -> list[Heap]:
    """All that is public, counted by month, country and format: a few rows, however many workshops."""
    begins = (WorkshopDay.workshop_id == Workshop.id) & (WorkshopDay.starts_at == Workshop.starts_at)
    month = extract("year", WorkshopDay.on), extract("month", WorkshopDay.on), Workshop.country, Workshop.format
    wanted = select(*month, func.count(), func.count().filter(Workshop.ends_at > now)).join(WorkshopDay, begins)
    wanted = wanted.where(PUBLIC, *conditions(filters, now)).group_by(*month)
    return [Heap(*row) for row in db.session.execute(wanted)]


def kinds() -> list[Kind]:
    """What public workshops are like, each kind once: what the filters may offer."""
    return [Kind(*row) for row in run(_kinds(), {})]


class PublicHead(NamedTuple):
    """What tells a workshop's page from the one that was shown before: a Head, whether it stands in a series, its host."""

    head: Head
    in_series: bool
    host: str | None
    host_kind: str | None
    host_sv: str | None
    host_es: str | None
    host_en: str | None


def get_public(slug: str) -> PublicHead:
    """That of a workshop that everybody may see. Raises Missing; a draft is missing."""
    found = run(_public_head(), {"slug": slug}).one_or_none()
    if found is None:
        raise Missing
    own = len(Head._fields)
    return PublicHead(Head(*found[:own]), *found[own:])


def found(words: Sequence[str], now: datetime, *, public: bool, limit: int, offset: int = 0) -> list[Head]:
    """What a search finds: drafts without a day first, for staff, then what comes, the nearest first, then what was."""
    return read(_found(tuple(words), public=public), {"now": now, "most": limit, "skipped": offset})


@lru_cache(KEPT)
def count_found(words: tuple[str, ...], *, public: bool) -> ScalarSelect[int]:
    """How many that are in all, to be asked together with others."""
    return select(func.count()).select_from(Workshop.__table__).where(*matching(words), *_seen(public=public)).scalar_subquery()


def read(wanted: Select[Any], values: dict[str, object]) -> list[Head]:
    """All at once: row by row takes twice as long."""
    return [Head._make(row) for row in run(wanted, values).all()]


def run(wanted: Select[*tuple[Any, ...]], values: dict[str, object]) -> CursorResult[*tuple[Any, ...]]:
    """On the session's connection, past what only objects need."""
    return db.session.connection().execute(wanted, values)


@lru_cache(KEPT)
def _heads(filters: Filters, *, over: bool) -> Select[Any]:
    table = Workshop.__table__
    order = (table.c.starts_at.desc(), table.c.id.desc()) if over else (table.c.starts_at, table.c.id)
    return page_of(select(*columns()).where(*_agenda(filters, over=over)).order_by(*order))


@lru_cache(KEPT)
def _signs(filters: Filters, *, over: bool) -> Select[*tuple[Any, ...]]:
    """The index alone tells, and but for open ones the filters do not matter."""
    table = Workshop.__table__
    numbers = func.count().filter(_when(over=over)), func.count(), func.sum(table.c.version), func.max(table.c.changed_at)
    wanted = select(*numbers).where(PUBLIC)
    if not filters.open:
        return wanted
    edges = func.count(), func.min(table.c.starts_at), func.max(table.c.starts_at)
    all_of_them, open_ones = wanted.subquery(), select(*edges).where(*_agenda(filters, over=over)).subquery()
    return select(all_of_them, open_ones).select_from(all_of_them.join(open_ones, true()))


@lru_cache(KEPT)
def _numbers(filters: Filters, *, over: bool) -> Select[int, date | None, date | None]:
    table, days = Workshop.__table__, WorkshopDay.__table__
    first = (days.c.workshop_id == table.c.id) & (days.c.starts_at == table.c.starts_at)
    wanted = select(func.count(), func.min(days.c.on), func.max(days.c.on)).select_from(table.outerjoin(days, first))
    return wanted.where(*_agenda(filters, over=over))


def _agenda(filters: Filters, *, over: bool) -> list[ColumnElement[bool]]:
    return [_when(over=over), PUBLIC, *conditions(filters, NOW)]


def _when(*, over: bool) -> ColumnElement[bool]:
    return Workshop.ends_at <= NOW if over else Workshop.ends_at > NOW


@lru_cache(1)
def _kinds() -> Select[Any]:
    table = Workshop.__table__
    return select(*(table.c[name] for name in Kind.__dataclass_fields__)).where(PUBLIC).distinct()


@lru_cache(1)
def _public_head() -> Select[Any]:
    table, host = Workshop.__table__, Organisation.__table__
    names = [_name(host.c.id, lang) for lang in ("sv", "es", "en")]
    own = [*columns(), table.c.in_series]
    wanted = select(*own, host.c.slug, host.c.kind, *names).select_from(table.outerjoin(host, host.c.id == table.c.organisation_id))
    return wanted.where(table.c.slug == bindparam("slug"), PUBLIC)


def _name(organisation_id: ColumnElement[int], lang: str) -> ScalarSelect[str]:
    names = OrganisationName.__table__
    return select(names.c.name).where(names.c.organisation_id == organisation_id, names.c.lang == lang).scalar_subquery()


@lru_cache(KEPT)
def _found(words: tuple[str, ...], *, public: bool) -> Select[Any]:
    table = Workshop.__table__
    turn = case((table.c.ends_at.is_(None), 0), (table.c.ends_at > NOW, 1), else_=2)
    order = (turn, case((table.c.ends_at > NOW, table.c.starts_at)), table.c.starts_at.desc(), table.c.id.desc())
    return page_of(select(*columns()).where(*matching(words), *_seen(public=public)).order_by(*order))


def _seen(*, public: bool) -> list[ColumnElement[bool]]:
    return [PUBLIC] if public else []


def columns() -> list[ColumnElement[Any]]:
    """Those of a Head."""
    return [Workshop.__table__.c[name] for name in Head._fields]


def page_of(wanted: Select[Any]) -> Select[Any]:
    """So many rows of it."""
    return wanted.limit(bindparam("most", type_=Integer)).offset(bindparam("skipped", type_=Integer))
