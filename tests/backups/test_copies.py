"""Copies of a living database, on both kinds: made while people write, checked, named, thrown away, and whole if we die."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.backups import restoring, service
from app.backups.rules import BackupError
from app.backups.stores.sqlite import SqliteStore
from app.config import ROOT, ConfigError
from app.database import transaction
from app.outbox import queries as outbox
from scheduler.__main__ import once
from scheduler.jobs import Counts, Shift, back_up, run
from tests import factories
from tests.backups.made import KEY, beat, forked
from tests.conftest import SETTINGS, MakeApp
from tests.factories import NOW
from tests.outbox.test_health import alive, told


def test_a_copy_is_made_while_everything_runs_and_is_good(app: Flask, tmp_path: Path) -> None:
    for _number in range(3):
        factories.person(factories.organisation())
    file, manifest = service.make(tmp_path / "copies", now=NOW)
    assert file.name == "workshops-20250303T120000Z-manual.backup"
    assert (manifest.tables["person"], manifest.tables["organisation"]) == (3, 3)
    assert service.check(file) == manifest
    assert [one.name for one in service.listed(tmp_path / "copies")] == [file.name]
    assert list(tmp_path.glob(".backup-*")) == []
    assert outbox.last_end("backup") == NOW


def test_settings_are_named_and_never_told(database_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    with make_app(database_url, BACKUP_KEY=KEY).app_context():
        file, manifest = service.make(tmp_path / "copies", now=NOW)
    assert {"SECRET_KEY", "DATA_KEY", "BACKUP_KEY"} <= set(manifest.settings)
    assert not any(secret in json.dumps(asdict(manifest)) for secret in (KEY, SETTINGS["SECRET_KEY"], SETTINGS["DATA_KEY"]))
    assert KEY.encode() not in file.read_bytes()


def test_what_others_write_meanwhile_is_wholly_in_it_or_not_at_all(app: Flask, tmp_path: Path) -> None:
    """Each writer puts in two rows at once: a copy that has one without the other is no copy of an instant."""
    done = threading.Event()
    home = factories.organisation()
    home_id = home.id

    def write() -> None:
        with app.app_context():
            while not done.is_set():
                with transaction():
                    factories.organisation()
                    factories.organisation()
                time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            _file, manifest = service.make(tmp_path / "copies", now=NOW + timedelta(hours=number))
            assert manifest.tables["organisation"] % 2 == 1, "one at home, and twos"
    finally:
        done.set()
        writer.join(30)
    assert home_id


def test_the_drill_compares_every_row_and_leaves_nothing(app: Flask, tmp_path: Path) -> None:
    factories.person(factories.organisation())
    told_of = restoring.drill(now=NOW)
    assert (told_of["ok"], told_of["encrypted"], told_of["rows"] > 2) == (True, False, True)
    assert list(tmp_path.glob(".backup-*")) == list(tmp_path.glob("*.before-*")) == []
    assert outbox.put_back() is None
    assert outbox.last_end("backup") is None, "a rehearsal is no copy"


def test_a_copy_of_a_damaged_database_is_none(lite: Flask, tmp_path: Path) -> None:
    with transaction():
        for _number in range(200):
            factories.organisation()
    service.make(tmp_path / "copies", now=NOW)
    path = SqliteStore(tmp_path / "test.sqlite").path
    with transaction():
        pass
    content = bytearray(path.read_bytes())
    for page in range(20, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = random.Random(page).randbytes(200)
    hurt = tmp_path / "hurt" / "test.sqlite"
    hurt.parent.mkdir()
    hurt.write_bytes(content)
    with pytest.raises(BackupError, match=r"damaged|cannot be copied|no database"):
        SqliteStore(hurt).snapshot(tmp_path / "out")


# The scheduler -----------------------------------------------------------------------------------------------------------


def test_the_job_makes_the_night_then_hours_and_keeps_so_many(database_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    app = make_app(database_url, BACKUP_FOLDER=str(folder), BACKUP_KEY=KEY, BACKUP_HOURLY="2", BACKUP_NIGHTLY="1")
    night = datetime(2025, 3, 3, 3, 10, tzinfo=UTC)
    made = [run(Shift(app, at=night + timedelta(hours=hour)), back_up)["copied"] for hour in (0, 0, 1, 2, 3, 24)]
    assert made == [1, 0, 1, 1, 1, 1]
    with app.app_context():
        assert [(one.made_at.day, one.kind) for one in service.listed(folder)] == [(4, "nightly"), (3, "hourly"), (3, "hourly")]


def test_whoever_runs_every_job_once_has_a_copy_too(
    sqlite_url: str, make_app: MakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(sqlite_url, BACKUP_FOLDER=str(tmp_path / "copies"))
    assert [once(app, None), once(app, None)] == [0, 0]
    assert [json.loads(line)["copied"] for line in capsys.readouterr().out.splitlines()] == [1, 0]


def test_without_a_folder_the_job_makes_none(lite: Flask, tmp_path: Path) -> None:
    assert run(Shift(lite, at=NOW), back_up) == Counts(copied=0)
    with pytest.raises(BackupError, match="BACKUP_FOLDER"):
        service.make(None, now=NOW)


def test_a_copy_that_fails_lets_no_older_one_go(
    sqlite_url: str, make_app: MakeApp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "copies"
    app = make_app(sqlite_url, BACKUP_FOLDER=str(folder), BACKUP_NIGHTLY="1")
    night = datetime(2025, 3, 3, 3, 10, tzinfo=UTC)
    run(Shift(app, at=night), back_up)
    (tmp_path / "test.sqlite").rename(tmp_path / "gone.sqlite")
    assert run(Shift(app, at=night + timedelta(days=1)), back_up) == Counts(errors=1)
    assert "no copy of the database was made" in caplog.text
    assert [path.name for path in folder.iterdir()] == ["workshops-20250303T031000Z-nightly.backup"]


def test_production_keeps_no_readable_copies(tmp_path: Path, make_app: MakeApp) -> None:
    real = {"APP_ENV": "production", "BASE_URL": "https://w.example", "BACKUP_FOLDER": str(tmp_path)}
    with pytest.raises(ConfigError, match="BACKUP_FOLDER needs BACKUP_KEY"):
        make_app(f"sqlite:///{tmp_path}/x.sqlite", **real)
    with pytest.raises(ConfigError, match="BACKUP_KEY must have at least 32"):
        make_app(f"sqlite:///{tmp_path}/x.sqlite", **real, BACKUP_KEY="short")


def test_monitoring_reads_how_old_the_last_good_copy_is(sqlite_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(sqlite_url, BACKUP_FOLDER=str(tmp_path / "copies"))
    with app.app_context():
        now = datetime.now(UTC)
        alive(now)
        client = app.test_client()
        never = told(client.get("/health/scheduler"))
        assert (never["backup_age_seconds"], never["backup_old"], never["status"]) == (None, True, "ok")
        service.make(now=now - timedelta(hours=27))
        assert told(client.get("/health/scheduler"))["backup_old"] is True
        service.make(now=now - timedelta(hours=25))
        fresh = told(client.get("/health/scheduler"))
        assert (fresh["backup_old"], round(fresh["backup_age_seconds"] / 3600)) == (False, 25)


def test_where_nobody_asked_for_copies_monitoring_says_nothing_of_them(lite: Flask) -> None:
    assert "backup_old" not in told(lite.test_client().get("/health/scheduler"))


# Deaths and full disks -------------------------------------------------------------------------------------------------------


def test_killed_anywhere_no_half_file_stands_under_a_good_name(app: Flask, tmp_path: Path, full: bool) -> None:
    folder, chance = tmp_path / "copies", random.Random(5)
    with transaction():
        for _number in range(150):
            factories.organisation()

    def copies() -> None:
        with app.app_context():
            for hour in range(1000):
                service.write(folder, now=NOW + timedelta(hours=hour))

    for _kill in range(40 if full else 6):
        child = forked(copies)
        time.sleep(chance.uniform(0.05, 0.8))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join(30)
        for one in service.listed(folder):
            service.check(folder / one.name)
    with app.app_context():
        service.write(folder, now=NOW + timedelta(days=100))
    assert list(tmp_path.glob(".backup-*")) == [], "what the dead left of the database in clear is gone with the next copy"


def test_a_full_disk_is_named_and_leaves_the_copies_that_are_there(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    service.make(folder, now=NOW)
    with transaction():
        for _number in range(100):
            factories.organisation()

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
        with app.app_context():
            try:
                service.write(folder, now=NOW + timedelta(hours=1))
            except BackupError as error:
                (folder / "said").write_text(str(error), encoding="utf-8")

    child = forked(full)
    child.join(60)
    assert child.exitcode == 0
    assert len((folder / "said").read_text(encoding="utf-8")) > 20
    assert sorted(path.name for path in folder.iterdir()) == ["said", "workshops-20250303T120000Z-manual.backup"]
    assert list(tmp_path.glob(".backup-*")) == []


# The commands ----------------------------------------------------------------------------------------------------------------


def command(app: Flask, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["backup", *words])
    return done.exit_code, done.output


def test_the_commands_say_what_they_did(lite: Flask, tmp_path: Path) -> None:
    folder = str(tmp_path / "copies")
    code, words = command(lite, "make", folder)
    assert (code, "Made " in words, "not encrypted" in words) == (0, True, True)
    (file,) = (tmp_path / "copies").iterdir()
    code, words = command(lite, "list", folder)
    assert (code, file.name in words, "schema 00" in words) == (0, True, True)
    code, words = command(lite, "check", str(file))
    assert (code, json.loads(words)["database"]) == (0, "sqlite")
    code, words = command(lite, "drill")
    assert (code, json.loads(words)["ok"]) == (0, True)
    file.write_bytes(file.read_bytes()[:-30])
    code, words = command(lite, "check", str(file))
    assert (code, "cut short" in words) == (1, True)
    code, words = command(lite, "list")
    assert (code, "BACKUP_FOLDER" in words) == (1, True)


def test_a_drill_that_fails_says_so_in_json_and_by_its_number(lite: Flask, tmp_path: Path) -> None:
    beat(NOW)
    (tmp_path / "test.sqlite").rename(tmp_path / "gone.sqlite")
    code, words = command(lite, "drill")
    assert code == 1
    assert json.loads(words)["ok"] is False


def test_the_command_runs_as_the_readme_says(sqlite_url: str, tmp_path: Path) -> None:
    env = {**os.environ, **SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": sqlite_url}
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "backup", "drill"]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (0, True)
