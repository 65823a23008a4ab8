"""Organisations come to be, and networks take them in; each within the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.audit.service import Actor, record
from app.database import db
from app.errors import Refused
from app.languages import gettext as _
from app.organisations.models import Network, NetworkMember, Organisation, OrganisationName
from app.organisations.queries import belongs_or_will
from app.rows import free_slug


@dataclass(frozen=True)
class Values:
    """All that is said of an organisation: `names` by language, where it lies in degrees, its zone by its tz database name."""

    kind: str
    country: str
    place: str
    latitude: float
    longitude: float
    zone: str
    names: Mapping[str, str]


def found(values: Values, *, by: Actor, now: datetime) -> Organisation:
    """A new organisation, with an address of its own. Raises Refused if another one gets that address in this very moment."""
    row = Organisation(slug=free_slug(Organisation.slug, values.names.get("en") or values.place, otherwise="organisation"), names={})
    write(row, values)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Refused(_("Somebody else has just added an organisation of this name. Look whether the list has it now.")) from error
    record("organisation.founded", f"organisation:{row.id}", by=by, now=now, name=row.name)
    return row


def write(row: Organisation, values: Values) -> None:
    """The facts and the names of one."""
    row.kind, row.country, row.place, row.zone = values.kind, values.country, values.place, values.zone
    row.latitude, row.longitude = values.latitude, values.longitude
    for lang, name in values.names.items():
        if lang in row.names:
            row.names[lang].name = name
        else:
            row.names[lang] = OrganisationName(lang=lang, name=name)


def admit(network: Network, organisation: Organisation, on: date, *, by: Actor, now: datetime) -> bool:
    """Makes it a member of the network from this day; false if it is one then, or from a later day: nobody is a member twice over."""
    same = NetworkMember.network_id == network.id, NetworkMember.organisation_id == organisation.id
    if db.session.scalars(select(NetworkMember.id).where(*same, belongs_or_will(on)).limit(1)).first() is not None:
        return False
    db.session.add(NetworkMember(network=network, organisation=organisation, joined_on=on))
    db.session.flush()
    record("network.member_joined", f"network:{network.id}", by=by, now=now, name=organisation.name, on=on.isoformat())
    return True
