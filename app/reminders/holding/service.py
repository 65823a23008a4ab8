"""Reminds coordinators some days before seats held for their organisation lapse."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app

from app.accounts.models import Person
from app.database import end_reading, retrying, transaction
from app.errors import Busy
from app.outbox import service as outbox
from app.registrations.coming.rules import by_day
from app.reminders.holding import mails, queries
from app.reminders.holding.queries import Untold


def remind(*, now: datetime) -> int:
    """Each coordinator once for a hold and its last day, by day on the own clock; each in a transaction of its own. How many.

    Whoever sleeps is left for a later run, so that the mail says how many seats are unused when it is read.
    """
    before = timedelta(days=current_app.config["CONFIG"].number("hold_reminder_days"))
    end_reading()
    found, sent = queries.untold(now, now + before), 0
    for one in found:
        try:
            if by_day(now, one.zone) == now:
                sent += retrying(lambda wanted=one: _remind(wanted, now))  # type: ignore[misc]
        except Busy:  # the next one would wait as long
            raise
        except Exception:  # one who cannot be reminded must not keep the others
            current_app.logger.exception("the coordinator %s could not be reminded of hold %s", one.person_id, one.hold_id)
    return sent


def _remind(one: Untold, now: datetime) -> bool:
    with transaction() as session:
        found, coordinator = queries.find(one.hold_id), session.get(Person, one.person_id)
        if found is None or coordinator is None:
            return False
        hold, workshop = found
        if not hold.unused or hold.lapses_at <= now:  # the last seat was taken meanwhile
            return False
        return outbox.queue(mails.lapses_soon(hold, workshop, coordinator), now=now) is not None
