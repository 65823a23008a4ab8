"""Staff write rules on a page: what it would do is seen first, nothing stale goes, and what cannot be is answered at its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.service import person
from app.database import db, transaction
from app.organisations.models import Network
from app.reminders import queries as reads
from app.reminders import service
from app.reminders.models import ReminderRule, Skipped
from app.workshops.acts import copying
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.registrations.made import words
from tests.reminders import made

TYPED: dict[str, str] = {
    "anchor": "start", "amount": "3", "unit": "days", "direction": "before", "at_local": "10:00", "zone_of": "workshop",
    "instant_on": "", "instant_at": "", "instant_zone": "Europe/Stockholm", "audience": "confirmed", "comes_as": "", "organisation": "",
    "applies_to": "all", "enabled": "y", "version": "0",
}  # fmt: skip
WEEK = ["2025-05-27 09:00 America/Bogota", "2025-05-27 16:00 Europe/Stockholm"]
THREE = ["2025-05-31 10:00 America/Bogota", "2025-05-31 17:00 Europe/Stockholm"]


@pytest.fixture
def staff(app: Flask, clock: Callable[[datetime], Any]) -> Any:
    """A programme officer's browser, at NOW, on both databases."""
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


@pytest.fixture
def karin(lite: Flask, clock: Callable[[datetime], Any]) -> Any:
    """The same on SQLite alone, for what does not depend on the database."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


def come_back(visitor: Visitor) -> None:
    """Signs in once more, with a new token: neither outlasts the months between."""
    g.pop("csrf_token", None)
    visitor.signed_in(factories.person(staff="officer"))


def page_of(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def of(place: Network | Workshop, lang: str = "en") -> str:
    kind = f"workshops/{place.id}" if isinstance(place, Workshop) else f"networks/{place.slug}"
    return f"/{lang}/staff/{kind}/reminders/"


def rules() -> list[tuple[str, int, str, bool, int]]:
    db.session.expire_all()
    wanted = select(ReminderRule).order_by(ReminderRule.id)
    return [(r.anchor, r.offset, r.unit, r.enabled, r.version) for r in db.session.scalars(wanted)]


def version_of(rule_id: int) -> str:
    db.session.expire_all()
    return str(db.session.get_one(ReminderRule, rule_id).version)


def actions() -> list[str]:
    wanted = select(AuditEntry.action).where(AuditEntry.action.startswith("reminder_rule.")).order_by(AuditEntry.id)
    return list(db.session.scalars(wanted))


def test_what_a_rule_would_do_is_seen_first_and_nothing_is_written(staff: Visitor) -> None:
    workshop, *_people = made.world()
    page = page_of(staff.post(of(workshop.network) + "new", data=TYPED | {"act": "look"}))
    assert "31 May 2025, 17:00 in Stockholm" in page
    assert "31 May 2025, 10:00 in Bogotá" in page
    assert "for 1 person" in page
    assert rules() == [("start", -7, "days", True, 1)]
    assert actions() == []


def test_a_new_rule_of_the_network_stands_on_the_clock_at_once(staff: Visitor) -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    saved = staff.post(of(workshop.network) + "new", data=TYPED)
    assert (saved.status_code, made.dues()) == (303, WEEK + THREE)
    assert "31 May 2025, 10:00 in Bogotá" in page_of(staff.get(saved.location))
    assert actions() == ["reminder_rule.added"]


def test_a_changed_rule_leaves_nothing_of_the_old_one_on_the_clock(staff: Visitor) -> None:
    workshop, *_people = made.world()
    home = factories.organisation("SE")
    other = factories.workshop(factories.network(home))
    made.rule(other.network)
    made.seat(other, factories.person(home))
    service.plan(NOW)
    before = [due for due in made.dues() if "Stockholm" in due]
    [mine, theirs] = list(db.session.scalars(select(ReminderRule).order_by(ReminderRule.id)))
    answer = staff.post(f"{of(workshop.network)}{mine.id}/", data=TYPED | {"version": version_of(mine.id)})
    assert answer.status_code == 303
    assert sorted(made.dues()) == sorted([*THREE, before[-1]])
    assert rules() == [("start", -3, "days", True, 2), ("start", -7, "days", True, theirs.version)]


def test_what_a_changed_rule_would_have_sent_before_never_goes(staff: Visitor, clock: Callable[[datetime], Any]) -> None:
    workshop, *_people = made.world()
    made.rule(workshop.network, offset=-1)
    service.plan(NOW)
    last = db.session.scalars(select(ReminderRule.id).order_by(ReminderRule.id.desc())).first()
    late = made.at("America/Bogota", 2025, 6, 1, 12)
    with clock(late):
        come_back(staff)
        service.queue_due(late)
        sent = made.recipients()
        staff.post(f"{of(workshop.network)}{last}/", data=TYPED | {"version": "1"})
        service.plan(late)
        assert (made.dues(), service.queue_due(late), made.recipients()) == ([], service.Counts(), sent)


def test_a_rule_that_has_gone_goes_again_for_another_day_and_only_once(staff: Visitor, clock: Callable[[datetime], Any]) -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    gone = made.at("Europe/Stockholm", 2025, 5, 27, 18)
    with clock(gone):
        come_back(staff)
        assert service.queue_due(gone).queued == 2
        [rule] = list(db.session.scalars(select(ReminderRule)))
        staff.post(f"{of(workshop.network)}{rule.id}/", data=TYPED | {"version": "1"})
        assert made.dues() == THREE
        staff.post(f"{of(workshop.network)}{rule.id}/", data=TYPED | {"version": "2", "at_local": "11:00"})
        assert [due[11:16] for due in made.dues()] == ["11:00", "18:00"]
    later = made.at("Europe/Stockholm", 2025, 5, 31, 19)
    assert service.queue_due(later).queued == 2


def test_a_rule_switched_off_takes_back_what_waits_for_the_morning(staff: Visitor, clock: Callable[[datetime], Any]) -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    night = made.at("Europe/Stockholm", 2025, 5, 27, 23)
    with clock(night):
        come_back(staff)
        service.queue_due(night)
        assert len(made.reminders()) == 2
        [rule] = list(db.session.scalars(select(ReminderRule)))
        staff.post(f"{of(workshop.network)}{rule.id}/", data={**TYPED, "amount": "7", "at_local": "09:00", "version": "1", "enabled": ""})
        assert (rules(), made.reminders()) == ([("start", -7, "days", False, 2)], [])
        assert len(made.reminders("superseded")) == 2
    assert actions() == ["reminder_rule.off"]


def test_a_workshop_goes_without_a_rule_of_its_network_and_has_it_again(staff: Visitor, clock: Callable[[datetime], Any]) -> None:
    workshop, *_people = made.world()
    other = factories.workshop(workshop.network)
    made.seat(other, factories.person(workshop.network.members[1].organisation))
    service.plan(NOW)
    both = made.dues()
    [rule] = list(db.session.scalars(select(ReminderRule)))
    for _twice in range(2):
        staff.post(f"{of(workshop)}network/{rule.id}", data={"act": "off"})
    service.plan(NOW)
    assert made.dues() == [WEEK[0]]
    assert "Not for this workshop" in page_of(staff.get(of(workshop)))
    staff.post(f"{of(workshop)}network/{rule.id}", data={"act": "on"})
    assert made.dues() == both
    staff.post(f"{of(workshop)}network/{rule.id}", data={"act": "off"})
    late = made.at("America/Bogota", 2025, 5, 28, 9)
    with clock(late):
        come_back(staff)
        service.queue_due(late)
        staff.post(f"{of(workshop)}network/{rule.id}", data={"act": "on"})
        assert service.plan(late) + service.queue_due(late) == service.Counts()
    assert actions() == ["reminder_rule.skipped", "reminder_rule.taken_up"] * 2


def test_a_workshops_own_rule_stands_beside_its_networks_and_its_forms(staff: Visitor) -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    staff.post(of(workshop) + "new", data=TYPED)
    assert made.dues() == WEEK + THREE
    service.choose(workshop.id, ["days:1@09:00"], by=made.STAFF, now=NOW)
    assert [due[:10] for due in made.dues()] == ["2025-05-31", "2025-05-31", "2025-06-02", "2025-06-02"]
    page = page_of(staff.get(of(workshop)))
    assert ("Replaced by the form’s reminders" in page, "Change in the form" in page) == (True, True)
    service.choose(workshop.id, [], by=made.STAFF, now=NOW)
    assert made.dues() == WEEK + THREE


def test_a_copy_has_the_rules_of_its_original_but_for_a_fixed_moment(karin: Visitor) -> None:
    workshop, *_people = made.world()
    [common] = list(db.session.scalars(select(ReminderRule.id)))
    karin.post(of(workshop) + "new", data=TYPED)
    karin.post(of(workshop) + "new", data=TYPED | {"anchor": "instant", "instant_on": "2025-04-01", "instant_at": "12"})
    karin.post(f"{of(workshop)}network/{common}", data={"act": "off"})
    by = person(factories.person(staff="officer"))
    with_rules = copying.copy(workshop.id, None, ["reminders"], by=by, now=NOW)
    without = copying.copy(workshop.id, None, [], by=by, now=NOW)
    found = {
        one.id: list(db.session.scalars(select(ReminderRule.offset).where(ReminderRule.workshop_id == one.id)))
        for one in (with_rules, without)
    }
    assert found == {with_rules.id: [-3], without.id: []}
    assert reads.skipped([with_rules.id, without.id]) == {(common, with_rules.id)}


def test_two_who_edit_see_each_other(staff: Visitor) -> None:
    workshop, *_people = made.world()
    [rule] = list(db.session.scalars(select(ReminderRule)))
    url = f"{of(workshop.network)}{rule.id}/"
    staff.post(url, data=TYPED | {"version": "1"})
    answer = staff.post(url, data=TYPED | {"version": "1", "amount": "5"})
    page = page_of(answer)
    assert (answer.status_code, rules()) == (409, [("start", -3, "days", True, 2)])
    assert "It reads now: “Reminder 3 days before, at 10:00: who has a seat”" in page
    assert 'value="5"' in page
    assert staff.post(url, data=TYPED | {"version": "2", "amount": "5"}).status_code == 303


BAD: list[tuple[dict[str, str], str, str]] = [
    ({"amount": "400"}, "amount", "Enter at most 365 days"),
    ({"amount": "400", "unit": "hours", "at_local": ""}, "amount", "Enter at most 168 hours, or count in days"),
    ({"amount": "-0"}, "amount", "Enter the number without a sign"),
    ({"amount": "−7"}, "amount", "Enter the number without a sign"),
    ({"amount": ""}, "amount", "Enter a whole number"),
    ({"amount": "1.5"}, "amount", "Enter a whole number"),
    ({"amount": "99999999"}, "amount", "Enter a whole number"),
    ({"amount": "5", "unit": "minutes", "at_local": ""}, "amount", "Enter at least 15"),
    ({"amount": "0", "unit": "hours", "at_local": ""}, "amount", "Enter at least 1"),
    ({"at_local": "25:00"}, "at_local", "“25:00” is no hour of the day"),
    ({"at_local": "03:00"}, "at_local", "Choose an hour between 06:00 and 21:00"),
    ({"unit": "hours"}, "at_local", "An hour goes with days only"),
    ({"amount": "15", "direction": "after"}, "amount", "At most 14 days after"),
    ({"anchor": "instant", "instant_on": "2025-03-03", "instant_at": "12:00"}, "instant_on", "That moment has passed"),
    ({"anchor": "instant", "instant_on": "2025-03-30", "instant_at": "02:30"}, "instant_at", "Clocks there are changed"),
    ({"anchor": "instant"}, "instant_on", "Enter the day of the fixed moment"),
    ({"anchor": "instant", "instant_on": "12 June", "instant_at": "25"}, "instant_at", "“25” is no hour of the day"),
    ({"audience": "attended"}, "audience", "Nobody has attended, or stayed away, before the end"),
    ({"audience": "absent"}, "audience", "Nobody has attended, or stayed away, before the end"),
    ({"audience": "offered"}, "audience", "Only the end of an offered seat"),
    ({"anchor": "offer_lapses"}, "audience", "Choose “who is offered a seat”"),
    ({"anchor": "offer_lapses", "audience": "offered", "direction": "after"}, "direction", "Choose a time before"),
    ({"anchor": "letters"}, "audience", "Choose “who has a seat, comes from another country"),
    ({"audience": "letterless"}, "audience", "Only the last moment for letters for a visa"),
    ({"anchor": "letters", "audience": "letterless", "direction": "after"}, "direction", "Choose a time before"),
    ({"anchor": "opens"}, "direction", "Choose a time after"),
    ({"anchor": "end", "direction": "after", "audience": "waitlisted"}, "audience", "After the end nobody is on the waiting list"),
    ({"amount": "7", "at_local": "09:00"}, "amount", "The same rule is there already"),
    ({"anchor": "milestone"}, "anchor", "Choose from the list"),
    ({"organisation": "77"}, "organisation", "Choose from the list"),
]


@pytest.mark.parametrize(("typed", "field", "answer_begins"), BAD)
def test_what_cannot_be_is_answered_at_its_field_and_what_was_typed_is_kept(
    karin: Visitor, typed: dict[str, str], field: str, answer_begins: str
) -> None:
    workshop, *_people = made.world()
    before = rules()
    for act in ("look", "save"):
        answer = karin.post(of(workshop.network) + "new", data=TYPED | typed | {"act": act})
        page = page_of(answer)
        assert answer.status_code == 422
        found = re.search(rf'id="{field}-error"><span class="hidden-words">Error: </span>([^<]*)', page)
        assert found is not None, page
        assert found[1].startswith(answer_begins)
        assert f'value="{typed.get("amount", "3")}"' in page
    assert (rules(), actions()) == (before, [])


OF_WORKSHOP: list[tuple[dict[str, str], dict[str, Any], str, str]] = [
    ({"anchor": "closes"}, {}, "anchor", "This workshop has no last day of registration"),
    ({"anchor": "opens", "direction": "after"}, {}, "anchor", "This workshop does not say when registration opens"),
    ({"anchor": "offer_lapses", "audience": "offered", "unit": "hours", "at_local": ""}, {}, "anchor", "This workshop offers no seats"),
    (
        {"anchor": "offer_lapses", "audience": "offered", "amount": "48", "unit": "hours", "at_local": ""},
        {"waitlist": "offer", "offer_hours": 48}, "amount", "An offer here does not stand that long",
    ),
    ({"anchor": "letters", "audience": "letterless"}, {}, "anchor", "This workshop has no last day for letters"),
    ({"applies_to": "online"}, {}, "applies_to", "This workshop takes place otherwise"),
    ({"amount": "200"}, {}, "amount", "For this workshop that moment has passed"),
    ({"anchor": "instant", "instant_on": "2025-07-01", "instant_at": "12"}, {}, "instant_on", "That is more than 14 days after the end"),
    ({"amount": "7", "at_local": "09:00"}, {}, "amount", "The network has this rule already"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "columns", "field", "answer_begins"), OF_WORKSHOP)
def test_a_rule_that_could_never_go_for_a_workshop_is_refused(
    karin: Visitor, typed: dict[str, str], columns: dict[str, Any], field: str, answer_begins: str
) -> None:
    workshop, *_people = made.world()
    with transaction():
        for name, value in columns.items():
            setattr(workshop, name, value)
    answer = karin.post(of(workshop) + "new", data=TYPED | typed)
    found = re.search(rf'id="{field}-error"><span class="hidden-words">Error: </span>([^<]*)', page_of(answer))
    assert (answer.status_code, found is not None and found[1].startswith(answer_begins)) == (422, True)


def test_two_fields_that_are_wrong_are_both_answered(karin: Visitor) -> None:
    workshop, *_people = made.world()
    page = page_of(karin.post(of(workshop.network) + "new", data=TYPED | {"amount": "400", "at_local": "25:00"}))
    assert ("There are 2 problems" in page, "at most 365 days" in page, "“25:00” is no hour" in page) == (True, True, True)


@pytest.mark.parametrize(("lang", "answer"), [("sv", "Skriv högst 365 dagar"), ("es", "Escriba como máximo 365 días")])
def test_the_answer_is_in_the_readers_language(karin: Visitor, lang: str, answer: str) -> None:
    workshop, *_people = made.world()
    assert answer in page_of(karin.post(of(workshop.network, lang) + "new", data=TYPED | {"amount": "400"}))


def test_another_networks_rule_and_one_ticked_in_the_form_are_not_there(karin: Visitor) -> None:
    workshop, *_people = made.world()
    other = factories.workshop(factories.network(factories.organisation("SE")))
    theirs = made.rule(other.network)
    service.choose(workshop.id, ["hours:1"], by=made.STAFF, now=NOW)
    ticked = db.session.scalars(select(ReminderRule.id).where(ReminderRule.workshop_id == workshop.id)).one()
    found = [
        karin.get(f"{of(workshop.network)}{theirs.id}/"),
        karin.get(f"{of(workshop)}{ticked}/"),
        karin.get(f"{of(workshop)}{theirs.id}/"),
    ]
    found.append(karin.post(f"{of(workshop)}network/{theirs.id}", data={"act": "off"}))
    found.append(karin.post(f"{of(workshop)}{ticked}/", data=TYPED | {"version": version_of(ticked)}))
    assert [answer.status_code for answer in found] == [404] * 5
    assert db.session.scalars(select(Skipped)).all() == []


def test_a_change_costs_as_many_statements_for_many_workshops_as_for_3(
    staff: Visitor, app: Flask, queries: Callable[[], Any], full: bool
) -> None:
    network, me = factories.network(factories.organisation("SE")), factories.person(factories.organisation("SE"))
    rule, counts = made.rule(network), []
    url = f"{of(network)}{rule.id}/"
    many = 300 if full else 60
    for number in (3, many - 3):
        for _one in range(number):
            made.crowd_of_one(factories.workshop(network), me)
        service.plan(NOW)
        found = []
        for amount, enabled in (("3", "y"), ("3", ""), ("3", "y"), ("7", "y")):
            data = TYPED | {"amount": amount, "enabled": enabled, "version": version_of(rule.id)}
            token = staff.token()
            with queries() as seen:
                answer = staff.post(url, data=data | {"csrf_token": token}, csrf=False)
            assert answer.status_code == 303
            found.append(len(seen))
        counts.append(found)
    assert counts[0] == counts[1]
    assert len(made.dues()) == many


def test_a_day_of_a_rule_is_read_on_each_readers_own_clock(staff: Visitor) -> None:
    workshop, *_people = made.world()
    staff.post(of(workshop.network) + "new", data=TYPED | {"zone_of": "person"})
    assert made.dues() == ["2025-05-31 10:00 Europe/Stockholm", "2025-05-31 10:00 America/Bogota"]


def test_a_rule_of_an_organisation_and_of_politicians_reaches_no_other(staff: Visitor) -> None:
    workshop, swede, colombian = made.world()
    [member] = [one.organisation_id for one in swede.affiliations]
    with transaction():
        swede.kind = colombian.kind = "politician"
    for more in ({"organisation": str(member)}, {"comes_as": "official", "amount": "4"}):
        assert staff.post(of(workshop.network) + "new", data=TYPED | more).status_code == 303
    at = made.at("America/Bogota", 2025, 6, 1, 12)
    service.plan(NOW)
    service.queue_due(made.at("America/Bogota", 2025, 5, 28, 12))
    first = len(made.reminders())
    service.queue_due(at)
    assert (first, made.recipients()[-1], len(made.reminders())) == (2, "b.colombian@bogota.example", 3)
    last = made.reminders()
    assert [message.recipient for message in last] == ["a.swede@umea.example"] * 2 + ["b.colombian@bogota.example"]


def test_who_was_not_there_is_missed_only_where_somebody_was_noted(staff: Visitor, clock: Callable[[datetime], Any]) -> None:
    workshop, swede, colombian = made.world()
    quiet = factories.workshop(workshop.network)
    made.seat(quiet, swede)
    more = {"anchor": "end", "direction": "after", "amount": "1", "audience": "absent"}
    assert staff.post(of(workshop.network) + "new", data=TYPED | more).status_code == 303
    made.was_there(workshop, colombian)
    after = made.at("America/Bogota", 2025, 6, 4, 14)
    service.plan(after - timedelta(days=30))
    service.queue_due(after)
    [mail] = made.reminders()
    assert (mail.recipient, mail.subject.partition(":")[0]) == ("a.swede@umea.example", "Vi saknade dig")


def test_whoever_was_there_reads_where_the_certificate_is_once_there_is_one(lite: Flask) -> None:
    assert lite
    workshop, swede, colombian = made.world()
    made.rule(workshop.network, anchor="end", offset=1, audience="attended")
    made.was_there(workshop, swede)
    made.was_there(workshop, colombian)
    made.certificate(workshop, colombian)
    service.plan(NOW)
    service.queue_due(made.at("America/Bogota", 2025, 6, 4, 14))
    said = {message.recipient: words(message) for message in made.reminders()}
    assert "Ditt intyg" not in said["a.swede@umea.example"]
    assert "Su constancia está lista" in said["b.colombian@bogota.example"]
