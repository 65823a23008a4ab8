"""What staff do with an expression of interest: asked for more, answered, noted, given to somebody, declined, taken up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.accounts.models import Person
from app.audit.service import Actor, record
from app.database import changed, db, retrying, transaction
from app.errors import AppError, Busy, Conflict, Missing, Refused
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.membership.interest import mails, writing
from app.membership.interest.mails import News
from app.membership.interest.models import Interest, InterestColleague, InterestMessage
from app.membership.interest.rules import CLOSED, LONGEST_WORDS, STAFF
from app.membership.interest.steps import held, revive, say, step, tell, topic
from app.outbox import service as outbox

MOST_AT_ONCE = 100
KEEP_COLLEAGUES, DRAFT_RESTS = timedelta(days=90), timedelta(days=365)


def ask(interest_id: int, words: Mapping[str, str], *, version: int | None, by: Actor, now: datetime) -> Interest:
    """Asks for more: it can be written in again. `words` by language; who reads another gets the first there is.

    Raises Conflict if `version` is not the newest or it is decided, Refused, Missing.
    """

    def work() -> Interest:
        with transaction():
            row = _current(interest_id, version)
            state = step(row, STAFF, "ask")
            said = _say(row, words, by, now)
            row.state, row.changed_at, row.before = state, now, writing.kept(writing.values_of(row))
            db.session.flush()
            record("interest.asked", topic(row), by=by, now=now, organisation=row.called)
            tell(News("asked", f"message-{said.id}", by.name, said.words, said.lang), row, now)
            return row

    return retrying(work)


def decline(interest_id: int, words: Mapping[str, str], *, version: int | None, by: Actor, now: datetime) -> Interest:
    """Says no, with the reason in words; it can be taken up again. Raises as `ask`."""

    def work() -> Interest:
        with transaction():
            row = _current(interest_id, version)
            state = step(row, STAFF, "decline")
            said = _say(row, words, by, now)
            row.state, row.changed_at, row.decided_at, row.decided_by, row.reason = state, now, now, by.name, said.words
            outbox.withdraw_each([mails.about_asked(row), *mails.about_all_joining(row)])
            db.session.flush()
            record("interest.declined", topic(row), by=by, now=now, organisation=row.called)
            tell(News("declined", f"message-{said.id}", by.name, said.words, said.lang), row, now)
            return row

    return retrying(work)


def take_up(interest_id: int, *, version: int | None, by: Actor, now: datetime) -> Interest:
    """What was declined is read once more. Raises Begun if they have begun another meanwhile, Conflict, Refused, Missing."""

    def work() -> Interest:
        with transaction():
            row = _current(interest_id, version)
            state = step(row, STAFF, "take_up")
            revive(row, state, now)
            record("interest.taken_up", topic(row), by=by, now=now)
            tell(News("again", str(row.version)), row, now)
            return row

    return retrying(work)


def write(interest_id: int, words: str, *, lang: str, by: Actor, now: datetime) -> InterestMessage:
    """A message to those behind it. Raises Refused, Conflict while it is a draft that nobody has sent, Missing."""

    def work() -> InterestMessage:
        with transaction():
            row = held(interest_id)
            if row.sent_at is None:
                raise Conflict(_("It has not been sent yet: nobody awaits an answer."))
            said = say(row, "staff", words, lang, by=by, now=now)
            record("interest.written", topic(row), by=by, now=now)
            tell(News("message", f"message-{said.id}", by.name, words, lang), row, now)
            return said

    return retrying(work)


def note(interest_id: int, words: str, *, lang: str, by: Actor, now: datetime) -> InterestMessage:
    """Something that staff alone read. Raises Refused, Missing."""

    def work() -> InterestMessage:
        with transaction():
            row = held(interest_id)
            said = say(row, "note", words, lang, by=by, now=now)
            record("interest.noted", topic(row), by=by, now=now)
            return said

    return retrying(work)


def assign(interest_id: int, person_id: int | None, *, by: Actor, now: datetime) -> None:
    """Gives it to one of the staff, or to nobody. Its version stays: whoever writes in it is not in the way. Raises Refused, Missing."""

    def work() -> None:
        with transaction():
            row = held(interest_id)
            person = db.session.get(Person, person_id) if person_id is not None else None
            if person_id is not None and (person is None or not person.is_staff or person.disabled_at is not None):
                raise Refused(problems={"person": _("Choose somebody of the staff")})
            if row.assigned_id != person_id:
                changed(update(Interest).where(Interest.id == row.id).values(assigned_id=person_id))
                if person is not None:
                    record("interest.assigned", topic(row), by=by, now=now, name=person.name)
                else:
                    record("interest.unassigned", topic(row), by=by, now=now)

    retrying(work)


def answer_many(ids: Sequence[int], verb: str, words: Mapping[str, str], *, by: Actor, now: datetime) -> tuple[int, list[int]]:
    """The same answer to many, each in a transaction of its own: how many have it, and the numbers of those that could not.

    Raises Refused for words that could be sent to nobody.
    """
    if verb not in {"ask", "decline"}:
        raise Missing
    if not any(words.values()):
        raise Refused(problems={"words_sv": _("Write it in at least one language")})
    if too_long := [code for code in LANGUAGES if len(words.get(code, "")) > LONGEST_WORDS]:
        raise Refused(problems={f"words_{code}": _("Use at most %(most)s characters.", most=LONGEST_WORDS) for code in too_long})
    act = ask if verb == "ask" else decline
    wanted, left = list(dict.fromkeys(ids))[:MOST_AT_ONCE], []
    for number in wanted:
        try:
            act(number, words, version=None, by=by, now=now)
        except Busy:
            raise
        except AppError:
            left.append(number)
    return len(wanted) - len(left), left


def forget(*, now: datetime) -> int:
    """The nightly job: whom a municipality had named, once it has been decided or withdrawn for so long, or has rested as a draft
    for a year; how many.

    Destroys: `now` must never lie ahead of the real clock.
    """
    over = Interest.state.in_(("accepted", *CLOSED)) & (Interest.decided_at < now - KEEP_COLLEAGUES)
    rests = (Interest.state == "draft") & (Interest.changed_at < now - DRAFT_RESTS)
    old = select(Interest.id).where(over | rests)
    with transaction():
        changed(update(Interest).where(over | rests, Interest.before.is_not(None)).values(before=None))  # they are named there too
        return changed(delete(InterestColleague).where(InterestColleague.interest_id.in_(old)))


def _current(interest_id: int, version: int | None) -> Interest:
    """The row, if it is as it was seen. Raises Conflict, Missing."""
    row = held(interest_id)
    if version is not None and row.version != version:
        raise Conflict(_("Somebody else has done something with it meanwhile. Nothing was changed: look at how it stands now."))
    return row


def _say(row: Interest, words: Mapping[str, str], by: Actor, now: datetime) -> InterestMessage:
    """In the language of the applicant, else in the first that was written."""
    reader = next((one.person.lang for one in row.people if one.role == "applicant"), row.lang)
    lang = next((code for code in (reader, *LANGUAGES) if words.get(code)), reader)
    return say(row, "staff", words.get(lang, ""), lang, by=by, now=now)
