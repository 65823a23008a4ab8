"""Making public calendars, once per revision."""

from __future__ import annotations

from datetime import datetime

from app import calendars
from app.database import db
from app.feeds import queries
from app.feeds.making import rows
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
    years = entries.years()
    shown = rows.shown([*queries.shown_under(name), queries.not_left_behind()], lang, programme=level == "sessions")
    body = calendars.feed(title(name, lang), shelf().pieces.of(shown, years, lang, level), years, lang=lang)
    return shelf().put(key, packed(etag, changed_at, now, body))


def one(slug: str, lang: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """One workshop as a file to import: the kept bytes, or new ones."""
    key = file_key(slug, lang)
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    years = entries.years()
    shown = rows.shown([*queries.shown_under("all"), Workshop.slug == slug], lang, programme=False)
    body = calendars.file(shelf().pieces.of(shown, years, lang, "days"), years, lang=lang)
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
