"""Of two registrations one is left: nobody loses a seat, an offer or a turn by proving an address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.announcements import announce
from app.audit.service import Actor
from app.audit.service import person as actor
from app.database import db
from app.languages import gettext as _
from app.languages import using
from app.needs import service as needs
from app.outbox import service as outbox
from app.questions import service as questions
from app.registrations import mails, queries, seats
from app.registrations.joining.mails import other_entry
from app.registrations.joining.rules import SEATED, WAITING, Outcome, Standing, outcome, turn
from app.registrations.letters import is_organizer
from app.registrations.log import note
from app.registrations.models import ACTIVE, Registration, RegistrationNote
from app.registrations.waiting import line
from app.registrations.waiting import mails as offered
from app.workshops.rules import stage


def hold_still(*people: Person) -> None:
    """All workshops at which these people are registered, in the order in which all hold them; before the people themselves, whom
    whoever registers holds after the workshop."""
    there = select(Registration.workshop_id).where(Registration.person_id.in_([one.id for one in people]))
    for workshop_id in seats.guard().in_order(set(db.session.scalars(there))):
        seats.lock(workshop_id)
    db.session.expire_all()  # what was read before it was held may be other by now


def join(guest: Person, person: Person, *, before: str, now: datetime) -> None:
    """All that is registered for `guest` is the person's; `before`: the address that they had until now.

    In the transaction in which the address is proved, with what hold_still() holds, and when it is the person's already: mails go there.
    """
    own = {one.workshop_id: one for one in queries.of_person(person.id)}
    for proved in sorted(queries.of_person(guest.id), key=lambda one: one.workshop_id):
        _join(proved, own.get(proved.workshop_id), person, before, now)


def _join(proved: Registration, own: Registration | None, person: Person, before: str, now: datetime) -> None:
    workshop, by = proved.workshop, actor(person)
    over = stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done"
    found = outcome(_standing(proved), _standing(own) if own else None, over=over)
    if own is None:
        _follow(proved, person, by, now)
        return
    if found is Outcome.PAST:
        return
    quiet = over or workshop.state == "cancelled"
    two_entries = {proved.state, own.state} <= SEATED and not quiet
    facts = {"also": proved.person.name, "left": proved.id}
    if found is Outcome.DOUBLE or (found is Outcome.ANSWERED and own.holds_seat):
        note("registration.doubled", own, by=by, now=now, **facts)
        told = _keep(own, proved, now)
    else:
        note("registration.taken_over", own, by=by, now=now, **facts)
        told = _pass(proved, own, now)
    if found is Outcome.ANSWERED:
        outbox.withdraw(f"registration:{own.id}", state="superseded")
        line.seat(own, now, hold_id=own.hold_id)
        note("registration.confirmed", own, by=by, now=now)
        told = True
    if two_entries:
        if not is_organizer(before):  # nobody is invited by themselves
            outbox.queue(other_entry(own, before), now=now)
        seats.touch(own, now)  # above what is taken off there: both may stand in one calendar
        db.session.flush()
    if told and not quiet:
        _tell(own, now)
    line.promote(workshop.id, by=by, now=now, also=[proved, own])


def _standing(registration: Registration) -> Standing:
    return Standing(registration.state, registration.holds_seat)


def _follow(proved: Registration, person: Person, by: Actor, now: datetime) -> None:
    """As it is, with its link and its past; held seats of the person's organisation are for them now."""
    also = proved.person.name
    proved.person, proved.person_id, proved.lang = person, person.id, person.lang
    db.session.flush()
    if proved.state in ACTIVE:
        note("registration.taken_over", proved, by=by, now=now, also=also, left=proved.id)
    if proved.state == "waitlisted":
        line.promote(proved.workshop_id, by=by, now=now)


def _keep(own: Registration, proved: Registration, now: datetime) -> bool:
    """The own one stays, in the better turn of both. Whether there is something to say: an entry of the other stands in a calendar."""
    had_entry = proved.state in SEATED
    if proved.state == own.state and own.state in WAITING:
        first = min((own, proved), key=lambda one: turn(one.priority, one.queued_at, one.id))
        own.priority, own.queued_at, own.lapses = first.priority, first.queued_at, min(own.lapses, proved.lapses)
    if proved.vouched and own.organisation_id in {None, proved.organisation_id}:  # held seats of those who named them are for them
        own.organisation_id, own.organisation_name, own.vouched = proved.organisation_id, proved.organisation_name, True
    _give_up(proved, now)
    announce("registration_passed", proved=proved.id, own=own.id)
    if had_entry:
        own.sequence = max(own.sequence, proved.sequence)
        seats.touch(own, now)
        outbox.withdraw(f"registration:{own.id}", kinds=["confirmation", "promotion", "offer", "offer_reminder"], state="superseded")
    db.session.flush()
    return had_entry


def _give_up(left: Registration, now: datetime) -> None:
    seat, hold_id = left.holds_seat, left.hold_id
    _out(left, now)
    db.session.flush()
    if seat:
        seats.give(left.workshop_id, hold_id, now=now)
    outbox.withdraw(f"registration:{left.id}")


def _pass(proved: Registration, own: Registration, now: datetime) -> bool:
    """Everything goes over, with the link and the code that stand in the mails to the proved address. Whether there is something to say:
    who has not answered has the mail with the button already."""
    told = proved.state != "unconfirmed"
    seat, hold_id = own.holds_seat, own.hold_id
    if told or own.state in WAITING:
        outbox.withdraw(f"registration:{proved.id}", state="superseded")
    outbox.withdraw(f"registration:{own.id}", state="superseded")
    _copy(proved, own)
    _out(proved, now)
    seats.touch(own, now)
    db.session.flush()
    if seat:
        seats.give(own.workshop_id, hold_id, now=now)
    _swap_links(proved, own)
    _bring_along(proved, own)
    return told


def _copy(proved: Registration, own: Registration) -> None:
    comes_as = proved.comes_as
    own.come_for(proved.organisation_id, proved.organisation_name, vouched=proved.vouched)
    own.comes_as, own.guest_name, own.lang = comes_as, proved.guest_name, own.person.lang
    own.state, own.holds_seat, own.hold_id = proved.state, proved.holds_seat, proved.hold_id
    own.queued_at, own.priority, own.lapses = proved.queued_at, proved.priority, proved.lapses
    own.held_until, own.confirmed_at = proved.held_until, proved.confirmed_at
    own.cancelled_at, own.cancelled_by, own.reason = None, "", ""
    own.asked_at, own.answered_at, own.chased_at = proved.asked_at, proved.answered_at, proved.chased_at
    own.reminders_off = proved.reminders_off
    own.sequence = max(own.sequence, proved.sequence)


def _out(left: Registration, now: datetime) -> None:
    """Not a cancellation that somebody asked for: its page says which one counts."""
    left.state, left.holds_seat, left.hold_id, left.held_until = "cancelled", False, None, None
    left.cancelled_at, left.cancelled_by = now, "joined"
    with using(left.lang):
        left.reason = _("You are registered for this workshop with your account, and that registration counts.")
    seats.touch(left, now)


def _swap_links(proved: Registration, own: Registration) -> None:
    mine, theirs = ((one.check_in_code, one.manage_hash, one.manage_token) for one in (own, proved))
    proved.check_in_code = proved.manage_hash = f"-{proved.id}"  # both are unique: one steps aside first
    db.session.flush()
    own.check_in_code, own.manage_hash, own.manage_token = theirs
    db.session.flush()
    proved.check_in_code, proved.manage_hash, proved.manage_token = mine
    db.session.flush()


def _bring_along(proved: Registration, own: Registration) -> None:
    """What was said and written about it; what the own one has already stays."""
    questions.pass_on(proved.id, own.id)
    needs.pass_on(proved.id, own.id, own.person_id)
    written = db.session.get(RegistrationNote, proved.id)
    if written is not None and db.session.get(RegistrationNote, own.id) is None:
        db.session.add(RegistrationNote(registration_id=own.id, words=written.words, by=written.by, at=written.at))
        db.session.delete(written)
    db.session.flush()
    announce("registration_passed", proved=proved.id, own=own.id)


def _tell(registration: Registration, now: datetime) -> None:
    """One mail to the proved address, whose calendar entry is above all that went out before."""
    if registration.state == "offered":
        found = [offered.offer(registration), *offered.reminders(registration)]
    else:
        found = [mails.answer(registration)]
    outbox.queue_all(found, now=now)
