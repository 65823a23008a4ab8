"""Reads of workshops for pages, feeds and jobs; what is loaded with them is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.database import db
from app.errors import Missing
from app.organisations.models import Organisation
from app.workshops.models import FORMATS, THEMES, Workshop, WorkshopDay, WorkshopInvitee, WorkshopSession, WorkshopText
from app.workshops.rules import LANGUAGES, Day, Document, Session, Text, Values

PUBLIC = ("published", "postponed", "cancelled")
TABS = ("all", "draft", "coming", "done", "stopped")


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


def count(now: datetime, filters: Filters = NO_FILTERS, *, over: bool) -> tuple[int, date | None, date | None]:
    """How many there are, and on which days, of their own calendars, the first and the last of them begin."""
    when = Workshop.ends_at <= now if over else Workshop.ends_at > now
    begins = select(func.min(WorkshopDay.on)).where(WorkshopDay.workshop_id == Workshop.id).scalar_subquery()
    wanted = select(func.count(), func.min(begins), func.max(begins)).select_from(Workshop)
    number, first, last = db.session.execute(wanted.where(when, Workshop.state.in_(PUBLIC), *_conditions(filters, now))).one()
    return number, first, last


def countries() -> list[str]:
    """The countries in which anything public was or is, for the filter."""
    wanted = select(Workshop.country).where(Workshop.state.in_(PUBLIC), Workshop.country.is_not(None)).distinct()
    return sorted(code for code in db.session.scalars(wanted) if code)


def all_for_staff(
    now: datetime, tab: str = "all", words: str = "", *, limit: int | None = None, offset: int = 0
) -> tuple[Sequence[Workshop], int]:
    """One tab of the staff's table, narrowed by title or place, and how many there are. Drafts without a day first."""
    conditions = [_tab(tab, now)]
    if words:
        like = f"%{words.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        titled = select(WorkshopText.workshop_id).where(func.lower(WorkshopText.title).like(like, escape="!"))
        conditions.append(or_(Workshop.id.in_(titled), func.lower(Workshop.place).like(like, escape="!")))
    wanted = select(Workshop).options(*_words()).where(*conditions)
    wanted = wanted.order_by(Workshop.starts_at.is_not(None), Workshop.starts_at.desc(), Workshop.id.desc())
    rows = db.session.scalars(wanted.limit(limit).offset(offset)).all()
    if limit is None:
        return rows, len(rows)
    return rows, db.session.scalar(select(func.count()).select_from(Workshop).where(*conditions)) or 0


def counts_for_staff(now: datetime) -> dict[str, int]:
    """How many stand in each tab, in one statement."""
    columns = [func.count().filter(_tab(tab, now)) for tab in TABS]
    return dict(zip(TABS, db.session.execute(select(*columns).select_from(Workshop)).one(), strict=True))


def invitees(workshop_id: int) -> frozenset[int]:
    """The organisations that a workshop by invitation is for."""
    wanted = select(WorkshopInvitee.organisation_id).where(WorkshopInvitee.workshop_id == workshop_id)
    return frozenset(db.session.scalars(wanted))


def values_of(workshop: Workshop) -> Values:
    """A workshop as staff typed it, to fill the form and to see what has changed. Four statements at most."""
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
        in_series=workshop.in_series,
        sessions=tuple(_session(number, row) for number, day in enumerate(workshop.days) for row in day.sessions),
        documents=tuple(Document(row.title, row.url, row.lang) for row in workshop.documents),
    )


def _session(day: int, row: WorkshopSession) -> Session:
    titles = tuple((lang, row.titles[lang].title) for lang in LANGUAGES if lang in row.titles)
    spoken, interpreted = tuple(row.spoken.split()), tuple(row.interpreted.split())
    return Session(day, row.starts, row.ends, titles, row.kind, row.room, row.facilitators, spoken, interpreted, row.id)


def place_in_series(workshop: Workshop) -> tuple[int, int, Workshop | None, Workshop | None]:
    """Which of its network's gatherings that take place it is, of how many, and the ones before and after."""
    gathering = (Workshop.network_id == workshop.network_id, Workshop.in_series, Workshop.state == "published")
    here = tuple_(Workshop.starts_at, Workshop.id)
    mine = tuple_(literal(workshop.starts_at, Workshop.starts_at.type), literal(workshop.id))
    earlier, later = here < mine, here > mine
    wanted = select(func.count().filter(earlier), func.count()).select_from(Workshop).where(*gathering)
    number, total = db.session.execute(wanted).one()
    found: list[Workshop | None] = []
    for beside, order in ((earlier, (Workshop.starts_at.desc(), Workshop.id.desc())), (later, (Workshop.starts_at, Workshop.id))):
        neighbour = select(Workshop).options(*_words()).where(*gathering, beside).order_by(*order).limit(1)
        found.append(db.session.scalars(neighbour).one_or_none())
    return number + 1, total, found[0], found[1]


def slug_is_free(slug: str, workshop_id: int | None) -> bool:
    """Whether no other workshop has this address."""
    found = db.session.scalar(select(Workshop.id).where(Workshop.slug == slug))
    return found is None or found == workshop_id


def _full() -> Select[Workshop]:
    return select(Workshop).options(
        selectinload(Workshop.texts),
        programme(),
        selectinload(Workshop.documents),
        joinedload(Workshop.network),
        joinedload(Workshop.organisation).selectinload(Organisation.names),
    )


def programme() -> ORMOption:
    """A workshop's days with their sessions and what those are called: three statements."""
    return selectinload(Workshop.days).selectinload(WorkshopDay.sessions).selectinload(WorkshopSession.titles)


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
