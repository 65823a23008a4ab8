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
from app.workshops.showing import entries


def other_entry(registration: Registration, before: str) -> Mail:
    """'Your registration goes on under your new address', to the one from `before`, as whose attendee the entry stands there.

    Whoever reads that mailbox now has no key to the registration in it: its button asks to sign in.
    """
    workshop = registration.workshop
    with using(registration.lang):
        letter = Letter(
            kind="cancelled_seat",
            subject=_("Your registration has another address: %(title)s, %(when)s", title=workshop.text.title, when=dates(registration)),
            heading=_("Your registration goes on with your new address"),
            words=(
                _("You were registered twice: with this address, and with the one that is your account's now. You keep one seat."),
                _("The calendar entry of this address is taken off. What concerns your seat goes to the new address."),
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
