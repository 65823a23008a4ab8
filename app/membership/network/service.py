"""What staff do with networks: founded, and their page changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.orm.attributes import flag_modified

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Refused
from app.languages import LANGUAGES, day_short, ngettext
from app.languages import gettext as _
from app.membership.models import CommitmentRule
from app.membership.network import queries, rules
from app.membership.network.rules import LIMITS, Values
from app.organisations.models import Network, NetworkName
from app.rows import free_slug, held

T = TypeVar("T")
RESERVED = {"new"}  # addresses of the staff's pages
TRIES = 3  # when another takes the same address in the same moment


def create(values: Values, *, by: Actor, now: datetime) -> Network:
    """A new network, with the usual reminders; nobody belongs to it yet. Raises Refused."""

    def work() -> Network:
        with transaction():
            _refuse(rules.problems(values))
            row = Network(slug=free_slug(Network.slug, values.texts["en"].name, otherwise="network", reserved=RESERVED), names={})
            _write(row, values)
            db.session.add(row)
            db.session.flush()
            record("network.created", topic(row), by=by, now=now, names={lang: text.name for lang, text in values.texts.items()})
            announce("network_founded", network=row, now=now)
            announce("network_changed", now=now)
            return row

    return _named(work)


def save(slug: str, values: Values, version: int, *, by: Actor, now: datetime) -> Network:
    """Writes what has changed; nothing changed is nothing done. Its address stays, for calendars are subscribed to at it.

    Raises Conflict if `version` is not the newest, Refused, Missing.
    """

    def work() -> Network:
        with transaction():
            row = locked(slug)
            if row.version != version:
                raise Conflict
            before = queries.values_of(row)
            if before == values:
                return row
            _refuse(rules.problems(values))
            if values.starts_on > row.starts_on or values.ends_on < row.ends_on:
                _keep_inside(row, values)
            _write(row, values)
            flag_modified(row, "contact")  # the version rises even if only the words have changed
            db.session.flush()
            record("network.changed", topic(row), by=by, now=now)
            announce("network_changed", now=now)
            return row

    return retrying(work)


def locked(slug: str) -> Network:
    """The row, held until the commit and read anew: whoever saves a workshop of it waits. Raises Missing."""
    return held(select(Network).where(Network.slug == slug))


def topic(row: Network) -> str:
    """Under which the audit knows it."""
    return f"network:{row.id}"


def _refuse(found: dict[str, str]) -> None:
    words = {
        "no_name": _("Enter the name in all three languages"),
        "no_purpose": _("Enter what the network is for in all three languages"),
        "themes": _("Choose themes from the list"),
        "no_date": _("Enter a real date, such as 2026-06-03"),
        "backwards": _("The last day must lie after the first"),
        "too_long": _("A network lasts at most %(max)s years", max=rules.MOST_YEARS),
        "contact": _("Enter one e-mail address, such as partnership@icld.se"),
    }
    if found:
        raise Refused(problems={name: _too_long(name) if code == "long" else words[code] for name, code in found.items()})


def _too_long(field: str) -> str:
    return _("This text must be %(max)s characters or fewer", max=LIMITS[field.rpartition("_")[0]])


def _keep_inside(row: Network, values: Values) -> None:
    """A shorter period leaves no workshop outside, no call and no rule of the commitment. Raises Refused."""
    if (found := queries.outside(row.id, values)) is not None:
        workshop, day, number = found
        words = _("“%(title)s” lies outside: %(day)s.", title=workshop.text.title, day=day_short(day.on))
        if number > 1:
            words += " " + ngettext("So does one more workshop.", "So do %(num)s more workshops.", number - 1)
        words += " " + _("Move it first, or choose a longer period.")
        raise Refused(problems={"starts_on" if day.on < values.starts_on else "ends_on": words})
    if last := max((call.closes_on for call in row.calls if call.closes_on > values.ends_on), default=None):
        raise Refused(problems={"ends_on": _("A call for interest is open until %(day)s. Close it first.", day=day_short(last))})
    wanted = select(CommitmentRule).where(CommitmentRule.network_id == row.id).order_by(CommitmentRule.starts_on, CommitmentRule.id)
    for rule in db.session.scalars(wanted):
        if rule.ends_on < values.starts_on or rule.starts_on > values.ends_on:
            days = {"first": day_short(rule.starts_on), "last": day_short(rule.ends_on)}
            field = "starts_on" if rule.ends_on < values.starts_on else "ends_on"
            raise Refused(problems={field: _("A rule of the commitment is for %(first)s to %(last)s, which lies outside.", **days)})


def _write(row: Network, values: Values) -> None:
    row.starts_on, row.ends_on, row.contact, row.themes = values.starts_on, values.ends_on, values.contact, list(values.themes)
    for lang in LANGUAGES:
        if lang not in row.names:
            row.names[lang] = NetworkName(lang=lang)
        for part in LIMITS:
            setattr(row.names[lang], part, getattr(values.texts[lang], part))


def _named(work: Callable[[], T]) -> T:
    for _try in range(TRIES):
        with suppress(IntegrityError, PendingRollbackError):
            return retrying(work)
    return retrying(work)
