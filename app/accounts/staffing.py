"""Invitations, roles and closed accounts: what staff decide about people."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from app.accounts import mails, places, queries, rules
from app.accounts.models import STAFF_ROLES, Affiliation, Invitation, Person
from app.accounts.service import Details, end_all, join
from app.announcements import announce
from app.audit import service as audit
from app.audit.service import Actor
from app.crypto import hash_token, new_token
from app.database import db, retrying, transaction
from app.errors import Gone, Missing, Refused
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.outbox import service as outbox


def invite(
    address: str,
    *,
    lang: str,
    by: Actor,
    now: datetime,
    role: str | None = None,
    organisation_id: int | None = None,
    organisation_role: str = "member",
) -> str:
    """Mails a link that makes somebody staff (`role`) or part of an organisation. Returns the link's token. Raises Refused.

    It stops working when whoever sent it, or whoever it is for, loses a role or the account, or when it is taken back.

    An older invitation to the same address for the same thing stops working.
    """
    if not rules.is_address(address):
        raise Refused(problems={"address": _("Enter one address, such as name@municipality.se")})
    if role is not None and role not in STAFF_ROLES:
        raise Refused(problems={"role": _("Choose a role from the list")})
    if (role is None) == (organisation_id is None):
        raise Refused(problems={"organisation": _("Choose an organisation from the list")})
    token = new_token()
    with transaction() as session:
        if organisation_id is not None and session.get(Organisation, organisation_id) is None:
            raise Refused(problems={"organisation": _("Choose an organisation from the list")})
        canonical = rules.canonical(address)
        _take_back(now, Invitation.canonical_address == canonical, Invitation.role == role, Invitation.organisation_id == organisation_id)
        row = Invitation(
            token_hash=hash_token(token),
            address=address.strip(),
            canonical_address=canonical,
            lang=lang,
            role=role,
            organisation_id=organisation_id,
            organisation_role=organisation_role,
            invited_by=by.name,
            invited_by_id=_person_id(by),
            created_at=now,
            expires_at=now + timedelta(days=rules.INVITATION_DAYS),
        )
        session.add(row)
        session.flush()
        outbox.queue(mails.invitation(row, token, now), now=now)
        audit.record("person.invited", f"invitation:{row.id}", by=by, now=now, address=row.address)
    return token


def _person_id(by: Actor) -> int | None:
    """The person that an actor is; None for a command."""
    kind, _colon, number = by.code.partition(":")
    return int(number) if kind == "person" else None


def _take_back(now: datetime, *which: ColumnElement[bool]) -> None:
    """These invitations, as far as they are open, stop working. Joins the caller's transaction."""
    mine = update(Invitation).where(*which, Invitation.accepted_at.is_(None), Invitation.expires_at > now)
    db.session.execute(mine.values(expires_at=now))


def take_back_invitation(invitation_id: int, *, by: Actor, may_staff: bool, now: datetime) -> Invitation:
    """Somebody was invited by mistake: the link stops working. Raises Missing for one that is no longer open, and for one
    to the staff where `may_staff` says no."""
    with transaction() as session:
        row = session.get(Invitation, invitation_id, with_for_update=True)
        if row is None or row.accepted_at is not None or row.expires_at <= now or (row.role is not None and not may_staff):
            raise Missing
        row.expires_at = now
        outbox.withdraw(f"invitation:{row.id}")
        audit.record("person.invitation_taken_back", f"invitation:{row.id}", by=by, now=now, address=row.address)
    return row


def accept_invitation(token: str, details: Details | None, *, now: datetime) -> Person:
    """The person that the mailed link names, with the new role. Raises Missing, Gone, Refused.

    No role is ever lowered by it. Somebody whom nobody knew, or who never proved the address, is made from `details`; for
    somebody known it is None, and the door has seen to it that the person is signed in.
    """
    with transaction() as session:
        invitation = queries.get_invitation(token, now)
        still = (Invitation.id == invitation.id, Invitation.accepted_at.is_(None), Invitation.expires_at > now)
        if session.execute(update(Invitation).where(*still).values(accepted_at=now).returning(Invitation.id)).first() is None:
            raise Gone
        person = queries.find_by_address(invitation.canonical_address)
        if person is not None and person.disabled_at is not None:
            raise Gone
        if person is None or person.confirmed_at is None:
            if details is None:
                raise Refused(problems={"name": _("Enter your name")})
            person = join(invitation.canonical_address, invitation.address, details, now=now)
        if invitation.role is not None and _rank(invitation.role) > _rank(person.role):
            person.role = invitation.role
            end_all(person.id, now)
        if invitation.organisation_id is not None:
            keeps = queries.is_coordinator(person, now.date(), invitation.organisation_id)
            role = "coordinator" if keeps else invitation.organisation_role
            place = places.add_affiliation(person, invitation.organisation_id, role, now=now)
            facts = {"name": person.name, "organisation": place.organisation.name}
            audit.record("person.place_accepted", f"person:{person.id}", by=audit.person(person), now=now, **facts)
        else:
            audit.record("person.accepted", f"person:{person.id}", by=audit.person(person), now=now, name=person.name)
    return person


def _rank(role: str | None) -> int:
    """An invitation never takes a role away."""
    return ("helper", "officer", "administrator").index(role) if role else -1


def change_role(person_id: int, role: str | None, *, by: Actor, now: datetime) -> Person:
    """Gives or takes a staff role; the person's sessions end. Raises Missing, and Refused for the last administrator."""
    if role is not None and role not in STAFF_ROLES:
        raise Refused(problems={"role": _("Choose a role from the list")})
    with transaction():
        person = queries.get_person(person_id)
        if person.role == "administrator" and role != "administrator":
            _keep_one_administrator(person)
        if person.role != role:
            if _rank(role) < _rank(person.role):
                _take_back(now, Invitation.invited_by_id == person.id)
            _take_back(now, Invitation.canonical_address == person.canonical_address, Invitation.role.is_not(None))
            person.role = role
            end_all(person.id, now)
            audit.record("person.role_changed", f"person:{person.id}", by=by, now=now, name=person.name, role=role or "")
    return person


def disable(person_id: int, *, by: Actor, now: datetime) -> Person:
    """Closes an account: its sessions end, nobody signs in with it, what is on its way to it does not leave, and what it looks
    forward to (announced as `person_closed`) goes to others.

    Raises Missing, and Refused for the last administrator.
    """
    return retrying(lambda: _disable(person_id, by=by, now=now))


def _disable(person_id: int, *, by: Actor, now: datetime) -> Person:
    with transaction():
        person = queries.get_person(person_id)
        if person.role == "administrator":
            _keep_one_administrator(person)
        if person.disabled_at is None:
            person.disabled_at = now
            end_all(person.id, now)
            outbox.withdraw_from(person.id)
            _take_back(now, Invitation.invited_by_id == person.id)
            _take_back(now, Invitation.canonical_address == person.canonical_address)
            announce("person_closed", person=person, now=now, by=by)
            audit.record("person.disabled", f"person:{person.id}", by=by, now=now, name=person.name)
    return person


def enable(person_id: int, *, by: Actor, now: datetime) -> Person:
    """Opens a closed account again. Raises Missing."""
    with transaction():
        person = queries.get_person(person_id)
        if person.disabled_at is not None:
            person.disabled_at = None
            audit.record("person.enabled", f"person:{person.id}", by=by, now=now, name=person.name)
    return person


def _keep_one_administrator(person: Person) -> None:
    """The rows are locked, so that two administrators cannot take the role from each other at the same moment."""
    wanted = select(Person).where(Person.role == "administrator", Person.disabled_at.is_(None)).order_by(Person.id).with_for_update()
    others = [row for row in db.session.scalars(wanted.execution_options(populate_existing=True)) if row.id != person.id]
    if not others:
        raise Refused(problems={"role": _("This is the last administrator. Make somebody else administrator first.")})


def end_affiliation(person_id: int, affiliation_id: int, *, by: Actor, now: datetime) -> Person:
    """The person leaves that organisation, and open invitations to it end with that. Raises Missing."""
    with transaction() as session:
        row = session.get(Affiliation, affiliation_id)
        there = None if row is None else row.organisation_id
        person = places.end_affiliation(person_id, affiliation_id, by=by, now=now)
        _take_back(now, Invitation.canonical_address == person.canonical_address, Invitation.organisation_id == there)
    return person
