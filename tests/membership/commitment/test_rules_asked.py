"""Staff write rules and let members off: what is refused, what two at once do to each other, what stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit import queries as audit
from app.database import db
from app.errors import Conflict, Missing, Refused
from app.membership import queries
from app.membership.commitment import service
from app.membership.commitment.service import Values
from app.membership.models import CommitmentRule, Waiver
from tests import factories
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF

GOOD = Values("organisation", date(2026, 1, 1), date(2026, 12, 31), 1, 1)


def test_a_rule_is_written_changed_and_thrown_away(app: Flask) -> None:
    assert app
    world = made.world()
    rule = service.create(world.network.id, GOOD, by=STAFF, now=NOW)
    service.save(rule.id, replace(GOOD, sweden=2, online=True), rule.version, by=STAFF, now=NOW)
    changed = queries.get_rule(rule.id)
    assert (changed.sweden, changed.online, changed.version) == (2, True, 2)
    service.delete(rule.id, 2, by=STAFF, now=NOW)
    assert [one.id for one in queries.rules_of(world.network.id)] == [world.rule.id]
    lines = [entry.action for entry in audit.entries(f"network:{world.network.id}", 10)]
    assert sorted(lines) == ["commitment.changed", "commitment.created", "commitment.deleted"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (replace(GOOD, ends_on=date(2025, 12, 31)), "ends_on"),
        (replace(GOOD, starts_on=date(2030, 1, 1), ends_on=date(2030, 12, 31)), "ends_on"),
        (replace(GOOD, latin_america=0, sweden=0), "latin_america"),
        (replace(GOOD, sweden=400), "sweden"),
        (replace(GOOD, people=0), "people"),
        (replace(GOOD, people=101), "people"),
        (replace(GOOD, scope="mayor"), "scope"),
        (replace(GOOD, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)), "starts_on"),  # there is one like it
    ],
)
def test_what_is_no_rule_is_refused_beside_its_field(lite: Flask, values: Values, field: str) -> None:
    assert lite
    world = made.world()
    with pytest.raises(Refused) as refused:
        service.create(world.network.id, values, by=STAFF, now=NOW)
    assert list(refused.value.problems) == [field]
    assert len(db.session.scalars(select(CommitmentRule)).all()) == 1


def test_the_same_days_may_be_asked_of_each_person_too(app: Flask) -> None:
    assert app
    world = made.world()
    both = service.create(
        world.network.id, replace(GOOD, scope="person", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)), by=STAFF, now=NOW
    )
    assert queries.rules_on(queries.rules_of(world.network.id), NOW.date()) == [world.rule, both]


def test_whoever_saves_second_is_told(app: Flask) -> None:
    assert app
    world = made.world()
    service.save(world.rule.id, replace(GOOD, sweden=2), 1, by=STAFF, now=NOW)
    with pytest.raises(Conflict):
        service.save(world.rule.id, replace(GOOD, sweden=3), 1, by=STAFF, now=NOW)
    assert queries.get_rule(world.rule.id).sweden == 2


def test_a_member_is_let_off_with_a_reason_and_asked_again(app: Flask) -> None:
    assert app
    world = made.world()
    factories.workshop(world.network, date(2025, 9, 16), country="SE")
    with pytest.raises(Refused) as refused:
        service.waive(world.rule.id, world.umea.id, "sweden", "", by=STAFF, now=NOW)
    assert list(refused.value.problems) == ["reason"]
    row = service.waive(world.rule.id, world.umea.id, "sweden", "A flood", by=STAFF, now=NOW)
    again = service.waive(world.rule.id, world.umea.id, "sweden", "A flood in May", by=STAFF, now=NOW)
    db.session.expire_all()
    (off,) = queries.progress_of(queries.get_rule(world.rule.id), [world.umea], NOW)
    assert (row.id, off.halves["sweden"].state, off.waivers["sweden"].reason) == (again.id, "waived", "A flood in May")
    service.ask_again(row.id, by=STAFF, now=NOW)
    db.session.expire_all()
    (asked,) = queries.progress_of(queries.get_rule(world.rule.id), [world.umea], NOW)
    assert asked.halves["sweden"].state == "risk"


def test_only_a_member_is_let_off_and_only_from_what_is_asked(app: Flask) -> None:
    assert app
    world = made.world()
    with pytest.raises(Missing):
        service.waive(world.rule.id, factories.organisation("SE").id, "sweden", "Why", by=STAFF, now=NOW)
    with pytest.raises(Missing):
        service.waive(world.rule.id, world.umea.id, "norway", "Why", by=STAFF, now=NOW)
    service.save(world.rule.id, replace(GOOD, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), sweden=0), 1, by=STAFF, now=NOW)
    with pytest.raises(Refused):
        service.waive(world.rule.id, world.umea.id, "sweden", "Why", by=STAFF, now=NOW)


def test_a_rule_under_which_somebody_was_let_off_stays(app: Flask) -> None:
    assert app
    world = made.world()
    service.waive(world.rule.id, world.umea.id, "sweden", "A flood", by=STAFF, now=NOW)
    with pytest.raises(Refused):
        service.delete(world.rule.id, 1, by=STAFF, now=NOW)
    assert db.session.scalars(select(Waiver)).one().reason == "A flood"
