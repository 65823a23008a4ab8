"""Notes are kept, mails to many are sent, lists are taken along; each in one transaction, with its line in the audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from sqlalchemy import func, select

from app.accounts.models import Person
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.outbox import service as outbox
from app.outbox.models import MessageItem
from app.participants import mails, queries
from app.participants.mails import Press, Written
from app.participants.models import Bulletin
from app.registrations import log, seats
from app.registrations.listing import bulk
from app.registrations.listing import queries as listing
from app.registrations.listing.filters import Filter, Selection
from app.registrations.models import Registration, RegistrationNote
from app.workshops import queries as workshops
from app.workshops.models import Workshop

LONGEST_NOTE = 600
MOST_READERS = 5000  # of one mail
MANY = 500  # from here on staff say twice that they mean it
TWICE = timedelta(minutes=10)  # within it the same words to the same people are one mail
T = TypeVar("T")


def note(workshop_id: int, registration_id: int, words: str, *, by: Actor, now: datetime) -> None:
    """Keeps staff's words about a registration, instead of those before; none takes them away. Raises Missing, Refused."""
    if len(words) > LONGEST_NOTE:
        raise Refused(problems={"words": _("The note must be %(max)s characters or fewer", max=LONGEST_NOTE)})

    def work() -> None:
        with transaction():
            registration = queries.get(workshop_id, registration_id)
            seats.lock(workshop_id)
            found = db.session.get(RegistrationNote, registration_id, populate_existing=True)
            if (found.words if found else "") == words:
                return
            if not words and found is not None:
                db.session.delete(found)
            elif found is not None:
                found.words, found.by, found.at = words, by.name, now
            else:
                db.session.add(RegistrationNote(registration_id=registration_id, words=words, by=by.name, at=now))
            action = "registration.noted" if words else "registration.note_gone"
            log.note(action, registration, by=by, now=now)

    retrying(work)


def readers(workshop_id: int, selection: Selection, *, necessary: bool = False) -> list[Registration]:
    """Whom a mail to this selection reaches: everybody in it but guests who never proved their address, closed accounts, and whoever
    has turned such mails off, unless it is `necessary`.

    Raises Missing, Refused when it is nobody.
    """
    chosen = bulk.counted(workshop_id, selection, most=MOST_READERS)
    found = [one for one in chosen if one.state != "unconfirmed" and one.person.disabled_at is None]
    if not found:
        raise Refused(_("Nobody among those chosen can be written to: their addresses are not confirmed."))
    return found if necessary else [one for one in found if not one.person.bulletins_off]


def may_be_necessary(workshop: Workshop, now: datetime) -> bool:
    """Whether a mail can be one without which nobody could take part: nothing is, once the workshop is over."""
    return workshop.ends_at is None or now < workshop.ends_at


def send(workshop_id: int, selection: Selection, written: Written, *, seen: str, sure: bool, by: Actor, now: datetime) -> int:
    """Writes to everybody chosen, by day on the clock of each; how many. All or nothing, and pressed twice is once.

    Raises Missing, Refused when they are not those who were `seen`, or very many and nobody said that it is meant.
    """

    def work() -> int:
        with transaction():
            workshop = seats.lock(workshop_id)
            if workshop is None:
                raise Missing
            if written.necessary and not may_be_necessary(workshop, now):
                raise Refused(problems={"necessary": _("The workshop is over: no mail about it is necessary any more.")})
            found = readers(workshop_id, selection, necessary=written.necessary)
            if not found:
                raise Refused(_("Everybody among those chosen has turned such mails off."))
            if (is_now := bulk.sight(selection, found)) != seen:
                number, before = len(found), seen.partition(".")[0]
                if before == is_now.partition(".")[0]:
                    raise Refused(bulk.others(number))
                raise Refused(_("%(number)s people get it now, not %(seen)s. Look once more.", number=number, seen=before))
            if _sent_just_now(workshop_id, found, written, by, now):
                return len(found)
            if len(found) > MANY and not sure:
                raise Refused(problems={"sure": _("Tick that you mean to write to %(number)s people", number=len(found))})
            row = Bulletin(
                workshop_id=workshop_id,
                original_lang=written.original,
                subjects=written.subjects,
                texts=written.texts,
                chosen=urlencode(selection.filter.arguments())[:400],
                count=len(found),
                necessary=written.necessary,
                by=by.name,
                at=now,
            )
            db.session.add(row)
            db.session.flush()
            press = Press(written)
            outbox.queue_all([mails.bulletin(row.id, one, press, now) for one in found], now=now)
            record(
                "bulletin.sent", f"workshop:{workshop_id}", by=by, now=now, number=len(found), subject=written.subjects[written.original]
            )
            return len(found)

    return retrying(work)


def _sent_just_now(workshop_id: int, found: Sequence[Registration], written: Written, by: Actor, now: datetime) -> bool:
    """Whether the same words have just gone to all of them: a button pressed twice is one mail."""
    recent = select(Bulletin).where(Bulletin.workshop_id == workshop_id, Bulletin.by == by.name, Bulletin.at > now - TWICE)
    for row in db.session.scalars(recent.order_by(Bulletin.id.desc())):
        if Written(row.subjects, row.texts, row.original_lang, row.necessary) == written and row.count == len(found):
            keys = [f"bulletin:{row.id}:{one.id}" for one in found]
            there = select(func.count()).select_from(MessageItem).where(MessageItem.dedupe.in_(keys))
            if db.session.scalar(there) == len(found):
                return True
    return False


def send_sample(workshop_id: int, written: Written, reader: Person, lang: str, *, now: datetime) -> None:
    """The same mail to whoever writes it, to be looked at. Raises Missing."""

    def work() -> None:
        with transaction():
            workshop = workshops.get(workshop_id)
            outbox.queue(mails.sample(workshop, reader, Press(written), lang), now=now)

    retrying(work)


def taken_along(
    kind: str, workshop_id: int, wanted: Filter, write: Callable[[Sequence[Registration]], T], *, by: Actor, now: datetime
) -> T:
    """The rows of the list that the filter shows, as `write` makes them; and the audit says who has them. `kind`: csv, xlsx, paper.

    Raises Missing.
    """
    facts = {} if kind == "paper" else {"kind": kind.upper()}
    action = "participants.printed" if kind == "paper" else "participants.exported"

    def work() -> T:
        with transaction():
            workshops.get_named(workshop_id)
            rows = listing.every(workshop_id, wanted)
            record(action, f"workshop:{workshop_id}", by=by, now=now, number=len(rows), **facts)
            return write(rows)

    return retrying(work)
