"""The commitment of 300 organisations and 3,000 people: statements and time of one look at all of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert

from app import create_app
from app.attendance.models import Attendance
from app.clock import now
from app.database import db, transaction
from app.membership import queries
from app.membership.models import CommitmentRule
from app.organisations.queries import members
from app.registrations.models import Registration
from tests import factories
from tests.benchmarks.measure import beside, reference
from tests.conftest import SETTINGS, counted

ORGANISATIONS, PEOPLE, WORKSHOPS, EACH = 300, 3_000, 24, 3
AT_MOST = 0.2  # seconds


def full_app(folder: Path) -> Flask:
    """An app on SQLite with all of them: half of the workshops are over, and everybody came to what they registered for."""
    app = create_app({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder}/commitment.sqlite"})
    with app.app_context():
        upgrade()
        at = now()
        year = (at - timedelta(days=170)).date(), (at + timedelta(days=190)).date()
        with transaction():
            hosts = [factories.organisation(("SE", "CO", "GT")[number % 3]) for number in range(ORGANISATIONS)]
            network = factories.network(*hosts)
            network.ends_on = max(network.ends_on, year[1])
            db.session.flush()
            for scope in ("organisation", "person"):
                db.session.add(CommitmentRule(network_id=network.id, scope=scope, starts_on=year[0], ends_on=year[1]))
            people = [factories.person(hosts[number % ORGANISATIONS]) for number in range(PEOPLE)]
            days = [at.date() + timedelta(days=14 * (number - WORKSHOPS // 2)) for number in range(WORKSHOPS)]
            held = [factories.workshop(network, day, country=("SE", "CO")[number % 2], capacity=900) for number, day in enumerate(days)]
            db.session.flush()
            usual = {"state": "confirmed", "holds_seat": True, "lang": "en", "manage_token": b"", "created_at": at, "queued_at": at}
            seats = [
                {
                    "workshop_id": held[(number + turn * 7) % WORKSHOPS].id,
                    "person_id": one.id,
                    "organisation_id": hosts[number % ORGANISATIONS].id,
                    "check_in_code": f"C{number:06}{turn}",
                    "manage_hash": f"{number}-{turn}",
                    "changed_at": at,
                }
                | usual
                for number, one in enumerate(people)
                for turn in range(EACH)
            ]
            db.session.execute(insert(Registration), seats)
            over = {workshop.id: workshop.days[0].id for workshop, day in zip(held, days, strict=True) if day < at.date()}
            rows = db.session.execute(db.select(Registration.id, Registration.workshop_id)).all()
            there = [{"registration_id": row.id, "day_id": over[row.workshop_id], "at": at} for row in rows if row.workshop_id in over]
            db.session.execute(insert(Attendance), [{**one, "half": half} for one in there for half in ("morning", "afternoon")])
        db.session.remove()
    return app


def commitment(app: Flask) -> None:
    """Both rules: of each organisation, and of each of its people."""
    small = reference(app)
    print(f"{'progress of 300 organisations, 3,000 people':<46}{'statements':>11}{'CPU ms':>8}{'× list of 60':>14}")
    with app.app_context():
        instant = now()
        for number, scope in db.session.execute(db.select(CommitmentRule.id, CommitmentRule.scope).order_by(CommitmentRule.id)).all():

            def look() -> None:
                db.session.remove()
                rule = queries.get_rule(number)  # noqa: B023  called at once
                queries.progress_of(rule, members(rule.network, instant.date()), instant)

            with counted(app) as seen:
                look()
            seconds, ratio = beside(look, lambda: small.get("/"))
            late = "" if seconds <= AT_MOST else f"  above {AT_MOST * 1000:.0f} ms"
            print(f"{'asked of each ' + scope:<46}{len(seen):>11}{seconds * 1000:>8.0f}{ratio:>14.0f}{late}")
