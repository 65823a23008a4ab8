"""Staff: the grid of who was there, to be typed in from a signed sheet and read afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app.attendance import queries, service, shown
from app.attendance.rules import current, the_way
from app.attendance.service import Change
from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.languages import ngettext
from app.registrations.forms import Act
from app.registrations.models import Registration
from app.registrations.queries import with_seats
from app.web import PAGE, Door, get_me, page_number, pages, row_number
from app.workshops import queries as workshops
from app.workshops.models import Workshop

door = Door(__name__, "/staff/workshops/<int:workshop_id>/attendance")


@dataclass(frozen=True)
class Typed:
    """What was sent: for each registration, which boxes were ticked on the page as it came, and which are now."""

    was: Mapping[int, AbstractSet[str]] = field(default_factory=dict)
    now: Mapping[int, AbstractSet[str]] = field(default_factory=dict)

    @property
    def changes(self) -> list[Change]:
        return [
            Change(number, slot, present=slot in self.now[number])
            for number in sorted(self.was)
            for slot in sorted(self.was[number] ^ self.now[number])
        ]


@door.get("/")
def grid(workshop_id: int) -> str:
    """People by half-days, with what it adds up to."""
    return _page(_get(workshop_id), Typed(), Act())


@door.post("/")
def save(workshop_id: int) -> Answer:
    """Writes the boxes that were changed; and, if asked, everybody of the chosen organisation for one half-day."""
    workshop, typed, form = _get(workshop_id), _typed(), Act()
    try:
        changes = typed.changes
        if request.form.get("act") == "all":
            changes = _everybody(workshop, changes)
        way = the_way(workshop.format, request.form.get("way", ""))
        marked, cleared = service.save_sheet(workshop_id, changes, way=way, by=person(get_me()), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshop, typed, form), 422
    flash(_saved(marked, cleared))
    return redirect(url_for(".grid", workshop_id=workshop_id, **_kept()), 303)


@door.post("/sessions")
def sessions(workshop_id: int) -> Answer:
    """The sessions at which attendance is taken by itself."""
    workshop, form = _get(workshop_id), Act()
    chosen = [number for word in request.form.getlist("session") if (number := row_number(word)) is not None]
    try:
        service.count_sessions(workshop_id, chosen, by=person(get_me()), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshop, Typed(), form), 422
    flash(_("The sessions at which attendance is taken are saved."))
    return redirect(url_for(".grid", workshop_id=workshop_id), 303)


def _page(workshop: Workshop, typed: Typed, form: Act) -> str:
    instant = now()
    slots, everybody = queries.slots_of(workshop.id), with_seats(workshop.id)
    people = _narrowed(everybody)
    page = page_number()
    found = queries.summary(workshop.id, instant)
    wall = instant.astimezone(ZoneInfo(workshop.zone)).replace(tzinfo=None)
    begun = {slot.code for slot in slots if slot.on <= wall.date()}
    chosen = next((one for one in slots if one.code == request.args.get("slot")), None) or current(slots, wall)
    return render_template(
        "attendance/grid.html",
        workshop=workshop,
        rows=people[(page - 1) * PAGE : page * PAGE],
        pages=pages(len(people), page),
        tabs=shown.tabs(workshop, slots),
        begun=begun,
        slot=chosen.code if chosen else "",
        marks=queries.marks_of(workshop.id),
        sums={one.registration_id: one for one in found},
        totals=shown.totals(found),
        over=workshop.ends_at is not None and workshop.ends_at <= instant,
        threshold=queries.threshold(),
        organisation_of=shown.organisation_of,
        organisations=shown.organisations(everybody),
        wanted=request.args.get("organisation", ""),
        words=_words(),
        kept=_kept(),
        typed=typed,
        duration=shown.duration,
        sessions=shown.sessions(workshop),
        counted={slot.session_id for slot in slots if slot.session_id is not None},
        open=workshop.state == "published",
        form=form,
    )


def _get(workshop_id: int) -> Workshop:
    """Any workshop that was ever public: nobody can be at a draft."""
    workshop = workshops.get(workshop_id)
    if workshop.state == "draft":
        raise Missing
    return workshop


def _typed() -> Typed:
    """The boxes as they were sent. Raises Refused when a name is none that the page has."""
    was: dict[int, AbstractSet[str]] = {}
    ticked: dict[int, AbstractSet[str]] = {}
    for name in request.form:
        kind, _dash, word = name.partition("-")
        number = row_number(word)
        if kind == "was" and number is not None:
            was[number] = set(request.form[name].split())
            ticked[number] = set(request.form.getlist(f"is-{word}"))
    return Typed(was, ticked)


def _everybody(workshop: Workshop, changes: list[Change]) -> list[Change]:
    """The typed changes, and everybody of the chosen organisation for the chosen half-day. Raises Refused."""
    slot = request.form.get("slot", "")
    if slot not in {one.code for one in queries.slots_of(workshop.id)}:
        raise Refused(problems={"slot": _("Choose the half-day in which everybody was there.")})
    others = [one for one in changes if one.slot != slot]
    return [*others, *(Change(row.id, slot, present=True) for row in _narrowed(with_seats(workshop.id)))]


def _narrowed(everybody: Sequence[Registration]) -> list[Registration]:
    """Those of the chosen organisation whom the words find."""
    wanted = request.args.get("organisation", "")
    return shown.matching((row for row in everybody if not wanted or shown.organisation_of(row) == wanted), _words())


def _words() -> str:
    return request.args.get("q", "").strip()[:200]


def _saved(marked: int, cleared: int) -> str:
    words = []
    if marked:
        words.append(ngettext("One mark is set.", "%(num)s marks are set.", marked))
    if cleared:
        words.append(ngettext("One mark is taken back.", "%(num)s marks are taken back.", cleared))
    return " ".join(words) or _("Nothing was changed.")


def _kept() -> dict[str, Any]:
    """What of the address stays after saving."""
    return {name: value for name in ("organisation", "q", "slot", "page") if (value := request.args.get(name))}
