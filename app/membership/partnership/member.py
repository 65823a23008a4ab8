"""The page of a partnership for those who belong to it: dates, people, documents. For everybody else there is none."""

from __future__ import annotations

from flask import render_template

from app.clock import now
from app.errors import Missing
from app.membership import told
from app.membership.partnership import queries
from app.membership.partnership.shown import date_shown, people_by_role
from app.web import Door, get_me, reader_zone

door = Door(__name__, "/me/partnerships")


@door.get("/")
def partnerships() -> str:
    """Those that one belongs to."""
    rows = queries.of_person(get_me().id, now().date())
    return render_template("membership/partnership/mine.html", rows=[told.partnership(row) for row in rows])


@door.get("/<slug>/")
def partnership(slug: str) -> str:
    """All of one, but for what staff write down about it."""
    instant, row = now(), queries.get(slug)
    if not queries.is_of(row.id, get_me().id, instant.date()):
        raise Missing
    shown = [date_shown(event, row, reader_zone(), instant) for event in row.events]
    return render_template(
        "membership/partnership/own.html",
        row=row,
        one=told.partnership(row),
        people=people_by_role(row.people),
        contacts=queries.delegates(row, instant.date()),
        coming=[date for date in shown if not date.over],
        past=[date for date in reversed(shown) if date.over],
    )
