"""What a question may be, and whether answers fit the questions; plain values only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

KINDS = ("text", "long", "choice", "choices", "yesno", "date")
CHOSEN = ("choice", "choices")
LIMITS = {"text": 200, "long": 2000}
LANGUAGES = ("sv", "es", "en")
MOST_QUESTIONS = 20
MOST_OPTIONS = 20
LONGEST_OPTION = 100
LONGEST_LABEL = 300
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Option:
    """One thing to choose; without a code it is new."""

    code: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Values:
    """All that staff decide about a question. `condition` is (number of another question, its answer)."""

    kind: str
    labels: Mapping[str, str]
    required: bool = False
    hints: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    condition: tuple[int, str] | None = None


@dataclass(frozen=True)
class Asked:
    """What decides whether an answer fits."""

    id: int
    kind: str
    required: bool = False
    options: tuple[str, ...] = ()
    condition: tuple[int, str] | None = None


def judge(asked: Sequence[Asked], typed: Mapping[int, Sequence[str]]) -> tuple[dict[int, str], dict[int, str]]:
    """({question: answer}, {question: code of what is wrong}). An answer to a question that is not put counts as not given.

    The questions come in their order: one that hangs on another stands after it.
    """
    answers: dict[int, str] = {}
    wrong: dict[int, str] = {}
    known = {one.id for one in asked}
    for one in asked:
        if one.condition is not None and not meets(answers.get(one.condition[0], ""), one.condition[1]):
            continue
        words = [word for word in typed.get(one.id, ()) if word]
        problem = _problem(one, words) if words else "missing" if one.required else ""
        if problem:
            wrong[one.id] = problem
        elif words:
            answers[one.id] = " ".join(code for code in one.options if code in words) if one.kind == "choices" else words[0]
    wrong |= {number: "gone" for number in typed if number not in known and any(typed[number])}
    return answers, wrong


def meets(answer: str, wanted: str) -> bool:
    """Whether an answer is the one that another question hangs on, or has it among several."""
    return wanted in answer.split()


def _problem(one: Asked, words: Sequence[str]) -> str:
    if one.kind in CHOSEN:
        return "choice" if not set(words) <= set(one.options) or (one.kind == "choice" and len(words) > 1) else ""
    if one.kind == "yesno":
        return "" if words[0] in {YES, NO} else "choice"
    if one.kind == "date":
        return "" if is_date(words[0]) else "date"
    if one.kind == "text" and re.search(r"[\r\n\t\u2028\u2029]", words[0]):
        return "lines"
    return "long" if len(words[0]) > LIMITS[one.kind] else ""


def is_date(text: str) -> bool:
    """Whether it is a real day, as ISO 8601 writes it."""
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def may_stand(order: Sequence[Asked]) -> bool:
    """Whether each question that hangs on another stands after it."""
    seen: set[int] = set()
    for one in order:
        if one.condition is not None and one.condition[0] not in seen:
            return False
        seen.add(one.id)
    return True


def answers_of(kind: str, codes: Sequence[str]) -> tuple[str, ...]:
    """The answers to a question of this kind that another may hang on."""
    if kind == "yesno":
        return YES, NO
    return tuple(codes) if kind in CHOSEN else ()
