"""Requirements 19 to 27 of calendars: what stands in one VEVENT."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from app.calendars import Address, Days, Entry, Hours, Status, Years, file, is_plain_zone, render_entry
from app.errors import Refused
from tests.calendars.made import YEARS, entry, hours
from tests.calendars.strict import Part, read

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FLOATING = datetime.fromisoformat("2024-03-19T16:00:00")


def event(made: Entry, years: Years = YEARS) -> Part:
    (only,) = read(file([render_entry(made, years)], years, lang="sv")).all("VEVENT")
    return only


def line(made: Part, name: str) -> tuple[dict[str, str], str]:
    return made.parameters(name), made.value(name)


@pytest.mark.parametrize("uid", ["", "å@example.org", "a b@example.org", "a\r\nb", "a:b@example.org", "x" * 300])
def test_req_19_a_uid_is_plain_ascii(uid: str) -> None:
    with pytest.raises(ValueError, match="UID"):
        render_entry(entry(uid=uid), YEARS)


def test_req_20_every_property_is_there_once_and_in_utc() -> None:
    made = event(entry())

    assert made.names() == [
        *("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "SUMMARY"),
        *("DESCRIPTION", "LOCATION", "GEO", "CATEGORIES", "URL", "TRANSP", "ORGANIZER"),
    ]
    assert made.value("DTSTAMP") == made.value("LAST-MODIFIED") == "20240201T123015Z"
    assert made.value("CREATED") == "20240101T080000Z"
    assert (made.value("SEQUENCE"), made.value("STATUS"), made.value("TRANSP")) == ("2", "CONFIRMED", "OPAQUE")


def test_req_20_what_is_not_known_is_left_out_not_empty() -> None:
    made = event(entry(description=" ", location="", geo=None, categories=()))

    assert not {"DESCRIPTION", "LOCATION", "GEO", "CATEGORIES"} & set(made.names())


def test_req_20_a_link_is_percent_encoded_once() -> None:
    made = event(entry(url="https://göteborg.example/sv/jämställd%20budget/?q=å&p=50%#del€1"))

    assert made.value("URL") == ("https://xn--gteborg-90a.example/sv/j%C3%A4mst%C3%A4lld%20budget/?q=%C3%A5&p=50%25#del%E2%82%AC1")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "/sv/workshops/budget/",
        "https://",
        "https://user:word@example.org/",
        "https://example.org:x/",
        "https://exa mple.org/",
        "https://example.org/a\r\nBEGIN:VALARM",
        "https://exa\tmple.org/",
        'https://exa"mple.org/',
        "https://[::1/",
        "",
    ],
)
def test_req_20_a_link_that_is_no_full_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        render_entry(entry(url=url), YEARS)

    assert list(refused.value.problems) == ["url"]


@pytest.mark.parametrize("changes", [{"created": FLOATING}, {"changed": FLOATING}])
def test_req_20_an_instant_without_zone_is_a_fault(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        render_entry(entry(**changes), YEARS)


def test_req_20_instants_in_other_zones_are_written_in_utc() -> None:
    made = event(entry(changed=datetime(2024, 2, 1, 13, 30, 15, 999999, tzinfo=STOCKHOLM)))

    assert made.value("DTSTAMP") == "20240201T123015Z"


def test_req_21_a_place_has_its_own_clock() -> None:
    made = event(entry())

    assert line(made, "DTSTART") == ({"TZID": "America/Bogota"}, "20240319T160000")
    assert line(made, "DTEND") == ({"TZID": "America/Bogota"}, "20240319T180000")


@pytest.mark.parametrize("utc", [UTC, ZoneInfo("UTC"), ZoneInfo("Etc/UTC")])
def test_req_21_online_without_a_place_is_in_utc(utc: tzinfo) -> None:
    when = Hours(datetime(2024, 3, 19, 21, tzinfo=utc), datetime(2024, 3, 19, 23, tzinfo=utc))

    calendar = read(file([render_entry(entry(when=when), YEARS)], YEARS, lang="sv"))

    assert [part.name for part in calendar.parts] == ["VEVENT"]
    assert line(calendar.parts[0], "DTSTART") == ({}, "20240319T210000Z")
    assert line(calendar.parts[0], "DTEND") == ({}, "20240319T230000Z")


@pytest.mark.parametrize(
    ("starts", "ends", "wanted"),
    [
        ((2024, 3, 31, 2, 30), (2024, 3, 31, 5, 0), "20240331T013000Z 20240331T030000Z"),  # 02:30 does not exist
        ((2024, 10, 27, 1, 0), (2024, 10, 27, 2, 30), "20241026T230000Z 20241027T003000Z"),  # 02:30 exists twice
    ],
)
def test_req_21_a_time_in_a_gap_or_overlap_is_written_in_utc(starts: tuple[int, ...], ends: tuple[int, ...], wanted: str) -> None:
    year, month, day, hour, minute = starts
    start = datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)
    year, month, day, hour, minute = ends
    end = datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)

    made = event(entry(when=Hours(start, end)))

    assert f"{made.value('DTSTART')} {made.value('DTEND')}" == wanted
    assert made.parameters("DTSTART") == {}


@pytest.mark.parametrize(
    ("zone", "years"),
    [("Africa/Casablanca", YEARS), ("America/Santiago", YEARS), ("America/Bogota", Years(2025, 2026))],
)
def test_req_21_a_clock_without_proven_yearly_rules_is_written_in_utc(zone: str, years: Years) -> None:
    when = hours(zone)

    made = event(entry(when=when), years)

    assert made.value("DTSTART") == f"{when.starts.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    assert is_plain_zone(zone, years) == (zone == "America/Bogota")


def test_req_21_whole_days_end_on_the_day_after_the_last() -> None:
    made = event(entry(when=Days(date(2024, 3, 19), date(2024, 3, 21))))

    assert line(made, "DTSTART") == ({"VALUE": "DATE"}, "20240319")
    assert line(made, "DTEND") == ({"VALUE": "DATE"}, "20240322")


@pytest.mark.parametrize(
    "when",
    [
        Days(date(2024, 3, 19), date(2024, 3, 18)),
        Hours(hours().starts, hours().starts),
        Hours(hours().ends, hours().starts),
    ],
)
def test_req_21_an_end_that_is_not_later_is_refused(when: Hours | Days) -> None:
    with pytest.raises(Refused):
        render_entry(entry(when=when), YEARS)


@pytest.mark.parametrize(
    "when",
    [
        Hours(FLOATING, FLOATING + timedelta(hours=2)),
        Hours(hours().starts, hours("Europe/Stockholm", day=20).ends),
        Hours(
            datetime.fromisoformat("2024-03-19T16:00:00-05:00"),
            datetime.fromisoformat("2024-03-19T18:00:00-05:00"),
        ),
    ],
)
def test_req_21_times_without_one_named_zone_are_a_fault(when: Hours) -> None:
    with pytest.raises(ValueError, match="zone"):
        render_entry(entry(when=when), YEARS)


def test_req_22_a_stay_that_runs_through_is_one_entry() -> None:
    when = Hours(hours(day=19).starts, hours(day=21).ends)

    made = event(entry(when=when))

    assert (made.value("DTSTART"), made.value("DTEND")) == ("20240319T160000", "20240321T180000")


def test_req_24_words_carry_their_language_and_the_point_its_degrees() -> None:
    made = event(entry(geo=(-0.00001, -74.0760004), categories=("Taller; día", "Colombia")))

    assert made.parameters("SUMMARY") == made.parameters("DESCRIPTION") == {"LANGUAGE": "sv"}
    assert made.value("GEO") == "-0.000010;-74.076000"
    assert made.value("CATEGORIES") == r"Taller\; día,Colombia"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("categories", ("Umeå, Sverige",)),
        ("categories", ("",)),
        ("geo", (91.0, 0.0)),
        ("geo", (0.0, -180.5)),
        ("geo", (float("nan"), 0.0)),
        ("summary", " \r\n "),
    ],
)
def test_req_24_what_programs_misread_is_refused(field: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        render_entry(entry(**{field: value}), YEARS)

    assert list(refused.value.problems) == [field]


@pytest.mark.parametrize("lang", ["", "SV", "sv;X=1", "sv\r\n"])
def test_req_24_a_language_is_a_code(lang: str) -> None:
    with pytest.raises(ValueError, match="language"):
        render_entry(entry(lang=lang), YEARS)


def test_req_25_only_the_role_address_stands_in_a_public_entry_and_no_alarm() -> None:
    data = render_entry(entry(), YEARS)

    assert data.replace(b"\r\n ", b"").count(b"@icld.se") == 1
    assert b"VALARM" not in data


def test_req_25_a_personal_entry_may_ring() -> None:
    made = event(entry(alarms=(timedelta(days=1), timedelta(minutes=90))))

    assert [alarm.properties for alarm in made.all("VALARM")] == [
        [
            ("ACTION", {}, "DISPLAY"),
            ("TRIGGER", {}, trigger),
            ("DESCRIPTION", {}, r"Jämställd budget\; så räknar vi\, del 1"),
        ]
        for trigger in ("-P1D", "-PT1H30M")
    ]


def test_req_25_an_alarm_after_the_start_is_a_fault() -> None:
    with pytest.raises(ValueError, match="alarm"):
        render_entry(entry(alarms=(timedelta(0),)), YEARS)


def test_req_26_moving_changes_only_what_moved() -> None:
    old = entry()
    new = replace(old, sequence=3, changed=datetime(2024, 2, 2, tzinfo=UTC), when=hours(day=20))

    before, after = (render_entry(made, YEARS).split(b"\r\n") for made in (old, new))

    changed = {row.partition(b":")[0].partition(b";")[0] for row in set(after) - set(before)}
    assert changed == {b"DTSTAMP", b"LAST-MODIFIED", b"SEQUENCE", b"DTSTART", b"DTEND"}


def test_req_27_a_cancelled_entry_keeps_its_times_and_blocks_no_time() -> None:
    made = event(entry(status=Status.CANCELLED, summary="INSTÄLLD: Jämställd budget", sequence=3))

    assert (made.value("STATUS"), made.value("TRANSP")) == ("CANCELLED", "TRANSPARENT")
    assert line(made, "DTSTART") == ({"TZID": "America/Bogota"}, "20240319T160000")


@pytest.mark.parametrize("email", ["", "a", "a@", "@b", "a@b@c", "a b@c.se", "a@c.se\r\nX:1", "<a@c.se>", "a,b@c.se"])
def test_an_address_that_is_none_is_refused(email: str) -> None:
    with pytest.raises(Refused) as refused:
        render_entry(entry(organizer=Address("ICLD", email)), YEARS)

    assert list(refused.value.problems) == ["organizer"]


def test_an_address_with_special_letters_is_a_correct_mailto() -> None:
    made = event(entry(organizer=Address("", "o'neil+x&y/z@göteborg.example")))

    assert made.value("ORGANIZER") == "mailto:o'neil+x%26y%2Fz@xn--gteborg-90a.example"
    assert made.parameters("ORGANIZER") == {"CN": "o'neil+x&y/z@göteborg.example"}


def test_the_library_reads_the_same_moments() -> None:
    (read_back,) = Calendar.from_ical(file([render_entry(entry(), YEARS)], YEARS, lang="sv")).events

    assert read_back.DTSTART.astimezone(UTC) == datetime(2024, 3, 19, 21, tzinfo=UTC)
    assert read_back.DTEND.astimezone(UTC) == datetime(2024, 3, 19, 23, tzinfo=UTC)
