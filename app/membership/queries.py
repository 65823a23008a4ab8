"""Reads of the commitment, of partnerships and of what a member's and the staff's pages show; few statements, however many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.accounts.models import Affiliation
from app.accounts.queries import counting, first_asking
from app.attendance.queries import attended_registrations
from app.database import db
from app.languages import sort_key
from app.membership.models import CommitmentRule, Partnership, Waiver
from app.membership.rules import HALVES, Ask, Chance, Half, half
from app.organisations.models import NetworkMember, Organisation
from app.organisations.queries import memberships
from app.registrations.models import Registration
from app.workshops.models import Workshop
from app.workshops.rules import region


@dataclass(frozen=True)
class People:
    """Of one organisation at one workshop: how many were there, how many have a seat."""

    attended: int = 0
    registered: int = 0


NOBODY = People()


@dataclass(frozen=True)
class Progress:
    """How far one organisation has come with its commitment, and what the words about it need."""

    organisation: Organisation
    rule: CommitmentRule
    halves: Mapping[str, Half]
    workshops: Mapping[int, Workshop]  # of the period, shared by all organisations
    people: Mapping[int, People]
    waivers: Mapping[str, Waiver]


def rules_of(network_id: int, *, member: int | None = None) -> Sequence[CommitmentRule]:
    """What a network has asked over the years and whom it has let off, the newest period first.

    `member`: it asks nothing of an organisation that does not belong to it.
    """
    wanted = select(CommitmentRule).options(joinedload(CommitmentRule.waivers)).where(CommitmentRule.network_id == network_id)
    if member is not None:
        belonging = (NetworkMember.network_id == network_id, NetworkMember.organisation_id == member, NetworkMember.left_on.is_(None))
        wanted = wanted.where(exists().where(*belonging))
    return db.session.scalars(wanted.order_by(CommitmentRule.starts_on.desc())).unique().all()


def rule_on(rules: Sequence[CommitmentRule], on: date) -> CommitmentRule | None:
    """The rule in force on a day, else the last one that was, else the first to come."""
    begun = next((rule for rule in rules if rule.starts_on <= on), None)
    return begun or (rules[-1] if rules else None)


def progress_of(rule: CommitmentRule, organisations: Sequence[Organisation], now: datetime, *, titled: bool = False) -> list[Progress]:
    """The progress of many organisations, in their order, with two statements; with the titles of the workshops it is three."""
    workshops = _in_period(rule, titled=titled)
    people = _people([*workshops], [organisation.id for organisation in organisations])
    waivers: dict[int, dict[str, Waiver]] = defaultdict(dict)
    for waiver in rule.waivers:
        waivers[waiver.organisation_id][waiver.half] = waiver
    asks = {name: Ask(getattr(rule, name), rule.people, _over_at(rule)) for name in HALVES}
    found = []
    for organisation in organisations:
        mine = people[organisation.id]
        halves = {
            name: half(
                asks[name],
                [_chance(w, mine.get(w.id, NOBODY)) for w in workshops.values() if region(w.country, w.format) == name],
                waived=name in waivers[organisation.id],
                now=now,
            )
            for name in HALVES
        }
        found.append(Progress(organisation, rule, halves, workshops, mine, waivers[organisation.id]))
    return found


def _in_period(rule: CommitmentRule, *, titled: bool) -> dict[int, Workshop]:
    """The workshops whose first day lies in the period, in the order of time."""
    first = datetime.combine(rule.starts_on, time(), UTC) - timedelta(days=1)
    wanted = (
        select(Workshop)
        .where(Workshop.network_id == rule.network_id, Workshop.state != "draft")
        .where(Workshop.starts_at >= first, Workshop.starts_at <= _over_at(rule) + timedelta(days=1))
        .options(joinedload(Workshop.days), *([selectinload(Workshop.texts)] if titled else []))
        .order_by(Workshop.starts_at, Workshop.id)
    )
    rows = db.session.scalars(wanted).unique().all()
    return {w.id: w for w in rows if w.days and rule.starts_on <= w.days[0].on <= rule.ends_on}


def _people(workshop_ids: Sequence[int], organisation_ids: Sequence[int]) -> dict[int, dict[int, People]]:
    """For each organisation and workshop: who was there and who has a seat."""
    there = attended_registrations(workshop_ids).subquery()
    wanted = (
        select(Registration.organisation_id, Registration.workshop_id, func.count(there.c.registration_id), func.count())
        .outerjoin(there, there.c.registration_id == Registration.id)
        .where(Registration.workshop_id.in_(workshop_ids), Registration.organisation_id.in_(organisation_ids))
        .where(Registration.state == "confirmed", _is_its_own())
        .group_by(Registration.organisation_id, Registration.workshop_id)
    )
    found: dict[int, dict[int, People]] = defaultdict(dict)
    for organisation_id, workshop_id, attended, registered in db.session.execute(wanted):
        if organisation_id is not None:
            found[organisation_id][workshop_id] = People(attended, registered)
    return found


def _is_its_own() -> ColumnElement[bool]:
    """Whether the organisation has, or had, this person: a guest's word for where they come from fulfils nothing."""
    same = (Affiliation.person_id == Registration.person_id, Affiliation.organisation_id == Registration.organisation_id)
    return exists().where(*same, Affiliation.confirmed_at.is_not(None))


def _chance(workshop: Workshop, people: People) -> Chance:
    return Chance(
        key=workshop.id,
        ends_at=workshop.ends_at or workshop.created_at,
        attended=people.attended,
        registered=people.registered,
        takes_place=workshop.state == "published",
        has_seats=workshop.seats_left > 0,
        closes_at=workshop.closes_at or workshop.starts_at,
    )


def _over_at(rule: CommitmentRule) -> datetime:
    return datetime.combine(rule.ends_on + timedelta(days=1), time(), UTC)


def coordinators(organisation_ids: Sequence[int], on: date) -> dict[int, Affiliation]:
    """The main contact of each organisation."""
    rows = db.session.scalars(_affiliated(organisation_ids, counting(on)).where(Affiliation.role == "coordinator"))
    found: dict[int, Affiliation] = {}
    for row in rows:
        found.setdefault(row.organisation_id, row)
    return found


def delegation(organisation_id: int, on: date, *, asking: int) -> tuple[list[Affiliation], list[Affiliation]]:
    """The people of one organisation, the coordinators first, then by name; and who asks to belong to it, at most so many, the
    oldest first: one statement."""
    first = first_asking(asking, Affiliation.organisation_id == organisation_id)
    rows = db.session.scalars(_affiliated([organisation_id], or_(counting(on), Affiliation.id.in_(first))))
    mine: list[Affiliation] = []
    asked: list[Affiliation] = []
    for row in rows:
        (mine if row.confirmed_at else asked).append(row)
    return sorted(mine, key=lambda row: (row.role != "coordinator", sort_key(row.person.name))), asked


def _affiliated(organisation_ids: Sequence[int], which: ColumnElement[bool]) -> Select[Affiliation]:
    return (
        select(Affiliation)
        .where(Affiliation.organisation_id.in_(organisation_ids), which)
        .options(joinedload(Affiliation.person))
        .order_by(Affiliation.starts_on, Affiliation.id)
    )


def partnerships(network_id: int | None = None) -> Sequence[Partnership]:
    """All partnerships with both organisations, those under way first."""
    wanted = select(Partnership).options(*_both())
    if network_id is not None:
        wanted = wanted.where(Partnership.network_id == network_id)
    return db.session.scalars(wanted.order_by(Partnership.phase == "ended", Partnership.starts_on.desc(), Partnership.id)).unique().all()


def partnerships_of(organisation_id: int) -> Sequence[Partnership]:
    """An organisation's partnerships, on either side."""
    wanted = select(Partnership).where(or_(Partnership.left_id == organisation_id, Partnership.right_id == organisation_id))
    return db.session.scalars(wanted.options(*_both()).order_by(Partnership.starts_on.desc())).unique().all()


def _both() -> tuple[ORMOption, ...]:
    """Both organisations with their names, in the same statement."""
    return tuple(joinedload(side).joinedload(Organisation.names) for side in (Partnership.left, Partnership.right))


@dataclass(frozen=True)
class Life:
    """What an organisation has done, as rows."""

    memberships: Sequence[NetworkMember]
    workshops: Sequence[Workshop]
    partnerships: Sequence[Partnership]


def line_of(organisation_id: int) -> Life:
    """The networks an organisation belongs to, what it hosted or attended, and its partnerships."""
    there = (
        select(Registration.workshop_id)
        .where(Registration.id.in_(attended_registrations()))
        .where(Registration.organisation_id == organisation_id, Registration.state == "confirmed", _is_its_own())
    )
    wanted = (
        select(Workshop)
        .where(Workshop.state == "published", or_(Workshop.organisation_id == organisation_id, Workshop.id.in_(there)))
        .options(joinedload(Workshop.days), selectinload(Workshop.texts))
        .order_by(Workshop.starts_at)
    )
    return Life(memberships(organisation_id), db.session.scalars(wanted).unique().all(), partnerships_of(organisation_id))


def workshops_by_country(network_id: int) -> dict[str, int]:
    """How many workshops each country has held or will hold; cancelled ones do not count."""
    wanted = (
        select(Workshop.country, func.count())
        .where(Workshop.network_id == network_id, Workshop.state == "published", Workshop.format != "online")
        .group_by(Workshop.country)
    )
    return {country: number for country, number in db.session.execute(wanted) if country}
