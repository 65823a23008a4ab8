"""Files of other calendars are read as they are meant, and whatever is in them, nothing breaks and nothing takes long."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calendars.reading import Event, Fault, Unreadable, looks_like_calendar, read
from tests.exchange.made import calendar, event

at = datetime.fromisoformat  # a time on a wall has no offset
OWN_CLOCK = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
CLOCKS = [  # how a start is written, the clock and the wall it is read as
    ("DTSTART;TZID=America/Bogota:20250603T090000", "America/Bogota", "2025-06-03T09:00"),
    ("DTSTART;TZID=W. Europe Standard Time:20250603T090000", "Europe/Berlin", "2025-06-03T09:00"),  # Outlook
    ("DTSTART;TZID=SA Pacific Standard Time:20250603T090000", "America/Bogota", "2025-06-03T09:00"),
    ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Stockholm:20250603T090000", "Europe/Stockholm", "2025-06-03T09:00"),
    ("DTSTART;TZID=UTC-5:20250603T090000", "UTC", "2025-06-03T14:00"),  # The Events Calendar
    ("DTSTART;TZID=Customized Time Zone:20250603T090000", "UTC", "2025-06-03T07:00"),  # old Outlook
    ("DTSTART:20250603T140000Z", "UTC", "2025-06-03T14:00"),  # Google
    ("DTSTART:20250603T090000", "", "2025-06-03T09:00"),
]


def one(*more: str, **parts: str) -> Event:
    (found,) = read(calendar(event(*more, **parts), more=OWN_CLOCK), 5).events
    return found


@pytest.mark.parametrize(("start", "zone", "wall"), CLOCKS)
def test_a_start_is_read_on_its_clock(start: str, zone: str, wall: str) -> None:
    found = one(start=start, end=start.replace("DTSTART", "DTEND").replace("20250603T", "20250604T"))
    assert (found.zone, found.starts, found.faults) == (zone, at(wall), ())


def test_whole_days_end_with_their_last_one() -> None:
    found = one(start="DTSTART;VALUE=DATE:20250603", end="DTEND;VALUE=DATE:20250606")
    assert (found.starts, found.ends) == (date(2025, 6, 3), date(2025, 6, 5))
    assert one(start="DTSTART;VALUE=DATE:20250603", end="").ends == date(2025, 6, 3)
    assert one(start="DTSTART;VALUE=DATE:20250603", end="DURATION:P2D").ends == date(2025, 6, 4)


def test_a_length_is_as_good_as_an_end() -> None:
    assert one(end="DURATION:PT7H").ends == at("2025-06-03T16:00")


def test_texts_lose_their_escapes_once_and_lines_are_unfolded() -> None:
    found = one("DESCRIPTION:C:\\\\new\\, dos\\nl\n íneas\\; fin", "LOCATION:Archivo\\, Bogotá")
    assert (found.text, found.place) == ("C:\\new, dos\nlíneas; fin", "Archivo, Bogotá")


@pytest.mark.parametrize(
    ("rule", "times", "every"),
    [("FREQ=DAILY;COUNT=3", 3, 1), ("FREQ=DAILY;UNTIL=20250605T235959Z", 3, 1), ("FREQ=DAILY;INTERVAL=2;COUNT=2;WKST=MO", 2, 2)],
)
def test_a_plain_daily_repetition_is_days(rule: str, times: int, every: int) -> None:
    found = one(f"RRULE:{rule}")
    assert (found.times, found.every, found.faults) == (times, every, ())


@pytest.mark.parametrize(
    ("start", "until", "times"),
    [
        ("DTSTART;TZID=America/Bogota:20250603T090000", "20250606T045959Z", 3),  # Google: the end of the fifth in Bogotá
        ("DTSTART;TZID=America/Bogota:20250603T200000", "20250606T010000Z", 3),  # Outlook: the last start
        ("DTSTART;TZID=Europe/Stockholm:20250603T003000", "20250604T223000Z", 3),
        ("DTSTART;TZID=Europe/Stockholm:20250603T090000", "20250605T215959Z", 3),
        ("DTSTART:20250603T140000Z", "20250605T135959Z", 2),
        ("DTSTART:20250603T090000", "20250605T000000Z", 3),  # no clock to tell it by
        ("DTSTART:20250603T090000", "20250605T080000", 2),
    ],
)
def test_an_instant_ends_a_repetition_on_the_clock_of_the_entry(start: str, until: str, times: int) -> None:
    found = one(f"RRULE:FREQ=DAILY;UNTIL={until}", start=start, end="DURATION:PT1H")
    assert (found.times, found.faults) == (times, ())


FAULTS = [
    ({"start": "DTSTART:yesterday"}, "DTSTART", "unreadable"),
    ({"start": ""}, "DTSTART", "missing"),
    ({"start": "DTSTART:20250231T090000Z"}, "DTSTART", "unreadable"),
    ({"start": "DTSTART;TZID=Middle Earth:20250603T090000"}, "DTSTART", "zone"),
    ({"start": "DTSTART;TZID=../../etc/passwd:20250603T090000"}, "DTSTART", "zone"),
    ({"end": "DTEND;TZID=America/Bogota:20250603T080000"}, "DTEND", "before"),
    ({"end": ""}, "DTEND", "missing"),
    ({"end": "DURATION:P99999999999W"}, "DURATION", "unreadable"),
    ({"end": "DTEND;VALUE=DATE:20250604"}, "DTEND", "unreadable"),
]
MORE = [
    ("RRULE:FREQ=WEEKLY;COUNT=3", "RRULE", "repeats"),
    ("RRULE:FREQ=DAILY", "RRULE", "repeats"),
    ("RRULE:FREQ=DAILY;COUNT=1000000", "RRULE", "often"),
    ("RRULE:FREQ=DAILY;COUNT=0", "RRULE", "often"),
    ("RRULE:FREQ=DAILY;INTERVAL=0;COUNT=3", "RRULE", "often"),
    ("RRULE:FREQ=SECONDLY;UNTIL=99991231T235959Z", "RRULE", "repeats"),
    ("RRULE:nonsense", "RRULE", "repeats"),
    ("EXDATE:20250604T090000Z", "EXDATE", "repeats"),
    ("RECURRENCE-ID:20250604T090000Z", "RECURRENCE-ID", "part"),
    ("SUMMARY:again", "SUMMARY", "twice"),
    ("DESCRIPTION:a\x07b", "DESCRIPTION", "controls"),
    ("DESCRIPTION:" + "a" * 30_000, "DESCRIPTION", "long"),
    ("LOCATION", "LOCATION", "unreadable"),
]


@pytest.mark.parametrize(("parts", "name", "why"), FAULTS)
def test_a_wrong_time_is_named(parts: dict[str, str], name: str, why: str) -> None:
    assert [(fault.name, fault.why) for fault in one(**parts).faults] == [(name, why)]


@pytest.mark.parametrize(("line", "name", "why"), MORE)
def test_a_wrong_property_is_named(line: str, name: str, why: str) -> None:
    assert [(fault.name, fault.why) for fault in one(line).faults] == [(name, why)]


BROKEN = [
    ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:a\r\n", "cut", 3),
    ("BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "crossed", 2),
    ("BEGIN:VCALENDAR\r\n" + "BEGIN:X\r\n" * 100_000, "deep", 7),
    ("Subject,Start\r\n", "none", 1),
    (calendar(*[event()] * 6), "many", 6),
]


@pytest.mark.parametrize(("text", "why", "line"), BROKEN, ids=[why for _text, why, _line in BROKEN])
def test_a_file_that_is_no_calendar_is_refused_with_its_line(text: str, why: str, line: int) -> None:
    with pytest.raises(Unreadable) as error:
        read(text, 5)
    assert (error.value.why, error.value.line) == (why, line)


def test_tasks_are_counted_and_alarms_are_not_read() -> None:
    alarm = "BEGIN:VALARM\nTRIGGER:-PT15M\nDESCRIPTION:ring\nEND:VALARM"
    found = read(calendar(event(alarm), more="X-WR-TIMEZONE:America/Bogota\nBEGIN:VTODO\nSUMMARY:x\nEND:VTODO\n"), 5)
    assert (found.others, found.zone, found.events[0].text, found.events[0].line) == (1, "America/Bogota", "", 8)


def test_a_clock_whose_rule_never_ends_is_not_worked_out() -> None:
    clock = OWN_CLOCK.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=SECONDLY")
    began = time.monotonic()
    (found,) = read(calendar(event(start="DTSTART;TZID=Customized Time Zone:20250603T090000"), more=clock), 5).events
    assert found.faults == (Fault("DTSTART", "zone", "Customized Time Zone"),)
    assert time.monotonic() - began < 5


PART = "BEGIN:STANDARD\nDTSTART:{}0101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n{}\nEND:STANDARD\n"
BUSY = [
    pytest.param("0001", "RRULE:FREQ=YEARLY", 1, "2025", id="since the year one"),
    pytest.param("1970", "RRULE:FREQ=YEARLY", 1, "9990", id="until the year 9990"),
    pytest.param("1601", "RRULE:FREQ=YEARLY", 60, "2025", id="many rules"),
    pytest.param("1970", "RDATE:" + ",".join(f"{year}0101T000000" for year in range(1971, 9900)), 1, "2025", id="many dates"),
]


@pytest.mark.parametrize(("first", "rule", "times", "year"), BUSY)
def test_a_clock_that_keeps_a_program_busy_is_not_worked_out(first: str, rule: str, times: int, year: str) -> None:
    clock = "BEGIN:VTIMEZONE\nTZID:Slow\n" + PART.format(first, rule) * times + "END:VTIMEZONE\n"
    (found,) = read(calendar(event(start=f"DTSTART;TZID=Slow:{year}0603T090000"), more=clock), 5).events
    assert found.faults == (Fault("DTSTART", "zone", "Slow"),)


def test_five_hundred_times_on_a_clock_of_their_own_are_read_in_moments() -> None:
    entries = [event(start=f"DTSTART;TZID=Slow:{1700 + day}0603T090000", uid=str(day)) for day in range(500)]
    clock = "BEGIN:VTIMEZONE\nTZID:Slow\n" + PART.format("1601", "RRULE:FREQ=YEARLY") * 8 + "END:VTIMEZONE\n"
    began = time.monotonic()
    assert len(read(calendar(*entries, more=clock), 500).events) == 500
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    "piece",
    ["DESCRIPTION:" + "a" * 2_000_000, " \n" * 500_000, "X;" * 900_000, "DTSTART" + ";A=B" * 400_000 + ":x", "SUMMARY:" + '"\\' * 900_000],
    ids=["one long line", "folds", "no value", "parameters", "quotes"],
)
def test_two_megabytes_of_anything_are_read_in_moments(piece: str) -> None:
    began = time.monotonic()
    assert len(read(calendar(event(piece)), 5).events) == 1
    assert time.monotonic() - began < 10


LINES = st.sampled_from([*calendar(event("RRULE:FREQ=DAILY;COUNT=3"), more=OWN_CLOCK).split("\r\n"), "DTSTART;TZID=", "RRULE:", ";", ":"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=40), st.tuples(LINES, st.text(max_size=8)).map("".join)), max_size=40))
def test_no_file_makes_it_crash(lines: list[str]) -> None:
    text = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])
    assert looks_like_calendar(text)
    try:
        found = read(text, 500)
    except Unreadable:
        return
    assert all(one.starts is None or one.ends is None or one.ends >= one.starts for one in found.events if not one.faults)
