"""Staff bring a file, see what will happen, and press once; whatever is wrong is said on the page, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import db
from app.organisations.models import Network
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.exchange.made import ADDRESS, ROW, calendar, event, hidden, sent, staff, table
from tests.factories import NOW

WRONG = "Fel,,,2025-02-31,,,,,"


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def karin(lite: Flask, network: Network, clock: Callable[[datetime], Any]) -> Iterator[Visitor]:
    """A programme officer's browser, at NOW."""
    with clock(NOW):
        yield staff(lite)


def drafts() -> int:
    return db.session.scalar(select(func.count()).select_from(Workshop)) or 0


def looked(karin: Visitor, *rows: str) -> str:
    answer = karin.post(ADDRESS, data=sent(table(*rows)))
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_two_presses_import_a_table(karin: Visitor) -> None:
    page = looked(karin)
    assert "One row becomes a draft." in page
    assert "3–5 June 2025" in page
    assert "09:00–16:00 in Stockholm" in page
    assert drafts() == 0
    answer = karin.post(ADDRESS, data=hidden(page), follow_redirects=True)
    assert "One draft is imported." in answer.get_data(as_text=True)
    assert drafts() == 1


def test_the_file_need_not_be_a_table(karin: Visitor) -> None:
    page = karin.post(ADDRESS, data=sent(calendar(event("RRULE:FREQ=DAILY;COUNT=3")), "team.ics")).get_data(as_text=True)
    assert "3–5 June 2025" in page
    karin.post(ADDRESS, data=hidden(page))
    assert drafts() == 1


def test_a_text_may_be_pasted(karin: Visitor) -> None:
    page = karin.post(ADDRESS, data={"pasted": table()}).get_data(as_text=True)
    karin.post(ADDRESS, data=hidden(page))
    assert drafts() == 1


def test_a_pasted_text_may_begin_with_the_mark_of_its_byte_order(karin: Visitor) -> None:
    page = karin.post(ADDRESS, data={"pasted": "\ufeff" + calendar(event())}).get_data(as_text=True)
    assert "One row becomes a draft." in page
    assert "characters that cannot be shown" in karin.post(ADDRESS, data={"pasted": table("\u202e")}).get_data(as_text=True)


def test_all_rows_that_are_right_come_with_one_press_that_says_so(karin: Visitor) -> None:
    page = looked(karin, ROW, ROW.replace("torg", "parker"))
    assert '<button class="button">Import all 2 drafts</button>' in page
    assert karin.post(ADDRESS, data=hidden(page)).status_code == 303
    page = looked(
        karin, *(f"Gator {row},Calles {row},Streets {row},2025-06-03,,,,," for row in range(3)), WRONG, WRONG.replace("Fel", "Fler fel")
    )
    assert ">Import the 3 good rows, leave out 2</button>" in page
    assert karin.post(ADDRESS, data={**hidden(page), "leave_out": "y"}).status_code == 303
    assert drafts() == 5


def test_wrong_rows_stop_the_import_until_somebody_leaves_them_out(karin: Visitor) -> None:
    page = looked(karin, ROW, WRONG)
    assert "first_day: Enter a real date" in page
    assert "Line 3 can be left out" in page
    assert '<button class="button" name="leave_out" value="y">Import one good row, leave out one</button>' in page
    answer = karin.post(ADDRESS, data=hidden(page))
    assert answer.status_code == 422
    assert "Nothing was imported" in answer.get_data(as_text=True)
    assert drafts() == 0
    done = karin.post(ADDRESS, data={**hidden(answer.get_data(as_text=True)), "leave_out": "y"}, follow_redirects=True)
    assert "Lines left out: 3." in done.get_data(as_text=True)
    assert drafts() == 1


def test_leaving_out_counts_only_for_the_lines_that_were_seen(karin: Visitor) -> None:
    page = looked(karin, ROW, WRONG)
    answer = karin.post(ADDRESS, data={**hidden(page), "seen": "2", "leave_out": "y"})
    assert (answer.status_code, drafts()) == (422, 0)


def test_where_all_rows_are_wrong_there_is_no_button(karin: Visitor) -> None:
    page = looked(karin, WRONG)
    assert "leave_out" not in page
    assert "Import one" not in page
    assert "Choose another file" in page


def test_what_is_there_is_linked(karin: Visitor) -> None:
    karin.post(ADDRESS, data=hidden(looked(karin)))
    page = looked(karin)
    assert "One was imported before and is left alone." in page
    assert f"/en/staff/workshops/{db.session.scalars(select(Workshop.id)).one()}/" in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste its text"),
        (sent(table(), starts="noon"), "Enter an hour such as 17:00"),
        (sent(table(), starts="16:00", ends="09:00"), "The end must be later than the start."),
        (sent(table(), zone="Europe/Atlantis"), "Choose a time zone from the list"),
        (sent(table(), network="999"), "Choose a network from the list"),
        (sent(b"PK\x03\x04"), "save it as “CSV UTF-8”"),
        (sent("a,b\n1,2"), "No column for the title was found"),
        ({"packed": "nonsense"}, "The file did not arrive whole"),
    ],
    ids=range(8),
)
def test_a_wrong_form_says_so_beside_the_field(karin: Visitor, data: dict[str, Any], words: str) -> None:
    answer = karin.post(ADDRESS, data=data)
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count(words) >= 2, "in the summary and beside the field"
    assert drafts() == 0


def test_what_is_special_about_a_file_is_said(karin: Visitor) -> None:
    text = "title;first_day;colour;state\nCaña de azúcar;6/13/2025;red;Draft"
    page = karin.post(ADDRESS, data=sent(text.encode("cp1252"))).get_data(as_text=True)
    assert "Windows-1252" in page
    assert "with the month first" in page
    assert "left out: colour." in page
    assert "not read: state." in page
    assert "Caña de azúcar" in page


@pytest.mark.parametrize(("lang", "words"), [("sv", "En rad blir ett utkast."), ("es", "Una fila se convierte en borrador.")])
def test_it_speaks_the_readers_language(karin: Visitor, lang: str, words: str) -> None:
    assert words in karin.post(ADDRESS.replace("/en/", f"/{lang}/"), data=sent(table())).get_data(as_text=True)


def test_a_look_at_thirty_rows_is_a_light_page(karin: Visitor) -> None:
    page = looked(karin, *(ROW.replace("torg", f"torg {row}") for row in range(30)))
    packed = len(hidden(page)["packed"])
    assert len(page.encode()) - packed <= 20_000
    assert packed <= 1_000


def test_nothing_typed_in_a_file_is_html(karin: Visitor) -> None:
    page = looked(karin, "<script>alert(1)</script>,,,<b>x</b>,,,,,")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_others_find_no_such_page(lite: Flask, network: Network) -> None:
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    assert visitor.get(ADDRESS).status_code == 302
    visitor.signed_in(factories.person(factories.organisation("CO")))
    assert visitor.get(ADDRESS).status_code == 404
    assert visitor.post(ADDRESS, data=sent(table())).status_code == 404
    assert (visitor.post("/en/staff/workshops/export.csv").status_code, drafts()) == (404, 0)
