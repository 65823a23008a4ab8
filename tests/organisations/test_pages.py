"""The root, the pages of text, and the reads behind them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from app.database import transaction
from app.errors import Missing
from app.languages import using
from app.organisations import queries
from tests import factories

HEADERS = {"sv-SE,sv;q=0.9": "/sv/", "es-GT": "/es/", "de, es;q=0.3, sv;q=0.2": "/es/", "de": "/en/", "": "/en/", "sv;q=0, es": "/es/"}


@pytest.mark.parametrize(("header", "expected"), HEADERS.items())
def test_the_root_leads_to_the_readers_language(lite: Flask, header: str, expected: str) -> None:
    answer = lite.test_client().get("/", headers={"Accept-Language": header})
    assert (answer.status_code, answer.headers["Location"]) == (302, expected)
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
@pytest.mark.parametrize("page", ["about", "privacy", "accessibility"])
def test_the_pages_of_text_stand_in_each_language(lite: Flask, page: str, lang: str) -> None:
    factories.network()
    answer = lite.test_client().get(f"/{lang}/{page}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in text
    assert text.count("<h1") == 1
    assert "partnership@icld.se" in text


def test_an_unknown_language_is_no_page(lite: Flask) -> None:
    assert lite.test_client().get("/de/about").status_code == 404


def test_members_belong_from_a_day_to_a_day(lite: Flask) -> None:
    assert lite
    stays, left = factories.organisation("SE"), factories.organisation("CO")
    network = factories.network(stays, left)
    with transaction():
        network.members[1].left_on = date(2024, 12, 31)
    assert set(queries.members(network, date(2024, 12, 31))) == {stays, left}
    assert queries.members(network, date(2025, 1, 1)) == [stays]
    assert queries.members(network, date(2023, 12, 31)) == []


def test_choices_stand_in_the_order_of_the_language(lite: Flask) -> None:
    assert lite
    for name in ("Östersund", "Zamora", "Åre", "Panajachel"):
        factories.organisation("SE", names=dict.fromkeys(("sv", "es", "en"), name))
    with using("sv"):
        assert [name for _id, name in queries.choices()] == ["Panajachel", "Zamora", "Åre", "Östersund"]
    with using("es"):
        assert [name for _id, name in queries.choices()] == ["Åre", "Östersund", "Panajachel", "Zamora"]


def test_the_network_in_force_is_the_one_whose_period_holds_the_day(lite: Flask) -> None:
    assert lite
    old = factories.network(starts_on=date(2020, 1, 1), ends_on=date(2023, 12, 31))
    new = factories.network()
    assert queries.find_current(date(2022, 5, 1)) == old
    assert queries.find_current(date(2025, 5, 1)) == new
    assert queries.find_current(date(2031, 5, 1)) == new


def test_of_two_in_force_the_first_stays_the_one_that_pages_speak_of_and_each_can_be_chosen(lite: Flask) -> None:
    assert lite
    umea, on = factories.organisation("SE"), date(2025, 5, 1)
    first = factories.network()
    second = factories.network(umea, starts_on=date(2025, 1, 1), ends_on=date(2030, 12, 31))
    assert (queries.in_force(on), queries.find_current(on), queries.in_force(date(2029, 1, 1))) == ([first, second], first, [second])
    assert (queries.choice("", on), queries.choice(second.slug, on)) == ((first, [second, first]), (second, [second, first]))
    assert (queries.find_own(umea.id, on), queries.find_own(factories.organisation().id, on)) == (second, first)
    assert queries.members_of([first.id, second.id], on) == [umea]


def test_what_there_is_not_is_missing(lite: Flask) -> None:
    assert lite
    with pytest.raises(Missing):
        queries.get_network("none")
    with pytest.raises(Missing):
        queries.get_organisation("none")
    with pytest.raises(Missing):
        queries.choice("none", date(2025, 1, 1))
    assert queries.find_current(date(2025, 1, 1)) is None
