"""Requirements 3 and 10 to 18 of calendars, as far as they are about the bytes of a whole document."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from app.calendars import MOST_ENTRIES, MOST_OCTETS, Hours, feed, file, render_entry
from app.errors import Refused
from tests.calendars.made import YEARS, entry, hours
from tests.calendars.strict import read

ONE = render_entry(entry(), YEARS)
ROOT = Path(__file__).parents[2]


def test_req_03_two_renderings_are_byte_equal() -> None:
    again = render_entry(entry(), YEARS)

    assert again == ONE
    assert feed("Alla", [again], YEARS, lang="sv") == feed("Alla", [ONE], YEARS, lang="sv")


def test_req_03_the_hash_seed_of_the_process_does_not_show() -> None:
    script = (
        "import sys; from tests.calendars.made import *; from app.calendars import *;"
        "zones = ['Europe/Stockholm', 'America/Guatemala', 'America/Bogota', 'America/New_York'];"
        "pieces = [render_entry(entry(when=hours(zone)), YEARS) for zone in zones];"
        "sys.stdout.buffer.write(feed('Alla', pieces, YEARS, lang='sv'))"
    )

    def run(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", script]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True).stdout

    first, second = run("1"), run("2")

    assert first == second
    assert [zone.value("TZID") for zone in read(first).all("VTIMEZONE")] == [
        "America/Bogota",
        "America/Guatemala",
        "America/New_York",
        "Europe/Stockholm",
    ]


def test_req_10_an_empty_feed_is_a_valid_calendar() -> None:
    calendar = read(feed("Alla", [], YEARS, lang="sv"))

    assert calendar.parts == []
    assert calendar.text("NAME") == "Alla"


def test_req_11_over_a_thousand_entries_the_oldest_leave() -> None:
    pieces = [render_entry(entry(uid=f"w{n}@example.org", description=""), YEARS) for n in range(MOST_ENTRIES + 2)]

    left = [event.value("UID") for event in read(feed("Alla", pieces, YEARS, lang="sv")).all("VEVENT")]

    assert left == [f"w{n}@example.org" for n in range(2, MOST_ENTRIES + 2)]


def test_req_11_over_a_million_octets_the_oldest_leave() -> None:
    pieces = [render_entry(entry(uid=f"w{n}@example.org", description="å, " * 4000), YEARS) for n in range(70)]

    data = feed("Alla", pieces, YEARS, lang="sv")

    assert MOST_OCTETS - len(pieces[0]) < len(data) <= MOST_OCTETS
    assert read(data).all("VEVENT")[-1].value("UID") == "w69@example.org"


def test_req_13_lines_are_folded_at_75_octets_and_never_inside_a_character() -> None:
    for shift in range(8):
        text = "a" * shift + "å€😀" * 60

        calendar = read(feed("Alla", [render_entry(entry(description=text), YEARS)], YEARS, lang="sv"))

        assert calendar.parts[1].text("DESCRIPTION") == text


def test_req_13_a_line_of_75_octets_is_not_folded_and_one_of_76_is() -> None:
    start = len(b"SUMMARY;LANGUAGE=sv:")

    assert b"\r\nSUMMARY;LANGUAGE=sv:" + b"x" * (75 - start) + b"\r\n" in render_entry(entry(summary="x" * (75 - start)), YEARS)
    assert b"\r\nSUMMARY;LANGUAGE=sv:" + b"x" * (75 - start) + b"\r\n x\r\n" in render_entry(entry(summary="x" * (76 - start)), YEARS)


def test_req_13_no_fold_stands_between_a_backslash_and_what_it_escapes() -> None:
    for shift in range(80):
        rows = render_entry(entry(description="a" * shift + "\\,;\n" * 80), YEARS).split(b"\r\n")

        assert not [row for row in rows if (len(row) - len(row.rstrip(b"\\"))) % 2]


def test_req_13_long_runs_of_blanks_make_no_blank_line() -> None:
    text = "a" + " " * 300 + "b" + "\u3000" * 100 + "c" + " " * 300

    event = read(file([render_entry(entry(description=text), YEARS)], YEARS, lang="sv")).parts[1]

    assert event.text("DESCRIPTION") == "a b c"


@pytest.mark.parametrize("hostile", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\ud800"])
@pytest.mark.parametrize("field", ["summary", "description", "location", "url"])
def test_req_13_control_characters_are_refused_by_name_of_the_field(field: str, hostile: str) -> None:
    with pytest.raises(Refused) as refused:
        render_entry(entry(**{field: f"https://example.org/a{hostile}b"}), YEARS)

    assert list(refused.value.problems) == [field]


def test_req_14_texts_are_escaped_once() -> None:
    text = "a\\b, c; d\ne\r\nf\rg\u2028h \\n \\N C:\\New <b>&amp;</b>\tz"

    data = file([render_entry(entry(description=text), YEARS)], YEARS, lang="sv")

    wanted = "a\\b, c; d\ne\nf\ng\nh \\n \\N C:\\New <b>&amp;</b>\tz"
    raw = r"a\\b\, c\; d\ne\nf\ng\nh \\n \\N C:\\New <b>&amp\;</b>" + "\tz"
    assert read(data).parts[1].value("DESCRIPTION") == raw
    assert read(data).parts[1].text("DESCRIPTION") == wanted
    assert str(Calendar.from_ical(data).events[0]["DESCRIPTION"]) == wanted


def test_req_14_uris_are_not_escaped() -> None:
    url = "https://example.org/a,b;c?d=1,2&e=%C3%A5"

    event = read(file([render_entry(entry(url=url), YEARS)], YEARS, lang="sv")).parts[1]

    assert event.value("URL") == url


def test_req_14_decomposed_letters_become_nfc() -> None:
    decomposed = normalize("NFD", "Åre, Bogotá")

    event = read(file([render_entry(entry(summary=decomposed), YEARS)], YEARS, lang="sv")).parts[1]

    assert event.text("SUMMARY") == "Åre, Bogotá"


@pytest.mark.parametrize("mark", ["\u0301", "\u0303", "\u0323"])
def test_req_14_a_mark_that_begins_a_line_does_not_join_the_line_break_before_it(mark: str) -> None:
    event = read(file([render_entry(entry(description=f"a\n{mark}b"), YEARS)], YEARS, lang="sv")).parts[1]

    assert event.text("DESCRIPTION") == f"a\n\u00a0{mark}b"


def test_req_15_there_is_one_calendar_with_registered_names_in_capitals() -> None:
    calendar = read(feed("Alla", [ONE, render_entry(entry(when=hours("Europe/Stockholm")), YEARS)], YEARS, lang="sv"))

    assert [part.name for part in calendar.parts] == ["VTIMEZONE", "VTIMEZONE", "VEVENT", "VEVENT"]


def test_req_16_a_feed_says_what_it_is() -> None:
    calendar = read(feed("Alla, öppna; allt", [ONE], YEARS, lang="sv", refresh=timedelta(hours=4)))

    assert [(name, value) for name, _, value in calendar.properties] == [
        ("VERSION", "2.0"),
        ("PRODID", "-//ICLD//Workshops//SV"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("NAME", r"Alla\, öppna\; allt"),
        ("X-WR-CALNAME", r"Alla\, öppna\; allt"),
        ("REFRESH-INTERVAL", "PT4H"),
        ("X-PUBLISHED-TTL", "PT4H"),
    ]
    assert calendar.parameters("REFRESH-INTERVAL") == {"VALUE": "DURATION"}


@pytest.mark.parametrize("refresh", [timedelta(minutes=14), timedelta(days=1, seconds=1)])
def test_req_16_the_refresh_interval_lies_between_15_minutes_and_a_day(refresh: timedelta) -> None:
    with pytest.raises(ValueError, match="refresh"):
        feed("Alla", [], YEARS, lang="sv", refresh=refresh)


def test_req_17_a_file_has_no_feed_properties_and_neither_has_a_uid_of_its_own() -> None:
    calendar = read(file([ONE], YEARS, lang="sv"))

    assert calendar.names() == ["VERSION", "PRODID", "CALSCALE", "METHOD"]
    assert "UID" not in read(feed("Alla", [ONE], YEARS, lang="sv")).names()


def test_req_18_feed_and_file_are_published_by_one_organizer_without_attendees() -> None:
    for data in (feed("Alla", [ONE], YEARS, lang="sv"), file([ONE], YEARS, lang="sv")):
        calendar = read(data)
        assert calendar.value("METHOD") == "PUBLISH"
        assert calendar.parts[1].value("ORGANIZER") == "mailto:partnership@icld.se"
        assert "ATTENDEE" not in calendar.parts[1].names()


def test_req_19_an_entry_has_the_same_bytes_in_feed_and_file() -> None:
    other = render_entry(entry(uid="w2@example.org", when=hours("Europe/Stockholm")), YEARS)

    assert ONE in feed("Alla", [ONE, other], YEARS, lang="sv")
    assert ONE in file([ONE], YEARS, lang="sv")


def test_what_is_kept_of_an_entry_tells_equal_instants_apart() -> None:
    """The same instant on another wall, and the two hours in which clocks are put back, are equal to Python."""
    starts, ends = datetime(2024, 3, 19, 8, tzinfo=UTC), datetime(2024, 3, 19, 10, tzinfo=UTC)
    for zone in ("America/Bogota", "Europe/Stockholm"):
        wall = Hours(starts.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone)))
        assert f"DTSTART;TZID={zone}:".encode() in render_entry(entry(when=wall), YEARS)
    assert b"DTSTART:20240319T080000Z" in render_entry(entry(when=Hours(starts, ends)), YEARS)
    twice = datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
    for fold, hour in ((0, b"003000Z"), (1, b"013000Z")):
        when = Hours(twice.replace(fold=fold), twice.replace(hour=5))
        assert b"DTSTART:20241027T" + hour in render_entry(entry(when=when), YEARS)
