"""Puts a copy in the place of the database, all of it or nothing, and rehearses that beside it."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app

from app.backups.packing import archive
from app.backups.packing.archive import Manifest
from app.backups.rooms import Store, compare, config, mark_of, opened, room, store
from app.backups.rules import BackupError
from app.backups.service import listed, write
from app.backups.stores.presence import alone
from app.database import let_go

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Restored:
    """What was put back, how many mails the journal knew, and where the database that was there is kept."""

    manifest: Manifest
    known: int
    aside: str


def restore(file: Path, *, over: bool, now: datetime) -> Restored:
    """Puts a copy in the place of the database. Mail is paused then. Raises BackupError, and has changed nothing."""
    instance, here = config().instance, store()
    let_go()  # else we would be in our own way
    try:
        with alone(instance):
            _refuse(here, over=over)
            with opened(file, here.workroom) as (manifest, place):
                _fits(manifest, here)
                _merge_journals(instance, [place, *_newer_journals(file, manifest, place)])
                with here.scratch(place / "database") as url:
                    compare(manifest, here.contents_of(url))
                    known = _settled(url, manifest, now)
                    aside = here.put(url, f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
            shutil.rmtree(instance / "feeds", ignore_errors=True)  # calendars of what is no more
    except OSError as error:
        message = f"The copy could not be put back: {error.strerror or error}. The database is as it was."
        raise BackupError(message) from error
    return Restored(manifest, known, aside)


def drill(*, now: datetime) -> dict[str, Any]:
    """Makes a copy, puts it into a database beside, and compares every row; nothing of the installation changes. Raises BackupError."""
    here, begun = store(), time.monotonic()
    try:
        with room(here.workroom) as copies:
            file, manifest = write(copies, now=now)
            octets, made = file.stat().st_size, time.monotonic()
            with opened(file, here.workroom) as (_told, place), here.scratch(place / "database") as url:
                found = here.contents_of(url)
                compare(manifest, found)
                known = _settled(url, manifest, now)
    except OSError as error:
        message = f"The drill came to no end: {error.strerror or error}."
        raise BackupError(message) from error
    return {
        "ok": True,
        "database": manifest.database,
        "revision": manifest.revision,
        "tables": len(found.tables),
        "rows": sum(found.tables.values()),
        "content": found.content,
        "encrypted": bool(config().settings.backup_key),
        "octets": octets,
        "known": known,
        "seconds_made": round(made - begun, 2),
        "seconds_restored": round(time.monotonic() - made, 2),
    }


def warnings(manifest: Manifest) -> list[str]:
    """What whoever puts a copy back should know."""
    if manifest.data_key == mark_of(config().data_key):
        return []
    return ["DATA_KEY is another than when the copy was made: second factors, links to registrations and needs in it cannot be opened."]


def _refuse(here: Store, *, over: bool) -> None:
    if who := here.others():
        message = f"Somebody uses the database: {who}. Stop them first: what they write now would be lost."
        raise BackupError(message)
    if not over and not here.is_empty():
        message = "The database is not empty. Say --over to put the copy in its place; what is there now is kept beside."
        raise BackupError(message)


def _fits(manifest: Manifest, here: Store) -> None:
    if manifest.database != here.kind:
        message = f"The copy is of {manifest.database}, and DATABASE_URL is of {here.kind}: set DATABASE_URL to the same kind."
        raise BackupError(message)
    from alembic.script import ScriptDirectory  # noqa: PLC0415  web processes load this file too

    known = {script.revision for script in ScriptDirectory(str(Path(current_app.root_path) / "migrations")).walk_revisions()}
    if manifest.revision not in known:
        message = f"The copy has the schema {manifest.revision}, which this version does not know: install the version that made it."
        raise BackupError(message)


def _newer_journals(file: Path, manifest: Manifest, place: Path) -> Iterator[Path]:
    """The journals of a younger copy beside it: a machine that is gone took its own along. The newest that opens knows what all knew."""
    for one in listed(file.parent):
        if one.made_at <= datetime.fromisoformat(manifest.made_at) or one.name == file.name:
            continue
        younger = place / one.name
        younger.mkdir()
        try:
            archive.unpack(file.parent / one.name, config().settings.backup_key, younger / "database", younger)
        except BackupError as error:
            logger.warning("%s: %s", one.name, error)
            continue
        finally:
            (younger / "database").unlink(missing_ok=True)
        yield younger
        return


def _merge_journals(instance: Path, places: list[Path]) -> None:
    """Lines that the instance's own journals lack are added to them. They are only ever added, so a death here does no harm."""
    for path in (path for place in places for path in sorted(place.glob("sent-*.log"))):
        ours = instance / path.name
        there = set(ours.read_bytes().splitlines()) if ours.exists() else set()
        fresh = [line for line in path.read_bytes().splitlines() if line and line not in there]
        if fresh:
            with ours.open("ab") as file:
                ours.chmod(0o600)
                file.write(b"\n" + b"\n".join(fresh) + b"\n")  # after a line that was cut short, one of its own
                file.flush()
                os.fsync(file.fileno())


def _settled(url: str, manifest: Manifest, now: datetime) -> int:
    """The copy beside learns what it must, in an app of its own; how many mails the journal knew."""
    from app import create_core  # noqa: PLC0415  it registers all there is, this as well
    from app.backups import aftermath  # noqa: PLC0415  what only this needs, the scheduler need not load

    facts = {name.upper(): str(value) for name, value in asdict(config().settings).items()}
    app = create_core({**facts, "INSTANCE": str(config().instance), "DATABASE_URL": url})
    with app.app_context():
        try:
            return aftermath.settle(datetime.fromisoformat(manifest.made_at), now)
        finally:
            let_go()
