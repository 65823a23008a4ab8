"""The mix of a delegation: numbers and a sentence of guidance, never a condition, and nothing about one person."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts import places
from app.accounts.models import Person
from app.database import db
from app.delegations.mix import queries as mixed
from app.delegations.mix import service
from app.delegations.mix.rules import Counted, advice, balance
from app.delegations.models import Mix
from app.errors import Missing
from app.registrations.models import Registration
from tests import factories
from tests.delegations.made import World, browser, new, said, send, world
from tests.registrations.made import STAFF

CASES = [
    (Counted(), "nobody"),
    (Counted(people=2, politicians=1, officials=1), "politicians"),
    (Counted(people=3, politicians=2, officials=1, majority=2, opposition=0), "sides"),
    (Counted(people=1, politicians=2, officials=0, majority=1, opposition=1), "officials"),
    (Counted(people=4, politicians=3, officials=1, balance=(3, 1)), "balance"),
    (Counted(people=4, politicians=2, officials=2, majority=1, opposition=1, balance=(2, 2)), "fine"),
    (Counted(people=3, politicians=2, officials=1, majority=0, opposition=0), "fine"),
]


@pytest.mark.parametrize(("counted", "words"), CASES, ids=[words for _counted, words in CASES])
def test_the_advice_is_the_first_thing_that_is_not_there(counted: Counted, words: str) -> None:
    assert advice(counted) == words


def test_gender_is_counted_in_three_languages_and_only_of_five_with_two_of_each() -> None:
    assert balance(["Kvinna", " mujer ", "MAN", None, "", "ickebinär", "woman", "varón"]) == (3, 2)
    assert balance(["kvinna", "kvinna", "man", "man", "no es asunto suyo", "they"]) is None
    assert balance(["kvinna"] * 4 + ["man"]) is None
    assert balance(["kvinna"] * 5) is None
    assert balance(["kvinna"] * 5 + ["man"] * 4) is None
    assert balance(["kvinna"] * 5 + ["man"] * 5) == (5, 5)


@pytest.mark.parametrize("last", ["woman", "man", None, "they"])
def test_what_one_more_has_said_does_not_show_as_the_difference(last: str | None) -> None:
    """Whoever looks before and after naming somebody sees the same, whatever that person says."""
    five = ["woman", "man", "woman", "man", "man"]
    assert balance([*five, last]) == balance(five) == (2, 3)


@pytest.fixture
def made(lite: Flask) -> World:
    assert lite
    return world(capacity=9)


def people(made: World, *kinds: str | None, gender: str | None = None) -> list[Registration]:
    """So many of the municipality's people are registered."""
    return send(made, *(factories.person(made.ours, lang="en", kind=kind, gender=gender) for kind in kinds))


def numbers(made: World) -> Counted:
    db.session.expire_all()
    return mixed.counted(made.workshop.id, made.ours.id)[made.ours.id]


def test_the_coordinator_says_and_staff_see_numbers(lite: Flask, made: World) -> None:
    rows = people(made, "politician", None, None, gender="woman")
    more = people(made, "politician", "politician", gender="man")
    lead = browser(lite, made.lead)
    assert "3 politicians · 0 officials · 2 of whom it is not said · Women 3, men 2" in lead.get(made.url).get_data(as_text=True)
    typed = {f"as_{rows[1].id}": "politician", f"as_{rows[2].id}": "official", "majority": "1", "opposition": "1"}
    done = lead.post(f"{made.url}mix", data=typed, follow_redirects=True).get_data(as_text=True)
    assert "4 politicians · One official · Majority 1, opposition 1 · Women 3, men 2" in done
    assert "This is the mix that the network suggests" in done
    assert said("delegation.mix") == [f"person:{made.lead.id}"]
    lead.post(f"{made.url}mix", data=typed)
    assert len(said("delegation.mix")) == 1  # nothing has changed
    table = browser(lite, factories.person(staff="officer")).get(f"/en/staff/workshops/{made.workshop.id}/participants/mix")
    read = table.get_data(as_text=True)
    assert made.ours.name in read
    assert [row.person.name for row in [*rows, *more] if row.person.name in read] == []
    lead.post(f"{made.url}mix", data={"majority": "", "opposition": ""})
    assert db.session.query(Mix).count() == 0


def test_nothing_that_is_said_keeps_anybody_out(made: World) -> None:
    service.say(made.workshop.id, made.ours.id, {}, (9, 0), by=made.lead, now=made.now)
    assert [row.state for row in people(made, None, None)] == ["confirmed"] * 2


def test_of_too_few_the_page_says_so_in_three_languages(lite: Flask, made: World) -> None:
    people(made, None, None, None, gender="woman")
    lead, staff = browser(lite, made.lead), factories.person(staff="officer")
    words = {"en": "too few to show", "sv": "för få för att visas", "es": "muy pocas personas para mostrarlo"}
    for lang, expected in words.items():
        assert expected in lead.get(made.url.replace("/en/", f"/{lang}/")).get_data(as_text=True)
    table = browser(lite, staff).get(f"/en/staff/workshops/{made.workshop.id}/participants/mix").get_data(as_text=True)
    assert table.count(">too few</td>") == 2


@pytest.mark.parametrize("number", ["x", "-1", "100", "1.5", "1" * 50])
def test_what_is_no_number_is_said_and_nothing_is_kept(lite: Flask, made: World, number: str) -> None:
    people(made, None)
    answer = browser(lite, made.lead).post(f"{made.url}mix", data={"majority": number, "opposition": "1"})
    assert (answer.status_code, "Enter numbers from 0 to 99, or nothing." in answer.get_data(as_text=True)) == (422, True)
    assert db.session.query(Mix).count() == 0


def test_other_peoples_rows_and_other_words_are_not_there(lite: Flask, made: World) -> None:
    (row,) = people(made, None)
    other = factories.person(made.theirs, "coordinator")
    urls = [f"{made.url}mix", f"{made.url}mix?of={made.ours.id}"]
    answers = [browser(lite, other).post(url, data={f"as_{row.id}": "official"}) for url in urls]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert browser(lite, made.lead).post(f"{made.url}mix", data={f"as_{row.id}": "mayor"}).status_code == 404
    with pytest.raises(Missing):
        service.say(made.workshop.id, made.ours.id, {}, (1, 1), by=other, now=made.now)
    assert db.session.get_one(Registration, row.id).comes_as is None


def test_who_was_only_named_says_nothing_about_themselves_to_the_coordinator(made: World) -> None:
    said_so = ("woman", "woman", "man", "man", "man")
    known = [factories.person(kind="politician", gender=one, address=f"k{n}@guest.example") for n, one in enumerate(said_so)]
    send(made, *(new(one.address, "Kim", row) for row, one in enumerate(known, 1)))
    assert numbers(made) == Counted(people=5)
    for one in known:
        places.confirm(one.id, made.ours.id, by=STAFF, now=made.now)
    assert numbers(made) == Counted(people=5, politicians=5, balance=(2, 3))


def test_as_what_somebody_comes_does_not_travel_to_the_substitute(lite: Flask, made: World) -> None:
    (row,) = people(made, None)
    service.say(made.workshop.id, made.ours.id, {row.id: "official"}, None, by=made.lead, now=made.now)
    assert numbers(made).officials == 1
    data = {"name_0": "Ana", "address_0": "ana@guest.example", "lang_0": "en"}
    browser(lite, made.lead).post(f"{made.url}substitute/{row.id}", data=data)
    assert numbers(made) == Counted(people=1)
    assert db.session.query(Person).filter_by(canonical_address="ana@guest.example").one().kind is None
