"""Reads of an organisation's people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Affiliation
from app.accounts.queries import counting, first_asking
from app.database import db
from app.languages import sort_key


def coordinators(organisation_ids: Sequence[int], on: date) -> dict[int, Affiliation]:
    """The main contact of each organisation."""
    rows = db.session.scalars(_affiliated(organisation_ids, counting(on)).where(Affiliation.role == "coordinator"))
    found: dict[int, Affiliation] = {}
    for row in rows:
        found.setdefault(row.organisation_id, row)
    return found


def delegation(organisation_id: int, on: date, *, asking: int) -> tuple[list[Affiliation], list[Affiliation]]:
    """The people of one organisation, the coordinators first, then by name; and who asks to belong to it, at most so many, the
    oldest first: one statement."""
    first = first_asking(asking, Affiliation.organisation_id == organisation_id)
    rows = db.session.scalars(_affiliated([organisation_id], or_(counting(on), Affiliation.id.in_(first))))
    mine: list[Affiliation] = []
    asked: list[Affiliation] = []
    for row in rows:
        (mine if row.confirmed_at else asked).append(row)
    return sorted(mine, key=lambda row: (row.role != "coordinator", sort_key(row.person.name))), asked


def _affiliated(organisation_ids: Sequence[int], which: ColumnElement[bool]) -> Select[Affiliation]:
    return (
        select(Affiliation)
        .where(Affiliation.organisation_id.in_(organisation_ids), which)
        .options(joinedload(Affiliation.person))
        .order_by(Affiliation.starts_on, Affiliation.id)
    )
