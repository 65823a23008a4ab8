"""Staff's pages of the commitment: the table, what if, letting off, writing rules, writing to those at risk; and my page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import db, transaction
from app.membership.models import CommitmentRule
from app.outbox.models import Message
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import World

GOOD = {
    "scope": "organisation", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "latin_america": "1", "sweden": "1", "people": "1",
}  # fmt: skip


@pytest.fixture
def staff(lite: Flask, clock: Callable[[datetime], Any]) -> Iterator[Visitor]:
    """A programme officer's browser, at NOW."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


def read(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def one_left() -> World:
    world = made.world()
    factories.workshop(world.network, date(2025, 9, 16), country="SE", title="Last")
    return world


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_every_page_of_the_commitment_opens_in_each_language(staff: Visitor, lang: str) -> None:
    world = one_left()
    number = world.rule.id
    last = next(iter(db.session.scalars(select(Workshop.id))))
    paths = ["", "/rules/new", f"/rules/{number}/", f"/{number}/write", f"/{number}/let-off/{world.umea.slug}", f"/what-if?workshop={last}"]
    assert [staff.get(f"/{lang}/staff/commitments{path}").status_code for path in paths] == [200] * 6


def test_the_table_shows_those_in_one_state_alone(staff: Visitor) -> None:
    world = one_left()
    made.waived(world.rule, world.umea, "sweden", "Hosts")
    page = read(staff.get("/en/staff/commitments?half=sweden&state=waived"))
    table = page.partition("<table")[2].partition("</table>")[0]
    assert world.umea.names["en"].name in table
    assert world.bogota.names["en"].name not in table
    assert "Waived 1" in page


def test_what_if_says_who_would_fall_short_and_does_nothing(staff: Visitor) -> None:
    world = one_left()
    (last,) = db.session.scalars(select(Workshop.id))
    made.registered(db.session.get_one(Workshop, last), world.lucia)
    page = read(staff.get(f"/en/staff/commitments/what-if?workshop={last}"))
    assert "One member would fall short" in page
    assert (page.count("Booked"), page.count("Missed") > 0) == (1, True)
    assert db.session.get_one(Workshop, last).state == "published"


@pytest.mark.parametrize("query", ["", "?workshop=999999", "?workshop=x", "?period=999&workshop=1"])
def test_what_if_without_a_workshop_that_lies_ahead_is_no_page(staff: Visitor, query: str) -> None:
    one_left()
    assert staff.get(f"/en/staff/commitments/what-if{query}").status_code == 404


def test_a_member_is_let_off_and_asked_again_on_the_page(staff: Visitor) -> None:
    world = one_left()
    path = f"/en/staff/commitments/{world.rule.id}/let-off/{world.umea.slug}"
    empty = read(staff.post(path, data={"half": "sweden", "reason": " "}), 422)
    assert "Enter why" in empty
    assert 'value="sweden" checked' in empty or re.search(r'checked[^>]*value="sweden"', empty)
    assert staff.post(path, data={"half": "sweden", "reason": "A flood in May"}).status_code == 303
    assert "A flood in May" in read(staff.get(f"/en/staff/commitments?period={world.rule.id}"))
    taken_back = re.search(r'action="([^"]*/take-back)"', staff.get(path).get_data(as_text=True))
    assert taken_back
    assert staff.post(taken_back[1]).status_code == 303
    assert "A flood in May" not in read(staff.get(f"/en/staff/commitments?period={world.rule.id}"))


def test_a_rule_is_written_and_what_was_typed_is_kept_when_it_is_none(staff: Visitor) -> None:
    one_left()
    bad = read(staff.post("/en/staff/commitments/rules/new", data={**GOOD, "ends_on": "2025-13-01", "sweden": "many"}), 422)
    assert ("Enter a real date" in bad, 'value="2025-13-01"' in bad, 'value="many"' in bad) == (True, True, True)
    assert staff.post("/en/staff/commitments/rules/new", data=GOOD).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(CommitmentRule)) == 2


def test_two_who_edit_one_rule_see_each_other(staff: Visitor) -> None:
    world = one_left()
    path = f"/en/staff/commitments/rules/{world.rule.id}/"
    mine = {**GOOD, "version": "1", "sweden": "2"}
    assert staff.post(path, data=mine).status_code == 303
    page = read(staff.post(path, data={**mine, "sweden": "3"}), 409)
    assert ("Somebody else has changed this rule" in page, "at least 2 workshops in Sweden" in page) == (True, True)
    assert staff.post(path, data={**mine, "sweden": "3", "version": "2"}).status_code == 303


def test_one_press_writes_to_those_at_risk(staff: Visitor) -> None:
    world = one_left()
    path = f"/en/staff/commitments/{world.rule.id}/write"
    page = staff.get(path).get_data(as_text=True)
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert seen
    assert "Lucía Chavajay" in page
    assert staff.post(path, data={"seen": "9-sweden"}).status_code == 422
    assert staff.post(path, data={"seen": seen[1]}).status_code == 303
    assert staff.post(path, data={"seen": seen[1]}).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "commitment")) == 1


def test_the_pages_are_the_staffs(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        world = one_left()
        visitor = lite.test_client()
        assert isinstance(visitor, Visitor)
        member = visitor.signed_in(world.lucia)
        for path in ("", "/rules/new", f"/{world.rule.id}/write", f"/{world.rule.id}/let-off/{world.umea.slug}"):
            assert member.get(f"/en/staff/commitments{path}").status_code == 404


def test_my_page_speaks_of_each_rule_and_of_my_own_part(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        world = one_left()
        with transaction():
            db.session.add(
                CommitmentRule(
                    network_id=world.network.id, scope="person", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), latin_america=0
                )
            )
        (last,) = db.session.scalars(select(Workshop.id))
        made.registered(db.session.get_one(Workshop, last), world.andres)
        visitor = lite.test_client()
        assert isinstance(visitor, Visitor)
        page = read(visitor.signed_in(world.andres).get("/en/me/"))
        assert "Each member attends" in page
        assert "Each of its people attends at least one workshop in Sweden" in page
        assert "You have a seat" in page
        theirs = read(visitor.signed_in(world.lucia).get("/en/me/"))
        assert ("You have a seat" in theirs, "One thing is missing" in theirs) == (False, True)
