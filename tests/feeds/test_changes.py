"""What staff do through the service, seen by whoever subscribes (requirement 26)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from app.audit.service import person as actor
from app.feeds.personal import service as feeds
from app.organisations.models import Network
from app.registrations import service as registrations
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.values import Text, Values
from tests import factories
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, values

URL = "/feeds/all.ics?lang=sv"
LATER = NOW + timedelta(hours=1)
Edit = Callable[[Values], Values]


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("SE"))


@pytest.fixture
def workshop(network: Network) -> Workshop:
    return acts.publish(service.save_draft(values(network), by=KARIN, now=NOW).id, by=KARIN, now=NOW)


def events(app: Flask, url: str = URL) -> list[Any]:
    return list(Calendar.from_ical(app.test_client().get(url).data).walk("VEVENT"))


def stamps(found: list[Any]) -> list[tuple[datetime, datetime]]:
    return [(event["DTSTAMP"].dt, event["LAST-MODIFIED"].dt) for event in found]


def words(saved: Values) -> Values:
    return replace(saved, texts={**saved.texts, "sv": Text("Trygg stad", "Två dagar.")})


EDITS: dict[str, Edit] = {
    "texts": words,
    "spoken": lambda saved: replace(saved, spoken=("es",)),
    "closes": lambda saved: replace(saved, closes=datetime.fromisoformat("2025-05-20T17:00")),
    "venue": lambda saved: replace(saved, venue="Biblioteca"),
    "street address": lambda saved: replace(saved, street_address="Calle 6"),
    "place": lambda saved: replace(saved, place="Soacha"),
    "country": lambda saved: replace(saved, country="GT"),
    "point": lambda saved: replace(saved, latitude=4.6, longitude=-74.1),
    "format": lambda saved: replace(saved, format="online"),
    "zone": lambda saved: replace(saved, zone="America/Guatemala"),
    "network": lambda saved: replace(saved, network_id=factories.network(factories.organisation("CO")).id),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("address", [URL, URL + "&show=overview", "/workshops/ciudad-segura-es.ics?lang=sv"])
def test_req_26_every_edit_that_an_entry_shows_moves_its_stamps(lite: Flask, workshop: Workshop, edit: Edit, address: str) -> None:
    before = events(lite, address)
    service.save(workshop.id, edit(queries.values_of(workshop)), workshop.version, by=KARIN, now=LATER)
    after = events(lite, address)
    assert stamps(before) == [(NOW, NOW)] * len(before)
    assert stamps(after) == [(LATER, LATER)] * len(before)
    assert [(event["UID"], event["CREATED"].dt) for event in after] == [(event["UID"], NOW) for event in before]


def test_req_26_publishing_is_the_first_change_that_anybody_sees(lite: Flask, network: Network) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    acts.publish(draft.id, by=KARIN, now=LATER)
    found = events(lite)
    assert stamps(found) == [(LATER, LATER)] * 2
    assert {event["CREATED"].dt for event in found} == {LATER}


def test_req_26_27_a_cancelled_workshop_changes_and_says_so(lite: Flask, workshop: Workshop) -> None:
    acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER)
    found = events(lite)
    assert stamps(found) == [(LATER, LATER)] * 2
    assert [(event["SEQUENCE"], event["STATUS"], event["SUMMARY"][:9]) for event in found] == [(1, "CANCELLED", "INSTÄLLD:")] * 2


def test_req_26_what_no_entry_shows_changes_no_byte(lite: Flask, workshop: Workshop) -> None:
    before = lite.test_client().get(URL).data
    saved = queries.values_of(workshop)
    service.save(workshop.id, replace(saved, capacity=30, contact="other@icld.se"), workshop.version, by=KARIN, now=LATER)
    assert lite.test_client().get(URL).data == before


def test_req_26_a_further_day_leaves_the_days_of_other_workshops_alone(lite: Flask, workshop: Workshop) -> None:
    other = replace(queries.values_of(workshop), days=(replace(queries.values_of(workshop).days[0], on=date(2025, 9, 1), id=None),))
    acts.publish(service.save_draft(other, by=KARIN, now=NOW).id, by=KARIN, now=NOW)
    service.save(workshop.id, words(queries.values_of(workshop)), workshop.version, by=KARIN, now=LATER)
    assert stamps(events(lite)) == [(LATER, LATER), (LATER, LATER), (NOW, NOW)]


def test_my_own_entry_changes_with_my_place_in_the_line(lite: Flask, network: Network) -> None:
    workshop = factories.workshop(network, capacity=1)
    first, me = (factories.person(network.members[0].organisation) for _time in range(2))
    token = feeds.make_token(me.id, "telephone", "sv", by=actor(me), now=NOW)
    taken = registrations.register(workshop.id, first.id, by=actor(first), now=NOW)
    registrations.register(workshop.id, me.id, by=actor(me), now=NOW)
    waiting = events(lite, f"/feeds/me/{token}.ics")
    registrations.cancel(taken.id, by=actor(first), now=LATER)
    seated = events(lite, f"/feeds/me/{token}.ics")
    assert [(event["STATUS"], stamp) for event, stamp in zip(waiting, stamps(waiting), strict=True)] == [("TENTATIVE", (NOW, NOW))]
    assert [(event["STATUS"], stamp) for event, stamp in zip(seated, stamps(seated), strict=True)] == [("CONFIRMED", (LATER, LATER))]
