"""Calendars as they are polled: each figure beside its reference, same server, same workers, same bytes, same run."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from icalendar import Calendar

from app import create_app
from app.accounts.models import Person
from app.crypto import hash_token
from app.database import db, transaction
from app.feeds import revisions
from app.feeds.models import FeedToken
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.benchmarks.load import ROUNDS, Target, find_wrk, get, rates, served
from tests.conftest import SETTINGS

FEW, MANY, PEOPLE = 60, 1000, 10_000
SMALL, LARGE = "/feeds/network/small.ics?lang=es", "/feeds/all.ics?lang=es"
MOST_MEMORY = 160  # MiB
MADE = datetime(2024, 1, 1, tzinfo=UTC)


def feeds(_app: Flask | None = None) -> None:
    """All rows of the promise."""
    find_wrk()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = {**SETTINGS, "INSTANCE": name, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite"}
        app = create_app(settings)
        with _in(app):
            upgrade()
            tokens = _fill()
        print(f"{'calendars':<58}{'reference':>12}{'ours':>12}{'ratio':>8}")
        bodies = _cold(settings)
        _changed(app, settings)
        _polled(settings, folder, bodies, tokens)


def _cold(settings: dict[str, str]) -> dict[str, bytes]:
    """The first answer of a process that has just begun to listen and has kept nothing, beside icalendar's writing of the same."""
    bodies = {}
    for name, path in (("60", SMALL), ("1000", LARGE)):
        firsts, whole = [], []
        for _round in range(ROUNDS):
            _sweep(Path(settings["INSTANCE"]))
            with served("wsgi:app", settings, workers=1) as ours:
                spent, bodies[name], _etag = get(ours.port, path)
            firsts.append(spent * 1000)
            whole.append(_serialised(bodies[name]))
        _say(f"first answer of a cold process, {name} workshops, ms", statistics.median(whole), statistics.median(firsts), most=1.2)
    return bodies


def _changed(app: Flask, settings: dict[str, str]) -> None:
    """The first answer after one of 1,000 has changed."""
    times = []
    with served("wsgi:app", settings, workers=1) as ours:
        _spent, body, _etag = get(ours.port, LARGE)
        for number in range(ROUNDS + 2):
            with _in(app), transaction():
                workshop = db.session.query(Workshop).order_by(Workshop.id).offset(500 + number).first()
                assert workshop is not None
                workshop.venue = f"Hall {number}"
                revisions.bump("public", now=datetime.now(UTC))
            time.sleep(1.1)  # a change of another process is seen a second later
            spent, after, _etag = get(ours.port, LARGE)
            assert after != body
            times.append(spent * 1000)
            body = after
    _say("first answer after one of 1,000 changed, ms", _serialised(body), statistics.median(times), most=0.1)


def _polled(settings: dict[str, str], folder: Path, bodies: dict[str, bytes], tokens: Sequence[str]) -> None:
    """Full answers and 304s under load, then memory."""
    references = folder / "bodies"
    references.mkdir()
    own = [f"/feeds/me/{token}.ics" for token in tokens]
    with served("wsgi:app", settings) as ours:
        _spent, bodies["1000"], _etag = get(ours.port, LARGE)
        _spent, bodies["own"], _etag = get(ours.port, own[0])
        small = get(ours.port, SMALL)[2]
        for name, body in bodies.items():
            (references / name).write_bytes(body)
        files = [folder / name for name in ("own", "own-304", "reference", "reference-304")]
        with (
            served("tests.benchmarks.bare:bare", {"REFERENCE_BODIES": str(references)}) as bare,
            served("tests.benchmarks.bare:app", {"REFERENCE_BODIES": str(references)}) as flask,
        ):
            full = rates([Target(bare.port, "/60"), Target(flask.port, "/60"), Target(ours.port, SMALL)])
            _say(f"full answer of 60 workshops ({len(bodies['60'])} bytes) beside bare WSGI, a second", full[0], full[2], least=0.5)
            _say("the same beside a minimal Flask app", full[1], full[2], least=2.0)
            not_modified = rates(
                [Target(flask.port, "/60", ('If-None-Match: "60"',)), Target(ours.port, SMALL, (f"If-None-Match: {small}",))]
            )
            _say("304 beside a minimal Flask app", *not_modified, least=2.0)
            large = rates([Target(bare.port, "/1000"), Target(ours.port, LARGE)])
            _say(f"full answer of 1,000 workshops ({len(bodies['1000'])} bytes) beside bare WSGI", *large, least=0.8)
            tags = [get(ours.port, path)[2] for path in own]
            for _time in range(5):  # until each worker has made each
                for path in own:
                    get(ours.port, path)
            files[0].write_text("\n".join(own))
            files[1].write_text("\n".join(f"{path} {tag}" for path, tag in zip(own, tags, strict=True)))
            files[2].write_text("\n".join(f"/own/{token}" for token in tokens))
            files[3].write_text("\n".join(f'/own/{token} "own"' for token in tokens))
            for name, theirs, mine in (("full", files[2], files[0]), ("304", files[3], files[1])):
                figures = rates([Target(flask.port, "/", many=theirs), Target(ours.port, "/", many=mine)])
                _say(f"{len(own)} personal calendars in random order, {name}, beside Flask", *figures, least=1.0)
        memory = ours.memory
    print(f"{'memory of master and two workers after all this, MiB (PSS)':<70}{memory:>12.0f}{_verdict(memory, most=MOST_MEMORY)}")


def _say(what: str, reference: float, ours: float, *, least: float | None = None, most: float | None = None) -> None:
    ratio = ours / reference
    print(f"{what:<58}{reference:>12.1f}{ours:>12.1f}{ratio:>8.2f}{_verdict(ratio, least=least, most=most)}", flush=True)


def _verdict(figure: float, *, least: float | None = None, most: float | None = None) -> str:
    if least is not None:
        return f"  at least {least}" + ("" if figure >= least else ": NOT MET")
    return f"  at most {most}" + ("" if most is not None and figure <= most else ": NOT MET")


def _serialised(body: bytes) -> float:
    """Milliseconds that icalendar takes to write the same components."""
    whole = Calendar.from_ical(body)
    times = []
    for _time in range(3):
        start = time.perf_counter()
        whole.to_ical()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def _sweep(instance: Path) -> None:
    """What processes keep on disk is gone."""
    for path in (instance / "feeds").glob("*"):
        path.unlink()


@contextmanager
def _in(app: Flask) -> Iterator[None]:
    """The app's context; leaves no connection behind."""
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def _fill() -> list[str]:
    """1,000 workshops of one day over three years in three zones, 60 of them in the small network; 10,000 people with one seat
    and one address each. The addresses' tokens."""
    with transaction():
        hosts = [factories.organisation(country) for country in ("SE", "CO", "GT")]
        small, large = factories.network(*hosts, slug="small"), factories.network(*hosts)
        for number in range(MANY):
            country = ("SE", "CO", "GT")[number % 3]
            on = date(2024, 1, 10) + timedelta(days=number)
            factories.workshop(small if number < FEW else large, on, country=country, title=f"Safe cities by night {number}", made=MADE)
        workshops = [row.id for row in db.session.query(Workshop.id)]
        tokens = [sha256(b"%d" % number).hexdigest() for number in range(PEOPLE)]
        people = [_person(number) for number in range(PEOPLE)]
        db.session.add_all(people)
        db.session.flush()
        for number, (person, token) in enumerate(zip(people, tokens, strict=True)):
            row = FeedToken(person_id=person.id, token_hash=hash_token(token), device="telephone", lang="es", created_at=MADE)
            db.session.add_all([row, _seat(person, workshops[number % MANY], token)])
        revisions.bump("public", now=MADE)
    return tokens


def _person(number: int) -> Person:
    address = f"person{number}@municipality.example"
    return Person(address=address, canonical_address=address, name=f"Person {number}", lang="es", zone="America/Bogota", created_at=MADE)


def _seat(person: Person, workshop_id: int, token: str) -> Registration:
    row = Registration(
        workshop_id=workshop_id, person_id=person.id, state="confirmed", holds_seat=True, lang="es", check_in_code=token[:12]
    )
    row.manage_hash, row.manage_token, row.created_at, row.queued_at, row.confirmed_at = token, b"", MADE, MADE, MADE
    row.changed_at = MADE
    return row
