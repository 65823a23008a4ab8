"""What a municipality does with its expression of interest: begun, saved, sent, answered, withdrawn, taken up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.accounts.models import Person
from app.accounts.rules import ZONES_FIRST, ZONES_MORE
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.folding import fold
from app.languages import gettext as _
from app.languages import zones_of
from app.membership.interest import mails, queries, rules, writing
from app.membership.interest.mails import News
from app.membership.interest.models import Interest, InterestMessage, InterestPerson
from app.membership.interest.rules import APPLICANT, Values
from app.membership.interest.steps import Begun, own, refuse_member, revive, say, step, tell, tell_staff, topic
from app.organisations.models import Network, Organisation
from app.outbox import service as outbox


@dataclass(frozen=True)
class Body:
    """Who wants to join: an organisation that is known, or a new one."""

    organisation_id: int | None = None
    name: str = ""
    kind: str = "municipality"
    country: str = ""
    place: str = ""


def start(network_id: int, body: Body, *, lang: str, person_id: int, by: Actor, now: datetime) -> Interest:
    """A draft of one's own. Raises Begun, Refused, Missing."""

    def work() -> Interest:
        with transaction():
            network = db.session.get(Network, network_id)
            person = db.session.get(Person, person_id, with_for_update={"key_share": True})  # two clicks at once begin one
            if network is None or person is None:
                raise Missing
            row = _row(network, resolved(body), lang, now)
            refuse_member(row, now)
            row.call_id = writing.call_for(row, now)
            own = queries.find_own(network.id, person.id)
            if own is not None and own.state in rules.LIVE:
                raise Refused(_("You have an expression of interest in this network already."))
            if queries.find_alive(network.id, row.whose) is not None:
                raise Begun
            row.people.append(InterestPerson(person_id=person.id, role="applicant", asked_at=now, agreed_at=now))
            try:
                with db.session.begin_nested():
                    db.session.add(row)
            except IntegrityError as error:  # somebody else was quicker in this very moment
                raise Begun from error
            record("interest.begun", topic(row), by=by, now=now, name=by.name, organisation=row.called)
            return row

    return retrying(work)


def resolved(body: Body) -> Body:
    """The same, with the organisation that is known by that name; the facts of one that is known are its own. Raises Refused."""
    if body.organisation_id is not None:
        found = db.session.get(Organisation, body.organisation_id)
        if found is None:
            raise Refused(problems={"organisation": _("Choose an organisation from the list")})
    else:
        wrong = {}
        if not body.name or len(body.name) > rules.LONGEST_NAME:
            wrong["name"] = _("Choose it from the list, or enter its name in at most %(max)s characters", max=rules.LONGEST_NAME)
        if not zones_of(body.country):
            wrong["country"] = _("Choose a country from the list")
        if body.kind not in rules.KINDS:
            wrong["kind"] = _("Choose from the list")
        if not body.place or len(body.place) > rules.LONGEST_PLACE:
            wrong["place"] = _("Enter the town in at most %(max)s characters", max=rules.LONGEST_PLACE)
        if wrong:
            raise Refused(problems=wrong)
        found = queries.find_called(body.name, body.country)
    return Body(found.id, "", found.kind, found.country, found.place) if found else body


def whose(body: Body) -> str:
    """What all that speak of this organisation share."""
    return f"organisation:{body.organisation_id}" if body.organisation_id is not None else f"new:{body.country}:{fold(body.name)}"[:260]


def _row(network: Network, body: Body, lang: str, now: datetime) -> Interest:
    known = db.session.get(Organisation, body.organisation_id) if body.organisation_id is not None else None
    zone = known.zone if known else rules.zone_among(zones_of(body.country), [*ZONES_FIRST, *ZONES_MORE])
    return Interest(
        network=network, organisation=known, name=body.name, kind=body.kind, country=body.country, place=body.place, zone=zone,
        whose=whose(body), state="draft", lang=lang, created_at=now, changed_at=now,
    )  # fmt: skip


def save(
    interest_id: int, values: Values, version: int, *, lang: str, person_id: int, by: Actor, now: datetime, words: str | None = None
) -> Interest:
    """Keeps what was typed; nothing changed is nothing done. `words`: a message to the staff that goes with it.

    Raises Conflict if `version` is not the newest, or nobody reads the message; Refused, Missing.
    """

    def work() -> Interest:
        with transaction():
            row = own(interest_id, person_id)
            step(row, APPLICANT, "save")
            if row.version != version:
                raise Conflict
            if writing.write(row, values, lang, now):
                record("interest.changed", topic(row), by=by, now=now)
            if words is not None:
                _write(row, words, lang, by=by, now=now)
            return row

    return retrying(work)


def send(
    interest_id: int, values: Values, version: int, *, lang: str, person_id: int, by: Actor, now: datetime, words: str = ""
) -> Interest:
    """Keeps what was typed and sends it, for the first time while a call is open, or as the answer to what staff have asked, with
    what is said about it in `words`.

    Raises Conflict if `version` is not the newest, Refused, Missing.
    """

    def work() -> Interest:
        with transaction():
            row = own(interest_id, person_id)
            answers = row.state == "asked"
            state = step(row, APPLICANT, "answer" if answers else "send")
            if row.version != version:
                raise Conflict
            if not answers:
                refuse_member(row, now)
                row.call_id = writing.call_for(row, now)
            writing.refuse_incomplete(row, values, now)
            writing.write(row, values, lang, now)
            row.state, row.changed_at = state, now
            row.sent_at = row.sent_at if answers and row.sent_at else now
            outbox.withdraw(mails.about_asked(row))
            db.session.flush()
            record("interest.answered" if answers else "interest.sent", topic(row), by=by, now=now, organisation=row.called)
            mark = str(row.version)
            said = _say(row, words, lang, by=by, now=now).words if words else ""
            tell_staff(News("news" if answers else "new", mark, by.name, said, lang if said else ""), row, now)
            if not answers:
                tell(News("received", mark), row, now)
            return row

    return retrying(work)


def withdraw(interest_id: int, *, person_id: int, by: Actor, now: datetime) -> Interest:
    """Takes it back; it can be taken up again. Raises Conflict once it is decided, Missing."""

    def work() -> Interest:
        with transaction():
            row = own(interest_id, person_id)
            row.state = step(row, APPLICANT, "withdraw")
            leave_open(row, by=by, now=now)
            return row

    return retrying(work)


def leave_open(row: Interest, *, by: Actor, now: datetime) -> None:
    """What follows once it is withdrawn: nobody waits for anything any more."""
    row.decided_at, row.decided_by, row.changed_at = now, by.name, now
    row.state = "withdrawn"
    outbox.withdraw_each([mails.about(row), *mails.about_all_joining(row)])
    db.session.flush()
    record("interest.withdrawn", topic(row), by=by, now=now, organisation=row.called)
    if row.sent_at is not None:
        tell(News("withdrawn", str(row.version)), row, now)
        tell_staff(News("gone", str(row.version), by.name), row, now)


def take_up(interest_id: int, *, person_id: int, by: Actor, now: datetime) -> Interest:
    """A draft again, as it was, which nobody else reads until it is sent anew. Raises Begun if a colleague has begun another
    meanwhile, Conflict, Refused, Missing."""

    def work() -> Interest:
        with transaction():
            row = own(interest_id, person_id)
            state = step(row, APPLICANT, "take_up")
            revive(row, state, now)
            row.sent_at = row.before = None
            db.session.flush()
            record("interest.taken_up", topic(row), by=by, now=now)
            return row

    return retrying(work)


def write(interest_id: int, words: str, *, lang: str, person_id: int, by: Actor, now: datetime) -> InterestMessage:
    """A message to the staff. Raises Refused, Conflict while nobody reads it yet or any more, Missing."""

    def work() -> InterestMessage:
        with transaction():
            return _write(own(interest_id, person_id), words, lang, by=by, now=now)

    return retrying(work)


def _write(row: Interest, words: str, lang: str, *, by: Actor, now: datetime) -> InterestMessage:
    if row.sent_at is None or row.state == "withdrawn":
        raise Conflict(_("Nobody reads it now: send it first, or take it up again."))
    message = _say(row, words, lang, by=by, now=now)
    tell_staff(News("news", f"message-{message.id}", by.name, words, lang), row, now)
    return message


def _say(row: Interest, words: str, lang: str, *, by: Actor, now: datetime) -> InterestMessage:
    message = say(row, "applicant", words, lang, by=by, now=now)
    record("interest.written", topic(row), by=by, now=now)
    return message
