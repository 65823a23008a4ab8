"""What the plan of reminders depends on, looked at before each pass: where nothing has changed, nothing is planned.

What a process remembers is its own. A restart, a clock that goes back, a changed rule and a quarter of an hour make it look
at everything. Time that passes changes no plan: a due that comes is written (queue_due), and what is past is never armed again.
Whoever changes their own clock is planned for at once (effects.person_reads_otherwise).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Table, func, select

from app.database import Base, db
from app.registrations.models import Registration
from app.reminders import queries
from app.reminders.models import Occurrence, ReminderRule
from app.workshops.models import Workshop

KEY = "app.reminders.watch"
NET = timedelta(minutes=15)  # after so long everything is looked at, whatever has been remembered


@dataclass(frozen=True)
class Sight:
    """All rules; and what each workshop's plan follows from, the soonest first."""

    rules: Hashable
    workshops: Mapping[int, Hashable]


@dataclass
class Watch:
    """What one process has seen when it last planned."""

    sight: Sight = field(default_factory=lambda: Sight(None, {}))
    at: datetime | None = None
    all_at: datetime | None = None

    def changed(self, sight: Sight, now: datetime) -> Sequence[int]:
        """The workshops to be planned."""
        if self._is_everything_stale(sight, now):
            self.all_at = None
            return list(sight.workshops)
        return [number for number, seen in sight.workshops.items() if self.sight.workshops.get(number) != seen]

    def remember(self, sight: Sight, now: datetime) -> None:
        """All of that is planned."""
        self.sight, self.at, self.all_at = sight, now, self.all_at or now

    def _is_everything_stale(self, sight: Sight, now: datetime) -> bool:
        if self.at is None or self.all_at is None:
            return True
        return now < self.at or now >= self.all_at + NET or sight.rules != self.sight.rules


def watch() -> Watch:
    """The one of this process."""
    kept: Watch = current_app.extensions.setdefault(KEY, Watch())
    return kept


def look(now: datetime) -> Sight:
    """Some columns of each workshop, and who has come or gone by two sums in the order of an index: reading the people themselves
    would take longer than the whole pass."""
    people: dict[int, list[Hashable]] = defaultdict(list)
    sums = select(Registration.workshop_id, Registration.state, func.count(), func.sum(Registration.id))
    for workshop_id, *group in db.session.execute(sums.group_by(Registration.workshop_id, Registration.state)):
        people[workshop_id].append(tuple(group))
    deadlines = (Workshop.opens_at, Workshop.closes_at, Workshop.letters_until)
    columns = (Workshop.version, Workshop.starts_at, Workshop.ends_at, Workshop.zone, *deadlines)
    wanted = select(Workshop.id, Workshop.network_id, Workshop.format, *columns).where(queries.is_planned(now))
    rows = db.session.execute(wanted.order_by(Workshop.starts_at, Workshop.id))
    found = {row.id: (tuple(row), frozenset(people[row.id])) for row in rows}
    return Sight(tuple(frozenset(map(tuple, db.session.execute(select(table)))) for table in _tables_of_rules()), found)


def _tables_of_rules() -> list[Table]:
    """The rules, and whatever hangs on a rule but the plan itself."""
    rule = ReminderRule.__table__
    others = [table for table in Base.metadata.sorted_tables if any(key.column.table is rule for key in table.foreign_keys)]
    return [table for table in Base.metadata.sorted_tables if table is rule or (table in others and table is not Occurrence.__table__)]
