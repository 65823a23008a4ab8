"""Questions that tests ask."""

from __future__ import annotations

from app.questions import service
from app.questions.models import Question
from app.questions.rules import Option, Values
from app.workshops.models import Workshop
from tests.factories import NOW
from tests.workshops.made import KARIN


def values(words: str = "Do you stay overnight?", kind: str = "yesno", *options: str, **changes: object) -> Values:
    """A question with the same words in every language, but for the language's code behind them."""
    facts: dict[str, object] = {
        "kind": kind,
        "labels": in_all(words),
        "hints": dict.fromkeys(("sv", "es", "en"), ""),
        "options": tuple(Option("", in_all(one)) for one in options),
    }
    return Values(**(facts | changes))  # type: ignore[arg-type]


def in_all(words: str) -> dict[str, str]:
    """Words in each language; English has no mark."""
    return {"sv": f"{words} (sv)", "es": f"{words} (es)", "en": words}


def asked(workshop: Workshop, words: str = "Do you stay overnight?", kind: str = "yesno", *options: str, **changes: object) -> Question:
    """One more question of a workshop."""
    return service.add(workshop.id, values(words, kind, *options, **changes), by=KARIN, now=NOW)
