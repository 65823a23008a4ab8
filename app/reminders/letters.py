"""Who is to get which reminder that has fallen due, and the finished mail of it. Reads and composes; writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.outbox.service import Item, Mail, gone
from app.papers.queries import certified
from app.registrations.letters import problem_of
from app.registrations.models import Registration
from app.reminders import mails, planning, queries
from app.reminders.mails import Besides
from app.reminders.models import Occurrence
from app.reminders.rules import Standing, Whom, is_brake, known_zone, leaving_instant


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
    besides: Besides


@dataclass(frozen=True)
class Found:
    """For each row those whom it is for, how many people its rule is for at all, and what is not to be written."""

    ready: Mapping[int, Sequence[Ready]]
    crowds: Mapping[int, int]
    dues: Mapping[str, datetime]  # by key, when it was to leave
    skipped: Collection[tuple[int, int]]
    largest: int | None  # for how many any of those was that have gone


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
    people: int


def gather(rows: Sequence[Occurrence], now: datetime, *, released: bool = False) -> tuple[list[Verdict], list[list[Ready]]]:
    """A verdict on each row, and the reminders to be written, those that share a mail together."""
    ids = {row.workshop_id for row in rows}
    people, there = queries.registrations(ids), queries.attended(ids)
    letterless = queries.without_letter([row.rule for row in rows], ids)
    found = find(rows, people, there, queries.siblings(rows), queries.skipped(ids), queries.largest(), letterless=letterless)
    done = queries.written(list(found.dues)) | gone(found.dues, now)
    return judge(rows, found, done, now, released=released)


def find(
    rows: Sequence[Occurrence],
    people: Sequence[Registration],
    there: frozenset[int],
    siblings: Mapping[tuple[int, str, int], Mapping[str, datetime]],
    skipped: Collection[tuple[int, int]] = (),
    largest: int | None = None,
    *,
    letterless: frozenset[int] = frozenset(),
) -> Found:
    """Whom each row is for, out of all that may be reminded; `there`: the registrations of those who have attended; `skipped`:
    rules that a workshop has switched off for itself; `largest`: for how many a reminder was so far; `letterless`: the registrations
    of those who may need a letter for a visa and have not asked."""
    crowd = Crowd(people, there, letterless=letterless)
    found: dict[int, list[Ready]] = {row.id: [] for row in rows}
    dues: dict[str, datetime] = {}
    for row in rows:
        others = siblings.get((row.rule_id, row.subject, row.generation), {})
        for registration in crowd.of(row):
            zone = registration.person.zone
            due_at = row.due_at if zone == row.zone else others.get(zone)  # or moved to a zone that is done already
            if due_at is not None and (registration.confirmed_at or registration.queued_at) <= due_at:
                one = ready(row, registration, crowd.besides(row, registration))
                found[row.id].append(one)
                dues[one.key] = min(due_at, row.due_at)
    return Found(found, {row.id: len(crowd.of(row)) for row in rows}, dues, skipped, largest)


def judge(
    rows: Sequence[Occurrence], found: Found, done: Collection[str], now: datetime, *, released: bool = False
) -> tuple[list[Verdict], list[list[Ready]]]:
    """What becomes of rows that are due, and the reminders to be written; `done`: the keys of those that are. Plain."""
    verdicts, wanted = [], []
    for row in rows:
        left = [one for one in found.ready[row.id] if one.key not in done]
        many = len(left) if row.hurried_at else found.crowds[row.id]  # staff have let it go to all others
        try:
            brake = not released and is_brake(many, found.largest)
            off = (row.rule_id, row.workshop_id) in found.skipped
            state = "cancelled" if off else _state(row, now, brake=brake, anybody=bool(left))
        except Exception:  # it stays on the clock; the others go
            current_app.logger.exception("reminder %s of workshop %s could not be judged", row.id, row.workshop_id)
            continue
        verdicts.append(Verdict(row.id, row.workshop_id, state, many))
        if state == "planned":
            wanted += left
    return verdicts, _shared(wanted)


def ready(row: Occurrence, registration: Registration, besides: Besides) -> Ready:
    """The reminder of one occurrence for one person."""
    key = f"rule:{row.rule_id}:registration:{registration.id}:generation:{row.generation}"
    if registration.generation:
        key = f"{key}:{registration.generation}"
    version = registration.workshop.version
    bends = row.rule.anchor != "instant"
    return Ready(key, row.id, row.workshop_id, version, registration.id, row.useful_until, bends, registration, besides)


def compose(group: Sequence[Ready], now: datetime) -> Letter:
    """The finished mail, with an item for each reminder that it is. One that cannot be written says why instead."""
    unique = list({one.registration_id: one.registration for one in group}.values())
    expires_at = min(one.useful_until for one in group)
    leaves_at, bends = now, all(one.bends for one in group)
    try:
        if bends:
            leaves_at = leaving_instant(now, unique[0].person.zone, expires_at)
        mail = mails.reminder(unique, now=leaves_at, besides=_besides(group))
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


def _besides(group: Iterable[Ready]) -> dict[int, Besides]:
    """By registration; of several reminders of one workshop in a mail each is told."""
    found: dict[int, Besides] = {}
    for one in group:
        known = found.get(one.registration_id, one.besides)
        found[one.registration_id] = replace(one.besides, letter=one.besides.letter or known.letter)
    return found


def _state(row: Occurrence, now: datetime, *, brake: bool, anybody: bool) -> str:
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
    return "held" if brake else "planned"


class Crowd:
    """The people of some workshops, and which of them each rule is for. `there`: the registrations of who was there;
    `noted`: the workshops at which that was written down, if it does not follow from `people` because they are only some;
    `letterless`: the registrations of those who may need a letter for a visa and have not asked.
    """

    def __init__(
        self, people: Iterable[Registration], there: frozenset[int], noted: Iterable[int] = (), letterless: frozenset[int] = frozenset()
    ) -> None:
        self._there, self._letterless = there, letterless
        self._people: dict[int, list[Registration]] = defaultdict(list)
        for registration in people:
            self._people[registration.workshop_id].append(registration)
        self._noted = {*noted, *(number for number, group in self._people.items() if any(one.id in there for one in group))}
        self._found: dict[tuple[int, int], list[Registration]] = {}

    def of(self, row: Occurrence) -> list[Registration]:
        """Those whom a reminder is for, on whatever clock."""
        key = row.rule_id, row.workshop_id
        if key not in self._found:
            whom = row.rule.whom
            self._found[key] = [one for one in self._people[row.workshop_id] if self.is_meant(whom, one)]
        return self._found[key]

    def besides(self, row: Occurrence, registration: Registration) -> Besides:
        """What else there is to say to this person."""
        certificate = registration.id in self._there and registration.id in self._certified
        return Besides(row.rule.absent, certificate, letter=row.rule.whom.letterless)

    @cached_property
    def _certified(self) -> frozenset[int]:
        return certified(one.id for group in self._people.values() for one in group if one.id in self._there)

    def is_meant(self, whom: Whom, registration: Registration) -> bool:
        """Whether a rule is for this person as things are now."""
        comes_as = registration.comes_as or registration.person.kind
        noted = registration.workshop_id in self._noted
        there, lacks_letter = registration.id in self._there, registration.id in self._letterless
        return whom.takes(Standing(registration.state, there, noted, comes_as, registration.organisation_id, lacks_letter))


def _shared(wanted: Iterable[Ready]) -> list[list[Ready]]:
    """All that is due for a person about workshops that start on one day of the own calendar is one mail."""
    groups: dict[tuple[int, date | None], list[Ready]] = defaultdict(list)
    for one in wanted:
        person, starts_at = one.registration.person, one.registration.workshop.starts_at
        on = starts_at.astimezone(ZoneInfo(known_zone(person.zone, "UTC"))).date() if starts_at else None
        groups[person.id, on].append(one)
    return list(groups.values())
