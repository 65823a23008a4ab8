"""The bytes of each workshop's entries, kept until what they were made of is other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import cast

from app.calendars import Entry, Years, render_entry
from app.feeds.making.rows import Rows, Shown, shown
from app.workshops.models import Workshop
from app.workshops.showing import entries

MOST_PIECES = 6_000  # workshops, each in a language and at a level; about 3 kB each
Made = tuple[Rows, Years, tuple[bytes, ...]]


class Pieces:
    """By language and level, and there by the workshop's number. Languages and levels that nobody has asked for in a long time
    leave first."""

    def __init__(self) -> None:
        self.kept: OrderedDict[tuple[str, str], dict[int, Made]] = OrderedDict()
        self._lock = Lock()

    def of(self, workshops: Sequence[Rows], years: Years, lang: str, level: str) -> list[bytes]:
        """The entries of these workshops, in their order."""
        with self._lock:
            kept = self.kept.setdefault((lang, level), {})
            self.kept.move_to_end((lang, level))
            while len(self.kept) > 1 and sum(map(len, self.kept.values())) > MOST_PIECES:
                self.kept.popitem(last=False)
        pieces: list[bytes] = []
        for workshop in workshops:
            made = kept.get(workshop.id)
            if made is None or made[0] != workshop or made[1] != years:
                made = kept[workshop.id] = workshop, years, rendered(shown(workshop), years, lang, level)
            pieces += made[2]
        return pieces


def rendered(workshop: Shown, years: Years, lang: str, level: str) -> tuple[bytes, ...]:
    """The bytes of one workshop's entries."""
    return tuple(render_entry(entry, years) for entry in _entries(workshop, lang, level))


def _entries(values: Shown, lang: str, level: str) -> list[Entry]:
    workshop = cast(Workshop, values)  # whatever entries read of one stands in it by the same name
    if level == "overview":
        return [entries.overview(workshop, lang)] if workshop.days else []
    return (entries.sessions if level == "sessions" else entries.daily)(workshop, lang)
