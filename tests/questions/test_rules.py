"""Whether answers fit the questions, as tables of named cases."""

from __future__ import annotations

import pytest

from app.questions.rules import Asked, judge, may_stand

NIGHTS = Asked(1, "yesno", required=True)
HOTEL = Asked(2, "choice", required=True, options=("1", "2"), condition=(1, "yes"))
WISHES = Asked(3, "choices", options=("1", "2", "3"))
ARRIVAL = Asked(4, "date", condition=(2, "2"))
NAME = Asked(5, "text")
STORY = Asked(6, "long")
ASKED = (NIGHTS, HOTEL, WISHES, ARRIVAL, NAME, STORY)


@pytest.mark.parametrize(
    ("typed", "answers", "wrong"),
    [
        pytest.param({}, {}, {1: "missing"}, id="what is required is missing"),
        pytest.param({1: ["no"]}, {1: "no"}, {}, id="what hangs on another answer is not asked"),
        pytest.param({1: ["no"], 2: ["1"]}, {1: "no"}, {}, id="and an answer to it is not kept"),
        pytest.param({1: ["yes"]}, {1: "yes"}, {2: "missing"}, id="asked, it is required"),
        pytest.param({1: ["yes"], 2: ["9"]}, {1: "yes"}, {2: "choice"}, id="not in the list"),
        pytest.param({1: ["perhaps"]}, {}, {1: "choice"}, id="neither yes nor no"),
        pytest.param({1: ["no"], 3: ["3", "1"]}, {1: "no", 3: "1 3"}, {}, id="several, in the order of the list"),
        pytest.param({1: ["no"], 3: ["1", "x"]}, {1: "no"}, {3: "choice"}, id="several, one of them unknown"),
        pytest.param({1: ["yes"], 2: ["2"], 4: ["2026-02-30"]}, {1: "yes", 2: "2"}, {4: "date"}, id="no such day"),
        pytest.param({1: ["yes"], 2: ["2"], 4: ["20260203"]}, {1: "yes", 2: "2"}, {4: "date"}, id="a day written otherwise"),
        pytest.param({1: ["yes"], 2: ["2"], 4: ["2026-02-03"]}, {1: "yes", 2: "2", 4: "2026-02-03"}, {}, id="a chain of three"),
        pytest.param({1: ["no"], 2: ["2"], 4: ["2026-02-03"]}, {1: "no"}, {}, id="a chain that is broken at its first link"),
        pytest.param({1: ["no"], 5: ["a\nb"]}, {1: "no"}, {5: "lines"}, id="two lines where one is asked"),
        pytest.param({1: ["no"], 5: ["a" * 201]}, {1: "no"}, {5: "long"}, id="too long a line"),
        pytest.param({1: ["no"], 6: ["a" * 2001]}, {1: "no"}, {6: "long"}, id="too long a text"),
        pytest.param({1: ["no"], 6: ["a\nb"]}, {1: "no", 6: "a\nb"}, {}, id="a text of two lines"),
        pytest.param({1: ["no"], 99: ["x"]}, {1: "no"}, {99: "gone"}, id="a question that was taken away"),
        pytest.param({1: ["no"], 99: [""]}, {1: "no"}, {}, id="left empty, it does not matter"),
    ],
)
def test_answers_fit_or_it_is_said_why(typed: dict[int, list[str]], answers: dict[int, str], wrong: dict[int, str]) -> None:
    assert judge(ASKED, typed) == (answers, wrong)


def test_a_question_stands_below_the_one_it_hangs_on() -> None:
    assert may_stand(ASKED)
    assert not may_stand((HOTEL, NIGHTS))
    assert not may_stand((NIGHTS, ARRIVAL, HOTEL))
