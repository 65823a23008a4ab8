"""Validators that never say "unchanged" of something else, and the last good copy while the database is away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.service import person as actor
from app.database import db, transaction
from app.feeds import revisions as feeds
from app.feeds import shelf as shelves
from app.feeds.models import FeedToken
from app.feeds.personal import service as personal
from app.feeds.rules import NEVER, later
from app.workshops import service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.values import Text
from tests import factories
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.workshops.made import KARIN, values

URL = "/feeds/all.ics?lang=sv"
HOUR = timedelta(hours=1)
Clock = Callable[[datetime], Any]


def publish(title: str = "Trygg stad", now: datetime = NOW) -> Workshop:
    """A workshop made and published as staff do it."""
    network = factories.network(factories.organisation("SE"), slug=f"network-of-{title[:4].lower()}")
    texts = {lang: Text(f"{title} ({lang})", f"Summary in {lang}.") for lang in ("sv", "es", "en")}
    return acts.publish(service.save_draft(values(network, texts=texts), by=KARIN, now=now).id, by=KARIN, now=now)


def take_away(app: Flask) -> None:
    """A folder stands where the database was: no connection can be made."""
    path = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    db.session.remove()
    db.engine.dispose()
    path.rename(path.with_suffix(".away"))
    path.mkdir()


def copies(request: pytest.FixtureRequest, folder: Path, make_app: MakeApp, *settings: dict[str, str]) -> list[Flask]:
    """An app of its own on a database of its own for each of these settings."""
    apps = []
    for number, each in enumerate(settings):
        path = folder / f"{number}.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        apps.append(make_app(f"sqlite:///{path}", **each))
    return apps


def test_a_database_that_comes_to_the_same_revision_again_has_another_etag(
    request: pytest.FixtureRequest, tmp_path: Path, make_app: MakeApp
) -> None:
    answers: list[TestResponse] = []
    for number, app in enumerate(copies(request, tmp_path, make_app, {}, {})):
        with app.app_context():
            publish(f"Title {number}", now=NOW + number * timedelta(microseconds=1))
            asked = {"If-None-Match": answers[0].headers["ETag"]} if answers else {}
            answers.append(app.test_client().get(URL, headers=asked))
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("other", [{"BASE_URL": "https://workshops.example"}, {"MAIL_DEFAULT_SENDER": "ICLD <other@icld.se>"}])
@pytest.mark.parametrize("path", [URL, "/workshops/trygg-stad-es.ics?lang=sv"])
def test_another_address_or_sender_is_another_etag(
    request: pytest.FixtureRequest, tmp_path: Path, make_app: MakeApp, other: dict[str, str], path: str
) -> None:
    hosts = {"TRUSTED_HOSTS": "localhost"}
    etags = []
    for app in copies(request, tmp_path, make_app, hosts, hosts | other):
        with app.app_context():
            publish()
            etags.append(app.test_client().get(path).headers["ETag"])
    assert etags[0] != etags[1]


@pytest.mark.parametrize("path", [URL, "own", "/workshops/trygg-stad-es.ics?lang=sv"])
def test_two_changes_in_one_second_are_two_dates(lite: Flask, clock: Clock, path: str) -> None:
    workshop, client = publish(), lite.test_client()
    address = _own_address() if path == "own" else path
    with clock(NOW + HOUR):
        service.save(workshop.id, values(workshop.network, venue="Biblioteca"), workshop.version, by=KARIN, now=NOW + HOUR)
        before = client.get(address).headers["Last-Modified"]
        service.save(workshop.id, values(workshop.network, venue="Archivo"), workshop.version, by=KARIN, now=NOW + HOUR)
        assert client.get(address, headers={"If-Modified-Since": before}).status_code == 200


def test_a_change_of_all_and_one_of_ones_own_in_one_second_are_two_dates(lite: Flask, clock: Clock) -> None:
    address, client = _own_address(), lite.test_client()
    number = db.session.scalars(select(FeedToken.person_id)).one()
    with clock(NOW + HOUR):
        with transaction():
            feeds.bump("public", now=NOW + HOUR)
        before = client.get(address).headers["Last-Modified"]
        with transaction():
            feeds.bump(f"person:{number}", now=NOW + HOUR)
        assert client.get(address, headers={"If-Modified-Since": before}).status_code == 200
    with clock(NOW + HOUR + timedelta(seconds=10)):
        date = client.get(address).headers["Last-Modified"]
        assert client.get(address, headers={"If-Modified-Since": date}).status_code == 304


def test_whoever_waited_for_the_lock_does_not_set_the_date_back(app: Flask) -> None:
    for now in (NOW, NOW - 5 * timedelta(seconds=1), NOW + HOUR):
        with transaction():
            feeds.bump("public", now=now)
    assert feeds.revisions("public") == ([3], NOW + HOUR)
    with transaction():
        feeds.bump("public", now=NOW)
    assert feeds.revisions("public", "person:1") == ([4, 0], NOW + HOUR + timedelta(seconds=1))


def test_what_nothing_has_touched_has_a_fixed_date(lite: Flask) -> None:
    assert feeds.revisions("public", "person:1") == ([0, 0], NEVER)
    assert later(NEVER, NOW) == NOW


def test_a_date_is_never_later_than_the_answer(lite: Flask, clock: Clock) -> None:
    with clock(NOW):
        for _time in range(3):
            with transaction():
                feeds.bump("public", now=NOW)
        assert lite.test_client().get(URL).last_modified == NOW


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("*", True),
        ("br, gzip;q=0.2", True),
        ("gzip;q=0", False),
        ("identity, *;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_nobody_who_forbids_it(lite: Flask, accepted: str, packed: bool) -> None:
    answer = lite.test_client().get(URL, headers={"Accept-Encoding": accepted})
    assert ("Content-Encoding" in answer.headers) is packed


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (URL, "text/calendar"),
        ("/workshops/trygg-stad-es.ics?lang=sv", "text/calendar"),
        ("/feeds/all.atom?lang=sv", "application/atom+xml"),
        ("/sitemap.xml", "application/xml"),
    ],
)
def test_the_last_good_copy_is_good_for_a_day_after_it_was_last_checked(lite: Flask, clock: Clock, path: str, kind: str) -> None:
    publish()
    client = lite.test_client()
    with clock(NOW):
        body = client.get(path).data
    with clock(NOW + 30 * HOUR):
        assert client.get(path).status_code == 200
    take_away(lite)
    with clock(NOW + 53 * HOUR):
        stale = client.get(path)
    with clock(NOW + 55 * HOUR):
        late = client.get(path)
    assert (stale.status_code, stale.data, stale.headers["Content-Type"]) == (200, body, f"{kind}; charset=utf-8")
    assert stale.headers["Warning"] == '110 - "Response is Stale" "Tue, 04 Mar 2025 18:00:00 GMT"'
    assert (late.status_code, late.headers["Retry-After"]) == (503, "120")
    assert late.data == b"503\n"


def test_without_database_and_copy_there_is_no_calendar(lite: Flask) -> None:
    publish()
    own = _own_address()
    client = lite.test_client()
    assert client.get(own).status_code == 200
    take_away(lite)
    for path in (URL, "/workshops/trygg-stad-es.ics?lang=sv", "/feeds/all.atom", "/sitemap.xml", own):
        answer = client.get(path)
        assert (answer.status_code, b"VCALENDAR" in answer.data) == (503, False), path


def test_the_copies_that_were_asked_for_longest_ago_leave_first(lite: Flask) -> None:
    shelf = shelves.Shelf()
    size = shelves.MOST_OCTETS // 8
    for number in range(7):
        shelf.put(str(number), shelves.Kept("tag", NOW, NOW + number * timedelta(seconds=1), b"x" * size))
    assert shelf.current("0", "tag", NOW + HOUR) is not None
    shelf.put("one more", shelves.Kept("tag", NOW, NOW + HOUR, b"x" * size))
    assert [name for name in map(str, range(7)) if shelf.find(name)] == ["0", "4", "5", "6"]
    found = shelf.find("0")
    assert found is not None
    assert found.checked_at == NOW + HOUR


def _own_address() -> str:
    me = factories.person()
    return f"/feeds/me/{personal.make_token(me.id, 'telephone', 'sv', by=actor(me), now=datetime.now(UTC))}.ics"


def test_a_copy_made_under_another_address_of_the_service_does_not_go_out(
    request: pytest.FixtureRequest, tmp_path: Path, make_app: MakeApp
) -> None:
    instance = {"INSTANCE": str(tmp_path / "instance"), "TRUSTED_HOSTS": "localhost"}
    before, same, moved = copies(request, tmp_path, make_app, instance, instance, instance | {"BASE_URL": "https://workshops.example"})
    with before.app_context():
        publish()
        assert before.test_client().get(URL).status_code == 200
    answers = []
    for app in (same, moved):
        with app.app_context():
            take_away(app)
            answers.append(app.test_client().get(URL).status_code)
    assert answers == [200, 503]
