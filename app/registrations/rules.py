"""Who may register, and what a state is called; plain values only."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

ACTIVE = frozenset({"unconfirmed", "requested", "confirmed", "waitlisted", "offered"})
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is read wrongly aloud


def may_register(access: str, organisation_id: int | None, members: AbstractSet[int], invited: AbstractSet[int]) -> bool:
    """Whether somebody of this organisation may come: anybody to an open one, members of the network, or the invited."""
    if access == "open":
        return True
    if organisation_id is None:
        return False
    return organisation_id in (invited if access == "invited" else members)


def window(opens_at: datetime | None, closes_at: datetime | None, starts_at: datetime | None, now: datetime) -> str:
    """'not_yet', 'open' or 'closed'. Without a closing time registration closes when the workshop starts."""
    last = closes_at or starts_at
    if opens_at is not None and now < opens_at:
        return "not_yet"
    if last is None or now >= last:
        return "closed"
    return "open"


def next_sequence(own: int, workshop: int) -> int:
    """SEQUENCE of the next invitation: above the one before, never below the workshop's (RFC 5546 section 2.1.4)."""
    return max(own + 1, workshop)
