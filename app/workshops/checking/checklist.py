"""The list before publishing and the marks of the three languages, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from app.languages import LANGUAGES, country, day_short, language, listed, ngettext, span, weekdayless, zone
from app.languages import gettext as _
from app.workshops import rules
from app.workshops.checking import advice, checks
from app.workshops.checking.advice import USUAL_AROUND, Around
from app.workshops.checking.checks import Check
from app.workshops.showing.names import reminder_names
from app.workshops.values import Values

ANCHORS = {"opens": "opens_on", "closes": "closes_on", "letters": "letters_on"}  # where on the form a field stands that is two boxes there
MOST = 3  # sentences on one line; the form shows them all
ICONS = {"tick": "check", "cross": "x", "warn": "alert"}


@dataclass(frozen=True)
class Line:
    """One line: sign, what it is about, and why."""

    verdict: str
    icon: str
    title: str
    words: str
    field: str


def lines(
    values: Values, ages: Mapping[str, datetime], now: datetime, wrong: Collection[str] = (), around: Around = USUAL_AROUND
) -> list[Line]:
    """The whole list. `wrong` are the fields that cannot be read as they are."""
    try:
        wall = now.astimezone(zone(values.zone))
    except ValueError:
        return [_line(check, values, wrong) for check in checks.checks(values, ages, now.date())]
    found = [_line(check, values, wrong) for check in checks.checks(values, ages, wall.date(), wall.time())]
    return [*found, *_advice(values, around), _reminders(values, around)]


def _advice(values: Values, around: Around) -> list[Line]:
    """What may be as it is, but had better be meant."""
    on = [day.on for day in values.days]
    found = []
    if clock := advice.of_clock(values.zone, values.country, values.format, on):
        found.append(_warning(_("Clock"), [clock], "zone"))
    if feasts := advice.of_holidays(on, values.country, around):
        found.append(_warning(_("Holidays"), feasts, "days-hints"))
    if values.format == "online" and (hours := advice.of_hours(values.days, values.zone, values.format, around)):
        inside = advice.are_all_inside(values.days, values.zone, around)
        line = _warning(_("Working hours"), hours, "days-hints")
        found.append(Line("tick", ICONS["tick"], line.title, line.words, line.field) if inside else line)
    return found


def _warning(title: str, sentences: Sequence[advice.Sentence], field: str) -> Line:
    words = Markup(" ").join(advice.html(one) for one in sentences[:MOST])
    more = len(sentences) - MOST
    if more > 0:
        words += " " + ngettext("One more day is like that.", "%(num)s more days are like that.", more)
    return Line("warn", ICONS["warn"], title, words, field)


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
    check = checks.text_state(values, lang, ages)
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
    part, anchor = check.field.split("-", maxsplit=1)[0], ANCHORS.get(check.field, check.field)
    if any(name in {check.field, anchor} or name.split("-")[0] == part == "days" for name in wrong):
        return Line("cross", ICONS["cross"], _title(check), _("Must be put right"), anchor)
    return Line(check.verdict, ICONS[check.verdict], _title(check), _why(check, values), anchor)


def _title(check: Check) -> str:
    if check.what == "text":
        name = language(check.lang)
        return _("Text in %(language)s", language=name)
    return {
        "place": _("Place and clock"),
        "join": _("Link to join online"),
        "programme": _("Programme"),
        "practical": _("Practical information"),
        "point": _("Latitude and longitude"),
        "days": _("Days"),
        "seats": _("Seats"),
        "access": _("Who may register"),
        "window": _("Registration"),
        "letters": _("Letters for a visa"),
        "contact": _("Address for questions"),
    }[check.what]


def _why(check: Check, values: Values) -> str:
    if check.what == "text":
        return _why_text(check)
    if check.why == "outside":
        return _("The point lies outside %(country)s; may be published as it is", country=country(values.country or ""))
    if check.why == "span":
        return span(min(values.days).on, max(values.days).on)
    if check.why in {"closes", "closed"} and values.closes:
        on = _day(values.closes.date())
        return _("Closes on %(day)s", day=on) if check.why == "closes" else _("Closed on %(day)s already: nobody could register", day=on)
    if check.what == "letters" and values.letters:
        on = _day(values.letters.date())
        return {
            "until": _("Can be asked for until %(day)s", day=on),
            "gone": _("Could be asked for until %(day)s: nobody can ask in time", day=on),
            "before_opening": _("Can be asked for until %(day)s, when registration is not open yet", day=on),
            "no_place": _("Can be asked for until %(day)s, but nobody travels to an online workshop", day=on),
        }[check.why]
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
        "closes_before_opens": _("Closes before it opens"),
        "closes_after_end": _("Closes after the workshop is over"),
        "missing": {
            "programme": _("Missing; it can come later"),
            "practical": _("Missing in all languages; may be published as it is"),
        }.get(check.what, _("Missing")),
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


def _reminders(values: Values, around: Around) -> Line:
    chosen = values.reminders or ()
    if not checks.reminded(chosen, around.reminds, values.format):
        return Line("warn", ICONS["warn"], _("Reminders"), _("No reminder goes out"), "reminder_choice")
    names = [name for code, name in zip(rules.REMINDERS, reminder_names(), strict=True) if code in chosen]
    return Line("tick", ICONS["tick"], _("Reminders"), listed(names) if names else _("As the network does"), "reminder_choice")
