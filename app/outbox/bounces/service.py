"""Writes down what came back, marks addresses that fail, and obeys staff who clear a mark."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import Insert as InsertPostgresql
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import Insert as InsertSqlite
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.audit.service import SCHEDULER, Actor, forget_fact, record
from app.database import Base, db, transaction
from app.outbox.bounces import queries
from app.outbox.bounces.models import Bounce, Mark
from app.outbox.bounces.reading import Report, read
from app.outbox.bounces.rules import KEEP, kind_of, same, status_in, tidy
from app.outbox.models import Message
from app.outbox.rules import MARKED, UNASKED

COUNTED, KNOWN, STRANGER, OTHER = "counted", "known already", "not about a mail of ours", "not a report"


def take(raw: bytes, *, now: datetime) -> str:
    """One mail out of the mailbox, or posted: what it was (COUNTED, KNOWN, STRANGER, OTHER). Raises Unreadable.

    Only whoever has had our mail knows what it is called: nobody else can speak against an address.
    """
    report = read(raw)
    if report is None:
        return OTHER
    with transaction():
        found = _find(report)
        if found is None:
            return STRANGER
        said = {"kind": report.kind, "source": "report", "status": report.status, "words": report.words}
        return COUNTED if _write(f"{report.key}:{found[0]}", *found, said, now) else KNOWN


def refused(message_id: UUID, token: str, recipient: str, answer: str, *, now: datetime) -> None:
    """The server's last word at sending, in the transaction that writes it down; `token` names the try."""
    status = status_in(answer)
    said = {"kind": kind_of(status, final=True), "source": "sending", "status": status[:12], "words": tidy(answer)}
    _write(f"{message_id}:{token}", message_id, recipient, said, now)


def clear(mark_id: int, *, by: Actor, now: datetime) -> str:
    """Staff have corrected the address, or asked its owner: what fell before counts no more, and what was kept back leaves.

    The address. Raises Missing.
    """
    with transaction():
        mark = queries.get_mark(mark_id)
        _clear(mark, now)
        record("address.cleared", "mail", by=by, now=now, address=mark.address)
        return mark.address


def proved(address: str, *, now: datetime) -> None:
    """Its owner has typed a code that was mailed there: mail does arrive. Runs in the transaction of the proof."""
    mark = queries.find_mark(address)
    if mark is not None:
        with transaction():
            _clear(mark, now)
            record("address.proved", "mail", by=SCHEDULER, now=now, address=mark.address)


def forget(*, now: datetime) -> int:
    """Retention; how many failures were thrown away. A mark stays until it is cleared; what was kept back for it and is of no use
    any more is nobody's to decide about."""
    with transaction() as session:
        late = update(Message).where(Message.state == "held", Message.error == MARKED, Message.expires_at <= now)
        session.execute(late.values(state="cancelled", body=None).execution_options(synchronize_session=False))
        forget_fact("address", ("address.marked", "address.cleared", "address.proved"), before=now - KEEP)
        session.execute(delete(Mark).where(Mark.marked_at.is_(None), or_(Mark.cleared_at.is_(None), Mark.cleared_at < now - KEEP)))
        done = session.execute(delete(Bounce).where(Bounce.at < now - KEEP))
        return cast("CursorResult[Any]", done).rowcount


def _find(report: Report) -> tuple[UUID, str] | None:
    named = or_(Message.id.in_(report.outbox_ids), Message.message_id.in_(report.message_ids))
    row = db.session.execute(select(Message.id, Message.recipient).where(named).limit(1)).first()
    return (row.id, row.recipient) if row is not None else None


def _write(name: str, number: UUID, recipient: str, said: dict[str, str], now: datetime) -> bool:
    """One row, if nobody has written it yet; and the mark, if this was once too often."""
    address = same(recipient)
    row = _insert(Bounce, key=sha256(name.encode()).hexdigest(), message_id=number, address=address, at=now, **said)
    new = db.session.scalars(row.returning(Bounce.id)).first() is not None
    if new and said["kind"] == "hard":
        _judge(address, now)
    return new


def _judge(address: str, now: datetime) -> None:
    """Counted under the lock of the address's own row: of two failures at once the second sees both."""
    db.session.execute(_insert(Mark, address=address))
    mark = db.session.scalars(select(Mark).where(Mark.address == address).with_for_update().execution_options(populate_existing=True)).one()
    config = current_app.config["CONFIG"]
    since = now - timedelta(days=config.number("bounce_days"))
    if mark.cleared_at is not None:
        since = max(since, mark.cleared_at)
    wanted = select(func.count()).where(Bounce.address == address, Bounce.kind == "hard", Bounce.at > since)
    if mark.marked_at is None and db.session.scalars(wanted).one() >= config.number("bounce_limit"):
        mark.marked_at = now
        record("address.marked", "mail", by=SCHEDULER, now=now, address=address)
        waiting = update(Message).where(Message.state == "pending", Message.kind.in_(UNASKED), func.lower(Message.recipient) == address)
        db.session.execute(waiting.values(state="held", error=MARKED).execution_options(synchronize_session="fetch"))


def _clear(mark: Mark, now: datetime) -> None:
    mark.marked_at, mark.cleared_at = None, now
    kept = update(Message).where(Message.state == "held", Message.error == MARKED, func.lower(Message.recipient) == mark.address)
    again = kept.where(Message.expires_at > now).values(state="pending", error="")  # what is too old stays for staff to judge
    db.session.execute(again.execution_options(synchronize_session="fetch"))


def _insert(table: type[Base], **values: Any) -> InsertPostgresql | InsertSqlite:
    insert = insert_postgresql if db.session.get_bind().dialect.name == "postgresql" else insert_sqlite
    return insert(table).values(**values).on_conflict_do_nothing()
