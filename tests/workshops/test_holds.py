"""The workshop's form: seats held for organisations within the capacity, approval, and the way to the questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select, text

from app.database import db
from app.errors import Refused
from app.organisations.models import Organisation
from app.questions import queries as questions
from app.registrations import queries as registrations
from app.registrations.models import Registration
from app.workshops import queries, service
from app.workshops.acts import copying
from app.workshops.acts import service as acts
from app.workshops.form.filled import data_of
from app.workshops.models import SeatHold, Workshop
from app.workshops.values import Hold
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.questions.made import asked
from tests.registrations.made import LATER, edit, published, registered
from tests.workshops.made import KARIN

UNTIL = date(2025, 4, 30)
Clock = Callable[[datetime], Any]


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


def count(workshop_id: int) -> tuple[int, int, int]:
    """Taken, of which with people, of which held without anybody."""
    db.session.expire_all()
    people = db.session.scalar(select(func.count()).select_from(Registration).where(Registration.holds_seat)) or 0
    unused = db.session.scalar(select(func.coalesce(func.sum(SeatHold.unused), 0))) or 0
    return queries.get(workshop_id).taken, people, unused


def holding(umea: Organisation, seats: int = 2, **changes: Any) -> Workshop:
    """A public workshop of three seats, some of them held."""
    return published(umea, **({"capacity": 3, "holds": (Hold(umea.id, seats, UNTIL),)} | changes))


def problems(workshop_id: int, **changes: Any) -> dict[str, str]:
    """What staff are told who save this."""
    with pytest.raises(Refused) as refused:
        edit(workshop_id, **changes)
    return refused.value.problems


def test_held_seats_count_as_taken_until_the_end_of_their_day_on_the_workshops_clock(umea: Organisation) -> None:
    workshop = holding(umea)
    assert count(workshop.id) == (2, 0, 2)
    assert workshop.holds[0].lapses_at == datetime(2025, 5, 1, 5, 0, tzinfo=UTC)
    edit(workshop.id, zone="America/Guatemala")
    assert workshop.holds[0].lapses_at == datetime(2025, 5, 1, 6, 0, tzinfo=UTC)


def test_holds_are_raised_lowered_and_taken_away(umea: Organisation) -> None:
    workshop = holding(umea)
    registered(workshop.id, umea)
    for seats, expected in ((3, (3, 1, 2)), (1, (1, 1, 0))):
        edit(workshop.id, holds=(Hold(umea.id, seats, UNTIL),))
        assert count(workshop.id) == expected
    edit(workshop.id, holds=(Hold(umea.id, 2, UNTIL + timedelta(days=1)),), capacity=2)
    assert count(workshop.id) == (2, 1, 1)
    edit(workshop.id, holds=())
    assert count(workshop.id) == (1, 1, 0)


def test_what_is_no_longer_held_goes_to_those_who_wait(umea: Organisation) -> None:
    other = factories.organisation("CO")
    workshop = holding(umea, 3)
    mine = registered(workshop.id, umea)
    workshop = queries.get(workshop.id)
    workshop.access = "open"
    db.session.commit()
    theirs = registered(workshop.id, other, 2)
    edit(workshop.id, access="open", holds=(Hold(umea.id, 2, UNTIL),))
    assert [registrations.get(one).state for one in (*mine, *theirs)] == ["confirmed", "confirmed", "waitlisted"]
    assert count(workshop.id) == (3, 2, 1)


def test_no_more_is_held_than_there_is(umea: Organisation) -> None:
    other = factories.organisation("CO")
    workshop = holding(umea)
    registered(workshop.id, umea, 3)
    assert set(problems(workshop.id, holds=(Hold(umea.id, 2, UNTIL), Hold(other.id, 1, UNTIL)))) == {"capacity"}
    assert set(problems(workshop.id, holds=(Hold(umea.id, 1, UNTIL),))) == {"holds-0-seats"}
    assert set(problems(workshop.id, capacity=2)) == {"capacity"}
    assert count(workshop.id) == (3, 3, 0)


@pytest.mark.parametrize(
    ("seats", "until", "field", "said"),
    [
        pytest.param(0, UNTIL, "seats", "enter how many", id="none"),
        pytest.param(1, date(2025, 3, 2), "until", "has passed", id="yesterday"),
        pytest.param(1, date(2025, 6, 3), "until", "before the workshop begins", id="on its first day"),
    ],
)
def test_a_hold_that_cannot_be_is_refused_in_words(umea: Organisation, seats: int, until: date, field: str, said: str) -> None:
    workshop = published(umea, capacity=3)
    found = problems(workshop.id, now=NOW, holds=(Hold(umea.id, seats, until),))
    assert list(found) == [f"holds-0-{field}"]
    assert said in found[f"holds-0-{field}"]


def test_a_draft_without_days_holds_no_seat_until_the_end_of_the_calendar(umea: Organisation) -> None:
    draft = replace(queries.values_of(published(umea, capacity=3)), days=(), holds=(Hold(umea.id, 1, date.max),))
    with pytest.raises(Refused) as refused:
        service.save_draft(draft, by=KARIN, now=NOW)
    assert refused.value.problems == {"holds-0-until": "Held seats 1: enter a real date, such as 2026-06-03"}
    assert service.save_draft(replace(draft, holds=(Hold(umea.id, 1, UNTIL),)), by=KARIN, now=NOW).taken == 1


def test_the_migration_taken_back_gives_back_what_nobody_sits_on(umea: Organisation) -> None:
    workshop = holding(umea)
    registered(workshop.id, umea)
    assert count(workshop.id) == (2, 1, 1)
    db.session.remove()
    db.engine.dispose()
    downgrade(revision="0005")
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT taken FROM workshop")) == 1
    upgrade()


def test_an_organisation_stands_there_once_and_is_invited_where_that_counts(umea: Organisation) -> None:
    workshop = published(umea, capacity=3)
    twice = (Hold(umea.id, 1, UNTIL), Hold(umea.id, 1, UNTIL))
    assert set(problems(workshop.id, holds=twice)) == {"holds-1-organisation"}
    other = factories.organisation("CO")
    invited = {"access": "invited", "invitees": frozenset({other.id})}
    assert set(problems(workshop.id, holds=twice[:1], **invited)) == {"holds-0-organisation"}


def test_a_copy_takes_approval_and_questions_along_but_promises_nobody_a_seat(umea: Organisation) -> None:
    source = holding(umea, approval=True)
    first = asked(source)
    asked(source, "Which hotel?", "text", condition=(first.id, "yes"))
    copy = copying.copy(source.id, date(2025, 9, 2), ["registration"], by=KARIN, now=LATER)
    bare = copying.copy(source.id, date(2025, 9, 2), [], by=KARIN, now=LATER)
    assert (copy.approval, copy.taken, list(copy.holds)) == (True, 0, [])
    stays, hotel = questions.of_workshop(copy.id)
    assert (stays.text.label, hotel.condition_id, hotel.condition_value) == ("Do you stay overnight?", stays.id, "yes")
    assert (bare.approval, questions.of_workshop(bare.id)) == (False, [])


def test_a_draft_with_holds_and_questions_can_be_thrown_away(umea: Organisation) -> None:
    source = holding(umea)
    draft = service.save_draft(replace(queries.values_of(source), holds=(Hold(umea.id, 1, UNTIL),)), by=KARIN, now=NOW)
    first = asked(draft)
    asked(draft, "Which hotel?", "text", condition=(first.id, "yes"))
    acts.delete_draft(draft.id, by=KARIN, now=NOW)
    assert db.session.scalar(select(func.count()).select_from(SeatHold)) == 1


def test_the_form_keeps_what_was_typed_and_says_what_becomes_of_open_requests(lite: Flask, clock: Clock) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea, capacity=3, approval=True)
    registered(workshop.id, umea)
    client = lite.test_client()
    assert isinstance(client, Visitor)
    page = f"/en/staff/workshops/{workshop.id}/"
    with clock(LATER):
        client.signed_in(factories.person(staff="officer", lang="en"))
        words = client.get(page).get_data(as_text=True)
        assert "One request is open" in words
        assert f"{page}questions/" in words
        data = posted(queries.get(workshop.id))
        row = {"holds-0-organisation": str(umea.id), "holds-0-seats": "many", "holds-0-until": "2025-04-30"}
        refused = client.post(page, data=data | row | {"act": "save"})
        wrong = refused.get_data(as_text=True)
        assert (refused.status_code, "Held seats 1: enter how many, as a number such as 3" in wrong) == (422, True)
        assert 'value="many"' in wrong
        del data["approval"]
        done = client.post(page, data=data | row | {"holds-0-seats": "2", "act": "save"}, follow_redirects=True)
    assert "One request stays open until you decide about it." in done.get_data(as_text=True)
    saved = queries.values_of(queries.get(workshop.id))
    assert (saved.holds, saved.approval) == ((Hold(umea.id, 2, UNTIL),), False)


def posted(workshop: Workshop) -> dict[str, Any]:
    """What a browser would send back of the workshop's form."""
    found: dict[str, Any] = {}
    for name, value in data_of(queries.values_of(workshop), workshop.version, []).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found |= {f"{name}-{place}-{part}": words for place, row in enumerate(value) for part, words in row.items()}
        elif value is not False:
            found[name] = "y" if value is True else value
    return found
