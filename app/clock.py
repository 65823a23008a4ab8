"""The only reader of time: everybody else is given an instant or asks here."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC, whole microseconds."""
    return datetime.now(UTC)
