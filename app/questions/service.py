"""Staff put, change, order and take away questions; whoever registers answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select, update

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import changed, db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, current, day_short, listed
from app.languages import gettext as _
from app.questions import problems, queries, rules
from app.questions.models import Answer, Question, QuestionText
from app.questions.rules import Asked, Option, Values
from app.workshops.models import Workshop

Typed = Mapping[int, Sequence[str]]  # {question: what was typed or chosen}


def add(workshop_id: int, values: Values, *, by: Actor, now: datetime) -> Question:
    """A new question, below the others. Raises Refused, Missing."""
    return retrying(lambda: _add(workshop_id, values, by=by, now=now))


def _add(workshop_id: int, values: Values, *, by: Actor, now: datetime) -> Question:
    with transaction():
        workshop = _locked(workshop_id)
        asked = queries.of_workshop(workshop_id)
        if len(asked) >= rules.MOST_QUESTIONS:
            raise Refused(_("A workshop asks at most %(most)s questions. Remove one first.", most=rules.MOST_QUESTIONS))
        question = Question(workshop_id=workshop_id, created_at=now, codes=0, options=[], texts={})
        question.position = max((one.position for one in asked), default=0) + 1
        _write(question, values, [plain(one) for one in asked], [])
        db.session.add(question)
        db.session.flush()
        _record("question.added", workshop, question, by=by, now=now)
        return question


def change(workshop_id: int, question_id: int, values: Values, version: int, *, by: Actor, now: datetime) -> Question:
    """Other words, other answers to choose from, another condition. What people have answered stays as they read it.

    Raises Refused, Conflict when `version` is not the newest, Missing.
    """
    return retrying(lambda: _change(workshop_id, question_id, values, version, by=by, now=now))


def _change(workshop_id: int, question_id: int, values: Values, version: int, *, by: Actor, now: datetime) -> Question:
    with transaction():
        workshop = _locked(workshop_id)
        question = queries.get(workshop_id, question_id)
        if question.version != version:
            raise Conflict
        asked = queries.of_workshop(workshop_id)
        place = asked.index(question)
        hanging = [(one.text.label, plain(one)) for one in asked if one.condition_id == question.id]
        if values_of(question) == values:
            return question
        _write(question, values, [plain(one) for one in asked[:place]], hanging, kind=question.kind if _is_answered(question.id) else "")
        question.version += 1
        db.session.flush()
        _record("question.changed", workshop, question, by=by, now=now)
        return question


def remove(workshop_id: int, question_id: int, *, by: Actor, now: datetime) -> None:
    """It is asked of nobody any more; the answers that people gave are kept. Raises Refused, Missing."""
    retrying(lambda: _remove(workshop_id, question_id, by=by, now=now))


def _remove(workshop_id: int, question_id: int, *, by: Actor, now: datetime) -> None:
    with transaction():
        workshop = _locked(workshop_id)
        question = queries.get(workshop_id, question_id)
        for one in queries.of_workshop(workshop_id):
            if one.condition_id == question.id:
                words = _("“%(question)s” is asked only after an answer to this one. Change that question first.", question=one.text.label)
                raise Refused(words)
        _record("question.removed", workshop, question, by=by, now=now)
        if _is_answered(question.id):
            question.retired_at = now
        elif db.session.scalar(select(Question.id).where(Question.condition_id == question.id).limit(1)) is not None:
            question.retired_at = now  # one that was asked once, and is answered, hangs on it
        else:
            db.session.delete(question)


def move(workshop_id: int, question_id: int, *, up: bool, by: Actor, now: datetime) -> None:
    """One place up or down; at the end of the list nothing happens. Raises Refused, Missing."""
    retrying(lambda: _move(workshop_id, question_id, up=up, by=by, now=now))


def _move(workshop_id: int, question_id: int, *, up: bool, by: Actor, now: datetime) -> None:
    with transaction():
        workshop = _locked(workshop_id)
        question = queries.get(workshop_id, question_id)
        asked = list(queries.of_workshop(workshop_id))
        place = asked.index(question)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(asked):
            return
        asked[place], asked[other] = asked[other], asked[place]
        if not rules.may_stand([plain(one) for one in asked]):
            lower, upper = asked[min(place, other)].text.label, asked[max(place, other)].text.label
            words = _("“%(lower)s” is asked only after an answer to “%(upper)s”, so it stays below it.", lower=lower, upper=upper)
            raise Refused(words)
        for number, one in enumerate(asked, 1):
            one.position = number
        _record("question.moved", workshop, question, by=by, now=now)


def judged(questions: Sequence[Question], typed: Typed) -> dict[int, str]:
    """The answers, as they are kept. Raises Refused with words for every field in which one does not fit."""
    answers, wrong = rules.judge([plain(one) for one in questions], typed)
    if wrong:
        raise Refused(problems=problems.of_answers(questions, wrong))
    return answers


def write(registration_id: int, questions: Sequence[Question], answers: Mapping[int, str], now: datetime) -> bool:
    """Makes somebody's answers to what is asked now these, in the transaction that is open; whether that changed anything.

    Answers to what is not asked any more stay.
    """
    wanted = select(Answer).where(Answer.registration_id == registration_id, Answer.question_id.in_([one.id for one in questions]))
    there = {found.question_id: found for found in db.session.scalars(wanted)} if questions else {}
    for number in there.keys() - answers.keys():
        db.session.delete(there[number])
    dirty = bool(there.keys() - answers.keys())
    for question in questions:
        value, row = answers.get(question.id), there.get(question.id)
        if value is None or (row is not None and row.value == value):
            continue
        if row is None:
            row = Answer(registration_id=registration_id, question_id=question.id)
            db.session.add(row)
        row.value, row.lang, row.changed_at = value, current(), now
        row.asked, row.said = question.text.label, said(question, value, current())
        dirty = True
    db.session.flush()
    return dirty


def pass_on(before: int, after: int) -> None:
    """The same person comes by another registration: what it has not answered itself; in the transaction that is open."""
    answered = select(Answer.question_id).where(Answer.registration_id == after)
    mine = update(Answer).where(Answer.registration_id == before, Answer.question_id.not_in(answered))
    changed(mine.values(registration_id=after))


def said(question: Question, value: str, lang: str) -> str:
    """An answer in words; call it with that language in force."""
    if question.kind == "yesno":
        return _("Yes") if value == rules.YES else _("No")
    if question.kind == "date":
        return day_short(date.fromisoformat(value))
    if question.kind in rules.CHOSEN:
        words = {str(option["code"]): str(option["words"].get(lang, "")) for option in question.options}
        return listed([words[code] for code in value.split() if code in words])
    return value


def plain(question: Question) -> Asked:
    """What decides whether an answer fits."""
    condition = (question.condition_id, question.condition_value) if question.condition_id is not None else None
    codes = tuple(str(option["code"]) for option in question.options)
    return Asked(question.id, question.kind, question.required, codes, condition)


def values_of(question: Question) -> Values:
    """A question as staff typed it."""
    return Values(
        kind=question.kind,
        labels={lang: question.texts[lang].label for lang in LANGUAGES},
        required=question.required,
        hints={lang: question.texts[lang].hint for lang in LANGUAGES},
        options=tuple(Option(str(one["code"]), dict(one["words"])) for one in question.options),
        condition=plain(question).condition,
    )


def _write(question: Question, values: Values, before: Sequence[Asked], hanging: Sequence[tuple[str, Asked]], *, kind: str = "") -> None:
    found = problems.find(values, before, hanging, kind=kind)
    if found:
        raise Refused(problems=found)
    question.kind, question.required = values.kind, values.required
    question.condition_id, question.condition_value = values.condition or (None, "")
    for lang in LANGUAGES:
        text = question.texts.get(lang)
        if text is None:
            text = question.texts[lang] = QuestionText(lang=lang)
        text.label, text.hint = values.labels[lang], values.hints.get(lang, "")
    known, options = {str(one["code"]) for one in question.options}, []
    for option in values.options if values.kind in rules.CHOSEN else ():
        code = option.code
        if code not in known:
            question.codes += 1
            code = str(question.codes)
        known.discard(code)
        options.append({"code": code, "words": {lang: option.words[lang] for lang in LANGUAGES}})
    question.options = options


def _is_answered(question_id: int) -> bool:
    return db.session.scalar(select(Answer.id).where(Answer.question_id == question_id).limit(1)) is not None


def _locked(workshop_id: int) -> Workshop:
    """Held until the commit: nobody registers past a question that is being put. Raises Missing."""
    workshop = db.session.get(Workshop, workshop_id, with_for_update=True, populate_existing=True)
    if workshop is None:
        raise Missing
    return workshop


def _record(action: str, workshop: Workshop, question: Question, *, by: Actor, now: datetime) -> None:
    """With its words in every language, because whoever reads the history later may read another. Who owes answers may be told anew."""
    labels = {lang: text.label for lang, text in question.texts.items() if text.label}
    record(action, f"workshop:{workshop.id}", by=by, now=now, question=question.texts[workshop.original_lang].label, questions=labels)
    if workshop.state != "draft" and action != "question.moved":
        announce("questions_changed", now=now)
