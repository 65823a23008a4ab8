"""Reads of the staff's list: one page, its counts, and whom a selection means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Person
from app.database import db
from app.folding import has
from app.folding import words as folded_words
from app.languages import current
from app.organisations.models import Organisation, OrganisationName
from app.outbox.bounces.queries import is_marked
from app.questions.queries import unanswered
from app.registrations.listing.filters import Filter, Selection
from app.registrations.models import ACTIVE, Registration, RegistrationNote
from app.registrations.queries import LINE, full, own_words

Own = Mapping[int, str]
"""What guests call their organisation themselves, folded, by registration."""


class Row(NamedTuple):
    """A row of the list: who, the place in the line of somebody who waits, whether staff have noted something, and whether mail to
    the address fails."""

    registration: Registration
    place: int | None
    noted: bool
    marked: bool


def page(workshop_id: int, wanted: Filter, *, size: int, after: int, own: Own | None = None) -> list[Row]:
    """One page, in the order in which people came; the waiting list in that of its turns. `own`: guests' own words, if read."""
    waits = (Registration.workshop_id == workshop_id, Registration.state == "waitlisted")
    line = select(Registration.id, func.row_number().over(order_by=LINE).label("place")).where(*waits).subquery()
    rows: Select[Any] = select(Registration, line.c.place, RegistrationNote.registration_id, is_marked(Person.address))
    rows = rows.join(Registration.person).outerjoin(Registration.organisation)
    rows = rows.outerjoin(line, line.c.id == Registration.id)
    rows = rows.outerjoin(RegistrationNote, RegistrationNote.registration_id == Registration.id)
    rows = rows.options(
        contains_eager(Registration.person), contains_eager(Registration.organisation).selectinload(Organisation.names)
    ).where(*_matches(workshop_id, wanted, own))
    order = LINE if wanted.tab == "waitlisted" else (Registration.queued_at, Registration.id)
    found = db.session.execute(rows.order_by(*order).limit(size).offset(after))
    return [Row(registration, place, noted is not None, marked) for registration, place, noted, marked in found]


def counts(workshop_id: int, wanted: Filter, *, own: Own | None = None) -> dict[str, int]:
    """How many match in each state, whatever the tab, and under `all` how many are not out."""
    found = select(Registration.state, func.count()).select_from(Registration).join(Registration.person)
    found = found.outerjoin(Registration.organisation).where(*_narrowed(workshop_id, wanted, own)).group_by(Registration.state)
    by_state = {state: number for state, number in db.session.execute(found).all()}
    return {**by_state, "all": sum(number for state, number in by_state.items() if state in ACTIVE)}


def selected(workshop_id: int, selection: Selection) -> list[Registration]:
    """Whom a selection means now, read anew, in the order of the line; others' numbers are left out."""
    if selection.numbers is None:
        chosen = full().join(Registration.person).outerjoin(Registration.organisation)
        chosen = chosen.where(*_matches(workshop_id, selection.filter))
    else:
        chosen = full().where(Registration.workshop_id == workshop_id, Registration.id.in_(selection.numbers))
    return list(db.session.scalars(chosen.order_by(*LINE).execution_options(populate_existing=True)).unique())


def every(workshop_id: int, wanted: Filter) -> Sequence[Registration]:
    """All that match, with names, for the printed list and the file, by name."""
    rows = select(Registration).join(Registration.person).outerjoin(Registration.organisation)
    rows = rows.options(joinedload(Registration.person), joinedload(Registration.organisation).selectinload(Organisation.names))
    return db.session.scalars(rows.where(*_matches(workshop_id, wanted)).order_by(Person.name, Registration.id)).unique().all()


def organisations(workshop_id: int) -> list[tuple[int, str, str]]:
    """(number, name in the language in force, country) of those from which somebody is or was registered, by name."""
    mine = select(Registration.organisation_id).where(Registration.workshop_id == workshop_id)
    wanted = select(Organisation.id, Organisation.country, OrganisationName.lang, OrganisationName.name).join(OrganisationName)
    found: dict[tuple[int, str], dict[str, str]] = {}
    for number, country, lang, name in db.session.execute(wanted.where(Organisation.id.in_(mine))):
        found.setdefault((number, country), {})[lang] = name
    rows = [(number, names.get(current()) or names.get("en") or min(names.values()), country) for (number, country), names in found.items()]
    return sorted(rows, key=lambda row: row[1].casefold())


def _matches(workshop_id: int, wanted: Filter, own: Own | None = None) -> list[ColumnElement[bool]]:
    tab = Registration.state.in_(ACTIVE) if wanted.tab == "all" else Registration.state == wanted.tab
    return [*_narrowed(workshop_id, wanted, own), tab]


def _narrowed(workshop_id: int, wanted: Filter, own: Own | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Registration.workshop_id == workshop_id]
    if wanted.organisation_id is not None:
        found.append(Registration.organisation_id == wanted.organisation_id)
    if wanted.country:
        found.append(Organisation.country == wanted.country)
    if wanted.kind:
        found.append(Person.kind.is_(None) if wanted.kind == "unsaid" else Person.kind == wanted.kind)
    if wanted.answers:
        found.append(unanswered(workshop_id, Registration.id))
    if words := folded_words(wanted.words):
        own = own_words(workshop_id) if own is None else own
        found.extend(_said(word, own) for word in words)
    return found


def _said(word: str, own: Own) -> ColumnElement[bool]:
    """A folded word stands in the name, the address, or what the organisation is called."""
    named = select(OrganisationName.organisation_id).where(has(OrganisationName.folded, word))
    typed = Registration.id.in_([number for number, name in own.items() if word in name])
    return or_(has(Person.folded, word), has(Organisation.folded, word), Registration.organisation_id.in_(named), typed)
