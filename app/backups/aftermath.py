"""What a copy learns before it is put in its place: what has left since it was made, and to let nothing leave until staff look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import defer, selectinload

from app.accounts.models import Code, SignIn
from app.audit.service import COMMAND, record
from app.backups.rules import BackupError
from app.database import db, transaction
from app.feeds.models import CalendarRevision
from app.outbox.carrier import KNOWN
from app.outbox.journal import AGAIN, open_journal
from app.outbox.models import Message, Switch, Worker
from app.outbox.rules import RESTORED
from app.outbox.service import gone
from app.registrations.models import Registration
from app.workshops.models import Workshop, WorkshopDay

LEAP = 100_000  # numbers that were given after the copy was made are given to nobody else
SEQUENCES = 100  # calendars hold entries with a higher SEQUENCE than the copy's; of a lower one they would take no notice
OPEN = ("pending", "sending", "held", "failed", "uncertain", "expired")


def settle(made_at: datetime, now: datetime) -> int:
    """Makes the copy fit for its place, in the app that stands on it; how many mails the journal knew to have left.

    All is paused. What has left is marked as sent. Everybody signs in anew, for the copy may hold sessions that were ended since.
    Numbers, sequences and the calendars' last change go on from beyond whatever was given out after the copy was made.
    """
    from flask_migrate import upgrade  # noqa: PLC0415  web processes load this file too, and migrate nothing

    upgrade()
    with transaction() as session:
        for name, value in (("mail", "paused"), (RESTORED, made_at.isoformat())):
            switch = session.get(Switch, name) or Switch(name=name)
            switch.value, switch.at, switch.by = value, now, ""
            session.add(switch)
        session.flush()
        known = _mark_sent(made_at, now)
        since = max(0, int((now - made_at).total_seconds()))  # so that a copy put back a second time goes on beyond the first
        session.execute(delete(SignIn))
        session.execute(delete(Code))
        session.execute(delete(Worker))
        session.execute(update(CalendarRevision).values(revision=CalendarRevision.revision + 1, changed_at=now))
        for table in (Workshop, WorkshopDay, Registration):
            session.execute(update(table).values(sequence=table.sequence + SEQUENCES + since // 60))
        _leap(LEAP + since)
        record("backup.restored", "mail", by=COMMAND, now=now, made_at=f"{made_at:%Y-%m-%d %H:%M} UTC", known=known)
        return known


def _mark_sent(made_at: datetime, now: datetime) -> int:
    """The mails that the copy takes for unsent and the journal knows: this very message, or whatever said the same."""
    if not db.session.scalar(select(Switch.value).where(Switch.name == "journal")):
        return 0  # it has never written a mail
    journal = open_journal()
    try:
        journal.read_since(made_at, now)
        messages = _open()
        things = gone({_base(item.dedupe): message.due_at for message in messages for item in message.items}, now)
    except OSError as error:
        words = f"The journal of what has left cannot be read ({error}): mails would go twice."
        raise BackupError(words) from error
    known = 0
    for message in messages:
        at = journal.sent_at(message.message_id)
        itself = at is not None and at >= min(message.next_at, made_at)  # staff may have sent it before its hour
        if itself or (message.items and all(_base(item.dedupe) in things for item in message.items)):
            message.state, message.sent_at, message.smtp_reply, message.body = "sent", at if at and itself else now, KNOWN, None
            message.token, message.lease_until = None, None
            known += 1
    return known


def _base(key: str) -> str:
    """What a mail that was written anew says is known under the key of the first one."""
    return key.partition(AGAIN)[0]


def _open() -> list[Message]:
    wanted = select(Message).where(Message.state.in_(OPEN)).options(defer(Message.body), selectinload(Message.items))
    return list(db.session.scalars(wanted))


def _leap(leap: int) -> None:
    """Moves every counter on: links, keys of mails and entries in calendars name rows that the copy does not have, and must never
    come to mean another row."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(
            text("SELECT setval(seqrelid::regclass, coalesce(pg_sequence_last_value(seqrelid::regclass), 0) + :leap) FROM pg_sequence"),
            {"leap": leap},
        )
        return
    for table in _counted():
        moved = db.session.execute(text("UPDATE sqlite_sequence SET seq = seq + :leap WHERE name = :name"), {"leap": leap, "name": table})
        if not moved.rowcount:  # type: ignore[attr-defined]  # a statement's result has it
            db.session.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :leap)"), {"leap": leap, "name": table})


def _counted() -> Iterable[str]:
    """The tables that count their rows (AUTOINCREMENT): each has been named there since its first row."""
    wanted = text("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
    return [name for (name,) in db.session.execute(wanted)]
