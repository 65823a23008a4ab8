"""What may be kept of what was typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from app.languages import LANGUAGES
from app.needs import rules
from app.needs.asking import consent
from app.needs.rules import Given, Said, Traveller

END = datetime(2025, 6, 4, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("needs", "agreed", "kept", "wrong"),
    [
        ({}, False, {}, {}),
        ({}, True, {}, {}),
        ({"food": Said(("kosher", "vegan"))}, True, {"food": Said(("vegan", "kosher"))}, {}),
        ({"food": Said(("vegan",))}, False, {"food": Said(("vegan",))}, {"consent": "missing"}),
        ({"food": Said((), "no nuts")}, True, {"food": Said(("other",), "no nuts")}, {}),
        ({"food": Said(("other",))}, True, {"food": Said(("other",))}, {"food": "words"}),
        ({"food": Said(("meat",))}, True, {"food": Said(("meat",))}, {"food": "choice"}),
        ({"access": Said((), "a ramp")}, True, {"access": Said((), "a ramp")}, {}),
        ({"access": Said((), "x" * 501)}, True, {"access": Said((), "x" * 501)}, {"access": "long"}),
        ({"interpretation": Said(("sv", "es"))}, True, {"interpretation": Said(("sv", "es"))}, {"interpretation": "choice"}),
        ({"interpretation": Said((), "K’iche’")}, True, {"interpretation": Said(("other",), "K’iche’")}, {}),
        ({"visa": Said((), "Bogotá")}, True, {"visa": Said(("letter",), "Bogotá")}, {}),
    ],
)
def test_what_was_typed_is_kept_with_leave_only(needs: rules.Needs, agreed: bool, kept: object, wrong: object) -> None:
    assert rules.judge(Given(needs, agreed=agreed)) == (kept, wrong)


def test_leave_that_stands_need_not_be_given_twice() -> None:
    assert rules.judge(Given({"food": Said(("vegan",))}), standing=True)[1] == {}


@pytest.mark.parametrize(("kept", "agreed", "days"), [(14, None, 14), (14, 14, 14), (30, 14, 14), (7, 14, 7)])
def test_nothing_is_kept_longer_than_somebody_agreed_to(kept: int, agreed: int | None, days: int) -> None:
    assert rules.erased_from(END, kept, agreed) == END + timedelta(days=days)


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        pytest.param({}, True, id="from another country, with a seat, and has not asked"),
        pytest.param({"format": "both"}, True, id="on site for some"),
        pytest.param({"asked": True}, False, id="has asked"),
        pytest.param({"home": "SE"}, False, id="from the country of the venue"),
        pytest.param({"home": None}, False, id="nobody knows where from"),
        pytest.param({"venue": None}, False, id="nobody knows where to"),
        pytest.param({"format": "online"}, False, id="nobody travels"),
        *(pytest.param({"state": state}, False, id=state) for state in ("waitlisted", "offered", "requested", "unconfirmed", "cancelled")),
    ],
)
def test_only_who_surely_travels_to_a_seat_and_has_not_asked_lacks_a_letter(changes: dict[str, Any], lacks: bool) -> None:
    assert rules.lacks_letter(replace(Traveller("confirmed", "CO", "SE", "on_site", asked=False), **changes)) is lacks


@pytest.mark.parametrize(
    ("home", "venue", "form", "may"),
    [("CO", "SE", "on_site", True), (None, "SE", "on_site", True), ("SE", "SE", "on_site", False), ("CO", "SE", "online", False),
     ("CO", None, "on_site", False)],
)  # fmt: skip
def test_pages_speak_of_letters_to_whom_they_may_concern(home: str | None, venue: str | None, form: str, may: bool) -> None:
    assert rules.may_need_letter(home, venue, form) is may


def test_the_last_moment_is_still_in_time() -> None:
    assert [rules.is_too_late(END, END + timedelta(seconds=late)) for late in (-1, 0, 1)] == [False, False, True]


def test_words_that_people_have_agreed_to_are_never_edited() -> None:
    """Other words are a new version, added here with its own line."""
    said = {one.name: sha256("\n".join(one.words[lang] for lang in LANGUAGES).encode()).hexdigest()[:16] for one in consent.VERSIONS}
    assert said == {"2026-11": "3e8ef78cf4afcb2b"}
    assert [one.since for one in consent.VERSIONS] == [date(2026, 11, 25)]
    assert all("7 " in consent.words(one.name, lang, 7) for one in consent.VERSIONS for lang in LANGUAGES)
