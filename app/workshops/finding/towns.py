"""The map of gatherings: a dot for each town where people meet or have met, and the same in words, country by country."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt

from flask import url_for

from app.languages import country, listed, ngettext, sort_key
from app.languages import gettext as _
from app.organisations import map as drawn
from app.workshops.finding.filters import Filters
from app.workshops.queries import Town

WEST_TO_EAST = {"GT": 1, "CO": 2, "SE": 4}
LEAST, GROWTH = 3.0, 2.0  # units of a dot's radius: its area grows with how often people meet there
BETWEEN = 3  # where a country stands that the drawing does not know


@dataclass(frozen=True)
class Line:
    """A town: where to read of it, and how often people meet there."""

    name: str
    url: str
    words: str


@dataclass(frozen=True)
class Country:
    """A country and its towns."""

    name: str
    words: str
    towns: list[Line]


def draw(towns: Sequence[Town], filters: Filters) -> drawn.Drawing:
    """The map. A dot stands for a town, a ring for one where something is to come; a town without a point is in the words only."""
    places = [
        drawn.Place(
            f"{town.place} {town.coming + town.held}",
            town.latitude,
            town.longitude,
            ring=bool(town.coming),
            radius=round(LEAST + GROWTH * sqrt(town.coming + town.held), 1),
        )
        for town in towns
        if town.latitude is not None and town.longitude is not None
    ]
    countries = [
        drawn.Country(code, country(code), _lines(found), _url(found, filters, country=code)) for code, found in _grouped(towns) if code
    ]
    return drawn.draw(places, [], countries)


def by_country(towns: Sequence[Town], filters: Filters) -> list[Country]:
    """The same in words, from the west to the east, as on the map."""
    return [
        Country(
            country(code) if code else _("Elsewhere"),
            words(found),
            [Line(town.place, _url([town], filters, place=town.place), words([town])) for town in found if town.place],
        )
        for code, found in _grouped(towns)
    ]


def words(towns: Iterable[Town]) -> str:
    """'2 to come, 3 held'."""
    coming, held = (sum(numbers) for numbers in zip(*((town.coming, town.held) for town in towns), strict=True))
    parts = [ngettext("%(num)s to come", "%(num)s to come", coming)] if coming else []
    return ", ".join([*parts, ngettext("%(num)s held", "%(num)s held", held)] if held else parts)


def _lines(towns: Sequence[Town]) -> list[str]:
    """The towns by name where they stand too close together for the drawing, and the counts."""
    points = [town.latitude for town in towns if town.latitude is not None]
    crowded = len(points) >= drawn.ON_ONE_PLATE + 1 and max(points) - min(points) < 1
    return [*([listed([town.place for town in towns])] if crowded else []), words(towns)]


def _grouped(towns: Sequence[Town]) -> list[tuple[str, list[Town]]]:
    ordered = sorted(towns, key=lambda town: (WEST_TO_EAST.get(town.country or "", BETWEEN), town.country or "", sort_key(town.place)))
    return [(code, list(found)) for code, found in groupby(ordered, key=lambda town: town.country or "")]


def _url(towns: Sequence[Town], filters: Filters, **narrower: str) -> str:
    """The list of what is to come there; of what was when nothing is."""
    coming = any(town.coming for town in towns)
    address = filters.address() | narrower
    return url_for("workshops_public.workshops", **address, when=None if coming else "past")
