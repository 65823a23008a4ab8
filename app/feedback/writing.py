"""The answers as a table: numbers and words apart, as on the page, so that a row is never one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.exchange import writing
from app.exchange.cells import Cell
from app.feedback.models import Feedback
from app.feedback.shown import Results, results
from app.languages import gettext as _
from app.languages import language


def as_csv(rows: Sequence[Feedback]) -> bytes:
    """Numbers first, then what people wrote, each with its language and whether it may be quoted."""
    found = results(rows)
    words = [[_("In their own words"), said, lang, quoted] for said, lang, quoted in _words(found)]
    lines: list[list[Cell]] = [[question, answer, number, ""] for question, answer, number in _numbers(found)]
    return writing.table([_("Question"), _("Answer"), _("How many, or the language"), _("May be quoted")], [*lines, *words])


def as_workbook(rows: Sequence[Feedback], now: datetime) -> bytes:
    """One sheet of numbers and one of words."""
    found = results(rows)
    sheets = {
        _("Numbers"): ([(_("Question"), 44), (_("Answer"), 34), (_("How many"), 12)], _numbers(found)),
        _("Words"): ([(_("In their own words"), 90), (_("Language"), 14), (_("May be quoted"), 16)], _words(found)),
    }
    return writing.workbook(sheets, now)


def _numbers(found: Results) -> list[list[Cell]]:
    first = found.questions[0].words
    asked = [(one.words, one) for one in found.questions] + [(f"{first} ({one.words})", one) for one in found.languages]
    return [[words, bar.words, bar.number] for words, one in asked for bar in one.bars]


def _words(found: Results) -> list[list[Cell]]:
    return [[one.words, language(one.lang), _("Yes") if one.quotable else _("No")] for one in found.said]
