"""Calendars over HTTP, each requirement by its number in the specification of feeds."""

from __future__ import annotations

import gzip
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from app.accounts.models import Person
from app.announcements import announce
from app.audit.service import Actor
from app.audit.service import person as actor
from app.clock import now
from app.database import db, end_reading, transaction
from app.errors import Missing, Refused
from app.feeds.models import FeedToken
from app.feeds.personal import service
from app.feeds.personal.fetches import fetches
from app.organisations.models import Organisation
from app.registrations import service as registrations
from app.workshops.models import Workshop
from tests import factories

BY = Actor("person:0", "Karin")
URL = "/feeds/all.ics?lang=sv"


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    return factories.organisation("SE")


@pytest.fixture
def bogota(umea: Organisation) -> Workshop:
    """A workshop of two days in Bogotá, two months ahead."""
    start = now().date() + timedelta(days=60)
    network = factories.network(umea, ends_on=date(start.year + 1, 12, 31))
    workshop = factories.workshop(network, start, start + timedelta(days=1), made=now() - timedelta(days=9))
    with transaction():
        announce("workshop_published", workshop=workshop, now=now(), by=BY)
    return workshop


def changed(workshop: Workshop, name: str, **values: object) -> None:
    """Changes the row and announces it, as the workshops' service does."""
    with transaction():
        for key, value in values.items():
            setattr(workshop, key, value)
        workshop.changed_at = now()
        for day in workshop.days:
            day.changed_at, day.sequence = now(), workshop.sequence
        db.session.flush()
        announce(name, workshop=workshop, before=[], now=now(), by=BY)


def events(body: bytes) -> list[Any]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def test_req_01_the_same_bytes_whoever_asks(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    plain = client.get(URL)
    other = client.get(URL, headers={"User-Agent": "Google-Calendar-Importer", "Accept": "text/html", "Accept-Language": "es"})
    assert (plain.status_code, plain.data) == (200, other.data)


def test_req_02_type_and_no_cookie(lite: Flask, bogota: Workshop) -> None:
    answer = lite.test_client().get(URL)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_req_03_two_fetches_are_byte_equal_even_in_another_process(lite: Flask, bogota: Workshop, tmp_path: Path) -> None:
    first = lite.test_client().get(URL).data
    lite.extensions.pop("app.feeds")  # as a process that has kept nothing, on a machine that has not either
    shutil.rmtree(tmp_path / "feeds")
    assert lite.test_client().get(URL).data == first


def test_req_04_validators_answer_304(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    answer = client.get(URL)
    etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f"W/{etag}"},
        {"If-None-Match": f'"other", {etag}'},
        {"If-Modified-Since": modified},
    ):
        fresh = client.get(URL, headers=headers)
        assert (fresh.status_code, fresh.data, fresh.headers["ETag"]) == (304, b"", etag), headers
    foreign = client.get(URL, headers={"If-None-Match": '"other"', "If-Modified-Since": modified})
    assert foreign.status_code == 200


def test_req_04_a_change_moves_both_validators(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    before = client.get(URL)
    changed(bogota, "workshop_changed", venue="Another hall")
    after = client.get(URL, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]


def test_req_05_head_gives_the_headers_and_other_methods_405(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    head, get = client.head(URL), client.get(URL)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", get.headers["ETag"])
    for method in (client.put, client.delete, client.patch):
        assert method(URL).status_code == 405
    assert client.post(URL, csrf=False).status_code == 405


def test_req_06_gzip_only_if_asked_for(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    plain, packed = client.get(URL), client.get(URL, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    fresh = client.get(URL, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert fresh.status_code == 304


def test_req_07_public_calendars_may_be_kept_and_personal_ones_only_by_their_owner(
    lite: Flask, bogota: Workshop, umea: Organisation
) -> None:
    assert lite.test_client().get(URL).headers["Cache-Control"] == "public, max-age=900"
    _me, address = personal(umea)
    assert lite.test_client().get(address).headers["Cache-Control"] == "private, max-age=900"


def test_req_08_robots_are_let_in_and_personal_addresses_not_indexed(lite: Flask, bogota: Workshop, umea: Organisation) -> None:
    assert lite.test_client().get("/robots.txt").data.startswith(b"User-agent: *\nDisallow:\n")
    _me, address = personal(umea)
    assert lite.test_client().get(address).headers["X-Robots-Tag"] == "noindex"


def test_req_09_wrong_and_revoked_addresses_look_the_same(lite: Flask, bogota: Workshop, umea: Organisation) -> None:
    me, address = personal(umea)
    client = lite.test_client()
    assert client.get(address).status_code == 200
    token = db.session.query(FeedToken).one()
    service.revoke(me.id, token.id, by=actor(me), now=now())
    revoked, wrong = client.get(address), client.get("/feeds/me/" + "x" * 43 + ".ics")
    assert (revoked.status_code, wrong.status_code) == (404, 404)
    assert "VCALENDAR" not in revoked.get_data(as_text=True)
    assert address.split("/")[3].removesuffix(".ics") not in client.get(address).get_data(as_text=True)


def test_req_10_an_empty_calendar_is_a_valid_one(lite: Flask, umea: Organisation) -> None:
    factories.network(umea)
    answer = lite.test_client().get("/feeds/guatemala.ics?lang=es")
    assert answer.status_code == 200
    assert events(answer.data) == []


@pytest.mark.parametrize("address", ["/feeds/all.ics?lang=sv", "/feeds/online.ics?lang=es&show=overview", "own"])
def test_req_10_calendars_are_there_before_the_first_network_is(lite: Flask, umea: Organisation, address: str) -> None:
    answer = lite.test_client().get(personal(umea)[1] if address == "own" else address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert events(answer.data) == []


def test_req_12_the_file_of_one_workshop_is_to_be_saved_and_a_feed_is_not(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    file = client.get(f"/workshops/{bogota.slug}.ics?lang=sv")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{bogota.slug}.ics"'
    assert "Content-Disposition" not in client.get(URL).headers


def test_req_17_a_file_has_no_name_of_a_calendar(lite: Flask, bogota: Workshop) -> None:
    text = lite.test_client().get(f"/workshops/{bogota.slug}.ics?lang=sv").get_data(as_text=True)
    assert not any(word in text for word in ("X-WR-CALNAME", "\r\nNAME:", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"))


def test_req_19_an_entry_is_the_same_bytes_in_every_public_calendar(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    addresses = [URL, "/feeds/latin-america.ics?lang=sv", "/feeds/colombia.ics?lang=sv", f"/workshops/{bogota.slug}.ics?lang=sv"]
    bodies = [client.get(address).data for address in addresses]
    pieces = [body[body.index(b"BEGIN:VEVENT") : body.rindex(b"END:VEVENT")] for body in bodies]
    assert len(set(pieces)) == 1


def test_req_19_each_day_has_its_own_uid_and_the_whole_has_the_workshops(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    daily = [str(event["UID"]) for event in events(client.get(URL).data)]
    whole = [str(event["UID"]) for event in events(client.get(URL + "&show=overview").data)]
    assert daily == [day.uid for day in bogota.days]
    assert whole == [bogota.uid]


def test_req_25_no_person_and_no_seat_count_in_public(lite: Flask, bogota: Workshop, umea: Organisation) -> None:
    me = factories.person(umea)
    before = lite.test_client().get(URL).data
    registrations.register(bogota.id, me.id, by=actor(me), now=now())
    after = lite.test_client().get(URL).data
    assert before == after
    assert me.name.encode() not in after


def test_req_26_a_moved_day_keeps_its_uid_and_what_did_not_move_keeps_every_byte(lite: Flask, bogota: Workshop) -> None:
    client = lite.test_client()
    other = factories.workshop(bogota.network, now().date() + timedelta(days=90), country="GT")
    changed(other, "workshop_changed")
    first = client.get(URL).data
    with transaction():
        bogota.sequence += 1
        day = bogota.days[0]
        day.on, day.sequence, day.changed_at = day.on - timedelta(days=1), 1, now() + timedelta(seconds=5)
        day.starts_at, day.ends_at = day.starts_at - timedelta(days=1), day.ends_at - timedelta(days=1)
        announce("workshop_moved", workshop=bogota, before=[], started_at=bogota.starts_at, now=now(), by=BY)
    second = client.get(URL).data
    before, after = events(first), events(second)
    assert [str(event["UID"]) for event in after] == [str(event["UID"]) for event in before]
    assert after[0]["SEQUENCE"] > before[0]["SEQUENCE"]
    assert after[0]["DTSTAMP"].dt > before[0]["DTSTAMP"].dt
    assert first.split(b"BEGIN:VEVENT")[2:] == second.split(b"BEGIN:VEVENT")[2:]


def test_req_27_a_cancelled_workshop_stays_and_says_so(lite: Flask, bogota: Workshop) -> None:
    changed(bogota, "workshop_cancelled", state="cancelled", sequence=1)
    event = events(lite.test_client().get("/feeds/all.ics?lang=en").data)[0]
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", 1)
    assert str(event["SUMMARY"]).startswith("CANCELLED")


@pytest.mark.parametrize("address", ["/feeds/nowhere.ics", "/feeds/all.ics?lang=de", "/feeds/all.ics?show=all", "/workshops/none.ics"])
def test_an_unknown_calendar_is_a_404(lite: Flask, bogota: Workshop, address: str) -> None:
    assert lite.test_client().get(address).status_code == 404


def test_a_draft_is_in_no_calendar(lite: Flask, bogota: Workshop) -> None:
    changed(bogota, "workshop_changed", state="draft")
    assert events(lite.test_client().get(URL).data) == []
    assert lite.test_client().get(f"/workshops/{bogota.slug}.ics").status_code == 404


def test_my_calendar_shows_my_seat_and_my_place_in_the_line_and_nothing_else(lite: Flask, bogota: Workshop, umea: Organisation) -> None:
    me, address = personal(umea)
    full = factories.workshop(bogota.network, now().date() + timedelta(days=70), capacity=0)
    for workshop in (bogota, full):
        registrations.register(workshop.id, me.id, by=actor(me), now=now())
    states = [str(event["STATUS"]) for event in events(lite.test_client().get(address).data)]
    assert states == ["CONFIRMED", "CONFIRMED", "TENTATIVE"]


def test_leaving_a_workshop_is_seen_at_the_next_poll(lite: Flask, bogota: Workshop, umea: Organisation) -> None:
    me, address = personal(umea)
    registration = registrations.register(bogota.id, me.id, by=actor(me), now=now())
    client = lite.test_client()
    etag = client.get(address).headers["ETag"]
    registrations.cancel(registration.id, by=actor(me), now=now())
    after = client.get(address, headers={"If-None-Match": etag})
    assert (after.status_code, [str(event["STATUS"]) for event in events(after.data)]) == (200, ["CANCELLED", "CANCELLED"])


def test_the_last_fetch_is_written_outside_the_request(lite: Flask, bogota: Workshop, umea: Organisation) -> None:
    _me, address = personal(umea)
    lite.test_client().get(address, headers={"User-Agent": "Thunderbird/153"})
    assert db.session.query(FeedToken).one().last_fetched_at is None
    fetches.write(lite)
    end_reading()
    assert db.session.query(FeedToken).one().last_agent == "Thunderbird/153"


def test_only_the_hash_of_an_address_is_kept(lite: Flask, umea: Organisation) -> None:
    _me, address = personal(umea)
    token = address.removeprefix("/feeds/me/").removesuffix(".ics")
    row = db.session.query(FeedToken).one()
    assert len(token) >= 43
    assert token not in str(vars(row))


def test_another_persons_address_cannot_be_revoked(lite: Flask, umea: Organisation) -> None:
    personal(umea)
    stranger = factories.person(umea)
    with pytest.raises(Missing):
        service.revoke(stranger.id, db.session.query(FeedToken).one().id, by=actor(stranger), now=now())


def test_nobody_has_more_than_twenty_addresses(lite: Flask, umea: Organisation) -> None:
    me, _address = personal(umea)
    for number in range(19):
        service.make_token(me.id, f"device {number}", "sv", by=actor(me), now=now())
    with pytest.raises(Refused):
        service.make_token(me.id, "one more", "sv", by=actor(me), now=now())


def personal(umea: Organisation) -> tuple[Person, str]:
    """Somebody and the address of their own calendar."""
    me = factories.person(umea)
    token = service.make_token(me.id, "telephone", "sv", by=actor(me), now=now())
    return me, f"/feeds/me/{token}.ics"
