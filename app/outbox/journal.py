"""A file beside the database that remembers what went out: after a restore, or a crash before the mark, nothing goes again."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from flask import current_app

from app.outbox.queries import switched


class Journal:
    """One line a message: the instant and the Message-ID, no person. A file a month; every process appends and reads along.

    `identity` is the database's own name, so that a new database never believes an older one's journal.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self._folder = folder
        self._prefix = f"sent-{identity}-"
        self._sent: dict[str, datetime] = {}
        self._read_to: dict[Path, int] = {}
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
        return self._folder / f"{self._prefix}{at:%Y-%m}.log"

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
                self._sent[message_id] = datetime.fromisoformat(instant)
            except ValueError:
                continue  # a line cut short by a full disk


def open_journal() -> Journal:
    """The journal of this database, kept in memory by this app."""
    identity = switched("journal") or "none"
    kept: dict[str, Journal] = current_app.extensions.setdefault("app.outbox.journal", {})
    return kept.setdefault(identity, Journal(current_app.config["CONFIG"].instance, identity))
