"""What a network may be and how its call stands, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.membership.network import rules
from app.membership.network.rules import Standing, Text, Values

FULL = Text("Name", "For what", "Why", "Who", "Call")
GOOD = Values(dict.fromkeys(("sv", "es", "en"), FULL), ("care", "health"), date(2027, 1, 1), date(2029, 12, 31), "partnership@icld.se")
SPRING, AUTUMN = (date(2027, 3, 1), date(2027, 4, 30)), (date(2027, 9, 1), date(2027, 9, 30))

WRONG = {
    "no name in one language": (replace(GOOD, texts={**GOOD.texts, "es": replace(FULL, name="")}), {"name_es": "no_name"}),
    "no purpose": (replace(GOOD, texts={**GOOD.texts, "sv": Text("Namn")}), {"purpose_sv": "no_purpose"}),
    "a text too long": (replace(GOOD, texts={**GOOD.texts, "en": replace(FULL, call="x" * 2001)}), {"call_en": "long"}),
    "a theme that is none": (replace(GOOD, themes=("care", "football")), {"themes": "themes"}),
    "one day": (replace(GOOD, ends_on=date(2027, 1, 1)), {"ends_on": "backwards"}),
    "for ever": (replace(GOOD, ends_on=date(2067, 1, 1)), {"ends_on": "too_long"}),
    "before its time": (replace(GOOD, starts_on=date(1027, 1, 1), ends_on=date(1028, 1, 1)), {"starts_on": "no_date"}),
    "after all time": (replace(GOOD, ends_on=date(9999, 12, 31)), {"ends_on": "no_date"}),
    "no address": (replace(GOOD, contact="Visby"), {"contact": "contact"}),
    "two addresses": (replace(GOOD, contact="a@b.example, c@d.example"), {"contact": "contact"}),
    "nothing": (GOOD, {}),
    "no themes, and texts that may lack": (replace(GOOD, themes=(), texts=dict.fromkeys(("sv", "es", "en"), Text("N", "P"))), {}),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_network_is_said_beside_its_field(case: str) -> None:
    values, codes = WRONG[case]
    assert rules.problems(values) == codes


CALLS = {
    "free days": ((date(2027, 5, 1), date(2027, 8, 31)), {}),
    "one day alone": ((date(2027, 5, 1), date(2027, 5, 1)), {}),
    "backwards": ((date(2027, 5, 2), date(2027, 5, 1)), {"closes_on": "backwards"}),
    "over already": ((date(2027, 1, 1), date(2027, 1, 31)), {"closes_on": "past"}),
    "today is its last day": ((date(2027, 1, 1), date(2027, 2, 1)), {}),
    "the last day of another": ((date(2027, 4, 30), date(2027, 5, 9)), {"opens_on": "overlaps"}),
    "the first day of another": ((date(2027, 8, 1), date(2027, 9, 1)), {"opens_on": "overlaps"}),
    "within another": ((date(2027, 9, 5), date(2027, 9, 6)), {"opens_on": "overlaps"}),
    "around another": ((date(2027, 8, 1), date(2027, 10, 30)), {"opens_on": "overlaps"}),
    "longer than a year": ((date(2028, 1, 1), date(2029, 1, 1)), {"closes_on": "long"}),
    "after the network": ((date(2029, 12, 1), date(2030, 1, 1)), {"closes_on": "after_end"}),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_call_has_days_of_its_own(case: str) -> None:
    days, codes = CALLS[case]
    assert rules.call_problems(days, [SPRING, AUTUMN], date(2027, 2, 1), GOOD.ends_on) == codes


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        (date(2027, 2, 28), Standing("coming", *SPRING)),
        (date(2027, 3, 1), Standing("open", *SPRING)),
        (date(2027, 4, 30), Standing("open", *SPRING)),
        (date(2027, 5, 1), Standing("coming", *AUTUMN)),
        (date(2027, 10, 1), Standing("none")),
    ],
)
def test_a_call_is_open_from_its_first_day_to_its_last(today: date, standing: Standing) -> None:
    assert rules.standing([AUTUMN, SPRING], today) == standing


def test_which_texts_lack_stands_in_the_order_of_the_page() -> None:
    assert rules.lacks(Text("Name", "", "Why")) == ["purpose", "joining", "call"]
