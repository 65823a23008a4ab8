"""The networks beside each other, for anybody; the page of one stands with the other public pages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from app.clock import now
from app.membership.network import queries, shown
from app.web import Door, reader_zone

door = Door(__name__)


@dataclass(frozen=True)
class Row:
    """A network of the list."""

    slug: str
    name: str
    lang: str | None
    years: str
    purpose: shown.Purpose
    call: str
    state: str


@door.get("/networks/")
def networks() -> str:
    """All of them, the newest first: what each is for, its years, and how its call stands."""
    instant, zone = now(), reader_zone()
    rows = [
        Row(
            one.slug,
            one.name,
            shown.name_lang(one),
            shown.years(one),
            shown.purpose(one),
            shown.call_line(one, instant, zone),
            shown.stands(one, instant, zone).state,
        )
        for one in queries.every()
    ]
    return render_template("membership/network/list.html", rows=rows)
