"""Requirements 1 to 12 of calendars over a real server: public ones, somebody's own, and the file of one workshop."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
from flask import Flask
from sqlalchemy import text

from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import db
from app.feeds.models import FeedToken
from app.feeds.personal import service as personal
from app.workshops.models import Workshop, WorkshopDay
from tests import factories
from tests.calendars.strict import read
from tests.conftest import Visitor
from tests.feeds.conftest import LANGS, Polled, token_of

URL = "/feeds/all.ics?lang=sv"
Clock = Callable[[datetime], Any]


def test_req_01_every_address_answers_anybody_with_the_same_bytes(polled: Polled) -> None:
    visitor = polled.app.test_client()
    assert isinstance(visitor, Visitor)
    with polled.app.app_context():
        visitor.signed_in(db.session.query(Person).filter(Person.role.is_not(None)).all()[0])
        db.session.remove()
    cookie = visitor.get_cookie("__Host-session", domain="localhost")
    assert cookie is not None
    somebody = {"User_Agent": "Google-Calendar-Importer", "Accept": "text/html", "Accept_Language": "es, en;q=0.5"}
    for address in [*polled.feeds(), *polled.files(), *polled.own]:
        plain, other = polled.get(address), polled.get(address, **somebody, Cookie=f"__Host-session={cookie.value}")
        assert address.partition("?")[0].endswith(".ics")
        assert (plain.status, plain.headers["Location"], plain.body[:15]) == (200, None, b"BEGIN:VCALENDAR"), address
        assert other.body == plain.body, address


def test_req_01_the_language_is_part_of_the_address(polled: Polled) -> None:
    names = {lang: read(polled.get(f"/feeds/all.ics?lang={lang}", Accept_Language="en").body).text("NAME") for lang in LANGS}
    assert names == {"sv": "Nätverkens workshoppar", "es": "Talleres de las redes", "en": "Workshops of the networks"}


def test_req_02_every_answer_is_a_calendar_and_sets_no_cookie(polled: Polled) -> None:
    for address in polled.addresses():
        first = polled.get(address)
        for answer in (first, polled.get(address, "HEAD"), polled.get(address, If_None_Match=first.headers["ETag"])):
            assert answer.headers["Content-Type"] == (None if answer.status == 304 else "text/calendar; charset=utf-8")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Set-Cookie"] is None
            assert "cookie" not in answer.headers.get("Vary", "").lower()


def test_req_03_a_body_is_of_the_data_and_not_of_the_moment(demo: Flask, clock: Clock) -> None:
    own = f"/feeds/me/{token_of(db.session.query(Person).all()[0])}.ics"
    file = f"/workshops/{db.session.query(Workshop).where(Workshop.state == 'published').all()[0].slug}.ics"
    addresses, bodies = [URL, URL + "&show=overview", URL + "&show=sessions", own, file], []
    for days in (0, 3):
        demo.extensions.pop("app.feeds", None)  # as a process that has kept nothing
        db.session.remove()
        with clock(now() + timedelta(days=days)):
            bodies.append([demo.test_client().get(address).data for address in addresses])
    assert bodies[0] == bodies[1]


def test_req_03_a_stamp_is_the_moment_of_the_last_change(demo: Flask) -> None:
    wanted = {day.uid: f"{day.changed_at:%Y%m%dT%H%M%SZ}" for day in db.session.query(WorkshopDay)}
    found = {event.value("UID"): event.value("DTSTAMP") for event in read(demo.test_client().get(URL).data).all("VEVENT")}
    assert len(found) > 10
    assert found == {uid: wanted[uid] for uid in found}


def test_req_04_validators_of_every_kind_of_calendar(polled: Polled) -> None:
    for address in polled.addresses():
        first = polled.get(address)
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        assert re.fullmatch(r'"[A-Za-z0-9.-]+"', etag), etag
        before = format_datetime(parsedate_to_datetime(modified) - timedelta(seconds=1), usegmt=True)
        same: list[dict[str, str]] = [{"If_None_Match": tag} for tag in (etag, f"W/{etag}", f'"x", {etag}', f'"x",W/{etag}')]
        for sent in [*same, {"If_Modified_Since": modified}, {"If_None_Match": etag, "If_Modified_Since": before}]:
            fresh = polled.get(address, **sent)
            assert (fresh.status, fresh.body, fresh.headers["ETag"]) == (304, b"", etag), sent
        for sent in ({"If_None_Match": '"x"', "If_Modified_Since": modified}, {"If_None_Match": '"x"'}, {"If_Modified_Since": before}):
            assert polled.get(address, **sent).body == first.body, sent


def test_req_05_head_has_the_headers_of_get_and_no_body(polled: Polled) -> None:
    for address in polled.addresses():
        head, get = polled.get(address, "HEAD"), polled.get(address)
        assert (head.status, head.body) == (200, b"")
        assert {**dict(head.headers), "Date": ""} == {**dict(get.headers), "Date": ""}
        assert head.headers["Content-Length"] == str(len(get.body))


def test_req_05_other_methods_are_refused(polled: Polled) -> None:
    for address in polled.addresses():
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            refused = polled.get(address, method)
            assert (refused.status, "GET" in refused.headers["Allow"]) == (405, True), (method, address)


def test_req_06_packed_only_for_whoever_asks(polled: Polled) -> None:
    for address in polled.addresses():
        plain, packed = polled.get(address), polled.get(address, Accept_Encoding="br;q=1, gzip;q=0.5")
        assert (plain.headers["Content-Encoding"], packed.headers["Content-Encoding"]) == (None, "gzip")
        assert gzip.decompress(packed.body) == plain.body
        etag = packed.headers["ETag"]
        fresh = polled.get(address, Accept_Encoding="gzip", If_None_Match=etag)
        assert (fresh.status, fresh.headers["ETag"], fresh.body) == (304, etag, b"")
        assert {answer.headers["Vary"] for answer in (plain, packed, fresh)} == {"Accept-Encoding"}
        for accepted in ("identity", "br", "gzip;q=0", "deflate, gzip;q=0.0"):
            assert polled.get(address, Accept_Encoding=accepted).headers["Content-Encoding"] is None, accepted


def test_req_07_for_how_long_and_by_whom_a_calendar_may_be_kept(polled: Polled) -> None:
    for address in polled.addresses():
        first = polled.get(address)
        for answer in (first, polled.get(address, If_None_Match=first.headers["ETag"])):
            kept = dict.fromkeys(re.split(r",\s*", answer.headers["Cache-Control"]))
            (age,) = [int(word.removeprefix("max-age=")) for word in kept if word.startswith("max-age=")]
            assert age <= 3600
            assert [word for word in kept if not word.startswith("max-age=")] == ["private" if address in polled.own else "public"]


def test_req_08_robots_txt_lets_everybody_in(polled: Polled) -> None:
    answer = polled.get("/robots.txt")
    rules = RobotFileParser()
    rules.parse(answer.body.decode().splitlines())
    assert answer.status == 200
    for agent in ("Googlebot", "Google-Calendar-Importer", "*"):
        assert [address for address in polled.addresses() if not rules.can_fetch(agent, address)] == []


def test_req_08_only_secret_addresses_are_kept_out_of_search_engines(polled: Polled) -> None:
    for address in polled.addresses():
        first = polled.get(address)
        for answer in (first, polled.get(address, If_None_Match=first.headers["ETag"])):
            assert answer.headers["X-Robots-Tag"] == ("noindex" if address in polled.own else None)


def test_req_09_each_device_has_a_token_of_its_own_and_a_new_one_works_at_once(lite: Flask) -> None:
    me, client = factories.person(factories.organisation("SE")), lite.test_client()
    first, second = token_of(me), token_of(me)
    assert first != second
    assert min(len(first), len(second)) * 6 >= 128  # six bits in each letter of an address
    row = db.session.query(FeedToken).order_by(FeedToken.id).all()[0]
    personal.revoke(me.id, row.id, by=actor(me), now=now())
    third = token_of(me)
    assert [client.get(f"/feeds/me/{token}.ics").status_code for token in (first, second, third)] == [404, 200, 200]


def test_req_09_wrong_changed_and_revoked_addresses_are_one_and_the_same_404(lite: Flask) -> None:
    me, client = factories.person(factories.organisation("SE")), lite.test_client()
    good, revoked, empty = token_of(me), token_of(me), "x" * 43
    personal.revoke(me.id, db.session.query(FeedToken).order_by(FeedToken.id).all()[1].id, by=actor(me), now=now())
    changed = good[:-1] + ("A" if good[-1] != "A" else "B")
    answers = [client.get(f"/feeds/me/{token}.ics") for token in (revoked, changed, good.swapcase(), good[:-1], empty)]
    assert {(answer.status_code, answer.headers.get("Location")) for answer in answers} == {(404, None)}
    (body,) = {re.sub(rb"<code>[0-9a-f]+</code>", b"", answer.data) for answer in answers}  # the number of a request
    assert b"VCALENDAR" not in body


def test_req_09_the_token_is_nowhere_but_in_the_address(lite: Flask, caplog: pytest.LogCaptureFixture) -> None:
    me, client = factories.person(factories.organisation("SE")), lite.test_client()
    token = token_of(me)
    address = f"/feeds/me/{token}.ics"
    with caplog.at_level(logging.DEBUG):
        seen = [client.get(address), client.get(address, headers={"Accept-Encoding": "br"}), client.get(address + "?lang=xx")]
        seen += [client.get(f"/feeds/me/{token}x.ics"), client.get("/healthz")]
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE calendar_revision"))
        seen.append(client.get(address))
    assert [answer.status_code for answer in seen] == [200, 200, 200, 404, 200, 503]
    assert [answer.status_code for answer in seen if answer.status_code != 404 and token in answer.get_data(as_text=True)] == []
    assert [name for answer in seen for name, value in answer.headers if token in value] == []
    assert token not in caplog.text


def test_req_10_a_fault_is_never_an_empty_calendar(lite: Flask) -> None:
    network = factories.network(factories.organisation("SE"))
    file = f"/workshops/{factories.workshop(network).slug}.ics"
    own = f"/feeds/me/{token_of(factories.person(network.members[0].organisation))}.ics"
    lite.config["PROPAGATE_EXCEPTIONS"] = False
    with db.engine.begin() as connection:  # a row that no form would have let in
        connection.execute(text("UPDATE workshop_text SET title = 'a' || char(7) || 'b'"))
    db.session.remove()
    answers = [lite.test_client().get(address) for address in (URL, file)]
    assert [(answer.status_code, b"VCALENDAR" in answer.data) for answer in answers] == [(500, False)] * 2
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE registration"))
    db.session.remove()
    assert lite.test_client().get(own).status_code == 503


def test_req_10_a_calendar_without_workshops_is_a_whole_one(lite: Flask) -> None:
    network = factories.network(factories.organisation("SE"))
    own = f"/feeds/me/{token_of(factories.person(network.members[0].organisation))}.ics"
    for address in (URL, "/feeds/guatemala.ics?lang=es&show=sessions", f"/feeds/network/{network.slug}.ics", own):
        calendar = read(lite.test_client().get(address).data)
        assert calendar.parts == []
        assert calendar.value("VERSION") == "2.0"


def test_req_11_the_newest_thousand_are_served(lite: Flask) -> None:
    days = [datetime(2024, 1, 1, tzinfo=UTC).date() + timedelta(days=number) for number in range(1003)]
    workshop = factories.workshop(factories.network(factories.organisation("SE")), *days)
    body = lite.test_client().get(URL).data
    uids = re.findall(rb"\r\nUID:(\S+)", body)
    assert len(body) <= 1_000_000
    assert uids == [day.uid.encode() for day in workshop.days[3:]]


def test_req_12_a_file_is_saved_under_an_ascii_name_and_a_feed_is_none(polled: Polled) -> None:
    for address in polled.files():
        found = re.fullmatch(r'attachment; filename="([a-z0-9-]+)\.ics"', polled.get(address).headers["Content-Disposition"])
        assert found is not None
        assert found[1] in address
    for address in [*polled.feeds(), *polled.own]:
        assert polled.get(address).headers["Content-Disposition"] is None
