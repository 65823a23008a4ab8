"""What differs between two versions of a workshop, and what has happened to it, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.languages import LANGUAGES, city, country, day_short, hours, language, listed, moment, sort_key, span
from app.languages import gettext as _
from app.workshops import kept
from app.workshops.rules import Day, Session, Text, Values, next_state
from app.workshops.service import differences
from app.workshops.shown import access_name, format_name, kind_name, theme_name

Names = Mapping[str, Mapping[int, str]]  # field -> number of a row -> what it is called
NO_NAMES: Names = {}
SHORT = 60  # letters of a text in a sentence
UNDONE_BY = {  # taking it up again is the one change of state that nothing takes back
    "workshop.published": "cancel",
    "workshop.postponed": "restore",
    "workshop.cancelled": "restore",
    "workshop.restored": "",
}


@dataclass(frozen=True)
class Difference:
    """A field of which two versions say different things."""

    name: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Happened:
    """One line of what has happened. `undo` is its number if it can be taken back; a state is left again by a `verb`."""

    words: Sequence[str]
    who: str
    when: str
    undo: int | None = None
    verb: str = ""


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
        "holds": _("seats held for organisations"),
        "invitees": _("invited organisations"),
        "opens": _("opening of registration"),
        "closes": _("closing of registration"),
        "contact": _("address for questions"),
        "in_series": _("place among the network's gatherings"),
        "sessions": _("programme"),
        "documents": _("documents"),
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
    """What a field says."""
    return value_words(name, getattr(values, name))


def value_words(name: str, value: Any, names: Names = NO_NAMES) -> str:  # noqa: PLR0911  one line a kind of value
    """What a field says that has this value. `names` are those of rows that a field only has the numbers of."""
    if value in ({}, (), frozenset(), None, ""):
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
    return say.get(name, str)(value)


def _day_words(day: Day) -> str:
    return f"{day_short(day.on)} {hours(day.starts, day.ends)}"


def _session_words(session: Session) -> str:
    titles = " / ".join(title for _lang, title in session.titles)
    facts = (titles, kind_name(session.kind), session.room, session.facilitators)
    when = f"{_('day %(number)s', number=session.day + 1)} {hours(session.starts, session.ends)}"
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


# What has happened -------------------------------------------------------------------------------------------------


def history(entries: Sequence[AuditEntry], zone: str, *, state: str, values: Values, names: Names = NO_NAMES) -> list[Happened]:
    """The audit of a workshop as sentences, on the reader's clock, the newest first; and how each can be undone.

    `state` and `values` are those of today.
    """
    open_lines = kept.revertible(entries, values)
    last = next((entry for entry in entries if entry.action in UNDONE_BY), None)
    found = []
    for entry in entries:
        when = moment(entry.at.astimezone(ZoneInfo(zone)), zone)
        verb = UNDONE_BY[entry.action] if entry is last and next_state(state, UNDONE_BY[entry.action]) else ""
        undo = entry.id if entry.id in open_lines else None
        found.append(Happened(sentences(entry, names), entry.actor_name, when, undo, verb))
    return found


def sentences(entry: AuditEntry, names: Names = NO_NAMES) -> tuple[str, ...]:
    """What one line says: a sentence for each thing that was changed at once."""
    parts = kept.changed_parts(entry)
    if parts.keys() >= {"days", "zone"} and all(parts["days"]):  # the other clock stands in the sentence about the days
        del parts["zone"]
    said = [_sentence(entry, name, *parts[name], names) for name in sorted(parts, key=lambda name: name != "days")]
    if not said:
        return (sentence(_in_words(entry)),)
    if entry.action == "workshop.taken_back":
        said[0] = _("Took back: %(change)s", change=said[0])
    return tuple(said)


def _sentence(entry: AuditEntry, name: str, was: Any, now: Any, names: Names) -> str:
    """'Moved from 18 March 2024 09:00 to 20 March 2024 09:00 (Bogotá)', 'Seats: 30 → 36', 'Title in Spanish: «…» → «…»'."""
    if name == "days" and was and now:
        return _moved(entry, was, now)
    if "." in name:
        return f"{part_name(name)}: {_quoted(was, now)}"
    before, after = value_words(name, was, names), value_words(name, now, names)
    if before == after:  # as many as before, but others
        return _("Changed: %(fields)s", fields=field_name(name))
    return f"{part_name(name)}: {_shortened(before)} → {_shortened(after)}"


def _moved(entry: AuditEntry, was: Sequence[Day], now: Sequence[Day]) -> str:
    brief = _is_shift(was, now)
    if not brief and (out := sorted(set(was) - set(now))) and (into := sorted(set(now) - set(was))):
        was, now = out, into  # the days that stay need no words
        brief = _is_shift(was, now)
    place = {"before": _when(was, brief=brief), "after": _when(now, brief=brief), "city": city(str(entry.facts.get("zone", "UTC")))}
    old, _new = kept.changed_parts(entry).get("zone", ("", ""))
    if old:
        return _("Moved from %(before)s (%(old)s) to %(after)s (%(city)s)", old=city(old), **place)
    return _("Moved from %(before)s to %(after)s (%(city)s)", **place)


def _is_shift(was: Sequence[Day], now: Sequence[Day]) -> bool:
    """Whether it is as long as before, so that saying when it starts is enough."""
    walls = [[(day.starts, day.ends) for day in sorted(days)] for days in (was, now)]
    lengths = {datetime.combine(day.on, day.ends) - datetime.combine(day.on, day.starts) for day in (*was, *now)}
    return walls[0] == walls[1] or (all(len(set(one)) == 1 for one in walls) and len(lengths) == 1)


def _when(days: Sequence[Day], *, brief: bool) -> str:
    """'18 March 2024 09:00', '3–4 June 2025 09:00–16:00'. `brief`: when it starts says enough."""
    ordered = sorted(days)
    first, last = ordered[0], ordered[-1]
    on = day_short(first.on) if first.on == last.on else span(first.on, last.on)
    if brief:
        return f"{on} {first.starts:%H:%M}"
    if len({(day.starts, day.ends) for day in ordered}) == 1:
        return f"{on} {hours(first.starts, first.ends)}"
    return value_words("days", ordered)


def _quoted(was: str, now: str) -> str:
    """'«Ciudad segura» → «Ciudad para todas»'; of long texts the first place at which they differ."""
    start = kept.first_difference(was, now)
    quotes = [f"«{'…' if start else ''}{_shortened(text[start:])}»" if text else "–" for text in (was, now)]  # noqa: RUF001
    return _("changed further down") if len(set(quotes)) == 1 else " → ".join(quotes)


def _shortened(text: str) -> str:
    """On one line, of such a length that two of them can be compared."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[:SHORT].rstrip()}…"


def _in_words(entry: AuditEntry) -> AuditEntry:
    """A line of the time before hours were kept, with its dates and field names in the reader's language."""
    facts = dict(entry.facts or {})
    if entry.action == "workshop.moved":
        facts |= {name: _span(str(facts.get(name, ""))) for name in ("before", "after")}
    if entry.action in {"workshop.changed", "workshop.taken_back"}:
        facts["fields"] = ", ".join(field_name(name) for name in str(facts.get("fields", "")).split(", "))
    return AuditEntry(action=entry.action, facts=facts)


def _span(interval: str) -> str:
    """An interval of ISO 8601, '2024-03-18/2024-03-21', as people say it."""
    first, _slash, last = interval.partition("/")
    try:
        return span(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return interval
