"""What staff may overlook while they type days: holidays, other people's working hours, a clock of another country.

A sentence is a list of pieces, because a name of a holiday may be in another language than the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from markupsafe import Markup, escape

from app.languages import city, country, current, hours, listed, weekday_day, weekday_short, zones_of
from app.languages import gettext as _
from app.workshops import rules, walltime
from app.workshops.checking import days_off, working_hours
from app.workshops.checking.working_hours import Part
from app.workshops.values import Day

GAP = "\ue000"  # where pieces stand in a sentence while it is translated; nobody types it
NOON = time(12)
PARTS: tuple[Part, ...] = ("inside", "early", "before", "late", "after", "around", "weekend")
USUAL = (("SE", "Europe/Stockholm"), ("CO", "America/Bogota"), ("GT", "America/Guatemala"))


@dataclass(frozen=True)
class Around:
    """What a workshop's days are held against: (country, clock) of the network's members; whether the network reminds."""

    members: tuple[tuple[str, str], ...] = USUAL
    reminds: frozenset[str] = frozenset({"all"})  # whom its usual reminders are for: all, on_site, online

    @property
    def zones(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(zone for _country, zone in self.members))

    def countries(self, own: str | None) -> tuple[str, ...]:
        """The members' countries, and the workshop's own."""
        return tuple(dict.fromkeys([*(code for code, _zone in self.members), *([own] if own else [])]))


USUAL_AROUND = Around()


@dataclass(frozen=True)
class Piece:
    """Some words; `lang` if they are in another language than the page."""

    text: str
    lang: str | None = None


Sentence = list[Piece]


def html(sentence: Sentence) -> Markup:
    """A sentence for a page."""
    parts = [Markup('<span lang="{}">{}</span>').format(one.lang, one.text) if one.lang else escape(one.text) for one in sentence]
    return Markup("").join(parts)


def of_holidays(days: Sequence[date], own: str | None, around: Around) -> list[Sentence]:
    """'Thursday 6 June is a holiday: National Day (Sweden). Check with delegations from there.': a sentence a day that is one."""
    return [found for on in sorted(set(days)) if (found := _holiday(on, around.countries(own)))]


def _holiday(on: date, countries: Sequence[str]) -> Sentence:
    names: dict[days_off.DayOff, list[str]] = {}
    for code in countries:
        if off := days_off.find(on, code):
            names.setdefault(off, []).append(country(code))
    if not names:
        return []
    pieces: Sentence = []
    for off, where in names.items():
        own = None if off.lang == current() else off.lang
        pieces += [Piece(", ")] * bool(pieces) + [Piece(off.name, own), Piece(f" ({', '.join(where)})")]
    words = _("%(day)s is a holiday: %(names)s. Check with delegations from there.", day=weekday_day(on), names=GAP)
    before, _gap, after = (words[:1].upper() + words[1:]).partition(GAP)
    return [Piece(before), *pieces, Piece(after)]


def of_clock(zone: str, own: str | None, form: str, days: Sequence[date]) -> Sentence:
    """That the hours follow a clock that the workshop's country does not have; nothing if all is well."""
    if not own or (form == "online" and zone == "UTC") or _fits(zone, own, days):
        return []
    words = _("The hours follow the clock of %(city)s, which is not that of %(country)s.", city=city(zone), country=country(own))
    return [Piece(words)]


def _fits(zone: str, own: str, days: Sequence[date]) -> bool:
    """Whether the country has this clock; one whose own clocks are not offered may borrow one that shows the same hours."""
    theirs = zones_of(own)
    if not theirs or zone in theirs:
        return True
    if set(theirs) & set(rules.ZONES):
        return False
    at = [datetime.combine(on, NOON, UTC) for on in days if on.year in days_off.YEARS]
    shown = [walltime.on_wall(instant, zone) for instant in at]
    return not at or any([walltime.on_wall(instant, other) for instant in at] == shown for other in theirs)


def of_hours(days: Sequence[Day], zone: str, form: str, around: Around) -> list[Sentence]:
    """'Inside working hours in Stockholm and Bogotá; before 08:00 in Guatemala City.' and when all of them work.

    Only where people join from afar; neighbouring days that say the same share a sentence. Days that do not exist are silent.
    """
    if form == "on_site":
        return []
    said: list[tuple[list[date], str]] = []
    days = [day for day in sorted(days) if day.on.year in days_off.YEARS]
    for day in days:
        words = _hours(day, zone, around.zones)
        if words and said and said[-1][1] == words:
            said[-1][0].append(day.on)
        elif words:
            said.append(([day.on], words))
    if len(said) == 1 and len(said[0][0]) == len(days):
        return [[Piece(said[0][1])]]
    return [[Piece(f"{_days(on)}: {words[:1].lower()}{words[1:]}")] for on, words in said]


def are_all_inside(days: Sequence[Day], zone: str, around: Around) -> bool:
    """Whether every day lies inside everybody's working hours."""
    return all(set(_parts(day, zone, around.zones)) <= {"inside"} for day in days)


def _days(on: Sequence[date]) -> str:
    words = weekday_day(on[0]) if len(on) == 1 else f"{weekday_day(on[0])} – {weekday_day(on[-1])}"  # noqa: RUF001  an en dash
    return words[:1].upper() + words[1:]


def _hours(day: Day, zone: str, zones: Sequence[str]) -> str:
    """The sentences about one day; empty if it has no real hours."""
    parts = _parts(day, zone, zones)
    if not parts:
        return ""
    words = "; ".join(_part_words(part, listed([city(other) for other in parts[part]])) for part in PARTS if part in parts)
    words = words[:1].upper() + words[1:] + "."
    if set(parts) <= {"inside"} or set(parts) == {"weekend"}:
        return words
    return f"{words} {_common_words(day.on, zone, zones)}"


def _parts(day: Day, zone: str, zones: Sequence[str]) -> dict[Part, list[str]]:
    found: dict[Part, list[str]] = {}
    if day.ends > day.starts:
        try:
            for other in zones:
                found.setdefault(working_hours.part_of(day, zone, other), []).append(other)
        except (walltime.WallProblem, OverflowError):
            return {}
    return found


def _part_words(part: Part, cities: str) -> str:
    return {
        "inside": _("inside working hours in %(cities)s", cities=cities),
        "early": _("begins before 08:00 in %(cities)s", cities=cities),
        "before": _("before 08:00 in %(cities)s", cities=cities),
        "late": _("ends after 17:00 in %(cities)s", cities=cities),
        "after": _("after 17:00 in %(cities)s", cities=cities),
        "around": _("begins before 08:00 and ends after 17:00 in %(cities)s", cities=cities),
        "weekend": _("at the weekend in %(cities)s", cities=cities),
    }[part]


def _common_words(on: date, zone: str, zones: Sequence[str]) -> str:
    """When all of them work, in hours that can be typed: on the workshop's own wall."""
    spans = working_hours.common(on, zone, zones)
    if not spans:
        return _("There is no hour that day at which all of them work.")
    return _("All of them work %(hours)s in %(city)s.", hours=listed(list(_span_words(on, spans))), city=city(zone))


def _span_words(on: date, spans: Sequence[working_hours.Span]) -> Iterator[str]:
    for starts, ends in spans:
        named = "" if starts.date() == on else f"{weekday_short(starts.date())} "
        yield named + hours(starts, ends)
