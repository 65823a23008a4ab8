"""What people type is put in order, or refused with words, in time that grows with its length only."""

from __future__ import annotations

import pytest
from flask import Flask

from app.web import tidy
from app.web.forms import MOST_MARKS, is_piled

PILE = "a" + "\u0316\u0300" * MOST_MARKS


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param(" Umea\u030a \r\n", "Umeå", id="composed, without white space around"),
        pytest.param("n\u0303" * 40, "ñ" * 40, id="many letters with one mark each"),
        pytest.param(None, "", id="nothing"),
        pytest.param(PILE, PILE, id="too many marks to be sorted: left as it is, and refused"),
    ],
)
def test_text_is_tidied(typed: str | None, kept: str) -> None:
    assert tidy(typed) == kept


def test_a_pile_of_marks_is_counted_letter_by_letter() -> None:
    assert is_piled(PILE)
    assert not is_piled("a" + "\u0300" * MOST_MARKS + "b" + "\u0300" * MOST_MARKS)


@pytest.mark.parametrize("name", [PILE, "Ann\u061c", "Ann\u202e", "A\x00nn"])
def test_signs_that_hide_words_are_refused_and_named(demo: Flask, name: str) -> None:
    form = {"name": name, "address": "ann@guest.example", "organisation": "other", "consent": "y"}
    answer = demo.test_client().post("/en/workshops/who-cares-for-the-city/register", data=form)
    assert answer.status_code == 422
    assert "has characters that cannot be shown" in answer.get_data(as_text=True)
