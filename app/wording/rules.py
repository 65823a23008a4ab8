"""The tiny format of texts that staff may edit: {name} stands for what the mail knows, {{ and }} for braces, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

LONGEST = 1000  # characters of one text
LONGEST_SUBJECT = 200  # … of a subject, as it is typed
ROOM = 390  # … and filled in: the outbox has room for 400
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_GETTEXT = re.compile(r"%\((\w+)\)s|%%|[{}]")
Parts = tuple[tuple[str, str], ...]  # words as they are, and the name of what stands behind them ("" at the end)


class Unfit(ValueError):
    """This is no text for a mail: `what` is a brace without its twin, or a name that the mail does not know."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} means nothing here")
        self.what = what
        self.is_brace = what in {"{", "}"}


def parse(words: str, known: Collection[str]) -> Parts:
    """The words in pieces. A name is looked up as it stands: no dots, no formats, no spaces. Raises Unfit."""
    parts: list[tuple[str, str]] = []
    plain, after = "", 0
    for piece in _PIECE.finditer(words):
        plain += words[after : piece.start()]
        after = piece.end()
        found, name = piece[0], piece[1]
        if found in {"{{", "}}"}:
            plain += found[0]
        elif name is None:
            raise Unfit(found)
        elif name not in known:
            raise Unfit(name)
        else:
            parts.append((plain, name))
            plain = ""
    return (*parts, (plain + words[after:], ""))


def fill(parts: Parts, values: Mapping[str, object]) -> str:
    """The finished words. What is filled in is never read again as a text of this format. Raises KeyError."""
    return "".join(f"{plain}{values[name]}" if name else plain for plain, name in parts)


def typed(template: str, names: Collection[str]) -> str:
    """A message of the catalogues, with its %(name)s, as staff would have typed it."""

    def turn(found: re.Match[str]) -> str:
        if found[1]:
            return f"{{{found[1]}}}"
        if found[0] == "%%":
            return "%" if names else "%%"  # gettext fills nothing in where there is nothing to fill in
        return found[0] * 2

    return _GETTEXT.sub(turn, template)


def names_in(template: str) -> tuple[str, ...]:
    """What a message of the catalogues leaves open, in its order."""
    return tuple(dict.fromkeys(name for name in _GETTEXT.findall(template) if name))


def repeated(words: str, known: Collection[str]) -> list[str]:
    """The names that stand there more than once. Raises Unfit."""
    said = [name for _plain, name in parse(words, known) if name]
    return [name for name in known if said.count(name) > 1]


def left_out(words: str, known: Collection[str]) -> list[str]:
    """The names that the original has and these words do not: what they say is missing from the mail. Raises Unfit."""
    said = {name for _plain, name in parse(words, known)}
    return [name for name in known if name not in said]
