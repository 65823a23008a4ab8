"""News for feed readers, the site map and the word for robots."""

from __future__ import annotations

from flask import Response, current_app
from sqlalchemy.exc import DBAPIError

from app.clock import now
from app.errors import Missing
from app.feeds.answers import ANYBODY, answer, asked, last_good
from app.feeds.news import queries, sitemap, telling
from app.feeds.queries import exists
from app.feeds.revisions import PUBLIC, revisions
from app.feeds.rules import etag
from app.feeds.shelf import document, made_with
from app.web import Door

door = Door(__name__, localised=False)

ATOM = "application/atom+xml; charset=utf-8"
XML = "application/xml; charset=utf-8"


@door.get("/feeds/<path:name>.atom")
def news_feed(name: str) -> Response:
    """What has happened to a calendar's workshops, for feed readers: a sibling of the calendar, kept and refreshed as it is."""
    lang, _level = asked()
    key = f"news:{name}?{lang}"
    try:
        numbers, changed_at = revisions(PUBLIC)
        if not exists(name):
            raise Missing
        tag = etag(f"news/{name}", lang, "atom", numbers, changed_at, made_with())
        kept = document(key, tag, changed_at, lambda: telling.document(name, lang), now=now())
    except DBAPIError:
        return last_good(key, ATOM)
    return answer(kept, ANYBODY, ATOM)


@door.get("/sitemap.xml")
def site_map() -> Response:
    """The pages that everybody may find, for search engines."""
    try:
        numbers, changed_at = revisions(PUBLIC)
        tag = etag("sitemap", "all", "xml", [*numbers, *queries.newest_places()], changed_at, made_with())
        kept = document("sitemap", tag, changed_at, sitemap.document, now=now())
    except DBAPIError:
        return last_good("sitemap", XML)
    return answer(kept, ANYBODY, XML)


@door.get("/robots.txt")
def robots() -> Response:
    """Nobody is kept out: Google's calendar obeys this file."""
    base = current_app.config["CONFIG"].base_url
    return Response(f"User-agent: *\nDisallow:\n\nSitemap: {base}/sitemap.xml\n", content_type="text/plain; charset=utf-8")
