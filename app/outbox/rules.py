"""How long to wait before trying again, and how often a mail may be tried without knowing whether it arrived."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

KINDS = (
    "confirmation", "promotion", "waiting", "request", "declined", "hold", "link", "cancelled_seat", "change", "workshop_cancelled",
    "workshop_postponed", "workshop_restored", "reminder", "sign_in_code", "change_address", "invitation", "address_changed",
    "password_changed", "second_factor_changed", "second_factor_removed", "staff_factor", "place_asked", "place_confirmed", "offer",
    "offer_reminder", "offer_lapsed", "reconfirm", "certificate", "bulletin", "hold_reminder", "commitment", "notice", "digest",
    "interest", "partnership", "partnership_news",
)  # fmt: skip
MOST_COPIES = 3  # so often a message may be handed over without an answer; then staff decide
# Why a mail did not leave, in codes that pages put into words: a death in the middle of sending, MAIL_ALLOWLIST, …
DIED, NOT_ALLOWED, NO_BODY, UNSENDABLE, UNWRITTEN = "died", "allowlist", "no_body", "unsendable", "unwritten"
TOO_LATE = "too_late"  # … and of a mail that was asked for
SET_ASIDE, STOPPED = "set_aside", "stopped"  # staff left it at that; staff took it back before it had left
MARKED = "marked"  # mail to this address has come back too often
PROBE = timedelta(seconds=30)  # one try in this time while the server does not take our mail
WAITS = (1, 2, 5, 10, 30, 60)  # minutes after the first, second, … try
SLOW_DOWN = frozenset({432, 452})  # "too much at once" (RFC 5321 section 4.2.3, RFC 4954)
SLOWED = "slowed"  # the switch that says how many times the rate is halved for that, and since when
QUIET = timedelta(minutes=10)  # without another such answer, and the rate is doubled again
WINDOW = timedelta(minutes=1)  # the rate is counted over it: what is answered within it answers to the rate of before
STALE = timedelta(hours=3)  # what waits longer than this is written anew by whoever wrote it: it says how things stood
LATE = timedelta(minutes=10)  # a mail that is due and still waits after this is an alarm
RESTORED = "restored"  # the switch that says of which instant the copy was that was put back last
OLD_COPY = timedelta(hours=26)  # a last copy of the database older than this is told: a night was missed
MORNING, EVENING = time(8), time(20)  # nobody is woken by a mail that could have waited
QUEUE = timedelta(minutes=30)  # so long a mail may wait its turn and still leave as if it were on time
# Whoever waits for one of these asks for another: when they come too late, there is nothing for staff to decide.
ASKED_FOR = ("sign_in_code", "change_address", "hold")
# Nobody has asked for these: they do not go to an address at which mail fails. What tells somebody of their own seat or account does.
UNASKED = ("reminder", "bulletin", "hold_reminder", "digest", "commitment", "partnership", "partnership_news")


def wait_after(attempts: int, chance: float) -> timedelta:
    """The pause after so many tries (1 and up): 1, 2, 5, 10, 30, 60, 60 … minutes, spread by half to both sides.

    `chance` from 0 to 1 picks the place in that spread, so that many mails do not come back at one moment.
    """
    minutes = WAITS[min(max(attempts, 1), len(WAITS)) - 1]
    return timedelta(minutes=minutes) * (0.5 + chance)


def halvings(times: int, since: timedelta) -> int:
    """How often the rate is still halved, so long after it was halved for the last time."""
    return max(0, times - abs(since) // QUIET)


def halvings_after(times: int, since: timedelta | None, limit: int) -> int | None:
    """The same after one more "too much at once", no further than to one mail a minute; None for an answer to the rate of before,
    when several processes hear the same. `since` is None when it has never been halved."""
    if since is not None and times and abs(since) < WINDOW:
        return None
    return min(halvings(times, since or timedelta(0)) + 1, limit.bit_length() - 1)


def rate(limit: int, halved: int) -> int:
    """Mails a minute, of `limit` and halved so many times."""
    return max(1, limit >> halved)


def put_off(now: datetime, due_at: datetime, zone: str) -> datetime | None:
    """The next morning at 08:00 in `zone`, for a mail that is late and would arrive there at night; None when it may go.

    Whoever wrote it chose its hour; a retry, a pause, an outage or a long queue did not.
    """
    wall = now.astimezone(ZoneInfo(zone))
    if now - due_at <= QUEUE or MORNING <= wall.time() <= EVENING:
        return None
    on = wall.date() if wall.time() < MORNING else wall.date() + timedelta(days=1)
    return datetime.combine(on, MORNING, ZoneInfo(zone)).astimezone(UTC)
