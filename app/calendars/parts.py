"""Somebody else's calendar file taken apart into lines: of its entries, and of its clocks. Nothing is looked into yet.

Depth, length of lines and number of entries are bounded here, before any library sees a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_LINE = 20_000  # characters of one line once unfolded; a longer one is cut, and its entry is at fault
MOST_DEEP = 6  # an alarm in an entry in a calendar is three
ENTRY = ["VCALENDAR", "VEVENT"]
CLOCK = ["VCALENDAR", "VTIMEZONE"]
_BREAK = re.compile("\r\n|\n|\r")


class Unreadable(Exception):
    """The file as a whole is no calendar. `why`: none, cut, crossed, deep, many; `line` is where it shows (or how many there are)."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(f"{why} in line {line}")
        self.why, self.line = why, line


class Parts:
    """The lines of each entry and of each clock. Raises Unreadable."""

    def __init__(self, text: str, most: int) -> None:
        self.events: list[tuple[int, list[str]]] = []  # (line it begins in, its own lines)
        self.zones: list[list[str]] = []
        self.zone = ""  # the clock that the file names for itself
        self.others = 0  # tasks, notes and the like
        self._stack: list[str] = []
        last = 0
        for line, content in _unfolded(text):
            last = line
            self._take(line, content)
        self._judge(text, last, most)

    def _take(self, line: int, content: str) -> None:
        mark, _colon, name = content[:80].upper().partition(":")
        if mark == "BEGIN":
            self._begin(line, name.strip())
        elif mark == "END":
            self._end(line, name.strip())
        elif self._stack == ENTRY:
            self.events[-1][1].append(content)
        elif self._stack == ["VCALENDAR"] and mark.partition(";")[0] == "X-WR-TIMEZONE":
            self.zone = content.partition(":")[2].strip()[:100]
        if self._stack[:2] == CLOCK and (mark, name.strip()) != ("BEGIN", "VTIMEZONE"):
            self.zones[-1].append(content)

    def _begin(self, line: int, name: str) -> None:
        self._stack.append(name)
        if len(self._stack) > MOST_DEEP:
            why = "deep"
            raise Unreadable(why, line)
        if self._stack == ENTRY:
            self.events.append((line, []))
        elif self._stack == CLOCK:
            self.zones.append([])
        elif len(self._stack) == 2:
            self.others += 1

    def _end(self, line: int, name: str) -> None:
        if not self._stack or self._stack.pop() != name:
            why = "crossed"
            raise Unreadable(why, line)

    def _judge(self, text: str, last: int, most: int) -> None:
        """What shows only at the end."""
        why = "none" if not looks_like_calendar(text) else "cut" if self._stack else "many" if len(self.events) > most else ""
        if why:
            raise Unreadable(why, len(self.events) if why == "many" else last)


def looks_like_calendar(text: str) -> bool:
    """Whether a text means to be a calendar, however broken."""
    return text.lstrip()[:15].upper() == "BEGIN:VCALENDAR"


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """(number of the first line, content) of each content line (RFC 5545 section 3.1), none longer than MOST_LINE + 1."""
    start, pieces, length = 0, [""], 0
    for number, line in enumerate(_BREAK.split(text), 1):
        if line[:1] in {" ", "\t"} and start:
            if length <= MOST_LINE:
                pieces.append(line[1:])
                length += len(line) - 1
            continue
        if length:
            yield start, "".join(pieces)[: MOST_LINE + 1]
        start, pieces, length = number, [line], len(line)
    if length:
        yield start, "".join(pieces)[: MOST_LINE + 1]
