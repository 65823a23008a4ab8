"""Reads for the report: who attended which workshop of a network, from where, as what, how long. Four statements, however many."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.accounts.models import Person
from app.attendance.models import Attendance
from app.attendance.queries import attended_registrations
from app.attendance.rules import MIDDAY
from app.database import db
from app.delegations.mix.rules import gender_of
from app.organisations.models import Organisation
from app.registrations.models import Registration
from app.reports.rules import Took
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.rules import region

HELD = ("published", "cancelled")  # whoever was there was there, whatever it was called afterwards


@dataclass(frozen=True)
class Facts:
    """All that a report is made of."""

    took: list[Took]
    workshops: dict[int, Workshop]
    organisations: dict[int, Organisation]


def facts(network_id: int, now: datetime, year: int | None = None) -> Facts:
    """What has been held so far, or in one year on the workshops' own walls."""
    wanted = select(Workshop).options(selectinload(Workshop.texts), selectinload(Workshop.days))
    wanted = wanted.where(Workshop.network_id == network_id, Workshop.state.in_(HELD), Workshop.ends_at <= now)
    wanted = wanted.order_by(Workshop.starts_at, Workshop.id)
    held = {one.id: one for one in db.session.scalars(wanted) if one.days and year in {None, one.days[0].on.year}}
    there = attended_registrations(list(held)).subquery()
    minutes = _minutes(list(held))
    rows = (
        select(
            Registration.id, Registration.person_id, Registration.workshop_id, Registration.organisation_id,
            Registration.comes_as, Person.kind, Person.gender,
        )
        .join(there, there.c.registration_id == Registration.id)
        .join(Registration.person)
        .where(Registration.state == "confirmed")
        .order_by(Registration.id)
    )  # fmt: skip
    homes = {one.id: one for one in db.session.scalars(select(Organisation))}
    took = [
        Took(
            person=row.person_id,
            workshop=row.workshop_id,
            year=held[row.workshop_id].days[0].on.year,
            organisation=row.organisation_id or 0,
            country=homes[row.organisation_id].country if row.organisation_id else "",
            region=region(held[row.workshop_id].country, held[row.workshop_id].format),
            role=row.comes_as or row.kind or "",
            gender=gender_of(row.gender),
            minutes=minutes[row.id],
        )
        for row in db.session.execute(rows)
    ]
    return Facts(took, held, homes)


def _minutes(workshop_ids: list[int]) -> dict[int, int]:
    """For each registration how long its half-days are together."""
    columns = (Attendance.registration_id, Attendance.half, WorkshopDay.starts, WorkshopDay.ends)
    wanted = select(*columns).join(WorkshopDay, WorkshopDay.id == Attendance.day_id).where(WorkshopDay.workshop_id.in_(workshop_ids))
    found: dict[int, int] = defaultdict(int)
    for registration_id, half, starts, ends in db.session.execute(wanted):
        first, last = (starts, min(ends, MIDDAY)) if half == "morning" else (max(starts, MIDDAY), ends)
        found[registration_id] += max(0, _minute(last) - _minute(first))
    return found


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def years(network_id: int, today: date) -> list[int]:
    """The years in which something of the network was held."""
    wanted = select(WorkshopDay.on).join(Workshop, Workshop.id == WorkshopDay.workshop_id)
    wanted = wanted.where(Workshop.network_id == network_id, Workshop.state == "published", WorkshopDay.on <= today).distinct()
    return sorted({on.year for on in db.session.scalars(wanted)}, reverse=True)
