"""The question in a mail: whether somebody still comes on the new date."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.languages import gettext as _
from app.languages import using
from app.outbox.service import Mail
from app.registrations.coming.rules import by_day
from app.registrations.letters import Common, Letter, dates, mail
from app.registrations.models import Registration


def chase(registration: Registration, *, now: datetime, common: Common | None = None) -> Mail:
    """'We have not heard from you', by day on the own clock and only until the workshop begins."""
    with using(registration.lang):
        letter = Letter(
            kind="reconfirm",
            subject=_("Can you still come? %(title)s, %(when)s", title=registration.workshop.text.title, when=dates(registration)),
            heading=_("Can you still come?"),
            words=(_("The workshop has a new date, and we have not heard from you yet."), question(registration)),
            button=_("Say whether you can come"),
        )
        due_at = by_day(now, registration.person.zone)
        return replace(
            mail(registration, letter, common), due_at=due_at, expires_at=registration.workshop.starts_at, zone=registration.person.zone
        )


def question(registration: Registration) -> str:
    """What is kept, and what we ask."""
    if registration.state == "confirmed":
        return _("Your seat is kept. Please say with the button whether you can come: yes, or no, and somebody else gets the seat.")
    return _("You are still on the waiting list. Please say with the button whether you could come: yes, or no, and you leave the list.")
