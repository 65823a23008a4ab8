"""A place in an organisation is asked for by the person and given by others; until then it counts for nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import places, queries, staffing
from app.accounts.models import Affiliation, Person
from app.accounts.service import Details, change_details
from app.audit.models import AuditEntry
from app.audit.service import COMMAND
from app.audit.service import person as actor
from app.database import db, transaction
from app.errors import Conflict, Missing
from app.organisations.models import Organisation
from app.outbox.models import Message
from tests import factories
from tests.accounts.conftest import Post
from tests.factories import NOW

LATER = NOW + timedelta(days=3)


def choose(person: Person, organisation: Organisation | None, now: Any = NOW) -> None:
    """In the account, as somebody does for oneself."""
    details = Details(person.name, person.lang, person.zone, organisation_id=organisation.id if organisation else None)
    change_details(person, details, by=actor(person), now=now)


def rows(person: Person) -> list[tuple[int, bool]]:
    """(organisation, whether confirmed) of all of somebody's places."""
    found = db.session.scalars(select(Affiliation).where(Affiliation.person_id == person.id).order_by(Affiliation.id))
    return [(row.organisation_id, row.confirmed_at is not None) for row in found]


def audit() -> list[tuple[str, str]]:
    """What happened, and the organisation that the line names."""
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.action != "person.changed").order_by(AuditEntry.id))
    return [(entry.action, entry.facts.get("organisation", "")) for entry in found]


def test_who_picks_an_organisation_only_asks(app: Flask) -> None:
    assert app
    umea, person = factories.organisation(), factories.person()
    choose(person, umea)
    assert rows(person) == [(umea.id, False)]
    assert queries.affiliation_of(person, NOW.date()) is None
    assert not queries.belongs(person.id, umea.id, NOW.date())
    assert audit() == [("person.asked", umea.names["en"].name)]


def test_a_yes_counts_and_is_mailed_in_the_own_language(app: Flask, post: Post) -> None:
    assert app
    place, person = factories.organisation("GT"), factories.person(lang="es")
    choose(person, place)
    places.confirm(person.id, place.id, by=COMMAND, now=LATER)
    places.confirm(person.id, place.id, by=COMMAND, now=LATER)
    found = queries.affiliation_of(person, LATER.date())
    assert found is not None
    assert (found.organisation_id, found.confirmed_at) == (place.id, LATER)
    assert [mail["Subject"] for mail in post.all(person.address)] == [f"Pertenencia confirmada: {place.names['es'].name}"]
    assert audit() == [("person.asked", place.names["en"].name), ("person.confirmed", place.names["en"].name)]


def test_a_no_leaves_a_line_in_the_audit_and_one_can_ask_again(app: Flask) -> None:
    assert app
    umea, person = factories.organisation(), factories.person()
    choose(person, umea)
    places.decline(person.id, umea.id, by=COMMAND, now=NOW)
    assert rows(person) == []
    choose(person, umea)
    assert rows(person) == [(umea.id, False)]
    assert [action for action, _name in audit()] == ["person.asked", "person.declined", "person.asked"]


def test_who_was_taken_out_cannot_put_themselves_back(app: Flask) -> None:
    assert app
    umea = factories.organisation()
    person = factories.person(umea)
    places.end_affiliation(person.id, person.affiliations[0].id, by=COMMAND, now=NOW)
    choose(person, umea)
    assert rows(person) == [(umea.id, True), (umea.id, False)]
    assert not queries.belongs(person.id, umea.id, NOW.date())


def test_one_asks_one_organisation_at_a_time(app: Flask) -> None:
    assert app
    umea, boras, person = factories.organisation(), factories.organisation(), factories.person()
    for choice in (umea, umea, boras):
        choose(person, choice)
    assert rows(person) == [(boras.id, False)]
    choose(person, None)
    assert rows(person) == []
    assert [action for action, _name in audit()] == ["person.asked", "person.ask_withdrawn", "person.asked", "person.ask_withdrawn"]


def test_the_database_keeps_one_question_a_person_and_none_for_coordinators(app: Flask) -> None:
    assert app
    umea, boras = factories.organisation(), factories.organisation()
    person = factories.person(umea, asks=True)
    for role, organisation in (("member", boras), ("coordinator", umea)):
        with pytest.raises(IntegrityError), transaction() as session:
            session.add(Affiliation(person_id=person.id, organisation_id=organisation.id, role=role, starts_on=date(2025, 1, 1)))
    assert rows(person) == [(umea.id, False)]


def test_coordinators_are_told_once_a_day_and_nobody_else_is(app: Flask, post: Post) -> None:
    assert app
    umea, boras = factories.organisation(), factories.organisation()
    siv, mats = (factories.person(umea, "coordinator") for _number in range(2))
    others = [
        factories.person(umea),
        factories.person(boras, "coordinator"),
        factories.person(umea, "coordinator", disabled_at=NOW),
    ]
    person = factories.person(name="Ann Ek")
    for choice in (umea, None, umea):
        choose(person, choice)
    assert [len(post.all(one.address)) for one in (siv, mats, *others)] == [1, 1, 0, 0, 0]
    assert "Ann Ek" in post.text(siv.address)
    assert "/sv/me/" in post.text(siv.address)


def test_a_question_that_is_answered_is_not_mailed_any_more(app: Flask) -> None:
    assert app
    umea, person = factories.organisation(), factories.person()
    factories.person(umea, "coordinator")
    choose(person, umea)
    places.decline(person.id, umea.id, by=COMMAND, now=NOW)
    assert db.session.scalars(select(Message.state).where(Message.kind == "place_asked")).all() == ["cancelled"]


def test_there_is_nothing_to_decide_where_nobody_asked(app: Flask) -> None:
    assert app
    umea, boras = factories.organisation(), factories.organisation()
    asking, member = factories.person(umea, asks=True), factories.person(umea)
    for decide in (places.confirm, places.decline):
        with pytest.raises(Missing):
            decide(asking.id, boras.id, by=COMMAND, now=NOW)
    with pytest.raises(Conflict):
        places.decline(member.id, umea.id, by=COMMAND, now=NOW)
    assert rows(member) == [(umea.id, True)]


def test_an_invitation_confirms_at_once(app: Flask) -> None:
    assert app
    umea = factories.organisation()
    person = factories.person(umea, asks=True)
    token = staffing.invite(person.address, lang="sv", organisation_id=umea.id, organisation_role="coordinator", by=COMMAND, now=NOW)
    staffing.accept_invitation(token, None, now=NOW)
    assert rows(person) == [(umea.id, True)]
    assert queries.is_coordinator(person, NOW.date(), umea.id)
    assert ("person.place_accepted", umea.names["en"].name) in audit()


def test_who_belongs_somewhere_asks_nothing(app: Flask) -> None:
    assert app
    umea, boras = factories.organisation(), factories.organisation()
    person = factories.person(umea)
    choose(person, boras)
    assert rows(person) == [(umea.id, True)]


def test_staff_decide_on_the_persons_page(app: Flask) -> None:
    umea, person = factories.organisation(), factories.person(name="Ann Ek")
    choose(person, umea)
    browser: Any = app.test_client()
    browser.signed_in(factories.person(staff="officer"))
    page = browser.get(f"/en/staff/people/{person.id}").get_data(as_text=True)
    assert "not confirmed" in page
    assert "Does not belong there" in page
    assert f"/en/staff/people/{person.id}" in browser.get("/en/staff/people?role=asking").get_data(as_text=True)
    assert browser.post(f"/en/staff/people/{person.id}/asks/{umea.id}/confirm").status_code == 303
    assert rows(person) == [(umea.id, True)]
    assert browser.post(f"/en/staff/people/{person.id}/asks/{umea.id}/decline").status_code == 409
    assert f"/en/staff/people/{person.id}" not in browser.get("/en/staff/people?role=asking").get_data(as_text=True)


def test_the_account_says_what_one_asks_for(lite: Flask) -> None:
    umea = factories.organisation()
    browser: Any = lite.test_client()
    page = browser.signed_in(factories.person(umea, asks=True)).get("/en/me/account").get_data(as_text=True)
    assert f'<option selected value="{umea.id}">' in page
