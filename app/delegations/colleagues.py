"""Who is named to come for an organisation: one of its people, or somebody new with a name and an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts import places, queries, rules
from app.accounts.models import Affiliation, Person
from app.accounts.service import find_or_make_person
from app.audit.service import Actor
from app.database import db
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.organisations.models import Organisation

MOST_NEW = 10  # in one act


@dataclass(frozen=True)
class Colleague:
    """One of the organisation's people by number, or somebody new. `row`: which row of a form it stands in."""

    person_id: int | None = None
    name: str = ""
    address: str = ""
    lang: str = "en"
    row: int = 0


def check(named: Sequence[Colleague]) -> None:
    """Raises Refused for nobody at all, too many, or an address that stands there twice or is none, each beside its row."""
    problems: dict[str, str] = {}
    seen: set[str] = set()
    new = [one for one in named if one.person_id is None]
    for one in new:
        canonical = rules.canonical(one.address)
        if not one.name:
            problems[f"name_{one.row}"] = _("Enter the name")
        if not rules.is_address(one.address):
            problems[f"address_{one.row}"] = _("Enter one address, such as name@municipality.se")
        elif canonical in seen:
            problems[f"address_{one.row}"] = _("This address stands here twice")
        seen.add(canonical)
    if problems:
        raise Refused(problems=problems)
    if len(new) > MOST_NEW:
        raise Refused(_("At most %(number)s new people can be named at once.", number=MOST_NEW))
    if not named:
        raise Refused(_("Choose at least one colleague, or enter a name and an address."))


def brought(named: Sequence[Colleague], organisation: Organisation, *, by: Actor, now: datetime) -> list[Person]:
    """The people. Whoever belongs nowhere comes for the organisation this once, and belongs to it only as asked: a coordinator
    confirms it as for anybody, so that an address which is typed opens nothing.

    Joins the caller's transaction. Raises Missing for a number that is nobody there, Refused for somebody of another organisation.
    """
    check(named)
    found: dict[int, Person] = {}
    for one in sorted(named, key=lambda each: (each.person_id or 0, rules.canonical(each.address))):
        person = _of(one, organisation, now) if one.person_id is not None else _new(one, organisation, by=by, now=now)
        if person.id in found:
            raise Refused(problems={f"address_{one.row}": _("%(name)s stands here twice", name=one.name or person.name)})
        found[person.id] = person
    return list(found.values())


def _of(one: Colleague, organisation: Organisation, now: datetime) -> Person:
    person = db.session.get(Person, one.person_id)
    if person is None or not queries.is_open(person) or not queries.belongs(person.id, organisation.id, now.date()):
        raise Missing
    return person


def _new(one: Colleague, organisation: Organisation, *, by: Actor, now: datetime) -> Person:
    """Whoever has the address, or a new person; nobody who belongs elsewhere can be taken along. Raises Refused."""
    try:
        person = find_or_make_person(one.address, one.name, lang=one.lang, zone=organisation.zone, now=now)
    except Refused as refusal:
        raise Refused(problems={f"address_{one.row}": refusal.problems.get("address", refusal.message)}) from refusal
    others = select(Affiliation.id).where(Affiliation.person_id == person.id, queries.counting(now.date()))
    here = queries.belongs(person.id, organisation.id, now.date())
    if not queries.is_open(person) or (not here and db.session.scalar(others.limit(1)) is not None):
        words = _("This address cannot be registered for %(organisation)s. Write to us.", organisation=organisation.name)
        raise Refused(problems={f"address_{one.row}": words})
    places.name(person, organisation.id, by=by, now=now)
    return person


def anybody(one: Colleague, *, now: datetime) -> Person:
    """Whoever has the address, for a workshop's guest who comes for no organisation. Raises Refused."""
    check([one])
    if one.person_id is not None:
        raise Missing
    person = find_or_make_person(one.address, one.name, lang=one.lang, zone="Europe/Stockholm", now=now)
    if not queries.is_open(person):
        raise Refused(problems={f"address_{one.row}": _("This address cannot be registered. Write to us.")})
    return person
