"""Reads of expressions of interest: one's own, another's of the same organisation, the staff's board and one with all that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.accounts.models import STAFF, Affiliation, Person
from app.accounts.queries import counting
from app.database import db
from app.errors import Missing
from app.folding import fold
from app.membership.interest.models import Interest, InterestPerson
from app.membership.interest.rules import CLOSED, LIVE, WAITING, Call, Offered, half_of
from app.organisations.models import Network, NetworkCall, NetworkMember, Organisation, OrganisationName
from app.organisations.queries import belongs_or_will
from app.workshops.models import Workshop


def calls(network_id: int) -> list[Call]:
    """A network's rounds in their order."""
    wanted = select(NetworkCall).where(NetworkCall.network_id == network_id).order_by(NetworkCall.opens_on, NetworkCall.id)
    return [Call(row.opens_on, row.closes_on, row.id) for row in db.session.scalars(wanted)]


def find_own(network_id: int, person_id: int) -> Interest | None:
    """Where somebody stands behind one, or asks to while it is alive: one that is alive first, then the newest."""
    wanted = select(Interest).where(Interest.network_id == network_id, _of(person_id)).options(*_full())
    return db.session.scalars(wanted.order_by(Interest.state.not_in(LIVE), Interest.id.desc()).limit(1)).unique().first()


def find_alive(network_id: int, whose: str) -> Interest | None:
    """The one that speaks of this organisation."""
    wanted = select(Interest).where(Interest.network_id == network_id, Interest.whose == whose, Interest.state.in_(LIVE))
    return db.session.scalars(wanted.options(*_named(), selectinload(Interest.people).joinedload(InterestPerson.person))).one_or_none()


def find_called(name: str, country: str) -> Organisation | None:
    """The organisation that is called so, in any language and however it is written, in that country."""
    called = select(OrganisationName.organisation_id).where(OrganisationName.folded == fold(name))
    wanted = select(Organisation).where(Organisation.country == country, Organisation.id.in_(called)).order_by(Organisation.id)
    return db.session.scalars(wanted.limit(1)).first()


def is_member(network_id: int, organisation_id: int, on: date) -> bool:
    """Whether an organisation belongs to a network on a day, or will."""
    return organisation_id in members_among(network_id, [organisation_id], on)


def members_among(network_id: int, organisation_ids: Sequence[int], on: date) -> set[int]:
    """Which of these organisations belong to a network on a day, or will."""
    same = NetworkMember.network_id == network_id, NetworkMember.organisation_id.in_(organisation_ids)
    return set(db.session.scalars(select(NetworkMember.organisation_id).where(*same, belongs_or_will(on))))


def begun_among(network_id: int, organisation_ids: Sequence[int]) -> set[int | None]:
    """For which of these organisations one is alive."""
    same = Interest.network_id == network_id, Interest.organisation_id.in_(organisation_ids), Interest.state.in_(LIVE)
    return set(db.session.scalars(select(Interest.organisation_id).where(*same)))


def left_on(network_id: int, organisation_id: int) -> date | None:
    """The last day on which an organisation was a member of a network; None for one that is for good, or never was."""
    same = NetworkMember.network_id == network_id, NetworkMember.organisation_id == organisation_id
    days = db.session.scalars(select(NetworkMember.left_on).where(*same)).all()
    return None if None in days else max((day for day in days if day), default=None)


def offered(network_id: int, now: datetime, also: Sequence[int] = ()) -> list[tuple[Workshop, Offered]]:
    """The workshops that one could say to attend: what is coming at a place, and those chosen already, in order of time."""
    coming = and_(Workshop.state == "published", Workshop.starts_at > now, Workshop.format != "online")
    wanted = select(Workshop).where(Workshop.network_id == network_id, or_(coming, Workshop.id.in_(also)))
    rows = db.session.scalars(
        wanted.options(joinedload(Workshop.days), selectinload(Workshop.texts)).order_by(Workshop.starts_at, Workshop.id)
    ).unique()
    return [(row, Offered(row.id, half)) for row in rows if row.days and (half := half_of(row.country)) is not None]


def get(interest_id: int) -> Interest:
    """One with all that it has. Raises Missing."""
    found = db.session.scalars(select(Interest).where(Interest.id == interest_id).options(*_full())).unique().one_or_none()
    if found is None:
        raise Missing
    return found


@dataclass(frozen=True)
class Wanted:
    """What the board is narrowed to; nothing is everything."""

    state: str = ""
    country: str = ""
    network: str = ""


def board(wanted: Wanted, *, limit: int, offset: int = 0) -> Sequence[Interest]:
    """One page of the staff's board, who has waited longest first."""
    rows = select(Interest).where(*_matching(wanted)).options(*_named(), joinedload(Interest.assigned), joinedload(Interest.network))
    rows = rows.options(selectinload(Interest.people).joinedload(InterestPerson.person))
    since = func.coalesce(Interest.sent_at, Interest.created_at)
    return db.session.scalars(rows.order_by(Interest.state.not_in(WAITING), since, Interest.id).limit(limit).offset(offset)).all()


def numbers(wanted: Wanted) -> dict[str, int]:
    """How many there are in each state, narrowed but for the state."""
    rows = select(Interest.state, func.count()).where(*_matching(Wanted("", wanted.country, wanted.network))).group_by(Interest.state)
    return {state: number for state, number in db.session.execute(rows)}


def countries() -> Sequence[str]:
    """The countries that any of them is of."""
    return db.session.scalars(select(Interest.country).distinct().order_by(Interest.country)).all()


def chosen(ids: Sequence[int]) -> Sequence[Interest]:
    """Those with these numbers, in their order."""
    rows = select(Interest).where(Interest.id.in_(ids)).options(*_named(), selectinload(Interest.people).joinedload(InterestPerson.person))
    return db.session.scalars(rows.order_by(Interest.id)).all()


def waiting() -> ScalarSelect[int]:
    """How many wait for the staff, to be asked together with others."""
    return select(func.count()).select_from(Interest).where(Interest.state.in_(WAITING)).scalar_subquery()


def of_person(person_id: int, since: datetime) -> Sequence[Interest]:
    """What somebody stands behind or asks to that is alive, or was declined or withdrawn not long ago; the newest first."""
    mine = _of(person_id)
    shown = or_(Interest.state.in_(LIVE), Interest.state.in_(CLOSED) & (Interest.decided_at > since))
    rows = select(Interest).where(mine, shown).options(*_named(), selectinload(Interest.people))
    rows = rows.options(joinedload(Interest.network).joinedload(Network.names)).order_by(Interest.id.desc())
    return db.session.scalars(rows).unique().all()


def standing_behind(person_id: int) -> Sequence[int]:
    """The numbers of what is alive and somebody stands behind, or asks to."""
    mine = exists().where(InterestPerson.interest_id == Interest.id, InterestPerson.person_id == person_id)
    return db.session.scalars(select(Interest.id).where(mine, Interest.state.in_(LIVE)).order_by(Interest.id)).all()


def of_organisation(organisation_id: int) -> Sequence[Interest]:
    """What an organisation has sent, for its line of time."""
    rows = select(Interest).where(Interest.organisation_id == organisation_id, Interest.sent_at.is_not(None))
    return db.session.scalars(rows.options(joinedload(Interest.network).joinedload(Network.names)).order_by(Interest.id)).unique().all()


def colleagues() -> Sequence[Person]:
    """The staff, to whom one can be given."""
    rows = select(Person).where(Person.role.in_(STAFF), Person.disabled_at.is_(None))
    return db.session.scalars(rows.order_by(Person.name, Person.id)).all()


def name_of(organisation_id: int | None) -> str:
    """What an organisation is called; nothing for none."""
    found = db.session.get(Organisation, organisation_id) if organisation_id is not None else None
    return found.name if found else ""


def organisations_of(person_id: int, on: date) -> Sequence[Organisation]:
    """Where somebody belongs on a day."""
    theirs = select(Affiliation.organisation_id).where(Affiliation.person_id == person_id, counting(on))
    return db.session.scalars(select(Organisation).where(Organisation.id.in_(theirs)).order_by(Organisation.id)).all()


def _of(person_id: int) -> ColumnElement[bool]:
    """That somebody stands behind it; who only asks to has asked for nothing once it is decided."""
    agreed = or_(InterestPerson.agreed_at.is_not(None), Interest.state.in_(LIVE))
    return exists().where(InterestPerson.interest_id == Interest.id, InterestPerson.person_id == person_id, agreed)


def _matching(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state:
        found.append(Interest.state == wanted.state)
    if wanted.country:
        found.append(Interest.country == wanted.country)
    if wanted.network:
        found.append(Interest.network_id.in_(_called(wanted.network)))
    return found


def _called(slug: str) -> Select[int]:
    return select(Network.id).where(Network.slug == slug)


def _named() -> tuple[ORMOption, ...]:
    return (joinedload(Interest.organisation),)


def _full() -> tuple[ORMOption, ...]:
    people = selectinload(Interest.people).joinedload(InterestPerson.person)
    more = (selectinload(Interest.colleagues), selectinload(Interest.workshops), selectinload(Interest.messages))
    network = joinedload(Interest.network).joinedload(Network.names)
    return (*_named(), network, joinedload(Interest.wished), joinedload(Interest.assigned), people, *more)
