"""What differs between two versions of a workshop, and what has happened to it, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.languages import LANGUAGES, city, country, day_short, hours, language, listed, moment, span
from app.languages import gettext as _
from app.workshops.rules import Text, Values
from app.workshops.service import differences
from app.workshops.shown import format_name, theme_name


@dataclass(frozen=True)
class Difference:
    """A field of which two versions say different things."""

    name: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Happened:
    """One line of what has happened."""

    words: str
    who: str
    when: str


def compare(theirs: Values, mine: Values) -> list[Difference]:
    """What somebody else saved beside what was typed here, field by field."""
    found = []
    for name in sorted(differences(theirs, mine)):
        if name == "texts":
            found += [Difference(text_name(lang), *pair) for lang in LANGUAGES for pair in _texts(theirs, mine, lang)]
        else:
            found.append(Difference(field_name(name), field_words(theirs, name), field_words(mine, name)))
    return found


def _texts(theirs: Values, mine: Values, lang: str) -> list[tuple[str, str]]:
    one, other = theirs.texts.get(lang, Text()), mine.texts.get(lang, Text())
    names = ("title", "summary", "description", "practical")
    return [(getattr(one, name) or "–", getattr(other, name) or "–") for name in names if getattr(one, name) != getattr(other, name)]  # noqa: RUF001


def text_name(lang: str) -> str:
    """'Text in Spanish'."""
    return _("Text in %(language)s", language=language(lang))


def field_name(name: str) -> str:
    """What a field is called in a sentence."""
    names = {
        "texts": _("texts"),
        "days": _("days"),
        "zone": _("clock"),
        "network_id": _("network"),
        "organisation_id": _("host"),
        "format": _("how people meet"),
        "original_lang": _("language of the original"),
        "spoken": _("languages of work"),
        "theme": _("theme"),
        "venue": _("venue"),
        "street_address": _("street address"),
        "place": _("town"),
        "country": _("country"),
        "latitude": _("latitude"),
        "longitude": _("longitude"),
        "join_url": _("link to join online"),
        "capacity": _("seats"),
        "access": _("who may register"),
        "invitees": _("invited organisations"),
        "opens": _("opening of registration"),
        "closes": _("closing of registration"),
        "contact": _("address for questions"),
        "in_series": _("place among the network's gatherings"),
        "sessions": _("programme"),
        "documents": _("documents"),
    }
    return names.get(name, name)


def field_words(values: Values, name: str) -> str:
    """What a field says."""
    value = getattr(values, name)
    if name in {"days", "sessions", "documents"}:
        return "; ".join(_row_words(values, name)) or "–"  # noqa: RUF001
    if isinstance(value, datetime):
        return f"{day_short(value.date())} {value:%H:%M}"
    if name == "spoken":
        return listed([language(code) for code in value])
    say = {"zone": city, "format": format_name, "theme": theme_name, "country": country, "original_lang": language}.get(name, str)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, frozenset):
        return str(len(value))
    return say(value) if value not in {None, ""} else "–"  # noqa: RUF001


def _row_words(values: Values, name: str) -> list[str]:
    """Days, sessions or documents, one by one."""
    days = sorted(values.days)
    if name == "days":
        return [f"{day_short(day.on)} {hours(day.starts, day.ends)}" for day in days]
    if name == "sessions":
        sessions = sorted(values.sessions)
        return [f"{day_short(days[one.day].on)} {hours(one.starts, one.ends)} {one.titles[0][1]}" for one in sessions]
    return [f"{one.title} ({one.url})" for one in values.documents]


def history(entries: Iterable[AuditEntry], zone: str) -> list[Happened]:
    """The audit of a workshop as sentences, on the reader's clock."""
    return [Happened(sentence(_in_words(entry)), entry.actor_name, moment(entry.at.astimezone(ZoneInfo(zone)), zone)) for entry in entries]


def _in_words(entry: AuditEntry) -> AuditEntry:
    """The same line with its dates and field names in the reader's language."""
    facts = dict(entry.facts or {})
    if entry.action == "workshop.moved":
        facts |= {name: _span(str(facts.get(name, ""))) for name in ("before", "after")}
    if entry.action == "workshop.changed":
        facts["fields"] = ", ".join(field_name(name) for name in str(facts.get("fields", "")).split(", "))
    return AuditEntry(action=entry.action, facts=facts)


def _span(interval: str) -> str:
    """An interval of ISO 8601, '2024-03-18/2024-03-21', as people say it."""
    first, _slash, last = interval.partition("/")
    try:
        return span(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return interval
