"""What has happened to a workshop, as sentences that say from what to what, and how each can be undone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.languages import city, current, day_short, hours, moment, span
from app.languages import gettext as _
from app.workshops.past import kept
from app.workshops.past.changes import NO_NAMES, Names, field_name, part_name, value_words
from app.workshops.rules import next_state
from app.workshops.values import Day, Values

LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
SHORT = 60  # letters of a text in a sentence
CHANGES = ("workshop.", "reminders.", "registration.given")  # actions that change what staff decide: they raise the version of the workshop
STAFFS = (*CHANGES, "question.", "hold.")  # what stays in sight however many people register and are checked in
UNDONE_BY = {  # taking it up again is the one change of state that nothing takes back
    "workshop.published": "cancel",
    "workshop.postponed": "restore",
    "workshop.cancelled": "restore",
    "workshop.restored": "",
}


@dataclass(frozen=True)
class Happened:
    """One line of what has happened. `undo` is its number if it can be taken back; a state is left again by a `verb`."""

    words: Sequence[str]
    who: str
    when: str
    undo: int | None = None
    verb: str = ""


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
        return (sentence(_in_words(entry)), *_reason(entry))
    if entry.action == "workshop.taken_back":
        said[0] = _("Undone: %(change)s", change=said[0])
    return tuple(said)


def _reason(entry: AuditEntry) -> Sequence[str]:
    """Why it was postponed or cancelled, in the reader's language: the workshop itself forgets it when it is taken up again."""
    reasons = (entry.facts or {}).get("reasons")
    words = reasons.get(current()) if isinstance(reasons, dict) else None
    return [_("“%(words)s”", words=words)] if words else []


def _sentence(entry: AuditEntry, name: str, was: Any, now: Any, names: Names) -> str:
    """'Moved from 18 March 2024 09:00 to 20 March 2024 09:00 (Bogotá)', 'Seats: 30 → 36', 'Title in Spanish: “…” → “…”'."""
    if name == "days" and was and now:
        return _moved(entry, was, now)
    if "." in name:
        return f"{part_name(name)}: {_quoted(was, now)}"
    if name in {"sessions", "documents"}:
        was, now = [one for one in was if one not in now], [one for one in now if one not in was]
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
    """'“Ciudad segura” → “Ciudad para todas”'; of long texts the first place at which they differ."""
    start = kept.first_difference(was, now)
    cut = [f"{'…' if start else ''}{_shortened(_unmarked(text[start:]))}" if text else "" for text in (was, now)]
    quotes = [_("“%(words)s”", words=words) if words else "–" for words in cut]  # noqa: RUF001
    return _("changed further down") if len(set(quotes)) == 1 else " → ".join(quotes)


def _unmarked(text: str) -> str:
    """Without the signs of Markdown, which a sentence shows to nobody's good."""
    return LINK.sub(r"\1", text).replace("**", "")


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
    return AuditEntry(action=entry.action, actor=entry.actor, actor_name=entry.actor_name, facts=facts)


def _span(interval: str) -> str:
    """An interval of ISO 8601, '2024-03-18/2024-03-21', as people say it."""
    first, _slash, last = interval.partition("/")
    try:
        return span(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return interval
