"""The commitment's progress out of rows, for any number of organisations with the same few statements."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask

from app.database import transaction
from app.languages import using
from app.membership import desk, queries, shown
from app.organisations.models import NetworkMember
from app.organisations.queries import members
from app.workshops import above
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import World


def states(world: World) -> dict[str, tuple[str, str]]:
    rows = queries.progress_of(world.rule, [world.umea, world.bogota, world.panajachel], NOW)
    return {row.organisation.place: (row.halves["latin_america"].state, row.halves["sweden"].state) for row in rows}


def test_each_organisation_has_its_own_states(app: Flask) -> None:
    assert app
    world = made.world()
    past = factories.workshop(world.network, date(2025, 2, 3), country="CO")
    ahead = factories.workshop(world.network, date(2025, 9, 16), country="SE")
    factories.workshop(world.network, date(2025, 10, 16), country="SE")
    made.attended(past, world.lucia, world.andres)
    made.registered(ahead, world.malin)
    made.waived(world.rule, world.bogota, "latin_america", "A landslide in July")
    assert states(world) == {"Umeå": ("missed", "booked"), "Bogotá": ("waived", "open"), "Panajachel": ("met", "open")}


def test_cancelled_online_and_other_periods_do_not_count(app: Flask) -> None:
    assert app
    world = made.world()
    factories.workshop(world.network, date(2025, 9, 16), country="SE", format="online")
    factories.workshop(world.network, date(2026, 1, 16), country="SE")
    factories.workshop(world.network, date(2025, 9, 18), country="SE", state="cancelled")
    factories.workshop(world.network, date(2025, 9, 20), country="SE", state="draft")
    factories.workshop(factories.network(), date(2025, 9, 22), country="SE")
    assert {sweden for _latin_america, sweden in states(world).values()} == {"missed"}


def test_who_left_or_was_not_there_does_not_count(app: Flask) -> None:
    assert app
    world = made.world()
    past = factories.workshop(world.network, date(2025, 2, 3), country="CO")
    made.registered(past, world.lucia, now=NOW - timedelta(days=60))
    with transaction():
        world.rule.people = 2
    assert states(world)["Panajachel"][0] == "missed"


def test_the_number_of_statements_does_not_grow_with_the_organisations(app: Flask) -> None:
    world = made.world()
    factories.workshop(world.network, date(2025, 9, 16), country="SE")

    def statements() -> int:
        with counted(app) as seen:
            queries.progress_of(world.rule, members(world.network, NOW.date()), NOW)
        return len(seen)

    few = statements()
    for _number in range(5):
        factories.workshop(world.network, date(2025, 9, 20), country="CO")
        newcomer = factories.organisation("SE")
        with transaction():
            world.network.members.append(NetworkMember(organisation=newcomer, joined_on=date(2024, 1, 1)))
    assert statements() == few


def test_the_rule_in_force_is_the_last_that_has_begun(app: Flask) -> None:
    assert app
    world = made.world()
    rules = queries.rules_of(world.network.id)
    assert queries.rule_on(rules, date(2025, 6, 1)) is world.rule
    assert queries.rule_on(rules, date(2027, 6, 1)) is world.rule
    assert queries.rule_on(rules, date(2024, 6, 1)) is world.rule
    assert queries.rule_on([], date(2024, 6, 1)) is None


def test_the_words_of_a_half(app: Flask) -> None:
    assert app
    world = made.world()
    past = factories.workshop(world.network, date(2025, 2, 3), date(2025, 2, 5), country="CO")
    factories.workshop(world.network, date(2025, 9, 16), date(2025, 9, 19), country="SE")
    made.attended(past, world.lucia, world.andres)
    (progress,) = queries.progress_of(world.rule, [world.panajachel], NOW)
    with using("en"):
        halves = [shown.half_of(progress, side) for side in ("latin_america", "sweden")]
        (missing,) = shown.missing(progress, NOW, "America/Guatemala")
        asked = shown.asked(world.rule)
    assert [(half.words, half.short) for half in halves] == [
        ("Bogotá, 3–5 February 2025. 2 people attended.", "3–5 February, Bogotá"),
        ("Nobody is registered. Umeå, 16–19 September 2025, is the last workshop in Sweden.", "Nobody booked for Umeå"),
    ]
    assert (missing.closes_on, missing.closes_here) == ("Tuesday 16 September 2025 at 09:00 in Umeå", "01:00 in Guatemala City")
    assert missing.urgent
    assert asked == "Each member attends at least one workshop in Latin America and at least one workshop in Sweden during 2025."


def test_the_desk_holds_what_is_soon_the_queues_and_the_drafts_and_counts_the_rest(app: Flask) -> None:
    assert app
    until = NOW + timedelta(days=14)
    empty = desk.read(NOW, until)
    world = made.world()
    soon = factories.workshop(world.network, (NOW + timedelta(days=3)).date())
    full = factories.workshop(world.network, (NOW + timedelta(days=30)).date(), capacity=1)
    factories.workshop(world.network, (NOW + timedelta(days=40)).date())
    factories.workshop(world.network, date(2025, 2, 3))
    draft = factories.workshop(world.network, date(2025, 9, 3), state="draft")
    made.registered(full, world.lucia, world.andres)

    found = desk.read(NOW, until)

    assert (empty.total, empty.later, empty.soon, empty.queues, empty.drafts) == (0, 0, [], [], [])
    assert (found.total, found.later) == (5, 2)
    assert ([one.id for one in found.soon], [one.id for one in found.drafts]) == ([soon.id], [draft.id])
    assert [(workshop.id, *numbers) for workshop, *numbers in found.queues] == [(full.id, 0, 1, 0)]
    around = above.beside(full, world.network.id)
    assert (around.told, around.asking, around.questions, len(around.around.members)) == (2, 0, 0, 3)
