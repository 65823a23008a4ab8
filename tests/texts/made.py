"""What tests of recurring texts start from."""

from __future__ import annotations

from typing import Any

from app.audit.service import Actor
from app.texts import service
from app.texts.models import RecurringText
from app.texts.rules import Values, Words
from tests.factories import NOW

KARIN = Actor("command", "Karin")
WORDS = {"sv": Words("Resa", "Med tåg."), "es": Words("Viaje", "En tren."), "en": Words("Travel", "By train.")}


def values(original: str = "sv", **changes: Words) -> Values:
    """A text in three languages."""
    return Values(original, WORDS | changes)


def text(**changes: Any) -> RecurringText:
    """The same, saved."""
    return service.create(values(**changes), by=KARIN, now=NOW)
