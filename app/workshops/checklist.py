"""The list before publishing and the marks of the three languages, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.languages import LANGUAGES, country, day_short, language, listed, ngettext, span, weekdayless, zone
from app.languages import gettext as _
from app.workshops import rules
from app.workshops.forms import reminder_names
from app.workshops.rules import Check, Values

ICONS = {"tick": "check", "cross": "x", "warn": "alert"}


@dataclass(frozen=True)
class Line:
    """One line: sign, what it is about, and why."""

    verdict: str
    icon: str
    title: str
    words: str
    field: str


def lines(values: Values, ages: Mapping[str, datetime], now: datetime, wrong: Collection[str] = ()) -> list[Line]:
    """The whole list. `wrong` are the fields that cannot be read as they are."""
    try:
        today = now.astimezone(zone(values.zone)).date()
    except ValueError:
        today = now.date()
    found = [_line(check, values, wrong) for check in rules.checks(values, ages, today)]
    return [*found, _reminders(values.reminders or ())]


def crosses(found: Sequence[Line]) -> int:
    """How many must be put right."""
    return sum(line.verdict == "cross" for line in found)


def foot(found: Sequence[Line]) -> str:
    """What publishing waits for."""
    number = crosses(found)
    if not number:
        return _("Nothing stands in the way of publishing.")
    return ngettext("Publishing waits for the one marked with a cross.", "Publishing waits for the %(num)s marked with a cross.", number)


def mark(values: Values, lang: str, ages: Mapping[str, datetime]) -> Line:
    """What stands under a language's heading: 'Complete, 12 January', 'Title missing', 'Older than the Swedish, 8 January'."""
    check = rules.text_state(values, lang, ages)
    age = weekdayless(ages[lang].date()) if lang in ages else ""
    if check.why == "complete":
        words = _("Complete, %(day)s", day=age) if age else _("Complete")
    elif check.why == "older":
        words = _("Older than the original in %(language)s, %(day)s", language=language(values.original_lang), day=age)
    else:
        words = _why_text(check)
    return Line(check.verdict, ICONS[check.verdict], "", words, check.field)


def marks(values: Values, ages: Mapping[str, datetime]) -> dict[str, Line]:
    """The marks of all languages."""
    return {lang: mark(values, lang, ages) for lang in LANGUAGES}


def _line(check: Check, values: Values, wrong: Collection[str]) -> Line:
    part = check.field.split("-", maxsplit=1)[0]
    if any(name == check.field or name.split("-")[0] == part == "days" for name in wrong):
        return Line("cross", ICONS["cross"], _title(check), _("Must be put right"), check.field)
    return Line(check.verdict, ICONS[check.verdict], _title(check), _why(check, values), check.field)


def _title(check: Check) -> str:
    if check.what == "text":
        name = language(check.lang)
        return _("Text in %(language)s", language=name)
    return {
        "place": _("Place and clock"),
        "point": _("Latitude and longitude"),
        "days": _("Days"),
        "seats": _("Seats"),
        "access": _("Who may register"),
        "window": _("Registration"),
        "contact": _("Address for questions"),
    }[check.what]


def _why(check: Check, values: Values) -> str:
    if check.what == "text":
        return _why_text(check)
    if check.why == "outside":
        return _("The point lies outside %(country)s; may be published as it is", country=country(values.country or ""))
    if check.why == "span":
        return span(min(values.days).on, max(values.days).on)
    if check.why == "closes" and values.closes:
        return _("Closes on %(day)s", day=_day(values.closes.date()))
    words = {
        "online": _("Online"),
        "place": values.place,
        "no_link": _("The link to join is missing; it can come later"),
        "no_venue": _("The venue is missing; it can come later"),
        "no_place": _("The town is missing"),
        "no_country": _("The country is missing"),
        "past": _("All of them have passed; it will stand among the past ones"),
        "number": str(values.capacity),
        "nobody": _("Nobody is invited yet"),
        "closes_at_start": _("Closes when the workshop begins"),
        "opens_after_start": _("Opens when the workshop has begun already"),
        "closes_after_end": _("Closes after the workshop is over"),
        "missing": _("Missing"),
    }
    return words[check.why]


def _day(on: date) -> str:
    return day_short(on)


def _why_text(check: Check) -> str:
    return {
        "no_title": _("Title missing"),
        "no_summary": _("Summary missing"),
        "no_description": _("Description missing; may be published as it is"),
        "no_practical": _("Practical information missing; may be published as it is"),
        "older": _("Older than the original; may be published as it is"),
        "complete": _("Complete"),
    }[check.why]


def _reminders(chosen: Collection[str]) -> Line:
    names = [name for code, name in zip(rules.REMINDERS, reminder_names(), strict=True) if code in chosen]
    return Line("tick", ICONS["tick"], _("Reminders"), listed(names) if names else _("As the network does"), "reminders")
