"""Sessions end on the server: at log-out, with a new password, when an account is closed or a role changes, and by time."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import service, staffing
from app.accounts.models import Person, SignIn
from app.audit.service import COMMAND
from app.clock import now
from app.database import db
from tests import factories
from tests.accounts.conftest import quick_hash

PASSWORD = "blå hund cyklar ofta"
HASH = quick_hash(PASSWORD)
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def sign_in(app: Flask, person: Person, browser: Any = None) -> Any:
    browser = browser or app.test_client()
    answer = browser.post("/en/sign-in/password", data={"address": person.address, "password": PASSWORD})
    assert answer.status_code == 303
    return browser


def member(**values: Any) -> Person:
    found: Person = factories.person(password_hash=HASH, **values)
    return found


def copy_of(browser: Any, app: Flask) -> Any:
    """Another browser with the same cookie: what a thief would have."""
    thief = app.test_client()
    with browser.session_transaction() as mine, thief.session_transaction() as theirs:
        theirs.update(mine)
    return thief


def is_in(browser: Any) -> bool:
    return bool(browser.get("/en/me/account").status_code == 200)


def test_a_copied_cookie_is_worthless_after_log_out(app: Flask) -> None:
    browser = sign_in(app, member())
    thief = copy_of(browser, app)
    assert is_in(thief)
    answer = browser.post("/en/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(browser)
    assert not is_in(thief)


def test_a_log_out_that_the_database_has_no_time_for_can_be_tried_again(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, LOCK_SECONDS="0")
    with app.app_context():
        browser = sign_in(app, member())
        thief = copy_of(browser, app)
        token = browser.token()
        with Path(f"{db.engine.url.database}.lock").open("w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            assert browser.post("/en/sign-out", data={"csrf_token": token}, csrf=False).status_code == 503
        assert is_in(browser)
        assert browser.post("/en/sign-out").status_code == 303
        assert not is_in(thief)


def test_log_out_is_a_post(lite: Flask) -> None:
    browser = sign_in(lite, member())
    assert browser.get("/en/sign-out").status_code == 405
    assert is_in(browser)


def test_each_sign_in_gets_a_new_token_and_the_old_one_ends(app: Flask) -> None:
    person = member()
    browser = sign_in(app, person)
    before = copy_of(browser, app)
    with browser.session_transaction() as session:
        old = session["sid"]
    sign_in(app, person, browser)
    with browser.session_transaction() as session:
        assert session["sid"] != old
    assert is_in(browser)
    assert not is_in(before)


def test_a_token_that_a_stranger_planted_is_not_taken_over(lite: Flask) -> None:
    browser = lite.test_client()
    with browser.session_transaction() as session:
        session["sid"], session["planted"] = "known to the attacker", "yes"
    sign_in(lite, member(), browser)
    with browser.session_transaction() as session:
        assert session["sid"] != "known to the attacker"
        assert "planted" not in session


def test_a_new_password_signs_the_other_devices_out(app: Flask) -> None:
    person = member()
    here, there = sign_in(app, person), sign_in(app, person)
    assert here.post("/en/me/account/password", data={"password": "sju små grodor på tak"}).status_code == 303
    assert is_in(here)
    assert not is_in(there)


def test_a_closed_account_is_out_and_stays_out(app: Flask) -> None:
    person = member()
    browser = sign_in(app, person)
    staffing.disable(person.id, by=COMMAND, now=now())
    assert not is_in(browser)
    answer = app.test_client().post("/en/sign-in/password", data={"address": person.address, "password": PASSWORD})
    assert answer.status_code == 422
    staffing.enable(person.id, by=COMMAND, now=now())
    assert is_in(sign_in(app, person))


def test_a_change_of_role_signs_out(app: Flask) -> None:
    person = member()
    browser = sign_in(app, person)
    staffing.change_role(person.id, "officer", by=COMMAND, now=now())
    assert not is_in(browser)


@pytest.mark.parametrize(("staff", "after", "lives"), [
    (None, timedelta(hours=71), True),
    (None, timedelta(hours=73), False),
    ("officer", timedelta(minutes=29), True),
    ("officer", timedelta(minutes=31), False),
])  # fmt: skip
def test_a_session_without_a_click_ends(lite: Flask, clock: Any, staff: str | None, after: timedelta, lives: bool) -> None:
    with clock(BEGIN):
        browser = sign_in(lite, member(staff=staff))
    with clock(BEGIN + after):
        assert is_in(browser) is lives


def test_a_click_keeps_a_session_alive_without_writing_to_the_database(lite: Flask, clock: Any, queries: Any) -> None:
    with clock(BEGIN):
        browser = sign_in(lite, member(staff="officer"))
    for minutes in (20, 40, 60):
        with clock(BEGIN + timedelta(minutes=minutes)), queries() as seen:
            assert is_in(browser)
        assert all(statement.startswith("SELECT") for statement in seen)


@pytest.mark.parametrize(
    ("staff", "step", "lives_for"),
    [(None, timedelta(hours=48), timedelta(days=30)), ("officer", timedelta(minutes=25), timedelta(hours=12))],
)
def test_clicks_do_not_keep_a_session_alive_for_ever(
    lite: Flask, clock: Any, staff: str | None, step: timedelta, lives_for: timedelta
) -> None:
    with clock(BEGIN):
        browser = sign_in(lite, member(staff=staff))
    at, last = BEGIN, BEGIN
    while at < BEGIN + lives_for + step:
        at += step
        with clock(at):
            if is_in(browser):
                last = at
    assert lives_for - step <= last - BEGIN < lives_for


def test_one_of_my_devices_can_be_signed_out_and_nobody_elses(app: Flask) -> None:
    mine, other = member(), member()
    here, there, outsider = sign_in(app, mine), sign_in(app, mine), sign_in(app, other)
    rows = {row.person_id: row.id for row in db.session.scalars(select(SignIn).order_by(SignIn.id.desc()))}
    newest = db.session.scalars(select(SignIn.id).where(SignIn.person_id == mine.id).order_by(SignIn.id.desc())).first()
    assert here.post(f"/en/me/account/sessions/{rows[other.id]}/end").status_code == 404
    assert is_in(outsider)
    assert here.post(f"/en/me/account/sessions/{newest}/end").status_code == 303
    assert (is_in(here), is_in(there)) == (True, False)


def test_all_other_devices_can_be_signed_out_at_once(lite: Flask) -> None:
    person = member()
    here, one, two = (sign_in(lite, person) for _browser in range(3))
    here.post("/en/me/account/sessions/end-others")
    assert [is_in(browser) for browser in (here, one, two)] == [True, False, False]


def test_the_database_keeps_only_the_hash_of_the_token(lite: Flask) -> None:
    browser = sign_in(lite, member())
    with browser.session_transaction() as session:
        token = session["sid"]
    assert db.session.scalar(select(func.count()).select_from(SignIn).where(SignIn.token_hash == token)) == 0
    assert len(token) >= 43


def test_cookies_are_closed_to_scripts_and_other_sites(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, BASE_URL="https://workshops.example")
    with app.app_context():
        answer = app.test_client().get("/en/sign-in", base_url="https://workshops.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie


def test_pages_of_the_signed_in_are_stored_nowhere(lite: Flask) -> None:
    browser = sign_in(lite, member())
    assert browser.get("/en/me/account").headers["Cache-Control"] == "no-store"


def test_a_static_file_carries_no_cookie(lite: Flask) -> None:
    browser = sign_in(lite, member())
    with browser.get("/static/app.js") as answer:
        assert "Set-Cookie" not in answer.headers


def test_an_ended_session_is_forgotten_a_month_after_its_end(app: Flask, clock: Any) -> None:
    with clock(BEGIN):
        sign_in(app, member()).post("/en/sign-out")
    service.forget_old(BEGIN + timedelta(days=29))
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1
    service.forget_old(BEGIN + timedelta(days=31))
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_what_is_old_is_forgotten_at_night(app: Flask, clock: Any) -> None:
    with clock(BEGIN):
        sign_in(app, member())
    assert service.forget_old(BEGIN + timedelta(days=1)) == 0
    assert service.forget_old(BEGIN + timedelta(days=3)) >= 1
    assert service.forget_old(BEGIN + timedelta(days=59)) == 0
    assert service.forget_old(BEGIN + timedelta(days=61)) == 1
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0
