"""What staff do with the commitment: rules written, changed and thrown away, a member let off and asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.membership.models import SCOPES, CommitmentRule, Waiver
from app.membership.rules import HALVES
from app.organisations.models import Network, NetworkMember, Organisation

MOST = 20  # workshops of a half in a period
MOST_PEOPLE = 100
LONGEST_REASON = 600
EARLIEST, LATEST = 2000, 2199  # years


@dataclass(frozen=True)
class Values:
    """All that a rule says."""

    scope: str
    starts_on: date
    ends_on: date
    latin_america: int
    sweden: int
    people: int = 1
    online: bool = False


def create(network_id: int, values: Values, *, by: Actor, now: datetime) -> CommitmentRule:
    """A new rule of a network. Raises Refused, Missing."""

    def work() -> CommitmentRule:
        with transaction():
            network = _network(network_id)
            _check(network, values, None)
            rule = CommitmentRule(network_id=network.id, **vars(values))
            db.session.add(rule)
            db.session.flush()
            record("commitment.created", _topic(network.id), by=by, now=now, period=_period(rule))
            return rule

    return retrying(work)


def save(rule_id: int, values: Values, version: int, *, by: Actor, now: datetime) -> CommitmentRule:
    """Writes what has changed; nothing changed is nothing done. Raises Conflict if `version` is not the newest, Refused, Missing."""

    def work() -> CommitmentRule:
        with transaction():
            rule = _locked(rule_id, version)
            _check(_network(rule.network_id), values, rule.id)
            if any(getattr(rule, name) != value for name, value in vars(values).items()):
                for name, value in vars(values).items():
                    setattr(rule, name, value)
                db.session.flush()
                record("commitment.changed", _topic(rule.network_id), by=by, now=now, period=_period(rule))
            return rule

    return retrying(work)


def delete(rule_id: int, version: int, *, by: Actor, now: datetime) -> None:
    """Throws a rule away, unless somebody has been let off under it. Raises Conflict, Refused, Missing."""

    def work() -> None:
        with transaction():
            rule = _locked(rule_id, version)
            if db.session.scalars(select(Waiver.id).where(Waiver.rule_id == rule_id).limit(1)).first() is not None:
                raise Refused(_("Somebody has been let off under this rule. Ask them again first, or give the rule an earlier last day."))
            record("commitment.deleted", _topic(rule.network_id), by=by, now=now, period=_period(rule))
            db.session.delete(rule)

    retrying(work)


def waive(rule_id: int, organisation_id: int, half: str, reason: str, *, by: Actor, now: datetime) -> Waiver:
    """Lets a member off one half; once more gives another reason. Raises Refused without a reason, Missing."""

    def work() -> Waiver:
        with transaction():
            rule = db.session.get(CommitmentRule, rule_id, with_for_update=True)
            if rule is None or half not in HALVES:
                raise Missing
            member = (NetworkMember.network_id == rule.network_id, NetworkMember.organisation_id == organisation_id)
            organisation = db.session.get(Organisation, organisation_id)
            if organisation is None or db.session.scalars(select(NetworkMember.id).where(*member).limit(1)).first() is None:
                raise Missing
            if not getattr(rule, half):
                raise Refused(problems={"half": _("Nothing is asked there: nobody has to be let off")})
            if not reason:
                raise Refused(problems={"reason": _("Enter why: whoever follows this up later will ask")})
            same = (Waiver.rule_id == rule_id, Waiver.organisation_id == organisation_id, Waiver.half == half)
            row = db.session.scalars(select(Waiver).where(*same)).one_or_none()
            if row is None:
                row = Waiver(rule_id=rule_id, organisation_id=organisation_id, half=half, reason=reason, by=by.name)
                db.session.add(row)
            row.reason, row.by = reason, by.name
            db.session.flush()
            record("commitment.waived", _topic(rule.network_id), by=by, now=now, organisation=organisation.place, half=half, reason=reason)
            return row

    return retrying(work)


def ask_again(waiver_id: int, *, by: Actor, now: datetime) -> Waiver:
    """A member is asked for the half again. Raises Missing."""

    def work() -> Waiver:
        with transaction():
            row = db.session.get(Waiver, waiver_id, with_for_update=True)
            if row is None:
                raise Missing
            rule, organisation = db.session.get_one(CommitmentRule, row.rule_id), db.session.get_one(Organisation, row.organisation_id)
            record("commitment.asked_again", _topic(rule.network_id), by=by, now=now, organisation=organisation.place, half=row.half)
            db.session.delete(row)
            return row

    return retrying(work)


def _check(network: Network, values: Values, own: int | None) -> None:
    problems = _of_days(network, values)
    if values.scope not in SCOPES:
        problems["scope"] = _("Choose who is asked")
    if not values.latin_america and not values.sweden:
        problems["latin_america"] = _("Ask for at least one workshop somewhere")
    for name in HALVES:
        if getattr(values, name) > MOST:
            problems[name] = _("Enter a whole number from 0 to %(max)s", max=MOST)
    if not 1 <= values.people <= MOST_PEOPLE:
        problems["people"] = _("Enter a number from 1 to %(max)s", max=MOST_PEOPLE)
    if problems:
        raise Refused(problems=problems)
    days = (CommitmentRule.starts_on == values.starts_on, CommitmentRule.ends_on == values.ends_on)
    same = select(CommitmentRule.id).where(CommitmentRule.network_id == network.id, CommitmentRule.scope == values.scope, *days)
    if any(number != own for number in db.session.scalars(same)):
        raise Refused(problems={"starts_on": _("There is a rule for exactly these days already: change that one")})


def _of_days(network: Network, values: Values) -> dict[str, str]:
    problems = {}
    if values.starts_on.year < EARLIEST or values.ends_on.year > LATEST:
        problems["ends_on"] = _("Enter a real date, such as 2026-06-03")
    elif values.ends_on < values.starts_on:
        problems["ends_on"] = _("The last day lies before the first")
    elif values.ends_on < network.starts_on or values.starts_on > network.ends_on:
        problems["ends_on"] = _("The network's period is another: no workshop of it lies in these days")
    return problems


def _network(network_id: int) -> Network:
    """The network, held until the commit: two rules for the same days are never written side by side."""
    network = db.session.get(Network, network_id, with_for_update=True)
    if network is None:
        raise Missing
    return network


def _locked(rule_id: int, version: int) -> CommitmentRule:
    rule = db.session.get(CommitmentRule, rule_id, with_for_update=True, populate_existing=True)
    if rule is None:
        raise Missing
    if rule.version != version:
        raise Conflict
    return rule


def _period(rule: CommitmentRule) -> str:
    return f"{rule.starts_on.isoformat()} – {rule.ends_on.isoformat()}"  # noqa: RUF001  an en dash between dates


def _topic(network_id: int) -> str:
    return f"network:{network_id}"
