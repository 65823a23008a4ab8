"""SQLite: its backup API reads one state of the database while everybody writes on, and a rename puts a copy in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from app.backups.packing.archive import sync_folder
from app.backups.rules import BackupError
from app.backups.stores.tables import Contents, contents


class SqliteStore:
    """The file of an installation."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.workroom = self.path.parent  # a rename stays on one disk

    def snapshot(self, target: Path) -> Contents:
        """A copy of one instant, in one file. Writers go on: in WAL mode a reader is in nobody's way. Raises BackupError."""
        try:
            with self._connected() as source, closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA synchronous=OFF")  # it is read back at once, and thrown away after that
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            message = f"The database {self.path} cannot be copied: {error}."
            raise BackupError(message) from error
        return self.look(target)

    def look(self, file: Path) -> Contents:
        """Checks a copy page by page, and counts. Raises BackupError."""
        try:
            with closing(sqlite3.connect(file)) as copy:
                found = [word for (word,) in copy.execute("PRAGMA integrity_check(5)")]
                if found != ["ok"]:
                    message = f"SQLite finds the database damaged: {'; '.join(found)}."
                    raise BackupError(message)
                return _contents(copy)
        except sqlite3.Error as error:
            message = f"The file is no database of ours: {error}."
            raise BackupError(message) from error

    def is_empty(self) -> bool:
        """Whether nothing would be lost: no file, no tables, or nobody and no workshop in them."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return True
        try:
            with self._connected() as here:
                tables = {name for (name,) in here.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
                wanted = tables & {"person", "workshop", "message"}
                return not any(here.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in wanted)  # noqa: S608  our own names
        except sqlite3.Error:
            return False  # somebody may still make something of it

    def others(self) -> str:
        """Who has the file open, where the system tells (Linux); empty if nobody."""
        ours, found = str(os.getpid()), []
        for process in Path("/proc").glob("[0-9]*"):
            if process.name == ours:
                continue
            with suppress(OSError):
                if any(handle.readlink() == self.path for handle in (process / "fd").iterdir()):
                    found.append(process.name)
        return f"process {', '.join(found)}" if found else ""

    def _connected(self) -> closing[sqlite3.Connection]:
        """To the file that is there; none is made."""
        return closing(sqlite3.connect(f"{self.path.as_uri()}?mode=rw", uri=True, timeout=10))

    @contextmanager
    def scratch(self, dump: Path) -> Iterator[str]:
        """A database beside, out of what was unpacked; its address."""
        yield f"sqlite:///{dump}"

    def contents_of(self, url: str) -> Contents:
        """What stands in the one beside."""
        return self.look(Path(url.removeprefix("sqlite:///")))

    def put(self, url: str, stamp: str) -> str:
        """Puts the one beside in its place, which is one rename; what was there stays beside. Where, or nothing."""
        fresh = Path(url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(fresh)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")  # all of it in its one file
        self._take_after(fresh)
        _sync(fresh)
        aside = self.path.with_name(f"{self.path.name}.before-{stamp}")
        kept = self.path.exists()
        if kept:
            self._settle(aside)
            aside.unlink(missing_ok=True)
            os.link(self.path, aside)
            sync_folder(self.workroom)
        fresh.replace(self.path)
        sync_folder(self.workroom)
        return str(aside) if kept else ""

    def _take_after(self, fresh: Path) -> None:
        """The copy belongs to whom the database belonged: whoever restores need not be who serves."""
        with suppress(OSError):
            was = self.path.stat()
            fresh.chmod(was.st_mode & 0o777)
            os.chown(fresh, was.st_uid, was.st_gid)

    def _settle(self, aside: Path) -> None:
        """Brings the old one's log into its file: beside another database it would be poison. Of a file that SQLite cannot read any
        more the log goes aside with it, as it was before SQLite looked."""
        log, kept = self.path.with_name(f"{self.path.name}-wal"), aside.with_name(f"{aside.name}-wal")
        if log.exists():
            shutil.copy2(log, kept)
        with suppress(sqlite3.Error), closing(sqlite3.connect(self.path, timeout=5)) as old:
            if old.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",):
                kept.unlink(missing_ok=True)  # it stands in the file now
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)


def _contents(copy: sqlite3.Connection) -> Contents:
    names = [name for (name,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    if "alembic_version" not in names:
        message = "The file is no database of ours: it has no tables."
        raise BackupError(message)
    (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    copy.text_factory = bytes  # no need to decode what is only added up
    return contents(str(revision), sqlite3.sqlite_version, names, lambda table: copy.execute(f'SELECT * FROM "{table}"'))  # noqa: S608  of the schema


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
