"""The few statements that take a message, hold it, and write down what became of it. Written out: they run for every mail.

A mail costs one of them: the last look right before it is handed over also writes down what became of the one before and takes
the one after it. A message waits for the disk once, at that look; what has left is written down with the next. So a power cut
finds a message that may have left marked as such, and nothing else has left. Where many leave at once, those of a twentieth of a
second share a wait: a power cut then may send so many again. A killed process never does.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from app.outbox.rules import ASKED_FOR
from app.swift import HASTE, Swift, instant, within

Facts = Mapping[str, Any]
Row = Sequence[Any]
Parts = tuple[str, ...]
Counts = tuple[int, int, Row | None]  # settled, renewed, and the row that was claimed
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
class Step:
    """What is done at once: `outcome` is written down; right before DATA `renewed` is looked at, whether it is still ours and may
    leave, and from there until its answer is written down one copy more may be about; and if the step `claims`, the next that is due
    is taken, the nearest workshop first, unless staff have paused (what was asked for leaves all the same) or the circuit has opened.

    `me` does it, `now` says what is due, `clock` is the real time, and what is taken or renewed is ours `until` then.
    """

    me: str
    now: datetime
    clock: datetime
    until: datetime
    outcome: Outcome | None = None
    renewed: Held | None = None
    claims: bool = False

    @property
    def parts(self) -> Parts:
        """The statements it is made of."""
        wanted = {"settled": self.outcome, "renewed": self.renewed, "claimed": self.claims}
        return tuple(name for name, there in wanted.items() if there)


class Done(NamedTuple):
    """Whether the message settled was still ours; whether the one renewed is and may leave; the next."""

    written: bool
    renewed: bool
    held: Held | None


SET = """state = :state, token = NULL, lease_until = NULL, attempts = :attempts, uncertain = :uncertain, next_at = :next_at,
    sent_at = :sent_at, smtp_reply = :smtp_reply, error = :error, body = CASE WHEN :gone THEN NULL ELSE body END"""
OURS = "id = :id AND token = :token"  # only what is being sent has a token: the table sees to that
SETTLE = f"UPDATE message SET {SET} WHERE {OURS}"  # noqa: S608  our own constants
# It was taken before the one ahead of it left: meanwhile staff may have paused, the circuit opened, its time run out.
RENEW = f"""UPDATE message SET lease_until = :until, uncertain = uncertain + 1
    WHERE id = :taken AND token = :by AND expires_at > :now AND NOT {STOPPED} AND NOT ({PAUSED})"""  # noqa: S608  our own constants
CLAIM = f"""UPDATE message SET state = 'sending', token = :mine, lease_until = :until, attempts = attempts + 1
    WHERE id = (SELECT id FROM message WHERE {DUE} AND NOT {STOPPED} AND NOT ({PAUSED}) ORDER BY rank_at, next_at LIMIT 1%s)
    RETURNING {", ".join(HELD)}"""  # noqa: S608  our own constants
CLAIM_ON_SQLITE, CLAIM_ON_POSTGRESQL = CLAIM % "", CLAIM % " FOR UPDATE SKIP LOCKED"
TOO_LATE = """UPDATE message SET sent_at = :sent_at, smtp_reply = :smtp_reply
    WHERE id = :id AND state IN ('cancelled', 'superseded')"""
GIVE_BACK = f"""UPDATE message SET state = 'pending', token = NULL, lease_until = NULL, attempts = attempts - 1, uncertain = :uncertain
    WHERE {OURS}"""  # noqa: S608  our own constants


def step(line: Swift, step: Step, *, lasting: bool) -> Done:
    """Does what the step holds, all or nothing. It waits for the disk if it is to be `lasting`.

    What has left keeps no bytes: codes, invitations and the links to manage a registration stand in them in clear.
    """
    facts: dict[str, Any] = {"me": step.me, "now": step.now, "clock": step.clock, "until": step.until}
    if step.outcome:
        facts |= _settling(step.outcome)
    if step.renewed:
        facts |= {"taken": step.renewed.id, "by": step.renewed.token}
    if step.claims:
        facts["mine"] = f"{step.me}:{secrets.token_hex(3)}"
    written, renewed, row = (_on_postgresql if line.is_postgresql else _on_sqlite)(line, step.parts, facts, lasting=lasting)
    return Done(not step.outcome or written == 1, renewed == 1, read(row) if row else None)


def _on_postgresql(line: Swift, parts: Parts, facts: Facts, *, lasting: bool) -> Counts:
    """One statement, of which each part sees what was there before: what has just been settled cannot be what is claimed."""
    ((found, *_count),) = line.write((_in_one(parts, lasting=lasting), facts))
    written, renewed, *row = found
    return written, renewed, row if row and row[0] is not None else None


@cache
def _in_one(parts: Parts, *, lasting: bool) -> str:
    words = {"settled": f"{SETTLE} RETURNING 1", "renewed": f"{RENEW} RETURNING 1", "claimed": CLAIM_ON_POSTGRESQL}
    first = [] if lasting else [HASTE]
    counts = [f"(SELECT count(*) FROM {name})" if name in parts else "0" for name in ("settled", "renewed")]  # noqa: S608  our own constants
    shown, joined = (", claimed.*", " LEFT JOIN claimed ON true") if "claimed" in parts else ("", "")
    return f"""WITH {", ".join([*first, *(f"{name} AS ({words[name]})" for name in parts)])}
        SELECT {", ".join(counts)}{shown} FROM {"(SELECT 1)" if lasting else "haste"} AS one{joined}"""  # noqa: S608  our own constants


def _on_sqlite(line: Swift, parts: Parts, facts: Facts, *, lasting: bool) -> Counts:
    """One after another in one transaction."""
    words = {"settled": SETTLE, "renewed": RENEW, "claimed": CLAIM_ON_SQLITE}
    results = dict(zip(parts, line.write(*((words[name], facts) for name in parts), lasting=lasting), strict=True))
    written, renewed = (results[name][-1][0] if name in results else 0 for name in ("settled", "renewed"))
    row, *_more = results.get("claimed", [()])
    return written, renewed, row if len(row) > 1 else None


def left_all_the_same(line: Swift, outcome: Outcome) -> None:
    """It had left when it was taken back; the log must say so."""
    line.write((TOO_LATE, {"id": outcome.held.id, "sent_at": outcome.sent_at, "smtp_reply": outcome.smtp_reply}))


def give_back(line: Swift, held: Held) -> bool:
    """What was taken and is not to leave now waits again, as if it had never been taken; whether it was still ours."""
    ((*_rows, count),) = line.write((GIVE_BACK, {"id": held.id, "token": held.token, "uncertain": held.uncertain}))
    return count == (1,)


def settle(outcome: Outcome) -> bool:
    """Writes down the outcome alone, inside the open transaction, with whatever else belongs to it."""
    return within((SETTLE, _settling(outcome))) == 1


def read(row: Row) -> Held:
    """A row of HELD as the driver gives it."""
    facts = dict(zip(HELD, row, strict=True))
    number = facts["id"] if isinstance(facts["id"], UUID) else UUID(facts["id"])
    times = {name: instant(facts[name]) for name in ("next_at", "due_at", "expires_at")}
    return Held(**{**facts, **times, "id": number})


def _settling(outcome: Outcome) -> Facts:
    names = ("state", "attempts", "uncertain", "next_at", "sent_at", "smtp_reply", "error")
    facts: dict[str, Any] = {name: getattr(outcome, name) for name in names}
    return {**facts, "id": outcome.held.id, "token": outcome.held.token, "gone": outcome.state == "sent"}
