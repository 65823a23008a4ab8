"""What the pages of a log have in common: the tabs, the rows, what is still to be written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import request, url_for

from app.announcements import announce
from app.clock import now
from app.errors import Missing
from app.outbox import shown
from app.outbox.log import filters, queries
from app.outbox.log.queries import Wanted
from app.outbox.queries import Planned, Topic
from app.web import PAGE, page_number, pages, reader_zone

HOME = "Europe/Stockholm"  # the office's clock, for mails about nothing that has a place
Waiting = list[tuple[Planned, shown.Tag, list[str]]]


def find_topic(topic: str) -> Topic | None:
    """What a topic is called, if anybody knows it. Raises Missing for one that is not there."""
    found: list[Topic] = []
    announce("topic_title", topic=topic, into=found)
    return found[0] if found else None


def names_of(topics: Sequence[str]) -> list[Topic]:
    """What these are called, of those that are still there."""
    found = []
    for topic in topics:
        with suppress(Missing):
            if (about := find_topic(topic)) is not None:
                found.append(about)
    return found


def told_about(topic: str) -> tuple[Topic, Waiting]:
    """What a topic is called and, above the first page of all its mails, what is still to be written. Raises Missing."""
    about = find_topic(topic)
    if about is None:
        raise Missing
    planned: list[Planned] = []
    if not filters.read(request.args).arguments() and page_number() == 1:
        announce("planned_mails", topic=topic, into=planned)
    planned.sort(key=lambda row: row.due_at)
    return about, [(row, shown.planned_tag(row), shown.clocks(row.due_at, about.zone, row.zone, reader_zone())) for row in planned]


def log_facts(wanted: Wanted, zone: str) -> dict[str, Any]:
    """Tabs, rows and pages of these mails, narrowed by what the address says."""
    chosen, page = filters.read(request.args), page_number()
    wanted = [*wanted, *queries.narrowed(chosen, HOME)]
    numbers = queries.tabs(wanted)
    rows = queries.page(wanted, chosen.tab, limit=PAGE, offset=(page - 1) * PAGE)
    here = {**(request.view_args or {})}
    return {
        "filter": chosen,
        "tabs": [
            {
                "url": url_for(str(request.endpoint), **here, **chosen.arguments(key)),
                "label": f"{label} {numbers[key]}",
                "current": key == chosen.tab,
                "apart": False,
            }
            for key, label in shown.filters().items()
            if key in {"all", chosen.tab} or numbers[key]
        ],
        "rows": shown.rows(rows, zone, reader_zone(), now()),
        "pages": pages(numbers[chosen.tab], page),
    }
