"""How the public finds a workshop: by month, on the line of years, on the map, and by what the list is narrowed to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from app.database import transaction
from app.organisations.models import Network
from app.workshops import queries, service
from app.workshops.finding import heads
from app.workshops.finding.filters import MOST_TOWNS, Filters, Kind, options, words_of
from app.workshops.finding.years import Gathering, Mark, draw
from app.workshops.models import FORMATS, THEMES, Workshop
from app.workshops.values import Text
from tests import factories
from tests.factories import NOW
from tests.workshops.made import KARIN, values

Read = Callable[..., str]
MOST = 20_000  # bytes of HTML, before they are packed
TOWNS = (
    "Barranquilla", "Bogotá", "Borås", "Leticia", "Lessebo", "Mitú", "Panajachel", "Popayán", "Puerto Nariño", "San Juan La Laguna",
    "Totonicapán", "Umeå", "Visby",
)  # fmt: skip


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def read(lite: Flask, clock: Callable[[datetime], Any]) -> Read:
    """A page as text, as the clock shows NOW."""

    def page(url: str, status: int = 200) -> str:
        with clock(NOW):
            answer = lite.test_client().get(url)
        assert answer.status_code == status
        return answer.get_data(as_text=True)

    return page


@pytest.fixture
def goes_to(lite: Flask, clock: Callable[[datetime], Any]) -> Read:
    """Where an address passes on to."""

    def location(url: str) -> str:
        with clock(NOW):
            answer = lite.test_client().get(url)
        assert answer.status_code == 302
        return answer.headers["Location"]

    return location


def words_in(page: str) -> str:
    """What is read on a page, without elements."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def options_of(page: str, name: str) -> list[str]:
    """What a select offers."""
    found = re.search(rf'<select[^>]*name="{name}"[^>]*>(.*?)</select>', page)
    return re.findall(r"<option[^>]*>([^<]*)", found[1]) if found else []


def titles_in(page: str) -> list[str]:
    """The workshops of the list, in its order."""
    return re.findall(r">(\w+) \(en\)</a></h3>", page)


def cell_of(page: str, day: date) -> str:
    """The words of one day of the table."""
    found = re.search(rf'<time datetime="{day}".*?</td>', page, re.DOTALL)
    assert found, f"{day} is not in the table"
    return words_in(found[0])


# The filters -------------------------------------------------------------------------------------------------------


@pytest.fixture
def several(network: Network) -> dict[str, Workshop]:
    return {
        "bogota": factories.workshop(network, date(2025, 3, 19), title="Bogota"),
        "umea": factories.workshop(network, date(2025, 4, 2), country="SE", title="Umea"),
        "talk": factories.workshop(network, date(2025, 4, 3), country="GT", title="Talk", format="both"),
        "online": factories.workshop(network, date(2025, 4, 9), country="SE", title="Online", format="online"),
    }


def test_a_workshop_stands_under_the_month_of_its_own_calendar_and_no_month_comes_twice(network: Network, read: Read) -> None:
    factories.workshop(network, date(2025, 6, 1), country="SE", title="June", starts=time(0, 30), ends=time(9))
    factories.workshop(network, date(2025, 5, 31), title="May", starts=time(20), ends=time(22))
    page = read("/en/workshops/")
    assert titles_in(page) == ["May", "June"]
    assert re.findall(r'<h2 class="month">(\w+)', page) == ["May", "June"]


def test_equal_names_of_towns_are_told_apart_by_their_country(network: Network, read: Read) -> None:
    factories.workshop(network, date(2025, 4, 2), place="San José", title="Popular")
    factories.workshop(network, date(2025, 4, 3), country="GT", place="San José", title="Otro")
    assert options_of(read("/en/workshops/"), "place") == ["All towns", "San José, Colombia", "San José, Guatemala"]
    page = read("/en/workshops/?place=San+Jos%C3%A9,+GT")
    assert (titles_in(page), "San José, Guatemala" in words_in(page)) == (["Otro"], True)
    assert titles_in(read("/en/workshops/?place=San+Jos%C3%A9")) == ["Popular", "Otro"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        pytest.param("region=latin_america", ["Bogota", "Talk"], id="Latin America"),
        pytest.param("region=sweden", ["Umea"], id="Sweden, not what is online from there"),
        pytest.param("region=online", ["Talk", "Online"], id="online, and what is in a place as well"),
        pytest.param("region=mars", ["Bogota", "Umea", "Talk", "Online"], id="no region at all"),
        pytest.param("place=Ume%C3%A5", ["Umea"], id="a town, not what is online from there"),
        pytest.param("place=Ume%C3%A5,+SE", ["Umea"], id="a town of a country"),
        pytest.param("place=Ume%C3%A5,+CO", [], id="a town of that name in another country"),
        pytest.param("place=++Ume%C3%A5+", ["Umea"], id="a town with blanks"),
        pytest.param("place=Ume%C3%A5&region=latin_america", [], id="a town elsewhere"),
        pytest.param(f"place={'x' * 121}", ["Bogota", "Umea", "Talk", "Online"], id="no name of a town is so long"),
    ],
)
def test_the_list_is_narrowed_to_a_region_or_a_town(read: Read, several: dict[str, Workshop], query: str, titles: list[str]) -> None:
    assert titles_in(read(f"/en/workshops/?{query}")) == titles
    assert several


def test_a_filter_offers_only_what_some_workshop_is(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 3, 19), country="GT", spoken="es", theme="care")
    factories.workshop(network, date(2025, 3, 20), country="CO", state="draft", spoken="en", theme="economy")

    page = read("/en/workshops/")

    assert options_of(page, "region") == ["All regions", "Latin America"]
    assert options_of(page, "country") == ["All countries", "Guatemala"]
    assert options_of(page, "place") == ["All towns", "Panajachel"]
    assert options_of(page, "language") == ["Any language", "Spanish"]
    assert options_of(page, "theme") == ["All themes", "Care work"]
    assert options_of(page, "format") == ["On site and online", "On site"]


def test_an_empty_calendar_offers_nothing_to_choose(read: Read, network: Network) -> None:
    assert "<select" in (page := read("/en/workshops/")), "the clock stays"
    assert options_of(page, "country") == options_of(page, "theme") == []
    assert network


def test_what_was_chosen_stays_on_the_page_though_nothing_fits(read: Read, several: dict[str, Workshop]) -> None:
    page = read("/en/workshops/?place=Visby&theme=violence")

    assert "Nothing fits: Visby, Gender-based violence" in words_in(page)
    assert '<option value="Visby" selected>' in page or "<option selected>Visby" in page
    assert several


@pytest.mark.parametrize("view", ["", "years/", "map/", "month/2025-04/"])
def test_every_view_leads_to_the_others_with_the_same_filters(read: Read, several: dict[str, Workshop], view: str) -> None:
    page = read(f"/en/workshops/{view}?region=sweden&language=sv")

    for other in ("", "month/", "years/", "map/"):
        assert f'href="/en/workshops/{other}?region=sweden&amp;language=sv"' in page
    assert "Sweden, Swedish" in words_in(page)
    assert several


def test_filters_stand_in_an_address_as_they_were_read() -> None:
    words = {"region": "sweden", "place": "Umeå", "language": "sv", "open": "1"}

    assert Filters.read({**words, "when": "past", "theme": "nonsense"}).address() == words
    assert words_of(Filters.read(words)) == "Sweden, Umeå, Swedish, with open seats"


def test_the_database_finds_the_same_on_both(app: Flask) -> None:
    assert app
    network = factories.network(factories.organisation("CO"))
    factories.workshop(network, date(2025, 3, 19), title="Bogota")
    factories.workshop(network, date(2025, 4, 2), date(2025, 5, 2), country="SE", title="Umea")
    factories.workshop(network, date(2025, 1, 9), title="Old")
    factories.workshop(network, date(2025, 3, 1), title="Draft", state="draft")
    factories.workshop(network, date(2025, 3, 2), country="GT", title="Off", state="cancelled")

    assert len(heads.kinds()) == 3
    assert [one.text.title for one in queries.during(date(2025, 5, 1), date(2025, 5, 31), Filters(), NOW)] == ["Umea (en)"]
    assert queries.around(date(2025, 2, 1), date(2025, 2, 28), Filters(), NOW) == (date(2025, 1, 9), date(2025, 3, 2))
    assert queries.around(date(2025, 3, 1), date(2025, 3, 31), Filters(region="sweden"), NOW) == (None, date(2025, 4, 2))
    towns = {(town.place, town.coming, town.held) for town in queries.towns(Filters(), NOW)}
    assert towns == {("Bogotá", 1, 1), ("Umeå", 1, 0)}
    counted = {(one.year, one.month, one.country, one.format, one.number, one.ahead) for one in heads.heaps(Filters(), NOW)}
    assert counted == {
        (2025, 1, "CO", "on_site", 1, 0),
        (2025, 3, "CO", "on_site", 1, 1),
        (2025, 3, "GT", "on_site", 1, 0),
        (2025, 4, "SE", "on_site", 1, 1),
    }


# A month -----------------------------------------------------------------------------------------------------------


def test_a_month_shows_each_day_of_a_workshop(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 4, 28), date(2025, 4, 29), date(2025, 5, 2), title="Bogota")

    april, may = read("/en/workshops/month/2025-04/"), read("/en/workshops/month/2025-05/")

    assert "28 Bogota (en) 09:00–16:00 Bogotá · Day 1 of 3" in cell_of(april, date(2025, 4, 28))
    assert "29 Day 2 of 3: Bogota (en) 09:00–16:00 Bogotá" in cell_of(april, date(2025, 4, 29))
    assert "Bogota" not in cell_of(april, date(2025, 4, 30))
    assert "2 Bogota (en) 09:00–16:00 Bogotá · Day 3 of 3" in cell_of(may, date(2025, 5, 2))


def test_the_day_is_that_of_the_place_not_of_the_reader(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 3, 19), starts=time(20), ends=time(22))

    page = read("/sv/workshops/month/2025-03/")

    assert "20:00–22:00" in cell_of(page, date(2025, 3, 19)), "it is 2 in the night of the 20th in Stockholm"
    assert "20:00–22:00" not in cell_of(page, date(2025, 3, 20))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": "cancelled"}, "Cancelled"),
        ({"state": "postponed"}, "Postponed"),
        ({"moved_from": date(2025, 3, 12), "moved_to": date(2025, 3, 12)}, "Moved"),
    ],
)
@pytest.mark.parametrize("url", ["/en/workshops/month/2025-03/", "/en/workshops/years/"])
def test_what_is_out_of_the_ordinary_is_said_in_words(read: Read, network: Network, changes: dict[str, Any], word: str, url: str) -> None:
    factories.workshop(network, date(2025, 3, 19), **changes)

    assert f"<strong>{word}</strong>" in read(url)


def test_a_month_is_a_table_that_can_be_heard(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 3, 19))

    page = read("/en/workshops/month/2025-03/")

    assert "<caption>Days and hours are those of each place.</caption>" in page
    assert re.findall(r'<th scope="col">(\w+)</th>', page) == ["Week", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert re.findall(r'<th scope="row">.*?</span>(\d+)</th>', page) == ["9", "10", "11", "12", "13", "14"]
    assert '<time datetime="2025-03-03" aria-current="date">' in page
    assert page.count("<time") == 31


def test_the_weeks_of_a_new_year_count_from_the_old(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 1, 2))

    page = read("/en/workshops/month/2025-01/")

    assert re.findall(r'<th scope="row">.*?</span>(\d+)</th>', page) == ["1", "2", "3", "4", "5"]


def test_a_month_leads_to_its_neighbours_and_not_out_of_the_networks_years(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 3, 19))

    first, middle, last = (read(f"/en/workshops/month/{month}/") for month in ("2024-01", "2025-03", "2026-12"))

    assert ('rel="prev"' in first, 'href="/en/workshops/month/2024-02/" rel="next"' in first) == (False, True)
    assert 'href="/en/workshops/month/2025-02/" rel="prev"' in middle
    assert ('href="/en/workshops/month/2026-11/" rel="prev"' in last, 'rel="next"' in last) == (True, False)


@pytest.mark.parametrize("month", ["2023-12", "2027-01", "2025-13", "2025-00", "2025-3", "march", "0000-01", "9999-12", "２０２５-03"])
def test_what_is_no_month_of_the_networks_years_is_not_there(read: Read, network: Network, month: str) -> None:
    read(f"/en/workshops/month/{month}/", 404)
    assert network


def test_an_empty_month_offers_the_next_one_with_something_else_the_last(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 5, 6))

    assert "The next month with workshops is May 2025. May 2025" in words_in(read("/en/workshops/month/2025-03/"))
    assert "El último mes con talleres fue mayo de 2025. Mayo de 2025" in words_in(read("/es/workshops/month/2025-06/"))


def test_an_empty_month_that_is_narrowed_offers_everything(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 3, 19))

    page = read("/en/workshops/month/2025-03/?region=sweden")

    assert "Nothing fits: Sweden" in words_in(page)
    assert 'href="/en/workshops/month/2025-03/"' in page


@pytest.mark.parametrize(
    ("days", "query", "month"),
    [
        pytest.param([date(2025, 3, 1)], "", "2025-03/", id="this month, though it is over"),
        pytest.param([date(2025, 5, 6), date(2025, 7, 1)], "", "2025-05/", id="the next month with something"),
        pytest.param([date(2025, 5, 6)], "?region=sweden", "2025-03/?region=sweden", id="nothing that fits"),
        pytest.param([date(2025, 1, 1)], "", "2025-03/", id="only what was"),
    ],
)
def test_the_month_leads_to_this_one_or_the_next_with_something(
    goes_to: Read, network: Network, days: list[date], query: str, month: str
) -> None:
    for day in days:
        factories.workshop(network, day)

    assert goes_to(f"/en/workshops/month/{query}") == f"/en/workshops/month/{month}"


def test_without_a_network_there_is_still_this_month(read: Read, goes_to: Read) -> None:
    assert goes_to("/en/workshops/month/") == "/en/workshops/month/2025-03/"
    assert "Nothing is planned right now" in read("/en/workshops/month/2025-03/")
    read("/en/workshops/month/2026-03/", 404)


# The line of years -------------------------------------------------------------------------------------------------


def gathering(first: date, side: str = "west", days: int = 1, label: str = "Bogotá", url: str = "") -> Gathering:
    last = first + timedelta(days=days - 1)
    return Gathering(first, last, side, "held", url or f"/{side}/{first}/{label}", label, "", "Title", None, "Bogotá, Colombia")


def box(mark: Mark) -> tuple[float, float, float]:
    """Left, right and height of a label."""
    wide = max(len(line) for line in mark.lines) * 7.0
    return (mark.x, mark.x + wide, mark.y) if mark.anchor == "start" else (mark.x - wide, mark.x, mark.y)


def test_the_line_reaches_over_the_networks_years(read: Read) -> None:
    network = factories.network(starts_on=date(2024, 3, 1), ends_on=date(2028, 2, 1))
    factories.workshop(network, date(2025, 3, 19))

    page = read("/en/workshops/years/")

    assert "<h1>2024 to 2028 on one line</h1>" in page
    assert re.findall(r'class="year"[^>]*>(\d+)', page) == ["2024", "2025", "2026", "2027", "2028"]


def test_latin_america_rises_sweden_hangs_and_online_lies_between() -> None:
    west, east, middle = gathering(date(2024, 3, 18)), gathering(date(2024, 9, 16), "east"), gathering(date(2025, 2, 1), "middle")

    drawing = draw([west, east, middle], 2024, 2026, date(2025, 3, 3))
    marks = {mark.url: mark for mark in drawing.marks}

    assert marks[west.url].y < drawing.top < marks[middle.url].y < drawing.bottom < marks[east.url].y
    assert [mark.lines[0] for mark in drawing.marks] == ["Bogotá", "Bogotá", "Bogotá, 1 Feb"]


def test_a_mark_stands_at_its_date_and_is_as_long_as_the_workshop() -> None:
    drawing = draw([gathering(date(2024, 1, 1), days=366)], 2024, 2024, date(2024, 1, 1))

    assert (drawing.today, drawing.years[0].x) == (8.0, 8.0)
    assert f"V{drawing.top:g}h1056v-20H8z" in drawing.marks[0].path


def test_no_label_stands_on_another_however_many_there_are() -> None:
    crowd = [gathering(date(2024, 1, 5) + timedelta(days=5 * number), label=f"Panajachel {number}") for number in range(210)]

    marks = [mark for mark in draw(crowd, 2024, 2026, date(2024, 1, 1)).marks if mark.lines]
    boxes = sorted(map(box, marks), key=lambda one: (one[2], one[0]))

    assert len(draw(crowd, 2024, 2026, date(2024, 1, 1)).marks) == 210, "what finds no room for words keeps its mark"
    assert 20 < len(boxes) < 210
    assert all(one[1] <= other[0] for one, other in pairwise(boxes) if one[2] == other[2])
    assert all(left >= 0 and right <= 1090 for left, right, _height in boxes)


def test_the_words_under_the_line_name_every_workshop_once(read: Read, network: Network) -> None:
    factories.workshop(network, date(2024, 3, 18), date(2024, 3, 19), title="Bogota")
    factories.workshop(network, date(2025, 6, 1), country="SE", title="Umea")

    page = read("/es/workshops/years/")
    words = words_in(page.split('<div class="line">')[1])

    assert "2024 Bogota (es) 18–19 mar · Bogotá, Colombia 2025 Umea (es) 1 jun · Umeå, Suecia" in words
    assert page.count('tabindex="-1"') == 2 + 1, "the picture is for eyes: its links are not met twice by the keyboard"


# The map -----------------------------------------------------------------------------------------------------------


def test_the_map_counts_what_is_to_come_and_what_was(read: Read, network: Network) -> None:
    for day in (date(2025, 1, 9), date(2025, 3, 19), date(2025, 4, 2)):
        factories.workshop(network, day)
    factories.workshop(network, date(2025, 1, 20), country="SE")
    factories.workshop(network, date(2025, 5, 1), country="SE", state="cancelled")
    factories.workshop(network, date(2025, 5, 1), country="GT", format="online")

    page = read("/en/workshops/map/")

    assert "Colombia 2 to come, 1 held Bogotá 2 to come, 1 held Sweden 1 held Umeå 1 held" in words_in(page)
    assert (">Bogotá 3</text>" in page, ">Umeå 1</text>" in page, "Panajachel" in page) == (True, True, False)
    assert 'href="/en/workshops/?place=Bogot%C3%A1,+CO"' in page
    assert 'href="/en/workshops/?place=Ume%C3%A5,+SE&amp;when=past"' in page


def test_a_town_of_an_organisation_stands_on_the_map_though_its_workshop_has_no_point(read: Read, network: Network) -> None:
    host = factories.organisation("SE")
    with transaction():
        host.place = "Visby"
        host.latitude, host.longitude = 57.6348, 18.2948
    factories.workshop(network, date(2025, 3, 19), country="SE", place="Visby", latitude=None, longitude=None)
    factories.workshop(network, date(2025, 3, 20), country="CO", place="Visby", latitude=None, longitude=None)

    page = read("/en/workshops/map/")

    assert page.count(">Visby 1</text>") == 1


def test_a_town_without_a_point_is_in_the_words(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 3, 19), place="Popayán", latitude=None, longitude=None)

    page = read("/en/workshops/map/")

    assert ">Popayán</a>" in page
    assert ">Popayán 1</text>" not in page


@pytest.mark.parametrize("view", ["years/", "map/"])
def test_a_view_with_nothing_in_it_says_so(read: Read, network: Network, view: str) -> None:
    assert "Nothing is planned right now" in words_in(read(f"/en/workshops/{view}"))
    factories.workshop(network, date(2025, 3, 19))
    assert "Nothing fits: Sweden" in words_in(read(f"/en/workshops/{view}?region=sweden"))


# All of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["", "?when=past", "month/2025-04/", "years/", "map/"])
def test_thirty_cost_no_more_statements_than_one(
    lite: Flask, network: Network, queries: Callable[[], Any], clock: Callable[[datetime], Any], view: str
) -> None:
    counts = []
    for rows in (1, 29):
        for number in range(rows):
            factories.workshop(network, date(2025, 4, 1 + number), country=("CO", "SE", "GT")[number % 3])
            factories.workshop(network, date(2025, 1, 1 + number))
        with clock(NOW):
            lite.test_client().get(f"/es/workshops/{view}")
            with queries() as statements:
                assert lite.test_client().get(f"/es/workshops/{view}").status_code == 200
        counts.append(len(statements))

    assert counts[1] <= counts[0] <= 12
    assert counts[1] == counts[0] or view == "years/", "a crowded line counts, and reads no workshop"


@pytest.fixture
def thousand(network: Network) -> None:
    """A thousand workshops, thirty of them in May 2025, with words as long as those of the demo; each town lies in one country."""
    with transaction():
        for number in range(1000):
            day = date(2025, 5, 1 + number) if number < 30 else date(2023, 12, 1) + timedelta(days=number % 400)
            factories.workshop(
                network,
                day,
                country=("CO", "SE", "GT")[number % len(TOWNS) % 3],
                title="Where decisions are made: women in the council",
                place=TOWNS[number % len(TOWNS)],
                theme=THEMES[number % len(THEMES)],
                format=FORMATS[number % len(FORMATS)],
                taken=number % 11,
            )


def test_of_very_many_towns_the_filter_offers_those_with_most_to_choose_from() -> None:
    kinds = [Kind("CO" if number % 2 else "SE", f"Town {number:03}", "es", None, "on_site") for number in range(300)]
    kinds += [replace(kinds[number], theme="care") for number in range(30)]
    everywhere = [name for value, name in options(kinds, Filters())["place"] if value]
    there = [name for value, name in options(kinds, Filters(country="CO", place="Town 299, CO"))["place"] if value]
    assert len(everywhere) == MOST_TOWNS
    assert {f"Town {number:03}" for number in range(30)} <= {*everywhere}
    assert {int(name[5:8]) % 2 for name in there} == {1}
    assert "Town 299" in {name[:8] for name in there}, "what is chosen stays"


@pytest.mark.usefixtures("thousand")
def test_thirty_out_of_a_thousand_weigh_little(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    addresses = [f"/{lang}/workshops/{view}" for lang in ("sv", "es", "en") for view in ("", "?when=past", "month/2025-05/")]
    with clock(NOW):
        pages = {address: lite.test_client().get(address).data for address in addresses}

    assert all(page.count(b'class="tile') == 30 for address, page in pages.items() if "month" not in address)
    assert {address: len(page) for address, page in pages.items() if len(page) > MOST} == {}


@pytest.mark.usefixtures("thousand")
def test_pictures_of_a_thousand_weigh_little_and_cost_no_more_statements_than_one(
    lite: Flask, network: Network, queries: Callable[[], Any], clock: Callable[[datetime], Any]
) -> None:
    with transaction():
        for number in range(60):
            days = date(2025, 6, 1 + number % 30), date(2025, 6, 30)
            factories.workshop(
                network, *days[: 1 + (number % 30 < 29)], title="Where decisions are made: women in the council", place=f"Town {number}"
            )
    addresses = [
        f"/{lang}/workshops/{view}" for lang in ("sv", "es") for view in ("years/", "map/", "month/2025-06/", "month/2025-06/?week=23")
    ]
    pages: dict[str, bytes] = {}
    counts: dict[str, list[int]] = {}
    for few in ("", "place=Town+1"):
        for address in addresses:
            joint = "&" if "?" in address else "?"
            with clock(NOW), queries() as statements:
                answer = lite.test_client().get(f"{address}{joint}{few}" if few else address)
            pages.setdefault(address, answer.data)
            counts.setdefault(address, []).append(len(statements))

    assert {address: len(page) for address, page in pages.items() if len(page) > MOST} == {}
    assert {address: both for address, both in counts.items() if both[0] > min(both[1], 8)} == {}


@pytest.mark.usefixtures("thousand")
def test_a_crowded_line_counts_by_month_and_leads_there(read: Read) -> None:
    page = read("/en/workshops/years/?region=latin_america")
    months = re.findall(r'<li><a href="([^"]+)">(\w+ \d{4})</a> <span class="n">(\d+)</span></li>', page)
    total = re.search(r"(\d+) workshops and talks: Latin America (\d+)", words_in(page))

    assert total
    assert total[1] == total[2] == str(sum(int(number) for _url, _month, number in months))
    assert months[0][:2] == ("/en/workshops/month/2023-12/?region=latin_america", "December 2023")
    assert page.count('tabindex="-1"') == len(months) + 1, "main, and the picture has a column a month"


@pytest.mark.usefixtures("thousand")
def test_a_full_month_names_some_of_each_day_and_its_weeks_the_rest(read: Read, network: Network) -> None:
    for number in range(5):
        factories.workshop(network, date(2025, 5, 7), title=f"Extra {number}")

    whole, week = read("/en/workshops/month/2025-05/"), read("/en/workshops/month/2025-05/?week=19")

    assert "5 more" in cell_of(whole, date(2025, 5, 7))
    assert 'href="/en/workshops/month/2025-05/?week=19"' in whole
    assert all(f"Extra {number} (en)" in cell_of(week, date(2025, 5, 7)) for number in range(5))
    assert "more" not in cell_of(week, date(2025, 5, 7))
    assert ('href="/en/workshops/month/2025-05/"' in week, "2025-05-20" in week) == (True, False)
    read("/en/workshops/month/2025-05/?week=40", 404)


def test_the_map_names_thirty_towns_and_counts_the_rest(read: Read, network: Network) -> None:
    with transaction():
        for number in range(32):
            factories.workshop(network, date(2025, 4, 1), country="SE", place=f"Ort {number:02}")
        factories.workshop(network, date(2025, 4, 2), country="SE", place="Ort 31")

    page = read("/en/workshops/map/")

    assert page.count("/en/workshops/?place=") == 30
    assert "Sweden 33 to come Ort 00" in words_in(page)
    assert "Ort 28 1 to come Ort 31 2 to come 2 more places 2 to come" in words_in(page)
    assert 'href="/en/workshops/?country=SE">2 more places' in page


@pytest.mark.parametrize("slug", ["month", "years", "map"])
def test_a_page_of_this_name_hides_no_workshop(lite: Flask, network: Network, slug: str) -> None:
    first, second = (service.save_draft(values(network, texts={"es": Text(slug)}), by=KARIN, now=NOW) for _turn in range(2))

    assert (first.slug, second.slug) == (f"{slug}-2", f"{slug}-3")
    assert lite.test_client().get(f"/en/workshops/{slug}/register", follow_redirects=True).status_code == 404
