"""The form behind a link and behind a sign-in, in three languages; the staff's page, and its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, g
from openpyxl import load_workbook

from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.database import db, transaction
from app.feedback import queries, service
from app.feedback.rules import Given
from app.organisations.models import Organisation
from app.registrations import letters
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.attendance import made as there
from tests.attendance.made import seat
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.feedback.made import AFTER, CLOSED, OPEN_UNTIL, answered, rows

Clock = Callable[[datetime], Any]
GOOD = {"overall": "5", "useful": "3", "spoken": "partly", "words": "More visits.", "quotable": "y"}


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


@pytest.fixture
def over(umea: Organisation) -> Workshop:
    return there.workshop(umea)


def visitor(app: Flask, role: str = "") -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    return client.signed_in(factories.person(staff=role)) if role else client


def link(registration: Registration) -> str:
    return f"{letters.manage_path(registration)}/feedback"


def results(of: Workshop, more: str = "") -> str:
    return f"/en/staff/workshops/{of.id}/feedback/{more}"


def test_a_guests_link_takes_answers_and_gives_them_back(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(over, umea)
    with clock(AFTER):
        browser = visitor(lite)
        fresh = browser.get(link(ana))
        assert (fresh.headers["Cache-Control"], "Send my answers" in fresh.get_data(as_text=True)) == ("no-store", True)
        assert browser.post(link(ana), data=GOOD).status_code == 303
        (row,) = rows()
        assert (row.overall, row.useful, row.spoken, row.words, row.quotable) == (5, 3, "partly", "More visits.", True)
        again = browser.get(link(ana)).get_data(as_text=True)
        assert ("You have answered" in again, "More visits." in again, "Save my changes" in again) == (True, True, True)
        assert browser.post(f"{link(ana)}/take-back").status_code == 303
        assert (rows(), "Send my answers" in browser.get(link(ana)).get_data(as_text=True)) == ([], True)


@pytest.mark.parametrize(("at", "words"), [(NOW, "not open yet"), (OPEN_UNTIL, "questions are closed")])
def test_before_and_after_the_page_says_so_and_takes_nothing(
    lite: Flask, over: Workshop, umea: Organisation, clock: Clock, at: datetime, words: str
) -> None:
    ana = seat(over, umea)
    with clock(at):
        page = visitor(lite).get(link(ana)).get_data(as_text=True)
        assert (words in page, "<fieldset" in page) == (True, False)
        refused = visitor(lite).post(link(ana), data=GOOD)
        assert (refused.status_code, rows()) == (422, [])


def test_the_first_question_must_be_answered_and_what_was_typed_is_kept(
    lite: Flask, over: Workshop, umea: Organisation, clock: Clock
) -> None:
    ana = seat(over, umea)
    with clock(AFTER):
        refused = visitor(lite).post(link(ana), data=GOOD | {"overall": ""})
        page = refused.get_data(as_text=True)
        assert (refused.status_code, "Choose how the workshop was as a whole" in page, "More visits." in page) == (422, True, True)
        for wrong in ({"overall": "9"}, {"useful": "many"}, {"spoken": "'"}, {"words": "x" * 2001}, {"words": "\u202e"}):
            assert visitor(lite).post(link(ana), data=GOOD | wrong).status_code == 422, wrong
        assert rows() == []


def test_other_peoples_forms_do_not_exist(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(over, umea)
    colleague, outsider = factories.person(umea), factories.person()
    with clock(AFTER):
        for stranger in (colleague, outsider):
            browser = visitor(lite).signed_in(stranger)
            mine = f"/en/me/registrations/{ana.id}/feedback"
            assert browser.get(mine).status_code == 404
            assert [browser.post(path).status_code for path in (mine, f"{mine}/take-back")] == [404, 404]
        assert visitor(lite).get("/r/wrong/feedback").status_code == 404
        own = visitor(lite).signed_in(ana.person)
        assert own.post(f"/en/me/registrations/{ana.id}/feedback", data=GOOD).status_code == 303
        page = own.get(f"/en/me/registrations/{ana.id}").get_data(as_text=True)
        assert f'href="/en/me/registrations/{ana.id}/feedback"' in page
        assert "See my answers" in page


@pytest.mark.parametrize(("lang", "words"), [("sv", "Hur var det?"), ("es", "¿Qué le pareció?"), ("en", "How was it?")])
def test_the_form_is_in_the_language_of_the_mail(
    lite: Flask, over: Workshop, umea: Organisation, clock: Clock, lang: str, words: str
) -> None:
    ana = seat(over, umea)
    with transaction():
        ana.lang = lang
    with clock(AFTER):
        assert f"<h1>{words}</h1>" in visitor(lite).get(link(ana)).get_data(as_text=True)
        visitor(lite).post(link(ana), data=GOOD)
    assert rows()[0].lang == lang


def test_staff_see_nothing_of_two_and_the_numbers_of_three(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    people = answered(over, umea, 2, Given(5, 4, "yes", "Splendid.", quotable=True))
    with clock(AFTER):
        staff = visitor(lite, "officer")
        page = staff.get(results(over)).get_data(as_text=True)
        assert ("2 of 2 have answered." in page, "Nothing to show yet" in page, "Splendid." in page) == (True, True, False)
        assert staff.post(results(over, "export.csv")).status_code == 303
        people += answered(over, umea, 1, Given(2, None, "no", "<b>=1+1", lang="es"))
        page = staff.get(results(over)).get_data(as_text=True)
        assert ("On average 4.0 of 5" in page, "Splendid." in page, "&lt;b&gt;=1+1" in page, "<b>=1+1" in page) == (True, True, True, False)
        assert "By the language" not in page
        assert [one.person.name for one in people if one.person.name in page] == []
        assert f'href="{results(over)}"' in staff.get(f"/en/staff/workshops/{over.id}/participants/").get_data(as_text=True)
        with counted(lite) as seen:
            staff.get(results(over))
        assert len(seen) <= 12


def test_the_staffs_page_before_the_end_says_what_will_stand_there(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    seat(over, umea)
    with clock(NOW):
        assert "The workshop is not over yet" in visitor(lite, "officer").get(results(over)).get_data(as_text=True)
        assert visitor(lite, "helper").get(results(over)).status_code == 404
        assert visitor(lite, "officer").get("/en/staff/workshops/999/feedback/").status_code == 404


def test_the_files_hold_numbers_and_words_apart_and_no_formula(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    people = answered(over, umea, 3, Given(4, 3, "yes", "=HYPERLINK(1)", quotable=True))
    people += answered(over, umea, 3, Given(2, lang="sv"))
    with clock(AFTER):
        staff = visitor(lite, "officer")
        table = staff.post(results(over, "export.csv"))
        lines = list(csv.reader(io.StringIO(table.data.decode("utf-8-sig"))))
        book = load_workbook(io.BytesIO(staff.post(results(over, "export.xlsx")).data))
    assert ["How was the workshop as a whole?", "Good", "3", ""] in lines
    assert ["How was the workshop as a whole? (Swedish)", "Poor", "3", ""] in lines
    assert [line for line in lines if line[1].startswith("=")] == []
    assert [cell.data_type for row in book["Words"].iter_rows(min_row=2) for cell in row if "HYPERLINK" in str(cell.value)] == ["s"] * 3
    assert [one.person.name for one in people if one.person.name in str(lines)] == []
    entries = db.session.query(AuditEntry).filter_by(action="feedback.exported").order_by(AuditEntry.id).all()
    assert sentence(entries[0]) == "Exported what people thought of the workshop as CSV: 6 answers"


def test_after_the_night_the_page_says_closed_and_the_answers_stay(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    ana, *_others = answered(over, umea, 3)
    service.forget_whose(now=CLOSED)
    with clock(CLOSED):
        assert "The questions are closed" in visitor(lite).get(link(ana)).get_data(as_text=True)
        assert "3 of 3 have answered." in visitor(lite, "officer").get(results(over)).get_data(as_text=True)
    assert queries.find(ana) is None
