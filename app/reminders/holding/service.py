"""Reminds coordinators some days before seats held for their organisation lapse."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app

from app.accounts.models import Person
from app.database import end_reading, transaction
from app.outbox import service as outbox
from app.registrations.coming.rules import by_day
from app.registrations.each import one_by_one
from app.reminders.holding import mails, queries
from app.reminders.holding.queries import Untold


def remind(*, now: datetime) -> int:
    """Each coordinator once for a hold and its last day, by day on the own clock; each in a transaction of its own. How many.

    Whoever sleeps is left for a later run, so that the mail says how many seats are unused when it is read.
    """
    before = timedelta(days=current_app.config["CONFIG"].number("hold_reminder_days"))
    end_reading()
    found = queries.untold(now, now + before)
    gone = outbox.gone({one.key: now - before for one in found}, now)
    return one_by_one([one for one in found if one.key not in gone], lambda one: _remind(one, now), "held seats could not be told of: %s")


def _remind(one: Untold, now: datetime) -> bool:
    if by_day(now, one.zone) != now:
        return False
    with transaction() as session:
        found, coordinator = queries.find(one.hold_id), session.get(Person, one.person_id)
        if found is None or coordinator is None:
            return False
        hold, workshop = found
        if not hold.unused or hold.lapses_at <= now:  # the last seat was taken meanwhile
            return False
        return outbox.queue(mails.lapses_soon(hold, workshop, coordinator), now=now) is not None
