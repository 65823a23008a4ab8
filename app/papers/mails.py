"""The mail that says that a certificate is ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.languages import gettext as _
from app.languages import using
from app.outbox.service import Mail
from app.papers.rules import civil
from app.registrations.letters import Letter, dates, mail
from app.registrations.models import Registration


def ready(registration: Registration, *, now: datetime) -> Mail:
    """'Your certificate is ready', not in the night of whoever gets it."""
    with using(registration.lang):
        letter = Letter(
            kind="certificate",
            subject=_("Your certificate: %(title)s, %(when)s", title=registration.workshop.text.title, when=dates(registration)),
            heading=_("Your certificate is ready"),
            words=(_("Thank you for taking part. The page of your registration has the certificate of your attendance, as a PDF."),),
            button=_("Get the certificate"),
            key=f"certificate:{registration.id}",
        )
        return replace(mail(registration, letter), due_at=civil(now, registration.person.zone), zone=registration.person.zone)
