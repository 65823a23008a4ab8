"""States and verbs, calls, and what must be said, as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.membership.interest import rules
from app.membership.interest.rules import STATES, Call, Colleague, Offered, Values

VERBS = {
    "applicant": {
        "draft": {"save": "draft", "send": "sent", "withdraw": "withdrawn"},
        "sent": {"withdraw": "withdrawn"},
        "asked": {"save": "asked", "answer": "sent", "withdraw": "withdrawn"},
        "withdrawn": {"take_up": "draft"},
    },
    "staff": {
        "sent": {"ask": "asked", "accept": "accepted", "decline": "declined"},
        "asked": {"accept": "accepted", "decline": "declined"},
        "declined": {"take_up": "sent"},
    },
}
ALL = ("save", "send", "answer", "withdraw", "take_up", "ask", "accept", "decline")
MARCH = Call(date(2025, 3, 1), date(2025, 3, 31), 1)
WHOLE = Values("Few women speak.", ("care",), 2, 1, "The council", ("es",), (1, 2))
OFFERED = [Offered(1, "latin_america"), Offered(2, "sweden")]


@pytest.mark.parametrize("who", VERBS)
def test_every_verb_leads_from_its_states_alone(who: str) -> None:
    for state in STATES:
        assert {verb: found for verb in ALL if (found := rules.after(who, verb, state))} == VERBS[who].get(state, {})
        assert rules.verbs(who, state) == set(VERBS[who].get(state, {}))


@pytest.mark.parametrize(
    ("zone", "instant", "is_open"),
    [
        ("Europe/Stockholm", datetime(2025, 2, 28, 22, 59, tzinfo=UTC), False),
        ("Europe/Stockholm", datetime(2025, 2, 28, 23, 0, tzinfo=UTC), True),
        ("America/Guatemala", datetime(2025, 2, 28, 23, 0, tzinfo=UTC), False),
        ("Europe/Stockholm", datetime(2025, 3, 31, 21, 59, tzinfo=UTC), True),
        ("Europe/Stockholm", datetime(2025, 3, 31, 22, 0, tzinfo=UTC), False),
        ("America/Guatemala", datetime(2025, 4, 1, 5, 59, tzinfo=UTC), True),
        ("America/Guatemala", datetime(2025, 4, 1, 6, 0, tzinfo=UTC), False),
    ],
)
def test_a_call_is_open_from_its_first_day_to_the_end_of_its_last_on_the_clock_there(zone: str, instant: datetime, is_open: bool) -> None:
    assert (rules.open_call([MARCH], zone, instant) == MARCH) is is_open


def test_which_call_comes_next_and_which_was_last() -> None:
    june, now = Call(date(2025, 6, 1), date(2025, 6, 30), 2), datetime(2025, 5, 1, 12, tzinfo=UTC)
    zone = "America/Guatemala"
    assert (rules.next_call([MARCH, june], zone, now), rules.last_call([MARCH, june], zone, now)) == (june, MARCH)
    assert (rules.next_call([MARCH], zone, now), rules.last_call([june], zone, now)) == (None, None)
    assert rules.may_be_open([MARCH, june], now) is None


@pytest.mark.parametrize(
    ("zone", "instant", "comes", "was"),
    [
        ("America/Guatemala", datetime(2025, 3, 1, 5, 59, tzinfo=UTC), True, False),  # the evening before, there
        ("America/Guatemala", datetime(2025, 3, 1, 6, 0, tzinfo=UTC), False, False),
        ("Europe/Stockholm", datetime(2025, 2, 28, 23, 0, tzinfo=UTC), False, False),
        ("Europe/Stockholm", datetime(2025, 3, 31, 21, 59, tzinfo=UTC), False, False),
        ("Europe/Stockholm", datetime(2025, 3, 31, 22, 0, tzinfo=UTC), False, True),
        ("America/Guatemala", datetime(2025, 4, 1, 5, 59, tzinfo=UTC), False, False),
    ],
)
def test_a_call_is_to_come_open_or_over_on_the_clock_there(zone: str, instant: datetime, comes: bool, was: bool) -> None:
    assert (rules.next_call([MARCH], zone, instant) == MARCH, rules.last_call([MARCH], zone, instant) == MARCH) == (comes, was)


MISSING: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {}),
    ({"challenge": ""}, {"challenge": "challenge"}),
    ({"themes": ()}, {"themes": "themes"}),
    ({"support": ""}, {"support": "support"}),
    ({"languages": ()}, {"languages": "languages"}),
    ({"politicians": None}, {"politicians": "number"}),
    ({"officials": None}, {"officials": "number"}),
    ({"politicians": 0, "officials": 0}, {"politicians": "nobody"}),
    ({"workshops": (1,)}, {"why": "sweden"}),
    ({"workshops": (2,)}, {"why": "latin_america"}),
    ({"workshops": ()}, {"why": "both"}),
    ({"workshops": (), "why": "No visa in time."}, {}),
]


@pytest.mark.parametrize(("more", "found"), MISSING)
def test_what_is_missing_before_it_is_sent(more: dict[str, Any], found: dict[str, str]) -> None:
    assert rules.missing(Values(**{**vars(WHOLE), **more}), OFFERED) == found


def test_a_half_of_which_nothing_is_planned_is_not_asked_for() -> None:
    assert rules.missing(Values(**{**vars(WHOLE), "workshops": (1,)}), OFFERED[:1]) == {}


UNFIT: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {}),
    ({"themes": ("football",)}, {"themes": "list"}),
    ({"languages": ("fi",)}, {"languages": "list"}),
    ({"workshops": (1, 9)}, {"workshops": "list"}),
    ({"politicians": 100}, {"politicians": "number"}),
    ({"officials": -1}, {"officials": "number"}),
    ({"colleagues": tuple(Colleague("A", f"a{n}@x.example", "official") for n in range(9))}, {"colleagues": "many"}),
    ({"colleagues": (Colleague("A", "a@x.example", "official"), Colleague("B", "A@X.example", "official"))}, {"colleagues": "twice"}),
]


@pytest.mark.parametrize(("more", "found"), UNFIT)
def test_what_can_be_kept_in_no_state(more: dict[str, Any], found: dict[str, str]) -> None:
    values = Values(**{**vars(WHOLE), **more})
    assert rules.unfit(values, themes=("care",), languages=("sv", "es", "en"), offered=(1, 2)) == found


def test_the_clock_of_a_place_that_nobody_knows_yet() -> None:
    known = ("Europe/Stockholm", "America/Bogota")
    assert rules.zone_among(("America/Bogota",), known) == "America/Bogota"
    assert (rules.zone_among(("Asia/Tokyo",), known), rules.zone_among((), known)) == ("Asia/Tokyo", "UTC")


@pytest.mark.parametrize(("country", "half"), [("SE", "sweden"), ("GT", "latin_america"), (None, None)])
def test_where_a_workshop_counts(country: str | None, half: str | None) -> None:
    assert rules.half_of(country) == half
