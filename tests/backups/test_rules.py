"""When a copy is due, what it is called, and which are thrown away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.backups.rules import Named, due, name_of, named, superfluous

THREE = datetime(2026, 11, 29, 3, 10, tzinfo=UTC)


def copy(kind: str, ago: timedelta, now: datetime = THREE) -> Named:
    found = named(name_of(now - ago, kind))
    assert found is not None
    return found


def test_a_name_says_when_and_of_which_kind() -> None:
    assert name_of(THREE, "nightly") == "workshops-20261129T031000Z-nightly.backup"
    assert named("workshops-20261129T031000Z-nightly.backup") == Named(THREE, "nightly", "workshops-20261129T031000Z-nightly.backup")


@pytest.mark.parametrize(
    "name", ["", "workshops.sqlite", ".workshops-20261129T031000Z-nightly.backup", "workshops-20261329T031000Z-nightly.backup"]
)
def test_other_files_are_no_copies(name: str) -> None:
    assert named(name) is None


HOUR = timedelta(hours=1)
CASES = {
    "none yet": ([], "nightly"),
    "last night's, and it is three": ([("nightly", 24 * HOUR)], "nightly"),
    "a nightly of before three": ([("nightly", 20 * timedelta(minutes=1))], "nightly"),
    "tonight's is there": ([("nightly", timedelta(minutes=5))], None),
    "tonight's and an hour has gone by": ([("nightly", timedelta(minutes=5)), ("hourly", 2 * HOUR)], None),
    "hours after the night's": ([("nightly", 3 * HOUR), ("hourly", HOUR)], "hourly"),
    "the hour's is young": ([("nightly", 3 * HOUR), ("hourly", timedelta(minutes=49))], None),
    "a manual one counts for nothing": ([("nightly", 3 * HOUR), ("hourly", HOUR), ("manual", timedelta(0))], "hourly"),
}


@pytest.mark.parametrize("case", CASES)
def test_which_copy_is_due(case: str) -> None:
    there, wanted = CASES[case]
    now = THREE if wanted == "nightly" or "tonight" in case else THREE + 3 * HOUR
    assert due([copy(kind, ago, now) for kind, ago in there], now) == wanted


def test_two_days_of_hours_and_five_weeks_of_nights_are_kept_and_what_was_made_by_hand() -> None:
    hourly = [copy("hourly", number * HOUR) for number in range(60)]
    nightly = [copy("nightly", number * 24 * HOUR) for number in range(40)]
    manual = [copy("manual", timedelta(days=900))]
    gone = superfluous([*nightly, *manual, *hourly], {"hourly": 48, "nightly": 35})
    assert set(gone) == {*hourly[48:], *nightly[35:]}
