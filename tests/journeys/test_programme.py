"""A programme officer makes a programme of three sessions in Spanish, in a browser that runs no script, and prints it."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow

SESSIONS = (
    ("0", "Bienvenida", "09:00", "10:30", "ceremony", "Auditorio"),
    ("0", "Recorrido por el mercado", "10:30", "12:00", "visit", "Mercado municipal"),
    ("1", "Clausura", "09:00", "11:00", "ceremony", "Auditorio"),
)


def write(page: Page, number: int, title: str, ends: str, kind: str, room: str) -> None:
    """Fills the session just added; its start stands there already."""
    row = page.locator(f"#sessions-{number}")
    row.locator("[name$=title_es]").fill(title)
    row.locator("[name$=ends]").fill(ends)
    row.locator("[name$=kind]").select_option(kind)
    row.locator("[name$=room]").fill(room)


def test_a_programme_of_three_sessions_is_made_without_a_script(running: Running, browser: Browser) -> None:
    cookie = running.visitor(STAFF).get_cookie("session", domain="localhost")
    assert cookie is not None
    context = browser.new_context(base_url=running.url, java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": "session", "value": cookie.value, "url": running.url}])
    page = context.new_page()
    page.goto("/es/staff/workshops/new")
    page.locator("[name=title_es]").fill("Mercados seguros")
    page.locator("[name=zone]").select_option("America/Guatemala")
    page.locator("[name=days-0-on]").fill("2026-10-06")
    page.locator("[name=days-0-starts]").fill("9")
    page.locator("[name=days-0-ends]").fill("12")
    follow(page.locator("[value=add_day]"))
    page.locator("[name=days-1-on]").fill("2026-10-07")
    page.locator("[name=days-1-starts]").fill("09:00")
    page.locator("[name=days-1-ends]").fill("11:00")

    for number, (day, title, starts, ends, kind, room) in enumerate(SESSIONS):
        follow(page.locator(f"[value='add_session:{day}']"))
        assert page.url.endswith(f"#sessions-{number}")
        assert page.locator(f"#sessions-{number} [name$=starts]").input_value() in {starts, starts.lstrip("0").removesuffix(":00")}
        write(page, number, title, ends, kind, room)
    follow(page.get_by_role("button", name="Guardar borrador"))

    assert "El borrador está guardado" in page.locator("main").inner_text()
    assert [page.locator(f"#sessions-{number} summary").inner_text().split() for number in range(3)] == [
        [f"{starts}–{ends}", *title.split()] for _day, title, starts, ends, _kind, _room in SESSIONS
    ]
    context.close()


def test_the_printed_programme_has_every_day_and_nothing_to_press(running: Running, browser: Browser) -> None:
    context = browser.new_context(base_url=running.url)
    page = context.new_page()
    page.goto("/sv/workshops/umea/programme")
    assert axe(page) == []
    page.emulate_media(media="print")
    assert page.locator("table.programme").count() == 4
    for gone in (".nav", ".tongues", ".crumbs", ".foot nav"):
        assert not page.locator(gone).first.is_visible(), gone
    assert len(page.pdf(format="A4")) > 10_000
    context.close()
