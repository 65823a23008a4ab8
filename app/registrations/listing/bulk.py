"""What staff do to many people of a workshop at once: in one transaction, all or nothing, and never to more than they saw.

The order of the line decides who gets which seat; all that other transactions write too, such as calendars, follows in the order of
people, so that two acts on the same people of two workshops never wait for each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.audit.service import Actor
from app.database import retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.languages import ngettext
from app.registrations import approval, seats, service
from app.registrations.listing import queries
from app.registrations.listing.filters import Selection
from app.registrations.models import ACTIVE, Registration
from app.registrations.waiting import turns

MOST = 500  # at once: others wait for the workshop meanwhile
FITS = {"approve": ("requested",), "decline": ("requested",), "promote": ("waitlisted",), "cancel": ACTIVE}
T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """How many it was done to, and how many stood otherwise and were left as they were."""

    number: int
    left: int
    waiting: int = 0  # of those approved, for whom no seat was left


def cancel(workshop_id: int, selection: Selection, reasons: Mapping[str, str], *, seen: str, by: Actor, now: datetime) -> Done:
    """Takes everybody chosen off, with a reason in the language of each. Raises Missing, Refused."""

    def work(chosen: list[Registration]) -> Done:
        mine = [one for one in chosen if one.state in ACTIVE]
        approval.refuse_reasons({one.lang for one in mine if one.state != "unconfirmed"}, reasons)
        service.take_off(workshop_id, mine, reasons, by=by, now=now)
        return Done(len(mine), len(chosen) - len(mine))

    return _in_one(workshop_id, selection, seen, work)


def promote(workshop_id: int, selection: Selection, *, seen: str, by: Actor, now: datetime) -> Done:
    """Everybody chosen who waits has a seat now, in the order of the line; seats that lack are added. Raises Missing, Refused."""

    def work(chosen: list[Registration]) -> Done:
        mine = [one for one in chosen if one.state == "waitlisted" and one.person.disabled_at is None]
        turns.seats_now(mine, by=by, now=now)
        return Done(len(mine), len(chosen) - len(mine))

    return _in_one(workshop_id, selection, seen, work)


def approve(workshop_id: int, selection: Selection, *, seen: str, by: Actor, now: datetime) -> Done:
    """The chosen requests are approved. Raises Missing, Refused."""

    def work(chosen: list[Registration]) -> Done:
        done = approval.approve(workshop_id, [one.id for one in chosen], by=by, now=now)
        return Done(done.seated + done.waiting, done.late, done.waiting)

    return _in_one(workshop_id, selection, seen, work)


def decline(workshop_id: int, selection: Selection, reasons: Mapping[str, str], *, seen: str, by: Actor, now: datetime) -> Done:
    """The chosen requests are declined, with a reason in the language of each. Raises Missing, Refused."""

    def work(chosen: list[Registration]) -> Done:
        done = approval.decline(workshop_id, [one.id for one in chosen], reasons, by=by, now=now)
        return Done(done.declined, done.late)

    return _in_one(workshop_id, selection, seen, work)


def _in_one(workshop_id: int, selection: Selection, seen: str, work: Callable[[list[Registration]], T]) -> T:
    def whole() -> T:
        with transaction():
            if seats.lock(workshop_id) is None:
                raise Missing
            return work(counted(workshop_id, selection, seen))

    return retrying(whole)


def counted(workshop_id: int, selection: Selection, seen: str | None = None, *, most: int = MOST) -> list[Registration]:
    """Whom the selection means, if they are still those who were `seen`. Raises Missing for another workshop's, Refused."""
    chosen = queries.selected(workshop_id, selection)
    if selection.numbers is not None and len(chosen) != len(selection.numbers):
        raise Missing
    if not chosen:
        raise Refused(_("Choose at least one person."))
    if len(chosen) > most:
        raise Refused(_("At most %(most)s people at a time. Narrow the list first.", most=most))
    if seen is not None and seen != (now := sight(selection, chosen)):
        raise Refused(others(len(chosen)) if now.partition(".")[0] == seen.partition(".")[0] else _as_many(len(chosen)))
    return chosen


def sight(selection: Selection, chosen: Sequence[Registration]) -> str:
    """What a page that shows these people sends back: how many, and of all that match also who and how each stands, for somebody may go
    and another come between. Who was ticked one by one is named in the form anyway."""
    if selection.numbers is not None:
        return str(len(chosen))
    rows = ",".join(f"{one.id}:{one.state}" for one in sorted(chosen, key=lambda one: one.id))
    return f"{len(chosen)}.{hashlib.sha256(rows.encode()).hexdigest()[:32]}"


def others(number: int) -> str:
    """That as many match as were seen, but not the same, in words."""
    return ngettext(
        "Another person matches now than when you looked, or stands otherwise. Look once more.",
        "Other people match now than when you looked, or stand otherwise. Look once more.",
        number,
    )


def _as_many(number: int) -> str:
    return ngettext(
        "One person matches now, not as many as before. Look once more.",
        "%(num)s people match now, not as many as before. Look once more.",
        number,
    )
