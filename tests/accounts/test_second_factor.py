"""The second factor: staff must have it, a code is good once, recovery codes open the door once each."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import second_factor
from app.accounts.models import Person, RecoveryCode, SignIn
from app.audit.service import person as actor
from app.clock import now
from app.crypto import encrypt
from app.database import db, transaction
from tests import factories
from tests.accounts.conftest import Post, quick_hash

PASSWORD = "blå hund cyklar ofta"
HASH = quick_hash(PASSWORD)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def somebody(**values: Any) -> Person:
    """A person with a password and an app."""
    found: Person = factories.person(password_hash=HASH, totp_secret=encrypt(SECRET.encode()), **values)
    return found


def half_in(app: Flask, person: Person) -> Any:
    """A browser that has given the password only."""
    browser = app.test_client()
    answer = browser.post("/en/sign-in/password", data={"address": person.address, "password": PASSWORD})
    assert answer.location == "/en/sign-in/second-factor"
    return browser


def code(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


def give(browser: Any, text: str) -> Any:
    return browser.post("/en/sign-in/second-factor", data={"code": text})


def test_password_and_code_together_open_the_door(app: Flask, clock: Any) -> None:
    person = somebody(staff="officer")
    with clock(BEGIN):
        browser = half_in(app, person)
        assert browser.get("/en/me/account").status_code == 302
        assert db.session.scalars(select(SignIn)).all() == []
        assert give(browser, code(BEGIN)).location == "/en/staff/"
        assert browser.get("/en/staff/people").status_code == 200


def test_a_code_of_the_app_is_good_once(app: Flask, clock: Any) -> None:
    person = somebody()
    with clock(BEGIN):
        first, second = half_in(app, person), half_in(app, person)
        assert give(first, code(BEGIN)).status_code == 303
        assert give(second, code(BEGIN)).status_code == 422
    with clock(BEGIN + timedelta(seconds=30)):
        assert give(second, code(BEGIN + timedelta(seconds=30))).status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(-30, 303), (0, 303), (30, 303), (-90, 422), (90, 422)])
def test_a_clock_may_be_half_a_minute_wrong(lite: Flask, clock: Any, seconds: int, status: int) -> None:
    with clock(BEGIN):
        assert give(half_in(lite, somebody()), code(BEGIN + timedelta(seconds=seconds))).status_code == status


def test_five_tries_in_a_quarter_of_an_hour(lite: Flask, clock: Any) -> None:
    person = somebody()
    with clock(BEGIN):
        browser = half_in(lite, person)
        statuses = [give(browser, "000000").status_code for _try in range(6)]
        assert statuses == [422] * 5 + [429]
        assert give(browser, code(BEGIN)).status_code == 429
    with clock(BEGIN + timedelta(minutes=16)):
        assert give(half_in(lite, person), code(BEGIN + timedelta(minutes=16))).status_code == 303


def test_a_recovery_code_opens_the_door_once(app: Flask) -> None:
    person = somebody()
    codes = second_factor.renew_recovery_codes(person, now=now())
    assert len(codes) == 10
    assert give(half_in(app, person), codes[0].upper().replace("-", " ")).status_code == 303
    assert give(half_in(app, person), codes[0]).status_code == 422
    assert give(half_in(app, person), codes[1]).status_code == 303
    assert not {row.code_hash for row in db.session.scalars(select(RecoveryCode))} & set(codes)


def test_somebody_elses_recovery_code_opens_nothing(lite: Flask) -> None:
    person, other = somebody(), somebody()
    codes = second_factor.renew_recovery_codes(other, now=now())
    assert give(half_in(lite, person), codes[0]).status_code == 422


@pytest.mark.parametrize("role", ["administrator", "officer", "helper"])
def test_staff_without_a_second_factor_are_sent_to_set_it_up(lite: Flask, role: str) -> None:
    browser: Any = lite.test_client()
    browser.signed_in(factories.person(staff=role), second_factor=False)
    if role != "helper":
        answer = browser.get("/en/staff/people")
        assert answer.location == "/en/me/account/second-factor?next=/en/staff/people"
    assert browser.get("/en/me/account").status_code == 200


def test_the_demo_lets_staff_in_without_it_and_says_so(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, DEMO="1")
    with app.app_context():
        browser = app.test_client().signed_in(factories.person(staff="officer"), second_factor=False)
        answer = browser.get("/en/staff/people")
    assert answer.status_code == 200
    assert "staff sign in without a second factor" in answer.get_data(as_text=True)


def test_a_member_is_no_staff_with_or_without_it(lite: Flask) -> None:
    browser: Any = lite.test_client()
    assert browser.signed_in(somebody()).get("/en/staff/people").status_code == 404


def test_setting_it_up_shows_a_square_the_secret_and_recovery_codes_once(app: Flask, post: Post) -> None:
    person = factories.person(staff="officer", lang="en")
    browser: Any = app.test_client()
    browser.signed_in(person, second_factor=False)
    page = browser.get("/en/me/account/second-factor").get_data(as_text=True)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    secret = found.group(1).replace(" ", "")
    picture = browser.get("/en/me/account/second-factor/code.svg")
    assert (picture.content_type, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    with browser.session_transaction() as session:
        assert secret not in str(dict(session))

    wrong = browser.post("/en/me/account/second-factor", data={"code": "12345"})
    assert wrong.status_code == 422
    assert found.group(1) in wrong.get_data(as_text=True)
    done = browser.post("/en/me/account/second-factor?next=/en/staff/people", data={"code": pyotp.TOTP(secret).now()})

    shown = re.findall(r"<code>([a-z0-9-]{19})</code>", done.get_data(as_text=True))
    assert len(shown) == 10
    assert 'href="/en/staff/people"' in done.get_data(as_text=True)
    assert person.totp_secret is not None
    assert secret.encode() not in person.totp_secret
    assert browser.get("/en/staff/people").status_code == 200
    assert browser.get("/en/me/account/second-factor/code.svg").status_code == 404
    assert str(post.newest(person.address)["Subject"]) == "Your second factor is set up"


def test_administrators_are_told_when_staff_get_or_lose_it_and_nobody_else_is(app: Flask, post: Post, clock: Any) -> None:
    assert app
    chief, closed = factories.person(staff="administrator", lang="en"), factories.person(staff="administrator", disabled_at=BEGIN)
    officer, member = factories.person(staff="officer", name="Hugo Ek"), factories.person()
    with clock(BEGIN):
        for person in (officer, member):
            second_factor.set_up(person, SECRET, code(BEGIN), session_id=0, now=BEGIN)
    assert [str(mail["Subject"]) for mail in post.all(chief.address)] == ["Hugo Ek set up a second factor"]
    assert officer.address in post.text(chief.address)
    second_factor.turn_off(officer, by=actor(chief), now=BEGIN + timedelta(hours=1))
    assert str(post.newest(chief.address)["Subject"]) == "Hugo Ek has no second factor any more"
    assert f"by {chief.name}" in post.text(chief.address)
    assert (len(post.all(chief.address)), post.all(closed.address)) == (2, [])


def test_taking_it_away_shuts_the_staff_pages_until_there_is_a_new_one(lite: Flask) -> None:
    person = somebody(staff="officer")
    browser: Any = lite.test_client()
    browser.signed_in(person)
    assert browser.get("/en/staff/people").status_code == 200
    assert browser.post("/en/me/account/second-factor/off").location == "/en/me/account/second-factor"
    assert person.totp_secret is None
    assert browser.get("/en/staff/people").status_code == 302


@pytest.mark.parametrize("path", ["second-factor", "password", "address"])
def test_an_open_browser_of_yesterday_must_sign_in_once_more(lite: Flask, path: str) -> None:
    browser: Any = lite.test_client()
    browser.signed_in(somebody())
    assert browser.get(f"/en/me/account/{path}").status_code == 200
    with transaction():
        row = db.session.scalars(select(SignIn)).one()
        row.created_at = now() - timedelta(minutes=16)
    assert browser.get(f"/en/me/account/{path}").location == f"/en/sign-in?next=/en/me/account/{path}"
    assert browser.post(f"/en/me/account/{path}", data={"password": PASSWORD, "code": "1"}).status_code == 303
