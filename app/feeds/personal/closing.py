"""That registration closes, for workshops that would close an open half of somebody's commitment: on devices that show deadlines.

Which these are follows from what all others do. The scheduler finds them and keeps them as rows, so that a calendar is made in the
same few statements as ever, and its bytes and its revision follow from rows alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app import mailer
from app.accounts.models import Affiliation, Person
from app.accounts.queries import counting
from app.calendars import Entry, Status
from app.database import changed, db, end_reading, plain, retrying, transaction
from app.feeds.models import CalendarClosing, FeedToken
from app.feeds.personal.deadlines import RINGS, hours_until
from app.feeds.revisions import bump
from app.languages import gettext as _
from app.languages import moment, using
from app.membership import queries as membership
from app.membership.models import CommitmentRule
from app.membership.queries import Progress
from app.membership.shown import LACKING
from app.organisations import queries as organisations
from app.registrations.models import Registration
from app.registrations.queries import AHEAD
from app.workshops.models import Workshop
from app.workshops.showing import entries

MOST = 6  # of one person, those that close first
Pairs = set[tuple[int, int]]  # person, workshop


def keep(*, now: datetime) -> int:
    """Finds them anew for everybody who has a device that shows deadlines. How many calendars are other than before."""
    end_reading()
    asking = select(FeedToken.person_id).join(FeedToken.person).where(FeedToken.deadlines, FeedToken.revoked_at.is_(None))
    people = db.session.scalars(asking.where(Person.disabled_at.is_(None)).distinct().order_by(FeedToken.person_id)).all()
    wanted = {(person, workshop) for person, workshops in _wanted(people, now).items() for workshop in workshops}
    there = _there()
    if wanted == there:
        return 0
    end_reading()
    return retrying(lambda: _write(wanted, now))


def _write(wanted: Pairs, now: datetime) -> int:
    with transaction():
        there = _there()
        other = {person for person, _workshop in _insert(wanted - there, now)}
        for person, workshop in sorted(there - wanted):
            gone = delete(CalendarClosing).where(CalendarClosing.person_id == person, CalendarClosing.workshop_id == workshop)
            other |= {person} if changed(gone) else set()
        for person in sorted(other):
            bump(f"person:{person}", now=now)
        return len(other)


def _there() -> Pairs:
    return {(person, workshop) for person, workshop in db.session.execute(select(CalendarClosing.person_id, CalendarClosing.workshop_id))}


def _insert(pairs: Pairs, now: datetime) -> Pairs:
    """Those of them that no other process has written meanwhile."""
    if not pairs:
        return set()
    table = cast(Table, CalendarClosing.__table__)
    insert = insert_postgresql if db.session.get_bind().dialect.name == "postgresql" else insert_sqlite
    rows = [{"person_id": person, "workshop_id": workshop, "since": now} for person, workshop in sorted(pairs)]
    written = plain(insert(table).on_conflict_do_nothing().returning(table.c.person_id, table.c.workshop_id), rows)
    return {(person, workshop) for person, workshop in written}


def _wanted(people: Sequence[int], now: datetime) -> dict[int, list[int]]:
    """For each of these people the workshops that would close what is open, in any network in force; a fixed number of statements."""
    places = _places(people, now) if people else {}
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    for network in organisations.in_force(now.date()) if places else ():
        members = {one.id: one for one in organisations.members(network, now.date())}
        mine = {person: place for person, place in places.items() if place in members}
        for rule in membership.rules_on(membership.rules_of(network.id), now.date()):
            progresses = membership.progress_of(rule, [members[key] for key in sorted({*mine.values()})], now)
            progress = {one.organisation.id: one for one in progresses}
            for person, place in mine.items():
                found[person].update(_closing(progress[place], person, rule, now))
    return {person: sorted(those, key=lambda key: (those[key], key))[:MOST] for person, those in found.items()}


def _closing(progress: Progress, person: int, rule: CommitmentRule, now: datetime) -> dict[int, datetime]:
    """When registration closes for each workshop that would close a half of this one, or of this person where each is asked."""
    own = next((one.halves for one in progress.each if one.person_id == person), {}) if rule.scope == "person" else progress.halves
    keys = [key for half in own.values() if half.state in LACKING for key in half.choices]
    return {key: closes for key in keys if (closes := progress.workshops[key].closes_at) is not None and closes > now}


def _places(people: Sequence[int], now: datetime) -> Mapping[int, int]:
    """The organisation to which each belongs first: a coordinator's place before others, then the newest."""
    wanted = select(Affiliation.person_id, Affiliation.organisation_id).where(Affiliation.person_id.in_(people), counting(now.date()))
    found: dict[int, int] = {}
    for person, organisation in db.session.execute(wanted.order_by(Affiliation.role, Affiliation.starts_on.desc(), Affiliation.id.desc())):
        found.setdefault(person, organisation)
    return found


def shown(person_id: int, lang: str) -> list[Entry]:
    """The entries of one person, without workshops that they have registered for since."""
    registered = select(Registration.id).where(Registration.person_id == person_id, Registration.workshop_id == Workshop.id)
    wanted = select(CalendarClosing).join(CalendarClosing.workshop).where(CalendarClosing.person_id == person_id)
    wanted = wanted.where(
        Workshop.state == "published", Workshop.closes_at.is_not(None), ~registered.where(Registration.state.in_(AHEAD)).exists()
    )
    of = contains_eager(CalendarClosing.workshop)
    wanted = wanted.options(of.options(selectinload(Workshop.texts), selectinload(Workshop.days), joinedload(Workshop.network)))
    with using(lang):
        return [_entry(row, lang) for row in db.session.scalars(wanted.order_by(Workshop.closes_at, Workshop.id))]


def _entry(row: CalendarClosing, lang: str) -> Entry:
    workshop = row.workshop
    closes, whole = workshop.closes_at or row.since, entries.overview(workshop, lang)
    url = mailer.link(f"/{lang}/workshops/{workshop.slug}/register")
    lines = [
        _("This workshop would close an open half of your commitment."),
        _("Registration closes on %(when)s", when=moment(closes, workshop.zone)),
        url,
    ]
    return Entry(
        uid=f"closes-{row.person_id}-{workshop.uid}",
        sequence=workshop.version,
        created=row.since,
        changed=max(workshop.changed_at, row.since),
        status=Status.CONFIRMED,
        when=hours_until(workshop, closes),
        summary=_("Registration closes: %(title)s", title=workshop.text.title),
        url=url,
        lang=lang,
        organizer=whole.organizer,
        description="\n".join(lines),
        categories=whole.categories,
        transparent=True,
        alarms=RINGS,
    )
