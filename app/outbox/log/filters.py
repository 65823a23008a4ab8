"""What narrows the log, as it stands in an address."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.errors import Missing
from app.outbox.rules import KINDS
from app.outbox.shown import TABS
from app.web import UNWANTED

MOST_WORDS = 100  # characters of a question


@dataclass(frozen=True)
class Filter:
    """One tab of the log, and what it is narrowed by. The days are those on which a mail was due, on the office's clock."""

    tab: str = "all"
    kind: str = ""
    words: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def narrows(self) -> bool:
        return bool(self.kind or self.words or self.first or self.last)

    def arguments(self, tab: str = "") -> dict[str, Any]:
        """As they stand in an address; `tab`: those of another tab."""
        tab = tab or self.tab
        found = {"state": "" if tab == "all" else tab, "kind": self.kind, "q": self.words}
        found |= {"from": self.first.isoformat() if self.first else "", "to": self.last.isoformat() if self.last else ""}
        return {name: text for name, text in found.items() if text}


def read(sent: Mapping[str, str]) -> Filter:
    """What an address asks for; what is no day narrows nothing. Raises Missing for codes that are none."""
    tab, kind = sent.get("state") or "all", sent.get("kind", "")
    if tab not in TABS or (kind and kind not in KINDS):
        raise Missing
    words = " ".join(UNWANTED.sub(" ", sent.get("q", "")).split())[:MOST_WORDS]
    return Filter(tab, kind, words, _day(sent.get("from", "")), _day(sent.get("to", "")))


def _day(text: str) -> date | None:
    with suppress(ValueError):
        found = date.fromisoformat(text)
        return found if 1990 <= found.year < 2200 else None
    return None
