"""At the door: find a person or scan a code, tap, next. All that a check-in helper sees of the staff's pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.attendance import queries, service, shown, taps
from app.attendance.rules import AFTER, Slot, code_in, current, is_near, the_way
from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.registrations.forms import Act
from app.registrations.models import Registration
from app.registrations.queries import with_seats
from app.web import Door, get_me, row_number
from app.workshops import queries as workshops
from app.workshops.models import Workshop

list_door = Door(__name__, "/staff/check-in", name="attendance_near_helper")
door = Door(__name__, "/staff/workshops/<int:workshop_id>/check-in")


@list_door.get("/")
def near() -> str:
    """The workshops at which people are checked in these days."""
    return render_template("attendance/near.html", workshops=queries.near(now()))


@door.after_request
def allow_camera(response: Response) -> Response:
    """The camera is for these pages alone."""
    response.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    return response


@door.get("/")
def check_in(workshop_id: int) -> Answer:
    """Everybody with a seat, who is here already, a search, and the person whose code was shown. Nothing is written."""
    workshop = _open(workshop_id)
    asked = request.args.get("q", "").strip()[:200]
    typed = request.args.get("code", "").strip()[:200]
    found = queries.find_code(code) if (code := code_in(typed or asked)) else None
    words = "" if found else asked
    page = _page(workshop, words, found, shown_code=typed)
    return (page, 404) if typed and found is None else page


def _page(workshop: Workshop, words: str, found: Registration | None, *, shown_code: str) -> str:
    slots = queries.slots_of(workshop.id)
    slot, marks, everybody = _slot(workshop, slots), queries.marks_of(workshop.id), with_seats(workshop.id)
    local = now().astimezone(ZoneInfo(workshop.zone))
    state = shown.at_the_door(found, workshop.id, marks, slot.code) if found else None
    return render_template(
        "attendance/check_in.html",
        workshop=workshop,
        seen={row.id for row in shown.matching(everybody, words)},
        everybody=everybody,
        marks=marks,
        tabs=shown.tabs(workshop, slots),
        slot=slot,
        here=sum(slot.code in marks.get(row.id, {}) for row in everybody),
        way=the_way(workshop.format, request.args.get("way", "")),
        words=words,
        who=found,
        who_state=state,
        shown_code=shown_code,
        ahead=slot.on > local.date(),
        until=int((workshop.ends_at + AFTER).timestamp() * 1000) if workshop.ends_at else 0,
        made=int(now().timestamp() * 1000),
        organisation_of=shown.organisation_of,
        form=Act(),
    )


@door.post("/")
def press(workshop_id: int) -> Answer:
    """Here, or not here after all: one button."""
    workshop = _open(workshop_id)
    slot = _slot(workshop, queries.slots_of(workshop_id))
    present = "here" in request.form
    number = row_number(request.form.get("here") or request.form.get("undo"))
    back = url_for(".check_in", workshop_id=workshop_id, **_kept(), _anchor=f"p{number}" if number else None)
    if number is None:
        flash(_("Choose whom to check in."), "error")
        return redirect(back, 303)
    source = "scan" if request.form.get("source") == "scan" else "list"
    wish = service.Wish(number, slot.code, present, now(), way=request.args.get("way", ""), source=source)
    (outcome,) = service.take(workshop_id, [wish], by=person(get_me()), now=now())
    if outcome.what == "missing":
        raise Missing
    if outcome.what == "refused":
        flash(outcome.words, "error")
    else:
        flash(_("%(name)s is here.", name=outcome.name) if present else _("%(name)s is not here.", name=outcome.name))
    return redirect(back, 303)


@door.post("/taps")
def send(workshop_id: int) -> Answer:
    """What a device has kept while there was no network; also asked with nothing to send, to learn who is here."""
    _open(workshop_id)
    try:
        wishes, unread = taps.read(request.get_json(silent=True), now=now())
    except Refused as refusal:
        return {"problem": refusal.message}, 422
    outcomes = service.take(workshop_id, wishes, by=person(get_me()), now=now()) if wishes else []
    return taps.answer(outcomes, unread, queries.marks_of(workshop_id), generate_csrf())


@door.get("/worker.js")
def worker(workshop_id: int) -> Response:
    """What keeps the page on the device; its address lets it reach this one page and no other."""
    _open(workshop_id)
    file = Path(current_app.static_folder or "") / "check-in-worker.js"
    response = Response(file.read_bytes(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _open(workshop_id: int) -> Workshop:
    """A workshop that takes place; to those who only help at the door, one that is near."""
    workshop = workshops.get(workshop_id)
    if workshop.state != "published" or not workshop.days:
        raise Missing
    if get_me().role == "helper" and not is_near(workshop.starts_at, workshop.ends_at, now()):
        raise Missing
    return workshop


def _slot(workshop: Workshop, slots: tuple[Slot, ...]) -> Slot:
    """The slot of the address, else the one of the workshop's own clock."""
    wanted = request.args.get("slot", "")
    found = next((slot for slot in slots if slot.code == wanted), None) or current(slots, now().astimezone(ZoneInfo(workshop.zone)))
    if found is None:
        raise Missing
    return found


def _kept() -> dict[str, Any]:
    """What of the address stays after a press."""
    return {name: value for name in ("slot", "way", "q") if (value := request.args.get(name))}
