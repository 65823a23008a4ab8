"""Limits stop who guesses and who floods, and lock nobody out: they count for an address together with the network that asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts import limits, rules
from app.errors import TooMany
from tests import factories
from tests.accounts.conftest import Post, quick_hash

PASSWORD = "blå hund cyklar ofta"
HASH = quick_hash(PASSWORD)
ATTACKER, VICTIM = "198.51.100.7", "203.0.113.9"
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def usual(database_url: str, make_app: Any) -> Iterator[Flask]:
    """An app with the limits that the product has, on each kind of database."""
    app = make_app(database_url, SIGN_INS_PER_HOUR="10", MAILS_PER_HOUR="3", TRIES_PER_NETWORK="60")
    with app.app_context():
        yield app


def send(browser: Any, path: str, data: dict[str, str], ip: str = ATTACKER) -> Any:
    return browser.post(f"/en/{path}", data=data, environ_base={"REMOTE_ADDR": ip})


def try_it(app: Flask, address: str, password: str, ip: str = ATTACKER) -> int:
    answer = send(app.test_client(), "sign-in/password", {"address": address, "password": password}, ip)
    return int(answer.status_code)


def test_a_stranger_elsewhere_takes_neither_the_code_nor_the_password_from_anybody(usual: Flask) -> None:
    person = factories.person(password_hash=HASH)
    for _try in range(30):
        try_it(usual, person.address, "wrong")
        send(usual.test_client(), "sign-in", {"address": person.address})
    assert try_it(usual, person.address, PASSWORD) == 429
    assert try_it(usual, person.address, PASSWORD, VICTIM) == 303
    browser = usual.test_client()
    assert send(browser, "sign-in", {"address": person.address}, VICTIM).location == "/en/sign-in/code"
    assert send(browser, "sign-in/code", {"code": Post().code(person.address)}, VICTIM).location == "/en/me/"


def test_each_mistyped_password_waits_longer_than_the_one_before(usual: Flask) -> None:
    assert usual
    at, waits = BEGIN, []
    for _mistyped in range(2):
        limits.for_password("ann@umea.example", ATTACKER, at)
    for _try in range(8):
        limits.for_password("ann@umea.example", ATTACKER, at)
        with pytest.raises(TooMany) as refusal:
            limits.for_password("ann@umea.example", ATTACKER, at)
        waits.append(refusal.value.retry_after)
        at += timedelta(seconds=waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 3600 - 127]


def test_many_wrong_passwords_close_the_password_but_not_the_code(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, SIGN_INS_PER_HOUR="3")
    with app.app_context():
        person = factories.person(password_hash=HASH)
        statuses = [try_it(app, person.address, "wrong") for _try in range(4)]
        browser = app.test_client()
        answer = send(browser, "sign-in/password", {"address": person.address, "password": PASSWORD})
        assert [*statuses, answer.status_code] == [422, 422, 422, 429, 429]
        assert "Ask for a code by mail instead." in answer.get_data(as_text=True)
        send(browser, "sign-in", {"address": person.address})
        assert send(browser, "sign-in/code", {"code": Post().code(person.address)}).status_code == 303


def test_the_right_password_forgets_what_was_mistyped(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, SIGN_INS_PER_HOUR="3")
    with app.app_context():
        person = factories.person(password_hash=HASH)
        statuses = [try_it(app, person.address, word) for word in ["no", "no", PASSWORD, "no", "no", PASSWORD]]
        assert statuses == [422, 422, 303, 422, 422, 303]


def test_a_guess_from_many_networks_meets_a_ceiling_and_the_code_stays_open(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, SIGN_INS_PER_HOUR="2")
    with app.app_context():
        person = factories.person(password_hash=HASH)
        statuses = [try_it(app, person.address, "wrong", f"198.51.100.{number}") for number in range(2 * rules.ALL_NETWORKS + 1)]
        assert statuses == [422] * 2 * rules.ALL_NETWORKS + [429]
        assert send(app.test_client(), "sign-in", {"address": person.address}, VICTIM).status_code == 303


def test_a_mailbox_is_not_flooded_from_many_networks(usual: Flask) -> None:
    most = 3 * rules.ALL_NETWORKS
    address = "ann@umea.example"
    answers = [send(usual.test_client(), "sign-in", {"address": address}, f"198.51.100.{number}") for number in range(most + 1)]
    assert [answer.status_code for answer in answers] == [303] * most + [429]
    assert len(Post().all(address)) == most


def test_a_browser_that_holds_a_live_code_goes_on_when_no_more_mails_go(usual: Flask) -> None:
    person = factories.person()
    browser = usual.test_client()
    answers = [send(browser, "sign-in", {"address": person.address}) for _time in range(4)]
    assert [answer.location for answer in answers] == ["/en/sign-in/code"] * 4
    assert len(Post().all(person.address)) == 3
    assert send(usual.test_client(), "sign-in", {"address": person.address}).status_code == 429
    assert send(browser, "sign-in/code", {"code": Post().code(person.address)}).status_code == 303


def test_one_network_cannot_try_many_addresses(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, TRIES_PER_NETWORK="5")
    with app.app_context():
        statuses = [try_it(app, f"p{number}@umea.example", "wrong") for number in range(7)]
        assert statuses == [422] * 5 + [429] * 2
        assert try_it(app, "x@umea.example", "wrong", VICTIM) == 422


def test_what_succeeds_is_given_back_so_that_a_town_hall_behind_one_address_gets_in(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, TRIES_PER_NETWORK="3")
    with app.app_context():
        for _person in range(4):
            person = factories.person(password_hash=HASH)
            browser = app.test_client()
            send(browser, "sign-in", {"address": person.address})
            assert send(browser, "sign-in/code", {"code": Post().code(person.address)}).status_code == 303
            assert try_it(app, person.address, PASSWORD) == 303
        assert [try_it(app, f"p{number}@umea.example", "wrong") for number in range(4)] == [422, 422, 422, 429]


@pytest.mark.parametrize(
    ("proxies", "header", "times"), [("0", {"X-Forwarded-For": VICTIM}, 1), ("1", {"X-Forwarded-For": VICTIM}, 0), ("0", {}, 0)]
)
def test_a_proxy_that_nobody_told_us_of_is_said_once(
    sqlite_url: str, make_app: Any, caplog: pytest.LogCaptureFixture, proxies: str, header: dict[str, str], times: int
) -> None:
    app = make_app(sqlite_url, PROXIES=proxies)
    with app.app_context():
        for _request in range(3):
            app.test_client().get("/en/sign-in", headers=header)
    assert caplog.text.count("PROXIES is 0") == times


def test_a_forged_forwarded_for_does_not_dodge_the_limit(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, TRIES_PER_NETWORK="2")
    with app.app_context():
        data = {"address": "x@umea.example", "password": "wrong"}
        forged = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(4)]
        statuses = [app.test_client().post("/en/sign-in/password", data=data, headers=one).status_code for one in forged]
    assert statuses == [422, 422, 429, 429]
