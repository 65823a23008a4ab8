"""Whether somebody who thinks of one workshop has a seat in another at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.database import db
from app.registrations.models import Registration
from app.workshops.models import Workshop

AROUND = timedelta(days=2)  # in which the same day may begin and end, on the clocks of two places


def elsewhere(person_id: int, workshop: Workshop) -> Sequence[Workshop]:
    """The other workshops that stand, in which the person has a seat and which nobody can attend besides this one, the first first."""
    if workshop.starts_at is None or workshop.ends_at is None:
        return []
    near = Workshop.starts_at < workshop.ends_at + AROUND, Workshop.ends_at > workshop.starts_at - AROUND, Workshop.id != workshop.id
    wanted = select(Workshop).join(Registration, Registration.workshop_id == Workshop.id).where(*near, Workshop.state == "published")
    wanted = wanted.where(Registration.person_id == person_id, Registration.state == "confirmed").order_by(Workshop.starts_at, Workshop.id)
    found = db.session.scalars(wanted.options(joinedload(Workshop.texts), joinedload(Workshop.days))).unique()  # a few rows, in one trip
    return [other for other in found if overlap(workshop, other)]


def overlap(one: Workshop, other: Workshop) -> bool:
    """Whether they have a day in common, each on its own clock: nobody travels between them in an hour. Two that are online only
    do if they have a moment in common."""
    if one.format == other.format == "online":
        return any(mine.starts_at < theirs.ends_at and theirs.starts_at < mine.ends_at for mine in one.days for theirs in other.days)
    return bool({day.on for day in one.days} & {day.on for day in other.days})
