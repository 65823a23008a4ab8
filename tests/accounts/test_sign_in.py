"""Sign-up and sign-in by a code: good once, for a short time, in one browser, and silent about who is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import queries as people
from app.accounts.models import Affiliation, Code, Person, SignIn
from app.audit.models import AuditEntry
from app.database import db, transaction
from app.outbox.models import Message
from tests import factories
from tests.accounts.conftest import Post

ADDRESS = "ann@umea.example"
DETAILS = {"name": "Ann Ek", "lang": "sv", "zone": "UTC", "kind": "", "organisation": "", "gender": ""}
Errors = Callable[[str], list[str]]


def ask(client: Any, address: str = ADDRESS, **values: str) -> Any:
    return client.post("/en/sign-in", data={"address": address, **values})


def test_a_stranger_signs_up_with_the_code_of_the_mail(app: Flask, post: Post) -> None:
    umea = factories.organisation()
    browser = app.test_client()

    assert ask(browser, "Ann@Umea.example").location == "/en/sign-in/code"
    answer = browser.post("/en/sign-in/code", data={"code": post.code("Ann@Umea.example")})
    assert answer.location == "/en/sign-up"
    details = {"name": "Ann Ek", "lang": "sv", "zone": "Europe/Stockholm", "kind": "official", "organisation": str(umea.id), "gender": ""}
    assert browser.post("/en/sign-up", data=details).location == "/en/me/"

    person = people.find_by_address(ADDRESS)
    assert person is not None
    assert (person.name, person.address, person.canonical_address, person.lang, person.kind) == (
        "Ann Ek",
        "Ann@Umea.example",
        ADDRESS,
        "sv",
        "official",
    )
    assert person.role is None
    assert person.confirmed_at is not None
    asked = db.session.scalars(select(Affiliation).where(Affiliation.person_id == person.id)).one()
    assert (asked.organisation_id, asked.role, asked.confirmed_at) == (umea.id, "member", None)
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == ["person.asked", "person.joined"]
    assert browser.get("/en/me/account").status_code == 200


def test_somebody_known_is_in_at_once(app: Flask, post: Post) -> None:
    person = factories.person()
    browser = app.test_client()
    ask(browser, person.address.upper())
    assert browser.post("/en/sign-in/code", data={"code": post.code(person.address)}).location == "/en/me/"
    assert browser.get("/en/me/account").status_code == 200


def test_a_guest_who_never_proved_the_address_signs_up_and_is_called_what_they_say(app: Flask, post: Post) -> None:
    guest = factories.person(address=ADDRESS, name="Typed by anybody", confirmed_at=None)
    browser = app.test_client()
    ask(browser)
    assert str(post.newest(ADDRESS)["Subject"]) == "Your code for a new account"
    assert browser.post("/en/sign-in/code", data={"code": post.code(ADDRESS)}).location == "/en/sign-up"
    assert guest.confirmed_at is None
    assert 'value="Typed by anybody"' in browser.get("/en/sign-up").get_data(as_text=True)
    assert browser.post("/en/sign-up", data=DETAILS).location == "/en/me/"
    assert (guest.name, guest.lang, guest.confirmed_at is None) == ("Ann Ek", "sv", False)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_the_page_is_the_same_for_known_and_unknown_addresses_and_only_the_mail_tells(lite: Flask, post: Post) -> None:
    known, closed = factories.person(), factories.person(disabled_at=factories.NOW)
    seen: list[tuple[Any, ...]] = []
    for address in (known.address, "nobody@umea.example", closed.address):
        browser = lite.test_client()
        answer = ask(browser, address)
        page = browser.get("/en/sign-in/code").get_data(as_text=True).replace(address, "X")
        wrong = browser.post("/en/sign-in/code", data={"code": "12"})
        words = re.findall(r'class="error"[^>]*>.*?</p>', wrong.get_data(as_text=True))
        same = re.sub(r'value="[^"]+"', "", page)  # the form's token
        seen.append((answer.status_code, answer.location, same, wrong.status_code, words))
    assert seen[0] == seen[1] == seen[2]
    assert [post.newest(address)["Subject"] for address in (known.address, "nobody@umea.example", closed.address)] == [
        "Your sign-in code",
        "Your code for a new account",
        "Your account is closed",
    ]


def test_the_code_is_never_in_the_subject_that_staff_and_lock_screens_show(lite: Flask, post: Post) -> None:
    ask(lite.test_client())
    assert not re.search(r"\d", str(post.newest(ADDRESS)["Subject"]))
    assert post.code(ADDRESS)


def test_a_known_persons_code_goes_to_the_address_we_keep_not_to_what_was_typed(lite: Flask) -> None:
    person = factories.person(address="Malin@umea.example")
    ask(lite.test_client(), "MALIN@UMEA.example")
    assert db.session.scalars(select(Message.recipient)).all() == [person.address]


def test_a_wrong_code_is_refused_and_keeps_what_was_typed(app: Flask, post: Post, errors: Errors) -> None:
    browser = app.test_client()
    ask(browser)
    wrong = "000000" if post.code(ADDRESS) != "000000" else "000001"
    answer = browser.post("/en/sign-in/code", data={"code": wrong})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert errors(page) == ["Those are not the six digits of the newest mail. Look again, or ask for a new code."]
    assert f'value="{wrong}"' in page
    assert "<title>Error:" in page


def test_a_code_lives_for_five_tries(app: Flask, post: Post, errors: Errors) -> None:
    browser = app.test_client()
    ask(browser)
    right = post.code(ADDRESS)
    for _try in range(5):
        browser.post("/en/sign-in/code", data={"code": "no"})
    answer = browser.post("/en/sign-in/code", data={"code": right})
    assert answer.status_code == 422
    assert errors(answer.get_data(as_text=True)) == ["That code is no longer good. Ask for a new one."]


def test_the_fifth_try_still_counts(app: Flask, post: Post) -> None:
    browser = app.test_client()
    ask(browser)
    for _try in range(4):
        browser.post("/en/sign-in/code", data={"code": "no"})
    assert browser.post("/en/sign-in/code", data={"code": post.code(ADDRESS)}).status_code == 303


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (11, 422)])
def test_a_code_lives_for_ten_minutes(lite: Flask, post: Post, clock: Any, minutes: int, status: int) -> None:
    browser, begin = lite.test_client(), datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    with clock(begin):
        ask(browser)
        code = post.code(ADDRESS)
    with clock(begin + timedelta(minutes=minutes)):
        assert browser.post("/en/sign-in/code", data={"code": code}).status_code == status


def test_a_code_is_good_once(app: Flask, post: Post) -> None:
    person = factories.person()
    browser = app.test_client()
    ask(browser, person.address)
    with browser.session_transaction() as session:
        kept = session["ask"]
    code = post.code(person.address)
    assert browser.post("/en/sign-in/code", data={"code": code}).status_code == 303
    with browser.session_transaction() as session:
        session["ask"] = kept
    assert browser.post("/en/sign-in/code", data={"code": code}).status_code == 422


def test_a_code_works_only_in_the_browser_that_asked(app: Flask, post: Post) -> None:
    person = factories.person()
    victim, thief = app.test_client(), app.test_client()
    ask(victim, person.address)
    code = post.code(person.address)
    assert thief.post("/en/sign-in/code", data={"code": code}).location == "/en/sign-in"
    ask(thief, person.address)
    assert thief.post("/en/sign-in/code", data={"code": code}).status_code == 422
    assert victim.post("/en/sign-in/code", data={"code": code}).status_code == 303


def test_the_database_keeps_no_code_and_no_token_that_can_be_used(app: Flask, post: Post) -> None:
    browser = app.test_client()
    ask(browser)
    row = db.session.scalars(select(Code)).one()
    with browser.session_transaction() as session:
        token = session["ask"]["token"]
    assert post.code(ADDRESS) not in {row.code_hash, row.browser_hash}
    assert token not in {row.code_hash, row.browser_hash}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Enter your address, such as name@municipality.se"),
        ("a@@umea.se", "Enter one address only, without spaces or commas, such as name@municipality.se"),
        ("a@umea.se,b@umea.se", "Enter one address only, without spaces or commas, such as name@municipality.se"),
        ("åsa@umea.se", "We cannot send to addresses with letters such as å, ö or ñ before the @. Enter another address."),
        ("a@umea.se\r\nBcc: b@umea.se", "Your e-mail address must stand on one line."),
        ("a\x00@umea.se", "Enter an address such as name@municipality.se"),
    ],
)
def test_a_bad_address_is_refused_in_words_and_nothing_is_written(lite: Flask, errors: Errors, address: str, words: str) -> None:
    answer = ask(lite.test_client(), address)
    assert answer.status_code == 422
    assert words in errors(answer.get_data(as_text=True))
    assert db.session.scalar(select(func.count()).select_from(Code)) == 0
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_robot_that_fills_in_the_hidden_field_gets_the_same_page_and_no_mail(lite: Flask) -> None:
    answer = ask(lite.test_client(), website="https://spam.example")
    assert (answer.status_code, answer.location) == (303, "/en/sign-in/code")
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site_after_signing_in(lite: Flask, post: Post, target: str) -> None:
    person = factories.person()
    browser = lite.test_client()
    browser.post("/en/sign-in", query_string={"next": target}, data={"address": person.address})
    answer = browser.post("/en/sign-in/code", data={"code": post.code(person.address)})
    assert "evil" not in answer.location
    assert answer.location.startswith("/en/")


def test_somebody_goes_on_to_the_page_that_asked_for_the_sign_in(lite: Flask, post: Post) -> None:
    person = factories.person()
    browser = lite.test_client()
    sent = browser.get("/es/me/account")
    assert sent.location == "/es/sign-in?next=/es/me/account"
    browser.post(sent.location, data={"address": person.address})
    assert browser.post("/es/sign-in/code", data={"code": post.code(person.address)}).location == "/es/me/account"


def test_fields_that_the_form_does_not_have_are_ignored(lite: Flask, post: Post) -> None:
    browser = lite.test_client()
    ask(browser)
    browser.post("/en/sign-in/code", data={"code": post.code(ADDRESS)})
    details = {"name": "Ann", "lang": "sv", "zone": "UTC", "kind": "", "organisation": "", "role": "administrator", "is_staff": "1"}
    assert browser.post("/en/sign-up", data=details).status_code == 303
    assert db.session.scalars(select(Person.role)).all() == [None]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "A\x00nn"),
        ("name", "Ann\nBcc: x@y.se"),
        ("name", "x" * 201),
        ("zone", "Mars/Olympus"),
        ("lang", "xx"),
        ("kind", "king"),
        ("organisation", "999"),
    ],
)
def test_a_sign_up_with_nonsense_is_refused_and_keeps_what_was_typed(lite: Flask, post: Post, field: str, value: str) -> None:
    browser = lite.test_client()
    ask(browser)
    browser.post("/en/sign-in/code", data={"code": post.code(ADDRESS)})
    details = {"name": "Ann", "lang": "sv", "zone": "UTC", "kind": "", "organisation": "", "gender": "kvinna", field: value}
    answer = browser.post("/en/sign-up", data=details)
    assert answer.status_code == 422
    assert 'value="kvinna"' in answer.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_nobody_reaches_the_sign_up_without_a_proved_address(lite: Flask) -> None:
    browser = lite.test_client()
    details = {"name": "Ann", "lang": "sv", "zone": "UTC", "kind": "", "organisation": ""}
    assert browser.post("/en/sign-up", data=details).location == "/en/sign-in"
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_form_without_its_token_is_refused(lite: Flask) -> None:
    browser: Any = lite.test_client()
    assert browser.post("/en/sign-in", data={"address": ADDRESS}, csrf=False).status_code == 403
    assert db.session.scalar(select(func.count()).select_from(Code)) == 0
    assert ask(browser).status_code == 303


def test_three_mails_an_hour_to_one_address_whether_known_or_not(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, MAILS_PER_HOUR="3")
    with app.app_context():
        known = factories.person()
        for address in (known.address, "nobody@umea.example"):
            answers = [ask(app.test_client(), address) for _time in range(4)]
            assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
            assert "We have just sent several mails to this address." in answers[-1].get_data(as_text=True)
            assert f'value="{address}"' in answers[-1].get_data(as_text=True)
            assert int(answers[-1].headers["Retry-After"]) > 0
        assert db.session.scalar(select(func.count()).select_from(Message)) == 6


def proved(app: Flask, post: Post) -> Any:
    """A browser that has proved the address and has not signed up yet."""
    browser = app.test_client()
    ask(browser)
    assert browser.post("/en/sign-in/code", data={"code": post.code(ADDRESS)}).location == "/en/sign-up"
    return browser


def test_somebody_who_has_an_account_meanwhile_signs_in_to_it(app: Flask, post: Post) -> None:
    browser = proved(app, post)
    factories.person(address=ADDRESS, name="Earlier")
    assert browser.post("/en/sign-up", data=DETAILS).location == "/en/sign-in"
    assert db.session.scalars(select(Person.name)).all() == ["Earlier"]
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0


@pytest.mark.parametrize("gone", [False, True], ids=["the account is there", "the account is gone"])
def test_a_copy_of_the_cookie_from_before_the_sign_up_opens_nothing(app: Flask, post: Post, gone: bool) -> None:
    browser, thief = proved(app, post), app.test_client()
    with browser.session_transaction() as mine, thief.session_transaction() as theirs:
        theirs.update(mine)
    assert browser.post("/en/sign-up", data=DETAILS).location == "/en/me/"
    assert browser.post("/en/sign-out").status_code == 303
    if gone:
        with transaction():
            db.session.delete(db.session.scalars(select(Person)).one())
    assert thief.post("/en/sign-up", data=DETAILS).location == "/en/sign-in"
    assert thief.get("/en/me/account").status_code == 302


def test_a_proof_is_good_for_half_an_hour_whatever_the_cookie_says(app: Flask, post: Post, clock: Any) -> None:
    begin = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    with clock(begin):
        browser = proved(app, post)
    with clock(begin + timedelta(minutes=31)):
        with browser.session_transaction() as session:
            session["proved"] = {**session["proved"], "at": int((begin + timedelta(minutes=31)).timestamp())}
        assert browser.post("/en/sign-up", data=DETAILS).location == "/en/sign-in"
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
