"""Reads of workshops for pages, feeds and jobs; what is loaded with them is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.audit.models import AuditEntry
from app.database import db
from app.errors import Missing
from app.folding import fold, has
from app.folding import words as split
from app.languages import countries_named
from app.organisations import queries as organisations
from app.organisations.models import Network, Organisation
from app.workshops.finding.filters import Filters, conditions
from app.workshops.models import Workshop, WorkshopDay, WorkshopInvitee, WorkshopSession, WorkshopText
from app.workshops.past.told import Hours, hours_before, hours_of, read_days
from app.workshops.rules import LANGUAGES
from app.workshops.values import Day, Document, Hold, Session, Text, Values

PUBLIC = ("published", "postponed", "cancelled")
MOVES = ("workshop.moved", "workshop.taken_back")
TABS = ("all", "draft", "coming", "done", "stopped")
NEWEST = (Workshop.starts_at.desc().nulls_first(), Workshop.id.desc())  # drafts without a day first


@dataclass(frozen=True)
class Town:
    """Where people meet, and how often."""

    country: str | None
    place: str
    latitude: float | None
    longitude: float | None
    coming: int
    held: int


def get_public(slug: str) -> Workshop:
    """A workshop that everybody may see, with all that its page shows. Raises Missing; a draft is missing."""
    wanted = _full().where(Workshop.slug == slug, Workshop.state.in_(PUBLIC))
    return _one(db.session.scalars(wanted).unique().one_or_none())


def get(workshop_id: int) -> Workshop:
    """Any workshop, for staff. Raises Missing."""
    wanted = _full().options(joinedload(Workshop.holds)).where(Workshop.id == workshop_id)
    return _one(db.session.scalars(wanted).unique().one_or_none())


def find_old_start(workshop: Workshop) -> datetime | None:
    """When it was to begin before it was moved away from its `moved_from`, as the audit has kept it."""
    if workshop.has_new_hours:
        hours = find_old_hours(workshop)
        return hours[0][0] if hours else None
    for facts in moves(workshop.id):
        old = read_days(facts.get("days_before"))
        if old and old[0].on == workshop.moved_from:
            return old[0].starts_at
    return None


def find_old_hours(workshop: Workshop) -> Hours | None:
    """The hours of its days before they were changed, as the audit has kept them."""
    return hours_before(reversed(moves(workshop.id)), hours_of(workshop.days))


def moves(workshop_id: int) -> Sequence[dict[str, Any]]:
    """What the audit keeps of each change of its days, the newest first."""
    wanted = select(AuditEntry.facts).where(AuditEntry.topic == f"workshop:{workshop_id}", AuditEntry.action.in_(MOVES))
    return db.session.scalars(wanted.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())).all()


def get_public_days(slug: str) -> Workshop:
    """The same with its words and days alone, for pages that show no programme. Raises Missing."""
    return _one(db.session.scalars(_listed().where(Workshop.slug == slug)).one_or_none())


def get_named(workshop_id: int) -> Workshop:
    """Any workshop with its words alone, for the staff's pages about what belongs to it. Raises Missing."""
    wanted = select(Workshop).options(selectinload(Workshop.texts)).where(Workshop.id == workshop_id)
    return _one(db.session.scalars(wanted).one_or_none())


def get_written(workshop_id: int) -> Workshop:
    """Any workshop with what staff type about it; network and host are but numbers there. Raises Missing."""
    typed = (selectinload(Workshop.texts), programme(), joinedload(Workshop.documents), joinedload(Workshop.holds))
    return _one(db.session.scalars(select(Workshop).options(*typed).where(Workshop.id == workshop_id)).unique().one_or_none())


def coming(now: datetime) -> Sequence[Workshop]:
    """What is not over, the nearest first."""
    wanted = _listed().where(Workshop.ends_at > now).order_by(Workshop.starts_at, Workshop.id)
    return db.session.scalars(wanted).all()


def during(first: date, last: date, filters: Filters, now: datetime) -> Sequence[Workshop]:
    """What has a day, by the calendar of its own place, from `first` to `last`; in the order of their beginnings."""
    there = select(WorkshopDay.workshop_id).where(WorkshopDay.on.between(first, last))
    wanted = _listed().where(Workshop.id.in_(there), *conditions(filters, now))
    return db.session.scalars(wanted.order_by(Workshop.starts_at, Workshop.id)).all()


def around(first: date, last: date, filters: Filters, now: datetime) -> tuple[date | None, date | None]:
    """The nearest days before `first` and after `last` on which there is anything."""
    there = select(WorkshopDay.on).join(WorkshopDay.workshop).where(Workshop.state.in_(PUBLIC), *conditions(filters, now))
    before = there.with_only_columns(func.max(WorkshopDay.on)).where(WorkshopDay.on < first)
    after = there.with_only_columns(func.min(WorkshopDay.on)).where(WorkshopDay.on > last)
    earlier, later = db.session.execute(select(before.scalar_subquery(), after.scalar_subquery())).one()
    return earlier, later


def everything(filters: Filters, now: datetime) -> Sequence[Workshop]:
    """All that is public, the oldest first."""
    wanted = _listed().where(*conditions(filters, now)).order_by(Workshop.starts_at, Workshop.id)
    return db.session.scalars(wanted).all()


def towns(filters: Filters, now: datetime) -> list[Town]:
    """Where people meet, with how many are coming and how many were; what is called off does not count.

    A town where no workshop has a point of its own has that of an organisation that is there.
    """
    held = Workshop.ends_at <= now
    point = func.max(Workshop.latitude), func.max(Workshop.longitude)
    wanted = select(Workshop.country, Workshop.place, *point, func.count().filter(~held), func.count().filter(held))
    wanted = wanted.where(Workshop.state == "published", Workshop.format != "online", *conditions(filters, now))
    found = [Town(*row) for row in db.session.execute(wanted.group_by(Workshop.country, Workshop.place))]
    if all(town.latitude is not None for town in found):
        return found
    points = organisations.points()
    return [town if town.latitude is not None else _on_the_map(town, points) for town in found]


def _on_the_map(town: Town, points: Mapping[tuple[str, str], tuple[float, float]]) -> Town:
    latitude, longitude = points.get((town.country or "", fold(town.place)), (None, None))
    return replace(town, latitude=latitude, longitude=longitude)


def with_words(numbers: Sequence[int]) -> Sequence[Workshop]:
    """These workshops with their texts and days, in no order."""
    return db.session.scalars(select(Workshop).options(*_words()).where(Workshop.id.in_(numbers))).all()


def all_for_staff(now: datetime, tab: str = "all", words: str = "", *more: ORMOption) -> Sequence[Workshop]:
    """One tab of the staff's table, narrowed by words. Drafts without a day first. `more`: what is loaded besides."""
    wanted = select(Workshop).options(*_words(), *more).where(tab_of(tab, now), *matching(split(words)))
    return db.session.scalars(wanted.order_by(*NEWEST)).all()


def matching(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """That each folded word stands in the title or summary of a language, in the place, in the country's or the host's name."""
    return [_matching(word) for word in words]


def _matching(word: str) -> ColumnElement[bool]:
    said = select(WorkshopText.workshop_id).where(has(WorkshopText.folded, word))
    hosted = Workshop.organisation_id.in_(organisations.named(word))
    return or_(Workshop.id.in_(said), has(Workshop.folded, word), hosted, Workshop.country.in_(countries_named(word)))


def invitees(workshop_id: int) -> frozenset[int]:
    """The organisations that a workshop by invitation is for."""
    wanted = select(WorkshopInvitee.organisation_id).where(WorkshopInvitee.workshop_id == workshop_id)
    return frozenset(db.session.scalars(wanted))


def values_of(workshop: Workshop) -> Values:
    """A workshop as staff typed it, to fill the form and to see what has changed. Five statements at most."""
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
        approval=workshop.approval,
        waitlist=workshop.waitlist,
        offer_hours=workshop.offer_hours,
        promotion_ends_hours=workshop.promotion_ends_hours,
        holds=tuple(Hold(row.organisation_id, row.seats, row.until) for row in workshop.holds),
        invitees=invitees(workshop.id),
        opens=workshop.opens_at.astimezone(zone).replace(tzinfo=None) if workshop.opens_at else None,
        closes=workshop.closes_at.astimezone(zone).replace(tzinfo=None) if workshop.closes_at else None,
        letters=workshop.letters_until.astimezone(zone).replace(tzinfo=None) if workshop.letters_until else None,
        contact=workshop.contact,
        in_series=workshop.in_series,
        sessions=tuple(_session(number, row) for number, day in enumerate(workshop.days) for row in day.sessions),
        documents=tuple(Document(row.title, row.url, row.lang) for row in workshop.documents),
    )


def _session(day: int, row: WorkshopSession) -> Session:
    titles = tuple((lang, row.titles[lang].title) for lang in LANGUAGES if lang in row.titles)
    spoken, interpreted = tuple(row.spoken.split()), tuple(row.interpreted.split())
    return Session(day, row.starts, row.ends, titles, row.kind, row.room, row.facilitators, spoken, interpreted, row.id)


class Gathering(Protocol):
    """What of a workshop says where it stands among its network's gatherings."""

    @property
    def id(self) -> int: ...
    @property
    def network_id(self) -> int: ...
    @property
    def starts_at(self) -> datetime | None: ...


def place_in_series(workshop: Gathering) -> tuple[int, int, Workshop | None, Workshop | None]:
    """Which of its network's gatherings that take place it is, of how many, and the ones before and after, with their texts."""
    gathering = (Workshop.network_id == workshop.network_id, Workshop.in_series, Workshop.state == "published")
    here = tuple_(Workshop.starts_at, Workshop.id)
    mine = tuple_(literal(workshop.starts_at, Workshop.starts_at.type), literal(workshop.id))
    counts = [select(func.count()).select_from(Workshop).where(*gathering, *more) for more in ((here < mine,), ())]
    before = select(Workshop.id).where(*gathering, here < mine).order_by(Workshop.starts_at.desc(), Workshop.id.desc()).limit(1)
    after = select(Workshop.id).where(*gathering, here > mine).order_by(Workshop.starts_at, Workshop.id).limit(1)
    beside = Workshop.id.in_([one.correlate(None).scalar_subquery() for one in (before, after)])
    wanted = select(Workshop, *(one.correlate(None).scalar_subquery() for one in counts)).options(joinedload(Workshop.texts))
    rows = db.session.execute(wanted.where(beside).order_by(Workshop.starts_at, Workshop.id)).unique().all()
    if not rows:
        return 1, 1, None, None
    number, total = rows[0][1:]
    return number + 1, total, rows[0][0] if number else None, rows[-1][0] if number + 1 < total else None


def slugs() -> set[str]:
    """All addresses that are taken."""
    return set(db.session.scalars(select(Workshop.slug)))


def slug_is_free(slug: str, workshop_id: int | None) -> bool:
    """Whether no other workshop has this address."""
    found = db.session.scalar(select(Workshop.id).where(Workshop.slug == slug))
    return found is None or found == workshop_id


def _full() -> Select[Workshop]:
    return select(Workshop).options(
        selectinload(Workshop.texts),
        programme(),
        joinedload(Workshop.documents),
        joinedload(Workshop.network).joinedload(Network.names),
        joinedload(Workshop.organisation).joinedload(Organisation.names),
    )


def programme() -> ORMOption:
    """A workshop's days with their sessions and what those are called: one statement."""
    return selectinload(Workshop.days).joinedload(WorkshopDay.sessions).joinedload(WorkshopSession.titles)


def _listed() -> Select[Workshop]:
    return select(Workshop).options(*_words()).where(Workshop.state.in_(PUBLIC))


def _words() -> tuple[ORMOption, ...]:
    return selectinload(Workshop.texts), selectinload(Workshop.days)


def tab_of(tab: str, now: datetime) -> ColumnElement[bool]:
    """What stands in a tab of the staff's table."""
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
