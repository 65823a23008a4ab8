"""Draws the outlines of the first page's map once, from world-atlas 2.0.2 (Natural Earth 1:50m).

    npm pack world-atlas@2.0.2 && tar xf world-atlas-2.0.2.tgz
    python app/static/map/draw.py package/countries-50m.json > app/templates/parts/map_lines.html

The numbers are half units, so that whole numbers are fine enough: the group that holds them is scaled by one half.
"""

# ruff: noqa: INP001  a script beside what it makes, not a package
from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from app.organisations.map import HEIGHT, SPLIT_LONGITUDE, project

Point = tuple[float, float]
MEMBERS = {"GT": "320", "CO": "170", "SE": "752"}
WINDOWS = {"west": (0.0, 0.0, 610.0, float(HEIGHT)), "east": (772.0, 0.0, 1072.0, float(HEIGHT))}
TOLERANCE = 0.8
SHORTEST_LINE = 3.0
SMALLEST_ISLAND = {True: 5.0, False: 28.0}
"""Units across, under which an island is left out: of a member, of a neighbour."""


def main(path: str) -> None:
    """Prints the template partial."""
    world = json.loads(Path(path).read_text())
    arcs = [list(_decode(arc, world["transform"])) for arc in world["arcs"]]
    used: set[int] = set()
    members = []
    for shape in world["objects"]["countries"]["geometries"]:
        if shape.get("id") in MEMBERS.values():
            rings = [ring for polygon in _polygons(shape) for ring in polygon]
            used |= {_index(number) for ring in rings for number in ring}
            members += [drawn for ring in rings if (drawn := _ring(ring, arcs))]
    neighbours: dict[str, list[str]] = {"west": [], "east": []}
    for number, arc in enumerate(arcs):
        if number in used:
            continue
        side = "west" if arc[0][1] < SPLIT_LONGITUDE else "east"
        line = [project(*point) for point in arc]
        if line[0] == line[-1] and _across(line) < SMALLEST_ISLAND[False]:
            continue
        neighbours[side] += [_path(_simplify(run)) for run in _inside(line, WINDOWS[side]) if _across(run) > SHORTEST_LINE]
    lines = ["{#- Made by app/static/map/draw.py from Natural Earth 1:50m (public domain); do not edit by hand. -#}"]
    lines += [f'<path class="map-neighbours" mask="url(#map-{side})" d="{"".join(paths)}"/>' for side, paths in neighbours.items()]
    lines += [f'<path class="map-members" d="{"".join(members)}"/>', ""]
    sys.stdout.write("\n".join(lines))


def _decode(arc: list[list[int]], transform: dict[str, list[float]]) -> Iterator[Point]:
    """TopoJSON's steps to (latitude, longitude)."""
    x = y = 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield (y * transform["scale"][1] + transform["translate"][1], x * transform["scale"][0] + transform["translate"][0])


def _polygons(shape: dict[str, Any]) -> list[list[list[int]]]:
    return [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]


def _index(number: int) -> int:
    """A negative number is an arc walked backwards."""
    return ~number if number < 0 else number


def _ring(numbers: list[int], arcs: list[list[Point]]) -> str:
    line: list[Point] = []
    for number in numbers:
        step = _simplify([project(*point) for point in arcs[_index(number)]])
        line += (step if number >= 0 else step[::-1])[1 if line else 0 :]
    return _path(line[:-1], "z") if _across(line) > SMALLEST_ISLAND[True] else ""


def _across(line: list[Point]) -> float:
    xs, ys = [x for x, _y in line], [y for _x, y in line]
    return max(max(xs) - min(xs), max(ys) - min(ys))


def _inside(line: list[Point], window: tuple[float, float, float, float]) -> Iterator[list[Point]]:
    """The runs of a line that lie in the window."""
    run: list[Point] = []
    for x, y in line:
        if window[0] <= x <= window[2] and window[1] <= y <= window[3]:
            run.append((x, y))
        elif run:
            if len(run) > 1:
                yield run
            run = []
    if len(run) > 1:
        yield run


def _simplify(line: list[Point]) -> list[Point]:
    """Douglas and Peucker: no point left out lies further than the tolerance from what is drawn."""
    (x1, y1), (x2, y2) = line[0], line[-1]
    length = hypot(x2 - x1, y2 - y1)
    far, where = 0.0, 0
    for number, (x, y) in enumerate(line[1:-1], 1):
        away = abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length if length else hypot(x - x1, y - y1)
        if away > far:
            far, where = away, number
    if far <= TOLERANCE:
        return [line[0], line[-1]]
    return _simplify(line[: where + 1]) + _simplify(line[where:])[1:]


def _path(line: list[Point], end: str = "") -> str:
    """Relative steps in half units, written as short as SVG allows."""
    whole = [(round(2 * x), round(2 * y)) for x, y in line]
    text = f"M{whole[0][0]} {whole[0][1]}l"
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(whole) if a != b]
    numbers = [str(part) for step in steps for part in step]
    return text + numbers[0] + "".join(part if part.startswith("-") else f" {part}" for part in numbers[1:]) + end if steps else ""


if __name__ == "__main__":
    main(sys.argv[1])
