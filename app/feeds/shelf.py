"""The bytes of calendars, kept until what they were made from changes."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app

from app.calendars import Entry, Years, render_entry
from app.crypto import hash_token
from app.languages import fingerprint

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


def document(key: str, etag: str, changed_at: datetime, make: Callable[[], bytes], *, now: datetime) -> Kept:
    """Any other document about all workshops: the kept bytes of this revision, or new ones."""
    return shelf().current(key, etag, now) or shelf().put(key, packed(etag, changed_at, now, make()))


def made_with() -> str:
    """Stands for what the bytes depend on and no row holds: where the service is, who sends, the words of the catalogues."""
    config = current_app.config["CONFIG"]
    return hash_token("\n".join([config.base_url, *config.sender, fingerprint()]))[:8]


def packed(etag: str, changed_at: datetime, now: datetime, body: bytes) -> Kept:
    """The bytes with their packed ones."""
    return Kept(etag, changed_at, now, body, gzip.compress(body, 6, mtime=0))
