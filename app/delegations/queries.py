"""Reads for the pages of a delegation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, or_, select
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

MOST_COMING = 5  # on My page


def get(workshop_id: int, person_id: int, now: datetime) -> tuple[Workshop, Organisation]:
    """A public workshop, and the organisation for which this coordinator may send people there. Raises Missing."""
    workshop = workshops.get(workshop_id)
    if workshop.state != "draft":
        for organisation in coordinated(person_id, now.date()):
            if may_come(workshop, organisation.id, now):
                return workshop, organisation
    raise Missing


def coordinated(person_id: int, on: date) -> Sequence[Organisation]:
    """The organisations that somebody coordinates on a day, the one that was joined first first."""
    wanted = select(Organisation).join(Affiliation, Affiliation.organisation_id == Organisation.id)
    mine = wanted.where(Affiliation.person_id == person_id, Affiliation.role == "coordinator", counting(on))
    return db.session.scalars(mine.order_by(Affiliation.starts_on, Affiliation.id)).all()


def coming(organisation_id: int, now: datetime) -> list[tuple[Workshop, SeatHold | None]]:
    """The next workshops to which an organisation may send people, with the seats that are held for it there."""
    mine = NetworkMember.organisation_id == organisation_id
    member = select(NetworkMember.id).where(NetworkMember.network_id == Workshop.network_id, mine)
    member = member.where(NetworkMember.joined_on <= now.date(), or_(NetworkMember.left_on.is_(None), NetworkMember.left_on >= now.date()))
    invited = select(WorkshopInvitee.workshop_id).where(WorkshopInvitee.workshop_id == Workshop.id)
    invited = invited.where(WorkshopInvitee.organisation_id == organisation_id)
    may = or_(
        Workshop.access == "open", (Workshop.access == "network") & member.exists(), (Workshop.access == "invited") & invited.exists()
    )
    held = and_(SeatHold.workshop_id == Workshop.id, SeatHold.organisation_id == organisation_id, SeatHold.lapses_at > now)
    wanted = select(Workshop, SeatHold).outerjoin(SeatHold, held).options(selectinload(Workshop.texts), joinedload(Workshop.days))
    wanted = wanted.where(Workshop.state == "published", Workshop.starts_at > now, may).order_by(Workshop.starts_at, Workshop.id)
    return [(workshop, hold) for workshop, hold in db.session.execute(wanted.limit(MOST_COMING)).unique()]


def people(organisation_id: int, on: date) -> list[Person]:
    """Who belongs to an organisation and can be named, by name in the order of the language in force."""
    wanted = select(Person).join(Person.affiliations).where(Affiliation.organisation_id == organisation_id, counting(on))
    rows = db.session.scalars(wanted.where(Person.disabled_at.is_(None)).distinct()).all()
    return sorted(rows, key=lambda row: sort_key(row.name))


def named(workshop_id: int, organisation_id: int) -> list[Registration]:
    """Who comes to a workshop for an organisation, waits or has asked, by name."""
    wanted = registrations.named().where(Registration.workshop_id == workshop_id, Registration.organisation_id == organisation_id)
    rows = db.session.scalars(wanted.where(Registration.state.in_(ACTIVE))).all()
    return sorted(rows, key=lambda row: sort_key(row.person.name))


def get_named(workshop_id: int, organisation_id: int, registration_id: int) -> Registration:
    """One of them. Raises Missing for another organisation's or another workshop's."""
    found = registrations.get(registration_id)
    if (found.workshop_id, found.organisation_id) != (workshop_id, organisation_id):
        raise Missing
    return found


def hold(workshop_id: int, organisation_id: int, now: datetime) -> SeatHold | None:
    """The seats that are held for an organisation, used or not."""
    wanted = select(SeatHold).options(joinedload(SeatHold.organisation)).where(SeatHold.workshop_id == workshop_id)
    return db.session.scalars(wanted.where(SeatHold.organisation_id == organisation_id, SeatHold.lapses_at > now)).one_or_none()
