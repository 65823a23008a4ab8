"""Requirement 3 across processes: the same rows are the same bytes after a restart, under any hash seed, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

from app import create_app
from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import Base, db
from app.feeds.personal import service as personal
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests.conftest import SETTINGS, copied

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
from app import create_app
settings, addresses = json.loads(sys.argv[1])
client = create_app(settings).test_client()
answers = [client.get(address) for address in addresses for _time in range(2)]
print(json.dumps([[answer.status_code, answer.headers["ETag"], answer.get_data(as_text=True)] for answer in answers]))
"""

Answers = list[list[object]]


def fetched(folder: Path, url: str, seed: int, addresses: list[str]) -> tuple[Answers, Answers]:
    """What a new process answers at each address, asked twice; it has nothing but the database."""
    folder.mkdir()
    settings = {**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": url}
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-c", SCRIPT, json.dumps([settings, addresses])]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answers: Answers = json.loads(done.stdout)
    return answers[::2], answers[1::2]


@pytest.fixture
def sqlite(demo_template: Path, tmp_path: Path) -> tuple[str, list[str], Answers]:
    """The demo on SQLite, an address of each kind in it, and what the process of the tests answers there."""
    path = tmp_path / "demo.sqlite"
    shutil.copy(demo_template, path)
    url = f"sqlite:///{path}"
    app = create_app({**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": url})
    with app.app_context():
        me = db.session.get_one(Person, db.session.query(Registration.person_id).limit(1).scalar())
        token = personal.make_token(me.id, "telephone", me.lang, by=actor(me), now=now())
        slug = db.session.query(Workshop.slug).where(Workshop.state == "published").limit(1).scalar()
        db.session.remove()
    levels = [f"/feeds/all.ics?lang={lang}&show={level}" for lang, level in (("sv", "days"), ("es", "overview"), ("en", "sessions"))]
    mine = [f"/feeds/me/{token}.ics", f"/feeds/me/{token}.json"]
    addresses = [*levels, *mine, "/feeds/all.json", "/feeds/all.atom", f"/workshops/{slug}.ics"]
    answers = map(app.test_client().get, addresses)
    found: Answers = [[answer.status_code, answer.headers["ETag"], answer.get_data(as_text=True)] for answer in answers]
    with app.app_context():
        db.engine.dispose()
    return url, addresses, found


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, tmp_path: Path, sqlite: tuple[str, list[str], Answers]) -> Iterator[str]:
    """The same rows on PostgreSQL."""
    with copied("postgresql", request, tmp_path) as url:
        source, target = create_engine(sqlite[0]), create_engine(url)
        with source.connect() as old, target.begin() as new:
            new.execute(text("SET session_replication_role = replica"))  # rows in any order
            for table in Base.metadata.tables.values():
                new.execute(text(f'DELETE FROM "{table.name}"'))  # noqa: S608  a name of ours
                rows = [dict(row) for row in old.execute(select(table)).mappings()]
                if rows:
                    new.execute(insert(table), rows)
        source.dispose()
        target.dispose()
        yield url


def test_req_03_restarts_hash_seeds_and_databases_do_not_show(
    sqlite: tuple[str, list[str], Answers], postgresql: str, tmp_path: Path, full: bool
) -> None:
    url, addresses, here = sqlite
    assert [status for status, _etag, _body in here] == [200] * len(addresses)
    for seed in range(1, 6 if full else 2):
        assert fetched(tmp_path / f"seed{seed}", url, 4242 * seed, addresses) == (here, here)
    assert fetched(tmp_path / "postgresql", postgresql, 99, addresses) == (here, here)
