"""A real installation starts with the network alone: who is in it, when it ends, how it reminds; nobody invented."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Person
from app.database import db
from app.organisations.models import Network
from app.reminders.models import ReminderRule
from app.workshops.models import Workshop
from tests.conftest import MakeApp


def test_the_network_is_loaded_once_without_people_or_workshops(sqlite_url: str, make_app: MakeApp) -> None:
    app = make_app(sqlite_url, APP_ENV="production", BASE_URL="https://workshops.example")
    run = app.test_cli_runner()
    assert "Loaded the network." in run.invoke(args=["network", "load", "--until", "2028-12-31"]).output
    assert "there already" in run.invoke(args=["network", "load"]).output
    with app.app_context():
        network = db.session.scalars(select(Network)).one()
        assert (network.starts_on, network.ends_on, len(network.members)) == (date(2024, 1, 1), date(2028, 12, 31), 15)
        counts = [db.session.scalar(select(func.count()).select_from(table)) for table in (Person, Workshop, ReminderRule)]
        page = [len(network.calls), len(network.links), len(network.themes), all(name.why and name.call for name in network.names.values())]
    assert (counts, page) == ([0, 0, 4], [0, 2, 7, True])


def test_its_period_is_the_one_it_was_founded_with(lite: Flask) -> None:
    lite.test_cli_runner().invoke(args=["network", "load"])
    assert db.session.scalars(select(Network)).one().ends_on == date(2026, 12, 31)
