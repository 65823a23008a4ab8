"""A coordinator's delegation and substitutes: all or nothing, and one step from one person to another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.accounts.models import Person
from app.database import db
from app.organisations.models import Organisation
from app.registrations import letters, queries, service
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.registrations.made import STAFF, method, waiting, words

Made = tuple[Visitor, Workshop, Organisation, Person]


@pytest.fixture
def made(lite: Flask) -> Made:
    """A coordinator's browser, and a workshop of next spring with two seats."""
    ours = factories.organisation("SE")
    workshop = factories.workshop(factories.network(ours), (datetime.now(UTC) + timedelta(days=90)).date(), capacity=2)
    me = factories.person(ours, "coordinator", lang="en")
    browser = lite.test_client()
    assert isinstance(browser, Visitor)
    return browser.signed_in(me), workshop, ours, me


def states(workshop: Workshop) -> list[str]:
    db.session.expire_all()
    return [row.state for row in queries.of_workshop(workshop.id)]


def ana(number: int = 1, **more: str) -> dict[str, str]:
    return {f"name_{number}": "Ana Pérez", f"address_{number}": "ana@guest.example", f"lang_{number}": "es", **more}


def test_a_coordinator_registers_a_known_and_a_new_colleague_in_one_act(made: Made) -> None:
    browser, workshop, ours, me = made
    known, url = factories.person(ours, lang="en"), f"/en/me/delegation/{workshop.id}/"
    row = browser.post(url, data=ana(act="row", rows="2")).get_data(as_text=True)
    assert "New colleague 3" in row
    assert "ana@guest.example" in row
    assert states(workshop) == []
    done = browser.post(url, data=ana(chosen=str(known.id), act="all"), follow_redirects=True).get_data(as_text=True)
    assert "2 people have a seat." in done
    assert states(workshop) == ["confirmed"] * 2
    mails = {mail.recipient: mail for mail in waiting("confirmation")}
    assert f"{me.name} has registered you. If you do not want to come, say so behind the button." in words(mails[known.address])
    assert mails["ana@guest.example"].lang == "es"
    assert db.session.get_one(Workshop, workshop.id).taken == 2


def test_too_few_seats_do_nothing_until_the_rest_is_to_wait(made: Made) -> None:
    browser, workshop, ours, _me = made
    chosen = [str(factories.person(ours).id) for _n in range(3)]
    url = f"/en/me/delegation/{workshop.id}/"
    token = browser.token()
    short = browser.post(url, data={"chosen": chosen, "act": "all", "csrf_token": token})
    assert short.status_code == 422
    assert "There are seats for 2 of the 3 whom you named." in short.get_data(as_text=True)
    assert states(workshop) == []
    browser.post(url, data={"chosen": chosen, "act": "waiting", "csrf_token": token})
    assert sorted(states(workshop)) == ["confirmed", "confirmed", "waitlisted"]


def test_what_is_wrong_is_said_and_nothing_is_done(made: Made) -> None:
    browser, workshop, _ours, _me = made
    url = f"/en/me/delegation/{workshop.id}/"
    stranger = factories.person(factories.organisation("CO"))
    twice = browser.post(url, data=ana() | ana(2)).get_data(as_text=True)
    assert "This address stands here twice" in twice
    typo = browser.post(url, data=ana() | {"address_1": "ana@"}).get_data(as_text=True)
    assert "Enter one address" in typo
    many = browser.post(url, data=ana() | {"name_11": "One more"}).get_data(as_text=True)
    assert "At most 10 new people" in many
    assert "Choose at least one colleague" in browser.post(url, data={}).get_data(as_text=True)
    assert browser.post(url, data={"chosen": str(stranger.id)}).status_code == 404
    elsewhere = browser.post(url, data=ana() | {"address_1": stranger.address}).get_data(as_text=True)
    assert "This address cannot be registered for" in elsewhere
    assert states(workshop) == []


def test_nobody_else_sees_the_delegation(lite: Flask, made: Made) -> None:
    _browser, workshop, ours, _me = made
    member, other = factories.person(ours), factories.person(factories.organisation("CO"), "coordinator")
    for who in (member, other):
        browser = lite.test_client()
        assert isinstance(browser, Visitor)
        assert browser.signed_in(who).get(f"/en/me/delegation/{workshop.id}/").status_code == 404


def test_a_substitute_takes_the_seat_before_those_who_wait(made: Made) -> None:
    browser, workshop, ours, me = made
    people = [me, factories.person(ours, lang="en"), factories.person(ours, lang="en")]
    ids = [service.register(workshop.id, one.id, by=STAFF, now=datetime.now(UTC)).id for one in people]
    url = f"/en/me/delegation/{workshop.id}/substitute/{ids[1]}"
    assert "Who comes instead of" in browser.get(url).get_data(as_text=True)
    same = browser.post(url, data=ana(0) | {"address_0": me.address}).get_data(as_text=True)
    assert "is registered already" in same
    done = browser.post(url, data=ana(0, lang_0="en"), follow_redirects=True).get_data(as_text=True)
    assert "Ana Pérez comes instead of" in done
    assert sorted(states(workshop)) == ["cancelled", "confirmed", "confirmed", "waitlisted"]
    assert db.session.get_one(Registration, ids[2]).state == "waitlisted"
    assert db.session.get_one(Workshop, workshop.id).taken == 2
    told = {mail.recipient: mail for mail in [*waiting("confirmation"), *waiting("cancelled_seat")]}
    assert method(told["ana@guest.example"]) == "REQUEST"
    assert method(told[people[1].address]) == "CANCEL"
    late = browser.post(url, data=ana(0), follow_redirects=True).get_data(as_text=True)
    assert "is no longer registered, so nobody can come instead." in late


def test_one_hands_the_own_seat_on_and_staff_any(lite: Flask, made: Made) -> None:
    _browser, workshop, ours, _me = made
    first, guest = factories.person(ours, lang="en"), lite.test_client()
    assert isinstance(guest, Visitor)
    mine = service.register(workshop.id, first.id, by=STAFF, now=datetime.now(UTC))
    own = letters.manage_path(mine)
    assert "Someone else goes instead" in guest.get(own).get_data(as_text=True)
    guest.post(f"{own}/substitute", data=ana(0, lang_0="en"))
    assert sorted(states(workshop)) == ["cancelled", "confirmed"]
    assert guest.get(f"{own}/substitute").status_code == 200


def test_whoever_types_an_address_never_reads_whose_it_is(lite: Flask, made: Made) -> None:
    _browser, workshop, ours, _me = made
    first, second, seated = (factories.person(ours, lang="en") for _n in range(3))
    for one in (first, seated):
        service.register(workshop.id, one.id, by=STAFF, now=datetime.now(UTC))
    mine, guest = queries.find(workshop.id, first.id), lite.test_client()
    assert isinstance(guest, Visitor)
    assert mine is not None
    own, number = letters.manage_path(mine), mine.id

    def hand(to: Person) -> str:
        data = ana(0, lang_0="en") | {"address_0": to.address}
        return guest.post(f"{own}/substitute", data=data, follow_redirects=True).get_data(as_text=True)

    there = hand(seated)
    assert ("Ana Pérez is registered already" in there, seated.name in there) == (True, False)
    done = hand(second)
    assert ("Ana Pérez comes instead of" in done, second.name in done) == (True, False)
    [goodbye] = waiting("cancelled_seat")
    assert ("Ana Pérez comes instead of you." in words(goodbye), second.name in words(goodbye)) == (True, False)
    assert words(goodbye).count("Ana Pérez") == 1
    assert db.session.get_one(Registration, number).reason == "Ana Pérez comes instead."
    assert states(workshop).count("confirmed") == 2


def test_staff_hand_any_seat_on(lite: Flask, made: Made) -> None:
    _browser, workshop, ours, _me = made
    seat = service.register(workshop.id, factories.person(ours).id, by=STAFF, now=datetime.now(UTC))
    staff = lite.test_client()
    assert isinstance(staff, Visitor)
    staff.signed_in(factories.person(staff="officer"))
    place = f"/en/staff/workshops/{workshop.id}/participants/{seat.id}/substitute"
    assert staff.get(place).status_code == 200
    staff.post(place, data=ana(0))
    assert sorted(states(workshop)) == ["cancelled", "confirmed"]
    assert db.session.get_one(Workshop, workshop.id).taken == 1
    assert staff.get(place.replace(f"/{seat.id}/", "/9999/")).status_code == 404
