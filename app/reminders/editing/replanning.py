"""What a rule that is made, changed or switched off does to the clock, and to what waits to leave; in the same transaction.

The number of statements does not grow with the workshops: others wait for them meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, or_, update

from app.database import db, plain
from app.outbox import service as outbox
from app.outbox.service import Mail
from app.registrations.letters import Common
from app.registrations.waiting import mails
from app.registrations.waiting.leads import lead_in
from app.reminders import offers, planning, rewriting, service
from app.reminders import queries as reads
from app.reminders.editing import queries
from app.reminders.models import Occurrence, ReminderRule
from app.reminders.planning import Changes
from app.reminders.rules import Due, fits, moved_far
from app.workshops.models import Workshop

OPEN = ("planned", "held", "cancelled", "stopped")
AT_ONCE = 2000  # new rows in one statement


def replan(rule: ReminderRule, workshops: Sequence[Workshop], now: datetime, *, same_hours: bool = False) -> None:
    """Whoever calls has written the rule and holds the workshops. `same_hours`: it goes when it went before, so what has gone, perhaps
    sooner because staff let it, does not go again.
    """
    db.session.flush()
    numbers = [workshop.id for workshop in workshops]
    _renew_offers(rule, numbers, now)
    changes = _compare(rule, workshops, numbers, now, same_hours=same_hours)
    for first in range(0, len(changes.new), AT_ONCE):
        service.insert(changes.new[first : first + AT_ONCE])
    _alter(changes.altered)
    stale = queries.waiting(rule.id, numbers)
    outbox.withdraw_these([message.id for message in stale], state="superseded")
    rewriting.write_again(stale, now)


def _compare(rule: ReminderRule, workshops: Sequence[Workshop], numbers: Sequence[int], now: datetime, *, same_hours: bool) -> Changes:
    holding, everybody, there = reads.rules_of(workshops), reads.readers(numbers), queries.occurrences(rule.id, numbers)
    changes = Changes()
    for workshop in workshops:
        mine = [one for one in holding[workshop.id] if one.id == rule.id]
        readers = {audience: zones for (of, audience), zones in everybody.items() if of == workshop.id}
        if workshop.state == "published":
            found = planning.compare(workshop, mine, readers, there[workshop.id], now)
            changes.new += found.new
            changes.altered |= found.altered
        holds = bool(mine) and fits(rule.applies_to, workshop.format)
        for row in {row.zone: row for row in there[workshop.id]}.values():
            _correct(row, workshop, now, changes, holds=holds, same_hours=same_hours)
    return changes


def _correct(row: Occurrence, workshop: Workshop, now: datetime, changes: Changes, *, holds: bool, same_hours: bool) -> None:
    """What a minute's planning leaves alone, for there a rule stays as it is: what lay ahead and would now be past does not go, and
    what has gone goes again if the rule is for another day, as when a workshop moves.
    """
    due = planning.due_of(row.rule, workshop, row.zone) if holds else None
    if row.state in {"planned", "held", "stopped"} and (due is None or (due.at <= now and due.at != row.due_at)):
        changes.altered[row.id] = {"state": "cancelled"}
    elif row.state == "held" and due is not None and due.at > now and due.at != row.due_at:
        changes.altered[row.id] = planning.values_of(due, workshop) | {"state": "planned"}
    elif due is not None and due.at > now and (row.state == "missed" or _goes_again(row, due, same_hours=same_hours)):
        changes.new.append(planning.row_of(row.rule_id, workshop, row.zone, due, now, row.generation + 1))


def _goes_again(row: Occurrence, due: Due, *, same_hours: bool) -> bool:
    return row.state == "expanded" and not same_hours and moved_far(row.due_at, due.at)


def _alter(altered: Mapping[int, Mapping[str, Any]]) -> None:
    """In two statements, past the objects, which are read anew."""
    table = cast(Table, Occurrence.__table__)
    still = update(table).where(table.c.id == bindparam("number"), or_(*(table.c.state == state for state in OPEN)))
    gone = [{"number": number} for number, values in altered.items() if len(values) == 1]
    ahead = [
        {"number": number, "new_due": values["due_at"], "new_end": values["useful_until"], "new_version": values["workshop_version"]}
        for number, values in altered.items()
        if len(values) > 1
    ]
    if gone:
        plain(still.values(state="cancelled"), gone)
    if ahead:
        new: dict[str, Any] = {
            "due_at": bindparam("new_due"),
            "useful_until": bindparam("new_end"),
            "workshop_version": bindparam("new_version"),
        }
        plain(still.values(state="planned", **new), ahead)
    for row in db.session.identity_map.values():
        if isinstance(row, Occurrence):
            db.session.expire(row)


def _renew_offers(rule: ReminderRule, numbers: Sequence[int], now: datetime) -> None:
    """Reminders of open offers that have not left are taken back, also if the rule is about something else now, and written anew
    where they still lie ahead."""
    mine, common, about_offers = f"rule:{rule.id}.", Common(), rule.anchor == offers.ANCHOR
    for_these = [(one.message_id, lead_in(one.key)) for one in queries.reminded_of_offers(numbers)]
    stale = [number for number, lead in for_these if lead.startswith(mine) or (about_offers and not lead)]
    outbox.withdraw_these(stale, state="superseded")
    if not about_offers and not stale:
        return
    found = [mail for one in queries.offered(numbers) for mail in mails.reminders(one, common)]
    ahead = [mail for mail in found if mail.due_at is not None and mail.due_at > now]
    leads = [(mail, lead_in(mail.items[0].dedupe)) for mail in ahead]  # without a rule about offers the usual reminder is back
    wanted = [mail for mail, lead in leads if (lead.startswith(mine) if about_offers else not lead)]
    outbox.queue_all([_under_key(mail, f"at:{int(now.timestamp())}") for mail in wanted], now=now)


def _under_key(mail: Mail, suffix: str) -> Mail:
    """The same rule may have written to them before it was switched off."""
    return replace(mail, items=[replace(item, dedupe=f"{item.dedupe}:{suffix}") for item in mail.items])
