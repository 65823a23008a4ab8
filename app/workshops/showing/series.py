"""A network's gatherings in their order: which one a workshop is, and which stand before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import url_for

from app.languages import gettext as _
from app.languages import span
from app.workshops import queries
from app.workshops.models import Workshop
from app.workshops.showing.shown import other_lang


@dataclass(frozen=True)
class Neighbour:
    """The gathering before or after."""

    url: str
    title: str
    lang: str | None
    when: str


@dataclass(frozen=True)
class Series:
    """'Workshop 2 of 4', and the way to its neighbours."""

    words: str
    before: Neighbour | None
    after: Neighbour | None


def series_of(workshop: Workshop) -> Series | None:
    """Where a workshop stands among its network's gatherings; None if it is not one of several that take place."""
    if not workshop.in_series or workshop.state != "published":
        return None
    number, total, before, after = queries.place_in_series(workshop)
    if total < 2:
        return None
    words = _("Workshop %(number)s of %(total)s", number=number, total=total)
    return Series(words, _neighbour(before), _neighbour(after))


def _neighbour(workshop: Workshop | None) -> Neighbour | None:
    if workshop is None:
        return None
    url, text, zone = url_for("workshops_public.workshop", slug=workshop.slug), workshop.text, ZoneInfo(workshop.zone)
    first, last = (at.astimezone(zone).date() for at in (workshop.starts_at, workshop.ends_at) if at is not None)
    return Neighbour(url, text.title, other_lang(text.lang), span(first, last))
