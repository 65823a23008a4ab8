"""Making calendars, once per revision, and the secret addresses of personal ones."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from flask import Flask, current_app
from sqlalchemy import Table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from app import calendars
from app.audit.service import Actor, record
from app.calendars import Entry, Status, Years, render_entry
from app.crypto import hash_token, new_token
from app.database import changed, db, plain, transaction
from app.errors import Busy, Missing, Refused
from app.feeds import queries
from app.feeds.models import CalendarRevision, FeedToken
from app.feeds.rules import later
from app.languages import fingerprint, using
from app.languages import gettext as _
from app.organisations.models import Network
from app.workshops.models import Workshop
from app.workshops.showing import entries

PUBLIC = "public"  # the scope of all calendars that anybody may read: there from the first workshop on
MOST_DEVICES = 20
MOST_KEPT = 512
MOST_PIECES = 20_000


@dataclass(frozen=True)
class Kept:
    """One calendar's bytes, plain and packed, and what they were made from."""

    etag: str
    changed_at: datetime
    checked_at: datetime  # when the database last said that these bytes are right
    body: bytes
    packed: bytes


class Shelf:
    """The bytes of calendars, kept until their revision moves; a piece (one entry) until its row changes.

    What was not asked for in a long time leaves first.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._pieces: dict[tuple[object, ...], bytes] = {}
        self._lock = threading.Lock()

    def find(self, key: str) -> Kept | None:
        """What was last made for this address."""
        return self._kept.get(key)

    def current(self, key: str, etag: str, now: datetime) -> Kept | None:
        """What was made for this address, if the database, which has just been asked, says that it is still right."""
        kept = self._kept.get(key)
        return self.put(key, replace(kept, checked_at=now)) if kept is not None and kept.etag == etag else None

    def put(self, key: str, kept: Kept) -> Kept:
        """Keeps it; the one that was asked for longest ago leaves."""
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return kept

    def piece(self, entry: Entry, years: Years) -> bytes:
        """One entry's bytes; the entry itself is the key, so that what did not change keeps every byte."""
        key = (entry, years)
        found = self._pieces.get(key)
        if found is None:
            if len(self._pieces) > MOST_PIECES:
                self._pieces.clear()
            found = self._pieces[key] = render_entry(entry, years)
        return found


def shelf() -> Shelf:
    """This app's own shelf."""
    kept: Shelf = current_app.extensions.setdefault("app.feeds", Shelf())
    return kept


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
    return shelf().put(key, _packed(etag, changed_at, now, body))


def personal(person_id: int, lang: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """Somebody's own calendar: a seat is confirmed, an offer or a place in the line tentative, both with the public UIDs and times."""
    key = f"person:{person_id}?{lang}"
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    years = entries.years()
    pieces = []
    for registration in queries.own(person_id):
        for entry in entries.daily(registration.workshop, lang):
            changed = max(entry.changed, registration.changed_at)
            waits = registration.state in {"offered", "waitlisted"} and entry.status is Status.CONFIRMED
            mine = replace(entry, changed=changed, status=Status.TENTATIVE if waits else entry.status)
            pieces.append(shelf().piece(mine, years))
    with using(lang):
        name = _("My workshops")
    return shelf().put(key, _packed(etag, changed_at, now, calendars.feed(name, pieces, years, lang=lang)))


def one(workshop: Workshop, lang: str, etag: str, changed_at: datetime, *, now: datetime) -> Kept:
    """One workshop as a file to import: the kept bytes, or new ones."""
    key = file_key(workshop.slug, lang)
    kept = shelf().current(key, etag, now)
    if kept is not None:
        return kept
    years = entries.years()
    body = calendars.file([shelf().piece(entry, years) for entry in _entries([workshop], lang, "days")], years, lang=lang)
    return shelf().put(key, _packed(etag, changed_at, now, body))


def document(key: str, etag: str, changed_at: datetime, make: Callable[[], bytes], *, now: datetime) -> Kept:
    """Any other document about all workshops: the kept bytes of this revision, or new ones."""
    return shelf().current(key, etag, now) or shelf().put(key, _packed(etag, changed_at, now, make()))


def public_key(name: str, lang: str, level: str) -> str:
    """Where a public calendar stands on the shelf."""
    return f"{name}?{lang}&{level}"


def file_key(slug: str, lang: str) -> str:
    """Where the file of a workshop stands on the shelf."""
    return f"file:{slug}?{lang}"


def made_with() -> str:
    """Stands for what the bytes depend on and no row holds: where the service is, who sends, the words of the catalogues."""
    config = current_app.config["CONFIG"]
    return hash_token("\n".join([config.base_url, *config.sender, fingerprint()]))[:8]


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


def bump(*scopes: str, now: datetime) -> None:
    """Moves the revision of these calendars; inside the transaction of the change itself."""
    for scope in sorted(scopes):
        if scope == PUBLIC and _rise(scope, now):
            continue
        if plain(_first_revision(), {"scope": scope, "revision": 1, "changed_at": now}).rowcount == 0:
            _rise(scope, now)


def _first_revision() -> sqlite.Insert | postgresql.Insert:
    """Nothing where there is one: most people's calendars begin with the registration that is being written."""
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(cast(Table, CalendarRevision.__table__)).on_conflict_do_nothing()


def _rise(scope: str, now: datetime) -> bool:
    """Whether there was a revision to move. The row is read under its lock."""
    row = db.session.get(CalendarRevision, scope, with_for_update=True, populate_existing=True)
    if row is None:
        return False
    row.revision, row.changed_at = row.revision + 1, later(row.changed_at, now)
    db.session.flush()
    return True


def make_token(person_id: int, device: str, lang: str, *, by: Actor, now: datetime) -> str:
    """A secret address for one device; it is returned here and never again. Raises Refused."""
    with transaction():
        if len(queries.tokens(person_id)) >= MOST_DEVICES:
            raise Refused(problems={"device": _("You have many addresses already. Revoke one that you no longer use.")})
        token = new_token()
        db.session.add(
            FeedToken(person_id=person_id, token_hash=hash_token(token), device=device, lang=lang, created_at=now, last_agent="")
        )
        record("feed.made", f"person:{person_id}", by=by, now=now, name=by.name, device=device)
        return token


def revoke(person_id: int, token_id: int, *, by: Actor, now: datetime) -> None:
    """Ends one address at once. Raises Missing for another person's."""
    with transaction():
        token = db.session.get(FeedToken, token_id)
        if token is None or token.person_id != person_id:
            raise Missing
        if token.revoked_at is None:
            token.revoked_at = now
            record("feed.revoked", f"person:{person_id}", by=by, now=now, name=by.name, device=token.device)


class Fetches:
    """When and by what each personal calendar was last fetched: kept in memory, written at most once a minute,
    outside any request (the one exemption from "a GET never writes")."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[datetime, str]] = {}
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def note(self, app: Flask, token_id: int, agent: str, *, now: datetime, wait: float = 60) -> None:
        """Remembers it, and sees to it that it is written within a minute."""
        with self._lock:
            self._seen[token_id] = (now, agent[:200])
            if self._timer is None:
                self._timer = threading.Timer(wait, self.write, [app])
                self._timer.daemon = True
                self._timer.start()

    def write(self, app: Flask) -> None:
        """Writes down what has been seen."""
        with self._lock:
            seen, self._seen, self._timer = self._seen, {}, None
        try:
            self._write(app, seen)
        except (Busy, DBAPIError):
            app.logger.warning("when %s calendars were last fetched could not be written", len(seen))

    def stop(self) -> None:
        """Writes no more: at the end of a process or a test."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._seen, self._timer = {}, None

    def _write(self, app: Flask, seen: dict[int, tuple[datetime, str]]) -> None:
        with app.app_context(), transaction():
            for token_id, (at, agent) in sorted(seen.items()):
                changed(update(FeedToken).where(FeedToken.id == token_id).values(last_fetched_at=at, last_agent=agent))


fetches = Fetches()


def _entries(workshops: Iterable[Workshop], lang: str, level: str) -> list[Entry]:
    if level == "overview":
        return [entries.overview(workshop, lang) for workshop in workshops if workshop.days]
    of = entries.sessions if level == "sessions" else entries.daily
    return [entry for workshop in workshops for entry in of(workshop, lang)]


def _packed(etag: str, changed_at: datetime, now: datetime, body: bytes) -> Kept:
    return Kept(etag, changed_at, now, body, gzip.compress(body, 6, mtime=0))
