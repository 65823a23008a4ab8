"""What becomes of reminders when a workshop moves, stops or changes its words, and when somebody leaves or wants none.

All of it happens inside the transaction of the change itself: after its commit no mail leaves with the old time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.accounts.models import Person
from app.database import db, transaction
from app.outbox import service as outbox
from app.registrations.models import Registration
from app.registrations.queries import by_manage_token
from app.reminders import planning, queries, service
from app.reminders.models import Occurrence
from app.reminders.rewriting import take_back, write_again
from app.reminders.rules import DEADLINES, moved_far
from app.workshops.models import Workshop

TAKEN_BACK = ("superseded", "cancelled")


def replan(workshop: Workshop, started_at: datetime | None, now: datetime) -> None:
    """New dues after a move. What has gone out goes again, once, when the start moved far and the new due is ahead; what hangs on a
    deadline, when that did.

    A due that the move has pushed into the past, or that has passed while the workshop was stopped, is due now, or missed.
    Mails not yet sent are written anew. `started_at` is the old start; None when the workshop comes back after a pause.
    """
    service.plan_workshop(workshop.id, now)
    far = started_at is None or (workshop.starts_at is not None and moved_far(started_at, workshop.starts_at))
    again = []
    for row in _latest(workshop.id):
        due = planning.due_of(row.rule, workshop, row.zone)
        if due is None:
            continue
        anew = far or (row.rule.anchor in DEADLINES and moved_far(row.due_at, due.at))
        if row.state in {"planned", "held", "stopped"} and due.at <= now:
            state = "missed" if due.useful_until <= now else "held" if row.state == "held" else "planned"
            service.alter(row.id, planning.values_of(due, workshop) | {"due_at": now, "state": state})
        elif due.at > now and (row.state == "missed" or (row.state == "expanded" and anew)):
            again.append(planning.row_of(row.rule_id, workshop, row.zone, due, now, row.generation + 1))
        elif due.at > now and row.hurried_at is not None and anew:  # it stands on the clock still: as if it had gone
            service.alter(row.id, {"generation": row.generation + 1, "hurried_at": None})
    service.insert(again)
    _keep_in_step(workshop.id)
    renew(workshop, now)
    if started_at is None:
        subjects = [f"registration:{number}" for number in queries.registration_ids(workshop.id)]
        write_again(queries.messages_about(subjects, TAKEN_BACK), now)


def _keep_in_step(workshop_id: int) -> None:
    """What is still to go counts as the newest generation on every clock: whoever comes over from one where the old one
    has gone is reminded of the new date all the same.
    """
    rows = _latest(workshop_id)
    newest = {row.rule_id: row.generation for row in sorted(rows, key=lambda row: row.generation)}
    for row in rows:
        if row.generation < newest[row.rule_id]:
            service.alter(row.id, {"generation": newest[row.rule_id]}, ("planned", "held"))


def renew(workshop: Workshop, now: datetime) -> None:
    """Reminders of this workshop that have not left are written anew, with its words and hours as they are now."""
    db.session.flush()
    people = [r for r in queries.registrations([workshop.id]) if r.workshop_id == workshop.id]
    subjects = [f"registration:{registration.id}" for registration in people]
    write_again(take_back(subjects, "superseded"), now)


def renew_for(person: Person, now: datetime) -> None:
    """The same for all that waits for one person."""
    db.session.flush()
    mine = queries.of_person(person.id, now)
    queries.hold(registration.workshop_id for registration in mine)
    subjects = [f"registration:{registration.id}" for registration in mine]
    write_again(take_back(subjects, "superseded"), now)


def cancel(workshop: Workshop, now: datetime) -> None:
    """Nothing more leaves about this workshop; what shared a mail with it goes on alone."""
    db.session.flush()
    for row in _latest(workshop.id):
        service.alter(row.id, {"state": "stopped"}, ("planned", "held"))
    subjects = [f"registration:{number}" for number in queries.registration_ids(workshop.id)]
    withdrawn = take_back(subjects, "cancelled")
    outbox.withdraw_each(subjects, kinds=["reminder"])  # what may have arrived is not sent again either
    write_again({message.id: message for message in [*withdrawn, *queries.messages_about(subjects, TAKEN_BACK)]}.values(), now)


def leave(registration: Registration, now: datetime) -> None:
    """Somebody has no seat any more: no reminder; other workshops of the same mail are reminded of in one of their own."""
    subjects = [f"registration:{registration.id}"]
    outbox.withdraw_each(subjects, kinds=["reminder"])
    write_again(queries.messages_about(subjects, TAKEN_BACK), now)


def stop(token: str, *, now: datetime) -> Sequence[Registration]:
    """No more reminders to this person, by the link of a registration. Twice is once. Raises Missing."""
    with transaction():
        registration = by_manage_token(token)
        return _stop(registration.person, queries.of_same_person(registration, now))


def start(token: str, *, now: datetime) -> Sequence[Registration]:
    """Reminders again; those taken back when they were stopped too, as far as they still help. Raises Missing."""
    with transaction():
        registration = by_manage_token(token)
        return _start(registration.person, queries.of_same_person(registration, now), now)


def stop_all(person: Person, *, now: datetime) -> None:
    """The same by the person's own page."""
    _stop(person, queries.of_person(person.id, now))


def start_all(person: Person, *, now: datetime) -> None:
    """The same by the person's own page."""
    _start(person, queries.of_person(person.id, now), now)


def _stop(person: Person, mine: Sequence[Registration]) -> Sequence[Registration]:
    _switch(person, mine, off=True)
    outbox.withdraw_each([f"registration:{registration.id}" for registration in mine], kinds=["reminder"])
    return mine


def _start(person: Person, mine: Sequence[Registration], now: datetime) -> Sequence[Registration]:
    _switch(person, mine, off=False)
    subjects = [f"registration:{registration.id}" for registration in mine]
    write_again(queries.messages_about(subjects, ("cancelled",)), now)
    return mine


def _switch(person: Person, mine: Sequence[Registration], *, off: bool) -> None:
    """Holds the workshops first, as the planner does when it writes: what it has written by then is seen here."""
    queries.hold(registration.workshop_id for registration in mine)
    person.reminders_off = off  # for what they will register for too
    for registration in mine:
        registration.reminders_off = off
    db.session.flush()


def _latest(workshop_id: int) -> Sequence[Occurrence]:
    """The newest generation of each rule and zone."""
    return list(queries.newest_of([workshop_id]).values())
