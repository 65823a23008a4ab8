"""A network's gatherings in their order, as the page of each tells it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask

from app.organisations.models import Network
from app.workshops import queries
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import counted
from tests.factories import NOW


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    return factories.network(factories.organisation("CO"))


def gathering(network: Network, month: int, **values: Any) -> Workshop:
    """One of the network's gatherings, of two days."""
    days = date(2025, month, 3), date(2025, month, 4)
    facts: dict[str, Any] = {"title": f"Month {month}", "in_series": True} | values
    return factories.workshop(network, *days, **facts)


def place(workshop: Workshop) -> tuple[int, int, str | None, str | None]:
    """Its number, of how many, and the titles of its neighbours."""
    number, total, before, after = queries.place_in_series(queries.get(workshop.id))
    titles = [row.texts["en"].title.removesuffix(" (en)") if row else None for row in (before, after)]
    return number, total, titles[0], titles[1]


def test_gatherings_stand_in_the_order_of_their_days(network: Network) -> None:
    rows = [gathering(network, month) for month in (9, 4, 6)]

    assert [place(row) for row in rows] == [
        (3, 3, "Month 6", None),
        (1, 3, None, "Month 6"),
        (2, 3, "Month 4", "Month 9"),
    ]


@pytest.mark.parametrize("values", [{"in_series": False}, *({"state": state} for state in ("cancelled", "postponed", "draft"))])
def test_what_is_no_gathering_or_does_not_take_place_is_not_counted(network: Network, values: dict[str, Any]) -> None:
    first, _other, last = gathering(network, 4), gathering(network, 5, **values), gathering(network, 6)

    assert [place(first), place(last)] == [(1, 2, None, "Month 6"), (2, 2, "Month 4", None)]


def test_another_networks_gatherings_are_not_counted(network: Network) -> None:
    mine = gathering(network, 4)
    gathering(factories.network(factories.organisation("SE")), 5)

    assert place(mine) == (1, 1, None, None)


def test_two_that_begin_at_once_stand_in_the_order_they_were_made(network: Network) -> None:
    rows = [gathering(network, 4, title="A"), gathering(network, 4, title="B")]

    assert [place(row) for row in rows] == [(1, 2, None, "B"), (2, 2, "A", None)]


def test_the_place_is_one_statement_however_many_there_are(app: Flask, network: Network) -> None:
    row = gathering(network, 1)
    asked = []
    for months in ((2,), range(3, 12)):
        for month in months:
            gathering(network, month)
        workshop = queries.get(row.id)
        with counted(app) as seen:
            queries.place_in_series(workshop)
        asked.append(len(seen))

    assert asked == [1, 1]


def page(app: Flask, clock: Callable[[datetime], Any], workshop: Workshop, lang: str = "en") -> str:
    with clock(NOW):
        return app.test_client().get(f"/{lang}/workshops/{workshop.slug}/").get_data(as_text=True)


@pytest.mark.parametrize(("lang", "words"), [("en", "Workshop 2 of 3"), ("sv", "Workshop 2 av 3"), ("es", "Taller 2 de 3")])
def test_the_page_says_which_one_it_is_and_leads_to_its_neighbours(
    app: Flask, network: Network, clock: Callable[[datetime], Any], lang: str, words: str
) -> None:
    rows = [gathering(network, month) for month in (4, 5, 6)]

    html = page(app, clock, rows[1], lang)

    assert words in html
    links = re.findall(r'<a href="([^"]+)"', html.partition("series-nav")[2].partition("</nav>")[0])
    assert links == [f"/{lang}/workshops/{row.slug}/" for row in (rows[0], rows[2])]


def test_a_neighbours_days_are_those_of_its_own_place(app: Flask, network: Network, clock: Callable[[datetime], Any]) -> None:
    """19:00 in Bogotá is the next day in UTC."""
    first, _late = (
        gathering(network, 4),
        gathering(network, 6, starts=time(19), ends=time(21)),
    )

    assert "3–4 June 2025" in page(app, clock, first).partition("series-nav")[2]


@pytest.mark.parametrize("values", [{"state": "cancelled"}, {"state": "postponed"}, {"in_series": False}])
def test_the_page_of_what_is_not_counted_says_no_number(
    app: Flask, network: Network, clock: Callable[[datetime], Any], values: dict[str, Any]
) -> None:
    rows = [gathering(network, 4), gathering(network, 5, **values), gathering(network, 6)]

    assert "Workshop 1 of 2" in page(app, clock, rows[0])
    assert 'class="series"' not in page(app, clock, rows[1])


def test_the_only_gathering_of_a_network_is_no_series(app: Flask, network: Network, clock: Callable[[datetime], Any]) -> None:
    assert 'class="series"' not in page(app, clock, gathering(network, 4))
