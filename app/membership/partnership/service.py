"""What staff do with partnerships: opened behind the gate, changed, given people, dates and documents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.rules import canonical
from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.membership.models import Partnership, PartnershipLink, PartnershipPerson
from app.membership.partnership import gate, rules
from app.membership.partnership.rules import MOST_LINKS, MOST_PEOPLE, ROLES, Side, Values
from app.organisations import queries as organisations
from app.organisations.models import Network, Organisation
from app.rows import free_slug, held
from app.workshops.rules import is_https

T = TypeVar("T")
LONGEST_TITLE = 160


class NotYet(Refused):
    """Somebody has not kept the commitment; `lacking` says who and what."""

    def __init__(self, lacking: list[gate.Lack]) -> None:
        super().__init__(_("The partnership cannot be opened yet: a commitment is not met."))
        self.lacking = lacking


def start(network_id: int, values: Values, *, by: Actor, now: datetime) -> Partnership:
    """Opens a partnership. Raises NotYet while one of the two has not kept its commitment, Refused, Missing."""

    def work() -> Partnership:
        with transaction():
            network = db.session.get(Network, network_id, with_for_update=True)
            if network is None:
                raise Missing
            pair = _checked(network, values, now)
            if lacking := gate.lacking(network_id, pair, values.starts_on, now):
                raise NotYet(lacking)
            west, east = rules.in_order(*(_side(one) for one in pair))
            _only_one(network_id, west, east, values.area, None)
            names = {one.id: one for one in pair}
            slug = free_slug(Partnership.slug, f"{names[east].place} {names[west].place}", otherwise="partnership")
            row = Partnership(network_id=network_id, left_id=west, right_id=east, slug=slug)
            _write(row, values)
            db.session.add(row)
            db.session.flush()
            record("partnership.opened", topic(row), by=by, now=now, one=names[east].place, other=names[west].place)
            announce("partnership_changed", partnership=row, now=now)
            return row

    return retrying(work)


def save(slug: str, values: Values, version: int, *, by: Actor, now: datetime) -> Partnership:
    """Writes area, phase and days; the two stay who they are. Raises Conflict if `version` is not the newest, Refused, Missing."""

    def work() -> Partnership:
        with transaction():
            row = locked(slug)
            if row.version != version:
                raise Conflict
            kept = {row.left_id, row.right_id}  # a member that has left is still one of the two
            pair = _checked(row.network, values, now, former=row.area in rules.FORMER and values.area == row.area, kept=kept)
            if {one.id for one in pair} != {row.left_id, row.right_id}:
                raise Refused(problems={"one": _("The two stay who they are. Open another partnership for another pair.")})
            _only_one(row.network_id, row.left_id, row.right_id, values.area, row.id)
            if values.starts_on != row.starts_on and (lacking := gate.lacking(row.network_id, pair, values.starts_on, now)):
                raise NotYet(lacking)
            before = (row.area, row.phase, row.starts_on, row.project_on, row.ends_on)
            if row.area != values.area:  # the entries of its dates name it
                for event in row.events:
                    event.changed_at = now
            _write(row, values)
            if before != (row.area, row.phase, row.starts_on, row.project_on, row.ends_on):
                record("partnership.changed", topic(row), by=by, now=now, phase=row.phase)
                announce("partnership_changed", partnership=row, now=now)
            return row

    return retrying(work)


def add_person(slug: str, typed: str, role: str, *, by: Actor, now: datetime) -> PartnershipPerson:
    """Gives somebody a part: who has an account by its address, a mentor without one by name. Raises Refused, Missing."""

    def work() -> PartnershipPerson:
        with transaction():
            row = locked(slug)
            person = accounts.find_known(canonical(typed)) if "@" in typed else None
            if role not in ROLES:
                raise Refused(problems={"role": _("Choose which part")})
            if not typed:
                raise Refused(problems={"who": _("Enter an address, or the name of a mentor")})
            if person is None and ("@" in typed or role != "mentor"):
                raise Refused(problems={"who": _("Nobody with this address has an account. Only a mentor can be named without one.")})
            if len(typed) > 200:
                raise Refused(problems={"who": _("The name must be %(max)s characters or fewer", max=200)})
            if len(row.people) >= MOST_PEOPLE:
                raise Refused(problems={"who": _("There are %(max)s people already", max=MOST_PEOPLE)})
            if any(one.role == role and (one.person_id == person.id if person else one.name == typed) for one in row.people):
                raise Refused(problems={"who": _("They have this part already")})
            found = PartnershipPerson(person_id=person.id if person else None, name="" if person else typed, role=role)
            row.people.append(found)
            db.session.flush()
            record("partnership.person_added", topic(row), by=by, now=now, name=person.name if person else typed)
            _tell(found, now)
            return found

    return retrying(work)


def remove_person(slug: str, number: int, *, by: Actor, now: datetime) -> None:
    """Takes the part back. Raises Missing."""

    def work() -> None:
        with transaction():
            row = locked(slug)
            found = one_of(row.people, number)
            record("partnership.person_removed", topic(row), by=by, now=now, name=found.person.name if found.person else found.name)
            row.people.remove(found)
            _tell(found, now)

    retrying(work)


def _tell(part: PartnershipPerson, now: datetime) -> None:
    """Somebody belongs, or belongs no more: their own calendar shows other dates."""
    if part.person_id is not None:
        announce("partnership_part_changed", person_id=part.person_id, now=now)


def add_link(slug: str, title: str, url: str, *, by: Actor, now: datetime) -> PartnershipLink:
    """A document somewhere else. Raises Refused, Missing."""

    def work() -> PartnershipLink:
        with transaction():
            row = locked(slug)
            wrong = {}
            if not title or len(title) > LONGEST_TITLE:
                wrong["title"] = _("Enter a title of at most %(max)s characters", max=LONGEST_TITLE)
            if not is_https(url) or len(url) > 500:
                wrong["url"] = _("The link must be a whole address that begins with https://")
            elif len(row.links) >= MOST_LINKS:
                wrong["url"] = _("There are %(max)s documents already", max=MOST_LINKS)
            if wrong:
                raise Refused(problems=wrong)
            found = PartnershipLink(title=title, url=url)
            row.links.append(found)
            db.session.flush()
            record("partnership.document_added", topic(row), by=by, now=now, title=title)
            return found

    return retrying(work)


def remove_link(slug: str, number: int, *, by: Actor, now: datetime) -> None:
    """Takes a document away. Raises Missing."""

    def work() -> None:
        with transaction():
            row = locked(slug)
            found = one_of(row.links, number)
            record("partnership.document_removed", topic(row), by=by, now=now, title=found.title)
            row.links.remove(found)

    retrying(work)


def topic(row: Partnership) -> str:
    """Under which the audit knows it."""
    return f"partnership:{row.id}"


def _checked(network: Network, values: Values, now: datetime, *, former: bool = False, kept: Collection[int] = ()) -> list[Organisation]:
    pair = [db.session.get(Organisation, number) for number in (values.one_id, values.other_id)]
    members = {one.id for one in organisations.members(network, max(min(now.date(), network.ends_on), network.starts_on))} | {*kept}
    sides = [_side(one) if one else None for one in pair]
    found = rules.problems(values, sides[0], sides[1], members, former=former)
    words = {
        "no_member": _("Choose a member of the network"),
        "itself": _("Choose another: nobody is a partner of itself"),
        "same_country": _("Choose one of another country: both of these are in the same"),
        "area": _("Choose an area from the list"),
        "phase": _("Choose a phase from the list"),
        "early": _("Enter a real date, such as 2026-06-03"),
        "backwards": _("The last day lies before the first"),
        "too_long": _("No partnership lasts longer than %(max)s years", max=rules.MOST_YEARS),
        "outside": _("The project begins within the partnership's days"),
        "needed": _("Enter when the project began"),
    }
    if found:
        raise Refused(problems={name: words[code] for name, code in found.items()})
    return [one for one in pair if one is not None]


def _side(one: Organisation) -> Side:
    return Side(one.id, one.country, one.longitude)


def _only_one(network_id: int, west: int, east: int, area: str, own: int | None) -> None:
    same = select(Partnership.id).where(Partnership.network_id == network_id, Partnership.left_id == west, Partnership.right_id == east)
    if any(number != own for number in db.session.scalars(same.where(Partnership.area == area))):
        raise Refused(problems={"area": _("These two have a partnership in this area already")})


def _write(row: Partnership, values: Values) -> None:
    row.area, row.phase = values.area, values.phase
    row.starts_on, row.project_on, row.ends_on = values.starts_on, values.project_on, values.ends_on


def locked(slug: str) -> Partnership:
    """The row, held until the commit and read anew. Raises Missing."""
    return held(select(Partnership).where(Partnership.slug == slug))


def one_of(rows: list[T], number: int) -> T:
    """The one with this number. Raises Missing."""
    found = next((one for one in rows if one.id == number), None)  # type: ignore[attr-defined]  # each row has one
    if found is None:
        raise Missing
    return found
