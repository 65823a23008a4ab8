"""Guests: a seat of an open workshop is held until they answer the mail, and let go if they do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from app.accounts.models import Person
from app.accounts.queries import is_open
from app.accounts.service import find_or_make_person
from app.announcements import announce
from app.audit.service import SCHEDULER, Actor
from app.database import db, retrying, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.needs.rules import Given
from app.outbox import service as outbox
from app.outbox.bounces import service as bounces
from app.questions.service import Typed
from app.registrations import answers, mails, queries, seats
from app.registrations.each import one_by_one
from app.registrations.log import note
from app.registrations.models import ACTIVE, Registration
from app.registrations.service import cancel, come_in, made, once, open_workshop
from app.registrations.waiting import terms

ONE_PRESS = timedelta(minutes=1)  # a double click, two tabs, the back button: the mail with the button is on its way


@dataclass(frozen=True)
class Guest:
    """What somebody without an account types to come to an open workshop."""

    name: str
    address: str
    organisation_id: int | None
    organisation_name: str
    lang: str
    zone: str


def register_guest(workshop_id: int, guest: Guest, *, now: datetime, typed: Typed | None = None, needs: Given | None = None) -> None:
    """Holds a seat of an open workshop until the guest answers the mail. The page says the same whoever asks.

    Somebody who is registered already gets the link once more. Raises Missing, Refused.
    """
    once(lambda: _register_guest(workshop_id, guest, now=now, typed=typed, needs=needs))


def _register_guest(workshop_id: int, guest: Guest, *, now: datetime, typed: Typed | None, needs: Given | None) -> None:
    with transaction():
        workshop = open_workshop(workshop_id, now)
        if workshop.access != "open":
            raise Refused(_("This workshop is for members of the network. Sign in to register."))
        person = find_or_make_person(guest.address, guest.name, lang=guest.lang, zone=guest.zone, now=now)
        if not is_open(person):  # nobody comes with a closed account, and nobody else learns that it is one
            answers.check(workshop_id, typed, needs)
            return
        registration = queries.find(workshop_id, person.id) or made(workshop, person, None, now)
        held = registration.state == "unconfirmed"
        if registration.state in {*ACTIVE, "declined"} and not held:  # anybody may type a declined person's address too
            answers.check(workshop_id, typed, needs)
            outbox.queue(mails.link_again(registration, now=now), now=now)
            return
        _write_guest(registration, guest)
        answers.write(registration, typed, now, needs)
        if held:
            if now - registration.changed_at >= ONE_PRESS:
                outbox.queue(mails.hold(registration, again=now), now=now)
            return
        registration.state = "unconfirmed"
        registration.held_until = now + timedelta(minutes=current_app.config["CONFIG"].number("hold_minutes"))
        registration.holds_seat = not workshop.approval and seats.take_newly(workshop_id, in_line=terms.moves(workshop, now))
        seats.touch(registration, now)
        db.session.flush()
        note("registration.held", registration, by=Actor("guest", person.name), now=now)
        outbox.queue(mails.hold(registration), now=now)
        announce("registration_changed", registration=registration, now=now)


def _write_guest(registration: Registration, guest: Guest) -> None:
    """What was typed last counts, until the mail is answered; anybody may type anybody's address, so the name waits for it."""
    registration.come_for(guest.organisation_id, guest.organisation_name)
    registration.guest_name, registration.lang = guest.name, guest.lang


def confirm_held(token: str, *, now: datetime) -> Registration:
    """The guest pressed the button of the mail: the held seat is theirs. Twice is once.

    After the hold has lapsed they get a seat if one is free, else a place in the line. Raises Missing, Refused.
    """
    return retrying(lambda: _confirm_held(token, now))


def _confirm_held(token: str, now: datetime) -> Registration:
    with transaction():
        registration = seats.held_still(queries.by_manage_token(token))
        lapsed = registration.state == "cancelled" and registration.cancelled_by == SCHEDULER.code
        if (registration.state != "unconfirmed" and not lapsed) or registration.person.disabled_at is not None:
            return registration
        open_workshop(registration.workshop_id, now, even_closed=registration.holds_seat)
        person = registration.person
        person.confirmed_at = person.confirmed_at or now
        bounces.proved(person.address, now=now)
        if registration.guest_name and _is_guest(person):
            person.name = registration.guest_name
        come_in(registration, now)
        db.session.flush()
        by = Actor("guest", registration.person.name)
        note(f"registration.{registration.state}", registration, by=by, now=now)
        outbox.queue(mails.answer(registration), now=now)
        announce("registration_changed", registration=registration, now=now)
        return registration


def _is_guest(person: Person) -> bool:
    """Whoever has an account has chosen a name there."""
    return person.role is None and person.last_sign_in_at is None and not person.affiliations


def expire_held(*, now: datetime) -> int:
    """Lets go of the seats of guests who did not answer in time; each in a transaction of its own. How many."""
    return one_by_one(queries.expired(now), lambda number: _expire(number, now), "the held seat of registration %s could not be let go")


def _expire(registration_id: int, now: datetime) -> bool:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if registration.state != "unconfirmed" or registration.held_until is None or registration.held_until > now:
            return False  # the answer was faster
        cancel(registration_id, by=SCHEDULER, now=now, action="registration.expired")
        return True
