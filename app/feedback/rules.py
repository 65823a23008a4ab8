"""When the form is open and to whom, and from how many answers on something may be said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Stage = Literal["before", "open", "closed", "absent"]
OVERALL, USEFUL = (5, 4, 3, 2, 1), (4, 3, 2, 1)
SPOKEN = ("yes", "partly", "no", "unneeded")
LEAST = 3  # answers of which something may be shown: of fewer, those who know each other know whose they are
LONGEST = 2000  # characters


@dataclass(frozen=True)
class Given:
    """What one person answered. `useful` and `spoken` may be left out."""

    overall: int
    useful: int | None = None
    spoken: str = ""
    words: str = ""
    quotable: bool = False
    lang: str = "en"


@dataclass(frozen=True)
class Tally:
    """What many answered to one question: how many chose each, in the order of the form; `mean` where the answers are numbers."""

    counts: Sequence[tuple[int | str, int]]
    number: int
    mean: float | None

    @property
    def most(self) -> int:
        return max((count for _choice, count in self.counts), default=0)


def closes_at(ends_at: datetime, days: int) -> datetime:
    """When the form closes."""
    return ends_at + timedelta(days=days)


def stage(workshop: str, registration: str, ends_at: datetime | None, now: datetime, *, days: int) -> Stage:
    """Where the form stands for a registration of this state at a workshop of this state, as far as its times say.

    `absent`: whoever has no seat has nothing to say about it.
    """
    if registration != "confirmed" or workshop in {"cancelled", "draft"}:
        return "absent"
    if workshop != "published" or ends_at is None or now < ends_at:
        return "before"
    return "open" if now < closes_at(ends_at, days) else "closed"


def tally(given: Sequence[int | str | None], choices: Sequence[int | str]) -> Tally:
    """The answers to one question; those who left it out do not count."""
    counted = Counter(one for one in given if one in choices)
    number = counted.total()
    numeric = [one for one in counted.elements() if isinstance(one, int)]
    return Tally([(one, counted[one]) for one in choices], number, sum(numeric) / len(numeric) if numeric else None)


def by_language(langs: Sequence[str]) -> dict[str, int]:
    """How many answered in each language, if that may be said: where one has too few, the others would betray them."""
    counted = Counter(langs)
    return dict(counted) if len(counted) > 1 and min(counted.values()) >= LEAST else {}
