"""Who is written to because a half is at risk: by the scheduler when the choices run low, and by staff with one press.

Nothing has a fixed date: the state of the half decides, which follows from what is full, closed or cancelled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.audit.service import Actor, record
from app.database import db, end_reading, retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.membership import queries
from app.membership.commitment import mails
from app.membership.commitment.mails import Concerned
from app.membership.models import CommitmentRule
from app.membership.queries import Progress
from app.outbox import service as outbox
from app.outbox.models import MessageItem
from app.outbox.queries import waiting_long
from app.registrations.coming.rules import by_day
from app.registrations.each import one_by_one

WILLING = Person.disabled_at.is_(None), Person.commitment_off.is_(False)


def concerned(rule: CommitmentRule, now: datetime, only: Collection[int] | None = None) -> list[Concerned]:
    """Everybody who is to hear of a half at risk, by organisation; five statements, however many there are.

    `only`: of these organisations.
    """
    members = [one for one in queries.members_under(rule, rule.network, now) if only is None or one.id in only]
    risky = [one for one in queries.progress_of(rule, members, now, titled=True) if _at_risk(one)]
    found = []
    people = _people(rule, [one.organisation.id for one in risky], now.date())
    for progress in risky:
        own = {one.person_id: one.halves for one in progress.each}
        for person in people.get(progress.organisation.id, []):
            halves = own.get(person.id, {}) if rule.scope == "person" else progress.halves
            if at_risk := {side: half for side, half in halves.items() if half.state == "risk"}:
                found.append(Concerned(person, progress, at_risk, own=halves if rule.scope == "person" else None))
    return found


def _at_risk(progress: Progress) -> bool:
    halves = [*progress.halves.values(), *(half for one in progress.each for half in one.halves.values())]
    return any(half.state == "risk" for half in halves)


def _people(rule: CommitmentRule, organisation_ids: Sequence[int], on: date) -> dict[int, list[Person]]:
    """Whom to write to in each organisation: its coordinators, or all of its people where each is asked; nobody who wants no such mail."""
    wanted = select(Affiliation).options(joinedload(Affiliation.person)).join(Affiliation.person)
    wanted = wanted.where(Affiliation.organisation_id.in_(organisation_ids), counting(on), *WILLING)
    if rule.scope == "organisation":
        wanted = wanted.where(Affiliation.role == "coordinator")
    found: dict[int, list[Person]] = {}
    for row in db.session.scalars(wanted.order_by(Affiliation.id)):
        people = found.setdefault(row.organisation_id, [])
        if row.person not in people:
            people.append(row.person)
    return found


def remind(*, now: datetime) -> int:
    """Writes to everybody who has not heard of a half at risk yet, by day on the own clock; one mail a person, of however many
    commitments. How many. What waits since long is written anew."""
    end_reading()
    stale = waiting_long("commitment", now)
    one_by_one(stale, lambda one: _write_anew(*one, now=now), "a commitment at risk could not be told of anew: %s")
    end_reading()
    found = [one for rule in _rules_in_force(now) for one in concerned(rule, now) if by_day(now, one.person.zone) == now]
    untold: dict[int, set[int]] = {}
    for one in _untold(found, now):
        untold.setdefault(one.person.id, set()).add(one.progress.organisation.id)
    end_reading()
    return one_by_one(untold.items(), lambda one: _remind(*one, now=now), "a commitment at risk could not be told of: %s")


def _remind(person_id: int, organisation_ids: Collection[int], *, now: datetime) -> bool:
    """In a transaction of its own, asked anew: a seat may have been taken meanwhile."""
    with transaction():
        _hold_all(person_id, now)
        found = _untold(_concerning(person_id, organisation_ids, now), now)
        mail = mails.at_risk([(one, one.dedupes()) for one in found], now) if found else None
        return mail is not None and outbox.queue(mail, now=now) is not None


def _write_anew(number: UUID, person_id: int, *, now: datetime) -> bool:
    """What waits says how it stood when it was written: it is taken back, and written under its own keys about what is still at risk.
    Of what is not, they hear when it is so again."""
    with transaction():
        _hold_all(person_id, now)
        keys = outbox.discard([number]).get(number, [])
        found = _concerning(person_id, {int(key.split(":")[3]) for key in keys}, now)
        about = [(one, one.about(keys)) for one in found]
        mine = [
            (replace(one, halves={side: one.halves[side] for side in theirs}), [key for some in theirs.values() for key in some])
            for one, theirs in about
            if theirs
        ]
        return bool(mine) and outbox.queue(mails.at_risk(mine, now), now=now) is not None


def _concerning(person_id: int, organisation_ids: Collection[int], now: datetime) -> list[Concerned]:
    """All that one person is to hear of these organisations."""
    found = [one for rule in _rules_in_force(now) for one in concerned(rule, now, organisation_ids)]
    return [one for one in found if one.person.id == person_id]


def _hold_all(person_id: int, now: datetime) -> None:
    """The rules, for staff may be writing to the same people, and then the person, who may be turning such mails off."""
    db.session.execute(_in_force(select(CommitmentRule.id), now).with_for_update()).all()
    _hold([person_id])


def _hold(person_ids: Iterable[int]) -> None:
    db.session.execute(select(Person.id).where(Person.id.in_(set(person_ids))).order_by(Person.id).with_for_update()).all()


def _untold(found: Sequence[Concerned], now: datetime) -> list[Concerned]:
    """About the halves alone that they have not heard of, nor before a copy of the database was put back."""
    since = {key: datetime.combine(one.progress.rule.starts_on, time(), UTC) for one in found for key in one.dedupes()}
    told = _told(list(since)) | outbox.gone(since, now)
    fresh = [{side: half for side, half in one.halves.items() if one.dedupe(side) not in told} for one in found]
    return [replace(one, halves=halves) for one, halves in zip(found, fresh, strict=True) if halves]


def write(rule_id: int, *, seen: str, by: Actor, now: datetime) -> int:
    """Staff write to everybody at risk, by day on the clock of each, in their language; how many. Once a day, however often
    it is pressed. Raises Missing, Refused when they are not those who were `seen`."""

    def work() -> int:
        with transaction():
            rule = db.session.get(CommitmentRule, rule_id, with_for_update=True)
            if rule is None:
                raise Missing
            _hold(one.person.id for one in concerned(rule, now))
            found = concerned(rule, now)
            if not found or sight(found) != seen:
                raise Refused(_("Others are at risk now than those you looked at. Look once more."))
            ask, told = f":asked:{now.date().isoformat()}", _told([key for one in found for key in one.dedupes()])
            people: dict[int, list[tuple[Concerned, list[str]]]] = {}
            for one in found:
                keys = [*one.dedupes(ask), *(key for key in one.dedupes() if key not in told)]  # nobody hears it twice
                people.setdefault(one.person.id, []).append((one, keys))
            number = outbox.queue_all([mails.at_risk(mine, now) for mine in people.values()], now=now)
            record("commitment.written", f"network:{rule.network_id}", by=by, now=now, number=number)
            return number

    return retrying(work)


def sight(found: Sequence[Concerned]) -> str:
    """Who they are and what lacks, short enough to travel along with a form."""
    return "_".join(sorted(f"{one.person.id}-{'-'.join(sorted(one.halves))}" for one in found))


def sample(found: Sequence[Concerned], now: datetime) -> list[tuple[str, str, str]]:
    """(language, subject, text) of the first mail in each language."""
    shown: dict[str, tuple[str, str, str]] = {}
    for one in found:
        if one.person.lang not in shown:
            content = mails.at_risk([(one, [])], now).content
            shown[one.person.lang] = (one.person.lang, content.subject, content.text)
    return list(shown.values())


def _rules_in_force(now: datetime) -> Sequence[CommitmentRule]:
    wanted = select(CommitmentRule).options(joinedload(CommitmentRule.waivers), joinedload(CommitmentRule.network))
    return db.session.scalars(_in_force(wanted, now)).unique().all()


def _in_force(wanted: Select[Any], now: datetime) -> Select[Any]:
    on = now.date()
    return wanted.where(CommitmentRule.starts_on <= on, CommitmentRule.ends_on >= on).order_by(CommitmentRule.id)


def _told(keys: Sequence[str]) -> frozenset[str]:
    return frozenset(db.session.scalars(select(MessageItem.dedupe).where(MessageItem.dedupe.in_(keys)))) if keys else frozenset()
