"""Reads of needs, opened in memory, and of what was agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.database import db
from app.needs.models import Consent, Need
from app.needs.rules import KINDS, Said, Whose
from app.needs.sealing import unseal
from app.workshops.models import Workshop


@dataclass(frozen=True)
class Opened:
    """One need in clear. It lives as long as the page that shows it is made."""

    registration_id: int
    person_id: int
    kind: str
    said: Said | None  # None: sealed with another key


def of_workshop(workshop_id: int) -> list[Opened]:
    """What everybody needs who has registered for a workshop."""
    wanted = select(Need).where(Need.workshop_id == workshop_id).order_by(Need.registration_id, Need.id)
    return [Opened(row.registration_id, row.person_id, row.kind, unseal(row.sealed)) for row in db.session.scalars(wanted)]


def of_person(whose: Whose) -> dict[str, Said]:
    """What one person needs at one workshop, by kind."""
    opened = {row.kind: unseal(row.sealed) for row in rows(whose)}
    return {kind: said for kind in KINDS if (said := opened.get(kind)) is not None}


def rows(whose: Whose) -> Sequence[Need]:
    """The same, sealed."""
    mine = select(Need).where(Need.registration_id == whose.registration_id, Need.person_id == whose.person_id)
    return db.session.scalars(mine).all()


def kinds(whose: Whose) -> list[str]:
    """What somebody has said something about; not what."""
    mine = select(Need.kind).where(Need.registration_id == whose.registration_id, Need.person_id == whose.person_id)
    found = set(db.session.scalars(mine))
    return [kind for kind in KINDS if kind in found]


def consents(whose: Whose) -> Sequence[Consent]:
    """What somebody has agreed to about one workshop, the newest first."""
    mine = select(Consent).where(Consent.registration_id == whose.registration_id, Consent.person_id == whose.person_id)
    return db.session.scalars(mine.order_by(Consent.agreed_at.desc(), Consent.id.desc())).all()


@dataclass(frozen=True)
class Ended:
    """A registration with needs whose workshop is over, and for how long the person lets them be kept."""

    registration_id: int
    workshop_id: int
    ends_at: datetime
    agreed: int | None


def ended(now: datetime) -> list[Ended]:
    """All of them, also where the workshop was cancelled, or postponed and never held: the last end that was known counts."""
    wanted = select(Need.registration_id, Need.workshop_id, Workshop.ends_at, Consent.days).distinct()
    wanted = wanted.join(Workshop, Workshop.id == Need.workshop_id)
    wanted = wanted.outerjoin(Consent, (Consent.registration_id == Need.registration_id) & Consent.ended_at.is_(None))
    found = db.session.execute(wanted.where(Workshop.ends_at < now).order_by(Need.registration_id))
    return [Ended(number, workshop_id, ends_at, days) for number, workshop_id, ends_at, days in found if ends_at is not None]
