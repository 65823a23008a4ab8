"""The few statements that take a message, hold it, and write down what became of it. Written out: they run for every mail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Executable, Uuid, bindparam, text

from app.database import UtcDateTime, db
from app.outbox.models import Message
from app.outbox.rules import ASKED_FOR

INSTANTS = ("now", "clock", "until", "next_at", "sent_at")
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


def _statement(words: str) -> Executable:
    names = [name for name in INSTANTS if f":{name}" in words]
    binds: list[Any] = [bindparam(name, type_=UtcDateTime) for name in names]
    binds += [bindparam("id", type_=Uuid)] if ":id" in words else []
    statement = text(words).bindparams(*binds)
    if "RETURNING" not in words:
        return statement
    return statement.columns(*[Message.__table__.c[name] for name in HELD])


CLAIM = {
    dialect: _statement(
        f"""UPDATE message SET state = 'sending', token = :token, lease_until = :until, attempts = attempts + 1
        WHERE id = (SELECT id FROM message WHERE {DUE} AND NOT {STOPPED} AND NOT ({PAUSED}) ORDER BY rank_at, next_at LIMIT 1{lock})
        RETURNING {", ".join(HELD)}"""  # noqa: S608  our own constants
    )
    for dialect, lock in (("sqlite", ""), ("postgresql", " FOR UPDATE SKIP LOCKED"))
}
RENEW = _statement(
    """UPDATE message SET lease_until = :until, uncertain = uncertain + 1
    WHERE id = :id AND token = :token AND state = 'sending'"""
)
SETTLE = _statement(
    """UPDATE message SET state = :state, token = NULL, lease_until = NULL, attempts = :attempts, uncertain = :uncertain,
    next_at = :next_at, sent_at = :sent_at, smtp_reply = :smtp_reply, error = :error,
    body = CASE WHEN :gone THEN NULL ELSE body END
    WHERE id = :id AND token = :token AND state = 'sending'"""
)
TOO_LATE = _statement(
    """UPDATE message SET sent_at = :sent_at, smtp_reply = :smtp_reply
    WHERE id = :id AND state IN ('cancelled', 'superseded')"""
)


def claim(me: str, *, now: datetime, clock: datetime, until: datetime) -> Held | None:
    """Takes the next message that is due until `until`, the nearest workshop first, unless staff have paused (what was asked
    for leaves all the same) or the circuit has opened. Inside a transaction."""
    connection = _connection()
    facts = {"me": me, "token": f"{me}:{secrets.token_hex(3)}", "now": now, "clock": clock, "until": until}
    row = connection.execute(CLAIM[connection.dialect.name], facts).one_or_none()
    return Held(*row) if row is not None else None


def renew(held: Held, *, until: datetime) -> bool:
    """Right before DATA: is it still ours and still wanted? From here on, until the answer is written down, one copy more may
    be about. Inside a transaction."""
    return _one(RENEW, {"id": held.id, "token": held.token, "until": until})


def settle(outcome: Outcome) -> bool:
    """Writes the outcome if the message is still ours. Inside a transaction.

    What has left keeps no bytes: codes, invitations and the links to manage a registration stand in them in clear.
    """
    facts: dict[str, Any] = {
        name: getattr(outcome, name) for name in ("state", "attempts", "uncertain", "next_at", "sent_at", "smtp_reply", "error")
    }
    facts["gone"] = outcome.state == "sent"
    if _one(SETTLE, {"id": outcome.held.id, "token": outcome.held.token, **facts}):
        return True
    if outcome.state == "sent":  # it had left when it was taken back; the log must say so
        _one(TOO_LATE, {"id": outcome.held.id, "sent_at": outcome.sent_at, "smtp_reply": outcome.smtp_reply})
    return False


def _one(statement: Executable, facts: dict[str, Any]) -> bool:
    return cast("CursorResult[Any]", _connection().execute(statement, facts)).rowcount == 1


def _connection() -> Connection:
    return db.session.connection()
