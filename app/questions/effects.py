"""What a workshop's form and its copy have to do with its questions."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from flask import Flask

from app import announcements
from app.database import db
from app.questions import queries
from app.questions.models import Question, QuestionText
from app.workshops.above import Asked
from app.workshops.models import Workshop


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "questions_asked", questions_asked)
    announcements.register(app, "workshop_copied", workshop_copied)


def questions_asked(*, workshop: Workshop, into: list[Asked], **_facts: Any) -> None:
    """How many questions whoever registers answers."""
    into.append(queries.how_many(workshop.id))


def workshop_copied(*, source: Workshop, workshop: Workshop, parts: AbstractSet[str], now: datetime, **_facts: Any) -> None:
    """What is asked comes along if it is wanted."""
    if "questions" not in parts:
        return
    copies: dict[int, Question] = {}
    for question in queries.of_workshop(source.id):
        copy = Question(
            workshop_id=workshop.id,
            position=question.position,
            kind=question.kind,
            required=question.required,
            options=list(question.options),
            codes=question.codes,
            condition_id=copies[question.condition_id].id if question.condition_id in copies else None,
            condition_value=question.condition_value if question.condition_id in copies else "",
            created_at=now,
            texts={lang: QuestionText(lang=lang, label=text.label, hint=text.hint) for lang, text in question.texts.items()},
        )
        db.session.add(copy)
        db.session.flush()
        copies[question.id] = copy
