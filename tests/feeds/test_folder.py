"""The folder of finished calendars: made once for all processes, never served when it is not whole, good for a day without a database."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.database import db, end_reading, transaction
from app.feeds import revisions
from app.feeds.making.folder import Folder
from app.feeds.shelf import Kept, shelf_of
from tests import missing, servers
from tests.conftest import SETTINGS, MakeApp
from tests.factories import NOW
from tests.feeds.test_gate import URL, gate, own_address
from tests.feeds.test_kept import HOUR, publish, take_away

fork = multiprocessing.get_context("fork")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "feeds").glob("*.ics"))


def forget(app: Flask) -> None:
    """As a process that has just begun."""
    app.extensions.pop("app.feeds", None)


def poll(settings: dict[str, str], answers: SimpleQueue[tuple[int, int]]) -> None:
    """What a process with an app of its own answers, and how many pieces it has made for that."""
    app = create_app(settings)
    answers.put((app.test_client().get(URL).status_code, sum(map(len, shelf_of(app).pieces.kept.values()))))
    os._exit(0)


def test_of_two_processes_one_makes_a_revision(app: Flask, tmp_path: Path) -> None:
    publish()
    end_reading()
    settings = {**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"]}
    made = []
    for _revision in range(2):
        db.session.remove()
        db.engine.dispose()  # no connection is shared with a child
        answers: SimpleQueue[tuple[int, int]] = fork.SimpleQueue()
        polls = [fork.Process(target=poll, args=(settings, answers)) for _process in range(2)]
        for each in polls:
            each.start()
        for each in polls:
            each.join(120)
        made.append(sorted(answers.get() for _process in polls))
        answers.close()
        with transaction():
            revisions.bump("public", now=NOW)
        end_reading()
    assert made == [[(200, 0), (200, 1)]] * 2


def test_only_public_calendars_lie_there_and_only_their_owner_reads_them(lite: Flask, tmp_path: Path) -> None:
    publish()
    client = lite.test_client()
    for path in (URL, "/feeds/all.ics?lang=es", own_address()):
        assert client.get(path).status_code == 200
    assert len(files(tmp_path)) == 2
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "feeds").iterdir()} == {0o600}
    assert (tmp_path / "feeds").stat().st_mode & 0o777 == 0o700


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def garble(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"Trygg", b"Otryg"))


def empty(file: Path) -> None:
    file.write_bytes(b"")


def take_for_another(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"key": "all?sv', b'"key": "all?es'))


def age(file: Path) -> None:
    whole = file.read_bytes()
    place = whole.index(b'"made_by": "') + len(b'"made_by": "')
    file.write_bytes(whole[:place] + b"0000" + whole[place + 4 :])


def lock_away(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("harm", [cut, garble, empty, take_for_another, age, lock_away])
def test_what_is_not_whole_is_never_served(lite: Flask, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    publish()
    client = lite.test_client()
    body = client.get(URL).data
    harm(files(tmp_path)[0])
    forget(lite)
    assert client.get(URL).data == body


def test_a_new_process_takes_what_lies_there(lite: Flask) -> None:
    publish()
    client = lite.test_client()
    body = client.get(URL).data
    forget(lite)
    assert client.get(URL).data == body
    assert not shelf_of(lite).pieces.kept


def test_a_folder_that_cannot_be_made_harms_nobody(lite: Flask, tmp_path: Path) -> None:
    publish()
    (tmp_path / "feeds").write_text("in the way", encoding="utf-8")
    assert b"VEVENT" in lite.test_client().get(URL).data


def test_what_nobody_asks_for_is_swept(lite: Flask, tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for key, at in (("old", NOW), ("new", NOW + timedelta(days=8))):
        with folder.turn(key):
            folder.put(key, Kept("tag", NOW, at, b"BEGIN:VCALENDAR"))
    assert folder.last("old") is None
    assert folder.last("new") is not None


def test_a_process_that_begins_without_a_database_has_what_lies_there_for_a_day(lite: Flask, clock: Callable[..., Any]) -> None:
    publish()
    client = lite.test_client()
    with clock(NOW):
        body = client.get(URL).data
    with clock(NOW + 30 * HOUR):
        client.get(URL)  # the database has called it right once more
    take_away(lite)
    for hours, status in ((53, 200), (55, 503)):
        forget(lite)
        with clock(NOW + hours * HOUR):
            answer = client.get(URL)
        assert (answer.status_code, "Warning" in answer.headers, answer.data == body) == (status, status == 200, status == 200)


def test_a_file_held_by_a_long_writer_is_read_all_the_same(lite: Flask) -> None:
    publish()
    client = lite.test_client()
    client.get(URL)
    with servers.held(lite.config["SQLALCHEMY_DATABASE_URI"]):
        for path in (URL, "/feeds/all.ics?lang=es"):
            answer = client.get(path)
            assert (answer.status_code, "Warning" in answer.headers) == (200, False)


def test_a_file_that_lets_nobody_in(lite: Flask, clock: Callable[..., Any]) -> None:
    publish()
    client, own = lite.test_client(), own_address()
    bodies = [client.get(path).data for path in (URL, own)]
    db.session.remove()
    db.engine.dispose()
    gate(lite).watch.mine.__dict__.clear()
    gc.collect()  # nobody has the file open any more
    path = lite.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    with clock(NOW + HOUR), closing(sqlite3.connect(path, isolation_level=None)) as other:
        shelf_of(lite).find("all?sv&days").checked_at = NOW  # type: ignore[union-attr]  # it is there
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        public, mine = client.get(URL), client.get(own)
    assert (public.status_code, public.data, "Warning" in public.headers) == (200, bodies[0], True)
    assert (mine.status_code, mine.headers["Retry-After"], mine.data) == (503, "120", b"503\n")


def listens(path: Path) -> bool:
    """Whether the server's first process still has its socket open; it closes it after the end of all others."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def test_postgresql_is_killed(make_app: MakeApp, clock: Callable[..., Any]) -> None:
    try:
        with servers.postgres() as url:
            with psycopg.connect((url % "postgres").replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("CREATE DATABASE killed")
                row = connection.execute("SHOW data_directory").fetchone()
            app = make_app(url % "killed")
            with app.app_context():
                upgrade()
                publish()
                client, own = app.test_client(), own_address()
                body = client.get(URL).data
                assert client.get(own).status_code == 200
                assert row is not None
                db.session.remove()
                os.kill(int((Path(row[0]) / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
                servers.wait_for(lambda: not listens(Path(row[0]).with_name(".s.PGSQL.5432")), "the end of PostgreSQL")
                at = shelf_of(app).find("all?sv&days").checked_at  # type: ignore[union-attr]  # it is there
                for _time in range(2):
                    with clock(at + HOUR):
                        public, mine, unknown = (client.get(path) for path in (URL, own, "/feeds/online.ics"))
                    assert (public.status_code, public.data, "Warning" in public.headers) == (200, body, True)
                    assert (mine.status_code, unknown.status_code) == (503, 503)
                    forget(app)  # the second time from the folder
                with clock(at + 25 * HOUR):
                    assert client.get(URL).status_code == 503
    except servers.NotHere as error:
        missing.skip(error)
