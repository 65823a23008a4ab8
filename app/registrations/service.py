"""Taking, holding, giving back and passing on seats. A seat is promised once: the database itself counts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.models import Person
from app.accounts.places import not_confirmed
from app.accounts.queries import find_asked
from app.announcements import announce
from app.audit.service import Actor
from app.crypto import encrypt, hash_token, new_token
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.languages import moment
from app.needs.rules import Given
from app.outbox import service as outbox
from app.questions.service import Typed
from app.registrations import answers, letters, mails, newcomers, queries, seats
from app.registrations.log import note
from app.registrations.models import ACTIVE, Registration
from app.registrations.newcomers import Newcomer
from app.registrations.rules import CODE_LETTERS, may_leave, may_register
from app.registrations.seats import Chance
from app.registrations.waiting import line, terms
from app.workshops.models import Workshop
from app.workshops.rules import registration_state, stage

T = TypeVar("T")


def register(
    workshop_id: int, person_id: int, *, by: Actor, now: datetime, typed: Typed | None = None, needs: Given | None = None
) -> Registration:
    """A seat for a person we know, a place on the waiting list, or a request where staff decide. Asking twice is asking once.

    `typed`: the answers to the workshop's questions, `needs`: what the person needs; None where nobody was asked. Raises Missing
    for a workshop that is not public, Refused when registration is not open, not for this person, or an answer does not fit.
    """
    return once(lambda: _register(workshop_id, person_id, by=by, now=now, typed=typed, needs=needs))


@dataclass(frozen=True)
class Arrival:
    """What has become of somebody's wish to come, for whoever shows nothing else of the registration."""

    id: int
    state: str


def arrive(
    workshop_id: int, person_id: int, *, by: Actor, now: datetime, typed: Typed | None = None, needs: Given | None = None
) -> Arrival:
    """The same, told before the commit, so that nothing has to be read after it."""

    def come() -> Arrival:
        with transaction():
            registration = _register(workshop_id, person_id, by=by, now=now, typed=typed, needs=needs)
            return Arrival(registration.id, registration.state)

    return once(come)


def _register(workshop_id: int, person_id: int, *, by: Actor, now: datetime, typed: Typed | None, needs: Given | None) -> Registration:
    with transaction():
        workshop = open_workshop(workshop_id, now)
        newcomer = newcomers.newcomer(workshop, person_id, now)
        person, registration = newcomer.person, newcomer.registration
        organisation_id = _let_in(workshop, newcomer, now)
        if person.disabled_at is not None:  # held still: whoever closes it in this moment sees what has become of this
            raise Refused(closed(person))
        if registration is not None and registration.state in ACTIVE and registration.state != "unconfirmed":
            return registration
        with db.session.no_autoflush:  # the row is written once, with all that is known of it then: others wait meanwhile
            registration = registration or drawn_up(workshop, person, organisation_id, now)
            registration.come_for(organisation_id, registration.organisation_name)
            registration.lang = person.lang
            come_in(registration, now, newcomer.chance(organisation_id))
        db.session.flush()
        note(f"registration.{registration.state}", registration, by=by, now=now)
        answers.write(registration, typed if typed or newcomer.asks else None, now, needs)
        outbox.queue_all([mails.answer(registration, common=letters.shared(workshop))], now=now)
        announce("registration_changed", registration=registration, now=now)
        return registration


def cancel(registration_id: int, *, by: Actor, now: datetime, action: str = "registration.cancelled", reason: str = "") -> Registration:
    """Gives the seat back and passes it on, in one transaction. Twice is once. `reason`: why staff did so, for the person.

    Raises Missing, Refused when the workshop is over: who was there is history, for staff too.
    """
    return retrying(lambda: _cancel(registration_id, by=by, now=now, action=action, reason=reason))


def _cancel(registration_id: int, *, by: Actor, now: datetime, action: str, reason: str) -> Registration:
    with transaction():
        registration = seats.held_still(queries.get(registration_id))
        if registration.state in ACTIVE:
            _leave(registration, by=by, now=now, action=action, reason=reason)
            line.promote(registration.workshop_id, by=by, now=now, also=[registration])
        return registration


def take_off(workshop_id: int, people: Sequence[Registration], reasons: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Several leave at once, inside the transaction that holds their workshop, each for the reason in the own language.

    In the order of people, for two such acts write the same mails and calendars; and the seats are passed on when all are
    free, so that none goes to somebody who is to leave. Raises Refused.
    """
    for one in sorted(people, key=lambda one: one.person_id):
        _leave(one, by=by, now=now, action="registration.cancelled", reason=reasons.get(one.lang, ""))
    line.promote(workshop_id, by=by, now=now, also=people)


def _leave(registration: Registration, *, by: Actor, now: datetime, action: str, reason: str) -> None:
    """The seat is free; not yet passed on, and not yet announced."""
    workshop = registration.workshop
    over = stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done"
    if not may_leave(registration.state, over=over):
        raise Refused(_("The workshop is over."))
    before = registration.state
    seat, hold_id = registration.holds_seat, registration.hold_id
    registration.state, registration.holds_seat, registration.hold_id = "cancelled", False, None
    registration.cancelled_at, registration.cancelled_by, registration.reason = now, by.code, reason
    seats.touch(registration, now)
    db.session.flush()
    if seat:
        seats.give(registration.workshop_id, hold_id, now=now)
    note(action, registration, by=by, now=now)
    outbox.withdraw(f"registration:{registration.id}")
    if before != "unconfirmed" and registration.person.disabled_at is None:
        outbox.queue(mails.goodbye(registration, before), now=now)


def once(work: Callable[[], T]) -> T:
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


def closed(person: Person) -> str:
    """That nobody comes with this account, in words."""
    return _("The account of %(name)s is closed.", name=person.name)


def open_workshop(workshop_id: int, now: datetime, *, even_closed: bool = False) -> Workshop:
    """The workshop, locked and open. `even_closed`: a seat that is held may be taken until the workshop is over."""
    workshop = seats.lock(workshop_id)
    if workshop is None or workshop.state == "draft":
        raise Missing
    if (words := why_shut(workshop, now)) and not (even_closed and registration_state(workshop, now) == "closed"):
        raise Refused(words)
    return workshop


def _let_in(workshop: Workshop, newcomer: Newcomer, now: datetime) -> int | None:
    """The organisation for which somebody comes: the first of theirs that may. Raises Refused."""
    members = frozenset(one.organisation_id for one in newcomer.places if one.is_member)
    invited = frozenset(one.organisation_id for one in newcomer.places if one.is_invited)
    for organisation_id in [*(one.organisation_id for one in newcomer.places), None]:
        if may_register(workshop.access, organisation_id, members, invited):
            return organisation_id
    asked = find_asked(newcomer.person.id)
    if asked is not None:
        members, invited = newcomers.members(workshop.network_id, now.date()), newcomers.invited(workshop.id)
        if may_register(workshop.access, asked.organisation_id, members, invited):
            raise Refused(not_confirmed(asked.organisation.name))
    raise Refused(_("This workshop is for members of the network. Write to us if your municipality should be among them."))


def made(workshop: Workshop, person: Person, organisation_id: int | None, now: datetime) -> Registration:
    """A registration that is none yet, with its code, its link and its number."""
    registration = drawn_up(workshop, person, organisation_id, now)
    db.session.flush()
    return registration


def drawn_up(workshop: Workshop, person: Person, organisation_id: int | None, now: datetime) -> Registration:
    """The same before it is written, for whoever knows at once what becomes of it."""
    token = new_token()
    registration = Registration(
        workshop_id=workshop.id,
        person_id=person.id,
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
        **dict.fromkeys(("held_until", "confirmed_at", "cancelled_at", "asked_at", "hold_id")),
    )
    set_committed_value(registration, "workshop", workshop)  # both are written already: nothing in them waits for this row
    set_committed_value(registration, "person", person)
    db.session.add(registration)
    return registration


def come_in(registration: Registration, now: datetime, chance: Chance | None = None) -> None:
    """A request where staff decide, but for a seat that was promised before; else a seat or a place in the line."""
    registration.queued_at, registration.priority, registration.lapses = now, 0, 0
    registration.asked_at = None
    if not registration.workshop.approval or registration.holds_seat:
        seat_or_line(registration, now, chance)
        return
    registration.state = "requested"
    _answered(registration, now)


def seat_or_line(registration: Registration, now: datetime, chance: Chance | None = None) -> None:
    """Confirmed with a seat, or waiting. `chance`: of a seat, if it has been read. The new state is not yet flushed."""
    in_line = terms.moves(registration.workshop, now)
    seat = registration.holds_seat or seats.claim(registration, now, in_line=in_line, chance=chance)
    registration.state = "confirmed" if seat else "waitlisted"
    registration.holds_seat = seat
    _answered(registration, now)


def _answered(registration: Registration, now: datetime) -> None:
    registration.held_until = None
    registration.confirmed_at = now if registration.holds_seat else None
    registration.cancelled_at, registration.cancelled_by, registration.reason = None, "", ""
    seats.touch(registration, now)
