"""How long to wait before trying again, and how often a mail may be tried without knowing whether it arrived."""

from __future__ import annotations

from datetime import timedelta

MOST_COPIES = 3  # so often a message may be handed over without an answer; then staff decide
PROBE = timedelta(seconds=30)  # one try in this time while the server does not take our mail
WAITS = (1, 2, 5, 10, 30, 60)  # minutes after the first, second, … try
SLOW_DOWN = frozenset({432, 452})  # "too much at once" (RFC 5321 section 4.2.3, RFC 4954)
LATE = timedelta(minutes=10)  # a mail that is due and still waits after this is an alarm


def wait_after(attempts: int, chance: float) -> timedelta:
    """The pause after so many tries (1 and up): 1, 2, 5, 10, 30, 60, 60 … minutes, spread by half to both sides.

    `chance` from 0 to 1 picks the place in that spread, so that many mails do not come back at one moment.
    """
    minutes = WAITS[min(max(attempts, 1), len(WAITS)) - 1]
    return timedelta(minutes=minutes) * (0.5 + chance)
