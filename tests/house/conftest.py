"""What the tests of the house share: the modules as they stand in the repository, and every page as it is served."""

from __future__ import annotations

import ast
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app import create_app
from app.database import db
from app.languages import LANGUAGES
from tests.conftest import SETTINGS, Visitor
from tests.house.walk import Route, routes, things, visitor

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


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def modules() -> dict[str, ast.Module]:
    """Every module of the product by its path, parsed."""
    files = [ROOT / "wsgi.py", *(ROOT / "app").rglob("*.py"), *(ROOT / "scheduler").rglob("*.py")]
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in sorted(files)}


@pytest.fixture(scope="session")
def walked(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """Every GET of the demo, in every language, as somebody who may come in."""
    folder = tmp_path_factory.mktemp("walked")
    shutil.copy(demo_template, folder / "demo.sqlite")
    app = create_app({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite'}"})
    app.test_client_class = Visitor
    seen: list[Seen] = []
    with app.app_context():
        found = things()
        browsers = {role: visitor(app, role, found) for role in {*SEEN_BY.values(), "coordinator"}}
        for lang in LANGUAGES:
            there = [route for route in routes(app, found, lang) if route.method == "GET"]
            header = {"Accept-Language": lang}
            seen += [Seen(route, lang, browsers[seen_by(route)].get(route.path, headers=header)) for route in there]
        db.session.remove()
        db.engine.dispose()
    return seen
