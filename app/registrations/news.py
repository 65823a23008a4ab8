"""What a workshop's change means for the mails about it: who is told what, and what has not left is written anew.

Seats wait for the transaction of the change, so all of it is a fixed number of statements, however many have registered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from app.outbox import service as outbox
from app.outbox.service import Mail
from app.registrations import change_mails, mails, queries
from app.registrations.coming import mails as coming
from app.registrations.coming.rules import ASKED
from app.registrations.letters import Common
from app.registrations.models import Registration
from app.registrations.queries import Unsent
from app.registrations.rules import next_sequence
from app.registrations.waiting import mails as offered
from app.registrations.waiting.leads import lead_in
from app.workshops.models import Workshop

TOLD = ("confirmed", "waitlisted", "offered", "requested")
# they say when and where it is
ANSWERS = ("confirmation", "promotion", "waiting", "request", "hold", "link", "offer", "offer_reminder", "reconfirm")


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
    before: tuple[change_mails.Wall, ...] = (),
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
        anew = _anew(registration, waiting, now, common)
        found += anew
        if registration.state in TOLD:
            _above(registration, anew, now)
            found += _change(registration, waiting, now, common, before=before, new_place=new_place)
    outbox.queue_all(found, now=now)


def moved_up(registration: Registration, now: datetime, *, given: bool = False) -> None:
    """'You have a seat', or one is offered, in the place of what was still to say that one waits; a change that nobody has heard of
    goes with it. `given`: by staff, out of turn."""
    stale = ["change", "waiting", "offer", "offer_reminder"]
    waiting = queries.unsent(registration.workshop_id, stale, registration.id).get(registration.id, ())
    outbox.withdraw(f"registration:{registration.id}", kinds=stale, state="superseded")
    common = Common()
    if registration.state == "offered":
        found = [offered.offer(registration, common), *offered.reminders(registration, common)]
    else:
        found = [mails.answer(registration, promoted=not given, given=given, common=common)]
    if any(one.kind == "change" for one in waiting):
        _above(registration, found, now)
        found += _change(registration, waiting, now, common)
    outbox.queue_all(found, now=now)


def tell(
    workshop: Workshop,
    news: Literal["cancelled", "postponed", "restored"],
    now: datetime,
    *,
    but: Collection[int] = (),
    same_date: bool = False,
    before: Sequence[change_mails.Wall] = (),
) -> None:
    """Everybody is told at once; what was still to go about this workshop does not. `but`: who hears of it otherwise.

    Taken up again with the `same_date` it asks nothing anew: an answer stands, and a question about an earlier move stays open.
    `before`: the days that it had when it was postponed or cancelled.
    """
    people = _people(workshop)
    subjects = [f"registration:{registration.id}" for registration in people if registration.id not in but]
    outbox.withdraw_each(subjects, kinds=["change", "reminder", *ANSWERS], state="superseded")
    told = [registration for registration in people if registration.state in TOLD and registration.id not in but]
    for registration in told:
        _raise_sequence(registration, now)
        if news == "restored" and not same_date:
            _ask(registration, now)
    common = Common()
    found = [change_mails.news(registration, news, common, same_date=same_date, before=before) for registration in told]
    outbox.queue_all(found, now=now)


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
    before: tuple[change_mails.Wall, ...] = (),
    new_place: bool = False,
) -> list[Mail]:
    """'New time', 'new place' or both, counted from what was before the first of several edits; nothing if all is as it was."""
    keys = [one.key for one in waiting if one.kind == "change"]
    today = tuple((one.on, one.starts, one.ends) for one in registration.workshop.days)
    place = new_place or any(key.startswith(("place:", "both:")) for key in keys)
    first = next((old for key in keys if (old := change_mails.unpack(key))), before)
    if first == today:
        registration.asked_at = None  # it is as it was: there is nothing to answer
    elif first:
        _ask(registration, now)
        return [change_mails.change(registration, first, also_place=place, now=now, common=common)]
    if place or before == today:  # the same hours, on another place's clock
        return [change_mails.new_place(registration, now=now, common=common)]
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
        elif one.kind == "offer" and registration.state == "offered":
            mail = offered.offer(registration, common)
        elif one.kind == "offer_reminder" and registration.state == "offered":
            again = [mail for mail in offered.reminders(registration, common) if lead_in(mail.items[0].dedupe) == lead_in(one.key)]
            found |= {mail.items[0].dedupe: change_mails.instead_of(one.message_id, mail) for mail in again}
        elif one.kind == "reconfirm" and change_mails.is_asked(registration):
            mail = coming.chase(registration, now=now, common=common)
        elif one.kind == "link" and registration.state in TOLD:
            mail = mails.link_again(registration, now=now, common=common)
        if mail is not None:
            found[one.kind] = change_mails.instead_of(one.message_id, mail)
    return list(found.values())


def _ask(registration: Registration, now: datetime) -> None:
    """Whether they still come: what was answered about an earlier date does not count."""
    if registration.state in ASKED:
        registration.asked_at, registration.answered_at, registration.chased_at = now, None, None


def _above(registration: Registration, sent: Sequence[Mail], now: datetime) -> None:
    """Two mails of one moment that both invite: the second has the higher number, or calendars may pass over it."""
    if any(one.calendar is not None for one in sent):
        _raise_sequence(registration, now)


def _raise_sequence(registration: Registration, now: datetime) -> None:
    registration.sequence = next_sequence(registration.sequence, registration.workshop.sequence)
    registration.changed_at = now
