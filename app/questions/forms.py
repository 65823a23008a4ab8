"""The page on which staff make a question, and the fields in which it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import Length

from app.errors import Refused
from app.languages import LANGUAGES, FormMeta, current
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.questions import rules, shown
from app.questions.models import Answer, Question
from app.questions.rules import Option, Values
from app.web import Form, one_line, tidy
from app.workshops.form.fields import Checkboxes, short

F = TypeVar("F", bound="AnswersForm")


class OptionForm(PlainForm):
    """One answer to choose, in each language; `code` names the one that it was."""

    class Meta(FormMeta):
        """Words from our own catalogues."""

    code = HiddenField()
    sv = short(_l("Answer in Swedish"), rules.LONGEST_OPTION)
    es = short(_l("Answer in Spanish"), rules.LONGEST_OPTION)
    en = short(_l("Answer in English"), rules.LONGEST_OPTION)


class QuestionForm(Form):
    """Everything about a question."""

    version = HiddenField()
    kind = RadioField(_l("How it is answered"), validate_choice=False)
    required = BooleanField(_l("Whoever registers must answer it"))
    condition = SelectField(_l("Ask only if"), validate_choice=False)
    options = FieldList(FormField(OptionForm), max_entries=rules.MOST_OPTIONS + 1)

    def offer(self, above: Sequence[Question]) -> None:
        """Fills the lists. `above`: the questions that this one may hang on."""
        self.kind.choices = list(shown.kind_names().items())
        self.condition.choices = [("", _("Ask everybody")), *shown.possible_conditions(above)]

    def read(self) -> Values:
        """What was typed, as values."""
        number, _colon, answer = (self.condition.data or "").partition(":")
        rows = [entry.form for entry in self.options if any(entry.form[lang].data for lang in LANGUAGES)]
        return Values(
            kind=self.kind.data or "",
            labels={lang: self[f"label_{lang}"].data for lang in LANGUAGES},
            required=bool(self.required.data),
            hints={lang: self[f"hint_{lang}"].data for lang in LANGUAGES},
            options=tuple(Option(row.code.data or "", {lang: row[lang].data for lang in LANGUAGES}) for row in rows)
            if self.kind.data in rules.CHOSEN
            else (),
            condition=(int(number), answer) if number.isascii() and number.isdecimal() and len(number) < 10 else None,
        )

    def refuse(self, refusal: Refused) -> None:
        """What belongs to an answer stands beside it."""
        rows = [entry.form for entry in self.options if any(entry.form[lang].data for lang in LANGUAGES)] or [
            entry.form for entry in self.options
        ]
        rest = {}
        for name, words in refusal.problems.items():
            _options, _dash, place = name.partition("options-")
            number, _dash, lang = place.partition("-")
            if number.isdecimal() and int(number) < len(rows):
                rows[int(number)][lang].errors = [*rows[int(number)][lang].errors, words]
            else:
                rest["kind" if number else name] = words
        if rest:
            super().refuse(Refused(problems=rest))


for _lang in LANGUAGES:
    setattr(QuestionForm, f"label_{_lang}", short(_l("Question"), rules.LONGEST_LABEL))
    setattr(QuestionForm, f"hint_{_lang}", short(_l("Explanation"), rules.LONGEST_LABEL))


def data_of(values: Values, version: int) -> dict[str, Any]:
    """A question as the form's data."""
    words = {f"label_{lang}": values.labels.get(lang, "") for lang in LANGUAGES}
    words |= {f"hint_{lang}": values.hints.get(lang, "") for lang in LANGUAGES}
    return words | {
        "version": str(version),
        "kind": values.kind,
        "required": values.required,
        "condition": f"{values.condition[0]}:{values.condition[1]}" if values.condition else "",
        "options": [{"code": option.code, **option.words} for option in values.options],
    }


class Act(Form):
    """A button, nothing to fill in."""


class AnswersForm(Form):
    """What every form that asks a workshop's questions derives from."""

    questions: ClassVar[Sequence[Question]] = ()

    def typed(self, posted: Mapping[str, str]) -> dict[int, list[str]]:
        """What was typed, for each question; and what was `posted` to questions that are not asked any more."""
        found: dict[int, list[str]] = {}
        for question in self.questions:
            data = self[name_of(question)].data
            found[question.id] = data if isinstance(data, list) else [data] if data else []
        known = {name_of(question) for question in self.questions}
        for name, text in posted.items():
            number = name.removeprefix("q")
            if name.startswith("q") and number.isascii() and number.isdecimal() and len(number) < 10 and name not in known:
                found[int(number)] = [text]
        return found


def with_questions(base: type[F], questions: Sequence[Question]) -> type[F]:
    """The form with a field for every question, `q12` for number 12, in the language in force."""
    made: type[F] = type(base.__name__, (base,), {name_of(one): _field(one) for one in questions} | {"questions": questions})
    return made


def name_of(question: Question) -> str:
    """What a question's field is called."""
    return f"q{question.id}"


def saved(answers: Iterable[Answer], questions: Sequence[Question]) -> dict[str, Any]:
    """What somebody has answered, as the form's data."""
    values = {answer.question_id: answer.value for answer in answers}
    return {
        name_of(question): values[question.id].split() if question.kind == "choices" else values[question.id]
        for question in questions
        if question.id in values
    }


def _field(question: Question) -> Field:
    label, lang = question.text.label, current()
    if question.kind in {"text", "date"}:
        return StringField(label, filters=[tidy], validators=[one_line])
    if question.kind == "long":
        return TextAreaField(label, filters=[tidy], validators=[Length(max=100_000)])
    choices = [(rules.YES, _("Yes")), (rules.NO, _("No"))]
    if question.kind in rules.CHOSEN:
        choices = [(str(option["code"]), str(option["words"].get(lang, ""))) for option in question.options]
    if question.kind == "choices":
        return Checkboxes(label, choices=lambda: choices, validate_choice=False)
    none = [] if question.required else [("", _("No answer"))]
    return RadioField(label, choices=lambda: [*none, *choices], validate_choice=False, default="")
