"""What has happened to a partnership's public dates, as entries of an Atom feed; told by their titles and places of today."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from app.audit.models import AuditEntry
from app.audit.queries import last_of
from app.feeds.news.documents import Item, News, atom, tag
from app.feeds.partnerships.making import public_dates, title
from app.feeds.rules import NEVER
from app.languages import gettext as _
from app.languages import span, using
from app.membership.partnership.entries import Dated, clocks, page_url
from app.membership.partnership.shown import kind_name, title_in
from app.workshops.rules import uid_host

MOST = 50
LINES = ("partnership.date_added", "partnership.date_changed", "partnership.date_called_off")


def document(name: str, lang: str, self_url: str, page: str) -> bytes:
    """The news of one partnership, the newest first."""
    rows = {row.id: row for row in public_dates(name)}
    topic = f"partnership:{next(iter(rows.values())).partnership_id}" if rows else ""
    with using(lang):
        told = [
            (line, rows[number], kind)
            for line in last_of(topic, LINES, 4 * MOST)
            if (number := _event(line)) in rows and (kind := _kind(line))
        ]
        items = [_item(line, row, kind, lang) for line, row, kind in told[:MOST]]
        return atom(_head(name, lang, items, self_url, page), items)


def _event(line: AuditEntry) -> int:
    return int((line.facts or {}).get("event", 0))


def _kind(line: AuditEntry) -> str:
    """What a line is told as; nothing for what was not public then, or is no news."""
    facts = line.facts or {}
    if not facts.get("public"):
        return ""
    if line.action == LINES[2]:
        return "cancelled"
    if line.action == LINES[0] or not facts.get("was_public"):
        return "published"
    return "moved" if facts.get("days_before") else ""


def _head(name: str, lang: str, items: list[Item], self_url: str, page: str) -> News:
    config = current_app.config["CONFIG"]
    return News(
        id=tag(uid_host(config.base_url), f"{NEVER:%Y}", f"feeds/{name}/{lang}"),
        title=_("News: %(calendar)s", calendar=title(name)),
        subtitle=_("Dates that are new, moved or cancelled"),
        lang=lang,
        self_url=self_url,
        page_url=page,
        author=config.sender[0],
        updated=max((item.at for item in items), default=NEVER),
    )


def _item(line: AuditEntry, row: Dated, kind: str, lang: str) -> Item:
    words, facts = title_in(row.titles)[0], line.facts or {}
    titles = {
        "published": _("New: %(title)s", title=words),
        "moved": _("Moved: %(title)s", title=words),
        "cancelled": _("Cancelled: %(title)s", title=words),
    }
    names = {"published": _("Published"), "moved": _("Moved"), "cancelled": _("Cancelled")}
    config = current_app.config["CONFIG"]
    return Item(
        id=tag(uid_host(config.base_url), f"{line.at:%Y-%m-%d}", f"dates/{row.id}/{line.id}/{lang}"),
        title=titles[kind],
        url=page_url(row, lang),
        at=line.at,
        kind=kind,
        kind_words=names[kind],
        html=str(Markup("").join(Markup("<p>{}</p>").format(one) for one in _paragraphs(kind, facts, row) if one)),
    )


def _paragraphs(kind: str, facts: dict[str, Any], row: Dated) -> list[Markup]:
    days = _days(facts.get("days"))
    what = escape(" · ".join(part for part in (kind_name(row.kind), row.place) if part))
    if kind == "cancelled":
        return [escape(_("It is cancelled.")), escape(_("It was to be: %(days)s", days=days)), what]
    if kind == "moved":
        before = _days(facts.get("days_before"))
        other = _("Before: %(days)s", days=before) if before != days else " · ".join(clocks(row))  # then only its hours are others
        return [Markup("<strong>{}</strong>").format(_("Now: %(days)s", days=days)), escape(other), what]
    return [Markup("<strong>{}</strong>").format(days), what]


def _days(fact: Any) -> str:
    first, last = (date.fromisoformat(on) for on in fact)
    return span(first, last)
