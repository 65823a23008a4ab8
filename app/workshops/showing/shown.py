"""Workshops as pages show them: finished words from rows, in the language in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import url_for

from app.languages import (
    city,
    country,
    current,
    hours,
    language,
    listed,
    ngettext,
    weekday_day,
    weekday_short,
    weekdayless,
)
from app.languages import gettext as _
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.rules import RegistrationState, registration_state

FEW = 3  # seats left from which the tag asks for haste


@dataclass(frozen=True)
class Clock:
    """One line of the two clocks. With `hours` None, `note` is the whole line."""

    hours: str | None
    city: str
    note: str = ""


@dataclass(frozen=True)
class Tile:
    """What the date tile shows."""

    first: date
    last: date
    state: str = ""
    old: date | None = None


@dataclass(frozen=True)
class Tag:
    """State in one or two words, with its sign."""

    kind: str
    icon: str
    text: str


@dataclass(frozen=True)
class Seats:
    """How full it is."""

    taken: int
    capacity: int
    sentence: str


@dataclass(frozen=True)
class Row:
    """A workshop in a list: the fields of event_row in parts/rows.html."""

    url: str
    title: str
    title_lang: str | None
    place_line: str
    tile: Tile
    clocks: list[Clock]
    tag: Tag | None
    seats: Seats | None
    note: str | None


def row(workshop: Workshop, reader_zone: str, now: datetime) -> Row:
    """A workshop with days, for lists; its texts and days are loaded."""
    state = registration_state(workshop, now)
    seats = None
    if workshop.capacity and state in {"open", "full"} and not workshop.moved_from:
        seats = Seats(workshop.taken, workshop.capacity, taken_words(workshop))
    return Row(
        url=url_for("workshops_public.workshop", slug=workshop.slug),
        title=workshop.text.title,
        title_lang=other_lang(workshop.text.lang),
        place_line=" · ".join(part for part in (where_short(workshop), spoken(workshop)) if part),
        tile=tile(workshop),
        clocks=clocks(workshop.days, workshop.zone, workshop.place, reader_zone),
        tag=tag(workshop, state),
        seats=seats,
        note=note(workshop, state),
    )


def tile(workshop: Workshop) -> Tile:
    """The date tile; a moved one strikes the old date through."""
    first, last = workshop.days[0].on, workshop.days[-1].on
    if workshop.state in {"cancelled", "postponed"}:
        return Tile(first, last, "cancelled")
    if workshop.moved_from:
        return Tile(first, last, "moved", workshop.moved_from if workshop.moved_from != first else None)
    return Tile(first, last)


def clocks(days: Sequence[WorkshopDay], zone: str, place: str, reader_zone: str) -> list[Clock]:
    """The venue's hours first, the reader's under them; those of the first day, named, where the days differ."""
    walls = {wall(one, zone) for one in days}
    theirs = {(wall(one, reader_zone), _shift(one, reader_zone)) for one in days}
    first, venue = days[0], place or city(zone)
    differ = len(walls) > 1 or len(theirs) > 1
    found = [Clock(wall(first, zone), venue, weekday_short(first.on) if differ else "")]
    if all(same_hour(one, reader_zone) for one in days):
        return found if city(reader_zone) == venue else [*found, Clock(None, city(reader_zone), same_words(reader_zone))]
    named = differ or _shift(first, reader_zone) != 0
    on = first.starts_at.astimezone(ZoneInfo(reader_zone)).date()
    return [*found, Clock(wall(first, reader_zone), city(reader_zone), weekday_short(on) if named else "")]


def wall(one: WorkshopDay, zone: str) -> str:
    """'16:00-18:00': a day's hours on the wall of a zone."""
    starts, ends = (at.astimezone(ZoneInfo(zone)) for at in (one.starts_at, one.ends_at))
    return hours(starts, ends)


def same_hour(one: WorkshopDay, reader_zone: str) -> bool:
    """Whether the reader's clock shows what the venue's does."""
    return _shift(one, reader_zone) == 0 and wall(one, reader_zone) == hours(one.starts, one.ends)


def same_words(zone: str) -> str:
    """'The same hour in Stockholm'."""
    return _("The same hour in %(city)s", city=city(zone))


def _shift(one: WorkshopDay, reader_zone: str) -> int:
    """How many days the reader's date is ahead of the venue's."""
    return (one.starts_at.astimezone(ZoneInfo(reader_zone)).date() - one.on).days


def where_short(workshop: Workshop) -> str:
    """'Bogotá, Colombia', 'Online, hosted from Lessebo'."""
    place = ", ".join(part for part in (workshop.place, country(workshop.country) if workshop.country else "") if part)
    if workshop.format == "online":
        return _("Online, hosted from %(place)s", place=workshop.place) if workshop.place else _("Online")
    return _("%(place)s and online", place=place) if workshop.format == "both" else place


def spoken(workshop: Workshop) -> str:
    """'Spanish and Swedish'."""
    words = listed([language(code) for code in workshop.spoken.split()])
    return words[:1].upper() + words[1:]


def tag(workshop: Workshop, state: RegistrationState) -> Tag | None:  # noqa: PLR0911  one line a state
    """The one tag of a row: what matters most."""
    left = workshop.seats_left
    if state == "cancelled":
        return Tag("cancelled", "x", _("Cancelled"))
    if state == "postponed":
        return Tag("asks", "clock", _("Postponed"))
    if state == "past":
        return None
    if workshop.moved_from:
        return Tag("asks", "arrow-right", moved_label(workshop))
    if state == "not_yet" and workshop.opens_at:
        opens = workshop.opens_at.astimezone(ZoneInfo(workshop.zone)).date()
        return Tag("outline", "clock", _("Opens %(day)s", day=weekdayless(opens)))
    if state == "closed":
        return Tag("outline", "square", _("Registration closed"))
    if state == "full":
        return Tag("outline", "clock", _("Full, waiting list"))
    if workshop.access == "open" and left > FEW:
        return Tag("quiet", "circle", _("Open to all"))
    words = ngettext("One seat left", "%(num)s seats left", left)
    return Tag("asks", "alert", words) if left <= FEW else Tag("quiet", "check", words)


def note(workshop: Workshop, state: RegistrationState) -> str | None:
    """One sentence under the tag."""
    if state in {"cancelled", "postponed"}:
        return first_sentence(workshop.text.reason) or None
    if state == "past":
        return None
    if workshop.moved_from:
        return moved_words(workshop)
    if state == "not_yet" and workshop.capacity:
        return ngettext("One seat", "%(num)s seats", workshop.capacity)
    if workshop.access == "open" and state in {"open", "full"}:
        return _("No account needed")
    return None


def first_sentence(text: str) -> str:
    """As much as a row has room for."""
    head, stop, _rest = text.partition(". ")
    return head + stop.strip()


def moved_label(workshop: Workshop) -> str:
    """What has become of one that was moved, in two words at most."""
    return _("New hours") if workshop.has_new_hours else _("Moved")


def moved_words(workshop: Workshop) -> str:
    """When it was to be before it was moved."""
    if workshop.moved_from is None:
        return ""
    if workshop.has_new_hours:
        return _("Everybody registered is told by mail.")
    last = workshop.moved_to or workshop.moved_from
    return _("It was %(days)s. Everybody registered is told by mail.", days=days_words(workshop.moved_from, last))


def days_words(first: date, last: date) -> str:
    """'Tuesday 9 April', '9–11 April', '30 April – 2 May'."""
    if first == last:
        return weekday_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{weekdayless(last)}"  # noqa: RUF001
    return f"{weekdayless(first)} – {weekdayless(last)}"  # noqa: RUF001


def taken_words(workshop: Workshop) -> str:
    """'34 of 36 taken'."""
    return _("%(taken)s of %(capacity)s taken", taken=workshop.taken, capacity=workshop.capacity)


def other_lang(lang: str) -> str | None:
    """The language to mark a text with; nothing if it is the page's own."""
    return lang if lang != current() else None
