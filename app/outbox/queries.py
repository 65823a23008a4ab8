"""What staff and monitoring see of the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import CompoundSelect, cast, func, literal, null, select, union_all
from sqlalchemy.orm import defer

from app.database import UtcDateTime, db
from app.outbox.bounces.models import Mark
from app.outbox.models import Beat, Message, MessageItem, Switch, Worker
from app.outbox.rules import RESTORED, SLOWED, STALE, halvings

WATCHED = ("plan", "seats")  # jobs that must come to their end again and again; carrying mail gives signs of life on its way
PAUSED = "paused"  # what MAIL_MODE and the switch `mail` say
WITHDRAWN = ("cancelled", "superseded")
NEED_STAFF = ("failed", "uncertain", "held", "expired")


@dataclass(frozen=True)
class Topic:
    """What ("workshop:5") or whom ("person:3") a mail log is about, told by whoever owns it: answers the announcement
    `topic_title(topic=, into=)`.

    `lang` marks a title in another language than the page's; `zone` is the clock of the place; `people` says who gets
    its mails ("34 registered, 2 waiting"); `links` are the crumbs above the page: (address, words); `readers` are how many
    people staff could write to.
    """

    title: str
    lang: str | None = None
    zone: str = "Europe/Stockholm"
    people: str = ""
    links: Sequence[tuple[str, str]] = ()
    readers: int = 0


@dataclass(frozen=True)
class Planned:
    """Mails that are still to be written, about "workshop:5" or to "person:3": answers the announcement
    `planned_mails(topic=, into=)`.

    `what` in the reader's language ("Reminder a week before"), `who` likewise ("12 people"), `zone` is those people's clock.
    """

    due_at: datetime
    what: str
    who: str
    zone: str
    state: str = "planned"  # or missed, held
    act: str = ""  # the address of a page on which staff let it go now


@dataclass(frozen=True)
class Written:
    """A mail that was written of late, as far as staff look at it beforehand: `about` is such as "registration:12"."""

    id: UUID
    about: str
    kind: str
    lang: str
    recipient_name: str
    subject: str
    state: str
    due_at: datetime


@dataclass(frozen=True)
class Overview:
    """The state of the outbox in a few figures."""

    waiting: int
    due: int
    sent_today: int
    failed: int
    uncertain: int
    missed: int
    held: int
    oldest_due: datetime | None
    heartbeat: datetime | None
    paused: bool
    circuit: str  # why the server is not being tried, or nothing
    marked: int  # addresses at which mail fails
    halved: int  # how many times the rate is halved, because the server has asked for less at once
    bounces: str  # why the mailbox of non-delivery cannot be read, or nothing


@dataclass(frozen=True)
class PutBack:
    """A copy of the database that has been put in its place, and when."""

    copied_at: datetime
    at: datetime


def switched(name: str) -> str:
    """What a switch stands at; empty when nobody has thrown it yet."""
    return db.session.scalar(select(Switch.value).where(Switch.name == name)) or ""


def slowed(now: datetime) -> int:
    """How many times the rate is halved now, because the server has asked for less at once."""
    row = db.session.execute(select(Switch.value, Switch.at).where(Switch.name == SLOWED)).one_or_none()
    return halvings(int(row.value), now - row.at) if row else 0


def last_put_back() -> PutBack | None:
    """The copy that stands in the database's place, if any was ever put back."""
    row = db.session.execute(select(Switch.value, Switch.at).where(Switch.name == RESTORED)).one_or_none()
    return None if row is None else PutBack(datetime.fromisoformat(row.value), row.at)


def put_back() -> PutBack | None:
    """The same as long as its return has paused all mail: until staff let it go."""
    copy = last_put_back()
    paused_at = db.session.scalar(select(Switch.at).where(Switch.name == "mail", Switch.value == "paused")) if copy else None
    return copy if copy and paused_at == copy.at else None


def last_end(job: str) -> datetime | None:
    """When a recurring job came to its end last."""
    return db.session.scalar(select(Beat.at).where(Beat.job == job))


def counts(topic: str) -> dict[str, int]:
    """How many mails about a topic are in each state."""
    about = Message.id.in_(select(MessageItem.message_id).where(MessageItem.topic == topic))
    wanted = select(Message.state, func.count().label("number")).where(about).group_by(Message.state)
    return {row.state: row.number for row in db.session.execute(wanted)}


def mark() -> int:
    """A place in the outbox: what is written after it has a higher number."""
    return db.session.scalar(select(func.max(MessageItem.id))) or 0


def written_since(mark: int, topic: str) -> list[Written]:
    """The mails about a topic that were written after a mark, in their order, without their bytes."""
    columns = (Message.id, MessageItem.subject, Message.kind, Message.lang, Message.recipient_name)
    wanted = select(*columns, Message.subject, Message.state, Message.due_at).join(MessageItem.message)
    wanted = wanted.where(MessageItem.id > mark, MessageItem.topic == topic).order_by(MessageItem.id)
    return [Written(*row) for row in db.session.execute(wanted)]


def bodies(numbers: Sequence[UUID]) -> dict[UUID, bytes]:
    """The bytes of these mails, of those that have any."""
    wanted = select(Message.id, Message.body).where(Message.id.in_(numbers), Message.body.is_not(None))
    return {number: body for number, body in db.session.execute(wanted) if body is not None}


def needing_staff(*, limit: int = 100, offset: int = 0) -> Sequence[Message]:
    """Mails that wait for a decision: failed, uncertain, held back, too late; the newest first."""
    wanted = select(Message).where(Message.state.in_(NEED_STAFF)).order_by(Message.due_at.desc(), Message.id)
    return db.session.scalars(wanted.options(defer(Message.body, raiseload=True)).limit(limit).offset(offset)).all()


def waiting_long(kind: str, now: datetime) -> Sequence[tuple[UUID, int]]:
    """Mails of a kind that were written hours ago, surely have not left, and are still of use: which, and to whom."""
    wanted = select(Message.id, Message.person_id).where(Message.kind == kind, Message.state == "pending", Message.uncertain == 0)
    wanted = wanted.where(Message.created_at <= now - STALE, Message.expires_at > now, Message.person_id.is_not(None))
    return [(number, person_id) for number, person_id in db.session.execute(wanted.order_by(Message.person_id)) if person_id]


def overview(now: datetime) -> Overview:
    """Figures for the staff's pages and for monitoring, in one read: the mails by state, the switches, the schedulers."""
    due = (Message.state == "pending") & (Message.next_at <= now) & (Message.expires_at > now)
    today = (Message.state == "sent") & (Message.sent_at > now - timedelta(hours=24))
    facts = func.count(), func.count().filter(due), func.count().filter(today), func.min(Message.next_at).filter(due)
    none = literal(0), literal(0), literal(0)
    signs = union_all(
        select(literal("mails"), Message.state, literal(""), *facts).group_by(Message.state),
        select(literal("switch"), Switch.name, Switch.value, *none, Switch.at),
        select(literal("beat"), literal(""), literal(""), *none, Worker.beat_at),
        select(literal("marks"), literal(""), literal(""), func.count(), *none[1:], cast(null(), UtcDateTime)).where(
            Mark.marked_at.is_not(None)
        ),
    )
    found = db.session.execute(signs).all()
    rows = [row[1:] for row in found if row[0] == "mails"]
    counts = {state: number for state, _value, number, *_more in rows}
    switches = {name: value for sort, name, value, *_more in found if sort == "switch"}
    halved = sum(halvings(int(row[2]), now - row[-1]) for row in found if row[:2] == ("switch", SLOWED))
    return Overview(
        waiting=counts.get("pending", 0) + counts.get("sending", 0),
        due=sum(row[3] for row in rows),
        sent_today=sum(row[4] for row in rows),
        failed=counts.get("failed", 0),
        uncertain=counts.get("uncertain", 0),
        missed=counts.get("expired", 0),
        held=counts.get("held", 0),
        oldest_due=min((row[5] for row in rows if row[5]), default=None),
        heartbeat=_nearest((row[-1] for row in found if row[0] == "beat"), now),
        paused=switches.get("mail") == "paused",
        circuit=switches.get("circuit_words", "") if switches.get("circuit") == "open" else "",
        marked=sum(number for sort, _name, _value, number, *_more in found if sort == "marks"),
        halved=halved,
        bounces=switches.get("bounces_trouble", ""),
    )


def last_beat(now: datetime) -> datetime | None:
    """The sign of life of any scheduler that is nearest to now: a dead one's clock may have run ahead."""
    return _nearest(db.session.scalars(select(Worker.beat_at)), now)


def _nearest(beats: Iterable[datetime], now: datetime) -> datetime | None:
    return min(beats, key=lambda beat: abs(now - beat), default=None)


def heartbeat_age(now: datetime) -> timedelta | None:
    """How far away the last sign of life is; None when there never was one.

    One that lies ahead is as bad as an old one: the clock was set back, and the scheduler waits until it is reached.
    """
    beat = last_beat(now)
    return None if beat is None else abs(now - beat)


def job_ages(now: datetime) -> dict[str, timedelta | None]:
    """The same for each job that is watched: how far away its last end is."""
    ends = {row.job: row.at for row in db.session.execute(select(Beat.job, Beat.at))}
    return {job: abs(now - ends[job]) if job in ends else None for job in WATCHED}


class Alarms(NamedTuple):
    """What staff must know at once: the schedulers, or one of their jobs, have not been heard of for too long; all mail is paused."""

    silent: bool
    paused: bool


def alarms(now: datetime, limit: timedelta) -> Alarms:
    """Each page of the staff's asks, and a monitor; `limit` is how long the schedulers may be silent."""
    ages: dict[str, timedelta] = {}
    for job, at in db.session.connection().execute(_signs_of_life()):
        ages[job] = min(abs(now - at), ages.get(job, timedelta.max))
    silent = any(ages.get(job, timedelta.max) > limit for job in ("", *WATCHED))
    return Alarms(silent, PAUSED in ages or current_app.config["CONFIG"].settings.mail_mode == PAUSED)


@lru_cache(1)
def _signs_of_life() -> CompoundSelect[str, datetime]:
    """Of the schedulers, and of each job's end; and a row if staff have paused all mail. Made once, on the bare tables."""
    worker, beat, switch = Worker.__table__, Beat.__table__, Switch.__table__
    paused = select(literal(PAUSED), switch.c.at).where(switch.c.name == "mail", switch.c.value == PAUSED)
    return union_all(select(literal(""), worker.c.beat_at), select(beat.c.job, beat.c.at), paused)
