"""What holds for a recurring text: what it may not lack, how complete each language is, how it is put behind other words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LANGUAGES = ("sv", "es", "en")
NAME_LENGTH, BODY_LENGTH = 120, 3000
Mark = Literal["complete", "older", "no_name", "no_body"]
Put = Literal["put", "there", "missing", "full"]


@dataclass(frozen=True)
class Words:
    """A text in one language."""

    name: str = ""
    body: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.body)


@dataclass(frozen=True)
class Values:
    """A text as staff typed it."""

    original_lang: str
    words: Mapping[str, Words] = field(default_factory=dict)

    def of(self, lang: str) -> Words:
        """What there is in a language."""
        return self.words.get(lang, Words())


def lacks(values: Values) -> list[str]:
    """What no text may lack: a name and words in at least one language each."""
    return [name for name in ("name", "body") if not any(getattr(words, name) for words in values.words.values())]


def mark(values: Values, lang: str, ages: Mapping[str, datetime]) -> Mark:
    """How complete a language is."""
    words, original = values.of(lang), values.original_lang
    if not words.body:
        return "no_body"
    if not words.name:
        return "no_name"
    return "older" if lang in ages and original in ages and ages[lang] < ages[original] else "complete"


def put(there: str, body: str, most: int) -> tuple[str, Put]:
    """What stands there with the body behind it, after an empty line; as it was if that cannot be, and why."""
    if not body:
        return there, "missing"
    if body in there:
        return there, "there"
    longer = f"{there}\n\n{body}" if there else body
    return (longer, "put") if len(longer) <= most else (there, "full")
