"""Makes copies while everybody works on, checks them, and throws away those that newer ones make superfluous."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path

from app.backups.packing import archive
from app.backups.packing.archive import Manifest
from app.backups.rooms import compare, config, mark_of, opened, room, store
from app.backups.rules import BackupError, Named, due, name_of, named, superfluous
from app.backups.stores.postgresql import PostgresStore
from app.backups.stores.sqlite import SqliteStore
from app.backups.stores.tables import Contents
from app.config import Config
from app.outbox.service import finished

JOB = "backup"  # under this name stands when the last good copy was made
LEFT = timedelta(days=1)  # after that, what a killed run left in the folder of copies is swept


def make(folder: Path | None = None, *, kind: str = "manual", now: datetime) -> tuple[Path, Manifest]:
    """Makes a copy, opens it as whoever needs it will, and notes that there is a good one. Raises BackupError."""
    file, manifest = write(folder or folder_of(config()), kind=kind, now=now)
    check(file)
    finished(JOB, now=now)
    return file, manifest


def write(folder: Path, *, kind: str = "manual", now: datetime) -> tuple[Path, Manifest]:
    """A copy of one instant in this folder, the database checked before it goes in. Raises BackupError."""
    ours, here = config(), store()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder, now)
        with room(here.workroom) as place:
            dump = place / "database"
            contents = here.snapshot(dump)
            journals = [Path(shutil.copy(path, place / path.name)) for path in sorted(ours.instance.glob("sent-*.log"))]
            manifest = _manifest(ours, here.kind, contents, dump, journals, now)
            target = folder / name_of(now, kind)
            archive.write(target, kind, manifest, dump, journals, ours.settings.backup_key)
    except OSError as error:
        message = f"The copy could not be written: {error.strerror or error}. What was there before is untouched."
        raise BackupError(message) from error
    return target, manifest


def _manifest(ours: Config, kind: str, contents: Contents, dump: Path, journals: list[Path], now: datetime) -> Manifest:
    return Manifest(
        made_at=now.isoformat(),
        database=kind,
        revision=contents.revision,
        version=contents.version,
        size=dump.stat().st_size,
        sha256=archive.digest(dump),
        tables=contents.tables,
        content=contents.content,
        settings=[one.name.upper() for one in fields(ours.settings) if getattr(ours.settings, one.name) != one.default],
        data_key=mark_of(ours.data_key),
        journals={path.name: archive.digest(path) for path in journals},
    )


def listed(folder: Path) -> list[Named]:
    """The copies of a folder, the newest first."""
    if not folder.is_dir():
        return []
    return sorted(filter(None, (named(path.name) for path in folder.iterdir())), reverse=True)


def check(file: Path) -> Manifest:
    """Opens a copy to its end and looks at its database: SQLite page by page, PostgreSQL by pg_restore's list. Raises BackupError."""
    try:
        with opened(file, config().instance) as (manifest, place):
            if manifest.database == "sqlite":
                compare(manifest, SqliteStore(place / "database").look(place / "database"))
            else:
                PostgresStore("postgresql://", place).look(place / "database")
            return manifest
    except OSError as error:
        message = f"The copy could not be opened: {error.strerror or error}."
        raise BackupError(message) from error


def work(*, now: datetime) -> bool:
    """The scheduler's: makes the copy that is due; only a good one lets older ones go. Whether it made one. Raises BackupError."""
    ours = config()
    if not ours.settings.backup_folder:
        return False
    folder = folder_of(ours)
    kind = due(listed(folder), now)
    if kind is None:
        return False
    make(folder, kind=kind, now=now)
    for old in superfluous(listed(folder), {"hourly": ours.number("backup_hourly"), "nightly": ours.number("backup_nightly")}):
        (folder / old.name).unlink(missing_ok=True)
    return True


def folder_of(ours: Config) -> Path:
    """Where copies are kept. Raises BackupError where nothing says."""
    if not ours.settings.backup_folder:
        message = "Say where to: give a folder, or set BACKUP_FOLDER."
        raise BackupError(message)
    return Path(ours.settings.backup_folder)


def _sweep(folder: Path, now: datetime) -> None:
    for left in folder.glob(".workshops-*"):
        with suppress(OSError):
            if now.timestamp() - left.stat().st_mtime > LEFT.total_seconds():
                left.unlink()
