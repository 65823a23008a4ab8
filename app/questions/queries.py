"""Reads of questions and answers for pages; what is loaded with them is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, selectinload

from app.database import db
from app.errors import Missing
from app.questions.models import Answer, Question


def of_workshop(workshop_id: int) -> Sequence[Question]:
    """What a workshop asks now, in its order."""
    return db.session.scalars(_asked(), {"workshop": workshop_id}).all()


@lru_cache(1)
def _asked() -> Select[Question]:
    """Made once: it runs with every registration."""
    wanted = select(Question).options(selectinload(Question.texts))
    wanted = wanted.where(Question.workshop_id == bindparam("workshop"), Question.retired_at.is_(None))
    return wanted.order_by(Question.position, Question.id)


def of_workshops(workshop_ids: Iterable[int]) -> dict[int, list[Question]]:
    """The same for several workshops."""
    wanted = select(Question).options(selectinload(Question.texts))
    wanted = wanted.where(Question.workshop_id.in_(list(workshop_ids)), Question.retired_at.is_(None))
    found: dict[int, list[Question]] = {}
    for row in db.session.scalars(wanted.order_by(Question.position, Question.id)):
        found.setdefault(row.workshop_id, []).append(row)
    return found


def get(workshop_id: int, question_id: int) -> Question:
    """One of the questions that a workshop asks now. Raises Missing."""
    wanted = select(Question).options(selectinload(Question.texts)).where(Question.id == question_id)
    found = db.session.scalars(wanted.where(Question.workshop_id == workshop_id, Question.retired_at.is_(None))).one_or_none()
    if found is None:
        raise Missing
    return found


def count(workshop_id: int) -> int:
    """How many questions a workshop asks now."""
    return db.session.execute(how_many(workshop_id)).one()[-1]


def how_many(workshop_id: int) -> Select[str, str, str, int]:
    """The same, to be asked together with others."""
    wanted = select(literal("questions"), literal(""), literal(""), func.count()).select_from(Question)
    return wanted.where(Question.workshop_id == workshop_id, Question.retired_at.is_(None))


def awaited(workshop_id: int, registration_ids: Sequence[int]) -> frozenset[int]:
    """Whoever of these has not answered all that everybody must answer there."""
    theirs = (Answer.question_id == Question.id) & Answer.registration_id.in_(registration_ids)
    wanted = select(Question.id, Answer.registration_id).outerjoin(Answer, theirs).where(Question.workshop_id == workshop_id)
    wanted = wanted.where(Question.retired_at.is_(None), Question.required, Question.condition_id.is_(None))
    answered: dict[int, set[int | None]] = {}
    for question_id, registration_id in db.session.execute(wanted):
        answered.setdefault(question_id, set()).add(registration_id)
    return frozenset(one for one in registration_ids if any(one not in those for those in answered.values()))


def number(workshop_id: int) -> ScalarSelect[int]:
    """The same, as a column of another statement."""
    wanted = select(func.count()).select_from(Question).where(Question.workshop_id == workshop_id, Question.retired_at.is_(None))
    return wanted.scalar_subquery()


def answer_counts(workshop_id: int) -> dict[int, int]:
    """How many have answered each question of a workshop."""
    wanted = select(Answer.question_id, func.count()).join(Answer.question).where(Question.workshop_id == workshop_id)
    return {question: number for question, number in db.session.execute(wanted.group_by(Answer.question_id)).all()}


def unanswered(workshop_id: int | InstrumentedAttribute[int], registration: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a registration (its number) of a workshop that asks something has no answer at all, or lacks one that must be given.

    What hangs on an answer that was not given is not asked.
    """
    asked, given, decides = aliased(Question), aliased(Answer), aliased(Answer)
    said = select(given.id).where(given.registration_id == registration, given.question_id == asked.id).correlate_except(given)
    other = select(decides.id).where(decides.registration_id == registration, decides.question_id == asked.condition_id)
    met = (literal(" ") + decides.value + literal(" ")).contains(literal(" ") + asked.condition_value + literal(" "))
    put = or_(asked.condition_id.is_(None), other.where(met).correlate_except(decides).exists())
    here = select(asked.id).where(asked.workshop_id == workshop_id, asked.retired_at.is_(None)).correlate_except(asked)
    lacks = here.where(asked.required, put, ~said.exists())
    return here.exists() & (~here.where(said.exists()).exists() | lacks.exists())


def answers(registration_ids: Sequence[int]) -> dict[int, list[Answer]]:
    """What people answered, by registration, in the order of the questions, those no longer asked last."""
    wanted = select(Answer).join(Answer.question).options(joinedload(Answer.question).selectinload(Question.texts))
    wanted = wanted.where(Answer.registration_id.in_(registration_ids))
    rows = db.session.scalars(wanted.order_by(Question.retired_at.is_not(None), Question.position, Question.id)).all()
    found: dict[int, list[Answer]] = {}
    for row in rows:
        found.setdefault(row.registration_id, []).append(row)
    return found
