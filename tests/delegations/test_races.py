"""Several processes and one seat that is handed on. The control puts a lock with a hole in the guard's place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.audit.service import Actor
from app.database import db
from app.delegations.colleagues import Colleague
from app.delegations.substitutes import substitute
from app.errors import Busy, Refused
from app.outbox.models import Message
from app.registrations import queries, seats, service
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.test_races import CROWD, fork, in_processes

pytestmark = pytest.mark.timeout(3600)
LEAD = Actor("lead", "Lead")
Round = tuple[int, int, list[int], int]  # the workshop, the seat, the colleagues, who waits


class Unlocked(seats.Guard):
    """The control: reads the workshop and holds nobody up."""

    def lock(self, workshop_id: int) -> Workshop | None:
        return db.session.get(Workshop, workshop_id, populate_existing=True)


def prepared(rounds: int) -> list[Round]:
    """As many full workshops of one seat, each with two colleagues who do not come yet and one who waits."""
    ours = factories.organisation("SE")
    network, made = factories.network(ours), []
    for _round in range(rounds):
        workshop_id = factories.workshop(network, capacity=1).id
        mine, waits = (service.register(workshop_id, factories.person(ours).id, by=CROWD, now=NOW).id for _n in range(2))
        made.append((workshop_id, mine, [factories.person(ours).id for _n in range(2)], waits))
    db.session.remove()
    db.engine.dispose()
    return made


def tried(work: object) -> str:
    """What became of one attempt; an error is left to the process, which reports it."""
    assert callable(work)
    while True:
        try:
            work()
        except Refused:
            return "refused"
        except Busy:
            continue
        return "done"


def seated(workshop_id: int) -> list[int]:
    """Who has the seat; as the workshop counts it, there is exactly one."""
    db.session.expire_all()
    rows = [row for row in queries.of_workshop(workshop_id) if row.holds_seat]
    assert db.session.get_one(Workshop, workshop_id).taken == len(rows) == 1
    assert [row.state for row in rows] == ["confirmed"]
    return [row.id for row in rows]


def lines(action: str) -> Counter[str]:
    """How many such lines the audit has, by workshop."""
    wanted = select(AuditEntry.topic, func.count()).where(AuditEntry.action == action).group_by(AuditEntry.topic)
    return Counter({topic: number for topic, number in db.session.execute(wanted)})


def mails(kind: str) -> int:
    """How many mails of a kind were written."""
    return db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == kind)) or 0


def test_one_seat_is_handed_on_once(app: Flask, database_url: str, tmp_path: Path, full: bool) -> None:
    assert app
    made, processes = prepared(50 if full else 6), 8 if full else 2
    turn = [fork.Barrier(processes) for _one in made]

    def work(_app: Flask, index: int) -> list[str]:
        said = []
        for number, (_workshop, seat, colleagues, _waits) in enumerate(made):
            named = Colleague(person_id=colleagues[index % 2])
            turn[number].wait(600)
            said.append(tried(lambda seat=seat, named=named: substitute(seat, named, who="coordinator", by=LEAD, now=NOW)))
        return said

    said = in_processes(database_url, str(tmp_path), processes, work)
    assert said == {"done": len(made), "refused": (processes - 1) * len(made)}
    for workshop_id, seat, colleagues, waits in made:
        (now_there,) = seated(workshop_id)
        assert queries.get(now_there).person_id in colleagues
        assert (queries.get(seat).state, queries.get(waits).state) == ("cancelled", "waitlisted")
    assert lines("registration.substituted") == {f"workshop:{one[0]}": 1 for one in made}
    assert mails("cancelled_seat") == len(made)


def test_handing_on_and_leaving_at_once_is_one_of_both(app: Flask, database_url: str, tmp_path: Path, full: bool) -> None:
    assert app
    made = prepared(50 if full else 6)
    turn = [fork.Barrier(2) for _one in made]

    def work(_app: Flask, index: int) -> list[str]:
        said = []
        for number, (_workshop, seat, colleagues, _waits) in enumerate(made):
            named = Colleague(person_id=colleagues[0])
            turn[number].wait(600)
            if index:
                said.append("left " + tried(lambda seat=seat: service.cancel(seat, by=CROWD, now=NOW)))
            else:
                said.append("handed " + tried(lambda seat=seat, named=named: substitute(seat, named, who="coordinator", by=LEAD, now=NOW)))
        return said

    said = in_processes(database_url, str(tmp_path), 2, work)
    assert said["left done"] == len(made)  # leaving what one has not any more is fine
    handed, left = lines("registration.substituted"), lines("registration.cancelled")
    assert handed + left == {f"workshop:{one[0]}": 1 for one in made}
    assert (handed.total(), left.total()) == (said["handed done"], said["handed refused"])
    for workshop_id, seat, colleagues, waits in made:
        (now_there,) = seated(workshop_id)
        if f"workshop:{workshop_id}" in handed:
            assert queries.get(now_there).person_id == colleagues[0]
        else:
            assert now_there == waits
        assert queries.get(seat).state == "cancelled"
    assert mails("promotion") == left.total()


def test_the_control_without_the_lock_gives_one_seat_to_two(app: Flask, database_url: str, tmp_path: Path) -> None:
    """Each looks at the seat before the other has written; only PostgreSQL lets two write at once."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    made = prepared(6)
    turn = [fork.Barrier(2) for _one in made]

    def work(inner: Flask, index: int) -> list[str]:
        inner.extensions[seats.KEY] = Unlocked()
        said = []
        for number, (_workshop, seat, colleagues, _waits) in enumerate(made):
            named = Colleague(person_id=colleagues[index])
            turn[number].wait(600)
            said.append(tried(lambda seat=seat, named=named: substitute(seat, named, who="coordinator", by=LEAD, now=NOW)))
        return said

    in_processes(database_url, str(tmp_path), 2, work)
    db.session.expire_all()
    wanted = select(func.count()).select_from(Registration).where(Registration.holds_seat).group_by(Registration.workshop_id)
    assert max(db.session.scalars(wanted)) == 2
