"""Making public calendars, once per revision."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from flask import current_app
from sqlalchemy import bindparam, select

from app import calendars
from app.database import quick
from app.feeds import queries
from app.feeds.making import rows
from app.feeds.making.folder import Folder
from app.feeds.partnerships import making as partnerships
from app.feeds.rules import PARTNERSHIP
from app.feeds.shelf import Kept, packed, shelf
from app.languages import gettext as _
from app.languages import using
from app.organisations.models import Network, NetworkName
from app.workshops.models import Workshop
from app.workshops.showing import entries

_NAMES = (
    select(NetworkName.lang, NetworkName.name).join(Network, Network.id == NetworkName.network_id).where(Network.slug == bindparam("slug"))
)


def public(name: str, lang: str, level: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """A public calendar: the kept bytes of this revision, of this process or another, or new ones. Raises Missing."""
    key = public_key(name, lang, level)
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    folder = Folder(current_app.config["CONFIG"].instance)
    with folder.turn(key):
        kept = folder.find(key, etag, now)
        if kept is None:
            kept = packed(etag, changed_at, now, _made(name, lang, level))
            folder.put(key, kept)
    return shelf().put(key, kept)


def _made(name: str, lang: str, level: str) -> bytes:
    if name.startswith(PARTNERSHIP):
        return partnerships.made(name, title(name, lang), lang, level)
    years, found = entries.years(), under(name, lang, programme=level == "sessions")
    return calendars.feed(title(name, lang), shelf().pieces.of(found, years, lang, level), years, lang=lang)


def under(name: str, lang: str, *, programme: bool, above: int = 0) -> list[rows.Rows]:
    """The workshops that a public calendar shows. Raises Missing."""
    _kind, _slash, network = name.partition("/")
    wanted = _public("network/" if network else name)
    return rows.find(wanted, lang, programme=programme, above=above, **({"network": network} if network else {}))


@lru_cache(16)
def _public(name: str) -> rows.Statements:
    return rows.statements(*queries.shown_under(name), queries.not_left_behind())


@lru_cache(1)
def _file() -> rows.Statements:
    return rows.statements(*queries.shown_under("all"), Workshop.slug == bindparam("slug"))


def one(slug: str, lang: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """One workshop as a file to import: the kept bytes, or new ones."""
    key = file_key(slug, lang)
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    years, found = entries.years(), rows.find(_file(), lang, programme=False, slug=slug)
    body = calendars.file(shelf().pieces.of(found, years, lang, "days"), years, lang=lang)
    return shelf().put(key, packed(etag, changed_at, now, body))


def public_key(name: str, lang: str, level: str) -> str:
    """Where a public calendar stands on the shelf."""
    return f"{name}?{lang}&{level}"


def file_key(slug: str, lang: str) -> str:
    """Where the file of a workshop stands on the shelf."""
    return f"file:{slug}?{lang}"


def title(name: str, lang: str) -> str:
    """What a calendar is called in the list of somebody's calendars."""
    if name.startswith("network/"):
        names = {row.lang: row.name for row in quick(_NAMES, {"slug": name.removeprefix("network/")})}
        return names.get(lang) or names.get("en") or next(iter(names.values()), "")
    with using(lang):
        if name.startswith(PARTNERSHIP):
            return partnerships.title(name)
        return {
            "all": _("Workshops of the networks"),
            "sweden": _("Workshops in Sweden"),
            "latin-america": _("Workshops in Latin America"),
            "colombia": _("Workshops in Colombia"),
            "guatemala": _("Workshops in Guatemala"),
            "online": _("Online workshops"),
        }.get(name, "")
