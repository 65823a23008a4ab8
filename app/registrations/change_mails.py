"""The mails about what has become of a workshop: moved, cancelled, postponed, taken up again. Nothing is read or sent here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from app.languages import day, hours, using
from app.languages import gettext as _
from app.outbox.service import Mail
from app.registrations.coming.mails import question
from app.registrations.coming.rules import is_awaited
from app.registrations.letters import Common, Letter, dates, mail, page
from app.registrations.models import Registration
from app.registrations.waiting.mails import held
from app.wording import say

Wall = tuple[date, time, time]  # a day and its hours on the workshop's own clock
QUIET = timedelta(minutes=5)  # three edits within it are one mail
KEY_ROOM = 84  # letters of a key that may name the days of before


def change(
    registration: Registration, before: Sequence[Wall], *, also_place: bool = False, now: datetime, common: Common | None = None
) -> Mail:
    """'The workshop has moved': the old days beside the new ones, on its own clock. Waits for five quiet minutes."""
    with using(registration.lang):
        title = registration.workshop.text.title
        letter = Letter(
            kind="change",
            subject=say("change.subject", title=title, when=dates(registration)),
            heading=say("change.heading_both") if also_place else say("change.heading"),
            words=(_was(before), _kept(registration), *_in_calendar(registration)),
            button=_("Say whether you can come") if is_asked(registration) else _("See or change your registration"),
            method="REQUEST" if registration.holds_seat else None,
            key=f"{_change_key('both' if also_place else 'change', registration)}{pack(before)}",
        )
        return replace(mail(registration, letter, common), due_at=now + QUIET)


def new_place(registration: Registration, *, now: datetime, common: Common | None = None) -> Mail:
    """'The workshop meets somewhere else'."""
    with using(registration.lang):
        title = registration.workshop.text.title
        letter = Letter(
            kind="change",
            subject=say("change.subject_place", title=title, when=dates(registration)),
            heading=say("change.heading_place"),
            words=(say("change.place"), _kept(registration), *_in_calendar(registration)),
            button=_("Say whether you can come") if is_asked(registration) else _("See or change your registration"),
            method="REQUEST" if registration.holds_seat else None,
            key=_change_key("place", registration),
        )
        return replace(mail(registration, letter, common), due_at=now + QUIET)


def _was(before: Sequence[Wall]) -> str:
    """The days that it had."""
    return say("change.before", old="; ".join(f"{day(on)}, {hours(starts, ends)}" for on, starts, ends in before))


def _kept(registration: Registration) -> str:
    """What somebody has still, and what to do about it who cannot come."""
    if registration.state == "offered":
        return held(registration)
    if is_asked(registration):
        return question(registration)
    if registration.state == "confirmed":
        return say("standing.seat")
    if registration.state == "requested":
        return say("standing.request")
    return say("standing.waits")


def _in_calendar(registration: Registration) -> tuple[str, ...]:
    """To whoever gets a calendar entry with the news: its buttons lead nowhere (RFC 6047 replies are not read)."""
    if not registration.holds_seat:
        return ()
    return (say("standing.entry"),)


def is_asked(registration: Registration) -> bool:
    """Whether the answer to a new date is awaited."""
    return is_awaited(registration.state, registration.asked_at, registration.answered_at)


def _change_key(kind: str, registration: Registration) -> str:
    """Who moves up from the waiting list is told anew of the same change: the generation has risen."""
    return f"{kind}:{registration.id}:{registration.workshop.version}.{registration.generation}:"


def instead_of(message_id: UUID, mail: Mail) -> Mail:
    """The mail under a key of its own, for it says anew what one that was taken back was to say."""
    return replace(mail, items=[replace(item, dedupe=f"{item.dedupe}:again:{message_id.hex[:8]}") for item in mail.items])


def pack(days: Sequence[Wall]) -> str:
    """The days of before, as they stand in a mail's key until it leaves; nothing if they are too many for it."""
    words = ",".join(f"{on:%Y%m%d}{starts:%H%M}{ends:%H%M}" for on, starts, ends in days)
    return words if len(words) <= KEY_ROOM else ""


def unpack(key: str) -> tuple[Wall, ...]:
    """What pack() wrote at the end of a key."""
    words = key.rsplit(":", 1)[1]
    return tuple(
        (datetime.strptime(one[:8], "%Y%m%d").date(), time.fromisoformat(one[8:12]), time.fromisoformat(one[12:]))  # noqa: DTZ007  a wall
        for one in words.split(",")
        if one
    )


def news(
    registration: Registration,
    state: Literal["cancelled", "postponed", "restored"],
    common: Common | None = None,
    *,
    same_date: bool = False,
    before: Sequence[Wall] = (),
) -> Mail:
    """The workshop is cancelled, postponed, or takes place after all: on the `same_date`, or on another than `before`."""
    with using(registration.lang):
        title, when = registration.workshop.text.title, dates(registration)
        seat, button, path = registration.holds_seat, _("See the workshop"), page(registration)
        if state == "cancelled":
            subject, heading = say("workshop_cancelled.subject", title=title, when=when), say("workshop_cancelled.heading")
            words: tuple[str, ...] = (say("workshop_cancelled.seat") if seat else _closed(registration),)
        elif state == "postponed":
            subject, heading = say("workshop_postponed.subject", title=title), say("workshop_postponed.heading")
            kept = say("workshop_postponed.seat")
            words = (kept if seat else _later(registration),)
        else:
            button, path = _("Say whether you can come") if is_asked(registration) else _("See or change your registration"), ""
            subject, heading, words = _again_on(registration, title, when, same_date=same_date, before=before)
            words = (*words, *_in_calendar(registration))
        method: Literal["REQUEST", "CANCEL"] = "REQUEST" if state == "restored" else "CANCEL"
        letter = Letter(
            kind=f"workshop_{state}",
            subject=subject,
            heading=heading,
            words=words,
            button=button,
            button_path=path,
            method=method if seat else None,
            key=f"{state}:{registration.id}:{registration.workshop.version}",
            reason=registration.workshop.text.reason if state != "restored" else "",
        )
        return mail(registration, letter, common)


def _again_on(
    registration: Registration, title: str, when: str, *, same_date: bool, before: Sequence[Wall]
) -> tuple[str, str, tuple[str, ...]]:
    """(subject, heading, words) of a workshop that is taken up again; `before` are the days it had, if that is known."""
    if before and tuple(before) != tuple((one.on, one.starts, one.ends) for one in registration.workshop.days):
        subject = say("workshop_restored.subject_new", title=title, when=when)
        return subject, say("workshop_restored.heading_new"), (_was(before), _kept(registration))
    subject, heading = say("workshop_restored.subject", title=title, when=when), say("workshop_restored.heading")
    return subject, heading, (*((say("workshop_restored.same_date"),) if same_date else ()), _kept(registration))


def _closed(registration: Registration) -> str:
    if registration.state == "requested":
        return say("workshop_cancelled.request")
    return say("workshop_cancelled.waits")


def _later(registration: Registration) -> str:
    if registration.state == "requested":
        return say("workshop_postponed.request")
    return say("workshop_postponed.waits")
