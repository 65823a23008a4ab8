"""The mails about an offered seat: rows in, finished messages out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.languages import gettext as _
from app.languages import moment, using
from app.outbox.service import Mail
from app.registrations.letters import Common, Letter, dates, mail
from app.registrations.models import Registration


def offer(registration: Registration, common: Common | None = None) -> Mail:
    """'A seat is offered to you', with the deadline and a tentative calendar entry."""
    with using(registration.lang):
        again = _("You did not answer the first offer. The seat is offered to you once more, for the last time.")
        first = _("A seat became free, and you are next in line.")
        letter = Letter(
            kind="offer",
            subject=_("A seat is offered to you: %(title)s, %(when)s", title=registration.workshop.text.title, when=dates(registration)),
            heading=_("A seat is offered to you"),
            words=(again if registration.lapses else first, held(registration), _in_calendar()),
            button=_("Accept the seat or leave it"),
            method="REQUEST",
        )
        return replace(mail(registration, letter, common), expires_at=registration.held_until)


def reminders(registration: Registration, common: Common | None = None) -> list[Mail]:
    """The offer once more, before it lapses, as often as the rules say; none where it is too short for that."""
    common = common or Common()
    found = [(lead.key, lead.due(registration)) for lead in common.leads(registration.workshop)]
    return [_reminder(registration, common, key, due_at) for key, due_at in found if due_at is not None]


def _reminder(registration: Registration, common: Common, key: str, due_at: datetime) -> Mail:
    until, person = registration.held_until, registration.person
    with using(registration.lang):
        letter = Letter(
            kind="offer_reminder",
            key=f"offer_reminder:{registration.id}:{registration.generation}{key and f':{key}'}",
            subject=_("The offer ends soon: %(title)s, %(when)s", title=registration.workshop.text.title, when=dates(registration)),
            heading=_("The seat is still held for you"),
            words=(held(registration),),
            button=_("Accept the seat or leave it"),
        )
        return replace(mail(registration, letter, common), due_at=due_at, expires_at=until, zone=person.zone)


def lapsed(registration: Registration) -> Mail:
    """'The offer has ended': at the end of the line, or out of it after the last one."""
    with using(registration.lang):
        waits = registration.state == "waitlisted"
        still = _("We did not hear from you in time, so the seat goes to the next in line. You are still on the waiting list, at its end.")
        gone = _("The seat was offered to you twice without an answer, so you are no longer on the waiting list.")
        letter = Letter(
            kind="offer_lapsed",
            subject=_("The offer has ended: %(title)s, %(when)s", title=registration.workshop.text.title, when=dates(registration)),
            heading=_("The offer has ended"),
            words=(still,) if waits else (gone, _("You may register again as long as registration is open.")),
            button=_("See your place in the line") if waits else _("See your registration"),
            method="CANCEL",
        )
        return mail(registration, letter)


def held(registration: Registration) -> str:
    """Until when, on the own clock, and what then."""
    until = moment(registration.held_until or registration.changed_at, registration.person.zone)
    return _("It is held for you until %(when)s. Without an answer it then goes to the next in line.", when=until)


def _in_calendar() -> str:
    return _("The calendar entry is tentative until you accept. Answering it in your calendar does not reach us: use the button.")
