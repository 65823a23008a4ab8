"""An entry of another program's calendar as a draft: its hours on a clock of ours, its place taken apart, its text without HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

from app.calendars.reading import Calendar, Event, Fault
from app.exchange.reading.drafts import Draft, World, check, code_of, located, plain
from app.languages import LANGUAGES, city, hours
from app.languages import gettext as _
from app.web import tidy
from app.workshops.rules import MOST_DAYS, ZONES, is_https
from app.workshops.values import Day, Text, Values

HTML = re.compile(r"</?[a-z][^>]{0,200}>|&(?:nbsp|amp|lt|gt|quot|#\d+);", re.IGNORECASE)
TAG = re.compile(r"<(?:(/?)([a-z][a-z0-9]*(?:[:-][a-z0-9]+)*)(?:[\s/][^<>]*)?|![^<>]*)>", re.IGNORECASE)  # no <https://…>
BREAKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol"}
PROPERTIES = {
    "title": "SUMMARY", "summary": "SUMMARY", "description": "DESCRIPTION", "practical": "DESCRIPTION", "first_day": "DTSTART",
    "starts": "DTSTART", "ends": "DTEND", "zone": "DTSTART", "theme": "CATEGORIES",
}  # fmt: skip


def drafts(calendar: Calendar, world: World) -> list[Draft]:
    """A draft for each entry of the calendar, in its order."""
    return [_draft(event, calendar.zone, world) for event in calendar.events]


def _draft(event: Event, file_zone: str, world: World) -> Draft:
    lang = event.title_lang if event.title_lang in LANGUAGES else world.choices.lang
    draft = Draft(event.line, plain(event.title), lang, uid=event.uid[:1000], cancelled=event.cancelled)
    for fault in event.faults:
        draft.complain(fault.name, words_of(fault))
    zone, days = _days(event, file_zone, draft, world)
    check(draft, replace(_located(event, lang, zone, world), days=days), world, _label)
    return draft


def _label(name: str) -> str:
    """The property that a field of ours comes from."""
    kind = name.rpartition("_")[0] if name[-2:] in LANGUAGES and name[-3:-2] == "_" else name
    return PROPERTIES.get(kind, "LOCATION")


def words_of(fault: Fault) -> str:
    """What to do about a property that cannot be read."""
    table = {
        "missing": _("It is missing."),
        "twice": _("It appears twice."),
        "unreadable": _("“%(text)s” cannot be read.", text=fault.value),
        "long": _("It is too long."),
        "zone": _("The time zone “%(text)s” is not known.", text=fault.value),
        "before": _("The end must be later than the start."),
        "repeats": _("It repeats in a way that one workshop cannot. Save its days one by one in the calendar program, then import again."),
        "often": _("It repeats without an end, or on more than %(most)s days.", most=MOST_DAYS),
        "part": _("It changes a single date of an entry that repeats. Save it as an entry of its own in the calendar program."),
        "controls": _("It has characters that cannot be shown."),
    }
    return table[fault.why]


# Days --------------------------------------------------------------------------------------------------------------


def _days(event: Event, file_zone: str, draft: Draft, world: World) -> tuple[str, tuple[Day, ...]]:
    """(clock, days). Hours stay on their own clock if it is one of ours, else they are told on the file's or the chosen one."""
    choices = world.choices
    starts, ends = event.starts, event.ends
    if starts is None or ends is None:
        return choices.zone, ()
    if not isinstance(starts, datetime) or not isinstance(ends, datetime):
        draft.notes.append(_("The file has whole days; they get %(hours)s", hours=hours(choices.starts, choices.ends)))
        return "", tuple(Day(on, choices.starts, choices.ends) for on in _dates(event, starts, ends, draft))
    zone = event.zone
    if not zone:
        draft.notes.append(_("The file names no time zone; the hours are taken as those of %(city)s", city=city(choices.zone)))
        zone = choices.zone
    elif zone == "UTC" or zone not in ZONES:
        target = file_zone if file_zone in ZONES and file_zone != "UTC" else choices.zone
        try:
            starts, ends = (
                wall.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo(target)).replace(tzinfo=None) for wall in (starts, ends)
            )
        except OverflowError:
            draft.complain("DTSTART", _("Enter a real day"))
            return target, ()
        zone = target
    if ends.time() <= starts.time():
        draft.complain("DTEND", _("It goes on past midnight: a day of a workshop must end on the date on which it begins."))
        return zone, ()
    if ends.date() > starts.date():
        draft.notes.append(_("Each day gets %(hours)s", hours=hours(starts, ends)))
    return zone, tuple(Day(on, starts.time(), ends.time()) for on in _dates(event, starts.date(), ends.date(), draft))


def _dates(event: Event, first: date, last: date, draft: Draft) -> Sequence[date]:
    """Every date, of one long entry or of one that repeats; one too many where there are too many."""
    length = min((last - first).days, MOST_DAYS)
    if event.times > 1 and length:
        draft.complain("RRULE", words_of(Fault("RRULE", "repeats")))
        return [first]
    try:
        return [first + timedelta(days=event.every * turn + more) for turn in range(event.times) for more in range(length + 1)]
    except OverflowError:
        draft.complain("DTSTART", _("Enter a real day"))
        return []


# Place and words ---------------------------------------------------------------------------------------------------


def _located(event: Event, lang: str, zone: str, world: World) -> Values:
    """Everything but the days."""
    place = plain(event.place)
    link = place if is_https(place) else ""
    town = country = None
    rest = [] if link else [part.strip() for part in place.split(",") if part.strip()]
    if len(rest) > 1 and (code := code_of("country", rest[-1])):
        country, rest = code, rest[:-1]
    for part in reversed(rest):
        if (near := world.town(part)) is not None:
            town = near.place
            rest = [other for other in rest if other != part]
            break
    theme = next((code for one in event.categories if (code := code_of("theme", one))), None)
    values = Values(
        network_id=world.choices.network_id,
        zone=zone,
        original_lang=lang,
        texts={lang: Text(title=plain(event.title), description=tidy(_without_html(event.text)))},
        format="online" if link else "on_site",
        join_url=link,
        venue=rest[0] if rest else "",
        street_address=", ".join(rest[1:]),
        place=town or "",
        country=country,
        theme=theme,
        contact=world.choices.contact,  # an organizer is somebody's own address, which is not ours to publish
        reminders=(),
    )
    return located(values, None, world, zone)


def _without_html(text: str) -> str:
    """What Google and WordPress write as HTML, as plain words; any other text as it is.

    Taken apart by one pass over the signs: the library's parser begins anew at each tag that is never closed.
    """
    if not HTML.search(text):
        return text
    plain_text = unescape(TAG.sub(_break, text))
    return re.sub(r"\n{3,}", "\n\n", plain_text.replace("\xa0", " ")).strip()


def _break(tag: re.Match[str]) -> str:
    """What stands in the place of a tag."""
    closes, name = tag[1], (tag[2] or "").lower()
    if name == "li":
        return "" if closes else "\n- "
    return "\n" if name in BREAKS else ""
