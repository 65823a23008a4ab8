"""When the form is open and to whom; what may be said of how many answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.feedback.rules import OVERALL, SPOKEN, by_language, stage, tally

END = datetime(2025, 6, 4, 21, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("workshop", "registration", "at", "expected"),
    [
        ("published", "confirmed", END - SECOND, "before"),
        ("published", "confirmed", END, "open"),
        ("published", "confirmed", END + timedelta(days=30) - SECOND, "open"),
        ("published", "confirmed", END + timedelta(days=30), "closed"),
        ("postponed", "confirmed", END + SECOND, "before"),
        ("cancelled", "confirmed", END + SECOND, "absent"),
        ("published", "waitlisted", END + SECOND, "absent"),
        ("published", "cancelled", END + SECOND, "absent"),
    ],
)
def test_the_form_opens_at_the_end_and_closes_a_month_later(workshop: str, registration: str, at: datetime, expected: str) -> None:
    assert stage(workshop, registration, END, at, days=30) == expected


def test_a_workshop_without_a_date_has_no_open_form() -> None:
    assert stage("published", "confirmed", None, END, days=30) == "before"


def test_who_leaves_a_question_out_does_not_count() -> None:
    found = tally([5, 4, None, 4, 9], OVERALL)
    assert (found.number, found.mean, list(found.counts)) == (3, 13 / 3, [(5, 1), (4, 2), (3, 0), (2, 0), (1, 0)])
    words = tally(["yes", "", "no"], SPOKEN)
    assert (words.number, words.mean) == (2, None)
    assert tally([], OVERALL).mean is None


def test_languages_are_told_apart_only_where_each_has_three() -> None:
    assert by_language(["sv"] * 3 + ["es"] * 4) == {"sv": 3, "es": 4}
    assert by_language(["sv"] * 9 + ["es"] * 2) == {}  # the whole less the nine would be the two
    assert by_language(["sv"] * 9) == {}
