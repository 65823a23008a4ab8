"""Keeps answers, lets their person change them or take them back, and forgets whose they were; each in one transaction.

The audit says nothing of it: a line with a name and a time beside each answer would undo what is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.audit.service import Actor, record
from app.crypto import hash_token, new_token
from app.database import changed, db, retrying, transaction
from app.errors import Refused
from app.feedback import queries
from app.feedback.models import Feedback
from app.feedback.rules import LEAST, Given
from app.languages import gettext as _
from app.registrations import queries as registrations
from app.registrations.models import Registration
from app.workshops import queries as workshops

T = TypeVar("T")


def answer(registration_id: int, given: Given, *, now: datetime) -> None:
    """Keeps what somebody answered, instead of what they had. Raises Missing, Refused while the form is not open to them."""

    def work() -> None:
        with transaction():
            registration = _open(registration_id, now)
            values = {
                "lang": given.lang,
                "overall": given.overall,
                "useful": given.useful,
                "spoken": given.spoken,
                "words": given.words,
                "quotable": given.quotable and bool(given.words),
            }
            postgresql = db.session.get_bind().dialect.name == "postgresql"
            row = {"key": queries.key_of(registration), "workshop_id": registration.workshop_id, **values}
            wanted = (insert_postgresql if postgresql else insert_sqlite)(Feedback).values(row)
            db.session.execute(wanted.on_conflict_do_update(index_elements=["key"], set_=values))

    retrying(work)


def take_back(registration_id: int, *, now: datetime) -> None:
    """Throws somebody's answers away; twice is once. Raises Missing, Refused once nobody knows whose they are."""

    def work() -> None:
        with transaction():
            changed(delete(Feedback).where(Feedback.key == queries.key_of(_open(registration_id, now))))

    retrying(work)


def pass_on(proved: int, own: int) -> None:
    """Two registrations turn out to be one person's: `own` has the answers now, and one set of them. Joins the transaction."""
    before, after = (queries.key_of(registrations.get(number)) for number in (proved, own))
    if db.session.get(Feedback, after) is not None:
        changed(delete(Feedback).where(Feedback.key == before))
    else:
        changed(update(Feedback).where(Feedback.key == before).values(key=after))


def forget_whose(*, now: datetime) -> int:
    """Cuts what leads from answers to people once the form is closed; how many. Destroys: `now` never lies ahead of the real clock."""
    with transaction():
        keys = queries.bound(now)
        for key in keys:
            changed(update(Feedback).where(Feedback.key == key).values(key=hash_token(new_token()), loose=True))
        return len(keys)


def taken_along(kind: str, workshop_id: int, write: Callable[[Sequence[Feedback]], T], *, by: Actor, now: datetime) -> T:
    """All answers as `write` makes them, and the audit says who has them. `kind`: CSV, XLSX. Raises Missing, Refused when too few."""

    def work() -> T:
        with transaction():
            workshops.get_named(workshop_id)
            rows = queries.of_workshop(workshop_id)
            if len(rows) < LEAST:
                raise Refused(_("There are too few answers to show them."))
            record("feedback.exported", f"workshop:{workshop_id}", by=by, now=now, kind=kind, number=len(rows))
            return write(rows)

    return retrying(work)


def _open(registration_id: int, now: datetime) -> Registration:
    registration = registrations.get(registration_id)
    if queries.stage_of(registration, now) != "open":
        raise Refused(_("The form is not open to you."))
    return registration
