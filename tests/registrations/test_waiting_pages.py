"""The pages of the waiting list: answering an offer and a new date by button, and the line as staff see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.database import db, transaction
from app.registrations import letters, queries, service
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.registrations.made import STAFF, edit, published, registered


@pytest.fixture
def made(lite: Flask) -> tuple[Workshop, list[int]]:
    """A workshop of next spring with one seat that was given back: the second has an offer, the third and fourth wait."""
    assert lite
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea), (datetime.now(UTC) + timedelta(days=90)).date(), capacity=1, waitlist="offer")
    now = datetime.now(UTC)
    ids = registered(workshop.id, umea, 4, now)
    service.cancel(ids[0], by=STAFF, now=now + timedelta(minutes=1))
    return workshop, ids


def own(registration_id: int) -> str:
    return letters.manage_path(queries.get(registration_id))


def state(registration_id: int) -> str:
    db.session.expire_all()
    return db.session.get_one(Registration, registration_id).state


def test_an_offer_is_read_without_effect_and_accepted_by_its_button(lite: Flask, made: tuple[Workshop, list[int]]) -> None:
    browser, (_workshop, ids) = lite.test_client(), made
    assert isinstance(browser, Visitor)
    page = browser.get(own(ids[1])).get_data(as_text=True)
    assert "A seat is offered to you" in page
    assert "Accept the seat" in page
    assert state(ids[1]) == "offered"
    assert browser.get(f"{own(ids[1])}/offer").status_code == 405
    nothing = browser.post(f"{own(ids[1])}/offer", follow_redirects=True).get_data(as_text=True)
    assert "Choose whether to accept the seat or to leave it." in nothing
    accepted = browser.post(f"{own(ids[1])}/offer", data={"act": "accept"}, follow_redirects=True).get_data(as_text=True)
    assert "You have a seat" in accepted
    assert state(ids[1]) == "confirmed"
    wrong = browser.post("/r/somebody-elses/offer", data={"act": "accept"})
    assert wrong.status_code == 404


def test_an_offer_is_left_and_a_lapsed_one_says_so(lite: Flask, made: tuple[Workshop, list[int]]) -> None:
    browser, (_workshop, ids) = lite.test_client(), made
    left = browser.post(f"{own(ids[1])}/offer", data={"act": "decline"}, follow_redirects=True).get_data(as_text=True)
    assert "The seat goes to the next in line." in left
    assert [state(one) for one in ids[1:]] == ["cancelled", "offered", "waitlisted"]
    waits = browser.get(own(ids[3])).get_data(as_text=True)
    assert "You are the first in line. When a seat becomes free it is offered to you" in waits
    assert "Nobody moves up any more from" in waits
    with transaction():
        db.session.get_one(Registration, ids[2]).held_until = datetime.now(UTC)
    assert "The offer has ended" in browser.get(own(ids[2])).get_data(as_text=True)
    late = browser.post(f"{own(ids[2])}/offer", data={"act": "accept"}, follow_redirects=True).get_data(as_text=True)
    assert "The offer ended on" in late
    assert state(ids[2]) == "offered"


def test_another_members_offer_is_not_there(lite: Flask, made: tuple[Workshop, list[int]]) -> None:
    _workshop, ids = made
    browser = lite.test_client()
    assert isinstance(browser, Visitor)
    browser.signed_in(queries.get(ids[2]).person)
    for door in ("offer", "seat", "coming"):
        assert browser.post(f"/en/me/registrations/{ids[1]}/{door}", data={"act": "accept"}).status_code == 404
    assert state(ids[1]) == "offered"


def test_a_member_answers_on_the_own_pages(lite: Flask, made: tuple[Workshop, list[int]]) -> None:
    _workshop, ids = made
    browser = lite.test_client()
    assert isinstance(browser, Visitor)
    browser.signed_in(queries.get(ids[1]).person)
    home = browser.get("/en/me/").get_data(as_text=True)
    assert "Waits for your answer" in home
    assert "Seat offered" in home
    answer = browser.post(f"/en/me/registrations/{ids[1]}/offer", data={"act": "accept"}, follow_redirects=True)
    assert "You have a seat" in answer.get_data(as_text=True)


def test_a_free_seat_is_taken_once_the_line_has_stopped(lite: Flask) -> None:
    umea, now = factories.organisation("SE"), datetime.now(UTC)
    workshop = factories.workshop(factories.network(umea), (now + timedelta(days=3)).date(), capacity=1, promotion_ends_hours=300)
    first, second = registered(workshop.id, umea, 2, now)
    browser = lite.test_client()
    assert "If a seat becomes free you can take it here" in browser.get(own(second)).get_data(as_text=True)
    service.cancel(first, by=STAFF, now=now)
    assert "A seat is free" in browser.get(own(second)).get_data(as_text=True)
    taken = browser.post(f"{own(second)}/seat", follow_redirects=True).get_data(as_text=True)
    assert "You have a seat" in taken
    assert state(second) == "confirmed"


def test_a_new_date_is_answered_by_one_of_two_buttons(lite: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea), datetime(2026, 12, 1, tzinfo=UTC).date())
    first, second = registered(workshop.id, umea, 2)
    with transaction():
        for one in (first, second):
            db.session.get_one(Registration, one).asked_at = datetime.now(UTC)
    browser = lite.test_client()
    assert "Can you still come?" in browser.get(own(first)).get_data(as_text=True)
    yes = browser.post(f"{own(first)}/coming", data={"act": "yes"}, follow_redirects=True).get_data(as_text=True)
    assert "You have said that you can come" in yes
    assert "Choose whether" in browser.post(f"{own(second)}/coming", follow_redirects=True).get_data(as_text=True)
    no = browser.post(f"{own(second)}/coming", data={"act": "no"}, follow_redirects=True).get_data(as_text=True)
    assert "You are no longer registered" in no
    assert [state(first), state(second)] == ["confirmed", "cancelled"]


def test_staff_see_the_line_change_its_order_and_give_a_seat_out_of_turn(lite: Flask, made: tuple[Workshop, list[int]]) -> None:
    workshop, ids = made
    browser = lite.test_client()
    assert isinstance(browser, Visitor)
    browser.signed_in(factories.person(staff="officer", lang="en"))
    url = f"/en/staff/workshops/{workshop.id}/waiting/"
    page = browser.get(url).get_data(as_text=True)
    assert "who has 48 hours to accept it" in page
    assert "Seat offered" in page
    ahead = browser.post(f"{url}{ids[3]}/ahead", data={"act": "ahead"}, follow_redirects=True).get_data(as_text=True)
    assert "comes before the others now" in ahead
    assert queries.place_in_line(queries.get(ids[3])) == 1
    assert "1 become 2" in browser.get(f"{url}{ids[2]}/seat").get_data(as_text=True)
    given = browser.post(f"{url}{ids[2]}/seat", follow_redirects=True).get_data(as_text=True)
    assert "has a seat and gets a mail" in given
    assert state(ids[2]) == "confirmed"
    again = browser.post(f"{url}{ids[2]}/seat", follow_redirects=True).get_data(as_text=True)
    assert "does not wait for a seat any more" in again
    assert browser.get(f"/en/staff/workshops/{workshop.id + 1}/waiting/").status_code == 404
    history = browser.get(f"/en/staff/workshops/{workshop.id}/").get_data(as_text=True)
    assert "a seat out of turn by adding one: 2 seats now" in history


def test_staff_see_who_has_not_answered(lite: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    registered(workshop.id, umea, 2)
    edit(workshop.id, days=1)
    with transaction():  # it lies ahead
        workshop.starts_at, workshop.ends_at = (datetime.now(UTC) + timedelta(days=days) for days in (5, 6))
    browser = lite.test_client()
    assert isinstance(browser, Visitor)
    browser.signed_in(factories.person(staff="officer", lang="en"))
    assert "2 people have not answered" in browser.get(f"/en/staff/workshops/{workshop.id}/waiting/").get_data(as_text=True)
    assert "2 people have not answered the new date." in browser.get(f"/en/staff/workshops/{workshop.id}/participants/").get_data(
        as_text=True
    )
    assert "2 people have not answered the new date" in browser.get("/en/staff/").get_data(as_text=True)
