"""Reads of recurring texts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.database import db
from app.errors import Missing
from app.languages import sort_key
from app.texts.models import RecurringText
from app.texts.rules import Values, Words


def every() -> Sequence[RecurringText]:
    """All of them with their words, by name in the order of the language in force."""
    rows = db.session.scalars(select(RecurringText).options(joinedload(RecurringText.words))).unique()
    return sorted(rows, key=lambda row: (sort_key(row.named.name), row.id))


def find(text_id: int | None) -> RecurringText | None:
    """One text with its words."""
    return db.session.get(RecurringText, text_id) if text_id is not None else None


def get(text_id: int) -> RecurringText:
    """One text with its words. Raises Missing."""
    text = find(text_id)
    if text is None:
        raise Missing
    return text


def values_of(text: RecurringText) -> Values:
    """A text as staff typed it."""
    return Values(text.original_lang, {lang: Words(row.name, row.body) for lang, row in text.words.items()})
