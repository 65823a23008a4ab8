"""Reads that ask several features at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, select

from app.database import db


def numbers(wanted: Sequence[ScalarSelect[int]]) -> list[int]:
    """All these counts, in one statement."""
    columns: list[Any] = [one.label(f"number_{place}") for place, one in enumerate(wanted)]
    return [int(number) for number in db.session.execute(select(*columns)).one()]
