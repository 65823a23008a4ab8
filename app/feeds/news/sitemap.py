"""The pages that everybody may find, for search engines: each with its other languages and its last change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from flask import current_app

from app.feeds.news import queries
from app.feeds.news.documents import Place, sitemap
from app.languages import DEFAULT, LANGUAGES

PAGES = ("about", "subscribe", "partnerships/", "privacy", "accessibility")
MOST = 50_000 // len(LANGUAGES)  # a site map holds 50,000 addresses


def document() -> bytes:
    """The site map: no drafts, no pages of one's own. Of very many workshops the oldest are left out."""
    return sitemap(list(_places())[:MOST])


def _places() -> Iterator[Place]:
    """The fixed pages first, then the networks and organisations, then the workshops, the newest first."""
    workshops, networks, organisations = queries.pages()
    changes: dict[int, list[datetime]] = defaultdict(list)
    for _slug, network_id, changed_at in workshops:
        changes[network_id].append(changed_at)
    newest = max((at for found in changes.values() for at in found), default=None)
    base = current_app.config["CONFIG"].base_url
    yield _place("", newest, default=f"{base}/")
    for name in ("workshops/", "workshops/years/", "workshops/map/"):
        yield _place(name, newest)
    yield from (_place(page) for page in PAGES)
    yield from (_place(f"network/{quote(slug)}/", max(changes[key], default=None)) for slug, key in networks)
    yield from (_place(f"organisations/{quote(slug)}/") for slug in organisations)
    yield from (_place(f"workshops/{quote(slug)}/", changed_at) for slug, _network, changed_at in workshops)


def _place(path: str, changed_at: datetime | None = None, *, default: str = "") -> Place:
    base = current_app.config["CONFIG"].base_url
    addresses = {lang: f"{base}/{lang}/{path}" for lang in LANGUAGES}
    return Place(addresses, default or addresses[DEFAULT], changed_at)
