"""Loads the demo: the network as it is, its history, what is coming around today, and invented people. Loading twice
changes nothing; once little is coming any more, it brings the next season."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Affiliation, Person
from app.accounts.passwords import is_right, make_hash
from app.accounts.rules import canonical
from app.announcements import announce
from app.attendance.models import Attendance
from app.attendance.rules import halves
from app.audit.service import COMMAND, DEMO, record
from app.config import ConfigError
from app.crypto import encrypt, hash_token, new_token
from app.database import db, let_go, quick, transaction
from app.demo import calendars, content, feedback, history, interests, needs, papers, partnerships, seats
from app.demo.workshops import workshop_row
from app.errors import Refused
from app.languages import LANGUAGES
from app.membership.models import CommitmentRule, Waiver
from app.organisations.models import Network, NetworkCall, NetworkLink, NetworkMember, NetworkName, Organisation, OrganisationName
from app.registrations.models import Registration
from app.registrations.rules import CODE_LETTERS
from app.reminders import usual
from app.reminders.models import ReminderRule
from app.texts.models import RecurringText, RecurringWords
from app.workshops.models import Workshop, WorkshopDay, WorkshopInvitee
from app.workshops.rules import registration_state

PASSWORD = "two halves make a whole"  # noqa: S105  of the demo, which never runs in production
NOON = time(13)
WEEK, FEW = timedelta(days=7), 3  # the next season comes when a week from now fewer are open for registration
SEASON = re.compile(r"-\d{4}-\d\d-\d\d$")


@dataclass
class Loaded:
    """The rows made so far, by the names that the content calls them."""

    now: datetime
    organisations: dict[str, Organisation]
    people: dict[str, Person]
    workshops: dict[str, Workshop]

    @property
    def today(self) -> date:
        return self.now.date()


def load(*, now: datetime) -> bool:
    """All of it, or the next season, in one transaction; false if there was nothing to add. Raises Refused in production."""
    if current_app.config["CONFIG"].production:
        message = "The demo is not for production: its people are invented and its password is public."
        raise Refused(message)
    with transaction():
        there = db.session.scalars(select(Network).where(Network.slug == content.network().slug)).one_or_none()
        if there is not None:
            return _next_season(there, now)
        loaded = Loaded(now, {}, {}, {})
        _organisations(loaded)
        network = _network(loaded)
        network.calls = [NetworkCall(opens_on=opens, closes_on=closes) for opens, closes in content.calls(loaded.today)]
        for partnership in content.PARTNERSHIPS:  # before there is anybody whom a mail could tell of its dates
            partnerships.write(partnership, loaded.organisations, network, now)
        _people(loaded)
        for facts in content.workshops():
            _workshop(loaded, network, facts)
        _recurring_texts()
        _registrations(loaded)
        seats.load(loaded.workshops, loaded.organisations, now)
        papers.load(loaded.workshops, loaded.people[content.LOG_INS[0]], now)
        feedback.load(loaded.workshops, now)
        needs.load(loaded.workshops.values(), now)
        calendars.load(content.LOG_INS, now)
        _reminders(loaded, network)
        _membership(loaded, network)
        interests.load(loaded.organisations, loaded.people, network, now)
        db.session.flush()
        announce("network_changed", now=now)
        record("demo.loaded", f"network:{network.id}", by=DEMO, now=now)
    return True


def load_network(*, now: datetime, until: date | None = None) -> bool:
    """The real part alone: ICLD's organisations, the Network for Gender Equality with its members and its usual reminders; no
    people, no workshops, no open call. `until` is the last day of its period, else the one it was founded with. False if it is there."""
    with transaction():
        if db.session.scalars(select(Network).where(Network.slug == content.network().slug)).one_or_none() is not None:
            return False
        loaded = Loaded(now, {}, {}, {})
        _organisations(loaded)
        network = _network(loaded)
        network.ends_on = until or content.network().ends_on
        db.session.add_all(usual.of_network(network))
        db.session.flush()
        announce("network_changed", now=now)
        record("demo.loaded", f"network:{network.id}", by=COMMAND, now=now)
    return True


def _next_season(network: Network, now: datetime) -> bool:
    """What is coming around today once more, each on a new date and at a new address, when few are left to register for;
    whatever is there stays as it is. Nobody has registered yet."""
    there = db.session.scalars(select(Workshop).where(Workshop.network_id == network.id)).all()
    if sum(registration_state(row, now + WEEK) == "open" for row in there) >= FEW:
        return False
    loaded = Loaded(
        now,
        {row.slug: row for row in db.session.scalars(select(Organisation))},
        {row.address: row for row in db.session.scalars(select(Person).where(Person.address == content.LOG_INS[0]))},
        {},
    )
    coming = {SEASON.sub("", row.slug) for row in there if registration_state(row, now) in {"not_yet", "open", "full"}}
    slugs = {row.slug for row in there}
    for facts in content.workshops():
        if facts.state == "published" and (facts.in_days or 0) > 0 and facts.slug not in coming:
            days = [on for on, _starts, _ends in facts.days(loaded.today)]
            if (slug := f"{facts.slug}-{days[0]}") in slugs:
                continue
            if days[-1] > network.ends_on:
                network.ends_on = date(days[-1].year, 12, 31)
            _workshop(loaded, network, replace(facts, slug=slug))
    if loaded.workshops:
        announce("network_changed", now=now)
        record("demo.loaded", f"network:{network.id}", by=DEMO, now=now)
    return bool(loaded.workshops)


def refuse_stray(app: Flask, *, real: bool = False) -> None:
    """In production (or where `real` says that it is meant for real) nothing starts on a database that holds the demo: its
    staff have a password that anybody can read, and without a second factor of their own the first who comes sets one up.
    Raises ConfigError.

    Closing or giving other passwords to those accounts makes it a database like any other.
    """
    if not (real or app.config["CONFIG"].production):
        return
    open_to_all = [canonical(facts.address) for facts in content.people() if _has_password(facts)]
    live = select(Person.password_hash).where(Person.canonical_address.in_(open_to_all), Person.disabled_at.is_(None))
    with app.app_context():
        try:
            hashes = {row.password_hash for row in quick(live)}
        except DBAPIError:  # no tables yet, or no database: nobody can sign in
            hashes = set()
        let_go()  # a server may fork after this
    if any(is_right(stored, PASSWORD) for stored in hashes if stored):
        message = (
            "this database holds the demo, and its staff's password is public. Start the demo with `python3 run.py`, "
            "or give real data a database of their own: another folder in INSTANCE, or another DATABASE_URL."
        )
        raise ConfigError(message)


def _has_password(facts: content.Person) -> bool:
    return facts.address in content.LOG_INS or bool(facts.staff)


def log_ins() -> list[dict[str, str]]:
    """Whom to try the demo as: what they are, their address, the password they share."""
    wanted = select(Person).where(Person.canonical_address.in_([canonical(address) for address in content.LOG_INS]))
    found = {person.canonical_address: person for person in db.session.scalars(wanted)}
    rows = []
    for address in content.LOG_INS:
        person = found.get(canonical(address))
        if person is not None:
            rows.append({"address": address, "password": PASSWORD, "name": person.name, "is": _is(person)})
    return rows


def _is(person: Person) -> str:
    if person.role:
        return {"administrator": "administrator", "officer": "staff", "helper": "check-in helper"}[person.role]
    affiliation = person.affiliations[0] if person.affiliations else None
    return f"{affiliation.role}, {affiliation.organisation.place}" if affiliation else "guest"


def _organisations(loaded: Loaded) -> None:
    for facts in content.organisations():
        row = Organisation(
            slug=facts.slug,
            kind=facts.kind,
            country=facts.country,
            place=facts.place,
            latitude=facts.latitude,
            longitude=facts.longitude,
            zone=facts.zone,
            names={lang: OrganisationName(lang=lang, name=name) for lang, name in facts.names.items()},
        )
        loaded.organisations[facts.slug] = row
        db.session.add(row)
    db.session.flush()


def _network(loaded: Loaded) -> Network:
    """Its period reaches on where its last coming workshop, or the running commitment, needs it."""
    facts = content.network()
    needed = [days[-1][0] for each in content.workshops() if (days := each.days(loaded.today))]
    last = max([facts.ends_on, *needed, *(rule.ends_on for rule in content.commitments(loaded.today))])
    network = Network(
        slug=facts.slug,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on if last <= facts.ends_on else date(last.year, 12, 31),
        themes=list(facts.themes),
        contact=facts.contact,
        names={lang: NetworkName(lang=lang, **facts.texts[lang]) for lang in LANGUAGES},
        links=[NetworkLink(titles=titles, url=url) for titles, url in facts.links],
        members=[NetworkMember(organisation=loaded.organisations[slug], joined_on=facts.starts_on) for slug in facts.members],
    )
    db.session.add(network)
    db.session.flush()
    return network


def _people(loaded: Loaded) -> None:
    password = make_hash(PASSWORD)
    since = content.network().starts_on
    made = datetime.combine(since, NOON, ZoneInfo("UTC"))
    for facts in content.people():
        person = Person(
            address=facts.address,
            canonical_address=canonical(facts.address),
            name=facts.name,
            lang=facts.lang,
            zone=facts.zone,
            kind=facts.kind,
            gender=facts.gender,
            role=facts.staff,
            password_hash=password if _has_password(facts) else None,
            created_at=made,
            confirmed_at=made,
        )
        if facts.organisation:
            place = loaded.organisations[facts.organisation]
            person.affiliations = [Affiliation(organisation=place, role=facts.organisation_role, starts_on=since, confirmed_at=made)]
        loaded.people[facts.address] = person
        db.session.add(person)
    db.session.flush()


def _workshop(loaded: Loaded, network: Network, facts: content.Workshop) -> None:
    officer = loaded.people.get(content.LOG_INS[0])
    row = workshop_row(facts, network, loaded.organisations[facts.host], officer.id if officer else None, loaded.now)
    db.session.add(row)
    db.session.flush()
    for slug in facts.invited:
        db.session.add(WorkshopInvitee(workshop_id=row.id, organisation_id=loaded.organisations[slug].id))
    history.write(row, facts.moved_from(loaded.today))
    loaded.workshops[facts.slug] = row


def _recurring_texts() -> None:
    made = datetime.combine(content.network().starts_on, NOON, ZoneInfo("UTC"))
    for facts in content.recurring_texts():
        text = RecurringText(original_lang=facts.original, created_at=made, changed_at=made)
        for lang, (name, body) in facts.words.items():
            text.words[lang] = RecurringWords(lang=lang, name=name, body=body, changed_at=made)
        db.session.add(text)


def _registrations(loaded: Loaded) -> None:
    homes = {person.address: person.organisation for person in content.people()}
    named = {person.address for person in content.people() if person.organisation and person.organisation_role == "member"}
    outside = {person.address: person.guest_of for person in content.people()}
    order: dict[str, int] = {}
    for facts in content.registrations():
        workshop, person = loaded.workshops[facts.workshop], loaded.people[facts.person]
        order[facts.workshop] = number = order.get(facts.workshop, 0) + 1
        start = workshop.opens_at or workshop.created_at
        at = min(start + timedelta(hours=7 * number), loaded.now - timedelta(minutes=400 - number))
        token, home = new_token(), homes[facts.person]
        row = Registration(
            workshop=workshop,
            person=person,
            organisation=loaded.organisations[home] if home else None,
            organisation_name=outside[facts.person],
            vouched=facts.person in named,  # by their coordinator, who registers the colleagues
            state=facts.state,
            holds_seat=facts.state in {"confirmed", "offered"},
            lang=person.lang,
            sequence=workshop.sequence,
            check_in_code="".join(secrets.choice(CODE_LETTERS) for _letter in range(8)),
            manage_hash=hash_token(token),
            manage_token=encrypt(token.encode()),
            created_at=at,
            queued_at=at,
            confirmed_at=at if facts.state == "confirmed" else None,
            cancelled_at=at if facts.state == "cancelled" else None,
            cancelled_by=f"person:{person.id}" if facts.state == "cancelled" else "",
            changed_at=at,
        )
        db.session.add(row)
        workshop.taken += row.holds_seat
        db.session.flush()
        db.session.add_all(each for day in facts.attended for each in _present(row, workshop.days[day - 1]))
    db.session.flush()


def _present(row: Registration, day: WorkshopDay) -> list[Attendance]:
    """Both halves of the day, as far as it has them."""
    facts = {"registration_id": row.id, "day_id": day.id, "at": day.starts_at, "by": "Karin Ahlqvist"}
    return [Attendance(half=half, **facts) for half in halves(day.starts, day.ends)]


def _reminders(loaded: Loaded, network: Network) -> None:
    db.session.add_all(usual.of_network(network))
    for facts in content.workshops():
        if facts.reminder_in_minutes is None:
            continue
        workshop = loaded.workshops[facts.slug]
        db.session.add_all(usual.of_workshop(workshop.id))
        at = loaded.now + timedelta(minutes=facts.reminder_in_minutes)
        db.session.add(ReminderRule(workshop_id=workshop.id, anchor="instant", offset=0, unit="minutes", instant=at))


def _membership(loaded: Loaded, network: Network) -> None:
    rules = [
        CommitmentRule(
            network=network,
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            latin_america=each.latin_america,
            sweden=each.sweden,
            people=each.people,
        )
        for each in content.commitments(loaded.today)
    ]
    db.session.add_all(rules)
    db.session.flush()
    for waiver in content.WAIVERS:
        organisation = loaded.organisations[waiver.organisation]
        rule, by = rules[waiver.commitment], loaded.people[waiver.by].name
        db.session.add(Waiver(rule_id=rule.id, organisation_id=organisation.id, half=waiver.half, reason=waiver.reason, by=by))
