"""The six states of a half, as a table of named cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.membership.rules import Ask, Chance, State, half, urgency

NOW = datetime(2024, 8, 12, 12, tzinfo=UTC)
ASK = Ask(workshops=1, people=1, over_at=datetime(2025, 1, 1, tzinfo=UTC))
TWO = replace(ASK, workshops=2)


def days(number: int) -> datetime:
    return NOW + timedelta(days=number)


PAST = Chance(1, ends_at=days(-60), closes_at=days(-90))
BORAS = Chance(2, ends_at=days(38), closes_at=days(18))
UMEA = Chance(3, ends_at=days(90), closes_at=days(70))
ARE = Chance(4, ends_at=days(60), closes_at=days(45))

CASES = {
    "somebody attended": ("met", ASK, [replace(PAST, attended=4), BORAS], False),
    "somebody attended, and it was waived too": ("met", ASK, [replace(PAST, attended=1)], True),
    "registered but did not come": ("open", ASK, [replace(PAST, registered=2), ARE, UMEA], False),
    "too few attended": ("open", replace(ASK, people=2), [replace(PAST, attended=1), ARE, UMEA], False),
    "a seat in a workshop ahead": ("booked", ASK, [replace(BORAS, registered=1)], False),
    "there already, before it is over": ("booked", ASK, [replace(BORAS, registered=1, attended=1)], False),
    "a seat in one that is cancelled": ("open", ASK, [replace(BORAS, registered=1, takes_place=False), ARE, UMEA], False),
    "too few have a seat": ("open", replace(ASK, people=2), [replace(BORAS, registered=1), ARE, UMEA], False),
    "two to choose from": ("open", ASK, [ARE, UMEA], False),
    "the last one left": ("risk", ASK, [UMEA], False),
    "both close within a month": ("risk", ASK, [BORAS, replace(ARE, closes_at=days(29))], False),
    "exactly thirty days": ("risk", ASK, [BORAS, replace(ARE, closes_at=days(30))], False),
    "one of two closes soon": ("open", ASK, [BORAS, UMEA], False),
    "one of two is full": ("risk", ASK, [replace(ARE, has_seats=False), UMEA], False),
    "nothing left": ("missed", ASK, [PAST], False),
    "registration is closed": ("missed", ASK, [replace(BORAS, closes_at=days(-1))], False),
    "nothing at all": ("missed", ASK, [], False),
    "the period is over": ("missed", replace(ASK, over_at=days(-1)), [UMEA, ARE], False),
    "let off": ("waived", ASK, [BORAS], True),
    "nothing asked": ("waived", replace(ASK, workshops=0), [BORAS], False),
    "two asked, one met, one booked": ("booked", TWO, [replace(PAST, attended=1), replace(BORAS, registered=1)], False),
    "two asked, one met, two left": ("open", TWO, [replace(PAST, attended=1), ARE, UMEA], False),
    "two asked, two left": ("risk", TWO, [ARE, UMEA], False),
    "two asked, one left": ("missed", TWO, [UMEA], False),
}


@pytest.mark.parametrize("case", CASES)
def test_the_state_of_a_half(case: str) -> None:
    expected, ask, chances, waived = CASES[case]
    assert half(ask, chances, waived=waived, now=NOW).state == expected


def test_what_would_close_it_and_by_when() -> None:
    found = half(ASK, [UMEA, BORAS, replace(ARE, has_seats=False)], waived=False, now=NOW)
    assert (found.choices, found.closes_at) == ((2, 3), days(70))


def test_what_has_closed_it() -> None:
    found = half(ASK, [replace(PAST, attended=2), replace(UMEA, registered=1)], waived=False, now=NOW)
    assert (found.met, found.booked) == ((1,), (3,))


def test_without_a_closing_time_a_workshop_closes_when_it_ends() -> None:
    assert half(ASK, [replace(UMEA, closes_at=None)], waived=False, now=NOW).closes_at == days(90)


def test_those_at_risk_come_first() -> None:
    pairs: list[tuple[State, State]] = [("met", "met")]
    pairs += [("met", "booked"), ("risk", "met"), ("met", "missed"), ("risk", "risk"), ("open", "booked")]
    assert sorted(pairs, key=lambda pair: urgency(*pair)) == [
        ("risk", "risk"),
        ("risk", "met"),
        ("met", "missed"),
        ("open", "booked"),
        ("met", "booked"),
        ("met", "met"),
    ]
