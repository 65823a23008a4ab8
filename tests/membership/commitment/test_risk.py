"""Whoever can still close a half that is at risk is written to: once, in the own language, by day, and not before it is so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.stopping import stop_path
from app.database import db, transaction
from app.errors import Refused
from app.membership import queries
from app.membership.commitment import risk
from app.membership.models import CommitmentRule
from app.organisations.models import NetworkMember
from app.outbox.models import Message
from app.reminders.preferences import service as preferences
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF, World

DAY = NOW + timedelta(hours=3)  # by day in Sweden and in Guatemala


def mails() -> Sequence[Message]:
    db.session.expire_all()
    wanted = select(Message).where(Message.kind == "commitment", Message.state != "superseded")
    return db.session.scalars(wanted.order_by(Message.created_at, Message.recipient)).all()


def with_one_left(world: World) -> None:
    """One workshop in Sweden is left, and everybody has been to Latin America."""
    factories.workshop(world.network, date(2025, 9, 16), country="SE", title="Last")
    made.waived(world.rule, world.umea, "latin_america", "Hosts")
    made.waived(world.rule, world.bogota, "latin_america", "Hosts")
    made.waived(world.rule, world.panajachel, "latin_america", "Hosts")


def test_coordinators_hear_of_it_once(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    assert (risk.remind(now=DAY), risk.remind(now=DAY), risk.remind(now=DAY + timedelta(days=9))) == (1, 0, 0)
    (mail,) = mails()
    assert mail.body is not None
    text = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (mail.recipient, mail.lang) == (world.lucia.address, "es")
    assert "Last (es)" in text
    assert "/es/workshops/" in text


def test_nobody_hears_of_it_while_there_is_time(app: Flask) -> None:
    assert app
    world = made.world()
    for month in (9, 10):
        factories.workshop(world.network, date(2025, month, 16), country="SE")
        factories.workshop(world.network, date(2025, month, 20), country="CO")
    assert risk.remind(now=DAY) == 0
    assert risk.remind(now=DAY + timedelta(days=170)) == 0  # the second closes in October: from September on it is tight
    assert risk.remind(now=datetime(2025, 9, 25, 16, tzinfo=NOW.tzinfo)) == 1


def test_nobody_is_woken(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    night = NOW.replace(hour=8)  # two in the morning in Panajachel
    assert (risk.remind(now=night), risk.remind(now=night.replace(hour=14))) == (0, 1)


def test_whoever_has_taken_a_seat_is_not_written_to(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    last = next(iter(queries.progress_of(world.rule, [world.umea], NOW)[0].workshops))
    made.registered(db.session.get_one(Workshop, last), world.andres)
    assert risk.remind(now=DAY) == 0


def test_where_each_person_is_asked_each_who_lacks_it_hears(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    with transaction():
        world.rule.scope = "person"
    assert risk.remind(now=DAY) == 3
    assert {mail.recipient for mail in mails()} == {world.lucia.address, world.andres.address, world.malin.address}


def test_staff_write_to_those_they_looked_at_once_a_day(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    seen = risk.sight(risk.concerned(queries.get_rule(world.rule.id), DAY))
    assert risk.write(world.rule.id, seen=seen, by=STAFF, now=DAY) == 1
    assert risk.write(world.rule.id, seen=seen, by=STAFF, now=DAY + timedelta(minutes=1)) == 0
    with pytest.raises(Refused):
        risk.write(world.rule.id, seen="others", by=STAFF, now=DAY)
    assert len(mails()) == 1


def test_two_commitments_are_one_mail_with_one_click_to_stop_its_kind(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    with transaction():
        second = CommitmentRule(network_id=world.network.id, starts_on=date(2025, 2, 1), ends_on=date(2025, 12, 31), scope="person")
        db.session.add(second)
    made.waived(second, world.panajachel, "latin_america", "Hosts")
    made.waived(second, world.umea, "latin_america", "Hosts")
    assert (risk.remind(now=DAY), risk.remind(now=DAY + timedelta(hours=1))) == (3, 0)
    (both,) = [mail for mail in mails() if mail.recipient == world.lucia.address]
    assert len(both.items) == 2
    head = message_from_bytes(both.body or b"", policy=policy.default)
    assert (head["Subject"], head["List-Unsubscribe"], head["List-Unsubscribe-Post"]) == (
        "2 compromisos están en riesgo",
        f"<http://127.0.0.1:5000{stop_path(world.lucia.id, 'commitment')}>",
        "List-Unsubscribe=One-Click",
    )


def test_who_wants_no_such_mail_gets_none_from_staff_either_and_what_waits_is_taken_back(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    assert risk.remind(now=DAY) == 1
    preferences.switch(world.lucia.id, "commitment", on=False, now=DAY)
    assert [mail.state for mail in mails()] == ["cancelled"]
    assert risk.concerned(queries.get_rule(world.rule.id), DAY) == []
    assert risk.remind(now=DAY + timedelta(hours=1)) == 0


@pytest.mark.parametrize(("hours", "state", "left"), [(3, "pending", 0), (2, "pending", 1), (3, "sending", 1)])
def test_what_waits_for_hours_goes_only_if_it_is_still_so(app: Flask, hours: int, state: str, left: int) -> None:
    """What a worker has in hand is left to it."""
    assert app
    world = made.world()
    with_one_left(world)
    risk.remind(now=DAY)
    with transaction() as session:
        session.execute(update(Message).values(state=state, token="somebody:1" if state == "sending" else None))
    made.registered(db.session.scalars(select(Workshop)).one(), world.andres)
    assert risk.remind(now=DAY + timedelta(hours=hours)) == 0
    assert len(mails()) == left


def test_what_is_written_anew_keeps_its_keys_and_its_message_id_and_staffs_own_too(app: Flask) -> None:
    assert app
    world = made.world()
    with_one_left(world)
    risk.remind(now=DAY)
    (first,) = mails()
    before = first.message_id, [item.dedupe for item in first.items]
    seen = risk.sight(risk.concerned(queries.get_rule(world.rule.id), DAY))
    risk.write(world.rule.id, seen=seen, by=STAFF, now=DAY)
    for hour in range(3, 5):
        risk.remind(now=DAY + timedelta(hours=hour))
    again = {mail.message_id: [item.dedupe for item in mail.items] for mail in mails()}
    assert (len(again), again[before[0]]) == (2, before[1])
    assert {mail.created_at for mail in mails()} == {DAY + timedelta(hours=3)}


def test_as_many_statements_for_thirty_members_as_for_three(app: Flask) -> None:
    world = made.world()
    with_one_left(world)

    def statements() -> int:
        db.session.expire_all()
        rule = queries.get_rule(world.rule.id)
        with counted(app) as seen:
            risk.concerned(rule, DAY)
        return len(seen)

    few = statements()
    for _number in range(10):
        newcomer = factories.organisation("SE")
        factories.person(newcomer, "coordinator")
        with transaction():
            world.network.members.append(NetworkMember(organisation=newcomer, joined_on=date(2024, 1, 1)))
    assert statements() == few
