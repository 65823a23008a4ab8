"""Staff find participants by words, without case and accents, on any page of the list and on either database."""

from __future__ import annotations

import pytest
from flask import Flask

from app.database import transaction
from app.registrations import service
from app.registrations.listing import queries
from app.registrations.listing.filters import Filter
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
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
