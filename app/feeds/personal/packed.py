"""People's own calendars in memory: thousands, nearly alike, so each is one record, packed by what all of its kind say.

A record is its validator, its date and its bytes. What was not asked for in a long time leaves first.
"""

from __future__ import annotations

import re
import threading
import zlib
from datetime import datetime, timedelta
from struct import Struct

from flask import Flask, current_app

from app.feeds.rules import MICROSECOND, NEVER
from app.feeds.shelf import Kept

MOST_OCTETS = 16_000_000  # of a process; 10,000 calendars of one seat take five
MOST_PATTERNS = 64
OVERHEAD = 150  # octets that the interpreter takes for a record besides
WINDOW = 13  # zlib's: 8 KiB, which is more than a pattern and a calendar
KEY = "app.feeds.own"
_HEAD = Struct("<BHq")  # which pattern, the length of the validator, microseconds since NEVER
_CLOCK = re.compile(rb"^TZID:\S*", re.MULTILINE)


class Own:
    """Records by their place on the shelf, in two halves: whoever is asked for comes into the new one, and once that is full, it is
    the old one, whose records are gone."""

    def __init__(self) -> None:
        self._new: dict[str, bytes] = {}
        self._old: dict[str, bytes] = {}
        self.octets = 0  # of the new half
        self._patterns: list[bytes] = [b""]
        self._kinds: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def current(self, key: str, etag: str, now: datetime) -> Kept | None:
        """What was made for this address, if it is of the revision that the database has just named."""
        record = self._new.get(key)
        if record is None:
            record = self._old.get(key)
            if record is None:
                return None
            self._keep(key, record)
        pattern, length, microseconds = _HEAD.unpack_from(record)
        start = _HEAD.size + length
        if record[_HEAD.size : start] != etag.encode():
            return None
        unpacking = zlib.decompressobj(-WINDOW, self._patterns[pattern])
        return Kept(etag, NEVER + timedelta(microseconds=microseconds), now, unpacking.decompress(record[start:]))

    def put(self, key: str, kept: Kept) -> Kept:
        """Keeps it."""
        pattern, tag = self._pattern(key, kept.body), kept.etag.encode()
        packing = zlib.compressobj(6, zlib.DEFLATED, -WINDOW, 7, zlib.Z_DEFAULT_STRATEGY, self._patterns[pattern])
        head = _HEAD.pack(pattern, len(tag), (kept.changed_at - NEVER) // MICROSECOND)
        self._keep(key, b"".join([head, tag, packing.compress(kept.body), packing.flush()]))
        return kept

    def _keep(self, key: str, record: bytes) -> None:
        with self._lock:
            before = self._new.get(key)
            self._new[key] = record
            self.octets += len(record) - len(before) if before is not None else len(key) + len(record) + OVERHEAD
            if self.octets > MOST_OCTETS // 2:
                self._old, self._new, self.octets = self._new, {}, 0

    def _pattern(self, key: str, body: bytes) -> int:
        """The number of what all calendars of these words, this detail and these clocks are packed by: the first of them."""
        kind = b"\n".join([key.partition("?")[2].encode(), *_CLOCK.findall(body)])
        with self._lock:
            if kind not in self._kinds:
                if len(self._patterns) == MOST_PATTERNS:
                    return 0
                self._kinds[kind] = len(self._patterns)
                self._patterns.append(body[: 1 << WINDOW])
            return self._kinds[kind]


def own() -> Own:
    """Those of the app in whose context this is."""
    return own_of(current_app)


def own_of(app: Flask) -> Own:
    """An app's."""
    kept: Own | None = app.extensions.get(KEY)
    return kept or app.extensions.setdefault(KEY, Own())
