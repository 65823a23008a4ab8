"""Delegations and substitutes where something is special: staff decide, seats are held, nobody can come in, somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts import rules
from app.accounts.models import Affiliation, Person
from app.audit.queries import entries
from app.audit.sentences import sentence
from app.database import db
from app.questions.forms import name_of
from app.registrations import answers, letters, queries, service
from app.workshops.models import SeatHold
from tests import factories
from tests.conftest import counted
from tests.delegations.made import World, browser, place, send, states, typed, world
from tests.needs import made as needs
from tests.questions.made import asked
from tests.registrations.made import STAFF, kinds, waiting, words


def page(app: Flask, made: World, who: Person | None = None, **query: Any) -> str:
    return browser(app, who or made.lead).get(made.url, query_string=query).get_data(as_text=True)


def registered(made: World, later: int = 0) -> tuple[Person, int]:
    """One of the municipality's people, and their registration, so many seconds later."""
    person = factories.person(made.ours, lang="en")
    return person, service.register(made.workshop.id, person.id, by=STAFF, now=made.now + timedelta(seconds=later)).id


def hand(app: Flask, made: World, registration_id: int, **more: str) -> int:
    """The coordinator names Ana instead; the code of the answer."""
    lead = browser(app, made.lead)
    return lead.post(f"{made.url}substitute/{registration_id}", data=typed(0, **more)).status_code


def hold(made: World, seats: int) -> None:
    held = SeatHold(workshop_id=made.workshop.id, organisation_id=made.ours.id, seats=seats, unused=seats, until=made.workshop.days[0].on)
    held.lapses_at = made.workshop.starts_at or made.now
    made.workshop.taken += seats
    db.session.add(held)
    db.session.commit()


def test_where_staff_decide_each_is_a_request_and_can_be_handed_on(lite: Flask) -> None:
    made = world(capacity=5, approval=True)
    lead = browser(lite, made.lead)
    done = lead.post(made.url, data=typed(act="all"), follow_redirects=True).get_data(as_text=True)
    assert "One request has been sent." in done
    assert states(made.workshop) == ["requested"]
    (first,) = queries.of_workshop(made.workshop.id)
    assert hand(lite, made, first.id, address="bo@guest.example") == 303
    assert states(made.workshop) == ["cancelled", "requested"]
    assert db.session.get_one(type(made.workshop), made.workshop.id).taken == 0
    assert kinds().count("request") == 1  # the first one's was taken back


def test_held_seats_are_counted_down_on_the_page(lite: Flask) -> None:
    made = world(capacity=2)
    hold(made, 2)
    assert "2 seats are held for" in page(lite, made)
    assert "0 of them have a name" in page(lite, made)
    browser(lite, made.lead).post(made.url, data=typed(act="all"))
    assert "1 of them have a name" in page(lite, made)
    assert states(made.workshop) == ["confirmed"]


@pytest.mark.parametrize(
    ("field", "days", "words"), [("closes_at", -1, "Registration is closed."), ("opens_at", 3, "Registration opens on")]
)
def test_outside_the_window_nobody_is_named_but_a_seat_changes_hands(lite: Flask, field: str, days: int, words: str) -> None:
    made = world(capacity=5)
    _person, seat = registered(made)
    setattr(made.workshop, field, made.now + timedelta(days=days))
    db.session.commit()
    shut = browser(lite, made.lead).post(made.url, data=typed(act="all"))
    assert (shut.status_code, words in shut.get_data(as_text=True)) == (422, True)
    assert states(made.workshop) == ["confirmed"]
    assert hand(lite, made, seat) == 303
    assert states(made.workshop) == ["cancelled", "confirmed"]


def test_a_turn_in_the_line_is_handed_on_as_it_is(lite: Flask) -> None:
    made = world(capacity=1)
    registered(made)
    ids = [registered(made, later)[1] for later in (1, 2)]
    before = queries.get(ids[0]).queued_at
    assert hand(lite, made, ids[0]) == 303
    ana = next(row for row in queries.of_workshop(made.workshop.id, ["waitlisted"]) if row.person.name == "Ana Pérez")
    assert (ana.queued_at, queries.place_in_line(ana)) == (before, 1)
    assert states(made.workshop) == ["cancelled", "confirmed", "waitlisted", "waitlisted"]


def test_once_it_has_begun_only_staff_change_who_comes(lite: Flask) -> None:
    made = world(capacity=5)
    person, seat = registered(made)
    made.workshop.starts_at = made.now - timedelta(hours=1)
    db.session.commit()
    assert hand(lite, made, seat) == 422
    assert browser(lite, person).post(f"/en/me/registrations/{seat}/substitute", data=typed(0)).status_code == 422
    assert "Someone else" not in page(lite, made)
    assert states(made.workshop) == ["confirmed"]
    officer = browser(lite, factories.person(staff="officer"))
    assert officer.post(f"/en/staff/workshops/{made.workshop.id}/participants/{seat}/substitute", data=typed(0)).status_code == 303
    assert states(made.workshop) == ["cancelled", "confirmed"]


def test_a_coordinators_acts_are_counted(lite: Flask) -> None:
    made = world(capacity=5)
    lead = browser(lite, made.lead)
    codes = [lead.post(made.url, data={"act": "all"}).status_code for _n in range(rules.NAMINGS_PER_HOUR + 1)]
    assert codes == [422] * rules.NAMINGS_PER_HOUR + [429]
    assert browser(lite, factories.person(made.ours, "coordinator")).post(made.url, data={"act": "all"}).status_code == 422


def test_mails_to_one_address_are_counted(make_app: Callable[..., Flask], sqlite_url: str) -> None:
    app = make_app(sqlite_url, MAILS_PER_HOUR="2")
    with app.app_context():
        made = world(capacity=5)
        _person, seat = registered(made)
        assert [hand(app, made, seat, address="no address") for _n in range(3)] == [422, 422, 429]


def test_answers_and_needs_stay_behind_and_the_substitute_is_asked_anew(lite: Flask) -> None:
    made = world(capacity=5)
    question = asked(made.workshop, "Do you stay overnight?", required=True)
    person, seat = registered(made)
    answers.change_needs(seat, needs.PEANUTS, by=STAFF, now=made.now)
    browser(lite, person).post(f"/en/me/registrations/{seat}/answers", data={name_of(question): "yes"})
    assert "answers awaited" not in page(lite, made)
    assert hand(lite, made, seat) == 303
    ana = next(row for row in queries.of_workshop(made.workshop.id, ["confirmed"]))
    assert "answers awaited" in page(lite, made)
    own = letters.manage_path(ana)
    guest = browser(lite)
    read = guest.get(own).get_data(as_text=True)
    assert "Your answers are awaited" in read
    assert "You have told us nothing about food" in read
    assert "cashew" not in read + guest.get(f"{own}/needs").get_data(as_text=True)
    assert needs.of(seat) == {}


def test_who_coordinates_two_acts_for_each(lite: Flask) -> None:
    made = world(capacity=9)
    made.lead.affiliations.append(
        Affiliation(organisation=made.theirs, role="coordinator", starts_on=made.now.date(), confirmed_at=made.now)
    )
    db.session.commit()
    here, there = factories.person(made.ours), factories.person(made.theirs)
    assert (here.name in page(lite, made), there.name in page(lite, made)) == (True, False)
    assert there.name in page(lite, made, of=made.theirs.id)
    lead = browser(lite, made.lead)
    done = lead.post(f"{made.url}?of={made.theirs.id}", data={"chosen": str(there.id), "act": "all"})
    assert done.location.endswith(f"?of={made.theirs.id}")
    (found,) = queries.of_workshop(made.workshop.id)
    assert found.organisation_id == made.theirs.id
    assert lead.get(f"{made.url}substitute/{found.id}").status_code == 200
    assert hand(lite, made, found.id) == 303
    ana = queries.of_workshop(made.workshop.id, ["confirmed"])[0]
    assert place(ana.person) == (made.theirs.id, False)
    listed = lead.get("/en/me/delegations/").get_data(as_text=True)
    assert listed.count(f"/en/me/delegation/{made.workshop.id}/?of=") == 2
    assert "One person is named" in listed


def test_a_coordinator_gives_a_seat_back_that_they_had_named_somebody_for(lite: Flask) -> None:
    made = world(capacity=1)
    person = factories.person(made.ours, lang="en")
    (mine,) = send(made, person)
    waits = service.register(made.workshop.id, factories.person(made.theirs).id, by=STAFF, now=made.now).id
    url = f"{made.url}give-back/{mine.id}"
    assert f'href="{url}"' in page(lite, made)
    lead = browser(lite, made.lead)
    assert "Cancel the registration" in lead.get(url).get_data(as_text=True)
    assert states(made.workshop) == ["confirmed", "waitlisted"], "who only looks does nothing"
    said = lead.post(url, follow_redirects=True).get_data(as_text=True)
    assert f"{person.name} is no longer registered and has been told." in said
    assert (queries.get(mine.id).state, queries.get(waits).state) == ("cancelled", "confirmed")
    [mail] = waiting("cancelled_seat")
    assert (mail.person_id, f"{made.lead.name}, who registers for your organisation" in words(mail)) == (person.id, True)
    [line] = [entry for entry in entries(f"workshop:{made.workshop.id}") if entry.action == "registration.cancelled"]
    assert (line.actor, sentence(line)) == (f"person:{made.lead.id}", f"Cancelled the registration of {person.name}")


def test_who_came_alone_decides_alone_and_other_municipalities_find_nothing(lite: Flask) -> None:
    made = world(capacity=3)
    _person, alone = registered(made)
    (named,) = send(made, factories.person(made.ours, lang="en"))
    url = f"{made.url}give-back/{alone}"
    assert f'href="{url}"' not in page(lite, made)
    lead = browser(lite, made.lead)
    for answer in (lead.get(url, follow_redirects=True), lead.post(url, follow_redirects=True)):
        assert "has registered alone. Ask them to cancel, or write to us." in answer.get_data(as_text=True)
    for who in (factories.person(made.theirs, "coordinator"), factories.person(made.ours)):
        visitor, theirs = browser(lite, who), f"{made.url}give-back/{named.id}"
        assert [visitor.get(theirs).status_code, visitor.post(theirs).status_code] == [404, 404]
    made.workshop.starts_at = made.now - timedelta(hours=1)
    db.session.commit()
    assert "The workshop has begun." in browser(lite, made.lead).post(f"{made.url}give-back/{named.id}", follow_redirects=True).text
    assert states(made.workshop) == ["confirmed", "confirmed"]


def test_the_list_leaves_out_where_registration_is_closed_and_nobody_is_named(lite: Flask) -> None:
    made = world(capacity=5)
    title = f'href="/en/me/delegation/{made.workshop.id}/"'

    def listed() -> bool:
        return title in browser(lite, made.lead).get("/en/me/delegations/").get_data(as_text=True)

    found = [listed()]
    made.workshop.closes_at = made.now - timedelta(hours=1)
    db.session.commit()
    found.append(listed())
    made.workshop.closes_at = None
    db.session.commit()
    registered(made)
    made.workshop.closes_at = made.now - timedelta(hours=1)
    db.session.commit()
    assert [*found, listed()] == [True, False, True], "who is named can still be replaced"


def test_what_is_another_municipalitys_is_not_there(lite: Flask) -> None:
    made = world(capacity=5)
    person, seat = registered(made)
    other = factories.person(made.theirs, "coordinator")
    for who in (other, factories.person(made.ours), factories.person(made.theirs)):
        visitor = browser(lite, who)
        urls = [f"{made.url}substitute/{seat}", f"/en/me/registrations/{seat}/substitute", f"{made.url}?of={made.ours.id}"]
        assert [visitor.get(url).status_code for url in urls] == [404] * 3
        assert [visitor.post(url, data=typed(0)).status_code for url in urls] == [404] * 3
    assert browser(lite, other).get(made.url).status_code == 200  # their own delegation
    assert browser(lite).post("/r/somebody-elses-link/substitute", data=typed(0)).status_code == 404
    elsewhere = factories.workshop(made.workshop.network, made.workshop.days[0].on)
    assert browser(lite, made.lead).get(f"/en/me/delegation/{elsewhere.id}/substitute/{seat}").status_code == 404
    assert [browser(lite, made.lead).get(f"{made.url}?of={word}").status_code for word in ("", "x", "0", "99999")] == [404] * 4
    assert (states(made.workshop), queries.get(seat).person_id) == (["confirmed"], person.id)


def test_only_coordinators_have_a_list_of_delegations_and_a_link(lite: Flask) -> None:
    made = world(capacity=5)
    member, outside = factories.person(made.ours), factories.person(factories.organisation("GT"), "coordinator")
    public = f"/en/workshops/{made.workshop.slug}/"
    links = {}
    for name, who in {"lead": made.lead, "member": member, "outside": outside, "nobody": None, "again": made.lead}.items():
        read = browser(lite, who).get(public).get_data(as_text=True)
        links[name] = f'href="/en/me/delegation/{made.workshop.id}/"' in read
    assert links == {"lead": True, "member": False, "outside": False, "nobody": False, "again": True}
    assert browser(lite, member).get("/en/me/delegations/").status_code == 404
    assert "No workshop lies ahead" in browser(lite, outside).get("/en/me/delegations/").get_data(as_text=True)
    assert 'href="/en/me/delegations/"' in browser(lite, made.lead).get("/en/me/").get_data(as_text=True)


def test_no_page_of_a_delegation_asks_more_than_twelve_things(lite: Flask) -> None:
    counts = {}
    for number in (1, 8):
        made = world(capacity=20)
        asked(made.workshop, "Do you stay overnight?", required=True)
        for _n in range(number):
            registered(made)
            factories.person(made.ours)
        url = made.url
        officer, seat = factories.person(staff="officer"), queries.of_workshop(made.workshop.id)[0].id
        pages = {
            url: made.lead,
            "/en/me/delegations/": made.lead,
            f"{url}substitute/{seat}": made.lead,
            f"/en/workshops/{made.workshop.slug}/": made.lead,
            f"/en/staff/workshops/{made.workshop.id}/participants/mix": officer,
        }
        for place_of, (url, who) in enumerate(pages.items()):
            reader = browser(lite, who)
            reader.get(url)  # the network's name is kept for a minute
            with counted(lite) as seen:
                assert reader.get(url).status_code == 200
            counts[place_of, number] = len(seen)
    assert max(counts.values()) <= 12, counts
    assert [counts[place_of, 1] for place_of in range(5)] == [counts[place_of, 8] for place_of in range(5)]
