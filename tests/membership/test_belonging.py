"""Who has only asked to belong to a municipality is an outsider everywhere, and learns what to do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from app.accounts import places
from app.accounts.models import Affiliation, Person
from app.audit.service import person as actor
from app.database import db
from app.errors import Refused
from app.membership import queries
from app.registrations import guests, letters
from app.registrations import queries as seats
from app.registrations import service as registrations
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF, World


@pytest.fixture
def now(lite: Flask, clock: Callable[[datetime], Any]) -> Iterator[datetime]:
    """The clock of the tests' world."""
    assert lite
    with clock(NOW):
        yield NOW


def browser(app: Flask, person: Person) -> Visitor:
    found = app.test_client()
    assert isinstance(found, Visitor)
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    return found.signed_in(person)


def read(visitor: Visitor, path: str) -> str:
    return visitor.get(path).get_data(as_text=True)


def asking(world: World, **values: Any) -> Person:
    """Somebody who says that they are of Panajachel."""
    return factories.person(world.panajachel, asks=True, **{"name": "Ana Ruiz", **values})


@pytest.mark.parametrize("access", ["network", "invited"])
def test_who_asks_is_refused_with_words_that_say_what_to_do(app: Flask, access: str) -> None:
    assert app
    world = made.world()
    workshop, ana = factories.workshop(world.network, access=access), asking(world)
    words = "not confirmed yet that you belong there" if access == "network" else "members of the network"
    with pytest.raises(Refused, match=words):
        registrations.register(workshop.id, ana.id, by=actor(ana), now=NOW)
    assert seats.find(workshop.id, ana.id) is None


def test_a_seat_taken_meanwhile_is_the_municipalitys_once_it_confirms(app: Flask) -> None:
    assert app
    world = made.world()
    workshop, over = (factories.workshop(world.network, date(2025, month, 3), access="open") for month in (6, 2))
    ana = asking(world)
    for one in (workshop, over):
        registrations.register(one.id, ana.id, by=actor(ana), now=NOW - timedelta(days=60))
    found = [seats.find(one.id, ana.id) for one in (workshop, over)]
    assert [one and one.organisation_id for one in found] == [None, None]
    places.confirm(ana.id, world.panajachel.id, by=STAFF, now=NOW)
    db.session.expire_all()
    assert [one and one.organisation_id for one in found] == [world.panajachel.id, None]


def test_a_guests_word_for_where_they_come_from_fulfils_no_commitment(app: Flask) -> None:
    assert app
    world = made.world()
    workshop = factories.workshop(world.network, date(2025, 6, 3), access="open")
    guest = guests.Guest("Eva", "eva@guest.example", world.umea.id, "", "sv", "Europe/Stockholm")
    guests.register_guest(workshop.id, guest, now=NOW)
    guests.confirm_held(seats_token(workshop.id), now=NOW)
    assert queries.progress_of(world.rule, [world.umea], NOW)[0].halves["latin_america"].state == "risk"
    made.registered(workshop, world.malin)
    assert queries.progress_of(world.rule, [world.umea], NOW)[0].halves["latin_america"].state == "booked"


def seats_token(workshop_id: int) -> str:
    """What stands in the link of the guest's mail."""
    return letters.manage_path(seats.of_workshop(workshop_id)[0]).removeprefix("/r/")


@pytest.mark.usefixtures("now")
def test_who_asks_sees_nothing_of_the_municipality_and_is_told_why(lite: Flask) -> None:
    world = made.world()
    ana = browser(lite, asking(world))
    page = read(ana, "/en/me/")
    assert "has not confirmed yet that you belong there" in page
    assert "The commitment" not in page
    assert "Lucía" not in page
    assert "The commitment" not in read(ana, f"/en/organisations/{world.panajachel.slug}/")


@pytest.mark.usefixtures("now")
def test_the_coordinator_sees_who_asks_and_confirms(lite: Flask) -> None:
    world = made.world()
    ana = asking(world)
    lucia = browser(lite, world.lucia)
    page = read(lucia, "/en/me/")
    assert "One person asks to belong to it" in page
    assert f'action="/en/me/delegation/{ana.id}/confirm"' in page
    assert "Ana Ruiz" not in read(browser(lite, world.andres), "/en/me/")
    assert lucia.post(f"/en/me/delegation/{ana.id}/confirm").location == "/en/me/#delegation"
    assert "asks to belong" not in read(lucia, "/en/me/")
    assert "The commitment" in read(browser(lite, ana), "/en/me/")


@pytest.mark.usefixtures("now")
def test_the_coordinator_says_not_one_of_us(lite: Flask) -> None:
    world = made.world()
    ana = asking(world)
    lucia = browser(lite, world.lucia)
    assert lucia.post(f"/en/me/delegation/{ana.id}/decline").status_code == 303
    assert lucia.post(f"/en/me/delegation/{ana.id}/decline").status_code == 404
    assert db.session.scalars(select(Affiliation).where(Affiliation.person_id == ana.id)).all() == []


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("act", ["confirm", "decline"])
def test_nobody_but_the_own_coordinator_decides(lite: Flask, act: str) -> None:
    world = made.world()
    ana = asking(world)
    others = [ana, world.andres, world.malin, factories.person(world.umea, "coordinator"), factories.person()]
    codes = [browser(lite, one).post(f"/en/me/delegation/{ana.id}/{act}").status_code for one in others]
    assert codes == [404] * 5
    without = browser(lite, world.lucia).post(f"/en/me/delegation/{ana.id}/{act}", csrf=False)
    assert without.status_code in {400, 403}
    assert db.session.scalars(select(Affiliation.confirmed_at).where(Affiliation.person_id == ana.id)).all() == [None]


@pytest.mark.usefixtures("now")
def test_staff_see_in_needs_you_who_asks(lite: Flask) -> None:
    world = made.world()
    factories.workshop(world.network, date(2025, 6, 3))
    ana = asking(world)
    staff = browser(lite, factories.person(staff="officer"))
    page = read(staff, "/en/staff/")
    assert "1 person asks to belong to a municipality" in page
    assert f'href="/en/staff/people/{ana.id}"' in page
    for number in range(4):
        asking(world, name=f"Ana {number}")
    page = read(staff, "/en/staff/")
    assert "5 people ask to belong to a municipality" in page
    assert 'href="/en/staff/people?role=asking"' in page
    assert "Ana 3" not in page


@pytest.mark.usefixtures("now")
def test_however_many_ask_the_pages_cost_the_same(lite: Flask) -> None:
    world = made.world()
    factories.workshop(world.network, date(2025, 6, 3))
    visits = [(browser(lite, world.lucia), "/en/me/"), (browser(lite, factories.person(staff="officer")), "/en/staff/")]

    def statements() -> list[int]:
        found = []
        for visitor, path in visits:
            read(visitor, path)
            with counted(lite) as seen:
                read(visitor, path)
            found.append(len(seen))
        return found

    asking(world)
    few = statements()
    for _number in range(8):
        asking(world)
    assert statements() == few


@pytest.mark.usefixtures("now")
def test_staff_before_the_second_factor_see_no_commitment(lite: Flask) -> None:
    world = made.world()
    found = lite.test_client()
    assert isinstance(found, Visitor)
    found.signed_in(factories.person(staff="administrator"), second_factor=False)
    assert "The commitment" not in read(found, f"/en/organisations/{world.panajachel.slug}/")
