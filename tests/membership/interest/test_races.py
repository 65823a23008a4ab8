"""Two at once: one expression of interest of an organisation, one decision about it, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts import queries as accounts
from app.accounts.models import Invitation
from app.audit.service import Actor
from app.audit.service import person as actor
from app.database import db, end_reading, transaction
from app.errors import AppError, Refused
from app.membership.interest import accepting, deciding, joining, queries, service
from app.membership.interest.accepting import Decision
from app.membership.interest.models import Interest
from app.membership.interest.service import Body
from app.membership.interest.steps import Begun
from app.membership.organisation import service as organisations
from app.organisations.models import NetworkMember, Organisation
from app.organisations.service import Values as Facts
from tests.factories import NOW
from tests.membership.interest import made
from tests.reminders.test_races import together


def number(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def at_once(app: Flask, *work: Callable[[], object]) -> list[AppError]:
    """What was refused of them."""
    gate, refused = threading.Barrier(len(work)), []

    def run(one: Callable[[], object]) -> None:
        gate.wait(10)
        try:
            one()
        except AppError as error:
            refused.append(error)

    together(app, *[lambda one=one: run(one) for one in work])
    end_reading()
    return refused


def test_two_who_begin_for_one_municipality_at_once_make_one(app: Flask) -> None:
    world = made.world()
    people = [(one.id, actor(one)) for one in (world.lucia, world.andres)]
    network, body = world.network.id, Body(world.xela.id)

    def begin(person_id: int, by: Actor) -> Callable[[], object]:
        return lambda: service.start(network, body, lang="es", person_id=person_id, by=by, now=NOW)

    acts = [begin(*one) for one in people]
    assert [type(error) for error in at_once(app, *acts)] == [Begun]
    assert number(Interest) == 1


def test_two_who_take_up_at_once_what_is_of_one_municipality_revive_one(app: Flask) -> None:
    world = made.world()
    rows = []
    for who in (world.lucia, world.andres):
        row = made.begun(world, who)
        service.withdraw(row.id, person_id=who.id, by=actor(who), now=NOW)
        rows.append((row.id, who.id, actor(who)))

    def take_up(number: int, person_id: int, by: Actor) -> Callable[[], object]:
        return lambda: service.take_up(number, person_id=person_id, by=by, now=NOW)

    acts = [take_up(*one) for one in rows]
    assert [type(error) for error in at_once(app, *acts)] == [Begun]
    assert sorted(queries.get(number).state for number, *_who in rows) == ["draft", "withdrawn"]


def test_two_who_add_one_organisation_at_once_add_one(app: Flask) -> None:
    by = made.world().staff
    before = number(Organisation)
    facts = Facts("municipality", "GT", "Salcajá", 14.88, -91.45, "America/Guatemala", dict.fromkeys(("sv", "es", "en"), "Salcajá"))
    acts = [lambda: organisations.found(facts, by=by, now=NOW)] * 2
    assert [type(error) for error in at_once(app, *acts)] == [Refused]
    assert number(Organisation) == before + 1


def test_who_asks_to_join_while_it_is_accepted_asks_the_municipality_or_is_told(app: Flask) -> None:
    world = made.world()
    row = made.sent(world)
    key, version, staff, network, body = row.id, row.version, world.staff, world.network.id, Body(world.xela.id)
    asker, by = world.andres.id, actor(world.andres)

    def accept() -> None:
        accepting.accept(key, Decision(NOW.date()), version=version, by=staff, now=NOW)

    refused = at_once(app, accept, lambda: joining.ask(network, body, person_id=asker, by=by, now=NOW))
    assert queries.get(key).state == "accepted"
    assert [one.person_id for one in queries.get(key).people] == [world.lucia.id]
    assert (accounts.find_asked(asker) is None) == bool(refused)


def test_the_database_itself_lets_one_live_and_any_number_be_over(app: Flask) -> None:
    """The control: what the verbs look for beforehand, past them."""
    assert app
    row = made.begun(made.world())
    facts: dict[str, Any] = {
        "network_id": row.network_id,
        "organisation_id": row.organisation_id,
        "country": "GT",
        "zone": row.zone,
        "lang": "es",
    }
    facts |= {"whose": row.whose, "created_at": NOW, "changed_at": NOW}
    with transaction():
        db.session.add(Interest(**facts, state="withdrawn"))
    with pytest.raises(IntegrityError), transaction():
        db.session.add(Interest(**facts, state="draft"))
    assert number(Interest) == 2


def test_of_two_decisions_at_once_one_counts(app: Flask) -> None:
    world = made.world()
    row = made.sent(world)
    key, version, by = row.id, row.version, world.staff
    before = number(NetworkMember)

    def accept() -> None:
        accepting.accept(key, Decision(NOW.date()), version=version, by=by, now=NOW)

    def decline() -> None:
        deciding.decline(key, {"es": "No"}, version=version, by=by, now=NOW)

    assert len(at_once(app, accept, accept, decline)) == 2
    joined = queries.get(key).state == "accepted"
    assert (number(NetworkMember) - before, number(Invitation)) == (int(joined), int(joined))
