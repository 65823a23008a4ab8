"""Reminders in the outbox that do not say what they should any more: taken back, and written anew as things are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.database import db, transaction
from app.outbox import service as outbox
from app.outbox.models import Message
from app.outbox.rules import SET_ASIDE, STOPPED
from app.registrations.models import Registration
from app.registrations.travelling import without_letter
from app.reminders import letters, planning, queries
from app.reminders.letters import Ready
from app.reminders.models import Occurrence
from app.reminders.rules import fits, known_zone

AT_ONCE = 50  # mails in one transaction
UNSENT = ("pending", "held", "sending", "failed", "expired")  # surely not there yet; what may have arrived is staff's to judge


def take_back(subjects: Sequence[str], state: str) -> Sequence[Message]:
    """Withdraws the reminders about these subjects that have not left; which they were."""
    if not subjects:
        return []
    messages = queries.messages_about(subjects, UNSENT)
    outbox.withdraw_these([message.id for message in messages], state=state)
    return messages


def write_again(messages: Iterable[Message], now: datetime) -> None:
    """One new mail for each that was taken back, about those of its items that still hold and that no other mail has taken up;
    none for one that had left, or that staff have set aside. Inside the transaction of whatever made them wrong.
    """
    gone = [message for message in messages if message.sent_at is None and message.error not in {SET_ASIDE, STOPPED}]
    keys = {message.id: [item.dedupe for item in message.items] for message in gone}
    if not keys:
        return
    numbers = {_parts(key)[1] for group in keys.values() for key in group}
    people = {registration.id: registration for registration in queries.active(numbers)}
    workshops = {registration.workshop_id for registration in people.values()}
    queries.hold(workshops)  # nobody else writes about them meanwhile
    rows, skipped = queries.newest_of(workshops), queries.skipped(workshops)
    letterless = queries.without_letter((row.rule for row in rows.values()), workshops)
    crowd = letters.Crowd(people.values(), queries.attended(workshops), noted=workshops, letterless=letterless)
    wanted: list[list[Ready]] = []
    for message_id, group in keys.items():
        ready: list[Ready] = []
        for key in group:
            rule_id, number, generation = _parts(key)
            registration = people.get(number)
            row = _row_of(registration, rule_id, generation, rows) if registration else None
            if not registration or not row or not row.rule.enabled or (row.rule_id, row.workshop_id) in skipped:
                continue
            if fits(row.rule.applies_to, registration.workshop.format) and crowd.is_meant(row.rule.whom, registration):
                as_it_is = letters.ready(row, registration, crowd.besides(row, registration))
                ready += _still_useful(as_it_is, row, f":again:{message_id.hex[:8]}", now)
        wanted.append(ready)
    there = queries.written([one.key for ready in wanted for one in ready])
    fresh = [left for ready in wanted if (left := [one for one in ready if one.key not in there])]
    outbox.queue_all([letters.compose(ready, now).mail for ready in fresh], now=now)


def drop_letters(registration: Registration, now: datetime) -> None:
    """Whoever has asked for a letter for a visa is not reminded to: what has not left goes without that, and the log of mails, which
    staff read and which is kept, does not say so. Whoever calls holds the workshop, so that nobody writes such a reminder meanwhile."""
    db.session.flush()
    if without_letter(Registration.id == registration.id):
        return
    subject = f"registration:{registration.id}"
    messages, rules = queries.messages_about([subject], UNSENT), queries.rules_about(registration.workshop, "letters")
    keys = {rule.id for rule in rules}
    stale = [one for one in messages if any(item.subject == subject and _parts(item.dedupe)[0] in keys for item in one.items)]
    outbox.leave_no_trace([message.id for message in stale], state="superseded")
    write_again(stale, now)


def refresh(now: datetime) -> None:
    """What waits since another day of its reader's calendar is written anew: 'tomorrow' must not leave on the day itself.

    A mail that may have arrived already stays as it is: its copy must be a copy.
    """
    late = [number for number, due_at, zone in queries.waiting(now) if _is_another_day(due_at, now, zone)]
    for first in range(0, len(late), AT_ONCE):
        numbers = late[first : first + AT_ONCE]
        with transaction():
            queries.hold(queries.workshops_of(numbers))  # before the mails, as whoever moves a workshop does
            messages = queries.waiting_still(now, numbers)
            outbox.withdraw_these([message.id for message in messages], state="superseded")
            write_again(messages, now)


def _is_another_day(one: datetime, other: datetime, zone: str) -> bool:
    clock = ZoneInfo(known_zone(zone, "UTC"))
    return one.astimezone(clock).date() != other.astimezone(clock).date()


def _row_of(
    registration: Registration, rule_id: int, generation: int, rows: Mapping[tuple[int, int, str], Occurrence]
) -> Occurrence | None:
    """The occurrence that a mail belongs to; None if a newer one is to come. Its reader may have changed clocks since."""
    own = rows.get((rule_id, registration.workshop_id, registration.person.zone))
    if own is not None and own.generation >= generation:
        return own if own.generation == generation else None
    same = [
        row for row in rows.values() if (row.rule_id, row.workshop_id, row.generation) == (rule_id, registration.workshop_id, generation)
    ]
    return next(iter(same), None)


def _still_useful(ready: Ready, row: Occurrence, suffix: str, now: datetime) -> list[Ready]:
    """The reminder of what has been expanded, with the limit that follows from today's times; none if that has passed,
    or if the person came back after it was due: their confirmation says it all.
    """
    registration = ready.registration
    due = planning.due_of(row.rule, registration.workshop, registration.person.zone)
    came = registration.confirmed_at or registration.queued_at
    if due is None or due.useful_until <= now or came > row.due_at:
        return []
    return [replace(ready, key=ready.key + suffix, useful_until=due.useful_until)]


def _parts(key: str) -> tuple[int, int, int]:
    """Rule, registration and generation out of 'rule:3:registration:12:generation:1…'."""
    parts = key.split(":")
    return int(parts[1]), int(parts[3]), int(parts[5])
