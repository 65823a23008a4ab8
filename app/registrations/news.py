"""What a workshop's change means for the mails about it: who is told what, and what has not left is written anew.

Seats wait for the transaction of the change, so all of it is a fixed number of statements, however many have registered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from app.outbox import service as outbox
from app.outbox.service import Mail
from app.registrations import mails, queries
from app.registrations.letters import Common
from app.registrations.models import Registration
from app.registrations.queries import Unsent
from app.registrations.rules import next_sequence
from app.workshops.models import Workshop

TOLD = ("confirmed", "waitlisted", "offered", "requested")
ANSWERS = ("confirmation", "promotion", "waiting", "request", "hold", "link")  # they say when and where it is


def take_back(workshop: Workshop) -> Mapping[int, Sequence[Unsent]]:
    """No mail with the old time or place leaves from here on. What was about to leave, by registration, the oldest first."""
    unsent = queries.unsent(workshop.id, ["change", *ANSWERS])
    outbox.withdraw_each([f"registration:{number}" for number in unsent], kinds=["change", *ANSWERS], state="superseded")
    return unsent


def tell_change(
    workshop: Workshop,
    unsent: Mapping[int, Sequence[Unsent]],
    now: datetime,
    *,
    before: tuple[mails.Wall, ...] = (),
    new_place: bool = False,
) -> None:
    """One mail takes the place of those of the change that still waited, and says what they said; answers that had not left
    are written anew. `unsent`: what take_back() gave, before anybody moved up.
    """
    common = Common()
    found: list[Mail] = []
    for registration in _people(workshop):
        _raise_sequence(registration, now)
        waiting = unsent.get(registration.id, ())
        found += _anew(registration, waiting, now, common)
        if registration.state in TOLD:
            found += _change(registration, waiting, now, common, before=before, new_place=new_place)
    outbox.queue_all(found, now=now)


def moved_up(registration: Registration, now: datetime) -> None:
    """'You have a seat', in the place of what was still to say that one waits; a change that nobody has heard of goes with it."""
    waiting = queries.unsent(registration.workshop_id, ["change", "waiting"], registration.id).get(registration.id, ())
    outbox.withdraw(f"registration:{registration.id}", kinds=["change", "waiting"], state="superseded")
    common = Common()
    changes = _change(registration, waiting, now, common) if any(one.kind == "change" for one in waiting) else []
    outbox.queue_all([mails.answer(registration, promoted=True, common=common), *changes], now=now)


def tell(workshop: Workshop, news: Literal["cancelled", "postponed", "restored"], now: datetime, *, but: Collection[int] = ()) -> None:
    """Everybody is told at once; what was still to go about this workshop does not. `but`: who hears of it otherwise."""
    people = _people(workshop)
    subjects = [f"registration:{registration.id}" for registration in people if registration.id not in but]
    outbox.withdraw_each(subjects, kinds=["change", "reminder", *ANSWERS], state="superseded")
    told = [registration for registration in people if registration.state in TOLD and registration.id not in but]
    for registration in told:
        _raise_sequence(registration, now)
    common = Common()
    outbox.queue_all([mails.news(registration, news, common) for registration in told], now=now)


def _people(workshop: Workshop) -> list[Registration]:
    """Everybody who waits for something; an account that is closed gets no mail."""
    people = queries.of_workshop(workshop.id, (*TOLD, "unconfirmed"))
    return [registration for registration in people if registration.person.disabled_at is None]


def _change(
    registration: Registration,
    waiting: Sequence[Unsent],
    now: datetime,
    common: Common,
    *,
    before: tuple[mails.Wall, ...] = (),
    new_place: bool = False,
) -> list[Mail]:
    """'New time', 'new place' or both, counted from what was before the first of several edits; nothing if all is as it was."""
    keys = [one.key for one in waiting if one.kind == "change"]
    today = tuple((one.on, one.starts, one.ends) for one in registration.workshop.days)
    place = new_place or any(key.startswith(("place:", "both:")) for key in keys)
    first = next((old for key in keys if (old := mails.unpack(key))), before)
    if first and first != today:
        return [mails.change(registration, first, also_place=place, now=now, common=common)]
    if place or before == today:  # the same hours, on another place's clock
        return [mails.new_place(registration, now=now, common=common)]
    return []


def _anew(registration: Registration, waiting: Sequence[Unsent], now: datetime, common: Common) -> list[Mail]:
    """The answers that had not left, as they are true now: who has moved up is not told once more that one waits."""
    found: dict[str, Mail] = {}
    for one in waiting:
        mail = None
        if one.kind in {"confirmation", "promotion"} and registration.state == "confirmed":
            mail = mails.answer(registration, promoted=one.kind == "promotion", common=common)
        elif (one.kind, registration.state) in {("waiting", "waitlisted"), ("request", "requested")}:
            mail = mails.answer(registration, common=common)
        elif one.kind == "hold" and registration.held_until is not None and registration.held_until > now:
            mail = mails.hold(registration, common=common)
        elif one.kind == "link" and registration.state in TOLD:
            mail = mails.link_again(registration, now=now, common=common)
        if mail is not None:
            found[one.kind] = mails.instead_of(one.message_id, mail)
    return list(found.values())


def _raise_sequence(registration: Registration, now: datetime) -> None:
    registration.sequence = next_sequence(registration.sequence, registration.workshop.sequence)
    registration.changed_at = now
