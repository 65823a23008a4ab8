"""The staff's log of all mails, of one person's, and one mail's own page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.accounts import service as accounts
from app.accounts.models import Person
from app.clock import now
from app.database import db, transaction
from app.errors import Conflict
from app.mailer import Content, text_of
from app.outbox import service
from app.outbox.bounces import service as bounces
from app.outbox.log import service as acts
from app.outbox.log import veil
from app.outbox.log.pages import HOME
from app.outbox.models import Message
from app.reminders import service as reminders
from tests import factories
from tests.conftest import Visitor, counted
from tests.outbox.bounces.samples import postfix
from tests.outbox.made import STAFF, queued
from tests.outbox.test_pages import words
from tests.reminders.made import DAY_BEFORE, rule, seat

SECRET = "k3J-abcdefghijklmnopqrstuvwxyz_0123456789ABC"
DAY = timedelta(days=1)


@pytest.fixture
def karin(lite: Flask) -> Person:
    """Staff."""
    return factories.person(factories.organisation("SE"), staff="officer", name="Karin", lang="en")


@pytest.fixture
def staff(lite: Flask, karin: Person) -> Visitor:
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(karin)


def rows_of(staff: Visitor, address: str) -> int:
    answer = staff.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True).count('data-label="State"')


def test_the_log_is_narrowed_by_kind_day_name_and_address(staff: Visitor) -> None:
    queued(1, recipient_name="Åsa Öberg", due_at=now())
    queued(2, recipient_name="Diana Bohórquez", kind="confirmation", due_at=now() - 3 * DAY)
    here = now().astimezone(ZoneInfo(HOME))  # whose days the log means
    today, before = f"{here:%Y-%m-%d}", f"{here - 2 * DAY:%Y-%m-%d}"
    found = {
        query: rows_of(staff, f"/en/staff/mails/log?{query}")
        for query in (
            "", "q=öberg", "q=ÅSA", "q=reader2@", "q=diana+there", "q=diana+öberg", "q=100%25", "kind=confirmation", f"from={before}",
            f"to={before}", f"from={today}&to={today}&kind=confirmation", "from=nonsense", "state=waiting", "state=sent",
        )
    }  # fmt: skip
    assert list(found.values()) == [2, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 2, 2, 0]


@pytest.mark.parametrize("query", ["state=nonsense", "kind=newsletter", "page=2"])
def test_codes_that_are_none_lead_nowhere(staff: Visitor, query: str) -> None:
    assert staff.get(f"/en/staff/mails/log?{query}").status_code == 404


def test_many_mails_have_pages_and_few_statements(staff: Visitor, lite: Flask) -> None:
    for number in range(35):
        queued(number, due_at=now() + DAY)
    with counted(lite) as seen:
        assert rows_of(staff, "/en/staff/mails/log?q=reader&page=2") == 5
    assert len(seen) <= 12


def test_a_mail_that_came_back_is_said_to_and_has_a_tab(staff: Visitor) -> None:
    row = queued(1)
    queued(2)
    with transaction():
        row.state, row.sent_at, row.smtp_reply = "sent", now(), "250 taken"
    bounces.take(postfix(row), now=now())
    page = words(staff.get("/en/staff/mails/log?state=returned").get_data(as_text=True))
    for part in ("All 2", "Came back 1", "Sent 1", "250 taken", "Recipient address rejected"):
        assert part in page, part
    assert rows_of(staff, "/en/staff/mails/log?state=returned") == 1


# One person --------------------------------------------------------------------------------------------------------------


def test_a_persons_log_has_their_mails_and_what_is_still_to_come_and_nobody_elses(staff: Visitor, lite: Flask) -> None:
    umea = factories.organisation("SE")
    of = factories.workshop(factories.network(umea), title="Care blocks")
    rule(of, **DAY_BEFORE)
    maja, other = factories.person(umea, name="Maja"), factories.person(umea, name="Nils")
    seat(of, maja)
    reminders.plan(factories.NOW)
    queued(1, person_id=maja.id)
    queued(2, person_id=other.id)
    with counted(lite) as seen:
        page = words(staff.get(f"/en/staff/people/{maja.id}/mails").get_data(as_text=True))
    for part in ("Maja", maja.address, "Still to come", "Care blocks", "All 2", "Confirmation", "reader1@there.example"):
        assert part in page, part
    assert "reader2@" not in page
    assert len(seen) <= 12
    assert "Still to come" not in words(staff.get(f"/en/staff/people/{other.id}/mails").get_data(as_text=True))
    assert staff.get("/en/staff/people/999999/mails").status_code == 404


# One mail ----------------------------------------------------------------------------------------------------------------


def test_a_mails_page_tells_its_whole_past(staff: Visitor, lite: Flask) -> None:
    of = factories.workshop(factories.network(factories.organisation("CO")), title="Care blocks")
    row = queued(1, topic=f"workshop:{of.id}", now=now())
    with transaction():
        row.state, row.error, row.attempts = "failed", "550 5.2.1 no", 1
    service.resend(row.id, by=STAFF, now=now())
    with transaction():
        row.state, row.sent_at, row.smtp_reply = "sent", now(), "250 taken as 8F"
    bounces.take(postfix(row), now=now())
    with counted(lite) as seen:
        page = words(staff.get(f"/en/staff/mails/{row.id}").get_data(as_text=True))
    told = ("Written", "Sent a mail to Åsa Öberg once more", "Karin", "Handed over", "250 taken as 8F", "Came back", "User unknown")
    places = [page.index(part, page.index("What happened")) for part in told]
    assert places == sorted(places)
    for part in ("Care blocks", row.message_id.strip("<>"), "reader1@there.example"):
        assert part in page, part
    assert len(seen) <= 12


def test_its_words_are_shown_in_a_frame_of_their_own_with_secrets_veiled(staff: Visitor) -> None:
    link = f"https://x.example/r/{SECRET}"
    html = f'<!doctype html><html><head></head><body><a href="{link}/reminders">{link}</a> ABCDEFG2</body></html>'
    row = queued(1, content=Content("Hej", f"Se {link}?a=1 och ABCDEFG2.\n", html))
    page = staff.get(f"/en/staff/mails/{row.id}")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    frame = staff.get(f"/en/staff/mails/{row.id}/html")
    assert frame.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    for body in (page.get_data(as_text=True), frame.get_data(as_text=True)):
        assert SECRET not in body
        assert "ABCDEFG2" not in body
    assert f'href="https://x.example/r/{veil.VEIL}/reminders"' in frame.get_data(as_text=True)


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_a_code_that_waits_is_not_for_the_staffs_eyes(staff: Visitor, karin: Person, lang: str) -> None:
    accounts.start_sign_in(karin.address, lang=lang, minutes=10, now=now())
    row = db.session.query(Message).one()
    digits = "".join(sign for sign in text_of(row.body or b"").splitlines()[2] if sign.isdigit())
    assert len(digits) == 6
    for path in ("", "/html"):
        body = staff.get(f"/{lang}/staff/mails/{row.id}{path}").get_data(as_text=True)
        assert digits not in body
        assert f"{digits[:3]} {digits[3:]}" not in body
        assert veil.VEIL in body


def test_words_that_are_not_kept_are_not_shown(staff: Visitor) -> None:
    row = queued(1)
    service.withdraw("registration:1")
    assert "They are not kept any more" in words(staff.get(f"/en/staff/mails/{row.id}").get_data(as_text=True))
    assert staff.get(f"/en/staff/mails/{row.id}/html").status_code == 404
    assert staff.get(f"/en/staff/mails/{uuid4()}").status_code == 404


def test_a_mail_about_a_draft_that_was_thrown_away_still_has_its_page(staff: Visitor) -> None:
    row = queued(1, topic="workshop:999999")
    assert staff.get(f"/en/staff/mails/{row.id}").status_code == 200


# Acts --------------------------------------------------------------------------------------------------------------------


def test_a_mail_that_waits_is_taken_back_after_a_second_look(staff: Visitor) -> None:
    row = queued(1)
    look = words(staff.get(f"/en/staff/mails/{row.id}/stop").get_data(as_text=True))
    assert "Take this mail back?" in look
    db.session.rollback()
    assert row.state == "pending"
    answer = staff.post(f"/en/staff/mails/{row.id}/stop")
    db.session.rollback()
    assert (answer.status_code, row.state, row.body) == (303, "cancelled", None)
    page = words(staff.get(answer.location).get_data(as_text=True))
    for part in ("Taken back", "Taken back by the staff before it had left", "Took back a mail to Åsa Öberg before it had left"):
        assert part in page, part


def test_a_mail_that_waits_for_its_hour_or_after_a_failure_leaves_at_the_next_tick(staff: Visitor) -> None:
    row = queued(1, due_at=now() + 2 * DAY, now=now(), zone="Europe/Stockholm")
    with transaction():
        row.attempts, row.next_at = 3, now() + DAY
    assert "Now it waits until" in words(staff.get(f"/en/staff/mails/{row.id}/now").get_data(as_text=True))
    assert staff.post(f"/en/staff/mails/{row.id}/now").status_code == 303
    with transaction():
        db.session.get_one(Message, row.id).recipient = "reader1@there.example"
    tally = service.deliver_pending(now())
    assert tally.held == 1  # the allow-list of the tests was asked: it was its turn


def test_whoever_sends_while_mail_is_paused_is_told_so(staff: Visitor) -> None:
    row = queued(1, due_at=now() + DAY, now=now())
    service.pause(by=STAFF, now=now())
    assert "All mail is paused: it leaves once" in words(staff.get(f"/en/staff/mails/{row.id}/now").get_data(as_text=True))


STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "sending": ("at this very moment", {"uncertain": 1, "token": "t"}),
    "sent": ("has left meanwhile", {"sent_at": factories.NOW}),
    "cancelled": ("does not wait any more", {}),
    "held": ("does not wait any more", {}),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", ["stop", "now"])
def test_whoever_comes_too_late_is_told_what_happened_and_nothing_is_changed(staff: Visitor, state: str, act: str) -> None:
    said, values = STATES[state]
    row = queued(1)
    with transaction():
        row.state = state
        for name, value in values.items():
            setattr(row, name, value)
    answer = staff.post(f"/en/staff/mails/{row.id}/{act}")
    assert (answer.status_code, said in answer.get_data(as_text=True)) == (409, True)
    db.session.rollback()
    assert row.state == state
    assert staff.get(f"/en/staff/mails/{row.id}/{act}").status_code == 303


def test_what_is_of_no_use_any_more_is_not_sent(staff: Visitor) -> None:
    row = queued(1, expires_at=now() - DAY)
    assert staff.post(f"/en/staff/mails/{row.id}/now").status_code == 422


def test_of_two_who_press_at_once_one_is_told(app: Flask) -> None:
    from threading import Barrier, Thread  # noqa: PLC0415

    row, start, said = queued(1), Barrier(2), []
    number = row.id

    def press() -> None:
        with app.app_context():
            start.wait(10)
            try:
                acts.stop(number, by=STAFF, now=now())
                said.append("done")
            except Conflict:
                said.append("told")
            db.session.remove()

    threads = [Thread(target=press) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["done", "told"]


# Marks -------------------------------------------------------------------------------------------------------------------


def test_a_marked_address_is_shown_wherever_its_person_stands_and_cleared_by_a_click(staff: Visitor, lite: Flask) -> None:
    umea = factories.organisation("SE")
    of = factories.workshop(factories.network(umea))
    maja = factories.person(umea, name="Maja", address="Maja@umea.example")
    number = seat(of, maja).id
    people, one = f"/en/staff/workshops/{of.id}/participants/", f"/en/staff/workshops/{of.id}/participants/{number}/"
    pages = ["/en/staff/mails", f"/en/staff/people/{maja.id}", people, one]
    shown = [page for page in pages if "Mail here fails" in words(staff.get(page).get_data(as_text=True))]
    assert shown == []
    for failure in range(3):
        bounces.take(postfix(queued(failure, recipient=maja.address), failure), now=now())
    found = {page: words(staff.get(page).get_data(as_text=True)) for page in pages}
    assert [("Mail here fails" in text, "Clear the mark" in text) for text in found.values()] == [
        (False, True), (True, True), (True, False), (True, False),
    ]  # fmt: skip
    assert "Recipient address rejected" in found["/en/staff/mails"]
    assert "Mail to 1 address fails again and again" in words(staff.get("/en/staff/").get_data(as_text=True))
    answer = staff.post("/en/staff/mails/marks/1/clear", data={"next": f"/en/staff/people/{maja.id}"})
    assert answer.location == f"/en/staff/people/{maja.id}"
    assert "Mail here fails" not in words(staff.get(answer.location).get_data(as_text=True))
    assert staff.post("/en/staff/mails/marks/1/clear").status_code == 404


def test_a_mailbox_that_cannot_be_read_is_shown(sqlite_url: str, make_app: Any) -> None:
    app = make_app(sqlite_url, BOUNCE_IMAP_SERVER="127.0.0.1", BOUNCE_IMAP_PORT="1", BOUNCE_IMAP_USER="a", BOUNCE_IMAP_PASSWORD="b")
    from app.outbox.bounces import mailbox  # noqa: PLC0415

    with app.app_context():
        client = app.test_client().signed_in(factories.person(factories.organisation("SE"), staff="officer", lang="en"))
        mailbox.collect(now=now())
        assert "Mails that come back cannot be read" in words(client.get("/en/staff/mails").get_data(as_text=True))


@pytest.mark.parametrize("path", ["mails/log", "workshops/", "commitments"])
def test_each_page_of_the_staffs_says_that_mail_is_paused_until_it_goes_again(staff: Visitor, path: str) -> None:
    said = []
    for act in (None, service.pause, service.resume):
        if act is not None:
            act(by=STAFF, now=now())
        page = staff.get(f"/en/staff/{path}").get_data(as_text=True)
        said.append(page.count("Only codes leave until somebody lets mail go again."))
    assert said == [0, 1, 0]


@pytest.mark.parametrize("path", ["mails", ""])
def test_where_the_pause_is_thrown_it_is_told_once(staff: Visitor, path: str) -> None:
    service.pause(by=STAFF, now=now())
    page = staff.get(f"/en/staff/{path}").get_data(as_text=True)
    assert page.count('banner-title">Mail is paused') == 0
