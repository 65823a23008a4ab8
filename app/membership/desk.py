"""What the staff have before them of all that is coming: what is soon, where people wait, which drafts there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.database import db
from app.membership.interest import queries as interests
from app.registrations.models import Registration
from app.registrations.queries import awaited
from app.workshops.models import Workshop
from app.workshops.queries import NEWEST, tab_of


@dataclass(frozen=True)
class Desk:
    """The rows, with their texts and days, and how many there are besides."""

    total: int  # workshops of any state
    later: int  # how many begin after those that are soon
    soon: list[Workshop]  # what begins before a day, the nearest first
    queues: list[tuple[Workshop, int, int, int]]  # where people have asked for a seat, wait for one, have not answered a new date
    drafts: list[Workshop]  # the newest first
    interests: int  # expressions of interest that wait for an answer


def read(now: datetime, until: datetime) -> Desk:
    """What needs the staff of all that is coming: two statements, and of the rest only how much it is."""
    asked, waits, silent = (_number(who) for who in (Registration.state == "requested", Registration.state == "waitlisted", awaited()))
    coming = tab_of("coming", now)
    later = func.count().filter(coming & (Workshop.starts_at >= until))
    applying = interests.waiting().label("interests")
    counts = select(func.count().label("total"), later.label("later"), applying).select_from(Workshop).subquery()
    here = or_(coming & (Workshop.starts_at < until), coming & (asked + waits + silent > 0), tab_of("draft", now))
    wanted = select(Workshop, asked, waits, silent, counts).select_from(counts).outerjoin(Workshop, here)
    wanted = wanted.options(joinedload(Workshop.days), selectinload(Workshop.texts)).order_by(*NEWEST)
    rows = db.session.execute(wanted).unique().all()  # at least one: the counts stand there though there is no workshop
    found = [(row[0], row[1], row[2], row[3]) for row in rows if row[0] is not None]
    ahead = sorted((row for row in found if row[0].state == "published"), key=lambda row: (row[0].starts_at, row[0].id))
    return Desk(
        total=rows[0].total,
        later=rows[0].later,
        interests=rows[0].interests,
        soon=[workshop for workshop, *_queues in ahead if workshop.starts_at and workshop.starts_at < until],
        queues=[row for row in ahead if any(row[1:])],
        drafts=[workshop for workshop, *_queues in found if workshop.state == "draft"],
    )


def _number(who: ColumnElement[bool]) -> ScalarSelect[int]:
    wanted = select(func.count()).where(Registration.workshop_id == Workshop.id, who)
    return wanted.correlate(Workshop).scalar_subquery()
