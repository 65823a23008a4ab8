"""The demo behind a real server, and what a program gets that polls it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app import create_app
from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import changed, db, transaction
from app.feeds.models import CalendarRevision, FeedToken
from app.feeds.personal import service as personal
from app.membership.models import Partnership
from app.organisations.models import Network
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import servers
from tests.conftest import SETTINGS, Visitor

BASE = "https://workshops.icld.example"
PLACES = ("all", "sweden", "latin-america", "colombia", "guatemala", "online")
LANGS = ("sv", "es", "en")
LEVELS = ("days", "overview", "sessions")


@dataclass(frozen=True)
class Answer:
    """What came over the wire, unpacked by nobody."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass
class Polled:
    """A service with the demo's data; `own` are the addresses of people's own calendars."""

    app: Flask
    port: int
    networks: list[str]
    partnership: str
    slugs: list[str]
    own: list[str]

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request on a connection of its own: no cookies, no redirects, nothing asked for; `If_None_Match` is a header."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Host": BASE.removeprefix("https://"), **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, headers=sent)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def feeds(self) -> list[str]:
        """Each public calendar once, the languages and levels in turn; that of all workshops in each of them."""
        names = [*PLACES[1:], *(f"network/{slug}" for slug in self.networks), f"partnership/{self.partnership}"]
        turns = [(LANGS[number % 3], LEVELS[number // 2 % 3]) for number in range(len(names))]
        some = [f"/feeds/{name}.ics?lang={lang}&show={level}" for name, (lang, level) in zip(names, turns, strict=True)]
        return [f"/feeds/all.ics?lang={lang}&show={level}" for lang in LANGS for level in LEVELS] + some

    def files(self) -> list[str]:
        """Each workshop's own file once, the languages in turn."""
        return [f"/workshops/{slug}.ics?lang={LANGS[number % 3]}" for number, slug in enumerate(self.slugs)]

    def addresses(self) -> list[str]:
        """One calendar of each kind: what HTTP asks is the same for all of a kind."""
        return ["/feeds/all.ics?lang=sv", self.feeds()[-1], self.files()[0], self.own[0]]


@pytest.fixture(scope="session")
def polled(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    """The demo on SQLite behind a real server, outside any context. All tests share it and change nothing."""
    with running(demo_template, tmp_path_factory.mktemp("polled")) as found:
        yield found


@contextmanager
def running(demo_template: Path, folder: Path) -> Iterator[Polled]:
    """A copy of the demo behind a real server."""
    shutil.copy(demo_template, folder / "polled.sqlite")
    settings = {**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'polled.sqlite'}", "BASE_URL": BASE}
    app = create_app(settings)
    app.test_client_class = Visitor
    port = servers.free_port()
    with app.app_context():
        networks = [slug for (slug,) in db.session.query(Network.slug).order_by(Network.id)]
        partnership = db.session.query(Partnership.slug).order_by(Partnership.id).limit(1).scalar()
        slugs = [slug for (slug,) in db.session.query(Workshop.slug).where(Workshop.state != "draft").order_by(Workshop.id)]
        own = [f"/feeds/me/{token_of(person)}.ics" for person in comers()]
        with transaction():  # each of many changes at one instant is dated a second later: just loaded, calendars are dated ahead
            changed(update(CalendarRevision).values(changed_at=now() - timedelta(hours=1)))
        db.session.remove()
    with servers.web(app, port):
        yield Polled(app, port, networks, partnership, slugs, own)
    with app.app_context():
        db.engine.dispose()


def comers() -> list[Person]:
    """One who has a seat and one who waits for one, of those to whom nobody has given an address yet."""
    states = ("confirmed", "waitlisted")
    given = db.session.query(FeedToken.person_id)
    found = [db.session.query(Registration).filter(Registration.state == state, Registration.person_id.not_in(given)) for state in states]
    return [rows.order_by(Registration.id).first().person for rows in found]  # type: ignore[union-attr]  # the demo has both


def token_of(person: Person) -> str:
    """A new secret address of somebody's own calendar."""
    token: str = personal.make_token(person.id, "telephone", person.lang, by=actor(person), now=now())
    return token
