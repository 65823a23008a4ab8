"""Which calendars there are, and what a validator is made of; plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

LEVELS = ("days", "overview", "sessions")
FORMAT = 2  # rises when the same data would give other bytes
PARTNERSHIP = "partnership/"  # before the slug, in the name of a calendar
PLACES = ("all", "sweden", "latin-america", "colombia", "guatemala", "online")
NEVER = datetime(2024, 1, 1, tzinfo=UTC)  # the last change of a calendar that nothing has touched yet
MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
SETTLED = timedelta(seconds=10)  # longer than a change waits for its lock
KEPT_LEFT = timedelta(days=30)  # how long a place that was given up is shown as cancelled in one's own calendar
KEPT_PAST = timedelta(days=730)  # how long after its end a workshop stays in calendars; its page and its file stay for good
COUNTRIES = {"sweden": "SE", "colombia": "CO", "guatemala": "GT"}


def etag(scope: str, lang: str, level: str, revisions: Sequence[int], changed_at: datetime, made_with: str) -> str:
    """From row versions, never from the bytes.

    A database that is reset, or restored and then edited, comes to the same revision again with other content, hence
    `changed_at`; `made_with` stands for what no row holds, such as the words of the catalogues.
    """
    at = (changed_at - NEVER) // MICROSECOND
    return "-".join([scope.replace("/", "."), lang, level, *map(str, revisions), f"{at:x}", made_with, f"f{FORMAT}"])


def later(before: datetime, now: datetime) -> datetime:
    """When a calendar was changed: never earlier than before, nor in the same second, which is all that a date over HTTP
    can tell (RFC 9110 section 8.8.2). `now` was taken before the wait for the lock."""
    return max(before + SECOND, now)


def dated(changed_at: datetime, now: datetime) -> datetime:
    """The Last-Modified of one's own calendar, whose change is the later one of two rows': the second of the change, and at first the
    one before. For the other row may still move in that second, and who asks by date alone would never see it; so they get it again.
    """
    at = min(changed_at, now).replace(microsecond=0)
    return at if now - changed_at >= SETTLED else at - SECOND
