"""How a kept calendar is answered: 304, or its bytes, packed if asked for; the last good copy with the database gone.

`polling/gate.py` answers past Flask, and the doors through it; both take status, headers and bytes from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Response, current_app, request
from werkzeug.datastructures import Accept
from werkzeug.http import http_date, parse_accept_header

from app.clock import now
from app.errors import Missing
from app.feeds.making.folder import Folder
from app.feeds.personal.fetches import fetches
from app.feeds.rules import LEVELS, dated
from app.feeds.shelf import Kept, made_with, shelf
from app.languages import LANGUAGES
from app.web import matches

STALE = timedelta(hours=24)
ANYBODY = "public, max-age=900"
OWNER = "private, max-age=900"
CALENDAR = "text/calendar; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
OK, NOT_MODIFIED, UNAVAILABLE = "200 OK", "304 NOT MODIFIED", "503 SERVICE UNAVAILABLE"
Headers = list[tuple[str, str]]


class Reply(NamedTuple):
    """What goes out, but for the headers that every answer of the service carries."""

    status: str
    headers: Headers
    body: bytes


class Wish(NamedTuple):
    """What a program says of the copy that it has, and how it takes a new one."""

    tags: str | None
    since: str | None
    packed: bool

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> Wish:
        """Out of a request (PEP 3333)."""
        packed = takes_packed(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return cls(environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE"), packed)

    def has(self, etag: str, changed_at: datetime) -> bool:
        """Whether its copy, plain or packed, is still good."""
        if self.tags is self.since is None:
            return False
        both = etag, f"{etag}-gz"
        if self.tags is not None and self.tags[1:-1] in both and self.tags[0] == self.tags[-1] == '"':  # as nearly all send it
            return True
        return any(matches(self.tags, self.since, tag, changed_at) for tag in both)


@lru_cache(256)
def takes_packed(header: str) -> bool:
    """Whether an Accept-Encoding allows gzip."""
    return bool(parse_accept_header(header, Accept)["gzip"] > 0)


def asked() -> tuple[str, str]:
    """Language and level of the address; the same bytes whoever asks. Raises Missing for words we do not know."""
    lang, level = request.args.get("lang", "en"), request.args.get("show", "days")
    if lang not in LANGUAGES or level not in LEVELS:
        raise Missing
    return lang, level


def unchanged(etag: str, wish: Wish, cache: str) -> Reply:
    """304; the packed bytes have a validator of their own."""
    return Reply(NOT_MODIFIED, [("ETag", _quoted(etag, wish)), *_handling(cache)], b"")


def full(kept: Kept, wish: Wish, cache: str, content_type: str = CALENDAR) -> Reply:
    """The bytes, packed only if asked for."""
    body = kept.packed if wish.packed else kept.body
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    if wish.packed:
        headers.append(("Content-Encoding", "gzip"))
    at = now()  # never later than Date (RFC 9110 section 8.8.2.1)
    changed_at = dated(kept.changed_at, at) if cache == OWNER else min(kept.changed_at, at).replace(microsecond=0)
    headers += [("ETag", _quoted(kept.etag, wish)), ("Last-Modified", _date(changed_at)), *_handling(cache)]
    return Reply(OK, headers, body)


def reply(kept: Kept, wish: Wish, cache: str, content_type: str = CALENDAR) -> Reply:
    """304 or the bytes."""
    return unchanged(kept.etag, wish, cache) if wish.has(kept.etag, kept.changed_at) else full(kept, wish, cache, content_type)


def _quoted(etag: str, wish: Wish) -> str:
    return f'"{etag}-gz"' if wish.packed else f'"{etag}"'


def _handling(cache: str) -> Headers:
    return [("Cache-Control", cache), ("Vary", "Accept-Encoding")]


@lru_cache(256)
def _date(at: datetime) -> str:
    return http_date(at)


def answer(kept: Kept, cache: str, content_type: str = CALENDAR) -> Response:
    """The reply to this request."""
    sent = request.headers.get
    wish = Wish(sent("If-None-Match"), sent("If-Modified-Since"), takes_packed(sent("Accept-Encoding", "")))
    return _response(reply(kept, wish, cache, content_type), content_type)


def answer_owner(kept: Kept, token_id: int, content_type: str = CALENDAR) -> Response:
    """The reply to whoever has the secret address of an own calendar; that it was fetched is remembered."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  the app itself, for a thread that outlives the request
    fetches.note(app, token_id, request.user_agent.string, now=now())
    response = answer(kept, OWNER, content_type)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _response(one: Reply, content_type: str) -> Response:
    """Its content type stands there even for a 304, which loses it on its way out: no calendar is ever taken for a page."""
    response = Response(one.body, one.status, content_type=content_type)
    for name, value in one.headers:
        response.headers[name] = value
    return response


def last_good(key: str, content_type: str = CALENDAR) -> Response:
    """The copy in memory, or on disk, if the database has called it right within the last day."""
    last = shelf().find(key) or Folder(current_app.config["CONFIG"].instance).last(key)
    if last is None or not is_good(last) or made_with() not in last.etag.split("-"):  # as another address of the service made it
        return unavailable()
    current_app.logger.warning("database unreachable, %s as it was", key)
    response = answer(last, ANYBODY, content_type)
    response.headers.extend([stale(last)])
    return response


def is_good(last: Kept) -> bool:
    """Whether it may still go out while the database is away."""
    return last.checked_at >= now() - STALE


def stale(last: Kept) -> tuple[str, str]:
    """Marks a copy that nobody can check (RFC 7234 section 5.5.1)."""
    return "Warning", f'110 - "Response is Stale" "{format_datetime(last.checked_at, usegmt=True)}"'


def unavailable() -> Response:
    """Never an empty calendar: programs would delete everything."""
    return _response(gone(), PLAIN)


def gone() -> Reply:
    """The database is away, and there is nothing that may be shown without it."""
    return Reply(UNAVAILABLE, [("Content-Type", PLAIN), ("Content-Length", "4"), ("Retry-After", "120")], b"503\n")
