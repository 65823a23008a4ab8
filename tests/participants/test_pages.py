"""The staff's pages about a workshop's people: the list, an act on many, a mail to many, one person, paper and file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.audit import queries as audit
from app.audit.service import record
from app.database import transaction
from app.organisations.models import Organisation
from app.participants import queries as notes
from app.registrations import queries
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor, counted
from tests.registrations.made import LATER, STAFF, registered, waiting, words

Clock = Callable[[datetime], Any]


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    """A workshop of two seats, for which three ask."""
    made = factories.workshop(factories.network(umea), capacity=2)
    registered(made.id, umea, 3)
    return made


@pytest.fixture
def staff(lite: Flask, clock: Clock) -> Visitor:
    """An officer's browser."""
    client = lite.test_client()
    assert isinstance(client, Visitor)
    with clock(LATER):
        return client.signed_in(factories.person(staff="officer", lang="en"))


def door(of: Workshop, more: str = "") -> str:
    return f"/en/staff/workshops/{of.id}/participants/{more}"


def test_the_list_says_who_stands_where_and_its_address_can_be_shared(
    lite: Flask, umea: Organisation, workshop: Workshop, staff: Visitor, clock: Clock
) -> None:
    with clock(LATER):
        whole = staff.get(door(workshop)).get_data(as_text=True)
        waits = staff.get(door(workshop, f"?state=waitlisted&organisation={umea.id}&role=unsaid&q=person")).get_data(as_text=True)
        nobody = staff.get(door(workshop, "?q=%25")).get_data(as_text=True)
        wrong = [staff.get(door(workshop, query)).status_code for query in ("?state=x", "?role=x", "?country=xx", "?organisation=x")]
        registered(workshop.id, umea, 30)
        with counted(lite) as seen:
            full = staff.get(door(workshop)).get_data()
    assert ("All 3" in whole, "No. 1 in line" in whole, whole.count('name="chosen"')) == (True, True, 3)
    assert (waits.count('name="chosen"'), "Show everybody" in waits, f'value="{umea.id}"' in waits) == (1, True, True)
    assert "Nobody matches what you look for." in nobody
    assert wrong == [404] * 4
    assert (len(seen) <= 12, len(full) < 20_000, "All 33 who match" in full.decode()) == (True, True, True), (len(seen), len(full))


def test_all_who_match_are_counted_before_and_again_when_it_is_done(
    umea: Organisation, workshop: Workshop, staff: Visitor, clock: Clock
) -> None:
    data = {"all": "1", "state": "confirmed", "act": "cancel"}
    reason = {"reason_en": "The house is closed."}
    with clock(LATER):
        asked = staff.post(door(workshop, "act"), data=data).get_data(as_text=True)
        late = staff.post(door(workshop, "act"), data=data | {"sure": "3"} | reason)
        assert queries.counts(workshop.id) == {"confirmed": 2, "waitlisted": 1}
        sure = asked.partition('name="sure" value="')[2].partition('"')[0]
        done = staff.post(door(workshop, "act"), data=data | {"sure": sure} | reason, follow_redirects=True).get_data(as_text=True)
        back = staff.get(door(workshop, "act"))
    assert "Take off and tell: 2 people" in asked
    assert (late.status_code, "2 people match now, not as many as before." in late.get_data(as_text=True)) == (422, True)
    assert "The house is closed." in late.get_data(as_text=True), "what was typed is kept"
    assert ("2 people are no longer registered." in done, back.status_code) == (True, 303)
    assert queries.counts(workshop.id) == {"cancelled": 2, "confirmed": 1}


def test_everybody_is_chosen_at_once_from_the_list_and_from_the_workshops_mails(workshop: Workshop, staff: Visitor, clock: Clock) -> None:
    data = {"all": "1", "state": "all", "act": "look", "original": "en", "subject_en": "The bus", "text_en": "At nine."}
    with clock(LATER):
        whole = staff.get(door(workshop)).get_data(as_text=True)
        alone = staff.get(door(workshop, "?state=waitlisted")).get_data(as_text=True)
        mails = staff.get(f"/en/staff/workshops/{workshop.id}/mails").get_data(as_text=True)
        look = staff.post(door(workshop, "mail"), data=data).get_data(as_text=True)
    assert ("All 3 on this list" in whole, 'name="all"' in alone) == (True, False)
    assert (f'action="{door(workshop, "mail")}"' in mails, 'name="all" value="1"' in mails, "Write to all" in mails) == (True, True, True)
    assert "Send to 3 people" in look


def test_a_mail_is_looked_at_sent_to_oneself_and_then_to_those_chosen(
    umea: Organisation, workshop: Workshop, staff: Visitor, clock: Clock
) -> None:
    mine = [str(one.id) for one in queries.of_workshop(workshop.id)[:2]]
    data = {"chosen": mine, "original": "en", "subject_en": "The bus", "text_en": "At **nine**."}
    with clock(LATER):
        empty = staff.post(door(workshop, "mail"), data={"chosen": mine}).get_data(as_text=True)
        bad = staff.post(door(workshop, "mail"), data=data | {"act": "look", "subject_en": ""})
        look = staff.post(door(workshop, "mail"), data=data | {"act": "look"}).get_data(as_text=True)
        assert '<div class="prose" lang="en"><p>At <strong>nine</strong>.</p>' in look, "as the mail shows it"
        assert waiting("bulletin") == []
        staff.post(door(workshop, "mail"), data=data | {"act": "sample"})
        (sample,) = waiting("bulletin")
        more = staff.post(door(workshop, "mail"), data=data | {"act": "send", "seen": "9"})
        sent = staff.post(door(workshop, "mail"), data=data | {"act": "send", "seen": "2"}, follow_redirects=True)
        nobody = staff.post(door(workshop, "mail"), data={}, follow_redirects=True).get_data(as_text=True)
    assert ("Write to 2 people" in empty, "Choose at least one person." in nobody) == (True, True)
    assert (bad.status_code, "Enter the subject in English" in bad.get_data(as_text=True)) == (422, True)
    assert ("Send to 2 people" in look, "At **nine**." in look) == (True, True)
    assert "/r/" not in words(sample), "nobody else's link"
    assert (more.status_code, "2 people get the mail." in sent.get_data(as_text=True)) == (422, True)
    assert len(waiting("bulletin")) == 3


def test_one_persons_page_shows_all_and_keeps_a_note(umea: Organisation, workshop: Workshop, staff: Visitor, clock: Clock) -> None:
    first, _second, last = queries.of_workshop(workshop.id)
    other = factories.workshop(workshop.network)
    with clock(LATER):
        kept = staff.post(door(workshop, f"{last.id}/note"), data={"words": "Comes <late>"}, follow_redirects=True).get_data(as_text=True)
        long = staff.post(door(workshop, f"{last.id}/note"), data={"words": "x" * 601})
        seat = staff.get(door(workshop, f"{first.id}/")).get_data(as_text=True)
        strange = [staff.get(door(other, f"{last.id}/")).status_code, staff.post(door(other, f"{last.id}/note")).status_code]
    for said in ("Comes &lt;late&gt;", "No. 1 in line", "went on the waiting list", "Noted something about", "Give a seat now"):
        assert said in kept
    with transaction():
        first.person.name = last.person.name
        record("registration.answered", f"workshop:{workshop.id}", by=STAFF, now=LATER, name=last.person.name)
    with clock(LATER):
        namesake = staff.get(door(workshop, f"{first.id}/")).get_data(as_text=True)
    assert ("One older line does not say which of the two" in namesake, "Noted something about" in namesake) == (True, False)
    assert (long.status_code, "x" * 601 in long.get_data(as_text=True), strange) == (422, True, [404, 404])
    assert ("0 of 2 half-days" in seat, first.check_in_code in seat, "Take off" in seat) == (True, True, True)
    note = notes.find_note(last.id)
    assert note is not None
    assert note.words == "Comes <late>"


def past(of: Workshop) -> list[tuple[str, object]]:
    """What the audit says, newest first, and of how many."""
    return [(entry.action, entry.facts.get("number")) for entry in audit.entries(f"workshop:{of.id}")]


def test_paper_and_file_hold_what_the_list_shows_and_leave_a_line(lite: Flask, workshop: Workshop, staff: Visitor, clock: Clock) -> None:
    with clock(LATER):
        looked = staff.get(door(workshop, "print"))
        assert (looked.status_code, "participants." in str(past(workshop))) == (303, False), "who only looks takes nothing along"
        with counted(lite) as seen:
            paper = staff.post(door(workshop, "print")).get_data(as_text=True)
        assert len(seen) <= 14, seen
        waits = staff.post(door(workshop, "print"), data={"state": "waitlisted"}).get_data(as_text=True)
        files = [staff.post(door(workshop, f"export.{kind}"), data={"state": "waitlisted"}) for kind in ("csv", "xlsx")]
        getting = staff.get(door(workshop, "export.csv")).status_code
    with clock(LATER):
        everybody = staff.post(door(workshop, "print"), data={"state": "all"}).get_data(as_text=True)
    assert (everybody.count('<tr><th scope="row">'), "Confirmed: 2 people" in everybody) == (2, True), "who waits does not sign"
    assert (paper.count('<tr><th scope="row">'), "Signature" in paper, waits.count('<tr><th scope="row">')) == (2, True, 1)
    assert past(workshop)[1:5] == [("participants.exported", 1)] * 2 + [("participants.printed", 1), ("participants.printed", 2)]
    assert [answer.headers["Content-Disposition"][:34] for answer in files] == ['attachment; filename="participants'] * 2
    assert (len(files[0].data.decode().splitlines()), getting) == (2, 405)
