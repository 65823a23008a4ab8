"""Writes digests into the outbox: once a person and week, whoever tries and however often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.database import end_reading, retrying, transaction
from app.outbox import service as outbox
from app.outbox.service import Mail
from app.reminders.digest import mails, queries
from app.reminders.digest.queries import Due, Facts

AT_ONCE = 50  # people in one transaction
AT_MOST = 500  # people whose digests are composed before any of them is written


def write(*, now: datetime) -> int:
    """Looks at everybody who wants a digest and for whom it is the hour, once a week each; how many mails there were to write.

    Reads and composes outside of any transaction, and only then writes, in short ones.
    """
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
