"""Puts reminders on the clock, and writes those that are due into the outbox, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.accounts.models import Person
from app.audit.service import Actor, record
from app.database import db, end_reading, plain, transaction
from app.errors import Missing
from app.outbox import service as outbox
from app.registrations import travelling
from app.registrations.models import Registration
from app.reminders import letters, planning, queries, rewriting, watching
from app.reminders.letters import Letter, Ready, Verdict
from app.reminders.models import Occurrence, ReminderRule
from app.reminders.planning import Changes
from app.reminders.queries import Readers
from app.reminders.rules import code_of, read_code
from app.workshops.models import Workshop

AT_ONCE = 50  # mails in one transaction
AT_MOST = 500  # mails composed before any of them is written
SOME = 100  # workshops planned together
MANY = 2000  # people looked at together


@dataclass(frozen=True)
class Counts:
    """What one pass did."""

    planned: int = 0
    queued: int = 0
    missed: int = 0
    held: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.planned + other.planned, self.queued + other.queued, self.missed + other.missed, self.held + other.held)


def plan(now: datetime) -> Counts:
    """Puts every reminder of every published workshop on the clock. Any number of processes may do so at once."""
    end_reading()
    return _plan(list(db.session.scalars(select(Workshop.id).where(queries.is_planned(now)).order_by(Workshop.starts_at))), now)


def keep_planned(now: datetime) -> Counts:
    """The same, where something has changed since this process last looked; see watching.py."""
    end_reading()
    watch = watching.watch()
    sight = watching.look(now)
    done = _plan(watch.changed(sight, now), now)
    watch.remember(sight, now)
    return done


def plan_workshop(workshop_id: int, now: datetime) -> Counts:
    """The same for one workshop, in the transaction that changed it."""
    with transaction():
        db.session.flush()
        return _apply(_changes(now, [workshop_id]))


def _plan(numbers: Sequence[int], now: datetime) -> Counts:
    """Some workshops at a time: memory does not grow with their number, and nobody waits long for a lock."""
    counts = Counts()
    for first in range(0, len(numbers), SOME):
        some = numbers[first : first + SOME]
        end_reading()
        if _changes(now, some):
            with transaction():
                counts += _apply(_changes(now, some))
    return counts


def _changes(now: datetime, numbers: Collection[int]) -> Changes:
    workshops = queries.planned_workshops(now, numbers)
    ids = [workshop.id for workshop in workshops]
    rules, readers = queries.rules_of(workshops), queries.readers(ids)
    audiences: dict[int, dict[str, dict[str, Readers]]] = defaultdict(dict)
    for (workshop_id, audience), zones in readers.items():
        audiences[workshop_id][audience] = zones
    there: dict[int, list[Occurrence]] = defaultdict(list)
    for row in queries.occurrences(ids):
        there[row.workshop_id].append(row)
    all_changes = Changes()
    for workshop in workshops:
        try:
            changes = planning.compare(workshop, rules[workshop.id], audiences[workshop.id], there[workshop.id], now)
        except Exception:  # one workshop that cannot be planned must not keep the others
            current_app.logger.exception("the reminders of workshop %s could not be planned", workshop.id)
            continue
        all_changes.new += changes.new
        all_changes.altered |= changes.altered
    return all_changes


def _apply(changes: Changes) -> Counts:
    made = insert(changes.new)
    for row_id, values in changes.altered.items():
        alter(row_id, values)
    missed = sum(1 for state in made if state == "missed")
    return Counts(planned=len(made) - missed, missed=missed)


def insert(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Writes occurrences that nobody has written yet; the states of those that were new."""
    if not rows:
        return []
    postgresql = db.session.get_bind().dialect.name == "postgresql"
    wanted = (insert_postgresql if postgresql else insert_sqlite)(cast(Table, Occurrence.__table__)).on_conflict_do_nothing()
    return list(plain(wanted.returning(Occurrence.state), rows).scalars())


def alter(row_id: int, values: dict[str, Any], states: Iterable[str] = ("planned", "held", "cancelled", "stopped")) -> None:
    """Changes an occurrence unless somebody else has written or missed it meanwhile."""
    wanted = update(Occurrence).where(Occurrence.id == row_id, Occurrence.state.in_(tuple(states))).values(**values)
    db.session.execute(wanted.execution_options(synchronize_session="fetch"))


def queue_due(now: datetime, only: int | None = None) -> Counts:
    """Writes what is due into the outbox: one mail a person and local day, in the person's language.

    `only` is an occurrence that staff have let go in spite of its size. What is of no use any more becomes `missed`.
    """
    counts = Counts()
    end_reading()
    rewriting.refresh(now)
    while True:
        done, more = _queue_some(now, only)
        counts += done
        if not more:
            return counts


def _queue_some(now: datetime, only: int | None) -> tuple[Counts, bool]:
    """One round: reads, composes, and only then writes, in short transactions. Whether there was too much for one round."""
    end_reading()
    due = [row for row in queries.due(now) if only is None or row.id == only]
    if not due:
        return Counts(), False
    rows = _portion(due)
    verdicts, groups = letters.gather(rows, now, released=only is not None)
    counts, stale = _write_all(groups[:AT_MOST], now)
    stale |= {one.occurrence_id for group in groups[AT_MOST:] for one in group}
    counts += _settle([verdict for verdict in verdicts if verdict.occurrence_id not in stale], now)
    return counts, (len(groups) > AT_MOST and counts.queued > 0) or len(rows) < len(due)


def write_early(row: Occurrence, now: datetime) -> Counts:
    """Writes one that is planned to all whom it is for by now, and leaves it on the clock for those who are still to come: who has it
    gets no other. Killed on the way, the rest have it at its hour."""
    end_reading()
    _verdicts, groups = letters.gather([row], now, released=True)
    counts = Counts()
    for first in range(0, len(groups), AT_MOST):
        counts += _write_all(groups[first : first + AT_MOST], now)[0]
    return counts


def _write_all(groups: Sequence[Sequence[Ready]], now: datetime) -> tuple[Counts, set[int]]:
    """Composes, and writes some at a time. How many; and the rows that do not hold any more."""
    finished = [letters.compose(group, now) for group in groups]
    counts, stale = Counts(), set[int]()
    for first in range(0, len(finished), AT_ONCE):
        queued, refused = _write(finished[first : first + AT_ONCE], now)
        counts += Counts(queued=queued)
        stale |= refused
    return counts, stale


def _portion(due: Sequence[Occurrence]) -> Sequence[Occurrence]:
    """As many of them, the nearest workshops first, as memory bears. What may share a mail is on one day and stays together, so
    the cut is between two days of UTC, with nobody's evening across it but in a backlog of thousands.
    """
    crowds, people, last = queries.crowds(due), 0, None
    for place, row in enumerate(due):
        on = row.workshop.starts_at.date() if row.workshop.starts_at else None
        if people >= MANY and on != last:
            return due[:place]
        people, last = people + crowds.get(row.workshop_id, 0), on
    return due


def _write(finished: Sequence[Letter], now: datetime) -> tuple[int, set[int]]:
    """Looks once more whether everything still holds, and queues. How many; and the rows whose workshop has changed."""
    queued, stale = 0, set()
    with transaction():
        ready = [one for letter in finished for one in letter.ready]
        versions, active = _as_they_are(ready)
        planned = queries.still_planned({one.occurrence_id for one in ready})
        asking = {one.registration_id for one in ready if one.besides.letter}
        letterless = travelling.without_letter(Registration.id.in_(asking)) if asking else frozenset()
        for letter in finished:
            changed = any(versions.get(one.workshop_id) != one.version or one.occurrence_id not in planned for one in letter.ready)
            left = any(one.registration_id not in active for one in letter.ready)
            has_asked = any(one.besides.letter and one.registration_id not in letterless for one in letter.ready)
            if changed or left or has_asked:
                stale |= {one.occurrence_id for one in letter.ready}
            elif outbox.queue(letter.mail, now=now) is not None:
                queued += 1
    return queued, stale


def _as_they_are(ready: Sequence[Ready]) -> tuple[dict[int, int], frozenset[int]]:
    """The workshops' versions and who is still to be reminded, read anew. PostgreSQL holds the workshops meanwhile,
    so that whoever cancels, which takes the same row first, finds what is written here. SQLite has one writer anyway."""
    ids = sorted({one.workshop_id for one in ready})
    wanted = select(Workshop.id, Workshop.version).where(Workshop.id.in_(ids), Workshop.state == "published")
    versions = {row.id: row.version for row in db.session.execute(wanted.order_by(Workshop.id).with_for_update(read=True))}
    people = select(Registration.id).join(Registration.person)
    people = people.where(
        Registration.id.in_([one.registration_id for one in ready]),
        Registration.state.in_(("confirmed", "waitlisted")),
        Registration.reminders_off.is_(False),
        Person.reminders_off.is_(False),
    )
    return versions, frozenset(db.session.scalars(people))


def _settle(verdicts: Sequence[Verdict], now: datetime) -> Counts:
    """Writes down what became of each row: those whose mails are written are done."""
    with transaction():
        for verdict in verdicts:
            if verdict.state == "later":
                plan_workshop(verdict.workshop_id, now)
            else:
                state = "expanded" if verdict.state == "planned" else verdict.state
                people = {"people": verdict.people} if verdict.state in {"planned", "held"} else {}
                alter(verdict.occurrence_id, {"state": state, **people}, ("planned",))
    states = [verdict.state for verdict in verdicts]
    return Counts(missed=states.count("missed"), held=states.count("held"))


def choose(workshop_id: int, codes: Sequence[str], *, by: Actor, now: datetime) -> None:
    """A workshop's own reminders, by their codes; none means that it follows its network again.

    A rule that is not chosen any more is switched off, so that what it has written stays known. What would have fallen
    due before now does not go. Raises ValueError for a code that is none.
    """
    with transaction():
        rules = {code_of(rule.offset, rule.unit, rule.at_local): rule for rule in queries.own_rules(workshop_id) if queries.is_ticked(rule)}
        was = sorted(code for code, rule in rules.items() if rule.enabled)
        goes_back = not codes and any(rule.enabled for rule in rules.values())
        for code in codes:
            rule = rules.get(code) or _new_rule(workshop_id, code)
            if not rule.enabled:
                rule.enabled, rule.armed_at = True, now
        for code in set(rules) - set(codes):
            rules[code].enabled = False
        db.session.flush()
        if goes_back:
            _let_pass(workshop_id, now)
        kept = {"was": {"reminders": was}, "became": {"reminders": sorted(codes)}}  # as app/workshops/past/kept.py reads it
        record("reminders.chosen" if codes else "reminders.usual", f"workshop:{workshop_id}", by=by, now=now, **kept)
        plan_workshop(workshop_id, now)


def _new_rule(workshop_id: int, code: str) -> ReminderRule:
    offset, unit, at_local = read_code(code)
    rule = ReminderRule(workshop_id=workshop_id, offset=offset, unit=unit, at_local=at_local, enabled=False)
    db.session.add(rule)
    return rule


def _let_pass(workshop_id: int, now: datetime) -> None:
    """What the network's rules would have sent while the workshop had its own does not go late."""
    workshop = db.session.get_one(Workshop, workshop_id)
    rules, readers = queries.rules_of([workshop])[workshop_id], queries.readers([workshop_id])
    insert(planning.passed(workshop, rules, {audience: zones for (_of, audience), zones in readers.items()}, now))


def release(occurrence_id: int, *, by: Actor, now: datetime) -> Counts:
    """Staff have looked at a reminder that very many would get, and let it go. Raises Missing."""
    with transaction():
        row = db.session.get(Occurrence, occurrence_id)
        if row is None or row.state != "held":
            raise Missing
        row.state = "planned"
        record("reminder.released", f"workshop:{row.workshop_id}", by=by, now=now)
    return queue_due(now, only=occurrence_id)
