"""Two people of one municipality: the second asks to join what the first has begun, and sees nothing of it until somebody agrees."""

from __future__ import annotations

from datetime import datetime

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.membership.interest import mails, queries, rules
from app.membership.interest.mails import News, to_person
from app.membership.interest.models import Interest, InterestPerson
from app.membership.interest.service import Body, leave_open, resolved, whose
from app.membership.interest.steps import behind, held, own, topic
from app.outbox import service as outbox

MOST_ASKING = 20


def ask(network_id: int, body: Body, *, person_id: int, by: Actor, now: datetime) -> InterestPerson:
    """Asks to join what somebody of that organisation has begun; who coordinates it joins at once. Raises Refused, Missing."""

    def work() -> InterestPerson:
        with transaction():
            person = db.session.get(Person, person_id, with_for_update={"key_share": True})
            found = queries.find_alive(network_id, whose(resolved(body)))
            if person is None or found is None:
                raise Missing
            row = held(found.id)
            if row.state not in rules.LIVE:  # decided in this very moment
                raise Refused(_("Somebody else has done something with it meanwhile. Nothing was changed: look at how it stands now."))
            mine = next((one for one in row.people if one.person_id == person.id), None)
            if mine is not None:
                return mine
            if (other := queries.find_own(network_id, person.id)) is not None and other.state in rules.LIVE:
                raise Refused(_("You have an expression of interest in this network already."))
            if len(row.people) >= MOST_ASKING:
                raise Refused(_("Too many people ask to join already."))
            mine = InterestPerson(person_id=person.id, role="colleague", asked_at=now)
            row.people.append(mine)
            if row.organisation_id is not None and accounts.is_coordinator(person, now.date(), row.organisation_id):
                mine.agreed_at = now
            db.session.flush()
            record("interest.join_agreed" if mine.agreed_at else "interest.join_asked", topic(row), by=by, now=now, name=person.name)
            if mine.agreed_at is None:
                _ask(row, person, now)
            return mine

    return retrying(work)


def _ask(row: Interest, person: Person, now: datetime) -> None:
    """Whoever may agree hears of it; once a day, however often somebody asks and takes it back."""
    may = {one.person_id: one.person for one in row.people if one.agreed_at is not None and one.person.disabled_at is None}
    if row.organisation_id is not None:
        may |= {one.id: one for one in accounts.coordinators_of(row.organisation_id, now.date())}
    news = News("joining", f"{person.id}-{now:%Y-%m-%d}", person.name)
    subject = mails.about_joining(row, person.id)
    outbox.queue_all([to_person(news, row, one, now, subject=subject) for one in may.values()], now=now)


def leave(interest_id: int, *, person_id: int, by: Actor, now: datetime) -> None:
    """Asks no longer; the mail goes all the same, since asking again on that day writes no other. Raises Missing for who does not ask."""

    def work() -> None:
        with transaction():
            row = held(interest_id)
            mine = next((one for one in row.people if one.person_id == person_id and one.agreed_at is None), None)
            if mine is None:
                raise Missing
            row.people.remove(mine)
            record("interest.join_left", topic(row), by=by, now=now, name=by.name)

    retrying(work)


def answer(interest_id: int, number: int, *, agree: bool, by: Actor, now: datetime, person_id: int | None = None) -> Person:
    """Lets somebody join, or not; they may ask again. `person_id` is somebody behind it; None: staff. Raises Conflict, Missing."""

    def work() -> Person:
        with transaction():
            row = held(interest_id) if person_id is None else own(interest_id, person_id)
            asker = next((one for one in row.people if one.id == number), None)
            if asker is None:
                raise Missing
            if asker.agreed_at is not None:
                raise Conflict(_("%(name)s has joined meanwhile.", name=asker.person.name))
            person = asker.person
            outbox.withdraw(mails.about_joining(row, person.id))
            record("interest.join_agreed" if agree else "interest.join_refused", topic(row), by=by, now=now, name=person.name)
            if agree:
                asker.agreed_at = now
                db.session.flush()
                outbox.queue(to_person(News("joined", str(asker.id)), row, person, now), now=now)
            else:
                row.people.remove(asker)
            return person

    return retrying(work)


def closed(person: Person, *, by: Actor, now: datetime) -> None:
    """An account is closed: it asks for nothing any more, and what nobody else stands behind is withdrawn. In the caller's
    transaction."""
    for number in queries.standing_behind(person.id):
        row = held(number)
        mine = next(one for one in row.people if one.person_id == person.id)
        if mine.agreed_at is None:
            outbox.withdraw(mails.about_joining(row, person.id))
            row.people.remove(mine)
        elif not any(one.person.disabled_at is None for one in row.people if one.person_id in behind(row) - {person.id}):
            leave_open(row, by=by, now=now)
