"""Instants worked out anew from what clocks show: a country may change its mind about summer time after a date was entered."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select

from app.announcements import announce
from app.audit.service import SCHEDULER, record
from app.database import db, end_reading, transaction
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.dates import stand
from app.membership.partnership.rules import instants
from app.membership.partnership.service import locked, one_of, topic

logger = logging.getLogger(__name__)


def recompute(now: datetime) -> int:
    """Every date that is not over begins and ends when the clocks of its place will show its hours; how many that changed.

    Its days and hours stay, so it has not moved: calendars and what waits in the outbox follow.
    """
    end_reading()
    wanted = select(PartnershipEvent, Partnership.slug).join(Partnership, Partnership.id == PartnershipEvent.partnership_id)
    rows = db.session.execute(wanted.where(PartnershipEvent.ends_at > now).order_by(PartnershipEvent.id)).all()
    wrong = [(slug, event.id) for event, slug in rows if _is_wrong(event)]
    return sum(_set_right(slug, number, now) for slug, number in wrong)


def _set_right(slug: str, number: int, now: datetime) -> bool:
    with transaction():
        row = locked(slug)
        event = one_of(row.events, number)
        if not _is_wrong(event):
            return False
        logger.warning("partnership %s: the clocks of %s have new rules for %s", row.id, event.zone, event.starts_on)
        event.starts_at, event.ends_at = instants(event)
        if event.starts is not None:  # whole days are the same in calendars
            event.sequence, event.changed_at = event.sequence + 1, now
        db.session.flush()
        record("partnership.clocks_changed", topic(row), by=SCHEDULER, now=now, zone=event.zone)
        announce("partnership_date_news", event=event, before=stand(event), now=now)  # none by itself: what waits says the right hours
        announce("partnership_date_changed", event=event, now=now)
        return True


def _is_wrong(event: PartnershipEvent) -> bool:
    """Not of a zone that this machine does not know, nor of hours that the new rules leave nothing of: both stay as they are."""
    try:
        starts_at, ends_at = instants(event)
    except (LookupError, ValueError, OSError):
        logger.exception("a partnership's date %s: its zone %r is not known here", event.id, event.zone)
        return False
    return starts_at < ends_at and (event.starts_at, event.ends_at) != (starts_at, ends_at)
