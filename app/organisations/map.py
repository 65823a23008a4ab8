"""The map of the first page: where a place stands on the drawing, which names find room, and how an arc swings.

Plain values in, plain values out. The drawing is 1072 by 470 units, Latin America left and Sweden right, each to a scale
of its own; its outlines are made by `app/static/map/draw.py` with the same `project`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot
from textwrap import wrap

WIDTH, HEIGHT = 1072, 470
SPLIT_LONGITUDE = -30.0
NEAR = 16.0
"""Units between two places that share one name plate."""
ON_ONE_PLATE = 2
RING, DOT = 6.0, 3.5
"""The usual radii."""
LETTER, LINE = 7.4, 18.0
"""Units that a letter of a name is wide, and a line of it high."""
BUSY = [(509.0, 312.0, 572.0, 345.0), (917.0, 377.0, 932.0, 405.0), (428.0, 130.0, 470.0, 160.0)]
"""Where lines crowd so that no name is read: the border east of Mitú, Öland, and the coast east of Barranquilla."""
COUNTRY_CORNERS = {"GT": (0, 152), "CO": (0, 306), "SE": (612, 306)}
LINE_LETTERS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place, in degrees."""

    name: str
    latitude: float
    longitude: float
    ring: bool = False
    radius: float = 0.0
    """Of its dot; 0 for the usual one."""


@dataclass(frozen=True, slots=True)
class Partnership:
    """Two places, by their names in `places`, and what stands under the arc."""

    first: str
    second: str
    title: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the network (ISO 3166-1 alpha-2): its name, facts in short lines, and where to read more."""

    code: str
    name: str
    lines: Sequence[str]
    url: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the drawing; without a label when there is no room for one."""

    x: float
    y: float
    ring: bool = False
    label: str = ""
    label_x: float = 0.0
    label_y: float = 0.0
    anchor: str = "start"
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Arc:
    """A partnership: the path, and where its words stand."""

    path: str
    x: float
    y: float
    title: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Corner:
    """A country's words on the drawing."""

    x: int
    y: int
    name: str
    lines: Sequence[str]
    url: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template needs."""

    dots: Sequence[Dot]
    arcs: Sequence[Arc]
    corners: Sequence[Corner]
    countries: Sequence[Country]


def project(latitude: float, longitude: float) -> tuple[float, float]:
    """Degrees to units of the drawing. Equirectangular: true at 4.7° N to the left, at 63° N to the right."""
    if longitude < SPLIT_LONGITUDE:
        return 433 + 19.0 * (longitude + 74.0721), 268 - 19.0 * (latitude - 4.711)
    return 971 + 13.2 * (longitude - 20.263), 181 - 29.0 * (latitude - 63.8258)


def draw(places: Iterable[Place], partnerships: Iterable[Partnership], countries: Iterable[Country]) -> Drawing:
    """The whole drawing. What lies outside it is left out; the list beside the map still names the countries."""
    places, partnerships, countries = list(places), list(partnerships), list(countries)
    at = {place.name: _rounded(place) for place in places}
    at = {name: (x, y) for name, (x, y) in at.items() if 0 <= x <= WIDTH and 0 <= y <= HEIGHT}
    drawn = [one for one in partnerships if one.first in at and one.second in at]
    ringed = {name for one in drawn for name in (one.first, one.second)} | {place.name for place in places if place.ring}
    radii = {place.name: place.radius or (RING if place.name in ringed else DOT) for place in places}
    corners = [
        Corner(*COUNTRY_CORNERS[one.code], one.name, [part for line in one.lines for part in wrap(line, LINE_LETTERS)], one.url)
        for one in countries
        if one.code in COUNTRY_CORNERS
    ]
    arcs = [_swing(at[one.first], at[one.second], one, number) for number, one in enumerate(drawn)]
    ends = [(at[one.first], at[one.second]) for one in drawn]
    swung = [point for pair, number in zip(ends, range(len(ends)), strict=True) for point in _points(*pair, number)]
    return Drawing(_name_dots(at, ringed, radii, swung), arcs, corners, countries)


def _rounded(place: Place) -> tuple[float, float]:
    x, y = project(place.latitude, place.longitude)
    return round(x, 1), round(y, 1)


def _swing(one: tuple[float, float], other: tuple[float, float], partnership: Partnership, number: int) -> Arc:
    (x1, y1), (first, lift), (second, _lift), (x2, y2) = _curve(one, other, number)
    path = f"M{x1:g} {y1:g}C{first:.0f} {lift:.0f} {second:.0f} {lift:.0f} {x2:g} {y2:g}"
    middle = round((x1 + x2 + 3 * (first + second)) / 8) + 26  # the eye sees the top a little to the right
    return Arc(path, middle, _top(number) + 30, partnership.title, partnership.words, partnership.url)


def _top(number: int) -> int:
    """Each arc rises to a top of its own, so that the words of several stand under one another."""
    return 44 + 64 * number


def _curve(one: tuple[float, float], other: tuple[float, float], number: int) -> tuple[tuple[float, float], ...]:
    """The four points of a cubic curve whose middle is at the top."""
    (x1, y1), (x2, y2) = sorted((one, other))
    lift = (8 * _top(number) - y1 - y2) / 6
    return (x1, y1), (x1 + 0.12 * (x2 - x1), lift), (x1 + 0.74 * (x2 - x1), lift), (x2, y2)


def _points(one: tuple[float, float], other: tuple[float, float], number: int) -> list[tuple[float, float]]:
    """Points along an arc, close enough together that no name slips between them."""
    a, b, c, d = _curve(one, other, number)
    steps = [step / 40 for step in range(2, 39)]
    return [(_between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)) for t in steps]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    """Bézier's formula in one dimension."""
    return (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d


def _name_dots(
    at: dict[str, tuple[float, float]], ringed: set[str], radii: dict[str, float], swung: list[tuple[float, float]]
) -> list[Dot]:
    taken = [*BUSY, *((x - 6, y - 6, x + 6, y + 6) for x, y in [*at.values(), *swung])]
    dots: list[Dot] = []
    for names in _groups(at):
        dots += [Dot(*at[name], ring=name in ringed, radius=radii[name]) for name in names[1:]]
        plain = Dot(*at[names[0]], ring=names[0] in ringed, radius=radii[names[0]])
        # Three or more in one spot are named in their country's words.
        named = _find_room(plain, ", ".join(names), taken) if len(names) <= ON_ONE_PLATE else None
        dots.append(named or plain)
    return dots


def _groups(at: dict[str, tuple[float, float]]) -> list[list[str]]:
    """Names of places so near each other that one plate must do; the easternmost first, because the plate stands there."""
    groups: list[list[str]] = []
    for name, (x, y) in sorted(at.items(), key=lambda item: -item[1][0]):
        near = next((group for group in groups if any(hypot(x - at[one][0], y - at[one][1]) < NEAR for one in group)), None)
        if near is None:
            groups.append([name])
        else:
            near.append(name)
    return groups


def _find_room(dot: Dot, label: str, taken: list[tuple[float, float, float, float]]) -> Dot | None:
    """The dot with its name to the right, further right, left, below or above, where nothing stands yet; takes the room."""
    wide = LETTER * len(label)
    gap = dot.radius + (8 if dot.ring else 7.5)
    for anchor, x, y in (
        ("start", dot.x + gap, dot.y + 5),
        ("start", dot.x + gap + 21, dot.y + 9),
        ("end", dot.x - gap, dot.y + 5),
        ("start", dot.x + 4, dot.y + 22),
        ("start", dot.x + 4, dot.y - 12),
    ):
        left = x - wide if anchor == "end" else x
        box = (left, y - LINE + 4, left + wide, y + 4)
        if left >= 0 and box[2] <= WIDTH and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return Dot(dot.x, dot.y, dot.ring, label, round(x, 1), round(y, 1), anchor, dot.radius)
    return None


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
