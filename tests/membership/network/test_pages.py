"""The pages of networks: for anybody in each language, and the staff's; several beside each other."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.database import db, transaction
from app.membership.models import CommitmentRule, Partnership
from app.membership.network import calls, links, members, queries
from app.organisations.models import Network, NetworkMember
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF, World

DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture
def browser(lite: Flask, clock: Callable[[datetime], Any]) -> Iterator[Visitor]:
    """Anybody's, at NOW."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor


@pytest.fixture
def staff(browser: Visitor) -> Visitor:
    """A programme officer's."""
    return browser.signed_in(factories.person(staff="officer"))


def read(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def told() -> World:
    """A network with everything that its page shows; its words on who may join are in Spanish alone."""
    world = made.world()
    with transaction():
        row = world.network
        row.themes, row.contact = ["care", "health"], "rights@icld.se"
        for lang in ("sv", "es", "en"):
            row.names[lang].purpose, row.names[lang].why = f"First {lang}.\n\nSecond {lang}.", f"**Few** mayors {lang}."
        row.names["es"].joining = "Municipios."
    links.add(row.slug, {"es": "Folleto"}, "https://icld.se/folleto", by=STAFF, now=NOW)
    return world


def typed(row: Network, **changes: str) -> dict[str, Any]:
    """The staff's form as it is sent."""
    texts = {f"{part}_{lang}": f"{part} {lang}" for part in ("name", "purpose", "why", "joining", "call") for lang in ("sv", "es", "en")}
    days = {"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}
    return {**texts, **days, "themes": ["care"], "contact": "partnership@icld.se", "version": str(row.version), **changes}


# For anybody -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "missing"), [("sv", True), ("es", False), ("en", True)])
def test_a_network_tells_all_of_itself_in_the_readers_language_and_what_lacks_in_another(
    browser: Visitor, lang: str, missing: bool
) -> None:
    world = told()
    page = read(browser.get(f"/{lang}/network/{world.network.slug}/"))
    for words in (f">First {lang}.", f">Second {lang}.", f"<strong>Few</strong> mayors {lang}", "rights@icld.se", 'class="mark mark-280"'):
        assert words in page
    assert ('<div class="prose" lang="es"><p>Municipios.' in page, 'lang="es">Folleto' in page) == (missing, missing)
    assert ("<svg viewBox" in page, world.umea.names[lang].name in page) == (True, True)


CALLS = {
    "none": ((), "There is no open call right now"),
    "over": (((-9, -1),), "There is no open call right now"),
    "to come": (((5, 9),), "The next call opens on 8 March 2025"),
    "open": (((5, 9), (-3, 0)), "The call is open until 3 March 2025"),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_network_says_how_its_call_stands(browser: Visitor, case: str) -> None:
    days, words = CALLS[case]
    row = factories.network(contact="partnership@icld.se")
    for first, last in days:
        calls.open_call(row.slug, TODAY + first * DAY, TODAY + last * DAY, by=STAFF, now=NOW - 20 * DAY)
    page = read(browser.get(f"/en/network/{row.slug}/"))
    there = "interest_member.interest" in browser.application.view_functions
    assert (words in page, "Express interest" in page) == (True, case == "open" and there)


def test_a_call_is_open_in_its_list_as_long_as_above_it_on_the_wall_of_whoever_reads(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    row = factories.network()
    calls.open_call(row.slug, TODAY - DAY, TODAY, by=STAFF, now=NOW - DAY)
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW + timedelta(hours=14)):  # 4 March in UTC, nine in the evening of the 3rd in Bogotá
        page = read(visitor.signed_in(factories.person(staff="officer", zone="America/Bogota")).get(f"/en/staff/networks/{row.slug}/"))
    assert ("Call open until 3 March 2025" in page, "Close now" in page) == (True, True)


def test_several_networks_stand_beside_each_other_and_one_alone_makes_no_list_of_itself(browser: Visitor) -> None:
    first = told().network
    alone = read(browser.get(f"/en/network/{first.slug}/"))
    other = factories.network(starts_on=date(2025, 1, 1), ends_on=date(2028, 12, 31))
    calls.open_call(other.slug, TODAY, TODAY + DAY, by=STAFF, now=NOW)
    beside, about = read(browser.get(f"/en/network/{first.slug}/")), read(browser.get("/en/about"))
    page = read(browser.get("/en/networks/"))
    assert ("/en/networks/" in alone, "/en/networks/" in beside, "/en/networks/" in about) == (False, True, True)
    assert (page.index("2025–2028") < page.index("2024–2026"), "Call open until 4 March 2025" in page, "No open call" in page) == (
        True,
        True,
        True,
    )


def test_the_page_asks_as_little_for_many_as_for_few(browser: Visitor) -> None:
    world = told()
    path = f"/en/network/{world.network.slug}/"
    numbers = []
    for first, last in ((0, 1), (1, 12)):
        for number in range(first, last):
            one = factories.organisation("CO")
            members.admit(world.network.slug, one.id, TODAY, by=STAFF, now=NOW)
            factories.workshop(world.network, date(2025, 6, 3 + number))
            pair = {"left": one, "right": world.umea, "area": "care", "phase": "project", "starts_on": TODAY}
            with transaction() as session:
                session.add(Partnership(slug=f"pair-{number}", network_id=world.network.id, **pair))
        read(browser.get(path))
        with counted(browser.application) as seen:
            read(browser.get(path))
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 12


# Staff ---------------------------------------------------------------------------------------------------------------


def test_a_network_is_founded_on_its_form_and_what_was_typed_is_kept_when_it_is_none(staff: Visitor) -> None:
    row = factories.network()
    bad = read(staff.post("/sv/staff/networks/new", data=typed(row, name_es="", ends_on="2024-13-01", contact="Visby")), 422)
    assert ("Ange ett datum som finns" in bad, 'value="2024-13-01"' in bad, "purpose en</textarea>" in bad) == (True, True, True)
    worse = read(staff.post("/en/staff/networks/new", data=typed(row, name_es="", contact="Visby")), 422)
    assert worse.count("Enter the name in all three languages") == worse.count("Enter one e-mail address") == 2
    assert "Missing: Name" in worse
    assert db.session.scalar(select(func.count()).select_from(Network)) == 1
    made_of = staff.post("/en/staff/networks/new", data=typed(row))
    assert (made_of.status_code, made_of.headers["Location"]) == (303, "/en/staff/networks/name-en/")
    assert read(staff.get("/en/staff/networks/name-en/")).count("Complete") == 3


def test_two_who_edit_one_network_see_each_other(staff: Visitor) -> None:
    row = told().network
    path, mine = f"/en/staff/networks/{row.slug}/", typed(row)
    assert staff.post(path, data={**mine, "name_sv": "Theirs"}).status_code == 303
    page = read(staff.post(path, data={**mine, "name_sv": "Mine"}), 409)
    assert ('<td class="wrapped">Theirs</td><td class="wrapped">Mine</td>' in page, "Mine</textarea>" in page) == (True, True)
    again = re.search(r'name="version" type="hidden" value="(\d+)"|type="hidden" value="(\d+)"[^>]*name="version"', page)
    assert again
    assert staff.post(path, data={**mine, "name_sv": "Mine", "version": again[1] or again[2]}).status_code == 303
    assert queries.get(row.slug).names["sv"].name == "Mine"


def test_calls_and_documents_are_small_forms_of_the_page(staff: Visitor) -> None:
    row = factories.network()
    path = f"/en/staff/networks/{row.slug}"
    for data, words in (
        ({"opens_on": "2025-03-01", "closes_on": "never"}, 'value="never"'),
        ({"opens_on": "2025-03-09", "closes_on": "2025-03-08"}, "The last day lies before the first"),
    ):
        assert words in read(staff.post(f"{path}/calls", data=data), 422)
    assert staff.post(f"{path}/calls", data={"opens_on": "2025-03-01", "closes_on": "2025-03-30"}).status_code == 303
    close = re.search(r'action="([^"]*/close)"', staff.get(f"{path}/").get_data(as_text=True))
    assert close
    assert (staff.post(close[1]).status_code, "That call is over already." in read(staff.post(close[1]), 422)) == (303, True)
    assert "begins with https://" in read(staff.post(f"{path}/documents", data={"title_sv": "B", "url": "b.pdf"}), 422)
    assert staff.post(f"{path}/documents", data={"title_sv": "Broschyr", "url": "https://icld.se/b.pdf"}).status_code == 303
    gone = re.search(r'action="([^"]*/remove)"', staff.get(f"{path}/").get_data(as_text=True))
    assert gone
    assert (staff.post(gone[1]).status_code, staff.post(gone[1]).status_code) == (303, 404)


def test_members_come_and_go_on_their_page(staff: Visitor) -> None:
    row, umea = factories.network(), factories.organisation("SE")
    path = f"/en/staff/networks/{row.slug}/members/"
    assert "Choose an organisation from the list" in read(staff.post(path, data={"organisation": "", "joined_on": "2025-03-01"}), 422)
    assert staff.post(path, data={"organisation": str(umea.id), "joined_on": "2025-03-01"}).status_code == 303
    leave = f"{path}{db.session.scalars(select(NetworkMember.id)).one()}/leave"
    assert "It is a member from 1 March 2025 only" in read(staff.post(leave, data={"left_on": "2025-02-01"}), 422)
    assert staff.post(leave, data={"left_on": "2025-03-02"}).status_code == 303
    page = read(staff.get(path))
    assert ("From 1 March 2025 to 2 March 2025" in page, "Has left" in page) == (True, True)
    assert staff.get(f"/en/staff/networks/{factories.network().slug}/members/{leave.split('/')[-2]}/leave").status_code == 404


def test_members_are_not_let_in(browser: Visitor) -> None:
    row = factories.network()
    browser.signed_in(factories.person(factories.organisation("SE")))
    paths = ("", "new", f"{row.slug}/", f"{row.slug}/members/")
    assert [browser.get(f"/en/staff/networks/{path}").status_code for path in paths] == [404] * 4


# Two at once ---------------------------------------------------------------------------------------------------------


def both() -> tuple[World, Network]:
    """The network of 2024, and one of 2025 with Umeå in it, which asks for one workshop in Sweden."""
    world = made.world()
    other = factories.network(world.umea, starts_on=date(2025, 1, 1), ends_on=date(2028, 12, 31))
    with transaction() as session:
        other.names["en"].name = "The other"
        session.add(CommitmentRule(network_id=other.id, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), latin_america=0))
    return world, other


@pytest.mark.parametrize("path", ["/en/staff/", "/en/staff/commitments", "/en/staff/reports/", "/en/staff/partnerships/new"])
def test_staff_choose_the_network_where_there_are_two(staff: Visitor, path: str) -> None:
    world = made.world()
    alone = read(staff.get(path))
    other = factories.network(world.umea, starts_on=date(2025, 1, 1), ends_on=date(2028, 12, 31))
    first, second = read(staff.get(path)), read(staff.get(f"{path}?network={other.slug}"))
    chosen = f'<option value="{other.slug}" selected>'
    assert ('id="network"' in alone, f'value="{world.network.slug}" selected' in first, chosen in second) == (False, True, True)
    assert staff.get(f"{path}?network=none").status_code == 404


def test_what_is_written_and_taken_along_is_the_chosen_networks(staff: Visitor) -> None:
    _world, other = both()
    page = read(staff.get(f"/en/staff/commitments?network={other.slug}"))
    rule = db.session.scalars(select(CommitmentRule).where(CommitmentRule.network_id == other.id)).one()
    assert f"/en/staff/commitments/rules/new?network={other.slug}" in page
    new = {"scope": "organisation", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "latin_america": "1", "sweden": "1", "people": "1"}
    assert staff.post(f"/en/staff/commitments/rules/new?network={other.slug}", data=new).status_code == 303
    assert db.session.scalar(select(func.count()).where(CommitmentRule.network_id == other.id)) == 2
    rows = list(
        csv.reader(io.StringIO(staff.post("/en/staff/reports/commitments.csv", data={"network": other.slug}).data.decode("utf-8-sig")))
    )
    assert {row[2] for row in rows[1:]} == {"2025"}
    assert [row[5] for row in rows[1:]] == ["Waived", "Missed"] == [row[5] for row in taken(staff, rule.id)]


def test_the_files_say_what_the_table_says(staff: Visitor) -> None:
    world = made.world()
    factories.workshop(world.network, date(2025, 9, 16), country="SE")
    made.waived(world.rule, world.umea, "latin_america", "A flood")
    table = re.findall(r'<td data-label="(?:Latin America|Sweden)">.*?</svg>(\w[\w ]*)<', read(staff.get("/en/staff/commitments")))
    rows = taken(staff, world.rule.id)
    book = load_workbook(io.BytesIO(staff.post("/en/staff/commitments/export.xlsx", data={"period": world.rule.id}).data))
    assert [str(row[5].value) for row in list(book.worksheets[0].rows)[1:]] == [row[5] for row in rows] == table
    assert [row[:2] + row[4:] for row in rows if row[6] == "A flood"] == [
        [world.umea.names["en"].name, "Sweden", "Latin America", "Waived", "A flood"]
    ]
    assert staff.post("/en/staff/commitments/export.csv", data={"period": "999"}).status_code == 404


def taken(staff: Visitor, number: int) -> list[list[str]]:
    """The rows of the CSV file under a rule."""
    data = staff.post("/en/staff/commitments/export.csv", data={"period": number}).data
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1:]


def test_each_of_two_networks_asks_its_own_members_on_their_page(browser: Visitor) -> None:
    world, other = both()
    factories.workshop(other, date(2025, 9, 16), country="SE", title="Of the other")
    home = read(browser.signed_in(world.malin).get("/en/me/"))
    assert home.count("at least one workshop in Sweden") == 2
    assert "Networks of ICLD" in home
