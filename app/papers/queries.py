"""Reads of certificates: by code for everybody, by registration for its person, by workshop for staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.attendance.queries import Summary, summary
from app.crypto import hash_token
from app.database import db
from app.organisations.models import Organisation
from app.papers.models import Certificate, PaperRun
from app.papers.rules import code_in
from app.registrations.models import Registration
from app.workshops.models import Workshop


def find_by_code(typed: str) -> Certificate | None:
    """The certificate of a code, however it is written; a withdrawn one too."""
    code = code_in(typed)
    if not code:
        return None
    about = joinedload(Certificate.registration).joinedload(Registration.workshop)
    wanted = select(Certificate).options(about.selectinload(Workshop.texts), about.selectinload(Workshop.days))
    wanted = wanted.join(Certificate.registration).join(Registration.workshop).where(Workshop.state != "draft")
    return db.session.scalars(wanted.where(Certificate.code_hash == hash_token(code))).one_or_none()


def find_of(registration_id: int) -> Certificate | None:
    """The certificate of a registration; a withdrawn one too."""
    return db.session.scalars(select(Certificate).where(Certificate.registration_id == registration_id)).one_or_none()


def certified(registration_ids: Iterable[int]) -> frozenset[int]:
    """Those of these registrations that have a certificate in force."""
    wanted = select(Certificate.registration_id).where(
        Certificate.registration_id.in_(list(registration_ids)), Certificate.revoked_at.is_(None)
    )
    return frozenset(db.session.scalars(wanted))


def of_workshop(workshop_id: int) -> Sequence[Certificate]:
    """All of a workshop, in the order in which they were issued, with what they say."""
    who = joinedload(Certificate.registration)
    whose = who.joinedload(Registration.organisation).selectinload(Organisation.names)
    wanted = select(Certificate).options(who.joinedload(Registration.person), whose).join(Certificate.registration)
    return db.session.scalars(wanted.where(Registration.workshop_id == workshop_id).order_by(Certificate.id)).all()


def newest_run(workshop_id: int) -> PaperRun | None:
    """The run under way, or the last one."""
    wanted = select(PaperRun).where(PaperRun.workshop_id == workshop_id).order_by(PaperRun.id.desc()).limit(1)
    return db.session.scalars(wanted).one_or_none()


def open_runs(now: datetime) -> Sequence[int]:
    """The runs under way, the oldest first, but for those that rest after an error."""
    wanted = select(PaperRun.id).where(PaperRun.finished_at.is_(None), or_(PaperRun.next_at.is_(None), PaperRun.next_at <= now))
    return db.session.scalars(wanted.order_by(PaperRun.id)).all()


@dataclass(frozen=True)
class Standing:
    """How a workshop's certificates stand to its attendance."""

    attended: int
    wanted: list[Summary]  # who has attended, and has no certificate, or one of other hours
    unearned: list[Certificate]  # in force, though attendance that was taken back is too little now


def standing(workshop_id: int, now: datetime) -> Standing:
    """Who is to have a certificate and has it not yet, and the other way round."""
    sums = {one.registration_id: one for one in summary(workshop_id, now) if one.attended and one.minutes > 0}
    rows = db.session.execute(_there(workshop_id)).all()
    there = {number: row for number, row, _closed in rows if row is not None}
    shut = {number for number, _row, closed in rows if closed is not None}  # nothing is issued to them, and nobody writes to them
    wanted = [one for number, one in sums.items() if number not in shut and (number not in there or _differs(there[number], one))]
    unearned = [row for number, row in there.items() if row.revoked_at is None and number not in sums]
    return Standing(len(sums), wanted, unearned)


def _there(workshop_id: int) -> Select[int, Certificate, datetime | None]:
    """(registration, its certificate, when the account was closed) where there is one or the other: one statement."""
    wanted = select(Registration.id, Certificate, Person.disabled_at).join(Registration.person)
    wanted = wanted.outerjoin(Certificate, Certificate.registration_id == Registration.id)
    either = or_(Certificate.id.is_not(None), Person.disabled_at.is_not(None))
    return wanted.where(Registration.workshop_id == workshop_id, either)


def _differs(certificate: Certificate, found: Summary) -> bool:
    return certificate.revoked_at is None and certificate.minutes != found.minutes
