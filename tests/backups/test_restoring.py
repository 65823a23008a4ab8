"""A copy in the place of the database: all or nothing, nobody in the way, what was there kept beside, and named answers."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, make_url, select, text

from app.accounts.models import SignIn
from app.audit.models import AuditEntry
from app.backups import service
from app.backups.packing import archive
from app.backups.restoring import warnings
from app.backups.rules import BackupError
from app.backups.stores import presence
from app.backups.stores.presence import alone, attend, leave
from app.config import ROOT, ConfigError
from app.database import db, transaction
from app.organisations.models import Organisation
from app.outbox import queries as outbox
from tests import factories
from tests.backups.made import KEY, forked, people, restore
from tests.conftest import SETTINGS, MakeApp, Visitor
from tests.factories import NOW

LATER = NOW + timedelta(hours=9)


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    """A copy of a database with two people, to which a third has come since."""
    for _number in range(2):
        factories.person(factories.organisation())
    made, _manifest = service.make(tmp_path / "copies", now=NOW)
    factories.person(factories.organisation())
    return made


def test_the_copy_stands_in_its_place_paused_and_says_so(file: Path) -> None:
    done = restore(file, LATER)
    assert people() == 2
    copy = outbox.put_back()
    assert copy is not None
    assert (copy.copied_at, copy.at, done.known) == (NOW, LATER, 0)
    assert outbox.overview(LATER).paused
    assert list(db.session.scalars(select(AuditEntry.action))) == ["backup.restored"]


def test_what_was_there_is_kept_beside(lite: Flask, tmp_path: Path) -> None:
    file, _manifest = service.make(tmp_path / "copies", now=NOW)
    factories.person(factories.organisation())
    done = restore(file, LATER)
    assert people() == 0
    with closing(sqlite3.connect(done.aside)) as old:
        assert old.execute("SELECT count(*) FROM person").fetchone() == (1,)


def test_over_a_database_that_is_not_empty_only_if_told(file: Path) -> None:
    with pytest.raises(BackupError, match="not empty"):
        restore(file, LATER, over=False)
    assert people() == 3


def test_onto_a_new_machine_there_is_nothing_to_be_told(sqlite_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    with make_app(sqlite_url).app_context():
        factories.person(factories.organisation())
        file, _manifest = service.make(tmp_path / "copies", now=NOW)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with make_app(f"sqlite:///{fresh}/new.sqlite", INSTANCE=str(fresh)).app_context():
        assert restore(file, LATER, over=False).aside == ""
        assert people() == 1


def test_everybody_signs_in_anew(app: Flask, tmp_path: Path) -> None:
    client = app.test_client()
    assert isinstance(client, Visitor)
    client.signed_in(factories.person(factories.organisation()))
    file, _manifest = service.make(tmp_path / "copies", now=NOW)
    restore(file, LATER)
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_while_a_web_process_lives_nothing_is_put_back(file: Path, tmp_path: Path, database_url: str) -> None:
    env = {**os.environ, **SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": database_url}
    words = [sys.executable, "-c", "import wsgi; print(flush=True); input()"]
    with subprocess.Popen(words, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BackupError, match="Web or scheduler of this instance are running"):
            restore(file, LATER)
        other.kill()
        other.wait(20)
    assert people() == 3
    restore(file, LATER)
    assert people() == 2


def test_who_has_the_database_open_is_named(file: Path, database_url: str) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        code = f"import sqlite3; c = sqlite3.connect({url.database!r}); c.execute('PRAGMA user_version'); print(flush=True); input()"
    else:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        code = f"import psycopg; c = psycopg.connect({address!r}); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BackupError, match="Somebody uses the database"):
            restore(file, LATER)
        other.kill()
        other.wait(20)
    assert people() == 3


def test_while_a_copy_is_being_put_back_nobody_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "PATIENCE", 0.2)
    with alone(tmp_path), pytest.raises(ConfigError, match="being put back"):
        attend(tmp_path)
    attend(tmp_path)
    with pytest.raises(BackupError), alone(tmp_path):
        pass
    leave(tmp_path)


def test_a_schema_of_a_newer_version_is_named(app: Flask, tmp_path: Path) -> None:
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    file, _manifest = service.make(tmp_path / "copies", now=NOW)
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(BackupError, match="schema 9999, which this version does not know"):
        restore(file, LATER)


def test_a_copy_of_an_older_schema_is_brought_to_this_one(lite: Flask, tmp_path: Path) -> None:
    factories.person(factories.organisation())
    downgrade(revision="0014")
    file, manifest = service.write(tmp_path / "copies", now=NOW)
    upgrade()
    restore(file, LATER)
    newest = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    assert (manifest.revision, newest != "0014", people()) == ("0014", True, 1)


def test_the_command_says_what_it_did_and_what_is_to_be_done(lite: Flask, tmp_path: Path) -> None:
    factories.person(factories.organisation())
    file, _manifest = service.make(tmp_path / "copies", now=NOW)
    refused = lite.test_cli_runner().invoke(args=["backup", "restore", str(file)])
    assert (refused.exit_code, "Say --over" in refused.output) == (1, True)
    done = lite.test_cli_runner().invoke(args=["backup", "restore", str(file), "--over"])
    assert done.exit_code == 0
    for words in ("Put back the copy of 2025-03-03 12:00 UTC", "is kept as", "Mail is paused", "signs in anew"):
        assert words in done.output, words


def test_a_copy_of_the_other_kind_is_named(lite: Flask, tmp_path: Path) -> None:
    file, _manifest = service.make(tmp_path / "copies", now=NOW)
    manifest = archive.unpack(file, "", tmp_path / "database", tmp_path)
    archive.write(file, "manual", replace(manifest, database="postgresql"), tmp_path / "database", [], "")
    with pytest.raises(BackupError, match="copy is of postgresql, and DATABASE_URL is of sqlite"):
        restore(file, LATER)


def test_a_server_that_is_not_there_is_named(sqlite_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    with make_app(sqlite_url).app_context():
        file, _manifest = service.make(tmp_path / "copies", now=NOW)
    with make_app("postgresql+psycopg://nobody@127.0.0.1:1/none").app_context(), pytest.raises(BackupError, match="does not let us into"):
        restore(file, LATER)


def test_another_data_key_is_told_beforehand(sqlite_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    with make_app(sqlite_url, BACKUP_KEY=KEY).app_context():
        file, manifest = service.make(tmp_path / "copies", now=NOW)
        assert warnings(manifest) == []
    with make_app(sqlite_url, BACKUP_KEY=KEY, DATA_KEY="another key that is long enough as well").app_context():
        (told,) = warnings(service.check(file))
        assert "DATA_KEY is another" in told


def test_a_damaged_copy_and_a_wrong_key_change_nothing(file: Path) -> None:
    whole = file.read_bytes()
    for content in (whole[:-100], whole[:2000] + b"x" + whole[2001:]):
        file.write_bytes(content)
        with pytest.raises(BackupError):
            restore(file, LATER)
    assert people() == 3


def test_a_database_that_cannot_be_read_any_more_is_replaced_and_kept(lite: Flask, tmp_path: Path) -> None:
    factories.person(factories.organisation())
    file, _manifest = service.make(tmp_path / "copies", now=NOW)
    db.session.remove()
    db.engine.dispose()
    ruin = os.urandom(50_000)
    (tmp_path / "test.sqlite").write_bytes(ruin)
    (tmp_path / "test.sqlite-wal").write_bytes(b"a log of other days")
    done = restore(file, LATER)
    assert Path(done.aside).read_bytes() == ruin
    assert people() == 1
    assert Path(f"{done.aside}-wal").exists()


def test_killed_anywhere_the_old_one_stands_or_the_new_one(app: Flask, file: Path, full: bool) -> None:
    chance, seen = random.Random(3), set()

    def put(minute: int) -> None:
        """Each at another minute, by which the old one is named that stays beside if this is killed right after."""
        with app.app_context():
            restore(file, LATER + timedelta(minutes=minute))

    for kill in range(40 if full else 6):
        child = forked(partial(put, kill))
        time.sleep(chance.uniform(0.1, 1.2) if kill else 0.01)  # the first before it can have changed anything
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join(30)
        time.sleep(0.1)
        found = people()
        assert found in {2, 3}
        assert db.session.scalar(select(func.count()).select_from(Organisation)) == found, "whole"
        assert outbox.overview(LATER).paused is (found == 2), "the new one never stands there unpaused"
        seen.add(found)
    restore(file, LATER + timedelta(days=1))
    assert people() == 2
    assert 3 in seen or full


def test_a_full_disk_leaves_the_old_one(app: Flask, file: Path, tmp_path: Path) -> None:
    def put() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with app.app_context():
            try:
                restore(file, LATER)
            except BackupError as error:
                (tmp_path / "said").write_text(str(error), encoding="utf-8")

    child = forked(put)
    child.join(60)
    assert child.exitcode == 0
    if app.config["CONFIG"].database_url.startswith("sqlite"):
        assert "The database is as it was" in (tmp_path / "said").read_text(encoding="utf-8")
        assert people() == 3
