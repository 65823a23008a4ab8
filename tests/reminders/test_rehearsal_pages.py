"""Staff look at all that will be mailed, and at what another date would do; nothing of it stays."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import db, transaction
from app.errors import Refused
from app.languages import switch
from app.organisations.models import Organisation
from app.outbox.models import Message
from app.reminders import service, shown
from app.reminders.holding import service as holding
from app.reminders.rehearsing import moving
from app.reminders.rehearsing.samples import ACTS
from app.workshops import queries as workshops
from app.workshops import service as saving
from app.workshops.acts import outcome
from app.workshops.models import SeatHold, Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.reminders import made
from tests.reminders.test_rehearsal import HOUR, peopled, ruled, wanted
from tests.workshops.made import KARIN
from tests.workshops.test_rehearsal import everything
from tests.workshops.test_rehearsal import made as published

Clock = Callable[[datetime], Any]
STATES = ("draft", "published", "postponed", "cancelled", "over")
SAID = {"draft": "As if it were published now", "postponed": "Stands still", "cancelled": "Does not leave", "over": "The workshop is over"}
BACK = datetime.fromisoformat("2025-06-04T22:00+00:00")


def officer(app: Flask) -> Visitor:
    return cast("Visitor", app.test_client()).signed_in(factories.person(staff="officer", lang="en"))


def address(workshop: Workshop, rest: str = "") -> str:
    return f"/en/staff/workshops/{workshop.id}/rehearsal/{rest}"


def mails_of(page: str) -> list[str]:
    """The addresses of the texts that a page leads to."""
    return sorted({html.unescape(found) for found in re.findall(r'href="([^"]+/rehearsal/mail[^"]*)"', page)})


@pytest.mark.parametrize("state", STATES)
def test_the_page_is_there_in_every_state_and_leaves_every_row_as_it_was(lite: Flask, clock: Clock, state: str, full: bool) -> None:
    """Each mail is looked at in one of three languages, another in each state; in all with --full."""
    network = ruled()
    workshop = wanted(network)
    peopled(network, workshop)
    service.plan(NOW + HOUR)
    if state in {"postponed", "cancelled"}:
        made.stop(workshop, state, NOW + 2 * HOUR)
    elif state == "draft":
        with transaction():
            workshop.state = "draft"
    with clock(NOW + 3 * HOUR if state != "over" else BACK):
        browser = officer(lite)
        before = everything()
        page = browser.get(address(workshop)).get_data(as_text=True)
        found = mails_of(page)
        for path in found if full else found[STATES.index(state) % 3 :: 3]:
            looked = browser.get(path)
            assert looked.status_code == 200, path
            framed = browser.get(path.replace("/mail?", "/mail/html?"))
            assert "sandbox" in framed.headers["Content-Security-Policy"]
            assert "frame-src 'self'" in looked.headers["Content-Security-Policy"]
            assert "<script" not in framed.get_data(as_text=True)
        assert everything() == before
    assert found
    assert all(words in page for words in [SAID.get(state, "Planned"), "Reminder 7 days before, at 09:00"])
    assert ("What if it moves?" in page) == (state != "over")


def test_a_text_is_the_mail_that_is_sent_but_for_the_link(lite: Flask, clock: Clock) -> None:
    network = ruled()
    workshop = wanted(network)
    peopled(network, workshop)
    service.plan(NOW + HOUR)
    with clock(NOW + HOUR):
        browser = officer(lite)
        page = browser.get(address(workshop)).get_data(as_text=True)
        [path] = [found for found in mails_of(page) if "Stockholm:0&show=sv" in found and "rule:1:" in found.replace("%3A", ":")]
        said = html.unescape(browser.get(path).get_data(as_text=True))
    service.queue_due(datetime.fromisoformat("2025-05-27T14:00+00:00"))
    sent = next(one for one in made.reminders() if one.lang == "sv")
    assert sent.subject in said
    assert "/r/…" in said
    assert f"As {sent.recipient_name} gets it" in said
    assert not re.search(r"/r/[\w-]+/reminders", said)


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
@pytest.mark.parametrize("code", ACTS)
def test_what_follows_an_act_can_be_read_in_each_language(lite: Flask, clock: Clock, code: str, lang: str) -> None:
    workshop = wanted(ruled())
    with clock(NOW):
        browser = officer(lite)
        answer = browser.get(address(workshop, f"mail?of={code}&show={lang}"))
    assert answer.status_code == 200
    assert workshop.texts[lang].title in answer.get_data(as_text=True)


def test_what_does_not_stand_on_the_page_is_not_found(lite: Flask, clock: Clock) -> None:
    workshop = wanted(ruled())
    with clock(NOW):
        browser = officer(lite)
        for rest in ("mail?of=nothing", "mail?of=rule:9:UTC:0", "mail?of=held:9", "mail?of=held:x", "mail?show=de", "mail/html?of=rule"):
            assert browser.get(address(workshop, rest)).status_code == 404, rest
        assert browser.get("/en/staff/workshops/999/rehearsal/").status_code == 404
        assert cast("Visitor", lite.test_client()).signed_in(factories.person()).get(address(workshop)).status_code == 404


def test_what_is_written_and_waits_is_one_line_a_kind_and_the_held_seats_are_told_of(lite: Flask, clock: Clock) -> None:
    workshop = wanted(ruled())
    peopled(workshop.network, workshop)
    member = workshop.network.members[0].organisation
    factories.person(member, role="coordinator", lang="sv")
    with transaction():
        hold = SeatHold(workshop_id=workshop.id, organisation_id=member.id, seats=1, unused=1, until=date(2025, 4, 30))
        hold.lapses_at, workshop.capacity, workshop.taken = datetime.fromisoformat("2025-05-01T05:00+00:00"), 10, 10
        db.session.add(hold)
    with clock(NOW + HOUR):
        browser = officer(lite)
        page = html.unescape(browser.get(address(workshop)).get_data(as_text=True))
        told = holding.remind(now=hold.lapses_at - timedelta(hours=20))
        again = browser.get(address(workshop)).get_data(as_text=True)
    assert len(re.findall("<strong>Confirmation</strong>", page)) == 1
    assert "9 people" in page
    assert "1 coordinator" in page
    assert f"of=held:{hold.id}" in page.replace("%3A", ":")
    assert (told, f"held%3A{hold.id}" in again or f"held:{hold.id}" in again) == (1, False)


def test_a_draft_without_days_has_nothing_on_the_clock(lite: Flask, clock: Clock) -> None:
    workshop = wanted(ruled())
    with transaction():
        workshop.state, workshop.starts_at, workshop.ends_at = "draft", None, None
        workshop.days.clear()
    with clock(NOW):
        browser = officer(lite)
        page = browser.get(address(workshop))
        assert "It has no days yet" in page.get_data(as_text=True)
        assert browser.get(address(workshop, "mail")).status_code == 404
        assert browser.post(address(workshop), data={"days": "2"}).status_code == 422


def test_a_reader_whose_clock_nobody_knows_keeps_the_page_from_nobody(lite: Flask, clock: Clock) -> None:
    workshop = wanted(ruled())
    lost = peopled(workshop.network, workshop)[0]
    with transaction():
        lost.zone = "Europe/Atlantis"
    service.plan(NOW + HOUR)
    with clock(NOW + HOUR):
        browser = officer(lite)
        page = browser.get(address(workshop))
        looked = [browser.get(path) for path in mails_of(page.get_data(as_text=True)) if "Atlantis" in path]
    assert page.status_code == 200
    assert {answer.status_code for answer in looked} == {200}
    assert any("It could not be written." in answer.get_data(as_text=True) for answer in looked)


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    switch("en")
    return factories.organisation("SE")


@pytest.mark.parametrize(("days", "now"), [
    (2, "2025-05-01T10:00"), (-2, "2025-05-01T10:00"), (-2, "2025-05-28T10:00"), (14, "2025-05-28T10:00"), (-5, "2025-05-28T10:00"),
])  # fmt: skip
def test_the_real_move_does_what_was_said(umea: Organisation, days: int, now: str) -> None:
    """Before any reminder, after one has left, and so near that one comes at once or is missed."""
    workshop, instant = published(umea, 3, capacity=2), datetime.fromisoformat(f"{now}+00:00")
    service.queue_due(instant)
    before, rows = _clock(workshop), everything()
    known = set(db.session.scalars(select(Message.id)))

    said = moving.what_if(workshop.id, days, by=KARIN, now=instant)
    assert everything() == rows

    workshop = workshops.get(workshop.id)
    saving.save(workshop.id, moving.moved(workshops.values_of(workshop), days), workshop.version, by=KARIN, now=instant)
    assert (list(said.reminders), said.reminders_kept) == outcome.reminders(before, _clock(workshop), instant)
    assert said.reminders
    written = db.session.scalars(select(Message).where(Message.id.not_in(known), Message.state == "pending")).all()
    assert Counter(one.subject for one in written) == Counter(one.subject for one in said.samples for _each in range(one.number))


def _clock(workshop: Workshop) -> dict[str, outcome.OnClock]:
    db.session.expire_all()
    return {one.key: one for one in shown.on_clock(workshop.id)}


def test_a_drafts_reminders_are_compared_as_if_it_were_public(umea: Organisation) -> None:
    workshop = published(umea, 0)
    with transaction():
        workshop.state = "draft"

    said = moving.what_if(workshop.id, 2, by=KARIN, now=NOW)

    assert [one.words for one in said.reminders] == [
        "Moves from 27 May 2025, 09:00 in Bogotá to 29 May 2025, 09:00 in Bogotá",
        "Moves from 2 June 2025, 09:00 in Bogotá to 4 June 2025, 09:00 in Bogotá",
    ]
    assert said.people == 0


def test_what_the_real_move_refuses_is_refused(umea: Organisation) -> None:
    workshop, begun = published(umea, 1), datetime.fromisoformat("2025-06-03T15:00+00:00")
    with pytest.raises(Refused):
        moving.what_if(workshop.id, 2, by=KARIN, now=begun)
    with pytest.raises(Refused):
        moving.moved(replace(workshops.values_of(workshop)), 10_000_000)


@pytest.mark.parametrize(("data", "words"), [
    ({"days": "2"}, "Thursday 5 June"), ({"days": "\u22122"}, "Sunday 1 June"), ({"first": "2025-06-10"}, "Tuesday 10 June"),
    ({"days": "7", "first": "2025-06-10"}, "Tuesday 10 June"),
])  # fmt: skip
def test_the_form_takes_days_or_a_first_day(lite: Flask, clock: Clock, data: dict[str, str], words: str) -> None:
    switch("en")
    workshop = published(factories.organisation("SE"), 3, capacity=2)
    with clock(NOW + timedelta(days=1)):
        browser = officer(lite)
        before = everything()
        answer = browser.post(address(workshop), data=data)
        assert everything() == before
    assert answer.status_code == 200
    assert words in answer.get_data(as_text=True)


@pytest.mark.parametrize("data", [
    {}, {"days": "x"}, {"days": "0"}, {"days": "99999"},
    {"first": "2025-02-30"}, {"days": "2", "first": "2025-06-10"}, {"first": "9999-12-31"},
])  # fmt: skip
def test_what_cannot_be_meant_is_answered_beside_the_field(lite: Flask, clock: Clock, data: dict[str, str]) -> None:
    switch("en")
    workshop = published(factories.organisation("SE"), 1)
    with clock(NOW + timedelta(days=1)):
        answer = officer(lite).post(address(workshop), data=data)
    assert answer.status_code == 422
    assert "There is one problem" in answer.get_data(as_text=True)
