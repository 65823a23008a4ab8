"""What another date would do: the real saving of it, rehearsed, so that it says nothing that the real one does not do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.audit.service import Actor
from app.errors import Refused
from app.languages import gettext as _
from app.reminders.rehearsing import queries
from app.reminders.rehearsing.lineup import Line, lineup
from app.reminders.rehearsing.shown import called, who
from app.workshops import queries as workshops
from app.workshops import service
from app.workshops.acts import outcome
from app.workshops.acts.outcome import OnClock, Outcome
from app.workshops.acts.rehearsal import rehearse
from app.workshops.values import Values


def moved(values: Values, days: int) -> Values:
    """All days by so many, the hours as they are; what staff would type into the form. Raises Refused for days that cannot be."""
    try:
        return replace(values, days=tuple(replace(day, on=day.on + timedelta(days=days)) for day in values.days))
    except OverflowError:
        raise Refused(_("Enter a real day")) from None


def what_if(workshop_id: int, days: int, *, by: Actor, now: datetime) -> Outcome:
    """All that moving it by so many days would do; nothing of it stays. Raises Missing, Refused as the real one does.

    A draft has no reminder on the clock yet: for it those are compared that would be there if it were public.
    """
    lines: list[dict[str, OnClock]] = []

    def act() -> None:
        workshop = workshops.get(workshop_id)
        if draft := workshop.state == "draft":
            lines.append(_on_clock(workshop_id, now))
        service.save(workshop_id, moved(workshops.values_of(workshop), days), workshop.version, by=by, now=now)
        if draft:
            lines.append(_on_clock(workshop_id, now))

    found = rehearse(workshop_id, act, now=now)
    if not lines:
        return found
    before, after = lines[-2:]
    reminders, kept = outcome.reminders(before, after, now)
    return replace(found, reminders=reminders, reminders_kept=kept)


def _on_clock(workshop_id: int, now: datetime) -> dict[str, OnClock]:
    return {line.key: _one(line, now) for line in lineup(queries.workshop(workshop_id), now).lines}


def _one(line: Line, now: datetime) -> OnClock:
    state = "missed" if line.due_at <= now else "planned"
    return OnClock(line.key, called(line.rule), who(line), line.wall, line.due_at, state)
