"""Whoever has a seat only after a reminder has left finds what it says in the confirmation, and never gets it late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from app.announcements import announce
from app.languages import gettext as _
from app.languages import ngettext, zone
from app.registrations.models import Registration
from app.workshops.models import Workshop

Dues = Callable[[str], Sequence[datetime]]
"""When the reminders of a workshop before its start fall due for readers in a zone: answers `reminder_dues(workshop=, into=)`."""


def dues_of(workshop: Workshop) -> list[Dues]:
    """Asked of whoever sends reminders."""
    into: list[Dues] = []
    announce("reminder_dues", workshop=workshop, into=into)
    return into


def begins(registration: Registration, dues: Sequence[Dues]) -> str:
    """'The workshop begins tomorrow.', in the language in force, for whoever came after a reminder was due; else nothing.

    Whoever had the seat in the moment at which it is due gets the reminder itself.
    """
    workshop, came, said = registration.workshop, registration.confirmed_at, registration.changed_at
    if workshop.state != "published" or came is None or workshop.starts_at is None or workshop.starts_at <= said:
        return ""
    if not any(due < came for one in dues for due in one(registration.person.zone)):
        return ""
    clock = _clock(registration)
    days = (workshop.starts_at.astimezone(clock).date() - said.astimezone(clock).date()).days
    if days <= 0:
        return _("The workshop begins today.")
    return (
        _("The workshop begins tomorrow.")
        if days == 1
        else (ngettext("The workshop begins in %(num)s day.", "The workshop begins in %(num)s days.", days))
    )


def _clock(registration: Registration) -> tzinfo:
    """The reader's, or the place's if nobody knows theirs."""
    try:
        return zone(registration.person.zone)
    except ValueError:
        return zone(registration.workshop.zone)
