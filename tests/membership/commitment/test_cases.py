"""The rule out of rows, as a table of named cases: who attended what, when, where, for whom; both halves as they stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask

from app.accounts.models import Affiliation
from app.attendance import queries as attendance
from app.attendance.service import Change, save_sheet
from app.audit.service import person as actor
from app.database import db, transaction
from app.delegations import substitutes
from app.delegations.colleagues import Colleague
from app.membership import queries
from app.membership.models import CommitmentRule
from app.registrations import service as registrations
from app.workshops.acts import service as acts
from app.workshops.models import SeatHold, Workshop, WorkshopInvitee
from tests import factories
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF, World

LATER = datetime(2026, 3, 1, tzinfo=UTC)  # when 2025 is over everywhere
EARLY = datetime(2024, 6, 3, 12, tzinfo=UTC)  # when everybody registers
States = tuple[str, str]


def workshop(world: World, *days: date, country: str = "CO", **values: object) -> Workshop:
    return factories.workshop(world.network, *days, country=country, **values)


def came(on: Workshop, *people: object, half_days: int | None = None, way: str = "on_site") -> None:
    """They registered in time, and were there, or for the first so many half-days."""
    for one in people:
        seat = registrations.register(on.id, one.id, by=actor(one), now=EARLY)  # type: ignore[attr-defined, arg-type]
        codes = [slot.code for slot in attendance.slots_of(on.id) if slot.half][:half_days]
        save_sheet(on.id, [Change(seat.id, code, present=True) for code in codes], way=way, by=STAFF, now=LATER)


def attended_on_the_first_day(world: World) -> None:
    came(workshop(world, date(2025, 1, 1)), world.lucia)


def began_on_the_last_day_in_bogota(world: World) -> None:
    """It ends when it is January in Greenwich already."""
    came(workshop(world, date(2025, 12, 31), starts=time(17), ends=time(23)), world.lucia)


def began_on_the_last_day_in_guatemala(world: World) -> None:
    came(workshop(world, date(2025, 12, 31), country="GT", starts=time(17), ends=time(23, 30)), world.lucia)


def began_on_the_first_day_in_sweden(world: World) -> None:
    """In Greenwich it is still December."""
    came(workshop(world, date(2025, 1, 1), country="SE", starts=time(0, 10), ends=time(8)), world.lucia)


def began_the_day_before(world: World) -> None:
    came(workshop(world, date(2024, 12, 31), date(2025, 1, 1)), world.lucia)


def began_the_day_after(world: World) -> None:
    came(workshop(world, date(2026, 1, 1)), world.lucia)


def over_the_years_end(world: World) -> None:
    came(workshop(world, date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1)), world.lucia)


def cancelled_after_attendance(world: World) -> None:
    """Staff cancel what has been held, by mistake or not: whoever was there was there."""
    held = workshop(world, date(2025, 2, 3))
    came(held, world.lucia)
    with transaction():
        held.state = "cancelled"


def one_half_day_of_four(world: World) -> None:
    came(workshop(world, date(2025, 2, 3), date(2025, 2, 4)), world.lucia, half_days=1)


def all_half_days(world: World) -> None:
    came(workshop(world, date(2025, 2, 3), date(2025, 2, 4)), world.lucia, half_days=4)


def had_a_seat_and_did_not_come(world: World) -> None:
    made.registered(workshop(world, date(2025, 2, 3)), world.lucia, now=EARLY)


def a_substitute_came(world: World) -> None:
    """Andrés takes Lucía's seat, and comes."""
    held = workshop(world, date(2025, 2, 3))
    seat = registrations.register(held.id, world.lucia.id, by=actor(world.lucia), now=EARLY)
    new = substitutes.substitute(seat.id, Colleague(person_id=world.andres.id), who="staff", by=STAFF, now=EARLY + timedelta(days=9))
    codes = [slot.code for slot in attendance.slots_of(held.id) if slot.half]
    save_sheet(held.id, [Change(new.id, code, present=True) for code in codes], way="on_site", by=STAFF, now=LATER)


def moved_to_another_municipality_afterwards(world: World) -> None:
    """What Lucía attended for Panajachel stays Panajachel's."""
    came(workshop(world, date(2025, 2, 3)), world.lucia)
    _moves(world, date(2025, 3, 1))


def moved_before(world: World) -> None:
    """What she attends for Bogotá is not Panajachel's."""
    held = workshop(world, date(2025, 2, 3))
    _moves(world, date(2024, 1, 2))
    came(held, world.lucia)


def _moves(world: World, on: date) -> None:
    with transaction():
        for place in world.lucia.affiliations:
            place.ends_on = on - timedelta(days=1)
        new = Affiliation(organisation=world.bogota, role="member", starts_on=on, confirmed_at=NOW - timedelta(days=700))
        world.lucia.affiliations.append(new)


def a_guest_who_says_so(world: World) -> None:
    """Somebody who only asks to belong there."""
    came(workshop(world, date(2025, 2, 3), access="open"), factories.person(world.panajachel, asks=True))


def let_off(world: World) -> None:
    made.waived(world.rule, world.panajachel, "latin_america", "A landslide")


def let_off_and_came(world: World) -> None:
    made.waived(world.rule, world.panajachel, "latin_america", "A landslide")
    came(workshop(world, date(2025, 2, 3)), world.lucia)


def another_was_let_off(world: World) -> None:
    made.waived(world.rule, world.bogota, "latin_america", "A landslide")


def another_network(world: World) -> None:
    came(factories.workshop(factories.network(world.panajachel), date(2025, 2, 3), country="CO"), world.lucia)


def a_third_country(world: World) -> None:
    came(workshop(world, date(2025, 2, 3), country="CO"), world.malin)


def online_does_not_count(world: World) -> None:
    came(workshop(world, date(2025, 2, 3), format="online"), world.lucia)


def online_counts_if_the_rule_says_so(world: World) -> None:
    _counts_online(world)
    came(workshop(world, date(2025, 2, 3), format="online"), world.lucia)


def online_at_a_place_does_not_count(world: World) -> None:
    came(workshop(world, date(2025, 2, 3), format="both"), world.lucia, way="online")


def online_at_a_place_counts_if_the_rule_says_so(world: World) -> None:
    _counts_online(world)
    came(workshop(world, date(2025, 2, 3), format="both"), world.lucia, way="online")


def _counts_online(world: World) -> None:
    with transaction():
        world.rule.online = True


def two_are_asked_and_one_came(world: World) -> None:
    with transaction():
        world.rule.people = 2
    came(workshop(world, date(2025, 2, 3)), world.lucia)


def two_are_asked_at_one_workshop(world: World) -> None:
    """One at each of two workshops is not two at one."""
    with transaction():
        world.rule.people = 2
    came(workshop(world, date(2025, 2, 3)), world.lucia)
    came(workshop(world, date(2025, 3, 3)), world.andres)


def two_workshops_are_asked(world: World) -> None:
    with transaction():
        world.rule.latin_america = 2
    came(workshop(world, date(2025, 2, 3)), world.lucia)
    came(workshop(world, date(2025, 3, 3)), world.andres)


def nothing_is_asked_there(world: World) -> None:
    with transaction():
        world.rule.latin_america = 0


# The half of Latin America once 2025 is over
OVER: dict[str, tuple[Callable[[World], None], str]] = {
    "attended on the first day of the period": (attended_on_the_first_day, "met"),
    "began on its last day in Bogotá": (began_on_the_last_day_in_bogota, "met"),
    "began on its last day in Guatemala": (began_on_the_last_day_in_guatemala, "met"),
    "began the day before": (began_the_day_before, "missed"),
    "began the day after": (began_the_day_after, "missed"),
    "over the year's end": (over_the_years_end, "met"),
    "cancelled after attendance": (cancelled_after_attendance, "met"),
    "one half-day of four": (one_half_day_of_four, "missed"),
    "all half-days": (all_half_days, "met"),
    "had a seat and did not come": (had_a_seat_and_did_not_come, "missed"),
    "a substitute came": (a_substitute_came, "met"),
    "moved to another municipality afterwards": (moved_to_another_municipality_afterwards, "met"),
    "moved to another municipality before": (moved_before, "missed"),
    "somebody who only asks to belong there": (a_guest_who_says_so, "missed"),
    "let off": (let_off, "waived"),
    "let off, and came all the same": (let_off_and_came, "met"),
    "another member was let off": (another_was_let_off, "missed"),
    "a workshop of another network": (another_network, "missed"),
    "another member's people": (a_third_country, "missed"),
    "online does not count": (online_does_not_count, "missed"),
    "online counts if the rule says so": (online_counts_if_the_rule_says_so, "met"),
    "online, of a workshop at a place": (online_at_a_place_does_not_count, "missed"),
    "online, of a workshop at a place, if the rule says so": (online_at_a_place_counts_if_the_rule_says_so, "met"),
    "two people are asked and one came": (two_are_asked_and_one_came, "missed"),
    "two people, each at another workshop": (two_are_asked_at_one_workshop, "missed"),
    "two workshops are asked and attended": (two_workshops_are_asked, "met"),
    "nothing is asked there": (nothing_is_asked_there, "waived"),
}


@pytest.mark.parametrize("case", OVER)
def test_a_half_once_the_period_is_over(lite: Flask, case: str) -> None:
    assert lite
    act, expected = OVER[case]
    world = made.world()
    act(world)
    assert states(world, LATER)[0] == expected


def test_a_day_in_sweden_that_is_still_december_in_greenwich(lite: Flask) -> None:
    assert lite
    world = made.world()
    began_on_the_first_day_in_sweden(world)
    assert states(world, LATER)[1] == "met"


def cancelled_with_a_seat(world: World) -> None:
    ahead = workshop(world, date(2025, 9, 3))
    made.registered(ahead, world.lucia)
    acts.cancel(ahead.id, dict.fromkeys(("sv", "es", "en"), "A strike"), by=STAFF, now=NOW)


def on_the_waiting_list(world: World) -> None:
    ahead = workshop(world, date(2025, 9, 3), capacity=1)
    made.registered(ahead, world.malin, world.lucia)


def full_but_seats_are_held(world: World) -> None:
    ahead = workshop(world, date(2025, 9, 3), capacity=1)
    _holds(ahead, world.panajachel.id)


def full_but_seats_are_held_for_others(world: World) -> None:
    ahead = workshop(world, date(2025, 9, 3), capacity=1)
    _holds(ahead, world.bogota.id)


def _holds(ahead: Workshop, organisation_id: int) -> None:
    with transaction():
        hold = SeatHold(workshop_id=ahead.id, organisation_id=organisation_id, seats=1, unused=1, until=date(2025, 8, 1))
        hold.lapses_at = datetime(2025, 8, 2, tzinfo=UTC)
        db.session.add(hold)
        ahead.taken = 1


def by_invitation(world: World) -> None:
    ahead = workshop(world, date(2025, 9, 3), access="invited")
    with transaction():
        db.session.add(WorkshopInvitee(workshop_id=ahead.id, organisation_id=world.panajachel.id))


def by_invitation_of_others(world: World) -> None:
    ahead = workshop(world, date(2025, 9, 3), access="invited")
    with transaction():
        db.session.add(WorkshopInvitee(workshop_id=ahead.id, organisation_id=world.bogota.id))


def two_ahead(world: World) -> None:
    workshop(world, date(2025, 9, 3))
    workshop(world, date(2025, 10, 3))


def two_asked_and_one_of_three_closes_soon(world: World) -> None:
    _two_asked(world, 20, 200, 230)


def two_asked_and_two_of_three_close_soon(world: World) -> None:
    """Once the second is closed, one is left, and that is too few."""
    _two_asked(world, 20, 25, 230)


def _two_asked(world: World, *days: int) -> None:
    with transaction():
        world.rule.latin_america = 2
    for number in days:
        workshop(world, (NOW + timedelta(days=number)).date())


def postponed(world: World) -> None:
    workshop(world, date(2025, 9, 3), state="postponed")


# The half of Latin America while 2025 runs
AHEAD: dict[str, tuple[Callable[[World], None], str]] = {
    "a seat in one that is cancelled": (cancelled_with_a_seat, "missed"),
    "on the waiting list of the only one": (on_the_waiting_list, "missed"),
    "full, but seats are held for them": (full_but_seats_are_held, "risk"),
    "full, and seats are held for others": (full_but_seats_are_held_for_others, "missed"),
    "by invitation": (by_invitation, "risk"),
    "by invitation of others": (by_invitation_of_others, "missed"),
    "two to choose from": (two_ahead, "open"),
    "two asked, and of three one closes soon": (two_asked_and_one_of_three_closes_soon, "open"),
    "two asked, and of three two close soon": (two_asked_and_two_of_three_close_soon, "risk"),
    "postponed, and nothing else": (postponed, "missed"),
}


@pytest.mark.parametrize("case", AHEAD)
def test_a_half_while_the_period_runs(lite: Flask, case: str) -> None:
    assert lite
    act, expected = AHEAD[case]
    world = made.world()
    act(world)
    assert states(world, NOW)[0] == expected


def test_two_rules_stand_beside_each_other(app: Flask) -> None:
    """What 2025 asks is met; what 2025 and 2026 ask together is not yet."""
    assert app
    world = made.world()
    longer = CommitmentRule(network_id=world.network.id, starts_on=date(2025, 1, 1), ends_on=date(2026, 12, 31), latin_america=2, sweden=0)
    with transaction():
        db.session.add(longer)
    came(workshop(world, date(2025, 2, 3)), world.lucia)
    workshop(world, date(2026, 9, 3))
    workshop(world, date(2026, 10, 3))
    standing = queries.rules_on(queries.rules_of(world.network.id), NOW.date())
    halves = [queries.progress_of(rule, [world.panajachel], NOW)[0].halves["latin_america"].state for rule in standing]
    assert (len(standing), halves) == (2, ["met", "open"])


def test_where_each_person_is_asked_the_one_who_lacks_most_decides(app: Flask) -> None:
    assert app
    world = made.world()
    with transaction():
        world.rule.scope = "person"
    came(workshop(world, date(2025, 2, 3)), world.lucia)
    ahead = workshop(world, date(2025, 9, 3))
    (before,) = queries.progress_of(world.rule, [world.panajachel], NOW)
    made.registered(ahead, world.andres)
    (after,) = queries.progress_of(world.rule, [world.panajachel], NOW)
    each = {one.name: one.halves["latin_america"].state for one in after.each}
    assert (before.halves["latin_america"].state, after.halves["latin_america"].state) == ("risk", "booked")
    assert each == {"Andrés Tzoc": "booked", "Lucía Chavajay": "met"}


def test_what_somebody_attended_before_they_came_to_a_municipality_is_theirs(app: Flask) -> None:
    assert app
    world = made.world()
    with transaction():
        world.rule.scope = "person"
    came(workshop(world, date(2025, 2, 3)), world.lucia)
    _moves(world, date(2025, 3, 1))
    (bogota,) = queries.progress_of(world.rule, [world.bogota], LATER)
    assert {one.name: one.halves["latin_america"].state for one in bogota.each} == {"Lucía Chavajay": "met"}


def states(world: World, at: datetime) -> States:
    (found,) = queries.progress_of(world.rule, [world.panajachel], at)
    return found.halves["latin_america"].state, found.halves["sweden"].state
