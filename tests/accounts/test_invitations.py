"""Invitations: mailed, shown on GET, accepted by POST once, and never a way around the second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import queries, service, staffing
from app.accounts.models import Invitation, Person
from app.audit.models import AuditEntry
from app.audit.service import COMMAND
from app.audit.service import person as actor
from app.clock import now
from app.crypto import encrypt
from app.database import db
from app.errors import Refused
from app.outbox.models import Message
from tests import factories
from tests.accounts.conftest import Post

ADDRESS = "Olga@icld.example"
DETAILS = {"name": "Olga Berg", "lang": "sv", "zone": "Europe/Stockholm", "kind": "", "gender": ""}


def invite(role: str | None = "officer", **values: Any) -> str:
    return "/en/invitation/" + staffing.invite(ADDRESS, lang="en", role=role, by=COMMAND, now=now(), **values)


def browser_of(app: Flask, person: Person) -> Any:
    browser: Any = app.test_client()
    return browser.signed_in(person)


def test_the_command_makes_the_first_administrator(app: Flask, post: Post) -> None:
    answer = app.test_cli_runner().invoke(args=["staff", "invite", ADDRESS, "--role", "administrator"])
    assert answer.exit_code == 0, answer.output
    path = post.path(ADDRESS)
    assert path in answer.output
    browser = app.test_client()
    assert browser.post(path, data=DETAILS).location == "/en/staff/"
    person = queries.find_by_address(ADDRESS)
    assert person is not None
    assert (person.name, person.role) == ("Olga Berg", "administrator")
    assert browser.get("/en/staff/people").location == "/en/me/account/second-factor?next=/en/staff/people"


def test_the_command_refuses_nonsense_in_words(lite: Flask) -> None:
    runner = lite.test_cli_runner()
    assert "Enter one address" in runner.invoke(args=["staff", "invite", "a@@b.se", "--role", "officer"]).output
    assert runner.invoke(args=["staff", "invite", ADDRESS, "--role", "king"]).exit_code == 2


def test_opening_the_link_changes_nothing(lite: Flask, queries: Any) -> None:
    path = invite()
    with queries() as seen:
        page = lite.test_client().get(path)
    assert page.status_code == 200
    assert "Accept the invitation" in page.get_data(as_text=True)
    assert all(statement.startswith("SELECT") for statement in seen)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_link_is_good_once(app: Flask) -> None:
    path = invite()
    assert app.test_client().post(path, data=DETAILS).status_code == 303
    assert app.test_client().post(path, data=DETAILS).status_code == 410
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_a_wrong_link_is_no_page_and_an_old_one_is_gone(lite: Flask, clock: Any) -> None:
    assert lite.test_client().get("/en/invitation/guessed").status_code == 404
    with clock(datetime(2026, 3, 2, tzinfo=UTC)):
        path = invite()
    with clock(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=8)):
        assert lite.test_client().get(path).status_code == 410


def test_a_second_invitation_replaces_the_first(lite: Flask) -> None:
    first, second = invite(), invite()
    assert lite.test_client().get(first).status_code == 410
    assert lite.test_client().get(second).status_code == 200


def test_a_member_becomes_coordinator_of_an_organisation(app: Flask, post: Post) -> None:
    umea = factories.organisation()
    person = factories.person(umea, address=ADDRESS)
    path = invite(None, organisation_id=umea.id, organisation_role="coordinator")
    assert umea.names["en"].name in post.text(ADDRESS)
    assert browser_of(app, person).post(path).location == "/en/me/"
    assert queries.is_coordinator(person, now().date(), umea.id)
    assert len(person.affiliations) == 1


def test_an_invitation_never_takes_a_role_away(lite: Flask) -> None:
    person = factories.person(staff="administrator", address=ADDRESS)
    browser = browser_of(lite, person)
    assert browser.post(invite("helper")).location == "/en/staff/"
    assert person.role == "administrator"
    assert browser.get("/en/me/account").status_code == 200


def test_an_invitation_as_a_member_leaves_a_coordinator_one(app: Flask) -> None:
    umea = factories.organisation()
    person = factories.person(umea, "coordinator", address=ADDRESS)
    assert browser_of(app, person).post(invite(None, organisation_id=umea.id)).location == "/en/me/"
    assert queries.is_coordinator(person, now().date(), umea.id)


def test_an_invitation_is_no_way_around_the_second_factor(lite: Flask) -> None:
    person = factories.person(staff="officer", address=ADDRESS, totp_secret=encrypt(b"JBSWY3DPEHPK3PXP"))
    browser = browser_of(lite, person)
    assert browser.post(invite("administrator")).location == "/en/sign-in"
    assert person.role == "administrator"
    assert browser.get("/en/me/account").status_code == 302


def test_the_link_alone_opens_no_account_that_is_there(app: Flask) -> None:
    person = factories.person(address=ADDRESS)
    path, bare = invite("officer"), app.test_client()
    page = bare.get(path).get_data(as_text=True)
    assert f'href="/en/sign-in?next={path}"' in page
    assert "Accept the invitation" not in page
    assert bare.post(path).location == f"/en/sign-in?next={path}"
    assert bare.get("/en/me/account").status_code == 302
    assert person.role is None
    assert browser_of(app, person).post(path).status_code == 303
    assert person.role == "officer"


def test_somebody_else_who_is_signed_in_does_not_accept_it(app: Flask) -> None:
    factories.person(address=ADDRESS)
    other = factories.person()
    path, browser = invite("officer"), browser_of(app, other)
    assert "the invitation is for somebody else" in browser.get(path).get_data(as_text=True)
    assert browser.post(path).status_code == 303
    assert db.session.scalars(select(Person.role)).all() == [None, None]
    assert db.session.scalars(select(Invitation.accepted_at)).all() == [None]


def test_a_guest_who_never_proved_the_address_says_who_they_are(app: Flask) -> None:
    guest = factories.person(address=ADDRESS, name="A joke", confirmed_at=None)
    assert app.test_client().post(invite("officer"), data=DETAILS).location == "/en/staff/"
    assert (guest.name, guest.role) == ("Olga Berg", "officer")


def test_an_invitation_does_not_open_a_closed_account(lite: Flask) -> None:
    person = factories.person(address=ADDRESS, disabled_at=factories.NOW)
    path = invite()
    assert lite.test_client().post(path).status_code == 410
    assert person.role is None
    assert db.session.scalars(select(Invitation.accepted_at)).all() == [None]


@pytest.mark.parametrize(
    "values", [{"role": "king"}, {"role": None}, {"role": "officer", "organisation_id": 1}, {"role": None, "organisation_id": 999}]
)
def test_an_invitation_is_for_staff_or_for_an_organisation(lite: Flask, values: dict[str, Any]) -> None:
    assert lite
    with pytest.raises(Refused):
        staffing.invite(ADDRESS, lang="en", by=COMMAND, now=now(), **values)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_officers_invite_members_and_only_administrators_invite_staff(app: Flask, post: Post) -> None:
    umea = factories.organisation()
    officer: Any = app.test_client()
    officer.signed_in(factories.person(staff="officer"))
    administrator: Any = app.test_client()
    administrator.signed_in(factories.person(staff="administrator"))
    form = {"address": ADDRESS, "lang": "sv", "role": "administrator", "organisation": ""}

    assert officer.post("/en/staff/people/invite", data=form).status_code == 422
    assert post.all() == []
    assert officer.post("/en/staff/people/invite", data={**form, "role": "member", "organisation": str(umea.id)}).status_code == 303
    assert administrator.post("/en/staff/people/invite", data=form).status_code == 303
    assert len(post.all(ADDRESS)) == 2


def test_the_address_of_somebody_invited_is_forgotten_and_who_invited_when_is_not(app: Flask) -> None:
    assert app
    invite()
    service.forget_old(now() + timedelta(days=89))
    assert db.session.scalars(select(AuditEntry.facts)).all() == [{"address": ADDRESS}]
    service.forget_old(now() + timedelta(days=91))
    assert db.session.scalars(select(AuditEntry.facts)).all() == [{"address": "…"}]


def test_the_invited_are_listed_until_they_come(lite: Flask) -> None:
    staff: Any = lite.test_client()
    staff.signed_in(factories.person(staff="officer"))
    path = invite()
    assert ADDRESS in staff.get("/en/staff/people").get_data(as_text=True)
    lite.test_client().post(path, data=DETAILS)
    assert "Invited, not yet here" not in staff.get("/en/staff/people").get_data(as_text=True)


def test_who_loses_a_role_cannot_take_it_again_with_an_older_link(app: Flask) -> None:
    person = factories.person(address=ADDRESS)
    umea = factories.organisation()
    second, place = invite("administrator"), invite(None, organisation_id=umea.id)
    staffing.accept_invitation(invite("officer").rsplit("/", 1)[1], None, now=now())
    staffing.change_role(person.id, None, by=COMMAND, now=now())
    browser = browser_of(app, person)
    assert browser.post(second).status_code == 410
    assert person.role is None
    assert browser.get(place).status_code == 200


def test_the_friends_of_a_dismissed_administrator_stay_outside(app: Flask) -> None:
    friend = {**DETAILS, "name": "Friend"}
    for dismiss in (staffing.disable, partial(staffing.change_role, role="officer")):
        factories.person(staff="administrator")
        chief = factories.person(staff="administrator")
        path = "/en/invitation/" + staffing.invite(ADDRESS, lang="en", role="administrator", by=actor(chief), now=now())
        dismiss(chief.id, by=COMMAND, now=now())
        assert app.test_client().post(path, data=friend).status_code == 410
    assert queries.find_by_address(ADDRESS) is None


def test_who_rises_keeps_the_invitations_that_are_out(lite: Flask) -> None:
    officer, umea = factories.person(staff="officer"), factories.organisation()
    token = staffing.invite(ADDRESS, lang="en", organisation_id=umea.id, by=actor(officer), now=now())
    staffing.change_role(officer.id, "administrator", by=COMMAND, now=now())
    assert lite.test_client().get(f"/en/invitation/{token}").status_code == 200


@pytest.mark.parametrize("act", ["disable", "end"])
def test_a_place_that_has_ended_is_not_taken_again_with_an_older_link(app: Flask, act: str) -> None:
    umea = factories.organisation()
    person = factories.person(umea, address=ADDRESS)
    path = invite(None, organisation_id=umea.id, organisation_role="coordinator")
    if act == "disable":
        staffing.disable(person.id, by=COMMAND, now=now())
        staffing.enable(person.id, by=COMMAND, now=now())
    else:
        staffing.end_affiliation(person.id, person.affiliations[0].id, by=COMMAND, now=now())
    assert browser_of(app, person).post(path).status_code == 410
    assert not queries.is_coordinator(person, now().date())


def test_an_invitation_is_taken_back_from_the_list(app: Flask) -> None:
    path = invite("administrator")
    number = db.session.scalars(select(Invitation.id)).one()
    officer, chief = (browser_of(app, factories.person(staff=role)) for role in ("officer", "administrator"))
    back = f"/en/staff/people/invitations/{number}/take-back"
    assert back not in officer.get("/en/staff/people").get_data(as_text=True)
    assert officer.post(back).status_code == 404
    assert app.test_client().get(path).status_code == 200
    assert back in chief.get("/en/staff/people").get_data(as_text=True)
    assert chief.post(back).status_code == 303
    assert app.test_client().post(path, data=DETAILS).status_code == 410
    assert db.session.scalars(select(Message.state)).all() == ["cancelled"]
    assert chief.post(back).status_code == 404
