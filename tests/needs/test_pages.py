"""People say what they need while they register, see it, change it and take it back; staff read numbers, and names by a button."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask, g
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.service import person as actor
from app.database import db, transaction
from app.needs.rules import Said
from app.organisations.models import Organisation
from app.registrations import letters
from app.registrations import queries as registrations
from app.registrations import service as registering
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.needs.made import FIELDS, PEANUTS, given, main, of, rows
from tests.registrations.made import LATER, waiting, words

Clock = Callable[[datetime], Any]
GUEST = {"name": "Ana", "address": "ana@guest.example", "organisation": "other", "organisation_name": "Cali", "consent": "y"}
KEPT = {"food": Said(("vegan", "other"), "no cashew whatever happens")}


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    return factories.workshop(factories.network(umea), access="open", capacity=4)


def visitor(lite: Flask) -> Visitor:
    """A browser."""
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client


def test_a_guest_says_it_on_the_page_of_registration_and_nothing_typed_is_lost(
    lite: Flask, workshop: Workshop, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    form = f"/en/workshops/{workshop.slug}/register"
    with clock(NOW):
        client = visitor(lite)
        page = client.get(form).get_data(as_text=True)
        assert "Do you need something from us?" in page
        assert ('<details class="opens needs">' in page, 'type="checkbox" value="y" checked' in page) == (True, False)
        assert page.index('name="organisation_name"') < page.index('name="needs_food"'), "at most four fields stand before it"
        refused = client.post(form, data=GUEST | FIELDS | {"needs_consent": "", "needs_food": ["vegan", "meat"], "name": ""})
        body = refused.get_data(as_text=True)
        assert refused.status_code == 422
        for expected in (
            "Enter your name",
            "Tick the box to agree",
            "Choose from the list what you need",
            'value="no cashew whatever happens"',
        ):
            assert expected in body
        assert ('<details class="opens needs" open>' in body, rows()) == (True, [])
        assert client.post(form, data=GUEST | FIELDS).headers["Location"] == f"/en/workshops/{workshop.slug}/register/asked"
    (registration,) = registrations.of_workshop(workshop.id)
    assert of(registration.id) == KEPT
    assert "cashew" not in caplog.text + "".join(words(mail) for mail in waiting())
    assert "cashew" not in str([entry.facts for entry in db.session.scalars(select(AuditEntry))])


def test_a_guest_sees_changes_and_takes_it_back_behind_the_mailed_link(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    with clock(NOW):
        client = visitor(lite)
        client.post(f"/en/workshops/{workshop.slug}/register", data=GUEST | FIELDS)
        (registration,) = registrations.of_workshop(workshop.id)
        link = letters.manage_path(registration)
        client.post(f"{link}/confirm")
        own = client.get(link).get_data(as_text=True)
        assert ("You have told us about: food." in own, "cashew" in own) == (True, False)
        page = client.get(f"{link}/needs")
        assert ('value="no cashew whatever happens"' in page.get_data(as_text=True), page.headers["Cache-Control"]) == (True, "no-store")
        assert "ICLD may keep what I have written" in page.get_data(as_text=True)
        wrong = client.post(f"{link}/needs", data=FIELDS | {"act": "save", "needs_food": ["other"], "needs_food_words": ""})
        assert (wrong.status_code, of(registration.id)) == (422, KEPT)
        client.post(f"{link}/needs", data={"act": "save", "needs_food_words": "", "needs_access": "a ramp"})
        assert of(registration.id) == {"access": Said((), "a ramp")}
        client.post(f"{link}/needs", data={"act": "withdraw"})
        assert "What you had told us is erased." in client.get(link).get_data(as_text=True)
    assert rows() == []


def test_a_member_keeps_it_to_themselves_and_may_erase_it_after_the_beginning(
    lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock
) -> None:
    me, colleague = factories.person(umea, lang="en"), factories.person(umea, role="coordinator", lang="en")
    with clock(NOW):
        mine = visitor(lite).signed_in(me)
        mine.post(f"/en/workshops/{workshop.slug}/register", data=FIELDS)
        (registration,) = registrations.of_workshop(workshop.id)
        own = f"/en/me/registrations/{registration.id}"
        assert visitor(lite).signed_in(colleague).get(f"{own}/needs").status_code == 404
        assert visitor(lite).signed_in(colleague).post(f"{own}/needs", data={"act": "withdraw"}).status_code == 404
        assert "is erased at once" in visitor(lite).signed_in(me).get(f"{own}/cancel").get_data(as_text=True)
    assert workshop.starts_at is not None
    with clock(workshop.starts_at):
        mine = visitor(lite).signed_in(me)
        page = main(mine.get(f"{own}/needs").get_data(as_text=True))
        assert ("Vegan. no cashew whatever happens" in page, "Save what I need" in page) == (True, False)
        late = mine.post(f"{own}/needs", data={"act": "save", "needs_food_words": "", "needs_access": "a ramp"})
        assert (late.status_code, of(registration.id)) == (422, KEPT)
        assert mine.post(f"{own}/needs", data={"act": "withdraw"}).status_code == 303
        assert mine.get(f"{own}/needs").status_code == 303, "there is nothing to see any more"
    assert rows() == []


def test_a_button_without_the_fields_leaves_what_was_said(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    with clock(NOW):
        visitor(lite).post(f"/en/workshops/{workshop.slug}/register", data=GUEST | FIELDS)
        (registration,) = registrations.of_workshop(workshop.id)
        client = visitor(lite).signed_in(registration.person)
        assert client.post(f"/en/workshops/{workshop.slug}/register").status_code == 303
    assert (registrations.get(registration.id).state, of(registration.id)) == ("confirmed", KEPT)


def crowd(umea: Organisation, workshop: Workshop) -> None:
    """Four with a seat, and one who waits."""
    needs = (
        PEANUTS,
        given(food=Said(("vegan",)), interpretation=Said(("sv",))),
        given(access=Said((), "a ramp"), visa=Said(("letter",), "the embassy in Bogotá")),
        None,
        given(food=Said(("halal",))),
    )
    for number, one in enumerate(needs):
        person = factories.person(umea, name=f"Somebody {number}")
        registering.register(workshop.id, person.id, by=actor(person), now=NOW, needs=one)


def test_the_kitchen_gets_numbers_and_no_name(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    crowd(umea, workshop)
    page = f"/en/staff/workshops/{workshop.id}/needs/"
    with clock(LATER):
        client = visitor(lite).signed_in(factories.person(staff="officer", lang="en"))
        with counted(lite) as seen:
            said = main(client.get(page).get_data(as_text=True))
    for expected in (
        "3 of 4 people with a seat need something.",
        "Vegan 2",
        "An allergy, or something else 1",
        "Of these, several at once Food How many Vegan and an allergy, or something else 1",
        "In their own words no cashew whatever happens",
        "Swedish 1",
        "a ramp",
        "One person needs a letter.",
    ):
        assert expected in said
    assert ("Somebody" in said, "Halal" in said, "embassy" in said) == (False, False, False), "no name, and nobody who waits"
    assert len(seen) <= 12


def test_names_are_shown_by_a_button_that_is_recorded(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    crowd(umea, workshop)
    page, officer = f"/en/staff/workshops/{workshop.id}/needs/", factories.person(staff="officer", lang="en")
    with clock(LATER):
        client = visitor(lite).signed_in(officer)
        client.get(page)
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "needs.opened")).all() == []
        answer = client.post(page)
        said = main(answer.get_data(as_text=True))
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Somebody 0" in said
        assert "Letter for a visa the embassy in Bogotá" in said
        assert "Somebody 3" not in said
        (line,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "needs.opened"))
        assert (line.actor, line.topic, line.facts) == (f"person:{officer.id}", f"workshop:{workshop.id}", {})
        helper = visitor(lite).signed_in(factories.person(staff="helper", lang="en"))
        assert (helper.get(page).status_code, helper.post(page).status_code) == (404, 404)


def test_entries_under_another_key_are_counted_and_break_nothing(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    crowd(umea, workshop)
    lite.config["CONFIG"] = replace(lite.config["CONFIG"], data_key=Fernet.generate_key())
    with clock(LATER):
        client = visitor(lite).signed_in(factories.person(staff="officer", lang="en"))
        said = main(client.post(f"/en/staff/workshops/{workshop.id}/needs/").get_data(as_text=True))
    assert "5 entries were sealed with another DATA_KEY." in said
    assert "Food cannot be read" in said


LAST = NOW + timedelta(days=9)


def test_whoever_registers_reads_until_when_a_letter_can_be_asked_for_and_then_that_it_is_too_late(
    lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock
) -> None:
    with transaction():
        workshop.letters_until, workshop.contact = LAST, "visa@icld.example"
    me = factories.person(umea, lang="en")
    page, asking = f"/en/workshops/{workshop.slug}/register", "Ask for it by 12 March 2025, 13:00 in Stockholm"
    with clock(LAST):
        client = visitor(lite).signed_in(me)
        assert asking in main(client.get(page).get_data(as_text=True))
    with clock(LAST + timedelta(seconds=1)):
        late = main(client.get(page).get_data(as_text=True))
        assert ("Write to us at visa@icld.example" in late, asking in late) == (True, False)
        client.post(page, data={**FIELDS, "needs_visa": "y"})
    (registration,) = registrations.of_workshop(workshop.id)
    assert (registration.state, of(registration.id)) == ("confirmed", KEPT | {"visa": Said(("letter",))}), "nothing is blocked"


def test_the_own_page_speaks_of_letters_only_to_who_may_need_one_and_has_not_asked(
    lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock
) -> None:
    with transaction():
        workshop.letters_until = LAST
    here, abroad, asked = (factories.person(of_, lang="en") for of_ in (factories.organisation("CO"), umea, umea))
    found = []
    with clock(LATER):
        for person in (here, abroad, asked):
            needs = given(visa=Said(("letter",))) if person is asked else None
            number = registering.register(workshop.id, person.id, by=actor(person), now=NOW, needs=needs).id
            client = visitor(lite).signed_in(person)
            pages = [f"/en/me/registrations/{number}", f"/en/me/registrations/{number}/needs"]
            found.append(["Ask for it by" in main(client.get(page).get_data(as_text=True)) for page in pages])
        staff = visitor(lite).signed_in(factories.person(staff="officer", lang="en"))
        said = main(staff.get(f"/en/staff/workshops/{workshop.id}/needs/").get_data(as_text=True))
    assert found == [[False, False], [True, True], [False, True]]
    assert "Letters for a visa can be asked for until 12 March 2025, 13:00 in Stockholm." in said
    assert "One person with a seat comes from another country and has not asked." in said


def _shows(page: str) -> tuple[bool, bool]:
    """Whether the page shows the fields for food and for a visa, which it always has."""
    assert 'name="needs_food"' in page
    assert 'name="needs_visa"' in page
    hidden = re.findall(r"<div hidden>(.*?needs_(food|visa)_words.*?)</div>\s*</div>", page, re.DOTALL)
    kinds = {kind for _fields, kind in hidden}
    return "food" not in kinds, "visa" not in kinds


def test_online_nobody_is_asked_about_food_or_a_visa_unless_it_was_said(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    form, member = f"/en/workshops/{workshop.slug}/register", factories.person(factories.organisation("CO"), lang="en")
    with clock(NOW):
        assert _shows(visitor(lite).get(form).get_data(as_text=True)) == (True, True)
        registration = registering.register(workshop.id, member.id, by=actor(member), now=NOW, needs=PEANUTS)
        with transaction():
            workshop.format, workshop.join_url = "online", "https://video.example/1"
        page = visitor(lite).get(form).get_data(as_text=True)
        assert _shows(page) == (False, False)
        assert "Access, interpretation" in main(page)
        client, mine = visitor(lite).signed_in(member), f"/en/me/registrations/{registration.id}/needs"
        assert _shows(client.get(mine).get_data(as_text=True)) == (True, False), "what was said can be taken back"
        cleared = {"act": "save", **dict.fromkeys(FIELDS, ""), "needs_food": [], "needs_interpretation": "other"}
        assert client.post(mine, data=cleared).status_code == 422
        assert client.post(mine, data=cleared | {"needs_interpretation": "es", "needs_consent": "y"}).status_code == 303
    assert of(registration.id) == {"interpretation": Said(("es",))}
