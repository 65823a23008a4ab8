"""Which calendars there are, and what a validator is made of; plain values only."""

from __future__ import annotations

LEVELS = ("days", "overview")
FORMAT = 1  # rises when the same data would give other bytes
PLACES = ("all", "sweden", "latin-america", "colombia", "guatemala", "online")
COUNTRIES = {"sweden": "SE", "colombia": "CO", "guatemala": "GT"}


def etag(scope: str, lang: str, level: str, *revisions: int) -> str:
    """From row versions, never from the bytes."""
    return "-".join([scope.replace("/", "."), lang, level, *map(str, revisions), f"f{FORMAT}"])
