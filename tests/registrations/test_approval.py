"""Where staff decide: a request takes no seat, is granted in the order of asking, or declined with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.database import db
from app.delegations.colleagues import Colleague
from app.delegations.substitutes import Who, substitute
from app.errors import Missing, Refused
from app.languages import switch
from app.organisations.models import Organisation
from app.registrations import approval, guests, letters, queries, service
from app.registrations.approval import Decided
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, edit, kinds, published, registered, waiting, words

REASONS = {"en": "There are already three of your municipality.", "sv": "Ni är redan tre.", "es": "Ya son tres."}


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    switch("en")
    return factories.organisation("SE")


def choosy(umea: Organisation, **values: Any) -> Workshop:
    """A workshop for which staff decide who comes."""
    return factories.workshop(factories.network(umea), approval=True, **values)


def states(ids: list[int]) -> list[str]:
    """What has become of registrations."""
    return [queries.get(one).state for one in ids]


def actions() -> list[str]:
    """The lines of the audit, the oldest first."""
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_request_takes_no_seat_and_is_answered_by_mail(umea: Organisation) -> None:
    workshop = choosy(umea)
    mine = registered(workshop.id, umea)
    again = service.register(workshop.id, queries.get(mine[0]).person_id, by=STAFF, now=LATER)
    assert (again.id, states(mine), workshop.taken) == (mine[0], ["requested"], 0)
    assert kinds() == ["request"]
    assert "Until then you have no seat yet." in words(waiting()[0])
    assert actions() == ["registration.requested"]


def test_requests_are_granted_in_the_order_of_asking_then_they_wait(umea: Organisation) -> None:
    workshop = choosy(umea, capacity=2)
    mine = registered(workshop.id, umea, 3)
    assert approval.approve(workshop.id, mine[::-1], by=STAFF, now=LATER) == Decided(seated=2, waiting=1)
    assert states(mine) == ["confirmed", "confirmed", "waitlisted"]
    db.session.refresh(workshop)
    assert workshop.taken == 2
    assert kinds() == ["confirmation", "confirmation", "waiting"], "what was to say that staff decide does not leave any more"
    assert all("Your request is approved." in words(mail) for mail in waiting())
    assert actions()[3:5] == ["registration.approved", "registration.confirmed"]


def test_who_asked_first_is_first_in_the_line_too(umea: Organisation) -> None:
    workshop = choosy(umea, capacity=1)
    mine = registered(workshop.id, umea, 3)
    for one in (mine[0], mine[2], mine[1]):
        approval.approve(workshop.id, [one], by=STAFF, now=LATER)
    service.cancel(mine[0], by=STAFF, now=LATER)
    assert states(mine) == ["cancelled", "confirmed", "waitlisted"]


def test_declined_with_a_reason_in_the_own_language(umea: Organisation) -> None:
    workshop = choosy(umea)
    people = [factories.person(umea, lang=lang) for lang in ("sv", "en")]
    mine = [service.register(workshop.id, one.id, by=STAFF, now=NOW).id for one in people]
    with pytest.raises(Refused) as refused:
        approval.decline(workshop.id, mine, {"en": REASONS["en"]}, by=STAFF, now=LATER)
    assert set(refused.value.problems) == {"reason_sv"}
    assert states(mine) == ["requested", "requested"], "all or nothing"
    assert approval.decline(workshop.id, mine, REASONS, by=STAFF, now=LATER) == Decided(declined=2)
    assert [queries.get(one).reason for one in mine] == ["Ni är redan tre.", REASONS["en"]]
    assert queries.get(mine[0]).cancelled_by == STAFF.code
    assert [mail.kind for mail in waiting()] == ["declined", "declined"]
    assert [mail for mail in waiting() if mail.lang == "sv" and "Ni är redan tre." in words(mail)]


def test_what_somebody_decided_or_withdrew_before_is_left_as_it_is(umea: Organisation) -> None:
    workshop = choosy(umea)
    mine = registered(workshop.id, umea, 3)
    approval.approve(workshop.id, [mine[0]], by=STAFF, now=LATER)
    service.cancel(mine[1], by=STAFF, now=LATER)
    assert approval.decline(workshop.id, mine, REASONS, by=STAFF, now=LATER) == Decided(declined=1, late=2)
    assert states(mine) == ["confirmed", "cancelled", "declined"]


def test_a_request_of_another_workshop_does_not_exist(umea: Organisation) -> None:
    workshop, other = choosy(umea), choosy(umea)
    (mine,) = registered(other.id, umea)
    for ids in ([mine], [9999]):
        with pytest.raises(Missing):
            approval.approve(workshop.id, ids, by=STAFF, now=LATER)
    with pytest.raises(Refused, match="Choose at least one"):
        approval.approve(workshop.id, [], by=STAFF, now=LATER)


def test_a_request_is_withdrawn_and_may_be_made_again(umea: Organisation) -> None:
    workshop = choosy(umea)
    (mine,) = registered(workshop.id, umea)
    service.cancel(mine, by=STAFF, now=LATER)
    assert (states([mine]), kinds()) == (["cancelled"], ["cancelled_seat"])
    assert "Your request is withdrawn" in words(waiting()[0])
    service.register(workshop.id, queries.get(mine).person_id, by=STAFF, now=LATER)
    assert states([mine]) == ["requested"]


def test_after_the_window_staff_still_decide_but_not_after_the_end(umea: Organisation) -> None:
    workshop = choosy(umea, closes_at=NOW + timedelta(days=1))
    mine = registered(workshop.id, umea, 2)
    approval.approve(workshop.id, [mine[0]], by=STAFF, now=NOW + timedelta(days=2))
    assert workshop.ends_at is not None
    with pytest.raises(Refused, match="is over"):
        approval.decline(workshop.id, [mine[1]], REASONS, by=STAFF, now=workshop.ends_at)
    assert states(mine) == ["confirmed", "requested"]


def test_without_approval_open_requests_stay_for_staff_to_decide(umea: Organisation) -> None:
    workshop = choosy(umea)
    mine = registered(workshop.id, umea)
    workshop.approval = False
    db.session.commit()
    mine += registered(workshop.id, umea)
    assert states(mine) == ["requested", "confirmed"]
    approval.approve(workshop.id, [mine[0]], by=STAFF, now=LATER)
    assert states(mine) == ["confirmed", "confirmed"]


def test_with_approval_those_who_wait_keep_their_place_and_still_move_up(umea: Organisation) -> None:
    workshop = choosy(umea, capacity=1)
    workshop.approval = False
    db.session.commit()
    mine = registered(workshop.id, umea, 2)
    workshop.approval = True
    db.session.commit()
    service.cancel(mine[0], by=STAFF, now=LATER)
    assert states(mine) == ["cancelled", "confirmed"]


def guest(workshop: Workshop) -> Registration:
    """Somebody without an account, who has sent the form."""
    guests.register_guest(workshop.id, guests.Guest("Ana", "ana@guest.example", None, "", "en", "America/Bogota"), now=NOW)
    return queries.of_workshop(workshop.id)[0]


def test_a_guest_asks_with_the_button_of_the_mail_and_holds_no_seat_before(umea: Organisation) -> None:
    workshop = choosy(umea, access="open")
    found = guest(workshop)
    assert (found.state, found.holds_seat, workshop.taken) == ("unconfirmed", False, 0)
    assert "the request reaches our staff" in words(waiting("hold")[0])
    guests.confirm_held(letters.manage_path(found).removeprefix("/r/"), now=LATER)
    assert (states([found.id]), [mail.kind for mail in waiting("request")]) == (["requested"], ["request"])


def test_a_seat_that_was_held_for_a_guest_before_is_still_theirs(umea: Organisation) -> None:
    workshop = choosy(umea, access="open")
    workshop.approval = False
    db.session.commit()
    found = guest(workshop)
    workshop.approval = True
    db.session.commit()
    guests.confirm_held(letters.manage_path(found).removeprefix("/r/"), now=NOW)
    assert states([found.id]) == ["confirmed"]


def test_a_move_is_told_to_those_who_asked_in_their_own_words(umea: Organisation) -> None:
    workshop = published(umea)
    workshop.approval = True
    db.session.commit()
    mine = registered(workshop.id, umea)
    edit(workshop.id, days=1)
    assert kinds() == ["request", "change"]
    assert "We still have your request." in words(waiting("change")[0])
    assert states(mine) == ["requested"]


def test_a_stranger_who_types_the_address_of_somebody_declined_changes_nothing(umea: Organisation) -> None:
    workshop = choosy(umea, access="open")
    mine = registered(workshop.id, umea)[0]
    approval.decline(workshop.id, [mine], REASONS, by=STAFF, now=LATER)
    person = queries.get(mine).person
    guests.register_guest(workshop.id, guests.Guest("Stranger", person.address, None, "Elsewhere", "en", "UTC"), now=LATER)
    found = queries.get(mine)
    assert (found.state, found.guest_name, found.organisation_name) == ("declined", "", "")
    assert "Your request has been answered already" in words(waiting()[-1])


@pytest.mark.parametrize(
    ("who", "asks", "comes"), [("self", False, False), ("coordinator", False, False), ("self", True, True), ("staff", False, True)]
)
def test_whom_staff_have_declined_gets_no_seat_from_a_colleague_past_them(umea: Organisation, who: Who, asks: bool, comes: bool) -> None:
    workshop = choosy(umea)
    first, second = registered(workshop.id, umea, 2)
    person_id = queries.get(second).person_id
    if not asks:
        approval.approve(workshop.id, [first], by=STAFF, now=LATER)
    approval.decline(workshop.id, [second], REASONS, by=STAFF, now=LATER)
    if comes:
        substitute(first, Colleague(person_id=person_id), who=who, by=STAFF, now=LATER)
        assert states([first, second]) == ["cancelled", "requested" if asks else "confirmed"]
        return
    with pytest.raises(Refused) as refused:
        substitute(first, Colleague(person_id=person_id), who=who, by=STAFF, now=LATER)
    assert refused.value.problems == {"address_0": "This address cannot be registered. Write to us."}
    assert states([first, second]) == ["confirmed", "declined"]
