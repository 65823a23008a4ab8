"""A lock that passes in a moment reaches nobody who puts questions or answers them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import OperationalError

from app.audit.queries import entries
from app.database import db
from app.questions import service
from app.registrations import answers
from app.registrations import service as registrations
from tests import factories
from tests.factories import NOW
from tests.questions.made import asked, values
from tests.registrations.made import LATER, STAFF
from tests.workshops.made import KARIN

Work = Callable[[int, list[int], int], object]
DONE: dict[str, Work] = {
    "question.added": lambda workshop, _ids, _mine: service.add(workshop, values("New?"), by=KARIN, now=NOW),
    "question.changed": lambda workshop, ids, _mine: service.change(workshop, ids[0], values("Other?"), 1, by=KARIN, now=NOW),
    "question.removed": lambda workshop, ids, _mine: service.remove(workshop, ids[1], by=KARIN, now=NOW),
    "question.moved": lambda workshop, ids, _mine: service.move(workshop, ids[1], up=True, by=KARIN, now=NOW),
    "registration.answered": lambda _workshop, ids, mine: answers.change(mine, {ids[0]: ["yes"]}, by=STAFF, now=LATER),
}


@pytest.mark.parametrize(("action", "work"), DONE.items(), ids=DONE)
def test_what_met_a_lock_is_done_once_more(lite: Flask, action: str, work: Work) -> None:
    assert lite
    workshop = factories.workshop(factories.network(factories.organisation("SE")), access="open")
    ids = [asked(workshop).id, asked(workshop, "Your arrival", "date").id]
    mine = registrations.register(workshop.id, factories.person(lang="en").id, by=STAFF, now=NOW).id
    met: list[str] = []

    def lock(_connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO audit_entry"):
            met.append(statement)
            if len(met) == 1:
                raise OperationalError(statement, {}, sqlite3.OperationalError("database is locked"))

    listen(db.engine, "before_cursor_execute", lock)
    work(workshop.id, ids, mine)
    remove(db.engine, "before_cursor_execute", lock)
    assert (len(met), entries(f"workshop:{workshop.id}")[0].action) == (2, action)
