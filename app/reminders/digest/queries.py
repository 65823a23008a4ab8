"""Who is to get a digest, and all that the digests of many say: a fixed number of statements, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.database import changed, db
from app.membership import queries as membership
from app.membership.queries import Progress
from app.organisations import queries as organisations
from app.organisations.models import NetworkMember
from app.questions.models import Answer, Question
from app.registrations.models import Registration
from app.registrations.queries import AHEAD
from app.reminders.digest.rules import Week, week_to_write
from app.reminders.rules import known_zone
from app.workshops.models import Workshop, WorkshopInvitee


@dataclass(frozen=True)
class Due:
    """Somebody whose digest has not been looked at this week."""

    person_id: int
    week: Week


@dataclass(frozen=True)
class Facts:
    """What the digests of some people are made of."""

    people: Mapping[int, Person]
    ahead: Mapping[int, list[Registration]]  # by person, in the order of time
    unanswered: frozenset[int]  # registrations that owe the workshop answers
    organisation: Mapping[int, int]  # by person: where they belong first
    members: frozenset[tuple[int, int]]  # of the networks in force: (network, organisation)
    progress: Mapping[int, list[Progress]]  # by organisation, of each such network that asks for something
    open: Sequence[Workshop]  # these networks', for which one can register now or soon, in the order of time
    invited: Mapping[int, frozenset[int]]  # by workshop


def due(now: datetime) -> list[Due]:
    """Who wants a digest and for whom it is the hour, in the order of their numbers."""
    wanted = select(Person.id, Person.zone, Person.digest_week).where(Person.digest, Person.disabled_at.is_(None))
    found = []
    for person_id, zone, done in db.session.execute(wanted.where(Person.confirmed_at.is_not(None)).order_by(Person.id)):
        week = week_to_write(now, known_zone(zone, "UTC"))
        if week is not None and week.code != done:
            found.append(Due(person_id, week))
    return found


def claim(those: Sequence[Due]) -> frozenset[int]:
    """Writes down that these people's week is done, for those who still want it and whom nobody else has taken meanwhile; who that is.
    Holds them until the commit, in the order of their numbers, as everybody does who holds several."""
    code = {one.person_id: one.week.code for one in those}
    wanted = select(Person.id, Person.digest_week).where(Person.id.in_(code), Person.digest, Person.disabled_at.is_(None))
    rows = db.session.execute(wanted.order_by(Person.id).with_for_update()).all()
    mine = frozenset(number for number, done in rows if done != code[number])
    for week in {code[number] for number in mine}:
        numbers = [number for number in mine if code[number] == week]
        changed(update(Person).where(Person.id.in_(numbers)).values(digest_week=week))
    return mine


def reopen(person_ids: Collection[int]) -> None:
    """These people's week is not done after all."""
    changed(update(Person).where(Person.id.in_(person_ids)).values(digest_week=None))


def hold(person_ids: Collection[int]) -> dict[int, str]:
    """Holds these people until the commit, in the order of their numbers; each one's clock."""
    wanted = select(Person.id, Person.zone).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update()
    return {number: known_zone(zone, "UTC") for number, zone in db.session.execute(wanted)}


def gather(person_ids: Sequence[int], now: datetime) -> Facts:
    """All that the digests of these people say."""
    people = {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(person_ids)))}
    ahead: dict[int, list[Registration]] = defaultdict(list)
    for row in db.session.scalars(_ahead(person_ids, now)).unique():
        ahead[row.person_id].append(row)
    places = _places(person_ids, now)
    mine = {number: place.organisation_id for number, place in places.items()}
    homes = {place.organisation_id: place.organisation for place in places.values()}
    networks = [network.id for network in organisations.in_force(now.date())]
    belonging = select(NetworkMember.network_id, NetworkMember.organisation_id).where(organisations.belongs(now.date()))
    members = frozenset((row[0], row[1]) for row in db.session.execute(belonging.where(NetworkMember.network_id.in_(networks))))
    progress: dict[int, list[Progress]] = defaultdict(list)
    for number in networks:
        rule = membership.rule_on(membership.rules_of(number), now.date())
        theirs = [home for key, home in homes.items() if (number, key) in members]
        for one in membership.progress_of(rule, theirs, now, titled=True) if rule and theirs else []:
            progress[one.organisation.id].append(one)
    workshops = db.session.scalars(_open(networks, now)).unique().all()
    return Facts(people, ahead, _unanswered(person_ids, now), mine, members, progress, workshops, _invited(workshops))


def _ahead(person_ids: Sequence[int], now: datetime) -> Select[Registration]:
    shown = contains_eager(Registration.workshop).options(joinedload(Workshop.days), selectinload(Workshop.texts))
    wanted = select(Registration).join(Registration.workshop).options(shown)
    wanted = wanted.where(Registration.person_id.in_(person_ids), Registration.state.in_(AHEAD))
    return wanted.where(Workshop.state == "published", Workshop.ends_at > now).order_by(Workshop.starts_at, Workshop.id)


def _unanswered(person_ids: Sequence[int], now: datetime) -> frozenset[int]:
    """Registrations whose people have not answered all that everybody must answer there."""
    answered = select(Answer.id).where(Answer.question_id == Question.id, Answer.registration_id == Registration.id)
    wanted = select(Registration.id).join(Registration.workshop).join(Question, Question.workshop_id == Workshop.id)
    wanted = wanted.where(Registration.person_id.in_(person_ids), Registration.state.in_(AHEAD))
    wanted = wanted.where(Workshop.state == "published", Workshop.starts_at > now)
    wanted = wanted.where(Question.retired_at.is_(None), Question.required, Question.condition_id.is_(None))
    return frozenset(db.session.scalars(wanted.where(~answered.exists()).distinct()))


def _places(person_ids: Sequence[int], now: datetime) -> dict[int, Affiliation]:
    """Where each belongs first: a coordinator's place before others, then the newest."""
    wanted = select(Affiliation).options(joinedload(Affiliation.organisation))
    wanted = wanted.where(Affiliation.person_id.in_(person_ids), counting(now.date()))
    found: dict[int, Affiliation] = {}
    for row in db.session.scalars(wanted.order_by(Affiliation.role, Affiliation.starts_on.desc(), Affiliation.id.desc())):
        found.setdefault(row.person_id, row)
    return found


def _open(network_ids: Sequence[int], now: datetime) -> Select[Workshop]:
    wanted = select(Workshop).options(joinedload(Workshop.days), selectinload(Workshop.texts))
    wanted = wanted.where(Workshop.network_id.in_(network_ids), Workshop.state == "published", Workshop.starts_at > now)
    return wanted.order_by(Workshop.starts_at, Workshop.id)


def _invited(workshops: Sequence[Workshop]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    those = [one.id for one in workshops]
    for row in db.session.scalars(select(WorkshopInvitee).where(WorkshopInvitee.workshop_id.in_(those))):
        found[row.workshop_id].add(row.organisation_id)
    return {number: frozenset(of) for number, of in found.items()}
