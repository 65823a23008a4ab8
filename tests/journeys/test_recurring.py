"""A programme officer types a workshop: the hints come by themselves, and a recurring text is put in and saved with the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from app.database import db
from app.workshops.models import Workshop
from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow

WORDS = {  # language -> (button, what is said, save)
    "sv": ("Infoga texten", "Inget är sparat ännu.", "Spara utkast"),
    "es": ("Agregar el texto", "Todavía no se ha guardado nada.", "Guardar borrador"),
    "en": ("Insert the text", "Nothing is saved yet.", "Save draft"),
}
NAMES = {"sv": "Resa och försäkring", "es": "Viaje y seguro", "en": "Travel and insurance"}


@pytest.mark.parametrize("lang", WORDS)
def test_a_recurring_text_is_put_in_and_saved_with_the_rest(lang: str, running: Running, browse: Callable[..., BrowserContext]) -> None:
    press, said, save = WORDS[lang]
    page = browse(STAFF, width=390 if lang == "es" else 1280).new_page()
    page.goto(f"/{lang}/staff/workshops/new")
    page.locator(f"[name=title_{lang}]").fill(f"Taller {lang}")
    page.locator("[name=practical_es]").fill("Traiga zapatos.")

    page.locator("[name=recurring]").select_option(label=NAMES[lang])
    follow(page.get_by_role("button", name=press))

    expect(page.locator("#insert [role=status]")).to_contain_text(said)
    assert page.locator("[name=practical_es]").input_value().startswith("Traiga zapatos.\n\n**Viaje.** ICLD reserva")
    assert axe(page) == []
    follow(page.get_by_role("button", name=save, exact=True))
    expect(page.locator(f"[name=title_{lang}]")).to_have_value(f"Taller {lang}")
    with running.app.app_context():
        saved = db.session.query(Workshop).filter_by(slug=f"taller-{lang}").one()
        assert [saved.texts[code].practical.count("ICLD") > 0 for code in WORDS] == [True, True, True]


def type_day(page: Page, *, on: str, starts: str, ends: str) -> None:
    page.locator("[name=days-0-on]").fill(on)
    page.locator("[name=days-0-starts]").fill(starts)
    page.locator("[name=days-0-ends]").fill(ends)


def test_the_hints_come_while_one_types(browse: Callable[..., BrowserContext]) -> None:
    page = browse(STAFF).new_page()
    page.goto("/es/staff/workshops/new")
    hints = page.locator("#days-hints li")
    page.locator("[name=zone]").select_option("Europe/Stockholm")

    type_day(page, on="2026-06-19", starts="09:00", ends="12:00")
    expect(hints).to_have_count(1)
    expect(page.locator("#days-hints [lang=sv]")).to_have_text("Midsommarafton")

    page.locator("[name=format][value=online]").check()
    expect(hints).to_have_count(2)
    expect(hints.first).to_have_text(
        "Dentro del horario laboral en Estocolmo; antes de las 08:00 en Bogotá y Ciudad de Guatemala. "
        "Horario laboral en común: 16:00–17:00 en Estocolmo."
    )

    page.locator("[name=country]").select_option("GT")
    expect(hints).to_have_count(3)
    assert axe(page) == []
    page.locator("[name=days-0-on]").fill("2026-06-23")
    expect(hints).to_have_count(2)


def test_without_a_script_they_stand_there_after_a_press(running: Running) -> None:
    sent = {"act": "add_day", "zone": "Europe/Stockholm", "format": "on_site", "days-0-on": "2026-06-19"}

    answer = running.visitor(STAFF).post("/en/staff/workshops/new", data=sent)

    assert "Friday 19 June is a holiday: Midsummer Eve (Sweden)." in answer.get_data(as_text=True)


@pytest.mark.parametrize("types", [True, False])
def test_the_browser_asks_before_what_was_typed_is_lost(types: bool, browse: Callable[..., BrowserContext]) -> None:
    page = browse(STAFF).new_page()
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto("/en/staff/workshops/new")
    page.locator("[name=title_en]").click()
    if types:
        page.keyboard.type("A safe city")

    page.locator("main nav a, .crumbs a").first.click()

    page.wait_for_url(lambda url: not url.endswith("/new"))
    assert asked == (["beforeunload"] if types else [])


def test_saving_is_no_loss_and_asks_nothing(browse: Callable[..., BrowserContext]) -> None:
    page = browse(STAFF).new_page()
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.goto("/en/staff/workshops/new")
    page.locator("[name=title_en]").press_sequentially("A city that asks nothing")

    follow(page.get_by_role("button", name="Save draft", exact=True))

    expect(page.locator("[name=title_en]")).to_have_value("A city that asks nothing")
    assert asked == []


def test_a_day_just_added_has_the_focus(browse: Callable[..., BrowserContext]) -> None:
    page = browse(STAFF).new_page()
    page.goto("/en/staff/workshops/new")

    follow(page.get_by_role("button", name="Add a day"))

    expect(page.locator("[name=days-2-on]")).to_be_focused()
