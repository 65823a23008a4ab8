"""What staff do with a workshop in a real browser, each in one of the three languages; how others see it afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from playwright.sync_api import BrowserContext, Page, expect

from app.database import db
from app.workshops.models import Workshop
from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow

Browse = Callable[..., BrowserContext]
OTHER_STAFF = "carolina.ibanez@icld.example"


@pytest.fixture
def numbers(running: Running) -> dict[str, int]:
    """The workshops of the demo by their addresses."""
    with running.app.app_context():
        return {workshop.slug: workshop.id for workshop in db.session.query(Workshop)}


def is_sound(page: Page) -> None:
    """Nothing for axe to find, and nothing wider than the window."""
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def main(page: Page) -> str:
    """The words of the page's middle."""
    return page.locator("main").inner_text()


def test_a_workshop_is_copied_in_swedish_without_its_documents(running: Running, browse: Browse, numbers: dict[str, int]) -> None:
    page, number = browse(STAFF).new_page(), numbers["umea"]
    page.goto(f"/sv/staff/workshops/{number}/")
    documents = page.locator("[name^=documents-][name$=-url]").count()
    first = date.fromisoformat(page.locator("[name=days-0-on]").input_value())
    sessions = page.locator("[name^=sessions-][name$=-starts]").count()
    follow(page.get_by_role("link", name="Kopiera"))
    page.locator("[name=first]").fill((first + timedelta(days=14)).isoformat())
    page.locator("[name=parts][value=documents]").uncheck()
    is_sound(page)
    follow(page.get_by_role("button", name="Skapa kopian"))

    assert "Kopian är skapad" in main(page)
    assert page.locator("[name=days-0-on]").input_value() == (first + timedelta(days=14)).isoformat()
    assert page.locator("[name^=sessions-][name$=-starts]").count() == sessions > 0
    assert page.locator("[name^=documents-][name$=-url]").count() == 0 < documents
    made = page.url
    assert made != f"{running.url}/sv/staff/workshops/{number}/"
    is_sound(page)


def test_what_is_missing_leads_to_its_field_and_then_it_is_published_in_spanish(running: Running, browse: Browse) -> None:
    page = browse(STAFF, width=390).new_page()
    page.goto("/es/staff/workshops/new")
    page.locator("[name=title_es]").fill("Presupuestos que cuidan")
    follow(page.get_by_role("button", name="Guardar borrador"))
    number = re.findall(r"/(\d+)/", page.url)[0]
    page.goto(f"/es/staff/workshops/{number}/preview")
    assert page.get_by_role("button", name="Publicar").count() == 0
    follow(page.locator("aside a[href*='#']").first)
    page.wait_for_url(re.compile(rf"/{number}/#."))
    expect(page.locator(urlsplit(page.url).fragment.join(("[id='", "']")))).to_be_visible()

    for lang in ("sv", "es", "en"):
        page.locator(f"[name=title_{lang}]").fill(f"Presupuestos que cuidan ({lang})")
        page.locator(f"[name=summary_{lang}]").fill("Dos ciudades comparan sus presupuestos.")
    page.locator("[name=zone]").select_option("America/Guatemala")
    page.locator("[name=place]").fill("Panajachel")
    page.locator("[name=country]").select_option("GT")
    page.locator("[name=venue]").fill("Salón municipal")
    page.locator("[name=capacity]").fill("20")
    coming = (date.today() + timedelta(days=60)).isoformat()  # noqa: DTZ011  which of two days it is does not matter
    page.locator("[name=days-0-on]").fill(coming)
    page.locator("[name=days-0-starts]").fill("9")
    page.locator("[name=days-0-ends]").fill("16")
    follow(page.get_by_role("button", name="Guardar y revisar"))
    is_sound(page)
    follow(page.get_by_role("button", name="Publicar"))
    is_sound(page)
    follow(page.get_by_role("button", name="Publicar"))

    assert "Publicó el taller" in main(page)
    follow(page.get_by_role("link", name="Página pública"))
    assert "09:00–16:00" in main(page)
    assert "en Panajachel" in main(page)
    is_sound(page)


def test_the_second_of_two_editors_sees_both_texts_in_english(browse: Browse, numbers: dict[str, int]) -> None:
    mine, theirs = browse(STAFF).new_page(), browse(OTHER_STAFF, width=390).new_page()
    for page in (mine, theirs):
        page.goto(f"/en/staff/workshops/{numbers['lessebo']}/")
    theirs.locator("[name=summary_en]").fill("What they wrote.")
    follow(theirs.get_by_role("button", name="Save changes"))
    mine.locator("[name=summary_en]").fill("What I wrote.")
    follow(mine.get_by_role("button", name="Save changes"))

    assert "Nothing was overwritten" in main(mine)
    row = mine.locator("table tr", has_text="What they wrote.")
    assert "What I wrote." in row.inner_text()
    assert mine.locator("[name=summary_en]").input_value() == "What I wrote."
    is_sound(mine)
    theirs.reload()
    assert theirs.locator("[name=summary_en]").input_value() == "What they wrote."


def test_a_cancelled_workshop_says_so_in_page_calendar_news_and_history(running: Running, browse: Browse, numbers: dict[str, int]) -> None:
    page, client = browse(STAFF, dark=True).new_page(), running.visitor()
    page.goto(f"/es/staff/workshops/{numbers['popayan']}/cancel")
    for lang in ("sv", "es", "en"):
        page.locator(f"[name=reason_{lang}]").fill(f"El puente está cerrado ({lang}).")
    follow(page.get_by_role("button", name="Ver qué efecto tendrá"))
    is_sound(page)
    follow(page.get_by_role("button", name=re.compile("Cancelar.*avisar")))

    assert "Canceló el taller" in main(page)
    page.goto("/es/workshops/popayan/")
    assert "El puente está cerrado (es)." in main(page)
    assert "cancelado" in page.locator("main .banner").first.inner_text().casefold()  # before everything else
    is_sound(page)
    event = Calendar.from_ical(client.get("/workshops/popayan.ics?lang=es").data).walk("VEVENT")[0]
    assert str(event["STATUS"]) == "CANCELLED"
    assert "CANCELADO" in str(event["SUMMARY"])
    assert "El puente está cerrado (es)." in client.get("/feeds/all.atom?lang=es").get_data(as_text=True)


def test_a_search_without_accents_finds_it_and_the_filters_stay_in_the_address(browse: Browse) -> None:
    page = browse(width=390).new_page()
    page.goto("/sv/workshops/")
    page.get_by_role("searchbox").fill("BOGOTA")
    with page.expect_navigation():
        page.get_by_role("searchbox").press("Enter")
    assert "Bogotá" in page.locator("ul.found").first.inner_text()
    is_sound(page)

    page.goto("/sv/workshops/")
    page.locator("details.filters > summary").click()
    page.locator("[name=region]").select_option("latin_america")
    follow(page.get_by_role("button", name="Visa").first)
    assert "region=latin_america" in page.url
    assert "Latinamerika" in main(page)
    for view in ("Månad", "År", "Karta"):
        follow(page.get_by_role("link", name=view, exact=True).first)
        assert "region=latin_america" in page.url, view
        is_sound(page)
