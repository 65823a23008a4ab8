"""What is done to a workshop is done as a whole, told to everybody concerned, and written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditEntry
from app.calendars import Years, render_entry
from app.database import db, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import switch
from app.organisations.models import Network
from app.registrations import service as registrations
from app.workshops import above, queries, service
from app.workshops.acts import service as acts
from app.workshops.finding import heads
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.showing import entries
from app.workshops.values import Day, Text
from tests import factories
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, day, heard, values

LATER = NOW + timedelta(hours=1)
date_time = datetime.fromisoformat  # a time on a wall has no offset


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    switch("en")
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def published(network: Network) -> Workshop:
    workshop = service.save_draft(values(network), by=KARIN, now=NOW)
    return acts.publish(workshop.id, by=KARIN, now=NOW)


def audited(workshop: Workshop) -> list[str]:
    wanted = select(AuditEntry.action).where(AuditEntry.topic == f"workshop:{workshop.id}").order_by(AuditEntry.id)
    return list(db.session.scalars(wanted))


def days_of(workshop: Workshop) -> list[tuple[date, int, str]]:
    return [(row.on, row.sequence, row.uid) for row in workshop.days]


def test_a_draft_needs_one_title_and_nothing_else(network: Network) -> None:
    bare = values(network, texts={"sv": Text("Trygg stad")}, days=(), place="", country=None, capacity=0, original_lang="sv")

    workshop = service.save_draft(bare, by=KARIN, now=NOW)

    assert (workshop.state, workshop.slug, workshop.starts_at, workshop.version) == ("draft", "trygg-stad", None, 1)
    assert audited(workshop) == ["workshop.created"]


def test_a_draft_does_not_inherit_the_history_of_one_that_was_thrown_away(network: Network) -> None:
    thrown = service.save_draft(values(network), by=KARIN, now=NOW)
    number = thrown.id
    acts.delete_draft(number, by=KARIN, now=NOW)

    workshop = service.save_draft(values(network), by=KARIN, now=NOW)

    assert workshop.id != number
    assert audited(workshop) == ["workshop.created"]


def test_a_draft_without_any_title_is_refused_and_nothing_is_written(network: Network) -> None:
    with pytest.raises(Refused) as refusal:
        service.save_draft(values(network, texts={"sv": Text("", "A summary")}), by=KARIN, now=NOW)

    assert refusal.value.problems == {"title_es": "Enter a title in at least one language"}
    assert db.session.scalars(select(Workshop)).all() == []
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_a_second_workshop_of_the_same_title_gets_an_address_of_its_own(network: Network) -> None:
    slugs = [service.save_draft(values(network), by=KARIN, now=NOW).slug for _time in range(3)]

    assert slugs == ["ciudad-segura-es", "ciudad-segura-es-2", "ciudad-segura-es-3"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [("¿Señoras y señores: Åre?", "senoras-y-senores-are"), ("日本", "ri-ben"), ("?!", "workshop"), ("A" * 120, "a" * 80)],
)
def test_the_address_is_the_title_in_plain_letters(network: Network, title: str, slug: str) -> None:
    assert service.save_draft(values(network, texts={"es": Text(title)}), by=KARIN, now=NOW).slug == slug


def test_saving_keeps_the_values_word_for_word(network: Network) -> None:
    window = {"opens": date_time("2025-04-01T09"), "closes": date_time("2025-05-20T17")}
    typed = values(network, **window, theme="care", latitude=4.6, longitude=-74.1)

    workshop = service.save_draft(typed, by=KARIN, now=NOW)

    saved = queries.values_of(workshop)
    assert replace(saved, days=tuple(replace(one, id=None) for one in saved.days)) == typed
    assert workshop.opens_at == datetime.fromisoformat("2025-04-01T14:00+00:00")
    assert [row.starts_at.isoformat() for row in workshop.days] == ["2025-06-03T14:00:00+00:00", "2025-06-04T14:00:00+00:00"]


def test_publishing_waits_for_what_is_missing(network: Network) -> None:
    texts = {"es": Text("Ciudad", "Resumen"), "sv": Text("Stad", ""), "en": Text("", "Summary")}
    workshop = service.save_draft(values(network, texts=texts, capacity=0, days=()), by=KARIN, now=NOW)

    with pytest.raises(Refused) as refusal:
        acts.publish(workshop.id, by=KARIN, now=NOW)

    assert refusal.value.problems == {
        "days-0-on": "Enter at least one day",
        "capacity": "Enter how many seats there are, as a number such as 36",
        "summary_sv": "Enter the summary in Swedish",
        "title_en": "Enter the title in English",
    }
    assert queries.get(workshop.id).state == "draft"


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posix/Europe/Stockholm", "EST5EDT", "Etc/GMT+5", "Europe", "Nowhere/City", ""])
def test_only_the_clocks_on_offer_will_do(network: Network, zone: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.save_draft(values(network, zone=zone), by=KARIN, now=NOW)

    assert refusal.value.problems == {"zone": "Choose a time zone from the list"}


def test_a_clock_that_is_offered_no_more_may_be_kept_but_not_published_with(network: Network, published: Workshop) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    with transaction():
        draft.zone = published.zone = "America/Phoenix"
    saved = queries.values_of(published)

    kept = service.save(published.id, replace(saved, venue="Biblioteca"), published.version, by=KARIN, now=LATER)

    assert (kept.zone, kept.venue) == ("America/Phoenix", "Biblioteca")
    with pytest.raises(Refused, match="Choose a time zone from the list"):
        acts.publish(draft.id, by=KARIN, now=LATER)


@pytest.mark.parametrize("words", ["örebro", "ÖREBRO", "Ñuñoa", "ñuñoa", "åre"])
def test_staff_find_letters_of_every_alphabet(network: Network, words: str) -> None:
    factories.workshop(network, title="Örebro möter Ñuñoa", place="Åre")
    factories.workshop(network, title="Umeå")

    assert len(queries.all_for_staff(NOW, words=words)) == 1


def test_the_range_of_a_list_is_that_of_the_workshops_own_days(network: Network) -> None:
    """19:00 in Bogotá is the next day in UTC."""
    factories.workshop(network, date(2025, 6, 3), starts=time(19), ends=time(21))
    factories.workshop(network, date(2025, 6, 9), date(2025, 6, 10), starts=time(20), ends=time(22))

    assert heads.count(NOW, over=False) == (2, date(2025, 6, 3), date(2025, 6, 9))
    assert heads.count(NOW, over=True) == (0, None, None)


def test_registration_that_can_never_open_stops_publishing(network: Network) -> None:
    workshop = service.save_draft(values(network, opens=date_time("2025-06-03T09:00")), by=KARIN, now=NOW)

    with pytest.raises(Refused) as refusal:
        acts.publish(workshop.id, by=KARIN, now=NOW)

    assert refusal.value.problems == {"opens": "Registration must open before the workshop begins"}


@pytest.mark.parametrize(
    "base", ["http://work_shops.example:8000", "http://[2001:db8::1]:5000", "https://åre.example", f"http://{'a' * 63}.{'b' * 63}.se"]
)
def test_every_address_of_the_service_gives_names_that_calendars_take(sqlite_url: str, make_app: MakeApp, base: str) -> None:
    app = make_app(sqlite_url, BASE_URL=base)
    with app.app_context():
        network = factories.network(factories.organisation("CO"))
        workshop = acts.publish(service.save_draft(values(network), by=KARIN, now=NOW).id, by=KARIN, now=NOW)

        assert max(len(uid) for uid in (workshop.uid, *(row.uid for row in workshop.days))) <= 120
        assert len([render_entry(entry, Years(2024, 2026)) for entry in entries.daily(workshop, "sv")]) == 2


def test_a_published_workshop_is_announced_once(app: Flask, network: Network) -> None:
    workshop = service.save_draft(values(network), by=KARIN, now=NOW)

    with heard(app) as news:
        acts.publish(workshop.id, by=KARIN, now=LATER)
        with pytest.raises(Refused):
            acts.publish(workshop.id, by=KARIN, now=LATER)

    assert [name for name, _facts in news] == ["workshop_published"]
    assert (workshop.published_at, workshop.sequence, workshop.version) == (LATER, 0, 2)


def test_a_moved_day_keeps_its_row_and_its_uid(app: Flask, published: Workshop) -> None:
    uids = [row.uid for row in published.days]
    saved = queries.values_of(published)
    later = tuple(replace(one, on=one.on + timedelta(days=1)) for one in saved.days)

    with heard(app) as news:
        workshop = service.save(published.id, replace(saved, days=later), published.version, by=KARIN, now=LATER)

    assert days_of(workshop) == [(date(2025, 6, 4), 1, uids[0]), (date(2025, 6, 5), 1, uids[1])]
    assert [(name, facts.get("before")) for name, facts in news] == [
        ("workshop_moved", [(date(2025, 6, 3), time(9), time(16)), (date(2025, 6, 4), time(9), time(16))])
    ]
    assert (workshop.sequence, workshop.version, workshop.moved_from, workshop.moved_to) == (1, 3, date(2025, 6, 3), date(2025, 6, 4))
    assert audited(workshop)[-1] == "workshop.moved"


def test_days_can_change_places(published: Workshop) -> None:
    uids = [row.uid for row in published.days]
    saved = queries.values_of(published)
    first, second = saved.days
    swapped = (replace(first, on=second.on, starts=time(8)), replace(second, on=first.on))

    workshop = service.save(published.id, replace(saved, days=swapped), published.version, by=KARIN, now=LATER)

    assert days_of(workshop) == [(date(2025, 6, 3), 1, uids[1]), (date(2025, 6, 4), 1, uids[0])]


def test_a_day_that_does_not_move_keeps_its_entry_byte_for_byte(published: Workshop) -> None:
    before = entries.daily(published, "sv")
    saved = queries.values_of(published)
    moved = (saved.days[0], replace(saved.days[1], ends=time(12)))

    workshop = service.save(published.id, replace(saved, days=moved), published.version, by=KARIN, now=LATER)

    after = entries.daily(workshop, "sv")
    assert after[0] == before[0]
    assert (after[1].uid, after[1].sequence, after[1].changed) == (before[1].uid, 1, LATER)


def test_a_further_day_renumbers_the_others_without_raising_them(published: Workshop) -> None:
    saved = queries.values_of(published)

    workshop = service.save(published.id, replace(saved, days=(*saved.days, day(5))), published.version, by=KARIN, now=LATER)

    assert [(row.sequence, row.changed_at) for row in workshop.days] == [(0, LATER)] * 3
    assert [one.summary[-12:] for one in entries.daily(workshop, "en")] == ["(day 1 of 3)", "(day 2 of 3)", "(day 3 of 3)"]


def test_days_without_numbers_are_paired_in_their_order(published: Workshop) -> None:
    uids = [row.uid for row in published.days]

    workshop = service.save(
        published.id, replace(queries.values_of(published), days=(day(10), day(11))), published.version, by=KARIN, now=LATER
    )

    assert [row.uid for row in workshop.days] == uids


def test_moving_back_forgets_the_old_date(published: Workshop) -> None:
    saved = queries.values_of(published)
    there = tuple(replace(one, on=one.on + timedelta(days=7)) for one in saved.days)
    workshop = service.save(published.id, replace(saved, days=there), published.version, by=KARIN, now=LATER)

    workshop = service.save(published.id, saved, workshop.version, by=KARIN, now=LATER)

    assert (workshop.moved_from, workshop.moved_to, workshop.sequence) == (None, None, 2)


def test_other_words_are_a_change_and_no_move(app: Flask, published: Workshop) -> None:
    saved = queries.values_of(published)
    texts = {**saved.texts, "sv": replace(saved.texts["sv"], title="Trygg stad")}

    with heard(app) as news:
        workshop = service.save(published.id, replace(saved, texts=texts), published.version, by=KARIN, now=LATER)

    assert [name for name, _facts in news] == ["workshop_changed"]
    assert (workshop.sequence, workshop.version, workshop.changed_at) == (0, 3, LATER)
    assert {lang: text.changed_at for lang, text in workshop.texts.items()} == {"sv": LATER, "es": NOW, "en": NOW}


def test_another_place_raises_the_sequence_of_all(published: Workshop) -> None:
    changed = replace(queries.values_of(published), venue="Biblioteca")

    workshop = service.save(published.id, changed, published.version, by=KARIN, now=LATER)

    assert (workshop.sequence, [row.sequence for row in workshop.days]) == (1, [1, 1])


def test_more_seats_are_announced_after_the_change(app: Flask, published: Workshop) -> None:
    with heard(app) as news:
        service.save(published.id, replace(queries.values_of(published), capacity=30), published.version, by=KARIN, now=LATER)

    assert [name for name, _facts in news] == ["workshop_changed", "capacity_raised"]


def test_saving_what_is_there_already_does_nothing(app: Flask, published: Workshop) -> None:
    with heard(app) as news:
        workshop = service.save(published.id, queries.values_of(published), published.version, by=KARIN, now=LATER)

    assert (news, workshop.version, workshop.changed_at) == ([], 2, NOW)


def test_a_change_of_a_draft_is_announced_to_nobody(app: Flask, network: Network) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)

    with heard(app) as news:
        workshop = service.save(draft.id, values(network, days=(day(20),), capacity=5), 1, by=KARIN, now=LATER)

    assert (news, workshop.sequence, [row.sequence for row in workshop.days]) == ([], 0, [0])


def test_two_who_save_at_once_do_not_overwrite_each_other(published: Workshop) -> None:
    saved, version = queries.values_of(published), published.version
    service.save(published.id, replace(saved, capacity=30), version, by=KARIN, now=LATER)

    with pytest.raises(Conflict):
        service.save(published.id, replace(saved, capacity=25), version, by=KARIN, now=LATER)

    assert queries.get(published.id).capacity == 30


def test_fewer_seats_than_are_taken_are_refused(published: Workshop) -> None:
    with transaction():
        published.taken = 7
    version = queries.get(published.id).version

    with pytest.raises(Refused) as refusal:
        service.save(published.id, replace(queries.values_of(published), capacity=6), version, by=KARIN, now=LATER)

    assert refusal.value.problems == {"capacity": "7 seats are taken already: enter at least 7"}


@pytest.mark.parametrize(("verb", "state"), [("postpone", "postponed"), ("cancel", "cancelled")])
def test_a_workshop_stops_with_a_reason_in_every_language(app: Flask, published: Workshop, verb: str, state: str) -> None:
    with heard(app) as news:
        workshop = getattr(acts, verb)(published.id, REASONS, by=KARIN, now=LATER)

    assert [name for name, _facts in news] == [f"workshop_{state}"]
    assert (workshop.state, workshop.sequence, [row.sequence for row in workshop.days]) == (state, 1, [1, 1])
    assert {lang: text.reason for lang, text in workshop.texts.items()} == REASONS
    assert audited(workshop)[-1] == f"workshop.{state}"


def test_a_workshop_does_not_stop_without_a_reason(published: Workshop) -> None:
    with pytest.raises(Refused) as refusal:
        acts.cancel(published.id, {"sv": "Bron", "es": "", "en": ""}, by=KARIN, now=LATER)

    assert refusal.value.problems == {"reason_es": "Enter the reason in Spanish", "reason_en": "Enter the reason in English"}


def test_a_postponed_workshop_comes_back_on_its_new_days_with_the_same_uids(app: Flask, published: Workshop) -> None:
    uids = [row.uid for row in published.days]
    acts.postpone(published.id, REASONS, by=KARIN, now=LATER)
    saved = queries.values_of(queries.get(published.id))
    autumn = tuple(replace(one, on=one.on + timedelta(days=90)) for one in saved.days)
    with heard(app) as news:
        workshop = service.save(published.id, replace(saved, days=autumn), queries.get(published.id).version, by=KARIN, now=LATER)
        workshop = acts.restore(published.id, by=KARIN, now=LATER)

    assert [name for name, _facts in news] == ["workshop_changed", "workshop_restored"]
    assert (workshop.state, [row.uid for row in workshop.days]) == ("published", uids)
    assert {text.reason for text in workshop.texts.values()} == {""}


def test_what_has_passed_is_not_taken_up_again(published: Workshop) -> None:
    acts.postpone(published.id, REASONS, by=KARIN, now=LATER)

    with pytest.raises(Refused, match="Its days have passed"):
        acts.restore(published.id, by=KARIN, now=NOW + timedelta(days=200))


def test_what_is_over_is_not_cancelled(published: Workshop) -> None:
    with pytest.raises(Refused, match="over"):
        acts.cancel(published.id, REASONS, by=KARIN, now=NOW + timedelta(days=200))


NOON = datetime.fromisoformat("2025-06-03T17:00+00:00")  # of the first day, in Bogotá
MIDNIGHT = datetime.fromisoformat("2025-06-03T05:30+00:00")  # half past it, on the first day
TAKEN_AWAY = {"days-0-on": "3 June 2025 has begun, or people are checked in: it cannot be taken away"}
KEEPS = "3 June 2025 has begun, or people are checked in: it keeps its date"


def check_in(workshop: Workshop, now: datetime) -> None:
    """Somebody is there on the first day."""
    me = factories.person(workshop.network.members[0].organisation)
    mine = registrations.register(workshop.id, me.id, by=KARIN, now=NOW)
    registrations.record_attendance(mine.id, workshop.days[0].id, "morning", present=True, by=KARIN, now=now)


@pytest.mark.parametrize("now", [NOON, NOON + timedelta(days=1)])
def test_a_day_that_has_begun_cannot_be_taken_away(published: Workshop, now: datetime) -> None:
    saved = queries.values_of(published)

    with pytest.raises(Refused) as refusal:
        service.save(published.id, replace(saved, days=saved.days[1:]), published.version, by=KARIN, now=now)

    assert refusal.value.problems == TAKEN_AWAY


def test_a_day_that_has_begun_keeps_its_date_and_the_others_may_move(published: Workshop) -> None:
    first, second = queries.values_of(published).days
    later, longer = replace(second, on=second.on + timedelta(days=7)), replace(first, ends=time(18))
    moved = replace(queries.values_of(published), days=(later, replace(first, on=first.on + timedelta(days=30))))

    with pytest.raises(Refused) as refusal:
        service.save(published.id, moved, published.version, by=KARIN, now=NOON)
    workshop = service.save(published.id, replace(moved, days=(longer, later)), published.version, by=KARIN, now=NOON)

    assert refusal.value.problems == {"days-1-on": f"Day 2: {KEEPS}"}
    assert [(row.on, row.ends) for row in workshop.days] == [(first.on, time(18)), (later.on, time(16))]


def test_where_people_are_checked_in_the_day_stays_even_before_it_begins(published: Workshop) -> None:
    check_in(published, MIDNIGHT)
    workshop = queries.get(published.id)
    saved, version = queries.values_of(workshop), workshop.version
    later = tuple(replace(one, on=one.on + timedelta(days=30)) for one in saved.days)

    for days, problems in ((saved.days[1:], TAKEN_AWAY), (later, {"days-0-on": f"Day 1: {KEEPS}"})):
        with pytest.raises(Refused) as refusal:
            service.save(workshop.id, replace(saved, days=days), version, by=KARIN, now=MIDNIGHT)
        assert refusal.value.problems == problems


def test_a_postponed_workshop_moves_from_days_that_have_passed_unless_somebody_was_there(published: Workshop) -> None:
    check_in(published, NOON)
    acts.postpone(published.id, REASONS, by=KARIN, now=NOON)
    workshop = queries.get(published.id)
    saved = queries.values_of(workshop)
    later = tuple(replace(one, on=one.on + timedelta(days=90)) for one in saved.days)

    with pytest.raises(Refused):
        service.save(workshop.id, replace(saved, days=later), workshop.version, by=KARIN, now=NOON + timedelta(days=9))
    workshop = service.save(
        workshop.id, replace(saved, days=(saved.days[0], later[1])), workshop.version, by=KARIN, now=NOON + timedelta(days=9)
    )

    assert [row.on for row in workshop.days] == [date(2025, 6, 3), later[1].on]


def test_the_database_itself_keeps_a_day_with_attendance(published: Workshop) -> None:
    check_in(published, NOON)

    with pytest.raises(IntegrityError), transaction():
        db.session.execute(delete(WorkshopDay).where(WorkshopDay.workshop_id == published.id))

    assert len(queries.get(published.id).days) == 2


def test_a_draft_is_thrown_away_and_a_published_one_is_not(network: Network, published: Workshop) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    number = draft.id

    acts.delete_draft(number, by=KARIN, now=LATER)

    with pytest.raises(Missing):
        queries.get(number)
    assert db.session.scalars(select(WorkshopDay).where(WorkshopDay.workshop_id == number)).all() == []
    with pytest.raises(Refused, match="Only a draft"):
        acts.delete_draft(published.id, by=KARIN, now=LATER)


def test_invited_organisations_are_kept_as_long_as_it_is_by_invitation(network: Network) -> None:
    guest = factories.organisation("GT")
    workshop = service.save_draft(values(network, access="invited", invitees=frozenset({guest.id})), by=KARIN, now=NOW)
    assert queries.invitees(workshop.id) == {guest.id}

    service.save(workshop.id, values(network, access="open"), 1, by=KARIN, now=LATER)

    assert queries.invitees(workshop.id) == frozenset()


def test_reminders_are_chosen_through_an_announcement(app: Flask, network: Network) -> None:
    with heard(app) as news:
        workshop = service.save_draft(values(network, reminders=("hours:1",)), by=KARIN, now=NOW)

    assert [(name, facts["chosen"]) for name, facts in news] == [("workshop_reminders_chosen", ["hours:1"])]
    assert above.reminders_of(workshop) == ["hours:1"]


def test_an_effect_that_fails_takes_the_change_back(app: Flask, published: Workshop) -> None:
    def fail(**_facts: object) -> None:
        raise Refused

    app.extensions["app.announcements"]["workshop_changed"].append(fail)

    with pytest.raises(Refused):
        service.save(published.id, replace(queries.values_of(published), venue="Biblioteca"), 2, by=KARIN, now=LATER)

    assert (queries.get(published.id).venue, audited(published)) == ("Archivo de Bogotá", ["workshop.created", "workshop.published"])


def test_a_day_outside_the_period_is_refused_in_the_words_of_the_reader(network: Network) -> None:
    outside = values(network, days=(Day(date(2027, 1, 1), time(9), time(16)),))

    with pytest.raises(Refused) as refusal:
        service.save_draft(outside, by=KARIN, now=NOW)

    assert refusal.value.problems == {
        "days-0-on": "Day 1: 1 January 2027 is outside the period of the network Network en, which is 1 January 2024 to 31 December 2026"
    }
