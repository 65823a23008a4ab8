"""One page of a tab of the staff's table: the heads of its rows, how many there are, and how many stand in each tab.

Looking for words reads every text. So the numbers of those found are kept in memory until a workshop or the name of a host is
another; what the rows show of them, such as seats, is read each time.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from app.folding import has
from app.folding import words as split
from app.organisations.models import OrganisationName
from app.workshops.finding.heads import KEPT, NOW, Head, columns, page_of, read, run
from app.workshops.models import Workshop
from app.workshops.queries import NEWEST, TABS, matching, tab_of
from app.workshops.rules import Stage, stage

KEY = "app.workshops.finding.tabs"
MOST = 200  # pages of numbers found
Found = tuple[int, list[int]]  # how many fit, and the numbers of those on this page


class Listed(NamedTuple):
    """What a page of the staff's table shows."""

    counts: tuple[int, ...]
    number: int
    stages: tuple[Stage, ...]
    heads: list[Head]


def listed(now: datetime, tab: str, words: str, *, limit: int, offset: int = 0) -> Listed:
    """One page of a tab, narrowed by words."""
    signs, asked = tuple(run(_signs(), {"now": now}).one()), tuple(split(words))
    counts = signs[: len(TABS)]
    if asked:
        number, found = _of_words(signs, now, tab, asked, limit, offset)
    else:
        number, found = counts[TABS.index(tab)], read(_page(tab), {"now": now, "most": limit, "skipped": offset})
    return Listed(counts, number, tuple(stage(one.state, one.starts_at, one.ends_at, now) for one in found), found)


def _of_words(signs: tuple[Any, ...], now: datetime, tab: str, asked: tuple[str, ...], limit: int, offset: int) -> tuple[int, list[Head]]:
    """How many fit, and one page of them. What time alone moves from tab to tab moves the counts of the tabs."""
    shelf: dict[object, tuple[object, Found]] = current_app.extensions.setdefault(KEY, {})
    key, proof = (tab, asked, limit, offset), (signs, frozenset(run(_hosts(asked), {}).all()))
    of, found = shelf.get(key, (None, (0, [])))
    if of != proof:
        numbers = list(run(_fitting(tab, asked), {"now": now}).scalars())
        found = len(numbers), numbers[offset : offset + limit]
        if len(shelf) >= MOST:
            shelf.clear()
        shelf[key] = proof, found
    number, shown = found
    rows = {row.id: row for row in read(_these(), {"numbers": shown})} if shown else {}
    return number, [rows[one] for one in shown if one in rows]


@lru_cache(1)
def _signs() -> Select[Any]:
    """How many stand in each tab; and what is another as soon as any workshop is another, is made or thrown away. The index
    alone tells."""
    table = Workshop.__table__
    wanted: list[ColumnElement[Any]] = [func.count().filter(tab_of(tab, NOW)) for tab in TABS]
    return select(*wanted, func.sum(table.c.version), func.max(table.c.id), func.max(table.c.changed_at)).select_from(table)


@lru_cache(KEPT)
def _page(tab: str) -> Select[Any]:
    return page_of(select(*columns()).where(tab_of(tab, NOW)).order_by(*NEWEST))


@lru_cache(KEPT)
def _fitting(tab: str, words: tuple[str, ...]) -> Select[int]:
    return select(Workshop.__table__.c.id).where(tab_of(tab, NOW), *matching(words)).order_by(*NEWEST)


@lru_cache(KEPT)
def _hosts(words: tuple[str, ...]) -> Select[int, str]:
    """The names of organisations that any of the words stands in: they may change without any workshop."""
    names = OrganisationName.__table__
    return select(names.c.organisation_id, names.c.folded).where(or_(*(has(OrganisationName.folded, word) for word in words)))


@lru_cache(1)
def _these() -> Select[Any]:
    return select(*columns()).where(Workshop.__table__.c.id.in_(bindparam("numbers", expanding=True)))
