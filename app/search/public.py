"""Search for anybody: public workshops and the networks' organisations, in all languages at once; never a person, never a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import ScalarSelect

from app.clock import now
from app.errors import Missing
from app.folding import words as split
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.search import queries, shown
from app.search.shown import Line
from app.web import PAGE, Door, page_number, pages
from app.workshops.finding import heads, lines

FIRST = 10  # of each kind, where all kinds stand together
MOST_LETTERS = 100
door = Door(__name__)


@dataclass(frozen=True)
class Kind:
    """A section: its word in the address, its heading, how many there are, and so many of its lines from a place on."""

    name: str
    title: str
    count: ScalarSelect[int]
    lines: Callable[[int, int], list[Line]]


@dataclass(frozen=True)
class Section:
    """A kind of which something was found; `more` leads to all of it."""

    title: str
    number: int
    lines: list[Line]
    more: str | None


@door.get("/search")
def search() -> str:
    """What fits the words: workshops that come, then those that were, and the organisations of the networks."""
    words, instant = split(typed()), now()
    kinds = [
        Kind(
            "workshops",
            _("Workshops and talks"),
            heads.count_found(tuple(words), public=True),
            lambda limit, offset: lines.of_search(
                heads.found(words, instant, public=True, limit=limit, offset=offset),
                instant,
                lambda one: shown.workshop(one, instant),
                public=True,
            ),
        ),
        Kind(
            "organisations",
            _("Organisations"),
            organisations.count_found(words, on=instant.date()),
            lambda limit, offset: [
                shown.organisation(one) for one in organisations.found(words, on=instant.date(), limit=limit, offset=offset)
            ],
        ),
    ]
    return page(kinds, asked=bool(words), staff=False)


def typed() -> str:
    """What was asked for, as it was typed."""
    return request.args.get("q", "").strip()[:MOST_LETTERS]


def page(kinds: Sequence[Kind], *, asked: bool, staff: bool) -> str:
    """All kinds with their first lines, or one kind page by page. Raises Missing for a kind or a page that is none."""
    wanted = request.args.get("in", "")
    if wanted not in {"", *(kind.name for kind in kinds)}:
        raise Missing
    numbers = queries.numbers([kind.count for kind in kinds]) if asked else [0] * len(kinds)
    total, place = sum(numbers), page_number() if wanted else 1
    found = [(kind, number) for kind, number in zip(kinds, numbers, strict=True) if number and wanted in {"", kind.name}]
    rows = pages(sum(number for _kind, number in found), place) if wanted else None
    return render_template(
        "search/page.html",
        staff=staff,
        q=typed(),
        asked=asked,
        total=total,
        tabs=[_tab("", _("All"), total, wanted), *(_tab(kind.name, kind.title, n, wanted) for kind, n in zip(kinds, numbers, strict=True))],
        sections=[_section(kind, number, place, alone=bool(wanted)) for kind, number in found],
        pages=rows,
    )


def _section(kind: Kind, number: int, place: int, *, alone: bool) -> Section:
    if alone:
        return Section(kind.title, number, kind.lines(PAGE, (place - 1) * PAGE), None)
    return Section(kind.title, number, kind.lines(FIRST, 0), _address(kind.name) if number > FIRST else None)


def _tab(name: str, title: str, number: int, wanted: str) -> dict[str, object]:
    return {"url": _address(name), "label": f"{title} {number}", "current": name == wanted, "apart": False}


def _address(name: str) -> str:
    words: dict[str, Any] = {"q": typed(), "in": name or None}
    return url_for(str(request.endpoint), **words)
