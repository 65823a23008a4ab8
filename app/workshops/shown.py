"""Workshops as pages show them: finished words from rows, in the language in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import url_for

from app.languages import (
    LANGUAGES,
    city,
    country,
    current,
    hours,
    language,
    listed,
    ngettext,
    sort_key,
    span,
    weekday_day,
    weekday_short,
    weekdayless,
)
from app.languages import gettext as _
from app.workshops.models import FORMATS, THEMES, Workshop, WorkshopDay
from app.workshops.queries import Filters
from app.workshops.rules import RegistrationState, registration_state, stage

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
        return Tag("asks", "arrow-right", _("Moved"))
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


def moved_words(workshop: Workshop) -> str:
    """When it was to be before it was moved."""
    if workshop.moved_from is None:
        return ""
    last = workshop.moved_to or workshop.moved_from
    return _("It was %(days)s. Everybody registered is told by mail.", days=days_words(workshop.moved_from, last))


def days_words(first: date, last: date) -> str:
    """'Tuesday 9 April', '9 April to 11 April'."""
    return weekday_day(first) if first == last else f"{weekdayless(first)} – {weekdayless(last)}"  # noqa: RUF001


def taken_words(workshop: Workshop) -> str:
    """'34 of 36 taken'."""
    return _("%(taken)s of %(capacity)s taken", taken=workshop.taken, capacity=workshop.capacity)


def other_lang(lang: str) -> str | None:
    """The language to mark a text with; nothing if it is the page's own."""
    return lang if lang != current() else None


# Names and filters -------------------------------------------------------------------------------------------------

Options = list[tuple[str, str]]


def theme_name(code: str) -> str:
    """What a workshop is about."""
    names = {
        "representation": _("Women's political representation"),
        "violence": _("Gender-based violence"),
        "economy": _("Economic empowerment"),
        "services": _("Equal access to education and health"),
        "urban_planning": _("Urban planning"),
        "care": _("Care work"),
    }
    return names.get(code, code)


def format_name(code: str) -> str:
    """On site, online or both."""
    return {"on_site": _("On site"), "online": _("Online"), "both": _("On site and online")}[code]


def access_name(code: str) -> str:
    """Who may register, as an option of a list."""
    names = {"network": _("Members of the network"), "invited": _("Invited organisations only"), "open": _("Anyone, no account needed")}
    return names.get(code, code)


def kind_name(code: str) -> str:
    """What happens in a session."""
    names = {
        "talk": _("Talk"),
        "panel": _("Panel"),
        "group_work": _("Group work"),
        "visit": _("Study visit"),
        "ceremony": _("Ceremony"),
        "meal": _("Meal"),
        "break": _("Break"),
    }
    return names.get(code, code)


def language_name(code: str) -> str:
    """'Spanish', with a capital letter as an option of a list."""
    name = language(code)
    return name[:1].upper() + name[1:]


def filter_options(countries: Sequence[str]) -> dict[str, Options]:
    """What the filters offer; the first of each is everything."""
    return {
        "country": [("", _("All countries")), *sorted(((code, country(code)) for code in countries), key=lambda pair: sort_key(pair[1]))],
        "language": [("", _("Any language")), *((code, language_name(code)) for code in LANGUAGES)],
        "theme": [("", _("All themes")), *((code, theme_name(code)) for code in THEMES)],
        "format": [("", _("On site and online")), *((code, format_name(code)) for code in FORMATS if code != "both")],
    }


def filter_words(filters: Filters) -> str:
    """What the list was narrowed to: 'Guatemala, Care work, open seats'."""
    words = [
        country(filters.country) if filters.country else "",
        language_name(filters.language) if filters.language else "",
        theme_name(filters.theme) if filters.theme else "",
        format_name(filters.format) if filters.format else "",
        _("with open seats") if filters.open else "",
    ]
    return ", ".join(word for word in words if word)


# For staff ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StaffRow:
    """A workshop in the staff's table."""

    id: int
    title: str
    title_lang: str | None
    when: str
    where: str
    stage: Tag
    seats: Seats | None


def staff_row(workshop: Workshop, now: datetime) -> StaffRow:
    """A workshop in the staff's table, drafts without a day too."""
    days = workshop.days
    return StaffRow(
        id=workshop.id,
        title=workshop.text.title,
        title_lang=other_lang(workshop.text.lang),
        when=span(days[0].on, days[-1].on) if days else _("No day yet"),
        where=where_short(workshop),
        stage=stage_tag(workshop, now),
        seats=Seats(workshop.taken, workshop.capacity, f"{workshop.taken} / {workshop.capacity}") if workshop.capacity else None,
    )


def stage_tag(workshop: Workshop, now: datetime) -> Tag:
    """The state of a workshop as a tag."""
    return {
        "draft": Tag("outline", "", _("Draft")),
        "published": Tag("quiet", "check", _("Published")),
        "postponed": Tag("asks", "clock", _("Postponed")),
        "cancelled": Tag("cancelled", "x", _("Cancelled")),
        "done": Tag("outline", "check", _("Held")),
    }[stage(workshop.state, workshop.starts_at, workshop.ends_at, now)]


def tab_names() -> dict[str, str]:
    """The tabs of the staff's table."""
    return {"all": _("All"), "draft": _("Drafts"), "coming": _("Coming"), "done": _("Past"), "stopped": _("Postponed or cancelled")}
