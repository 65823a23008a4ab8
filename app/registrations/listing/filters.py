"""What narrows the staff's list of people, as it stands in an address, and whom somebody has chosen out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import Missing
from app.registrations.models import STATES
from app.web import UNWANTED, row_number

KINDS = ("official", "politician", "unsaid")
MISSING = "missing"
MOST_WORDS = 200  # characters of a question


@dataclass(frozen=True)
class Filter:
    """One tab of the list, and what it is narrowed by. `kind`: official, politician, or `unsaid` for whoever has not said."""

    tab: str = "all"
    words: str = ""
    organisation_id: int | None = None
    country: str = ""
    kind: str = ""
    answers: str = ""  # `missing`: only those who have not answered the workshop's questions

    @property
    def narrows(self) -> bool:
        return bool(self.words or self.organisation_id or self.country or self.kind or self.answers)

    def arguments(self, tab: str = "") -> dict[str, Any]:
        """As they stand in an address and in hidden fields; `tab`: those of another tab."""
        number = str(self.organisation_id) if self.organisation_id else ""
        found = {"state": tab or self.tab, "q": self.words, "organisation": number, "country": self.country, "role": self.kind}
        found["answers"] = self.answers
        return {name: text for name, text in found.items() if text}


def read(sent: Mapping[str, str]) -> Filter:
    """What an address or a form asks for. Raises Missing for codes that are none."""
    tab, kind, country = sent.get("state") or "all", sent.get("role", ""), sent.get("country", "")
    organisation, answers = sent.get("organisation", ""), sent.get("answers", "")
    number = row_number(organisation) if organisation else None
    wrong_country = bool(country) and not (len(country) == 2 and country.isascii() and country.isupper())
    if answers not in {"", MISSING}:
        raise Missing
    if (tab != "all" and tab not in STATES) or (kind and kind not in KINDS) or wrong_country or (organisation and number is None):
        raise Missing
    return Filter(tab, " ".join(UNWANTED.sub(" ", sent.get("q", "")).split())[:MOST_WORDS], number, country, kind, answers)


@dataclass(frozen=True)
class Selection:
    """The chosen rows of a list; `numbers` is None for all that match the filter."""

    filter: Filter
    numbers: tuple[int, ...] | None

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """The selection as hidden fields."""
        chosen = [("all", "1")] if self.numbers is None else [("chosen", str(number)) for number in self.numbers]
        return [*self.filter.arguments().items(), *chosen]


def read_selection(sent: Mapping[str, str], chosen: Sequence[str]) -> Selection:
    """What a form sent; words that are no numbers are nobody."""
    numbers = dict.fromkeys(number for word in chosen if (number := row_number(word)) is not None)
    return Selection(read(sent), None if sent.get("all") == "1" else tuple(numbers))
