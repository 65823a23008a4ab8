"""What a change was from and to, as the audit keeps it: part by part, so that each can be taken back by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, time
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from app.audit.models import AuditEntry
from app.workshops.values import PASSING, Values

LONG = 200  # letters up to which the new words are kept as they are; of longer ones what differs first, and a hash
BEFORE = 15  # letters that are shown before a difference
MOST = 100_000  # letters in one line; of more only the names of the parts are kept, and it cannot be taken back

Parts = dict[str, Any]


def facts(before: Values, after: Values) -> dict[str, Any]:
    """`was` and `became` of each part that differs, for a line of the audit; `parts` alone if that is too much to keep."""
    old, new = parts(before), parts(after)
    names = [name for name in (old | new) if _plainly(_of(old, new, name)) != _plainly(_of(new, old, name))]
    was = {name: plain(_of(old, new, name)) for name in names}
    became = {name: _short(was[name], plain(_of(new, old, name))) for name in names}
    found = {"was": was, "became": became}
    return found if len(json.dumps(found, ensure_ascii=False)) <= MOST else {"parts": names}


def parts(values: Values) -> Parts:
    """All that staff decide, part by part: 'capacity', 'texts.es.title'."""
    found: Parts = {}
    for one in fields(values):
        value = getattr(values, one.name)
        if not _is_by_language(one.name):
            found[one.name] = tuple(sorted(value)) if _has_an_order(value) else value
            continue
        for key, row in value.items():
            found |= {f"{one.name}.{key}.{inner.name}": getattr(row, inner.name) for inner in fields(row)}
    return found


def changed_parts(entry: AuditEntry) -> dict[str, tuple[Any, Any]]:
    """{part: (was, is)} as far as a line says it; of long words from where they differ. Parts that there are no more are left out."""
    kept = entry.facts or {}
    was, became = kept.get("was") or {}, kept.get("became") or {}
    found: dict[str, tuple[Any, Any]] = {}
    for name, value in became.items():
        if isinstance(value, dict) and "digest" in value:
            sign = "…" if value["at"] else ""
            found[name] = sign + was[name][value["at"] :], sign + value["shows"]
        elif (hint := _hint(name)) is not None:
            found[name] = _read(hint, was[name]), _read(hint, value)
    return found


def first_difference(one: str, other: str) -> int:
    """Where two texts begin to differ, with a word or two before it."""
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return 0 if same <= 2 * BEFORE else one.rfind(" ", 0, same - BEFORE) + 1


def revertible(entries: Iterable[AuditEntry], values: Values) -> frozenset[int]:
    """The lines that can be taken back: what they changed still stands, and no newer line has changed it.

    `entries` are a workshop's, the newest first; `values` are those of today.
    """
    seen: set[str] = set()
    found = set()
    for entry in entries:
        kept = entry.facts or {}
        names = set(kept.get("became") or kept.get("parts") or ())
        if names and not names & seen and restored(values, entry) is not None:
            found.add(entry.id)
        seen |= names
        if _counts_days_anew(kept):
            seen.add("sessions")  # an older programme was on days of other places
    return frozenset(found)


def restored(values: Values, entry: AuditEntry) -> Values | None:
    """The values with what one line changed as it was before; None if that does not stand any more, was not kept, or would take
    away a day on which sessions are by now."""
    if not _stands(entry, parts(values)):
        return None
    was, back = entry.facts["was"], values
    for name, kept in was.items():
        back = _with(back, name, _read(_hint(name), kept))
    places = {day.id: place for place, day in enumerate(sorted(back.days))}
    if "days" in was and "sessions" not in was:  # sessions that have come since follow their days
        here = [places.get(day.id, len(places)) for day in sorted(values.days)]
        back = replace(back, sessions=tuple(replace(session, day=here[session.day]) for session in values.sessions))
    return back if all(session.day < len(places) for session in back.sessions) else None


def _counts_days_anew(kept: Mapping[str, Any]) -> bool:
    """Whether days have other places among one another since."""
    old, new = ([day.get("id") for day in (kept.get(side) or {}).get("days") or ()] for side in ("was", "became"))
    return old != new or "days" in (kept.get("parts") or ())


def _stands(entry: AuditEntry, today: Parts) -> bool:
    kept = entry.facts or {}
    became = kept.get("became") or {}
    if not kept.get("was") or any(_hint(name) is None for name in became):
        return False
    return all(_same(name, value, today.get(name, "")) for name, value in became.items())


def _same(name: str, kept: Any, today: Any) -> bool:
    if isinstance(kept, dict) and "digest" in kept:
        return isinstance(today, str) and _digest(today) == kept["digest"]
    return bool(_plainly(_read(_hint(name), kept)) == _plainly(today))


def _with(values: Values, name: str, value: Any) -> Values:
    field, _dot, rest = name.partition(".")
    if rest:
        key, _dot, inner = rest.partition(".")
        row = getattr(values, field).get(key) or _row_type(field)()
        value = {**getattr(values, field), key: replace(row, **{inner: value})}
    return replace(values, **{field: value})


def _of(mine: Parts, other: Parts, name: str) -> Any:
    """A part; a language that is not there yet is one without words."""
    return mine.get(name, "" if isinstance(other.get(name), str) else None)


def _has_an_order(value: Any) -> bool:
    """Whether it is rows, such as days, whose order follows from themselves."""
    kind: Any = type(value[0]) if isinstance(value, tuple) and value else None
    made = getattr(kind, "__dataclass_params__", None)
    return made is not None and bool(made.order)


def _plainly(value: Any) -> Any:
    """Words that are ticked in a list have no order."""
    return frozenset(value) if isinstance(value, tuple) and all(isinstance(word, str) for word in value) else value


# Plain JSON and back -----------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A part of Values as JSON has it. Raises TypeError for what it has no way to write."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (date, time)):  # a datetime is a date
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.metadata != PASSING}
    if isinstance(value, Mapping):
        return {str(key): plain(row) for key, row in value.items()}
    if isinstance(value, (set, frozenset)):
        return [plain(row) for row in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [plain(row) for row in value]
    message = f"{type(value).__name__} cannot be kept"
    raise TypeError(message)


def _read(hint: Any, kept: Any) -> Any:
    """What plain() wrote, as the type says it was."""
    kind, inner = get_origin(hint) or hint, get_args(hint)
    if kind in {Union, UnionType}:
        return None if kept is None else _read(next(one for one in inner if one is not type(None)), kept)
    if kind in {date, time, datetime}:
        return kind.fromisoformat(kept)
    if kind in {tuple, frozenset}:
        return kind(_read(inner[0], row) for row in kept)
    if isinstance(kind, type) and issubclass(kind, Mapping):
        return {key: _read(inner[1], row) for key, row in kept.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        made: Any = kind
        return made(**{name: _read(hints[name], row) for name, row in kept.items() if name in hints})
    return kept


def _short(was: Any, value: Any) -> Any:
    if not isinstance(value, str) or len(value) <= LONG:
        return value
    at = first_difference(str(was or ""), value)
    return {"at": at, "shows": value[at : at + LONG], "digest": _digest(value)}


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(Values)


def _hint(name: str) -> Any:
    """The type of a part; None for one that there is no more."""
    field, _dot, rest = name.partition(".")
    if not rest:
        return _hints().get(field)
    return get_type_hints(_row_type(field)).get(rest.partition(".")[2]) if field in _hints() else None


def _is_by_language(field: str) -> bool:
    """Whether a field is a row of words for each language, which change one by one."""
    hint = _hints()[field]
    return get_origin(hint) is Mapping and is_dataclass(get_args(hint)[1])


def _row_type(field: str) -> Any:
    """The type of the rows of a field that has one for each language."""
    return get_args(_hints()[field])[1]
