"""The line of years when it would crowd: a month is one column, with how many workshops stand on each side of the ruler.

Latin America rises from the upper edge, Sweden hangs from the lower one, online lies between: as on the line of single ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from app.web import PAGE
from app.workshops.finding import months
from app.workshops.finding.heads import Heap
from app.workshops.finding.years import BAND, HEAD, SIDES, Drawing, Scale, drawing
from app.workshops.rules import region

MOST = PAGE
"""So many workshops stand on the line one by one."""
LEAST, TALLEST = 8.0, 120.0
"""Units that the lowest and the highest column are high."""
ROOM, SHARE, RING = 20.0, 0.62, 11.0
"""Units that a number needs, how much of a month its column takes, and the radius of what is online."""


@dataclass(frozen=True)
class Month:
    """What begins in a month on each side."""

    first: date
    west: int
    middle: int
    east: int
    ahead: int  # how many of them are still to come

    @property
    def total(self) -> int:
        return self.west + self.middle + self.east


@dataclass(frozen=True)
class Number:
    """How many, and where it is written; `inside`: within the ring."""

    x: float
    y: float
    count: int
    inside: bool = False


@dataclass(frozen=True)
class Column:
    """A month on the drawing."""

    first: date
    state: str
    path: str
    numbers: list[Number]


def by_month(heaps: Iterable[Heap]) -> list[Month]:
    """In the order of time."""
    found: dict[date, dict[str, int]] = {}
    for one in heaps:
        month = found.setdefault(date(one.year, one.month, 1), {"west": 0, "middle": 0, "east": 0, "ahead": 0})
        month[SIDES.get(region(one.country, one.format), "middle")] += one.number
        month["ahead"] += one.ahead
    return [Month(first, **numbers) for first, numbers in sorted(found.items())]


def by_year(found: Sequence[Month]) -> list[tuple[int, list[Month]]]:
    """The words under the picture: each year with its months."""
    return [(year, list(those)) for year, those in groupby(found, key=lambda one: one.first.year)]


def draw(found: Sequence[Month], first: int, last: int, today: date) -> tuple[Drawing, list[Column]]:
    """The ruler of whole years, and a column a month."""
    scale = Scale.of(first, last)
    west, east = max((one.west for one in found), default=0), max((one.east for one in found), default=0)
    most = max(west, east)
    rise, fall = (HEAD + (_tall(count, most) + ROOM if count else 0) for count in (west, east))
    top = round(rise)
    columns = [_column(one, scale, most, top) for one in found]
    return drawing(scale, today, top, fall), columns


def _tall(count: int, most: int) -> int:
    return round(LEAST + (TALLEST - LEAST) * count / most)


def _column(one: Month, scale: Scale, most: int, top: float) -> Column:
    left, width = scale.x(one.first), (scale.x(months.after(one.first)) - scale.x(one.first)) * SHARE
    centre, bottom, middle = round(left + width / 2, 1), top + BAND, Scale.middle(top)
    path, numbers = "", []
    for count, edge, sign in ((one.west, top, -1), (one.east, bottom, 1)):
        if count:
            tall = sign * _tall(count, most)
            path += f"M{left:g} {edge:g}h{width:.1f}v{tall}H{left:g}z"
            numbers.append(Number(centre, edge + tall + (-6 if sign < 0 else 18), count))
    if one.middle:
        ring = round(min(RING, width / SHARE / 2 - 1), 1)
        path += f"M{centre - ring:.1f} {middle:g}a{ring} {ring} 0 1 0 {2 * ring:g} 0a{ring} {ring} 0 1 0-{2 * ring:g} 0z"
        numbers.append(Number(centre, middle + 5, one.middle, inside=True))
    return Column(one.first, "coming" if one.ahead else "held", path, numbers)
