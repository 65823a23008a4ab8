"""What came back, and which addresses are marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.database import db
from app.errors import Missing
from app.outbox.bounces.models import Bounce, Mark
from app.outbox.bounces.rules import same

SHOWN = 100


def marked(limit: int = SHOWN) -> Sequence[Mark]:
    """The addresses at which mail fails, the newest first."""
    wanted = select(Mark).where(Mark.marked_at.is_not(None)).order_by(Mark.marked_at.desc(), Mark.id)
    return db.session.scalars(wanted.limit(limit)).all()


def marked_among(addresses: Iterable[str]) -> dict[str, datetime]:
    """Which of these are marked, and since when, in small letters."""
    asked = {same(address) for address in addresses}
    if not asked:
        return {}
    wanted = select(Mark.address, Mark.marked_at).where(Mark.address.in_(asked), Mark.marked_at.is_not(None))
    return {address: at for address, at in db.session.execute(wanted) if at is not None}


def is_marked(address: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The same of a column, within somebody else's statement."""
    return exists().where(Mark.address == func.lower(address), Mark.marked_at.is_not(None))


def find_mark(address: str) -> Mark | None:
    """The mark of one address, if it has one."""
    return db.session.scalars(select(Mark).where(Mark.address == same(address), Mark.marked_at.is_not(None))).one_or_none()


def get_mark(mark_id: int) -> Mark:
    """A mark that stands. Raises Missing."""
    found = db.session.get(Mark, mark_id, with_for_update=True, populate_existing=True)
    if found is None or found.marked_at is None:
        raise Missing
    return found


def about(numbers: Iterable[UUID]) -> dict[UUID, list[Bounce]]:
    """What came back of these mails, in order."""
    found: dict[UUID, list[Bounce]] = {}
    asked = list(numbers)
    if not asked:
        return found
    for row in db.session.scalars(select(Bounce).where(Bounce.message_id.in_(asked)).order_by(Bounce.id)):
        if row.message_id is not None:
            found.setdefault(row.message_id, []).append(row)
    return found


def last_words(addresses: Iterable[str]) -> dict[str, Bounce]:
    """For each of these addresses the newest failure that counts."""
    asked = [same(address) for address in addresses]
    if not asked:
        return {}
    wanted = select(Bounce).where(Bounce.address.in_(asked), Bounce.kind == "hard").order_by(Bounce.id)
    return {row.address: row for row in db.session.scalars(wanted)}
