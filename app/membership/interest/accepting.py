"""Staff say yes: the organisation is a member, its people have their places, the colleagues they named are invited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.accounts import places, staffing
from app.accounts import queries as accounts
from app.accounts.models import Person
from app.announcements import announce
from app.audit.service import Actor, record
from app.audit.service import person as actor
from app.database import db, retrying, transaction
from app.errors import Conflict, Refused
from app.languages import day_short
from app.languages import gettext as _
from app.membership.interest import mails
from app.membership.interest.mails import News
from app.membership.interest.models import Interest
from app.membership.interest.rules import STAFF
from app.membership.interest.steps import held, step, tell, topic
from app.membership.organisation.service import checked
from app.organisations import service as organisations
from app.organisations.models import Network, Organisation
from app.organisations.service import Values
from app.outbox import service as outbox


@dataclass(frozen=True)
class Decision:
    """What staff have confirmed: from which day; of a new organisation its facts, or which known one it is."""

    on: date
    same_as: int | None = None
    facts: Values | None = None


def accept(interest_id: int, decision: Decision, *, version: int, by: Actor, now: datetime) -> Interest:
    """All of it or nothing. Raises Conflict if `version` is not the newest or it is decided, Refused, Missing."""

    def work() -> Interest:
        with transaction():
            row = held(interest_id)
            state = step(row, STAFF, "accept")
            if row.version != version:
                raise Conflict
            _refuse_day(row.network, decision.on, now)
            organisation = _organisation(row, decision, by, now)
            network = row.network
            organisations.admit(network, organisation, decision.on, by=by, now=now)
            row.organisation, row.whose = organisation, f"organisation:{organisation.id}"
            row.state, row.changed_at, row.decided_at, row.decided_by = state, now, now, by.name
            db.session.flush()
            people = _place(row, organisation, by, now)
            _invite(row, organisation, people, by, now)
            _pass_on(row, organisation, now)
            record("interest.accepted", topic(row), by=by, now=now, organisation=organisation.name)
            announce("network_changed", now=now)
            outbox.withdraw(mails.about_asked(row))
            tell(News("accepted", str(row.version), by.name), row, now)
            return row

    return retrying(work)


def _refuse_day(network: Network, on: date, now: datetime) -> None:
    if not network.starts_on <= on <= network.ends_on:
        first, last = day_short(network.starts_on), day_short(network.ends_on)
        raise Refused(problems={"on": _("The network runs from %(first)s to %(last)s", first=first, last=last)})
    if on > now.date():
        raise Refused(problems={"on": _("Choose today or an earlier day: they are members from now on")})


def _organisation(row: Interest, decision: Decision, by: Actor, now: datetime) -> Organisation:
    """The one that is known, one that staff say it is, or a new one."""
    if row.organisation is not None:
        return row.organisation
    if decision.same_as is not None:
        found = db.session.get(Organisation, decision.same_as)
        if found is None:
            raise Refused(problems={"same_as": _("Choose an organisation from the list")})
        return found
    if decision.facts is None:
        raise Refused(problems={"same_as": _("Confirm the facts of the new organisation, or say which known one it is")})
    return organisations.found(checked(decision.facts, None), by=by, now=now)


def _place(row: Interest, organisation: Organisation, by: Actor, now: datetime) -> list[Person]:
    """Who stands behind it belongs there: the applicant as coordinator, the others as members, nobody with less than before."""
    found = []
    for one in row.people:
        if one.agreed_at is None or not accounts.is_open(one.person):
            continue
        leads = one.role == "applicant" or accounts.is_coordinator(one.person, now.date(), organisation.id)
        found.append(places.set_affiliation(one.person_id, organisation.id, "coordinator" if leads else "member", by=by, now=now))
    if not found:
        raise Refused(_("Nobody who stands behind it has an open account any more: there would be no coordinator."))
    return found


def _invite(row: Interest, organisation: Organisation, people: list[Person], by: Actor, now: datetime) -> None:
    """In the applicant's name and language, as far as they do not belong there already."""
    host = next((one.person for one in row.people if one.role == "applicant"), people[0])
    for one in row.colleagues:
        known = accounts.find_known(one.address)
        if known is not None and (known.disabled_at is not None or accounts.belongs(known.id, organisation.id, now.date())):
            continue
        sender = actor(host) if host in people else by
        staffing.invite(one.address, lang=host.lang, organisation_id=organisation.id, by=sender, now=now)


def _pass_on(row: Interest, organisation: Organisation, now: datetime) -> None:
    """Who still asks to join now asks the organisation, and its coordinator answers; whoever belongs somewhere asks nothing."""
    for one in [one for one in row.people if one.agreed_at is None]:
        outbox.withdraw(mails.about_joining(row, one.person_id))
        if one.person.disabled_at is None:
            places.ask(one.person, organisation.id, now=now)
        row.people.remove(one)
