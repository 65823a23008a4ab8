"""The workshop as search engines read it: schema.org's Event, parsed back from the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from app.database import transaction
from app.organisations.models import Network
from app.web import shelf
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, day, values

SCHEMA = "https://schema.org/"
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def read(app: Flask, clock: Callable[[datetime], Any]) -> Read:
    """The Event of a workshop's page as a search engine parses it."""

    def parse(workshop: Workshop, lang: str = "en", at: datetime = NOW) -> dict[str, Any]:
        with clock(at):
            page = app.test_client().get(f"/{lang}/workshops/{workshop.slug}/").get_data(as_text=True)
        found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
        assert len(found) == 1
        return dict(json.loads(found[0]))

    return parse


def test_a_workshop_on_site_says_all_that_is_known(read: Read, network: Network) -> None:
    host = network.members[0].organisation
    workshop = factories.workshop(network, date(2025, 6, 3), date(2025, 6, 4), organisation=host, street_address="Calle 6", title="Care")
    page = f"http://127.0.0.1:5000/es/workshops/{workshop.slug}/"
    assert read(workshop, "es") == {
        "@context": "https://schema.org",
        "@type": "Event",
        "identifier": workshop.uid,
        "name": "Care (es)",
        "description": "Summary in es.",
        "url": page,
        "inLanguage": ["es", "sv"],
        "startDate": "2025-06-03T09:00:00-05:00",
        "endDate": "2025-06-04T16:00:00-05:00",
        "eventStatus": f"{SCHEMA}EventScheduled",
        "eventAttendanceMode": f"{SCHEMA}OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": "City hall",
            "address": {"@type": "PostalAddress", "streetAddress": "Calle 6", "addressLocality": "Bogotá", "addressCountry": "CO"},
            "geo": {"@type": "GeoCoordinates", "latitude": 4.711, "longitude": -74.0721},
        },
        "organizer": [
            {"@type": "Organization", "name": "ICLD", "url": "https://icld.se"},
            {"@type": "GovernmentOrganization", "name": host.name, "url": f"http://127.0.0.1:5000/es/organisations/{host.slug}/"},
        ],
        "isAccessibleForFree": True,
        "maximumAttendeeCapacity": 10,
        "remainingAttendeeCapacity": 10,
    }


@pytest.mark.parametrize(
    ("form", "mode", "kinds"),
    [
        ("on_site", "OfflineEventAttendanceMode", ["Place"]),
        ("online", "OnlineEventAttendanceMode", ["VirtualLocation"]),
        ("both", "MixedEventAttendanceMode", ["Place", "VirtualLocation"]),
    ],
)
def test_how_people_meet_is_said_and_the_way_to_join_is_not(read: Read, network: Network, form: str, mode: str, kinds: list[str]) -> None:
    workshop = factories.workshop(network, format=form, join_url="https://video.example/secret")
    found = read(workshop)
    places = found["location"] if isinstance(found["location"], list) else [found["location"]]
    assert (found["eventAttendanceMode"], [place["@type"] for place in places]) == (SCHEMA + mode, kinds)
    assert "video.example" not in json.dumps(found)


def test_what_is_not_known_is_left_out(read: Read, network: Network) -> None:
    bare = factories.workshop(network, spoken="", venue="", latitude=None, longitude=None, capacity=0)
    found = read(bare)
    assert {"inLanguage", "maximumAttendeeCapacity", "remainingAttendeeCapacity", "offers", "previousStartDate", "image"} & set(
        found
    ) == set()
    assert found["location"] == {
        "@type": "Place",
        "name": "Bogotá",
        "address": {"@type": "PostalAddress", "addressLocality": "Bogotá", "addressCountry": "CO"},
    }


def test_a_moved_workshop_says_when_it_was_to_begin(read: Read, network: Network) -> None:
    workshop = acts.publish(service.save_draft(values(network), by=KARIN, now=NOW).id, by=KARIN, now=NOW)
    saved = queries.values_of(workshop)
    moved = replace(saved, days=(day(10, 13, row=saved.days[0].id), day(11, row=saved.days[1].id)))
    service.save(workshop.id, moved, workshop.version, by=KARIN, now=NOW)
    found = read(workshop)
    assert found["eventStatus"] == f"{SCHEMA}EventRescheduled"
    assert (found["previousStartDate"], found["startDate"]) == ("2025-06-03T09:00:00-05:00", "2025-06-10T13:00:00-05:00")


def test_other_hours_on_the_same_date_are_a_new_start(read: Read, network: Network) -> None:
    workshop = acts.publish(service.save_draft(values(network), by=KARIN, now=NOW).id, by=KARIN, now=NOW)
    saved = queries.values_of(workshop)
    service.save(
        workshop.id, replace(saved, days=(replace(saved.days[0], starts=time(13)), *saved.days[1:])), workshop.version, by=KARIN, now=NOW
    )
    found = read(workshop)
    assert found["eventStatus"] == f"{SCHEMA}EventRescheduled"
    assert (found["previousStartDate"], found["startDate"]) == ("2025-06-03T09:00:00-05:00", "2025-06-03T13:00:00-05:00")


def test_of_a_move_in_an_older_audit_the_date_alone_is_known(read: Read, network: Network) -> None:
    moved = factories.workshop(network, date(2025, 6, 10), moved_from=date(2025, 6, 3), moved_to=date(2025, 6, 3))
    assert (read(moved)["eventStatus"], read(moved)["previousStartDate"]) == (f"{SCHEMA}EventRescheduled", "2025-06-03")


def test_a_workshop_that_became_longer_begins_when_it_did(read: Read, network: Network) -> None:
    longer = factories.workshop(network, date(2025, 6, 3), date(2025, 6, 5), moved_from=date(2025, 6, 3), moved_to=date(2025, 6, 4))
    found = read(longer)
    assert (found["eventStatus"], "previousStartDate" in found) == (f"{SCHEMA}EventScheduled", False)


@pytest.mark.parametrize(("verb", "status"), [("cancel", "EventCancelled"), ("postpone", "EventPostponed")])
def test_what_does_not_take_place_keeps_its_start(read: Read, network: Network, verb: str, status: str) -> None:
    workshop = acts.publish(service.save_draft(values(network, access="open"), by=KARIN, now=NOW).id, by=KARIN, now=NOW)
    getattr(acts, verb)(workshop.id, REASONS, by=KARIN, now=NOW)
    found = read(workshop)
    assert (found["eventStatus"], found["startDate"]) == (SCHEMA + status, "2025-06-03T09:00:00-05:00")
    assert {"offers", "remainingAttendeeCapacity", "previousStartDate"} & set(found) == set()


@pytest.mark.parametrize(
    ("changes", "offer"),
    [
        pytest.param({}, {"availability": f"{SCHEMA}InStock", "validFrom": "2025-02-01T07:00:00-05:00"}, id="open"),
        pytest.param({"taken": 10}, {"availability": f"{SCHEMA}SoldOut", "validFrom": "2025-02-01T07:00:00-05:00"}, id="full"),
        pytest.param({"opens_at": NOW + timedelta(days=1)}, {"validFrom": "2025-03-04T07:00:00-05:00"}, id="not yet"),
        pytest.param({"closes_at": NOW}, None, id="closed"),
        pytest.param({"access": "network"}, None, id="for members alone"),
        pytest.param({"access": "invited"}, None, id="by invitation"),
    ],
)
def test_the_way_in_is_offered_to_whom_it_is_open(
    read: Read, network: Network, changes: dict[str, Any], offer: dict[str, str] | None
) -> None:
    workshop = factories.workshop(network, **{"access": "open", **changes})
    fixed = {
        "@type": "Offer",
        "url": f"http://127.0.0.1:5000/en/workshops/{workshop.slug}/register",
        "price": 0,
        "priceCurrency": "SEK",
        "validThrough": "2025-06-03T09:00:00-05:00",
    }
    assert read(workshop).get("offers") == (fixed | offer if offer else None)


def test_seats_are_told_as_long_as_they_are_given_away(read: Read, network: Network) -> None:
    workshop = factories.workshop(network, taken=7)
    assert read(workshop)["remainingAttendeeCapacity"] == 3
    assert "remainingAttendeeCapacity" not in read(workshop, at=datetime(2025, 7, 1, tzinfo=NOW.tzinfo))


def test_where_we_are_the_host_nobody_else_organises(read: Read, network: Network) -> None:
    ours = factories.organisation("SE", slug="icld", kind="other")
    assert [one["name"] for one in read(factories.workshop(network, organisation=ours))["organizer"]] == ["ICLD"]


@pytest.mark.parametrize(
    "sly",
    [
        "</script><script>alert(1)</script>&",
        "<!--<script>",
        "]]>",
        'quotes " and \\ and \u2028 and \u2029',
        "controls \x00\x0b\x1f\x7f",
        "å" * 300,
    ],
)
def test_no_title_leaves_the_element(lite: Flask, clock: Callable[[datetime], Any], sly: str) -> None:
    workshop = factories.workshop(factories.network(factories.organisation("CO")))
    with transaction():
        for text in workshop.texts.values():
            text.title, text.summary = sly.replace("\x00", ""), sly.replace("\x00", "")
        workshop.venue = sly.replace("\x00", "")
    with clock(NOW):
        page = lite.test_client().get(f"/en/workshops/{workshop.slug}/").get_data(as_text=True)
    body = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    found = json.loads(body)
    assert (found["name"], found["location"]["name"]) == (sly.replace("\x00", ""),) * 2
    assert not set(body) & set("<>&\u2028\u2029")


def test_a_workshop_that_moved_costs_one_statement_more(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    network = factories.network(factories.organisation("CO"))
    still = factories.workshop(network)
    moved = factories.workshop(network, starts=time(9), moved_from=date(2025, 5, 3), moved_to=date(2025, 5, 3))
    numbers = []
    for workshop in (still, moved, still, moved):
        lite.extensions[shelf.KEY].pages.clear()  # as if nobody had asked before
        with clock(NOW), counted(lite) as seen:
            lite.test_client().get(f"/en/workshops/{workshop.slug}/")
        numbers.append(len(seen))
    assert numbers[3] - numbers[2] == 1
    assert max(numbers) <= 12
