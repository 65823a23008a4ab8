"""The staff's table of workshops: a row, its stage, its tabs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.languages import gettext as _
from app.languages import span
from app.workshops.models import Workshop
from app.workshops.rules import stage
from app.workshops.showing.shown import Seats, Tag, other_lang, where_short


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
