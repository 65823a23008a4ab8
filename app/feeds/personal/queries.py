"""Whose a secret address is, and what a personal calendar shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.audit.service import SCHEDULER
from app.crypto import hash_token
from app.database import db, quick
from app.errors import Missing
from app.feeds.leaving import GIVEN_UP, letters_are_open
from app.feeds.models import CalendarHorizon, FeedToken
from app.feeds.queries import not_left_behind
from app.questions.queries import unanswered
from app.registrations import travelling
from app.registrations.models import Registration
from app.registrations.queries import AHEAD
from app.workshops.models import Workshop
from app.workshops.queries import programme


class Owner(NamedTuple):
    """A live address: its number, whose it is, and what it shows."""

    token_id: int
    person_id: int
    lang: str
    level: str
    deadlines: bool


def token_owner(token: str) -> Owner | None:
    """Whose address this is, if it is a live one; no session."""
    wanted = select(FeedToken.id, FeedToken.person_id, FeedToken.lang, FeedToken.level, FeedToken.deadlines).join(FeedToken.person)
    wanted = wanted.where(FeedToken.token_hash == hash_token(token), FeedToken.revoked_at.is_(None), Person.disabled_at.is_(None))
    rows = quick(wanted)
    return Owner(*rows[0]) if rows else None


def own(person_id: int, level: str = "days") -> Sequence[Registration]:
    """What a personal calendar shows: a seat, the offer of one, a place in the line, a request; and for a while what was given up."""
    wanted = (
        select(Registration)
        .join(Registration.workshop)
        .where(Registration.person_id == person_id, or_(Registration.state.in_(AHEAD), _lately_given_up()))
        .where(Workshop.state != "draft", not_left_behind())
        .options(
            joinedload(Registration.workshop).options(
                selectinload(Workshop.texts),
                selectinload(Workshop.days),
                joinedload(Workshop.network),
                *((programme(),) if level == "sessions" else ()),
            )
        )
        .order_by(Workshop.starts_at, Workshop.id)
    )
    return db.session.scalars(wanted).all()


def _lately_given_up() -> ColumnElement[bool]:
    """Since the horizon of those who left. A guest's seat that was never confirmed stood in no calendar."""
    left = select(CalendarHorizon.name).where(CalendarHorizon.name == "left", CalendarHorizon.at >= Registration.cancelled_at)
    recent = ~left.correlate(Registration).exists()
    return Registration.state.in_(GIVEN_UP) & recent & (Registration.cancelled_by != SCHEDULER.code)


def unanswered_by(person_id: int) -> frozenset[int]:
    """Which of somebody's registrations still owe an answer to what the workshop asks."""
    wanted = select(Registration.id).where(Registration.person_id == person_id, Registration.state.in_(AHEAD))
    return frozenset(db.session.scalars(wanted.where(unanswered(Registration.workshop_id, Registration.id))))


def without_letter(person_id: int) -> frozenset[int]:
    """Those of somebody's registrations for which there is still time to ask for a letter for a visa that they may need."""
    return travelling.without_letter(Registration.person_id == person_id, letters_are_open())


def tokens(person_id: int) -> Sequence[FeedToken]:
    """Somebody's live addresses, newest first."""
    wanted = select(FeedToken).where(FeedToken.person_id == person_id, FeedToken.revoked_at.is_(None))
    return db.session.scalars(wanted.order_by(FeedToken.created_at.desc(), FeedToken.id.desc())).all()


def get_token(person_id: int, token_id: int) -> FeedToken:
    """One of somebody's own live addresses. Raises Missing, also for another's."""
    row = db.session.get(FeedToken, token_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        raise Missing
    return row
