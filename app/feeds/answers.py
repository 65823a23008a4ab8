"""How a kept calendar is answered: 304, or its bytes, packed if asked for; the last good copy with the database gone."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

from flask import Response, current_app, request

from app.clock import now
from app.errors import Missing
from app.feeds.rules import LEVELS
from app.feeds.shelf import Kept, shelf
from app.languages import LANGUAGES
from app.web import is_fresh

STALE = timedelta(hours=24)
ANYBODY = "public, max-age=900"
OWNER = "private, max-age=900"
CALENDAR = "text/calendar; charset=utf-8"


def asked() -> tuple[str, str]:
    """Language and level of the address; the same bytes whoever asks. Raises Missing for words we do not know."""
    lang, level = request.args.get("lang", "en"), request.args.get("show", "days")
    if lang not in LANGUAGES or level not in LEVELS:
        raise Missing
    return lang, level


def answer(kept: Kept, cache: str, content_type: str = CALENDAR) -> Response:
    """304 or the bytes, packed only if asked for; both variants have a validator of their own."""
    packed = request.accept_encodings["gzip"] > 0
    fresh = is_fresh(kept.etag, kept.changed_at) or is_fresh(kept.etag + "-gz", kept.changed_at)
    response = Response(b"" if fresh else (kept.packed if packed else kept.body), content_type=content_type)
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


def last_good(key: str, content_type: str = CALENDAR) -> Response:
    """The copy in memory, if the database has called it right within the last day."""
    last = shelf().find(key)
    if last is None or last.checked_at < now() - STALE:
        return unavailable()
    current_app.logger.warning("database unreachable, %s from memory", key)
    response = answer(last, ANYBODY, content_type)
    response.headers["Warning"] = f'110 - "Response is Stale" "{format_datetime(last.checked_at, usegmt=True)}"'
    return response


def unavailable() -> Response:
    """Never an empty calendar: programs would delete everything."""
    return Response("503\n", 503, {"Retry-After": "120"}, content_type="text/plain; charset=utf-8")
