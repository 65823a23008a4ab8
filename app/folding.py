"""Words as people mean them, without case, accents and ligatures; and the column that keeps a row's words so, for searches."""

from __future__ import annotations

from typing import Any, ClassVar
from unicodedata import category, normalize

from sqlalchemy import ColumnElement, Connection, Text, event, inspect
from sqlalchemy.orm import Mapped, Mapper, QueryableAttribute, mapped_column

MOST_WORDS = 8  # a longer question is looked for by its first words
_DROPPED = {"Mn", "Me", "Cf"}  # marks on letters, soft hyphens and their like
_PLAIN = str.maketrans(
    dict(pair.split("=") for pair in ["ø=o", "æ=ae", "œ=oe", "đ=d", "ð=d", "ł=l", "þ=th", "ħ=h", "ı=i", "ŋ=n"])  # noqa: RUF001  letters of their own
    | dict.fromkeys("‐‑‒–—―−", "-")  # noqa: RUF001  the hyphens of typesetters
    | dict.fromkeys("‘’ʼ", "'")  # noqa: RUF001  … and their apostrophes
)
_EDGES = ",.;:!?¿¡()[]\"'«»“”"


def fold(*texts: str | None) -> str:
    """'Umeå' and 'UMEA' become 'umea', 'San José' 'san jose', 'Straße' 'strasse', 'ﬁ' 'fi'; one space between words."""
    apart = normalize("NFKD", normalize("NFKD", " ".join(text for text in texts if text)).casefold())
    return " ".join("".join(letter for letter in apart if category(letter) not in _DROPPED).translate(_PLAIN).split())


def words(text: str) -> list[str]:
    """What a question asks for, folded, each word once, without the commas and quotes around it."""
    typed = fold(text).split()
    found = [word.strip(_EDGES) for word in typed if word.strip(_EDGES)]
    return list(dict.fromkeys(found or typed))[:MOST_WORDS]


def has(column: QueryableAttribute[str], word: str) -> ColumnElement[bool]:
    """That a folded column holds the folded word, at its beginning or inside; % and _ mean themselves."""
    return column.contains(word, autoescape=True)


class Searched:
    """A row that is found by words: `folded` is what the columns of SEARCHED hold, folded.

    Every write through the session keeps it right; an UPDATE or INSERT past the session must write it itself.
    """

    SEARCHED: ClassVar[tuple[str, ...]] = ()

    folded: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)


@event.listens_for(Searched, "before_insert", propagate=True)
def _fold_new(_mapper: Mapper[Any], _connection: Connection, row: Searched) -> None:
    row.folded = _folded(row)


@event.listens_for(Searched, "before_update", propagate=True)
def _fold_changed(_mapper: Mapper[Any], _connection: Connection, row: Searched) -> None:
    """Only then: a row whose words stay must stay untouched."""
    seen = inspect(row).attrs
    if any(seen[name].history.has_changes() for name in row.SEARCHED):
        row.folded = _folded(row)


def _folded(row: Searched) -> str:
    return fold(*(getattr(row, name) for name in row.SEARCHED))
