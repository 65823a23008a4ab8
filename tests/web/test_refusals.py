"""What is refused from around the doors: words, status, and nothing that was typed is lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import Person
from app.accounts.sessions import end
from app.clock import now
from app.database import db
from app.workshops.models import Workshop, WorkshopText
from tests import factories
from tests.conftest import Visitor

HERE = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"title_sv": 'Torg "för" alla', "summary_sv": "En rad.\nEn till."}


@pytest.fixture
def staff(lite: Flask) -> Visitor:
    """An officer's browser, and a network to make workshops in."""
    factories.network(factories.organisation("SE"))
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(factories.person(staff="officer"))


def hidden(page: str) -> dict[str, str]:
    """The fields that the page would send once more."""
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)}


def test_a_form_that_is_too_old_is_kept_and_can_be_sent_once_more(staff: Visitor) -> None:
    answer = staff.post("/en/staff/workshops/new", data={**TYPED, "csrf_token": "old"}, csrf=False, headers=HERE)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "That form is too old" in page
    assert {name: hidden(page)[name] for name in TYPED} == TYPED
    again = staff.post("/en/staff/workshops/new", data=hidden(page), csrf=False, headers=HERE)
    assert "That form is too old" not in again.get_data(as_text=True)


def test_another_site_gets_no_form_to_press(staff: Visitor) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        answer = staff.post("/en/staff/workshops/new", data={**TYPED, "csrf_token": "old"}, csrf=False, headers=headers)
        assert answer.status_code == 403
        assert hidden(answer.get_data(as_text=True)) == {}


def test_no_secret_is_written_into_a_page(lite: Flask) -> None:
    data = {"address": "ann@umea.example", "password": "two halves", "csrf_token": "old"}
    answer = lite.test_client().post("/en/sign-in/password", data=data, csrf=False, headers=HERE)
    assert answer.status_code == 403
    assert "two halves" not in answer.get_data(as_text=True)


def test_who_was_signed_out_while_typing_signs_in_elsewhere_and_sends_it(lite: Flask, staff: Visitor) -> None:
    token = staff.token()
    with staff.session_transaction() as session:
        end(now(), token=session["sid"])
    answer = staff.post("/en/staff/workshops/new", data={**TYPED, "csrf_token": token}, csrf=False, headers=HERE)
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.get_data(as_text=True)
    assert 'href="/en/sign-in" target="_blank"' in page
    assert {name: hidden(page)[name] for name in TYPED} == TYPED
    staff.signed_in(db.session.scalars(select(Person)).one())
    saved = staff.post("/en/staff/workshops/new", data={**hidden(page), "act": "draft"}, headers=HERE)
    assert saved.status_code != 401


def test_a_session_that_cannot_be_read_closes_the_members_pages_only(lite: Flask, staff: Visitor) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sign_in RENAME TO elsewhere"))
    assert staff.get("/en/privacy").status_code == 200
    answer = staff.get("/en/me/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Busy right now" in answer.get_data(as_text=True)


def test_a_part_without_a_name_is_no_crash(lite: Flask) -> None:
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\nq\r\n--x--\r\n"
    answer = lite.test_client().post("/en/sign-in", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400


def test_what_is_not_there_is_not_kept_for_a_year(staff: Visitor) -> None:
    answer = staff.get("/static/nothing.css?v=1")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert "immutable" in staff.get("/static/css/site.css?v=1", buffered=True).headers["Cache-Control"]


def test_a_language_in_the_query_does_not_break_the_links_to_other_pages(staff: Visitor) -> None:
    for number in range(31):
        factories.person(address=f"p{number}@umea.example")
    page = staff.get("/en/staff/people?lang=sv").get_data(as_text=True)
    assert 'href="/en/staff/people?page=2" rel="next"' in page
    assert db.session.scalars(select(Workshop)).all() == []
    assert db.session.scalars(select(WorkshopText)).all() == []


@pytest.mark.parametrize("address", ["/en/workshops/", "/en/search", "/health"])
def test_bytes_that_are_no_letters_are_refused_in_words(lite: Flask, address: str) -> None:
    answer = lite.test_client().get(address, environ_overrides={"QUERY_STRING": "q=\xff&place=\xfe"})
    assert answer.status_code == 400
    assert 'lang="en"' in answer.get_data(as_text=True)
