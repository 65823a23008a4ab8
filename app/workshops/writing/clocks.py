"""Instants worked out anew from what clocks show: a country may change its mind about summer time after a workshop was entered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.announcements import announce
from app.audit.service import SCHEDULER, record
from app.database import db, end_reading, transaction
from app.workshops.models import SeatHold, Workshop, WorkshopDay
from app.workshops.writing.holds import lapses_at

logger = logging.getLogger(__name__)


def recompute(now: datetime) -> int:
    """Every coming day begins and ends when the clocks of its place will show its hours; how many workshops that changed.

    Wall time and zone are the truth, UTC only follows from them by the rules that this machine knows today. People keep
    their hours and get no mail; calendars, and what is planned by the instant, follow.
    """
    end_reading()
    numbers = db.session.scalars(select(Workshop.id).where(Workshop.ends_at > now)).all()
    return sum(_recompute(number, now) for number in numbers)


def _recompute(workshop_id: int, now: datetime) -> bool:
    """One workshop. One whose zone this machine does not know keeps its instants, and does not keep the others from theirs."""
    workshop = db.session.get_one(Workshop, workshop_id)
    try:
        if not _wrong(workshop, now) and not _wrong_holds(workshop, now):
            return False
    except (LookupError, ValueError, OSError):
        logger.exception("workshop %s: its zone %r is not known here", workshop_id, workshop.zone)
        return False
    with transaction():
        workshop = db.session.get_one(Workshop, workshop_id, with_for_update=True, populate_existing=True)
        days = _wrong(workshop, now)
        held = _wrong_holds(workshop, now)
        for hold in held:
            hold.lapses_at = lapses_at(hold.until, workshop.zone)
        if days:
            _set_right(workshop, days, now)
        return bool(days or held)


def _wrong(workshop: Workshop, now: datetime) -> Sequence[WorkshopDay]:
    """The coming days whose instants no longer are what the clocks will show."""
    coming = [day for day in workshop.days if day.ends_at > now]
    return [day for day in coming if (day.starts_at, day.ends_at) != _instants(day, workshop.zone)]


def _wrong_holds(workshop: Workshop, now: datetime) -> Sequence[SeatHold]:
    """The seats held for organisations whose last day no longer ends when the clocks will show midnight."""
    return [hold for hold in workshop.holds if hold.lapses_at > now and hold.lapses_at != lapses_at(hold.until, workshop.zone)]


def _set_right(workshop: Workshop, days: Sequence[WorkshopDay], now: datetime) -> None:
    for day in days:
        logger.warning("workshop %s: the clocks of %s have new rules for %s", workshop.id, workshop.zone, day.on)
        day.starts_at, day.ends_at = _instants(day, workshop.zone)
        for session in day.sessions:
            session.starts_at, session.ends_at = (_instant(day, wall, workshop.zone) for wall in (session.starts, session.ends))
            session.sequence += workshop.state != "draft"
            session.changed_at = now
        day.sequence += workshop.state != "draft"
        day.changed_at = now
    workshop.starts_at = min(day.starts_at for day in workshop.days)
    workshop.ends_at = max(day.ends_at for day in workshop.days)
    if workshop.letters_until is not None:
        workshop.letters_until = min(workshop.letters_until, workshop.starts_at)
    workshop.sequence += workshop.state != "draft"
    workshop.changed_at = now
    db.session.flush()
    record("workshop.clocks_changed", f"workshop:{workshop.id}", by=SCHEDULER, now=now, zone=workshop.zone)
    if workshop.state != "draft":
        announce("workshop_changed", workshop=workshop, changed=frozenset({"zone"}), now=now, by=SCHEDULER)


def _instants(day: WorkshopDay, zone: str) -> tuple[datetime, datetime]:
    return _instant(day, day.starts, zone), _instant(day, day.ends, zone)


def _instant(day: WorkshopDay, wall: time, zone: str) -> datetime:
    """Also of an hour that the new rules skip or have twice: nobody is here to choose another."""
    return datetime.combine(day.on, wall, ZoneInfo(zone)).astimezone(UTC)
