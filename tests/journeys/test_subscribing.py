"""Somebody picks a calendar, sees what it will look like, copies its address and finds in it what was promised."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import Running, follow

PICKED = [  # language of the page and of the calendar, width, which one, how much detail, "Copy" and what follows it
    ("es", 390, "guatemala", "sessions", "Copiar", "Copiado"),
    ("sv", 1280, "latin-america", "days", "Kopiera", "Kopierad"),
    ("en", 1280, "network/gender-equality", "overview", "Copy", "Copied"),
]

ZONES = {lang: ZoneInfo("America/Bogota" if lang == "es" else "Europe/Stockholm") for lang in ("sv", "es", "en")}  # the reader's


def pick(page: Page, calendar: str, level: str) -> None:
    """By keyboard and mouse, as labels and options are read."""
    page.locator("#calendar").select_option(calendar)
    page.locator(f"label[for=show-{level}]").click()


def held(running: Running, address: str) -> list[tuple[date, str]]:
    """(start, title) of all that the calendar at an address holds."""
    events: list[Any] = list(Calendar.from_ical(running.visitor().get(address.removeprefix(running.url)).data).walk("VEVENT"))
    return [(event["DTSTART"].dt, str(event["SUMMARY"])) for event in events]


@pytest.mark.parametrize("picked", PICKED)
def test_what_is_picked_is_shown_at_once_and_stands_in_the_calendar_that_is_copied(
    running: Running, browse: Callable[..., BrowserContext], picked: tuple[str, int, str, str, str, str]
) -> None:
    lang, width, calendar, level, copy, copied = picked
    context = browse(width=width)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/{lang}/subscribe")
    pick(page, calendar, level)

    address = f"{running.url}/feeds/{calendar}.ics?lang={lang}" + ("" if level == "days" else f"&show={level}")
    expect(page.locator("#address")).to_have_value(address)
    assert page.evaluate("document.activeElement.name") == "show"  # nobody is thrown back to the beginning
    assert parse_qs(urlsplit(page.url).query) == {"calendar": [calendar], "language": [lang], "show": [level]}
    assert str(page.locator(".tongues a").first.get_attribute("href")).endswith(f"/sv/subscribe?{urlsplit(page.url).query}")
    page.get_by_role("button", name=copy, exact=True).click()
    expect(page.get_by_role("button", name=copied)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address

    shown, there = page.locator(".entries > li"), held(running, address)
    assert shown.count() > 0
    for one in shown.all():
        title, span = one.locator(".entry-title").inner_text(), one.locator(".n").inner_text()
        starts = [f"{at.astimezone(ZONES[lang]):%H:%M}" if isinstance(at, datetime) else span for at, name in there if name == title]
        assert span.partition("–")[0] in starts, (title, span)


def test_the_address_of_the_page_is_what_was_picked_for_whoever_gets_it(browse: Callable[..., BrowserContext]) -> None:
    first, second = (browse().new_page() for _ in range(2))
    first.goto("/es/subscribe")
    pick(first, "colombia", "overview")
    expect(first.locator("#address")).to_have_value(re.compile("show=overview$"))
    second.goto(first.url)
    assert second.locator("#address").input_value() == first.locator("#address").input_value()
    assert second.locator("#look").inner_text() == first.locator("#look").inner_text()
    assert second.locator("#show-overview").is_checked()


def test_it_works_without_scripts(running: Running, browser: Browser) -> None:
    context = browser.new_context(base_url=running.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sv/subscribe")
    page.locator("#calendar").select_option("online")
    page.locator("#language-en").check()
    follow(page.get_by_role("button", name="Visa den här kalendern"))
    assert page.locator("#address").get_attribute("value") == f"{running.url}/feeds/online.ics?lang=en"
    assert page.locator("#look-title b").inner_text() == "Online workshops"
    page.locator("#apple-phone summary").click()
    assert page.locator("#apple-phone li").first.is_visible()
    context.close()
