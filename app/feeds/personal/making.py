"""What stands in somebody's own calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app import calendars
from app.calendars import Status
from app.feeds.personal import queries
from app.feeds.shelf import Kept, packed, shelf
from app.languages import gettext as _
from app.languages import using
from app.workshops.showing import entries


def personal(person_id: int, lang: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """Somebody's own calendar: a seat is confirmed, an offer or a place in the line tentative, both with the public UIDs and times."""
    key = f"person:{person_id}?{lang}"
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    years = entries.years()
    pieces = []
    for registration in queries.own(person_id):
        for entry in entries.daily(registration.workshop, lang):
            changed = max(entry.changed, registration.changed_at)
            waits = registration.state in {"offered", "waitlisted"} and entry.status is Status.CONFIRMED
            mine = replace(entry, changed=changed, status=Status.TENTATIVE if waits else entry.status)
            pieces.append(shelf().piece(mine, years))
    with using(lang):
        name = _("My workshops")
    return shelf().put(key, packed(etag, changed_at, now, calendars.feed(name, pieces, years, lang=lang)))
