"""Writing down who was there: one press at the door, taps that come late, or a signed sheet typed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.attendance import queries
from app.attendance.models import Attendance, CountedSession, SessionAttendance, Tap
from app.attendance.rules import Slot, the_way
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.registrations import seats
from app.registrations.log import note
from app.registrations.models import Registration
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession


@dataclass(frozen=True)
class Wish:
    """That somebody was at a slot, or was not after all. `key` is the device's own name for this press; `at` when it was."""

    registration_id: int
    slot: str
    present: bool
    at: datetime
    key: str = ""
    way: str = "on_site"
    source: str = "list"


@dataclass(frozen=True)
class Outcome:
    """What became of a wish: `written`, `known` (sent before, or so already), `later` (somebody said otherwise later), `refused`
    with words, `missing` (no such person or slot here)."""

    wish: Wish
    what: str
    name: str = ""
    words: str = ""


@dataclass(frozen=True)
class Change:
    """One box of the staff's grid that was changed."""

    registration_id: int
    slot: str
    present: bool


def record_attendance(
    registration_id: int, day_id: int, half: str, *, present: bool, by: Actor, now: datetime, way: str = "on_site", source: str = "list"
) -> None:
    """Somebody was there for half a day, or was not after all. Twice is once. Raises Missing, Refused."""
    registration = db.session.get(Registration, registration_id)
    if registration is None:
        raise Missing
    wish = Wish(registration_id, f"{day_id}-{half}", present, now, way=way, source=source)
    (outcome,) = take(registration.workshop_id, [wish], by=by, now=now)
    if outcome.what == "missing":
        raise Missing
    if outcome.what == "refused":
        raise Refused(outcome.words)


def take(workshop_id: int, wishes: Sequence[Wish], *, by: Actor, now: datetime) -> list[Outcome]:
    """Writes what was pressed at the door, perhaps hours ago without network; each wish has its own outcome.

    A wish that was sent before is not written again. Of several about the same person and slot the one pressed last counts,
    in whatever order they come. Raises Missing for a workshop that does not take place.
    """
    return retrying(lambda: _take(workshop_id, wishes, by=by, now=now))


def _take(workshop_id: int, wishes: Sequence[Wish], *, by: Actor, now: datetime) -> list[Outcome]:
    with transaction():
        workshop = _locked(workshop_id)
        door = _open(workshop, wishes)
        return [_one(door, wish, by=by, now=now) for wish in sorted(wishes, key=lambda one: one.at)]


@dataclass(frozen=True)
class _Door:
    """What is known while wishes are written: people and slots by their names, and what was said before."""

    workshop: Workshop
    slots: dict[str, Slot]
    people: dict[int, Registration]
    marks: dict[int, dict[str, str]]
    keys: set[str]
    last: dict[tuple[int, str], datetime]


def _open(workshop: Workshop, wishes: Sequence[Wish]) -> _Door:
    """All of it with six statements, however many wishes there are."""
    numbers = sorted({wish.registration_id for wish in wishes})
    keys = [wish.key for wish in wishes if wish.key]
    taps = select(Tap.registration_id, Tap.slot, Tap.at).where(Tap.registration_id.in_(numbers)).order_by(Tap.at)
    return _Door(
        workshop,
        {slot.code: slot for slot in queries.slots_of(workshop.id)},
        queries.people(workshop.id, numbers),
        queries.marks_of(workshop.id),
        set(db.session.scalars(select(Tap.key).where(Tap.key.in_(keys)))),
        {(number, slot): at for number, slot, at in db.session.execute(taps)},
    )


def _one(door: _Door, wish: Wish, *, by: Actor, now: datetime) -> Outcome:
    registration, slot = door.people.get(wish.registration_id), door.slots.get(wish.slot)
    if registration is None or slot is None:
        return Outcome(wish, "missing", words=_changed())
    name, place = registration.person.name, (wish.registration_id, wish.slot)
    if wish.key and wish.key in door.keys:
        return Outcome(wish, "known", name)
    if words := _why_not(door.workshop, registration, slot, wish):
        return Outcome(wish, "refused", name, words)
    door.keys.add(wish.key)
    _tap(wish, by)
    if place in door.last and door.last[place] > wish.at:
        return Outcome(wish, "later", name)
    door.last[place] = wish.at
    if not _write(door, wish, by):
        return Outcome(wish, "known", name)
    action = "attendance.recorded" if wish.present else "attendance.undone"
    note(action, registration, by=by, now=now, slot=wish.slot, source=wish.source)
    return Outcome(wish, "written", name)


def _locked(workshop_id: int) -> Workshop:
    """The workshop, held until the commit: two helpers at two doors write one after the other."""
    workshop = seats.lock(workshop_id)
    if workshop is None or workshop.state != "published":
        raise Missing
    return workshop


def _changed() -> str:
    return _("The days or the people have changed meanwhile. Load the page again.")


def _why_not(workshop: Workshop, registration: Registration, slot: Slot, wish: Wish) -> str:
    """Why somebody cannot be marked; nothing when they can. To take a mark back is always right."""
    if not wish.present:
        return ""
    name = registration.person.name
    if registration.state == "waitlisted":
        return _("%(name)s is on the waiting list. Only somebody with a seat can be checked in.", name=name)
    if registration.state != "confirmed":
        return _("%(name)s has no seat. Only somebody with a seat can be checked in.", name=name)
    if slot.on > wish.at.astimezone(ZoneInfo(workshop.zone)).date():
        return _("That day is still to come: nobody can be checked in before it.")
    return ""


def _tap(wish: Wish, by: Actor) -> None:
    row = Tap(key=wish.key or str(uuid4()), registration_id=wish.registration_id, slot=wish.slot, present=wish.present, at=wish.at)
    row.by = by.name
    db.session.add(row)


def _write(door: _Door, wish: Wish, by: Actor) -> bool:
    """Whether the mark had to be changed; flushed, because the next wish may take it back."""
    mine, slot = door.marks.setdefault(wish.registration_id, {}), door.slots[wish.slot]
    if wish.present == (wish.slot in mine):
        return False
    if wish.present:
        mine[wish.slot] = way = the_way(door.workshop.format, wish.way)
        row = _row(wish.registration_id, slot)
        row.way, row.source, row.at, row.by = way, wish.source, wish.at, by.name
        db.session.add(row)
    else:
        del mine[wish.slot]
        db.session.delete(_found(wish.registration_id, slot))
    db.session.flush()
    return True


def _row(registration_id: int, slot: Slot) -> Attendance | SessionAttendance:
    if slot.session_id is None:
        return Attendance(registration_id=registration_id, day_id=slot.day_id, half=slot.half)
    return SessionAttendance(registration_id=registration_id, session_id=slot.session_id)


def _found(registration_id: int, slot: Slot) -> Attendance | SessionAttendance:
    mine = {"registration_id": registration_id}
    if slot.session_id is None:
        return db.session.scalars(select(Attendance).filter_by(**mine, day_id=slot.day_id, half=slot.half)).one()
    return db.session.scalars(select(SessionAttendance).filter_by(**mine, session_id=slot.session_id)).one()


def save_sheet(workshop_id: int, changes: Sequence[Change], *, way: str, by: Actor, now: datetime) -> tuple[int, int]:
    """Writes the changed boxes of the staff's grid, all or none: how many were marked, how many taken back.

    Only what was changed is sent, so that two people at two sheets do not undo each other; a box that the other one has
    changed in the same way is left as it is. Raises Missing, Refused.
    """
    wishes = [Wish(one.registration_id, one.slot, one.present, now, way=way, source="typed") for one in changes]
    return retrying(lambda: _save_sheet(workshop_id, wishes, by=by, now=now))


def _save_sheet(workshop_id: int, wishes: Sequence[Wish], *, by: Actor, now: datetime) -> tuple[int, int]:
    with transaction():
        door = _open(_locked(workshop_id), wishes)
        if problems := dict.fromkeys(_not_possible(door, wishes)):
            raise Refused(problems={f"problem-{place}": words for place, words in enumerate(problems)})
        written = [wish for wish in wishes if _write(door, wish, by)]
        for wish in written:
            _tap(wish, by)
        marked = sum(wish.present for wish in written)
        if written:
            boxes = {f"{wish.registration_id}:{wish.slot}": wish.present for wish in written}
            topic = f"workshop:{workshop_id}"
            record("attendance.typed", topic, by=by, now=now, marked=marked, cleared=len(written) - marked, boxes=boxes)
        return marked, len(written) - marked


def _not_possible(door: _Door, wishes: Iterable[Wish]) -> Iterator[str]:
    for wish in wishes:
        registration, slot = door.people.get(wish.registration_id), door.slots.get(wish.slot)
        if registration is None or slot is None:
            yield _changed()
        elif words := _why_not(door.workshop, registration, slot, wish):
            yield words


def count_sessions(workshop_id: int, session_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Attendance is taken by itself at these sessions of a workshop, and at no others.

    Raises Missing, Refused when somebody was at one that is left out.
    """
    retrying(lambda: _count_sessions(workshop_id, frozenset(session_ids), by=by, now=now))


def _count_sessions(workshop_id: int, wanted: frozenset[int], *, by: Actor, now: datetime) -> None:
    with transaction():
        _locked(workshop_id)
        mine = select(WorkshopSession.id).join(WorkshopSession.day).where(WorkshopDay.workshop_id == workshop_id)
        if not wanted <= set(db.session.scalars(mine)):
            raise Missing
        rows = db.session.scalars(select(CountedSession).where(CountedSession.session_id.in_(mine))).all()
        before = {row.session_id: row for row in rows}
        gone = set(before) - wanted
        if gone & set(queries.attended_sessions(workshop_id)):
            raise Refused(problems={"sessions": _("Somebody is marked present at that session. Take the marks back first.")})
        for number in gone:
            db.session.delete(before[number])
        db.session.add_all(CountedSession(session_id=number) for number in sorted(wanted - set(before)))
        if set(before) != wanted:
            record("attendance.sessions", f"workshop:{workshop_id}", by=by, now=now, number=len(wanted))
