"""What did not change keeps its bytes, and whatever an entry shows moves them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import selectinload
from sqlalchemy.pool import QueuePool

from app import calendars
from app.calendars import render_entry
from app.database import db, let_go, transaction
from app.feeds import revisions, service
from app.feeds.making.pieces import Pieces
from app.feeds.making.warm import warm_up
from app.feeds.rules import LEVELS
from app.feeds.shelf import shelf_of
from app.languages import LANGUAGES, using
from app.organisations.models import NetworkName
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession, WorkshopSessionTitle, WorkshopText
from app.workshops.queries import programme
from app.workshops.showing import entries
from tests import factories
from tests.conftest import SETTINGS, MakeApp
from tests.factories import NOW

URL = "/feeds/all.ics?lang=sv&show=sessions"


def session(on: WorkshopDay) -> WorkshopSession:
    times = {"starts": on.starts, "ends": on.ends, "starts_at": on.starts_at, "ends_at": on.ends_at, "created_at": NOW, "changed_at": NOW}
    titles = {lang: WorkshopSessionTitle(lang=lang, title=f"Talk ({lang})") for lang in ("sv", "en")}
    return WorkshopSession(kind="talk", uid=f"s{on.uid}", room="Room 1", titles=titles, **times)


@pytest.fixture
def workshops(app: Flask) -> list[Workshop]:
    """Four of them, one with a session on its second day."""
    network = factories.network(factories.organisation("SE"))
    made = [factories.workshop(network, date(2025, 6, number), date(2025, 6, number + 1), country="SE") for number in (3, 10, 17, 24)]
    with transaction():
        made[1].days[1].sessions = [session(made[1].days[1])]
        revisions.bump("public", now=NOW)
    return made


def test_plain_rows_make_the_same_bytes_as_the_objects(demo: Flask) -> None:
    years = entries.years()
    every = select(Workshop).where(Workshop.state != "draft").options(programme(), selectinload(Workshop.texts))
    objects = db.session.scalars(every.order_by(Workshop.starts_at, Workshop.id)).unique().all()
    assert len(objects) > 15
    for lang in LANGUAGES:
        for level in LEVELS:
            plain = service.under("all", lang, programme=level == "sessions")
            assert Pieces().of(plain, years, lang, level) == [
                render_entry(one, years) for each in objects for one in made(each, lang, level)
            ]


def made(workshop: Workshop, lang: str, level: str) -> list[calendars.Entry]:
    if level == "overview":
        return [entries.overview(workshop, lang)]
    return entries.sessions(workshop, lang) if level == "sessions" else entries.daily(workshop, lang)


def test_a_text_that_a_language_lacks_stands_there_in_the_original(app: Flask, workshops: list[Workshop]) -> None:
    with transaction():
        workshops[0].texts["sv"].title = ""
        del workshops[1].texts["sv"], workshops[1].texts["es"]
    plain = service.under("all", "sv", programme=True)
    assert [one.text.lang for one in plain] == ["es", "en", "sv", "sv"]
    assert [one.text.title for one in plain] == [title_in(one, "sv") for one in workshops]


def title_in(workshop: Workshop, lang: str) -> str:
    with using(lang):
        return workshop.text.title


def later(one: WorkshopSession) -> None:
    one.ends_at += timedelta(minutes=30)


CHANGES: dict[str, Callable[[Workshop], Any]] = {
    **{
        f"workshop.{name}": lambda one, name=name, value=value: setattr(one, name, value)  # type: ignore[misc]
        for name, value in {
            "slug": "elsewhere", "format": "both", "spoken": "sv", "venue": "Library", "street_address": "Road 1",
            "place": "Bygdeå", "country": "GT", "latitude": 63.0, "longitude": 20.0, "zone": "America/Bogota", "closes_at": NOW,
            "published_at": NOW, "state": "postponed",
        }.items()
    },
    "title": lambda one: setattr(one.texts["sv"], "title", "Another"),
    "summary": lambda one: setattr(one.texts["sv"], "summary", "Another"),
    "no text": lambda one: one.texts.pop("sv"),
    "network": lambda one: setattr(one.network.names["sv"], "name", "Another"),
    "day moved": lambda one: setattr(one.days[0], "starts_at", one.days[0].starts_at - timedelta(hours=1)),
    "day changed": lambda one: setattr(one.days[0], "changed_at", NOW),
    "day's sequence": lambda one: setattr(one.days[0], "sequence", 4),
    "session": lambda one: setattr(one.days[1].sessions[0], "room", "Room 2"),
    "session's hours": lambda one: later(one.days[1].sessions[0]),
    "session's title": lambda one: setattr(one.days[1].sessions[0].titles["sv"], "title", "Another"),
    "session gone": lambda one: one.days[1].sessions.pop(),
    "day gone": lambda one: one.days.pop(),
}  # fmt: skip
"""What is shown of a workshop: each is changed past everything that would raise a version."""


def test_whatever_an_entry_shows_moves_its_bytes(app: Flask, workshops: list[Workshop], tmp_path: Path) -> None:
    client = app.test_client()
    body = client.get(URL).data
    for name, change in CHANGES.items():
        with transaction():
            change(workshops[1])
            revisions.bump("public", now=NOW)
        before, body = body, client.get(URL).data
        assert body != before, name
        app.extensions.pop("app.feeds")  # as a process that has kept nothing, on a machine that has not either
        shutil.rmtree(tmp_path / "feeds")
        assert client.get(URL).data == body, name


def test_the_reason_and_the_years_too(app: Flask, workshops: list[Workshop]) -> None:
    client = app.test_client()
    with transaction():
        workshops[1].state = "cancelled"
        revisions.bump("public", now=NOW)
    bodies = [client.get(URL).data]
    network, words = workshops[1].network, workshops[1].texts["sv"]
    for row, name, value in (
        (words, "reason", "Bron är avstängd."),
        (network, "starts_on", date(2023, 12, 1)),
        (network, "ends_on", date(2024, 12, 30)),
    ):
        with transaction():
            setattr(row, name, value)
            revisions.bump("public", now=NOW)
        bodies.append(client.get(URL).data)
    assert len(set(bodies)) == len(bodies)
    assert b"TZID" in bodies[0]


def test_after_one_change_one_workshop_is_made_and_no_object_loaded(app: Flask, workshops: list[Workshop]) -> None:
    def pieces() -> list[bytes]:
        plain = service.under("all", "sv", programme=False)
        return shelf_of(app).pieces.of(plain, entries.years(), "sv", "days")

    client = app.test_client()
    client.get("/feeds/all.ics?lang=sv")
    before = pieces()
    with transaction():
        workshops[2].venue = "Library"
        revisions.bump("public", now=NOW)
    loaded: list[object] = []
    db.session.remove()
    event.listen(Workshop, "load", lambda one, _context: loaded.append(one))
    for kind in (WorkshopText, WorkshopDay, NetworkName):
        event.listen(kind, "load", lambda one, _context: loaded.append(one))
    client.get("/feeds/all.ics?lang=sv")
    assert loaded == []
    assert [old is new for old, new in zip(before, pieces(), strict=True)] == [True] * 4 + [False] * 2 + [True] * 2


def test_a_process_warms_up_with_tables_and_without(app: Flask, workshops: list[Workshop], make_app: MakeApp, tmp_path: Path) -> None:
    body = app.test_client().get(URL).data
    app.extensions.pop("app.feeds")
    db.session.rollback()  # a process that begins has no read open
    warm_up(app)
    assert not shelf_of(app).pieces.kept
    assert app.test_client().get(URL).data == body
    warm_up(make_app(f"sqlite:///{tmp_path}/empty.sqlite"))
    warm_up(make_app(f"sqlite:///{tmp_path}/no/such/folder.sqlite"))


def test_warming_up_leaves_connections_for_the_first_reader_and_none_to_whoever_is_forked(make_app: MakeApp, app: Flask) -> None:
    db.session.rollback()
    fresh = make_app(app.config["SQLALCHEMY_DATABASE_URI"])
    warm_up(fresh)
    with fresh.app_context():
        assert cast(QueuePool, db.engine.pool).checkedin() > 0
        let_go()
        assert cast(QueuePool, db.engine.pool).checkedin() == 0
    served = subprocess.run(
        [
            sys.executable,
            "-c",
            "from wsgi import app; from app.database import db; app.app_context().push(); print(db.engine.pool.checkedin())",
        ],
        env={**os.environ, **SETTINGS, "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"]},
        check=True,
        capture_output=True,
        text=True,
    )
    assert served.stdout == "0\n"
