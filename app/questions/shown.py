"""What pages say of questions and answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.languages import current, using
from app.languages import gettext as _
from app.questions import rules, service
from app.questions.models import Answer, Question


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


def possible_conditions(questions: Iterable[Question]) -> list[tuple[str, str]]:
    """(code, words) of every answer that another question may hang on, for a select."""
    return [
        (f"{question.id}:{code}", f"{question.text.label} – {service.said(question, code, current())}")  # noqa: RUF001
        for question in questions
        for code in rules.answers_of(question.kind, service.plain(question).options)
    ]
