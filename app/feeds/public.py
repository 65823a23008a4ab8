"""What calendar programs poll, and the page where people pick a calendar. No session, no cookie on the way of a feed."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

from flask import Response, current_app, render_template, request
from sqlalchemy.exc import DBAPIError

from app.clock import now
from app.errors import Missing
from app.feeds import queries, service
from app.feeds.rules import LEVELS, PLACES, etag
from app.languages import LANGUAGES, current
from app.organisations.queries import networks
from app.web import Door, is_fresh
from app.workshops import queries as workshops

door = Door(__name__, localised=False)

STALE = timedelta(hours=24)
PUBLIC = "public, max-age=900"
PRIVATE = "private, max-age=900"


@door.get("/feeds/<path:name>.ics")
def feed(name: str) -> Response:
    """A public calendar, from its kept bytes if nothing has changed. With the database gone, the last good copy."""
    lang, level = _asked()
    if name.startswith("me/"):
        return _personal(name.removeprefix("me/"))
    try:
        revisions, changed_at = queries.revisions("public")
        if not queries.exists(name):
            raise Missing
        tag = etag(name, lang, level, revisions, changed_at, service.made_with())
        kept = service.public(name, lang, level, tag, changed_at, now=now())
    except DBAPIError:
        return _last_good(service.public_key(name, lang, level))
    return _answer(kept, PUBLIC)


@door.get("/workshops/<slug>.ics")
def workshop_file(slug: str) -> Response:
    """One workshop as a file: the same entries, byte for byte, as in the feeds."""
    lang, _level = _asked()
    try:
        revisions, changed_at = queries.revisions("public")
        workshop = workshops.get_public(slug)
        tag = etag(f"w{workshop.id}", lang, "days", [*revisions, workshop.version], changed_at, service.made_with())
        kept = service.one(workshop, lang, tag, changed_at, now=now())
    except DBAPIError:
        response = _last_good(service.file_key(slug, lang))
    else:
        response = _answer(kept, PUBLIC)
    if response.mimetype == "text/calendar":
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return response


@door.get("/robots.txt")
def robots() -> Response:
    """Nobody is kept out: Google's calendar obeys this file."""
    return Response("User-agent: *\nDisallow:\n", content_type="text/plain; charset=utf-8")


@door.get("/<any(sv, es, en):lang>/subscribe")
def subscribe() -> str:
    """Pick a calendar: one row each, with what every program needs."""
    base = current_app.config["CONFIG"].base_url
    names = [*PLACES, *(f"network/{network.slug}" for network in networks())]
    rows = [_row(name, base) for name in names]
    return render_template("feeds/subscribe.html", rows=rows)


def _row(name: str, base: str) -> dict[str, str]:
    url = f"{base}/feeds/{name}.ics?lang={current()}"
    webcal = "webcal://" + url.split("://", 1)[1]
    title = service.title(name, current())
    return {
        "id": name.replace("/", "-"),
        "title": title,
        "url": url,
        "webcal": webcal,
        "google": "https://calendar.google.com/calendar/r?cid=" + quote(webcal, safe=""),
        "outlook": f"https://outlook.live.com/calendar/0/addfromweb?url={quote(url, safe='')}&name={quote(title)}",
        "host": urlsplit(url).netloc,
    }


def _personal(token: str) -> Response:
    """Somebody's own calendar. A wrong address and a revoked one look the same: 404."""
    try:
        owner = queries.token_owner(token)
        if owner is None:
            raise Missing
        token_id, person_id, lang = owner
        revisions, changed_at = queries.revisions("public", f"person:{person_id}")
        tag = etag(f"me{person_id}", lang, "days", revisions, changed_at, service.made_with())
        kept = service.personal(person_id, lang, tag, changed_at, now=now())
    except DBAPIError:
        return _unavailable()
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  the app itself, for a thread that outlives the request
    service.fetches.note(app, token_id, request.user_agent.string, now=now())
    response = _answer(kept, PRIVATE)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _asked() -> tuple[str, str]:
    """Language and level of the address; the same bytes whoever asks. Raises Missing for words we do not know."""
    lang, level = request.args.get("lang", "en"), request.args.get("show", "days")
    if lang not in LANGUAGES or level not in LEVELS:
        raise Missing
    return lang, level


def _answer(kept: service.Kept, cache: str) -> Response:
    """304 or the bytes, packed only if asked for; both variants have a validator of their own."""
    packed = request.accept_encodings["gzip"] > 0
    fresh = is_fresh(kept.etag, kept.changed_at) or is_fresh(kept.etag + "-gz", kept.changed_at)
    response = Response(b"" if fresh else (kept.packed if packed else kept.body), content_type="text/calendar; charset=utf-8")
    if fresh:
        response.status_code = 304
        response.headers.pop("Content-Length", None)
    elif packed:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(kept.etag + ("-gz" if packed else ""))
    response.last_modified = min(kept.changed_at, now()).replace(microsecond=0)  # never later than Date (RFC 9110 section 8.8.2.1)
    response.headers["Cache-Control"] = cache
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _last_good(key: str) -> Response:
    """The copy in memory, if the database has called it right within the last day."""
    last = service.shelf().find(key)
    if last is None or last.checked_at < now() - STALE:
        return _unavailable()
    current_app.logger.warning("database unreachable, calendar %s from memory", key)
    response = _answer(last, PUBLIC)
    response.headers["Warning"] = f'110 - "Response is Stale" "{format_datetime(last.checked_at, usegmt=True)}"'
    return response


def _unavailable() -> Response:
    """Never an empty calendar: programs would delete everything."""
    return Response("503\n", 503, {"Retry-After": "120"}, content_type="text/plain; charset=utf-8")
