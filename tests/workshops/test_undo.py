"""What has happened is said from what to what, and can be taken back as long as it still stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Person
from app.audit import queries as audit
from app.audit.models import AuditEntry
from app.audit.service import Actor, record
from app.database import db, transaction
from app.errors import Conflict
from app.languages import switch, using
from app.organisations.models import Network
from app.registrations import service as registrations
from app.workshops import above, queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.past import changes, history, kept
from app.workshops.showing import facts
from app.workshops.values import Document, Session, Text, Values
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, day, session, values

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    switch("en")
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def workshop(network: Network) -> Workshop:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    return acts.publish(draft.id, by=KARIN, now=NOW)


def save(workshop: Workshop, **changed: Any) -> AuditEntry:
    """Staff change these; the line that it leaves."""
    now = LATER + timedelta(minutes=queries.get(workshop.id).version)
    service.save(workshop.id, replace(today(workshop), **changed), queries.get(workshop.id).version, by=KARIN, now=now)
    return audit.entries(f"workshop:{workshop.id}", 1)[0]


def today(workshop: Workshop) -> Values:
    return queries.values_of(queries.get(workshop.id))


def later(workshop: Workshop, days: int) -> Values:
    saved = today(workshop)
    return replace(saved, days=tuple(replace(day, on=day.on + timedelta(days=days)) for day in saved.days))


def title(workshop: Workshop, words: str, lang: str = "es", part: str = "title") -> dict[str, Text]:
    texts = today(workshop).texts
    return {**texts, lang: replace(texts[lang], **{part: words})}


def take_back(workshop: Workshop, entry: AuditEntry) -> AuditEntry:
    values = kept.restored(today(workshop), entry)
    assert values is not None
    version = queries.get(workshop.id).version
    service.save(workshop.id, values, version, by=KARIN, now=LATER + timedelta(minutes=version), takes_back=True)
    return audit.entries(f"workshop:{workshop.id}", 1)[0]


def can_be_undone(workshop: Workshop) -> list[str]:
    """The first sentence of each line with a button, the newest first."""
    lines = audit.entries(f"workshop:{workshop.id}")
    found = history.history(lines, "UTC", state=queries.get(workshop.id).state, values=today(workshop))
    return [one.words[0] for one in found if one.undo]


def test_every_part_of_a_workshop_comes_back_from_the_audit_as_it_was(network: Network) -> None:
    whole = values(
        network, theme="care", latitude=4.6, longitude=-74.1, opens=datetime.fromisoformat("2025-04-01T09"), reminders=("hours:1",),
        organisation_id=network.members[0].organisation_id, access="invited", invitees=frozenset({3, 1}),
    )  # fmt: skip
    empty = Values(network_id=0, zone="", original_lang="")

    found = json.loads(json.dumps(kept.facts(empty, whole)))
    back = kept.restored(whole, AuditEntry(facts=json.loads(json.dumps(kept.facts(whole, whole) | {"was": found["was"], "became": {}}))))

    assert set(found["became"]) >= {"days", "texts.es.title", "invitees", "opens", "latitude"}
    assert back == replace(empty, texts={lang: Text() for lang in whole.texts})
    read = {name: new for name, (_old, new) in kept.changed_parts(AuditEntry(facts=found)).items()}
    assert read == {name: value for name, value in kept.parts(whole).items() if name in found["became"]}


def test_how_a_day_was_numbered_where_it_was_typed_is_not_kept(workshop: Workshop) -> None:
    before, moved = today(workshop), later(workshop, 2)
    numbered = replace(moved, days=tuple(replace(day, number=7) for day in moved.days))
    assert "days" in kept.facts(before, moved)["became"]
    assert kept.facts(before, numbered) == kept.facts(before, moved)


def test_a_move_is_a_sentence_with_hours_and_the_clock(workshop: Workshop) -> None:
    entry = save(workshop, days=later(workshop, 2).days)
    first, second = today(workshop).days
    longer = save(workshop, days=(first, replace(second, ends=first.ends.replace(hour=18))))

    assert history.sentences(entry) == ("Moved from 3–4 June 2025 09:00 to 5–6 June 2025 09:00 (Bogotá)",)
    assert history.sentences(longer) == ("Moved from 6 June 2025 09:00–16:00 to 6 June 2025 09:00–18:00 (Bogotá)",)


def test_another_clock_stands_in_the_sentence_about_the_days(workshop: Workshop) -> None:
    both = save(workshop, days=later(workshop, 2).days, zone="America/Guatemala", place="Panajachel", country="GT")
    clock = save(workshop, zone="America/Bogota")

    assert history.sentences(both)[0] == "Moved from 3–4 June 2025 09:00 (Bogotá) to 5–6 June 2025 09:00 (Guatemala City)"
    assert not any("Clock" in words for words in history.sentences(both))
    assert history.sentences(clock) == ("Clock: Guatemala City → Bogotá",)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"capacity": 36}, "Seats: 20 → 36"),
        ({"venue": ""}, "Venue: Archivo de Bogotá → –"),
        ({"theme": "care"}, "Theme: – → Care work"),
        ({"spoken": ("en",)}, "Languages of work: Spanish and Swedish → English"),
        ({"closes": datetime.fromisoformat("2025-05-20T17")}, "Closing of registration: – → 20 May 2025 17:00"),
        ({"access": "open"}, "Who may register: Members of the network → Anyone, no account needed"),
    ],
)
def test_each_field_is_said_from_what_to_what(workshop: Workshop, changed: dict[str, Any], words: str) -> None:
    assert history.sentences(save(workshop, **changed)) == (words,)


def test_hosts_are_called_by_their_names(workshop: Workshop) -> None:
    entry = save(workshop, organisation_id=workshop.network.members[1].organisation_id)
    names = changes.row_names([], [("", "None"), (str(workshop.network.members[1].organisation_id), "Umeå")])

    assert history.sentences(entry, names) == ("Host: – → Umeå",)


def test_texts_are_quoted_and_long_ones_from_where_they_differ(workshop: Workshop) -> None:
    long = "Una ciudad que cuida a quienes cuidan. " * 30
    short = save(workshop, texts=title(workshop, "Ciudad para todas"))
    first = save(workshop, texts=title(workshop, long, part="description"))
    early = save(workshop, texts=title(workshop, long.replace("quienes", "todas", 1), part="description"))
    late = save(workshop, texts=title(workshop, today(workshop).texts["es"].description + " Fin.", part="description"))

    assert history.sentences(short) == ("Title in Spanish: “Ciudad segura (es)” → “Ciudad para todas”",)
    assert history.sentences(first)[0].startswith("Description in Spanish: – → “Una ciudad que cuida a quienes cuidan. Una ciudad")
    assert len(history.sentences(first)[0]) < 120
    old = "“Una ciudad que cuida a quienes cuidan. Una ciudad que cuida…”"
    new = "“Una ciudad que cuida a todas cuidan. Una ciudad que cuida a…”"
    assert history.sentences(early) == (f"Description in Spanish: {old} → {new}",)
    assert history.sentences(late) == ("Description in Spanish: “…quienes cuidan.” → “…quienes cuidan. Fin.”",)


def test_lines_of_before_still_read_right(network: Network) -> None:
    moved = AuditEntry(action="workshop.moved", facts={"before": "2024-03-18/2024-03-21", "after": "2024-03-20/2024-03-20"})
    changed = AuditEntry(action="workshop.changed", facts={"fields": "capacity, venue"})

    assert history.sentences(moved) == ("Moved the workshop from 18–21 March 2024 to Wednesday 20 March 2024",)
    assert history.sentences(changed) == ("Changed: seats, venue",)
    assert kept.revertible([moved, changed], values(network)) == frozenset()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("sv", "Flyttad från 3–4 juni 2025 09:00 till 5–6 juni 2025 09:00 (Bogotá)"),
        ("es", "Cambio de fecha. Antes: 3–4 de junio de 2025 09:00. Ahora: 5–6 de junio de 2025 09:00 (Bogotá)"),
    ],
)
def test_the_history_speaks_the_readers_language(workshop: Workshop, lang: str, words: str) -> None:
    entry = save(workshop, days=later(workshop, 2).days)

    with using(lang):
        assert history.sentences(entry) == (words,)


def test_taking_back_restores_exactly_what_the_line_changed(workshop: Workshop) -> None:
    before = today(workshop)
    entry = save(workshop, capacity=36, texts=title(workshop, "Ciudad para todas"))
    save(workshop, venue="Biblioteca", texts=title(workshop, "Trygg stad", "sv"))

    back = take_back(workshop, entry)

    after = today(workshop)
    assert (after.capacity, after.texts["es"].title) == (before.capacity, before.texts["es"].title)
    assert (after.venue, after.texts["sv"].title) == ("Biblioteca", "Trygg stad")
    assert history.sentences(back) == ("Undone: Title in Spanish: “Ciudad para todas” → “Ciudad segura (es)”", "Seats: 36 → 20")


def test_long_words_come_back_to_the_letter(workshop: Workshop) -> None:
    long = "Å" * 9_990 + "\n\nfin"
    save(workshop, texts=title(workshop, long, part="description"))

    take_back(workshop, save(workshop, texts=title(workshop, "Corto", part="description")))

    assert today(workshop).texts["es"].description == long


def test_days_come_back_with_the_uids_of_their_entries(workshop: Workshop) -> None:
    uids = [day.uid for day in queries.get(workshop.id).days]
    entry = save(workshop, days=later(workshop, 7).days)

    take_back(workshop, entry)

    days = queries.get(workshop.id).days
    assert [(day.on, day.uid) for day in days] == [(date(2025, 6, 3), uids[0]), (date(2025, 6, 4), uids[1])]
    assert queries.get(workshop.id).moved_from is None


def test_what_was_taken_back_can_be_taken_back(workshop: Workshop) -> None:
    entry = save(workshop, capacity=36)
    back = take_back(workshop, entry)
    assert can_be_undone(workshop) == ["Undone: Seats: 36 → 20"]

    take_back(workshop, back)

    assert today(workshop).capacity == 36


def test_of_two_moves_the_first_is_still_told_when_the_second_is_taken_back(workshop: Workshop) -> None:
    def moved_from() -> tuple[date | None, date | None]:
        return queries.get(workshop.id).moved_from, queries.get(workshop.id).moved_to

    first = save(workshop, days=later(workshop, 2).days)
    second = save(workshop, days=later(workshop, 5).days)
    assert moved_from() == (date(2025, 6, 5), date(2025, 6, 6))

    take_back(workshop, second)
    assert moved_from() == (date(2025, 6, 3), date(2025, 6, 4))

    third = save(workshop, days=later(workshop, 9).days)
    take_back(workshop, third)
    assert moved_from() == (date(2025, 6, 3), date(2025, 6, 4))

    take_back(workshop, first)
    assert moved_from() == (None, None)


def test_only_what_still_stands_can_be_taken_back(workshop: Workshop) -> None:
    first = save(workshop, capacity=36)
    save(workshop, venue="Biblioteca")
    save(workshop, capacity=40)

    assert can_be_undone(workshop) == ["Seats: 36 → 40", "Venue: Archivo de Bogotá → Biblioteca"]
    assert kept.restored(today(workshop), first) is None


def test_a_line_too_long_to_be_kept_says_its_fields_and_cannot_be_taken_back(workshop: Workshop) -> None:
    save(workshop, texts=title(workshop, "x" * (kept.MOST + 1), part="description"))

    entry = save(workshop, texts=title(workshop, "Corto", part="description"), capacity=36)

    assert len(json.dumps(entry.facts)) < 200
    assert history.sentences(entry) == ("Changed: seats, texts",)
    assert can_be_undone(workshop) == []


def test_states_are_left_by_their_own_verbs(workshop: Workshop) -> None:
    def verbs() -> list[str]:
        lines = audit.entries(f"workshop:{workshop.id}")
        return [one.verb for one in history.history(lines, "UTC", state=queries.get(workshop.id).state, values=today(workshop))]

    published = verbs()
    acts.postpone(workshop.id, REASONS, by=KARIN, now=LATER)
    postponed = verbs()
    acts.restore(workshop.id, by=KARIN, now=LATER + timedelta(minutes=1))

    assert (published, postponed, verbs()) == (["cancel", ""], ["restore", "", ""], ["", "", "", ""])


def test_the_history_keeps_why_it_was_postponed_also_when_it_takes_place_again(workshop: Workshop) -> None:
    acts.postpone(workshop.id, REASONS, by=KARIN, now=LATER)
    acts.restore(workshop.id, by=KARIN, now=LATER + timedelta(minutes=1))
    _restored, postponed, *_rest = audit.entries(f"workshop:{workshop.id}")

    assert history.sentences(postponed) == ("Postponed the workshop", "“The bridge is closed.”")
    with using("es"):
        assert history.sentences(postponed)[1] == "«El puente está cerrado.»"


# By the staff's pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def staff(app: Flask, clock: Callable[[datetime], Any]) -> Any:
    person: Person = factories.person(staff="officer")
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    with clock(LATER + timedelta(days=1)):
        yield visitor.signed_in(person)


def text_of(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def undo(staff: Visitor, workshop: Workshop, entry: AuditEntry, **more: str) -> Any:
    data = {"version": str(queries.get(workshop.id).version)} | more
    return staff.post(f"/en/staff/workshops/{workshop.id}/undo/{entry.id}", data=data, follow_redirects=True)


def test_the_newest_change_has_a_button_that_takes_it_back(staff: Visitor, workshop: Workshop) -> None:
    entry = save(workshop, capacity=36)
    page = text_of(staff.get(f"/en/staff/workshops/{workshop.id}/"))
    assert f'formaction="/en/staff/workshops/{workshop.id}/undo/{entry.id}">Undo' in page

    answer = undo(staff, workshop, entry)

    assert "Undone: Seats: 36 → 20" in text_of(answer)
    assert today(workshop).capacity == 20


def test_before_a_move_is_taken_back_staff_see_what_that_does(staff: Visitor, workshop: Workshop) -> None:
    entry = save(workshop, days=later(workshop, 2).days)

    asked = undo(staff, workshop, entry)
    assert "What will this do?" in text_of(asked)
    assert "Undone: Moved from 5–6 June 2025 09:00 to 3–4 June 2025 09:00 (Bogotá)" in text_of(asked)
    assert today(workshop).days[0].on == date(2025, 6, 5)
    undo(staff, workshop, entry, act="sure")

    assert today(workshop).days[0].on == date(2025, 6, 3)


def test_rules_refuse_in_words_what_can_no_longer_be_taken_back(staff: Visitor, workshop: Workshop) -> None:
    service.save(workshop.id, replace(today(workshop), capacity=1), queries.get(workshop.id).version, by=KARIN, now=NOW)
    entry = save(workshop, capacity=2)
    for _person in range(2):
        me = factories.person(workshop.network.members[0].organisation)
        registrations.register(workshop.id, me.id, by=KARIN, now=LATER)
    older = save(workshop, venue="Biblioteca")
    save(workshop, venue="Casa")

    assert "2 seats are taken already: enter at least 2" in text_of(undo(staff, workshop, entry))
    assert "That cannot be undone any more: it has been changed since." in text_of(undo(staff, workshop, older))
    assert (today(workshop).capacity, today(workshop).venue) == (2, "Casa")


def test_another_workshops_line_is_not_there_and_an_old_page_is_told(staff: Visitor, workshop: Workshop, network: Network) -> None:
    other = service.save_draft(values(network), by=KARIN, now=NOW)
    entry = save(workshop, capacity=36)

    assert undo(staff, other, entry).status_code == 404
    assert staff.get(f"/en/staff/workshops/{other.id}/undo/{entry.id}").status_code == 404
    late = undo(staff, workshop, entry, version="1")
    assert late.status_code == 409
    assert "Seats: 20 → 36" in text_of(late)
    assert "Karin" in text_of(late)
    assert f'<input type="hidden" name="version" value="{queries.get(workshop.id).version}">' in text_of(late)
    assert "Undo the change all the same" in text_of(late)
    assert today(workshop).capacity == 36
    db.session.remove()


def test_the_programme_and_documents_are_said_and_come_back(workshop: Workshop) -> None:
    talk = Session(0, time(9), time(10), (("es", "Apertura"),), room="A")
    lunch = Session(0, time(12), time(13), (("es", "Almuerzo"),), kind="meal")
    save(workshop, sessions=(lunch, talk))
    before = today(workshop)
    assert len(can_be_undone(workshop)) == 1
    left = tuple(one for one in before.sessions if one != lunch)
    entry = save(workshop, sessions=left, documents=(Document("Agenda", "https://icld.se/agenda"),), in_series=not before.in_series)

    words = history.sentences(entry)
    assert [one.partition(":")[0] for one in words] == ["Place among the network's gatherings", "Programme", "Documents"]
    assert "Almuerzo" in words[1]
    assert "Apertura" not in words[1]
    take_back(workshop, entry)
    assert today(workshop) == before


def programmed(workshop: Workshop) -> dict[int, list[str]]:
    """The names of the sessions on each day of June."""
    return {one.on.day: [row.titles["en"].title for row in one.sessions] for one in queries.get(workshop.id).days}


def test_a_day_that_has_got_a_programme_since_is_not_taken_back(staff: Visitor, workshop: Workshop) -> None:
    entry = save(workshop, days=(day(2), *today(workshop).days))
    assert len(can_be_undone(workshop)) == 1
    save(workshop, sessions=(session("Arrival", day=0), session("Farewell", day=2)))

    answer = undo(staff, workshop, entry)

    assert not any(words.startswith("Moved") for words in can_be_undone(workshop))
    assert (answer.status_code, "That cannot be undone any more" in text_of(answer)) == (200, True)
    assert programmed(workshop) == {2: ["Arrival"], 3: [], 4: ["Farewell"]}


def test_sessions_that_have_come_since_stay_on_their_days(workshop: Workshop) -> None:
    entry = save(workshop, days=(day(2), *today(workshop).days))
    save(workshop, sessions=(session("Talk", day=1), session("Farewell", day=2)))

    take_back(workshop, entry)

    assert programmed(workshop) == {3: ["Talk"], 4: ["Farewell"]}


def test_a_programme_of_days_that_are_counted_otherwise_now_is_not_taken_back(workshop: Workshop) -> None:
    save(workshop, sessions=(session("Talk", day=0),))
    save(workshop, sessions=())
    save(workshop, days=later(workshop, 1).days)
    assert [words.partition(":")[0] for words in can_be_undone(workshop)][1:] == ["Programme"]

    save(workshop, days=(day(2), *today(workshop).days))

    assert not any(words.startswith("Programme") for words in can_be_undone(workshop))


def test_reminders_are_said_from_what_to_what_and_come_back(staff: Visitor, workshop: Workshop) -> None:
    entry = save(workshop, reminders=("days:1@09:00",))
    page = text_of(staff.get(f"/en/staff/workshops/{workshop.id}/"))

    undo(staff, workshop, entry)

    words = "Reminders: The network's usual reminders → The day before, at 09:00"
    assert history.sentences(entry) == (words,)
    assert words in page
    assert f"/undo/{entry.id}" in page
    assert above.as_typed(queries.get(workshop.id)).reminders == ()


def test_two_who_choose_reminders_at_once_see_each_other(workshop: Workshop) -> None:
    version, before = queries.get(workshop.id).version, queries.get(workshop.id).changed_at
    service.save(workshop.id, replace(today(workshop), reminders=("hours:1",)), version, by=KARIN, now=LATER)

    with pytest.raises(Conflict):
        service.save(workshop.id, replace(today(workshop), reminders=()), version, by=KARIN, now=LATER)

    assert above.as_typed(queries.get(workshop.id)).reminders == ("hours:1",)
    assert (queries.get(workshop.id).version, queries.get(workshop.id).changed_at) == (version + 1, before)


def crowd(workshop: Workshop, people: int = 60) -> None:
    """So many register, one after another, after all that staff have done."""
    with transaction():
        for number in range(people):
            at = LATER + timedelta(hours=2, minutes=number)
            record("registration.confirmed", f"workshop:{workshop.id}", by=Actor("guest", "Ana"), now=at, name=f"Ana {number}")


def test_what_staff_have_done_stays_in_sight_however_many_register(staff: Visitor, workshop: Workshop) -> None:
    entry = save(workshop, capacity=36)
    crowd(workshop)

    page = text_of(staff.get(f"/en/staff/workshops/{workshop.id}/"))

    assert page.count("got a seat") == 50
    assert "Seats: 20 → 36" in page
    assert f"/undo/{entry.id}" in page
    assert "Published the workshop" in page


def test_who_was_faster_is_whoever_changed_the_workshop(staff: Visitor, workshop: Workshop) -> None:
    entry = save(workshop, capacity=36)
    crowd(workshop, 3)
    draft = service.save_draft(values(workshop.network), by=KARIN, now=NOW)
    save(draft, capacity=36)
    crowd(draft, 3)
    typed = {"version": "1", "title_es": "Otra", "network": str(draft.network_id), "zone": draft.zone, "original_lang": "es"}
    typed |= {"format": "on_site", "access": "network"}

    late = text_of(undo(staff, workshop, entry, version="1"))
    clash = text_of(staff.post(f"/en/staff/workshops/{draft.id}/", data=typed))

    assert "Seats: 20 → 36" in late
    assert "Ana 2 got a seat" not in late
    assert "Karin saved this workshop while you typed" in clash


def test_other_hours_on_the_same_dates_are_told_until_they_are_the_old_ones_again(workshop: Workshop) -> None:
    def new_hours() -> tuple[bool, datetime | None]:
        found = queries.get(workshop.id)
        return found.has_new_hours, queries.find_old_start(found)

    start = workshop.days[0].starts_at
    saved = today(workshop)
    first = save(workshop, days=(replace(saved.days[0], starts=time(10)), *saved.days[1:]))
    assert new_hours() == (True, start)

    second = save(workshop, days=(replace(saved.days[0], starts=time(11)), *saved.days[1:]))
    assert new_hours() == (True, start + timedelta(hours=1))
    said = facts.state_of(queries.get(workshop.id), "open", "Europe/Stockholm")
    assert said is not None
    assert (said.title, said.words[:54]) == ("The hours have changed", "It was to be 10:00–16:00 on Tuesday 3 June, in Bogotá.")

    take_back(workshop, second)
    assert new_hours() == (True, start)

    take_back(workshop, first)
    assert new_hours() == (False, None)
    assert queries.get(workshop.id).moved_from is None
