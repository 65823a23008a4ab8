"""Reads of the long lists: what tells their rows apart, how many there are, what the filters may offer.

Making a statement takes longer than running it, so each of these is made once for each choice of filters, on the bare table,
with the instant left open.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, Integer, ScalarSelect, Select, and_, bindparam, func, null, select

from app.database import UtcDateTime, db
from app.errors import Missing
from app.folding import words as split
from app.organisations.models import Organisation, OrganisationName
from app.workshops.finding.filters import NO_FILTERS, Filters, Kind, conditions
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.queries import NEWEST, PUBLIC, TABS, matching, tab_of

NOW = cast(datetime, bindparam("now", type_=UtcDateTime))
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
    return [Head(*row) for row in _run(_heads(filters, over=over), values)]


class Signs(NamedTuple):
    """How many fit the filters, and what is another as soon as any public workshop is.

    Each change of a workshop raises its version and writes the time; none that was public is ever taken away.
    """

    total: int
    first: datetime | None
    last: datetime | None
    public: int
    versions: int | None
    changed_at: datetime | None


def signs(now: datetime, filters: Filters = NO_FILTERS, *, over: bool) -> Signs:
    """Cheap to read: what a list shows around its rows need not be made again while these are the same."""
    return Signs(*_run(_signs(filters, over=over), {"now": now}).one())


def count(now: datetime, filters: Filters = NO_FILTERS, *, over: bool) -> tuple[int, date | None, date | None]:
    """How many there are, and on which days, of their own calendars, the first and the last of them begin."""
    number, first, last = _run(_numbers(filters, over=over), {"now": now}).one()
    return number, first, last


def kinds() -> list[Kind]:
    """What public workshops are like, each kind once: what the filters may offer."""
    return [Kind(*row) for row in _run(_kinds(), {})]


class PublicHead(NamedTuple):
    """What tells a workshop's page from the one that was shown before: a Head, its place in a series, its host."""

    head: Head
    network_id: int
    in_series: bool
    host: str | None
    host_kind: str | None
    host_sv: str | None
    host_es: str | None
    host_en: str | None

    @property
    def id(self) -> int:
        """As a gathering of a series has it."""
        return self.head.id

    @property
    def starts_at(self) -> datetime | None:
        """As a gathering of a series has it."""
        return self.head.starts_at


def get_public(slug: str) -> PublicHead:
    """That of a workshop that everybody may see. Raises Missing; a draft is missing."""
    found = _run(_public_head(), {"slug": slug}).one_or_none()
    if found is None:
        raise Missing
    own = len(Head._fields)
    return PublicHead(Head(*found[:own]), *found[own:])


def heads_for_staff(now: datetime, tab: str, words: str, *, limit: int, offset: int = 0) -> list[Head]:
    """One page of a tab of the staff's table."""
    wanted = _staff_heads(tab).where(*matching(split(words))) if words else _staff_heads(tab)
    return [Head(*row) for row in _run(wanted, {"now": now, "most": limit, "skipped": offset})]


def count_for_staff(now: datetime, tab: str, words: str) -> int:
    """How many of a tab fit these words."""
    wanted = select(func.count()).select_from(Workshop).where(tab_of(tab, now), *matching(split(words)))
    return db.session.scalar(wanted) or 0


def counts_for_staff(now: datetime) -> dict[str, int]:
    """How many stand in each tab, in one statement."""
    return dict(zip(TABS, _run(_staff_counts(), {"now": now}).one(), strict=True))


def _run(wanted: Select[*tuple[Any, ...]], values: dict[str, object]) -> CursorResult[*tuple[Any, ...]]:
    """On the session's connection, past what only objects need."""
    return db.session.connection().execute(wanted, values)


@lru_cache(KEPT)
def _heads(filters: Filters, *, over: bool) -> Select[Any]:
    table = Workshop.__table__
    order = (table.c.starts_at.desc(), table.c.id.desc()) if over else (table.c.starts_at, table.c.id)
    return _page(select(*_columns()).where(*_agenda(filters, over=over)).order_by(*order))


@lru_cache(KEPT)
def _signs(filters: Filters, *, over: bool) -> Select[*tuple[Any, ...]]:
    """What is over only grows, and what is not only shrinks, so that their number tells; who is open comes and goes."""
    table = Workshop.__table__
    fits = and_(_when(over=over), *conditions(filters, NOW))
    ends = [edge(table.c.starts_at).filter(fits) if filters.open else null() for edge in (func.min, func.max)]
    everything = func.count(), func.sum(table.c.version), func.max(table.c.changed_at)
    return select(func.count().filter(fits), *ends, *everything).where(table.c.state.in_(PUBLIC))


@lru_cache(KEPT)
def _numbers(filters: Filters, *, over: bool) -> Select[int, date | None, date | None]:
    table, days = Workshop.__table__, WorkshopDay.__table__
    first = (days.c.workshop_id == table.c.id) & (days.c.starts_at == table.c.starts_at)
    wanted = select(func.count(), func.min(days.c.on), func.max(days.c.on)).select_from(table.outerjoin(days, first))
    return wanted.where(*_agenda(filters, over=over))


def _agenda(filters: Filters, *, over: bool) -> list[ColumnElement[bool]]:
    return [_when(over=over), Workshop.state.in_(PUBLIC), *conditions(filters, NOW)]


def _when(*, over: bool) -> ColumnElement[bool]:
    return Workshop.ends_at <= NOW if over else Workshop.ends_at > NOW


@lru_cache(1)
def _kinds() -> Select[Any]:
    table = Workshop.__table__
    return select(*(table.c[name] for name in Kind.__dataclass_fields__)).where(table.c.state.in_(PUBLIC)).distinct()


@lru_cache(1)
def _public_head() -> Select[Any]:
    table, host = Workshop.__table__, Organisation.__table__
    names = [_name(host.c.id, lang) for lang in ("sv", "es", "en")]
    own = [*_columns(), table.c.network_id, table.c.in_series]
    wanted = select(*own, host.c.slug, host.c.kind, *names).select_from(table.outerjoin(host, host.c.id == table.c.organisation_id))
    return wanted.where(table.c.slug == bindparam("slug"), table.c.state.in_(PUBLIC))


def _name(organisation_id: ColumnElement[int], lang: str) -> ScalarSelect[str]:
    names = OrganisationName.__table__
    return select(names.c.name).where(names.c.organisation_id == organisation_id, names.c.lang == lang).scalar_subquery()


@lru_cache(KEPT)
def _staff_heads(tab: str) -> Select[Any]:
    return _page(select(*_columns()).where(tab_of(tab, NOW)).order_by(*NEWEST))


@lru_cache(1)
def _staff_counts() -> Select[*tuple[Any, ...]]:
    return select(*(func.count().filter(tab_of(tab, NOW)) for tab in TABS)).select_from(Workshop.__table__)


def _columns() -> list[ColumnElement[Any]]:
    return [Workshop.__table__.c[name] for name in Head._fields]


def _page(wanted: Select[Any]) -> Select[Any]:
    return wanted.limit(bindparam("most", type_=Integer)).offset(bindparam("skipped", type_=Integer))
