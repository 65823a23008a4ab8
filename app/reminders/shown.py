"""Reminders in words, for the staff: what a rule says, what stands on a workshop's line, what needs a second look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from flask import url_for

from app.languages import city, moment, ngettext
from app.languages import gettext as _
from app.membership.shown import Task
from app.outbox.queries import Planned
from app.reminders import queries
from app.reminders.models import Occurrence, ReminderRule
from app.reminders.rules import MOST_PEOPLE, known_zone
from app.workshops.acts.outcome import OnClock


def rule_words(anchor: str, offset: int, unit: str, at_local: time | None) -> str:
    """'Reminder 7 days before, at 09:00', 'Thanks 1 day after'."""
    number = abs(offset)
    if unit == "days":
        amount = ngettext("%(num)s day", "%(num)s days", number)
    elif unit == "hours":
        amount = ngettext("%(num)s hour", "%(num)s hours", number)
    else:
        amount = ngettext("%(num)s minute", "%(num)s minutes", number)
    if offset == 0 and unit == "days":
        words = _("Reminder on the day")
    elif offset > 0 or (offset == 0 and anchor == "end"):
        words = _("Mail %(amount)s after", amount=amount)
    else:
        words = _("Reminder %(amount)s before", amount=amount)
    of_anchor = {
        "closes": _("%(reminder)s registration closes", reminder=words),
        "letters": _("%(reminder)s letters for a visa are no longer written", reminder=words),
        "opens": _("%(reminder)s registration opens", reminder=words),
        "offer_lapses": _("%(reminder)s an offered seat lapses", reminder=words),
    }
    if anchor in of_anchor:
        words = of_anchor[anchor]
    elif anchor == "end" and offset == 0 and unit == "days":
        words = _("Mail on the last day")
    elif anchor == "end":
        words = _("%(reminder)s the end", reminder=words)
    return _("%(reminder)s, at %(time)s", reminder=words, time=f"{at_local:%H:%M}") if at_local else words


def words_of(rule: ReminderRule) -> str:
    """The rule of a row in words."""
    if rule.instant is not None:
        return _("Mail at a fixed moment")
    return rule_words(rule.anchor, rule.offset, rule.unit, rule.at_local)


def _said(row: Occurrence) -> str:
    """The rule, and that its hour would have been at night, if it was put forward."""
    rule, starts = row.rule, row.workshop.starts_at
    if row.hurried_at is not None:
        return _("%(reminder)s, sent early: for whoever has come since", reminder=words_of(rule))
    if rule.anchor != "start" or rule.unit == "days" or starts is None:
        return words_of(rule)
    length = timedelta(hours=rule.offset) if rule.unit == "hours" else timedelta(minutes=rule.offset)
    words = words_of(rule)
    return _("%(reminder)s, earlier here so as not to come at night", reminder=words) if row.due_at < starts + length else words


def why_held(people: int | None) -> str:
    """What the brake saw, when it was for so many people; what was held before we wrote that down was for more than 500."""
    if people is None or people > MOST_PEOPLE:
        return _("More than 500 people would get it, so somebody has to let it go.")
    return ngettext(
        "It is for %(num)s person, more than three times as many as any reminder before, so somebody has to let it go.",
        "It is for %(num)s people, more than three times as many as any reminder before, so somebody has to let it go.",
        people,
    )


def wall_of(row: Occurrence) -> str:
    """The zone on whose wall staff read an occurrence's hour: its readers', if this machine knows it."""
    return known_zone(row.zone, row.workshop.zone)


def planned(workshop_id: int) -> list[Planned]:
    """The reminders that are still to be written, or were missed, or are held, for the workshop's mail log."""
    rows = [row for row in queries.of_workshop(workshop_id) if row.state in {"planned", "missed", "held"}]
    people = queries.readers([workshop_id])
    return [Planned(row.due_at, _said(row), _who(row, people), wall_of(row), row.state, _act(row)) for row in rows]


def _act(row: Occurrence) -> str:
    """Where staff let it go ahead of its hour, if it still waits."""
    return url_for("reminders_staff.ask_now", occurrence_id=row.id) if row.state in {"planned", "held"} and row.hurried_at is None else ""


def planned_for(person_id: int) -> list[Planned]:
    """The reminders that one person is still to get, each with the workshop's title."""
    rows = queries.planned_for(person_id)
    return [Planned(row.due_at, _said_to_one(row), row.workshop.text.title, wall_of(row), row.state) for row in rows]


def _said_to_one(row: Occurrence) -> str:
    """Staff do not learn here who has asked for a letter: where they do, that is written down."""
    words = _said(row)
    return _("%(reminder)s, if none is asked for by then", reminder=words) if row.rule.whom.letterless else words


def on_clock(workshop_id: int) -> list[OnClock]:
    """Every reminder of a workshop in its newest generation, whatever has become of it."""
    rows = {(row.rule_id, row.zone): row for row in sorted(queries.of_workshop(workshop_id), key=lambda row: row.generation)}
    people = queries.readers([workshop_id])
    return [
        OnClock(f"{rule_id}:{zone}", _said(row), _who(row, people), wall_of(row), row.due_at, row.state)
        for (rule_id, zone), row in sorted(rows.items(), key=lambda pair: pair[1].due_at)
    ]


def _who(row: Occurrence, people: dict[tuple[int, str], dict[str, queries.Readers]]) -> str:
    found = people.get((row.workshop_id, row.rule.audience), {}).get(row.zone)
    number, where = found.people if found else 0, city(wall_of(row))
    if row.rule.whom.is_part or row.hurried_at is not None:
        return ngettext(
            "at most %(num)s person on the clock of %(city)s", "at most %(num)s people on the clock of %(city)s", number, city=where
        )
    return ngettext("%(num)s person on the clock of %(city)s", "%(num)s people on the clock of %(city)s", number, city=where)


def tasks(now: datetime) -> list[Task]:
    """What staff must look at: reminders that very many would get, and those that came too late."""
    rows = queries.watched(now)
    return [*_tasks([row for row in rows if row.state == "held"]), *_tasks([row for row in rows if row.state == "missed"])]


def _tasks(rows: Sequence[Occurrence]) -> list[Task]:
    found = []
    for row in rows:
        words = _("A reminder to very many people waits for you") if row.state == "held" else _("A reminder was missed")
        facts = {"what": words_of(row.rule), "title": row.workshop.text.title, "when": moment(row.due_at, wall_of(row))}
        detail = _("%(what)s: %(title)s, due %(when)s", **facts)
        found.append(Task(words, detail, url_for("reminders_staff.reminders"), _("Look at it")))
    return found
