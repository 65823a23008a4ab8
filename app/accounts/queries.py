"""Reads of people, sessions and invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.accounts import rules
from app.accounts.models import Affiliation, Code, Invitation, Person, RecoveryCode, SignIn
from app.audit.service import Named
from app.crypto import hash_token
from app.database import db
from app.errors import Gone, Missing
from app.folding import has, words
from app.languages import sort_key
from app.organisations import queries as organisations
from app.organisations.models import Organisation


def find_by_address(address: str) -> Person | None:
    """Whoever has this address, in whatever way it was typed."""
    return db.session.scalars(select(Person).where(Person.canonical_address == rules.canonical(address))).one_or_none()


def find_known(address: str) -> Person | None:
    """Whoever has proved to read the mail of this address. Until then anybody may have typed it, under any name."""
    person = find_by_address(address)
    return person if person is not None and person.confirmed_at is not None else None


def get_person(person_id: int) -> Person:
    """With the affiliations and their organisations. Raises Missing."""
    wanted = select(Person).where(Person.id == person_id)
    person = db.session.scalars(wanted.options(selectinload(Person.affiliations).joinedload(Affiliation.organisation))).one_or_none()
    if person is None:
        raise Missing
    return person


def is_open(person: Person) -> bool:
    """Whether the account is open, and stays so until the commit: whoever closes it in this moment sees what has become of this.

    One lock for all, since two who hold a weaker one and both want this wait for each other. Inside a transaction.
    """
    db.session.refresh(person, ["disabled_at"], with_for_update={"key_share": True})
    return person.disabled_at is None


def administrators(but: int) -> Sequence[Person]:
    """The administrators whose accounts are open, without the person with that id."""
    wanted = select(Person).where(Person.role == "administrator", Person.disabled_at.is_(None), Person.id != but)
    return db.session.scalars(wanted.order_by(Person.id)).all()


def zone_of(organisation_id: int | None) -> str | None:
    """The clock of an organisation's place."""
    return db.session.scalar(select(Organisation.zone).where(Organisation.id == organisation_id)) if organisation_id else None


def counting(on: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The places that count on a day: confirmed, begun and not over. Nothing else says who belongs somewhere."""
    live = or_(Affiliation.ends_on.is_(None), Affiliation.ends_on >= on)
    return and_(Affiliation.confirmed_at.is_not(None), Affiliation.starts_on <= on, live)


def affiliation_of(person: Named, on: date) -> Affiliation | None:
    """Where somebody belongs on a day, with the organisation; a coordinator's place first, then the newest."""
    wanted = _affiliations(on).where(Affiliation.person_id == person.id).limit(1)
    return db.session.scalars(wanted).first()


def places_of(person: Named, on: date) -> tuple[Affiliation | None, Affiliation | None]:
    """The same, and the place that somebody has asked for and nobody has decided on, with the names: one statement."""
    named = joinedload(Affiliation.organisation).joinedload(Organisation.names)
    order = (Affiliation.role, Affiliation.starts_on.desc(), Affiliation.id.desc())
    wanted = select(Affiliation).options(named).where(Affiliation.person_id == person.id)
    rows = db.session.scalars(wanted.where(or_(counting(on), Affiliation.confirmed_at.is_(None))).order_by(*order)).unique().all()
    return next((row for row in rows if row.confirmed_at), None), next((row for row in rows if row.confirmed_at is None), None)


def belongs(person_id: int, organisation_id: int, on: date) -> bool:
    """Whether somebody is one of that organisation's people on a day."""
    wanted = select(Affiliation.id).where(Affiliation.person_id == person_id, Affiliation.organisation_id == organisation_id)
    return db.session.scalar(wanted.where(counting(on)).limit(1)) is not None


def is_coordinator(person: Person, on: date, organisation_id: int | None = None) -> bool:
    """Whether somebody coordinates that organisation (any, if none is named) on a day."""
    wanted = _affiliations(on).where(Affiliation.person_id == person.id, Affiliation.role == "coordinator")
    if organisation_id is not None:
        wanted = wanted.where(Affiliation.organisation_id == organisation_id)
    return db.session.scalars(wanted.limit(1)).first() is not None


def coordinators_of(organisation_id: int, on: date) -> Sequence[Person]:
    """Who coordinates an organisation on a day and can sign in."""
    wanted = select(Person).join(Person.affiliations).where(Affiliation.organisation_id == organisation_id, counting(on))
    return db.session.scalars(wanted.where(Affiliation.role == "coordinator", Person.disabled_at.is_(None)).order_by(Person.id)).all()


def _affiliations(on: date) -> Select[Affiliation]:
    order = (Affiliation.role, Affiliation.starts_on.desc(), Affiliation.id.desc())
    return select(Affiliation).options(joinedload(Affiliation.organisation)).where(counting(on)).order_by(*order)


def find_asked(person_id: int) -> Affiliation | None:
    """The place somebody has asked for and nobody has decided on."""
    wanted = select(Affiliation).where(Affiliation.person_id == person_id, Affiliation.confirmed_at.is_(None))
    return db.session.scalars(wanted.options(joinedload(Affiliation.organisation)).limit(1)).first()


def first_asking(limit: int, *of: ColumnElement[bool]) -> Select[int]:
    """The numbers of so many of the places that wait for a decision, the oldest first."""
    return _asked().where(*of).order_by(Affiliation.starts_on, Affiliation.id).limit(limit).with_only_columns(Affiliation.id)


def asked_first(limit: int) -> tuple[list[Affiliation], int]:
    """So many of the places that wait for a decision, the oldest first, and how many wait in all: one statement."""
    named = joinedload(Affiliation.organisation).joinedload(Organisation.names)
    wanted = _asked().add_columns(select(func.count()).select_from(_asked().subquery()).scalar_subquery())
    wanted = wanted.options(contains_eager(Affiliation.person), named).where(Affiliation.id.in_(first_asking(limit)))
    rows = db.session.execute(wanted.order_by(Affiliation.starts_on, Affiliation.id)).unique().all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def _asked() -> Select[Affiliation]:
    return select(Affiliation).join(Affiliation.person).where(Affiliation.confirmed_at.is_(None), Person.disabled_at.is_(None))


def organisation_choices() -> list[tuple[int, str]]:
    """(id, name) of every organisation in the language in force, in its order, for a select."""
    rows = db.session.scalars(select(Organisation)).all()
    return sorted(((row.id, row.name) for row in rows), key=lambda pair: sort_key(pair[1]))


def sessions_of(person_id: int, now: datetime) -> Sequence[SignIn]:
    """The live sessions of a person, newest first."""
    live = select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    return db.session.scalars(live.order_by(SignIn.created_at.desc(), SignIn.id.desc())).all()


def is_code_live(token: str, now: datetime) -> bool:
    """Whether the code that this browser asked for can still be typed."""
    mine = (Code.browser_hash == hash_token(token), Code.purpose == "sign_in", Code.used_at.is_(None))
    return db.session.scalars(select(Code.id).where(*mine, Code.tries < rules.CODE_TRIES, Code.expires_at > now)).first() is not None


def recovery_codes_left(person_id: int) -> int:
    """How many recovery codes of a person are still good."""
    unused = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def get_invitation(token: str, now: datetime) -> Invitation:
    """The invitation of a mailed link. Raises Missing for a wrong one, Gone for one that was used or is too old."""
    wanted = select(Invitation).options(joinedload(Invitation.organisation)).where(Invitation.token_hash == hash_token(token))
    invitation = db.session.scalars(wanted).one_or_none()
    if invitation is None:
        raise Missing
    if invitation.accepted_at is not None or invitation.expires_at <= now:
        raise Gone
    return invitation


def open_invitations(now: datetime) -> Sequence[Invitation]:
    """Invitations that can still be accepted, newest first."""
    wanted = (
        select(Invitation).options(joinedload(Invitation.organisation)).where(Invitation.accepted_at.is_(None), Invitation.expires_at > now)
    )
    return db.session.scalars(wanted.order_by(Invitation.created_at.desc()).limit(100)).all()


def people(text: str, role: str, *, limit: int | None = None, offset: int = 0) -> tuple[Sequence[Person], int]:
    """One page of people by name or address or organisation, and how many there are in all. Role: a staff role, 'staff', 'asking' or ''."""
    wanted = select(Person).where(*_matching(text))
    if role == "asking":
        wanted = wanted.where(Person.id.in_(_asked().with_only_columns(Affiliation.person_id)))
    elif role == "staff":
        wanted = wanted.where(Person.role.is_not(None))
    elif role:
        wanted = wanted.where(Person.role == role)
    total = db.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Person.id).subquery())) or 0
    return _page_of(wanted, limit, offset), total


def found(text: str, *, limit: int, offset: int = 0) -> Sequence[Person]:
    """The people that a search finds, with their places; the same as the list of people shows for these words."""
    return _page_of(select(Person).where(*_matching(text)), limit, offset)


def count_found(text: str) -> ScalarSelect[int]:
    """How many that are in all, to be asked together with others."""
    return select(func.count()).select_from(Person).where(*_matching(text)).scalar_subquery()


def _page_of(wanted: Select[Person], limit: int | None, offset: int) -> Sequence[Person]:
    shown = wanted.options(selectinload(Person.affiliations).joinedload(Affiliation.organisation))
    return db.session.scalars(shown.order_by(Person.folded, Person.id).limit(limit).offset(offset)).all()


def _matching(text: str) -> list[ColumnElement[bool]]:
    """That each word stands in the name, in the address or in the name of an organisation."""
    return [or_(has(Person.folded, word), Person.id.in_(_of(word))) for word in words(text)]


def _of(word: str) -> Select[int]:
    return select(Affiliation.person_id).where(Affiliation.organisation_id.in_(organisations.named(word)))
