"""Recurring texts as staff's pages show them: finished words, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.languages import LANGUAGES, current, language, moment, weekdayless
from app.languages import gettext as _
from app.texts.models import RecurringText
from app.texts.queries import values_of
from app.texts.rules import Values, mark
from app.web.differences import Difference

ICONS = {"tick": "check", "cross": "x", "warn": "alert"}
VERDICTS = {"complete": "tick", "older": "warn", "no_name": "warn", "no_body": "cross"}


@dataclass(frozen=True)
class Mark:
    """How complete a language is: sign and words."""

    verdict: str
    icon: str
    words: str


@dataclass(frozen=True)
class Row:
    """A text in the list."""

    id: int
    name: str
    name_lang: str | None
    begins: str
    begins_lang: str | None
    marks: dict[str, Mark]


@dataclass(frozen=True)
class Happened:
    """One line of what has happened."""

    words: str
    who: str
    when: str


def row(text: RecurringText) -> Row:
    """A text in the list, with the beginning of its words."""
    named = text.named
    words = named if named.body else next(one for one in text.words.values() if one.body)
    return Row(
        text.id, named.name, other_lang(named.lang), beginning(words.body), other_lang(words.lang), marks(values_of(text), ages(text))
    )


def beginning(body: str) -> str:
    """As much of a text as a row has room for, without the signs of Markdown."""
    first = body.replace("**", "").lstrip("#- ").partition("\n")[0]
    return first if len(first) <= 120 else first[:120].rpartition(" ")[0] + " …"


def ages(text: RecurringText) -> dict[str, datetime]:
    """When each language was last changed."""
    return {lang: words.changed_at for lang, words in text.words.items()}


def marks(values: Values, changed: Mapping[str, datetime]) -> dict[str, Mark]:
    """What stands under each language's heading."""
    return {lang: _mark(values, lang, changed) for lang in LANGUAGES}


def _mark(values: Values, lang: str, changed: Mapping[str, datetime]) -> Mark:
    found = mark(values, lang, changed)
    age = weekdayless(changed[lang].date()) if lang in changed else ""
    words = {
        "complete": _("Complete, %(day)s", day=age) if age else _("Complete"),
        "older": _("Older than the original in %(language)s, %(day)s", language=language(values.original_lang), day=age),
        "no_name": _("Name missing"),
        "no_body": _("Text missing"),
    }[found]
    return Mark(VERDICTS[found], ICONS[VERDICTS[found]], words)


def compare(theirs: Values, mine: Values) -> list[Difference]:
    """What somebody else saved beside what was typed here."""
    found = []
    for lang in LANGUAGES:
        for label, name in (
            (_("Name in %(language)s", language=language(lang)), "name"),
            (_("Text in %(language)s", language=language(lang)), "body"),
        ):
            one, other = getattr(theirs.of(lang), name), getattr(mine.of(lang), name)
            found += [Difference(label, one or "–", other or "–")] if one != other else []  # noqa: RUF001  an en dash
    return found


def history(entries: Sequence[AuditEntry], zone: str) -> list[Happened]:
    """The audit of a text as sentences, on the reader's clock."""
    return [Happened(sentence(entry), entry.actor_name, moment(entry.at, zone)) for entry in entries]


def other_lang(lang: str) -> str | None:
    """The language to mark words with; nothing if it is the page's own."""
    return lang if lang != current() else None
