"""Places in organisations: asked for by the person, confirmed or declined by a coordinator there or by staff, given, ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from app.accounts import mails, queries
from app.accounts.models import Affiliation, Person
from app.announcements import announce
from app.audit import service as audit
from app.audit.service import Actor
from app.database import db, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.outbox import service as outbox


def not_confirmed(organisation: str) -> str:
    """What somebody who asks cannot do yet, and can do meanwhile: on My page, and where a registration is refused."""
    return _(
        "%(organisation)s has not confirmed yet that you belong there. We write to you when it has. "
        "Meanwhile you can register for all workshops that are open to all.",
        organisation=organisation,
    )


def ask(person: Person, organisation_id: int | None, *, now: datetime) -> None:
    """What somebody says of where they belong: a question to that organisation, which counts for nothing until it is answered.

    One question at a time: another choice, or none, takes the first one back; its mail goes all the same, since asking again on
    that day writes no other. Whoever belongs somewhere asks nothing.
    Joins the caller's transaction. Raises Refused.
    """
    db.session.scalar(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))  # two clicks at once ask once
    if queries.affiliation_of(person, now.date()) is not None:
        return
    before = queries.find_asked(person.id)
    if before is not None and before.organisation_id == organisation_id:
        return
    if before is not None:
        _take_away(before, "person.ask_withdrawn", by=audit.person(person), now=now)
    if organisation_id is not None:
        _put(person, organisation_id, "person.asked", by=audit.person(person), now=now)


def name(person: Person, organisation_id: int, *, by: Actor, now: datetime) -> None:
    """Somebody else says that a person is of an organisation: the same question to it, so nobody gains anything by being named.

    What the person has asked or is already stands. A coordinator who names somebody needs no mail about it.
    Joins the caller's transaction.
    """
    db.session.scalar(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    if queries.affiliation_of(person, now.date()) is None and queries.find_asked(person.id) is None:
        _put(person, organisation_id, "person.named", by=by, now=now)


def _put(person: Person, organisation_id: int, action: str, *, by: Actor, now: datetime) -> None:
    row = Affiliation(person=person, organisation=_organisation(organisation_id), role="member", starts_on=now.date())
    db.session.add(row)
    db.session.flush()
    _record(action, row, by=by, now=now)
    named_by = by.name if action == "person.named" else ""
    for coordinator in queries.coordinators_of(organisation_id, now.date()):
        if audit.person(coordinator).code != by.code:
            outbox.queue(mails.place_asked(row, coordinator, now, named_by=named_by), now=now)


def confirm(person_id: int, organisation_id: int, *, by: Actor, now: datetime) -> Affiliation:
    """Yes, they are one of us: from now on the place counts, and a mail says so. Twice is once. Raises Missing."""
    with transaction():
        row = _decided(person_id, organisation_id, now)
        if row.confirmed_at is None:
            _confirm(row, now)
            _record("person.confirmed", row, by=by, now=now)
            outbox.queue(mails.place_confirmed(row, now), now=now)
    return row


def decline(person_id: int, organisation_id: int, *, by: Actor, now: datetime) -> Person:
    """No, they are not one of us. They can ask again. Raises Missing, and Conflict once the place is confirmed."""
    with transaction():
        row = _decided(person_id, organisation_id, now)
        person = row.person
        if row.confirmed_at is not None:
            raise Conflict(_("%(name)s has been confirmed meanwhile.", name=person.name))
        outbox.withdraw(mails.about_place(row))
        _take_away(row, "person.declined", by=by, now=now)
    return person


def add_affiliation(person: Person, organisation_id: int, role: str, *, now: datetime) -> Affiliation:
    """Puts somebody into an organisation from today, confirmed; one role there at a time. Joins the caller's transaction.

    Raises Refused.
    """
    organisation = _organisation(organisation_id)
    if role not in {"member", "coordinator"}:
        raise Refused(problems={"organisation": _("Choose an organisation from the list")})
    row = _live(person.id, organisation_id, now)
    if row is None:
        row = Affiliation(person=person, organisation=organisation, role=role, starts_on=now.date())
        db.session.add(row)
    if row.confirmed_at is None:
        _confirm(row, now)
    row.role, row.ends_on = role, None
    db.session.flush()
    return row


def set_affiliation(person_id: int, organisation_id: int, role: str, *, by: Actor, now: datetime) -> Person:
    """Staff put somebody into an organisation, or change the role there. Raises Missing, Refused."""
    with transaction():
        person = queries.get_person(person_id)
        asked = queries.find_asked(person.id)
        row = add_affiliation(person, organisation_id, role, now=now)
        _record("person.affiliated", row, by=by, now=now)
        if row is asked:
            outbox.queue(mails.place_confirmed(row, now), now=now)
    return person


def end_affiliation(person_id: int, affiliation_id: int, *, by: Actor, now: datetime) -> Person:
    """The person leaves that organisation; yesterday was the last day, or it never began. Raises Missing."""
    with transaction() as session:
        person = queries.get_person(person_id)
        row = session.get(Affiliation, affiliation_id)
        if row is None or row.person_id != person.id:
            raise Missing
        outbox.withdraw(mails.about_place(row))
        if row.confirmed_at is None or row.starts_on >= now.date():
            _take_away(row, "person.affiliation_ended" if row.confirmed_at else "person.declined", by=by, now=now)
        else:
            row.ends_on = now.date() - timedelta(days=1)
            _record("person.affiliation_ended", row, by=by, now=now)
        announce("place_ended", person_id=person.id, now=now)
    return person


def _organisation(organisation_id: int) -> Organisation:
    found = db.session.get(Organisation, organisation_id)
    if found is None:
        raise Refused(problems={"organisation": _("Choose an organisation from the list")})
    return found


def _live(person_id: int, organisation_id: int, now: datetime) -> Affiliation | None:
    """The place there that is asked for or not over, as it is once nobody else can change it."""
    wanted = select(Affiliation).where(Affiliation.person_id == person_id, Affiliation.organisation_id == organisation_id)
    wanted = wanted.where(or_(Affiliation.ends_on.is_(None), Affiliation.ends_on >= now.date())).order_by(Affiliation.id).limit(1)
    return db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).first()


def _decided(person_id: int, organisation_id: int, now: datetime) -> Affiliation:
    row = _live(person_id, organisation_id, now)
    if row is None:
        raise Missing
    return row


def _confirm(row: Affiliation, now: datetime) -> None:
    row.confirmed_at = now
    db.session.flush()
    outbox.withdraw(mails.about_place(row))
    announce("place_confirmed", affiliation=row, now=now)


def _take_away(row: Affiliation, action: str, *, by: Actor, now: datetime) -> None:
    """A place that never counted for a whole day leaves nothing but its line in the audit."""
    _record(action, row, by=by, now=now)
    db.session.delete(row)
    db.session.flush()


def _record(action: str, row: Affiliation, *, by: Actor, now: datetime) -> None:
    audit.record(action, f"person:{row.person_id}", by=by, now=now, name=row.person.name, organisation=row.organisation.name)
