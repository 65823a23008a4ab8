"""Reads for the pages of a delegation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.database import db
from app.delegations.service import may_come
from app.errors import Missing
from app.languages import sort_key
from app.organisations.models import NetworkMember, Organisation
from app.registrations import queries as registrations
from app.registrations.models import ACTIVE, Registration
from app.workshops import queries as workshops
from app.workshops.models import SeatHold, Workshop, WorkshopInvitee

MOST_COMING = 60  # on one page


@dataclass(frozen=True)
class Sent:
    """A workshop, the organisation for which a coordinator sends people there, and all for which that coordinator could."""

    workshop: Workshop
    organisation: Organisation
    choices: Sequence[Organisation]


@dataclass(frozen=True)
class Coming:
    """A workshop to which an organisation may send people, the seats that are held for it, and how many it has named."""

    workshop: Workshop
    organisation: Organisation
    hold: SeatHold | None
    named: int


def get(workshop_id: int, person_id: int, now: datetime, organisation_id: int | None = None) -> Sent:
    """A public workshop as a coordinator sees it, for that organisation, else for the first that may come. Raises Missing."""
    workshop = workshops.get(workshop_id)
    mine = coordinated(person_id, now.date()) if workshop.state != "draft" else []
    choices = [one for one in mine if may_come(workshop, one.id, now)]
    for organisation in choices:
        if organisation_id in {None, organisation.id}:
            return Sent(workshop, organisation, choices)
    raise Missing


def coordinated(person_id: int, on: date) -> Sequence[Organisation]:
    """The organisations that somebody coordinates on a day, the one that was joined first first, with their names."""
    wanted = select(Organisation).join(Affiliation, Affiliation.organisation_id == Organisation.id)
    mine = wanted.where(Affiliation.person_id == person_id, Affiliation.role == "coordinator", counting(on))
    mine = mine.options(joinedload(Organisation.names)).order_by(Affiliation.starts_on, Affiliation.id)
    return db.session.scalars(mine).unique().all()


def coming(person_id: int, now: datetime) -> list[Coming]:
    """The next workshops to which the organisations that somebody coordinates may send people, in the order of time; once registration
    is closed only where they have named somebody, who can still be replaced."""
    held = and_(SeatHold.workshop_id == Workshop.id, SeatHold.organisation_id == Organisation.id, SeatHold.lapses_at > now)
    active = (Registration.workshop_id == Workshop.id, Registration.organisation_id == Organisation.id, Registration.state.in_(ACTIVE))
    number = select(func.count()).select_from(Registration).where(*active).correlate(Workshop, Organisation).scalar_subquery()
    wanted = select(Workshop, Organisation, SeatHold, number).select_from(Workshop).join(Organisation, _sends(person_id, now))
    wanted = wanted.outerjoin(SeatHold, held)
    wanted = wanted.options(selectinload(Workshop.texts), selectinload(Workshop.days), selectinload(Organisation.names))
    open_ones = or_(Workshop.closes_at.is_(None), Workshop.closes_at > now, number > 0)
    wanted = wanted.where(Workshop.starts_at > now, open_ones).order_by(Workshop.starts_at, Workshop.id, Organisation.id).limit(MOST_COMING)
    return [Coming(*row) for row in db.session.execute(wanted)]


def sends_to(workshop_id: int, person_id: int, now: datetime) -> bool:
    """Whether somebody coordinates an organisation that may send people to a public workshop."""
    wanted = select(Organisation.id).select_from(Organisation).join(Workshop, _sends(person_id, now)).where(Workshop.id == workshop_id)
    return db.session.scalar(wanted.limit(1)) is not None


def _sends(person_id: int, now: datetime) -> ColumnElement[bool]:
    """The organisations that somebody coordinates beside the public workshops that are for them."""
    leads = select(Affiliation.organisation_id).where(Affiliation.person_id == person_id, Affiliation.role == "coordinator")
    member = select(NetworkMember.id).where(NetworkMember.network_id == Workshop.network_id)
    member = member.where(NetworkMember.organisation_id == Organisation.id, NetworkMember.joined_on <= now.date())
    member = member.where(or_(NetworkMember.left_on.is_(None), NetworkMember.left_on >= now.date()))
    invited = select(WorkshopInvitee.workshop_id).where(WorkshopInvitee.workshop_id == Workshop.id)
    invited = invited.where(WorkshopInvitee.organisation_id == Organisation.id)
    inside = and_(Workshop.access == "network", member.correlate(Workshop, Organisation).exists())
    asked = and_(Workshop.access == "invited", invited.correlate(Workshop, Organisation).exists())
    mine = Organisation.id.in_(leads.where(counting(now.date())))
    return and_(mine, Workshop.state == "published", or_(Workshop.access == "open", inside, asked))


def people(organisation_id: int, on: date) -> list[Person]:
    """Who belongs to an organisation and can be named, by name in the order of the language in force."""
    wanted = select(Person).join(Person.affiliations).where(Affiliation.organisation_id == organisation_id, counting(on))
    rows = db.session.scalars(wanted.where(Person.disabled_at.is_(None)).distinct()).all()
    return sorted(rows, key=lambda row: sort_key(row.name))


def named(workshop_id: int, organisation_id: int) -> list[Registration]:
    """Who comes to a workshop for an organisation, waits or has asked, by name."""
    wanted = select(Registration).options(joinedload(Registration.person)).where(Registration.workshop_id == workshop_id)
    wanted = wanted.where(Registration.organisation_id == organisation_id)
    rows = db.session.scalars(wanted.where(Registration.state.in_(ACTIVE))).all()
    return sorted(rows, key=lambda row: sort_key(row.person.name))


def get_named(workshop_id: int, registration_id: int) -> Registration:
    """Somebody who comes to a workshop for an organisation. Raises Missing, also for another workshop's."""
    found = registrations.get(registration_id)
    if found.workshop_id != workshop_id or found.organisation_id is None:
        raise Missing
    return found


def hold(workshop_id: int, organisation_id: int, now: datetime) -> SeatHold | None:
    """The seats that are held for an organisation, used or not."""
    wanted = select(SeatHold).options(joinedload(SeatHold.organisation)).where(SeatHold.workshop_id == workshop_id)
    return db.session.scalars(wanted.where(SeatHold.organisation_id == organisation_id, SeatHold.lapses_at > now)).one_or_none()
