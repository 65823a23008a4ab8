"""An expression of interest from its draft to the membership; what is refused is named, and nothing is half written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.accounts import staffing
from app.accounts.models import Affiliation, Invitation
from app.audit import queries as audit
from app.audit.service import person as actor
from app.database import db, transaction
from app.errors import Conflict, Missing, Refused
from app.membership.interest import accepting, deciding, joining, queries, rules, service, writing
from app.membership.interest.accepting import Decision
from app.membership.interest.models import Interest, InterestMessage
from app.membership.interest.service import Body
from app.membership.interest.steps import Begun
from app.organisations.models import NetworkMember, Organisation
from app.organisations.service import Values as Facts
from tests import factories
from tests.factories import NOW
from tests.membership.interest import made
from tests.membership.interest.made import NEW, World

CLOSED = datetime(2025, 4, 1, 6, 0, tzinfo=UTC)  # midnight in Guatemala
NIGHT = datetime(2025, 3, 4, 8, 0, tzinfo=UTC)  # in Guatemala, and morning in Sweden
TODAY = NOW.date()
XELA = Facts(
    "municipality", "GT", "Quetzaltenango", 14.8347, -91.5181, "America/Guatemala", dict.fromkeys(("sv", "es", "en"), "Quetzaltenango")
)


def number() -> int:
    return db.session.scalar(select(func.count()).select_from(Interest)) or 0


def mine(world: World) -> dict[str, Any]:
    return {"person_id": world.lucia.id, "by": actor(world.lucia), "now": NOW}


def test_a_draft_is_written_and_sent(app: Flask) -> None:
    assert app
    world = made.world()
    row = made.begun(world)
    assert (row.state, row.zone, made.mails()) == ("draft", "America/Guatemala", [])
    row = service.send(row.id, made.whole(world), row.version, lang="es", **mine(world))
    assert (row.state, row.sent_at, writing.values_of(row)) == ("sent", NOW, made.whole(world))
    assert [address for address, _subject in made.mails()] == ["network@icld.example", world.lucia.address]
    assert [entry.action for entry in audit.entries(f"interest:{row.id}", 5)] == ["interest.sent", "interest.begun"]


def test_a_closed_call_keeps_the_draft_and_sends_nothing(app: Flask) -> None:
    """The control: the same, a second earlier."""
    assert app
    world = made.world()
    row = made.begun(world)
    late = {**mine(world), "now": CLOSED}
    with pytest.raises(Refused, match="closed on 31 March 2025"):
        service.send(row.id, made.whole(world), row.version, lang="es", **late)
    assert (queries.get(row.id).state, queries.get(row.id).challenge) == ("draft", "")
    kept = service.save(row.id, made.whole(world), row.version, lang="es", **late)
    with pytest.raises(Refused, match="closed on"):
        service.start(world.network.id, NEW, lang="es", person_id=world.andres.id, by=actor(world.andres), now=CLOSED)
    service.send(row.id, made.whole(world), kept.version, lang="es", **{**late, "now": CLOSED - timedelta(seconds=1)})
    assert queries.get(row.id).state == "sent"


def test_what_is_missing_stands_beside_its_field_and_nothing_is_written(lite: Flask) -> None:
    assert lite
    world = made.world()
    row = made.begun(world)
    with pytest.raises(Refused) as refused:
        service.send(row.id, made.whole(world, challenge="", workshops=()), row.version, lang="es", **mine(world))
    assert set(refused.value.problems) == {"challenge", "why"}
    assert (queries.get(row.id).support, queries.get(row.id).colleagues, made.mails()) == ("", [], [])


BODIES: dict[str, tuple[Body, set[str]]] = {
    "nothing": (Body(), {"name", "country", "place"}),
    "no such organisation": (Body(999_999), {"organisation"}),
    "no such country": (Body(None, "X", "municipality", "XX", "X"), {"country"}),
    "no such kind": (Body(None, "X", "planet", "GT", "X"), {"kind"}),
    "too long": (Body(None, "X" * 201, "municipality", "GT", "X" * 121), {"name", "place"}),
}


@pytest.mark.parametrize("name", BODIES)
def test_who_they_are_must_be_said(lite: Flask, name: str) -> None:
    assert lite
    world = made.world()
    body, fields = BODIES[name]
    with pytest.raises(Refused) as refused:
        made.begun(world, body=body)
    assert (set(refused.value.problems), number()) == (fields, 0)


def test_who_is_a_member_already_is_told_so(lite: Flask) -> None:
    """Also by its name, in whatever way it is typed."""
    assert lite
    world = made.world()
    for body in (Body(world.umea.id), Body(None, world.umea.names["sv"].name.upper(), "municipality", "SE", "Umeå")):
        with pytest.raises(Refused, match="is a member of"):
            made.begun(world, body=body)
    assert number() == 0


@pytest.mark.parametrize("body", [None, NEW], ids=["known", "new"])
def test_two_of_one_municipality_meet(app: Flask, body: Body | None) -> None:
    assert app
    world = made.world()
    row = made.begun(world, body=body)
    other = body and Body(None, "QUETZALTENANGO", "municipality", "GT", "Xela")
    with pytest.raises(Begun):
        made.begun(world, world.andres, other)
    asked = joining.ask(world.network.id, other or Body(world.xela.id), person_id=world.andres.id, by=actor(world.andres), now=NOW)
    assert (asked.agreed_at, number()) == (None, 1)
    assert made.addresses("pide sumarse") == sorted([world.lucia.address, *([] if body else [world.malin.address])])
    for act in (service.withdraw, service.take_up):
        with pytest.raises(Missing):
            act(row.id, person_id=world.andres.id, by=actor(world.andres), now=NOW)
    joining.answer(row.id, asked.id, agree=True, **mine(world))
    service.save(row.id, made.whole(world), row.version, lang="es", person_id=world.andres.id, by=actor(world.andres), now=NOW)
    assert made.addresses("se ha sumado") == [world.andres.address]


def test_a_coordinator_joins_at_once_and_a_refused_one_may_ask_again(lite: Flask) -> None:
    assert lite
    world = made.world()
    row, body = made.begun(world), Body(world.xela.id)
    assert joining.ask(world.network.id, body, person_id=world.malin.id, by=actor(world.malin), now=NOW).agreed_at == NOW
    asked = joining.ask(world.network.id, body, person_id=world.andres.id, by=actor(world.andres), now=NOW)
    joining.answer(row.id, asked.id, agree=False, person_id=world.malin.id, by=actor(world.malin), now=NOW)
    assert queries.find_own(world.network.id, world.andres.id) is None
    again = joining.ask(world.network.id, body, person_id=world.andres.id, by=actor(world.andres), now=NOW)
    joining.leave(row.id, person_id=world.andres.id, by=actor(world.andres), now=NOW)
    with pytest.raises(Missing):
        joining.answer(row.id, again.id, agree=True, by=world.staff, now=NOW)


def test_who_asks_takes_it_back_and_asks_again_in_one_night_is_heard_of(lite: Flask) -> None:
    """One mail, since a day has no more of them."""
    assert lite
    world = made.world()
    row = made.begun(world, body=NEW)
    asks: dict[str, Any] = {"person_id": world.andres.id, "by": actor(world.andres), "now": NIGHT}
    joining.ask(world.network.id, NEW, **asks)
    joining.leave(row.id, **asks)
    joining.ask(world.network.id, NEW, **asks)
    assert made.waiting("pide sumarse") == [world.lucia.address]


def test_one_person_has_one_alive_and_begins_another_once_it_is_withdrawn(app: Flask) -> None:
    assert app
    world = made.world()
    row = made.begun(world)
    with pytest.raises(Refused, match="already"):
        made.begun(world, body=NEW)
    service.withdraw(row.id, **mine(world))
    second = made.begun(world)
    with pytest.raises(Begun):
        service.take_up(row.id, **mine(world))
    service.withdraw(second.id, **mine(world))
    assert service.take_up(row.id, **mine(world)).state == "draft"


def test_the_second_of_two_who_write_at_once_overwrites_nothing(app: Flask) -> None:
    assert app
    world = made.world()
    row = made.begun(world)
    seen = row.version
    service.save(row.id, made.whole(world), seen, lang="es", **mine(world))
    with pytest.raises(Conflict):
        service.save(row.id, made.whole(world, challenge="Other"), seen, lang="es", **mine(world))
    assert queries.get(row.id).challenge == "Few women speak in the council."


def test_what_it_said_before_is_kept_for_comparison_until_it_is_a_draft_again(lite: Flask) -> None:
    assert lite
    world = made.world()
    row = made.sent(world)
    assert row.before is None
    row = deciding.ask(row.id, {"es": "¿Quiénes?"}, version=row.version, by=world.staff, now=NOW)
    row = service.save(row.id, made.whole(world, politicians=None, partner_id=world.umea.id), row.version, lang="es", **mine(world))
    db.session.expire_all()
    assert writing.read(row.before or {}) == made.whole(world)
    service.withdraw(row.id, **mine(world))
    assert service.take_up(row.id, **mine(world)).before is None


def test_staff_ask_and_get_an_answer_after_the_call_too(app: Flask) -> None:
    assert app
    world = made.world()
    row = made.sent(world)
    row = deciding.ask(row.id, {"sv": "Vem?", "es": "¿Quiénes?"}, version=row.version, by=world.staff, now=NOW)
    assert (row.state, [one.words for one in row.messages]) == ("asked", ["¿Quiénes?"])
    row = service.send(row.id, made.whole(world, politicians=3), row.version, lang="es", **{**mine(world), "now": CLOSED})
    assert (row.state, row.sent_at, row.politicians) == ("sent", NOW, 3)
    with pytest.raises(Conflict):
        service.save(row.id, made.whole(world), row.version, lang="es", **mine(world))


@pytest.mark.parametrize("then", ["answer", "accept", "decline", "nothing"])
def test_a_question_that_needs_no_answer_any_more_is_not_mailed_in_the_morning(lite: Flask, then: str) -> None:
    """The control: nothing has happened since."""
    assert lite
    world = made.world()
    row = made.sent(world)
    row = deciding.ask(row.id, {"es": "¿Quiénes?"}, version=row.version, by=world.staff, now=NIGHT)
    if then == "answer":
        service.send(row.id, made.whole(world, officials=2), row.version, lang="es", **{**mine(world), "now": NIGHT})
    elif then == "accept":
        accepting.accept(row.id, Decision(TODAY), version=row.version, by=world.staff, now=NIGHT)
    elif then == "decline":
        deciding.decline(row.id, {"es": "No"}, version=row.version, by=world.staff, now=NIGHT)
    assert made.waiting("Nos gustaría saber más") == ([world.lucia.address] if then == "nothing" else [])


@pytest.mark.parametrize("then", ["withdraw", "decline", "nothing"])
def test_nobody_is_asked_in_the_morning_to_let_somebody_join_what_is_over(lite: Flask, then: str) -> None:
    """The control: it is not over."""
    assert lite
    world = made.world()
    row = made.sent(world, body=NEW)
    joining.ask(world.network.id, NEW, person_id=world.andres.id, by=actor(world.andres), now=NIGHT)
    if then == "withdraw":
        service.withdraw(row.id, **{**mine(world), "now": NIGHT})
    elif then == "decline":
        deciding.decline(row.id, {"es": "No"}, version=row.version, by=world.staff, now=NIGHT)
    assert made.waiting("pide sumarse") == ([world.lucia.address] if then == "nothing" else [])


def test_however_much_they_write_staff_can_answer(lite: Flask) -> None:
    assert lite
    world = made.world()
    row = made.sent(world)
    with transaction():
        row.messages += [InterestMessage(side="applicant", author="L", lang="es", words="¿?", at=NOW) for _n in range(rules.MOST_MESSAGES)]
    with pytest.raises(Refused, match="messages already"):
        service.write(row.id, "¿Y?", lang="es", **mine(world))
    assert deciding.decline(row.id, {"es": "No"}, version=queries.get(row.id).version, by=world.staff, now=NOW).state == "declined"


def test_it_is_declined_with_a_reason_and_taken_up_again(lite: Flask) -> None:
    assert lite
    world = made.world()
    row = made.sent(world)
    with pytest.raises(Refused):
        deciding.decline(row.id, {}, version=row.version, by=world.staff, now=NOW)
    row = deciding.decline(row.id, {"es": "Este año no hay cupo."}, version=row.version, by=world.staff, now=NOW)
    assert (row.state, row.reason, row.decided_by) == ("declined", "Este año no hay cupo.", "Karin Ahlqvist")
    with pytest.raises(Conflict):
        accepting.accept(row.id, Decision(TODAY), version=row.version, by=world.staff, now=NOW)
    assert deciding.take_up(row.id, version=row.version, by=world.staff, now=NOW).state == "sent"


def test_both_sides_write_and_notes_stay_with_the_staff(lite: Flask) -> None:
    assert lite
    world = made.world()
    row = made.begun(world)
    with pytest.raises(Conflict):
        service.write(row.id, "Hola", lang="es", **mine(world))
    row = service.send(row.id, made.whole(world), row.version, lang="es", **mine(world))
    deciding.assign(row.id, world.karin.id, by=world.staff, now=NOW)
    service.write(row.id, "Hola", lang="es", **mine(world))
    deciding.write(row.id, "Buenos días", lang="es", by=world.staff, now=NOW)
    deciding.note(row.id, "Ring först.", lang="sv", by=world.staff, now=NOW)
    assert [one.side for one in queries.get(row.id).messages] == ["applicant", "staff", "note"]
    assert made.addresses("Nyheter om") == [world.karin.address]
    with pytest.raises(Refused):
        deciding.assign(row.id, world.lucia.id, by=world.staff, now=NOW)
    with pytest.raises(Missing):
        service.write(row.id, "Hola", lang="es", person_id=world.andres.id, by=actor(world.andres), now=NOW)


def test_accepting_makes_a_member_a_coordinator_and_invitations(app: Flask) -> None:
    assert app
    world = made.world()
    row = made.sent(world)
    joined = joining.ask(world.network.id, Body(world.xela.id), person_id=world.andres.id, by=actor(world.andres), now=NOW)
    joining.answer(row.id, joined.id, agree=True, by=world.staff, now=NOW)
    row = accepting.accept(row.id, Decision(TODAY), version=row.version, by=world.staff, now=NOW)
    assert (row.state, queries.is_member(world.network.id, world.xela.id, TODAY)) == ("accepted", True)
    assert accounts.is_coordinator(world.lucia, TODAY, world.xela.id)
    assert (accounts.belongs(world.andres.id, world.xela.id, TODAY), accounts.is_coordinator(world.andres, TODAY)) == (True, False)
    invited = db.session.execute(select(Invitation.address, Invitation.organisation_id, Invitation.lang, Invitation.invited_by)).all()
    assert [tuple(one) for one in invited] == [("ana@xela.example", world.xela.id, "es", "Lucía Chavajay")]
    assert made.addresses("Les damos la bienvenida") == sorted([world.lucia.address, world.andres.address])
    with pytest.raises(Conflict):
        accepting.accept(row.id, Decision(TODAY), version=row.version, by=world.staff, now=NOW)


def test_a_new_municipality_is_founded_with_what_staff_confirm(app: Flask) -> None:
    assert app
    world = made.world()
    row = made.sent(world, body=NEW)
    row = accepting.accept(row.id, Decision(TODAY, facts=XELA), version=row.version, by=world.staff, now=NOW)
    assert row.organisation is not None
    assert (row.organisation.slug, row.organisation.latitude, row.whose) == (
        "quetzaltenango",
        14.8347,
        f"organisation:{row.organisation.id}",
    )
    assert accounts.is_coordinator(world.lucia, TODAY, row.organisation.id)


def test_staff_may_say_that_it_is_one_of_the_list(lite: Flask) -> None:
    assert lite
    world = made.world()
    row = made.sent(world, body=NEW)
    row = accepting.accept(row.id, Decision(TODAY, same_as=world.xela.id), version=row.version, by=world.staff, now=NOW)
    assert row.organisation_id == world.xela.id


def test_who_is_accepted_before_the_network_begins_is_a_member_from_its_first_day(lite: Flask) -> None:
    """And is told so by then: nobody asks a second time."""
    assert lite
    world = made.world()
    row = made.sent(world)
    first = TODAY + timedelta(days=90)
    with transaction():
        world.network.starts_on = first
    with pytest.raises(Refused, match="begins on"):
        accepting.accept(row.id, Decision(first + timedelta(days=1)), version=row.version, by=world.staff, now=NOW)
    accepting.accept(row.id, Decision(first), version=row.version, by=world.staff, now=NOW)
    joined = select(NetworkMember.joined_on).where(NetworkMember.organisation_id == world.xela.id)
    assert db.session.scalars(joined).all() == [first]
    with pytest.raises(Refused, match="is a member of"):
        made.begun(world, world.andres)


def test_who_has_left_is_a_member_again_from_a_later_day_alone(lite: Flask) -> None:
    """The control: the day after it left."""
    assert lite
    world = made.world()
    row = made.sent(world)
    left = TODAY - timedelta(days=5)
    with transaction():
        db.session.add(NetworkMember(network=world.network, organisation=world.xela, joined_on=date(2024, 3, 1), left_on=left))
    with pytest.raises(Refused) as refused:
        accepting.accept(row.id, Decision(left), version=row.version, by=world.staff, now=NOW)
    assert (set(refused.value.problems), queries.get(row.id).state) == ({"on"}, "sent")
    accepting.accept(row.id, Decision(left + timedelta(days=1)), version=row.version, by=world.staff, now=NOW)
    assert queries.is_member(world.network.id, world.xela.id, TODAY)


WRONG: dict[str, tuple[Decision, str]] = {
    "nothing confirmed": (Decision(TODAY), "same_as"),
    "no such organisation": (Decision(TODAY, same_as=999_999), "same_as"),
    "before the network": (Decision(date(2023, 12, 31), facts=XELA), "on"),
    "in the future": (Decision(TODAY + timedelta(days=1), facts=XELA), "on"),
    "a clock elsewhere": (Decision(TODAY, facts=Facts(**{**vars(XELA), "zone": "Europe/Stockholm"})), "zone"),
    "no name in Spanish": (Decision(TODAY, facts=Facts(**{**vars(XELA), "names": {**XELA.names, "es": ""}})), "name_es"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_accepted_changes_nothing(lite: Flask, name: str) -> None:
    assert lite
    world = made.world()
    row = made.sent(world, body=NEW)
    decision, field = WRONG[name]
    before = db.session.scalar(select(func.count()).select_from(Organisation))
    with pytest.raises(Refused) as refused:
        accepting.accept(row.id, decision, version=row.version, by=world.staff, now=NOW)
    assert field in refused.value.problems
    assert (queries.get(row.id).state, db.session.scalar(select(func.count()).select_from(Organisation))) == ("sent", before)
    mine = select(func.count()).select_from(Affiliation).where(Affiliation.person_id == world.lucia.id)
    assert db.session.scalar(mine) == 0


def test_the_same_answer_to_many_leaves_alone_what_is_decided(app: Flask) -> None:
    assert app
    world = made.world()
    first = made.sent(world)
    second = made.sent(world, world.andres, NEW)
    service.withdraw(second.id, person_id=world.andres.id, by=actor(world.andres), now=NOW)
    with pytest.raises(Refused):
        deciding.answer_many([first.id], "ask", {"sv": ""}, by=world.staff, now=NOW)
    said = {"sv": "Skriv mer.", "es": "", "en": "Write more."}
    assert deciding.answer_many([first.id, second.id, 999_999], "ask", said, by=world.staff, now=NOW) == (1, [second.id, 999_999])
    assert [(one.words, one.lang) for one in queries.get(first.id).messages] == [("Skriv mer.", "sv")]


def test_a_closed_account_asks_for_nothing_and_withdraws_what_was_its_alone(app: Flask) -> None:
    assert app
    world = made.world()
    row, body = made.sent(world), Body(world.xela.id)
    joining.ask(world.network.id, body, person_id=world.andres.id, by=actor(world.andres), now=NOW)
    staffing.disable(world.andres.id, by=world.staff, now=NOW)
    assert (queries.get(row.id).state, len(queries.get(row.id).people)) == ("sent", 1)
    joining.ask(world.network.id, body, person_id=world.malin.id, by=actor(world.malin), now=NOW)
    staffing.disable(world.lucia.id, by=world.staff, now=NOW)
    assert queries.get(row.id).state == "sent"
    staffing.disable(world.malin.id, by=world.staff, now=NOW)
    assert queries.get(row.id).state == "withdrawn"


def test_nobody_with_an_open_account_means_no_membership(lite: Flask) -> None:
    assert lite
    world = made.world()
    row = made.sent(world)
    other = factories.person(world.xela, "coordinator")
    joining.ask(world.network.id, Body(world.xela.id), person_id=other.id, by=actor(other), now=NOW)
    staffing.disable(world.lucia.id, by=world.staff, now=NOW)
    row = accepting.accept(row.id, Decision(TODAY), version=queries.get(row.id).version, by=world.staff, now=NOW)
    assert (row.state, accounts.is_coordinator(other, TODAY, world.xela.id)) == ("accepted", True)


def test_who_still_asks_to_join_asks_the_new_member_once_it_is_accepted(app: Flask) -> None:
    assert app
    world = made.world()
    row = made.sent(world)
    joining.ask(world.network.id, Body(world.xela.id), person_id=world.andres.id, by=actor(world.andres), now=NOW)
    accepting.accept(row.id, Decision(TODAY), version=row.version, by=world.staff, now=NOW)
    asked = accounts.find_asked(world.andres.id)
    assert (asked and asked.organisation_id, queries.find_own(world.network.id, world.andres.id)) == (world.xela.id, None)


def accept(world: World, row: Interest) -> None:
    accepting.accept(row.id, Decision(TODAY), version=row.version, by=world.staff, now=NOW)


def decline(world: World, row: Interest) -> None:
    deciding.decline(row.id, {"es": "No"}, version=row.version, by=world.staff, now=NOW)


def rest(_world: World, row: Interest) -> None:
    with transaction():
        db.session.get_one(Interest, row.id).state = "draft"


@pytest.mark.parametrize(("act", "kept"), [(accept, 90), (decline, 90), (rest, 365)])
def test_whom_a_municipality_had_named_is_forgotten_after_a_while(app: Flask, act: Callable[[World, Interest], None], kept: int) -> None:
    """The control: one that waits keeps them."""
    assert app
    world = made.world()
    row, other = made.sent(world), made.sent(world, world.andres, NEW)
    for one in (row, other):
        deciding.ask(one.id, {"es": "¿Quiénes?"}, version=None, by=world.staff, now=NOW)
    act(world, row)
    later = NOW + timedelta(days=kept)
    assert (deciding.forget(now=later), deciding.forget(now=later + timedelta(seconds=1))) == (0, 1)
    assert (len(queries.get(row.id).colleagues), len(queries.get(other.id).colleagues)) == (0, 1)
    db.session.expire_all()
    assert (queries.get(row.id).before, "ana@xela.example" in str(queries.get(other.id).before)) == (None, True), (
        "nor in what it said before"
    )
