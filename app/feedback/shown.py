"""Answers in words and bars, for the form and for the staff's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.feedback.models import Feedback
from app.feedback.rules import LEAST, OVERALL, SPOKEN, USEFUL, Tally, by_language, tally
from app.languages import decimal, language
from app.languages import gettext as _


@dataclass(frozen=True)
class Bar:
    """One answer: how many chose it, and how long its bar is, in hundredths of the longest possible."""

    words: str
    number: int
    share: int


@dataclass(frozen=True)
class Question:
    """One question with what was answered; `mean` is a sentence, empty where there is none."""

    words: str
    bars: Sequence[Bar]
    number: int
    mean: str


@dataclass(frozen=True)
class Said:
    """What somebody wrote, apart from all else that they answered."""

    words: str
    lang: str
    quotable: bool


@dataclass(frozen=True)
class Results:
    """What staff see of a workshop; nothing of it while there are too few."""

    number: int
    shown: bool
    questions: Sequence[Question] = ()
    languages: Sequence[Question] = ()  # one a language, of the first question
    said: Sequence[Said] = ()


def overall() -> dict[int, str]:
    """The answers to the first question, the best first."""
    return dict(zip(OVERALL, (_("Very good"), _("Good"), _("Fair"), _("Poor"), _("Very poor")), strict=True))


def useful() -> dict[int, str]:
    """The answers to the second."""
    return dict(zip(USEFUL, (_("Yes, very much"), _("Yes, fairly"), _("Only a little"), _("No, not at all")), strict=True))


def spoken() -> dict[str, str]:
    """The answers to the third."""
    words = (_("Yes, all of it"), _("Yes, for the most part"), _("No, I missed too much"), _("I needed no interpretation"))
    return dict(zip(SPOKEN, words, strict=True))


def results(rows: Sequence[Feedback]) -> Results:
    """All that may be said of these answers."""
    if len(rows) < LEAST:
        return Results(len(rows), shown=False)
    asked = [
        _question(_("How was the workshop as a whole?"), tally([row.overall for row in rows], OVERALL), overall()),
        _question(_("Was it of use for your work?"), tally([row.useful for row in rows], USEFUL), useful()),
        _question(_("Could you follow in your language?"), tally([row.spoken for row in rows], SPOKEN), spoken()),
    ]
    languages = [
        _question(language(code), tally([row.overall for row in rows if row.lang == code], OVERALL), overall())
        for code in by_language([row.lang for row in rows])
    ]
    said = [Said(row.words, row.lang, row.quotable) for row in rows if row.words]
    return Results(len(rows), shown=True, questions=asked, languages=languages, said=said)


def _question(words: str, found: Tally, names: Mapping[int, str] | Mapping[str, str]) -> Question:
    named = dict[int | str, str](names.items())
    bars = [Bar(named[choice], count, round(100 * count / found.number) if found.number else 0) for choice, count in found.counts]
    best = max((choice for choice in named if isinstance(choice, int)), default=0)
    mean = _("On average %(mean)s of %(best)s", mean=decimal(found.mean), best=best) if found.mean is not None else ""
    return Question(words, bars, found.number, mean)
