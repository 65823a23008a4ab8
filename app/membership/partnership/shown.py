"""A partnership's people and dates in words, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.languages import city, current, hours, span, weekday_day
from app.languages import gettext as _
from app.membership.models import Partnership, PartnershipEvent, PartnershipPerson
from app.membership.partnership.rules import DEADLINES

FALLBACK = ("sv", "en", "es")


@dataclass(frozen=True)
class DateShown:
    """One date: `clocks` are its hours in the place and, where other, on the reader's wall; none when it is whole days."""

    id: int
    kind: str
    title: str
    title_lang: str | None
    when: str
    clocks: Sequence[str]
    place: str
    over: bool
    late: bool  # a report or a milestone that is past its day and not done
    done: bool
    cancelled: bool
    public: bool
    can_be_done: bool


def date_shown(row: PartnershipEvent, pair: Partnership, reader_zone: str, now: datetime) -> DateShown:
    """A date of these two in words."""
    title, lang = title_in(row.titles)
    over = row.ends_at <= now
    waits = row.kind in DEADLINES
    return DateShown(
        id=row.id,
        kind=kind_name(row.kind),
        title=title,
        title_lang=lang if lang != current() else None,
        when=span(row.starts_on, row.ends_on),
        clocks=_clocks(row, pair, reader_zone),
        place=row.place,
        over=over,
        late=waits and over and not row.done and not row.cancelled,
        done=row.done,
        cancelled=row.cancelled,
        public=row.public,
        can_be_done=waits and not row.cancelled,
    )


def title_in(titles: Mapping[str, str]) -> tuple[str, str]:
    """A date's title in the language in force, or in one that it has; and which that is."""
    lang = next(code for code in (current(), *FALLBACK) if titles.get(code))
    return titles[lang], lang


def _clocks(row: PartnershipEvent, pair: Partnership, reader_zone: str) -> list[str]:
    if row.starts is None or row.ends is None:
        return []
    towns = {pair.left.zone: pair.left.place, pair.right.zone: pair.right.place}
    first = _("%(hours)s in %(city)s", hours=hours(row.starts, row.ends), city=towns.get(row.zone) or city(row.zone))
    wall = [at.astimezone(ZoneInfo(reader_zone)) for at in (row.starts_at, row.ends_at)]
    if wall[0].replace(tzinfo=None) == datetime.combine(row.starts_on, row.starts):
        return [first]
    other = hours(wall[0].time(), wall[1].time())
    if wall[0].date() != row.starts_on:
        other = f"{weekday_day(wall[0].date())}, {other}"
    return [first, _("%(hours)s in %(city)s", hours=other, city=city(reader_zone))]


def people_by_role(rows: Sequence[PartnershipPerson], *, closed: bool = False) -> list[tuple[str, list[tuple[int, str, str]]]]:
    """(role, [(number, name, address)]) of each role that somebody has; of those whose account is closed only if asked for."""
    found = []
    rows = [row for row in rows if closed or row.person is None or row.person.disabled_at is None]
    for role in ("coordinator", "steering", "mentor"):
        people = [
            (row.id, row.person.name if row.person else row.name, row.person.address if row.person else "")
            for row in rows
            if row.role == role
        ]
        if people:
            found.append((role_name(role), people))
    return found


def kind_name(code: str) -> str:
    """'Visit'."""
    return {"visit": _("Visit"), "meeting": _("Meeting"), "milestone": _("Milestone"), "report": _("Report due")}.get(code, code)


def role_name(code: str) -> str:
    """'Coordinator'."""
    return {"coordinator": _("Coordinator"), "steering": _("Steering group"), "mentor": _("Mentor")}.get(code, code)
