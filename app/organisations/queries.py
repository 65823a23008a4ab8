"""Reads of organisations and networks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.database import db
from app.errors import Missing
from app.folding import fold, has
from app.languages import countries_named, sort_key
from app.organisations.models import Network, NetworkMember, Organisation, OrganisationName


def networks() -> Sequence[Network]:
    """All networks with their names, the newest period first."""
    wanted = select(Network).options(joinedload(Network.names)).order_by(Network.ends_on.desc(), Network.id)
    return db.session.scalars(wanted).unique().all()


def get_network(slug: str) -> Network:
    """One network with its names. Raises Missing."""
    return _one(db.session.scalars(select(Network).where(Network.slug == slug)).one_or_none())


def in_force(on: date) -> list[Network]:
    """The networks whose period holds the day, those that began first in front; if there is none, the newest alone."""
    return _in_force(networks(), on)


def _in_force(rows: Sequence[Network], on: date) -> list[Network]:
    running = [row for row in rows if row.starts_on <= on <= row.ends_on]
    return sorted(running, key=lambda row: (row.starts_on, row.id)) or list(rows[:1])


def find_current(on: date) -> Network | None:
    """The first of them: the pages speak of it where they name none, also when another begins beside it."""
    return next(iter(in_force(on)), None)


def choice(slug: str, on: date) -> tuple[Network | None, Sequence[Network]]:
    """The network that an address asks for, else the first in force; and all that there are, to choose another one.

    Raises Missing for one that there is not.
    """
    rows = networks()
    if slug:
        return _one(next((row for row in rows if row.slug == slug), None)), rows
    return next(iter(_in_force(rows, on)), None), rows


def find_own(organisation_id: int, on: date) -> Network | None:
    """Of the networks in force the first that has ever had this organisation, else the first."""
    rows = in_force(on)
    if len(rows) > 1:
        wanted = select(NetworkMember.network_id).where(NetworkMember.organisation_id == organisation_id)
        mine = set(db.session.scalars(wanted))
        rows.sort(key=lambda row: row.id not in mine)
    return next(iter(rows), None)


def _one(network: Network | None) -> Network:
    if network is None:
        raise Missing
    return network


def get_organisation(slug: str) -> Organisation:
    """One organisation with its names. Raises Missing."""
    wanted = select(Organisation).options(joinedload(Organisation.names)).where(Organisation.slug == slug)
    organisation = db.session.scalars(wanted).unique().one_or_none()
    if organisation is None:
        raise Missing
    return organisation


def members(network: Network, on: date) -> list[Organisation]:
    """Who belongs to a network on a day, by name in the order of the language in force."""
    return members_of([network.id], on)


def members_of(network_ids: Collection[int], on: date) -> list[Organisation]:
    """Who belongs to any of these networks on a day, each once, in the same order."""
    mine = select(NetworkMember.organisation_id).where(NetworkMember.network_id.in_(network_ids), belongs(on))
    rows = db.session.scalars(select(Organisation).where(Organisation.id.in_(mine)).options(joinedload(Organisation.names))).unique()
    return sorted(rows, key=lambda row: sort_key(row.name))


def memberships(organisation_id: int) -> Sequence[NetworkMember]:
    """An organisation's networks, with their names, the newest first."""
    wanted = select(NetworkMember).where(NetworkMember.organisation_id == organisation_id)
    wanted = wanted.options(joinedload(NetworkMember.network).joinedload(Network.names)).order_by(NetworkMember.joined_on.desc())
    return db.session.scalars(wanted).unique().all()


def belongs_or_will(on: date) -> ColumnElement[bool]:
    """That a membership holds on a day or on a later one."""
    return or_(NetworkMember.left_on.is_(None), NetworkMember.left_on >= on)


def belongs(on: date) -> ColumnElement[bool]:
    """That a membership holds on a day."""
    return (NetworkMember.joined_on <= on) & belongs_or_will(on)


def named(word: str) -> Select[int]:
    """The numbers of the organisations that are called so in any language; the word is folded."""
    return select(OrganisationName.organisation_id).where(has(OrganisationName.folded, word))


def matching(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """That each folded word stands in a name, in any language, in the place or in the country's name."""
    return [
        or_(Organisation.id.in_(named(word)), has(Organisation.folded, word), Organisation.country.in_(countries_named(word)))
        for word in words
    ]


def found(words: Sequence[str], *, on: date | None = None, limit: int, offset: int = 0) -> Sequence[Organisation]:
    """What a search finds, by place; with a day, only those that a network has had by then."""
    wanted = select(Organisation).where(*matching(words), *_joined(on)).order_by(Organisation.folded, Organisation.id)
    return db.session.scalars(wanted.limit(limit).offset(offset)).all()


def count_found(words: Sequence[str], *, on: date | None = None) -> ScalarSelect[int]:
    """How many that are in all, to be asked together with others."""
    return select(func.count()).select_from(Organisation).where(*matching(words), *_joined(on)).scalar_subquery()


def _joined(on: date | None) -> list[ColumnElement[bool]]:
    return [Organisation.id.in_(select(NetworkMember.organisation_id).where(NetworkMember.joined_on <= on))] if on else []


def choices() -> list[tuple[str, str]]:
    """(id, name) of every organisation in the language in force and in its order, for a select."""
    rows = db.session.scalars(select(Organisation).options(joinedload(Organisation.names))).unique().all()
    return sorted(((str(row.id), row.name) for row in rows), key=lambda pair: sort_key(pair[1]))


def clocks_of_members(network_id: int) -> Select[str, str]:
    """(country, zone) of everybody who has ever belonged to a network, each once, to be asked together with others."""
    wanted = select(Organisation.country, Organisation.zone).join(NetworkMember, NetworkMember.organisation_id == Organisation.id)
    return wanted.where(NetworkMember.network_id == network_id).distinct()


def points() -> dict[tuple[str, str], tuple[float, float]]:
    """{(country, folded town): latitude and longitude} of the towns where organisations are."""
    point = Organisation.latitude, Organisation.longitude
    wanted = select(Organisation.country, Organisation.place, *point).order_by(Organisation.id.desc())
    return {(country, fold(place)): (latitude, longitude) for country, place, latitude, longitude in db.session.execute(wanted)}
