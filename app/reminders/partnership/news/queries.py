"""Reads of what people of a partnership are about to be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.database import db
from app.membership.models import Partnership
from app.membership.partnership.rules import Stand
from app.outbox.models import Message, MessageItem
from app.outbox.service import MAY_LEAVE
from app.reminders.partnership.news.rules import unpack

KIND = "partnership_news"


@dataclass
class Waiting:
    """Mails that have not left: by person, of each date how it stood when they last heard of it. `perhaps`: of those that may have
    arrived all the same, so that they may have heard of what came after it, too."""

    mails: list[UUID] = field(default_factory=list)
    untold: Mapping[int, dict[int, Stand | None]] = field(default_factory=lambda: defaultdict(dict))
    perhaps: Mapping[int, dict[int, Stand | None]] = field(default_factory=lambda: defaultdict(dict))


def waiting(partnership_id: int, only: int | None = None) -> Waiting:
    """Held until the commit: none of them leaves meanwhile."""
    wanted = select(Message.id, Message.person_id, MessageItem.dedupe, Message.uncertain).join(MessageItem.message)
    wanted = wanted.where(MessageItem.topic == topic(partnership_id), Message.kind == KIND, Message.state.in_(MAY_LEAVE))
    if only is not None:
        wanted = wanted.where(Message.person_id == only)
    found = Waiting()
    rows = db.session.execute(wanted.order_by(Message.created_at, Message.id).with_for_update(of=Message))
    for number, person_id, key, handed_over in rows:
        found.mails.append(number)
        if person_id is not None:
            event_id, before = _read(key)
            (found.perhaps if handed_over else found.untold)[person_id].setdefault(event_id, before)
    return found


def awaiting(person_id: int) -> Sequence[int]:
    """The partnerships of which somebody is about to be told something."""
    wanted = select(MessageItem.topic).join(MessageItem.message).distinct().order_by(MessageItem.topic)
    wanted = wanted.where(Message.person_id == person_id, Message.kind == KIND, Message.state.in_(MAY_LEAVE))
    return [int(found.partition(":")[2]) for found in db.session.scalars(wanted)]


def hold_person(person_id: int) -> None:
    """Holds somebody until the commit; who writes to them waits. SQLite has one writer anyway."""
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)).all()


def is_over(partnership_id: int) -> bool:
    """Whether staff have ended it."""
    return db.session.scalar(select(Partnership.phase).where(Partnership.id == partnership_id)) == "ended"


def topic(partnership_id: int) -> str:
    """Whose mail log shows it."""
    return f"partnership:{partnership_id}"


def _read(key: str) -> tuple[int, Stand | None]:
    """The date and how it stood, out of what mails.key_of() wrote."""
    _what, event_id, _person, _unique, before = key.split(":", 4)
    return int(event_id), unpack(before)
