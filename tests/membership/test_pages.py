"""The first page, a member's own page, a municipality's line, and what staff see first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.database import transaction
from app.membership.models import Partnership
from app.reminders.models import Occurrence
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.membership import made
from tests.reminders.made import rule


@pytest.fixture
def now(lite: Flask, clock: Callable[[datetime], Any]) -> Iterator[datetime]:
    """The clock of the tests' world."""
    assert lite
    with clock(NOW):
        yield NOW


def read(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def visitor(app: Flask) -> Visitor:
    found = app.test_client()
    assert isinstance(found, Visitor)
    return found


@pytest.mark.usefixtures("now")
def test_the_first_page_shows_the_next_three_that_take_place(lite: Flask) -> None:
    world = made.world()
    for number in range(1, 5):
        factories.workshop(world.network, date(2025, 6, number), title=f"Gathering {number}")
    factories.workshop(world.network, date(2025, 5, 1), title="Called off", state="cancelled")
    page = read(visitor(lite), "/en/")
    assert [f"Gathering {number} (en)" in page for number in range(1, 5)] == [True, True, True, False]
    assert "Called off" not in page
    assert "All 4 workshops until June 2025" in page
    assert "http://127.0.0.1:5000/feeds/all.ics?lang=en" in page
    assert "webcal://127.0.0.1:5000/feeds/all.ics?lang=en" in page


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_an_empty_service_has_a_first_page_and_a_list_of_partnerships(lite: Flask, lang: str) -> None:
    for path in ("", "partnerships/"):
        assert read(visitor(lite), f"/{lang}/{path}").count("<h1") == 1


@pytest.mark.usefixtures("now")
def test_the_first_page_costs_the_same_however_much_there_is(lite: Flask) -> None:
    world = made.world()

    def statements() -> int:
        read(visitor(lite), "/en/")
        with counted(lite) as seen:
            read(visitor(lite), "/en/")
        return len(seen)

    factories.workshop(world.network, date(2025, 6, 1))
    few = statements()
    for number in range(2, 8):
        factories.workshop(world.network, date(2025, 6, number))
        factories.organisation("SE")
    assert statements() == few


@pytest.mark.usefixtures("now")
def test_my_page_says_what_is_missing_with_one_button(lite: Flask) -> None:
    world = made.world()
    past = factories.workshop(world.network, date(2025, 2, 3), country="CO")
    last = factories.workshop(world.network, date(2025, 9, 16), country="SE", title="In Sweden")
    made.attended(past, world.andres)
    page = read(visitor(lite).signed_in(world.lucia), "/en/me/")
    assert "Hello, Lucía" in page
    assert "One thing is missing" in page
    assert f'href="/en/workshops/{last.slug}/register"' in page
    assert "One person attended" in page
    assert page.count('class="button"') == 1


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("free", [True, False])
def test_my_page_suggests_a_workshop_while_the_reader_is_not_at_another(lite: Flask, free: bool) -> None:
    world = made.world()
    mine = factories.workshop(world.network, date(2025, 6, 3), country="CO")
    same = factories.workshop(world.network, date(2025, 6, 3), country="SE")
    later = factories.workshop(world.network, date(2025, 9, 16), country="SE") if free else same
    made.registered(mine, world.lucia)
    page = read(visitor(lite).signed_in(world.lucia), "/en/me/")
    assert f'href="/en/workshops/{later.slug}/register"' in page


@pytest.mark.usefixtures("now")
def test_my_page_shows_what_i_am_registered_for_and_nothing_of_others(lite: Flask) -> None:
    world = made.world()
    mine = factories.workshop(world.network, date(2025, 6, 3), title="Mine")
    theirs = factories.workshop(world.network, date(2025, 6, 4), title="Theirs")
    made.registered(mine, world.andres)
    made.registered(theirs, world.malin)
    page = read(visitor(lite).signed_in(world.andres), "/en/me/")
    assert "Mine (en)" in page
    assert "Registered" in page
    assert "Theirs (en)" not in page


@pytest.mark.usefixtures("now")
def test_a_coordinator_sees_the_own_people_and_no_others(lite: Flask) -> None:
    world = made.world()
    page = read(visitor(lite).signed_in(world.lucia), "/en/me/")
    assert "Andrés Tzoc" in page
    assert "Malin Sundin" not in page
    assert "Lucía Chavajay" not in read(visitor(lite).signed_in(world.andres), "/en/me/")


@pytest.mark.usefixtures("now")
def test_somebody_without_a_municipality_is_told_so(lite: Flask) -> None:
    made.world()
    page = read(visitor(lite).signed_in(factories.person()), "/en/me/")
    assert "You do not belong to a municipality" in page


def test_my_page_is_for_those_who_are_signed_in(lite: Flask) -> None:
    answer = lite.test_client().get("/en/me/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/sign-in?next=/en/me/")


@pytest.mark.usefixtures("now")
def test_a_municipalitys_commitment_is_for_its_own_people_and_the_staff(lite: Flask) -> None:
    world = made.world()
    path = f"/en/organisations/{world.panajachel.slug}/"
    officer = factories.person(staff="officer")
    shown = ["The commitment" in read(one, path) for one in (
        visitor(lite), visitor(lite).signed_in(world.malin), visitor(lite).signed_in(world.andres), visitor(lite).signed_in(officer),
    )]  # fmt: skip
    assert shown == [False, False, True, True]


@pytest.mark.usefixtures("now")
def test_a_municipalitys_line_tells_what_it_did(lite: Flask) -> None:
    world = made.world()
    past = factories.workshop(world.network, date(2025, 2, 3), country="CO", title="In Bogotá")
    factories.workshop(world.network, date(2025, 7, 3), title="Secret", organisation=world.panajachel, state="draft")
    made.attended(past, world.andres)
    with transaction() as session:
        session.add(
            Partnership(
                slug="pair", network_id=world.network.id, left=world.panajachel, right=world.umea,
                area="urban_planning", phase="project", starts_on=date(2025, 1, 1),
            )
        )  # fmt: skip
    page = read(visitor(lite), f"/en/organisations/{world.panajachel.slug}/")
    assert "Took part in “In Bogotá (en)”, Bogotá" in page
    assert "urban planning" in page
    assert "Secret" not in page
    assert "Andrés" not in page
    assert "Umeå and Panajachel" in read(visitor(lite), "/en/partnerships/")


@pytest.mark.usefixtures("now")
def test_its_own_people_see_on_the_line_who_is_coming_and_what_of_the_commitment_is_kept(lite: Flask) -> None:
    world = made.world()
    made.attended(factories.workshop(world.network, date(2025, 2, 3), country="CO", title="In Bogotá"), world.andres)
    coming = factories.workshop(world.network, date(2025, 6, 3), country="SE", title="In Umeå", organisation=world.panajachel)
    made.registered(coming, world.andres, world.lucia)
    path = f"/en/organisations/{world.panajachel.slug}/"
    told = ["Kept its commitment for 2025: Latin America", "2 people have seats at “In Umeå (en)”, Umeå"]
    pages = [read(visitor(lite), path), read(visitor(lite).signed_in(world.andres), path)]
    assert [[words in page for words in told] for page in pages] == [[False, False], [True, True]]
    assert ["Host of “In Umeå (en)”" in page for page in pages] == [True, True]


@pytest.mark.usefixtures("now")
def test_a_network_says_what_it_asks_and_what_is_coming(lite: Flask) -> None:
    world = made.world()
    factories.workshop(world.network, date(2025, 6, 3), title="Coming")
    factories.workshop(factories.network(), date(2025, 6, 3), title="Elsewhere")
    page = read(visitor(lite), f"/en/network/{world.network.slug}/")
    assert "Each member attends at least one workshop in Latin America" in page
    assert "Coming (en)" in page
    assert "Elsewhere (en)" not in page
    assert visitor(lite).get("/en/network/none/").status_code == 404
    assert visitor(lite).get("/en/organisations/none/").status_code == 404


# Staff -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(lite: Flask, now: datetime) -> Visitor:
    assert now
    return visitor(lite).signed_in(factories.person(staff="officer"))


def test_the_first_run_is_three_steps(staff: Visitor) -> None:
    page = read(staff, "/en/staff/")
    assert "Three steps to the first workshop" in page
    assert "Needs you" not in page


def test_the_overview_names_what_needs_staff_and_the_next_fourteen_days(staff: Visitor) -> None:
    world = made.world()
    soon = factories.workshop(world.network, (NOW + timedelta(days=3)).date(), title="Soon", capacity=1)
    factories.workshop(world.network, (NOW + timedelta(days=30)).date(), title="Later")
    factories.workshop(world.network, date(2025, 8, 3), title="Unfinished", state="draft")
    made.registered(soon, world.lucia, world.andres)
    page = read(staff, "/en/staff/")
    assert "1 person waits for a seat" in page
    assert "A draft is not published" in page
    assert "Soon (en)" in page
    assert "Later (en)" not in page
    assert "The reminder clock has stopped" in page


def test_the_overview_leads_to_requests_that_wait_for_a_decision(staff: Visitor) -> None:
    world = made.world()
    choosy = factories.workshop(world.network, (NOW + timedelta(days=30)).date(), approval=True)
    made.registered(choosy, world.lucia, world.andres)
    page = read(staff, "/en/staff/")
    assert "2 requests wait for a decision" in page
    assert f"/en/staff/workshops/{choosy.id}/participants/?state=requested" in page


def test_commitments_are_a_chart_and_a_table_with_those_at_risk_first(staff: Visitor) -> None:
    world = made.world()
    last = factories.workshop(world.network, date(2025, 9, 16), country="SE")
    for month in (6, 8):
        factories.workshop(world.network, date(2025, month, 16), country="CO")
    made.registered(last, world.malin)
    page = read(staff, "/en/staff/commitments")
    assert "Two of three are at risk. The workshop in Sweden is missing." in page
    assert page.index(world.panajachel.names["en"].name) < page.index(world.umea.names["en"].name)
    assert f"/en/staff/commitments/{world.rule.id}/write" in page
    only_risk = read(staff, "/en/staff/commitments?only=risk")
    assert world.umea.names["en"].name not in only_risk
    assert world.bogota.names["en"].name not in read(staff, "/en/staff/commitments?only=GT")


def test_an_unknown_period_is_no_page(staff: Visitor) -> None:
    world = made.world()
    assert read(staff, f"/en/staff/commitments?period={world.rule.id}")
    assert staff.get("/en/staff/commitments?period=999").status_code == 404


def test_a_network_that_asks_for_nothing_says_so(staff: Visitor) -> None:
    factories.network()
    assert "This network asks for nothing yet" in read(staff, "/en/staff/commitments")


@pytest.mark.parametrize("path", ["/en/staff/", "/en/staff/commitments"])
def test_members_see_no_page_of_the_staff(lite: Flask, now: datetime, path: str) -> None:
    assert now
    assert visitor(lite).signed_in(made.world().lucia).get(path).status_code == 404


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("role", ["officer", "administrator"])
def test_staff_before_the_second_factor_see_what_anybody_sees(lite: Flask, role: str) -> None:
    world = made.world()
    staff, path = factories.person(staff=role), f"/en/organisations/{world.panajachel.slug}/"
    whole = read(visitor(lite).signed_in(staff), path)
    half = read(visitor(lite).signed_in(staff, second_factor=False), path)
    assert ("split-mark" in whole, "split-mark" in half) == (True, False)
    assert ('href="/en/staff/"' in whole, 'href="/en/staff/"' in half) == (True, False)


# However much there is ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("now")
def test_pages_with_everything_on_them_ask_little_and_no_more_for_twelve_than_for_one(lite: Flask) -> None:
    world = made.world()
    officer = visitor(lite).signed_in(factories.person(staff="officer"))
    lucia = visitor(lite).signed_in(world.lucia)
    past = factories.workshop(world.network, date(2025, 2, 3), country="CO", organisation=world.panajachel)
    made.attended(past, world.andres)
    made.waived(world.rule, world.bogota, "latin_america", "A landslide")
    pages = {"/en/me/": lucia, "/en/staff/": officer, f"/en/organisations/{world.panajachel.slug}/": lucia}

    counts: dict[str, list[int]] = {path: [] for path in pages}
    for first, last in ((0, 1), (1, 12)):
        for number in range(first, last):
            _one_more_of_everything(world, number)
        for path, reader in pages.items():
            read(reader, path)
            with counted(lite) as seen:
                read(reader, path)
            counts[path].append(len(seen))

    home, overview = read(lucia, "/en/me/"), read(officer, "/en/staff/")
    assert ("12 people ask to belong to it" in home, home.count("Registered") >= 12) == (True, True)
    assert all(
        overview.count(words) == 12 for words in ("A draft is not published", "request waits", "person waits", "A reminder was missed")
    )
    assert {path: both for path, both in counts.items() if both[0] != both[1] or both[1] > 12} == {}


def _one_more_of_everything(world: made.World, number: int) -> None:
    """A draft, a workshop with a queue, one with requests, a seat of Lucía's, somebody who asks, a reminder missed, a mail failed."""
    soon = (NOW + timedelta(days=3)).date()
    full = factories.workshop(world.network, soon, country="SE", capacity=1)
    choosy = factories.workshop(world.network, soon, approval=True)
    factories.workshop(world.network, soon, state="draft")
    made.registered(full, world.lucia, world.malin)
    made.registered(choosy, world.andres)
    factories.person(world.panajachel, asks=True)
    reminder = rule(full)
    facts = {"rule_id": reminder.id, "workshop_id": full.id, "subject": f"workshop:{full.id}", "zone": "Europe/Stockholm"}
    other = factories.organisation("SE")
    pair = {"left": world.panajachel, "right": other, "area": "care", "phase": "project", "starts_on": date(2025, 1, 1)}
    with transaction() as session:
        session.add(Occurrence(due_at=NOW, useful_until=NOW - timedelta(days=1), workshop_version=1, state="missed", **facts))
        session.add(Partnership(slug=f"pair-{number}", network_id=world.network.id, **pair))
