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
from app.wording import say


def chase(registration: Registration, *, now: datetime, common: Common | None = None) -> Mail:
    """'We have not heard from you', by day on the own clock and only until the workshop begins."""
    with using(registration.lang):
        letter = Letter(
            kind="reconfirm",
            subject=say("reconfirm.subject", title=registration.workshop.text.title, when=dates(registration)),
            heading=say("reconfirm.heading"),
            words=(say("reconfirm.words"), question(registration)),
            button=_("Say whether you can come"),
        )
        due_at = by_day(now, registration.person.zone)
        return replace(
            mail(registration, letter, common), due_at=due_at, expires_at=registration.workshop.starts_at, zone=registration.person.zone
        )


def question(registration: Registration) -> str:
    """What is kept, and what we ask."""
    if registration.state == "confirmed":
        return say("standing.seat_asked")
    return say("standing.waits_asked")
