"""What the tests of the house share: the modules as they stand in the repository, and every page as it is served."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.database import db
from app.languages import LANGUAGES
from tests.conftest import SETTINGS, Visitor, counted
from tests.house.walk import RANK, Route, routes, things, visitor, whose

ROOT = Path(__file__).resolve().parent.parent.parent
LEADS = ("delegations_member.", "delegations_list_member.")  # pages of the coordinator of the member's municipality
SEEN_BY = {"public": "nobody", "member": "member", "helper": "administrator", "staff": "administrator", "admin": "administrator"}


def seen_by(route: Route) -> str:
    """The role as which the walk reads a page."""
    return "coordinator" if route.endpoint.startswith(LEADS) else SEEN_BY[route.access]


@dataclass(frozen=True)
class Seen:
    """The answer to one GET, in one language."""

    route: Route
    lang: str
    answer: TestResponse

    @property
    def html(self) -> str:
        """The page, be it one that refuses; empty where the answer is none."""
        is_page = self.answer.mimetype == "text/html" and not 300 <= self.answer.status_code < 400
        return self.answer.get_data(as_text=True) if is_page else ""

    def __str__(self) -> str:
        return f"{self.route} in {self.lang}"


@dataclass(frozen=True)
class Got:
    """The answer to one GET, and the statements that it took."""

    route: Route
    answer: TestResponse
    statements: Sequence[str]


@dataclass(frozen=True)
class Round:
    """Every GET of the demo in English as one role; `insiders` are the names and addresses of two people of one municipality."""

    role: str
    got: Sequence[Got]
    insiders: Sequence[str]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def modules() -> dict[str, ast.Module]:
    """Every module of the product by its path, parsed."""
    files = [ROOT / "wsgi.py", *(ROOT / "app").rglob("*.py"), *(ROOT / "scheduler").rglob("*.py")]
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in sorted(files)}


@contextmanager
def copy_of_the_demo(template: Path, folder: Path) -> Iterator[Flask]:
    """An app with a demo of its own, inside its context."""
    shutil.copy(template, folder / "demo.sqlite")
    app = create_app({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite'}"})
    app.test_client_class = Visitor
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session", params=RANK)
def round_as(request: pytest.FixtureRequest, demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Round:
    """A walk for each role; pytest runs the tests of one role together."""
    with copy_of_the_demo(demo_template, tmp_path_factory.mktemp("round")) as app:
        found = things()
        browser, got = visitor(app, request.param, found), []
        people = [whose("coordinator", found), found.me]
        insiders = [word for person in people for word in (person.name, person.address)]
        for route in routes(app, found):
            if route.method == "GET":
                with counted(app) as statements:
                    answer = browser.get(route.path)
                got.append(Got(route, answer, statements))
    return Round(request.param, got, insiders)


@pytest.fixture(scope="session")
def walked(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """Every GET of the demo, in every language, as somebody who may come in."""
    seen: list[Seen] = []
    with copy_of_the_demo(demo_template, tmp_path_factory.mktemp("walked")) as app:
        found = things()
        browsers = {role: visitor(app, role, found) for role in {*SEEN_BY.values(), "coordinator"}}
        for lang in LANGUAGES:
            there = [route for route in routes(app, found, lang) if route.method == "GET"]
            header = {"Accept-Language": lang}
            seen += [Seen(route, lang, browsers[seen_by(route)].get(route.path, headers=header)) for route in there]
    return seen
