"""Staff find participants by words, without case and accents, on any page of the list and on either database."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask

from app.database import transaction
from app.questions import queries as questions
from app.questions import service as asking
from app.registrations import service
from app.registrations.listing import queries
from app.registrations.listing.filters import Filter
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.questions.made import asked
from tests.registrations.made import STAFF

PEOPLE = (
    ("Lucía Chavajay", "lucia@panajachel.example", ""),
    ("Åsa Öberg", "asa@umea.example", ""),
    ("Ana_Ruiz", "ana@x.example", "Región Ñ"),
)


@pytest.fixture
def workshop(app: Flask) -> Workshop:
    """Three people: two of Umeå and one who wrote an organisation of her own."""
    assert app
    umea = factories.organisation("SE", names={"sv": "Umeå kommun", "es": "Municipio de Umeå", "en": "Umeå Municipality"})
    workshop = factories.workshop(factories.network(umea), access="open")
    for name, address, own in PEOPLE:
        somebody = factories.person(None if own else umea, name=name, address=address)
        registration = service.register(workshop.id, somebody.id, by=STAFF, now=NOW)
        with transaction():
            registration.organisation_name = own
    return workshop


def names(workshop: Workshop, words: str, state: str = "all") -> list[str]:
    return [row.registration.person.name for row in queries.page(workshop.id, Filter(state, words), size=30, after=0)]


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("LUCIA", [0]), ("asa oberg", [1]), ("öberg, åsa", [1]), ("umea municipio", [0, 1]), ("umeå kommun", [0, 1]),
        ("region n", [2]), ("@x.ex", [2]), ("%", []), ("a_r", [2]), ("lucia ruiz", []), ("", [0, 1, 2]),
    ],
)  # fmt: skip
def test_words_stand_in_name_address_or_organisation(workshop: Workshop, words: str, who: list[int]) -> None:
    assert names(workshop, words) == [PEOPLE[number][0] for number in who]
    assert queries.counts(workshop.id, Filter("all", words))["all"] == len(who)


def test_a_page_is_taken_from_the_tab_that_was_narrowed(workshop: Workshop) -> None:
    found = queries.page(workshop.id, Filter("confirmed", "umea"), size=1, after=1)
    assert [row.registration.person.name for row in found] == ["Åsa Öberg"]
    assert names(workshop, "umea", "waitlisted") == []


def test_staff_find_who_has_not_answered_what_must_be_answered_or_nothing_at_all(workshop: Workshop) -> None:
    rows = [row.registration for row in queries.page(workshop.id, Filter(), size=30, after=0)]
    missing = Filter(answers="missing")

    def lacking() -> list[str]:
        found = [row.registration.person.name for row in queries.page(workshop.id, missing, size=30, after=0)]
        assert queries.counts(workshop.id, missing)["all"] == len(found)
        return found

    assert lacking() == [], "nothing is asked"
    asks = [asked(workshop), asked(workshop, "What do you eat?", "text")]
    give(rows[0], {asks[0].id: "no"})
    give(rows[1], {asks[1].id: "everything"})
    assert lacking() == [PEOPLE[2][0]], "nothing must be answered, and two have said something"
    asks.append(asked(workshop, "Which days?", "choices", "First", "Second", required=True))
    asks.append(asked(workshop, "Until when?", "text", required=True, condition=(asks[2].id, "2")))
    assert lacking() == [one[0] for one in PEOPLE]
    for row, days, until in ((rows[0], "1", ""), (rows[1], "1 2", ""), (rows[2], "1 2", "noon")):
        give(row, {asks[2].id: days} | ({asks[3].id: until} if until else {}))
    assert lacking() == [PEOPLE[1][0]], "the first is not asked until when"


def give(registration: Registration, answers: Mapping[int, str]) -> None:
    """As if they had typed it, whatever was still missing."""
    with transaction():
        asking.write(registration.id, questions.of_workshop(registration.workshop_id), answers, NOW)
