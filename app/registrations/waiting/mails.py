"""The mails about an offered seat: rows in, finished messages out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.languages import gettext as _
from app.languages import moment, using
from app.outbox.service import Mail
from app.registrations.letters import Common, Letter, dates, mail
from app.registrations.models import Registration
from app.wording import say


def offer(registration: Registration, common: Common | None = None) -> Mail:
    """'A seat is offered to you', with the deadline and a tentative calendar entry."""
    with using(registration.lang):
        again = say("offer.last")
        first = say("offer.first")
        letter = Letter(
            kind="offer",
            subject=say("offer.subject", title=registration.workshop.text.title, when=dates(registration)),
            heading=say("offer.heading"),
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
            subject=say("offer_reminder.subject", title=registration.workshop.text.title, when=dates(registration)),
            heading=say("offer_reminder.heading"),
            words=(held(registration),),
            button=_("Accept the seat or leave it"),
        )
        return replace(mail(registration, letter, common), due_at=due_at, expires_at=until, zone=person.zone)


def lapsed(registration: Registration) -> Mail:
    """'The offer has ended': at the end of the line, or out of it after the last one."""
    with using(registration.lang):
        waits = registration.state == "waitlisted"
        still = say("offer_lapsed.stays")
        gone = say("offer_lapsed.out")
        letter = Letter(
            kind="offer_lapsed",
            subject=say("offer_lapsed.subject", title=registration.workshop.text.title, when=dates(registration)),
            heading=say("offer_lapsed.heading"),
            words=(still,) if waits else (gone, say("offer_lapsed.again")),
            button=_("See your place in the line") if waits else _("See your registration"),
            method="CANCEL",
        )
        return mail(registration, letter)


def held(registration: Registration) -> str:
    """Until when, on the own clock, and what then."""
    until = moment(registration.held_until or registration.changed_at, registration.person.zone)
    return say("standing.held", when=until)


def _in_calendar() -> str:
    return say("offer.entry")
