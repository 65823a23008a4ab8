"""Staff put questions; members and guests answer them on the page of registration, and see and change the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, g

from app.organisations.models import Organisation
from app.questions import queries
from app.registrations import letters
from app.registrations import queries as registrations
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.questions.made import asked, in_all
from tests.registrations.made import LATER

Clock = Callable[[datetime], Any]


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    """A workshop that anybody may come to."""
    return factories.workshop(factories.network(umea), access="open")


def visitor(lite: Flask) -> Visitor:
    """A browser."""
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client


def staff(lite: Flask) -> Visitor:
    """An officer's browser."""
    return visitor(lite).signed_in(factories.person(staff="officer", lang="en"))


def typed(**changes: str) -> dict[str, str]:
    """The form of a question, filled."""
    words = {f"label_{lang}": words for lang, words in in_all("Hotel?").items()} | {f"hint_{lang}": "" for lang in ("sv", "es", "en")}
    options = {f"options-{n}-{lang}": f"{word} {lang}" for n, word in enumerate(("North", "South")) for lang in ("sv", "es", "en")}
    return {"kind": "choice", "required": "y", "condition": "", "act": "save", **words, **options, **changes}


def test_staff_make_change_order_and_remove_questions(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    page = f"/en/staff/workshops/{workshop.id}/questions/"
    with clock(NOW):
        client = staff(lite)
        assert "Nothing is asked" in client.get(page).get_data(as_text=True)
        for label in ("Hotel?", "Second?"):
            assert client.post(f"{page}new", data=typed(label_en=label)).status_code == 303
        first, second = (one.id for one in queries.of_workshop(workshop.id))
        client.post(f"{page}{second}/up")
        assert [one.id for one in queries.of_workshop(workshop.id)] == [second, first]
        form = client.get(f"{page}{first}/").get_data(as_text=True)
        assert 'value="North en"' in form
        changed = typed(version="1", **{"options-0-code": "1", "options-1-code": "2", "label_en": "Which hotel?"})
        assert client.post(f"{page}{first}/", data=changed).status_code == 303
        assert client.post(f"{page}{first}/", data=changed | {"label_en": "Mine"}).status_code == 409
        assert "Nobody has answered it yet." in client.get(f"{page}{second}/remove").get_data(as_text=True)
        client.post(f"{page}{second}/remove")
        words = client.get(page).get_data(as_text=True)
    assert [one.texts["en"].label for one in queries.of_workshop(workshop.id)] == ["Which hotel?"]
    assert ("1. Which hotel?" in words, "must be answered" in words) == (True, True)


def test_whoever_saves_second_sees_what_the_other_has_saved(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    page = f"/en/staff/workshops/{workshop.id}/questions/"
    with clock(NOW):
        client = staff(lite)
        client.post(f"{page}new", data=typed())
        (one,) = queries.of_workshop(workshop.id)
        codes = {"version": "1", "options-0-code": "1", "options-1-code": "2"}
        client.post(f"{page}{one.id}/", data=typed(label_en="Theirs?", **codes, **{"options-1-en": "Sea"}))
        answer = client.post(f"{page}{one.id}/", data=typed(label_en="Mine?", **codes))
    words = answer.get_data(as_text=True)
    assert answer.status_code == 409
    for name, theirs, mine in (
        ("Question in English", "Theirs?", "Mine?"),
        ("Answers to choose from in English", "North en; Sea", "North en; South en"),
    ):
        assert f'<th scope="row">{name}</th><td>{theirs}</td><td>{mine}</td>' in words
    assert words.count("<td>") == 4, "what is the same is not named"


def test_what_is_wrong_with_a_question_stands_beside_its_field_and_what_was_typed_is_kept(
    lite: Flask, workshop: Workshop, clock: Clock
) -> None:
    page = f"/en/staff/workshops/{workshop.id}/questions/new"
    with clock(NOW):
        answer = staff(lite).post(page, data=typed(label_es="", **{"options-1-sv": ""}))
    words = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for expected in ("Enter the question in Spanish", "Answer 2: enter it in Swedish", 'href="#options-1-sv"', 'value="South en"'):
        assert expected in words
    assert queries.of_workshop(workshop.id) == []


def test_answers_to_choose_are_added_and_removed_without_saving(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    page = f"/en/staff/workshops/{workshop.id}/questions/new"
    with clock(NOW):
        client = staff(lite)
        more = client.post(page, data=typed(act="add_option"))
        less = client.post(page, data=typed(act="remove_option:0", **{"options-2-en": "Third"}))
    assert (more.status_code, 'name="options-2-sv"' in more.get_data(as_text=True)) == (200, True)
    words = less.get_data(as_text=True)
    assert (less.status_code, "North en" in words, "South en" in words) == (200, False, True)
    assert queries.of_workshop(workshop.id) == []


@pytest.mark.parametrize("path", ["questions/", "questions/new"])
def test_only_staff_see_and_put_questions(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock, path: str) -> None:
    address = f"/en/staff/workshops/{workshop.id}/{path}"
    with clock(NOW):
        assert visitor(lite).signed_in(factories.person(umea)).get(address).status_code == 404
        assert staff(lite).get(address.replace(str(workshop.id), "9999")).status_code == 404


def test_a_member_answers_while_registering_and_changes_it_afterwards(
    lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock
) -> None:
    stays = asked(workshop, required=True)
    hotel = asked(workshop, "Which hotel?", "choice", "North", "South", condition=(stays.id, "yes"), required=True)
    me = factories.person(umea, lang="en")
    form = f"/en/workshops/{workshop.slug}/register"
    with clock(NOW):
        client = visitor(lite).signed_in(me)
        page = client.get(form).get_data(as_text=True)
        assert "Only if you answered “Yes” to “Do you stay overnight?”." in page
        refused = client.post(form, data={f"q{stays.id}": "yes"})
        words = refused.get_data(as_text=True)
        assert (refused.status_code, "Answer “Which hotel?”" in words) == (422, True)
        assert f'checked class="" id="q{stays.id}-0"' in words or f'id="q{stays.id}-0" name="q{stays.id}" type="radio" value="yes"' in words
        client.post(form, data={f"q{stays.id}": "yes", f"q{hotel.id}": "2"})
        mine = registrations.of_workshop(workshop.id)[0].id
        own = f"/en/me/registrations/{mine}"
        assert "South" in client.get(own).get_data(as_text=True)
        client.post(f"{own}/answers", data={f"q{stays.id}": "no"})
        page = client.get(own).get_data(as_text=True)
    assert ("South" in page, "Change my answers" in page) == (False, True)


def test_a_guest_answers_on_the_same_page_and_everything_wrong_is_said_at_once(lite: Flask, workshop: Workshop, clock: Clock) -> None:
    question = asked(workshop, "Your dish", "text", required=True)
    form = f"/en/workshops/{workshop.slug}/register"
    guest = {"name": "Ana", "address": "ana@guest.example", "organisation": "other", "organisation_name": "Cali", "consent": "y"}
    with clock(NOW):
        client = visitor(lite)
        refused = client.post(form, data=guest | {"name": "", f"q{question.id}": ""})
        words = refused.get_data(as_text=True)
        assert (refused.status_code, "Enter your name" in words, "Answer “Your dish”" in words) == (422, True, True)
        assert client.post(form, data=guest | {f"q{question.id}": "Ajiaco"}).status_code == 303
        link = letters.manage_path(registrations.of_workshop(workshop.id)[0])
        assert "Ajiaco" in client.get(link).get_data(as_text=True)
        assert client.post(f"{link}/answers", data={f"q{question.id}": "Soup"}).status_code == 303
        assert "Soup" in client.get(link).get_data(as_text=True)


def test_a_question_that_was_taken_away_meanwhile_is_said(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    form = f"/en/workshops/{workshop.slug}/register"
    with clock(NOW):
        client = visitor(lite).signed_in(factories.person(umea))
        refused = client.post(form, data={"q77": "yes"})
        assert (refused.status_code, "A question was taken away while you typed." in refused.get_data(as_text=True)) == (422, True)
        assert client.post(form).status_code == 303


def test_answers_are_nobody_elses_and_cannot_be_changed_once_it_has_begun(
    lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock
) -> None:
    question = asked(workshop, "Your dish", "text")
    me = factories.person(umea)
    with clock(NOW):
        visitor(lite).signed_in(me).post(f"/en/workshops/{workshop.slug}/register", data={f"q{question.id}": "Ajiaco"})
        mine = registrations.of_workshop(workshop.id)[0].id
        assert visitor(lite).signed_in(factories.person(umea)).get(f"/en/me/registrations/{mine}/answers").status_code == 404
    assert workshop.starts_at is not None
    with clock(workshop.starts_at):
        client = visitor(lite).signed_in(me)
        assert client.get(f"/en/me/registrations/{mine}/answers").status_code == 303
        assert "Change my answers" not in client.get(f"/en/me/registrations/{mine}").get_data(as_text=True)


def test_staff_read_the_answers_in_the_participants_list(lite: Flask, umea: Organisation, workshop: Workshop, clock: Clock) -> None:
    question = asked(workshop, "Your dish", "text")
    with clock(LATER):
        visitor(lite).signed_in(factories.person(umea)).post(f"/sv/workshops/{workshop.slug}/register", data={f"q{question.id}": "Soppa"})
        page = staff(lite).get(f"/en/staff/workshops/{workshop.id}/participants/").get_data(as_text=True)
    assert "<dt>Your dish</dt>" in page
    assert '<dd lang="sv"><bdi>Soppa</bdi></dd>' in page
