"""What should stand on the clock, compared with what does: occurrences to make, to move, to take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.reminders.models import Occurrence, ReminderRule
from app.reminders.queries import Readers
from app.reminders.rules import Due, Rule, Times, fits, known_zone, schedule
from app.workshops.models import Workshop


@dataclass
class Changes:
    """Rows to insert, and new values of rows that are there."""

    new: list[dict[str, Any]] = field(default_factory=list)
    altered: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.new or self.altered)


def compare(
    workshop: Workshop,
    rules: Sequence[ReminderRule],
    readers: Mapping[str, Mapping[str, Readers]],
    there: Sequence[Occurrence],
    now: datetime,
) -> Changes:
    """The changes of one workshop. `rules`: those that hold for it; `readers`: audience to zone to people;
    `there`: its occurrences, newest generation last.
    """
    changes = Changes()
    latest = {(row.rule_id, row.zone): row for row in there}
    generations = {row.rule_id: row.generation for row in there}  # whoever comes to a new clock may have been reminded on the old
    wanted = {rule.id: rule for rule in rules if fits(rule.applies_to, workshop.format)}
    for rule in wanted.values():
        for zone, people in readers.get(rule.audience, {}).items():
            due = due_of(rule, workshop, zone)
            if (rule.id, zone) not in latest and due is not None and _is_armed(rule, due, people, now):
                changes.new.append(row_of(rule.id, workshop, zone, due, now, generations.get(rule.id, 0)))
    for (rule_id, zone), row in latest.items():
        due = due_of(wanted[rule_id], workshop, zone) if rule_id in wanted else None
        if row.state in {"planned", "held", "stopped"} and due is None:
            changes.altered[row.id] = {"state": "cancelled"}
        elif row.state in {"planned", "cancelled", "stopped"} and due is not None and due.at > now and _differs(row, due):
            changes.altered[row.id] = values_of(due, workshop) | {"state": "planned"}
    return changes


def passed(
    workshop: Workshop, rules: Sequence[ReminderRule], readers: Mapping[str, Mapping[str, Readers]], now: datetime
) -> list[dict[str, Any]]:
    """Occurrences of these rules that fell due before now, written down as not to go."""
    return [
        row_of(rule.id, workshop, zone, due, now) | {"state": "cancelled"}
        for rule in rules
        for zone in readers.get(rule.audience, {})
        if fits(rule.applies_to, workshop.format) and (due := due_of(rule, workshop, zone)) is not None and due.at <= now
    ]


def due_of(rule: ReminderRule, workshop: Workshop, zone: str) -> Due | None:
    """When readers in a zone are due, from the rows as they are now; on the workshop's clock if nobody knows theirs."""
    times = times_of(workshop)
    return schedule(plain(rule), times, known_zone(zone, workshop.zone)) if times else None


def dues(workshop: Workshop, rules: Sequence[ReminderRule]) -> Callable[[str], list[datetime]]:
    """When what those with a seat get before the start falls due, by the zone of the reader; plain, to be kept from read to read."""
    times = times_of(workshop)
    mine = [
        (plain(rule), rule.armed_at)
        for rule in rules
        if (rule.anchor, rule.audience) == ("start", "confirmed") and fits(rule.applies_to, workshop.format)
    ]
    own = workshop.zone

    def of(zone: str) -> list[datetime]:
        found = [(schedule(rule, times, known_zone(zone, own)), armed_at) for rule, armed_at in mine] if times else []
        return [
            due.at for due, armed_at in found if due and times and due.at < times.starts_at and (armed_at is None or due.at >= armed_at)
        ]

    return of


def times_of(workshop: Workshop) -> Times | None:
    """What rules hang on; None for a workshop that has no days yet."""
    if workshop.starts_at is None or workshop.ends_at is None:
        return None
    return Times(
        workshop.starts_at, workshop.ends_at, workshop.zone, workshop.opens_at, workshop.closes_at, workshop.letters_until
    )  # fmt: skip


def plain(rule: ReminderRule) -> Rule:
    """The rule of a row as plain values."""
    return Rule(rule.anchor, rule.offset, rule.unit, rule.at_local, rule.zone_of, rule.instant)


def row_of(rule_id: int, workshop: Workshop, zone: str, due: Due, now: datetime, generation: int = 0) -> dict[str, Any]:
    """A new occurrence; one that is of no use any more is written down as missed."""
    return values_of(due, workshop) | {
        "rule_id": rule_id,
        "workshop_id": workshop.id,
        "subject": f"workshop:{workshop.id}",
        "zone": zone,
        "generation": generation,
        "state": "planned" if due.useful_until > now else "missed",
    }


def values_of(due: Due, workshop: Workshop) -> dict[str, Any]:
    """What of an occurrence follows from the workshop's times."""
    return {"due_at": due.at, "useful_until": due.useful_until, "workshop_version": workshop.version}


def _is_armed(rule: ReminderRule, due: Due, people: Readers, now: datetime) -> bool:
    """What fell due before there was the rule, or anybody to remind, never goes: their confirmation says it all."""
    if rule.armed_at is not None and due.at < rule.armed_at:
        return False
    return due.at > now or people.since <= due.at


def _differs(row: Occurrence, due: Due) -> bool:
    return row.state != "planned" or (row.due_at, row.useful_until) != (due.at, due.useful_until)
