"""Whose a secret address is, and what a personal calendar shows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.crypto import hash_token
from app.database import db, quick
from app.feeds.models import FeedToken
from app.registrations.models import Registration
from app.workshops.models import Workshop


def token_owner(token: str) -> tuple[int, int, str] | None:
    """(token's id, person's id, language) of a live address; no session."""
    wanted = select(FeedToken.id, FeedToken.person_id, FeedToken.lang).join(FeedToken.person).where(Person.disabled_at.is_(None))
    rows = quick(wanted.where(FeedToken.token_hash == hash_token(token), FeedToken.revoked_at.is_(None)))
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def own(person_id: int) -> Sequence[Registration]:
    """What a personal calendar shows: a seat, the offer of one, or a place in the line."""
    wanted = (
        select(Registration)
        .join(Registration.workshop)
        .where(
            Registration.person_id == person_id, Registration.state.in_(("confirmed", "offered", "waitlisted")), Workshop.state != "draft"
        )
        .options(
            joinedload(Registration.workshop).options(
                selectinload(Workshop.texts), selectinload(Workshop.days), joinedload(Workshop.network)
            )
        )
        .order_by(Workshop.starts_at, Workshop.id)
    )
    return db.session.scalars(wanted).all()


def tokens(person_id: int) -> Sequence[FeedToken]:
    """Somebody's live addresses, newest first."""
    wanted = select(FeedToken).where(FeedToken.person_id == person_id, FeedToken.revoked_at.is_(None))
    return db.session.scalars(wanted.order_by(FeedToken.created_at.desc())).all()
