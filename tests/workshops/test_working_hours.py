"""Working hours on three clocks, in the weeks around the changes of the clocks too."""

from __future__ import annotations

from datetime import date, time

import pytest

from app.languages import using
from app.workshops.checking import advice, working_hours
from app.workshops.checking.advice import Around
from app.workshops.values import Day

STOCKHOLM, BOGOTA, GUATEMALA = "Europe/Stockholm", "America/Bogota", "America/Guatemala"
NEW_YORK, AUCKLAND, TOKYO = "America/New_York", "Pacific/Auckland", "Asia/Tokyo"
THREE = (STOCKHOLM, BOGOTA, GUATEMALA)


def day(on: str, starts: str, ends: str) -> Day:
    return Day(date.fromisoformat(on), time.fromisoformat(starts), time.fromisoformat(ends))


@pytest.mark.parametrize(
    ("on", "zone", "zones", "spans"),
    [
        pytest.param("2026-01-14", STOCKHOLM, THREE, ["15:00-17:00"], id="winter"),
        pytest.param("2026-07-15", STOCKHOLM, THREE, ["16:00-17:00"], id="summer"),
        pytest.param("2026-03-27", STOCKHOLM, THREE, ["15:00-17:00"], id="the last working day before Europe's spring change"),
        pytest.param("2026-03-30", STOCKHOLM, THREE, ["16:00-17:00"], id="the first one after it"),
        pytest.param("2026-10-23", STOCKHOLM, THREE, ["16:00-17:00"], id="the last working day before Europe's autumn change"),
        pytest.param("2026-10-26", STOCKHOLM, THREE, ["15:00-17:00"], id="the first one after it"),
        pytest.param("2026-03-27", BOGOTA, THREE, ["09:00-11:00"], id="the same hours in Bogotá before …"),
        pytest.param("2026-03-30", BOGOTA, THREE, ["09:00-10:00"], id="… and after"),
        pytest.param("2026-03-30", GUATEMALA, THREE, ["08:00-09:00"], id="and in Guatemala"),
        pytest.param("2026-03-06", STOCKHOLM, (STOCKHOLM, NEW_YORK), ["14:00-17:00"], id="before America's spring change"),
        pytest.param("2026-03-16", STOCKHOLM, (STOCKHOLM, NEW_YORK), ["13:00-17:00"], id="between the two spring changes"),
        pytest.param("2026-03-30", STOCKHOLM, (STOCKHOLM, NEW_YORK), ["14:00-17:00"], id="after both"),
        pytest.param("2026-10-28", STOCKHOLM, (STOCKHOLM, NEW_YORK), ["13:00-17:00"], id="between the two autumn changes"),
        pytest.param("2026-11-02", STOCKHOLM, (STOCKHOLM, NEW_YORK), ["14:00-17:00"], id="after both autumn changes"),
        pytest.param("2026-01-14", STOCKHOLM, (STOCKHOLM, TOKYO), ["08:00-09:00"], id="one hour with the east"),
        pytest.param("2026-07-15", STOCKHOLM, (STOCKHOLM, TOKYO, BOGOTA), [], id="east and west share none"),
        pytest.param("2026-01-14", STOCKHOLM, (STOCKHOLM, AUCKLAND), [], id="the far east shares none"),
        pytest.param("2026-01-14", AUCKLAND, (AUCKLAND, GUATEMALA), ["08:00-12:00"], id="where it is still yesterday in Guatemala"),
        pytest.param("2026-01-14", GUATEMALA, (AUCKLAND, GUATEMALA), ["13:00-17:00"], id="where it is tomorrow already in Auckland"),
        pytest.param("2026-01-12", AUCKLAND, (AUCKLAND, GUATEMALA), [], id="Monday in Auckland is Sunday in Guatemala"),
        pytest.param("2026-01-16", GUATEMALA, (AUCKLAND, GUATEMALA), [], id="Friday in Guatemala is Saturday in Auckland"),
        pytest.param(
            "2026-07-15", STOCKHOLM, (AUCKLAND, GUATEMALA), ["14 22:00-01:00", "15 22:00-01:00"], id="over midnight on a third wall"
        ),
        pytest.param("2026-07-15", STOCKHOLM, (BOGOTA,), ["15:00-00:00"], id="one alone works until midnight elsewhere"),
        pytest.param("2026-07-18", STOCKHOLM, THREE, [], id="a Saturday"),
        pytest.param("2026-03-29", STOCKHOLM, THREE, [], id="the Sunday of the change"),
        pytest.param("2026-07-15", STOCKHOLM, (), [], id="nobody"),
    ],
)
def test_when_all_of_them_work(on: str, zone: str, zones: tuple[str, ...], spans: list[str]) -> None:
    wanted = date.fromisoformat(on)

    found = working_hours.common(wanted, zone, zones)

    named = [(starts, f"{starts:%H:%M}-{ends:%H:%M}") for starts, ends in found]
    several = len(named) > 1
    assert [f"{starts.day} {words}" if several else words for starts, words in named] == spans


@pytest.mark.parametrize(
    ("one", "zone", "reader", "part"),
    [
        pytest.param(day("2026-03-27", "15:00", "17:00"), STOCKHOLM, GUATEMALA, "inside", id="08 to 10 before the change"),
        pytest.param(day("2026-03-30", "15:00", "17:00"), STOCKHOLM, GUATEMALA, "early", id="07 to 09 after it"),
        pytest.param(day("2026-03-30", "15:00", "17:00"), STOCKHOLM, BOGOTA, "inside", id="08 to 10 in Bogotá"),
        pytest.param(day("2026-10-23", "15:00", "16:00"), STOCKHOLM, GUATEMALA, "before", id="07 to 08 before the autumn change"),
        pytest.param(day("2026-10-26", "15:00", "16:00"), STOCKHOLM, GUATEMALA, "inside", id="08 to 09 after it"),
        pytest.param(day("2026-07-15", "08:00", "17:00"), STOCKHOLM, STOCKHOLM, "inside", id="a whole working day"),
        pytest.param(day("2026-07-15", "16:00", "17:01"), STOCKHOLM, STOCKHOLM, "late", id="a minute too long"),
        pytest.param(day("2026-07-15", "07:59", "17:00"), STOCKHOLM, STOCKHOLM, "early", id="a minute too early"),
        pytest.param(day("2026-07-15", "07:00", "18:00"), STOCKHOLM, STOCKHOLM, "around", id="longer than a working day"),
        pytest.param(day("2026-07-15", "17:00", "18:00"), STOCKHOLM, STOCKHOLM, "after", id="it begins as they leave"),
        pytest.param(day("2026-07-15", "09:00", "16:00"), BOGOTA, STOCKHOLM, "late", id="16 to 23"),
        pytest.param(day("2026-07-15", "16:00", "18:00"), BOGOTA, STOCKHOLM, "after", id="23 to 01"),
        pytest.param(day("2026-07-15", "18:00", "20:00"), BOGOTA, STOCKHOLM, "before", id="01 to 03 of the next day"),
        pytest.param(day("2026-07-17", "18:00", "20:00"), BOGOTA, STOCKHOLM, "weekend", id="Friday evening is Saturday there"),
        pytest.param(day("2026-07-20", "08:00", "10:00"), AUCKLAND, BOGOTA, "weekend", id="Monday morning is Sunday there"),
    ],
)
def test_what_of_the_working_day_the_hours_fall_into(one: Day, zone: str, reader: str, part: str) -> None:
    assert working_hours.part_of(one, zone, reader) == part


def words(*days: Day, zone: str = STOCKHOLM, form: str = "online", lang: str = "en") -> list[str]:
    with using(lang):
        return [str(advice.html(one)) for one in advice.of_hours(days, zone, form, Around())]


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        pytest.param(
            day("2026-07-15", "15:00", "17:00"),
            "Inside working hours in Stockholm and Bogotá; begins before 08:00 in Guatemala City. "
            "All of them work 16:00–17:00 in Stockholm.",
            id="one begins too early",
        ),
        pytest.param(
            day("2026-07-15", "16:00", "17:00"), "Inside working hours in Stockholm, Bogotá and Guatemala City.", id="all are at work"
        ),
        pytest.param(
            day("2026-07-15", "09:00", "12:00"),
            "Inside working hours in Stockholm; before 08:00 in Bogotá and Guatemala City. All of them work 16:00–17:00 in Stockholm.",
            id="a Swedish morning",
        ),
        pytest.param(day("2026-07-18", "16:00", "17:00"), "At the weekend in Stockholm, Bogotá and Guatemala City.", id="a Saturday"),
    ],
)
def test_a_day_is_held_against_the_three_working_days(one: Day, sentence: str) -> None:
    assert words(one) == [sentence]


def test_the_window_is_said_in_hours_that_can_be_typed() -> None:
    assert words(day("2026-01-14", "14:00", "15:00"), zone=BOGOTA)[0].endswith("All of them work 09:00–11:00 in Bogotá.")


def test_days_that_say_the_same_share_a_sentence_until_the_clocks_change() -> None:
    found = words(*(day(f"2026-03-{number}", "15:00", "16:00") for number in (26, 27, 30, 31)))

    assert found == [
        "Thursday 26 March – Friday 27 March: inside working hours in Stockholm, Bogotá and Guatemala City.",
        (
            "Monday 30 March – Tuesday 31 March: inside working hours in Stockholm and Bogotá; before 08:00 in Guatemala City. "
            "All of them work 16:00–17:00 in Stockholm."
        ),
    ]


@pytest.mark.parametrize(
    ("one", "zone", "form"),
    [
        pytest.param(day("2026-07-15", "16:00", "17:00"), STOCKHOLM, "on_site", id="nobody joins from afar"),
        pytest.param(day("2026-07-15", "17:00", "16:00"), STOCKHOLM, "online", id="the end comes first"),
        pytest.param(day("2026-03-29", "02:30", "04:00"), STOCKHOLM, "online", id="an hour that does not exist"),
        pytest.param(day("0001-01-01", "09:00", "10:00"), AUCKLAND, "both", id="before the calendar begins"),
        pytest.param(day("9999-12-31", "22:00", "23:00"), BOGOTA, "both", id="after it ends"),
    ],
)
def test_what_is_no_matter_is_silent(one: Day, zone: str, form: str) -> None:
    assert words(one, zone=zone, form=form) == []


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("sv", "Inom arbetstid i Stockholm; före 08:00 i Bogotá och Guatemala City. Gemensam arbetstid: 16:00–17:00 i Stockholm."),
        (
            "es",
            (
                "Dentro del horario laboral en Estocolmo; antes de las 08:00 en Bogotá y Ciudad de Guatemala. "
                "Horario laboral en común: 16:00–17:00 en Estocolmo."
            ),
        ),
    ],
)
def test_it_is_said_in_the_readers_language(lang: str, sentence: str) -> None:
    assert words(day("2026-07-15", "09:00", "12:00"), lang=lang) == [sentence]
