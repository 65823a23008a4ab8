"""A file beside the database that remembers what went out: after a restore, or a crash before the mark, nothing goes again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Lock

from flask import current_app

from app.outbox.queries import last_put_back, switched

AGAIN = ":again:"  # what follows tells a mail that was written anew from the one before, about the same thing
PART = 16  # characters that stand for one thing in a Message-ID
MOST_PARTS = 8  # a Message-ID has its length


class Journal:
    """One line a message: the instant and the Message-ID, no person. A file a month; every process appends and reads along.

    `identity` is the database's own name, so that a new database never believes an older one's journal.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self.identity = identity
        self._folder = folder
        self._prefix = f"sent-{identity}-"
        self._sent: dict[str, datetime] = {}
        self._read_to: dict[Path, int] = {}
        self._paths: dict[tuple[int, int], Path] = {}
        self._turn = Lock()

    def prepare(self, at: datetime) -> None:
        """Before anything leaves: what cannot be opened now could not be written to later. Raises OSError."""
        os.close(self._open(at))

    def write(self, message_id: str, at: datetime) -> None:
        """Appends; a short line lands whole, whoever else writes. Raises OSError, and knows it all the same while we live."""
        self._sent[message_id] = at
        handle = self._open(at)
        try:
            os.write(handle, f"{at.isoformat()}\t{message_id}\n".encode())
        finally:
            os.close(handle)

    def _open(self, at: datetime) -> int:
        path, how = self._path(at), os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            return os.open(path, how, 0o600)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(path, how, 0o600)

    def read(self, at: datetime) -> None:
        """Takes in what has come since, by whomever: of the month of `at`, and of the one before."""
        with self._turn:
            for month in (at.replace(day=1) - timedelta(days=1), at):
                self._read_on(self._path(month))

    def read_since(self, since: datetime, at: datetime) -> None:
        """The same of all months from `since` on."""
        with self._turn:
            month = since.replace(day=1)
            while month <= at:
                self._read_on(self._path(month))
                month = (month + timedelta(days=32)).replace(day=1)

    def left_since(self, since: datetime) -> dict[str, datetime]:
        """What has left from then on, thing by thing, as parts of Message-IDs, and when last."""
        found: dict[str, datetime] = {}
        for message_id, at in self._sent.items():
            if at >= since:
                for part in message_id.strip("<>").partition("@")[0].split("."):
                    found[part[:PART]] = max(at, found.get(part[:PART], at))
        return found

    def number_since(self, since: datetime) -> int:
        """How many messages have left from then on."""
        return sum(at >= since for at in self._sent.values())

    def sent_at(self, message_id: str) -> datetime | None:
        """When the message last went out, as far as was read."""
        return self._sent.get(message_id)

    def tidy(self, before: datetime) -> int:
        """Throws away the months that ended before; how many files."""
        old = [path for path in self._folder.glob(f"{self._prefix}*.log") if path.name < self._path(before).name]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _path(self, at: datetime) -> Path:
        month = at.year, at.month
        if month not in self._paths:  # each mail asks, and putting one together takes longer than to look it up
            self._paths[month] = self._folder / f"{self._prefix}{at:%Y-%m}.log"
        return self._paths[month]

    def _read_on(self, path: Path) -> None:
        """Takes in the whole lines that have come since."""
        start = self._read_to.get(path, 0)
        try:
            if path.stat().st_size <= start:
                return
            with path.open("rb") as file:
                file.seek(start)
                fresh = file.read()
        except FileNotFoundError:
            return
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read_to[path] = start + len(whole)
        for line in whole.decode("ascii", "replace").splitlines():
            instant, _, message_id = line.partition("\t")
            try:
                at = datetime.fromisoformat(instant)
            except ValueError:
                continue  # a line cut short by a full disk
            self._sent[message_id] = max(at, self._sent.get(message_id, at))  # a restore adds older lines behind


def unique_name(identity: str, keys: Sequence[str]) -> str:
    """What a Message-ID begins with: it follows from what the mail is about, so that even after a restore a copy can be known as a
    copy; of several things each can be told apart, for they may come together otherwise the next time."""
    whole = _hashed(identity, *keys)
    things = {part: None for key in keys for part in (_part(identity, key), _part(identity, key.partition(AGAIN)[0]))}
    return whole[: 2 * PART] if len(things) < 2 else ".".join([whole[:PART], *list(things)[:MOST_PARTS]])


def gone(dues: Mapping[str, datetime], now: datetime) -> frozenset[str]:
    """Which of these things left at their instant or later, though no row says so: a copy that was put back does not know what went
    after it was made. Raises OSError."""
    copy = last_put_back() if dues else None
    wanted = {key for key, due in dues.items() if copy is not None and due <= copy.at}  # what falls due later has not left before
    if copy is None or not wanted:
        return frozenset()
    journal = open_journal()
    journal.read_since(copy.copied_at, now)
    left = journal.left_since(copy.copied_at)
    sent = {key: left.get(_part(journal.identity, key)) for key in wanted}
    return frozenset(key for key, at in sent.items() if at is not None and at >= dues[key])


def _part(identity: str, key: str) -> str:
    return _hashed(identity, key)[:PART]


def _hashed(*words: str) -> str:
    return sha256("\n".join(words).encode()).hexdigest()


def open_journal() -> Journal:
    """The journal of this database, kept in memory by this app."""
    identity = switched("journal") or "none"
    kept: dict[str, Journal] = current_app.extensions.setdefault("app.outbox.journal", {})
    return kept.setdefault(identity, Journal(current_app.config["CONFIG"].instance, identity))
