"""The few statements that take a message, hold it, and write down what became of it. Written out: they run for every mail.

A message waits for the disk once, at the renewal, right before it is handed over; the settling and the claim before it come to
the disk with it. So a power cut finds a message that may have left marked as such, and nothing else has left. Where many leave at
once, those of a twentieth of a second share a wait: a power cut then may send so many again. A killed process never does.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from app.database import retrying
from app.outbox.rules import ASKED_FOR
from app.swift import HASTE, Statement, Swift, instant, within

# What has been tried in vain waits by the real clock, however far --at looks ahead: else it would be tried again at once.
# What was in the hands of a process that died has its first hour still.
DUE = "state = 'pending' AND next_at <= :now AND expires_at > :now AND (attempts = 0 OR next_at = due_at OR next_at <= :clock)"
STOPPED = """EXISTS (SELECT 1 FROM switch WHERE name = 'circuit' AND value = 'open' AND by <> :me)"""
# Staff pause what we send by ourselves. Whoever waits for a code, the staff among them, could else not sign in to let mail go again.
PAUSED = f"""kind NOT IN ({", ".join(f"'{kind}'" for kind in ASKED_FOR)}) AND EXISTS (
    SELECT 1 FROM switch WHERE name = 'mail' AND value = 'paused')"""  # noqa: S608  our own constants


@dataclass(frozen=True)
class Held:
    """A message in our hands, as long as nobody else writes another token into its row."""

    id: UUID
    token: str
    recipient: str
    body: bytes | None
    message_id: str
    next_at: datetime
    attempts: int
    uncertain: int
    due_at: datetime
    expires_at: datetime
    zone: str | None


HELD = tuple(field.name for field in fields(Held))


@dataclass(frozen=True)
class Outcome:
    """What became of a message. It stays in the outbox as `state`; `uncertain` and `attempts` as they were unless said."""

    held: Held
    state: str
    attempts: int
    uncertain: int
    next_at: datetime
    sent_at: datetime | None = None
    smtp_reply: str = ""
    error: str = ""


@dataclass(frozen=True)
class Wanted:
    """Who claims, what counts as due, by the real clock, and for how long."""

    me: str
    now: datetime
    clock: datetime
    until: datetime


SET = """state = :state, token = NULL, lease_until = NULL, attempts = :attempts, uncertain = :uncertain, next_at = :next_at,
    sent_at = :sent_at, smtp_reply = :smtp_reply, error = :error, body = CASE WHEN :gone THEN NULL ELSE body END"""
OURS = "id = :id AND token = :token AND state = 'sending'"
CLAIM = f"""UPDATE message SET state = 'sending', token = :mine, lease_until = :until, attempts = attempts + 1
    WHERE id = (SELECT id FROM message WHERE {DUE} AND NOT {STOPPED} AND NOT ({PAUSED}) ORDER BY rank_at, next_at LIMIT 1%s)
    RETURNING {", ".join(HELD)}"""  # noqa: S608  our own constants
CLAIM_ON_SQLITE = CLAIM % ""
CLAIM_ON_POSTGRESQL = CLAIM % " FOR UPDATE SKIP LOCKED"
RENEW = f"UPDATE message SET lease_until = :until, uncertain = uncertain + 1 WHERE {OURS}"  # noqa: S608
RENEW_IN_HASTE = f"WITH {HASTE} {RENEW.replace(' WHERE ', ' FROM haste WHERE ')}"
SETTLE = f"UPDATE message SET {SET} WHERE {OURS}"  # noqa: S608
# Both in one trip. Each sees what was there before: what has just been settled cannot be what is claimed.
SETTLE_AND_CLAIM = f"""WITH {HASTE}, settled AS (UPDATE message SET {SET} FROM haste WHERE {OURS} RETURNING 1),
    claimed AS ({CLAIM_ON_POSTGRESQL})
    SELECT (SELECT count(*) FROM settled), claimed.* FROM (SELECT 1) AS once LEFT JOIN claimed ON true"""  # noqa: S608
TOO_LATE = """UPDATE message SET sent_at = :sent_at, smtp_reply = :smtp_reply
    WHERE id = :id AND state IN ('cancelled', 'superseded')"""


def turn(line: Swift, outcome: Outcome | None, wanted: Wanted | None) -> tuple[bool, Held | None]:
    """Writes down what became of the last message, and takes the next that is due, the nearest workshop first, unless staff have
    paused (what was asked for leaves all the same) or the circuit has opened. Whether the last was still ours, and the next.

    What has left keeps no bytes: codes, invitations and the links to manage a registration stand in them in clear.
    """
    settle, claim = _settling(outcome), _claiming(wanted)
    written, row = True, None
    if outcome and wanted and line.is_postgresql:
        ((found, *_count),) = line.write((SETTLE_AND_CLAIM, {**settle, **claim}))
        written, row = found[0] == 1, found[1:] if found[1] is not None else None
    else:
        work: list[Statement] = [(SETTLE, settle)] if outcome else []
        if wanted:
            work.append((CLAIM_ON_POSTGRESQL if line.is_postgresql else CLAIM_ON_SQLITE, claim))
        results = line.write(*work, lasting=wanted is None)
        written = not outcome or results[0][-1] == (1,)
        row = results[-1][0] if wanted and len(results[-1]) > 1 else None
    if outcome and not written and outcome.state == "sent":  # it had left when it was taken back; the log must say so
        facts = {"id": outcome.held.id, "sent_at": outcome.sent_at, "smtp_reply": outcome.smtp_reply}
        retrying(lambda: line.write((TOO_LATE, facts)))  # by itself: tried once more with the claim, two would be taken
    return written, read(row) if row else None


def settle(outcome: Outcome) -> bool:
    """Writes down the outcome alone, inside the open transaction, with whatever else belongs to it."""
    return within((SETTLE, _settling(outcome))) == 1


def renew(line: Swift, held: Held, *, until: datetime, lasting: bool = True) -> bool:
    """Right before DATA: is it still ours and still wanted? From here on, until the answer is written down, one copy more may
    be about. It waits for the disk, if it is to be `lasting`."""
    words = RENEW_IN_HASTE if line.is_postgresql and not lasting else RENEW
    ((*_rows, count),) = line.write((words, {"id": held.id, "token": held.token, "until": until}), lasting=lasting)
    return count == (1,)


def read(row: tuple[Any, ...]) -> Held:
    """A row of HELD as the driver gives it."""
    facts = dict(zip(HELD, row, strict=True))
    number = facts["id"] if isinstance(facts["id"], UUID) else UUID(facts["id"])
    times = {name: instant(facts[name]) for name in ("next_at", "due_at", "expires_at")}
    return Held(**{**facts, **times, "id": number})


def _settling(outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        return {}
    names = ("state", "attempts", "uncertain", "next_at", "sent_at", "smtp_reply", "error")
    facts: dict[str, Any] = {name: getattr(outcome, name) for name in names}
    return {**facts, "id": outcome.held.id, "token": outcome.held.token, "gone": outcome.state == "sent"}


def _claiming(wanted: Wanted | None) -> dict[str, Any]:
    if wanted is None:
        return {}
    token = f"{wanted.me}:{secrets.token_hex(3)}"
    return {"me": wanted.me, "mine": token, "now": wanted.now, "clock": wanted.clock, "until": wanted.until}
