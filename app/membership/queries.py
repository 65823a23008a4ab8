"""Reads of the commitment; few statements, however many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.attendance.queries import attended_registrations
from app.database import db
from app.errors import Missing
from app.languages import sort_key
from app.membership.judging import NOBODY, Doors, Judge, Numbers, People, ends_of, over_at
from app.membership.models import CommitmentRule, Waiver
from app.membership.rules import HALVES, Half, last
from app.organisations.models import Network, NetworkMember, Organisation
from app.organisations.queries import members
from app.registrations.models import Registration
from app.workshops.models import SeatHold, Workshop, WorkshopInvitee


@dataclass(frozen=True)
class PersonProgress:
    """How far one of the people has come, where each is asked."""

    person_id: int
    name: str
    halves: Mapping[str, Half]


@dataclass(frozen=True)
class Progress:
    """How far one organisation has come with its commitment, and what the words about it need.

    Where each of its people is asked, a half stands as it does with whoever lacks most, and `each` is all of them by name.
    """

    organisation: Organisation
    rule: CommitmentRule
    halves: Mapping[str, Half]
    workshops: Mapping[int, Workshop]  # of the period, shared by all organisations
    people: Mapping[int, People]
    waivers: Mapping[str, Waiver]
    each: Sequence[PersonProgress] = ()


def rules_of(network_id: int, *, member: int | None = None) -> Sequence[CommitmentRule]:
    """What a network has asked over the years and whom it has let off, the newest period first.

    `member`: it asks nothing of an organisation that does not belong to it.
    """
    wanted = select(CommitmentRule).options(joinedload(CommitmentRule.waivers)).where(CommitmentRule.network_id == network_id)
    if member is not None:
        belonging = (NetworkMember.network_id == network_id, NetworkMember.organisation_id == member, NetworkMember.left_on.is_(None))
        wanted = wanted.where(exists().where(*belonging))
    return db.session.scalars(wanted.order_by(CommitmentRule.starts_on.desc())).unique().all()


def get_rule(rule_id: int) -> CommitmentRule:
    """One rule with its network and whom it lets off. Raises Missing."""
    wanted = select(CommitmentRule).options(joinedload(CommitmentRule.waivers), joinedload(CommitmentRule.network))
    rule = db.session.scalars(wanted.where(CommitmentRule.id == rule_id)).unique().one_or_none()
    if rule is None:
        raise Missing
    return rule


def members_under(rule: CommitmentRule, network: Network, now: datetime) -> list[Organisation]:
    """Of whom a rule asks: who belongs to the network today, or did on the last day of a period that is over."""
    return members(network, min(now.date(), rule.ends_on))


def rules_on(rules: Sequence[CommitmentRule], on: date) -> list[CommitmentRule]:
    """The rules in force on a day, what is asked of organisations first; else those of the year in which the last one ended, else
    the first to come."""
    running = [rule for rule in rules if rule.starts_on <= on <= rule.ends_on]
    over = [rule for rule in rules if rule.ends_on < on]
    last_year = max((rule.ends_on.year for rule in over), default=None)
    found = running or [rule for rule in over if rule.ends_on.year == last_year] or list(rules[-1:])
    return sorted(found, key=lambda rule: (rule.scope, rule.starts_on, rule.ends_on))


def rule_on(rules: Sequence[CommitmentRule], on: date) -> CommitmentRule | None:
    """The first of them: what a page speaks of that has room for one."""
    return next(iter(rules_on(rules, on)), None)


def progress_of(
    rule: CommitmentRule,
    organisations: Sequence[Organisation],
    now: datetime,
    *,
    titled: bool = False,
    without: Collection[int] = (),
) -> list[Progress]:
    """The progress of many organisations, in their order, with two statements; with the titles of the workshops it is three, and
    where each person is asked, one more.

    `without`: as if these workshops were cancelled. This is the one answer: pages, mails, lists and the gate of a partnership ask here.
    """
    workshops = _in_period(rule, titled=titled)
    gone = frozenset(key for key in without if key in workshops and ends_of(workshops[key]) > now)
    numbers = [organisation.id for organisation in organisations]
    asked = _people_of(numbers, min(now.date(), rule.ends_on)) if rule.scope == "person" else {}
    people, own, doors = _people_and_doors(rule, workshops, numbers, each=[key for names in asked.values() for key, _name in names])
    waivers: dict[int, dict[str, Waiver]] = defaultdict(dict)
    for waiver in rule.waivers:
        waivers[waiver.organisation_id][waiver.half] = waiver
    judge = Judge(rule, workshops, gone, now)
    found = []
    for organisation in organisations:
        mine, let_off = people.get(organisation.id, {}), waivers[organisation.id]
        judge.turn_to(doors.open_to(organisation.id))
        if rule.scope == "person":
            each = [PersonProgress(key, name, judge.halves(own.get(key, {}), let_off)) for key, name in asked.get(organisation.id, ())]
            each.sort(key=lambda one: sort_key(one.name))
            nobody = judge.halves({}, let_off)
            halves: Mapping[str, Half] = {side: last([one.halves[side] for one in each]) or nobody[side] for side in HALVES}
        else:
            each, halves = [], judge.halves(mine, let_off)
        found.append(Progress(organisation, rule, halves, workshops, mine, let_off, each))
    return found


def _in_period(rule: CommitmentRule, *, titled: bool) -> dict[int, Workshop]:
    """The workshops whose first day, on their own clock, lies in the period, in the order of time."""
    first = datetime.combine(rule.starts_on, time(), UTC) - timedelta(days=1)
    wanted = (
        select(Workshop)
        .where(Workshop.network_id == rule.network_id, Workshop.state != "draft")
        .where(Workshop.starts_at >= first, Workshop.starts_at <= over_at(rule) + timedelta(days=1))
        .options(joinedload(Workshop.days), *([selectinload(Workshop.texts)] if titled else []))
        .order_by(Workshop.starts_at, Workshop.id)
    )
    rows = db.session.scalars(wanted).unique().all()
    return {w.id: w for w in rows if w.days and rule.starts_on <= w.days[0].on <= rule.ends_on}


def _people_and_doors(
    rule: CommitmentRule, workshops: Mapping[int, Workshop], organisation_ids: Sequence[int], *, each: Sequence[int]
) -> tuple[dict[int, dict[int, People]], dict[int, Numbers], Doors]:
    """For each organisation, and for each of these people, the workshops with who was there and who has a seat (a person counts
    for whomever they came); and which workshops are open to whom: one statement."""
    here, ours = list(workshops), Registration.organisation_id.in_(organisation_ids)
    there = attended_registrations(here, way=None if rule.online else "on_site").subquery()
    attended = case((there.c.registration_id.is_not(None), 1), else_=0)
    whom, seats = (Registration.organisation_id, Registration.person_id), select(literal("person" if each else "came"))
    if each:  # one row a person, for most come to several: each workshop by a number that tells whether they were there
        marks = func.aggregate_strings(cast(Registration.workshop_id * 2 + attended, String), ",")
        came = seats.add_columns(*whom, case((ours & is_its_own(), 1), else_=0), literal(0), marks).group_by(*whom)
        came = came.where(or_(ours, Registration.person_id.in_(each)))
    else:
        where = Registration.organisation_id, Registration.workshop_id
        came = seats.add_columns(*where, func.sum(attended), func.count(), literal("")).group_by(*where).where(ours, is_its_own())
    came = came.select_from(Registration).outerjoin(there, there.c.registration_id == Registration.id)
    came = came.where(Registration.workshop_id.in_(here), Registration.state == "confirmed")
    invited = select(literal("invited"), WorkshopInvitee.organisation_id, WorkshopInvitee.workshop_id, literal(0), literal(0), literal(""))
    held = select(literal("held"), SeatHold.organisation_id, SeatHold.workshop_id, SeatHold.unused, literal(0), literal(""))
    invited, held = invited.where(WorkshopInvitee.workshop_id.in_(here)), held.where(SeatHold.workshop_id.in_(here), SeatHold.unused > 0)
    theirs: dict[int, dict[int, People]] = defaultdict(dict)
    own: dict[int, Numbers] = {}
    alike: dict[str, Numbers] = {}
    pairs: dict[str, dict[tuple[int, int], int]] = {"invited": {}, "held": {}}
    found: Sequence[Any] = db.session.execute(union_all(came, invited, held)).all()
    for kind, organisation_id, number, first, second, marks in found:
        if kind == "came":
            theirs[organisation_id][number] = People(first, second)
        elif kind == "person":
            if (mine := alike.get(marks)) is None:
                mine = alike[marks] = _unpacked(marks)
            own[number] = {**own[number], **mine} if number in own else mine
            if first:
                _add(theirs[organisation_id], mine)
        else:
            pairs[kind][number, organisation_id] = first
    free = {w.id: w.seats_left for w in workshops.values() if w.seats_left > 0}
    closed = frozenset(w.id for w in workshops.values() if w.access == "invited")
    return theirs, own, Doors(free, closed, frozenset(pairs["invited"]), pairs["held"])


def _unpacked(marks: str) -> Numbers:
    """One person's workshops, each with a seat, some attended."""
    numbers = [int(mark) for mark in marks.split(",")]
    return {number // 2: People(number % 2, 1) for number in numbers}


def _add(numbers: dict[int, People], more: Numbers) -> None:
    for workshop_id, (attended, registered) in more.items():
        before = numbers.get(workshop_id, NOBODY)
        numbers[workshop_id] = People(before.attended + attended, before.registered + registered)


def _people_of(organisation_ids: Sequence[int], on: date) -> dict[int, list[tuple[int, str]]]:
    """For each organisation its people on a day, as (number, name)."""
    wanted = select(Affiliation.organisation_id, Person.id, Person.name).join(Affiliation.person)
    wanted = wanted.where(Affiliation.organisation_id.in_(organisation_ids), counting(on), Person.disabled_at.is_(None))
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for organisation_id, person_id, name in db.session.execute(wanted.distinct()):
        found[organisation_id].append((person_id, name))
    return found


def is_its_own() -> ColumnElement[bool]:
    """Whether the organisation has, or had, this person: a guest's word for where they come from fulfils nothing."""
    same = (Affiliation.person_id == Registration.person_id, Affiliation.organisation_id == Registration.organisation_id)
    return exists().where(*same, Affiliation.confirmed_at.is_not(None))
