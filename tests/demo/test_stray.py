"""A database that holds the demo is no place to work in: its password is public."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.accounts.models import Person
from app.clock import now
from app.config import ROOT, ConfigError
from app.database import db, transaction
from app.demo.service import refuse_stray
from tests.conftest import SETTINGS, MakeApp


def test_the_demo_starts_as_the_demo_and_as_nothing_else(demo: Flask, make_app: MakeApp) -> None:
    url = demo.config["SQLALCHEMY_DATABASE_URI"]
    refuse_stray(demo)
    refuse_stray(make_app(url, DEMO="1"))
    with pytest.raises(ConfigError, match="its staff's password is public"):
        refuse_stray(demo, real=True)
    for asked in ("0", "1"):
        with pytest.raises(ConfigError, match="its staff's password is public"):
            refuse_stray(make_app(url, DEMO=asked, APP_ENV="production", BASE_URL="https://workshops.example"))


def test_any_other_database_starts(lite: Flask, make_app: MakeApp, tmp_path: Path) -> None:
    refuse_stray(lite, real=True)
    refuse_stray(make_app(f"sqlite:///{tmp_path / 'without tables.sqlite'}"), real=True)


@pytest.mark.parametrize("values", [{"disabled_at": now()}, {"password_hash": None}])
def test_the_demo_whose_accounts_are_shut_is_a_database_like_any_other(demo: Flask, values: dict[str, object]) -> None:
    with transaction():
        db.session.execute(update(Person).where(Person.password_hash.is_not(None)).values(**values))
    refuse_stray(demo, real=True)


@pytest.mark.parametrize("command", [["flask", "--app", "wsgi", "prepare"], ["scheduler", "--once"], ["wsgi"]])
def test_web_scheduler_and_prepare_say_it_in_plain_words(demo_template: Path, tmp_path: Path, command: list[str]) -> None:
    shutil.copy(demo_template, tmp_path / "demo.sqlite")
    env = {**os.environ, **SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'demo.sqlite'}", "DEMO": "0"}
    if command[-1] != "prepare":
        env |= {"APP_ENV": "production", "BASE_URL": "https://workshops.example"}
    said = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert "this database holds the demo" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_demo_is_loaded_only_where_it_may_run(sqlite_url: str, make_app: MakeApp) -> None:
    real = make_app(sqlite_url, APP_ENV="production", BASE_URL="https://workshops.example")
    assert "The demo's password is public" in real.test_cli_runner().invoke(args=["demo", "load"]).output
    assert "Loaded the demo." in make_app(sqlite_url).test_cli_runner().invoke(args=["demo", "load"]).output
