"""Staff: how far a workshop's last change has come in people's own calendars, and whom to write to."""

from __future__ import annotations

from flask import render_template

from app.errors import Missing
from app.feeds.fetching import queries
from app.web import Door
from app.workshops import queries as workshops

door = Door(__name__, "/staff/workshops/<int:workshop_id>/calendars")
MOST_SHOWN = 200


@door.get("/")
def calendars(workshop_id: int) -> str:
    """The counts, and whose calendar has not been fetched since. Raises Missing for a draft, which stands in no calendar."""
    workshop = workshops.get_named(workshop_id)
    if workshop.state == "draft":
        raise Missing
    found = queries.readers(workshop_id, workshop.changed_at)
    behind = queries.behind(found)
    return render_template(
        "feeds/fetching.html",
        workshop=workshop,
        people=len(found),
        with_calendar=sum(one.calendars > 0 for one in found),
        calendars=sum(one.calendars for one in found),
        fetched=sum(one.fetched for one in found),
        behind=behind,
        shown=behind[:MOST_SHOWN],
    )
