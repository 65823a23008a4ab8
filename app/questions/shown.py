"""What pages say of questions and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.languages import LANGUAGES, current, language, using
from app.languages import gettext as _
from app.questions import rules, service
from app.questions.models import Answer, Question
from app.questions.rules import Values
from app.web.differences import Difference

NOTHING = "–"  # noqa: RUF001


@dataclass(frozen=True)
class Line:
    """A question and what somebody answered, each with its language if that is not the page's."""

    asked: str
    said: str
    asked_lang: str | None = None
    said_lang: str | None = None
    is_gone: bool = False  # nobody is asked this any more


def lines(answers: Iterable[Answer]) -> list[Line]:
    """Answers in the reader's language where question and answer still mean what that person read, else in their words."""
    return [_line(answer) for answer in answers]


def _line(answer: Answer) -> Line:
    question, other = answer.question, answer.lang if answer.lang != current() else None
    same = question.texts[answer.lang].label == answer.asked
    asked, asked_lang = (question.text.label, None) if same else (answer.asked, other)
    with using(answer.lang):
        unchanged = service.said(question, answer.value, answer.lang) == answer.said
    if question.kind in {"text", "long"} or not unchanged:
        return Line(asked, answer.said, asked_lang, other, question.retired_at is not None)
    return Line(asked, service.said(question, answer.value, current()), asked_lang, None, question.retired_at is not None)


def kind_names() -> dict[str, str]:
    """How a question is answered."""
    return {
        "text": _("A line of text"),
        "long": _("A longer text"),
        "choice": _("One of several answers"),
        "choices": _("Any of several answers"),
        "yesno": _("Yes or no"),
        "date": _("A date"),
    }


def conditions(questions: Sequence[Question]) -> dict[int, str]:
    """{question: 'Only if you answered “Yes” to “Do you stay overnight?”'}."""
    named = {question.id: question for question in questions}
    found = {}
    for question in questions:
        first = named.get(question.condition_id or 0)
        if first is not None:
            answer = service.said(first, question.condition_value, current())
            found[question.id] = _("Only if you answered “%(answer)s” to “%(question)s”.", answer=answer, question=first.text.label)
    return found


def compare(theirs: Values, mine: Values, above: Iterable[Question]) -> list[Difference]:
    """What somebody else saved beside what was typed here. `above`: the questions that this one may hang on."""
    hangs_on = dict(possible_conditions(above))
    pairs = zip(_parts(theirs, hangs_on), _parts(mine, hangs_on), strict=True)
    return [Difference(name, one or NOTHING, other or NOTHING) for (name, one), (_name, other) in pairs if one != other]


def _parts(values: Values, hangs_on: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what it is called, what it says) of everything that staff decide."""
    found = []
    for lang in LANGUAGES:
        texts = {
            _("Question"): values.labels.get(lang, ""),
            _("Explanation"): values.hints.get(lang, ""),
            _("Answers to choose from"): "; ".join(option.words.get(lang, "") for option in values.options),
        }
        found += [(_("%(text)s in %(language)s", text=name, language=language(lang)), words) for name, words in texts.items()]
    condition = "{}:{}".format(*values.condition) if values.condition else ""
    return [
        *found,
        (_("How it is answered"), kind_names().get(values.kind, values.kind)),
        (_("Whoever registers must answer it"), _("yes") if values.required else _("no")),
        (_("Ask only if"), hangs_on.get(condition, condition)),
    ]


def possible_conditions(questions: Iterable[Question]) -> list[tuple[str, str]]:
    """(code, words) of every answer that another question may hang on, for a select."""
    return [
        (f"{question.id}:{code}", f"{question.text.label} – {service.said(question, code, current())}")  # noqa: RUF001
        for question in questions
        for code in rules.answers_of(question.kind, service.plain(question).options)
    ]
