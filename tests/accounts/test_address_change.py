"""A new address is proved by a code, the old one is told, and nobody learns whose address it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.accounts import queries
from tests import factories
from tests.accounts.conftest import Post

NEW = "New@boras.example"
Errors = Callable[[str], list[str]]


def ask(app: Flask, person: Any, address: str = NEW) -> Any:
    browser: Any = app.test_client()
    browser.signed_in(person)
    return browser, browser.post("/en/me/account/address", data={"address": address})


def test_the_code_moves_the_account_and_tells_the_old_address(app: Flask, post: Post) -> None:
    person = factories.person(lang="en")
    old = person.address
    other: Any = app.test_client().signed_in(person)  # type: ignore[attr-defined]
    browser, answer = ask(app, person)
    assert answer.location == "/en/me/account/address/code"
    assert person.address == old
    assert browser.post("/en/me/account/address/code", data={"code": post.code(NEW)}).location == "/en/me/account"
    assert (person.address, person.canonical_address) == (NEW, NEW.lower())
    assert NEW in post.text(old)
    assert browser.get("/en/me/account").status_code == 200
    assert other.get("/en/me/account").status_code == 302


def test_a_wrong_code_changes_nothing(app: Flask, post: Post) -> None:
    person = factories.person()
    old = person.address
    browser, _answer = ask(app, person)
    assert browser.post("/en/me/account/address/code", data={"code": "1"}).status_code == 422
    assert person.address == old
    assert post.all(old) == []


def test_a_sign_in_code_does_not_change_an_address(lite: Flask, post: Post) -> None:
    person = factories.person()
    browser, _answer = ask(lite, person)
    lite.test_client().post("/en/sign-in", data={"address": NEW})
    assert browser.post("/en/me/account/address/code", data={"code": post.code(NEW)}).status_code == 422


def test_an_address_that_has_an_account_gets_a_mail_without_a_code_and_the_page_is_the_same(app: Flask, post: Post, errors: Errors) -> None:
    person, owner = factories.person(lang="en"), factories.person(lang="en")
    browser, answer = ask(app, person, owner.address)
    assert (answer.status_code, answer.location) == (303, "/en/me/account/address/code")
    assert str(post.newest(owner.address)["Subject"]) == "This address already has an account"
    wrong = browser.post("/en/me/account/address/code", data={"code": "123456"})
    assert errors(wrong.get_data(as_text=True)) == ["Those are not the six digits of the newest mail. Look again, or ask for a new code."]
    assert queries.find_by_address(owner.address) is not None


def test_an_address_that_somebody_else_took_meanwhile_is_refused(app: Flask, post: Post) -> None:
    person = factories.person()
    browser, _answer = ask(app, person)
    code = post.code(NEW)
    factories.person(address=NEW)
    old = person.address
    assert browser.post("/en/me/account/address/code", data={"code": code}).status_code == 422
    assert person.address == old


def test_only_another_way_of_writing_the_same_address_is_a_change_too(lite: Flask, post: Post) -> None:
    person = factories.person()
    old = person.address
    browser, _answer = ask(lite, person, old.upper())
    assert browser.post("/en/me/account/address/code", data={"code": post.code(old.upper())}).status_code == 303
    assert (person.address, person.canonical_address) == (old.upper(), old)


def test_the_same_address_is_refused_in_words(lite: Flask, errors: Errors) -> None:
    person = factories.person()
    _browser, answer = ask(lite, person, person.address)
    assert errors(answer.get_data(as_text=True)) == ["That is the address you have now"]
