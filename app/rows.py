"""One row as the verbs of many features want it: held until the commit, or at an address that nobody has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from slugify import slugify
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.database import Base, db
from app.errors import Missing

T = TypeVar("T", bound=Base)


def held(wanted: Select[T]) -> T:
    """The one row, held until the commit and read anew. Raises Missing."""
    of: Any = wanted.column_descriptions[0]["entity"]  # not what is read along by an outer join: PostgreSQL cannot hold that
    row = db.session.scalars(wanted.with_for_update(of=of).execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise Missing
    return row


def free_slug(column: InstrumentedAttribute[str], words: str, *, otherwise: str, reserved: Collection[str] = ()) -> str:
    """Those words in plain letters, with a number behind them if another row of the column has them already or they are reserved."""
    base = slugify(words, max_length=70, word_boundary=True) or otherwise
    taken = {*reserved, *db.session.scalars(select(column).where(column.startswith(base, autoescape=True)))}
    return next(slug for number in range(1, len(taken) + 2) if (slug := base if number == 1 else f"{base}-{number}") not in taken)
