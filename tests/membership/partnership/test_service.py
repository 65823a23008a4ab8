"""A partnership opens behind its gate; what cannot be one is refused beside its field, and nothing is half written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit import queries as audit
from app.database import db
from app.errors import Conflict, Missing, Refused
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership import dates, queries, service
from app.membership.partnership.rules import Values
from app.membership.partnership.service import NotYet
from tests import factories
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF, World


def values(world: World, **more: object) -> Values:
    plain = Values(world.umea.id, world.bogota.id, "urban_planning", "preparation", date(2025, 3, 1), ends_on=date(2027, 12, 31))
    return replace(plain, **more)  # type: ignore[arg-type]


def kept(world: World) -> World:
    """Umeå and Bogotá have kept their commitment: the one has been to Bogotá and hosts, the other has come to Sweden."""
    rocio = factories.person(world.bogota)
    made.attended(factories.workshop(world.network, date(2025, 2, 3), country="CO"), world.malin, rocio)
    made.attended(factories.workshop(world.network, date(2025, 2, 10), country="SE"), world.malin, rocio)
    return world


def number() -> int:
    return db.session.scalar(select(func.count()).select_from(Partnership)) or 0


def test_it_opens_when_both_have_kept_their_commitment(app: Flask) -> None:
    assert app
    world = kept(made.world())
    row = service.start(world.network.id, values(world), by=STAFF, now=NOW)
    found = queries.get(row.slug)
    assert (found.left.place, found.right.place, found.slug) == ("Bogotá", "Umeå", "umea-bogota")
    assert [entry.action for entry in audit.entries(f"partnership:{row.id}", 5)] == ["partnership.opened"]


def test_it_does_not_open_before_and_says_what_is_missing(app: Flask) -> None:
    """The control: the same pair, a moment earlier."""
    assert app
    world = made.world()
    made.waived(world.rule, world.bogota, "latin_america", "Hosts")
    with pytest.raises(NotYet) as refused:
        service.start(world.network.id, values(world), by=STAFF, now=NOW)
    lacking = [(lack.organisation.place, lack.half.side, lack.period) for lack in refused.value.lacking]
    assert lacking == [("Umeå", "latin_america", "2025"), ("Umeå", "sweden", "2025"), ("Bogotá", "sweden", "2025")]
    assert number() == 0


def test_whoever_is_let_off_may_open(app: Flask) -> None:
    assert app
    world = made.world()
    for one in (world.umea, world.bogota):
        for half in ("latin_america", "sweden"):
            made.waived(world.rule, one, half, "A flood")
    service.start(world.network.id, values(world), by=STAFF, now=NOW)
    assert number() == 1


WRONG: dict[str, tuple[Callable[[World], Values], str]] = {
    "with itself": (lambda world: values(world, other_id=world.umea.id), "other"),
    "same country": (lambda world: values(world, one_id=world.umea.id, other_id=swede(world)), "other"),
    "no member": (lambda world: values(world, other_id=factories.organisation("GT").id), "other"),
    "nobody": (lambda world: values(world, one_id=999_999), "one"),
    "dates backwards": (lambda world: values(world, ends_on=date(2025, 2, 28)), "ends_on"),
    "for ever": (lambda world: values(world, ends_on=date(2075, 2, 28)), "ends_on"),
    "an area that is none": (lambda world: values(world, area="football"), "area"),
    "an area of before": (lambda world: values(world, area="services"), "area"),
    "a phase that is none": (lambda world: values(world, phase="dreamt"), "phase"),
    "a project outside": (lambda world: values(world, phase="project", project_on=date(2024, 1, 1)), "project_on"),
    "a project without a day": (lambda world: values(world, phase="project"), "project_on"),
}


def swede(world: World) -> int:
    from app.database import transaction  # noqa: PLC0415
    from app.organisations.models import NetworkMember  # noqa: PLC0415

    other = factories.organisation("SE")
    with transaction():
        world.network.members.append(NetworkMember(organisation=other, joined_on=date(2024, 1, 1)))
    return other.id


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_partnership_is_refused_beside_its_field(lite: Flask, case: str) -> None:
    assert lite
    world = kept(made.world())
    make, field = WRONG[case]
    with pytest.raises(Refused) as refused:
        service.start(world.network.id, make(world), by=STAFF, now=NOW)
    assert (list(refused.value.problems), number()) == ([field], 0)


def test_one_pair_has_one_partnership_in_an_area_and_another_in_another(app: Flask) -> None:
    assert app
    world = kept(made.world())
    service.start(world.network.id, values(world), by=STAFF, now=NOW)
    with pytest.raises(Refused):
        service.start(world.network.id, values(world, one_id=world.bogota.id, other_id=world.umea.id), by=STAFF, now=NOW)
    other = service.start(world.network.id, values(world, area="care"), by=STAFF, now=NOW)
    assert (other.slug, number()) == ("umea-bogota-2", 2)


def test_whoever_saves_second_is_told(app: Flask) -> None:
    assert app
    world = kept(made.world())
    row = service.start(world.network.id, values(world), by=STAFF, now=NOW)
    service.save(row.slug, values(world, phase="project", project_on=date(2026, 3, 1)), row.version, by=STAFF, now=NOW)
    with pytest.raises(Conflict):
        service.save(row.slug, values(world, phase="ended"), 1, by=STAFF, now=NOW)
    with pytest.raises(Refused):
        service.save(row.slug, values(world, one_id=world.panajachel.id), 2, by=STAFF, now=NOW)
    assert queries.get(row.slug).phase == "project"


def test_people_have_accounts_but_for_a_mentor(app: Flask) -> None:
    assert app
    world = kept(made.world())
    slug = service.start(world.network.id, values(world), by=STAFF, now=NOW).slug
    service.add_person(slug, world.malin.address.upper(), "coordinator", by=STAFF, now=NOW)
    mentor = service.add_person(slug, "Gunvor Hällström", "mentor", by=STAFF, now=NOW)
    for typed, role in ((world.malin.address, "coordinator"), ("nobody@there.example", "mentor"), ("Gunvor", "steering"), ("", "mentor")):
        with pytest.raises(Refused):
            service.add_person(slug, typed, role, by=STAFF, now=NOW)
    service.remove_person(slug, mentor.id, by=STAFF, now=NOW)
    with pytest.raises(Missing):
        service.remove_person(slug, mentor.id, by=STAFF, now=NOW)
    assert [one.person_id for one in queries.get(slug).people] == [world.malin.id]


VISIT = dates.Values("visit", {"sv": "Besök i Bogotá"}, "America/Bogota", date(2025, 9, 1), date(2025, 9, 3), time(9), time(16), "Bogotá")


def test_a_date_keeps_its_uid_and_counts_up_when_it_moves(app: Flask) -> None:
    assert app
    world = kept(made.world())
    slug = service.start(world.network.id, values(world), by=STAFF, now=NOW).slug
    event = dates.write(slug, None, VISIT, by=STAFF, now=NOW)
    uid, instants = event.uid, (event.starts_at, event.ends_at)
    dates.write(slug, event.id, VISIT, by=STAFF, now=NOW + timedelta(hours=1))
    same = event.sequence
    later = replace(VISIT, starts_on=date(2025, 9, 2))
    dates.write(slug, event.id, later, by=STAFF, now=NOW + timedelta(hours=2))
    assert instants == (datetime(2025, 9, 1, 14, tzinfo=UTC), datetime(2025, 9, 3, 21, tzinfo=UTC))
    assert (same, event.sequence, event.uid) == (0, 1, uid)
    dates.call_off(slug, event.id, by=STAFF, now=NOW + timedelta(hours=3))
    dates.call_off(slug, event.id, by=STAFF, now=NOW + timedelta(hours=4))
    with pytest.raises(Refused):
        dates.write(slug, event.id, VISIT, by=STAFF, now=NOW)
    assert (event.sequence, event.cancelled) == (2, True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(VISIT, kind="party"), "kind"),
        (replace(VISIT, titles={}), "title_sv"),
        (replace(VISIT, ends_on=date(2025, 8, 31)), "ends_on"),
        (replace(VISIT, ends_on=date(2026, 9, 1)), "ends_on"),
        (replace(VISIT, ends=None), "ends"),
        (replace(VISIT, ends_on=date(2025, 9, 1), ends=time(8)), "ends"),
        (replace(VISIT, zone="Europe/Stockholm", starts_on=date(2026, 3, 29), ends_on=date(2026, 3, 29), starts=time(2, 30)), "starts"),
    ],
)
def test_a_date_that_cannot_be_is_refused(lite: Flask, wrong: dates.Values, field: str) -> None:
    assert lite
    world = kept(made.world())
    slug = service.start(world.network.id, values(world), by=STAFF, now=NOW).slug
    with pytest.raises(Refused) as refused:
        dates.write(slug, None, wrong, by=STAFF, now=NOW)
    assert list(refused.value.problems) == [field]
    assert db.session.scalar(select(func.count()).select_from(PartnershipEvent)) == 0


@pytest.mark.parametrize("url", ["http://there.example/x", "javascript:alert(1)", "https://user:pass@there.example", "report.pdf", ""])
def test_documents_are_https_links(lite: Flask, url: str) -> None:
    assert lite
    world = kept(made.world())
    slug = service.start(world.network.id, values(world), by=STAFF, now=NOW).slug
    with pytest.raises(Refused):
        service.add_link(slug, "Report", url, by=STAFF, now=NOW)
    link = service.add_link(slug, "Report", "https://there.example/report", by=STAFF, now=NOW)
    service.remove_link(slug, link.id, by=STAFF, now=NOW)
    assert queries.get(slug).links == []


def test_somebody_belongs_by_a_part_or_by_their_municipality(app: Flask) -> None:
    assert app
    world = kept(made.world())
    row = service.start(world.network.id, values(world), by=STAFF, now=NOW)
    outsider = factories.person(world.panajachel)
    service.add_person(row.slug, outsider.address, "mentor", by=STAFF, now=NOW)
    there = [queries.is_of(row.id, one.id, NOW.date()) for one in (world.malin, outsider, world.lucia, factories.person())]
    assert there == [True, True, False, False]
