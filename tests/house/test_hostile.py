"""What a stranger may put into an address: it is answered with a page and a 4xx, never with a crash."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import db
from app.feeds.personal import service as feeds
from tests.conftest import Visitor

HUGE = "9" * 30
STAFF, MEMBER = "karin.ahlqvist@icld.example", "lucia.chavajay@panajachel.example"
ADDRESSES = [
    ("", "/en/workshops/?endpoint=x"),
    ("", "/en/workshops/?_anchor=x&_method=x&_scheme=x"),
    ("", "/en/nowhere/?endpoint=1"),
    ("", "/feeds/me/%00.ics"),
    ("", "/en/workshops/%ff%fe/"),
    ("", "/en/workshops/?page=" + HUGE),
    ("", "/en/workshops/?place=%00&region=%27&country=%f0%9f"),
    ("", "/en/workshops/?place=" + HUGE * 20),
    ("", "/en/workshops/month/?place=%e2%80%ae"),
    ("", "/en/workshops/month/0000-01/"),
    ("", "/en/workshops/month/9999-12/"),
    ("", "/en/workshops/month/2026-13/"),
    ("", "/en/workshops/month/" + HUGE + "/"),
    ("", "/en/workshops/years/?_anchor=x&endpoint=x"),
    ("", "/en/workshops/map/?place=%3Cscript%3E"),
    ("", "/en/subscribe?calendar=%3Cscript%3E&show=x"),
    ("", "/en/subscribe?calendar=network/..%2f..&language=" + HUGE),
    ("", "/en/subscribe?_anchor=x&endpoint=x"),
    (MEMBER, f"/en/me/registrations/{HUGE}"),
    (MEMBER, "/en/me/registrations/2147483648"),
    (STAFF, f"/en/staff/people/{HUGE}"),
    (STAFF, f"/en/staff/workshops/{HUGE}/"),
    (STAFF, f"/en/staff/workshops/?page={HUGE}"),
    (STAFF, f"/en/staff/mails?page={HUGE}"),
    (STAFF, "/en/staff/mails?_anchor=x"),
    (STAFF, f"/en/staff/mails/log?q={HUGE}%00&from=0001-01-01&to=9999-12-31&kind=%27"),
    (STAFF, "/en/staff/mails/log?q=%25_%5c&from=9999-12-31&_anchor=x&endpoint=x"),
    (STAFF, "/en/staff/workshops/11/mails?endpoint=x&workshop_id=1"),
]


def visitor(app: Flask, address: str) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    if address:
        client.signed_in(db.session.query(Person).filter_by(canonical_address=address).one())
    return client


@pytest.mark.parametrize(("who", "address"), ADDRESSES)
def test_no_address_makes_it_crash(demo: Flask, who: str, address: str) -> None:
    with demo.app_context():
        assert visitor(demo, who).get(address).status_code < 500


@pytest.mark.parametrize("path", ["/en/", "/healthz", "/feeds/all.ics"])
def test_a_host_that_is_not_ours_is_refused(demo: Flask, path: str) -> None:
    assert demo.test_client().get(path, headers={"Host": "evil.test"}).status_code == 400


@pytest.mark.parametrize("target", ["//evil.test", "//[", "/\\evil.test", "/en/?a=\r\nX: y", "https://evil.test/", "/en/\tx"])
def test_going_on_stays_within_the_house(demo: Flask, target: str) -> None:
    with demo.app_context():
        answer = visitor(demo, "").post("/en/clock", data={"zone": "America/Bogota", "next": target})
    assert answer.status_code == 303
    assert "evil" not in answer.headers["Location"]


def test_a_guest_without_a_name_is_told_and_nothing_reaches_the_log(demo: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    form = {"name": "   ", "address": "secret.person@guest.example", "organisation": "", "consent": "y"}
    with demo.app_context():
        answer = visitor(demo, "").post("/en/workshops/who-cares-for-the-city/register", data=form)
        page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Enter your name" in page
    assert "secret.person@guest.example" in page, "what was typed is kept"
    assert "secret.person" not in caplog.text


def test_a_closed_account_has_no_calendar_any_more(demo: Flask) -> None:
    with demo.app_context():
        me = db.session.query(Person).filter_by(canonical_address=MEMBER).one()
        token = feeds.make_token(me.id, "telephone", "es", by=actor(me), now=now())
        assert demo.test_client().get(f"/feeds/me/{token}.ics").status_code == 200
        me.disabled_at = now()
        db.session.commit()
        assert demo.test_client().get(f"/feeds/me/{token}.ics").status_code == 404


def test_another_persons_registration_does_not_exist(demo: Flask) -> None:
    with demo.app_context():
        mine = visitor(demo, MEMBER)
        number = next(n for n in range(1, 300) if mine.get(f"/en/me/registrations/{n}").status_code == 200)
    with demo.app_context():
        stranger = visitor(demo, "malin.sundin@are.example")
        for path in ("", "/cancel"):
            assert stranger.get(f"/en/me/registrations/{number}{path}").status_code == 404
    with demo.app_context():
        assert stranger.post(f"/en/me/registrations/{number}/cancel").status_code == 404
