"""What tests of expressions of interest start from: a network with an open call, three applicants, two workshops, staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from app.accounts.models import Person
from app.audit.service import Actor
from app.audit.service import person as actor
from app.database import db, transaction
from app.membership.interest import service
from app.membership.interest.models import Interest
from app.membership.interest.rules import Colleague, Values
from app.membership.interest.service import Body
from app.organisations.models import Network, NetworkCall, Organisation
from app.outbox.models import Message
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW


@dataclass
class World:
    """Xela (Guatemala) and its people are outside; Umeå is a member. The call is open in March 2025."""

    network: Network
    xela: Organisation
    umea: Organisation
    lucia: Person  # belongs to nobody
    andres: Person  # neither
    malin: Person  # coordinator of Xela
    karin: Person  # staff
    bogota: Workshop
    boras: Workshop

    @property
    def staff(self) -> Actor:
        return actor(self.karin)


def world(*, opens: date = date(2025, 3, 1), closes: date = date(2025, 3, 31)) -> World:
    """All of it, and nothing begun."""
    xela, umea = factories.organisation("GT", names=dict.fromkeys(("sv", "es", "en"), "Xela")), factories.organisation("SE")
    network = factories.network(umea, contact="network@icld.example")
    with transaction():
        db.session.add(NetworkCall(network_id=network.id, opens_on=opens, closes_on=closes))
    people = {"lucia": "Lucía Chavajay", "andres": "Andrés Tzoc"}
    made = {key: factories.person(name=name, lang="es", zone="America/Guatemala") for key, name in people.items()}
    return World(
        network,
        xela,
        umea,
        **made,
        malin=factories.person(xela, "coordinator", name="Malin Sundin"),
        karin=factories.person(staff="officer", name="Karin Ahlqvist"),
        bogota=factories.workshop(network, date(2025, 6, 3), country="CO"),
        boras=factories.workshop(network, date(2025, 9, 2), country="SE"),
    )


def whole(world: World, **more: object) -> Values:
    """All that must be said."""
    values = Values(
        challenge="Few women speak in the council.",
        themes=("representation",),
        politicians=2,
        officials=1,
        support="The council has decided it.",
        languages=("es",),
        workshops=tuple(sorted((world.bogota.id, world.boras.id))),
        colleagues=(Colleague("Ana Ruiz", "ana@xela.example", "politician"),),
    )
    return replace(values, **more)  # type: ignore[arg-type]


def begun(world: World, who: Person | None = None, body: Body | None = None) -> Interest:
    """A draft."""
    who = who or world.lucia
    return service.start(world.network.id, body or Body(world.xela.id), lang="es", person_id=who.id, by=actor(who), now=NOW)


def sent(world: World, who: Person | None = None, body: Body | None = None, **more: object) -> Interest:
    """One that waits for staff."""
    row, who = begun(world, who, body), who or world.lucia
    return service.send(row.id, whole(world, **more), row.version, lang="es", person_id=who.id, by=actor(who), now=NOW)


NEW = Body(None, "Quetzaltenango", "municipality", "GT", "Quetzaltenango")


def mails() -> Sequence[tuple[str, str]]:
    """(address, subject) of each mail about it, by address."""
    wanted = select(Message.recipient, Message.subject).where(Message.kind == "interest")
    return sorted((address, subject) for address, subject in db.session.execute(wanted))


def addresses(words: str) -> list[str]:
    """Who has a mail whose subject holds these words."""
    return sorted(address for address, subject in mails() if words in subject)


def waiting(words: str) -> list[str]:
    """Who has one on its way."""
    wanted = select(Message.recipient, Message.subject).where(Message.kind == "interest", Message.state == "pending")
    return sorted(address for address, subject in db.session.execute(wanted) if words in subject)
