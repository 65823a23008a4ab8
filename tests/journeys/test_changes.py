"""Staff move, postpone and take up a workshop in a real browser: what it will do first, then one click."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.database import db
from app.workshops.models import Workshop
from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow

Browse = Callable[..., BrowserContext]


@pytest.fixture
def numbers(running: Running) -> Iterator[dict[str, int]]:
    """The workshops of the demo by their addresses."""
    with running.app.app_context():
        yield {workshop.slug: workshop.id for workshop in db.session.query(Workshop)}
        db.session.remove()


def state(running: Running, number: int) -> tuple[str, date]:
    """A workshop's state and first day."""
    with running.app.app_context():
        workshop = db.session.get_one(Workshop, number)
        found = workshop.state, workshop.days[0].on
        db.session.remove()
        return found


def is_sound(page: Page) -> None:
    """Nothing for axe to find, and nothing wider than the window."""
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_workshop_is_moved_in_english_and_the_move_is_taken_back(running: Running, browse: Browse, numbers: dict[str, int]) -> None:
    page, number = browse(STAFF).new_page(), numbers["bogota-care-blocks"]
    first = state(running, number)[1]
    page.goto(f"/en/staff/workshops/{number}/")
    days = page.locator("[name^=days-][name$=-on]")
    for row in range(days.count()):
        days.nth(row).fill((date.fromisoformat(days.nth(row).input_value()) + timedelta(days=7)).isoformat())
    follow(page.get_by_role("button", name="Save changes"))

    words = page.locator("main").inner_text()
    assert "Nothing is done yet" in words
    assert "On the waiting list" in words
    mail = page.locator("details.mail", has_text="Spanish").first
    mail.locator("summary").click()
    assert "El taller tiene nueva fecha u hora" in mail.inner_text()
    is_sound(page)
    assert state(running, number)[1] == first
    follow(page.get_by_role("button", name="Save and tell everybody"))
    assert state(running, number)[1] == first + timedelta(days=7)

    follow(page.get_by_role("button", name=re.compile("Undo *Moved from")))
    words = page.locator("main").inner_text()
    assert "Undone: Moved from" in words
    assert "mails that have not left yet, and would now be wrong, are taken back" in words
    assert "Nobody gets a mail." in words  # nobody has heard of the move yet
    follow(page.get_by_role("button", name="Undo the change"))
    assert state(running, number)[1] == first
    expect(page.locator("main")).to_contain_text("Undone: Moved from")
    is_sound(page)


def test_a_workshop_is_postponed_in_spanish_on_a_telephone(running: Running, browse: Browse, numbers: dict[str, int]) -> None:
    page, number = browse(STAFF, width=390, dark=True).new_page(), numbers["umea"]
    page.goto(f"/es/staff/workshops/{number}/")
    follow(page.get_by_role("link", name="Aplazar…"))
    for lang, words in (("sv", "Salen är skadad."), ("es", "La sala está dañada."), ("en", "The hall is damaged.")):
        page.locator(f"[name=reason_{lang}]").fill(words)
    follow(page.get_by_role("button", name="Ver qué efecto tendrá"))

    page.locator("details.mail summary").first.click()
    assert "Salen är skadad." in page.locator("details.mail").first.inner_text()
    assert "APLAZADO: " in page.locator("main").inner_text()
    is_sound(page)
    follow(page.get_by_role("button", name="Volver sin hacer nada"))
    assert page.locator("[name=reason_es]").input_value() == "La sala está dañada."
    assert state(running, number)[0] == "published"
    follow(page.get_by_role("button", name="Ver qué efecto tendrá"))
    follow(page.get_by_role("button", name="Aplazar y avisar"))

    assert state(running, number)[0] == "postponed"
    expect(page.locator("main")).to_contain_text("Aplazó el taller")


def test_a_workshop_is_taken_up_again_in_swedish(running: Running, browse: Browse, numbers: dict[str, int]) -> None:
    page, number = browse(STAFF, dark=True).new_page(), numbers["totonicapan"]
    page.goto(f"/sv/staff/workshops/{number}/cancel")
    for lang in ("sv", "es", "en"):
        page.locator(f"[name=reason_{lang}]").fill("Vulkanen.")
    follow(page.get_by_role("button", name="Se vad det leder till"))
    follow(page.get_by_role("button", name="Ställ in och meddela alla"))
    assert state(running, number)[0] == "cancelled"

    follow(page.locator("form[action$=restore]").get_by_role("button", name="Återuppta").first)
    words = page.locator("main").inner_text()
    assert "Inget är gjort än" in words
    assert "INSTÄLLD: " in words
    is_sound(page)
    follow(page.get_by_role("button", name="meddela alla"))

    assert state(running, number)[0] == "published"
    expect(page.locator("main")).to_contain_text("Återupptog workshoppen")
