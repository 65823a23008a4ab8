"""Carries due messages to the mail server: claim, lease, send outside any transaction, and a mark that only the holder can set.

At least once with a bound: nothing is lost, and a copy needs a death or a lost answer at the one moment between the
server's answer and our journal line; it then has the same Message-ID. Exactly once over SMTP does not exist (RFC 1047).
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import CursorResult, and_, case, exists, func, null, or_, select, update

from app import mailer
from app.clock import now as clock_now
from app.config import Config
from app.database import db, end_reading, retrying, transaction
from app.errors import Busy
from app.mailer import Lost, Refused, Unreachable
from app.mailer import transport as line
from app.outbox import claims
from app.outbox.bounces import service as bounces
from app.outbox.claims import Done, Held, Outcome, Step
from app.outbox.journal import open_journal
from app.outbox.models import Message, Switch
from app.outbox.pace import RECOUNT, room, slow_down, throw
from app.outbox.queries import switched
from app.outbox.rules import ASKED_FOR, DIED, MOST_COPIES, NO_BODY, NOT_ALLOWED, PROBE, SLOW_DOWN, TOO_LATE, UNSENDABLE, put_off, wait_after
from app.outbox.workers import beat, dead_neighbours
from app.swift import Swift, swift

logger = logging.getLogger(__name__)
EXPIRY, EVERY = "app.outbox.expiry", 60.0  # when this process last looked for what is too late; seconds between two looks
BEAT = 10.0  # seconds between two signs of life in a long round
KNOWN = "known from the journal"
NOT_OURS = "message %s: somebody had taken it over or taken it back meanwhile"
PATIENT = 200  # tries, as long as LOCK_SECONDS last
TOGETHER = 0.05  # seconds of mails that share a wait for the disk: none do at a usual pace, 600 a minute


@dataclass
class Tally:
    """What one pass did. `again`: will be tried later; `held`: kept back by MAIL_ALLOWLIST; `stopped`: taken back on its way."""

    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    expired: int = 0
    again: int = 0
    held: int = 0
    stopped: int = 0

    def counts(self) -> dict[str, int]:
        """By name, for the one line of JSON."""
        return asdict(self)


def deliver_pending(
    now: datetime | None = None,
    *,
    worker: UUID | None = None,
    stop: Callable[[], bool] = lambda: False,
    at_most: int | None = None,
    probe: bool = False,
) -> Tally:
    """Sends what is due, the nearest first, one message at a time, until nothing is due or `stop` says so.

    Without `now` the database's clock counts and MAIL_PER_MINUTE limits all processes together; with it, what is due at
    that instant goes, `at_most` so many. A `worker` gives its signs of life. `probe` tries a server that was found dead
    without waiting for its turn.
    Raises Busy when the database is held by somebody else: the next pass goes on.
    """
    return Round(now, worker, probe=probe).run(stop, at_most)


class Round:
    """One pass of one worker over the outbox."""

    def __init__(self, now: datetime | None, worker: UUID | None, *, probe: bool) -> None:
        self.config: Config = current_app.config["CONFIG"]
        self.given = now
        self.known = worker is not None
        self.worker = worker or uuid4()
        self.me = self.worker.hex
        self.probe = probe
        self.probing = False
        self.lost = 0
        self.lasted = -math.inf  # when a message last waited for the disk
        self.limit: int = self.config.number("mail_per_minute")
        self.lease = timedelta(seconds=self.config.number("outbox_lease"))
        self.tally = Tally()
        self.skew = timedelta(0)
        self.over = False
        self.stop: Callable[[], bool]
        self.swift: Swift
        self.outcome: Outcome | None = None  # of the message just carried, until it is written down at the next one's last look
        self.ahead: Held | None = None  # the next message, taken at the last look of the one before
        end_reading()
        self.journal = open_journal()

    def run(self, stop: Callable[[], bool], at_most: int | None) -> Tally:
        self._read_clock()
        beaten = self._beat()
        if self.config.settings.mail_mode == "paused":
            return self.tally
        if not self._journal_is_ready():
            return self.tally
        self.stop = stop
        with swift() as self.swift:
            return self._work(at_most, beaten)

    def _work(self, at_most: int | None, beaten: float) -> Tally:
        self._take_over()
        self._expire()
        taken, left = 0, self._room()
        try:
            while not self.over and not self.stop() and (at_most is None or taken < at_most):
                if left <= 0:
                    self._write_down()
                    left = self._room()
                    if left <= 0:
                        break
                if time.monotonic() - beaten > BEAT:
                    beaten = self._beat()
                if taken == 0 and not (self._anything_due() and self.may_try()):
                    break
                held = self._next()
                if held is None:
                    break
                taken, left = taken + 1, left - 1
                self._carry(held, is_last=left <= 0 or taken == at_most)
        finally:
            try:
                self._give_back()
            finally:
                self._write_down()
        if not taken:
            line.hang_up()
        return self.tally

    # Time: the database's clock for leases and, in the daemon, for what is due ---------------------------------------

    def _read_clock(self) -> None:
        """SQLite runs on this machine; PostgreSQL may not, and all workers go by its clock."""
        if _on_postgresql():
            self.skew = cast("datetime", db.session.scalar(select(func.clock_timestamp()))) - clock_now()
            end_reading()

    def _clock(self) -> datetime:
        return clock_now() + self.skew

    def _beat(self) -> float:
        """A sign of life, by the real clock: a round may be long."""
        if self.known:
            beat(self.worker, now=self._clock())
        return time.monotonic()

    def _now(self) -> datetime:
        return self.given or self._clock()

    def _room(self) -> int:
        """How many may leave before the next look; --at knows no minute."""
        return RECOUNT if self.given is not None else room(self.limit, self._clock())

    # What comes before sending -----------------------------------------------------------------------------------------

    def _journal_is_ready(self) -> bool:
        """What leaves without a line in the journal could leave again: no journal, no mail."""
        try:
            self.journal.prepare(self._now())
            self.journal.read(self._now())
        except OSError as error:
            logger.error("mail waits: the journal of what has left cannot be used (%s)", error)  # noqa: TRY400  one line
            return False
        return True

    def _take_over(self) -> None:
        """Frees what a dead or hung process had in hand, or we ourselves in a round that broke. What the journal knows was sent; the
        rest is tried again, or staff decide."""
        dead = [f"{worker.hex}:%" for worker in (self.worker, *dead_neighbours(self.worker))]
        lapsed = or_(Message.lease_until < self._clock(), *[Message.token.like(pattern) for pattern in dead])
        columns = [getattr(Message, name) if name != "body" else null() for name in claims.HELD]
        for row in db.session.execute(select(*columns).where(Message.state == "sending", lapsed)).all():
            held = Held(*row)
            if self._went_before(held):
                self._mark_sent(held, KNOWN)
            elif held.uncertain >= MOST_COPIES:
                self._settle(held, "uncertain", error=DIED)
                self.tally.uncertain += 1
            else:
                self._settle(held, "pending")
        self._write_down()

    def _expire(self) -> None:
        """Mails that are of no use any more do not leave; those that may have left are staff's to judge. Codes and the like are
        nobody's: whoever waits for one asks for another. They are looked for once a minute, for it means to look at all that waits;
        what is too late is not claimed meanwhile."""
        looked: float = current_app.extensions.get(EXPIRY, -math.inf)
        if self.given is None and time.monotonic() - looked < EVERY:
            return
        current_app.extensions[EXPIRY] = time.monotonic()
        late = and_(Message.state == "pending", Message.expires_at <= self._now())
        if not db.session.scalar(select(exists().where(late))):
            return
        asked_for = Message.kind.in_(ASKED_FOR)
        state = case((asked_for, "cancelled"), (Message.uncertain > 0, "uncertain"), else_="expired")
        error = case((asked_for, TOO_LATE), else_=Message.error)
        with transaction() as session:
            body = case((asked_for, null()), else_=Message.body)  # codes and links: see SECURITY.md
            wanted = update(Message).where(late).values(state=state, error=error, body=body).returning(Message.state)
            states = list(session.scalars(wanted.execution_options(synchronize_session=False)))
        self.tally.uncertain += states.count("uncertain")
        self.tally.expired += len(states) - states.count("uncertain")

    def _anything_due(self) -> bool:
        end_reading()
        now = self._now()
        in_turn = or_(Message.attempts == 0, Message.next_at == Message.due_at, Message.next_at <= self._clock())
        due = and_(Message.state == "pending", Message.next_at <= now, Message.expires_at > now, in_turn)
        found = bool(db.session.scalar(select(exists().where(due))))
        end_reading()
        return found

    # The circuit: while the server does not take our mail, one try in half a minute, by one process -----------------------

    def may_try(self) -> bool:
        """Whether the server is known to take mail, or it is our turn to find out."""
        if switched("circuit") != "open":
            return True
        clock = self._clock()
        turn = update(Switch).where(Switch.name == "circuit", Switch.value == "open")
        if not self.probe:
            turn = turn.where(Switch.at <= clock - PROBE)
        with transaction() as session:
            self.probing = _changed(session.execute(turn.values(by=self.me, at=clock)))
        return self.probing

    def _open_circuit(self, words: str) -> None:
        self.over = True
        logger.warning("mail waits: %s", words)
        with transaction():
            throw("circuit", "open", self._clock())
            throw("circuit_words", words[:200], self._clock())

    def _close_circuit(self) -> None:
        self.lost = 0
        if self.probing:
            self.probing = False
            with transaction():
                throw("circuit", "closed", self._clock())

    # One message -------------------------------------------------------------------------------------------------------

    def _next(self) -> Held | None:
        """The next message: the one taken at the last look, else one that is taken now."""
        if self.outcome is not None and self.outcome.state == "failed":
            self._give_back()  # what a failure says of an address counts for the next mail to it
        if self.ahead is None:
            self._step(claim=True)
        elif not line.at_hand():  # a server that must be called first may keep us waiting: what became of the last does not
            self._step()
        held, self.ahead = self.ahead, None
        return held

    def _write_down(self) -> None:
        """What became of the last message, if nothing else has done so. It waits for the disk: there may be no next."""
        if self.outcome is not None:
            self._step(lasting=True)

    def _give_back(self) -> None:
        """The message that was taken for later, when there is no later."""
        held, self.ahead = self.ahead, None
        if held is not None:
            self._gave_back(held)

    def _gave_back(self, held: Held) -> bool:
        return retrying(lambda: claims.give_back(self.swift, held), PATIENT)

    def _step(self, renewed: Held | None = None, *, claim: bool = False, lasting: bool = False) -> bool:
        """In one trip: what became of the last message, the last look at one, and the next. Whether the one may leave.

        When somebody holds one of their rows, each by itself, and then it waits: else two could wait for each other's.
        """
        if self.outcome is not None and self.outcome.state == "failed":
            retrying(partial(self._fail, self.outcome))
            self.outcome = None
        outcome = self.outcome

        def step(outcome: Outcome | None, renewed: Held | None, *, claim: bool) -> Done:
            clock = self._clock()
            wanted = Step(self.me, self._now(), clock, clock + self.lease, outcome, renewed, claim)
            return claims.step(self.swift, wanted, lasting=lasting) if wanted.parts else Done(written=True, renewed=False, held=None)

        try:
            written, still, held = step(outcome, renewed, claim=claim)
        except Busy:
            written = retrying(partial(step, outcome, None, claim=False), PATIENT).written
            still = retrying(partial(step, None, renewed, claim=False), PATIENT).renewed
            held = retrying(partial(step, None, None, claim=claim and not renewed), PATIENT).held
        self.ahead = held or self.ahead
        if not written and outcome:
            logger.warning(NOT_OURS, outcome.held.id)
            if outcome.state == "sent":
                retrying(partial(claims.left_all_the_same, self.swift, outcome), PATIENT)
        self.outcome = None
        return still

    def _fail(self, outcome: Outcome) -> None:
        """By itself, for what follows from a failure is written with it."""
        with transaction():
            if not claims.settle(outcome):
                logger.warning(NOT_OURS, outcome.held.id)
            elif outcome.smtp_reply:
                bounces.refused(outcome.held.id, outcome.held.token, outcome.held.recipient, outcome.smtp_reply, now=self._now())

    def _carry(self, held: Held, *, is_last: bool) -> None:
        """Sends one claimed message, and by then has the next in hand unless this `is_last`. One that breaks does not break the
        round."""
        if self._went_before(held):
            self._mark_sent(held, KNOWN)
            return
        if self.config.settings.mail_mode == "allowlist" and not mailer.is_allowed(self.config, held.recipient):
            self._settle(held, "held", attempts=held.attempts - 1, error=NOT_ALLOWED)
            self.tally.held += 1
            return
        try:
            if not self._put_off(held):
                self._send(held, is_last=is_last)
        except Unreachable as error:
            self._settle(held, "pending", attempts=held.attempts - 1, error=str(error))
            self.tally.again += 1
            self._open_circuit(str(error))
        except Refused as error:
            self._close_circuit()
            self._refused(held, error)
        except Lost as error:
            self._lost(held, error)
        except (ValueError, TypeError, LookupError) as error:
            logger.exception("message %s cannot be sent", held.id)
            self._settle(held, "failed", error=f"{UNSENDABLE}: {error}")
            self.tally.failed += 1

    def _put_off(self, held: Held) -> bool:
        """Whether it waits for the reader's morning: one place for all that makes a mail late."""
        morning = put_off(self._now(), held.due_at, held.zone) if held.zone else None
        if morning is None or morning >= held.expires_at:
            return False
        self._settle(held, "pending", attempts=0, next_at=morning)
        self.tally.again += 1
        return True

    def _send(self, held: Held, *, is_last: bool) -> None:
        if held.body is None:
            self._settle(held, "failed", error=NO_BODY)
            self.tally.failed += 1
            return
        reply = mailer.send(held.body, held.recipient, ready=lambda: self._last_look(held, is_last=is_last))
        if reply is not None:
            self._close_circuit()
            self._mark_sent(held, reply)
        elif not self._gave_back(held):  # else it is ours, and may not leave now: it waits with the rest
            self.tally.stopped += 1

    def _went_before(self, held: Held) -> bool:
        """Whether the journal knows that it left after it was last due: a restored database, or a death before the mark."""
        if held.attempts > 1:  # somebody has had it before, perhaps since the round began
            self.journal.read(self._now())
        sent_at = self.journal.sent_at(held.message_id)
        return sent_at is not None and sent_at > held.next_at

    def _last_look(self, held: Held, *, is_last: bool) -> bool:
        """Right before DATA: whether it is still ours and still wanted."""
        at = time.monotonic()
        lasting = at - self.lasted >= TOGETHER
        may_leave = self._step(held, claim=not is_last and self.ahead is None and not self.stop(), lasting=lasting)
        self.lasted = at if lasting else self.lasted
        return may_leave

    def _refused(self, held: Held, error: Refused) -> None:
        if error.code in SLOW_DOWN:
            self.over = True  # the next look is soon enough
            slow_down(self.limit, self._clock())  # the server knows no --at
        if error.final:
            self._settle(held, "failed", error=str(error), smtp_reply=str(error))
            self.tally.failed += 1
        else:
            self._try_later(held, held.uncertain, str(error))

    def _lost(self, held: Held, error: Lost) -> None:
        self.lost += 1
        copies = held.uncertain + int(error.maybe_sent)
        if copies >= MOST_COPIES:
            self._settle(held, "uncertain", uncertain=copies, error=str(error))
            self.tally.uncertain += 1
        else:
            self._try_later(held, copies, str(error))
        if self.lost > 1 or not error.maybe_sent:
            self._open_circuit(str(error))

    def _try_later(self, held: Held, copies: int, words: str) -> None:
        now = min(self._now(), self._clock())  # what --at has tried in vain, the daemon tries again in real time
        next_at = now + wait_after(held.attempts, random.random())  # noqa: S311  spread, not a secret
        self._settle(held, "pending", uncertain=copies, next_at=next_at, error=words)
        self.tally.again += 1

    def _mark_sent(self, held: Held, reply: str) -> None:
        """The journal first: whoever dies before the mark has not lost what happened.

        The server has it whatever the disk says, so the mark is set all the same: else it would go again.
        """
        at = self._now()
        if reply != KNOWN:
            try:
                self.journal.write(held.message_id, at)
            except OSError:
                logger.exception("message %s has left, and the journal could not be told", held.id)
        self._settle(held, "sent", sent_at=at, smtp_reply=reply)
        self.tally.sent += 1

    def _settle(
        self,
        held: Held,
        state: str,
        *,
        attempts: int | None = None,
        uncertain: int | None = None,
        next_at: datetime | None = None,
        sent_at: datetime | None = None,
        smtp_reply: str = "",
        error: str = "",
    ) -> None:
        self._write_down()
        self.outcome = Outcome(
            held,
            state,
            held.attempts if attempts is None else attempts,
            held.uncertain if uncertain is None else uncertain,
            next_at or held.next_at,
            sent_at,
            smtp_reply,
            error,
        )


def _changed(result: Any) -> bool:
    return cast("CursorResult[Any]", result).rowcount == 1


def _on_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
