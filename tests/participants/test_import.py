"""A list of people is looked at, then registered whole or not at all, and nobody twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Affiliation
from app.accounts.queries import find_by_address
from app.database import db, transaction
from app.errors import Refused
from app.languages import language, using
from app.organisations.models import Organisation
from app.participants.importing import rows, service
from app.registrations import letters, queries
from app.registrations.listing import queries as listing
from app.registrations.listing.filters import Filter
from app.workshops import queries as workshops
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.questions.made import asked
from tests.registrations.made import LATER, STAFF, hold_seats, kinds, registered, waiting, words

ONE_OF = "Write one of these, or leave it empty:"
Clock = Callable[[datetime], Any]


def test_people_get_seats_in_the_files_order_and_a_mail_and_nobody_comes_twice(umea: Organisation, workshop: Workshop) -> None:
    (there,) = registered(workshop.id, umea)
    address = queries.get(there).person.address.upper()
    head = "Namn;E-post;Kommun;Språk;Roll\n"
    text = f"{head}Åsa;asa@there.example;{umea.name};svenska;politiker\nBo;bo@there.example;;;\nSame;{address};;;"
    assert [row.there for row in service.look(workshop.id, text)] == [False, False, True]
    made = service.bring_in(workshop.id, text, by=STAFF, now=LATER)
    assert [(one.person.name, one.state, one.organisation_id) for one in made] == [
        ("Åsa", "confirmed", umea.id),
        ("Bo", "waitlisted", None),
    ]
    assert (made[0].lang, made[0].person.kind, workshops.get(workshop.id).taken) == ("sv", "politician", 2)
    assert sorted(kinds()) == ["confirmation", "confirmation", "waiting"]
    assert any("Karin har anmält dig." in words(mail) for mail in waiting("confirmation"))
    assert not any("frågor" in words(mail) for mail in waiting())
    assert service.bring_in(workshop.id, text, by=STAFF, now=LATER) == []


def test_who_belongs_somewhere_comes_from_there_though_the_file_does_not_say_it(umea: Organisation, workshop: Workshop) -> None:
    """So that a seat that is held there is used, and nobody waits beside an empty one."""
    hold_id = hold_seats(workshop, umea, 2)
    other = factories.organisation("CO")
    mine, guest = factories.person(umea), factories.person()
    with transaction():
        db.session.add(Affiliation(person=mine, organisation=other, role="member", starts_on=NOW.date(), confirmed_at=NOW))
    text = f"name;e-mail\nA;{mine.address}\nB;{guest.address}"
    made = {one.person_id: one for one in service.bring_in(workshop.id, text, by=STAFF, now=LATER)}
    seat = made[mine.id]
    assert (seat.state, seat.organisation_id, seat.hold_id) == ("confirmed", umea.id, hold_id)
    assert (made[guest.id].state, made[guest.id].organisation_id) == ("waitlisted", None)
    assert workshops.get(workshop.id).taken == 2


def test_imported_people_read_who_registered_them_and_that_their_answers_are_awaited(workshop: Workshop, clock: Clock, app: Flask) -> None:
    asked(workshop, "Do you stay overnight?", required=True)
    text = "name;e-mail;language\nÅsa;asa@there.example;sv\nBo;bo@there.example;en\nCy;cy@there.example;es"
    made = service.bring_in(workshop.id, text, by=STAFF, now=LATER)
    mails = {mail.lang: words(mail) for mail in waiting()}
    assert "Karin har anmält dig. Om du inte vill komma" in mails["sv"]
    assert "Svara på workshoppens frågor via knappen." in mails["sv"]
    assert "Please answer the workshop's questions behind the button." in mails["en"]
    assert "Responda las preguntas del taller con el botón." in mails["es"], "on the waiting list too"
    assert letters.manage_path(made[0]) in mails["sv"]
    with clock(LATER):
        page = app.test_client().get(f"{letters.manage_path(made[1])}").get_data(as_text=True)
    assert ("You have not answered any question." in page, "Answer the questions" in page) == (True, True)
    missing = listing.page(workshop.id, Filter(answers="missing"), size=30, after=0)
    assert [row.registration.id for row in missing] == [one.id for one in made]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (";a@there.example;;;", ("Name", "Enter a name of at most 200 characters, on one line")),
        ("A;nonsense;;;", ("E-mail", "Enter one address, such as name@municipality.se")),
        ("A;a@there.example;Nowhere;;", ("Organisation", "“Nowhere” is not known here.")),
        (
            "A;a@there.example;;klingon;",
            ("Language", f"“klingon” is not known here. {ONE_OF} Swedish, Spanish and English"),
        ),
        ("A;FIRST@there.example;;;", ("E-mail", "The same address stands in line 2.")),
    ],
)
def test_one_wrong_row_keeps_everybody_out(workshop: Workshop, row: str, wrong: tuple[str, str]) -> None:
    text = f"name;e-mail;organisation;language;role\nFirst;first@there.example;;;\n{row}"
    assert [one.wrong for one in service.look(workshop.id, text)] == [[], [wrong]]
    with pytest.raises(Refused, match="Nothing was imported"):
        service.bring_in(workshop.id, text, by=STAFF, now=LATER)
    assert (queries.counts(workshop.id), find_by_address("first@there.example"), kinds()) == ({}, None, [])


def test_the_page_shows_each_row_before_and_registers_with_one_press(workshop: Workshop, clock: Clock, app: Flask) -> None:
    client = app.test_client()
    assert isinstance(client, Visitor)
    door = f"/en/staff/workshops/{workshop.id}/participants/import"
    with clock(LATER):
        client.signed_in(factories.person(staff="officer", lang="en"))
        empty = client.post(door, data={})
        titles = client.post(door, data={"pasted": "Titel\nA"})
        look = client.post(door, data={"pasted": "name,e-mail\nAna,ana@there.example"}).get_data(as_text=True)
        assert queries.counts(workshop.id) == {}
        packed = look.partition('name="packed"')[2].partition('value="')[2].partition('"')[0]
        done = client.post(door, data={"packed": packed}, follow_redirects=True).get_data(as_text=True)
    assert (empty.status_code, titles.status_code) == (422, 422)
    assert "a name and an e-mail address are needed" in titles.get_data(as_text=True)
    assert ("One person will be registered." in look, "Register one person and tell" in look) == (True, True)
    assert ("One person is registered." in done, "Ana" in done) == (True, True)


def test_whom_staff_bring_in_for_a_municipality_sits_on_its_held_seats(umea: Organisation, workshop: Workshop) -> None:
    """Staff have said so, as a coordinator does: else a seat stays empty that is held for just these people, and they wait."""
    hold_id = hold_seats(workshop, umea, 2)
    made = service.bring_in(workshop.id, f"name;e-mail;municipality\nA;a@new.example;{umea.name}", by=STAFF, now=LATER)
    assert [(one.state, one.hold_id, one.vouched) for one in made] == [("confirmed", hold_id, True)]


def test_rows_seen_to_be_wrong_can_be_left_out_and_no_others(app: Flask, workshop: Workshop, clock: Clock) -> None:
    text = "name;e-mail;role\nAna;ana@there.example;\nBo;bo@there.example;king"

    (good, bad) = service.look(workshop.id, text)
    with pytest.raises(Refused):
        service.bring_in(workshop.id, text, by=STAFF, now=LATER, leave_out=[good.line])
    made = service.bring_in(workshop.id, text, by=STAFF, now=LATER, leave_out=[bad.line])

    assert [one.person.name for one in made] == ["Ana"]
    assert bad.wrong == [("Role", "“king” is not known here. Write one of these, or leave it empty: Official and Politician")]


def test_the_page_offers_to_leave_out_what_is_wrong(app: Flask, workshop: Workshop, clock: Clock) -> None:
    text = "name;e-mail;role\nAna;ana@there.example;\nBo;bo@there.example;king"
    with clock(LATER):
        staff = signed_in(app)
        seen = staff.post(f"/en/staff/workshops/{workshop.id}/participants/import", data={"pasted": text}).get_data(as_text=True)
        packed = seen.partition('name="packed" type="hidden" value="')[2].partition('"')[0]
        sent = {"packed": packed, "seen": "3", "leave_out": "y"}
        done = staff.post(f"/en/staff/workshops/{workshop.id}/participants/import", data=sent)

    assert "Register one person and tell, leave out one" in seen
    assert done.status_code == 303
    assert find_by_address("ana@there.example")
    assert not find_by_address("bo@there.example")


@pytest.mark.parametrize(
    ("lang", "name"), [("sv", "deltagare-mall.csv"), ("es", "participantes-plantilla.csv"), ("en", "participants-template.csv")]
)
def test_the_table_to_fill_in_is_one_that_can_be_read(app: Flask, workshop: Workshop, clock: Clock, lang: str, name: str) -> None:
    with clock(LATER):
        answer = signed_in(app).get(f"/{lang}/staff/workshops/{workshop.id}/participants/import/template.csv")
    head = answer.get_data(as_text=True).removeprefix("\ufeff")
    sign = ";" if ";" in head else ","
    with using(lang):
        roles = rows.kinds()
        line = sign.join(("Ana", "ana@there.example", "", language("es"), roles[1]))
        (row,) = service.look(workshop.id, head + line)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert (row.name, row.address, row.lang, row.kind, row.wrong) == ("Ana", "ana@there.example", "es", "politician", [])


def signed_in(app: Flask) -> Visitor:
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    return visitor.signed_in(factories.person(staff="officer"))
