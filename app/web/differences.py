"""What two people typed into one form, side by side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A field of which two versions say different things, in finished words."""

    name: str
    theirs: str
    mine: str
