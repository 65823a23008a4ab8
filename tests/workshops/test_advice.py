"""Holidays, clocks that do not fit, and the list before publishing that names them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from app.languages import using
from app.workshops import rules
from app.workshops.checking import advice, checklist, checks, days_off
from app.workshops.checking.advice import Around
from app.workshops.values import Day, Text, Values

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
AGES = dict.fromkeys(rules.LANGUAGES, NOW)
STOCKHOLM, BOGOTA, GUATEMALA = "Europe/Stockholm", "America/Bogota", "America/Guatemala"
WHOLE = Values(
    network_id=1,
    zone=BOGOTA,
    original_lang="es",
    texts={lang: Text("Title", "Summary", "Description", "Practical") for lang in rules.LANGUAGES},
    days=(Day(date(2026, 6, 3), time(9), time(16)),),
    venue="Archivo",
    place="Bogotá",
    country="CO",
    capacity=20,
    contact="partnership@icld.se",
)


def on(*days: str) -> tuple[Day, ...]:
    return tuple(Day(date.fromisoformat(one), time(9), time(16)) for one in days)


@pytest.mark.parametrize(
    ("day", "own", "sentence"),
    [
        pytest.param(
            "2024-06-06",
            None,
            "Thursday 6 June is a holiday: National Day (Sweden). Check with delegations from there.",
            id="Sweden's national day",
        ),
        pytest.param(
            "2026-05-01",
            None,
            "Friday 1 May is a holiday: May Day (Sweden), Labour Day (Colombia, Guatemala). Check with delegations from there.",
            id="all three",
        ),
        pytest.param(
            "2026-06-19", None, "Friday 19 June is a holiday: Midsummer Eve (Sweden).", id="nobody works, though it is no red day"
        ),
        pytest.param("2026-03-23", None, "Monday 23 March is a holiday: Saint Joseph&#39;s Day (Colombia).", id="moved to the Monday"),
        pytest.param("2026-07-14", "FR", "Tuesday 14 July is a holiday: National Day (France).", id="the workshop's own country"),
        pytest.param("2026-07-14", None, "", id="and only if it is its own"),
        pytest.param("2026-06-03", None, "", id="a working day"),
        pytest.param("0001-01-01", None, "", id="before anybody knew"),
    ],
)
def test_a_holiday_is_told(day: str, own: str | None, sentence: str) -> None:
    with using("en"):
        found = advice.of_holidays([date.fromisoformat(day)], own, Around())

    words = " ".join(str(advice.html(one)) for one in found)
    assert words.startswith(sentence) if sentence else words == ""


@pytest.mark.parametrize(
    ("lang", "day", "country", "name", "said_in"),
    [
        ("sv", "2026-06-06", "SE", "Nationaldagen", "sv"),
        ("en", "2026-06-06", "SE", "National Day", "en"),
        ("es", "2026-06-06", "SE", "Nationaldagen", "sv"),
        ("es", "2026-07-20", "CO", "Día de la Independencia", "es"),
        ("sv", "2026-07-20", "CO", "Día de la Independencia", "es"),
        ("en", "2026-10-20", "GT", "Revolution Day", "en"),
        ("sv", "2026-09-07", "BR", "Independência do Brasil", "pt-BR"),
        ("sv", "2026-12-06", "FI", "Självständighetsdagen", "sv"),
        ("es", "2026-06-16", "ZA", "Youth Day", "en"),
    ],
)
def test_its_name_is_the_readers_else_the_countrys_own(lang: str, day: str, country: str, name: str, said_in: str) -> None:
    with using(lang):
        assert days_off.find(date.fromisoformat(day), country) == days_off.DayOff(name, said_in)


def test_a_country_that_the_library_does_not_know_has_no_holidays() -> None:
    assert days_off.find(date(2026, 1, 1), "XX") is None


def test_a_name_in_another_language_is_marked() -> None:
    with using("es"):
        found = advice.of_holidays([date(2026, 6, 19)], None, Around())

    assert '<span lang="sv">Midsommarafton</span> (Suecia)' in str(advice.html(found[0]))


@pytest.mark.parametrize(
    ("zone", "country", "form", "fits"),
    [
        pytest.param(GUATEMALA, "GT", "on_site", True, id="its own"),
        pytest.param(STOCKHOLM, "GT", "on_site", False, id="another continent's"),
        pytest.param(BOGOTA, "GT", "both", False, id="a neighbour's"),
        pytest.param("America/Lima", "CO", "on_site", False, id="the same hours, but its own clock is offered"),
        pytest.param(STOCKHOLM, "NO", "on_site", True, id="the same hours, and its own is not offered"),
        pytest.param("Europe/London", "NO", "on_site", False, id="other hours"),
        pytest.param("America/New_York", "US", "on_site", True, id="one of many"),
        pytest.param("Europe/Kyiv", "UA", "on_site", True, id="a city with two spellings"),
        pytest.param("America/Argentina/Buenos_Aires", "AR", "on_site", True, id="a city with an old name"),
        pytest.param("UTC", "SE", "online", True, id="nobody's, for a talk online"),
        pytest.param("UTC", "SE", "on_site", False, id="nobody's, for a place"),
        pytest.param(STOCKHOLM, None, "on_site", True, id="no country yet"),
        pytest.param(STOCKHOLM, "XX", "on_site", True, id="an unknown country"),
    ],
)
def test_a_clock_that_is_not_the_countrys_is_told(zone: str, country: str | None, form: str, fits: bool) -> None:
    for days in ([date(2026, 1, 14), date(2026, 7, 15)], [date.min], [date.max]):
        assert (advice.of_clock(zone, country, form, days) == []) or not fits
    assert bool(advice.of_clock(zone, country, form, [date(2026, 7, 15)])) is not fits


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"days": on("2026-06-06")},
            [("Holidays", "days-hints", "Saturday 6 June is a holiday: National Day (Sweden). Check with delegations from there.")],
            id="a holiday",
        ),
        pytest.param(
            {"zone": STOCKHOLM},
            [("Clock", "zone", "The hours follow the clock of Stockholm, which is not that of Colombia.")],
            id="another country's clock",
        ),
        pytest.param(
            {"format": "online", "join_url": "https://video.example"},
            [
                (
                    "Working hours",
                    "days-hints",
                    (
                        "Inside working hours in Bogotá and Guatemala City; ends after 17:00 in Stockholm. "
                        "All of them work 09:00–10:00 in Bogotá."
                    ),
                )
            ],
            id="too late for Sweden",
        ),
        pytest.param(
            {"format": "both"}, [("Link to join online", "join_url", "The link to join is missing; it can come later")], id="both"
        ),
        pytest.param(
            {"texts": {lang: Text("T", "S", "D", "") for lang in rules.LANGUAGES}},
            [("Practical information", "practical_es", "Missing in all languages; may be published as it is")],
            id="no practical information at all",
        ),
        pytest.param(
            {"days": on("2026-06-03", "2026-06-04")}, [("Programme", "programme", "Missing; it can come later")], id="no programme"
        ),
        pytest.param(
            {"closes": datetime.fromisoformat("2026-03-03T06:59")},
            [("Registration", "closes_on", "Closed on 3 March 2026 already: nobody could register")],
            id="registration closed a minute ago on the clock of the place",
        ),
        pytest.param({"closes": datetime.fromisoformat("2026-03-03T07:01")}, [], id="it closes in a minute"),
        pytest.param(
            {"opens": datetime.fromisoformat("2026-05-02"), "closes": datetime.fromisoformat("2026-05-01")},
            [("Registration", "closes_on", "Closes before it opens")],
            id="closes before it opens",
        ),
        pytest.param({"capacity": 0}, [("Seats", "capacity", "Missing")], id="no seats"),
        pytest.param({"reminders": ("hours:1",)}, [("Reminders", "reminder_choice", "No reminder goes out")], id="only for those online"),
        pytest.param(
            {"days": on("2026-02-03"), "closes": datetime.fromisoformat("2026-02-01")},
            [("Days", "days-0-on", "All of them have passed; it will stand among the past ones")],
            id="long past: said once",
        ),
    ],
)
def test_the_list_names_what_may_have_been_overlooked(changes: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    with using("en"):
        found = checklist.lines(replace(WHOLE, **changes), AGES, NOW)

    assert [(line.title, line.field, line.words) for line in found if line.verdict != "tick"] == expected


def test_working_hours_that_suit_all_are_a_tick() -> None:
    day = Day(date(2026, 6, 3), time(9), time(10))
    with using("en"):
        found = checklist.lines(replace(WHOLE, format="online", join_url="https://video.example", days=(day,)), AGES, NOW)

    assert [(line.verdict, line.words) for line in found if line.title == "Working hours"] == [
        ("tick", "Inside working hours in Stockholm, Bogotá and Guatemala City.")
    ]


@pytest.mark.parametrize(
    ("chosen", "usual", "form", "goes"),
    [
        pytest.param((), {"all"}, "on_site", True, id="the network's"),
        pytest.param((), {"online"}, "on_site", False, id="the network's are for others"),
        pytest.param((), {"online"}, "both", True, id="some of them are online"),
        pytest.param((), set(), "online", False, id="the network has none"),
        pytest.param(None, set(), "on_site", False, id="left as they are: none"),
        pytest.param(("days:1@09:00",), set(), "on_site", True, id="its own"),
        pytest.param(("hours:1",), {"all"}, "on_site", False, id="its own replace the network's and are for others"),
        pytest.param(("hours:1",), set(), "online", True, id="an hour before, online"),
    ],
)
def test_whether_any_reminder_goes_out(chosen: tuple[str, ...] | None, usual: set[str], form: str, goes: bool) -> None:
    assert checks.reminded(chosen, usual, form) is goes


def test_what_is_wrong_on_the_form_is_said_on_the_line_of_its_field() -> None:
    with using("en"):
        found = checklist.lines(WHOLE, AGES, NOW, wrong=["closes_on"])

    assert [(line.field, line.words) for line in found if line.verdict == "cross"] == [("closes_on", "Must be put right")]


@pytest.mark.parametrize("program", ["import scheduler.jobs", "from app import create_app; create_app()"])
def test_the_library_of_holidays_is_loaded_by_nobody_before_it_is_asked(program: str, tmp_path: Any) -> None:
    command = [
        sys.executable,
        "-c",
        f"import os; os.environ['INSTANCE'] = {str(tmp_path)!r}\n{program}\nimport sys; print('holidays' in sys.modules)",
    ]

    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout.split() == ["False"]
