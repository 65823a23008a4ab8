"""What making and putting back share: which database this is, a room to work in, a copy opened in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from flask import current_app
from sqlalchemy import make_url

from app.backups.packing import archive
from app.backups.packing.archive import Manifest
from app.backups.rules import BackupError
from app.backups.stores.postgresql import PostgresStore
from app.backups.stores.sqlite import SqliteStore
from app.backups.stores.tables import Contents
from app.config import Config

PREFIX = ".backup-"
Store = SqliteStore | PostgresStore


def config() -> Config:
    """The settings of this app."""
    found: Config = current_app.config["CONFIG"]
    return found


def store() -> Store:
    """The database of this app."""
    url = make_url(config().database_url)
    if url.get_backend_name() == "sqlite":
        return SqliteStore(Path(url.database or ""))
    return PostgresStore(config().database_url, config().instance)


@contextmanager
def room(parent: Path) -> Iterator[Path]:
    """A folder that only we read and that is gone afterwards; those of processes that were killed go first."""
    for left in parent.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not _lives(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _lives(process: int) -> bool:
    """Where asking could hurt it (Windows), we take it for alive."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def opened(file: Path, parent: Path) -> Iterator[tuple[Manifest, Path]]:
    """A copy, unpacked in a room and compared with its checksums. Raises BackupError."""
    with room(parent) as place:
        yield archive.unpack(file, config().settings.backup_key, place / "database", place), place


def compare(manifest: Manifest, found: Contents) -> None:
    """Every table has as many rows as were counted, and the same ones. Raises BackupError."""
    if dict(found.tables) == dict(manifest.tables) and found.content == manifest.content:
        return
    other = sorted(name for name in {*found.tables, *manifest.tables} if found.tables.get(name) != manifest.tables.get(name))
    message = f"What comes out of the copy is not what went in ({', '.join(other) or 'rows differ'}). Take another one."
    raise BackupError(message)


def mark_of(key: bytes) -> str:
    """Tells one key from another, and nothing else of it."""
    return sha256(b"workshops data key 1" + key).hexdigest()[:16]
