"""The pages of accounts: in three languages, light, with one heading, and with a constant number of queries."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import staffing
from app.accounts.models import Person
from app.audit.service import COMMAND
from app.clock import now
from app.database import db, transaction
from tests import factories

PUBLIC = ("sign-in", "sign-in/password")
MEMBER = ("me/account", "me/account/password", "me/account/address", "me/account/second-factor")
STAFF = ("staff/people", "staff/people/invite", "staff/people/{id}")


@pytest.fixture
def browser(lite: Flask) -> Any:
    """An administrator's browser in a network with people."""
    place = factories.organisation()
    with transaction():
        for _person in range(60):
            factories.person(place)
    visitor: Any = lite.test_client()
    return visitor.signed_in(factories.person(staff="administrator"))


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
@pytest.mark.parametrize("path", PUBLIC + MEMBER + STAFF)
def test_every_page_stands_in_three_languages_with_one_heading_and_is_light(browser: Any, lang: str, path: str) -> None:
    person = db.session.scalars(select(Person.id)).first()
    answer = browser.get(f"/{lang}/{path.format(id=person)}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'<html lang="{lang}"' in page
    assert len(re.findall("<h1", page)) == 1
    assert "style=" not in page
    assert len(gzip.compress(page.encode())) < 15_000


@pytest.mark.parametrize(("path", "most"), [("sign-in", 3), ("me/account", 7), ("staff/people", 9)])
def test_a_page_asks_the_database_few_things(browser: Any, queries: Callable[[], Any], path: str, most: int) -> None:
    browser.get(f"/en/{path}")
    with queries() as seen:
        browser.get(f"/en/{path}")
    assert len(seen) <= most, "\n".join(seen)


@pytest.mark.parametrize("path", ["/en/sign-in", "/en/sign-in/code", "/en/invitation/x", "/r/x"])
def test_pages_that_hold_a_secret_are_kept_nowhere(lite: Flask, path: str) -> None:
    browser = lite.test_client()
    browser.post("/en/sign-in", data={"address": "ann@umea.example"})
    assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_an_invitation_is_kept_nowhere(lite: Flask) -> None:
    token = staffing.invite("ann@umea.example", lang="en", role="officer", by=COMMAND, now=now())
    assert lite.test_client().get(f"/en/invitation/{token}").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", MEMBER + STAFF)
def test_a_stranger_is_asked_to_sign_in(lite: Flask, path: str) -> None:
    answer = lite.test_client().get(f"/sv/{path.format(id=1)}")
    assert answer.status_code == 302
    assert answer.location.startswith("/sv/sign-in?next=")


@pytest.mark.parametrize("path", STAFF)
def test_a_member_finds_no_staff_page(lite: Flask, path: str) -> None:
    person = factories.person()
    visitor: Any = lite.test_client()
    assert visitor.signed_in(person).get(f"/sv/{path.format(id=person.id)}").status_code == 404


def test_the_own_details_are_saved_and_the_page_follows_the_language(lite: Flask) -> None:
    umea = factories.organisation()
    person = factories.person(lang="en")
    visitor: Any = lite.test_client()
    visitor.signed_in(person)
    form = {
        "name": "  Nytt Namn ",
        "lang": "sv",
        "zone": "America/Bogota",
        "kind": "politician",
        "gender": "kvinna",
        "organisation": str(umea.id),
    }
    assert visitor.post("/en/me/account", data=form).location == "/sv/me/account"
    assert (person.name, person.lang, person.zone, person.kind, person.gender) == (
        "Nytt Namn",
        "sv",
        "America/Bogota",
        "politician",
        "kvinna",
    )
    assert [row.organisation_id for row in person.affiliations] == [umea.id]
    assert "kvinna" in visitor.get("/sv/me/account").get_data(as_text=True)


def test_somebody_who_belongs_somewhere_cannot_move_by_oneself(lite: Flask) -> None:
    umea, boras = factories.organisation(), factories.organisation()
    person = factories.person(umea)
    visitor: Any = lite.test_client()
    form = {"name": "Ann", "lang": "sv", "zone": "UTC", "kind": "", "gender": "", "organisation": str(boras.id)}
    assert visitor.signed_in(person).post("/en/me/account", data=form).status_code == 303
    assert [row.organisation_id for row in person.affiliations] == [umea.id]


def test_a_zone_that_the_list_does_not_have_is_kept(lite: Flask) -> None:
    person = factories.person(zone="Asia/Tokyo")
    visitor: Any = lite.test_client()
    page = visitor.signed_in(person).get("/en/me/account").get_data(as_text=True)
    assert re.search(r'<option selected[^>]* value="Asia/Tokyo">Tokyo', page)
