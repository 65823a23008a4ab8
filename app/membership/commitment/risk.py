"""Who is written to because a half is at risk: by the scheduler when the choices run low, and by staff with one press.

Nothing has a fixed date: the state of the half decides, which follows from what is full, closed or cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from sqlalchemy import select
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
from app.registrations.coming.rules import by_day
from app.registrations.each import one_by_one


def concerned(rule: CommitmentRule, now: datetime, only: int | None = None) -> list[Concerned]:
    """Everybody who is to hear of a half at risk, by organisation; five statements, however many there are.

    `only`: of one organisation.
    """
    members = [one for one in queries.members_under(rule, rule.network, now) if only in {None, one.id}]
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
    """Whom to write to in each organisation: its coordinators, or all of its people where each is asked."""
    wanted = select(Affiliation).options(joinedload(Affiliation.person)).join(Affiliation.person)
    wanted = wanted.where(Affiliation.organisation_id.in_(organisation_ids), counting(on), Person.disabled_at.is_(None))
    if rule.scope == "organisation":
        wanted = wanted.where(Affiliation.role == "coordinator")
    found: dict[int, list[Person]] = {}
    for row in db.session.scalars(wanted.order_by(Affiliation.id)):
        people = found.setdefault(row.organisation_id, [])
        if row.person not in people:
            people.append(row.person)
    return found


def remind(*, now: datetime) -> int:
    """Writes to everybody who has not heard of a half at risk yet, by day on the own clock; one mail a person. How many."""
    end_reading()
    done = 0
    for rule in _rules_in_force(now):
        found = [one for one in concerned(rule, now) if by_day(now, one.person.zone) == now]
        untold = [(rule.id, one.progress.organisation.id, one.person.id) for one in _untold(found, now)]
        end_reading()
        done += one_by_one(untold, lambda one: _remind(*one, now=now), "a commitment at risk could not be told of: %s")
    return done


def _remind(rule_id: int, organisation_id: int, person_id: int, *, now: datetime) -> bool:
    """In a transaction of its own, asked anew: a seat may have been taken meanwhile."""
    with transaction():
        rule = db.session.get(CommitmentRule, rule_id, with_for_update=True)  # staff may be writing to the same people
        found = [one for one in concerned(rule, now, organisation_id) if one.person.id == person_id] if rule else []
        return sum(outbox.queue(mails.at_risk(one, one.dedupes(), now), now=now) is not None for one in _untold(found, now)) > 0


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
            found = concerned(rule, now)
            if not found or sight(found) != seen:
                raise Refused(_("Others are at risk now than those you looked at. Look once more."))
            ask, told = f":asked:{now.date().isoformat()}", _told([key for one in found for key in one.dedupes()])
            keys = [[*one.dedupes(ask), *(key for key in one.dedupes() if key not in told)] for one in found]  # nobody hears it twice
            number = outbox.queue_all([mails.at_risk(one, mine, now) for one, mine in zip(found, keys, strict=True)], now=now)
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
            content = mails.at_risk(one, [], now).content
            shown[one.person.lang] = (one.person.lang, content.subject, content.text)
    return list(shown.values())


def _rules_in_force(now: datetime) -> Sequence[CommitmentRule]:
    on = now.date()
    wanted = select(CommitmentRule).options(joinedload(CommitmentRule.waivers), joinedload(CommitmentRule.network))
    wanted = wanted.where(CommitmentRule.starts_on <= on, CommitmentRule.ends_on >= on).order_by(CommitmentRule.id)
    return db.session.scalars(wanted).unique().all()


def _told(keys: Sequence[str]) -> frozenset[str]:
    return frozenset(db.session.scalars(select(MessageItem.dedupe).where(MessageItem.dedupe.in_(keys)))) if keys else frozenset()
