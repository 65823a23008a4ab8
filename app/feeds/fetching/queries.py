"""Whether the people with a seat have calendars of their own, and when those were last fetched; a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from app.database import db
from app.feeds.models import FeedToken
from app.registrations import queries as registrations
from app.registrations.models import Registration

SEATED = ("confirmed", "offered")


@dataclass(frozen=True)
class Reader:
    """Somebody with a seat: how many calendars, how many of them fetched since, and when the last one was."""

    registration: Registration
    calendars: int
    fetched: int
    last: datetime | None


def readers(workshop_id: int, since: datetime) -> list[Reader]:
    """Everybody with a seat at a workshop, and how many of their calendars have been fetched from `since` on."""
    people = registrations.seated(workshop_id)
    known = _calendars(workshop_id, since)
    return [Reader(one, *known.get(one.person_id, (0, 0, None))) for one in people]


def _calendars(workshop_id: int, since: datetime) -> dict[int, tuple[int, int, datetime | None]]:
    """By person: (live addresses, of those fetched since, the last fetch)."""
    fetched = func.count(case((FeedToken.last_fetched_at >= since, 1)))
    wanted = select(FeedToken.person_id, func.count(), fetched, func.max(FeedToken.last_fetched_at))
    here = select(Registration.person_id).where(Registration.workshop_id == workshop_id, Registration.state.in_(SEATED))
    wanted = wanted.where(FeedToken.revoked_at.is_(None), FeedToken.person_id.in_(here)).group_by(FeedToken.person_id)
    return {person_id: (calendars, seen, last) for person_id, calendars, seen, last in db.session.execute(wanted)}


def behind(found: Sequence[Reader]) -> list[Reader]:
    """Whose calendars all lack the change, the longest silent first; then those who have none."""
    late = sorted((one for one in found if one.calendars and not one.fetched), key=lambda one: (one.last is not None, one.last or 0))
    return [*late, *(one for one in found if not one.calendars)]
