"""Reads of networks: one with all that its pages show, whose membership, how long its workshops take it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.database import db
from app.errors import Missing
from app.languages import LANGUAGES
from app.membership.network.rules import LIMITS, Text, Values
from app.organisations.models import Network, NetworkMember, Organisation
from app.workshops.models import Workshop, WorkshopDay


def get(slug: str) -> Network:
    """One with its texts, calls and documents. Raises Missing."""
    wanted = select(Network).options(joinedload(Network.names), selectinload(Network.calls), selectinload(Network.links))
    found = db.session.scalars(wanted.where(Network.slug == slug)).unique().one_or_none()
    if found is None:
        raise Missing
    return found


def every() -> Sequence[Network]:
    """All of them with their texts and calls, the newest period first."""
    wanted = select(Network).options(joinedload(Network.names), selectinload(Network.calls))
    return db.session.scalars(wanted.order_by(Network.ends_on.desc(), Network.id)).unique().all()


def belonging(network_id: int) -> Sequence[NetworkMember]:
    """Who has ever belonged to it, each time, the newest membership of each first."""
    named = joinedload(NetworkMember.organisation).joinedload(Organisation.names)
    wanted = select(NetworkMember).where(NetworkMember.network_id == network_id).options(named)
    return db.session.scalars(wanted.order_by(NetworkMember.joined_on.desc(), NetworkMember.id.desc())).unique().all()


def values_of(row: Network) -> Values:
    """What is saved, as plain values; a language that nobody has written in is empty."""
    texts = {}
    for lang in LANGUAGES:
        name = row.names.get(lang)
        texts[lang] = Text(**{part: getattr(name, part) for part in LIMITS}) if name else Text()
    return Values(texts, tuple(row.themes), row.starts_on, row.ends_on, row.contact)


def outside(network_id: int, values: Values) -> tuple[Workshop, WorkshopDay, int] | None:
    """The first workshop that would lie outside the period, its first day there, and how many there are; none if all lie inside."""
    wanted = select(WorkshopDay).join(Workshop, Workshop.id == WorkshopDay.workshop_id)
    wanted = wanted.where(Workshop.network_id == network_id, or_(WorkshopDay.on < values.starts_on, WorkshopDay.on > values.ends_on))
    days = db.session.scalars(wanted.order_by(WorkshopDay.on, WorkshopDay.id)).all()
    if not days:
        return None
    return db.session.get_one(Workshop, days[0].workshop_id), days[0], len({day.workshop_id for day in days})
