"""Staff: what is needed at a workshop. Numbers for the kitchen at once; names only by a button, and that is written down."""

from __future__ import annotations

from flask import make_response, render_template
from werkzeug.wrappers import Response

from app.announcements import announce
from app.audit.service import person
from app.clock import now
from app.needs import queries, service, shown
from app.needs.shown import Seat
from app.web import Door, get_me, reader_zone
from app.workshops import queries as workshops

door = Door(__name__, "/staff/workshops/<int:workshop_id>/needs")


@door.get("/")
def needs(workshop_id: int) -> str:
    """How many need what; nobody's name."""
    return _page(workshop_id)


@door.post("/")
def names(workshop_id: int) -> Response:
    """The same with names, this once. Who has looked stands in the history before anything is shown."""
    workshops.get_named(workshop_id)
    service.note_opening(workshop_id, by=person(get_me()), now=now())
    response = make_response(_page(workshop_id, named=True))
    response.headers["Cache-Control"] = "no-store"
    return response


def _seats(workshop_id: int) -> dict[int, Seat]:
    seats: dict[int, Seat] = {}
    announce("seats_of", workshop_id=workshop_id, into=seats)
    return seats


def _page(workshop_id: int, *, named: bool = False) -> str:
    workshop, seats, opened = workshops.get_named(workshop_id), _seats(workshop_id), queries.of_workshop(workshop_id)
    return render_template(
        "needs/list.html",
        workshop=workshop,
        counts=shown.counts(opened, seats),
        lines=shown.names(opened, seats) if named else None,
        days=service.kept_days(),
        letters=shown.find_letters(workshop, reader_zone(), now()),
        without_letter=shown.without_letter(opened, seats, workshop),
    )
