"""A planned reminder that staff let go before its hour: to how many, and the act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.audit.service import Actor, record
from app.database import db, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.languages import ngettext
from app.reminders import letters
from app.reminders.models import Occurrence
from app.reminders.service import Counts, queue_due, write_early
from app.workshops.models import Workshop

WAITING = ("planned", "held")


def look(occurrence_id: int, now: datetime) -> tuple[Occurrence, int]:
    """The reminder, and how many mails it is if it goes now. Raises Missing; zero once it does not wait any more."""
    loaded = (joinedload(Occurrence.rule), joinedload(Occurrence.workshop).selectinload(Workshop.texts))
    row = db.session.scalars(select(Occurrence).where(Occurrence.id == occurrence_id).options(*loaded)).one_or_none()
    if row is None:
        raise Missing
    if row.state not in WAITING or row.useful_until <= now:
        return row, 0
    _verdicts, groups = letters.gather([row], now, released=True)
    return row, len(groups)


def send_now(occurrence_id: int, *, seen: int, by: Actor, now: datetime) -> Counts:
    """It leaves at once, to those whom it is for by now. Who sleeps gets it in the morning, as always; who comes later, at its hour.

    `seen` is how many staff were told. Raises Missing, Refused when it is too late, Conflict when it has been written or planned
    anew meanwhile, or is for others than those that were seen.
    """
    with transaction():
        row = db.session.scalars(
            select(Occurrence).where(Occurrence.id == occurrence_id).options(selectinload(Occurrence.workshop)).with_for_update()
        ).one_or_none()
        if row is None:
            raise Missing
        if row.state not in WAITING:
            raise Conflict(_("This reminder does not wait any more: it was written or taken back meanwhile. Nothing was changed."))
        if row.useful_until <= now:
            raise Refused(_("It is too late for this reminder: it would only confuse. Write to the people yourself."))
        early = row.due_at > now
        row.state, row.workshop_version = "planned", row.workshop.version
        db.session.flush()
        number = look(occurrence_id, now)[1]
        if number != seen or not number:
            raise Conflict(
                ngettext(
                    "It would be one mail by now, not as many as you saw. Nothing was sent: look again.",
                    "It would be %(num)s mails by now, not as many as you saw. Nothing was sent: look again.",
                    number,
                )
            )
        row.hurried_at, row.people = (now, number) if early else (None, row.people)
        record("reminder.hurried", f"workshop:{row.workshop_id}", by=by, now=now, number=number)
    done = write_early(look(occurrence_id, now)[0], now) if early else queue_due(now, only=occurrence_id)
    if not done.queued:  # a planner in another process was between
        raise Conflict(_("The workshop was planned anew at this moment, and the reminder has its old hour. Try again."))
    return done
