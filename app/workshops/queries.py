"""Reads of workshops for pages, feeds and jobs; what is loaded with them is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.database import UtcDateTime, db
from app.errors import Missing
from app.folding import has
from app.folding import words as split
from app.languages import countries_named
from app.organisations import queries as organisations
from app.organisations.models import Organisation
from app.workshops.models import FORMATS, THEMES, Workshop, WorkshopDay, WorkshopInvitee, WorkshopText
from app.workshops.rules import LANGUAGES, Day, Text, Values

PUBLIC = ("published", "postponed", "cancelled")
TABS = ("all", "draft", "coming", "done", "stopped")
NEWEST = (Workshop.starts_at.is_not(None), Workshop.starts_at.desc(), Workshop.id.desc())  # drafts without a day first

# Making a statement takes longer than running it, so those of the long lists are made once for each choice of filters, on
# the bare table, with the instant left open.
NOW = cast(datetime, bindparam("now", type_=UtcDateTime))
KEPT = 256


@dataclass(frozen=True)
class Filters:
    """What the reader wants to see; empty is everything. Words we do not know count as empty."""

    country: str = ""
    language: str = ""
    theme: str = ""
    format: str = ""
    open: bool = False

    @classmethod
    def read(cls, words: dict[str, str]) -> Filters:
        """Out of an address."""
        country, theme, language, form = (words.get(name, "") for name in ("country", "theme", "language", "format"))
        return cls(
            country=country.upper() if len(country) == 2 and country.isascii() and country.isalpha() else "",
            language=language if language in LANGUAGES else "",
            theme=theme if theme in THEMES else "",
            format=form if form in FORMATS else "",
            open=bool(words.get("open")),
        )

    def __bool__(self) -> bool:
        return bool(self.country or self.language or self.theme or self.format or self.open)

    def address(self) -> dict[str, str]:
        """As it stands in an address."""
        words = {"country": self.country, "language": self.language, "theme": self.theme, "format": self.format}
        return {name: value for name, value in words.items() if value} | ({"open": "1"} if self.open else {})


NO_FILTERS = Filters()


def get_public(slug: str) -> Workshop:
    """A workshop that everybody may see, with all that its page shows. Raises Missing; a draft is missing."""
    wanted = _full().where(Workshop.slug == slug, Workshop.state.in_(PUBLIC))
    return _one(db.session.scalars(wanted).one_or_none())


def get(workshop_id: int) -> Workshop:
    """Any workshop, for staff. Raises Missing."""
    return _one(db.session.scalars(_full().where(Workshop.id == workshop_id)).one_or_none())


def coming(now: datetime, filters: Filters = NO_FILTERS, *, limit: int | None = None, offset: int = 0) -> Sequence[Workshop]:
    """What is not over, the nearest first."""
    wanted = _listed().where(Workshop.ends_at > now, *_conditions(filters, now)).order_by(Workshop.starts_at, Workshop.id)
    return db.session.scalars(wanted.limit(limit).offset(offset)).all()


def past(now: datetime, filters: Filters = NO_FILTERS, *, limit: int | None = None, offset: int = 0) -> Sequence[Workshop]:
    """What is over, the latest first."""
    wanted = _listed().where(Workshop.ends_at <= now, *_conditions(filters, now))
    wanted = wanted.order_by(Workshop.starts_at.desc(), Workshop.id.desc())
    return db.session.scalars(wanted.limit(limit).offset(offset)).all()


class Head(NamedTuple):
    """What tells a row of a long list from the one that was shown before; `rows` knows the rest."""

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
    return [Head(*row) for row in db.session.execute(_heads(filters, over=over), values)]


def with_words(numbers: Sequence[int]) -> Sequence[Workshop]:
    """These workshops with their texts and days, in no order."""
    return db.session.scalars(select(Workshop).options(*_words()).where(Workshop.id.in_(numbers))).all()


def count(now: datetime, filters: Filters = NO_FILTERS, *, over: bool) -> tuple[int, date | None, date | None]:
    """How many there are, and on which days, of their own calendars, the first and the last of them begin."""
    number, first, last = db.session.execute(_numbers(filters, over=over), {"now": now}).one()
    return number, first, last


@lru_cache(KEPT)
def _heads(filters: Filters, *, over: bool) -> Select[Any]:
    table = Workshop.__table__
    order = (table.c.starts_at.desc(), table.c.id.desc()) if over else (table.c.starts_at, table.c.id)
    wanted = select(*(table.c[name] for name in Head._fields)).where(*_agenda(filters, over=over)).order_by(*order)
    return wanted.limit(bindparam("most", type_=Integer)).offset(bindparam("skipped", type_=Integer))


@lru_cache(KEPT)
def _numbers(filters: Filters, *, over: bool) -> Select[int, date | None, date | None]:
    table, days = Workshop.__table__, WorkshopDay.__table__
    first = (days.c.workshop_id == table.c.id) & (days.c.starts_at == table.c.starts_at)
    wanted = select(func.count(), func.min(days.c.on), func.max(days.c.on)).select_from(table.outerjoin(days, first))
    return wanted.where(*_agenda(filters, over=over))


def _agenda(filters: Filters, *, over: bool) -> list[ColumnElement[bool]]:
    when = Workshop.ends_at <= NOW if over else Workshop.ends_at > NOW
    return [when, Workshop.state.in_(PUBLIC), *_conditions(filters, NOW)]


def countries() -> list[str]:
    """The countries in which anything public was or is, for the filter."""
    return sorted(code for code in db.session.scalars(_countries()) if code)


@lru_cache(1)
def _countries() -> Select[str | None]:
    country = Workshop.__table__.c.country
    return select(country).where(Workshop.state.in_(PUBLIC), country.is_not(None)).distinct()


def all_for_staff(
    now: datetime, tab: str = "all", words: str = "", *, limit: int | None = None, offset: int = 0
) -> tuple[Sequence[Workshop], int]:
    """One tab of the staff's table, narrowed by words, and how many there are. Drafts without a day first."""
    conditions = [_tab(tab, now), *matching(split(words))]
    wanted = select(Workshop).options(*_words()).where(*conditions)
    rows = db.session.scalars(wanted.order_by(*NEWEST).limit(limit).offset(offset)).all()
    if limit is None:
        return rows, len(rows)
    return rows, db.session.scalar(select(func.count()).select_from(Workshop).where(*conditions)) or 0


def matching(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """That each folded word stands in the title or summary of a language, in the place, in the country's or the host's name."""
    return [_matching(word) for word in words]


def _matching(word: str) -> ColumnElement[bool]:
    said = select(WorkshopText.workshop_id).where(has(WorkshopText.folded, word))
    hosted = Workshop.organisation_id.in_(organisations.named(word))
    return or_(Workshop.id.in_(said), has(Workshop.folded, word), hosted, Workshop.country.in_(countries_named(word)))


def found(words: Sequence[str], now: datetime, *, public: bool, limit: int, offset: int = 0) -> Sequence[Workshop]:
    """What a search finds: drafts without a day first, for staff, then what comes, the nearest first, then what was."""
    turn = case((Workshop.ends_at.is_(None), 0), (Workshop.ends_at > now, 1), else_=2)
    order = (turn, case((Workshop.ends_at > now, Workshop.starts_at)), Workshop.starts_at.desc(), Workshop.id.desc())
    wanted = select(Workshop).options(*_words()).where(*matching(words), *_seen(public=public)).order_by(*order)
    return db.session.scalars(wanted.limit(limit).offset(offset)).all()


def count_found(words: Sequence[str], *, public: bool) -> ScalarSelect[int]:
    """How many that are in all, to be asked together with others."""
    return select(func.count()).select_from(Workshop).where(*matching(words), *_seen(public=public)).scalar_subquery()


def _seen(*, public: bool) -> list[ColumnElement[bool]]:
    return [Workshop.state.in_(PUBLIC)] if public else []


def heads_for_staff(now: datetime, tab: str, words: str, *, limit: int, offset: int = 0) -> list[Head]:
    """One page of a tab of the staff's table."""
    wanted = _staff_heads(tab).where(*matching(split(words))).limit(limit).offset(offset)
    return [Head(*row) for row in db.session.execute(wanted, {"now": now})]


@lru_cache(KEPT)
def _staff_heads(tab: str) -> Select[Any]:
    return select(*(Workshop.__table__.c[name] for name in Head._fields)).where(_tab(tab, NOW)).order_by(*NEWEST)


def count_for_staff(now: datetime, tab: str, words: str) -> int:
    """How many of a tab fit these words."""
    wanted = select(func.count()).select_from(Workshop).where(_tab(tab, now), *matching(split(words)))
    return db.session.scalar(wanted) or 0


def counts_for_staff(now: datetime) -> dict[str, int]:
    """How many stand in each tab, in one statement."""
    return dict(zip(TABS, db.session.execute(_staff_counts(), {"now": now}).one(), strict=True))


@lru_cache(1)
def _staff_counts() -> Select[*tuple[Any, ...]]:
    return select(*(func.count().filter(_tab(tab, NOW)) for tab in TABS)).select_from(Workshop.__table__)


def invitees(workshop_id: int) -> frozenset[int]:
    """The organisations that a workshop by invitation is for."""
    wanted = select(WorkshopInvitee.organisation_id).where(WorkshopInvitee.workshop_id == workshop_id)
    return frozenset(db.session.scalars(wanted))


def values_of(workshop: Workshop) -> Values:
    """A workshop as staff typed it, to fill the form and to see what has changed. Two statements at most."""
    zone = ZoneInfo(workshop.zone)
    return Values(
        network_id=workshop.network_id,
        zone=workshop.zone,
        original_lang=workshop.original_lang,
        texts={text.lang: Text(text.title, text.summary, text.description, text.practical) for text in workshop.texts.values()},
        days=tuple(Day(day.on, day.starts, day.ends, day.id) for day in workshop.days),
        organisation_id=workshop.organisation_id,
        format=workshop.format,
        spoken=tuple(workshop.spoken.split()),
        theme=workshop.theme,
        venue=workshop.venue,
        street_address=workshop.street_address,
        place=workshop.place,
        country=workshop.country,
        latitude=workshop.latitude,
        longitude=workshop.longitude,
        join_url=workshop.join_url,
        capacity=workshop.capacity,
        access=workshop.access,
        invitees=invitees(workshop.id),
        opens=workshop.opens_at.astimezone(zone).replace(tzinfo=None) if workshop.opens_at else None,
        closes=workshop.closes_at.astimezone(zone).replace(tzinfo=None) if workshop.closes_at else None,
        contact=workshop.contact,
    )


def slug_is_free(slug: str, workshop_id: int | None) -> bool:
    """Whether no other workshop has this address."""
    found = db.session.scalar(select(Workshop.id).where(Workshop.slug == slug))
    return found is None or found == workshop_id


def _full() -> Select[Workshop]:
    return select(Workshop).options(
        *_words(), joinedload(Workshop.network), joinedload(Workshop.organisation).selectinload(Organisation.names)
    )


def _listed() -> Select[Workshop]:
    return select(Workshop).options(*_words()).where(Workshop.state.in_(PUBLIC))


def _words() -> tuple[ORMOption, ...]:
    return selectinload(Workshop.texts), selectinload(Workshop.days)


def _conditions(filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.country:
        found.append(Workshop.country == filters.country)
    if filters.language:
        found.append((" " + Workshop.spoken + " ").contains(f" {filters.language} "))
    if filters.theme:
        found.append(Workshop.theme == filters.theme)
    if filters.format:
        found.append(Workshop.format.in_((filters.format, "both")))
    if filters.open:
        found += [
            Workshop.state == "published",
            Workshop.taken < Workshop.capacity,
            func.coalesce(Workshop.closes_at, Workshop.starts_at) > now,
            or_(Workshop.opens_at.is_(None), Workshop.opens_at <= now),
        ]
    return found


def _tab(tab: str, now: datetime) -> ColumnElement[bool]:
    return {
        "all": Workshop.id.is_not(None),
        "draft": Workshop.state == "draft",
        "coming": (Workshop.state == "published") & (Workshop.ends_at > now),
        "done": (Workshop.state == "published") & (Workshop.ends_at <= now),
        "stopped": Workshop.state.in_(("postponed", "cancelled")),
    }[tab]


def _one(workshop: Workshop | None) -> Workshop:
    if workshop is None:
        raise Missing
    return workshop
