"""What is wrong with a question, or with an answer, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.languages import LANGUAGES, language
from app.languages import gettext as _
from app.questions import rules
from app.questions.models import Question
from app.questions.rules import Asked, Values


def find(values: Values, before: Sequence[Asked], after: Sequence[tuple[str, Asked]], *, kind: str = "") -> dict[str, str]:
    """What no question may have: {field: words}. `before` are the questions above it, `after` those that hang on it, by name;
    `kind` is the one it must keep, because people have answered.
    """
    found: dict[str, str] = {}
    if values.kind not in rules.KINDS:
        found["kind"] = _("Choose how it is answered from the list")
    elif kind and values.kind != kind:
        found["kind"] = _("People have answered this question, so it is answered as before. Remove it and add a new one instead.")
    for lang in LANGUAGES:
        if not values.labels.get(lang):
            found[f"label_{lang}"] = _("Enter the question in %(language)s", language=language(lang))
        if not values.hints.get(lang) and any(values.hints.values()):
            found[f"hint_{lang}"] = _("Enter the explanation in %(language)s, or in no language", language=language(lang))
    found |= _of_options(values)
    if values.condition is not None and not any(
        one.id == values.condition[0] and values.condition[1] in rules.answers_of(one.kind, one.options) for one in before
    ):
        found["condition"] = _("Choose a question above this one, and one of its answers")
    codes = [option.code for option in values.options]
    for name, one in after:
        if one.condition is not None and one.condition[1] not in rules.answers_of(values.kind, codes):
            found["kind"] = _(
                "“%(question)s” is asked only after an answer that is taken away here. Change that question first.", question=name
            )
    return found


def _of_options(values: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    if values.kind not in rules.CHOSEN:
        return found
    if not 2 <= len(values.options) <= rules.MOST_OPTIONS:
        found["options-0-sv"] = _("Enter between 2 and %(most)s answers to choose from", most=rules.MOST_OPTIONS)
    for place, option in enumerate(values.options):
        for lang in LANGUAGES:
            words = option.words.get(lang, "")
            if not words:
                problem = _("enter it in %(language)s", language=language(lang))
                found[f"options-{place}-{lang}"] = _("Answer %(number)s: %(problem)s", number=place + 1, problem=problem)
            elif words in [other.words.get(lang) for other in values.options[:place]]:
                problem = _("it is in the list already")
                found[f"options-{place}-{lang}"] = _("Answer %(number)s: %(problem)s", number=place + 1, problem=problem)
    return found


def of_answers(questions: Sequence[Question], wrong: Mapping[int, str]) -> dict[str, str]:
    """{field: words} for answers that do not fit."""
    labels = {question.id: question.text.label for question in questions}
    most = {question.id: rules.LIMITS.get(question.kind, 0) for question in questions}
    return {
        f"q{number}" if number in labels else "": _of_answer(code, labels.get(number, ""), most.get(number, 0))
        for number, code in wrong.items()
    }


def _of_answer(code: str, question: str, most: int) -> str:
    if code == "gone":
        return _("A question was taken away while you typed. Look through your answers, then send them once more.")
    if code == "missing":
        return _("Answer “%(question)s”", question=question)
    if code == "choice":
        return _("Choose an answer to “%(question)s” from the list", question=question)
    if code == "date":
        return _("Enter a real date for “%(question)s”, such as 2026-06-03", question=question)
    if code == "lines":
        return _("The answer to “%(question)s” must stand on one line", question=question)
    return _("The answer to “%(question)s” must be %(max)s characters or fewer", question=question, max=most)
