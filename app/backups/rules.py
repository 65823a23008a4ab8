"""What a copy is called, when the next one is due, and which are thrown away. Plain values only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

KINDS = ("hourly", "nightly", "manual")
HOUR = timedelta(minutes=50)  # between two hourly copies at least: a scheduler that starts again and again makes no more
NIGHT = time(3)  # UTC, after the nightly jobs have thrown away what may not be kept
NAME = re.compile(r"workshops-(\d{8}T\d{6}Z)-(hourly|nightly|manual)\.backup")


class BackupError(RuntimeError):
    """A copy cannot be made or put back; the message says why and what to do, in English as all commands speak."""


@dataclass(frozen=True, order=True)
class Named:
    """A copy as its name tells it."""

    made_at: datetime
    kind: str
    name: str


def name_of(made_at: datetime, kind: str) -> str:
    """`workshops-20261129T031000Z-nightly.backup`."""
    return f"workshops-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{kind}.backup"


def named(name: str) -> Named | None:
    """The same read back; None for any other file."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    try:
        made_at = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Named(made_at, found[2], name)


def due(there: Iterable[Named], now: datetime) -> str | None:
    """Which copy is to be made now: the night's, once it is three, before the hour's; None while the last is young enough."""
    newest: dict[str, datetime] = {}
    for copy in there:
        newest[copy.kind] = max(copy.made_at, newest.get(copy.kind, copy.made_at))
    tonight = datetime.combine(now.astimezone(UTC).date(), NIGHT, UTC)
    if now < tonight:
        tonight -= timedelta(days=1)
    if "nightly" not in newest or newest["nightly"] < tonight:
        return "nightly"
    last = max(newest["nightly"], newest.get("hourly", newest["nightly"]))
    return "hourly" if now - last >= HOUR else None


def superfluous(there: Iterable[Named], keep: dict[str, int]) -> list[Named]:
    """The oldest of each kind beyond so many; what was made by hand is never among them."""
    copies = sorted(there, reverse=True)
    return [one for kind, number in keep.items() for one in [copy for copy in copies if copy.kind == kind][number:]]
