"""The hints under the days of a workshop's form: live by a script, and on the page without one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, time
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.database import db, transaction
from app.organisations.models import Network
from app.reminders.models import ReminderRule
from app.workshops import above, service
from app.workshops.checking.advice import USUAL
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.workshops.made import KARIN, values

MAY_DAY = {"days-0-on": "2025-05-01", "days-0-starts": "16:00", "days-0-ends": "17:00"}


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    return factories.network(*(factories.organisation(country) for country in ("SE", "CO", "GT")))


@pytest.fixture
def staff(app: Flask, clock: Callable[[datetime], Any]) -> Any:
    """A programme officer's browser, at NOW."""
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


def hints(answer: Any) -> list[str]:
    """The hints on a page."""
    found = re.search(r'id="days-hints">(.*?)</ul>', answer.get_data(as_text=True), re.DOTALL)
    assert found is not None
    return [unescape(one) for one in re.findall(r"<li>(.*?)</li>", found[1])]


def typed(network: Network, **changes: str) -> dict[str, str]:
    return {"network": str(network.id), "zone": "Europe/Stockholm", "format": "on_site", "act": "add_day"} | MAY_DAY | changes


def test_script_and_page_say_the_same(staff: Visitor, network: Network) -> None:
    sent = typed(network, format="online", country="GT")

    live = json.loads(staff.get("/es/staff/workshops/echo", query_string=sent).get_data())["days-hints"]
    page = hints(staff.post("/es/staff/workshops/new", data=sent))

    assert live[2] == [
        {"text": "El jueves 1 de mayo es feriado: ", "lang": None},
        {"text": "Första maj", "lang": "sv"},
        {"text": " (Suecia)", "lang": None},
        {"text": ", ", "lang": None},
        {"text": "Día del Trabajo", "lang": None},
        {"text": " (Colombia, Guatemala)", "lang": None},
        {"text": ". Consulte con las delegaciones de allí.", "lang": None},
    ]
    assert [re.sub(r"</?span[^>]*>", "", one) for one in page] == ["".join(piece["text"] for piece in one) for one in live]
    assert [one.partition(" ")[0] for one in page] == ["Las", "Dentro", "El"]


def test_a_date_is_enough_for_a_holiday(staff: Visitor, network: Network) -> None:
    sent = typed(network, **{"days-0-starts": "", "days-0-ends": "soon", "zone": "Nowhere"})

    assert hints(staff.post("/en/staff/workshops/new", data=sent)) == [
        "Thursday 1 May is a holiday: May Day (Sweden), Labour Day (Colombia, Guatemala). Check with delegations from there."
    ]


@pytest.mark.parametrize("on", ["", "x", "0001-01-01", "9999-12-31", "2025-02-30"])
@pytest.mark.parametrize("zone", ["", "Nowhere", "Pacific/Kiritimati", "America/Bogota"])
def test_what_is_not_finished_is_silent(staff: Visitor, network: Network, on: str, zone: str) -> None:
    sent = typed(network, **{"days-0-on": on, "zone": zone, "format": "online", "country": "<b>"})

    assert json.loads(staff.get("/en/staff/workshops/echo", query_string=sent).get_data())["days-hints"] == []
    assert hints(staff.post("/en/staff/workshops/new", data=sent)) == []


def test_another_networks_days_are_held_against_its_own_members(staff: Visitor, network: Network) -> None:
    other = factories.network(factories.organisation("CO"))

    sent = typed(other, format="online", zone="America/Bogota", **{"days-0-on": "2025-06-06"})

    assert hints(staff.post("/en/staff/workshops/new", data=sent)) == ["Inside working hours in Bogotá."]


def test_a_network_without_members_has_the_usual_clocks(network: Network) -> None:
    assert above.around(factories.network().id).members == USUAL
    assert above.around(network.id).members == USUAL


def test_the_list_says_that_no_reminder_goes_out(staff: Visitor, network: Network) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    path = f"/en/staff/workshops/{draft.id}/preview"

    none = staff.get(path).get_data(as_text=True)
    with transaction():
        db.session.add(ReminderRule(network_id=network.id, anchor="start", offset=-1, unit="days", at_local=time(9)))
    some = staff.get(path).get_data(as_text=True)

    assert "No reminder goes out" in none
    assert "No reminder goes out" not in some
    assert "As the network does" in some


def test_the_preview_names_the_reminders_that_are_the_workshops_own(staff: Visitor, network: Network) -> None:
    draft = service.save_draft(values(network, reminders=("days:1@09:00",)), by=KARIN, now=NOW)

    assert "The day before, at 09:00" in staff.get(f"/en/staff/workshops/{draft.id}/preview").get_data(as_text=True)


def test_each_line_of_the_list_leads_to_its_field(staff: Visitor, network: Network) -> None:
    sent = typed(network, format="both", country="GT", closes_on="2025-01-02", reminder_choice="own", reminders="hours:1")
    page = staff.post("/en/staff/workshops/new", data=sent).get_data(as_text=True)

    links = re.findall(r'<a href="#([^"]+)">', page.partition('<ul class="checks">')[2].partition("</ul>")[0])
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert {"zone", "days-hints", "closes_on", "title_sv", "capacity", "place"} <= set(links)
    assert [link for link in links if link not in ids] == []
