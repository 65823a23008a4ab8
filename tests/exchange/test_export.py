"""The staff's list as a file: nothing in it is a formula, it says what the page says, it comes back in, and it is written down."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.audit.models import AuditEntry
from app.database import db, transaction
from app.exchange import rules
from app.organisations.models import Network
from app.workshops import queries as workshops
from app.workshops import service
from app.workshops.models import Workshop
from app.workshops.values import Text
from app.workshops.writing import differences
from tests import factories
from tests.conftest import Visitor, counted
from tests.exchange.made import ADDRESS, hidden, sent, staff
from tests.factories import NOW
from tests.workshops.made import KARIN, day, values

CSV, XLSX = "/en/staff/workshops/export.csv", "/en/staff/workshops/export.xlsx"
NASTY = [
    "=1+1",
    "+SUM(A1)",
    "-2",
    "@cmd",
    "＝1",
    "'=1",
    'a "quoted", text; with\ttabs',
    "línea\nsegunda",
    "0049",
    "TRUE",
    "https://x.example/",
]


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def karin(lite: Flask, network: Network, clock: Callable[[datetime], Any]) -> Iterator[Visitor]:
    """A programme officer's browser, at NOW."""
    with clock(NOW):
        yield staff(lite)


def saved(network: Network, **changes: Any) -> Workshop:
    return service.save_draft(values(network, **changes), by=KARIN, now=NOW)


def table(data: bytes, sign: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=sign))


def sheet(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).active


def cells(found: Any) -> dict[str, Any]:
    """The first row under the headings."""
    return {str(head.value): cell for head, cell in zip(found[1], found[2], strict=True)}


def test_the_table_is_as_excel_wants_it(karin: Visitor, network: Network) -> None:
    saved(network)
    answer = karin.post(CSV)
    assert answer.data.startswith(b'\xef\xbb\xbf"Title (sv)","Title (es)"')
    assert answer.headers["Content-Disposition"] == 'attachment; filename="workshops-2025-03-03.csv"'
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/csv", "no-store")
    (row,) = table(answer.data)
    assert (row["First day"], row["Last day"], row["Starts"], row["Town"], row["Seats"]) == (
        "2025-06-03",
        "2025-06-04",
        "09:00",
        "Bogotá",
        "20",
    )
    assert karin.post(CSV.replace("/en/", "/sv/")).data.startswith(b'\xef\xbb\xbf"Titel (sv)";')


@pytest.mark.parametrize("text", NASTY)
def test_no_text_becomes_a_formula_a_number_or_a_link(karin: Visitor, network: Network, text: str) -> None:
    saved(network, texts={"es": Text(text.replace("\n", " "), text)})
    (row,) = table(karin.post(CSV).data)
    assert not row["Summary (es)"].startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert rules.unguarded(row["Summary (es)"]) == text
    found = cells(sheet(karin.post(XLSX).data))["Summary (es)"]
    assert (found.value, found.data_type, found.hyperlink) == (text, "s", None)


def test_the_workbook_has_dates_as_dates_on_the_workshops_own_wall(karin: Visitor, network: Network) -> None:
    opens = datetime.fromisoformat("2025-05-01T08:00")
    saved(network, opens=opens)
    found = sheet(karin.post(XLSX).data)
    row = cells(found)
    assert (row["First day"].value.date(), row["First day"].is_date) == (date(2025, 6, 3), True)
    assert (row["Starts"].value, row["Registration opens"].value) == (time(9), opens)
    assert (row["Time zone"].value, row["Seats"].value, row["Seats"].data_type) == ("America/Bogota", 20, "n")
    assert (found.freeze_panes, found.auto_filter.ref is not None) == ("B2", True)
    assert found.column_dimensions["A"].width > found.column_dimensions["G"].width
    assert karin.post(XLSX).mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_it_is_the_list_as_it_is_narrowed_now(karin: Visitor, network: Network) -> None:
    saved(network)
    factories.workshop(network, title="Ciudad cuidadora")
    assert len(table(karin.post(CSV).data)) == 2
    assert len(table(karin.post(CSV, data={"tab": "draft"}).data)) == 1
    assert [row["Title (es)"] for row in table(karin.post(CSV, data={"q": "CUIDADORA"}).data)] == ["Ciudad cuidadora (es)"]
    assert karin.post(CSV, data={"tab": "nonsense"}).status_code == 404


def test_all_pages_of_the_list_are_in_it_with_few_statements(lite: Flask, karin: Visitor, network: Network) -> None:
    for number in range(35):
        factories.workshop(network, title=f"Taller {number}", organisation_id=network.members[0].organisation_id)
    db.session.expire_all()
    with counted(lite) as seen:
        found = table(karin.post(CSV).data)
    assert len(found) == 35
    assert len([statement for statement in seen if "FROM workshop" in statement or "FROM organisation" in statement]) <= 5


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_it_is_written_down_who_took_the_list_along(karin: Visitor, network: Network, address: str) -> None:
    saved(network)
    karin.post(address, data={"tab": "draft", "q": "ciudad"})
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "workshops.exported")).one()
    assert entry.facts == {"kind": address[-4:].strip(".").upper(), "number": 1, "tab": "draft", "words": "ciudad"}
    assert entry.actor.startswith("person:")


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_an_address_alone_gives_no_file(karin: Visitor, address: str) -> None:
    assert karin.get(address).status_code == 405
    assert karin.post(address, csrf=False).status_code == 403
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 0


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_what_goes_out_comes_in_again(karin: Visitor, network: Network, lang: str) -> None:
    texts = {tongue: Text(f"=Título {tongue}", "-uno\n@dos", "'=tres, **fuerte**", "+cuatro") for tongue in ("sv", "es")}
    made = saved(
        network, texts=texts, days=(day(3), day(5, 10, 12)), theme="care", access="invited", format="both", join_url="https://x.example/a",
        street_address="Calle 1", latitude=4.711, longitude=-74.0721, organisation_id=network.members[0].organisation_id,
        opens=datetime.fromisoformat("2025-05-01T08:00"), closes=datetime.fromisoformat("2025-05-31T23:59"), original_lang="sv",
    )  # fmt: skip
    before = workshops.values_of(made)
    data = karin.post(CSV.replace("/en/", f"/{lang}/")).data
    page = karin.post(ADDRESS, data=sent(data)).get_data(as_text=True)
    assert "There already" in page, "its own list changes nothing"
    with transaction():
        db.session.execute(delete(Workshop))
    db.session.expire_all()
    page = karin.post(ADDRESS, data=sent(data)).get_data(as_text=True)
    karin.post(ADDRESS, data=hidden(page))
    after = workshops.values_of(db.session.scalars(select(Workshop)).one())
    assert differences.differences(before, after) - {"days"} == set()
    assert [(one.on, one.starts, one.ends) for one in after.days] == [(one.on, one.starts, one.ends) for one in before.days]
