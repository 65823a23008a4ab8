"""What stands in a database, as numbers that can be compared: its rows by table, and a checksum that no order changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Any

Rows = Callable[[str], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class Contents:
    """A database at one instant. `revision`: of its schema; `version`: of its program."""

    revision: str
    version: str
    tables: Mapping[str, int]
    content: str


def contents(revision: str, version: str, tables: Iterable[str], rows: Rows) -> Contents:
    """Reads every row once; memory stays flat."""
    counts: dict[str, int] = {}
    whole = sha256()
    for table in sorted(tables):
        number, total = 0, 0
        for row in rows(table):
            number += 1
            total += int.from_bytes(blake2b(repr(tuple(row)).encode(), digest_size=8).digest(), "big")
        counts[table] = number
        whole.update(f"{table} {number} {total}\n".encode())
    return Contents(revision, version, counts, whole.hexdigest())
