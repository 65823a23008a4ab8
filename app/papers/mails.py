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
from app.wording import say


def ready(registration: Registration, *, now: datetime) -> Mail:
    """'Your certificate is ready', not in the night of whoever gets it."""
    with using(registration.lang):
        letter = Letter(
            kind="certificate",
            subject=say("certificate.subject", title=registration.workshop.text.title, when=dates(registration)),
            heading=say("certificate.heading"),
            words=(say("certificate.words"),),
            button=_("Get the certificate"),
            key=f"certificate:{registration.id}",
        )
        return replace(mail(registration, letter), due_at=civil(now, registration.person.zone), zone=registration.person.zone)
