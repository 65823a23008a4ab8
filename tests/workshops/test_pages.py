"""What anybody reads about workshops: the list, the page, both clocks, three languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.audit.service import person as actor
from app.database import transaction
from app.organisations.models import Network
from app.registrations import service as registrations
from app.workshops.models import Workshop
from app.workshops.showing.markdown import to_html
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def read(lite: Flask, clock: Callable[[datetime], Any]) -> Callable[..., str]:
    """A page as text, as the clock shows NOW."""

    def page(url: str, status: int = 200, visitor: FlaskClient | None = None) -> str:
        with clock(NOW):
            answer = (visitor or lite.test_client()).get(url)
        assert answer.status_code == status
        return answer.get_data(as_text=True)

    return page


Read = Callable[..., str]


@pytest.fixture
def workshop(network: Network) -> Workshop:
    return factories.workshop(network, date(2025, 3, 19), starts=time(16), ends=time(18), title="Gender Champions")


def words_in(page: str) -> str:
    """What is read on a page, without elements."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_list_tells_the_days_as_the_places_count_them(read: Read, network: Network) -> None:
    factories.workshop(network, date(2025, 6, 3), starts=time(19), ends=time(21))
    factories.workshop(network, date(2025, 6, 10))

    assert "3–10 June 2025" in words_in(read("/en/workshops/"))


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_the_page_speaks_the_language_of_its_address(read: Read, workshop: Workshop, lang: str) -> None:
    page = read(f"/{lang}/workshops/{workshop.slug}/")

    assert f"<h1>Gender Champions ({lang})</h1>" in page
    assert f'<html lang="{lang}">' in page


def test_both_clocks_stand_on_the_page_the_venue_first(read: Read, workshop: Workshop) -> None:
    words = words_in(read(f"/en/workshops/{workshop.slug}/"))

    assert "Wednesday 19 March 2025 16:00–18:00 in Bogotá 22:00–00:00 in Stockholm" in words


def test_another_date_of_the_reader_is_named(read: Read, network: Network) -> None:
    late = factories.workshop(network, date(2025, 3, 19), starts=time(19), ends=time(21))

    assert "19:00–21:00 in Bogotá Thu 01:00–03:00 in Stockholm" in words_in(read(f"/en/workshops/{late.slug}/"))


def test_the_same_hour_is_said_in_words(read: Read, network: Network) -> None:
    swedish = factories.workshop(network, date(2025, 3, 19), country="SE")

    assert "09:00–16:00 in Umeå The same hour in Stockholm" in words_in(read(f"/en/workshops/{swedish.slug}/"))


def test_days_of_other_hours_stand_in_a_table(read: Read, network: Network) -> None:
    several = factories.workshop(network, date(2025, 3, 28), date(2025, 3, 31))

    words = words_in(read(f"/en/workshops/{several.slug}/"))

    assert "09:00–16:00 15:00–22:00 in Stockholm Friday 28 March" in words
    assert "09:00–16:00 16:00–23:00 in Stockholm Monday 31 March" in words


def test_later_days_with_hours_of_their_own_are_told_beside_the_first(read: Read, network: Network) -> None:
    several = factories.workshop(network, date(2025, 6, 3), date(2025, 6, 4))
    alike = factories.workshop(network, date(2025, 6, 3), date(2025, 6, 4))
    with transaction():
        last = several.days[1]
        last.ends, last.ends_at = time(12), last.starts_at + timedelta(hours=3)

    told, quiet = (words_in(read(f"/en/workshops/{one.slug}/")) for one in (several, alike))

    assert "Wednesday 4 June: 09:00–12:00 · 16:00–19:00 in Stockholm Where" in told
    assert "Wednesday 4 June:" not in quiet


def test_the_reader_chooses_the_second_clock(lite: Flask, read: Read, workshop: Workshop) -> None:
    visitor = lite.test_client()

    answer = visitor.post("/en/clock", data={"zone": "America/Guatemala", "next": f"/en/workshops/{workshop.slug}/"})

    assert (answer.status_code, answer.location) == (303, f"/en/workshops/{workshop.slug}/")
    assert "15:00–17:00 in Guatemala City" in words_in(read(f"/en/workshops/{workshop.slug}/", visitor=visitor))


@pytest.mark.parametrize(("zone", "words"), [("Mars/Olympus", "Choose a clock from the list."), ("", "Choose a clock from the list.")])
def test_an_unknown_clock_is_refused_with_words(lite: Flask, zone: str, words: str) -> None:
    answer = lite.test_client().post("/en/clock", data={"zone": zone})

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_the_clock_leads_to_no_other_site(lite: Flask) -> None:
    answer = lite.test_client().post("/en/clock", data={"zone": "America/Bogota", "next": "https://evil.example/"})

    assert answer.location == "/en/"


def test_a_draft_is_not_there(read: Read, network: Network) -> None:
    draft = factories.workshop(network, state="draft")

    read(f"/en/workshops/{draft.slug}/", 404)
    assert draft.slug not in read("/en/workshops/")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"state": "cancelled"}, "This workshop is cancelled", id="cancelled"),
        pytest.param({"state": "postponed"}, "This workshop is postponed", id="postponed"),
        pytest.param({"moved_from": date(2025, 3, 12), "moved_to": date(2025, 3, 12)}, "It was Wednesday 12 March.", id="moved"),
        pytest.param({"capacity": 5, "taken": 5}, "All seats are taken", id="full"),
        pytest.param(
            {"moved_from": date(2025, 3, 12), "capacity": 5, "taken": 5},
            "It was Wednesday 12 March. Everybody registered is told by mail. All seats are taken. Join the waiting list",
            id="moved and full",
        ),
        pytest.param(
            {"moved_from": date(2025, 3, 12), "closes_at": NOW - timedelta(days=1)},
            "Everybody registered is told by mail. Registration is closed. It closed on",
            id="moved and closed",
        ),
        pytest.param({"closes_at": NOW - timedelta(days=1)}, "Registration is closed", id="closed"),
        pytest.param({"opens_at": NOW + timedelta(days=1)}, "Registration opens on 4 March 2025, 13:00 in Stockholm.", id="not yet"),
    ],
)
def test_the_state_is_said_in_words(read: Read, network: Network, changes: dict[str, Any], words: str) -> None:
    special = factories.workshop(network, date(2025, 3, 19), **changes)

    assert words in words_in(read(f"/en/workshops/{special.slug}/"))


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        pytest.param({"state": "cancelled"}, "This workshop is cancelled", id="cancelled"),
        pytest.param({"state": "postponed"}, "This workshop is postponed. A new date will come", id="postponed"),
        pytest.param({"moved_from": date(2025, 3, 12)}, "Moved to Wednesday 19 March 2025", id="moved"),
        pytest.param({"moved_from": date(2025, 3, 19)}, "The hours have changed", id="other hours"),
        pytest.param({"capacity": 5, "taken": 5}, "All seats are taken", id="full"),
        pytest.param({"closes_at": NOW - timedelta(days=1)}, "Registration is closed", id="closed"),
        pytest.param({"ends_at": NOW - timedelta(hours=1), "starts_at": NOW - timedelta(hours=9)}, "This workshop is over", id="past"),
        pytest.param(
            {
                "state": "cancelled",
                "moved_from": date(2025, 3, 12),
                "ends_at": NOW - timedelta(hours=1),
                "starts_at": NOW - timedelta(hours=9),
            },
            "This workshop is cancelled",
            id="moved, then cancelled, and its days are over",
        ),
    ],
)
@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_the_state_stands_first_and_alone(read: Read, network: Network, changes: dict[str, Any], title: str, lang: str) -> None:
    special = factories.workshop(network, date(2025, 3, 19), **changes)

    page = read(f"/{lang}/workshops/{special.slug}/")
    titles = re.findall(r'<p class="banner-title">([^<]*)</p>', page)

    assert len(titles) == 1
    assert titles == [title] or lang != "en"
    assert page.index("banner-title") < page.index("<h1")


@pytest.mark.parametrize(
    ("state", "lang", "title"),
    [
        ("cancelled", "sv", "INSTÄLLD: Gender Champions (sv)"),
        ("postponed", "es", "APLAZADO: Gender Champions (es)"),
        ("published", "en", "Gender Champions (en)"),
    ],
)
def test_a_link_to_the_page_says_so_too(read: Read, workshop: Workshop, state: str, lang: str, title: str) -> None:
    with transaction():
        workshop.state = state

    page = read(f"/{lang}/workshops/{workshop.slug}/")

    assert f'<meta property="og:title" content="{title}">' in page
    assert f"<title>{title} – " in page
    assert "Gender Champions" in re.sub(r"\s+", " ", page.partition("<h1")[2][:80])


def test_an_ordinary_workshop_has_no_banner(read: Read, workshop: Workshop) -> None:
    assert "banner-title" not in read(f"/en/workshops/{workshop.slug}/")


def test_a_workshop_that_has_begun_says_so(read: Read, network: Network) -> None:
    running = factories.workshop(network, date(2025, 3, 3), date(2025, 3, 4), country="SE")

    words = words_in(read(f"/en/workshops/{running.slug}/"))

    assert "Registration is closed The workshop has begun." in words


# How to get there, and texts in another language -------------------------------------------------------------------


def test_the_way_there_is_an_address_and_a_point_on_two_maps(read: Read, network: Network) -> None:
    there = factories.workshop(network, date(2025, 3, 19), venue="Archivo", street_address="Calle 6B # 5-75")

    page = read(f"/en/workshops/{there.slug}/")

    assert "How to get there Archivo Calle 6B # 5-75 Bogotá, Colombia" in words_in(page)
    assert 'href="https://www.openstreetmap.org/?mlat=4.71100&amp;mlon=-74.07210#map=17/4.71100/-74.07210"' in page
    assert 'href="geo:4.71100,-74.07210"' in page


@pytest.mark.parametrize(
    ("changes", "shown", "mapped"),
    [
        pytest.param({"latitude": None, "longitude": None}, True, False, id="no point"),
        pytest.param({"venue": "", "latitude": None, "longitude": None}, False, False, id="only a town"),
        pytest.param({"format": "online"}, False, False, id="online"),
        pytest.param({"format": "both"}, True, True, id="in a place and online"),
        pytest.param({"latitude": 0.0, "longitude": 0.0}, True, True, id="where the equator meets the meridian"),
        pytest.param({"venue": "<b>Sala</b>", "street_address": '"><script>'}, True, True, id="signs of HTML"),
    ],
)
def test_the_way_there_shows_what_is_known(read: Read, network: Network, changes: dict[str, Any], shown: bool, mapped: bool) -> None:
    there = factories.workshop(network, date(2025, 3, 19), **changes)

    page = read(f"/en/workshops/{there.slug}/")

    assert ("How to get there" in page, "geo:" in page and "openstreetmap.org" in page) == (shown, mapped)
    assert "<b>Sala" not in page
    assert '"><script>' not in page


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("sv", "Än så länge finns texten bara på spanska."),
        ("en", "So far, this text is only in Spanish."),
    ],
)
@pytest.mark.parametrize("field", ["description", "practical"])
def test_a_text_that_is_missing_is_shown_in_the_original_language_and_says_so(
    read: Read, workshop: Workshop, lang: str, sentence: str, field: str
) -> None:
    with transaction():
        setattr(workshop.texts["es"], field, "Traiga **abrigo**.")

    page, original = read(f"/{lang}/workshops/{workshop.slug}/"), read(f"/es/workshops/{workshop.slug}/")

    assert sentence in page
    assert '<div class="prose" lang="es"><p>Traiga <strong>abrigo</strong>.</p>' in page
    assert ("Por ahora" in original, 'lang="es"><p>' in original, "<p>Traiga" in original) == (False, False, True)


def test_a_text_in_the_readers_language_needs_no_sentence(read: Read, workshop: Workshop) -> None:
    with transaction():
        workshop.texts["es"].description, workshop.texts["en"].description = "Traiga abrigo.", "Bring a coat."

    page = read(f"/en/workshops/{workshop.slug}/")

    assert ("<p>Bring a coat.</p>" in page, "Traiga" in page, "So far" in page) == (True, False, False)


def test_without_the_original_any_language_will_do(read: Read, workshop: Workshop) -> None:
    with transaction():
        workshop.texts["sv"].practical = "Ta med en jacka."

    assert "Por ahora, este texto solo está en sueco." in read(f"/es/workshops/{workshop.slug}/")


def test_the_reason_is_told_in_the_language_of_the_page(read: Read, network: Network) -> None:
    cancelled = factories.workshop(network, date(2025, 3, 19), state="cancelled")
    with transaction():
        for lang, text in cancelled.texts.items():
            text.reason = f"Porque sí ({lang}). Y más."

    assert "Porque sí (sv). Y más." in read(f"/sv/workshops/{cancelled.slug}/")
    assert "Porque sí (es)." in read("/es/workshops/")


@pytest.mark.parametrize(
    ("changes", "button"),
    [({}, "Register"), ({"capacity": 5, "taken": 5}, "Join the waiting list"), ({"state": "cancelled"}, None), ({"closes_at": NOW}, None)],
)
def test_the_button_says_the_act(read: Read, network: Network, changes: dict[str, Any], button: str | None) -> None:
    one = factories.workshop(network, date(2025, 3, 19), **changes)

    found = re.findall(rf'href="/en/workshops/{one.slug}/register/?">([^<]+)<', read(f"/en/workshops/{one.slug}/"))

    assert found == ([button, button] if button else [])


def test_the_page_of_what_is_over_says_so(read: Read, network: Network) -> None:
    old = factories.workshop(network, date(2025, 2, 19))

    page = read(f"/en/workshops/{old.slug}/")

    assert "This workshop is over" in page
    assert "/register" not in page


def test_every_calendar_program_has_a_link(read: Read, workshop: Workshop) -> None:
    page = read(f"/en/workshops/{workshop.slug}/")

    assert f"/workshops/{workshop.slug}.ics?lang=en" in page
    assert "https://calendar.google.com/calendar/render?action=TEMPLATE" in page
    assert "dates=20250319T210000Z%2F20250319T230000Z" in page
    assert "https://outlook.live.com/calendar/0/deeplink/compose" in page
    assert "https://outlook.office.com/calendar/0/deeplink/compose" in page


def test_the_link_to_join_is_not_public(read: Read, network: Network) -> None:
    online = factories.workshop(network, date(2025, 3, 19), format="online", join_url="https://video.example/secret")

    assert "video.example" not in read(f"/en/workshops/{online.slug}/")


def test_search_engines_are_told_and_cannot_be_tricked(read: Read, network: Network) -> None:
    sly = factories.workshop(network, date(2025, 3, 19), title="</script><script>alert(1)</script>&")

    page = read(f"/en/workshops/{sly.slug}/")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert found is not None
    facts = json.loads(found.group(1))
    assert facts["name"] == "</script><script>alert(1)</script>& (en)"
    assert (facts["@type"], facts["startDate"]) == ("Event", "2025-03-19T09:00:00-05:00")
    assert "<script>alert" not in page


def test_other_languages_of_the_page_are_named(read: Read, workshop: Workshop) -> None:
    page = read(f"/en/workshops/{workshop.slug}/")

    for lang in ("sv", "es"):
        assert f'<a href="/{lang}/workshops/{workshop.slug}/" lang="{lang}" hreflang="{lang}">' in page


def test_a_text_in_another_language_is_marked(read: Read, workshop: Workshop) -> None:
    with transaction():
        workshop.texts["sv"].title = ""

    assert '<h1 lang="es">Gender Champions (es)</h1>' in read(f"/sv/workshops/{workshop.slug}/")
    assert 'lang="es">Gender Champions (es)</a>' in read("/sv/workshops/")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**fet** & sådant", "<p><strong>fet</strong> &amp; sådant</p>\n"),
        ("# Rubrik", "<h3>Rubrik</h3>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[länk](https://icld.se)", '<p><a href="https://icld.se" rel="noopener nofollow">länk</a></p>\n'),
        ("[hej](javascript:alert(1))", "<p>[hej](javascript:alert(1))</p>\n"),
        ("- ett\n- två", "<ul>\n<li>ett</li>\n<li>två</li>\n</ul>\n"),
        ('<a href="x" onclick="y">z</a>', '<p>&lt;a href="x" onclick="y"&gt;z&lt;/a&gt;</p>\n'),
    ],
)
def test_markdown_becomes_safe_html(markdown: str, html: str) -> None:
    assert str(to_html(markdown)) == html


def test_no_picture_from_elsewhere(workshop: Workshop) -> None:
    assert "<img" not in to_html("![x](https://tracker.example/pixel.gif)")
    assert workshop


# The list ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def several(network: Network) -> dict[str, Workshop]:
    return {
        "bogota": factories.workshop(network, date(2025, 3, 19), title="Bogota", theme="care"),
        "umea": factories.workshop(network, date(2025, 4, 2), country="SE", title="Umea", spoken="sv en", capacity=3, taken=3),
        "online": factories.workshop(network, date(2025, 4, 9), title="Online", format="online", country="GT", spoken="en"),
        "old": factories.workshop(network, date(2025, 1, 9), title="Old"),
    }


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        pytest.param("", ["Bogota", "Umea", "Online"], id="what comes, the nearest first"),
        pytest.param("country=SE", ["Umea"], id="country"),
        pytest.param("country=co", ["Bogota"], id="country in small letters"),
        pytest.param("language=sv", ["Bogota", "Umea"], id="language"),
        pytest.param("language=en", ["Umea", "Online"], id="another language"),
        pytest.param("theme=care", ["Bogota"], id="theme"),
        pytest.param("format=online", ["Online"], id="format"),
        pytest.param("open=1", ["Bogota", "Online"], id="open seats"),
        pytest.param("country=SE&open=1", [], id="two that nothing fits"),
        pytest.param("when=past", ["Old"], id="past"),
        pytest.param("language=xx&theme=nonsense&country=SWEDEN&page=-4", ["Bogota", "Umea", "Online"], id="unknown words count as none"),
        pytest.param("page=999", ["Bogota", "Umea", "Online"], id="a page too far is the last"),
    ],
)
def test_the_address_narrows_the_list(read: Read, several: dict[str, Workshop], query: str, titles: list[str]) -> None:
    page = read(f"/en/workshops/?{query}")

    assert re.findall(r"<h3><a[^>]*>(\w+) \(en\)</a>", page) == titles
    assert several


def test_the_number_found_is_told_to_those_who_do_not_see_it(read: Read, several: dict[str, Workshop]) -> None:
    page = read("/en/workshops/?country=SE")

    assert 'role="status">One workshop or talk · Sweden ·' in page
    assert several


def test_nothing_found_offers_all(read: Read, several: dict[str, Workshop]) -> None:
    words = words_in(read("/en/workshops/?country=SE&open=1"))

    assert "Nothing fits: Sweden, with open seats" in words
    assert several


def test_more_than_thirty_stand_on_pages(read: Read, network: Network) -> None:
    for number in range(31):
        factories.workshop(network, date(2025, 5, 1) + timedelta(days=number))

    first, second = read("/en/workshops/"), read("/en/workshops/?page=2")

    assert (first.count('class="tile'), second.count('class="tile')) == (30, 1)
    assert 'href="/en/workshops/?page=2" rel="next"' in first


@pytest.mark.parametrize("url", ["/en/workshops/", "/en/workshops/?when=past", "/en/workshops/{slug}/", "/en/staff/workshops/"])
def test_the_number_of_statements_does_not_grow(
    lite: Flask, network: Network, queries: Callable[[], Any], clock: Callable[[datetime], Any], url: str
) -> None:
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        visitor.signed_in(factories.person(staff="officer"))
    few: list[str] = []
    many: list[str] = []
    for seen, rows in ((few, 1), (many, 6)):
        for number in range(rows):
            one = factories.workshop(network, date(2025, 4, 1), date(2025, 4, 2) + timedelta(days=number))
            factories.workshop(network, date(2025, 1, 1 + number))
        with clock(NOW):
            visitor.get(url.format(slug=one.slug))
            with queries() as statements:
                assert visitor.get(url.format(slug=one.slug)).status_code == 200
        seen.extend(statements)

    assert len(few) == len(many) <= 11


def test_a_page_is_light(read: Read, several: dict[str, Workshop]) -> None:
    with transaction():
        for text in several["bogota"].texts.values():
            text.description = "En mening om jämställdhet. " * 100

    assert len(read(f"/sv/workshops/{several['bogota'].slug}/")) < 15_000


def test_whoever_has_a_seat_finds_the_own_registration_on_the_page(lite: Flask, network: Network, clock: Callable[[datetime], Any]) -> None:
    workshop, person = factories.workshop(network), factories.person(network.members[0].organisation)
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        visitor.signed_in(person)
        before = visitor.get(f"/en/workshops/{workshop.slug}/").get_data(as_text=True)
        registrations.register(workshop.id, person.id, by=actor(person), now=NOW)
        after = visitor.get(f"/en/workshops/{workshop.slug}/").get_data(as_text=True)
    assert ("See my registration" in before, f'href="/en/workshops/{workshop.slug}/register"' in before) == (False, True)
    assert ("/en/me/registrations/" in after, f'href="/en/workshops/{workshop.slug}/register"' in after) == (True, False)
