"""Asking whether people still come on a new date, their answers, and asking once more."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from app.announcements import announce
from app.audit.service import Actor
from app.database import retrying, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.outbox import service as outbox
from app.registrations import queries, seats, service
from app.registrations.coming import mails
from app.registrations.coming.rules import ASKED, chase_at, is_awaited
from app.registrations.each import one_by_one
from app.registrations.log import note
from app.registrations.models import Registration
from app.workshops.rules import stage


def say_yes(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    """They still come, or still wait. Twice is once. Raises Missing, Refused when there is nothing to come to any more."""
    return retrying(lambda: _say_yes(registration_id, by=by, now=now))


def _say_yes(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        workshop = registration.workshop
        if registration.state not in ASKED:
            raise Refused(_("You are no longer registered."))
        if workshop.state == "cancelled":
            raise Refused(_("The workshop is cancelled."))
        if stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done":
            raise Refused(_("The workshop is over."))
        if workshop.state == "published" and is_awaited(registration.state, registration.asked_at, registration.answered_at):
            registration.answered_at = now
            outbox.withdraw(f"registration:{registration.id}", kinds=["reconfirm"], state="superseded")
            note("registration.still_comes", registration, by=by, now=now)
            announce("registration_answered", registration=registration, now=now)
        return registration


def say_no(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    """They cannot come on the new date: the seat goes to the next in line. Twice is once. Raises Missing, Refused."""
    return service.cancel(registration_id, by=by, now=now, action="registration.cannot_come")


def chase(*, now: datetime) -> int:
    """Asks those who have not answered once more; each in a transaction of its own. How many."""
    days = current_app.config["CONFIG"].number("reconfirm_chase_days")
    due = [number for number, asked_at, starts_at in queries.to_chase() if _is_due(asked_at, starts_at, days, now)]
    return one_by_one(due, lambda number: _chase(number, days, now), "registration %s could not be asked once more")


def _is_due(asked_at: datetime | None, starts_at: datetime | None, days: int, now: datetime) -> bool:
    return asked_at is not None and starts_at is not None and chase_at(asked_at, starts_at, days) <= now < starts_at


def _chase(registration_id: int, days: int, now: datetime) -> bool:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        awaited = is_awaited(registration.state, registration.asked_at, registration.answered_at)
        if not awaited or registration.chased_at is not None or registration.person.disabled_at is not None:
            return False  # the answer was faster
        workshop = registration.workshop
        if workshop.state != "published" or not _is_due(registration.asked_at, workshop.starts_at, days, now):
            return False  # staff were faster: it is postponed, or everybody was asked anew about another date
        registration.chased_at = now
        mail = mails.chase(registration, now=now)
        due_at = chase_at(registration.asked_at or now, workshop.starts_at or now, days)
        return not outbox.gone({item.dedupe: due_at for item in mail.items}, now) and outbox.queue(mail, now=now) is not None
