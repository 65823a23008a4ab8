"""Passwords: the same answer for a stranger as for a mistake, and refusals with their reason."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from flask import Flask

from app.accounts import passwords, service
from app.clock import now
from tests import factories
from tests.accounts.conftest import Post

PASSWORD = "blå hund cyklar ofta"
HASH = passwords.make_hash(PASSWORD)
Errors = Callable[[str], list[str]]


def try_it(app: Flask, address: str, password: str) -> Any:
    return app.test_client().post("/en/sign-in/password", data={"address": address, "password": password})


def test_the_right_password_opens_the_door_however_it_is_typed(app: Flask) -> None:
    person = factories.person(password_hash=HASH)
    assert try_it(app, person.address.upper(), "bla\u030a hund cyklar ofta").location == "/en/me/"


def test_a_wrong_password_a_stranger_a_closed_account_and_one_without_password_get_the_same_answer(lite: Flask, errors: Errors) -> None:
    known, without = factories.person(password_hash=HASH), factories.person()
    closed = factories.person(password_hash=HASH, disabled_at=factories.NOW)
    tries = [(known.address, "wrong"), ("nobody@umea.example", PASSWORD), (without.address, PASSWORD), (closed.address, PASSWORD)]
    answers = [try_it(lite, *one) for one in tries]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert {tuple(errors(answer.get_data(as_text=True))) for answer in answers} == {
        ("The address and the password do not belong together. Try again, or ask for a code by mail.",)
    }


def test_a_stranger_takes_as_long_as_somebody_known() -> None:
    def seconds(stored: str | None) -> float:
        best = []
        for _run in range(5):
            begin = perf_counter()
            passwords.is_right(stored, "wrong")
            best.append(perf_counter() - begin)
        return min(best)

    passwords.is_right(None, "warm up")
    assert seconds(None) > seconds(HASH) / 2


@pytest.mark.parametrize("password", ["\ufdfa blå hund", "å" * 190 + " och mer", "a\u030a" * 190 + " och mer"])
def test_whatever_is_accepted_as_a_password_opens_the_door(lite: Flask, password: str) -> None:
    person = factories.person()
    service.set_password(person, password, session_id=0, now=now())
    assert try_it(lite, person.address, password).status_code == 303


def test_hashes_are_argon2id_with_19_mib_and_two_rounds() -> None:
    assert HASH.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.make_hash(PASSWORD) != HASH


def test_the_password_is_not_kept_in_the_page_that_refuses_it(lite: Flask) -> None:
    page = try_it(lite, "ann@umea.example", "my secret words").get_data(as_text=True)
    assert "my secret words" not in page
    assert 'value="ann@umea.example"' in page


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "Use at least 12 characters. A few words that do not belong together are good."),
        ("password1234", "Thousands of people use that password. Choose another one."),
        ("malin sundin", "That password holds your name or address. Choose another one."),
        ("x" * 500, "Use at most 200 characters."),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(lite: Flask, errors: Errors, password: str, words: str) -> None:
    person = factories.person(name="Malin Sundin")
    browser: Any = lite.test_client()
    answer = browser.signed_in(person).post("/en/me/account/password", data={"password": password})
    assert answer.status_code == 422
    assert errors(answer.get_data(as_text=True)) == [words]
    assert person.password_hash is None


def test_a_new_password_is_told_by_mail_in_the_persons_language(app: Flask, post: Post) -> None:
    person = factories.person(lang="en")
    browser: Any = app.test_client()
    browser.signed_in(person).post("/sv/me/account/password", data={"password": PASSWORD})
    assert str(post.newest(person.address)["Subject"]) == "Your password was changed"
    assert "If that was not you" in post.text(person.address)
    assert try_it(app, person.address, PASSWORD).status_code == 303
