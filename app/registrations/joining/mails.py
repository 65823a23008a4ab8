"""The mail that takes the calendar entry of the former address off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from app import calendars
from app.languages import gettext as _
from app.languages import using
from app.outbox.service import Mail
from app.registrations.letters import Letter, dates, mail
from app.registrations.models import Registration
from app.wording import say
from app.workshops.showing import entries


def other_entry(registration: Registration, before: str) -> Mail:
    """'Your registration goes on under your new address', to the one from `before`, as whose attendee the entry stands there.

    Whoever reads that mailbox now has no key to the registration in it: its button asks to sign in.
    """
    workshop = registration.workshop
    with using(registration.lang):
        letter = Letter(
            kind="cancelled_seat",
            subject=say("other_address.subject", title=workshop.text.title, when=dates(registration)),
            heading=say("other_address.heading"),
            words=(
                say("other_address.twice"),
                say("other_address.entry"),
            ),
            button=_("See or change your registration"),
            button_path=f"/{registration.lang}/me/registrations/{registration.id}",
            former=True,
            key=f"other_entry:{registration.id}:{registration.generation}",
        )
        entry = replace(
            entries.overview(workshop, registration.lang),
            sequence=registration.sequence,
            changed=registration.changed_at.astimezone(UTC),
            status=calendars.Status.CANCELLED,
        )
        attendee = calendars.Address(registration.person.name, before)
        invitation = calendars.invitation(entry, "CANCEL", attendee=attendee, years=entries.years())
        return replace(mail(registration, letter), recipient=before, calendar=invitation, calendar_method="CANCEL")
