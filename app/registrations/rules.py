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


def may_leave(state: str, *, over: bool) -> bool:
    """Whether a registration can be given up: after the end it is history, but for a guest's that never was confirmed."""
    return state in ACTIVE and (state == "unconfirmed" or not over)


def may_answer(state: str, workshop_state: str, starts_at: datetime | None, now: datetime) -> bool:
    """Whether answers to the workshop's questions can still be changed: until it begins."""
    if state not in ACTIVE or workshop_state not in {"published", "postponed"}:
        return False
    return workshop_state == "postponed" or (starts_at is not None and now < starts_at)


def next_sequence(own: int, workshop: int) -> int:
    """SEQUENCE of the next invitation: above the one before, never below the workshop's (RFC 5546 section 2.1.4)."""
    return max(own + 1, workshop)
