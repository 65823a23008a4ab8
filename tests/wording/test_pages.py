"""The pages on which staff edit the texts of mails."""

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
from app.wording.models import MailText
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.wording.made import bad_row, saved

URL = "/en/staff/mail-texts/confirmation/"


@pytest.fixture
def staff(lite: Flask, clock: Callable[[datetime], Any]) -> Any:
    """A programme officer's browser, at NOW."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer", name="Karin Ahlqvist"))


def page_of(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def rows() -> dict[tuple[str, str], str]:
    db.session.expire_all()
    return {(row.name, row.lang): row.words for row in db.session.scalars(select(MailText))}


def test_the_page_shows_the_originals_and_saving_them_changes_nothing(staff: Visitor) -> None:
    page = staff.get(URL).get_data(as_text=True)
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+-\w\w)"[^>]*value="([^"]*)"', page)}
    fields |= {name: unescape(value) for name, value in re.findall(r'<textarea[^>]*name="(\w+-\w\w)"[^>]*>\r?\n?([^<]*)<', page)}
    assert fields["subject-sv"] == "Du har en plats: {title}, {when}"
    assert len(fields) == 9 * 3
    assert staff.post(URL, data={**fields, "version": "0", "act": "save"}).status_code == 303
    assert rows() == {}


def test_a_text_is_changed_marked_and_told(staff: Visitor) -> None:
    answer = staff.post(URL, data={"heading-sv": "Välkommen!", "version": "0", "act": "save"}, follow_redirects=True)
    page = page_of(answer)
    assert rows() == {("heading", "sv"): "Välkommen!"}
    assert "Not changed in all languages: Heading. See whether the others should say the same." in page
    assert "Changed 3 March by Karin Ahlqvist" in page
    assert page.count("The original, while it is changed in Swedish") == 2
    assert 'The original: <span lang="sv">Du har en plats</span>' in page
    assert "Changed the texts of the mail “Confirmation of a seat”" in page
    assert '<th scope="row">Heading (Swedish)</th><td>Du har en plats</td><td>Välkommen!</td>' in page
    listed = page_of(staff.get("/en/staff/mail-texts/"))
    assert listed.count("The original, where others are changed: Heading") == 2
    assert "1 text changed" in listed


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("subject-sv", "Hej {namn}", "Subject (Swedish): {namn} is not known here. What may stand here: {title}, {when}"),
        ("subject-sv", "{title} {title}", "Subject (Swedish): {title} may stand only once."),
        ("heading-es", "{title}", "Heading (Spanish): {title} is not known here. Nothing is filled into this text."),
        (
            "code-en",
            "{code.__class__}",
            "About the check-in code (English): {code.__class__} is not known here. What may stand here: {code}",
        ),
        ("entry-en", "}", "About the calendar entry (English): a brace stands alone. Write {{ or }} where a brace is meant."),
        ("subject-sv", "Hej\r\nBcc: x@y.example", "Subject (Swedish) must stand on one line."),
        ("entry-sv", "Hej\nallihop", "About the calendar entry (Swedish) must stand on one line."),
        ("subject-sv", "x" * 201, "Subject (Swedish) must be 200 characters or fewer"),
        ("entry-sv", "x" * 1001, "About the calendar entry (Swedish) must be 1000 characters or fewer"),
        ("heading-sv", "a\u202eb", "Heading (Swedish) has characters that cannot be shown. Type it again."),
    ],
)
@pytest.mark.parametrize("act", ["save", "look-sv"])
def test_bad_input_is_refused_in_words_and_kept(staff: Visitor, act: str, field: str, words: str, said: str) -> None:
    answer = staff.post(URL, data={field: words, "version": "0", "act": act})
    assert answer.status_code == 422
    assert said in page_of(answer)
    assert words.partition("\r")[0].partition("\n")[0] in unescape(answer.get_data(as_text=True))
    assert rows() == {}


@pytest.mark.parametrize(("lang", "said"), [("sv", "{namn} finns inte här."), ("es", "{namn} no existe aquí.")])
def test_it_is_refused_in_the_readers_language(staff: Visitor, lang: str, said: str) -> None:
    answer = staff.post(f"/{lang}/staff/mail-texts/confirmation/", data={"subject-sv": "{namn}", "version": "0", "act": "save"})
    assert said in page_of(answer)


def test_what_was_typed_is_looked_at_before_it_is_saved(staff: Visitor) -> None:
    typed = {"heading-es": "¡Bienvenida! <script>alert(1)</script> {{7*7}}", "sample": "1", "version": "0", "act": "look-es"}
    answer = staff.post(URL, data=typed)
    page = page_of(answer)
    assert (answer.status_code, rows()) == (200, {})
    assert "Nothing is saved yet." in page
    assert "Se liberó un cupo" in page
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    source = re.search(r'<iframe src="([^"]+)"', answer.get_data(as_text=True))
    assert source is not None
    frame = staff.get(unescape(source[1]))
    html = frame.get_data(as_text=True)
    assert "¡Bienvenida! &lt;script&gt;alert(1)&lt;/script&gt; {7*7}" in html
    assert "<script" not in html
    assert frame.headers["Content-Security-Policy"].endswith("sandbox")
    assert "Du har" not in html
    assert staff.get(f"{URL}sample?words=x").status_code == 404


def test_two_who_edit_at_once_see_both_versions(staff: Visitor) -> None:
    staff.post(URL, data={"heading-sv": "Välkommen!", "version": "0", "act": "save"})
    clash = staff.post(URL, data={"heading-sv": "Hej!", "version": "0", "act": "save"})
    assert clash.status_code == 409
    assert '<th scope="row">Heading (Swedish)</th><td>Välkommen!</td><td>Hej!</td>' in page_of(clash)
    version = re.search(r'name="version"[^>]*value="(\d+)"', clash.get_data(as_text=True))
    assert version is not None
    assert staff.post(URL, data={"heading-sv": "Hej!", "version": version[1], "act": "save"}).status_code == 303
    assert rows() == {("heading", "sv"): "Hej!"}


def test_the_original_is_put_back_after_a_question(staff: Visitor) -> None:
    assert "All texts of this mail are the original's already." in page_of(staff.get(f"{URL}original"))
    saved("confirmation", heading_sv="Välkommen!", code_sv="Visa upp koden.")
    page = page_of(staff.get(URL))
    assert "{code} is left out" in page
    asked = page_of(staff.get(f"{URL}original"))
    assert '<th scope="row">Heading (Swedish)</th><td>Välkommen!</td><td>Du har en plats</td>' in asked
    assert staff.post(f"{URL}original", data={"version": "1"}).status_code == 409
    assert staff.post(f"{URL}original", data={"version": "2"}).location == URL
    assert rows() == {}


def test_a_row_that_cannot_be_used_is_shown(staff: Visitor) -> None:
    bad_row("confirmation", "heading", "sv", "Hej {namn}!")
    listed = page_of(staff.get("/en/staff/mail-texts/"))
    assert "Some texts cannot be used" in listed
    assert "Confirmation of a seat: Heading (Swedish): {namn} is not known here." in listed
    page = staff.get(URL)
    assert page.status_code == 200
    assert "Mails say the original: Heading (Swedish): {namn} is not known here." in page_of(page)


@pytest.mark.parametrize("path", ["/en/staff/mail-texts/", URL, f"{URL}sample", f"{URL}original"])
def test_others_find_no_such_page(lite: Flask, path: str) -> None:
    outsider = lite.test_client()
    assert isinstance(outsider, Visitor)
    assert "/sign-in" in outsider.get(path).location
    assert outsider.signed_in(factories.person()).get(path).status_code == 404


def test_mails_that_guard_an_account_are_not_edited(staff: Visitor) -> None:
    assert "Code to sign in" in page_of(staff.get("/en/staff/mail-texts/"))
    for kind in ("sign_in_code", "staff_factor", "bulletin", "x"):
        assert staff.get(f"/en/staff/mail-texts/{kind}/").status_code == 404
