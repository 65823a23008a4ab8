"""Rows of long lists are made once; what is kept never differs from what would be made now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup
from sqlalchemy import update

from app.database import changed, transaction
from app.registrations import seats
from app.workshops import lines, service
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor, counted
from tests.workshops.made import KARIN, REASONS, values

NOW = factories.NOW
LATER = NOW + timedelta(hours=1)


def published() -> Workshop:
    """A workshop as staff have made it, ten seats or more left."""
    made = service.save_draft(values(factories.network()), by=KARIN, now=NOW)
    return service.publish(made.id, by=KARIN, now=NOW)


def retitled(workshop: Workshop) -> None:
    texts = {lang: type(text)(f"Otra ciudad ({lang})", text.summary) for lang, text in values(workshop.network).texts.items()}
    service.save(workshop.id, values(workshop.network, texts=texts), workshop.version, by=KARIN, now=LATER)


def replaced(workshop: Workshop) -> None:
    service.save(workshop.id, values(workshop.network, place="Leticia"), workshop.version, by=KARIN, now=LATER)


def moved(workshop: Workshop) -> None:
    days = tuple(type(one)(one.on + timedelta(days=2), one.starts, one.ends) for one in values(workshop.network).days)
    service.save(workshop.id, values(workshop.network, days=days), workshop.version, by=KARIN, now=LATER)


def taken(workshop: Workshop) -> None:
    with transaction():
        assert seats.take(workshop.id)


def enlarged(workshop: Workshop) -> None:
    with transaction():
        changed(update(Workshop).where(Workshop.id == workshop.id).values(capacity=2))


CHANGES: dict[str, Callable[[Workshop], object]] = {
    "title": retitled,
    "place": replaced,
    "days": moved,
    "a seat": taken,
    "capacity past the session": enlarged,
    "cancelled": lambda workshop: service.cancel(workshop.id, REASONS, by=KARIN, now=LATER),
    "postponed": lambda workshop: service.postpone(workshop.id, REASONS, by=KARIN, now=LATER),
}


@pytest.fixture
def staff(app_or_lite: Flask) -> Visitor:
    """An officer's browser."""
    client = app_or_lite.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(factories.person(staff="officer", name="Karin Ek"))


def pages(app: Flask, staff: Visitor) -> list[str]:
    """What stands in the list in two languages and for two clocks, and in the staff's table."""
    found = [staff.get("/en/staff/workshops/").get_data(as_text=True)]
    for lang, zone in (("sv", "Europe/Stockholm"), ("es", "America/Guatemala"), ("es", "Europe/Stockholm")):
        browser = app.test_client()
        browser.set_cookie("zone", zone)
        found.append(browser.get(f"/{lang}/workshops/").get_data(as_text=True))
    return [page.partition("<main")[2].replace("csrf", "") for page in found]


def alone(listed: list[str]) -> list[str]:
    """Without the token of the form for the clock, which is new each time."""
    return [part for page in listed for part in page.split("\n") if "_token" not in part]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_made_anew(app: Flask, staff: Visitor, clock: Callable[[datetime], Any], change: str) -> None:
    with clock(NOW):
        workshop = published()
        before = alone(pages(app, staff))
        CHANGES[change](workshop)
        after = alone(pages(app, staff))
        app.extensions[lines.KEY].clear()
        assert after == alone(pages(app, staff))
    assert after != before


@pytest.mark.parametrize("days", [60, 90, 93])
def test_what_time_changes_is_made_anew(lite: Flask, staff: Visitor, clock: Callable[[datetime], Any], days: int) -> None:
    with clock(NOW):
        workshop = published()
        with transaction():
            workshop.opens_at, workshop.closes_at = NOW + timedelta(days=30), NOW + timedelta(days=80)
        before = alone(pages(lite, staff))
    with clock(NOW + timedelta(days=days)):
        staff.signed_in(factories.person(staff="officer", name="Karin Ek"))
        after = alone(pages(lite, staff))
        lite.extensions[lines.KEY].clear()
        assert after == alone(pages(lite, staff))
    assert after != before


def test_what_is_kept_is_not_made_again(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        network = factories.network()
        for number in range(3):
            factories.workshop(network, date(2025, 6, 3 + number))
        asked = []
        for _turn in range(2):
            with counted(lite) as seen:
                lite.test_client().get("/en/workshops/")
            asked.append(len([statement for statement in seen if "FROM workshop_text" in statement]))
    assert asked == [1, 0]


def test_a_full_shelf_is_emptied(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        factories.workshop(factories.network())
        lite.extensions[lines.KEY] = dict.fromkeys(range(lines.MOST), Markup())
        assert "Workshop" in lite.test_client().get("/en/workshops/").get_data(as_text=True)
    assert len(lite.extensions[lines.KEY]) == 1


def test_the_first_and_last_day_are_those_on_the_walls_there(app: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        network = factories.network()
        factories.workshop(network, date(2025, 6, 3), date(2025, 6, 4), country="GT")
        factories.workshop(network, date(2025, 8, 1), date(2025, 8, 5))
        factories.workshop(network, date(2025, 9, 1), state="draft")
        page = app.test_client().get("/en/workshops/").get_data(as_text=True)
    assert "2 workshops and talks, 3 June – 1 August 2025" in page
    assert page.index("June <span>2025") < page.index("August <span>2025")
