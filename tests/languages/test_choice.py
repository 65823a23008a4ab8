"""Which language a reader gets who has not said."""

from __future__ import annotations

import pytest

from app.languages import choose


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("sv; q=0.9, en; q=0.5", "sv"),
        ("en;q=0.5 , es ; q=0.9", "es"),
        ("en;Q=0.5,es", "es"),
        ("es-419,es;q=0.9,en;q=0.8", "es"),
        ("en;q=0, sv;q=0.1", "sv"),
        ("de, fr;q=0.9, sv;q=0.1", "sv"),
        ("nb-NO, en;q=0.9", "sv"),
        ("sv, es", "sv"),
        ("*", "en"),
        ("de", "en"),
        ("sv;q=x, es;q=0.1", "es"),
        ("", "en"),
        (";;;,=,\x00", "en"),
    ],
)
def test_the_best_wish_that_we_speak(header: str, lang: str) -> None:
    assert choose(header) == lang


def test_what_was_chosen_once_wins() -> None:
    assert choose("sv", "es") == "es"
    assert choose("sv", "xx") == "sv"
