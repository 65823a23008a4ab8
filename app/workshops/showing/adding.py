"""The ways to take one workshop into a calendar of one's own, in the language in force; nothing of what does not lie ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import url_for

from app.calendars import Entry
from app.calendars.links import links
from app.languages import current
from app.languages import gettext as _
from app.workshops.models import Workshop
from app.workshops.rules import RegistrationState
from app.workshops.showing import entries


@dataclass(frozen=True)
class Way:
    """One program, or the file for all others."""

    url: str
    label: str
    hint: str = ""


def ways(workshop: Workshop, state: RegistrationState) -> list[Way]:
    """The file first, which has an entry for each day; nothing of a draft, nor of what is over, cancelled or waits for a date."""
    if workshop.state != "published" or state == "past":
        return []
    words = _("A file that ends in .ics: open it, and your calendar program takes the workshop in.")
    address = url_for("feeds_public.workshop_file", slug=workshop.slug, lang=current())
    file = Way(address, _("Apple, Outlook on a computer and others"), words)
    return [file, *on_the_web(entries.overview(workshop, current()))]


def in_short(entry: Entry) -> list[Way]:
    """The same for plain text, where the whole address is seen: of the text only where the page is."""
    return on_the_web(replace(entry, description=""))


def on_the_web(entry: Entry) -> list[Way]:
    """Calendars that open with the entry filled in: one for the whole workshop, as whole days if it has several."""
    found = links(entry)
    if found is None:
        return []
    return [
        Way(found.google, _("Google Calendar")),
        Way(found.outlook, _("Outlook.com")),
        Way(found.office, _("Outlook at work (Office 365)")),
    ]
