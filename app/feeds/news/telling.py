"""What has happened to public workshops, in words, as entries of an Atom feed: facts out of the audit, nobody's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import current_app
from markupsafe import Markup, escape

from app.audit.models import AuditEntry
from app.feeds.news import dates, queries
from app.feeds.news.documents import Item, News, atom, tag
from app.feeds.rules import COUNTRIES, NEVER, PARTNERSHIP
from app.feeds.service import title
from app.languages import current, span, using
from app.languages import gettext as _
from app.workshops.models import Workshop
from app.workshops.past.told import read_days
from app.workshops.rules import uid_host
from app.workshops.showing.entries import clock_lines, page_url, where

MOST = 50
NOTHING = Markup("")


@dataclass(frozen=True)
class When:
    """Days in words, and the hours on every wall."""

    days: str
    hours: Markup


def document(name: str, lang: str) -> bytes:
    """The news of one calendar, the newest first. Raises Missing for a name that is no calendar."""
    if name.startswith(PARTNERSHIP):
        return dates.document(name, lang, address(name, lang), f"{current_app.config['CONFIG'].base_url}/{lang}/{_page(name)}")
    found = queries.news(name, limit=MOST)
    kinds = kinds_of([line for line, _workshop in found])
    with using(lang):
        items = [item(line, workshop, lang, kinds[line.id]) for line, workshop in found if line.id in kinds]
        return atom(_head(name, lang, found), items)


def kinds_of(lines: Sequence[AuditEntry]) -> dict[int, str]:
    """What each line is told as, out of lines the newest first; those that nobody is told of any more are left out.

    A move that was taken back is no news: what stays is that the workshop is on its days again, for whoever has read of the move.
    """
    kinds: dict[int, str] = {}
    undone: dict[str, dict[str, Any]] = {}  # of each workshop, the facts of the taking back whose move is still to come
    for line in lines:
        facts, later = line.facts or {}, undone.pop(line.topic, None)
        if later is not None and (facts.get("days"), facts.get("days_before")) == (later["days_before"], later["days"]):
            kinds[later["line"]] = "taken_back"
            continue
        kinds[line.id] = line.action.removeprefix("workshop.")
        if kinds[line.id] == "taken_back":
            kinds[line.id] = "moved"  # until the move that it takes back is found
            undone[line.topic] = {**facts, "line": line.id}
    return kinds


def address(name: str, lang: str) -> str:
    """Where a feed of news is, for people outside."""
    return f"{current_app.config['CONFIG'].base_url}/feeds/{quote(name)}.atom?lang={lang}"


def _head(name: str, lang: str, found: Sequence[tuple[AuditEntry, Workshop]]) -> News:
    config = current_app.config["CONFIG"]
    return News(
        id=tag(uid_host(config.base_url), f"{NEVER:%Y}", f"feeds/{name}/{lang}"),
        title=_("News: %(calendar)s", calendar=title(name, lang)),
        subtitle=_("Workshops that are new, moved, postponed, cancelled or taken up again"),
        lang=lang,
        self_url=address(name, lang),
        page_url=f"{config.base_url}/{lang}/{_page(name)}",
        author=config.sender[0],
        updated=max((line.at for line, _workshop in found), default=NEVER),
    )


def _page(name: str) -> str:
    """The page that shows what a feed is about."""
    if name.startswith("network/"):
        return f"{quote(name)}/"
    if name.startswith(PARTNERSHIP):
        return f"partnerships/{quote(name.removeprefix(PARTNERSHIP))}/"
    if name in COUNTRIES:
        return f"workshops/?country={COUNTRIES[name]}"
    if name == "latin-america":
        return "workshops/?region=latin_america"
    return "workshops/?format=online" if name == "online" else "workshops/"


def item(line: AuditEntry, workshop: Workshop, lang: str, kind: str) -> Item:
    """One thing that happened, with the days as they were then; title, place and summary are the workshop's of today."""
    number, _at, host = workshop.uid.partition("@")
    return Item(
        id=tag(host, f"{line.at:%Y-%m-%d}", f"{number}/{line.id}/{lang}"),
        title=_title(kind, workshop.text.title),
        url=page_url(workshop, lang),
        at=line.at,
        kind=kind,
        kind_words=_kind(kind),
        html="\n".join(Markup("<p>{}</p>").format(words) for words in _paragraphs(kind, line.facts or {}, workshop) if words),
    )


def _title(kind: str, name: str) -> str:
    return {
        "published": _("New: %(title)s", title=name),
        "moved": _("Moved: %(title)s", title=name),
        "taken_back": _("Back on its days: %(title)s", title=name),
        "postponed": _("Postponed: %(title)s", title=name),
        "cancelled": _("Cancelled: %(title)s", title=name),
        "restored": _("Takes place after all: %(title)s", title=name),
    }[kind]


def _kind(kind: str) -> str:
    return {
        "published": _("Published"),
        "moved": _("Moved"),
        "taken_back": _("Change taken back"),
        "postponed": _("Postponed"),
        "cancelled": _("Cancelled"),
        "restored": _("Taken up again"),
    }[kind]


def _paragraphs(kind: str, facts: dict[str, Any], workshop: Workshop) -> list[Markup]:
    """What happened, why, when it is and was, where, what it is about."""
    when = _when(facts.get("days"), facts.get("after"), workshop)
    about = _marked(workshop.text.summary, workshop.text.lang)
    if kind in {"postponed", "cancelled"}:
        said = _("It is postponed. A new date will come.") if kind == "postponed" else _("It is cancelled.")
        planned = _("It was to be: %(days)s", days=when.days) if when.days else ""
        return [escape(said), _reason(facts.get("reasons")), escape(planned), about]
    if kind == "moved":
        old = _when(facts.get("days_before"), facts.get("before"), workshop)
        words = [_lines(_bold(_("Now: %(days)s", days=when.days)), when), _lines(escape(_("Before: %(days)s", days=old.days)), old)]
    else:
        words = [_lines(_bold(when.days), when)]
    first = {"restored": _("It takes place after all."), "taken_back": _("A change of its days was taken back. It is on:")}
    return [escape(first.get(kind, "")), *words, escape(where(workshop)), about]


def _when(fact: Any, interval: Any, workshop: Workshop) -> When:
    """The days as the audit kept them; an older line has only the first and the last, without hours, or nothing."""
    if days := read_days(fact):
        zone = fact["zone"]  # by now the workshop may follow another clock
        then = Workshop(zone=zone, place=workshop.place if zone == workshop.zone else "")
        return When(span(days[0].on, days[-1].on), Markup("<br>").join(clock_lines(then, days)))
    first, _slash, last = str(interval or "").partition("/")
    try:
        return When(span(date.fromisoformat(first), date.fromisoformat(last)), NOTHING)
    except ValueError:
        return When("", NOTHING)


def _lines(first: Markup, when: When) -> Markup:
    if not when.days:
        return NOTHING
    return Markup("{}<br>{}").format(first, when.hours) if when.hours else first


def _bold(words: str) -> Markup:
    return Markup("<strong>{}</strong>").format(words)


def _reason(reasons: Any) -> Markup:
    """Why, in the language in force, else in any other that says it."""
    said = {lang: words for lang, words in reasons.items() if words} if isinstance(reasons, dict) else {}
    lang = current() if current() in said else next(iter(said), "")
    return _marked(said.get(lang, ""), lang)


def _marked(words: str, lang: str) -> Markup:
    """Words that somebody typed, marked if they are in another language than the rest."""
    return escape(words) if lang == current() else Markup('<span lang="{}">{}</span>').format(lang, words) if words else NOTHING
