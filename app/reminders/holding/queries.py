"""Reads of held seats that are about to lapse, and of who can still name people for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.database import db
from app.organisations.models import Organisation
from app.outbox.models import MessageItem
from app.workshops.models import SeatHold, Workshop


@dataclass(frozen=True)
class Untold:
    """A coordinator who has not been reminded of a hold. `zone` is that of the own clock."""

    hold_id: int
    person_id: int
    zone: str
    key: str


def key_of(hold_id: int, until: date, person_id: int) -> str:
    """What such a reminder is written under, once ever: another last day is another reminder."""
    return f"hold_reminder:{hold_id}:{until.isoformat()}:{person_id}"


def untold(now: datetime, by: datetime) -> list[Untold]:
    """Coordinators of organisations that have unused seats at a public workshop until `by`, and have had no mail about it."""
    wanted = select(SeatHold.lapses_at, SeatHold.id, SeatHold.until, Person.id, Person.zone)
    wanted = wanted.join(Workshop, Workshop.id == SeatHold.workshop_id).where(Workshop.state == "published", Workshop.starts_at > now)
    wanted = wanted.join(Affiliation, Affiliation.organisation_id == SeatHold.organisation_id).join(
        Person, Person.id == Affiliation.person_id
    )
    wanted = wanted.where(SeatHold.unused > 0, SeatHold.lapses_at > now, SeatHold.lapses_at <= by)
    wanted = wanted.where(Affiliation.role == "coordinator", counting(now.date()), Person.disabled_at.is_(None))
    rows = db.session.execute(wanted.order_by(SeatHold.lapses_at, SeatHold.id, Person.id).distinct()).all()
    found = [Untold(hold_id, person_id, zone, key_of(hold_id, until, person_id)) for _at, hold_id, until, person_id, zone in rows]
    there = _told([one.key for one in found])
    return [one for one in found if one.key not in there]


def _told(keys: Sequence[str]) -> frozenset[str]:
    return frozenset(db.session.scalars(select(MessageItem.dedupe).where(MessageItem.dedupe.in_(keys)))) if keys else frozenset()


def find(hold_id: int) -> tuple[SeatHold, Workshop] | None:
    """A hold and its workshop, read anew, with what a mail says of them."""
    names = joinedload(SeatHold.organisation).selectinload(Organisation.names)
    texts = selectinload(Workshop.texts), selectinload(Workshop.days)
    wanted = select(SeatHold, Workshop).join(Workshop, Workshop.id == SeatHold.workshop_id).options(names, *texts)
    row = db.session.execute(wanted.where(SeatHold.id == hold_id).execution_options(populate_existing=True)).one_or_none()
    return (row[0], row[1]) if row else None
