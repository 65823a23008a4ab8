"""Each kind of mail on or off: on the own page, by one click in a mail, for guests too; what is necessary comes in any case."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from typing import cast

import pytest
from flask import Flask, g
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.stopping import read_token, stop_path
from app.announcements import announce
from app.database import db, transaction
from app.errors import Missing, Refused
from app.organisations.models import Organisation
from app.participants import service as participants
from app.participants.mails import Written
from app.registrations.listing import bulk
from app.registrations.listing.filters import Filter, Selection
from app.registrations.models import Registration
from app.reminders import moves, service
from app.reminders.preferences import service as preferences
from app.reminders.preferences.service import Wishes
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, published, registered, waiting
from tests.reminders import made
from tests.reminders.test_wishes import WEEK_AHEAD, pass_at_week, token_of

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ALL = Selection(Filter(), None)
WORDS = Written({"en": "The bus"}, {"en": "It leaves at nine."}, "en")
NEEDED = Written({"en": "The bus"}, {"en": "It leaves at nine."}, "en", necessary=True)


def browser(app: Flask) -> Visitor:
    g.pop("csrf_token", None)
    return cast("Visitor", app.test_client())


def person_of(registration_id: int) -> Person:
    return db.session.get_one(Registration, registration_id).person


def wishes(person: Person) -> Wishes:
    db.session.rollback()
    return preferences.wishes_of(db.session.get_one(Person, person.id))


def send(workshop: Workshop, written: Written) -> int:
    found = participants.readers(workshop.id, ALL, necessary=written.necessary)
    return participants.send(workshop.id, ALL, written, seen=bulk.sight(ALL, found), sure=False, by=STAFF, now=LATER)


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    return published(umea, capacity=5)


def test_the_digest_is_off_and_the_rest_on_until_somebody_says_otherwise(umea: Organisation) -> None:
    me = factories.person(umea)
    assert wishes(me) == Wishes(reminders=True, bulletins=True, digest=False, commitment=True)
    for _time in range(2):
        preferences.choose(me.id, Wishes(reminders=False, bulletins=False, digest=True, commitment=False), now=NOW)
    assert wishes(me) == Wishes(reminders=False, bulletins=False, digest=True, commitment=False)


def test_a_mail_of_the_staffs_carries_one_click_and_a_necessary_one_does_not(workshop: Workshop, umea: Organisation) -> None:
    (number,) = registered(workshop.id, umea)
    send(workshop, WORDS)
    send(workshop, NEEDED)
    heads = {mail.kind: email.message_from_bytes(mail.body or b"", policy=email.policy.default) for mail in waiting()}
    path = stop_path(person_of(number).id, "bulletins")
    assert (heads["bulletin"]["List-Unsubscribe"], heads["bulletin"]["List-Unsubscribe-Post"]) == (
        f"<http://127.0.0.1:5000{path}>",
        "List-Unsubscribe=One-Click",
    )
    assert (heads["notice"]["List-Unsubscribe"], heads["notice"]["List-Unsubscribe-Post"]) == (None, None)
    for part in heads["bulletin"].walk():
        if part.get_content_maintype() == "text":
            assert path in part.get_content()
            assert token_of(person_of(number)) in part.get_content()


def test_who_has_turned_them_off_is_left_out_but_for_what_is_necessary(workshop: Workshop, umea: Organisation) -> None:
    first, second = (person_of(number) for number in registered(workshop.id, umea, 2))
    preferences.switch(first.id, "bulletins", on=False, now=NOW)
    assert send(workshop, WORDS) == 1
    assert [mail.person_id for mail in waiting("bulletin")] == [second.id]
    assert send(workshop, NEEDED) == 2
    assert {mail.person_id for mail in waiting("notice")} == {first.id, second.id}
    preferences.switch(second.id, "bulletins", on=False, now=NOW)
    with pytest.raises(Refused, match="turned such mails off"):
        send(workshop, WORDS)


def test_nothing_is_necessary_once_the_workshop_is_over(workshop: Workshop, umea: Organisation) -> None:
    registered(workshop.id, umea)
    found = participants.readers(workshop.id, ALL, necessary=True)
    assert workshop.ends_at is not None
    with pytest.raises(Refused):
        participants.send(workshop.id, ALL, NEEDED, seen=bulk.sight(ALL, found), sure=False, by=STAFF, now=workshop.ends_at)


def test_what_waits_when_they_are_turned_off_never_leaves_and_the_rest_does(workshop: Workshop, umea: Organisation) -> None:
    me = person_of(registered(workshop.id, umea)[0])
    send(workshop, WORDS)
    send(workshop, NEEDED)
    preferences.switch(me.id, "bulletins", on=False, now=LATER)
    db.session.expire_all()
    assert sorted(mail.kind for mail in waiting()) == ["confirmation", "notice"]


def test_one_click_needs_neither_cookie_nor_token_and_stops_that_kind_alone(lite: Flask) -> None:
    guest = factories.person()
    preferences.switch(guest.id, "digest", on=True, now=NOW)
    for _time in range(2):
        answer = browser(lite).post(stop_path(guest.id, "bulletins"), data=ONE_CLICK, csrf=False, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert wishes(guest) == Wishes(reminders=True, bulletins=False, digest=True, commitment=True)


def test_opening_the_link_changes_nothing_and_a_forged_one_does_not_exist(lite: Flask) -> None:
    me, other = factories.person(), factories.person()
    preferences.switch(me.id, "digest", on=True, now=NOW)
    path = stop_path(me.id, "digest")
    page = browser(lite).get(path)
    browser(lite).head(path)
    assert (page.status_code, '<html lang="sv">' in page.get_data(as_text=True), wishes(me).digest) == (200, True, True)
    assert page.headers["Cache-Control"] == "no-store"
    forged = [path.replace(f"{me.id}-", f"{other.id}-"), path.replace("digest", "bulletins"), path[:-1], "/mails/1-digest", "/mails/~"]
    for wrong in forged:
        assert browser(lite).get(wrong).status_code == 404
        assert browser(lite).post(wrong, data=ONE_CLICK, csrf=False).status_code == 404
    assert (wishes(me).digest, wishes(other).bulletins) == (True, True)


def test_the_button_stops_and_starts_again(lite: Flask) -> None:
    me = factories.person()
    client, path = browser(lite), stop_path(me.id, "bulletins")
    assert client.post(path).status_code == 303
    assert wishes(me).bulletins is False
    assert "Skicka dem till mig igen" in client.get(path).get_data(as_text=True)
    assert client.post(f"{path}/again").status_code == 303
    assert wishes(me).bulletins is True


def test_the_link_of_an_old_mail_works_under_a_new_key_that_names_the_old_one(lite: Flask) -> None:
    me = factories.person()
    token = stop_path(me.id, "digest").removeprefix("/mails/")
    lite.config.update(SECRET_KEY="another key that is long enough", SECRET_KEY_FALLBACKS=[lite.config["SECRET_KEY"]])
    assert read_token(token) == (me.id, "digest")
    lite.config["SECRET_KEY_FALLBACKS"] = []
    with pytest.raises(Missing):
        read_token(token)


@pytest.mark.usefixtures("app")
def test_the_link_in_a_reminder_and_the_own_page_say_the_same() -> None:
    _workshop, swede, _colombian = made.world()
    moves.stop(token_of(swede), now=NOW)
    assert wishes(swede).reminders is False
    preferences.switch(swede.id, "reminders", on=True, now=NOW)
    assert db.session.scalars(select(Registration.reminders_off).where(Registration.person_id == swede.id)).all() == [False]
    preferences.switch(swede.id, "reminders", on=False, now=NOW)
    pass_at_week()
    assert swede.address not in made.recipients()


@pytest.mark.usefixtures("app")
def test_who_has_stopped_reminders_gets_none_about_what_they_register_for_later() -> None:
    workshop, swede, _colombian = made.world()
    moves.stop(token_of(swede), now=NOW)
    later = factories.workshop(workshop.network, workshop.days[0].on)
    made.seat(later, swede)
    pass_at_week()
    assert swede.address not in made.recipients()


@pytest.mark.usefixtures("app")
def test_reminders_that_were_taken_back_come_again_when_they_are_turned_on_again() -> None:
    _workshop, swede, _colombian = made.world()
    pass_at_week()
    preferences.switch(swede.id, "reminders", on=False, now=WEEK_AHEAD)
    assert swede.address not in made.recipients()
    preferences.switch(swede.id, "reminders", on=True, now=WEEK_AHEAD + timedelta(minutes=1))
    assert made.recipients().count(swede.address) == 1
    service.queue_due(WEEK_AHEAD + timedelta(minutes=2))
    assert made.recipients().count(swede.address) == 1


def test_what_a_guest_has_stopped_stays_stopped_when_the_address_becomes_a_members(umea: Organisation, workshop: Workshop) -> None:
    guest, me = person_of(registered(workshop.id, umea)[0]), factories.person(umea)
    with transaction():
        guest.confirmed_at = None
    preferences.switch(guest.id, "bulletins", on=False, now=NOW)
    with transaction():
        announce("person_absorbed", guest=guest, person=me, before=me.address, now=NOW)
    assert wishes(me) == Wishes(reminders=True, bulletins=False, digest=False, commitment=True)


def test_a_member_chooses_on_the_own_page_and_reads_what_always_comes(lite: Flask) -> None:
    me = factories.person(factories.organisation("SE"), lang="en")
    client = browser(lite).signed_in(me)
    page = client.get("/en/me/mails/").get_data(as_text=True)
    assert ("What always comes" in page, page.count(" checked")) == (True, 4)
    assert client.post("/en/me/mails/", data={"digest": "y"}).status_code == 303
    assert wishes(me) == Wishes(reminders=False, bulletins=False, digest=True, commitment=False, partnerships=False)
    assert 'href="/en/me/mails/"' in client.get("/en/me/account").get_data(as_text=True)
    assert browser(lite).get("/en/me/mails/").status_code == 302


def test_the_page_before_sending_says_how_many_are_left_out(lite: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea, capacity=5)
    first, *_others = (person_of(number) for number in registered(workshop.id, umea, 3))
    preferences.switch(first.id, "bulletins", on=False, now=NOW)
    staff = browser(lite).signed_in(factories.person(staff="officer"))
    door = f"/en/staff/workshops/{workshop.id}/participants/mail"
    page = staff.post(door, data={"all": "1", "state": "all"}).get_data(as_text=True)
    assert ("Write to 2 people" in page, "One more person has turned such mails off" in page) == (True, True)
