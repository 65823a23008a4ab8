"""The page of one workshop: what stands where, in finished words, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from app.languages import city, country, current, day, hours, language, moment, ngettext, weekday_day, weekday_short
from app.languages import gettext as _
from app.workshops import queries
from app.workshops.models import Workshop
from app.workshops.rules import RegistrationState
from app.workshops.showing.markdown import to_html
from app.workshops.showing.shown import moved_words, other_lang, taken_words, wall


@dataclass(frozen=True)
class Mine:
    """How the reader stands to a workshop, told by whoever owns registrations: answers `my_place(workshop_id=, person_id=, into=)`."""

    words: str
    sign: str
    url: str


@dataclass(frozen=True)
class Held:
    """Seats that wait for the people of the reader's organisation: answers `my_seats(workshop_id=, person_id=, now=, into=)`."""

    organisation: str
    number: int


@dataclass(frozen=True)
class State:
    """What one must know before anything else: a banner's kind, title and words."""

    kind: str
    title: str
    words: str = ""
    lang: str | None = None


@dataclass(frozen=True)
class Passage:
    """A long text as HTML, in the reader's language or in the one it was written in; `lang` and `note` only for the latter."""

    html: Markup
    lang: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Way:
    """How to get there: the lines of an address, and where maps show it."""

    lines: list[str]
    on_map: str = ""
    geo: str = ""


@dataclass(frozen=True)
class ProgrammeDay:
    """One row of the days' table."""

    here: str
    there: str
    day: str


def state_of(workshop: Workshop, state: RegistrationState, zone: str) -> State | None:
    """What stands first on the page, if anything out of the ordinary is to be said."""
    reason, lang = workshop.text.reason, other_lang(workshop.text.lang)
    if state == "cancelled":
        return State("cancelled", _("This workshop is cancelled"), reason, lang)
    if state == "postponed":
        return State("asks", _("This workshop is postponed. A new date will come"), reason, lang)
    if state == "past":
        return State("told", _("This workshop is over"), _("It was held on %(days)s.", days=when_within(workshop)))
    if workshop.moved_from:
        also = _way_in(workshop, state, zone)
        if workshop.has_new_hours:
            title, moved = _("The hours have changed"), f"{_old_hours(workshop)} {moved_words(workshop)}".strip()
        else:
            title, moved = _("Moved to %(days)s", days=when_within(workshop)), moved_words(workshop)
        return State("asks", title, f"{moved} {also.title}. {also.words}" if also else moved)
    return _way_in(workshop, state, zone)


def _old_hours(workshop: Workshop) -> str:
    """What they were on the first day that has others, if the audit has kept it."""
    zone = ZoneInfo(workshop.zone)
    for one, (starts_at, ends_at) in zip(workshop.days, queries.find_old_hours(workshop) or (), strict=False):
        if (one.starts_at, one.ends_at) != (starts_at, ends_at):
            was = hours(starts_at.astimezone(zone), ends_at.astimezone(zone))
            place = workshop.place or city(workshop.zone)
            return _("It was to be %(hours)s on %(day)s, in %(place)s.", hours=was, day=weekday_day(one.on), place=place)
    return ""


def _way_in(workshop: Workshop, state: RegistrationState, zone: str) -> State | None:
    """That nobody gets a seat at once, or any more."""
    if state == "full":
        words = _("Join the waiting list: when somebody gives a seat back, the first in line gets it.")
        return State("told", _("All seats are taken"), words)
    if state == "closed":
        return State("told", _("Registration is closed"), closed_words(workshop, zone))
    return None


def closed_words(workshop: Workshop, zone: str) -> str:
    """When registration closed; without a closing time it did when the workshop began."""
    if workshop.closes_at:
        return _("It closed on %(when)s.", when=moment(workshop.closes_at, zone))
    return _("The workshop has begun.")


def description(workshop: Workshop) -> Passage | None:
    """What it is about, if anybody has said it in any language."""
    return _passage(workshop, {lang: text.description for lang, text in workshop.texts.items()})


def practical(workshop: Workshop) -> Passage | None:
    """Travel, access, what to bring."""
    return _passage(workshop, {lang: text.practical for lang, text in workshop.texts.items()})


def _passage(workshop: Workshop, texts: Mapping[str, str]) -> Passage | None:
    """In the reader's language, else in the original one, else in any."""
    order = (current(), workshop.original_lang, *texts)
    lang = next((lang for lang in order if texts.get(lang)), None)
    if lang is None:
        return None
    if lang == current():
        return Passage(to_html(texts[lang]))
    return Passage(to_html(texts[lang]), lang, _("So far, this text is only in %(language)s.", language=language(lang)))


def way_there(workshop: Workshop) -> Way | None:
    """Venue and address, and the point on OpenStreetMap and in the reader's own map (RFC 5870); nothing for an online one."""
    if workshop.format == "online" or not (workshop.venue or workshop.street_address or workshop.latitude is not None):
        return None
    town = ", ".join(part for part in (workshop.place, country(workshop.country) if workshop.country else "") if part)
    lines = [line for line in (workshop.venue, workshop.street_address, town) if line]
    if workshop.latitude is None or workshop.longitude is None:
        return Way(lines)
    latitude, longitude = f"{workshop.latitude:.5f}", f"{workshop.longitude:.5f}"  # to the metre
    spot = urlencode({"mlat": latitude, "mlon": longitude})
    return Way(lines, f"https://www.openstreetmap.org/?{spot}#map=17/{latitude}/{longitude}", f"geo:{latitude},{longitude}")


def when(workshop: Workshop) -> str:
    """'Monday 18 to Thursday 21 March 2024', one day as 'Tuesday 19 March 2024', as a line of its own."""
    words = when_within(workshop)
    return words[:1].upper() + words[1:]


def when_within(workshop: Workshop) -> str:
    """The same within a sentence: Spanish and Swedish write days with a small letter."""
    first, last = workshop.days[0].on, workshop.days[-1].on
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        start = weekday_day(first).rsplit(" de " if current() == "es" else " ", 1)[0]
    else:
        start = weekday_day(first) if first.year == last.year else day(first)
    return f"{start} – {day(last)}"  # noqa: RUF001  an en dash between dates


def seats_sentence(workshop: Workshop, state: RegistrationState, zone: str) -> str:
    """How many are taken, and when registration opens or closes, on the clock of `zone`."""
    words = [f"{taken_words(workshop)}."] if workshop.capacity and state in {"open", "full"} else []
    if state == "not_yet" and workshop.opens_at:
        words.append(_("Registration opens on %(when)s.", when=moment(workshop.opens_at, zone)))
    elif state in {"open", "full"} and workshop.closes_at:
        words.append(_("Registration closes on %(when)s.", when=moment(workshop.closes_at, zone)))
    return " ".join(words)


def seats_head(workshop: Workshop, state: RegistrationState) -> str:
    """The bold line of the panel."""
    names: dict[RegistrationState, str] = {
        "open": ngettext("One seat left", "%(num)s seats left", workshop.seats_left),
        "full": _("Full, waiting list"),
        "not_yet": ngettext("One seat", "%(num)s seats", workshop.capacity),
        "closed": _("Registration closed"),
        "past": _("It is over"),
        "cancelled": _("Cancelled"),
        "postponed": _("Postponed"),
    }
    return names[state]


def held_words(held: Held) -> str:
    """The same for the people of an organisation for which seats are held."""
    return _("Seats are held for %(organisation)s: %(number)s", organisation=held.organisation, number=held.number)


def access_words(workshop: Workshop) -> str:
    """Who may come."""
    return {
        "network": _("For members of the network"),
        "invited": _("By invitation"),
        "open": _("Open to all, no account needed"),
    }[workshop.access]


def programme(workshop: Workshop, reader_zone: str) -> list[ProgrammeDay]:
    """The days with their hours on both walls."""
    rows = []
    for one in workshop.days:
        starts = one.starts_at.astimezone(ZoneInfo(reader_zone)).date()
        there = wall(one, reader_zone)
        named = f"{weekday_short(starts)} {there}" if starts != one.on else there
        name = weekday_day(one.on)
        rows.append(ProgrammeDay(wall(one, workshop.zone), named, name[:1].upper() + name[1:]))
    return rows


def later_days(programme: list[ProgrammeDay]) -> list[ProgrammeDay]:
    """The days after the first, where any of them has other hours, on either wall; its own stand beside the two clocks."""
    return programme[1:] if len({(one.here, one.there) for one in programme}) > 1 else []


def clock_words(workshop: Workshop, reader_zone: str) -> str:
    """Whose hours stand first and whose second."""
    venue, reader = workshop.place or city(workshop.zone), city(reader_zone)
    if venue == reader:
        return _("All hours as in %(city)s.", city=venue)
    return _("The first hours are those in %(venue)s, the second those in %(city)s.", venue=venue, city=reader)


def coming_groups(into: Sequence[tuple[str, str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Who comes, under countries; those from which most come first."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for nation, name, number in into:
        groups.setdefault(nation, []).append((name, number))
    return sorted(groups.items(), key=lambda group: (-sum(number for _name, number in group[1]), group[0]))
