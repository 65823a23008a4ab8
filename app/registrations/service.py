"""Taking, holding, giving back and passing on seats. A seat is promised once: the database itself counts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from flask import current_app
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Person
from app.accounts.places import not_confirmed
from app.accounts.queries import find_asked
from app.accounts.service import find_or_make_person
from app.announcements import announce
from app.audit.service import SCHEDULER, Actor, record
from app.crypto import encrypt, hash_token, new_token
from app.database import db, retrying, transaction
from app.errors import Busy, Missing, Refused
from app.languages import gettext as _
from app.languages import moment
from app.outbox import service as outbox
from app.questions.service import Typed
from app.registrations import answers, mails, news, queries, seats
from app.registrations.models import ACTIVE, Registration
from app.registrations.rules import CODE_LETTERS, may_leave, may_register, next_sequence
from app.workshops.models import Workshop
from app.workshops.rules import passes_on, registration_state, stage

T = TypeVar("T")


@dataclass(frozen=True)
class Guest:
    """What somebody without an account types to come to an open workshop."""

    name: str
    address: str
    organisation_id: int | None
    organisation_name: str
    lang: str
    zone: str


def register(workshop_id: int, person_id: int, *, by: Actor, now: datetime, typed: Typed | None = None) -> Registration:
    """A seat for a person we know, a place on the waiting list, or a request where staff decide. Asking twice is asking once.

    `typed`: the answers to the workshop's questions; None where nobody was asked. Raises Missing for a workshop that is not
    public, Refused when registration is not open, not for this person, or an answer does not fit.
    """
    return _once(lambda: _register(workshop_id, person_id, by=by, now=now, typed=typed))


def _register(workshop_id: int, person_id: int, *, by: Actor, now: datetime, typed: Typed | None) -> Registration:
    with transaction():
        workshop = _open_workshop(workshop_id, now)
        organisation_id = _let_in(workshop, person_id, now)
        person = db.session.get_one(Person, person_id)
        registration = queries.find(workshop_id, person_id)
        if registration is not None and registration.state in ACTIVE and registration.state != "unconfirmed":
            return registration
        if registration is None:
            registration = _new(workshop, person, organisation_id, now)
        registration.organisation_id = organisation_id
        registration.lang = person.lang
        answers.write(registration, typed, now)
        _come_in(registration, now)
        db.session.flush()
        record(f"registration.{registration.state}", f"workshop:{workshop_id}", by=by, now=now, name=person.name)
        outbox.queue(mails.answer(registration), now=now)
        announce("registration_changed", registration=registration, now=now)
        return registration


def register_guest(workshop_id: int, guest: Guest, *, now: datetime, typed: Typed | None = None) -> None:
    """Holds a seat of an open workshop until the guest answers the mail. The page says the same whoever asks.

    Somebody who is registered already gets the link once more. Raises Missing, Refused.
    """
    _once(lambda: _register_guest(workshop_id, guest, now=now, typed=typed))


def _register_guest(workshop_id: int, guest: Guest, *, now: datetime, typed: Typed | None) -> None:
    with transaction():
        workshop = _open_workshop(workshop_id, now)
        if workshop.access != "open":
            raise Refused(_("This workshop is for members of the network. Sign in to register."))
        person = find_or_make_person(guest.address, guest.name, lang=guest.lang, zone=guest.zone, now=now)
        registration = queries.find(workshop_id, person.id) or _new(workshop, person, None, now)
        held = registration.state == "unconfirmed"
        if registration.state in {*ACTIVE, "declined"} and not held:  # anybody may type a declined person's address too
            answers.check(workshop_id, typed)
            outbox.queue(mails.link_again(registration, now=now), now=now)
            return
        _write_guest(registration, guest)
        answers.write(registration, typed, now)
        if held:
            outbox.queue(mails.hold(registration, again=now), now=now)
            return
        registration.state = "unconfirmed"
        registration.held_until = now + timedelta(minutes=current_app.config["CONFIG"].number("hold_minutes"))
        registration.holds_seat = not workshop.approval and seats.take_past_nobody(workshop_id)
        touch(registration, now)
        db.session.flush()
        record("registration.held", f"workshop:{workshop_id}", by=Actor("guest", person.name), now=now, name=person.name)
        outbox.queue(mails.hold(registration), now=now)
        announce("registration_changed", registration=registration, now=now)


def _write_guest(registration: Registration, guest: Guest) -> None:
    """What was typed last counts, until the mail is answered; anybody may type anybody's address, so the name waits for it."""
    registration.organisation_id, registration.organisation_name = guest.organisation_id, guest.organisation_name
    registration.guest_name, registration.lang = guest.name, guest.lang


def _is_guest(person: Person) -> bool:
    """Whoever has an account has chosen a name there."""
    return person.role is None and person.last_sign_in_at is None and not person.affiliations


def confirm_held(token: str, *, now: datetime) -> Registration:
    """The guest pressed the button of the mail: the held seat is theirs. Twice is once.

    After the hold has lapsed they get a seat if one is free, else a place in the line. Raises Missing, Refused.
    """
    return retrying(lambda: _confirm_held(token, now))


def _confirm_held(token: str, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.by_manage_token(token))
        lapsed = registration.state == "cancelled" and registration.cancelled_by == SCHEDULER.code
        if registration.state != "unconfirmed" and not lapsed:
            return registration
        _open_workshop(registration.workshop_id, now, even_closed=registration.holds_seat)
        person = registration.person
        person.confirmed_at = person.confirmed_at or now
        if registration.guest_name and _is_guest(person):
            person.name = registration.guest_name
        _come_in(registration, now)
        db.session.flush()
        by = Actor("guest", registration.person.name)
        record(f"registration.{registration.state}", f"workshop:{registration.workshop_id}", by=by, now=now, name=by.name)
        outbox.queue(mails.answer(registration), now=now)
        announce("registration_changed", registration=registration, now=now)
        return registration


def cancel(registration_id: int, *, by: Actor, now: datetime, action: str = "registration.cancelled") -> Registration:
    """Gives the seat back and passes it on, in one transaction. Twice is once.

    Raises Missing, Refused when the workshop is over: who was there is history, for staff too.
    """
    return retrying(lambda: _cancel(registration_id, by=by, now=now, action=action))


def _cancel(registration_id: int, *, by: Actor, now: datetime, action: str) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if registration.state not in ACTIVE:
            return registration
        workshop = registration.workshop
        over = stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done"
        if not may_leave(registration.state, over=over):
            raise Refused(_("The workshop is over."))
        before = registration.state
        seat, hold_id = registration.holds_seat, registration.hold_id
        registration.state, registration.holds_seat, registration.hold_id = "cancelled", False, None
        registration.cancelled_at, registration.cancelled_by = now, by.code
        touch(registration, now)
        db.session.flush()
        if seat:
            seats.give(registration.workshop_id, hold_id, now=now)
        record(action, f"workshop:{registration.workshop_id}", by=by, now=now, name=registration.person.name)
        outbox.withdraw(f"registration:{registration.id}")
        if before != "unconfirmed":
            outbox.queue(mails.goodbye(registration, before), now=now)
        promote(registration.workshop_id, by=by, now=now, also=[registration])
        return registration


def promote(workshop_id: int, *, by: Actor, now: datetime, also: Sequence[Registration] = ()) -> list[int]:
    """Gives every free seat to the first in line. Inside the transaction that freed them. Which registrations moved up.

    `also`: who freed them. All are announced together at the end, in the order of people: their calendars are renewed, and
    two transactions that renew the same ones in another order would wait for each other.
    """
    workshop = seats.lock(workshop_id)
    moved = _move_up(workshop_id, by, now) if workshop is not None and passes_on(workshop, now) else []
    for registration in sorted([*also, *moved], key=lambda one: one.person_id):
        announce("registration_changed", registration=registration, now=now)
    return [registration.id for registration in moved]


def _move_up(workshop_id: int, by: Actor, now: datetime) -> list[Registration]:
    moved: list[Registration] = []
    while (turn := seats.next_turn(workshop_id, now)) is not None:
        registration = queries.get(turn.registration_id)
        registration.state, registration.holds_seat, registration.confirmed_at = "confirmed", True, now
        registration.hold_id = turn.hold_id
        touch(registration, now)
        db.session.flush()
        record("registration.promoted", f"workshop:{workshop_id}", by=by, now=now, name=registration.person.name)
        news.moved_up(registration, now)
        moved.append(registration)
    return moved


def expire_held(*, now: datetime) -> int:
    """Lets go of the seats of guests who did not answer in time; each in a transaction of its own. How many."""
    gone = 0
    for registration_id in queries.expired(now):
        try:
            retrying(lambda wanted=registration_id: _expire(wanted, now))  # type: ignore[misc]
        except Busy:  # the next one would wait as long
            raise
        except Exception:  # one that cannot be let go must not keep the others
            current_app.logger.exception("the held seat of registration %s could not be let go", registration_id)
        else:
            gone += 1
    return gone


def _expire(registration_id: int, now: datetime) -> None:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if registration.state == "unconfirmed" and registration.held_until is not None and registration.held_until <= now:
            cancel(registration_id, by=SCHEDULER, now=now, action="registration.expired")


def _once(work: Callable[[], T]) -> T:
    """Two tabs, a double click, fifty posts at once: the unique key lets one in; the others find what it wrote."""
    try:
        return retrying(work)
    except IntegrityError:
        return retrying(work)


def why_shut(workshop: Workshop, now: datetime) -> str:
    """Why nobody can register now, in words; nothing when they can."""
    state = registration_state(workshop, now)
    if state == "cancelled":
        return _("The workshop is cancelled.")
    if state == "postponed":
        return _("The workshop is postponed. Registration opens again when there is a new date.")
    if state == "past":
        return _("The workshop is over.")
    if state == "not_yet" and workshop.opens_at is not None:
        return _("Registration opens on %(when)s.", when=moment(workshop.opens_at, workshop.zone))
    return _("Registration is closed.") if state == "closed" else ""


def _open_workshop(workshop_id: int, now: datetime, *, even_closed: bool = False) -> Workshop:
    """The workshop, locked and open. `even_closed`: a seat that is held may be taken until the workshop is over."""
    workshop = seats.lock(workshop_id)
    if workshop is None or workshop.state == "draft":
        raise Missing
    if (words := why_shut(workshop, now)) and not (even_closed and registration_state(workshop, now) == "closed"):
        raise Refused(words)
    return workshop


def _let_in(workshop: Workshop, person_id: int, now: datetime) -> int | None:
    """The organisation for which somebody comes: the first of theirs that may. Raises Refused."""
    members, invited = queries.members(workshop.network_id, now.date()), queries.invited(workshop.id)
    mine = [*_with_holds_first(workshop, queries.organisations_of(person_id, now.date()), now), None]
    for organisation_id in mine:
        if may_register(workshop.access, organisation_id, members, invited):
            return organisation_id
    asked = find_asked(person_id)
    if asked is not None and may_register(workshop.access, asked.organisation_id, members, invited):
        raise Refused(not_confirmed(asked.organisation.name))
    raise Refused(_("This workshop is for members of the network. Write to us if your municipality should be among them."))


def _with_holds_first(workshop: Workshop, mine: Sequence[int], now: datetime) -> Sequence[int]:
    """Whoever belongs to two comes for the one that holds a seat for them."""
    if len(mine) < 2:
        return mine
    holding = queries.organisations_with_seats(workshop.id, now)
    return sorted(mine, key=lambda one: one not in holding)


def _new(workshop: Workshop, person: Person, organisation_id: int | None, now: datetime) -> Registration:
    token = new_token()
    registration = Registration(
        workshop=workshop,
        person=person,
        organisation_id=organisation_id,
        state="cancelled",
        lang=person.lang,
        check_in_code="".join(secrets.choice(CODE_LETTERS) for _letter in range(8)),
        manage_hash=hash_token(token),
        manage_token=encrypt(token.encode()),
        created_at=now,
        queued_at=now,
        changed_at=now,
        sequence=workshop.sequence - 1,
        generation=-1,
        holds_seat=False,
    )
    db.session.add(registration)
    db.session.flush()
    return registration


def _come_in(registration: Registration, now: datetime) -> None:
    """A request where staff decide, but for a seat that was promised before; else a seat or a place in the line."""
    registration.queued_at = now
    if not registration.workshop.approval or registration.holds_seat:
        seat_or_line(registration, now)
        return
    registration.state = "requested"
    _answered(registration, now)


def seat_or_line(registration: Registration, now: datetime) -> None:
    """Confirmed with a seat, or waiting. The new state is not yet flushed."""
    seat = registration.holds_seat or seats.claim(registration, now)
    registration.state = "confirmed" if seat else "waitlisted"
    registration.holds_seat = seat
    _answered(registration, now)


def _answered(registration: Registration, now: datetime) -> None:
    registration.held_until = None
    registration.confirmed_at = now if registration.holds_seat else None
    registration.cancelled_at, registration.cancelled_by, registration.reason = None, "", ""
    touch(registration, now)


def touch(registration: Registration, now: datetime) -> None:
    """Something new is said of it: mails and calendars are written anew."""
    registration.changed_at = now
    registration.sequence = next_sequence(registration.sequence, registration.workshop.sequence)
    registration.generation += 1
