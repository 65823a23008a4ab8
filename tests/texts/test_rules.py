"""What a recurring text may lack, how complete it is, and how it is put behind other words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.texts import rules
from app.texts.rules import Values, Words

EARLIER = datetime(2025, 3, 3, tzinfo=UTC)
LATER = EARLIER + timedelta(days=1)


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        pytest.param({"sv": Words("Resa", "Med tåg.")}, [], id="one language will do"),
        pytest.param({"sv": Words("Resa"), "es": Words("", "En tren.")}, [], id="name and text in two languages"),
        pytest.param({"sv": Words("Resa")}, ["body"], id="no text"),
        pytest.param({"sv": Words("", "Med tåg.")}, ["name"], id="no name"),
        pytest.param({}, ["name", "body"], id="nothing"),
    ],
)
def test_a_text_needs_a_name_and_words(words: dict[str, Words], lacks: list[str]) -> None:
    assert rules.lacks(Values("sv", words)) == lacks


@pytest.mark.parametrize(
    ("words", "changed", "mark"),
    [
        pytest.param(Words("Viaje", "En tren."), LATER, "complete", id="newer than the original"),
        pytest.param(Words("Viaje", "En tren."), EARLIER, "complete", id="as old as the original"),
        pytest.param(Words("Viaje", "En tren."), EARLIER - timedelta(days=1), "older", id="older than the original"),
        pytest.param(Words("", "En tren."), LATER, "no_name", id="without a name"),
        pytest.param(Words("Viaje", ""), LATER, "no_body", id="without words"),
        pytest.param(Words(), LATER, "no_body", id="not written at all"),
    ],
)
def test_each_language_is_marked(words: Words, changed: datetime, mark: str) -> None:
    values = Values("sv", {"sv": Words("Resa", "Med tåg."), "es": words})

    assert rules.mark(values, "es", {"sv": EARLIER, "es": changed}) == mark


@pytest.mark.parametrize(
    ("there", "body", "stands", "how"),
    [
        pytest.param("", "Travel.", "Travel.", "put", id="into an empty field"),
        pytest.param("Bring shoes.", "Travel.", "Bring shoes.\n\nTravel.", "put", id="behind what was typed"),
        pytest.param("Bring shoes.", "", "Bring shoes.", "missing", id="not written"),
        pytest.param("Travel.\n\nBring shoes.", "Travel.", "Travel.\n\nBring shoes.", "there", id="pressed twice"),
        pytest.param("x" * 91, "Travel.", "x" * 91 + "\n\nTravel.", "put", id="the last letter fits"),
        pytest.param("x" * 92, "Travel.", "x" * 92, "full", id="one letter too many"),
    ],
)
def test_a_text_is_put_behind_what_stands_there(there: str, body: str, stands: str, how: str) -> None:
    assert rules.put(there, body, 100) == (stands, how)
