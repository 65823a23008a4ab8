"""The whole programme as a calendar: `?show=sessions`, read by the strict reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from app.languages import LANGUAGES
from app.organisations.models import Network
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.values import Values
from tests import factories
from tests.calendars.strict import Part, read
from tests.conftest import counted
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, session, values

URL = "/feeds/all.ics?lang=en&show=sessions"
LATER = NOW + timedelta(hours=1)
Change = Callable[[Values], Values]


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("CO"))


@pytest.fixture
def workshop(network: Network) -> Workshop:
    """Two days; what happens on the second is not known yet."""
    walk = session(
        "Walk; slowly, «åäö» ñandú \\ 漢字 " + "é" * 60, 11, 13, room="Río, orilla", facilitators="Luz Muñoz", interpreted=("sv",)
    )
    draft = service.save_draft(values(network, sessions=(session("Welcome"), walk)), by=KARIN, now=NOW)
    return acts.publish(draft.id, by=KARIN, now=NOW)


def events(app: Flask, url: str = URL) -> list[Part]:
    answer = app.test_client().get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return read(answer.data).all("VEVENT")


def saved(workshop: Workshop, change: Change, now: datetime = LATER) -> None:
    row = queries.get(workshop.id)
    service.save(row.id, change(queries.values_of(row)), row.version, by=KARIN, now=now)


def first_at(hour: int) -> Change:
    """The first session begins at another hour."""
    return lambda typed: replace(typed, sessions=(replace(typed.sessions[0], starts=time(hour)), *typed.sessions[1:]))


def test_each_session_is_an_entry_and_a_day_without_any_is_one_itself(lite: Flask, workshop: Workshop) -> None:
    found = events(lite)

    row = queries.get(workshop.id)
    assert [one.value("UID") for one in found] == [*(one.uid for one in row.days[0].sessions), row.days[1].uid]
    assert [one.value("DTSTART") for one in found] == ["20250603T090000", "20250603T110000", "20250604T090000"]
    assert {one.parameters("DTSTART")["TZID"] for one in found} == {"America/Bogota"}
    assert found[0].text("SUMMARY") == "Welcome"
    assert found[1].text("LOCATION") == "Río, orilla, Archivo de Bogotá, Bogotá, Colombia"


def test_an_entry_says_whose_it_is_on_which_clocks_and_in_which_language(lite: Flask, workshop: Workshop) -> None:
    lines = events(lite)[1].text("DESCRIPTION").split("\n")

    assert lines[:4] == [
        "Ciudad segura (en)",
        "11:00–13:00 in Bogotá · 10:00–12:00 in Guatemala City · 18:00–20:00 in Stockholm",
        "Luz Muñoz",
        "Interpreted into Swedish",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["all", "colombia", "latin-america"])
def test_each_entry_has_the_same_bytes_in_every_calendar(lite: Flask, workshop: Workshop, name: str, lang: str) -> None:
    everywhere = lite.test_client().get(f"/feeds/all.ics?lang={lang}&show=sessions").data
    here = lite.test_client().get(f"/feeds/{name}.ics?lang={lang}&show=sessions").data

    assert len(read(here).all("VEVENT")) == 3
    assert everywhere.split(b"BEGIN:VEVENT")[1:] == here.split(b"BEGIN:VEVENT")[1:]


def test_a_session_that_moves_is_told_and_the_others_keep_every_byte(lite: Flask, workshop: Workshop) -> None:
    client = lite.test_client()
    before = client.get(URL)

    saved(workshop, first_at(10))

    after = client.get(URL, headers={"If-None-Match": before.headers["ETag"]})
    old, new = (answer.data.split(b"BEGIN:VEVENT") for answer in (before, after))
    assert after.status_code == 200
    assert new[2:] == old[2:]
    first, moved = (read(answer.data).all("VEVENT")[0] for answer in (before, after))
    assert moved.value("UID") == first.value("UID")
    assert (first.value("SEQUENCE"), moved.value("SEQUENCE")) == ("0", "1")
    assert (moved.value("DTSTAMP"), moved.value("LAST-MODIFIED")) == ("20250303T130000Z", "20250303T130000Z")
    assert moved.value("CREATED") == first.value("CREATED")


@pytest.mark.parametrize("level", ["days", "overview"])
def test_the_programme_moves_no_day_in_the_other_calendars(lite: Flask, workshop: Workshop, level: str) -> None:
    url = f"/feeds/all.ics?lang=en&show={level}"
    before = [(one.value("UID"), one.value("SEQUENCE"), one.value("DTSTART")) for one in events(lite, url)]
    entries_before = lite.test_client().get(url).data.split(b"BEGIN:VEVENT")[1:]

    saved(workshop, first_at(10))

    assert [(one.value("UID"), one.value("SEQUENCE"), one.value("DTSTART")) for one in events(lite, url)] == before
    if level == "days":
        assert lite.test_client().get(url).data.split(b"BEGIN:VEVENT")[1:] == entries_before


def test_a_cancelled_programme_stays_and_says_so(lite: Flask, workshop: Workshop) -> None:
    acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER)

    found = events(lite)

    assert {(one.value("STATUS"), one.value("TRANSP"), one.value("SEQUENCE")) for one in found} == {("CANCELLED", "TRANSPARENT", "1")}
    assert found[0].text("SUMMARY") == "CANCELLED: Welcome"
    assert "The bridge is closed." in found[0].text("DESCRIPTION")


def test_a_programme_online_is_in_universal_time_and_says_no_room(lite: Flask, network: Network) -> None:
    draft = service.save_draft(values(network, format="online", sessions=(session("Talk"),)), by=KARIN, now=NOW)
    acts.publish(draft.id, by=KARIN, now=NOW)

    talk = events(lite)[0]

    assert (talk.value("DTSTART"), talk.text("LOCATION")) == ("20250603T140000Z", "Online")


def test_a_draft_has_no_programme_in_any_calendar(lite: Flask, network: Network) -> None:
    service.save_draft(values(network, sessions=(session("Talk"),)), by=KARIN, now=NOW)

    assert events(lite) == []


def test_the_calendar_asks_no_more_for_many_sessions(lite: Flask, network: Network, workshop: Workshop) -> None:
    asked: list[Any] = []
    for _time in range(2):
        lite.extensions.pop("app.feeds", None)  # as a process that has kept nothing
        with counted(lite) as seen:
            lite.test_client().get(URL)
        asked.append(len(seen))
        many = tuple(session(f"No {place}", room="", day=place % 2) for place in range(60))
        draft = service.save_draft(values(network, sessions=many), by=KARIN, now=NOW)
        acts.publish(draft.id, by=KARIN, now=NOW)

    assert asked[0] == asked[1]
