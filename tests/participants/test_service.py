"""Acts on many, notes, mails to many, and the list taken along: all or nothing, and to nobody whom staff did not see."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from app.audit import queries as audit
from app.audit.sentences import sentence
from app.audit.service import person, record
from app.database import db, transaction
from app.delegations.colleagues import Colleague
from app.delegations.substitutes import substitute
from app.errors import Missing, Refused
from app.organisations.models import Organisation
from app.participants import queries, service, writing
from app.participants.mails import Written
from app.participants.models import Bulletin
from app.registrations import queries as registrations
from app.registrations import service as registrations_service
from app.registrations.listing import bulk
from app.registrations.listing import queries as listing
from app.registrations.listing.filters import Filter, Selection
from app.workshops import queries as workshops
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, kinds, published, registered, seen, waiting, words

ALL = Selection(Filter(), None)
WHY = {"sv": "Huset är stängt.", "es": "La casa está cerrada.", "en": "The house is closed."}
NIGHT = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)  # three in the morning in Stockholm


def some(*numbers: int) -> Selection:
    """These very rows."""
    return Selection(Filter(), numbers)


def reached(workshop: Workshop) -> str:
    """What the page before a mail to all would send back."""
    return bulk.sight(ALL, service.readers(workshop.id, ALL))


def states(ids: list[int]) -> list[str]:
    return [registrations.get(one).state for one in ids]


def test_the_list_is_narrowed_by_words_without_accents_organisation_country_and_role(umea: Organisation, workshop: Workshop) -> None:
    bogota = factories.organisation("CO")
    ids = registered(workshop.id, umea, 2)
    with transaction():
        first, second = (registrations.get(one) for one in ids)
        first.person.name, first.person.kind = "Åsa Öberg", "politician"
        second.organisation_id = bogota.id
    found = {
        "words": Filter(words="oberg ASA"),
        "place": Filter(words=bogota.name),
        "percent": Filter(words="%"),
        "organisation": Filter(organisation_id=umea.id),
        "country": Filter(country="CO"),
        "role": Filter(kind="politician"),
        "unsaid": Filter(kind="unsaid"),
        "state": Filter("waitlisted"),
    }
    numbers = {name: [row.registration.id for row in listing.page(workshop.id, one, size=30, after=0)] for name, one in found.items()}
    mine, other = [first.id], [second.id]
    assert numbers == {
        "words": mine, "place": other, "percent": [], "organisation": mine, "country": other, "role": mine, "unsaid": other, "state": [],
    }  # fmt: skip
    assert listing.counts(workshop.id, Filter(country="CO")) == {"confirmed": 1, "all": 1}


def test_all_chosen_are_taken_off_with_a_reason_and_no_seat_goes_to_one_of_them(umea: Organisation, workshop: Workshop) -> None:
    mine = registered(workshop.id, umea, 4)
    done = bulk.cancel(workshop.id, some(*mine[:3]), WHY, seen="3", by=STAFF, now=LATER)
    assert (done.number, done.left, states(mine)) == (3, 0, ["cancelled"] * 3 + ["confirmed"])
    assert kinds().count("promotion") == 1, "only the one who was not chosen moves up"
    assert "The house is closed." in words(waiting("cancelled_seat")[0])
    assert workshops.get(workshop.id).taken == 1


def test_an_act_is_all_or_nothing_and_never_on_more_people_than_were_seen(umea: Organisation, workshop: Workshop) -> None:
    mine = registered(workshop.id, umea, 3)
    with pytest.raises(Refused, match="3 people match now"):
        bulk.cancel(workshop.id, ALL, WHY, seen="2", by=STAFF, now=LATER)
    with pytest.raises(Refused, match="Enter the reason in English"):
        bulk.cancel(workshop.id, ALL, {}, seen=seen(workshop.id, ALL), by=STAFF, now=LATER)
    other = published(umea)
    with pytest.raises(Missing):
        bulk.cancel(other.id, some(mine[0]), WHY, seen="1", by=STAFF, now=LATER)
    assert states(mine) == ["confirmed", "confirmed", "waitlisted"]


def test_all_who_match_are_those_whom_staff_saw_not_just_as_many(umea: Organisation, workshop: Workshop) -> None:
    """Between the look and the press two leave and two others come; then somebody stands otherwise."""
    mine = registered(workshop.id, umea, 3)
    looked, written = seen(workshop.id, ALL), Written({"en": "The bus"}, {"en": "It leaves at nine."}, "en")
    to_read = reached(workshop)
    for one in mine[1:]:
        registrations_service.cancel(one, by=STAFF, now=LATER)
    later = registered(workshop.id, umea, 2)
    with pytest.raises(Refused, match="Other people match now"):
        bulk.cancel(workshop.id, ALL, WHY, seen=looked, by=STAFF, now=LATER)
    with pytest.raises(Refused, match="Other people match now"):
        service.send(workshop.id, ALL, written, seen=to_read, sure=False, by=STAFF, now=LATER)
    with pytest.raises(Refused, match="Other people match now"):
        bulk.cancel(workshop.id, ALL, WHY, seen="3", by=STAFF, now=LATER)
    assert states([mine[0], *later]) == ["confirmed", "confirmed", "waitlisted"]
    looked = seen(workshop.id, ALL)
    registrations_service.cancel(mine[0], by=STAFF, now=LATER)
    service_again = registrations_service.register(workshop.id, registrations.get(mine[0]).person_id, by=STAFF, now=LATER)
    assert states([service_again.id, *later]) == ["waitlisted", "confirmed", "confirmed"], "the same three, but others have the seats"
    with pytest.raises(Refused, match="or stand otherwise"):
        bulk.cancel(workshop.id, ALL, WHY, seen=looked, by=STAFF, now=LATER)
    assert bulk.cancel(workshop.id, ALL, WHY, seen=seen(workshop.id, ALL), by=STAFF, now=LATER).number == 3


def test_seats_are_given_out_of_turn_to_those_who_wait_and_added(umea: Organisation, workshop: Workshop) -> None:
    mine = registered(workshop.id, umea, 4)
    done = bulk.promote(workshop.id, some(*mine[1:]), seen="3", by=STAFF, now=LATER)
    saved = workshops.get(workshop.id)
    assert (done.number, done.left, states(mine)) == (2, 1, ["confirmed"] * 4)
    assert (saved.capacity, saved.taken) == (4, 4)


def test_a_mail_goes_once_to_each_in_the_own_language_by_day_and_not_to_unproved_addresses(umea: Organisation, workshop: Workshop) -> None:
    mine = registered(workshop.id, umea, 3)
    with transaction():
        swede, closed = registrations.get(mine[1]), registrations.get(mine[2])
        swede.lang, closed.person.disabled_at = "sv", NOW
    written = Written({"en": "The bus"}, {"en": "It leaves **at nine**."}, "en")
    assert service.send(workshop.id, ALL, written, seen=reached(workshop), sure=False, by=STAFF, now=NIGHT) == 2
    mails = {mail.lang: mail for mail in waiting("bulletin")}
    assert {lang: mail.next_at.hour for lang, mail in mails.items()} == {"en": 7, "sv": 7}, "eight in Stockholm"
    assert "It leaves **at nine**." in words(mails["en"])
    assert "Den här texten är på engelska." in words(mails["sv"])
    row = db.session.query(Bulletin).one()
    assert (row.count, row.chosen, row.texts) == (2, "state=all", written.texts)
    assert sentence(audit.entries(f"workshop:{workshop.id}")[0]) == "Wrote to participants: “The bus”, 2 mails"
    with pytest.raises(Refused, match="2 people get it now, not 7"):
        service.send(workshop.id, ALL, written, seen="7", sure=False, by=STAFF, now=NIGHT)


def test_a_button_that_is_pressed_twice_sends_one_mail_and_the_same_words_later_another(umea: Organisation, workshop: Workshop) -> None:
    registered(workshop.id, umea, 2)
    written = Written({"en": "The bus"}, {"en": "It leaves at nine."}, "en")
    for minutes, mails in ((0, 2), (1, 2), (30, 4)):
        at = LATER + timedelta(minutes=minutes)
        assert service.send(workshop.id, ALL, written, seen=reached(workshop), sure=False, by=STAFF, now=at) == 2
        assert len(waiting("bulletin")) == mails


def test_very_many_readers_are_asked_about_twice(umea: Organisation, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    registered(workshop.id, umea, 2)
    monkeypatch.setattr(service, "MANY", 1)
    written = Written({"en": "The bus"}, {"en": "It leaves at nine."}, "en")
    with pytest.raises(Refused, match="Tick that you mean to write to 2 people"):
        service.send(workshop.id, ALL, written, seen=reached(workshop), sure=False, by=STAFF, now=LATER)
    assert waiting("bulletin") == []
    assert service.send(workshop.id, ALL, written, seen=reached(workshop), sure=True, by=STAFF, now=LATER) == 2


def test_a_note_is_kept_changed_taken_away_and_goes_with_the_registration(umea: Organisation, workshop: Workshop) -> None:
    (mine,) = registered(workshop.id, umea)
    for text in ("Comes late", "Comes early"):
        service.note(workshop.id, mine, text, by=STAFF, now=LATER)
    note = queries.find_note(mine)
    assert note is not None
    assert (note.words, note.by, listing.page(workshop.id, Filter(), size=30, after=0)[0].noted) == ("Comes early", "Karin", True)
    service.note(workshop.id, mine, "", by=STAFF, now=LATER)
    assert queries.find_note(mine) is None
    with pytest.raises(Refused, match="600 characters or fewer"):
        service.note(workshop.id, mine, "x" * 601, by=STAFF, now=LATER)
    with pytest.raises(Missing):
        service.note(published(umea).id, mine, "Comes late", by=STAFF, now=LATER)


def past(registration_id: int) -> list[str]:
    """What a registration's page says of its past, oldest first."""
    return [entry.action for entry in queries.history(registrations.get(registration_id)).entries][::-1]


def test_two_people_of_one_name_have_each_their_own_past_and_a_substitution_stands_in_both(umea: Organisation, workshop: Workshop) -> None:
    mine, other = registered(workshop.id, umea, 2)
    with transaction():
        for one in (mine, other):
            registrations.get(one).person.name = "Ana Ruiz"
    service.note(workshop.id, mine, "Comes late", by=STAFF, now=LATER)
    colleague = factories.person(umea, name="Bo Ek")
    new = substitute(mine, Colleague(person_id=colleague.id), who="staff", by=STAFF, now=LATER)
    assert past(other) == ["registration.confirmed"]
    assert past(mine) == ["registration.confirmed", "registration.noted", "registration.substituted"]
    assert past(new.id) == ["registration.substituted"]


def test_old_lines_without_a_number_count_unless_they_may_be_a_namesakes(umea: Organisation, workshop: Workshop) -> None:
    mine, other = registered(workshop.id, umea, 2)
    me, namesake = registrations.get(mine).person, registrations.get(other).person
    with transaction():
        me.name = "Ana Ruiz"
        for by in (STAFF, person(me)):
            record("registration.answered", f"workshop:{workshop.id}", by=by, now=LATER, name="Ana Ruiz")
    alone = queries.history(registrations.get(mine))
    assert (len(alone.entries), alone.unclear) == (3, 0)
    with transaction():
        namesake.name = "Ana Ruiz"
    found, theirs = (queries.history(registrations.get(one)) for one in (mine, other))
    assert ([entry.actor for entry in found.entries], found.unclear) == ([f"person:{me.id}", "person:0"], 1)
    assert ([entry.action for entry in theirs.entries], theirs.unclear) == (["registration.confirmed"], 2)


def test_the_file_has_the_rows_of_the_filter_with_inert_cells_and_the_audit_says_who_took_it(
    umea: Organisation, workshop: Workshop
) -> None:
    mine = registered(workshop.id, umea, 3)
    with transaction():
        registrations.get(mine[0]).person.name = "=2+3"
    wanted = Filter("confirmed")
    data = service.taken_along("csv", workshop.id, wanted, lambda rows: writing.as_csv(rows, "UTC"), by=STAFF, now=LATER)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert (len(rows), rows[0][:3], rows[1][0]) == (3, ["Name", "E-mail", "Organisation"], "'=2+3")
    assert sentence(audit.entries(f"workshop:{workshop.id}")[0]) == "Exported the list of participants as CSV: 2"
    book = service.taken_along("xlsx", workshop.id, wanted, lambda rows: writing.as_workbook(rows, "UTC", NOW), by=STAFF, now=LATER)
    assert book.startswith(b"PK")


def test_who_takes_a_namesake_off_is_not_said_to_have_left(umea: Organisation, workshop: Workshop) -> None:
    """Two people of one name are told apart by number; lines from before they carried one have the name alone."""
    mine, other = registered(workshop.id, umea, 2)
    with transaction():
        for one in (mine, other):
            registrations.get(one).person.name = "Ana Ruiz"
    ana, namesake = (registrations.get(one).person for one in (mine, other))
    registrations_service.cancel(other, by=person(ana), now=LATER)
    registrations_service.cancel(mine, by=person(ana), now=LATER)
    with transaction():
        record("registration.cancelled", f"workshop:{workshop.id}", by=person(namesake), now=LATER, name="Ana Ruiz")
    lines = [entry for entry in audit.entries(f"workshop:{workshop.id}") if entry.action == "registration.cancelled"]
    assert [sentence(one) for one in lines[::-1]] == [
        "Cancelled the registration of Ana Ruiz", "Ana Ruiz left the workshop", "Ana Ruiz left the workshop",
    ]  # fmt: skip
