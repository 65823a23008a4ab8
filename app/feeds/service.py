"""Making public calendars, once per revision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app import calendars
from app.calendars import Entry
from app.database import db
from app.feeds import queries
from app.feeds.shelf import Kept, packed, shelf
from app.languages import gettext as _
from app.languages import using
from app.organisations.models import Network
from app.workshops.models import Workshop
from app.workshops.showing import entries


def public(name: str, lang: str, level: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """A public calendar: the kept bytes of this revision, or new ones. Raises Missing."""
    key = public_key(name, lang, level)
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    workshops = queries.public_workshops(name, level)
    years = entries.years()
    pieces = [shelf().piece(entry, years) for entry in _entries(workshops, lang, level)]
    body = calendars.feed(title(name, lang), pieces, years, lang=lang)
    return shelf().put(key, packed(etag, changed_at, now, body))


def one(workshop: Workshop, lang: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """One workshop as a file to import: the kept bytes, or new ones."""
    key = file_key(workshop.slug, lang)
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    years = entries.years()
    body = calendars.file([shelf().piece(entry, years) for entry in _entries([workshop], lang, "days")], years, lang=lang)
    return shelf().put(key, packed(etag, changed_at, now, body))


def public_key(name: str, lang: str, level: str) -> str:
    """Where a public calendar stands on the shelf."""
    return f"{name}?{lang}&{level}"


def file_key(slug: str, lang: str) -> str:
    """Where the file of a workshop stands on the shelf."""
    return f"file:{slug}?{lang}"


def title(name: str, lang: str) -> str:
    """What a calendar is called in the list of somebody's calendars."""
    with using(lang):
        if name.startswith("network/"):
            network = db.session.query(Network).filter_by(slug=name.removeprefix("network/")).one_or_none()
            return network.name if network else ""
        return {
            "all": _("Workshops of the networks"),
            "sweden": _("Workshops in Sweden"),
            "latin-america": _("Workshops in Latin America"),
            "colombia": _("Workshops in Colombia"),
            "guatemala": _("Workshops in Guatemala"),
            "online": _("Online workshops"),
        }.get(name, "")


def _entries(workshops: Iterable[Workshop], lang: str, level: str) -> list[Entry]:
    if level == "overview":
        return [entries.overview(workshop, lang) for workshop in workshops if workshop.days]
    of = entries.sessions if level == "sessions" else entries.daily
    return [entry for workshop in workshops for entry in of(workshop, lang)]
