"""Staff's pages of recurring texts, and a text put into a workshop's form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import db
from app.organisations.models import Network
from app.texts import queries
from app.texts.models import RecurringText
from app.texts.rules import Words
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.texts.made import text

SENT = {"original_lang": "sv", "name_sv": "Resa", "body_sv": "Med tåg."}


@pytest.fixture
def staff(app: Flask, clock: Callable[[datetime], Any]) -> Any:
    """A programme officer's browser, at NOW."""
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


def page_of(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def boxes(answer: Any, name: str) -> dict[str, str]:
    """What stands in the text boxes of a name, by language."""
    found = re.findall(rf'<textarea[^>]*name="{name}_(\w\w)"[^>]*>\r?\n?([^<]*)</textarea>', answer.get_data(as_text=True))
    return {lang: unescape(words).replace("\r\n", "\n") for lang, words in found}


def test_a_text_is_written_and_stands_in_the_list(staff: Visitor) -> None:
    saved = staff.post("/en/staff/texts/new", data=SENT)

    page = page_of(staff.get("/en/staff/texts/"))
    assert (saved.status_code, saved.location) == (303, "/en/staff/texts/")
    assert re.search(r'<a href="/en/staff/texts/\d+/" lang="sv">Resa</a><small lang="sv">Med tåg.</small>', page)
    assert page.count("Text missing") == 2


def test_the_empty_list_says_what_to_do(staff: Visitor) -> None:
    assert "No recurring text yet" in page_of(staff.get("/en/staff/texts/"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name_sv": ""}, "Enter a name in at least one language"),
        ({"body_sv": "", "body_en": ""}, "Enter the text in at least one language"),
        ({"name_es": "x" * 121}, "Name must be 120 characters or fewer"),
        ({"body_es": "x" * 3001}, "Text must be 3000 characters or fewer"),
        ({"name_es": "a\nb"}, "Name must stand on one line."),
        ({"body_es": "a\u202eb"}, "has characters that cannot be shown. Type it again."),
    ],
)
def test_bad_input_is_refused_in_words_and_kept(staff: Visitor, changes: dict[str, str], words: str) -> None:
    answer = staff.post("/en/staff/texts/new", data={**SENT, "body_en": "By train.", **changes})

    assert answer.status_code == 422
    assert words in page_of(answer)
    assert boxes(answer, "body")["en"] == ("By train." if "body_en" not in changes else "")
    assert list(db.session.scalars(select(RecurringText))) == []


def test_markup_in_a_text_stays_text(staff: Visitor) -> None:
    text(en=Words("<script>alert(1)</script>", "**<img src=x>**"))

    pages = [staff.get(path).get_data(as_text=True) for path in ("/en/staff/texts/", "/en/staff/texts/1/", "/en/staff/workshops/new")]

    assert not any("<script>alert" in page or "<img" in page for page in pages)


def test_two_who_edit_at_once_see_both_versions(staff: Visitor) -> None:
    url = f"/en/staff/texts/{text().id}/"
    staff.post(url, data={**SENT, "body_sv": "Med buss.", "version": "1"})

    clash = staff.post(url, data={**SENT, "body_sv": "Med båt.", "version": "1"})

    assert clash.status_code == 409
    assert '<th scope="row">Text in Swedish</th><td>Med buss.</td><td>Med båt.</td>' in page_of(clash)
    assert boxes(clash, "body")["sv"] == "Med båt."
    assert staff.post(url, data={**SENT, "body_sv": "Med båt.", "version": "2"}).status_code == 303
    assert "Changed the recurring text Resa" in page_of(staff.get(url))


def test_a_text_is_thrown_away_after_a_question(staff: Visitor) -> None:
    url = f"/en/staff/texts/{text().id}/delete"

    assert "It is gone for good, in all languages." in page_of(staff.get(url))
    assert staff.post(url, data={"version": "1"}).location == "/en/staff/texts/"
    assert queries.every() == []
    assert staff.get(url).status_code == 404


@pytest.mark.parametrize("path", ["/en/staff/texts/", "/en/staff/texts/new", "/en/staff/texts/1/", "/en/staff/texts/1/delete"])
def test_others_find_no_such_page(app: Flask, path: str) -> None:
    text()
    outsider = app.test_client()
    assert isinstance(outsider, Visitor)

    assert "/sign-in" in outsider.get(path).location
    assert outsider.signed_in(factories.person()).get(path).status_code == 404


def test_a_text_is_put_behind_what_was_typed_and_nothing_is_saved(staff: Visitor, network: Network) -> None:
    number = text(sv=Words("Resa", "")).id
    typed = {"network": str(network.id), "title_es": "Ciudad", "practical_es": "Traiga zapatos.", "capacity": "about", "days-0-on": "x"}

    answer = staff.post("/en/staff/workshops/new", data={**typed, "act": "insert_text", "recurring": str(number)})

    page = page_of(answer)
    assert answer.status_code == 200
    assert boxes(answer, "practical") == {"sv": "", "es": "Traiga zapatos.\n\nEn tren.", "en": "By train."}
    assert "“Travel” was inserted in Spanish and English. Nothing is saved yet. It is not written in Swedish yet" in page
    assert 'value="about"' in page
    assert "Ciudad</textarea>" in page
    assert "field-wrong" not in page
    assert list(db.session.scalars(select(Workshop))) == []


def test_pressed_twice_it_stands_there_once(staff: Visitor, network: Network) -> None:
    there = {f"practical_{lang}": words for lang, words in (("sv", "Med tåg."), ("es", "x" * 4990), ("en", ""))}

    answer = staff.post("/en/staff/workshops/new", data={**there, "act": "insert_text", "recurring": str(text().id)})

    assert boxes(answer, "practical") == {"sv": "Med tåg.", "es": "x" * 4990 + "\n\nEn tren.", "en": "By train."}
    again = staff.post("/en/staff/workshops/new", data={"practical_es": "x" * 4995, "act": "insert_text", "recurring": "1"})
    assert "There is no room for it in Spanish." in page_of(again)
    assert "It is there already in Swedish." in page_of(answer)


@pytest.mark.parametrize("chosen", ["", "99", "x", "9" * 30])
def test_a_text_that_does_not_exist_is_asked_for(staff: Visitor, network: Network, chosen: str) -> None:
    text()

    answer = staff.post("/en/staff/workshops/new", data={"practical_es": "Traiga", "act": "insert_text", "recurring": chosen})

    assert (answer.status_code, boxes(answer, "practical")["es"]) == (200, "Traiga")
    assert "Choose a text first." in page_of(answer)


def test_a_published_workshop_takes_a_text_too_without_saving(staff: Visitor, network: Network) -> None:
    workshop, number = factories.workshop(network), text().id

    answer = staff.post(f"/sv/staff/workshops/{workshop.id}/", data={"act": "insert_text", "recurring": str(number), "version": "1"})

    assert boxes(answer, "practical")["sv"] == "Med tåg."
    assert "”Resa” infogades på svenska, spanska och engelska. Inget är sparat ännu." in page_of(answer)
    assert db.session.get_one(Workshop, workshop.id).version == 1
