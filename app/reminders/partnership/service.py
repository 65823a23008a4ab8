"""Reminds whoever belongs to a partnership of its dates: each of each once, whoever tries and however often.

There is no plan to keep in step: what is due follows from the date as it stands, so one that moves is reminded of on its new day, and
one that is done or called off no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Person
from app.database import end_reading, transaction
from app.membership.models import PartnershipEvent
from app.membership.partnership.entries import dated
from app.outbox import service as outbox
from app.registrations.coming.rules import by_day
from app.registrations.each import one_by_one
from app.reminders.partnership import mails, queries
from app.reminders.partnership.rules import Due, current
from app.reminders.rules import known_zone


@dataclass(frozen=True)
class Untold:
    """Somebody who is to hear of a date."""

    partnership_id: int
    event_id: int
    person_id: int
    key: str


def remind(*, now: datetime) -> int:
    """Everybody for whom something is due, by day on the own clock; each in a transaction of its own. How many."""
    end_reading()
    rows = queries.near(now)
    if not rows:
        return 0
    people = queries.readers({row.partnership_id for row in rows}, now.date())
    there = queries.written([row.id for row in rows])
    found, since = [], {}
    for row in rows:
        day = queries.day_of(row)
        for person in queries.concerned(people[row.partnership_id], row.kind):
            due = _due(person, current(day, known_zone(person.zone, "UTC"), now), now)
            key = key_of(row.id, person.id, due, there) if due is not None else None
            if due is not None and key is not None:
                found.append(Untold(row.partnership_id, row.id, person.id, key))
                since[key] = due.at
    gone = outbox.gone(since, now)
    end_reading()
    left = [one for one in found if one.key not in gone]
    return one_by_one(left, lambda one: _remind(one, now), "a partnership's date was not told of: %s")


def _due(person: Person, due: Due | None, now: datetime) -> Due | None:
    """Whoever sleeps is left for a later run."""
    return due if due is not None and by_day(now, known_zone(person.zone, "UTC")) == now else None


def _remind(one: Untold, now: datetime) -> bool:
    """Looks once more: the date may have moved meanwhile, the person may have left, another process may have been faster."""
    with transaction():
        queries.hold(one.partnership_id)
        rows = dated(PartnershipEvent.id == one.event_id)
        if not rows:
            return False
        readers = queries.readers([one.partnership_id], now.date(), only=one.person_id, still=True)[one.partnership_id]
        people = queries.concerned(readers, rows[0].kind)
        if not people:
            return False
        due = current(queries.day_of(rows[0]), known_zone(people[0].zone, "UTC"), now)
        if due is None or key_of(one.event_id, one.person_id, due, queries.written([one.event_id])) != one.key:
            return False
        return outbox.queue(mails.reminder(rows[0], people[0], due, one.key), now=now) is not None


def key_of(event_id: int, person_id: int, due: Due, there: Mapping[str, bool]) -> str | None:
    """What such a reminder is written under, once ever; None if it is written. One that was replaced before it had left is
    written again, under a name of its own."""
    key = f"partnership_event:{event_id}:{due.code}:{person_id}"
    mine = [name for name in there if name == key or name.startswith(f"{key}:again:")]
    if any(there[name] for name in mine):
        return None
    return f"{key}:again:{len(mine)}" if mine else key


def renew(event: PartnershipEvent) -> None:
    """A date is another, or done, or off: what has not left about it does not leave as it is. Joins the transaction of the change."""
    outbox.withdraw(queries.subject(event.id), kinds=["partnership"], state="cancelled" if event.cancelled else "superseded")


def let_go(person_id: int, *, now: datetime) -> None:
    """Somebody belongs no more, or answers for no reports: what has not left about those dates does not leave. Joins the transaction
    of the change; whoever comes back while it is due gets it after all."""
    outbox.withdraw_these(queries.stray(person_id, now.date()), state="superseded")
