"""Lucía registers three colleagues from her telephone, in Spanish; one of them cannot come, and hands the seat on by the mailed link."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext
from sqlalchemy import select

from app.clock import now
from app.database import db
from app.mailer import content
from app.outbox.models import Message
from app.registrations.models import ACTIVE, Registration
from app.workshops.models import Workshop
from app.workshops.rules import registration_state
from tests.conftest import axe
from tests.journeys.conftest import COORDINATOR, Running, follow
from tests.registrations.made import method

Browse = Callable[..., BrowserContext]
COLLEAGUES = ("Andrés Tzoc Morales", "Marcos Queché")


def chosen(running: Running) -> Workshop:
    """A coming workshop with three seats left, to which neither colleague comes yet."""
    with running.app.app_context():
        coming = select(Workshop).where(Workshop.state == "published", Workshop.access == "network", Workshop.approval.is_(False))
        return next(one for one in db.session.scalars(coming.order_by(Workshop.starts_at)) if _fits(one))


def _fits(workshop: Workshop) -> bool:
    there = select(Registration).where(Registration.workshop_id == workshop.id, Registration.state.in_(ACTIVE))
    names = {row.person.name for row in db.session.scalars(there)}
    return registration_state(workshop, now()) == "open" and workshop.seats_left > 2 and not names.intersection(COLLEAGUES)


def mail(running: Running, kind: str, to: str, workshop: Workshop) -> tuple[str, str | None]:
    """The words of the one mail of a kind that somebody has got about the workshop, and what its calendar part does."""
    with running.app.app_context():
        wanted = select(Message).where(Message.kind == kind, Message.recipient == to).order_by(Message.created_at.desc()).limit(1)
        found = db.session.scalars(wanted).one()
        assert (found.lang, f"workshop:{workshop.id}" in {item.topic for item in found.items}) == ("es", True)
        assert found.body is not None
        return " ".join(content.text_of(found.body).split()), method(found)


def test_three_are_registered_and_one_is_replaced(running: Running, browse: Browse) -> None:
    workshop = chosen(running)
    page = browse(COORDINATOR, width=390).new_page()
    page.goto("/es/me/")
    follow(page.locator("text=Inscribir a colegas").first)
    assert page.locator("h1").inner_text() == "Mis delegaciones"
    assert axe(page) == []
    page.goto(f"/es/workshops/{workshop.slug}/")
    follow(page.locator("text=Inscribir a colegas").first)
    for name in COLLEAGUES:
        page.get_by_label(name).check()
    page.fill("#name_1", "Rosa Cumes")
    page.fill("#address_1", "rosa.cumes@panajachel.example")
    page.select_option("#lang_1", "es")
    follow(page.locator("text=Inscribir a todas").first)
    assert "3 personas tienen cupo." in page.locator(".flashes").last.inner_text()
    names = page.locator("main .people").first.inner_text()
    assert [name for name in (*COLLEAGUES, "Rosa Cumes") if name not in names] == []
    assert page.locator("h2", has_text="La composición").count() == 1
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    words, calendar = mail(running, "confirmation", "andres.tzoc@panajachel.example", workshop)
    assert "Lucía Chavajay" in words
    assert calendar == "REQUEST"

    link = re.search(r"/r/[\w-]+", words)
    assert link is not None
    guest = browse(width=390).new_page()
    guest.goto(link[0])
    follow(guest.locator("text=Otra persona va en su lugar").first)
    assert axe(guest) == []
    guest.fill("#name_0", "Tomás Sulugüí")
    guest.fill("#address_0", "tomas.sulugui@panajachel.example")
    guest.select_option("#lang_0", "es")
    follow(guest.locator("text=Ceder el cupo").first)
    assert "Tomás Sulugüí asiste en lugar de Andrés Tzoc Morales." in guest.locator(".flashes").last.inner_text()
    arrived, request = mail(running, "confirmation", "tomas.sulugui@panajachel.example", workshop)
    assert "Usted asiste en lugar de Andrés Tzoc Morales." in arrived
    left, cancel = mail(running, "cancelled_seat", "andres.tzoc@panajachel.example", workshop)
    assert "Tomás Sulugüí asiste en lugar de usted." in left
    assert (request, cancel) == ("REQUEST", "CANCEL")

    page.reload()
    names = page.locator("main .people").first.inner_text()
    assert ("Tomás Sulugüí" in names, "Andrés Tzoc Morales" in names) == (True, False)
    page.goto("/es/me/")
    asking = page.locator(".asking").inner_text()
    assert ("Rosa Cumes" in asking, "Tomás Sulugüí" in asking) == (True, True)
