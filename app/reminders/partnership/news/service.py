"""Tells whoever belongs to a partnership what has become of its dates: one mail a person, five minutes after the last change.

What somebody knew stands in the key of the mail that waits for them. So several edits are one mail, which counts from what was before the
first of them; and what is as it was by then, or was added and called off, is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.dates import stand
from app.membership.partnership.entries import Dated, dated
from app.membership.partnership.rules import Stand
from app.outbox import service as outbox
from app.reminders.partnership.news import mails, queries
from app.reminders.partnership.news.mails import Change
from app.reminders.partnership.news.rules import what
from app.reminders.partnership.queries import Reader, hears, readers
from app.reminders.rules import known_zone


def tell(event: PartnershipEvent, before: Stand | None, *, now: datetime) -> None:
    """A date is another than `before`, which is None for a new one. Joins the transaction of the change, which holds the partnership."""
    _write_anew(event.partnership_id, {event.id: before}, now=now)


def ended(partnership: Partnership, *, now: datetime) -> None:
    """Nothing more leaves about one that is over. Joins the transaction of the change."""
    if partnership.phase == "ended":
        _write_anew(partnership.id, {}, now=now)


def renew(person_id: int, *, now: datetime) -> None:
    """Somebody belongs no more, or reads otherwise: what waits for them is written as it is true now. Joins the transaction of that.

    They are held, so that whoever is just writing to them comes before, and is seen here, or after, and sees that they have left.
    """
    queries.hold_person(person_id)
    for partnership_id in queries.awaiting(person_id):
        _write_anew(partnership_id, {}, only=person_id, now=now)


def _write_anew(partnership_id: int, news: Mapping[int, Stand | None], *, only: int | None = None, now: datetime) -> None:
    """Everybody's mail in the place of the one that waits, in a fixed number of statements: people first, as whoever stops mails does."""
    people: list[Reader] = []
    if not queries.is_over(partnership_id):
        readers([partnership_id], now.date(), only, still=True)
        people = readers([partnership_id], now.date(), only)[partnership_id]  # once more: who was awaited may have left
    waiting = queries.waiting(partnership_id, only)
    outbox.withdraw_these(waiting.mails, state="superseded")
    rows = {row.id: row for row in dated(PartnershipEvent.partnership_id == partnership_id)} if people else {}
    found = []
    for reader in people:
        number = reader.person.id  # what was before the first edit counts, unless they may have heard of that one
        untold = {**waiting.perhaps.get(number, {}), **news, **waiting.untold.get(number, {})}
        if changes := _changes(reader, rows, untold, now):
            found.append(mails.news(changes, reader.person, now=now))
    outbox.queue_all(found, now=now)


def _changes(reader: Reader, rows: Mapping[int, Dated], untold: Mapping[int, Stand | None], now: datetime) -> list[Change]:
    """What somebody is to be told of, in the order of the dates; not of a clock that this machine does not know."""
    found = []
    for row in rows.values():
        before = untold.get(row.id)
        if row.id not in untold or not hears(reader, row.kind) or not all(_is_known(one.zone) for one in (row, before) if one):
            continue
        if kind := what(before, stand(row), cancelled=row.cancelled, now=now):
            found.append(Change(kind, row, before))
    return found


def _is_known(zone: str) -> bool:
    return known_zone(zone, "") == zone
