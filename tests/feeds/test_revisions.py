"""The revision of a calendar rises with each change, on either database."""

from __future__ import annotations

from flask import Flask

from app.database import transaction
from app.feeds.revisions import bump, revisions
from tests.factories import NOW


def test_the_revision_of_one_persons_calendar_rises_with_each_change(app: Flask) -> None:
    assert app
    for number in (1, 2, 3):
        with transaction():
            bump("person:5", now=NOW)
        assert revisions("person:5")[0] == [number]
