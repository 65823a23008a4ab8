"""The bytes of public calendars in a folder of the instance: made once a revision for all processes of a machine.

One file a calendar, replaced as a whole. What is cut short, of another revision or of other code is not there. Calendars of one
person never come here. A folder that cannot be written is none: then each process makes its own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

from app.feeds.making.code import made_by
from app.feeds.shelf import Kept

PATIENCE = 20.0  # seconds to wait for another process that makes the same calendar
PAUSE = 0.02  # seconds between two looks
OLD = timedelta(days=7)  # after that, what nobody has asked for is swept


class Folder:
    """Calendars by their place on the shelf."""

    def __init__(self, instance: Path) -> None:
        self._path = instance / "feeds"

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """One process at a time makes this calendar; whoever waits finds it made. Waits no longer than PATIENCE."""
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._file(key).with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            yield
            return
        try:
            _take(descriptor, time.monotonic() + PATIENCE)
            yield
        finally:
            os.close(descriptor)  # which frees the lock

    def find(self, key: str, etag: str, now: datetime) -> Kept | None:
        """What was made of this revision, which the database has just named."""
        kept = self.last(key)
        if kept is None or kept.etag != etag:
            return None
        kept.checked_at = now
        return kept

    def last(self, key: str) -> Kept | None:
        """What was made last, of whichever revision; `checked_at` is when a process last heard that it is right."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            file = self._file(key)
            head, _break, body = file.read_bytes().partition(b"\n")
            facts = json.loads(head)
            if (facts["key"], facts["made_by"], facts["sha256"]) == (key, made_by(), sha256(body).hexdigest()):
                checked_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
                return Kept(facts["etag"], datetime.fromisoformat(facts["changed_at"]), checked_at, body)
        return None

    def put(self, key: str, kept: Kept) -> None:
        """Keeps it for the other processes, in place of what stood there."""
        body = kept.body
        facts = {"key": key, "etag": kept.etag, "changed_at": kept.changed_at.isoformat(), "made_by": made_by()}
        head = json.dumps(facts | {"sha256": sha256(body).hexdigest()}).encode()
        with suppress(OSError):
            descriptor, name = mkstemp(dir=self._path)  # readable by its owner alone
            try:
                with os.fdopen(descriptor, "wb") as new:
                    new.write(head + b"\n" + body)
                Path(name).replace(self._file(key))
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            self.confirm(key, kept.checked_at)
            self._sweep(kept.checked_at)

    def confirm(self, key: str, at: datetime) -> None:
        """The database has just called it right."""
        with suppress(OSError):
            os.utime(self._file(key), (at.timestamp(), at.timestamp()))

    def _file(self, key: str) -> Path:
        return self._path / f"{sha256(key.encode()).hexdigest()[:32]}.ics"

    def _sweep(self, now: datetime) -> None:
        for file in self._path.iterdir():
            if file.stat().st_mtime < (now - OLD).timestamp():
                file.unlink(missing_ok=True)


if sys.platform == "win32":  # pragma: no cover

    def _take(_descriptor: int, _until: float) -> None:
        """There, each process makes its own."""

else:
    import fcntl

    def _take(descriptor: int, until: float) -> None:
        """The lock, or nothing when the time is over: to make it twice is better than not at all."""
        while time.monotonic() < until:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(PAUSE)
