"""The report beside numbers counted by hand: three workshops, nine people, two years."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from html import unescape
from typing import Any

from flask import Flask
from openpyxl import load_workbook

from app.attendance import queries as attendance
from app.attendance.service import Change, save_sheet
from app.audit.service import person as actor
from app.database import transaction
from app.membership.models import CommitmentRule
from app.registrations import service as registrations
from app.reports import commitments, queries, rules
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF, World

EARLY = datetime(2024, 6, 3, 12, tzinfo=UTC)


def held() -> World:
    """Three workshops.

    2024 in Bogotá, two days of 09 to 16: Lucía all of it, Andrés the first day (half), Malin one half-day of four (too little).
    2025 in Umeå, one morning of 09 to 12: Lucía and Malin. 2025 in Guatemala, cancelled. Counted by hand:

    2024: 2 people (GT), 14 + 7 hours. 2025: 2 people (GT, SE), 3 + 3 hours. All: 3 people, 4 times, 27 hours.
    """
    world = made.world()
    with transaction():
        world.lucia.kind, world.andres.kind = "official", "politician"
    first = factories.workshop(world.network, date(2024, 11, 4), date(2024, 11, 5), country="CO")
    second = factories.workshop(world.network, date(2025, 2, 3), country="SE", ends=time(12))
    factories.workshop(world.network, date(2025, 2, 10), country="GT", state="cancelled")
    for on, who, half_days in (
        (first, world.lucia, 4),
        (first, world.andres, 2),
        (first, world.malin, 1),
        (second, world.lucia, 1),
        (second, world.malin, 1),
    ):
        seat = registrations.register(on.id, who.id, by=actor(who), now=EARLY)
        codes = [slot.code for slot in attendance.slots_of(on.id) if slot.half][:half_days]
        save_sheet(on.id, [Change(seat.id, code, present=True) for code in codes], way="on_site", by=STAFF, now=NOW)
    return world


def test_the_numbers_are_those_counted_by_hand(app: Flask) -> None:
    assert app
    world = held()
    facts = queries.facts(world.network.id, NOW)
    tables = rules.tables(facts.took, with_genders=True)
    countries = {code: (group.people, group.times, group.minutes) for code, group in tables.countries.items()}
    years = {year: (group.people, group.times, group.minutes) for year, group in tables.years.items()}
    roles = {role: group.people for role, group in tables.roles.items()}
    assert (tables.whole.people, tables.whole.times, tables.whole.minutes) == (3, 4, 27 * 60)
    assert countries == {"GT": (2, 3, 24 * 60), "SE": (1, 1, 180)}
    assert years == {2024: (2, 2, 21 * 60), 2025: (2, 2, 360)}
    assert roles == {"official": 1, "politician": 1, "": 1}
    assert {region: group.times for region, group in tables.regions.items()} == {"latin_america": 2, "sweden": 2}
    assert tables.told == frozenset()  # three people: whatever their words, nothing is told


def test_one_year_alone(app: Flask) -> None:
    assert app
    world = held()
    assert len(queries.facts(world.network.id, NOW, 2024).took) == 2
    assert queries.facts(world.network.id, NOW, 2023).took == []


def test_women_and_men_are_told_of_five(app: Flask) -> None:
    """Five women and five men of Umeå at one workshop; the control: one man fewer."""
    assert app
    world = made.world()
    on = factories.workshop(world.network, date(2025, 2, 3), country="SE", capacity=40)
    people = [factories.person(world.umea, gender=word) for word in ["kvinna"] * 5 + ["Man"] * 5]
    for one in people[:-1]:
        made.attended(on, one)
    before = rules.tables(queries.facts(world.network.id, NOW).took, with_genders=True)
    made.attended(on, people[-1])
    after = rules.tables(queries.facts(world.network.id, NOW).took, with_genders=True)
    assert (before.told, ("country", "SE") in after.told) == (frozenset(), True)
    assert (after.whole.split["woman"], after.whole.split["man"]) == (5, 5)


def test_as_many_statements_for_many_as_for_few(app: Flask) -> None:
    world = held()

    def statements() -> int:
        with counted(app) as seen:
            queries.facts(world.network.id, NOW)
        return len(seen)

    few = statements()
    for day in (10, 11, 12):
        made.attended(
            factories.workshop(world.network, date(2025, 2, day), country="SE"), *[factories.person(world.umea) for _n in range(3)]
        )
    assert statements() == few


def test_the_page_and_both_files(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        held()
        visitor = lite.test_client()
        assert isinstance(visitor, Visitor)
        staff = visitor.signed_in(factories.person(staff="officer"))
        page = unescape(re.sub(r"\s+", " ", staff.get("/en/staff/reports/").get_data(as_text=True)))
        assert "3 people have taken part in 2 workshops, 27 hours together." in page
        assert "too few to tell" in page
        for lang in ("sv", "es"):
            assert staff.get(f"/{lang}/staff/reports/?year=2024").status_code == 200
        assert staff.get("/en/staff/reports/?year=x").status_code == 404
        book = load_workbook(io.BytesIO(staff.post("/en/staff/reports/export.xlsx").data))
        assert [cell.value for cell in list(book.worksheets[0].rows)[-1]][:4] == ["Total", 3, 4, 27]
        rows = list(csv.reader(io.StringIO(staff.post("/en/staff/reports/export.csv").data.decode("utf-8-sig"))))
        assert rows[1:] == [
            ["2024", "Guatemala", "Officials", "1", "1", "14"],
            ["2024", "Guatemala", "Elected representatives", "1", "1", "7"],
            ["2025", "Guatemala", "Officials", "1", "1", "3"],
            ["2025", "Sweden", "Not said", "1", "1", "3"],
        ]


def test_commitments_met_are_drawn_by_period_as_the_table_of_commitments_has_them(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    """2024 asks for one workshop in Latin America, which Panajachel alone attended; 2025 for both halves, Sweden held."""
    with clock(NOW):
        world = held()
        made.waived(world.rule, world.bogota, "sweden", "A flood")
        with transaction() as session:
            old = {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31), "latin_america": 1, "sweden": 0}
            session.add(CommitmentRule(network_id=world.network.id, **old))
            later = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
            session.add(CommitmentRule(network_id=world.network.id, **later))  # has not begun
        kept = commitments.kept(commitments.read(world.network, NOW))
        assert [(row.period, row.half, row.met, row.waived, row.members) for row in kept] == [
            ("2024", "Latin America", 1, 0, 3),
            ("2025", "Latin America", 0, 0, 3),
            ("2025", "Sweden", 2, 1, 3),
        ]
        assert [bar.width for bar in commitments.bars(kept)] == [133, 0, 267]
        assert {row.period for row in commitments.kept(commitments.read(world.network, NOW, 2024))} == {"2024"}
        staff = lite.test_client()
        assert isinstance(staff, Visitor)
        book = load_workbook(io.BytesIO(staff.signed_in(factories.person(staff="officer")).post("/en/staff/reports/export.xlsx").data))
        met = [row[2].value for row in book["Commitments"].iter_rows(min_row=2) if row[5].value == "Met"]
        assert sorted(met) == ["2024", "2025", "2025"]


def test_the_report_is_the_staffs(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        world = held()
        visitor = lite.test_client()
        assert isinstance(visitor, Visitor)
        assert visitor.signed_in(world.lucia).get("/en/staff/reports/").status_code == 404
