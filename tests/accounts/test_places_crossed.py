"""A place is confirmed while its person leaves the waiting list: both need the same two rows, and neither is to see it."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.accounts import places
from app.accounts.models import Affiliation
from app.database import db, transaction
from app.registrations import seats, service
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, hold_seats, registered
from tests.registrations.test_crossed import at_once


def test_a_place_confirmed_while_the_person_leaves_ends_well(app: Flask) -> None:
    umea = factories.organisation("SE")
    person = factories.person()
    full = factories.workshop(factories.network(umea), access="open", capacity=2)
    registered(full.id, umea, 1)
    hold_seats(full, umea, 1)
    mine = service.register(full.id, person.id, by=STAFF, now=NOW)
    assert mine.state == "waitlisted"
    with transaction():
        db.session.add(Affiliation(person_id=person.id, organisation_id=umea.id, role="member", starts_on=NOW.date()))
    person_id, umea_id, mine_id = person.id, umea.id, mine.id
    db.session.rollback()
    named, held = threading.Event(), threading.Event()

    class Meeting(seats.Guard):
        def lock(self, workshop_id: int) -> Workshop | None:
            found = super().lock(workshop_id)
            if threading.current_thread().name == "leaves" and not held.is_set():
                held.set()
                named.wait(1)
                time.sleep(0.3)  # PostgreSQL ends whoever has waited for longest: the one who confirms
            return found

    def written(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE registration SET organisation_id") and not named.is_set():
            named.set()

    app.extensions[seats.KEY] = Meeting()
    event.listen(db.engine, "after_cursor_execute", written)

    def leave() -> None:
        threading.current_thread().name = "leaves"
        service.cancel(mine_id, by=STAFF, now=LATER)

    def confirm() -> None:
        held.wait(1)
        places.confirm(person_id, umea_id, by=STAFF, now=LATER)

    assert at_once(app, [confirm, leave]) == ["done", "done"]
    db.session.expire_all()
    assert db.session.get_one(Registration, mine_id).state == "cancelled"
