"""`flask --app wsgi backup …`: make, list, check, restore, drill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app.backups import restoring, service
from app.backups.packing import archive
from app.backups.packing.archive import Manifest
from app.backups.rooms import config
from app.backups.rules import BackupError
from app.clock import now

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
backup = AppGroup("backup", help="Copies of the database: make, list, check, put back, rehearse.")


@backup.command("make")
@click.argument("folder", type=FOLDER, required=False)
def make(folder: Path | None) -> None:
    """Makes a copy in FOLDER (else BACKUP_FOLDER) while everything runs, and opens it to see that it is good."""
    with _said():
        file, manifest = service.make(folder, now=now())
        click.echo(f"Made {file}: {_words(manifest)}.")
        if not config().settings.backup_key:
            click.echo("It is not encrypted, for BACKUP_KEY is not set: everybody's names stand in it.", err=True)


@backup.command("list")
@click.argument("folder", type=FOLDER, required=False)
def show(folder: Path | None) -> None:
    """Prints the copies of FOLDER (else BACKUP_FOLDER), the newest first."""
    with _said():
        place = folder or service.folder_of(config())
        for one in service.listed(place):
            path = place / one.name
            try:
                facts = archive.facts_of(path)
                told = f"schema {facts.revision}, {'encrypted' if facts.key else 'not encrypted'}"
            except BackupError as error:
                told = str(error)
            click.echo(f"{one.made_at:%Y-%m-%d %H:%M} UTC  {one.kind:<8} {path.stat().st_size:>12,}  {one.name}  {told}")


@backup.command("check")
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Opens FILE to its end, has the database checked, and prints what is in it as one line of JSON."""
    with _said():
        manifest = service.check(file)
        _warn(manifest)
        facts = {"made_at": manifest.made_at, "database": manifest.database, "revision": manifest.revision, "version": manifest.version}
        click.echo(json.dumps(facts | {"settings": manifest.settings, "journals": len(manifest.journals), "tables": manifest.tables}))


@backup.command("restore")
@click.argument("file", type=FILE)
@click.option("--over", is_flag=True, help="Although the database is not empty; what is there now is kept beside.")
def restore(file: Path, *, over: bool) -> None:
    """Puts FILE in the place of the database. Web and scheduler must be stopped. Mail is paused until staff have looked."""
    with _said():
        done = restoring.restore(file, over=over, now=now())
    _warn(done.manifest)
    made_at = datetime.fromisoformat(done.manifest.made_at)
    click.echo(f"Put back the copy of {made_at:%Y-%m-%d %H:%M} UTC: {_words(done.manifest)}.")
    if done.aside:
        click.echo(f"The database that was there is kept as {done.aside}.")
    click.echo(f"Mails that the copy took for unsent and the journal knows to have left: {done.known}.")
    click.echo("Everybody signs in anew. Mail is paused: start web and scheduler, then look at Staff, Mails, and let it go.")


@backup.command("drill")
def drill() -> None:
    """Makes a copy, puts it into a database beside and compares every row; prints one line of JSON. Exit code 1 if anything is wrong."""
    try:
        click.echo(json.dumps(restoring.drill(now=now())))
    except BackupError as error:
        click.echo(json.dumps({"ok": False, "problem": str(error)}))
        raise SystemExit(1) from error


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from error


def _words(manifest: Manifest) -> str:
    rows = sum(manifest.tables.values())
    return f"{manifest.database}, schema {manifest.revision}, {len(manifest.tables)} tables, {rows} rows"


def _warn(manifest: Manifest) -> None:
    for words in restoring.warnings(manifest):
        click.echo(words, err=True)
