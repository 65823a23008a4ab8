"""The two search pages: what they find, for whom, in which order, and how often they ask the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from app.database import transaction
from app.organisations.models import Network, Organisation
from tests import factories
from tests.conftest import Visitor, counted

SV_ES_EN = {"sv": "Umeå kommun", "es": "Municipio de Umeå", "en": "Umeå Municipality"}


@pytest.fixture
def network(app_or_lite: Flask, clock: Callable[[datetime], Any]) -> Any:
    """Two members, a workshop in each country, a draft, and somebody of Umeå; the clock stands still."""
    umea, bogota = factories.organisation("SE", names=SV_ES_EN, slug="umea"), factories.organisation("CO", place="Bogotá", slug="bogota")
    made = factories.network(umea, bogota)
    factories.organisation("GT", place="San José", names=dict.fromkeys(("sv", "es", "en"), "San José"), slug="san-jose")
    factories.workshop(made, date(2025, 6, 3), slug="care", title="Trygghet och omsorg", place="Umeå", country="SE", organisation=umea)
    factories.workshop(made, date(2025, 5, 6), slug="city", title="Ciudad segura, niñez 100%", place="Bogotá", organisation=bogota)
    factories.workshop(made, date(2025, 1, 7), slug="held", title="Presupuesto sensible", place="Panajachel", country="GT")
    factories.workshop(made, date(2025, 7, 1), slug="draft", title="Hemligt utkast", state="draft", place="Visby")
    person = factories.person(umea, name="Åsa Niño", address="asa.nino@umea.example")
    assert person.id
    with clock(factories.NOW):
        yield made


@pytest.fixture
def staff(app_or_lite: Flask, network: Network) -> Visitor:
    """An officer's browser."""
    client = app_or_lite.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(factories.person(staff="officer", name="Karin Ek", address="karin@icld.example"))


def found(page: str) -> list[str]:
    """Where the lines lead, by the last word of their address."""
    lines = re.findall(r'<ul class="lines found">(.*?)</ul>', page, re.DOTALL)
    return [address.rstrip("/").rpartition("/")[2] for part in lines for address in re.findall(r'<a href="([^"?]+)"', part)]


def titles(page: str) -> list[str]:
    """The words of the lines' links."""
    return re.findall(r"<li><div><a [^>]*>([^<]+)</a>", page)


ASKED = {
    "umea": ["care", "umea"],
    "Umeå": ["care", "umea"],
    "UMEA\u030a": ["care", "umea"],
    "panajachél": ["held"],
    "ninez": ["city"],
    "NIÑEZ": ["city"],
    "100%": ["city"],
    "10_%": [],
    "%": ["city"],
    "ciudad bogota": ["city"],
    "omsorg bogota": [],
    "segu": ["city"],
    "colombia": ["city", "bogota"],
    "suecia": ["care", "umea"],
    "sverige": ["care", "umea"],
    "guatemala": ["held"],
    "municipio de": ["care", "umea"],
    "municipality": ["care", "umea"],
    "“trygghet”, (OMSORG)": ["care"],
    "Summary": ["city", "care", "held"],
    "utkast": [],
    "Åsa": [],
    "nino": [],
    "asa.nino@umea.example": [],
    "San Jose": [],
}


@pytest.mark.parametrize(("q", "expected"), ASKED.items())
def test_anybody_finds_what_is_public(app: Flask, network: Network, q: str, expected: list[str]) -> None:
    for lang in ("sv", "es", "en") if q == "umea" else ("en",):
        answer = app.test_client().get(f"/{lang}/search?q={quote(q)}")
        assert (answer.status_code, found(answer.get_data(as_text=True))) == (200, expected)


STAFF_ASKED = {
    "utkast": ["Hemligt utkast (en)"],
    "nino": ["Åsa Niño"],
    "ASA umeå": ["Åsa Niño"],
    "asa.nino@umea": ["Åsa Niño"],
    "umea": ["Trygghet och omsorg (en)", "Åsa Niño", "Umeå Municipality"],
    "san josé": ["San José"],
    "SAN JOSE\u0301": ["San José"],
    "_": [],
}


@pytest.mark.parametrize(("q", "expected"), STAFF_ASKED.items())
def test_staff_find_drafts_people_and_all_organisations(app: Flask, staff: Visitor, q: str, expected: list[str]) -> None:
    assert app
    assert titles(staff.get(f"/en/staff/search?q={quote(q)}").get_data(as_text=True)) == expected


@pytest.mark.parametrize(("q", "expected"), {"UMEA": ["care"], "hemligt": ["draft"], "municipio": ["care"], "nixez": []}.items())
def test_the_staffs_table_is_narrowed_by_the_same_words(app: Flask, staff: Visitor, q: str, expected: list[str]) -> None:
    assert app
    page = staff.get(f"/en/staff/workshops/?q={quote(q)}").get_data(as_text=True)
    assert [slug for slug, title in {"care": "Trygghet", "draft": "Hemligt", "city": "Ciudad"}.items() if title in page] == expected


def test_helpers_and_members_find_no_staff_page(lite: Flask, network: Network) -> None:
    for who in (factories.person(staff="helper"), factories.person()):
        client = lite.test_client()
        assert isinstance(client, Visitor)
        assert client.signed_in(who).get("/en/staff/search?q=umea").status_code == 404
    assert "/sign-in" in lite.test_client().get("/en/staff/search?q=umea").headers["Location"]


@pytest.mark.parametrize("query", ["in=people&q=a", "in=nothing&q=a", "in=workshops&q=a&page=9", "in=workshops&page=2"])
def test_what_there_is_not_is_no_page(lite: Flask, network: Network, query: str) -> None:
    assert lite.test_client().get(f"/en/search?{query}").status_code == 404


def test_what_was_asked_is_kept_as_text(lite: Flask, network: Network) -> None:
    page = lite.test_client().get("/en/search?q=%3Cb%3E%22umea%22").get_data(as_text=True)
    assert 'value="&lt;b&gt;&#34;umea&#34;"' in page
    assert "Nothing fits “&lt;b&gt;" in page
    assert "<b>" not in page.split("<main")[1]


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20%20", "?in=workshops"])
def test_without_a_word_nothing_is_listed(lite: Flask, network: Network, query: str) -> None:
    with counted(lite) as seen:
        page = lite.test_client().get(f"/sv/search{query}").get_data(as_text=True)
    assert "Titel, plats, land eller organisation" in page
    assert "resultat" not in page
    assert len(seen) <= 2


def test_a_long_question_is_cut_not_refused(lite: Flask, network: Network) -> None:
    assert lite.test_client().get("/en/search?q=" + "umea+" * 5000).status_code == 200


def test_many_are_told_in_numbers_and_stand_on_pages(lite: Flask, network: Network) -> None:
    for number in range(34):
        factories.workshop(network, date(2025, 8, 1 + number % 28), title=f"Gathering {number:02}")
    client = lite.test_client()
    every = client.get("/en/search?q=gathering").get_data(as_text=True)
    assert (len(titles(every)), "34 results" in every, "Show all" in every) == (10, True, True)
    pages = [client.get(f"/en/search?q=gathering&in=workshops&page={number}").get_data(as_text=True) for number in (1, 2)]
    assert [len(titles(page)) for page in pages] == [30, 4]
    assert len({*titles(pages[0]), *titles(pages[1])}) == 34


@pytest.mark.parametrize("address", ["/en/search?q=summary", "/en/search?q=summary&in=workshops", "/en/workshops/"])
def test_public_pages_ask_as_often_for_thirty_as_for_one(lite: Flask, clock: Callable[[datetime], Any], address: str) -> None:
    with clock(factories.NOW):
        host = factories.organisation("CO", names=dict.fromkeys(("sv", "es", "en"), "Summary town"))
        made = factories.network(host)
        one = asked(lite, lite.test_client(), made, host, address, rows=1)
        many = asked(lite, lite.test_client(), made, host, address, rows=30)
    assert one == many <= 12


@pytest.mark.parametrize(
    "address", ["/en/staff/search?q=summary", "/en/staff/search?q=summary&in=people", "/en/staff/workshops/?q=summary"]
)
def test_staff_pages_ask_as_often_for_thirty_as_for_one(lite: Flask, staff: Visitor, network: Network, address: str) -> None:
    host = factories.organisation("CO", names=dict.fromkeys(("sv", "es", "en"), "Summary town"))
    one = asked(lite, staff, network, host, address, rows=1)
    many = asked(lite, staff, network, host, address, rows=30)
    assert one == many <= 12


def asked(app: Flask, client: Any, network: Network, host: Organisation, address: str, *, rows: int) -> int:
    """How many statements the page needs with that many more workshops, organisations and people."""
    for _number in range(rows):
        factories.workshop(network, organisation=host, title="Summary")
        member = factories.organisation("GT", names=dict.fromkeys(("sv", "es", "en"), "Summary village"))
        factories.person(member, name="Summary Person")
        with transaction():
            network.members.append(type(network.members[0])(organisation=member, joined_on=network.starts_on))
    client.get(address)
    with counted(app) as seen:
        page = client.get(address)
    assert page.status_code == 200
    return len(seen)
