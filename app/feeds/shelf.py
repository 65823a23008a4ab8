"""The bytes of calendars, kept until what they were made from changes."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app

from app.config import Config
from app.crypto import hash_token
from app.feeds.making import code
from app.feeds.making.pieces import Pieces
from app.languages import fingerprint

MOST_KEPT = 20_000
MOST_OCTETS = 24_000_000


class Kept:
    """One calendar's bytes, plain and packed, and what they were made from. Packed when first asked for."""

    __slots__ = ("_packed", "body", "changed_at", "checked_at", "etag", "noted_at")

    def __init__(self, etag: str, changed_at: datetime, checked_at: datetime, body: bytes) -> None:
        self.etag = etag
        self.changed_at = changed_at
        self.checked_at = checked_at  # when the database last said that these bytes are right
        self.noted_at = checked_at  # … and when that was written down for other processes
        self.body = body
        self._packed: bytes | None = None

    @property
    def octets(self) -> int:
        """That it takes in memory, packed bytes to come included."""
        return len(self.body) * 9 // 8

    @property
    def packed(self) -> bytes:
        """The same, by gzip."""
        if self._packed is None:
            self._packed = gzip.compress(self.body, 6, mtime=0)
        return self._packed


class Shelf:
    """The bytes of calendars, kept until their revision moves; the pieces, each workshop's entries, until its rows change.

    What was not asked for in a long time leaves first.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._octets = 0
        self.pieces = Pieces()
        self._lock = threading.Lock()

    def find(self, key: str) -> Kept | None:
        """What was last made for this address."""
        return self._kept.get(key)

    def current(self, key: str, etag: str, now: datetime) -> Kept | None:
        """What was made for this address, if the database, which has just been asked, says that it is still right."""
        kept = self._kept.get(key)
        if kept is None or kept.etag != etag:
            return None
        kept.checked_at = now
        return kept

    def put(self, key: str, kept: Kept) -> Kept:
        """Keeps it; where there is too much, the quarter that was asked for longest ago leaves."""
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = kept
            self._octets += kept.octets - (before.octets if before else 0)
            if len(self._kept) > MOST_KEPT or self._octets > MOST_OCTETS:
                oldest = sorted(self._kept, key=lambda one: self._kept[one].checked_at)
                for one in oldest:
                    if len(self._kept) <= MOST_KEPT * 3 // 4 and self._octets <= MOST_OCTETS * 3 // 4:
                        break
                    self._octets -= self._kept.pop(one).octets
        return kept


def shelf() -> Shelf:
    """The shelf of the app in whose context this is."""
    return shelf_of(current_app)


def shelf_of(app: Flask) -> Shelf:
    """An app's own shelf."""
    kept: Shelf | None = app.extensions.get("app.feeds")
    return kept or app.extensions.setdefault("app.feeds", Shelf())


def document(key: str, etag: str, changed_at: datetime, make: Callable[[], bytes], *, now: datetime) -> Kept:
    """Any other document about all workshops: the kept bytes of this revision, or new ones."""
    return shelf().current(key, etag, now) or shelf().put(key, packed(etag, changed_at, now, make()))


def made_with() -> str:
    """Stands for what the bytes depend on and no row holds: where the service is, who sends, the words of the catalogues, the code."""
    return made_by(current_app.config["CONFIG"])


@lru_cache(16)
def made_by(config: Config, app: Path = code.APP) -> str:
    """The same of an app's settings, and of the code in that folder."""
    shown = [config.base_url, *config.sender, str(config.number("reconfirm_chase_days"))]
    return hash_token("\n".join([*shown, fingerprint(), code.made_by(app)]))[:8]


def packed(etag: str, changed_at: datetime, now: datetime, body: bytes) -> Kept:
    """The bytes, to be kept."""
    return Kept(etag, changed_at, now, body)
