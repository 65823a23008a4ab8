"""What becomes of reminders when a workshop moves, stops or changes its words, and when somebody leaves.

All of it happens inside the transaction of the change itself: after its commit no mail leaves with the old time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.database import db
from app.outbox import service as outbox
from app.outbox.models import Message
from app.registrations.models import Registration
from app.reminders import letters, planning, queries, service
from app.reminders.models import Occurrence
from app.reminders.rules import moved_far
from app.workshops.models import Workshop

UNSENT = ("pending", "held", "sending", "failed", "uncertain", "expired")  # or might yet be sent again by staff
TAKEN_BACK = ("superseded", "cancelled")


def replan(workshop: Workshop, started_at: datetime | None, now: datetime) -> None:
    """New dues after a move. What has gone out goes again, once, when the start moved far and the new due is ahead.

    A due that the move has pushed into the past is due now, or missed. Mails not yet sent are written anew.
    `started_at` is the old start; None when the workshop comes back after a pause.
    """
    service.plan_workshop(workshop.id, now)
    far = started_at is None or (workshop.starts_at is not None and moved_far(started_at, workshop.starts_at))
    again = []
    for row in _latest(workshop.id):
        due = planning.due_of(row.rule, workshop, row.zone)
        if due is None:
            continue
        if row.state in {"planned", "held"} and due.at <= now:
            state = row.state if due.useful_until > now else "missed"
            service.alter(row.id, planning.values_of(due, workshop) | {"due_at": now, "state": state})
        elif due.at > now and (row.state == "missed" or (row.state == "expanded" and far)):
            again.append(planning.row_of(row.rule_id, workshop, row.zone, due, now, row.generation + 1))
    service.insert(again)
    renew(workshop, now)
    if started_at is None:
        subjects = [f"registration:{number}" for number in queries.registration_ids(workshop.id)]
        _write_again(queries.messages_about(subjects, TAKEN_BACK), now)


def renew(workshop: Workshop, now: datetime) -> None:
    """Reminders of this workshop that have not left are written anew, with its words and hours as they are now."""
    db.session.flush()
    people = [r for r in queries.registrations([workshop.id]) if r.workshop_id == workshop.id]
    subjects = [f"registration:{registration.id}" for registration in people]
    _write_again(_take_back(subjects, "superseded"), now)


def cancel(workshop: Workshop, now: datetime) -> None:
    """Nothing more leaves about this workshop; what shared a mail with it goes on alone."""
    db.session.flush()
    for row in _latest(workshop.id):
        service.alter(row.id, {"state": "cancelled"}, ("planned", "held"))
    subjects = [f"registration:{number}" for number in queries.registration_ids(workshop.id)]
    withdrawn = _take_back(subjects, "cancelled")
    _write_again({message.id: message for message in [*withdrawn, *queries.messages_about(subjects, TAKEN_BACK)]}.values(), now)


def leave(registration: Registration, now: datetime) -> None:
    """Somebody has no seat any more: no reminder; other workshops of the same mail are reminded of in one of their own."""
    subjects = [f"registration:{registration.id}"]
    _take_back(subjects, "cancelled")
    _write_again(queries.messages_about(subjects, TAKEN_BACK), now)


def _latest(workshop_id: int) -> Iterable[Occurrence]:
    """The newest generation of each rule and zone."""
    return {(row.rule_id, row.zone): row for row in queries.occurrences([workshop_id])}.values()


def _take_back(subjects: Sequence[str], state: str) -> Sequence[Message]:
    """Withdraws the reminders about these subjects that have not left; which they were."""
    if not subjects:
        return []
    messages = queries.messages_about(subjects, UNSENT)
    for subject in sorted({item.subject for message in messages for item in message.items} & set(subjects)):
        outbox.withdraw(subject, kinds=["reminder"], state=state)
    return messages


def _write_again(messages: Iterable[Message], now: datetime) -> None:
    """One new mail for each that was taken back, about those of its items that still hold."""
    messages = [message for message in messages if message.expires_at > now]
    keys = {message.id: [item.dedupe for item in message.items] for message in messages}
    if not keys:
        return
    numbers = {_parts(key)[1] for group in keys.values() for key in group}
    people = {registration.id: registration for registration in queries.active(numbers)}
    rows = queries.newest_of({registration.workshop_id for registration in people.values()})
    for message_id, group in keys.items():
        ready = []
        for key in group:
            rule_id, number, generation = _parts(key)
            registration = people.get(number)
            row = rows.get((rule_id, registration.workshop_id, registration.person.zone)) if registration else None
            if registration and row and row.generation == generation and row.useful_until > now:
                ready.append(letters.ready(row, registration, suffix=f":again:{message_id.hex[:8]}"))
        if ready:
            letter = letters.compose(ready, now)
            outbox.queue(letter.mail, now=now)


def _parts(key: str) -> tuple[int, int, int]:
    """Rule, registration and generation out of 'rule:3:registration:12:generation:1…'."""
    parts = key.split(":")
    return int(parts[1]), int(parts[3]), int(parts[5])
