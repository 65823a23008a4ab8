"""What pages say of the door and of the grid: half-days in words, people, the square with the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import segno
from flask import current_app

from app.attendance.queries import Summary
from app.attendance.rules import Slot, opens
from app.folding import fold, words
from app.languages import gettext as _
from app.languages import hours, in_language, sort_key, weekday_day
from app.registrations.models import Registration
from app.workshops.models import Workshop


@dataclass(frozen=True)
class Tab:
    """One slot as pages name it. `day` and `what` are the two lines of a column's head; `opens` is when it becomes the current one."""

    code: str
    day: str
    what: str
    lang: str | None
    opens: int  # milliseconds since 1970, as browsers count
    session: bool

    @property
    def label(self) -> str:
        return f"{self.day}, {self.what}"


def tabs(workshop: Workshop, slots: Sequence[Slot]) -> list[Tab]:
    """The slots of a workshop in words; sessions by their titles."""
    zone = ZoneInfo(workshop.zone)
    titles = {row.id: in_language(row.titles, workshop.original_lang) for day in workshop.days for row in day.sessions if row.titles}
    halves = {"morning": _("morning"), "afternoon": _("afternoon")}
    found = []
    for slot in slots:
        title = titles.get(slot.session_id or 0)
        what = halves[slot.half] if slot.half else title.title if title else hours(slot.starts, slot.ends)
        begins = datetime.combine(slot.on, opens(slot, slots) if slot.half else slot.starts, zone)
        lang = title.lang if title and not slot.half else None
        found.append(Tab(slot.code, weekday_day(slot.on), what, lang, int(begins.timestamp() * 1000), session=not slot.half))
    return found


def organisation_of(registration: Registration) -> str:
    """For whom somebody comes, as far as it is known."""
    return registration.organisation.name if registration.organisation else registration.organisation_name


def matching(rows: Iterable[Registration], asked: str) -> list[Registration]:
    """Those whose name, organisation or code has every word of the question."""
    wanted = words(asked)
    return [row for row in rows if all(word in _folded(row) for word in wanted)]


def _folded(row: Registration) -> str:
    return fold(row.person.name, organisation_of(row), row.check_in_code)


def at_the_door(registration: Registration, workshop_id: int, marks: Mapping[int, Mapping[str, str]], slot: str) -> tuple[str, str]:
    """What is to be done with somebody whose code was shown: (`here`, `take`, or nothing, words)."""
    name = registration.person.name
    if registration.workshop_id != workshop_id:
        other = registration.workshop
        title = other.text.title if other.texts and other.state != "draft" else ""
        return "", _("This code is for another workshop: %(title)s", title=title) if title else _("This code is for another workshop.")
    if registration.state == "waitlisted":
        return "", _("%(name)s is on the waiting list. Only somebody with a seat can be checked in.", name=name)
    if registration.state != "confirmed":
        return "", _("%(name)s has no seat. Only somebody with a seat can be checked in.", name=name)
    return ("here", "") if slot in marks.get(registration.id, {}) else ("take", "")


def code_address(registration: Registration) -> str:
    """The address of the check-in page with the code: what the square holds. Made without a request, for papers too."""
    path = f"/{registration.workshop.original_lang}/staff/workshops/{registration.workshop_id}/check-in/"
    return f"{current_app.config['CONFIG'].base_url}{path}?code={registration.check_in_code}"


def picture(registration: Registration) -> bytes:
    """The square that a helper's telephone reads, as SVG."""
    out = BytesIO()
    made = segno.make(code_address(registration), error="m", micro=False)
    made.save(out, kind="svg", scale=5, border=4, dark="#271c25", light="#ffffff", xmldecl=False)
    return out.getvalue()


def organisations(rows: Iterable[Registration]) -> list[str]:
    """The organisations from which people come, by name."""
    return sorted({name for row in rows if (name := organisation_of(row))}, key=sort_key)


def sessions(workshop: Workshop) -> list[tuple[int, str, str, str]]:
    """(number, day and hours, title, its language) of all that stands in the programme."""
    found = []
    for day in workshop.days:
        for row in day.sessions:
            title = in_language(row.titles, workshop.original_lang)
            found.append((row.id, f"{weekday_day(day.on)}, {hours(row.starts, row.ends)}", title.title, title.lang))
    return found


def duration(minutes: int) -> str:
    """'10 h 30 min', '4 h', '45 min'."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return _("%(minutes)s min", minutes=rest)
    return _("%(hours)s h %(minutes)s min", hours=whole, minutes=rest) if rest else _("%(hours)s h", hours=whole)


@dataclass(frozen=True)
class Totals:
    """How many have a seat, have attended, came but too little, never came."""

    seats: int
    attended: int
    partly: int
    no_show: int


def totals(found: Sequence[Summary]) -> Totals:
    """Everybody at a glance."""
    attended, partly = sum(one.attended for one in found), sum(bool(one.marks) and not one.attended for one in found)
    return Totals(len(found), attended, partly, sum(one.no_show for one in found))
