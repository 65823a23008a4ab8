"""Who belongs to a network, from which day to which; nobody's membership is ever thrown away."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import day_short
from app.languages import gettext as _
from app.membership.network.service import locked, topic
from app.organisations import service as organisations
from app.organisations.models import Network, NetworkMember, Organisation


def admit(slug: str, organisation_id: int, on: date, *, by: Actor, now: datetime) -> None:
    """Makes an organisation a member from a day of the period. Raises Refused, also for one that is a member then or later; Missing."""

    def work() -> None:
        with transaction():
            row = locked(slug)
            organisation = db.session.get(Organisation, organisation_id)
            if organisation is None:
                raise Refused(problems={"organisation": _("Choose an organisation from the list")})
            if not row.starts_on <= on <= row.ends_on:
                raise Refused(problems={"joined_on": _outside(row)})
            if not organisations.admit(row, organisation, on, by=by, now=now):
                raise Refused(problems={"organisation": _("It is a member then or from a later day already")})
            announce("network_changed", now=now)

    retrying(work)


def let_leave(slug: str, number: int, on: date, *, by: Actor, now: datetime) -> None:
    """The last day of a membership; once more gives another one. What was done as a member stays. Raises Refused, Missing."""

    def work() -> None:
        with transaction():
            row = locked(slug)
            wanted = select(NetworkMember).where(NetworkMember.network_id == row.id, NetworkMember.id == number)
            member = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
            if member is None:
                raise Missing
            if on < member.joined_on:
                raise Refused(problems={"left_on": _("It is a member from %(day)s only", day=day_short(member.joined_on))})
            if on > row.ends_on:
                raise Refused(problems={"left_on": _outside(row)})
            later = select(NetworkMember.joined_on).where(NetworkMember.network_id == row.id, NetworkMember.id != member.id)
            later = later.where(NetworkMember.organisation_id == member.organisation_id, NetworkMember.joined_on > member.joined_on)
            if any(joined_on <= on for joined_on in db.session.scalars(later)):
                raise Refused(problems={"left_on": _("It is a member again before that day")})
            if member.left_on == on:
                return
            member.left_on = on
            db.session.flush()
            name = db.session.get_one(Organisation, member.organisation_id).name
            record("network.member_left", topic(row), by=by, now=now, name=name, on=on.isoformat())
            announce("network_changed", now=now)

    retrying(work)


def _outside(row: Network) -> str:
    return _("Choose a day of the network's period, %(first)s to %(last)s", first=day_short(row.starts_on), last=day_short(row.ends_on))
