"""Writes digests into the outbox: once a person and week, whoever tries and however often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.database import end_reading, retrying, transaction
from app.outbox import service as outbox
from app.outbox.queries import waiting_long
from app.outbox.service import Mail
from app.reminders.digest import mails, queries
from app.reminders.digest.queries import Due, Facts
from app.reminders.digest.rules import has_another_turn

AT_ONCE = 50  # people in one transaction
AT_MOST = 500  # people whose digests are composed before any of them is written


def write(*, now: datetime) -> int:
    """Looks at everybody who wants a digest and for whom it is the hour, once a week each; how many mails there were to write.
    What waits since long is thrown away first, and so written with all that is true now.

    Reads and composes outside of any transaction, and only then writes, in short ones.
    """
    end_reading()
    stale = waiting_long("digest", now)
    for first in range(0, len(stale), AT_ONCE):
        retrying(lambda part=stale[first : first + AT_ONCE]: _throw_away(part, now))  # type: ignore[misc]  # a default binds it here
    end_reading()
    waiting, number = queries.due(now), 0
    for first in range(0, len(waiting), AT_MOST):
        those = waiting[first : first + AT_MOST]
        facts = queries.gather([one.person_id for one in those], now)
        left = outbox.gone({mails.key_of(one.person_id, one.week): one.week.begins_at for one in those}, now)
        finished = [(one, None if mails.key_of(one.person_id, one.week) in left else _compose(one, facts, now)) for one in those]
        for begin in range(0, len(finished), AT_ONCE):
            part = finished[begin : begin + AT_ONCE]
            number += retrying(lambda part=part: _queue(part, now))  # type: ignore[misc]  # a default binds it here
        end_reading()
    return number


def _throw_away(those: Sequence[tuple[UUID, int]], now: datetime) -> None:
    """Those that have another turn this week; a worker may have taken some up meanwhile, and they stay."""
    with transaction():
        zones = queries.hold([person_id for _number, person_id in those])
        readers = {number: person_id for number, person_id in those if person_id in zones and has_another_turn(now, zones[person_id])}
        queries.reopen([readers[number] for number in outbox.discard(list(readers))])


def _compose(one: Due, facts: Facts, now: datetime) -> Mail | None:
    """One that cannot be written says why instead: the others go."""
    person = facts.people[one.person_id]
    try:
        return mails.digest(person, facts, one.week, now)
    except SQLAlchemyError:  # the database's trouble is not this mail's
        raise
    except Exception as error:
        current_app.logger.exception("the digest of person %s could not be written", one.person_id)
        return mails.unwritten(person, one.week, error)


def _queue(finished: Sequence[tuple[Due, Mail | None]], now: datetime) -> int:
    """The week of each is done with its mail or without, in one transaction: killed before, all of it is done anew."""
    with transaction():
        mine = queries.claim([one for one, _mail in finished])
        return outbox.queue_all([mail for one, mail in finished if mail is not None and one.person_id in mine], now=now)
