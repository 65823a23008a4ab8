"""Reads of partnerships and of an organisation's line of time, for public pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.attendance.queries import attended_registrations
from app.database import db
from app.membership.interest import queries as interests
from app.membership.interest.models import Interest
from app.membership.models import Partnership
from app.membership.queries import is_its_own
from app.organisations.models import Network, NetworkMember, Organisation
from app.organisations.queries import memberships
from app.registrations.models import Registration
from app.workshops.models import Workshop


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
    """Both organisations and the network with their names, in the same statement."""
    sides = tuple(joinedload(side).joinedload(Organisation.names) for side in (Partnership.left, Partnership.right))
    return (*sides, joinedload(Partnership.network).joinedload(Network.names))


@dataclass(frozen=True)
class Life:
    """What an organisation has done, as rows."""

    memberships: Sequence[NetworkMember]
    workshops: Sequence[Workshop]
    partnerships: Sequence[Partnership]
    interests: Sequence[Interest] = ()  # for its own people and the staff
    seats: Mapping[int, int] = field(default_factory=dict)  # … too: how many of its people have one, by coming workshop


def line_of(organisation_id: int, now: datetime, *, insider: bool = False) -> Life:
    """The networks an organisation belongs to, what it hosted or attended, its partnerships, and for an `insider` how it came to the
    network and where its delegations have seats."""
    theirs = (Registration.organisation_id == organisation_id, Registration.state == "confirmed", is_its_own())
    there = select(Registration.workshop_id).where(Registration.id.in_(attended_registrations()), *theirs)
    ahead = (Registration.workshop_id == Workshop.id, Workshop.ends_at > now)
    seats: ColumnElement[int] = select(func.count()).where(*theirs, *ahead).correlate(Workshop).scalar_subquery() if insider else literal(0)
    wanted = (
        select(Workshop, seats)
        .where(Workshop.state == "published", or_(Workshop.organisation_id == organisation_id, Workshop.id.in_(there), seats > 0))
        .options(joinedload(Workshop.days), selectinload(Workshop.texts))
        .order_by(Workshop.starts_at)
    )
    rows = db.session.execute(wanted).unique().all()
    came = interests.of_organisation(organisation_id) if insider else ()
    taken = {workshop.id: number for workshop, number in rows if number}
    return Life(memberships(organisation_id), [row[0] for row in rows], partnerships_of(organisation_id), came, taken)


def workshops_by_country(network_ids: Collection[int]) -> dict[str, int]:
    """How many workshops of these networks each country has held or will hold; cancelled ones do not count."""
    wanted = (
        select(Workshop.country, func.count())
        .where(Workshop.network_id.in_(network_ids), Workshop.state == "published", Workshop.format != "online")
        .group_by(Workshop.country)
    )
    return {country: number for country, number in db.session.execute(wanted) if country}
