"""Puts finished mails into the outbox, takes them back, and obeys staff: pause, resume, send once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    CompoundSelect,
    CursorResult,
    Insert,
    Table,
    and_,
    bindparam,
    delete,
    false,
    insert,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import Insert as InsertPostgresql
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import Insert as InsertSqlite
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import defer, selectinload
from sqlalchemy.sql.dml import Update

from app import mailer
from app.audit.service import Actor, record
from app.database import Base, changed, db, plain, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.mailer import Content, Unsendable
from app.outbox.bounces import service as bounces
from app.outbox.bounces.queries import marked_among
from app.outbox.bounces.rules import same
from app.outbox.carrier import Tally, deliver_pending
from app.outbox.journal import gone, open_journal, unique_name
from app.outbox.models import Message, MessageItem, Switch
from app.outbox.queries import NEED_STAFF, heartbeat_age, switched
from app.outbox.rules import KINDS, MARKED, SET_ASIDE, UNASKED, UNSENDABLE, UNWRITTEN
from app.outbox.workers import beat, finished, forget_workers, start_worker

# What the parts of the outbox add to this file:
__all__ = ["Tally", "beat", "deliver_pending", "finished", "gone", "heartbeat_age", "start_worker"]

USEFUL = timedelta(hours=72)  # after that a mail without an end of its own is too late
KEEP_BODIES = timedelta(days=90)
KEEP_WORKERS = timedelta(days=7)
KEEP_JOURNALS = timedelta(days=100)  # longer than any backup
LEAVING = ("pending", "sending")
UNSENT = (*LEAVING, "held")
MAY_LEAVE = frozenset({*UNSENT, *NEED_STAFF})  # by itself, or because staff say so


@dataclass(frozen=True)
class Item:
    """One thing that a mail is about. `dedupe` is written once, ever; `subject` is what the mail is taken back by, `topic`
    whose mail log shows it."""

    dedupe: str  # "rule:3:registration:12:generation:1"
    subject: str  # "registration:12"
    topic: str = ""  # "workshop:5"


@dataclass(frozen=True)
class Mail:
    """A mail to one person, complete but for its envelope.

    It leaves at `due_at` (None: at once) unless `expires_at`, the end of its use, has passed (None: we try for 72 hours); of
    several the one whose `rank_at`, the start of what it is about, is nearest goes first. When it is late, it does not leave
    at night in `zone` (None: at any hour). `unsubscribe` is an address for one click (RFC 8058).
    `problem` says why it could not be written: then it is kept as failed, for staff to see, like what can never be sent.
    """

    kind: str
    person_id: int | None
    lang: str
    recipient: str
    recipient_name: str
    content: Content
    items: Sequence[Item] = field(default_factory=tuple)
    due_at: datetime | None = None
    expires_at: datetime | None = None
    rank_at: datetime | None = None
    zone: str | None = None
    calendar: bytes | None = None
    calendar_method: str = "REQUEST"
    unsubscribe: str | None = None
    problem: str = ""


def queue(mail: Mail, *, now: datetime) -> Message | None:
    """Puts the mail into the outbox, its bytes and Message-ID fixed for good; None when one of its items is there already.

    What can never be sent (a line end in a header) is kept as failed, with the reason, so that nothing else stumbles over it.
    A kind that pages have no word for raises ValueError.
    """
    keys = sorted(item.dedupe for item in mail.items)
    with transaction() as session:
        if keys and session.scalars(select(MessageItem.id).where(MessageItem.dedupe.in_(keys)).limit(1)).first() is not None:
            return None
        values = _kept_back([_values(mail, keys, now, _identity(now))])[0]
        wanted = _insert(Message).values(**values).on_conflict_do_nothing()
        message = session.scalars(wanted.returning(Message)).one_or_none()
        if message is None or _items(message.id, mail.items) == len(mail.items):
            return message
        session.delete(message)  # another process was faster with one of the items
        session.flush()
        return None


def queue_all(mails: Sequence[Mail], *, now: datetime) -> int:
    """The same for the many mails of one change, in a fixed number of statements; how many were new.

    The caller holds what they are about, so that nobody else can be writing the same mails.
    """
    with transaction():
        there, identity = _look([item.dedupe for mail in mails for item in mail.items])
        fresh = [mail for mail in mails if not there & {item.dedupe for item in mail.items}]
        identity = identity or (_identity(now) if fresh else "")
        rows = _kept_back([_values(mail, sorted(item.dedupe for item in mail.items), now, identity) for mail in fresh])
        items = [row for values, mail in zip(rows, fresh, strict=True) for row in _item_rows(values["id"], mail.items)]
        for table, wanted in ((Message, rows), (MessageItem, items)):
            if wanted:
                plain(_row(table), wanted)
        return len(rows)


def _look(keys: Sequence[str]) -> tuple[set[str], str]:
    """Which of these items are there already, and this database's own name, if it has been given; in one, for others wait."""
    rows = plain(_looked_up(), {"keys": keys}).all()
    return {words for words, named in rows if not named}, next((words for words, named in rows if named), "")


@lru_cache(1)
def _looked_up() -> CompoundSelect[str, bool]:
    """Made once: it runs with every registration."""
    there = select(MessageItem.dedupe, false()).where(MessageItem.dedupe.in_(bindparam("keys", expanding=True)))
    return union_all(there, select(Switch.value, true()).where(Switch.name == "journal"))


@lru_cache(2)
def _row(table: type[Base]) -> Insert:
    """Made once, too; nobody asks for the number that it gets."""
    return insert(cast(Table, table.__table__)).inline()


def withdraw(subject: str, *, kinds: Sequence[str] | None = None, state: str = "cancelled") -> int:
    """Takes back what is about `subject` ("registration:12") and has not left; how many. `state`: cancelled or superseded.

    What could not be delivered goes too: nobody must send it again, now that it is wrong.
    Runs in the transaction of the change that makes the mails wrong; even a mail on its way is stopped, until the last look
    right before DATA: what is taken back after that may arrive, and then its row says that it left.
    """
    return withdraw_each([subject], kinds=kinds, state=state)


def withdraw_each(subjects: Sequence[str], *, kinds: Sequence[str] | None = None, state: str = "cancelled") -> int:
    """The same for many at once."""
    if not subjects:
        return 0
    about = select(MessageItem.message_id).where(MessageItem.subject.in_(subjects))
    return _take_back(update(Message).where(Message.id.in_(about)), kinds, state)


def withdraw_these(numbers: Sequence[UUID], *, state: str = "cancelled") -> int:
    """The same for these very mails."""
    return _take_back(update(Message).where(Message.id.in_(numbers)), None, state) if numbers else 0


def leave_no_trace(numbers: Sequence[UUID], *, state: str) -> None:
    """Takes these very mails back, and their rows too of those that nobody has tried to send: that one was taken back would tell of
    its reader what only they may tell."""
    if numbers:
        taken = and_(Message.state == "sending", Message.attempts == 1)  # and not begun: its last look finds no row
        untried = or_(taken, and_(Message.state.in_(("pending", "held")), Message.attempts == 0))
        changed(delete(Message).where(Message.id.in_(numbers), untried, Message.uncertain == 0))
    withdraw_these(numbers, state=state)


def withdraw_from(person_id: int, *, kinds: Sequence[str] | None = None) -> int:
    """The same for all that is on its way to somebody whose account is closed, or who wants no more of these kinds."""
    return _take_back(update(Message).where(Message.person_id == person_id), kinds, "cancelled")


def discard(numbers: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Takes back mails that wait and surely have not left, as if they had never been: what they are about may be written anew under the
    same keys, with the same Message-ID. The keys of each that did still wait."""
    wanted = select(Message).where(Message.id.in_(numbers), Message.state == "pending", Message.uncertain == 0)
    wanted = wanted.options(selectinload(Message.items), defer(Message.body)).order_by(Message.id).with_for_update()
    found: dict[UUID, list[str]] = {}
    with transaction() as session:
        for message in session.scalars(wanted.execution_options(populate_existing=True)).all():
            found[message.id] = [item.dedupe for item in message.items]
            message.state, message.body, message.message_id = "superseded", None, f"{message.id.hex}.{message.message_id}"
            for item in message.items:
                item.dedupe = f"{item.dedupe}:{message.id.hex[:8]}"
        session.flush()
    return found


def pause(*, by: Actor, now: datetime) -> None:
    """Nothing leaves any more, from the next last look before DATA on, but what somebody has asked for and waits for (ASKED_FOR)."""
    _throw("paused", by, now)


def resume(*, by: Actor, now: datetime) -> None:
    """Mail goes out again; nothing was lost."""
    _throw("live", by, now)


def resend(message_id: UUID, *, by: Actor, now: datetime) -> Message:
    """Gives a mail that failed, was held back or was too late another chance, with the same bytes.

    Raises Missing, Conflict when somebody has decided already, Refused when the bytes are gone or of no use any more.
    """
    with transaction():
        message = _needing_staff(message_id)
        name = message.recipient_name or message.recipient
        if message.body is None:
            raise Refused(_("The text of this mail is no longer kept. Write to %(name)s yourself.", name=name))
        if message.is_dated and message.expires_at <= now:
            raise Refused(_("It is too late for this mail. If something is still to be said, write to %(name)s yourself.", name=name))
        message.state, message.next_at, message.error = "pending", now, ""
        message.due_at = now  # staff say so: it is neither late nor to be written anew
        message.attempts = message.uncertain = 0
        if not message.is_dated:
            message.expires_at = max(message.expires_at, now + USEFUL)
        write_down("mail.resent", message, by, now)
        return message


def set_aside(message_id: UUID, *, by: Actor, now: datetime) -> Message:
    """Staff have seen that a mail did not arrive, and leave it at that. Raises Missing, Conflict."""
    with transaction():
        message = _needing_staff(message_id)
        message.state, message.body, message.error = "cancelled", None, SET_ASIDE
        write_down("mail.set_aside", message, by, now)
        return message


def write_down(action: str, message: Message, by: Actor, now: datetime) -> None:
    """A line in the history of everything that the mail is about; the mail's own page finds it by its number."""
    for topic in topics_of(message):
        record(action, topic, f"mail:{message.id.hex}", by=by, now=now, name=message.recipient_name or message.recipient)


def topics_of(message: Message) -> list[str]:
    """Whose histories it stands in."""
    return sorted({item.topic for item in message.items if item.topic}) or ["mail"]


def _needing_staff(message_id: UUID) -> Message:
    message = db.session.get(Message, message_id, with_for_update=True)
    if message is None:
        raise Missing
    if message.state not in NEED_STAFF:
        raise Conflict(_("This mail is not waiting for a decision any more."))
    return message


def forget(*, now: datetime) -> int:
    """Retention: the bytes of mails that did not leave go after 90 days, what became of them stays; also old journals,
    dead workers and failures of a year ago.

    How many bodies were thrown away. Destroys: `now` must never lie ahead of the real clock.
    """
    with transaction() as session:
        old = update(Message).where(Message.body.is_not(None), Message.created_at < now - KEEP_BODIES, Message.state.not_in(LEAVING))
        done = cast("CursorResult[Any]", session.execute(old.values(body=None).execution_options(synchronize_session=False)))
    bounces.forget(now=now)
    forget_workers(before=now - KEEP_WORKERS)
    open_journal().tidy(now - KEEP_JOURNALS)
    return done.rowcount


def _values(mail: Mail, keys: Sequence[str], now: datetime, identity: str) -> dict[str, Any]:
    """The row. The Message-ID follows from the items, so that even after a restore a copy can be known as a copy."""
    if mail.kind not in KINDS:
        words = f"no mail is called {mail.kind!r}"
        raise ValueError(words)
    number = uuid4()
    due_at = mail.due_at or now
    unique = unique_name(identity, keys) if keys else number.hex
    message_id = mailer.new_message_id(unique)
    body, error = None, ""
    try:
        body = mailer.build(
            mail.content,
            lang=mail.lang,
            recipient=mail.recipient,
            recipient_name=mail.recipient_name,
            message_id=message_id,
            at=max(now, due_at),  # when it leaves: inboxes sort by it
            outbox_id=str(number),
            calendar=mail.calendar,
            calendar_method=mail.calendar_method,
            unsubscribe=mail.unsubscribe,
        )
    except Unsendable as reason:
        error = f"{UNSENDABLE}: {reason}"
    if mail.problem:
        body, error = None, f"{UNWRITTEN}: {mail.problem}"
    return {
        "id": number,
        "kind": mail.kind,
        "person_id": mail.person_id,
        "lang": mail.lang,
        "recipient": mail.recipient[:320],
        "recipient_name": mail.recipient_name[:200],
        "subject": mail.content.subject[:400],
        "message_id": message_id,
        "created_at": now,
        "due_at": due_at,
        "expires_at": mail.expires_at or due_at + USEFUL,
        "is_dated": mail.expires_at is not None,
        "next_at": due_at,
        "rank_at": mail.rank_at or due_at,
        "zone": mail.zone,
        "state": "failed" if error else "pending",
        "error": error,
        "body": body,
    }


def _kept_back(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What nobody has asked for does not go to an address at which mail fails, until staff have looked."""
    unasked = [row for row in rows if row["kind"] in UNASKED and row["state"] == "pending"]
    marked = marked_among(row["recipient"] for row in unasked)
    for row in unasked:
        if same(row["recipient"]) in marked:
            row |= {"state": "held", "error": MARKED}
    return rows


def _items(message_id: UUID, items: Sequence[Item]) -> int:
    """Writes the items that nobody has written yet, in a fixed order, so that two processes never wait for each other."""
    if not items:
        return 0
    wanted = _insert(MessageItem).values(_item_rows(message_id, items)).on_conflict_do_nothing(index_elements=["dedupe"])
    return len(db.session.scalars(wanted.returning(MessageItem.id)).all())


def _item_rows(message_id: UUID, items: Sequence[Item]) -> list[dict[str, Any]]:
    return [
        {"message_id": message_id, "dedupe": item.dedupe, "subject": item.subject, "topic": item.topic}
        for item in sorted(items, key=lambda item: item.dedupe)
    ]


def _insert(table: type[Base]) -> InsertPostgresql | InsertSqlite:
    """An INSERT that may be told what to do about rows that are there already."""
    return (insert_postgresql if db.session.get_bind().dialect.name == "postgresql" else insert_sqlite)(table)


def _take_back(wanted: Update, kinds: Sequence[str] | None, state: str) -> int:
    wanted = wanted.where(Message.state.in_(MAY_LEAVE))
    if kinds is not None:
        wanted = wanted.where(Message.kind.in_(kinds))
    wanted = wanted.values(state=state, token=None, lease_until=None, body=None)
    with transaction() as session:
        session.flush()
        done = cast("CursorResult[Any]", session.execute(wanted.execution_options(synchronize_session="fetch")))
        return done.rowcount


def _throw(value: str, by: Actor, now: datetime) -> None:
    with transaction() as session:
        switch = session.get(Switch, "mail") or Switch(name="mail", value="live")
        if switch.value != value:
            record("mail.paused" if value == "paused" else "mail.resumed", "mail", by=by, now=now)
        switch.value, switch.at, switch.by = value, now, by.name[:200]
        session.add(switch)


def _identity(now: datetime) -> str:
    """This database's own name, given once: a fresh database never mistakes an older one's mails for its own."""
    found = switched("journal")
    if found:
        return found
    db.session.execute(_insert(Switch).values(name="journal", value=uuid4().hex, at=now, by="").on_conflict_do_nothing())
    return switched("journal")
