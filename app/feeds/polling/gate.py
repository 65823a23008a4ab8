"""A small WSGI application before Flask's: polls of calendars go no further, as long as their bytes are kept.

No session, no routing, no request object. Whatever is not the plain case goes on to Flask, whose doors make the bytes, keep
them, and tell which calendar stands at the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, current_app, request
from werkzeug.exceptions import SecurityError
from werkzeug.wsgi import get_host

from app.clock import now
from app.database import db
from app.feeds.answers import ANYBODY, OWNER, Reply, Wish, full, gone, is_good, reply, stale, unchanged
from app.feeds.making.folder import Folder
from app.feeds.personal import making
from app.feeds.personal.fetches import fetches
from app.feeds.personal.packed import own_of
from app.feeds.polling.watch import State, Unreachable, Watch
from app.feeds.rules import etag
from app.feeds.shelf import made_by, shelf_of
from app.web import safe_headers

KEY = "app.feeds.gate"
MOST_ADDRESSES, MOST_HOSTS = 4_000, 64
LONGEST = 200  # of an address: nobody fills the memory with nonsense
WHOSE, FILE = "/feeds/me/", ".ics"
NOTED = timedelta(minutes=10)  # after that it is written down again that kept bytes are still right
UNFINDABLE = ("X-Robots-Tag", "noindex")

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Address:
    """Which public calendar stands at an address: its name, language and level of detail, its place on the shelf, and the
    headers that it has besides."""

    key: str
    scope: str
    lang: str
    level: str
    headers: tuple[tuple[str, str], ...] = ()

    def etag(self, state: State, made: str) -> str:
        """The validator of its bytes, which need not be there."""
        return etag(self.scope, self.lang, self.level, state.revisions, state.changed_at, made)


class Gate:
    """Answers polls; hands on all else."""

    def __init__(self, app: Flask, inner: Wsgi) -> None:
        self._app = app
        self.inner = inner
        config = app.config["CONFIG"]
        with app.app_context():
            self.watch = Watch(db.engine)
        self._made = made_by(config)
        self._safe = list(safe_headers(https=config.https))
        self._folder = Folder(config.instance)
        self._hosts: set[str] = set()
        self._addresses: dict[tuple[str, str], Address] = {}
        self._tags: dict[Address, tuple[State, str]] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        path = environ["PATH_INFO"]
        if not path.endswith(FILE) or environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or not self._is_known_host(environ):
            return self.inner(environ, start_response)
        query = environ.get("QUERY_STRING", "")
        one = self._own(path, query, environ) if path.startswith(WHOSE) else self._public(self._addresses.get((path, query)), environ)
        if one is None:
            return self.inner(environ, start_response)
        start_response(one.status, one.headers + self._safe)
        return [] if environ["REQUEST_METHOD"] == "HEAD" or not one.body else [one.body]

    def _public(self, address: Address | None, environ: Environ) -> Reply | None:
        """The calendar that stands there, if its bytes are kept; with the database gone, the last good ones."""
        if address is None:
            return None
        at = now()
        try:
            state = self.watch.public(at)
        except Unreachable:
            return self._last_good(address, environ)
        kept = shelf_of(self._app).current(address.key, self._tag(address, state), at)
        if kept is None:
            return None
        if abs(at - kept.noted_at) > NOTED:  # abs: a clock may be set back
            kept.noted_at = at
            self._folder.confirm(address.key, at)
        one = reply(kept, Wish.of(environ), ANYBODY)
        one.headers.extend(address.headers)
        return one

    def _tag(self, address: Address, state: State) -> str:
        before, tag = self._tags.get(address, (None, ""))
        if before is not state:
            tag = address.etag(state, self._made)
            self._tags[address] = state, tag
        return tag

    def _last_good(self, address: Address, environ: Environ) -> Reply | None:
        kept = shelf_of(self._app).find(address.key)
        if kept is None or not is_good(kept):
            return None
        self._app.logger.warning("database unreachable, %s as it was", address.key)
        one = reply(kept, Wish.of(environ), ANYBODY)
        one.headers.extend([stale(kept), *address.headers])
        return one

    def _own(self, path: str, query: str, environ: Environ) -> Reply | None:
        """Somebody's own calendar: one statement says whose, and of which revision. A 304 needs no bytes."""
        token = path[len(WHOSE) : -len(FILE)]
        if query or not token.isascii():
            return None
        at = now()
        try:
            found = self.watch.owner(token, at)
        except Unreachable:
            return gone()
        if found is None:
            return None
        owner, (revisions, changed_at) = found
        tag = making.tag(owner, revisions, changed_at, self._made)
        wish = Wish.of(environ)
        if wish.has(tag, changed_at):
            one = unchanged(tag, wish, OWNER)
        else:
            kept = own_of(self._app).current(making.key_of(owner), tag, at)
            if kept is None:
                return None
            one = full(kept, wish, OWNER)
        fetches.note(self._app, owner.token_id, environ.get("HTTP_USER_AGENT", ""), now=at)
        one.headers.append(UNFINDABLE)
        return one

    def learn(self, path: str, query: str, address: Address) -> None:
        """That calendar stands at this address."""
        if len(path) + len(query) > LONGEST:
            return
        if len(self._addresses) >= MOST_ADDRESSES:
            self._addresses.clear()
            self._tags.clear()
        self._addresses[path, query] = address

    def _is_known_host(self, environ: Environ) -> bool:
        """Whether Flask would answer at that name; TRUSTED_HOSTS is read once, as are all settings."""
        host = environ.get("HTTP_HOST", "")
        if host in self._hosts:
            return True
        try:
            known = bool(host and get_host(environ, self._app.config["TRUSTED_HOSTS"]))
        except SecurityError:
            return False
        if known and len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)
        return known


def init_app(app: Flask) -> None:
    """Puts the gate before the app, whoever calls it: a server, the development server, a test."""
    gate = app.extensions[KEY] = Gate(app, app.wsgi_app)
    app.wsgi_app = gate  # type: ignore[method-assign]


def remember(address: Address) -> None:
    """Tells the gate what Flask has found at the address of this request: from now on it answers there."""
    gate: Gate = current_app.extensions[KEY]
    gate.learn(request.path, request.query_string.decode("latin-1"), address)
