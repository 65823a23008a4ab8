"""The page on which a calendar is picked: what it shows is what the calendar holds, and every program gets the address it takes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

import pytest
import segno
from flask import Flask
from icalendar import Calendar

from app.clock import now
from app.feeds.rules import LEVELS, PLACES
from app.feeds.subscribing import coming
from app.organisations.models import Network
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW

Clock = Callable[[datetime], Any]
BASE = "http://127.0.0.1:5000"
BROWSERS = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)": "apple-phone",
    "Mozilla/5.0 (Linux; Android 15)": "google-phone",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)": "apple-mac",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)": "outlook",
    "Mozilla/5.0 (X11; Linux x86_64)": "thunderbird",
    "curl/8": None,
}


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("SE"))


def read(app: Flask, address: str = "/en/subscribe", **headers: str) -> str:
    answer = app.test_client().get(address, headers=headers)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def links(page: str) -> dict[str, str]:
    """Where each program's link leads, by host or scheme."""
    found = [unescape(href) for href in re.findall(r'<a class="button[^"]*" href="([^"]+)"', page)]
    return {urlsplit(href).netloc if href.startswith("https") else urlsplit(href).scheme: href for href in found}


def copied(page: str) -> str:
    """The address that is there to be copied."""
    found = re.search(r'id="address" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def promised(page: str) -> list[tuple[str, str]]:
    """(hours, title) of each entry on the page."""
    found = re.findall(r'<p class="entry-title"[^>]*>(.*?)</p><p><span class="n">(.*?)</span>', page)
    return [(span, unescape(title)) for title, span in found]


def held(body: bytes, zone: str) -> list[tuple[str, str]]:
    """The same of the next entries that a calendar holds, on the clock of a zone."""
    rows = []
    events: list[Any] = list(Calendar.from_ical(body).walk("VEVENT"))
    for event in events:
        starts, ends = (_instant(event[name].dt) for name in ("DTSTART", "DTEND"))
        here, there = (at.astimezone(ZoneInfo(zone)) for at in (starts, ends))
        span = f"{here:%H:%M}–{there:%H:%M}" if isinstance(event["DTSTART"].dt, datetime) else "All day"
        if ends > now():
            rows.append((starts, str(event["UID"]), span, str(event["SUMMARY"])))
    return [(span, title) for _at, _uid, span, title in sorted(rows)[: coming.SHOWN]]


def _instant(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ["all", "latin-america", "guatemala", "online", "network/gender-equality", "partnership/umea-bogota"])
def test_the_page_promises_what_the_calendar_holds(demo: Flask, name: str, level: str) -> None:
    client = demo.test_client()
    client.set_cookie("zone", "America/Bogota")
    page = client.get(f"/en/subscribe?calendar={name}&language=es&show={level}").get_data(as_text=True)
    body = client.get(copied(page).removeprefix(BASE)).data
    assert promised(page) == held(body, "America/Bogota")
    assert promised(page)


@pytest.mark.parametrize("level", LEVELS)
def test_one_that_began_long_ago_hides_nothing_that_comes_first(app: Flask, clock: Clock, level: str) -> None:
    """A bar begins when its workshop did; of its days, the next one counts."""
    network, today = factories.network(factories.organisation("SE")), NOW.date()
    factories.workshop(network, today - timedelta(days=60), today + timedelta(days=60), title="Course")
    for number in range(coming.SHOWN + 1):
        factories.workshop(network, today + timedelta(days=number + 1), title=f"Short {number}")
    wanted = [f"Short {number} (en)" for number in range(coming.SHOWN)]
    if level == "overview":
        wanted = ["Course (en)", *wanted[:-1]]
    with clock(NOW):
        assert [title for _span, title in promised(read(app, f"/en/subscribe?show={level}"))] == wanted


def test_what_is_over_is_not_shown_and_what_is_cancelled_says_so(lite: Flask, network: Network, clock: Clock) -> None:
    factories.workshop(network, NOW.date() - timedelta(days=3), title="Over")
    factories.workshop(network, NOW.date() + timedelta(days=3), title="Off", state="cancelled")
    factories.workshop(network, NOW.date() + timedelta(days=3), title="Secret", state="draft")
    with clock(NOW):
        page = read(lite)
    assert [title for _span, title in promised(page)] == ["CANCELLED: Off (en)"]
    assert '<li class="off">' in page


@pytest.mark.parametrize(
    ("lang", "words"), [("sv", "Inget är planerat här"), ("es", "Por ahora no hay nada"), ("en", "Nothing is planned here")]
)
def test_an_empty_calendar_says_so_kindly(lite: Flask, network: Network, lang: str, words: str) -> None:
    assert words in read(lite, f"/{lang}/subscribe?calendar=guatemala")


def test_every_calendar_can_be_picked_and_its_address_answers(lite: Flask, network: Network) -> None:
    names = re.findall(r'<option value="([^"]+)"', read(lite))
    assert names == [*PLACES, f"network/{network.slug}"]
    for name in names:
        for level in LEVELS:
            address = copied(read(lite, f"/en/subscribe?calendar={name}&language=sv&show={level}"))
            assert address == f"{BASE}/feeds/{name}.ics?lang=sv" + ("" if level == "days" else f"&show={level}")
            assert lite.test_client().get(address.removeprefix(BASE)).status_code == 200


def test_what_the_address_says_is_what_is_ticked(lite: Flask, network: Network) -> None:
    page = read(lite, "/en/subscribe?calendar=colombia&language=sv&show=overview")
    assert re.findall(r'value="([^"]+)" (?:aria-describedby="[^"]+" )?(?:selected|checked)', page) == ["colombia", "sv", "overview"]


@pytest.mark.parametrize("query", ["calendar=nowhere", "calendar=network/none", "language=de", "show=all"])
def test_what_does_not_exist_is_a_404_and_no_other_calendar(lite: Flask, network: Network, query: str) -> None:
    assert lite.test_client().get(f"/en/subscribe?{query}").status_code == 404


def test_each_program_gets_the_address_that_it_takes(lite: Flask, network: Network) -> None:
    page = read(lite, f"/es/subscribe?calendar=network/{network.slug}&show=sessions")
    url, found = copied(page), links(page)
    webcal = url.replace("http://", "webcal://")
    assert found["webcal"] == webcal
    assert found["calendar.google.com"] == f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}"
    for host in ("outlook.live.com", "outlook.office.com"):
        assert parse_qs(urlsplit(found[host]).query) == {"url": [url], "name": ["Network es"]}
        assert urlsplit(found[host]).path == "/calendar/0/addfromweb"


def test_the_square_holds_the_address_that_a_telephone_opens(lite: Flask, network: Network) -> None:
    page = read(lite, "/es/subscribe?calendar=guatemala&show=sessions")
    drawn = re.search(r'<path stroke="#271c25" d="([^"]+)"', page)
    out = BytesIO()
    segno.make(copied(page).replace("http://", "webcal://"), error="m", micro=False).save(out, kind="svg", border=4, dark="#271c25")
    assert drawn is not None
    assert drawn[1] in out.getvalue().decode()


@pytest.mark.parametrize(("agent", "likely"), BROWSERS.items())
def test_the_likely_program_is_open_and_none_is_hidden(lite: Flask, network: Network, agent: str, likely: str | None) -> None:
    found = re.findall(r'<details class="opens" id="([^"]+)"( open)?>', read(lite, **{"User-Agent": agent}))
    assert [name for name, is_open in found if is_open] == ([likely] if likely else [])
    assert len(found) == 9


def test_a_member_is_led_to_the_own_calendar_first(lite: Flask, network: Network) -> None:
    client = lite.test_client()
    assert isinstance(client, Visitor)
    page = client.signed_in(factories.person(factories.organisation("SE"))).get("/en/subscribe").get_data(as_text=True)
    assert page.index("/en/me/calendar/") < page.index("<form action=")
    assert "/en/me/calendar/" not in read(lite)


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
@pytest.mark.parametrize("level", LEVELS)
def test_it_is_light_and_asks_the_database_little(demo: Flask, lang: str, level: str) -> None:
    address = f"/{lang}/subscribe?calendar=network/gender-equality&show={level}"
    with counted(demo) as seen:
        page = demo.test_client().get(address).data
    assert len(seen) <= 12, "\n".join(seen)
    assert len(page) <= 20_000
    assert len(gzip.compress(page)) <= 7_000
