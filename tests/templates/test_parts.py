"""The parts that pages are made of, each rendered alone."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from wtforms import FieldList, Form, FormField, StringField
from wtforms.validators import InputRequired

from app import languages

TEMPLATES = Path(languages.__file__).parent / "templates"
STATES = ("met", "booked", "open", "risk", "missed", "waived")


@pytest.fixture(scope="module")
def env() -> Environment:
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    languages.prepare(made)
    made.globals["static"] = lambda path: f"/static/{path}"
    return made


def _render(env: Environment, source: str, **values: Any) -> str:
    return env.from_string(source).render(**values)


def test_no_page_part_has_an_inline_style_or_script() -> None:
    texts = {path: path.read_text() for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts}

    assert [path.name for path, text in texts.items() if re.search(r'\sstyle="|<style|\son[a-z]+="', text)] == []


@pytest.mark.parametrize("state", STATES)
def test_the_mark_says_both_states_in_words(env: Environment, state: str) -> None:
    svg = _render(env, "{% from 'parts/halves.html' import mark, word %}{{ mark(s, s) }}|{{ word(s) }}", s=state)
    drawn, word = svg.split("|")

    assert f'aria-label="Latin America: {word}. Sweden: {word}."' in drawn
    assert drawn.count(f"half-{state}") == 2


def test_at_risk_has_one_look_under_both_its_names(env: Environment) -> None:
    source = "{% from 'parts/halves.html' import half_word %}{{ half_word(s, 'sweden') }}"

    assert _render(env, source, s="at_risk") == _render(env, source, s="risk")


@pytest.mark.parametrize(
    ("first", "last", "ruler"),
    [
        (date(2024, 3, 18), date(2024, 3, 21), "tile d0 n4"),
        (date(2024, 3, 19), None, "tile d1"),
        (date(2024, 3, 16), date(2024, 3, 19), "tile d5 n4"),
        (date(2024, 3, 18), date(2024, 3, 28), "tile d0 n7"),
    ],
)
def test_the_week_ruler_is_told_the_days_of_the_event(env: Environment, first: date, last: date | None, ruler: str) -> None:
    tile = _render(env, "{% from 'parts/dates.html' import date_tile %}{{ date_tile(a, b) }}", a=first, b=last)

    assert f'class="{ruler}"' in tile


def test_a_tile_across_months_names_both(env: Environment) -> None:
    tile = _render(env, "{% from 'parts/dates.html' import date_tile %}{{ date_tile(a, b) }}", a=date(2024, 9, 30), b=date(2024, 10, 2))

    assert re.sub(r"<[^>]+>", " ", tile).split() == ["2024", "30", "Sept", "\u20132", "Oct"]


def test_the_second_clock_is_a_sentence_when_the_hours_are_the_same(env: Environment) -> None:
    venue = {"hours": "10:00-21:00", "city": "Umeå", "note": None}
    reader = {"hours": None, "city": "Stockholm", "note": "The same hour in Stockholm"}
    clocks = _render(env, "{% from 'parts/dates.html' import clocks %}{{ clocks(rows) }}", rows=[venue, reader])

    assert "<dt>10:00-21:00<dd>in Umeå" in clocks
    assert '<dd class="same">The same hour in Stockholm' in clocks


def test_the_summary_of_problems_links_to_fields_however_deep_they_lie(env: Environment) -> None:
    class Day(Form):
        end = StringField("End", [InputRequired("Enter the end")])

    class Workshop(Form):
        title = StringField("Title", [InputRequired("Enter the title in Spanish")])
        days = FieldList(FormField(Day), min_entries=2)

    form = Workshop()
    form.validate()
    summary = _render(env, "{% from 'parts/forms.html' import error_summary %}{{ error_summary(form) }}", form=form)

    assert re.findall(r'href="#([^"]+)">([^<]+)<', summary) == [
        ("title", "Enter the title in Spanish"),
        ("days-0-end", "Enter the end"),
        ("days-1-end", "Enter the end"),
    ]


def test_a_form_without_problems_has_no_summary(env: Environment) -> None:
    assert _render(env, "{% from 'parts/forms.html' import error_summary %}{{ error_summary(form) }}", form=Form()).strip() == ""


@pytest.mark.parametrize(("taken", "level"), [(0, 0), (1, 1), (40, 10), (79, 19), (80, 20), (90, 20)])
def test_the_seats_bar_is_empty_or_full_only_when_the_workshop_is(env: Environment, taken: int, level: int) -> None:
    bar = _render(env, "{% from 'parts/tags.html' import seats %}{{ seats(taken, 80, 'Words') }}", taken=taken)

    assert bar == f'<p class="seats t{level}">Words</p>'
