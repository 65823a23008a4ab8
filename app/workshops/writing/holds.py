"""Seats held for organisations, as staff promise them: whatever nobody sits on counts as taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.languages import day_short, ngettext
from app.languages import gettext as _
from app.workshops.models import SeatHold, Workshop
from app.workshops.values import Hold, Values


def write(workshop: Workshop, values: Values) -> None:
    """Makes the rows what `values` say, and the workshop's taken seats with them. The workshop must be locked; nothing is flushed."""
    rows = {row.organisation_id: row for row in workshop.holds}
    wanted = {hold.organisation_id: hold for hold in values.holds}
    before = sum(row.unused for row in rows.values())
    for number in rows.keys() - wanted.keys():
        workshop.holds.remove(rows[number])
    for number, hold in wanted.items():
        row = rows.get(number)
        if row is None:
            row = SeatHold(organisation_id=number, seats=0, unused=0)
            workshop.holds.append(row)
        row.unused += hold.seats - row.seats
        row.seats, row.until, row.lapses_at = hold.seats, hold.until, lapses_at(hold.until, values.zone)
    after = sum(row.unused for row in workshop.holds)
    workshop.taken = (workshop.taken or 0) + after - before


def lapses_at(until: date, zone: str) -> datetime:
    """When the last day is over on the wall of a zone; also where clocks skip midnight."""
    return datetime.combine(until + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def find(values: Values, taken: int, kept: Sequence[SeatHold], today: date) -> dict[str, str]:
    """What is wrong with the held seats, and whether all seats are enough for them: {field: words}.

    `taken` counts people and what is unused of `kept`, the rows as they are.
    """
    used = {row.organisation_id: row.seats - row.unused for row in kept}
    known = {Hold(row.organisation_id, row.seats, row.until) for row in kept}
    found: dict[str, str] = {}
    for place, hold in enumerate(values.holds):
        field, words = _problem(values, place, used.get(hold.organisation_id, 0), today, is_new=hold not in known)
        if words:
            found[f"holds-{place}-{field}"] = words
    people = taken - sum(row.unused for row in kept)
    held = sum(max(hold.seats - used.get(hold.organisation_id, 0), 0) for hold in values.holds)
    if people <= values.capacity < people + held:
        found["capacity"] = ngettext(
            "One seat is taken or held already: enter at least %(num)s",
            "%(num)s seats are taken or held for organisations: enter at least %(num)s, or hold fewer",
            people + held,
        )
    return found


def _problem(values: Values, place: int, used: int, today: date, *, is_new: bool) -> tuple[str, str]:
    """(part of the line, what is wrong with it); two empty words if nothing is."""
    hold, number = values.holds[place], place + 1
    if hold.organisation_id in {other.organisation_id for other in values.holds[:place]}:
        return "organisation", _("Held seats %(number)s: this organisation is in the list already", number=number)
    if values.access == "invited" and hold.organisation_id not in values.invitees:
        return "organisation", _("Held seats %(number)s: this organisation is not invited. Invite it as well", number=number)
    if hold.seats < 1:
        return "seats", _("Held seats %(number)s: enter how many, as a number such as 3", number=number)
    if hold.seats < used:
        words = ngettext(
            "one of them has a person in it already: hold at least %(num)s, or remove the line",
            "%(num)s of them have people in them already: hold at least %(num)s, or remove the line",
            used,
        )
        return "seats", _("Held seats %(number)s: %(problem)s", number=number, problem=words)
    return "until", _last_day(values, hold, number, today, is_new=is_new)


def _last_day(values: Values, hold: Hold, number: int, today: date, *, is_new: bool) -> str:
    first = min(values.days, default=None)
    if hold.until.year == MAXYEAR:  # the day after it, when it lapses, may be none
        return _("Held seats %(number)s: enter a real date, such as 2026-06-03", number=number)
    if is_new and hold.until < today:
        return _("Held seats %(number)s: the last day has passed", number=number)
    if first is not None and hold.until >= first.on > today:
        day = day_short(first.on)
        return _("Held seats %(number)s: the last day must be before the workshop begins on %(day)s", number=number, day=day)
    return ""
