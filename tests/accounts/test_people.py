"""People and roles: search, places in organisations, and the last administrator who cannot leave."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import queries as people
from app.accounts import service, staffing
from app.accounts.models import Affiliation, Person
from app.audit.models import AuditEntry
from app.audit.service import COMMAND
from app.clock import now
from app.database import db, transaction
from app.errors import Refused
from tests import factories

Errors = Callable[[str], list[str]]


@pytest.fixture
def staff(app_or_lite: Flask) -> Callable[[str], Any]:
    """A browser in which somebody of that role is signed in."""

    def open_for(role: str) -> Any:
        browser: Any = app_or_lite.test_client()
        return browser.signed_in(factories.person(staff=role, name=f"The {role}"))

    return open_for


@pytest.mark.parametrize("text", ["LUC", "chavajay", "panajachel.example", "Pueblo"])
def test_people_are_found_by_name_address_and_organisation(app: Flask, staff: Any, text: str) -> None:
    assert app
    place = factories.organisation("GT", names={"es": "Pueblo Nuevo", "en": "New Town", "sv": "Nystad"})
    factories.person(place, name="Lucía Chavajay", address="lucia@panajachel.example")
    factories.person(name="Somebody Else")
    page = staff("officer").get("/en/staff/people", query_string={"q": text}).get_data(as_text=True)
    assert "Lucía Chavajay" in page
    assert "Somebody Else" not in page


@pytest.mark.parametrize("text", ["%", "_", "'; DROP TABLE person; --", "\\"])
def test_signs_of_the_database_language_mean_themselves(app: Flask, staff: Any, text: str) -> None:
    assert app
    factories.person(name="Somebody Else")
    answer = staff("officer").get("/en/staff/people", query_string={"q": text})
    assert answer.status_code == 200
    assert "Somebody Else" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["role=king", "page=2"])
def test_a_filter_that_is_none_is_no_page(lite: Flask, staff: Any, query: str) -> None:
    assert lite
    assert staff("officer").get(f"/en/staff/people?{query}").status_code == 404


def test_a_name_with_signs_of_html_is_shown_as_text(lite: Flask, staff: Any) -> None:
    assert lite
    person = factories.person(name="<script>alert(1)</script>{{7*7}}")
    for path in ("/en/staff/people", f"/en/staff/people/{person.id}"):
        page = staff("officer").get(path).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "{{7*7}}" in page


def test_the_list_asks_the_database_as_often_for_many_people_as_for_few(lite: Flask, staff: Any, queries: Any) -> None:
    assert lite
    browser = staff("officer")
    counts = []
    for _round in range(2):
        with queries() as seen:
            browser.get("/en/staff/people")
        counts.append(len(seen))
        place = factories.organisation()
        with transaction():
            for _person in range(20):
                factories.person(place)
    assert counts[1] <= counts[0] + 3  # one statement for all places, one for all organisations, one for their names
    with queries() as seen:
        browser.get("/en/staff/people")
    assert len(seen) == counts[1]


def test_an_officer_makes_a_coordinator_and_ends_it(app: Flask, staff: Any) -> None:
    assert app
    umea = factories.organisation()
    person = factories.person()
    browser = staff("officer")
    form = {"organisation": str(umea.id), "organisation_role": "coordinator"}
    assert browser.post(f"/en/staff/people/{person.id}/places", data=form).status_code == 303
    assert people.is_coordinator(person, now().date())
    row = db.session.scalars(select(Affiliation)).one()
    other = factories.person()
    assert browser.post(f"/en/staff/people/{other.id}/places/{row.id}/end").status_code == 404
    assert browser.post(f"/en/staff/people/{person.id}/places/{row.id}/end").status_code == 303
    assert people.affiliation_of(person, now().date()) is None
    assert browser.post(f"/en/staff/people/{person.id}/places", data={**form, "organisation": "999"}).status_code == 422


def test_where_somebody_belongs_depends_on_the_day(app: Flask) -> None:
    assert app
    umea, boras = factories.organisation(), factories.organisation()
    person = factories.person(umea)
    person.affiliations[0].ends_on = date(2025, 5, 31)
    person.affiliations.append(Affiliation(organisation=boras, role="member", starts_on=date(2025, 6, 1), confirmed_at=factories.NOW))
    db.session.commit()

    def place(on: date) -> int | None:
        found = people.affiliation_of(person, on)
        return found.organisation_id if found else None

    assert [place(day) for day in (date(2023, 12, 31), date(2024, 1, 1), date(2025, 5, 31), date(2025, 6, 1))] == [
        None,
        umea.id,
        umea.id,
        boras.id,
    ]


@pytest.mark.parametrize("act", ["role", "disable", "enable", "second-factor/off"])
def test_an_officer_decides_nothing_about_roles(lite: Flask, staff: Any, act: str) -> None:
    assert lite
    person = factories.person(staff="administrator")
    assert staff("officer").post(f"/en/staff/people/{person.id}/{act}", data={"role": ""}).status_code == 404
    assert (person.role, person.disabled_at) == ("administrator", None)


def test_an_administrator_changes_a_role_and_the_audit_says_so(app: Flask, staff: Any) -> None:
    assert app
    person = factories.person(name="Hugo Ek")
    browser = staff("administrator")
    assert browser.post(f"/en/staff/people/{person.id}/role", data={"role": "officer"}).status_code == 303
    assert person.role == "officer"
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_name, entry.facts) == (
        "person.role_changed",
        "The administrator",
        {"name": "Hugo Ek", "role": "officer"},
    )
    assert "Changed the role of Hugo Ek to programme officer" in browser.get(f"/en/staff/people/{person.id}").get_data(as_text=True)
    assert browser.post(f"/en/staff/people/{person.id}/role", data={"role": "king"}).status_code == 422


@pytest.mark.parametrize(("act", "data"), [("role", {"role": "officer"}), ("role", {"role": ""}), ("disable", {})])
def test_the_last_administrator_cannot_leave(app: Flask, staff: Any, errors: Errors, act: str, data: dict[str, str]) -> None:
    assert app
    browser = staff("administrator")
    me = db.session.scalars(select(Person)).one()
    answer = browser.post(f"/en/staff/people/{me.id}/{act}", data=data)
    assert answer.status_code == 422
    assert errors(answer.get_data(as_text=True)) == ["This is the last administrator. Make somebody else administrator first."]
    assert (me.role, me.disabled_at) == ("administrator", None)


def test_a_closed_administrator_does_not_count_as_one(app: Flask) -> None:
    assert app
    one = factories.person(staff="administrator")
    factories.person(staff="administrator", disabled_at=factories.NOW)
    with pytest.raises(Refused):
        staffing.change_role(one.id, None, by=COMMAND, now=now())


def test_two_administrators_cannot_send_each_other_away_at_the_same_moment(app: Flask) -> None:
    ids = [factories.person(staff="administrator").id for _person in range(2)]
    start = threading.Barrier(2)

    def leave(person_id: int) -> None:
        with app.app_context():
            start.wait()
            with suppress(Refused):
                staffing.change_role(person_id, None, by=COMMAND, now=now())
            db.session.remove()

    threads = [threading.Thread(target=leave, args=(person_id,)) for person_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert len(db.session.scalars(select(Person).where(Person.role == "administrator")).all()) == 1


def test_one_address_makes_one_person_however_many_ask_at_once(app: Flask) -> None:
    start = threading.Barrier(4)
    made: list[int] = []

    def make(number: int) -> None:
        with app.app_context():
            start.wait()
            made.append(service.find_or_make_person("Ann@umea.example", f"Ann {number}", lang="sv", zone="UTC", now=now()).id)
            db.session.remove()

    threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


def test_a_person_that_exists_is_found_and_never_changed(app: Flask) -> None:
    assert app
    person = factories.person(address="Ann@umea.example", name="Ann")
    found = service.find_or_make_person("ANN@UMEA.example", "Somebody", lang="es", zone="America/Bogota", now=now())
    assert (found.id, found.name, found.lang) == (person.id, "Ann", "sv")
    with pytest.raises(Refused):
        service.find_or_make_person("a@@b.se", "X", lang="sv", zone="UTC", now=now())
