"""Keeps which kinds of mail somebody wants; what waits of a kind that is turned off never leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.accounts import queries
from app.accounts.models import Person
from app.database import retrying, transaction
from app.outbox import service as outbox
from app.registrations import queries as registrations
from app.reminders import moves
from app.reminders import queries as reminding
from app.reminders.digest.rules import code_of
from app.reminders.rules import known_zone

SENT_AS = {
    "bulletins": ("bulletin",),
    "digest": ("digest",),
    "partnerships": ("partnership", "partnership_news"),
    "commitment": ("commitment",),
}


@dataclass(frozen=True)
class Wishes:
    """What somebody wants beside the mails that always come: on or off by kind."""

    reminders: bool
    bulletins: bool
    digest: bool
    commitment: bool
    partnerships: bool = True


def wishes_of(person: Person) -> Wishes:
    """As they stand."""
    return Wishes(
        reminders=not person.reminders_off,
        bulletins=not person.bulletins_off,
        digest=person.digest,
        commitment=not person.commitment_off,
        partnerships=not person.partnerships_off,
    )


def choose(person_id: int, wished: Wishes, *, now: datetime) -> None:
    """Keeps all of them. Twice is once."""
    _keep(person_id, lambda _before: wished, now)


def switch(person_id: int, kind: str, *, on: bool, now: datetime) -> None:
    """Keeps one, and leaves the others. Twice is once. Raises Missing."""
    _keep(person_id, lambda before: replace(before, **{kind: on}), now)


def _keep(person_id: int, wanted: Callable[[Wishes], Wishes], now: datetime) -> None:
    def work() -> None:
        with transaction():
            person = queries.get_person(person_id)
            before = wishes_of(person)
            wished = wanted(before)
            if wished != before:  # first the workshops: whoever is writing to their people sees this, or is seen here
                reminding.hold(registrations.workshops_of(person.id))
            if wished.reminders != before.reminders:
                (moves.start_all if wished.reminders else moves.stop_all)(person, now=now)
            if wished.digest and not before.digest:  # the first one comes on the next Monday
                person.digest_week = code_of(now.astimezone(ZoneInfo(known_zone(person.zone, "UTC"))).date())
            person.bulletins_off, person.digest = not wished.bulletins, wished.digest
            person.commitment_off, person.partnerships_off = not wished.commitment, not wished.partnerships
            off = [one for kind, sent in SENT_AS.items() if not getattr(wished, kind) and getattr(before, kind) for one in sent]
            if off:
                outbox.withdraw_from(person.id, kinds=off)

    retrying(work)
