"""Rows of long lists, and pages for everybody, are made once; what is kept never differs from what would be made now."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from sqlalchemy import event, select, update

from app.database import changed, db, transaction
from app.registrations import seats
from app.registrations import service as registrations
from app.web import shelf
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.finding import heads, lines, tabs
from app.workshops.models import Workshop
from app.workshops.values import Document, Text
from tests import factories
from tests.conftest import Visitor, counted
from tests.workshops.made import KARIN, REASONS, day, session, values

TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+')
NOW = factories.NOW
LATER = NOW + timedelta(hours=1)


def published() -> Workshop:
    """A workshop as staff have made it, ten seats or more left, with a host, a programme and a document."""
    host = factories.organisation("CO")
    parts = {"sessions": (session("Walk"),), "documents": (Document("Map", "https://icld.se/map", "en"),)}
    made = service.save_draft(values(factories.network(host), organisation_id=host.id, **parts), by=KARIN, now=NOW)
    return acts.publish(made.id, by=KARIN, now=NOW)


def saved(workshop: Workshop, **changes: Any) -> None:
    service.save(workshop.id, replace(queries.values_of(workshop), **changes), workshop.version, by=KARIN, now=NOW)


def retitled(workshop: Workshop) -> None:
    texts = {lang: Text(f"Otra ciudad ({lang})", text.summary) for lang, text in workshop.texts.items()}
    saved(workshop, texts=texts)


def moved(workshop: Workshop) -> None:
    saved(workshop, days=(day(5, row=workshop.days[0].id), day(6, row=workshop.days[1].id)))


def taken(workshop: Workshop) -> None:
    with transaction():
        assert seats.take(workshop.id)


def enlarged(workshop: Workshop) -> None:
    with transaction():
        changed(update(Workshop).where(Workshop.id == workshop.id).values(capacity=2))


def renamed(workshop: Workshop) -> None:
    assert workshop.organisation is not None
    with transaction():
        for name in workshop.organisation.names.values():
            name.name = "Otro municipio"


def signed_up(workshop: Workshop) -> None:
    registrations.register(workshop.id, factories.person(workshop.organisation).id, by=KARIN, now=NOW)


CHANGES: dict[str, Callable[[Workshop], object]] = {
    "title": retitled,
    "place": lambda workshop: saved(workshop, place="Leticia"),
    "days": moved,
    "hours": lambda workshop: saved(workshop, days=(day(3, ends=17, row=workshop.days[0].id), day(4, row=workshop.days[1].id))),
    "a seat": taken,
    "capacity past the session": enlarged,
    "cancelled": lambda workshop: acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER),
    "postponed": lambda workshop: acts.postpone(workshop.id, REASONS, by=KARIN, now=LATER),
    "who comes": signed_up,
    "a gathering before it": lambda workshop: factories.workshop(workshop.network, date(2025, 5, 3), in_series=True),
}
OF_THE_PAGE: dict[str, Callable[[Workshop], object]] = {
    "a session": lambda workshop: saved(workshop, sessions=(session("Run"),)),
    "no session": lambda workshop: saved(workshop, sessions=()),
    "a document": lambda workshop: saved(workshop, documents=()),
    "contact": lambda workshop: saved(workshop, contact="umea@icld.se"),
    "approval": lambda workshop: saved(workshop, approval=True),
    "host": lambda workshop: saved(workshop, organisation_id=None),
    "the host's name": renamed,
}


def pages(app: Flask) -> dict[str, list[str]]:
    """The list and the page of the first workshop in two languages and for two clocks, the staff's table, searches and filters."""
    slug = db.session.scalars(select(Workshop.slug).order_by(Workshop.id)).first()
    staff = app.test_client()
    assert isinstance(staff, Visitor)
    staff.signed_in(factories.person(staff="officer", name="Karin Ek"))
    own = [opened(staff, f"/en/staff/{rest}") for rest in ("workshops/", "workshops/?q=colombia")]
    searches = [opened(staff, "/en/staff/search?q=colombia")]
    searches += [opened(app.test_client(), f"/en/{rest}") for rest in ("search?q=colombia", "workshops/?country=CO", "workshops/?open=1")]
    found = {"staff": own, "search": searches, "lists": [], "page": []}
    for lang, zone in (("sv", "Europe/Stockholm"), ("es", "America/Guatemala"), ("es", "Europe/Stockholm")):
        browser = app.test_client()
        browser.set_cookie("zone", zone)
        found["lists"] += [opened(browser, f"/{lang}/workshops/{rest}") for rest in ("", "?when=past")]
        found["page"].append(opened(browser, f"/{lang}/workshops/{slug}/"))
    return found


def opened(browser: FlaskClient, address: str) -> str:
    """A page without the token of its forms, which is new each time."""
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return TOKEN.sub("", answer.get_data(as_text=True))


def emptied(app: Flask) -> None:
    app.extensions[lines.KEY].clear()
    app.extensions[shelf.KEY].pages.clear()


@pytest.mark.parametrize("change", [*CHANGES, *OF_THE_PAGE])
def test_what_changes_is_made_anew(app: Flask, clock: Callable[[datetime], Any], change: str) -> None:
    with clock(NOW):
        workshop = published()
        saved(workshop, in_series=True)
        before = pages(app)
        (CHANGES.get(change) or OF_THE_PAGE[change])(workshop)
        after = pages(app)
        emptied(app)
        assert after == pages(app)
    assert after["page"] != before["page"]
    assert (after["lists"] != before["lists"]) == (change in CHANGES)


def test_a_page_follows_the_gatherings_beside_it(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        first = published()
        saved(first, in_series=True)
        second = service.save_draft(values(first.network, in_series=True, days=(day(20),)), by=KARIN, now=NOW)
        acts.publish(second.id, by=KARIN, now=NOW)
        said = []
        for change in (retitled, lambda other: acts.cancel(other.id, REASONS, by=KARIN, now=LATER)):
            page = opened(lite.test_client(), f"/en/workshops/{first.slug}/")
            change(second)
            said.append(("Workshop 1 of 2" in page, "Otra ciudad" in page))
        page = opened(lite.test_client(), f"/en/workshops/{first.slug}/")
    assert [*said, ("Workshop 1 of 2" in page, "Otra ciudad" in page)] == [(True, False), (True, True), (False, False)]


@pytest.mark.parametrize("days", [31, 60, 81, 90, 93])
def test_what_time_changes_is_made_anew(lite: Flask, clock: Callable[[datetime], Any], days: int) -> None:
    with clock(NOW):
        workshop = published()
        with transaction():
            workshop.opens_at, workshop.closes_at = NOW + timedelta(days=30), NOW + timedelta(days=80)
        before = pages(lite)
    with clock(NOW + timedelta(days=days)):
        after = pages(lite)
        emptied(lite)
        assert after == pages(lite)
    assert after != before


def test_who_is_open_comes_and_goes(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    """One opens as another closes: the number stays."""
    network, turn = factories.network(), NOW + timedelta(days=10)
    factories.workshop(network, date(2025, 6, 3), closes_at=turn)
    factories.workshop(network, date(2025, 7, 3), opens_at=turn)
    said = []
    for instant in (NOW, turn + timedelta(hours=1)):
        with clock(instant):
            page = lite.test_client().get("/en/workshops/?open=1").get_data(as_text=True)
            said.append(("One workshop or talk" in page, "June <span>2025" in page, "July <span>2025" in page))
    assert said == [(True, True, False), (True, False, True)]


@pytest.mark.parametrize("query", ["page=9", "page=9&country=CO", "page=9&open=1"])
def test_past_the_end_stands_the_last_page(lite: Flask, clock: Callable[[datetime], Any], query: str) -> None:
    with clock(NOW):
        network = factories.network()
        for number in range(31):
            factories.workshop(network, date(2025, 6, 3) + timedelta(days=number), title=f"Care {number}.", country="CO")
        pages = [opened(lite.test_client(), f"/en/workshops/?{query.replace('9', page)}") for page in ("9", "2", "1")]
    assert ["Care 30." in page for page in pages] == [True, True, False]


def test_what_is_kept_is_not_made_again(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        network = factories.network()
        for number in range(3):
            factories.workshop(network, date(2025, 6, 3 + number))
        asked = []
        for _turn in range(2):
            with counted(lite) as seen:
                lite.test_client().get("/en/workshops/")
            asked.append(len([statement for statement in seen if "FROM workshop_text" in statement]))
    assert asked == [1, 0]


def test_a_page_is_made_again_for_nobody(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        address = f"/en/workshops/{factories.workshop(factories.network()).slug}/"
        asked = []
        for _turn in range(2):
            with counted(lite) as seen:
                lite.test_client().get(address)
            asked.append(len([statement for statement in seen if "FROM workshop_text" in statement]))
    assert asked == [1, 0]


def test_a_full_shelf_is_emptied(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        factories.workshop(factories.network())
        lite.extensions[lines.KEY] = dict.fromkeys(range(lines.MOST), Markup())
        assert "Workshop" in lite.test_client().get("/en/workshops/").get_data(as_text=True)
    assert len(lite.extensions[lines.KEY]) == 1


def test_the_first_and_last_day_are_those_on_the_walls_there(app: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        network = factories.network()
        factories.workshop(network, date(2025, 6, 3), date(2025, 6, 4), country="GT")
        factories.workshop(network, date(2025, 8, 1), date(2025, 8, 5))
        factories.workshop(network, date(2025, 9, 1), state="draft")
        page = app.test_client().get("/en/workshops/").get_data(as_text=True)
    assert "2 workshops and talks, 3 June – 1 August 2025" in page
    assert page.index("June <span>2025") < page.index("August <span>2025")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: heads.heads(NOW, over=False, limit=30, offset=480),
        lambda: heads.heads(NOW, over=True, limit=30),
        lambda: tabs.listed(NOW, "all", "", limit=30),
        lambda: tabs.listed(NOW, "coming", "", limit=30),
        lambda: heads.signs(NOW, over=False),
    ],
    ids=["coming", "past", "staff", "staff's coming", "signs"],
)
def test_sqlite_sorts_nothing_and_counts_in_the_index(lite: Flask, ask: Callable[[], object]) -> None:
    """Without the index, or with the public states named one by one, a page of 1,000 workshops costs three times as much."""
    plans = planned(lite, ask)
    assert plans
    assert not [step for step in plans if "TEMP B-TREE" in step or step == "SCAN workshop"]


def planned(app: Flask, ask: Callable[[], object]) -> list[str]:
    """How SQLite goes about what is asked."""
    seen: list[tuple[str, Any]] = []
    event.listen(db.engine, "before_cursor_execute", note := lambda _c, _cursor, words, values, *_rest: seen.append((words, values)))
    ask()
    event.remove(db.engine, "before_cursor_execute", note)
    with app.app_context():
        run = db.session.connection().exec_driver_sql
        return [str(step[3]) for words, values in seen if "FROM" in words for step in run(f"EXPLAIN QUERY PLAN {words}", values)]
