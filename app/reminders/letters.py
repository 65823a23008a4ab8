"""Who is to get which reminder that has fallen due, and the finished mail of it. Reads and composes; writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.outbox.service import Item, Mail, gone
from app.registrations.letters import problem_of
from app.registrations.models import Registration
from app.reminders import mails, planning, queries
from app.reminders.models import Occurrence
from app.reminders.rules import is_brake, known_zone, leaving_instant


@dataclass(frozen=True)
class Ready:
    """One person's reminder of one workshop. The row itself is for composing only: a transaction forgets what was read."""

    key: str  # what is written once, however often and wherever it is tried
    occurrence_id: int
    workshop_id: int
    version: int
    registration_id: int
    useful_until: datetime
    bends: bool  # to civil hours: a fixed instant does not
    registration: Registration


@dataclass(frozen=True)
class Letter:
    """A finished mail and the reminders that it is."""

    mail: Mail
    ready: tuple[Ready, ...]


@dataclass(frozen=True)
class Verdict:
    """What becomes of an occurrence that is due: the state it ends in, `later` or `planned` when mails are to be written."""

    occurrence_id: int
    workshop_id: int
    state: str


def gather(rows: Sequence[Occurrence], now: datetime, *, released: bool = False) -> tuple[list[Verdict], list[list[Ready]]]:
    """A verdict on each row, and the reminders to be written, those that share a mail together."""
    ids = {row.workshop_id for row in rows}
    people, there, siblings = queries.registrations(ids), queries.attended(ids), queries.siblings(rows)
    crowds: dict[tuple[int, str], int] = defaultdict(int)
    for registration in people:
        for audience in _audiences(registration, there):
            crowds[registration.workshop_id, audience] += 1
    found: dict[int, list[Ready]] = {row.id: [] for row in rows}
    dues: dict[str, datetime] = {}
    for row in rows:
        others = siblings[row.rule_id, row.subject, row.generation]
        for registration in people:
            if registration.workshop_id == row.workshop_id and row.rule.audience in _audiences(registration, there):
                zone = registration.person.zone
                due_at = row.due_at if zone == row.zone else others.get(zone)  # or moved to a zone that is done already
                if due_at is not None and (registration.confirmed_at or registration.queued_at) <= due_at:
                    one = ready(row, registration)
                    found[row.id].append(one)
                    dues[one.key] = min(due_at, row.due_at)
    done = queries.written(list(dues)) | gone(dues, now)
    verdicts, wanted = [], []
    for row in rows:
        left = [one for one in found[row.id] if one.key not in done]
        crowd = 0 if released else crowds[row.workshop_id, row.rule.audience]
        try:
            state = _state(row, crowd, now, anybody=bool(left))
        except Exception:  # it stays on the clock; the others go
            current_app.logger.exception("reminder %s of workshop %s could not be judged", row.id, row.workshop_id)
            continue
        verdicts.append(Verdict(row.id, row.workshop_id, state))
        if state == "planned":
            wanted += left
    return verdicts, _shared(wanted)


def ready(row: Occurrence, registration: Registration) -> Ready:
    """The reminder of one occurrence for one person."""
    key = f"rule:{row.rule_id}:registration:{registration.id}:generation:{row.generation}"
    if registration.generation:
        key = f"{key}:{registration.generation}"
    version = registration.workshop.version
    bends = row.rule.anchor != "instant"
    return Ready(key, row.id, row.workshop_id, version, registration.id, row.useful_until, bends, registration)


def compose(group: Sequence[Ready], now: datetime) -> Letter:
    """The finished mail, with an item for each reminder that it is. One that cannot be written says why instead."""
    unique = list({one.registration_id: one.registration for one in group}.values())
    expires_at = min(one.useful_until for one in group)
    leaves_at, bends = now, all(one.bends for one in group)
    try:
        if bends:
            leaves_at = leaving_instant(now, unique[0].person.zone, expires_at)
        mail = mails.reminder(unique, now=leaves_at)
    except SQLAlchemyError:  # the database's trouble is not this mail's
        raise
    except Exception as error:  # F8: that one is failed with the reason, the others go on
        current_app.logger.exception("the reminder of registration %s could not be written", unique[0].id)
        mail = mails.unwritten(unique[0], problem_of(error))
    mail = replace(
        mail,
        items=[Item(one.key, f"registration:{one.registration_id}", f"workshop:{one.workshop_id}") for one in group],
        due_at=leaves_at,
        expires_at=expires_at,
        zone=mail.zone if bends else None,
    )
    return Letter(mail, tuple(group))


def _state(row: Occurrence, crowd: int, now: datetime, *, anybody: bool) -> str:
    workshop = row.workshop
    if workshop.state != "published":
        return "stopped"
    if not row.rule.enabled:
        return "cancelled"
    if row.workshop_version != workshop.version:
        due = planning.due_of(row.rule, workshop, row.zone)
        if due is not None and due.at > now:
            return "later"
    if not anybody:
        return "expanded"
    if row.useful_until <= now:
        return "missed"
    return "held" if is_brake(crowd) else "planned"


def _audiences(registration: Registration, there: frozenset[int]) -> tuple[str, ...]:
    return (registration.state, "attended") if registration.id in there else (registration.state,)


def _shared(wanted: Iterable[Ready]) -> list[list[Ready]]:
    """All that is due for a person about workshops that start on one day of the own calendar is one mail."""
    groups: dict[tuple[int, date | None], list[Ready]] = defaultdict(list)
    for one in wanted:
        person, starts_at = one.registration.person, one.registration.workshop.starts_at
        on = starts_at.astimezone(ZoneInfo(known_zone(person.zone, "UTC"))).date() if starts_at else None
        groups[person.id, on].append(one)
    return list(groups.values())
