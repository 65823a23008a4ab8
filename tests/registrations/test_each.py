"""What the scheduler does to many: one that fails keeps nobody else waiting, and a database that is busy ends the round."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import Person
from app.database import db, transaction
from app.errors import Busy
from app.registrations import seats
from app.registrations.coming import service as coming
from app.registrations.each import one_by_one
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.registrations.made import LATER, STAFF, edit, published, registered


def renamed(number: int) -> bool:
    """Gives somebody another name; one of them cannot have one, which is seen only after it was written."""
    with transaction():
        person = db.session.get_one(Person, number)
        person.name = "Another"
        db.session.flush()
        if person.lang == "es":
            raise ValueError(number)
        return person.lang == "sv"


def names(*people: int) -> list[bool]:
    db.session.expire_all()
    return [db.session.get_one(Person, one).name == "Another" for one in people]


def test_one_that_fails_is_written_down_and_keeps_nobody_else(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    assert app
    first, broken, nothing, last = (factories.person(lang=lang).id for lang in ("sv", "es", "en", "sv"))
    assert one_by_one([first, broken, nothing, last], renamed, "number %s could not have another name") == 2
    assert names(first, broken, nothing, last) == [True, False, True, True]
    assert [record.getMessage() for record in caplog.records] == [f"number {broken} could not have another name"]


def test_a_busy_database_ends_the_round(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.config["LOCK_SECONDS"] = 0
    seen: list[int] = []

    def busy(number: int) -> bool:
        seen.append(number)
        raise Busy

    with pytest.raises(Busy):
        one_by_one([1, 2], busy, "%s")
    assert (set(seen), caplog.records) == ({1}, [])


class OnceBusy(seats.Guard):
    """The first who comes meets a deadlock."""

    met = False

    def lock(self, workshop_id: int) -> Workshop | None:
        if not self.met:
            self.met = True
            raise Busy
        return super().lock(workshop_id)


def test_a_deadlock_does_not_lose_the_answer_that_somebody_comes(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    [mine] = registered(workshop.id, umea)
    edit(workshop.id, days=1)
    app.extensions[seats.KEY] = OnceBusy()
    coming.say_yes(mine, by=STAFF, now=LATER)
    assert db.session.get_one(Registration, mine).answered_at == LATER
