"""The pages on which people ask for a seat, and staff decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, g

from app.organisations.models import Organisation
from app.registrations import approval, guests, letters, queries
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, hold_seats, registered

Clock = Callable[[datetime], Any]


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    """A workshop for which staff decide who comes, with one seat."""
    return factories.workshop(factories.network(umea), approval=True, capacity=1)


def visitor(lite: Flask) -> Visitor:
    """A browser."""
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client


def staff(lite: Flask) -> Visitor:
    """An officer's browser."""
    return visitor(lite).signed_in(factories.person(staff="officer", lang="en"))


def states(ids: list[int]) -> list[str]:
    """What has become of registrations."""
    return [queries.get(one).state for one in ids]


def test_a_member_asks_for_a_seat_sees_the_request_and_withdraws_it(
    lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock
) -> None:
    form = f"/en/workshops/{workshop.slug}/register"
    with clock(NOW):
        client = visitor(lite).signed_in(factories.person(umea, lang="en"))
        assert "Our staff decide who comes to this workshop." in client.get(form).get_data(as_text=True)
        page = client.post(form, follow_redirects=True).get_data(as_text=True)
        assert "We have your request. You get the answer by mail." in page
        mine = f"/en/me/registrations/{queries.of_workshop(workshop.id)[0].id}"
        assert "Withdraw the request?" in client.get(f"{mine}/cancel").get_data(as_text=True)
        page = client.post(f"{mine}/cancel", follow_redirects=True).get_data(as_text=True)
    assert "Your request is withdrawn." in page


def test_staff_approve_the_chosen(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    mine = registered(workshop.id, umea, 3)
    people = f"/en/staff/workshops/{workshop.id}/participants/"
    with clock(LATER):
        client = staff(lite)
        page = client.get(f"{people}?state=requested").get_data(as_text=True)
        assert all(f'name="chosen" value="{one}"' in page for one in mine)
        data = {"act": "approve", "state": "requested", "chosen": [str(one) for one in mine[:2]]}
        asked = client.post(f"{people}act", data=data)
        assert (asked.status_code, states(mine)) == (200, ["requested"] * 3)
        assert "Approve and tell: 2 people" in asked.get_data(as_text=True)
        done = client.post(f"{people}act", data=data | {"sure": "2"}, follow_redirects=True)
    assert "One person has a seat. One person is on the waiting list." in done.get_data(as_text=True)
    assert states(mine) == ["confirmed", "waitlisted", "requested"]


def test_staff_decline_with_a_reason_and_the_person_reads_it(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    me = factories.person(umea, lang="en")
    with clock(NOW):
        visitor(lite).signed_in(me).post(f"/en/workshops/{workshop.slug}/register")
    mine = queries.of_workshop(workshop.id)[0].id
    decide = f"/en/staff/workshops/{workshop.id}/participants/act"
    with clock(LATER):
        client = staff(lite)
        refused = client.post(decide, data={"act": "decline", "chosen": [str(mine)], "sure": "1"})
        words = refused.get_data(as_text=True)
        assert (refused.status_code, "Enter the reason in English" in words) == (422, True)
        assert f'name="chosen" value="{mine}"' in words
        client.post(decide, data={"act": "decline", "chosen": [str(mine)], "sure": "1", "reason_en": "You are three already."})
        own = visitor(lite).signed_in(me).get(f"/en/me/registrations/{mine}").get_data(as_text=True)
        tab = client.get(f"/en/staff/workshops/{workshop.id}/participants/?state=declined").get_data(as_text=True)
    assert states([mine]) == ["declined"]
    assert ("You are three already." in own, "You are three already." in tab) == (True, True)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param({"act": "approve"}, "Choose at least one person.", id="nobody chosen"),
        pytest.param({}, "Choose what to do with those chosen.", id="nothing said"),
        pytest.param({"act": "approve", "chosen": ["x", "-1", "9" * 30]}, "Choose at least one person.", id="nonsense"),
    ],
)
def test_a_decision_about_nobody_is_refused(lite: Flask, workshop: Workshop, clock: Clock, data: dict[str, Any], said: str) -> None:
    with clock(LATER):
        answer = staff(lite).post(f"/en/staff/workshops/{workshop.id}/participants/act", data=data)
    assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)


def test_an_empty_list_says_what_would_stand_there(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    with clock(LATER):
        client, people = staff(lite), f"/en/staff/workshops/{workshop.id}/participants/"
        pages = [client.get(f"{people}?{query}").get_data(as_text=True) for query in ("state=requested", "q=nobody", "state=confirmed")]
    words = ("No request waits for an answer", "Nobody matches what you look for", "Share the page of the workshop")
    assert [[said in page for said in words] for page in pages] == [[place == number for place in range(3)] for number in range(3)]


def test_a_request_of_another_workshop_is_not_there(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    (mine,) = registered(workshop.id, umea)
    other = factories.workshop(workshop.network, approval=True)
    data = {"act": "approve", "chosen": [str(mine)], "sure": "1"}
    with clock(LATER):
        assert staff(lite).post(f"/en/staff/workshops/{other.id}/participants/act", data=data).status_code == 404
    assert states([mine]) == ["requested"]


def test_whose_seats_are_held_is_told_so_and_is_offered_no_waiting_list(lite: Flask, umea: Organisation, clock: Clock) -> None:
    other = factories.organisation("CO")
    workshop = factories.workshop(factories.network(umea, other), capacity=1)
    hold_seats(workshop, umea, 1)
    form = f"/en/workshops/{workshop.slug}/register"
    with clock(NOW):
        ours = visitor(lite).signed_in(factories.person(umea)).get(form).get_data(as_text=True)
        theirs = visitor(lite).signed_in(factories.person(other)).get(form).get_data(as_text=True)
        people = staff(lite).get(f"/en/staff/workshops/{workshop.id}/participants/").get_data(as_text=True)
    assert (f"One seat is held for {umea.name}" in ours, "Register me" in ours) == (True, True)
    assert ("is held for" in theirs, "Join the waiting list" in theirs) == (False, True)
    assert f"1 of 1 held for {umea.name} is still free, until 30 April 2025" in people


def test_a_guest_who_presses_the_old_button_after_the_decision_is_told_nothing_else(lite: Flask, umea: Organisation, clock: Clock) -> None:
    workshop = factories.workshop(factories.network(umea), approval=True, access="open")
    with clock(NOW):
        guests.register_guest(workshop.id, guests.Guest("Ana", "ana@guest.example", None, "", "en", "America/Bogota"), now=NOW)
        found = queries.of_workshop(workshop.id)[0]
        client, page = visitor(lite), letters.manage_path(found)
        assert "You get the answer by mail." in client.post(f"{page}/confirm", follow_redirects=True).get_data(as_text=True)
        approval.decline(workshop.id, [found.id], {"en": "There are already three."}, by=STAFF, now=LATER)
        told = client.post(f"{page}/confirm", follow_redirects=True).get_data(as_text=True)
    assert "Your request is declined" in told
    assert "You are on the waiting list" not in told
