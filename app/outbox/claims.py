"""The few statements that take a message, hold it, and write down what became of it. Written out: they run for every mail.

A mail costs one of them: the last look right before it is handed over also writes down what became of the one before and takes
the one after it. A message waits for the disk once, at that look; what has left is written down with the next. So a power cut
finds a message that may have left marked as such, and nothing else has left. Where many leave at once, those of a twentieth of a
second share a wait: a power cut then may send so many again. A killed process never does.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from app.database import retrying
from app.outbox.rules import ASKED_FOR
from app.swift import HASTE, Swift, instant, within

Facts = Mapping[str, Any]
Row = tuple[Any, ...]
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
    """Who claims, what counts as due, and the real clock."""

    me: str
    now: datetime
    clock: datetime


class Done(NamedTuple):
    """What one turn did: whether the message settled was still ours, whether the one renewed still is and may leave, and the next."""

    written: bool
    renewed: bool
    held: Held | None


SET = """state = :state, token = NULL, lease_until = NULL, attempts = :attempts, uncertain = :uncertain, next_at = :next_at,
    sent_at = :sent_at, smtp_reply = :smtp_reply, error = :error, body = CASE WHEN :gone THEN NULL ELSE body END"""
OURS = "id = :id AND token = :token AND state = 'sending'"
SETTLE = f"UPDATE message SET {SET} WHERE {OURS}"  # noqa: S608  our own constants, here and below
# It was taken before the one ahead of it left: staff may have paused meanwhile.
RENEW = f"""UPDATE message SET lease_until = :until, uncertain = uncertain + 1
    WHERE id = :taken AND token = :by AND state = 'sending' AND NOT ({PAUSED})"""  # noqa: S608
CLAIM = f"""UPDATE message SET state = 'sending', token = :mine, lease_until = :until, attempts = attempts + 1
    WHERE id = (SELECT id FROM message WHERE {DUE} AND NOT {STOPPED} AND NOT ({PAUSED}) ORDER BY rank_at, next_at LIMIT 1%s)
    RETURNING {", ".join(HELD)}"""  # noqa: S608
ON_SQLITE = {"settled": SETTLE, "renewed": RENEW, "claimed": CLAIM % ""}
ON_POSTGRESQL = {"settled": f"{SETTLE} RETURNING 1", "renewed": f"{RENEW} RETURNING 1", "claimed": CLAIM % " FOR UPDATE SKIP LOCKED"}
TOO_LATE = """UPDATE message SET sent_at = :sent_at, smtp_reply = :smtp_reply
    WHERE id = :id AND state IN ('cancelled', 'superseded')"""
GIVE_BACK = f"UPDATE message SET state = 'pending', token = NULL, lease_until = NULL, attempts = attempts - 1 WHERE {OURS}"  # noqa: S608


def turn(
    line: Swift,
    outcome: Outcome | None = None,
    renewed: Held | None = None,
    wanted: Wanted | None = None,
    *,
    until: datetime,
    lasting: bool,
) -> Done:
    """All or nothing, in one trip: writes down what became of the last message; right before DATA, looks whether `renewed` is still
    ours and still wanted, from where on, until its answer is written down, one copy more may be about; takes the next that is due,
    the nearest workshop first, unless staff have paused (what was asked for leaves all the same) or the circuit has opened.

    What has left keeps no bytes: codes, invitations and the links to manage a registration stand in them in clear. It waits for
    the disk if it is to be `lasting`.
    """
    parts: dict[str, Facts] = {}
    if outcome:
        parts["settled"] = _settling(outcome)
    if renewed:
        parts["renewed"] = {"taken": renewed.id, "by": renewed.token, "until": until}
    if wanted:
        parts["claimed"] = {**_claiming(wanted), "until": until}
    counts, row = (_on_postgresql if line.is_postgresql else _on_sqlite)(line, parts, lasting=lasting)
    written = not outcome or counts["settled"] == 1
    if outcome and not written and outcome.state == "sent":  # it had left when it was taken back; the log must say so
        facts = {"id": outcome.held.id, "sent_at": outcome.sent_at, "smtp_reply": outcome.smtp_reply}
        retrying(lambda: line.write((TOO_LATE, facts)))  # by itself: tried once more with the claim, two would be taken
    return Done(written, counts.get("renewed") == 1, read(row) if row else None)


def _on_postgresql(line: Swift, parts: Mapping[str, Facts], *, lasting: bool) -> tuple[dict[str, int], Row | None]:
    """One statement: each part sees what was there before, so what has just been settled cannot be what is claimed."""
    ((found, *_count),) = line.write(
        (_in_one(tuple(parts), lasting=lasting), {name: value for facts in parts.values() for name, value in facts.items()})
    )
    named = [name for name in parts if name != "claimed"]
    row = found[len(named) :]
    return dict(zip(named, found, strict=False)), row if row and row[0] is not None else None


@cache
def _in_one(parts: tuple[str, ...], *, lasting: bool) -> str:
    within = [] if lasting else [HASTE]
    within += [f"{name} AS ({ON_POSTGRESQL[name]})" for name in parts]
    shown = [f"{name}.*" if name == "claimed" else f"(SELECT count(*) FROM {name})" for name in parts]  # noqa: S608
    begun = "(SELECT 1) AS haste" if lasting else "haste"
    return f"WITH {', '.join(within)} SELECT {', '.join(shown)} FROM {begun}{' LEFT JOIN claimed ON true' if 'claimed' in parts else ''}"  # noqa: S608


def _on_sqlite(line: Swift, parts: Mapping[str, Facts], *, lasting: bool) -> tuple[dict[str, int], Row | None]:
    """One after another in one transaction."""
    results = dict(zip(parts, line.write(*((ON_SQLITE[name], facts) for name, facts in parts.items()), lasting=lasting), strict=True))
    (*rows, _count) = results.pop("claimed", [()])
    return {name: result[-1][0] for name, result in results.items()}, rows[0] if rows else None


def give_back(line: Swift, held: Held) -> bool:
    """What was taken and is not to leave now waits again, as if it had never been taken; whether it was still ours."""
    ((*_rows, count),) = line.write((GIVE_BACK, {"id": held.id, "token": held.token}))
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


def _claiming(wanted: Wanted) -> Facts:
    return {"me": wanted.me, "mine": f"{wanted.me}:{secrets.token_hex(3)}", "now": wanted.now, "clock": wanted.clock}
