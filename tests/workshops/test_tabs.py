"""What staff find by words is kept in memory, and never differs from what would be found now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.organisations.models import Organisation
from app.web import PAGE
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.finding import tabs
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import counted
from tests.workshops.made import KARIN, REASONS, day, values
from tests.workshops.test_lines import NOW, published, renamed, retitled, saved, taken

AFTER = NOW + timedelta(days=400)


def found(words: str, tab: str = "all", *, now: datetime = NOW, offset: int = 0) -> tuple[int, list[int], list[int]]:
    """How many fit, their numbers, their seats."""
    listed = tabs.listed(now, tab, words, limit=PAGE, offset=offset)
    return listed.number, [head.id for head in listed.heads], [head.taken for head in listed.heads]


def host(name: str) -> Organisation:
    return factories.organisation("CO", names=dict.fromkeys(("sv", "es", "en"), name))


CHANGES: dict[str, tuple[str, str, Callable[[Workshop], object]]] = {
    "title": ("otra", "all", retitled),
    "place": ("leticia", "all", lambda workshop: saved(workshop, place="Leticia")),
    "host": ("alcaldia", "all", lambda workshop: saved(workshop, organisation_id=host("Alcaldía").id)),
    "the host's name": ("otro municipio", "all", renamed),
    "state": ("colombia", "stopped", lambda workshop: acts.cancel(workshop.id, REASONS, by=KARIN, now=NOW)),
    "a draft": ("colombia", "draft", lambda workshop: service.save_draft(values(workshop.network, country="CO"), by=KARIN, now=NOW)),
    "a seat": ("colombia", "all", taken),
    "days": ("colombia", "all", lambda workshop: saved(workshop, days=(day(5, row=workshop.days[0].id),))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_found_follows_each_change(app: Flask, clock: Callable[[datetime], Any], change: str) -> None:
    words, tab, act = CHANGES[change]
    with clock(NOW):
        workshop = published()
        assert workshop.text.title
        before = [found(words, tab), found(words, tab)]
        act(workshop)
        after = found(words, tab)
        app.extensions[tabs.KEY].clear()
        assert after == found(words, tab)
    assert before[0] == before[1]
    assert (after != before[0]) == (change != "days")


def test_one_draft_in_the_place_of_another_is_found(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    """As many as before, of the same version, at the same instant."""
    assert lite
    with clock(NOW):
        network = factories.network()
        numbers = []
        for _turn in range(2):
            draft = service.save_draft(values(network, country="CO"), by=KARIN, now=NOW)
            numbers.append((draft.id, found("colombia")[1]))
            acts.delete_draft(draft.id, by=KARIN, now=NOW)
    assert [those for _number, those in numbers] == [[number] for number, _those in numbers]


def test_time_moves_what_is_found_to_another_tab(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    assert lite
    with clock(NOW):
        number = published().id
    seen = [found("colombia", tab, now=now)[1] for now in (NOW, AFTER, NOW) for tab in ("coming", "done")]
    assert seen == [[number], [], [], [number], [number], []]


def test_texts_are_not_read_again_for_the_same_words(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        published()
        asked = []
        for words, offset in (("colombia", 0), ("colombia", 0), ("colombia", PAGE), ("umea", 0)):
            with counted(lite) as seen:
                found(words, offset=offset)
            asked.append(len([statement for statement in seen if "FROM workshop_text" in statement]))
    assert asked == [1, 0, 1, 1]


def test_words_fill_no_memory(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        published()
        for number in range(tabs.MOST + 5):
            found("colombia", offset=number)
    assert len(lite.extensions[tabs.KEY]) == 5


def test_words_of_marks_alone_ask_for_all(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    assert lite
    with clock(NOW):
        number = published().id
    assert found("\u0301")[:2] == (1, [number])
    assert queries.all_for_staff(NOW, words="\u0301")
