"""Calendars as JSON (RFC 8984): of the right types, the same as their iCalendar siblings, kept and refreshed as they are."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.audit.service import person as actor
from app.calendars import Days, Status, feed, group, render_entry
from app.database import db
from app.registrations import service as registrations
from tests import factories
from tests.calendars import jscalendar
from tests.calendars.made import YEARS, entry
from tests.calendars.readers import ical
from tests.conftest import counted
from tests.factories import NOW
from tests.feeds.conftest import BASE, Polled, token_of

URL = "/feeds/all.json?lang=sv"
TYPE = "application/jscalendar+json; type=group"


def sibling(address: str) -> str:
    """The address of the same calendar in the other format."""
    return address.replace(".ics", ".json", 1)


@pytest.fixture(scope="module")
def both(polled: Polled) -> dict[str, tuple[bytes, bytes]]:
    """Each calendar of the demo: iCalendar and JSON."""
    return {address: (polled.get(address).body, polled.get(sibling(address)).body) for address in [*polled.feeds(), *polled.own]}


def test_every_calendar_is_a_group_of_events(both: dict[str, tuple[bytes, bytes]], polled: Polled) -> None:
    for address, (_ics, data) in both.items():
        found = jscalendar.read(data)
        own = address in polled.own
        assert ("source" in found) != own
        assert own or found["source"].startswith(BASE + sibling(address).partition("?")[0])
        assert not [event for event in found["entries"] if {"participants", "replyTo", "recurrenceOverrides"} & event.keys()]


def test_both_formats_say_the_same(both: dict[str, tuple[bytes, bytes]]) -> None:
    kinds = set()
    for address, (ics, data) in both.items():
        (seen,) = ical([ics])
        events = jscalendar.read(data)["entries"]
        assert len(seen) == len(events), address
        for one, event in zip(seen, events, strict=True):
            location = event.get("locations", {}).get("1", {})
            place, keywords = location.get("name", ""), ",".join(event.get("keywords", {}))
            told = (event["uid"], event["title"], event.get("description", ""), place, *jscalendar.instants(event), event["status"].upper())
            assert (*told, event["sequence"], keywords, event["links"]["1"]["href"]) == one
            kinds.add((event.get("timeZone"), event["status"], "coordinates" in location))
    assert {zone for zone, _status, _point in kinds} == {"America/Bogota", "America/Guatemala", "Europe/Stockholm", "Etc/UTC", None}
    assert {status for _zone, status, _point in kinds} == {"confirmed", "cancelled", "tentative"}


def test_stamps_and_points_are_the_siblings(polled: Polled) -> None:
    ics = polled.get("/feeds/all.ics?lang=es").body.replace(b"\r\n ", b"").decode()
    events = jscalendar.read(polled.get("/feeds/all.json?lang=es").body)["entries"]
    bare = {name: [re.sub("[:-]", "", event[key]) for event in events] for name, key in (("CREATED", "created"), ("DTSTAMP", "updated"))}
    assert {name: re.findall(rf"\r\n{name}:(\S+)", ics) for name in bare} == bare
    points = [event["locations"]["1"]["coordinates"].removeprefix("geo:") for event in events if "coordinates" in event["locations"]["1"]]
    assert points == [point.replace(";", ",") for point in re.findall(r"\r\nGEO:(\S+)", ics)]
    free = [event.get("freeBusyStatus") == "free" for event in events]
    assert free == [found == "TRANSPARENT" for found in re.findall(r"\r\nTRANSP:(\S+)", ics)]


def made(*entries: Any) -> dict[str, Any]:
    body = feed("Alla", [render_entry(one, YEARS) for one in entries], YEARS, lang="sv")
    return jscalendar.read(group(body, uid="all@example.org", lang="sv", updated=NOW))


def test_words_survive_in_their_entirety() -> None:
    words = 'C:\\New, a;b\\n "c"\n\tå € 😀 BEGIN:VEVENT\nEND:VEVENT </script> a\u0301'
    (event,) = made(entry(summary='Budget; "två", \\N', description=words))["entries"]
    assert (event["title"], event["description"]) == ('Budget; "två", \\N', words.replace("a\u0301", "á"))


def test_where_people_meet_on_screen_is_a_virtual_location() -> None:
    body = feed("Alla", [render_entry(entry(), YEARS)], YEARS, lang="sv")
    meeting = b"CONFERENCE;FEATURE=VIDEO;VALUE=URI;LANGUAGE=sv:https://meet.example.org/a,b;c?d=1\r\nTRANSP"  # RFC 7986 section 5.11
    found = jscalendar.read(group(body.replace(b"TRANSP", meeting), uid="all@example.org", lang="sv", updated=NOW))
    assert [event["virtualLocations"]["1"]["uri"] for event in found["entries"]] == ["https://meet.example.org/a,b;c?d=1"]


def test_days_alarms_and_what_is_free() -> None:
    days = entry(when=Days(datetime(2026, 3, 27).date(), datetime(2026, 3, 30).date()), transparent=True, location="", geo=None)  # noqa: DTZ001  days
    (event,) = made(replace(days, alarms=(timedelta(days=1), timedelta(minutes=90)), status=Status.TENTATIVE, categories=()))["entries"]
    assert (event["start"], event["duration"], event["showWithoutTime"], "timeZone" in event) == ("2026-03-27T00:00:00", "P4D", True, False)
    assert [alert["trigger"]["offset"] for alert in event["alerts"].values()] == ["-P1D", "-PT1H30M"]
    assert (event["status"], event["freeBusyStatus"], "locations" in event, "keywords" in event) == ("tentative", "free", False, False)


def test_an_empty_calendar_is_a_group_of_nothing(lite: Flask) -> None:
    found = jscalendar.read(lite.test_client().get("/feeds/guatemala.json?lang=es").data)
    assert (found["title"], found["entries"]) == ("Talleres en Guatemala", [])


def test_headers_are_the_siblings(polled: Polled) -> None:
    for address in ("/feeds/all.ics?lang=sv", polled.own[0]):
        ics, data = polled.get(address), polled.get(sibling(address))
        assert data.headers["Content-Type"] == TYPE
        for name in ("Cache-Control", "Vary", "X-Robots-Tag", "Last-Modified", "Set-Cookie", "X-Content-Type-Options"):
            assert data.headers[name] == ics.headers[name], name
        assert data.headers["ETag"] != ics.headers["ETag"]
        assert polled.get(sibling(address), "POST").status == 405


def test_it_is_revalidated_and_packed_as_its_sibling(polled: Polled) -> None:
    for address in (URL, sibling(polled.own[0])):
        first, packed = polled.get(address), polled.get(address, Accept_Encoding="gzip")
        assert gzip.decompress(packed.body) == first.body
        for sent in ({"If_None_Match": first.headers["ETag"]}, {"If_Modified_Since": first.headers["Last-Modified"]}):
            assert (polled.get(address, **sent).status, polled.get(address, **sent).body) == (304, b"")
        foreign = polled.get(address.replace(".json", ".ics")).headers["ETag"]
        assert polled.get(address, If_None_Match=foreign).body == first.body


def test_the_same_rows_are_the_same_bytes(app: Flask) -> None:
    factories.workshop(factories.network(factories.organisation("SE")))
    first = app.test_client().get(URL).data
    app.extensions.pop("app.feeds")
    assert app.test_client().get(URL).data == first


def test_an_unchanged_one_costs_one_statement(lite: Flask) -> None:
    factories.workshop(factories.network(factories.organisation("SE")))
    client = lite.test_client()
    client.get(URL)
    with counted(lite) as seen:
        client.get(URL)
    assert len(seen) == 1


def test_my_own_one_shows_my_seat_and_nobody_elses(lite: Flask) -> None:
    network = factories.network(factories.organisation("SE"))
    workshop, other = factories.workshop(network), factories.workshop(network)
    me, stranger = (factories.person(network.members[0].organisation) for _time in range(2))
    address = f"/feeds/me/{token_of(me)}.json"
    registrations.register(workshop.id, me.id, by=actor(me), now=NOW)
    registrations.register(other.id, stranger.id, by=actor(stranger), now=NOW)
    found = jscalendar.read(lite.test_client().get(address).data)
    assert [event["title"] for event in found["entries"]] == [workshop.texts[me.lang].title]
    assert "participants" not in found["entries"][0]


def test_a_wrong_address_is_a_404(lite: Flask) -> None:
    factories.network(factories.organisation("SE"))
    for address in ("/feeds/me/xxx.json", "/feeds/nowhere.json", "/feeds/all.json?lang=de", "/feeds/network/none.json"):
        assert lite.test_client().get(address).status_code == 404


def test_with_the_database_gone_the_last_good_one_is_served_and_no_secret_one(lite: Flask) -> None:
    me, client = factories.person(factories.organisation("SE")), lite.test_client()
    own = f"/feeds/me/{token_of(me)}.json"
    first = client.get(URL)
    assert client.get(own).status_code == 200
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE calendar_revision"))
    again = client.get(URL)
    assert (again.status_code, again.data, again.headers["Content-Type"]) == (200, first.data, TYPE)
    assert again.headers["Warning"].startswith("110 ")
    assert (client.get(own).status_code, client.get("/feeds/sweden.json").status_code) == (503, 503)
