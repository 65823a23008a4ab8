"""The staff's pages about mail."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.queries import entries
from app.clock import now
from app.database import db, transaction
from app.mailer import Content, transport
from app.outbox import rules, service, shown
from app.outbox.models import Switch
from app.outbox.service import Item
from app.reminders import service as reminders
from tests import factories
from tests.conftest import Visitor, counted
from tests.outbox.made import STAFF, message, queued, states, switch
from tests.reminders.made import DAY_BEFORE, rule, seat


@pytest.fixture
def staff(lite: Flask) -> Visitor:
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(factories.person(factories.organisation("SE"), staff="officer", name="Karin", lang="en"))


def workshop() -> Any:
    return factories.workshop(factories.network(factories.organisation("CO")), title="Care blocks")


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.replace("<wbr>", "")).split())


def broken(number: int = 1, **values: Any) -> Any:
    return queued(number, now(), content=Content("a\nb", "", ""), **values)


def test_a_workshops_log_says_who_got_which_mail_when_on_both_clocks(staff: Visitor) -> None:
    of = workshop()
    row = queued(1, topic=f"workshop:{of.id}", kind="confirmation")
    with transaction():
        row.state, row.sent_at, row.smtp_reply = "sent", factories.NOW, "250 taken"
    page = words(staff.get(f"/en/staff/workshops/{of.id}/mails").get_data(as_text=True))
    for part in (
        "Care blocks (en)", "Åsa Öberg", "reader1@there.example", "Confirmation", "Swedish", "Sent", "250 taken",
        "3 March 2025, 07:00 in Bogotá", "3 March 2025, 13:00 in Stockholm", "All 1", "Sent 1",
    ):  # fmt: skip
        assert part in page, part


def test_a_mail_about_two_workshops_stands_in_the_log_and_the_history_of_each(staff: Visitor) -> None:
    first, second = workshop(), workshop()
    items = [Item(f"k{of.id}", f"registration:{of.id}", f"workshop:{of.id}") for of in (first, second)]
    row = broken(items=items)
    service.set_aside(row.id, by=STAFF, now=now())
    for of in (first, second):
        page = words(staff.get(f"/en/staff/workshops/{of.id}/mails").get_data(as_text=True))
        assert ("All 1" in page, "Taken back 1" in page, "Åsa Öberg" in page) == (True, True, True)
        assert [entry.action for entry in entries(f"workshop:{of.id}")] == ["mail.set_aside"]


def test_reminders_that_are_still_to_be_written_stand_above(staff: Visitor) -> None:
    umea = factories.organisation("SE")
    of = factories.workshop(factories.network(umea))
    rule(of, **DAY_BEFORE)
    seat(of, factories.person(umea))
    reminders.plan(factories.NOW)
    page = words(staff.get(f"/en/staff/workshops/{of.id}/mails").get_data(as_text=True))
    assert "Still to come" in page
    assert "2 June 2025, 09:00 in Bogotá" in page
    assert "2 June 2025, 16:00 in Stockholm" in page


def test_a_log_of_many_mails_has_pages_and_tabs_and_few_queries(staff: Visitor, lite: Flask) -> None:
    of = workshop()
    for number in range(35):
        queued(number, topic=f"workshop:{of.id}", due_at=now() + timedelta(days=1))
    first = staff.get(f"/en/staff/workshops/{of.id}/mails")
    with counted(lite) as seen:
        second = staff.get(f"/en/staff/workshops/{of.id}/mails?page=2")
    assert first.get_data(as_text=True).count("<tr>") == 31
    assert second.get_data(as_text=True).count("<tr>") == 6
    assert len(seen) <= 12
    assert staff.get(f"/en/staff/workshops/{of.id}/mails?page=3").status_code == 404
    assert staff.get(f"/en/staff/workshops/{of.id}/mails?state=waiting").get_data(as_text=True).count("<tr>") == 31
    assert staff.get(f"/en/staff/workshops/{of.id}/mails?state=nonsense").status_code == 404


def test_the_page_says_how_many_leave_while_the_server_asks_for_less(staff: Visitor) -> None:
    said = "For now at most 150 mails a minute leave."
    assert said not in words(staff.get("/en/staff/mails").get_data(as_text=True))
    with transaction() as session:
        session.add(Switch(name="slowed", value="2", at=now()))
    assert said in words(staff.get("/en/staff/mails").get_data(as_text=True))


def test_there_is_no_log_of_a_workshop_that_is_not_there(staff: Visitor) -> None:
    assert staff.get("/en/staff/workshops/999/mails").status_code == 404


def test_what_needs_a_decision_stands_on_the_overview_with_its_reason(staff: Visitor) -> None:
    row = broken(1)
    page = words(staff.get("/en/staff/mails").get_data(as_text=True))
    assert "Not delivered" in page
    assert "Subject must stand on one line" in page
    staff.post(f"/en/staff/mails/{row.id}/set-aside")
    assert states() == {"reader1": "cancelled"}
    assert "No mail needs you" in words(staff.get("/en/staff/mails").get_data(as_text=True))


def test_a_mail_is_sent_again_by_one_click_that_the_audit_remembers(staff: Visitor) -> None:
    row = queued(1, now())
    with transaction():
        row.state, row.error = "failed", "550 no such mailbox"
    answer = staff.post(f"/en/staff/mails/{row.id}/resend", data={"next": "/en/staff/workshops/1/mails"})
    assert (answer.status_code, answer.location) == (303, "/en/staff/workshops/1/mails")
    assert message(1).state == "pending"
    assert db.session.scalars(select(AuditEntry.action)).all() == ["mail.resent"]
    assert staff.post(f"/en/staff/mails/{row.id}/resend").status_code == 409


def test_the_way_back_after_a_click_stays_inside(staff: Visitor) -> None:
    row = broken(1)
    answer = staff.post(f"/en/staff/mails/{row.id}/set-aside", data={"next": "https://evil.example/"})
    assert answer.location == "/en/"


def test_pause_and_resume_are_a_click_each_and_remembered(staff: Visitor) -> None:
    staff.post("/en/staff/mails/pause")
    assert switch("mail") == "paused"
    assert "All mail is paused" in words(staff.get("/en/staff/mails").get_data(as_text=True))
    staff.post("/en/staff/mails/resume")
    staff.post("/en/staff/mails/resume")
    assert switch("mail") == "live"
    assert db.session.scalars(select(AuditEntry.action)).all() == ["mail.paused", "mail.resumed"]


def test_words_of_a_server_are_text_and_not_markup(staff: Visitor) -> None:
    row = queued(1, now())
    with transaction():
        row.state, row.error = "failed", "550 <script>alert(1)</script>"
    page = staff.get("/en/staff/mails").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(("lang", "ours"), [("sv", "Mejlservern nekade inloggningen."), ("es", "El servidor de correo rechazó")])
def test_our_own_reasons_are_told_in_the_readers_language_and_the_servers_as_it_said_them(staff: Visitor, lang: str, ours: str) -> None:
    row = queued(1, now())
    with transaction() as session:
        row.state, row.error = "failed", "login_refused: 535 who are you"
        session.add_all([Switch(name="circuit", value="open", at=now()), Switch(name="circuit_words", value=row.error, at=now())])
    page = staff.get(f"/{lang}/staff/mails").get_data(as_text=True)
    assert (page.count(ours), page.count('lang="en">535 who are you<')) == (2, 2)


def test_every_reason_that_is_written_down_has_words() -> None:
    codes = [getattr(transport, name) for name in ("SILENT", "BROKEN", "LOGIN", "SENDER", "CERTIFICATE", "FULL")]
    codes += [getattr(rules, name) for name in ("DIED", "NOT_ALLOWED", "NO_BODY", "UNSENDABLE", "UNWRITTEN", "TOO_LATE", "SET_ASIDE")]
    codes += [rules.STOPPED, rules.MARKED]
    assert sorted(shown.reasons()) == sorted(codes)


def test_every_kind_of_mail_has_a_name_and_no_other_enters(lite: Flask) -> None:
    assert set(shown.kinds()) == set(rules.KINDS)
    with pytest.raises(ValueError, match="no mail is called 'newsletter'"):
        queued(1, kind="newsletter")


@pytest.mark.parametrize("path", ["mails", "workshops/1/mails"])
def test_nobody_but_staff_sees_them(lite: Flask, path: str) -> None:
    member = lite.test_client()
    assert isinstance(member, Visitor)
    assert member.get(f"/en/staff/{path}").status_code == 302
    member.signed_in(factories.person(factories.organisation("SE")))
    assert member.get(f"/en/staff/{path}").status_code == 404


def test_every_state_has_words(staff: Visitor) -> None:
    of = workshop()
    rows = [queued(number, items=[Item(f"k{number}", "s", f"workshop:{of.id}")]) for number in range(9)]
    with transaction():
        for row, state in zip(
            rows, ("pending", "sending", "sent", "failed", "uncertain", "cancelled", "superseded", "expired", "held"), strict=True
        ):
            row.state = state
            row.token = "t" if state == "sending" else None
            row.sent_at = now() if state == "sent" else None
    page = words(staff.get(f"/en/staff/workshops/{of.id}/mails").get_data(as_text=True))
    for text in (
        "Waits", "On its way", "Sent", "Not delivered", "May have arrived", "Taken back", "Replaced by a newer mail",
        "Too late, not sent", "Held back",
    ):  # fmt: skip
        assert text in page, text
