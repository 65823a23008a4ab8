"""What becomes of an offered seat: accepted, left to the next, or lapsed; and of a free one when the line has stopped."""

from __future__ import annotations

from datetime import datetime

from app.audit.service import SCHEDULER, Actor
from app.database import db, retrying, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.languages import moment
from app.outbox import service as outbox
from app.registrations import mails as answers
from app.registrations import queries, seats, service
from app.registrations.each import one_by_one
from app.registrations.log import note
from app.registrations.models import Registration
from app.registrations.waiting import line, mails, terms
from app.registrations.waiting.rules import MOST_LAPSES
from app.workshops.rules import stage

UNANSWERED = "offer"  # who took somebody off the list that let all offers go by
ABOUT = ("offer", "offer_reminder")


def accept(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    """The offered seat is theirs. Twice is once. Raises Missing, Refused when it is offered no more: at the deadline it is over."""
    return retrying(lambda: _accept(registration_id, by=by, now=now))


def _accept(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if registration.state == "confirmed":
            return registration
        _refuse_if_lapsed(registration, now)
        _confirm(registration, "registration.accepted", by=by, now=now)
        return registration


def decline(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    """The seat goes to the next in line, and whoever did not want it leaves the line. Twice is once. Raises Missing, Refused."""
    return retrying(lambda: _decline(registration_id, by=by, now=now))


def _decline(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if registration.state == "cancelled":
            return registration
        _refuse_if_lapsed(registration, now)
        return service.cancel(registration_id, by=by, now=now, action="registration.offer_declined")


def take_free(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    """A free seat for somebody who waits, once the line has stopped: whoever comes first has it. Raises Missing, Refused."""
    return retrying(lambda: _take_free(registration_id, by=by, now=now))


def _take_free(registration_id: int, *, by: Actor, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        workshop = registration.workshop
        if registration.state == "confirmed":
            return registration
        if registration.state != "waitlisted" or registration.person.disabled_at is not None:
            raise Refused(_("You are not on the waiting list any more."))
        if workshop.state != "published" or workshop.starts_at is None or workshop.starts_at <= now:
            raise Refused(_("The workshop has begun, or it does not take place."))
        if terms.moves(workshop, now):
            raise Refused(_("Free seats still go to those who wait, in their order. We write to you when it is your turn."))
        if not seats.take(workshop.id):
            raise Refused(_("Somebody else has taken the free seat in this moment."))
        _confirm(registration, "registration.took_free", by=by, now=now)
        return registration


def lapse(*, now: datetime) -> int:
    """Offers that nobody accepted in time go on to the next in line; each in a transaction of its own. How many."""
    return one_by_one(queries.lapsed_offers(now), lambda number: _lapse(number, now), "the offer of registration %s could not be let go")


def _lapse(registration_id: int, now: datetime) -> bool:
    """To the end of the line, where a turn may come once more at once if nobody else waits."""
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if registration.state != "offered" or registration.held_until is None or registration.held_until > now:
            return False  # the answer was faster
        if registration.workshop.state != "published":
            return False  # staff were faster, and the clock stands still
        hold_id = registration.hold_id
        registration.lapses += 1
        last = registration.lapses >= MOST_LAPSES
        registration.state, registration.holds_seat = "cancelled" if last else "waitlisted", False
        registration.hold_id, registration.held_until = None, None
        registration.queued_at, registration.priority = now, 0
        if last:
            registration.cancelled_at, registration.cancelled_by = now, UNANSWERED
        seats.touch(registration, now)
        db.session.flush()
        seats.give(registration.workshop_id, hold_id, now=now)
        note("registration.offer_lapsed", registration, by=SCHEDULER, now=now)
        outbox.withdraw(f"registration:{registration.id}", kinds=ABOUT)
        line.promote(registration.workshop_id, by=SCHEDULER, now=now, also=[registration])
        if not registration.holds_seat:  # else the new offer says it, or the confirmation of a seat that nobody else waits for
            outbox.queue(mails.lapsed(registration), now=now)
        return True


def _refuse_if_lapsed(registration: Registration, now: datetime) -> None:
    """While a workshop is postponed or cancelled, the clock of its offers stands still. Raises Refused."""
    workshop = registration.workshop
    if workshop.state == "cancelled":
        raise Refused(_("The workshop is cancelled."))
    if stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done":
        raise Refused(_("The workshop is over."))
    if registration.state == "waitlisted":
        raise Refused(_("The offer has ended, and the seat went to the next in line. You are still on the waiting list."))
    if registration.state != "offered":
        raise Refused(_("The offer has ended, and the seat went to the next in line."))
    until = registration.held_until
    if workshop.state == "published" and until is not None and until <= now:
        when = moment(until, registration.person.zone)
        raise Refused(_("The offer ended on %(when)s, and the seat goes to the next in line.", when=when))


def _confirm(registration: Registration, action: str, *, by: Actor, now: datetime) -> None:
    line.seat(registration, now, hold_id=registration.hold_id)
    note(action, registration, by=by, now=now)
    outbox.withdraw(f"registration:{registration.id}", kinds=[*ABOUT, "waiting"], state="superseded")
    outbox.queue(answers.answer(registration), now=now)
    line.tell([registration], now)
