"""What the pages of registration offer, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.attendance import service as attendance
from app.audit.service import person as actor
from app.organisations.models import Organisation
from app.registrations import guests, letters, queries, service
from app.registrations.elsewhere import overlap
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.registrations.made import STAFF, kinds

Clock = Callable[[datetime], Any]
SHUT = [
    pytest.param({"state": "cancelled"}, "The workshop is cancelled.", id="cancelled"),
    pytest.param({"state": "postponed"}, "Registration opens again when there is a new date.", id="postponed"),
    pytest.param({"days": date(2025, 1, 7)}, "The workshop is over.", id="past"),
    pytest.param({"closes_at": NOW - timedelta(days=1)}, "Registration is closed.", id="closed"),
    pytest.param({"opens_at": NOW + timedelta(days=1)}, "Registration opens on", id="not yet"),
]


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


def visitor(lite: Flask) -> Visitor:
    """A browser."""
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client


def made(umea: Organisation, **values: Any) -> Workshop:
    """A workshop that anybody may come to."""
    days = [values.pop("days")] if "days" in values else []
    return factories.workshop(factories.network(umea), *days, access="open", **values)


@pytest.mark.parametrize(("values", "reason"), SHUT)
@pytest.mark.parametrize("guest", [False, True])
def test_no_form_is_offered_when_nobody_can_register(
    lite: Flask, umea: Organisation, clock: Clock, values: dict[str, Any], reason: str, guest: bool
) -> None:
    workshop = made(umea, **values)
    client = visitor(lite)
    with clock(NOW):
        page = (client if guest else client.signed_in(factories.person(umea))).get(f"/en/workshops/{workshop.slug}/register")
    words = page.get_data(as_text=True)
    assert page.status_code == 200
    assert reason in words
    assert f'action="/en/workshops/{workshop.slug}/register"' not in words


def test_the_form_is_there_when_people_can_register(lite: Flask, umea: Organisation, clock: Clock) -> None:
    workshop = made(umea)
    with clock(NOW):
        words = lite.test_client().get(f"/en/workshops/{workshop.slug}/register").get_data(as_text=True)
    assert f'action="/en/workshops/{workshop.slug}/register"' in words


def attended(umea: Organisation) -> tuple[Registration, datetime]:
    """Somebody who was there, and the day after."""
    workshop = made(umea)
    registration = service.register(workshop.id, factories.person(umea, lang="en").id, by=STAFF, now=NOW)
    after = workshop.days[0].ends_at + timedelta(days=1)
    attendance.record_attendance(registration.id, workshop.days[0].id, "morning", present=True, by=STAFF, now=after)
    return queries.get(registration.id), after


def test_nobody_leaves_a_workshop_that_is_over(lite: Flask, umea: Organisation, clock: Clock) -> None:
    registration, after = attended(umea)
    mine, link = f"/en/me/registrations/{registration.id}", letters.manage_path(registration)
    with clock(after):
        client = visitor(lite).signed_in(registration.person)
        for page, act in ((mine, f"{mine}/cancel"), (link, f"{link}/cancel")):
            assert "Leave the workshop" not in client.get(page).get_data(as_text=True)
            assert client.get(act).status_code == 303
            refused = client.post(act)
            assert (refused.status_code, "The workshop is over." in refused.get_data(as_text=True)) == (422, True)
    assert (queries.get(registration.id).state, kinds()) == ("confirmed", ["confirmation"])


def test_staff_take_nobody_off_a_workshop_that_is_over(lite: Flask, umea: Organisation, clock: Clock) -> None:
    registration, after = attended(umea)
    people = f"/en/staff/workshops/{registration.workshop_id}/participants/"
    with clock(after):
        client = visitor(lite).signed_in(factories.person(staff="officer"))
        assert "Take off" not in client.get(people).get_data(as_text=True)
        assert "The workshop is over." in client.post(f"{people}{registration.id}/cancel", follow_redirects=True).get_data(as_text=True)
    assert queries.get(registration.id).state == "confirmed"


def test_a_seat_held_for_a_guest_is_let_go_even_after_the_end(umea: Organisation) -> None:
    workshop = made(umea)
    end = workshop.days[0].ends_at
    with_end = guests.Guest("Ana", "ana@guest.example", None, "", "es", "America/Bogota")
    workshop.closes_at = end
    guests.register_guest(workshop.id, with_end, now=NOW)
    assert guests.expire_held(now=end + timedelta(hours=1)) == 1


@pytest.mark.parametrize(
    ("number", "asked", "said"),
    [
        (0, "Your seat becomes free for somebody else at once", "Thank you for giving the seat back."),
        (1, "You leave the waiting list, and the others move up.", "You are no longer on the waiting list."),
    ],
)
def test_leaving_says_what_is_given_up(lite: Flask, umea: Organisation, clock: Clock, number: int, asked: str, said: str) -> None:
    workshop = made(umea, capacity=1)
    people = [factories.person(umea) for _n in range(2)]
    mine = [service.register(workshop.id, one.id, by=actor(one), now=NOW).id for one in people][number]
    with clock(NOW):
        client = visitor(lite).signed_in(people[number])
        assert asked in client.get(f"/en/me/registrations/{mine}/cancel").get_data(as_text=True)
        done = client.post(f"/en/me/registrations/{mine}/cancel", follow_redirects=True)
    assert said in done.get_data(as_text=True)


def test_signed_in_one_confirms_at_once_what_one_asked_for_as_a_guest(lite: Flask, umea: Organisation, clock: Clock) -> None:
    workshop, me = made(umea, capacity=1), factories.person(umea)
    guests.register_guest(workshop.id, guests.Guest(me.name, me.address, None, "x", "en", me.zone), now=NOW)
    mine = queries.of_workshop(workshop.id)[0].id
    with clock(NOW):
        client = visitor(lite).signed_in(me)
        assert "Register me" in client.get(f"/en/workshops/{workshop.slug}/register").get_data(as_text=True)
        own = client.get(f"/en/me/registrations/{mine}").get_data(as_text=True)
        assert f'action="/en/workshops/{workshop.slug}/register"' in own
        client.post(f"/en/workshops/{workshop.slug}/register")
    assert queries.get(mine).state == "confirmed"


def test_what_staff_typed_stays_when_somebody_else_was_faster(lite: Flask, umea: Organisation, clock: Clock) -> None:
    workshop = made(umea)
    typed = {"version": "99", "reason_sv": "Bron är avstängd", "reason_es": "El puente está cerrado", "reason_en": "The bridge is closed"}
    act = f"/en/staff/workshops/{workshop.id}/cancel"
    with clock(NOW):
        client = visitor(lite).signed_in(factories.person(staff="officer"))
        page = client.post(act, data=dict(typed))
        words = page.get_data(as_text=True)
        assert page.status_code == 409
        assert all(reason in words for reason in list(typed.values())[1:])
        assert "Somebody else has changed the workshop meanwhile." in words
        assert f'name="version" type="hidden" value="{workshop.version}"' in words
        again = typed | {"version": str(workshop.version)}
        assert [client.post(act, data=again | more).status_code for more in ({}, {"act": "sure"})] == [200, 303]
    assert kinds() == []


ELSEWHERE = "You have a seat elsewhere on the same days"


def test_who_has_a_seat_elsewhere_on_the_same_days_reads_it_before_registering_and_after(
    lite: Flask, umea: Organisation, clock: Clock
) -> None:
    network = factories.network(umea)
    first, same, other, later = (
        factories.workshop(network, *days, access="open", country=country, title=title)
        for title, country, days in (
            ("First", "SE", [date(2025, 6, 3), date(2025, 6, 4)]),
            ("Same day", "CO", [date(2025, 6, 4)]),
            ("Waited for", "GT", [date(2025, 6, 3)]),
            ("The week after", "SE", [date(2025, 6, 11)]),
        )
    )
    me = factories.person(umea, lang="en")
    service.register(first.id, me.id, by=STAFF, now=NOW)
    client = visitor(lite)

    def read(path: str) -> tuple[bool, bool]:
        page = client.get(path).get_data(as_text=True).partition("<main")[2]
        return ELSEWHERE in page, f"/en/workshops/{first.slug}" in page

    with clock(NOW):
        client.signed_in(me)
        assert read(f"/en/workshops/{same.slug}/register") == (True, True)
        assert read(f"/en/workshops/{later.slug}/register") == (False, False)
        assert ELSEWHERE not in visitor(lite).get(f"/en/workshops/{same.slug}/register").get_data(as_text=True), "a guest is nobody yet"
        waits = service.register(other.id, me.id, by=STAFF, now=NOW)
        assert read(f"/en/me/registrations/{waits.id}") == (True, True)
        mine = queries.find(first.id, me.id)
        assert mine is not None
        service.cancel(mine.id, by=STAFF, now=NOW)
        assert read(f"/en/workshops/{same.slug}/register")[1] is False, "a seat that was given back is none"


def test_two_online_workshops_of_one_day_are_both_possible_unless_they_meet(umea: Organisation) -> None:
    network = factories.network(umea)
    there, here, noon = (
        factories.workshop(network, date(2025, 6, 3), country=country, format=form)
        for country, form in (("CO", "online"), ("SE", "online"), ("SE", "on_site"))
    )
    meets = there.days[0].starts_at < here.days[0].ends_at and here.days[0].starts_at < there.days[0].ends_at
    assert (overlap(there, here), overlap(there, noon)) == (meets, True)
    there.days[0].starts_at = here.days[0].ends_at
    assert overlap(there, here) is False
