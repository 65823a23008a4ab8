"""Reads of who was there: for the door, for the staff's grid, for certificates, for the commitment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from app.attendance.models import Attendance, CountedSession, SessionAttendance
from app.attendance.rules import AFTER, BEFORE, MIDDAY, Day, Slot, attended, is_no_show, minutes_attended, slots
from app.database import db
from app.registrations.models import Registration
from app.registrations.queries import named
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession


@dataclass(frozen=True)
class Summary:
    """What one person with a seat was there for: how many of the workshop's half-days, how long, and whether that is enough."""

    registration_id: int
    half_days: int
    of: int
    minutes: int
    attended: bool
    no_show: bool
    marks: frozenset[str]  # the codes of rules.Slot, sessions among them
    over: bool  # before the end all of it is so far only


def summary(workshop_id: int, now: datetime) -> list[Summary]:
    """A row for everybody with a seat, in the order in which people came, with three statements however many there are.

    This is the one answer to who has attended: certificates, lists and reports ask here; `attended_registrations` is
    the same rule for statements over many workshops.
    """
    wanted = select(Registration.id, Workshop.state, Workshop.ends_at).join(Registration.workshop)
    wanted = wanted.where(Registration.workshop_id == workshop_id, Registration.state == "confirmed")
    rows = db.session.execute(wanted.order_by(Registration.queued_at, Registration.id)).all()
    there, marks = slots_of(workshop_id), marks_of(workshop_id)
    half_days = [slot.code for slot in there if slot.half]
    found = []
    for registration_id, state, ends_at in rows:
        mine = frozenset(marks.get(registration_id, {}))
        over = state == "published" and ends_at is not None and ends_at <= now
        found.append(
            Summary(
                registration_id,
                half_days=len(mine.intersection(half_days)),
                of=len(half_days),
                minutes=minutes_attended(there, mine),
                attended=attended(mine, half_days, threshold()),
                no_show=is_no_show(mine, over=over),
                marks=mine,
                over=over,
            )
        )
    return found


def threshold() -> int:
    """The setting ATTENDANCE_THRESHOLD: how many per cent of the half-days are enough."""
    number: int = current_app.config["CONFIG"].number("attendance_threshold")
    return number


def slots_of(workshop_id: int) -> tuple[Slot, ...]:
    """What one can be present at, in the order of time: half-days, and the sessions at which attendance is taken."""
    counted = select(WorkshopSession.id, WorkshopSession.day_id, WorkshopSession.starts, WorkshopSession.ends)
    here = counted.join(CountedSession, CountedSession.session_id == WorkshopSession.id).subquery()
    wanted = (
        select(
            WorkshopDay.id,
            WorkshopDay.on,
            WorkshopDay.starts,
            WorkshopDay.ends,
            here.c.id,
            here.c.starts,
            here.c.ends,
        )
        .outerjoin(here, here.c.day_id == WorkshopDay.id)
        .where(WorkshopDay.workshop_id == workshop_id)
    )
    days: dict[int, Day] = {}
    for day_id, on, starts, ends, session_id, begins, stops in db.session.execute(wanted):
        before = days[day_id].sessions if day_id in days else ()
        more = ((session_id, begins, stops),) if session_id is not None else ()
        days[day_id] = Day(day_id, on, starts, ends, (*before, *more))
    return slots(list(days.values()))


def marks_of(workshop_id: int) -> dict[int, dict[str, str]]:
    """For each registration: {code of the slot: on_site or online} of what somebody was there for."""
    here = Registration.workshop_id == workshop_id
    half_days = select(Attendance.registration_id, Attendance.day_id, Attendance.half, Attendance.way)
    sessions = select(SessionAttendance.registration_id, SessionAttendance.session_id, literal(""), SessionAttendance.way)
    both = union_all(
        half_days.join(Registration, Registration.id == Attendance.registration_id).where(here),
        sessions.join(Registration, Registration.id == SessionAttendance.registration_id).where(here),
    )
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for registration_id, number, half, way in db.session.execute(both):
        found[registration_id][f"{number}-{half}" if half else f"s{number}"] = way
    return dict(found)


def attended_registrations(workshop_ids: Collection[int] | None = None, *, way: str | None = None) -> Select[int]:
    """The numbers of the registrations that have attended, as rules.attended says it, to be joined to; only of these workshops,
    and counting only the half-days of one way (on_site, online).
    """
    begins, ends = WorkshopDay.starts < MIDDAY, WorkshopDay.ends > MIDDAY
    number = func.sum(case((begins, 1), else_=0) + case((ends, 1), else_=0))
    halves = select(WorkshopDay.workshop_id, number.label("number")).group_by(WorkshopDay.workshop_id)
    real = or_(and_(Attendance.half == "morning", begins), and_(Attendance.half == "afternoon", ends))
    there = select(Attendance.registration_id, WorkshopDay.workshop_id, func.count().label("number"))
    there = there.join(WorkshopDay, WorkshopDay.id == Attendance.day_id).where(real)
    if workshop_ids is not None:
        halves = halves.where(WorkshopDay.workshop_id.in_(workshop_ids))
        there = there.where(WorkshopDay.workshop_id.in_(workshop_ids))
    if way is not None:
        there = there.where(Attendance.way == way)
    of, mine = halves.subquery(), there.group_by(Attendance.registration_id, WorkshopDay.workshop_id).subquery()
    enough = mine.c.number * 100 >= threshold() * of.c.number
    return select(mine.c.registration_id).join(of, of.c.workshop_id == mine.c.workshop_id).where(enough)


def were_there(workshop_ids: Collection[int]) -> frozenset[int]:
    """The registrations of those who were there at all, however short."""
    half_days = select(Registration.id).join(Attendance, Attendance.registration_id == Registration.id)
    sessions = select(Registration.id).join(SessionAttendance, SessionAttendance.registration_id == Registration.id)
    here = Registration.workshop_id.in_(list(workshop_ids))
    return frozenset(db.session.scalars(union_all(half_days.where(here), sessions.where(here))))


def people(workshop_id: int, registration_ids: Sequence[int]) -> dict[int, Registration]:
    """Some of a workshop's registrations with their persons, read anew; others' are left out."""
    wanted = select(Registration).options(joinedload(Registration.person)).execution_options(populate_existing=True)
    rows = db.session.scalars(wanted.where(Registration.workshop_id == workshop_id, Registration.id.in_(registration_ids)))
    return {row.id: row for row in rows}


def near(now: datetime) -> Sequence[Workshop]:
    """The workshops at which people are checked in these days, the nearest first, with words and days."""
    wanted = select(Workshop).options(selectinload(Workshop.texts), selectinload(Workshop.days))
    wanted = wanted.where(Workshop.state == "published", Workshop.starts_at <= now + BEFORE, Workshop.ends_at >= now - AFTER)
    return db.session.scalars(wanted.order_by(Workshop.starts_at, Workshop.id)).all()


def find_code(code: str) -> Registration | None:
    """Whose check-in code this is, whatever the state and the workshop."""
    return db.session.scalars(named().where(Registration.check_in_code == code)).one_or_none()


def counted_sessions(workshop_id: int) -> frozenset[int]:
    """The sessions of a workshop at which attendance is taken."""
    return frozenset(slot.session_id for slot in slots_of(workshop_id) if slot.session_id is not None)


def attended_days(workshop_id: int) -> Sequence[int]:
    """The days of a workshop at which somebody is checked in."""
    wanted = select(Attendance.day_id).join(WorkshopDay, WorkshopDay.id == Attendance.day_id)
    return db.session.scalars(wanted.where(WorkshopDay.workshop_id == workshop_id).distinct()).all()


def attended_sessions(workshop_id: int) -> Sequence[int]:
    """The sessions of a workshop at which somebody was."""
    wanted = select(SessionAttendance.session_id).join(WorkshopSession, WorkshopSession.id == SessionAttendance.session_id)
    wanted = wanted.join(WorkshopDay, WorkshopDay.id == WorkshopSession.day_id)
    return db.session.scalars(wanted.where(WorkshopDay.workshop_id == workshop_id).distinct()).all()
