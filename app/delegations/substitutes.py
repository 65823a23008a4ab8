"""One person instead of another, in one step: the seat, its hold and the turn in the line stay, the people change; or the seat
that somebody was named for is given back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app.accounts.models import Person
from app.audit.service import Actor
from app.audit.service import person as actor
from app.database import db, transaction
from app.delegations import colleagues
from app.delegations.colleagues import Colleague
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.languages import using
from app.organisations.models import Organisation
from app.outbox import service as outbox
from app.questions import queries as questions
from app.registrations import mails, queries, seats
from app.registrations import service as registrations
from app.registrations.log import note
from app.registrations.models import ACTIVE, Registration
from app.registrations.waiting import line
from app.workshops.rules import stage

Who = Literal["self", "coordinator", "staff"]
PASSES = frozenset({"confirmed", "waitlisted", "requested"})  # what can be handed on


def substitute(registration_id: int, colleague: Colleague, *, who: Who, by: Actor, now: datetime) -> Registration:
    """The colleague's registration, in the state that the other's was. Nobody who waits gets between.

    Needs, answers and the check-in code do not travel. Whoever names somebody by an address reads the name that they typed themselves:
    it is not for them to learn whose address that is. Raises Missing, Refused when there is nothing to hand on any more, when the
    colleague is registered already, or is not one of the organisation's people.
    """
    return registrations.once(lambda: _substitute(registration_id, colleague, who=who, by=by, now=now))


def why_not(registration: Registration, who: Who, now: datetime) -> str:
    """Why nobody else can come instead, in words; nothing when somebody can."""
    return _nothing_to_hand(registration, now) or ("" if who == "staff" else _only_staff(registration, now))


def give_back(registration_id: int, *, by: Person, now: datetime) -> Registration:
    """A coordinator takes somebody off whom the organisation has named; the person reads who did it. Raises Missing, Refused."""

    def work() -> Registration:
        with transaction():
            registration = seats.held_still(queries.get(registration_id))
            if words := why_not_back(registration, now):
                raise Refused(words)
            with using(registration.lang):
                reason = _("%(name)s, who registers for your organisation, has cancelled your registration.", name=by.name)
            return registrations.cancel(registration_id, by=actor(by), now=now, reason=reason)

    return registrations.once(work)


def why_not_back(registration: Registration, now: datetime) -> str:
    """Why a coordinator cannot take them off, in words; nothing when that is possible. Who came alone decides alone."""
    if words := why_not(registration, "coordinator", now):
        return words
    name = registration.person.name
    return "" if registration.vouched else _("%(name)s has registered alone. Ask them to cancel, or write to us.", name=name)


def _nothing_to_hand(registration: Registration, now: datetime) -> str:
    workshop = registration.workshop
    if workshop.state == "cancelled":
        return _("The workshop is cancelled.")
    if stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done":
        return _("The workshop is over.")
    if registration.state == "offered":
        return _("A seat is offered until it is accepted. Accept it first, then name who comes instead.")
    if registration.state not in PASSES:
        return _("%(name)s is no longer registered, so nobody can come instead.", name=registration.person.name)
    return ""


def _only_staff(registration: Registration, now: datetime) -> str:
    workshop = registration.workshop
    if workshop.state != "postponed" and workshop.starts_at is not None and workshop.starts_at <= now:
        return _("The workshop has begun. Our staff can still change who comes: write to us.")
    if registration.organisation_id is None:
        return _("Only somebody of the same municipality can come instead. Write to us.")
    return ""


def _substitute(registration_id: int, colleague: Colleague, *, who: Who, by: Actor, now: datetime) -> Registration:
    with transaction():
        old = seats.held_still(queries.get(registration_id))
        workshop = old.workshop
        if workshop.state == "draft":
            raise Missing
        if words := why_not(old, who, now):
            raise Refused(words)
        person = _person(old, colleague, by, now)
        called = colleague.name or person.name
        new = _place(old, person, called, who, now)
        before = old.state
        _hand_over(old, new, called, vouched=who != "self", by=by, now=now)
        note("registration.substituted", new, by=by, now=now, instead_of=old.person.name, left=old.id)
        for one in (old, new):
            outbox.withdraw(f"registration:{one.id}")
        if who != "self" or before != "unconfirmed":
            outbox.queue(mails.goodbye(old, before, substitute=called), now=now)
        asks = questions.count(workshop.id) > 0
        outbox.queue(mails.answer(new, named=mails.Named(instead_of=old.person.name, asks=asks)), now=now)
        line.tell([old, new], now)
        return new


def _person(old: Registration, colleague: Colleague, by: Actor, now: datetime) -> Person:
    """One of the organisation's people, or somebody new whose place there is asked for; the audit says who named them."""
    organisation = db.session.get(Organisation, old.organisation_id) if old.organisation_id is not None else None
    if organisation is None:
        return colleagues.anybody(colleague, now=now)
    return colleagues.brought([colleague], organisation, by=by, now=now)[0]


def _place(old: Registration, person: Person, called: str, who: Who, now: datetime) -> Registration:
    """The colleague's row at the workshop. Somebody who waits may take the seat over; the own turn is given up for it.

    Whom staff have declined comes past them in no way: only a request, on which they decide anew, can be handed to them.
    """
    workshop = old.workshop
    if person.id == old.person_id:
        raise Refused(problems={"address_0": _("Name somebody else: this is the person who is registered")})
    found = queries.find(workshop.id, person.id)
    if found is None:
        return registrations.made(workshop, person, old.organisation_id, now)
    waits = found.state == "waitlisted" and old.state == "confirmed"
    if found.state in ACTIVE and not waits:
        raise Refused(problems={"address_0": _("%(name)s is registered already", name=called)})
    if found.state == "declined" and old.state != "requested" and who != "staff":
        raise Refused(problems={"address_0": _("This address cannot be registered. Write to us.")})
    return found


def _hand_over(old: Registration, new: Registration, called: str, *, vouched: bool, by: Actor, now: datetime) -> None:
    new.come_for(old.organisation_id, old.organisation_name, vouched=vouched)
    new.lang = new.person.lang
    new.state, new.holds_seat, new.hold_id = old.state, old.holds_seat, old.hold_id
    new.queued_at, new.priority, new.lapses = old.queued_at, old.priority, old.lapses
    new.held_until, new.confirmed_at = None, now if old.state == "confirmed" else None
    new.cancelled_at, new.cancelled_by, new.reason = None, "", ""
    new.asked_at = new.answered_at = new.chased_at = None  # who has just been named comes on the date there is
    new.reminders_off = False
    old.state, old.holds_seat, old.hold_id = "cancelled", False, None
    old.cancelled_at, old.cancelled_by = now, by.code
    with using(old.lang):
        old.reason = _("%(name)s comes instead.", name=called)
    for one in (old, new):
        seats.touch(one, now)
    db.session.flush()
