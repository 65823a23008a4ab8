"""What the verbs of both sides share: the row held, who stands behind it, a step to another state, words said, mails written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import rows
from app.audit.service import Actor
from app.database import db
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.membership.interest import queries, rules
from app.membership.interest.mails import News, to_person, to_staff
from app.membership.interest.models import Interest, InterestMessage
from app.outbox import service as outbox


class Begun(Refused):
    """Somebody of that municipality has begun already; more is nobody's to know before they agree."""

    def __init__(self) -> None:
        super().__init__(_("Somebody of this municipality or region has begun an expression of interest already."))


def topic(row: Interest) -> str:
    """Under which the audit knows it."""
    return f"interest:{row.id}"


def held(interest_id: int) -> Interest:
    """The row, held until the commit and read anew. Raises Missing."""
    return rows.held(select(Interest).where(Interest.id == interest_id))


def own(interest_id: int, person_id: int) -> Interest:
    """The same, for somebody who stands behind it. Raises Missing for everybody else."""
    row = held(interest_id)
    if person_id not in behind(row):
        raise Missing
    return row


def behind(row: Interest) -> frozenset[int]:
    """Who sees and writes it."""
    return frozenset(one.person_id for one in row.people if one.agreed_at is not None)


def step(row: Interest, who: str, verb: str) -> str:
    """The state that the verb leads to. Raises Conflict where it cannot be done: somebody has done something else meanwhile."""
    found = rules.after(who, verb, row.state)
    if found is None:
        raise Conflict(_("Somebody else has done something with it meanwhile. Nothing was changed: look at how it stands now."))
    return found


def refuse_member(row: Interest, now: datetime) -> None:
    """Raises Refused for who belongs to the network already."""
    if row.organisation is not None and queries.is_member(row.network.id, row.organisation.id, now.date()):
        words = _("%(organisation)s is a member of %(network)s already.", organisation=row.called, network=row.network.name)
        raise Refused(problems={"organisation": words})


def revive(row: Interest, state: str, now: datetime) -> None:
    """Alive again and undecided. Raises Begun if another one of the same organisation is, Refused for a member."""
    refuse_member(row, now)
    if queries.find_alive(row.network_id, row.whose) is not None:
        raise Begun
    try:
        with db.session.begin_nested():
            row.state, row.changed_at, row.decided_at, row.decided_by, row.reason = state, now, None, "", ""
    except IntegrityError as error:  # somebody else was quicker in this very moment
        raise Begun from error


def say(row: Interest, side: str, words: str, lang: str, *, by: Actor, now: datetime) -> InterestMessage:
    """Adds to what was said; each side has room of its own, so that neither keeps the other from answering. Raises Refused."""
    if not words or len(words) > rules.LONGEST_WORDS:
        raise Refused(problems={"words": _("Write something, in at most %(max)s characters", max=rules.LONGEST_WORDS)})
    if sum(one.side == side for one in row.messages) >= rules.MOST_MESSAGES:
        raise Refused(problems={"words": _("There are %(max)s messages already. Write a mail instead.", max=rules.MOST_MESSAGES)})
    message = InterestMessage(side=side, author=by.name, lang=lang, words=words, at=now)
    row.messages.append(message)
    db.session.flush()
    return message


def tell(news: News, row: Interest, now: datetime) -> None:
    """Writes to everybody behind it whose account is open."""
    people = [one.person for one in row.people if one.agreed_at is not None and one.person.disabled_at is None]
    outbox.queue_all([to_person(news, row, person, now) for person in people], now=now)


def tell_staff(news: News, row: Interest, now: datetime) -> None:
    """Writes to whoever looks after it."""
    if (mail := to_staff(news, row, now)) is not None:
        outbox.queue(mail, now=now)
