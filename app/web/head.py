"""What a page's head tells search engines and feeds of links: its one address, its other languages, or that it is not to be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import current_app, request

from app.languages import DEFAULT, LANGUAGES, current

KEPT = ("when", "country", "region", "place", "language", "theme", "format", "open", "year", "month", "page")  # they make another page
LOCALES = {"sv": "sv_SE", "es": "es_LA", "en": "en_GB"}  # as Open Graph knows them
EVERYBODY = "x-default"


@dataclass(frozen=True)
class Found:
    """A page that everybody may find: its address, the same page in each language and for everybody else, its locale and theirs."""

    url: str
    alternates: Mapping[str, str]
    locale: str
    locales: tuple[str, ...]


def found() -> Found | None:
    """Where this page is for people outside; None if it is somebody's own, the staff's, an answer to a form, or in one language only.

    It is made from BASE_URL, never from the host that was asked, and keeps only the words of the query that make another page.
    """
    door = current_app.blueprints.get(request.blueprint or "")
    lang, base = current(), current_app.config["CONFIG"].base_url
    localised = request.endpoint and current_app.url_map.is_endpoint_expecting(request.endpoint, "lang")
    if not (localised and request.method in {"GET", "HEAD"} and getattr(door, "findable", False)):
        return None
    rest = quote(request.path.removeprefix(f"/{lang}")) + _query()
    addresses = {code: f"{base}/{code}{rest}" for code in LANGUAGES}
    default = f"{base}/" if rest == "/" else addresses[DEFAULT]  # the root chooses by the reader's browser
    others = tuple(locale for code, locale in LOCALES.items() if code != lang)
    return Found(addresses[lang], {**addresses, EVERYBODY: default}, LOCALES[lang], others)


def _query() -> str:
    kept = [(name, value) for name in KEPT if (value := request.args.get(name)) and (name, value) != ("page", "1")]
    return f"?{urlencode(kept)}" if kept else ""
