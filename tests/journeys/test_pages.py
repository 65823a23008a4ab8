"""Every page in a real browser: nothing for axe to find, nothing wider than the window, nothing that the policy blocks, light."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page
from sqlalchemy import select

from app.accounts.models import Person
from app.clock import now
from app.database import db
from app.papers.models import Certificate
from app.questions.models import Question
from app.registrations.models import Registration
from app.web import shelf
from app.workshops.finding import lines
from app.workshops.models import Workshop
from tests.conftest import Visitor, axe, counted
from tests.journeys.conftest import COORDINATOR, STAFF, Running

ASKED, ASKING = "mirela.hadzic@lessebo.example", "carina.wallentin@boras.example"  # who has asked for a seat, and who might
OFFERED, SILENT = "mattias.brannlund@umea.example", "malin.sundin@are.example"  # who is offered a seat, and who has not answered
UNKNOWN = {"not there", "a certificate that is not"}  # pages that say so, with 404
LANGS, WIDTHS = ("sv", "es", "en"), (390, 1280)
EVERY = list(itertools.product(LANGS, WIDTHS, (False, True)))

# name -> (who opens it, address, most statements): the number of rows on a page does not change the number of statements
PAGES: dict[str, tuple[str, str, int]] = {
    "home": ("", "/{lang}/", 12),
    "list": ("", "/{lang}/workshops/", 10),
    "past": ("", "/{lang}/workshops/?when=past", 10),
    "search": ("", "/{lang}/search?q=bogota", 12),
    "search in vain": ("", "/{lang}/search?q=nowhere", 12),
    "list, narrowed": ("", "/{lang}/workshops/?region=latin_america&language=es", 10),
    "month": ("", "/{lang}/workshops/month/{month}/", 10),
    "month with nothing": ("", "/{lang}/workshops/month/2024-05/", 10),
    "line of years": ("", "/{lang}/workshops/years/", 8),
    "map of towns": ("", "/{lang}/workshops/map/", 6),
    "workshop": ("", "/{lang}/workshops/umea/", 12),
    "workshop in several days": ("", "/{lang}/workshops/totonicapan/", 12),
    "cancelled": ("", "/{lang}/workshops/puerto-narino/", 12),
    "postponed": ("", "/{lang}/workshops/san-juan-la-laguna/", 12),
    "full": ("", "/{lang}/workshops/bogota-care-blocks/", 12),
    "held": ("", "/{lang}/workshops/bogota-2024/", 12),
    "programme": ("", "/{lang}/workshops/barranquilla-2025/programme", 12),
    "programme without sessions": ("", "/{lang}/workshops/puerto-narino/programme", 12),
    "register as a guest": ("", "/{lang}/workshops/who-cares-for-the-city/register", 10),
    "register, signed in": (COORDINATOR, "/{lang}/workshops/umea/register", 12),
    "subscribe": ("", "/{lang}/subscribe", 12),
    "subscribe, to a whole programme": ("", "/{lang}/subscribe?calendar=network/gender-equality&show=sessions&language=es", 12),
    "subscribe, signed in": (COORDINATOR, "/{lang}/subscribe?calendar=guatemala&show=overview", 12),
    "partnerships": ("", "/{lang}/partnerships/", 10),
    "partnerships of staff": (STAFF, "/{lang}/staff/partnerships/", 12),
    "a partnership of staff": (STAFF, "/{lang}/staff/partnerships/umea-bogota/", 12),
    "a date of a partnership": (STAFF, "/{lang}/staff/partnerships/umea-bogota/dates/1/", 12),
    "calling off a date": (STAFF, "/{lang}/staff/partnerships/umea-bogota/dates/1/call-off", 12),
    "my partnership": (OFFERED, "/{lang}/me/partnerships/umea-bogota/", 12),
    "interests": (STAFF, "/{lang}/staff/interests/", 12),
    "an interest": (STAFF, "/{lang}/staff/interests/1/", 12),
    "accepting an interest": (STAFF, "/{lang}/staff/interests/1/accept", 12),
    "organisations": (STAFF, "/{lang}/staff/organisations/", 12),
    "an organisation": (STAFF, "/{lang}/staff/organisations/umea/", 12),
    "beginning an interest": (SILENT, "/{lang}/network/gender-equality/interest", 12),
    "network": ("", "/{lang}/network/gender-equality/", 12),
    "organisation": ("", "/{lang}/organisations/panajachel/", 12),
    "organisation, for its own people": (COORDINATOR, "/{lang}/organisations/panajachel/", 12),
    "about": ("", "/{lang}/about", 6),
    "privacy": ("", "/{lang}/privacy", 6),
    "accessibility": ("", "/{lang}/accessibility", 6),
    "sign in": ("", "/{lang}/sign-in", 6),
    "sign in by password": ("", "/{lang}/sign-in/password", 6),
    "not there": ("", "/{lang}/nowhere", 6),
    "my home": (COORDINATOR, "/{lang}/me/", 12),
    "my calendar": (COORDINATOR, "/{lang}/me/calendar/", 10),
    "my account": (COORDINATOR, "/{lang}/me/account", 10),
    "my registration": (COORDINATOR, "/{lang}/me/registrations/{registration}", 12),
    "leaving": (COORDINATOR, "/{lang}/me/registrations/{registration}/cancel", 12),
    "my delegation": (COORDINATOR, "/{lang}/me/delegation/{workshop}/", 12),
    "someone else goes instead of me": (COORDINATOR, "/{lang}/me/registrations/{registration}/substitute", 12),
    "staff": (STAFF, "/{lang}/staff/", 12),
    "staff's workshops": (STAFF, "/{lang}/staff/workshops/", 12),
    "staff's search": (STAFF, "/{lang}/staff/search?q=bogota", 12),
    "import": (STAFF, "/{lang}/staff/workshops/import", 12),
    "new workshop": (STAFF, "/{lang}/staff/workshops/new", 12),
    "edit": (STAFF, "/{lang}/staff/workshops/{workshop}/", 12),
    "copy": (STAFF, "/{lang}/staff/workshops/{workshop}/copy", 12),
    "preview": (STAFF, "/{lang}/staff/workshops/{workshop}/preview", 12),
    "recurring texts": (STAFF, "/{lang}/staff/texts/", 12),
    "new recurring text": (STAFF, "/{lang}/staff/texts/new", 12),
    "recurring text": (STAFF, "/{lang}/staff/texts/1/", 12),
    "throwing a recurring text away": (STAFF, "/{lang}/staff/texts/1/delete", 12),
    "register, with questions": (ASKING, "/{lang}/workshops/totonicapan/register", 12),
    "my request": (ASKED, "/{lang}/me/registrations/{request}", 12),
    "my answers": (ASKED, "/{lang}/me/registrations/{request}/answers", 12),
    "questions": (STAFF, "/{lang}/staff/workshops/{asking}/questions/", 12),
    "question": (STAFF, "/{lang}/staff/workshops/{asking}/questions/{question}/", 12),
    "new question": (STAFF, "/{lang}/staff/workshops/{asking}/questions/new", 12),
    "removing a question": (STAFF, "/{lang}/staff/workshops/{asking}/questions/{question}/remove", 12),
    "edit, with held seats": (STAFF, "/{lang}/staff/workshops/{asking}/", 12),
    "whose calendar knows": (STAFF, "/{lang}/staff/workshops/{asking}/calendars/", 12),
    "what will be mailed": (STAFF, "/{lang}/staff/workshops/{workshop}/rehearsal/", 12),
    "what will be mailed, with held seats": (STAFF, "/{lang}/staff/workshops/{asking}/rehearsal/", 12),
    "one mail beforehand": (STAFF, "/{lang}/staff/workshops/{workshop}/rehearsal/mail?of=moved", 12),
    "requests": (STAFF, "/{lang}/staff/workshops/{asking}/participants/?state=requested", 12),
    "someone else instead": (STAFF, "/{lang}/staff/workshops/{full}/participants/{waiting}/substitute", 12),
    "cancelling": (STAFF, "/{lang}/staff/workshops/{workshop}/cancel", 12),
    "one who comes": (STAFF, "/{lang}/staff/workshops/{workshop}/participants/{comes}/", 12),
    "one participant": (STAFF, "/{lang}/staff/workshops/{full}/participants/{waiting}/", 12),
    "people from a list": (STAFF, "/{lang}/staff/workshops/{workshop}/participants/import", 12),
    "participants, narrowed": (STAFF, "/{lang}/staff/workshops/{workshop}/participants/?country=SE&role=official&q=a", 12),
    "participants": (STAFF, "/{lang}/staff/workshops/{workshop}/participants/", 12),
    "waiting list": (STAFF, "/{lang}/staff/workshops/{full}/waiting/", 12),
    "a seat out of turn": (STAFF, "/{lang}/staff/workshops/{full}/waiting/{waiting}/seat", 12),
    "what people need": (STAFF, "/{lang}/staff/workshops/{workshop}/needs/", 12),
    "what I need": (COORDINATOR, "/{lang}/me/registrations/{registration}/needs", 12),
    "check-in": (STAFF, "/{lang}/staff/workshops/{workshop}/check-in/", 12),
    "check-in, by code": (STAFF, "/{lang}/staff/workshops/{workshop}/check-in/?code={code}", 12),
    "check-in near": (STAFF, "/{lang}/staff/check-in/", 8),
    "attendance": (STAFF, "/{lang}/staff/workshops/{workshop}/attendance/", 12),
    "attendance of a workshop that is over": (STAFF, "/{lang}/staff/workshops/{past}/attendance/", 12),
    "papers": (STAFF, "/{lang}/staff/workshops/{workshop}/papers/", 12),
    "papers of a workshop that is over": (STAFF, "/{lang}/staff/workshops/{past}/papers/", 12),
    "check a certificate": ("", "/{lang}/certificates/", 6),
    "a certificate that is not": ("", "/{lang}/certificates/ABCDEFGHJKMN", 6),
    "mail log": (STAFF, "/{lang}/staff/workshops/{workshop}/mails", 12),
    "reminders that need staff": (STAFF, "/{lang}/staff/reminders/", 12),
    "rules of a network": (STAFF, "/{lang}/staff/networks/gender-equality/reminders/", 12),
    "rule of a network": (STAFF, "/{lang}/staff/networks/gender-equality/reminders/1/", 12),
    "rules of a workshop": (STAFF, "/{lang}/staff/workshops/{workshop}/reminders/", 12),
    "new rule of a workshop": (STAFF, "/{lang}/staff/workshops/{workshop}/reminders/new", 12),
    "mails": (STAFF, "/{lang}/staff/mails", 12),
    "all mails": (STAFF, "/{lang}/staff/mails/log", 12),
    "mails to one person": (STAFF, "/{lang}/staff/people/4/mails", 12),
    "texts of the mails": (STAFF, "/{lang}/staff/mail-texts/", 12),
    "texts of one mail": (STAFF, "/{lang}/staff/mail-texts/confirmation/", 12),
    "putting the original back": (STAFF, "/{lang}/staff/mail-texts/confirmation/original", 12),
    "people": (STAFF, "/{lang}/staff/people", 10),
    "commitments": (STAFF, "/{lang}/staff/commitments", 12),
    "a certificate that counts": ("", "/{lang}/certificates/{counts}", 6),
    "a certificate that was withdrawn": ("", "/{lang}/certificates/{withdrawn}", 6),
    "papers with certificates": (STAFF, "/{lang}/staff/workshops/{certified}/papers/", 12),
    "my offer": (OFFERED, "/{lang}/me/registrations/{offered}", 12),
    "my answer to a new date": (SILENT, "/{lang}/me/registrations/{silent}", 12),
    "my certificate": (SILENT, "/{lang}/me/registrations/{attended}", 12),
    "answers missing": (STAFF, "/{lang}/staff/workshops/{asking}/participants/?answers=missing", 12),
    "what people thought": (STAFF, "/{lang}/staff/workshops/{certified}/feedback/", 12),
    "what people thought, before the end": (STAFF, "/{lang}/staff/workshops/{workshop}/feedback/", 12),
    "questions after a workshop": (SILENT, "/{lang}/me/registrations/{attended}/feedback", 12),
    "questions that are not open": (COORDINATOR, "/{lang}/me/registrations/{registration}/feedback", 12),
    "my mails": (COORDINATOR, "/{lang}/me/mails/", 6),
    "networks": ("", "/{lang}/networks/", 6),
    "network, for staff": (STAFF, "/{lang}/staff/networks/gender-equality/", 12),
    "members of a network": (STAFF, "/{lang}/staff/networks/gender-equality/members/", 12),
    "new network": (STAFF, "/{lang}/staff/networks/new", 12),
}


@pytest.fixture(scope="module")
def numbers(running: Running) -> dict[str, int | str]:
    return numbers_of(running.app)


def numbers_of(app: Flask) -> dict[str, int | str]:
    """A workshop's and a registration's number, and a month with workshops, to put into addresses of the demo."""
    with app.app_context():
        umea = db.session.query(Workshop).filter_by(slug="umea").one()
        month = f"{umea.days[0].on:%Y-%m}"
        mine = db.session.query(Registration).join(Registration.person).filter_by(canonical_address=COORDINATOR)
        mine = mine.join(Registration.workshop).filter(Registration.state == "confirmed", Workshop.starts_at > now())
        asking = db.session.query(Workshop).filter_by(slug="totonicapan").one().id
        request = db.session.query(Registration).filter_by(workshop_id=asking).join(Registration.person).filter_by(canonical_address=ASKED)
        question = db.session.query(Question).filter_by(workshop_id=asking).order_by(Question.position)[1].id
        registration = mine.order_by(Registration.id)[0].id
        numbers: dict[str, int | str] = {"workshop": umea.id, "month": month, "registration": registration, "asking": asking}
        line = db.session.query(Registration).filter_by(state="waitlisted").join(Registration.workshop)
        waits = line.filter(Workshop.state == "published", Workshop.starts_at > now()).order_by(Registration.id)[0]
        numbers |= {"full": waits.workshop_id, "waiting": waits.id}
        comes = db.session.query(Registration).filter_by(workshop_id=umea.id, state="confirmed").first()
        assert comes is not None
        past = db.session.query(Workshop).filter_by(slug="barranquilla-2025").one().id
        numbers |= {**states_of(), **certificates_of()}
        return numbers | {"request": request.one().id, "question": question, "code": comes.check_in_code, "comes": comes.id, "past": past}


def states_of() -> dict[str, int]:
    """Registrations that wait for their person's answer, and one that has a certificate."""
    mine = select(Registration.id).join(Registration.person).join(Registration.workshop)
    wanted = {
        "offered": mine.where(Registration.state == "offered", Person.canonical_address == OFFERED),
        "silent": mine.where(Registration.chased_at.is_not(None), Person.canonical_address == SILENT),
        "attended": mine.where(Workshop.slug == "lessebo", Person.canonical_address == SILENT),
    }
    return {name: db.session.scalars(each).one() for name, each in wanted.items()}


def certificates_of() -> dict[str, int | str]:
    """A code that counts, one that does not any more, and the workshop of both."""
    wanted = select(Certificate.code).join(Certificate.registration).join(Registration.workshop).where(Workshop.slug == "lessebo")
    withdrawn = db.session.scalars(wanted.where(Certificate.revoked_at.is_not(None))).one()
    counts = db.session.scalars(wanted.where(Certificate.revoked_at.is_(None))).first()
    assert counts is not None
    of = db.session.scalars(select(Workshop.id).where(Workshop.slug == "lessebo")).one()
    return {"counts": counts, "withdrawn": withdrawn, "certified": of}


class Window:
    """One window for all pages, as new for each: opening another costs as much as all that is looked at in it."""

    def __init__(self, running: Running, browser: Browser) -> None:
        self.running = running
        self.context = browser.new_context(base_url=running.url, reduced_motion="reduce")
        self.page = self.context.new_page()
        self.tools = self.context.new_cdp_session(self.page)
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def new(self, who: str, *, width: int, dark: bool) -> Page:
        """Nothing of the page before is left: no cookie, no cache, nothing stored, no worker, no complaint."""
        self.page.goto("/healthz")  # no script of the page before runs on; the browser would start a new process for about:blank
        self.page.evaluate("sessionStorage.clear()")
        self.tools.send("Storage.clearDataForOrigin", {"origin": self.running.url, "storageTypes": "all"})
        self.tools.send("Network.clearBrowserCache")
        self.running.sign_in(self.context, who)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        self.complaints.clear()
        return self.page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "404" not in message.text:  # of pages that are not there, and of their icon
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def window(running: Running, browser: Browser) -> Iterator[Window]:
    window = Window(running, browser)
    yield window
    window.context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_made(name: str, window: Window, numbers: dict[str, int | str], full: bool) -> None:
    who, address, _most = PAGES[name]
    place = list(PAGES).index(name)
    for lang, width, dark in EVERY if full else [EVERY[5 * place % len(EVERY)]]:
        page = window.new(who, width=width, dark=dark)
        answer = page.goto(address.format(lang=lang, **numbers))
        assert answer is not None
        assert answer.status == (404 if name in UNKNOWN else 200), name
        where = f"{name}, {lang}, {width}, {'dark' if dark else 'light'}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{where} scrolls sideways"
        assert axe(page) == [], where
        assert page.locator("h1").count() == 1, where
        assert page.locator("html").get_attribute("lang") == lang
        assert window.complaints == [], where


def test_nothing_of_one_page_is_left_in_the_window_for_the_next(window: Window, running: Running) -> None:
    page = window.new(STAFF, width=1280, dark=True)
    page.goto("/en/staff/check-in/")
    page.evaluate("""async () => {
        localStorage.here = sessionStorage.here = "1";
        await caches.open("here");
        console.error("here");
    }""")
    assert window.complaints == ["here"]
    page = window.new("", width=390, dark=False)
    answer = page.goto("/en/staff/check-in/")
    assert answer is not None
    assert "/sign-in" in answer.url
    kept = page.evaluate("""async () => [
        localStorage.here, sessionStorage.here, ...await caches.keys(), ...await navigator.serviceWorker.getRegistrations(),
    ].filter(Boolean)""")
    assert kept == []
    assert window.complaints == []
    assert page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [390, False]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_and_asks_the_database_little(name: str, running: Running, numbers: dict[str, int | str]) -> None:
    who, address, most = PAGES[name]
    client: Visitor = running.visitor(who)
    url = address.format(lang="es", **numbers)
    for _twice in range(2):  # the first may meet the minute after which the network's name is read anew
        running.app.extensions[shelf.KEY].pages.clear()  # as if nobody had asked before
        running.app.extensions.get(lines.KEY, {}).clear()
        with counted(running.app) as seen:
            answer = client.get(url)
        if len(seen) <= most:
            break
    assert answer.status_code == (404 if name in UNKNOWN else 200), "another page was measured"
    body = answer.data
    assert len(gzip.compress(body)) <= 15_000, f"{name}: {len(gzip.compress(body))} bytes packed"
    assert len(seen) <= most, f"{name}: {len(seen)} statements\n" + "\n".join(seen)


def test_a_first_visit_is_at_most_60_kilobytes_without_fonts(running: Running) -> None:
    client = running.visitor()
    page = client.get("/es/").get_data(as_text=True)
    files = [part.split('"')[0] for part in page.split('"/static/')[1:] if not part.startswith("fonts")]
    sizes = [len(client.get(f"/static/{file}", headers={"Accept-Encoding": "gzip"}, buffered=True).data) for file in dict.fromkeys(files)]
    assert len(gzip.compress(page.encode())) + sum(sizes) <= 60_000
