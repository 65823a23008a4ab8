"""What the staff have before them of all that is coming: what is soon, where people wait, which drafts there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.database import db
from app.registrations.models import Registration
from app.workshops.models import Workshop
from app.workshops.queries import NEWEST, tab_of


@dataclass(frozen=True)
class Desk:
    """The rows, with their texts and days, and how many there are besides."""

    total: int  # workshops of any state
    later: int  # how many begin after those that are soon
    soon: list[Workshop]  # what begins before a day, the nearest first
    queues: list[tuple[Workshop, int, int]]  # those with somebody who has asked for a seat, or waits for one: how many do
    drafts: list[Workshop]  # the newest first


def read(now: datetime, until: datetime) -> Desk:
    """What needs the staff of all that is coming: two statements, and of the rest only how much it is."""
    asked, waits = (_queue(state) for state in ("requested", "waitlisted"))
    coming = tab_of("coming", now)
    later = func.count().filter(coming & (Workshop.starts_at >= until))
    counts = select(func.count().label("total"), later.label("later")).select_from(Workshop).subquery()
    here = or_(coming & (Workshop.starts_at < until), coming & (asked + waits > 0), tab_of("draft", now))
    wanted = select(Workshop, asked, waits, counts).select_from(counts).outerjoin(Workshop, here)
    wanted = wanted.options(joinedload(Workshop.days), selectinload(Workshop.texts)).order_by(*NEWEST)
    rows = db.session.execute(wanted).unique().all()  # at least one: the counts stand there though there is no workshop
    found = [(row[0], row[1], row[2]) for row in rows if row[0] is not None]
    ahead = sorted((row for row in found if row[0].state == "published"), key=lambda row: (row[0].starts_at, row[0].id))
    return Desk(
        total=rows[0].total,
        later=rows[0].later,
        soon=[workshop for workshop, _asked, _waits in ahead if workshop.starts_at and workshop.starts_at < until],
        queues=[row for row in ahead if row[1] or row[2]],
        drafts=[workshop for workshop, _asked, _waits in found if workshop.state == "draft"],
    )


def _queue(state: str) -> ScalarSelect[int]:
    wanted = select(func.count()).where(Registration.workshop_id == Workshop.id, Registration.state == state)
    return wanted.correlate(Workshop).scalar_subquery()
