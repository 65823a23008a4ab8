"""Requirements 29 to 32 of calendars: the calendar part of a mail to one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from icalendar import Calendar

from app.calendars import Address, Days, Status, invitation, render_entry
from app.errors import Refused
from tests.calendars.made import ANA, ROLE, YEARS, entry
from tests.calendars.strict import read


def test_req_29_the_method_stands_in_the_calendar() -> None:
    assert read(invitation(entry(), "REQUEST", attendee=ANA, years=YEARS)).value("METHOD") == "REQUEST"
    assert read(invitation(entry(), "CANCEL", attendee=ANA, years=YEARS)).value("METHOD") == "CANCEL"


def test_req_30_one_event_with_the_feed_s_identity_and_no_feed_properties() -> None:
    calendar = read(invitation(entry(alarms=(timedelta(hours=1),)), "REQUEST", attendee=ANA, years=YEARS))

    assert calendar.names() == ["VERSION", "PRODID", "CALSCALE", "METHOD"]
    assert [part.name for part in calendar.parts] == ["VTIMEZONE", "VEVENT"]
    event = calendar.parts[1]
    assert (event.value("UID"), event.value("SEQUENCE")) == ("w1-1@workshops.example.org", "2")
    assert event.parts == []


def test_req_30_but_for_the_attendee_it_is_the_feed_s_event() -> None:
    rows = invitation(entry(), "REQUEST", attendee=ANA, years=YEARS).replace(b"\r\n ", b"").split(b"\r\n")
    kept = render_entry(entry(), YEARS).replace(b"\r\n ", b"").split(b"\r\n")

    start = rows.index(b"BEGIN:VEVENT")

    assert [row for row in rows[start:-2] if not row.startswith(b"ATTENDEE")] == kept[:-1]


def test_req_31_one_organizer_asks_one_attendee_for_an_answer() -> None:
    event = read(invitation(entry(), "REQUEST", attendee=ANA, years=YEARS)).parts[1]

    assert event.value("ORGANIZER") == "mailto:partnership@icld.se"
    assert event.value("ATTENDEE") == "mailto:ana.perez@example.org"
    assert event.parameters("ATTENDEE") == {
        "CN": "Ana 'Anita'; Pérez: x, y",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "TRUE",
    }


def test_req_31_names_are_quoted_even_where_they_need_not_be() -> None:
    data = invitation(entry(), "REQUEST", attendee=Address("Ana", "ana@example.org"), years=YEARS)

    assert b'ATTENDEE;CN="Ana";' in data


def test_req_31_nobody_is_invited_from_their_own_address() -> None:
    with pytest.raises(Refused):
        invitation(entry(), "REQUEST", attendee=replace(ROLE, email="Partnership@ICLD.se"), years=YEARS)


def test_req_32_a_cancellation_has_the_same_identity_and_blocks_no_time() -> None:
    event = read(invitation(entry(sequence=3), "CANCEL", attendee=ANA, years=YEARS)).parts[1]

    assert (event.value("STATUS"), event.value("TRANSP")) == ("CANCELLED", "TRANSPARENT")
    assert (event.value("UID"), event.value("SEQUENCE")) == ("w1-1@workshops.example.org", "3")
    assert event.value("ORGANIZER") == "mailto:partnership@icld.se"


def test_req_32_nobody_is_asked_to_something_cancelled() -> None:
    with pytest.raises(ValueError, match="REQUEST"):
        invitation(entry(status=Status.CANCELLED), "REQUEST", attendee=ANA, years=YEARS)


def test_a_workshop_of_several_days_is_invited_to_as_whole_days() -> None:
    made = entry(when=Days(date(2024, 3, 19), date(2024, 3, 21)))

    data = invitation(made, "REQUEST", attendee=ANA, years=YEARS)

    assert [part.name for part in read(data).parts] == ["VEVENT"]
    (event,) = Calendar.from_ical(data).events
    assert (event.start, event.end) == (date(2024, 3, 19), date(2024, 3, 22))
