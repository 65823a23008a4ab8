"""A programme officer brings workshops from a spreadsheet and from a calendar, and takes the list along, in each language."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
from playwright.sync_api import BrowserContext

from app.clock import now
from tests.conftest import axe
from tests.exchange.made import calendar, event
from tests.journeys.conftest import STAFF, Running, follow

Browse = Callable[..., BrowserContext]


def upload(name: str, text: str) -> dict[str, object]:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode("cp1252")}


def test_a_table_with_one_wrong_row_comes_in_without_it(running: Running, browse: Browse) -> None:
    year = now().year
    page = browse(STAFF, width=390, dark=True).new_page()
    page.goto("/sv/staff/workshops/")
    follow(page.locator("text=Importera").first)
    rows = f"Trygga gårdar;{year}-06-03;{year}-06-05;Umeå\r\nFel dag;{year}-02-31;;Borås"
    page.set_input_files("input[type=file]", upload("vår.csv", f"Titel (sv);Första dagen;Sista dagen;Ort\r\n{rows}"))  # type: ignore[arg-type]
    follow(page.locator("text=Se vad som kommer att hända").first)
    assert page.title().startswith("Fel:")
    assert "Windows-1252" in page.locator(".banner-asks").inner_text()
    assert "Första dagen: Ange ett datum som finns" in page.locator("#line-3").inner_text()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    follow(page.locator("text=Importera den felfria raden, utelämna en").first)
    assert "Ett utkast är importerat." in page.locator(".flashes").last.inner_text()
    assert page.locator("tbody a", has_text="Trygga gårdar").first.is_visible()


def test_a_calendar_comes_in_and_the_second_time_nothing_happens(running: Running, browse: Browse) -> None:
    page = browse(STAFF).new_page()
    start, end = (f"DT{word};TZID=America/Bogota:{now().year}0603T{hour}0000" for word, hour in (("START", "09"), ("END", "16")))
    text = calendar(event("LOCATION:Bogotá", start=start, end=end))
    for turn in ("Una fila se convierte en borrador.", "Una ya se importó antes y no se toca."):
        page.goto("/es/staff/workshops/import")
        page.set_input_files("input[type=file]", upload("equipo.ics", text))  # type: ignore[arg-type]
        follow(page.locator("text=Ver qué va a pasar").first)
        assert turn in page.locator("main").inner_text()
        assert axe(page) == []
        if page.locator("text=Importar un borrador").count():
            follow(page.locator("text=Importar un borrador").first)
    assert page.locator("text=Ya importado").count() == 1


def test_the_list_goes_out_as_a_workbook(running: Running, browse: Browse) -> None:
    page = browse(STAFF).new_page()
    page.goto("/en/staff/workshops/?tab=coming")
    rows = page.locator("tbody tr").count()
    with page.expect_download() as download:
        page.click("text=Export as Excel")
    assert download.value.suggested_filename.endswith(".xlsx")
    found = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert found.max_row == rows + 1
