"""Addresses for every route, with things of the demo in them, and a visitor for every role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from typing import TypeVar
from uuid import uuid4

from flask import Flask, g
from sqlalchemy import func, select
from werkzeug.routing import Rule

from app.accounts.models import Affiliation, Person
from app.accounts.stopping import stop_path
from app.audit.service import DEMO
from app.crypto import decrypt
from app.database import Base, db, transaction
from app.feeds.models import FeedToken
from app.feeds.personal import service as personal
from app.languages import LANGUAGES
from app.membership.interest.models import Interest
from app.membership.models import CommitmentRule, Partnership, Waiver
from app.organisations.models import Network, Organisation
from app.papers.models import Certificate
from app.questions import queries as questions
from app.questions import service as asking
from app.questions.models import Question
from app.questions.rules import Values
from app.registrations.models import Registration
from app.reminders.models import ReminderRule
from app.texts.models import RecurringText
from app.workshops.models import Workshop
from tests.conftest import Visitor

ACCESS = ("public", "member", "helper", "staff", "admin")
RANK = {  # who may pass the doors up to this one
    "nobody": 0,
    "unconfirmed": 1,  # asks to belong to the member's municipality
    "outsider": 1,  # a member of another municipality
    "member": 1,
    "coordinator": 1,  # of the member's municipality
    "officer before the second factor": 1,
    "helper": 2,
    "officer": 3,
    "administrator": 4,
}
Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class Route:
    """One address of one endpoint, and the word of its door file."""

    endpoint: str
    method: str
    path: str
    access: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.endpoint})"


@dataclass(frozen=True)
class Things:
    """Rows of the demo that addresses name; whatever belongs to somebody belongs to `me`. `asker` asks to belong there too,
    `question` is one of the workshop's, and `certificate` is of another that is over. `calendar` is the secret of my own calendar."""

    me: Person
    home: Organisation
    asker: Person
    registration: Registration
    token: str
    question: Question
    certificate: Certificate
    calendar: str


def door_word(app: Flask, endpoint: str) -> str:
    """The name of the file that the endpoint's door stands in."""
    return app.blueprints[endpoint.rsplit(".", 1)[0]].import_name.rsplit(".", 1)[1]


def things() -> Things:
    """A member of the demo with a seat at a workshop that is still to come, the link of that seat, and somebody who asks."""
    wanted = (
        select(Registration)
        .join(Registration.workshop)
        .join(Registration.person)
        .join(Person.affiliations)
        .where(Affiliation.role == "member")
        .where(
            Registration.state == "confirmed", Workshop.state == "published", Workshop.starts_at > datetime.now(UTC), Person.role.is_(None)
        )
        .order_by(Workshop.starts_at, Registration.id)
    )
    registration = db.session.scalars(wanted).first()
    assert registration is not None, "the demo has somebody with a seat at a coming workshop"
    me = registration.person
    home = me.affiliations[0].organisation
    question, mine = _question(registration.workshop_id), _certificate(me)
    calendar = personal.make_token(me.id, "telephone", me.lang, by=DEMO, now=datetime.now(UTC))
    return Things(me, home, _asker(home), registration, _token(registration), question, mine, calendar)


def _token(registration: Registration) -> str:
    """The link that was mailed."""
    assert registration.manage_token is not None
    return decrypt(registration.manage_token).decode()


def _rule(workshop_id: int | None) -> int:
    """A reminder rule of a network, or one of that workshop that is not ticked in its form, made if it has none."""
    of_network = ReminderRule.network_id.is_not(None)
    of_workshop = (ReminderRule.workshop_id == workshop_id) & (ReminderRule.beside | (ReminderRule.anchor != "start"))
    wanted = select(ReminderRule.id).where(of_network if workshop_id is None else of_workshop).order_by(ReminderRule.id)
    found = db.session.scalar(wanted.limit(1))
    if found is not None:
        return found
    made = ReminderRule(workshop_id=workshop_id, anchor="end", offset=1, beside=True)
    with transaction():
        db.session.add(made)
    return made.id


def _certificate(me: Person) -> Certificate:
    """One of theirs that counts."""
    wanted = select(Certificate).join(Certificate.registration).where(Registration.person_id == me.id, Certificate.revoked_at.is_(None))
    found = db.session.scalars(wanted).first()
    assert found is not None, f"the demo has no certificate of {me.name}"
    return found


def _question(workshop_id: int) -> Question:
    """What that workshop asks, put if it asks nothing."""
    found = questions.of_workshop(workshop_id)
    words = dict.fromkeys(LANGUAGES, "Do you stay overnight?")
    return found[0] if found else asking.add(workshop_id, Values("yesno", words), by=DEMO, now=datetime.now(UTC))


def _asker(home: Organisation) -> Person:
    """Somebody whom nobody in the municipality has confirmed, made if there is none."""
    wanted = select(Person).join(Person.affiliations).where(Affiliation.confirmed_at.is_(None), Affiliation.organisation_id == home.id)
    return db.session.scalars(wanted).first() or _made("asker@guest.example", home)


def _made(address: str, organisation: Organisation, *, role: str | None = None) -> Person:
    """A person; staff are confirmed in the organisation, others only ask."""
    at = datetime.now(UTC)
    person = Person(address=address, canonical_address=address, name=address, lang="en", zone="Europe/Stockholm", role=role, created_at=at)
    person.confirmed_at = at
    since, confirmed = date(2024, 1, 1), at if role else None
    person.affiliations = [Affiliation(organisation=organisation, role="member", starts_on=since, confirmed_at=confirmed)]
    with transaction():
        db.session.add(person)
    return person


def routes(app: Flask, found: Things, lang: str = "en") -> Iterator[Route]:
    """Every route but the static files, with values that lead somewhere."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if rule.endpoint == "static":
            continue
        names = sorted(rule.arguments - {"lang"})
        for chosen in product(*(choices(rule, name, found) for name in names)):
            values = dict(zip(names, chosen, strict=True)) | ({"lang": lang} if "lang" in rule.arguments else {})
            built = rule.build(values)
            assert built is not None, f"no address for {rule.endpoint} {values}"
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Route(rule.endpoint, method, built[1], door_word(app, rule.endpoint))


def choices(rule: Rule, name: str, found: Things) -> list[object]:
    """Every word that the address itself lists for `<any(…):name>`, else one value."""
    words = re.search(rf"<any\(([^)]*)\):{name}>", rule.rule)
    return list(words[1].split(", ")) if words else [value(rule, name, found)]


def value(rule: Rule, name: str, found: Things) -> object:
    """What stands in an address for `<name>`. A new kind of name must be taught here, so that its page is walked too."""
    feature = rule.endpoint.split("_", 1)[0]
    if name == "slug":
        return _slug(rule, feature, found)
    registration = found.certificate.registration if feature == "papers" else found.registration
    if name == "token":
        stop = stop_path(found.me.id, "digest").removeprefix("/mails/")
        return {"personal": found.calendar, "data": found.calendar, "preferences": stop}.get(feature) or _token(registration)
    if name == "month":
        return f"{datetime.now(UTC):%Y-%m}"
    if f"<uuid:{name}>" in rule.rule:
        return uuid4()
    if name in {"name", "mail"}:
        return "all" if name == "name" else "confirmation"
    rows: dict[str, Callable[[], object]] = {
        "person_id": lambda: found.asker.id if "/asks/" in rule.rule or "/delegation/" in rule.rule else found.me.id,
        "workshop_id": lambda: registration.workshop_id,
        "registration_id": lambda: registration.id,
        "affiliation_id": lambda: found.me.affiliations[0].id,
        "network_id": lambda: first(Network).id,
        "organisation_id": lambda: found.home.id,
        "text_id": lambda: first(RecurringText).id,
        "question_id": lambda: found.question.id,
        "certificate_id": lambda: found.certificate.id,
        "token_id": lambda: db.session.scalar(select(func.min(FeedToken.id)).where(FeedToken.person_id == found.me.id)),
        "code": lambda: found.certificate.code,
        "commitment_id": lambda: first(CommitmentRule).id,
        "waiver_id": lambda: first(Waiver).id,
        "interest_id": lambda: db.session.scalar(select(Interest.id).where(Interest.state == "sent")),
        "rule_id": lambda: _rule(None if "/network" in rule.rule else registration.workshop_id),
    }
    elsewhere = {
        "invitation_id",
        "sign_in_id",
        "occurrence_id",
        "entry_id",
        "mark_id",
        "message_id",
        "number",
        "part",
    }  # the demo has none of these
    assert name in rows or name in elsewhere, f"teach tests/house/walk.py what stands for <{name}> in {rule.rule}"
    return rows[name]() if name in rows else 1


def _slug(rule: Rule, feature: str, found: Things) -> str:
    if "/organisations/" in rule.rule or "/let-off/" in rule.rule:
        return found.home.slug
    if "/network/" in rule.rule or "/networks/" in rule.rule:
        return first(Network).slug
    if "/partnership" in rule.rule:
        return first(Partnership).slug
    assert "/workshops/" in rule.rule, f"teach tests/house/walk.py what <slug> means in {rule.rule} of {feature}"
    return found.registration.workshop.slug


def first(model: type[Row]) -> Row:
    """The first row of a table that the demo fills."""
    row = db.session.scalars(select(model).limit(1)).first()
    assert row is not None, f"the demo has no {model.__name__}"
    return row


def visitor(app: Flask, role: str, found: Things, *, second_factor: bool = True) -> Visitor:
    """A browser of nobody, of somebody around the member that `found` is about, or of somebody with that staff role."""
    client = app.test_client()
    assert isinstance(client, Visitor)
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    if role == "nobody":
        return client
    role, _before, half = role.partition(" before ")
    return client.signed_in(whose(role, found), second_factor=second_factor and not half)


def whose(role: str, found: Things) -> Person:
    """The person that stands for a role."""
    if role in {"member", "unconfirmed"}:
        return found.me if role == "member" else found.asker
    if role not in {"coordinator", "outsider"}:
        return staff(role)
    there = Affiliation.organisation_id == found.home.id
    place = there & (Affiliation.role == "coordinator") if role == "coordinator" else ~there & (Affiliation.role == "member")
    person = db.session.scalars(select(Person).join(Person.affiliations).where(place, Person.role.is_(None)).order_by(Person.id)).first()
    assert person is not None, f"the demo has no {role} for {found.home.slug}"
    return person


def staff(role: str) -> Person:
    """A person with this staff role, made if there is none."""
    return db.session.scalars(select(Person).where(Person.role == role)).first() or _made(
        f"{role}@icld.example", first(Organisation), role=role
    )
