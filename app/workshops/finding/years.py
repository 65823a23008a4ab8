"""The line of years: a ruler of weeks from the network's first year to its last, and every workshop standing on it.

Latin America rises from the ruler's upper edge and Sweden hangs from its lower one; what is online lies between the two.
Plain values out; the words under the picture say the same, for whoever does not see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import url_for

from app.languages import gettext as _
from app.languages import month_short
from app.workshops.models import Workshop
from app.workshops.rules import region
from app.workshops.showing.shown import moved_label, other_lang, where_short

WIDTH, MARGIN = 1072.0, 8.0
BAND, TALL = 136.0, 20.0
"""Units that the ruler is high, and a mark upon it."""
NAMES = 44.0
"""Units of the ruler, from its upper edge, in which the years' names stand and nothing else does."""
SIDES = {"latin_america": "west", "sweden": "east"}
"""The side of the ruler where a region stands; all else lies between."""
LANE, LANES = 44.0, 8
"""Units between the labels of a side, and how many stand above one another; what finds no room is a mark alone."""
HEAD = 56.0
"""Units above and below all labels: for the side's name, and for the word of today."""
BOLD, PLAIN, GAP = 8.6, 7.4, 16.0
"""Units that a letter of a label's first and second line is wide, and that two labels stand apart."""
ROWS = (0.0, -26.0, 26.0)
"""Where rings lie in the ruler, from its middle: side by side in time, they make way for one another."""
RING = 7.0
LEAST, STEM = 5.0, 5.0  # units that a mark is wide, and that a label stands off its own stem


@dataclass(frozen=True)
class Gathering:
    """What stands on the line. `side`: west, east or middle; `state`: held, coming, moved, postponed, cancelled."""

    first: date
    last: date
    side: str
    state: str
    url: str
    label: str
    word: str
    title: str
    lang: str | None
    where: str

    @property
    def dates(self) -> str:
        """'18–21 Mar', '30 Sep – 2 Oct': short, because its year stands over it."""
        return _dates(self.first, self.last)


@dataclass(frozen=True)
class Mark:
    """A gathering on the drawing; without lines when there is no room for them."""

    url: str
    state: str
    path: str
    x: float = 0.0
    y: float = 0.0
    anchor: str = "start"
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Year:
    """Where a year begins."""

    name: int
    x: float


@dataclass(frozen=True)
class Drawing:
    """All that the template needs. The ruler lies from `top` to `bottom`; `week` is the width of one of its ticks."""

    height: float
    top: float
    bottom: float
    week: float
    today: float
    years: list[Year]
    marks: list[Mark]


@dataclass
class _Placed:
    left: float
    right: float
    stem: float
    lane: int


@dataclass
class Scale:
    """Where a day stands on the ruler."""

    first: date
    days: int

    @classmethod
    def of(cls, first: int, last: int) -> Scale:
        """Of whole years, from the first to the last one."""
        return cls(date(first, 1, 1), (date(last, 12, 31) - date(first, 1, 1)).days + 1)

    @staticmethod
    def middle(top: float) -> float:
        """The height of what is online: between the years' names and the lower edge."""
        return top + NAMES + (BAND - NAMES) / 2 - 4

    @property
    def day(self) -> float:
        return (WIDTH - 2 * MARGIN) / self.days

    def x(self, on: date) -> float:
        return round(MARGIN + (on - self.first).days * self.day, 1)


def gathering(workshop: Workshop, now: datetime) -> Gathering:
    """A workshop with days, as it stands on the line; its texts and days are loaded."""
    where = region(workshop.country, workshop.format)
    state, word = _state(workshop, now)
    return Gathering(
        workshop.days[0].on,
        workshop.days[-1].on,
        SIDES.get(where, "middle"),
        state,
        url_for("workshops_public.workshop", slug=workshop.slug),
        _("Online") if where == "online" else workshop.place,
        word,
        workshop.text.title,
        other_lang(workshop.text.lang),
        where_short(workshop),
    )


def by_year(gatherings: Sequence[Gathering]) -> list[tuple[int, list[Gathering]]]:
    """The words under the picture, under the year in which each begins."""
    return [(year, list(found)) for year, found in groupby(gatherings, key=lambda one: one.first.year)]


def draw(gatherings: Sequence[Gathering], first: int, last: int, today: date) -> Drawing:
    """The drawing of whole years, from the first to the last one; all gatherings lie within."""
    scale = Scale.of(first, last)
    sides = {side: _lanes(scale, [one for one in gatherings if one.side == side]) for side in ("west", "east")}
    rise, fall = (HEAD + LANE * max((one.lane + 1 for one in placed.values() if one), default=1) for placed in sides.values())
    top = round(rise + TALL)
    marks = [_mark(scale, one, sides[one.side][one], top, top + BAND) for one in gatherings if one.side != "middle"]
    marks += _rings(scale, [one for one in gatherings if one.side == "middle"], Scale.middle(top))
    return drawing(scale, today, top, TALL + fall, marks)


def drawing(scale: Scale, today: date, top: float, fall: float, marks: Sequence[Mark] = ()) -> Drawing:
    """The ruler with what stands on it; `fall`: units below it."""
    end = scale.first + timedelta(days=scale.days - 1)
    years = [Year(year, scale.x(date(year, 1, 1))) for year in range(scale.first.year, end.year + 1)]
    shown = min(max(today, scale.first), end)
    return Drawing(round(top + BAND + fall), top, top + BAND, round(7 * scale.day, 3), scale.x(shown), years, [*marks])


def sentence(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many stand on each side, in words for the legend: Latin America first, as on a map."""
    names = {"west": _("Latin America"), "middle": _("Online"), "east": _("Sweden")}
    return [(name, counts[side]) for side, name in names.items() if counts[side]]


def _dates(first: date, last: date) -> str:
    if first == last:
        return f"{first.day} {month_short(first)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {month_short(last)}"  # noqa: RUF001  an en dash between numbers
    return f"{first.day} {month_short(first)} – {last.day} {month_short(last)}"  # noqa: RUF001


def _state(workshop: Workshop, now: datetime) -> tuple[str, str]:
    if workshop.state == "cancelled":
        return "cancelled", _("Cancelled")
    if workshop.state == "postponed":
        return "postponed", _("Postponed")
    if workshop.ends_at is not None and workshop.ends_at <= now:
        return "held", ""
    return ("moved", moved_label(workshop)) if workshop.moved_from else ("coming", "")


def _lanes(scale: Scale, gatherings: Sequence[Gathering]) -> dict[Gathering, _Placed | None]:
    """From the last to the first, each label in the lane nearest the ruler where it crosses no other and no stem."""
    placed: list[_Placed] = []
    found: dict[Gathering, _Placed | None] = {}
    for one in reversed(gatherings):
        x, wide = scale.x(one.first), _wide(one)
        left, right = (x, x + wide) if x + wide <= WIDTH else (x - wide, x)
        wanted = (_Placed(left, right, x, lane) for lane in range(LANES))
        found[one] = next((own for own in wanted if not any(_cross(own, other) for other in placed)), None)
        if own := found[one]:
            placed.append(own)
    return found


def _cross(one: _Placed, other: _Placed) -> bool:
    if one.lane == other.lane:
        return one.left < other.right + GAP and other.left < one.right + GAP
    low, high = (one, other) if one.lane < other.lane else (other, one)
    return low.left + STEM < high.stem < low.right


def _wide(one: Gathering) -> float:
    return max(BOLD * len(one.label), PLAIN * len(_second(one))) + 8


def _second(one: Gathering) -> str:
    """In a list the word stands at the beginning of a sentence, here within one."""
    return f"{one.dates}, {one.word.lower()}" if one.word else one.dates


def _mark(scale: Scale, one: Gathering, place: _Placed | None, top: float, bottom: float) -> Mark:
    """A bar as long as the gathering, and the stem that carries its label."""
    x, wide = scale.x(one.first), max(LEAST, round(((one.last - one.first).days + 1) * scale.day, 1))
    up = one.side == "west"
    foot, tall = (top, -TALL) if up else (bottom, TALL)
    if place is None:
        return Mark(one.url, one.state, f"M{x:g} {foot:g}h{wide:g}v{tall:g}H{x:g}z")
    far = top - TALL - LANE * (place.lane + 1) + 4 if up else bottom + TALL + LANE * (place.lane + 1) - 4
    path = f"M{x:g} {far:g}V{foot:g}h{wide:g}v{tall:g}H{x:g}z"
    ends = place.left < x
    text_x, text_y = x - 7 if ends else x + 7, far + 12 if up else far - 20
    return Mark(one.url, one.state, path, round(text_x, 1), text_y, "end" if ends else "start", (one.label, _second(one)))


def _rings(scale: Scale, gatherings: Sequence[Gathering], middle: float) -> list[Mark]:
    """Online ones as rings between the two edges, with a line of words where there is room."""
    taken: list[tuple[float, float, float]] = []
    marks = []
    spots = [(scale.x(one.first), one) for one in gatherings]
    rows: list[tuple[float, Gathering, float]] = []
    for x, one in spots:
        row = next((row for row in ROWS if not _any(taken, x - RING, x + RING, row)), ROWS[0])
        taken.append((x - RING - 2, x + RING + 2, row))
        rows.append((x, one, row))
    for x, one, row in rows:
        words = f"{one.label}, {_second(one)}"
        wide = PLAIN * len(words) + 6
        right, left = x + RING + 5, x - RING - 5
        path = f"M{x - RING:g} {middle + row:g}a7 7 0 1 0 14 0a7 7 0 1 0-14 0z"
        for anchor, near, box in (("start", right, (right, right + wide)), ("end", left, (left - wide, left))):
            if box[0] >= 0 and box[1] <= WIDTH and not _any(taken, *box, row):
                taken.append((*box, row))
                marks.append(Mark(one.url, one.state, path, near, middle + row + 5, anchor, (words,)))
                break
        else:
            marks.append(Mark(one.url, one.state, path))
    return marks


def _any(taken: Iterable[tuple[float, float, float]], left: float, right: float, row: float) -> bool:
    return any(row == other and left < end and start < right for start, end, other in taken)
