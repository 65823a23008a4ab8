"""The whole line of a municipality: interest in Spanish, accepted, registered, attended, commitment met, partnership, first meeting."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.request import urlopen

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from app.accounts.models import Affiliation, Person
from app.clock import now
from app.database import db, transaction
from app.mailer import content
from app.membership.models import CommitmentRule
from app.organisations.models import NetworkCall, Organisation
from app.outbox.models import Message
from tests import factories
from tests.calendars.strict import read
from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow

Browse = Callable[..., BrowserContext]
ANA, COLLEAGUE = "ana.rios@bogota.example", "hugo.lara@bogota.example"
NETWORK = "safe-streets"
LATER = timedelta(days=70)  # both workshops are over by then


@dataclass(frozen=True)
class World:
    """A network that has just opened its call, with Umeå in it, and its two workshops by number and address."""

    bogota: int
    umea: int
    swede: str  # the address of Umeå's coordinator
    workshops: dict[int, str]


@pytest.fixture
def world(running: Running) -> World:
    today = now().date()
    with running.app.app_context():
        umea, bogota = (db.session.scalars(select(Organisation).where(Organisation.slug == slug)).one() for slug in ("umea", "bogota"))
        network = factories.network(umea, slug=NETWORK, starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=700))
        period = {"starts_on": today - timedelta(days=1), "ends_on": today + timedelta(days=300)}
        with transaction():
            db.session.add(NetworkCall(network_id=network.id, opens_on=period["starts_on"], closes_on=today + timedelta(days=20)))
            db.session.add(CommitmentRule(network_id=network.id, **period))
            network.themes = ["urban_planning", "care"]
        held = [
            factories.workshop(network, today + timedelta(days=ahead), country=country, title=title, made=now())
            for ahead, country, title in ((20, "CO", "Calles seguras"), (40, "SE", "Trygga torg"))
        ]
        leads = select(Person.address).join(Person.affiliations)
        swede = db.session.scalars(leads.where(Affiliation.organisation_id == umea.id, Affiliation.role == "coordinator")).first()
        assert swede is not None
        found = World(bogota.id, umea.id, swede, {one.id: one.slug for one in held})
        db.session.remove()
    return found


def mailed(running: Running, kind: str, to: str) -> str:
    """The words of the newest mail of a kind to somebody."""
    with running.app.app_context():
        wanted = select(Message).where(Message.kind == kind, Message.recipient == to).order_by(Message.created_at.desc()).limit(1)
        found = db.session.scalars(wanted).one()
        assert found.body is not None
        return " ".join(content.text_of(found.body).split())


def flashed(page: Page) -> str:
    """What the page says about what was just done."""
    assert page.locator(".error-summary").count() == 0, page.locator("main").inner_text()
    return page.locator(".flashes").last.inner_text()


def is_well_made(page: Page) -> None:
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def sign_up(running: Running, page: Page) -> None:
    """Ana makes a log-in with the code that she is mailed."""
    page.goto(f"/es/network/{NETWORK}/")
    is_well_made(page)
    follow(page.locator("text=Manifestar interés").first)
    page.fill("[name=address]", ANA)
    follow(page.locator("main form button").first)
    digits = re.search(r"\b(\d{3}) (\d{3})\b", mailed(running, "sign_in_code", ANA))
    assert digits is not None
    page.fill("[name=code]", digits[0])
    follow(page.locator("main form button").first)
    page.fill("[name=name]", "Ana Ríos")
    follow(page.locator("main form button").last)


def apply(page: Page, organisation_id: int) -> None:
    """She says what Bogotá wants, in Spanish, on a telephone."""
    page.goto(f"/es/network/{NETWORK}/interest")
    page.select_option("[name=organisation]", value=str(organisation_id))
    follow(page.locator("text=Comenzar").first)
    page.fill("[name=challenge]", "Las mujeres evitan el parque después de las seis.")
    page.locator("[name=themes]").first.check()
    page.fill("[name=politicians]", "2")
    page.fill("[name=officials]", "1")
    page.fill("[name=support]", "El Concejo lo aprobó en marzo.")
    page.locator("[name=languages][value=es]").check()
    for box in page.locator("[name=workshops]").all():
        box.check()
    page.fill("[name=name_1]", "Hugo Lara")
    page.fill("[name=address_1]", COLLEAGUE)
    is_well_made(page)
    follow(page.locator("button[name=act][value=send]"))
    assert flashed(page) == "Se ha enviado."


def accept(page: Page) -> None:
    """Karin reads it and says yes."""
    page.goto(f"/sv/staff/interests/?network={NETWORK}")
    follow(page.locator("main").get_by_role("link", name="Bogotá").first)
    assert "Las mujeres evitan el parque" in page.locator("main").inner_text()
    is_well_made(page)
    follow(page.locator("main a[href$='/accept']"))
    is_well_made(page)
    follow(page.get_by_role("button", name="Godkänn"))
    flashed(page)


def register(page: Page, lang: str, slug: str) -> None:
    """A coordinator registers the first two of the municipality."""
    page.goto(f"/{lang}/workshops/{slug}/")
    follow(page.locator("text=Inscribir a colegas" if lang == "es" else "text=Anmäl kollegor").first)
    for box in page.locator("[name=chosen]").all()[:2]:
        box.check()
    follow(page.locator("button[name=act][value=all]"))
    flashed(page)


def attend(page: Page, number: int) -> None:
    """Staff type in from the signed sheets that all were there, all day."""
    page.goto(f"/sv/staff/workshops/{number}/attendance/")
    for half_day in (1, 2):
        page.select_option("select#slot", index=half_day)
        follow(page.locator("button[name=act][value=all]"))
        flashed(page)


def open_partnership(page: Page, world: World) -> None:
    """Staff open it, if the gate lets them."""
    page.goto(f"/sv/staff/partnerships/new?network={NETWORK}")
    page.select_option("[name=one]", value=str(world.umea))
    page.select_option("[name=other]", value=str(world.bogota))
    page.select_option("[name=area]", value="urban_planning")
    page.fill("[name=starts_on]", now().date().isoformat())
    page.locator("[name=phase][value=preparation]").check()
    follow(page.locator("main form button").last)


def meet(page: Page) -> None:
    """The first meeting stands in the calendar."""
    page.goto(page.url.partition("?")[0] + "dates/new")
    page.locator("[name=kind][value=meeting]").check()
    page.fill("[name=title_es]", "Primera reunión")
    page.fill("[name=title_sv]", "Första mötet")
    page.fill("[name=starts_on]", (now().date() + timedelta(days=30)).isoformat())
    follow(page.locator("main form button").last)
    flashed(page)


def test_from_the_first_interest_to_the_first_meeting(running: Running, browse: Browse, world: World) -> None:
    ana = browse(width=390).new_page()
    sign_up(running, ana)
    apply(ana, world.bogota)
    assert "Bogotá" in mailed(running, "interest", ANA)

    karin = browse(STAFF).new_page()
    karin.goto(f"/sv/staff/partnerships/new?network={NETWORK}")
    assert karin.locator("[name=other] option").count() == 2, "Bogotá is no member yet"
    accept(karin)
    assert "Bogotá" in mailed(running, "interest", ANA)
    assert "Ana Ríos" in mailed(running, "invitation", COLLEAGUE)

    umea = browse(world.swede).new_page()
    for slug in world.workshops.values():
        register(ana, "es", slug)
        register(umea, "sv", slug)
    open_partnership(karin, world)
    assert "Vad som saknas" in karin.locator("main").inner_text(), "nobody has attended anything yet"

    with time_machine.travel(now() + LATER):
        karin = browse(STAFF).new_page()
        for number in world.workshops:
            attend(karin, number)
        karin.goto(f"/sv/staff/commitments?network={NETWORK}")
        assert karin.locator("main tbody tr").count() == 2
        assert karin.locator("main tbody td", has_text="Uppfylld").count() == 4
        open_partnership(karin, world)
        flashed(karin)
        meet(karin)
        with urlopen(f"{running.url}/feeds/partnership/umea-bogota-2.ics?lang=es") as answer:  # noqa: S310  our own server
            [entry] = read(answer.read()).all("VEVENT")
        assert "Primera reunión" in entry.value("SUMMARY")
        is_well_made(karin)
        running.sign_in(ana.context, ANA)
        ana.goto("/es/organisations/bogota/")
        is_well_made(ana)
