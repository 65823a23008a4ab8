"""The line of a workshop's reminders, found out by the code that will send them: planning, judging, writing, without writing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy.orm.attributes import set_committed_value

from app.registrations.models import Registration
from app.reminders import letters, planning
from app.reminders import queries as clock
from app.reminders.letters import Ready
from app.reminders.models import Occurrence, ReminderRule
from app.reminders.rehearsing import queries
from app.reminders.rehearsing.queries import Written
from app.reminders.rules import anchor_of, due_instant, fits, known_zone, leaving_instant, useful_limit
from app.workshops.models import Workshop

Sent = dict[tuple[int, int, str], dict[str, str]]  # (rule, generation, zone) -> {registration: language}


@dataclass(frozen=True)
class Line:
    """One reminder to the readers of one zone.

    `state`: planned, held (now or once it is due), sent, missed, stopped, or nobody. `readers`: how many in each language.
    `groups`: those who share a mail, for samples; `shared`: how many of them read of these other workshops in the same mail.
    `might`: whoever has a seat now and will be reminded if they have been there. `crowd`: for how many it is on whatever clock.
    """

    rule: ReminderRule
    zone: str
    wall: str  # the zone on whose wall staff read its hour: its readers', if this machine knows it
    generation: int
    due_at: datetime
    leaves_at: datetime
    useful_until: datetime
    state: str
    readers: Mapping[str, int]
    unbent: datetime | None = None  # when the rule says, before the hours of the day bend it
    groups: Sequence[Sequence[Registration]] = ()
    shared: Mapping[str, int] = field(default_factory=dict)
    might: int = 0
    crowd: int = 0

    @property
    def key(self) -> str:
        """It stays while dates change."""
        return f"{self.rule.id}:{self.zone}"

    @property
    def total(self) -> int:
        """How many people."""
        return sum(self.readers.values())


@dataclass
class Course:
    """What came of following the clock from now on: what became of each row, and what each of them sent, mail by mail."""

    states: dict[int, str] = field(default_factory=dict)
    leaves: dict[int, datetime] = field(default_factory=dict)
    groups: dict[int, list[list[Ready]]] = field(default_factory=lambda: defaultdict(list))


@contextmanager
def as_published(workshop: Workshop) -> Iterator[None]:
    """For the block the workshop looks public. It is taken for what was read, so that nothing is ever written of it."""
    before = workshop.state
    set_committed_value(workshop, "state", "published")
    try:
        yield
    finally:
        set_committed_value(workshop, "state", before)


class Lineup(NamedTuple):
    """The reminders in the order of time, and what the outbox has about the workshop besides them."""

    lines: list[Line]
    others: list[Written]


def lineup(workshop: Workshop, now: datetime) -> Lineup:
    """Every reminder of the workshop, as if it were public from now on. Reads only.

    As many statements for three hundred people as for three. What it has in common with others around that day is followed too.
    """
    if workshop.starts_at is None or not workshop.days:
        return Lineup([], [])
    workshops = [workshop, *queries.neighbours(workshop)]
    ids = [one.id for one in workshops]
    rules, readers, (people, largest) = clock.rules_of(workshops), clock.readers(ids), queries.people(ids)
    there = queries.occurrences(ids)
    with as_published(workshop):
        rows = [row for one in workshops for row in _rows(one, rules[one.id], readers, there, now)]
        attended = clock.attended(ids) if any(_asks_who_came(row.rule) for row in rows) else frozenset[int]()
        letterless = clock.without_letter((row.rule for row in rows), ids)
        found = letters.find(rows, people, attended, _siblings(there), largest=largest, letterless=letterless)
        outbox = queries.written(ids)
        written = {one.key: one for one in outbox if one.kind == "reminder"}
        course = _follow([row for row in rows if row.state == "planned"], found, set(written), now)
        mine = [row for row in rows if row.workshop is workshop]
        sent = _sent(written.values())
        left = {row.id: [one for one in found.ready[row.id] if one.key not in written] for row in mine}
        lines = [_line(row, course, left[row.id], sent, people, found.crowds[row.id]) for row in mine]
        lines += _for_nobody(workshop, rules[workshop.id], {row.rule_id for row in mine})
    others = [one for one in outbox if one.kind != "reminder" and one.topic == f"workshop:{workshop.id}"]
    return Lineup(sorted(lines, key=lambda line: (line.leaves_at, line.rule.id, line.zone, line.generation)), others)


def _rows(
    workshop: Workshop,
    rules: Sequence[ReminderRule],
    readers: Mapping[tuple[int, str], Mapping[str, clock.Readers]],
    there: Sequence[Occurrence],
    now: datetime,
) -> list[Occurrence]:
    """What stands on the clock of one workshop once the scheduler has planned: copies, so that those of the session stay as read."""
    mine = [row for row in there if row.workshop_id == workshop.id]
    audiences = {audience: zones for (of, audience), zones in readers.items() if of == workshop.id}
    over = workshop.ends_at is None or workshop.ends_at <= now - clock.AFTER_THE_END
    changes = planning.Changes() if over else planning.compare(workshop, rules, audiences, mine, now)
    by_id = {rule.id: rule for rule in rules}
    rows = [_copied(row, workshop, changes.altered.get(row.id, {})) for row in mine]
    numbers = count(1)
    rows += [
        Occurrence(id=-(workshop.id * 10_000 + next(numbers)), rule=by_id[values["rule_id"]], workshop=workshop, **values)
        for values in changes.new
    ]
    return [row for row in rows if row.state != "cancelled"]


def _copied(row: Occurrence, workshop: Workshop, values: Mapping[str, Any]) -> Occurrence:
    columns = {column.key: getattr(row, column.key) for column in Occurrence.__table__.columns}
    return Occurrence(**columns | dict(values), rule=row.rule, workshop=workshop)


def _asks_who_came(rule: ReminderRule) -> bool:
    return rule.audience == "attended" or rule.absent


def _siblings(there: Sequence[Occurrence]) -> dict[tuple[int, str, int], dict[str, datetime]]:
    found: dict[tuple[int, str, int], dict[str, datetime]] = defaultdict(dict)
    for row in there:
        if row.state == "expanded":
            found[row.rule_id, row.subject, row.generation][row.zone] = row.due_at
    return found


def _follow(rows: Sequence[Occurrence], found: letters.Found, done: set[str], now: datetime) -> Course:
    """The scheduler's passes from now on, at each instant at which something falls due."""
    course = Course()
    for at in sorted({max(row.due_at, now) for row in rows}):
        verdicts, groups = letters.judge([row for row in rows if max(row.due_at, now) == at], found, done, at)
        course.states |= {verdict.occurrence_id: verdict.state for verdict in verdicts}
        for group in groups:
            done |= {one.key for one in group}
            leaves = at
            if all(one.bends for one in group):
                zone = known_zone(group[0].registration.person.zone, "UTC")
                leaves = leaving_instant(at, zone, min(one.useful_until for one in group))
            for number in {one.occurrence_id for one in group}:
                course.groups[number].append(group)
                course.leaves[number] = max(leaves, course.leaves.get(number, leaves))
    return course


def _line(row: Occurrence, course: Course, left: Sequence[Ready], sent: Sent, people: Sequence[Registration], crowd: int) -> Line:
    groups = course.groups[row.id]
    mine = [one for group in groups for one in group if one.occurrence_id == row.id]
    state = course.states.get(row.id, row.state)
    if state in {"held", "missed"}:  # they get nothing, or not yet
        mine = list(left)
    readers = Counter(one.registration.lang for one in mine)
    if row.state == "expanded":
        readers, state = Counter(sent.get((row.rule_id, row.generation, row.zone), {}).values()), "sent"
    might = sum(one.workshop_id == row.workshop_id and one.state == "confirmed" and one.person.zone == row.zone for one in people)
    if state == "expanded":
        state = "planned" if _asks_who_came(row.rule) else "nobody"
    shared = Counter(
        title for group in groups for title in {one.registration.workshop.text.title for one in group if one.workshop_id != row.workshop_id}
    )
    return Line(
        rule=row.rule,
        zone=row.zone,
        wall=known_zone(row.zone, row.workshop.zone),
        generation=row.generation,
        due_at=row.due_at,
        leaves_at=row.due_at if state in {"sent", "missed", "stopped"} else course.leaves.get(row.id, row.due_at),
        useful_until=row.useful_until,
        state=state,
        readers=readers,
        unbent=_unbent(row.rule, row.workshop, row.zone),
        groups=[_unique(group) for group in groups] or [[one.registration] for one in mine],
        shared=shared,
        might=might if _asks_who_came(row.rule) else 0,
        crowd=crowd,
    )


def _unique(group: Sequence[Ready]) -> list[Registration]:
    return list({one.registration_id: one.registration for one in group}.values())


def _sent(written: Iterable[Written]) -> Sent:
    """Out of what the outbox knows: the key names rule, registration and generation, the reader's clock stands beside."""
    found: Sent = defaultdict(dict)
    for one in written:
        _rule, rule_id, _registration, number, _generation, generation = one.key.split(":")[:6]
        found[int(rule_id), int(generation), one.zone][number] = one.lang
    return found


def _for_nobody(workshop: Workshop, rules: Sequence[ReminderRule], known: set[int]) -> Iterator[Line]:
    """The rules that nobody would be reminded by today, on the clock of the place."""
    for rule in rules:
        due = planning.due_of(rule, workshop, workshop.zone) if rule.id not in known and fits(rule.applies_to, workshop.format) else None
        if due is not None:
            yield Line(
                rule,
                workshop.zone,
                workshop.zone,
                0,
                due.at,
                due.at,
                due.useful_until,
                "nobody",
                {},
                unbent=_unbent(rule, workshop, workshop.zone),
            )


def _unbent(row: ReminderRule, workshop: Workshop, reader_zone: str) -> datetime | None:
    """When the rule says, before it is bent to hours at which people are awake."""
    times, rule = planning.times_of(workshop), planning.plain(row)
    anchor = anchor_of(rule, times) if times else None
    if times is None or anchor is None:
        return None
    zone = times.zone if rule.zone_of == "workshop" else known_zone(reader_zone, times.zone)
    at = due_instant(anchor, rule.offset, rule.unit, rule.at_local, zone)
    return min(at, useful_limit(rule, times, at))
