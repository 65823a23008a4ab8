"""Questions are put, changed, ordered and taken away; what was answered stays as it was read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from app.audit.queries import entries
from app.audit.sentences import sentence
from app.errors import Conflict, Missing, Refused
from app.languages import using
from app.questions import queries, rules, service
from app.questions.rules import Option
from app.questions.shown import Line, lines
from app.registrations import answers
from app.registrations import service as registrations
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.questions.made import asked, in_all, values
from tests.registrations.made import LATER, STAFF
from tests.workshops.made import KARIN


@pytest.fixture
def workshop(app: Flask) -> Workshop:
    """A workshop that anybody may come to."""
    assert app
    return factories.workshop(factories.network(factories.organisation("SE")), access="open")


def answered(workshop: Workshop, typed: dict[int, list[str]], lang: str = "en") -> int:
    """Somebody who has registered and answered in that language."""
    with using(lang):
        return registrations.register(workshop.id, factories.person(lang=lang).id, by=STAFF, now=NOW, typed=typed).id


def shown(registration_id: int, lang: str = "en") -> list[Line]:
    """What a page in that language says of the answers."""
    with using(lang):
        return lines(queries.answers([registration_id]).get(registration_id, ()))


def test_questions_stand_in_the_order_in_which_they_were_put_and_the_audit_says_it(workshop: Workshop) -> None:
    ids = [asked(workshop).id, asked(workshop, "Your arrival", "date").id]
    assert [one.id for one in queries.of_workshop(workshop.id)] == ids
    assert [one.action for one in entries(f"workshop:{workshop.id}")] == ["question.added", "question.added"]
    assert entries(f"workshop:{workshop.id}")[0].facts == {"question": "Your arrival (es)", "questions": in_all("Your arrival")}


def test_a_question_lacks_no_language_and_no_answer_to_choose(workshop: Workshop) -> None:
    bad = replace(
        values("Hotel?", "choice", "Norte"), labels={"sv": "Hotell?", "es": "", "en": "Hotel?"}, hints={"sv": "", "es": "Nota", "en": ""}
    )
    with pytest.raises(Refused) as refused:
        service.add(workshop.id, bad, by=KARIN, now=NOW)
    assert set(refused.value.problems) == {"label_es", "hint_sv", "hint_en", "options-0-sv"}
    assert queries.of_workshop(workshop.id) == []


def test_two_answers_to_choose_do_not_say_the_same(workshop: Workshop) -> None:
    with pytest.raises(Refused) as refused:
        asked(workshop, "Hotel?", "choice", "Norte", "Norte")
    assert "options-1-en" in refused.value.problems


def test_a_condition_names_an_answer_of_a_question_above(workshop: Workshop) -> None:
    first, text = asked(workshop), asked(workshop, "Your dish", "text")
    assert asked(workshop, "Hotel?", "choice", "Norte", "Sur", condition=(first.id, "yes")).condition_value == "yes"
    for condition in ((first.id, "perhaps"), (text.id, "x"), (9999, "yes")):
        with pytest.raises(Refused) as refused:
            asked(workshop, "Which?", "text", condition=condition)
        assert set(refused.value.problems) == {"condition"}


def test_there_are_only_so_many_questions(workshop: Workshop) -> None:
    for number in range(rules.MOST_QUESTIONS):
        asked(workshop, f"Question {number}")
    with pytest.raises(Refused, match="at most 20"):
        asked(workshop, "One more")


def test_up_and_down_change_the_order_but_not_past_what_a_question_hangs_on(workshop: Workshop) -> None:
    first = asked(workshop).id
    second = asked(workshop, "Hotel?", "text", condition=(first, "yes")).id
    third = asked(workshop, "Your dish", "text").id
    service.move(workshop.id, third, up=True, by=KARIN, now=LATER)
    assert [one.id for one in queries.of_workshop(workshop.id)] == [first, third, second]
    service.move(workshop.id, third, up=False, by=KARIN, now=LATER)
    service.move(workshop.id, first, up=True, by=KARIN, now=LATER)
    with pytest.raises(Refused, match="so it stays below it"):
        service.move(workshop.id, second, up=True, by=KARIN, now=LATER)
    assert [one.id for one in queries.of_workshop(workshop.id)] == [first, second, third]


def test_other_words_do_not_change_what_was_answered(workshop: Workshop) -> None:
    question = asked(workshop)
    mine = answered(workshop, {question.id: ["yes"]})
    assert shown(mine, "es") == [Line("Do you stay overnight? (es)", "Sí")]
    changed = replace(service.values_of(question), labels=in_all("Do you eat meat?"))
    service.change(workshop.id, question.id, changed, 1, by=KARIN, now=LATER)
    assert shown(mine, "es") == [Line("Do you stay overnight?", "Sí", asked_lang="en")]


def test_an_answer_that_is_no_longer_offered_stays_in_its_words(workshop: Workshop) -> None:
    question = asked(workshop, "Hotel?", "choice", "Norte", "Sur")
    mine = answered(workshop, {question.id: ["2"]})
    kept = service.values_of(question)
    changed = replace(kept, options=(kept.options[0], Option("", in_all("Centro"))))
    service.change(workshop.id, question.id, changed, 1, by=KARIN, now=LATER)
    assert [one["code"] for one in queries.get(workshop.id, question.id).options] == ["1", "3"], "no code is given twice"
    assert shown(mine, "sv") == [Line("Hotel? (sv)", "Sur", said_lang="en")]


def test_how_it_is_answered_stays_once_somebody_has(workshop: Workshop) -> None:
    question = asked(workshop)
    service.change(workshop.id, question.id, values(kind="text"), 1, by=KARIN, now=LATER)
    answered(workshop, {question.id: ["Yes, two nights"]})
    with pytest.raises(Refused) as refused:
        service.change(workshop.id, question.id, values(kind="date"), 2, by=KARIN, now=LATER)
    assert set(refused.value.problems) == {"kind"}


def test_a_question_nobody_answered_goes_and_an_answered_one_is_only_asked_no_more(workshop: Workshop) -> None:
    first, second = asked(workshop), asked(workshop, "Your dish", "text")
    mine = answered(workshop, {first.id: ["no"]})
    for one in (first.id, second.id):
        service.remove(workshop.id, one, by=KARIN, now=LATER)
    assert queries.of_workshop(workshop.id) == []
    assert shown(mine) == [Line("Do you stay overnight?", "No", is_gone=True)]
    with pytest.raises(Missing):
        service.change(workshop.id, first.id, values(), 1, by=KARIN, now=LATER)


def test_what_another_question_hangs_on_is_not_taken_away(workshop: Workshop) -> None:
    first = asked(workshop, "Hotel?", "choice", "Norte", "Sur")
    asked(workshop, "Which room?", "text", condition=(first.id, "2"))
    with pytest.raises(Refused, match="Which room"):
        service.remove(workshop.id, first.id, by=KARIN, now=LATER)
    kept = service.values_of(first)
    with pytest.raises(Refused, match="Which room"):
        service.change(workshop.id, first.id, replace(kept, options=(kept.options[0], Option("", in_all("Otro")))), 1, by=KARIN, now=LATER)


def test_two_who_change_a_question_see_each_other(workshop: Workshop) -> None:
    question = asked(workshop)
    service.change(workshop.id, question.id, values("Do you stay?"), 1, by=KARIN, now=LATER)
    with pytest.raises(Conflict):
        service.change(workshop.id, question.id, values("Do you sleep here?"), 1, by=KARIN, now=LATER)
    assert queries.get(workshop.id, question.id).texts["en"].label == "Do you stay?"


def test_a_question_of_another_workshop_does_not_exist(workshop: Workshop) -> None:
    other = factories.workshop(workshop.network)
    question = asked(other)
    with pytest.raises(Missing):
        service.remove(workshop.id, question.id, by=KARIN, now=LATER)


def test_answers_can_be_changed_until_the_workshop_begins(workshop: Workshop) -> None:
    question = asked(workshop)
    mine = answered(workshop, {question.id: ["yes"]})
    answers.change(mine, {question.id: ["no"]}, by=STAFF, now=LATER)
    assert shown(mine) == [Line("Do you stay overnight?", "No")]
    assert entries(f"workshop:{workshop.id}")[0].action == "registration.answered"
    assert workshop.starts_at is not None
    with pytest.raises(Refused, match="cannot be changed"):
        answers.change(mine, {question.id: ["yes"]}, by=STAFF, now=workshop.starts_at)


def test_answers_that_do_not_fit_leave_nothing_behind(workshop: Workshop) -> None:
    question = asked(workshop, required=True)
    person = factories.person()
    with pytest.raises(Refused) as refused:
        registrations.register(workshop.id, person.id, by=STAFF, now=NOW, typed={})
    assert refused.value.problems == {f"q{question.id}": "Answer “Do you stay overnight?”"}
    assert workshop.taken == 0


@pytest.mark.parametrize(("lang", "words"), [("sv", "Lade till frågan ”Do you swim? (sv)”"), ("en", "Added the question “Do you swim?”")])
def test_the_history_quotes_a_question_in_the_readers_language(workshop: Workshop, lang: str, words: str) -> None:
    asked(workshop, "Do you swim?")

    (line,) = entries(f"workshop:{workshop.id}")
    with using(lang):
        assert sentence(line) == words
