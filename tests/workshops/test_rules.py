"""What holds for a workshop, as tables of named cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.languages import using
from app.workshops import rules, walltime
from app.workshops.checking import checklist, checks
from app.workshops.values import Day, Text, Values

STOCKHOLM, BOGOTA, GUATEMALA = "Europe/Stockholm", "America/Bogota", "America/Guatemala"
START = datetime(2025, 6, 3, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
date_time = datetime.fromisoformat  # a time on a wall has no offset


@pytest.mark.parametrize(
    ("on", "wall", "zone", "utc"),
    [
        pytest.param(date(2024, 3, 19), time(16), BOGOTA, "2024-03-19T21:00", id="Bogota has no summer time"),
        pytest.param(date(2024, 7, 19), time(16), GUATEMALA, "2024-07-19T22:00", id="nor has Guatemala"),
        pytest.param(date(2024, 1, 10), time(9), STOCKHOLM, "2024-01-10T08:00", id="winter in Stockholm"),
        pytest.param(date(2024, 7, 10), time(9), STOCKHOLM, "2024-07-10T07:00", id="summer in Stockholm"),
        pytest.param(date(2027, 3, 28), time(1, 59), STOCKHOLM, "2027-03-28T00:59", id="the last minute before the gap"),
        pytest.param(date(2027, 3, 28), time(3), STOCKHOLM, "2027-03-28T01:00", id="the first minute after the gap"),
        pytest.param(date(2027, 10, 31), time(1, 59), STOCKHOLM, "2027-10-30T23:59", id="the last minute before the doubled hour"),
        pytest.param(date(2027, 10, 31), time(3), STOCKHOLM, "2027-10-31T02:00", id="the first minute after the doubled hour"),
    ],
)
def test_a_wall_time_is_an_instant(on: date, wall: time, zone: str, utc: str) -> None:
    assert walltime.instant(on, wall, zone) == datetime.fromisoformat(f"{utc}+00:00")


@pytest.mark.parametrize(
    ("on", "wall", "zone", "problem", "nearest"),
    [
        pytest.param(date(2027, 3, 28), time(2), STOCKHOLM, walltime.NoSuchTime, ["01:59", "03:00"], id="the gap begins"),
        pytest.param(date(2027, 3, 28), time(2, 30), STOCKHOLM, walltime.NoSuchTime, ["01:59", "03:00"], id="inside the gap"),
        pytest.param(date(2027, 3, 28), time(2, 59), STOCKHOLM, walltime.NoSuchTime, ["01:59", "03:00"], id="the gap ends"),
        pytest.param(date(2027, 10, 31), time(2), STOCKHOLM, walltime.TimeTwice, ["01:59", "03:00"], id="the doubled hour begins"),
        pytest.param(date(2027, 10, 31), time(2, 59), STOCKHOLM, walltime.TimeTwice, ["01:59", "03:00"], id="the doubled hour ends"),
        pytest.param(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", walltime.NoSuchTime, ["01:59", "02:30"], id="a gap of 30 min"),
        pytest.param(date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", walltime.TimeTwice, ["01:29", "02:00"], id="half an hour twice"),
        pytest.param(date(2026, 3, 8), time(0, 30), "America/Havana", walltime.NoSuchTime, ["01:00"], id="a gap at midnight has one side"),
        pytest.param(date(2011, 12, 30), time(12), "Pacific/Apia", walltime.NoSuchTime, [], id="a whole day that never was"),
    ],
)
def test_a_wall_time_that_is_no_instant_names_its_neighbours(
    on: date, wall: time, zone: str, problem: type[walltime.WallProblem], nearest: list[str]
) -> None:
    with pytest.raises(problem) as caught:
        walltime.instant(on, wall, zone)

    assert [f"{near:%H:%M}" for near in caught.value.nearest] == nearest


@given(
    some.datetimes(date_time("2024-01-01"), date_time("2035-12-31")),
    some.sampled_from([STOCKHOLM, BOGOTA, GUATEMALA, "America/Santiago"]),
)
def test_an_instant_shows_the_wall_time_it_came_from(wall: datetime, zone: str) -> None:
    try:
        found = walltime.instant(wall.date(), wall.time(), zone)
    except walltime.WallProblem as problem:
        for near in problem.nearest:
            assert walltime.instant(wall.date(), near, zone)
        return
    assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    ("country", "form", "region"),
    [
        ("SE", "on_site", "sweden"),
        ("CO", "on_site", "latin_america"),
        ("GT", "both", "latin_america"),
        ("SE", "both", "sweden"),
        ("GT", "online", "online"),
        (None, "online", "online"),
        ("NO", "on_site", "other"),
        (None, "on_site", "other"),
    ],
)
def test_the_region_follows_from_the_country(country: str | None, form: str, region: str) -> None:
    assert rules.region(country, form) == region


@pytest.mark.parametrize(
    ("state", "now", "stage"),
    [
        ("draft", START, "draft"),
        ("published", START, "published"),
        ("published", START + 6 * HOUR, "published"),
        ("published", START + 7 * HOUR, "done"),
        ("postponed", START + 7 * HOUR, "postponed"),
        ("cancelled", START + 7 * HOUR, "cancelled"),
    ],
)
def test_a_published_one_that_is_over_is_done(state: str, now: datetime, stage: str) -> None:
    assert rules.stage(state, START, START + 7 * HOUR, now) == stage


@dataclass
class Facts:
    """A workshop as far as registration goes."""

    state: str = "published"
    starts_at: datetime | None = START
    ends_at: datetime | None = START + 7 * HOUR
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int = 10
    taken: int = 0


NOW = START - timedelta(days=30)


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(Facts(), NOW, "open", id="open"),
        pytest.param(Facts(taken=9), NOW, "open", id="the last seat"),
        pytest.param(Facts(taken=10), NOW, "full", id="full"),
        pytest.param(Facts(opens_at=NOW + HOUR), NOW, "not_yet", id="not yet"),
        pytest.param(Facts(opens_at=NOW), NOW, "open", id="it opens now"),
        pytest.param(Facts(closes_at=NOW), NOW, "closed", id="it closes now"),
        pytest.param(Facts(closes_at=NOW, taken=10), NOW, "closed", id="closed counts more than full"),
        pytest.param(Facts(), START, "closed", id="without a closing time it closes at the start"),
        pytest.param(Facts(), START + 7 * HOUR, "past", id="over"),
        pytest.param(Facts(state="cancelled"), NOW, "cancelled", id="cancelled"),
        pytest.param(Facts(state="cancelled"), START + 8 * HOUR, "cancelled", id="cancelled and over"),
        pytest.param(Facts(state="postponed"), NOW, "postponed", id="postponed"),
        pytest.param(Facts(state="postponed"), START + 8 * HOUR, "postponed", id="postponed, and the old days have passed"),
        pytest.param(Facts(closes_at=START + 9 * HOUR), START + 7 * HOUR, "past", id="over before registration closes"),
        pytest.param(Facts(state="draft"), NOW, "closed", id="nobody registers for a draft"),
    ],
)
def test_what_the_button_says(facts: Facts, now: datetime, expected: str) -> None:
    assert rules.registration_state(facts, now) == expected


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(Facts(closes_at=NOW), START - HOUR, True, id="until the start, though nobody new may come"),
        pytest.param(Facts(), START, False, id="not once it has begun"),
        pytest.param(Facts(closes_at=START + 3 * HOUR), START + 2 * HOUR, True, id="begun, and one may still register"),
        pytest.param(Facts(closes_at=START + 3 * HOUR), START + 3 * HOUR, False, id="begun, and registration has closed"),
        pytest.param(Facts(closes_at=START + 9 * HOUR), START + 7 * HOUR, False, id="over"),
        pytest.param(Facts(state="postponed"), NOW, False, id="postponed"),
        pytest.param(Facts(starts_at=None, ends_at=None), NOW, False, id="without a day"),
    ],
)
def test_how_long_a_free_seat_goes_to_the_first_in_line(facts: Facts, now: datetime, expected: bool) -> None:
    assert rules.passes_on(facts, now) is expected


@pytest.mark.parametrize("state", ["draft", "published", "postponed", "cancelled"])
@pytest.mark.parametrize("verb", ["publish", "postpone", "cancel", "restore"])
def test_only_these_steps_lead_anywhere(state: str, verb: str) -> None:
    steps = {
        ("draft", "publish"): "published",
        ("published", "postpone"): "postponed",
        ("published", "cancel"): "cancelled",
        ("postponed", "restore"): "published",
        ("postponed", "cancel"): "cancelled",
        ("cancelled", "restore"): "published",
    }

    assert rules.next_state(state, verb) == steps.get((state, verb))


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://video.example/room", True),
        ("https://video.example:8443/a?b=c", True),
        ("http://video.example/room", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://user:pass@video.example", False),
        ("https://video.example/a b", False),
        ("https://[::1", False),
        ("https://video.example:99999", False),
        ("", False),
    ],
)
def test_only_whole_https_addresses_will_do(url: str, good: bool) -> None:
    assert rules.is_https(url) is good


WHOLE = Values(
    network_id=1,
    zone=BOGOTA,
    original_lang="es",
    texts={lang: Text("Title", "Summary", "Description", "Practical") for lang in rules.LANGUAGES},
    days=(Day(date(2025, 6, 3), time(9), time(16)),),
    venue="Archivo",
    place="Bogotá",
    country="CO",
    capacity=20,
    contact="partnership@icld.se",
)
AGES = dict.fromkeys(rules.LANGUAGES, NOW)
TODAY = date(2025, 3, 3)


def lacking(**texts: Text) -> dict[str, Text]:
    return {**WHOLE.texts, **texts}


@pytest.mark.parametrize(
    ("changes", "field", "verdict", "why"),
    [
        pytest.param({"texts": lacking(es=Text("", "S", "D", "P"))}, "title_es", "cross", "no_title", id="no Spanish title"),
        pytest.param({"texts": lacking(sv=Text("T", "", "D", "P"))}, "summary_sv", "cross", "no_summary", id="no Swedish summary"),
        pytest.param({"texts": lacking(en=Text("T", "S", "", "P"))}, "description_en", "warn", "no_description", id="no description"),
        pytest.param({"texts": lacking(en=Text("T", "S", "D", ""))}, "practical_en", "warn", "no_practical", id="no practical information"),
        pytest.param({"days": ()}, "days-0-on", "cross", "missing", id="no day"),
        pytest.param({"days": (Day(date(2025, 3, 2), time(9), time(16)),)}, "days-0-on", "warn", "past", id="in the past"),
        pytest.param({"capacity": 0}, "capacity", "cross", "missing", id="no seats"),
        pytest.param({"place": ""}, "place", "cross", "no_place", id="no town"),
        pytest.param({"country": None}, "country", "cross", "no_country", id="no country"),
        pytest.param({"venue": ""}, "venue", "warn", "no_venue", id="no venue"),
        pytest.param({"format": "online"}, "join_url", "warn", "no_link", id="online without a link"),
        pytest.param({"format": "both"}, "join_url", "warn", "no_link", id="both without a link"),
        pytest.param({"access": "invited"}, "invitees", "cross", "nobody", id="by invitation, nobody invited"),
        pytest.param({"closes": date_time("2025-06-04")}, "closes", "cross", "closes_after_end", id="closes too late"),
        pytest.param({"opens": date_time("2025-06-03T09:00")}, "opens", "cross", "opens_after_start", id="opens at the start"),
        pytest.param(
            {"opens": date_time("2025-06-03T10:00"), "closes": date_time("2025-06-03T12:00")},
            "opens",
            "cross",
            "opens_after_start",
            id="opens while it is on",
        ),
        pytest.param({"latitude": -74.1, "longitude": 4.7}, "latitude", "warn", "outside", id="latitude and longitude changed about"),
        pytest.param({"latitude": 4.7, "longitude": 74.1}, "latitude", "warn", "outside", id="a minus left out"),
        pytest.param({"closes": date_time("2025-06-03T16:01")}, "closes", "cross", "closes_after_end", id="closes a minute too late"),
        pytest.param({"contact": ""}, "contact", "warn", "missing", id="no address for questions"),
        pytest.param({"letters": date_time("2025-03-01")}, "letters", "warn", "gone", id="too late for letters already"),
        pytest.param(
            {"opens": date_time("2025-05-01"), "letters": date_time("2025-04-30")}, "letters", "warn", "before_opening", id="letters first"
        ),
        pytest.param(
            {"format": "online", "join_url": "https://a.example", "letters": date_time("2025-05-01")},
            "letters",
            "warn",
            "no_place",
            id="letters to nowhere",
        ),
    ],
)
def test_what_publishing_waits_for(changes: dict[str, Any], field: str, verdict: str, why: str) -> None:
    found = checks.checks(replace(WHOLE, **changes), AGES, TODAY)

    assert [(c.field, c.verdict, c.why) for c in found if c.verdict != "tick"] == [(field, verdict, why)]


def test_a_whole_workshop_waits_for_nothing() -> None:
    assert {check.verdict for check in checks.checks(WHOLE, AGES, TODAY)} == {"tick"}


@pytest.mark.parametrize(
    ("country", "latitude", "longitude"),
    [("CO", 4.711, -74.07), ("CO", 12.58, -81.7), ("CO", -4.2, -69.9), ("GT", 14.74, -91.16), ("SE", 67.86, 20.22), ("NO", 4.7, 74.1)],
)
def test_a_point_in_the_country_is_no_matter(country: str, latitude: float, longitude: float) -> None:
    point = replace(WHOLE, country=country, latitude=latitude, longitude=longitude, opens=date_time("2025-06-03T08:59"))

    assert {check.verdict for check in checks.checks(point, AGES, TODAY)} == {"tick"}


def test_the_list_before_publishing_says_which_country_the_point_lies_outside() -> None:
    with using("en"):
        lines = checklist.lines(replace(WHOLE, latitude=4.7, longitude=74.1), AGES, NOW)

    assert [(line.title, line.words) for line in lines if line.field == "latitude"] == [
        ("Latitude and longitude", "The point lies outside Colombia; may be published as it is")
    ]


def test_a_text_older_than_the_original_is_marked() -> None:
    ages = {**AGES, "es": NOW + HOUR}

    assert checks.text_state(WHOLE, "sv", ages).why == "older"
    assert checks.text_state(WHOLE, "es", ages).why == "complete"


@pytest.mark.parametrize(
    ("after", "zone", "moved"),
    [
        (WHOLE.days, BOGOTA, False),
        (WHOLE.days, GUATEMALA, True),
        ((), BOGOTA, True),
        ((Day(date(2025, 6, 3), time(10), time(16)),), BOGOTA, True),
        ((*WHOLE.days, Day(date(2025, 6, 4), time(9), time(12))), BOGOTA, True),
        ((Day(date(2025, 6, 3), time(9), time(16), id=5),), BOGOTA, False),
    ],
)
def test_moved_is_other_hours_other_days_or_another_clock(after: tuple[Day, ...], zone: str, moved: bool) -> None:
    assert rules.moved(WHOLE.days, after, BOGOTA, zone) is moved
