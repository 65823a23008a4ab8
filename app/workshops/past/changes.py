"""What differs between two versions of a workshop, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from app.languages import LANGUAGES, city, country, day_short, hours, language, listed, sort_key
from app.languages import gettext as _
from app.web.differences import Difference
from app.workshops.rules import REMINDERS
from app.workshops.showing.names import access_name, format_name, kind_name, reminder_names, theme_name, waitlist_name
from app.workshops.values import Day, Session, Text, Values
from app.workshops.writing.differences import differences

Names = Mapping[str, Mapping[int, str]]  # field -> number of a row -> what it is called
NO_NAMES: Names = {}


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
        "approval": _("whether staff decide who comes"),
        "waitlist": _("how the waiting list moves"),
        "offer_hours": _("hours to accept an offered seat"),
        "promotion_ends_hours": _("when the waiting list stops"),
        "holds": _("seats held for organisations"),
        "invitees": _("invited organisations"),
        "opens": _("opening of registration"),
        "closes": _("closing of registration"),
        "letters": _("last day for letters for a visa"),
        "contact": _("address for questions"),
        "in_series": _("place among the network's gatherings"),
        "sessions": _("programme"),
        "documents": _("documents"),
        "reminders": _("reminders"),
    }
    return names.get(name, name)


def part_name(name: str) -> str:
    """What a part is called at the head of a sentence: 'Seats', 'Title in Spanish'."""
    field, _dot, rest = name.partition(".")
    lang, _dot, inner = rest.partition(".")
    words = {"title": _("title"), "summary": _("summary"), "description": _("description"), "practical": _("practical information")}
    said = _("%(text)s in %(language)s", text=words.get(inner, inner), language=language(lang)) if rest else field_name(field)
    return said[:1].upper() + said[1:]


def field_words(values: Values, name: str) -> str:
    """What a field says; a session with its date."""
    if name == "sessions" and values.sessions:
        days = sorted(values.days)
        return "; ".join(_session_words(one, day_short(days[one.day].on)) for one in sorted(values.sessions))
    return value_words(name, getattr(values, name))


def value_words(name: str, value: Any, names: Names = NO_NAMES) -> str:  # noqa: PLR0911  one line a kind of value
    """What a field says that has this value. `names` are those of rows that a field only has the numbers of."""
    if name == "reminders":
        names_of = dict(zip(REMINDERS, reminder_names(), strict=True))
        return listed([names_of.get(code, code) for code in value]) if value else _("The network's usual reminders")
    if value in ({}, (), [], frozenset(), None, ""):
        return "–"  # noqa: RUF001
    if name in ROWS:
        return "; ".join(ROWS[name](row) for row in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{day_short(value.date())} {value:%H:%M}"
    if name == "spoken":
        return listed([language(code) for code in value])
    if name in names and isinstance(value, frozenset):
        return ", ".join(sorted((names[name].get(row, str(row)) for row in value), key=sort_key))
    if name in names:
        return names[name].get(value, str(value))
    if isinstance(value, (frozenset, tuple, list)):
        return str(len(value))
    say = {"zone": city, "format": format_name, "theme": theme_name, "country": country, "original_lang": language, "access": access_name}
    say["waitlist"] = waitlist_name
    return say.get(name, str)(value)


def _day_words(day: Day) -> str:
    return f"{day_short(day.on)} {hours(day.starts, day.ends)}"


def _session_words(session: Session, on: str = "") -> str:
    titles = " / ".join(title for _lang, title in session.titles)
    facts = (titles, kind_name(session.kind), session.room, session.facilitators)
    when = f"{on or _('day %(number)s', number=session.day + 1)} {hours(session.starts, session.ends)}"
    return f"{when} {', '.join(fact for fact in facts if fact)}"


ROWS: dict[str, Callable[[Any], str]] = {
    "days": _day_words,
    "sessions": _session_words,
    "documents": lambda one: f"{one.title} ({one.url})",
    "holds": lambda hold: _("%(seats)s until %(day)s", seats=hold.seats, day=day_short(hold.until)),
}


def row_names(networks: Iterable[tuple[str, str]], organisations: Iterable[tuple[str, str]]) -> Names:
    """What networks and organisations are called, out of the lists of the form."""
    hosts = {int(code): name for code, name in organisations if code}
    return {"network_id": {int(code): name for code, name in networks}, "organisation_id": hosts, "invitees": hosts}
