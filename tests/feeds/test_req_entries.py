"""Requirements 13 to 27 of calendars, on every calendar of the demo, read by an unforgiving reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.accounts.models import Person
from app.clock import now
from app.database import db
from app.errors import Refused
from app.membership.models import PartnershipEvent
from app.registrations.models import Registration
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests.calendars.strict import TEXTS, Clock, Part, read
from tests.feeds.conftest import BASE, LANGS, Polled
from tests.workshops.made import KARIN

ONCE = ("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "SUMMARY", "URL", "ORGANIZER", "TRANSP")
INSTANT = r"\d{8}T\d{6}Z"
INSIDE = {"SE": (55, 70, 10, 25), "CO": (-5, 14, -82, -66), "GT": (13, 18, -93, -88)}  # south, north, west, east in degrees
PREFIXES = {
    "sv": {"cancelled": "INSTÄLLD: ", "postponed": "UPPSKJUTEN: "},
    "es": {"cancelled": "CANCELADO: ", "postponed": "APLAZADO: "},
    "en": {"cancelled": "CANCELLED: ", "postponed": "POSTPONED: "},
}


@pytest.fixture(scope="module")
def bodies(polled: Polled) -> dict[str, bytes]:
    """The bytes at every address."""
    return {address: polled.get(address).body for address in [*polled.feeds(), *polled.files(), *polled.own]}


@pytest.fixture(scope="module")
def calendars(bodies: dict[str, bytes]) -> dict[str, Part]:
    """What stands at every address; reading it is requirement 13."""
    return {address: read(body) for address, body in bodies.items()}


@pytest.fixture(scope="module")
def events(calendars: dict[str, Part]) -> list[tuple[str, Part]]:
    """Every entry of every calendar, with the address."""
    found = [(address, event) for address, calendar in calendars.items() for event in calendar.all("VEVENT")]
    assert len(found) > 500
    return found


@pytest.fixture
def workshops(polled: Polled) -> Iterator[dict[str, Workshop]]:
    """The workshop of each UID: its own, its days', its sessions'."""
    with polled.app.app_context():
        rows = db.session.query(Workshop).where(Workshop.state != "draft").all()
        found = {workshop.uid: workshop for workshop in rows}
        for workshop in rows:
            found |= {day.uid: workshop for day in workshop.days}
            found |= {session.uid: workshop for day in workshop.days for session in day.sessions}
        yield found
        db.session.remove()


@pytest.fixture
def of_workshops(events: list[tuple[str, Part]], workshops: dict[str, Workshop]) -> list[tuple[str, Part, Workshop]]:
    """The entries of workshops; all others are a partnership's dates."""
    dates = {uid for (uid,) in db.session.query(PartnershipEvent.uid)}
    assert dates & {event.value("UID") for _address, event in events}
    return [(address, event, workshops[uid]) for address, event in events if (uid := event.value("UID")) not in dates]


def lang_of(address: str) -> str:
    return address.partition("lang=")[2][:2]


def test_req_13_every_calendar_is_whole_lines_of_75_octets_at_most(calendars: dict[str, Part], bodies: dict[str, bytes]) -> None:
    assert calendars.keys() == bodies.keys()  # the reader asserts it of each line
    assert max(len(line) for body in bodies.values() for line in body.split(b"\r\n")) == 75
    assert {body[:17] for body in bodies.values()} == {b"BEGIN:VCALENDAR\r\n"}
    assert {body[-15:] for body in bodies.values()} == {b"END:VCALENDAR\r\n"}


def test_req_14_words_are_plain(calendars: dict[str, Part], events: list[tuple[str, Part]]) -> None:
    for part in [*calendars.values(), *(event for _address, event in events)]:
        for name in {*part.names()} & (TEXTS - {"CATEGORIES"}):
            words = part.text(name)
            assert not re.search(r"</?[a-z]+[ />]|&(amp|lt|gt|quot|nbsp|#\d+);|\bNone\b|\\[nN,;]|\{\{|%\(", words), words
        if "URL" in part.names():
            assert "\\" not in part.value("URL")


def test_req_15_names_and_parameters(bodies: dict[str, bytes]) -> None:
    for body in bodies.values():
        for line in body.decode().replace("\r\n ", "").splitlines():
            head = re.match(r'[A-Z-]+(?:;[A-Z-]+=(?:"[^"]*"|[^":;,]*))*:', line)
            assert head, line
        assert body.count(b"BEGIN:VCALENDAR") == 1


def test_req_16_a_feed_says_what_it_is_called_and_when_to_look_again(calendars: dict[str, Part]) -> None:
    for address, calendar in calendars.items():
        assert (calendar.value("VERSION"), calendar.value("CALSCALE")) == ("2.0", "GREGORIAN")
        assert calendar.text("PRODID").startswith("-//ICLD//")
        if address.startswith("/feeds/"):
            assert calendar.text("NAME") == calendar.text("X-WR-CALNAME") != ""
            assert calendar.parameters("REFRESH-INTERVAL") == {"VALUE": "DURATION"}
            assert calendar.value("REFRESH-INTERVAL") == calendar.value("X-PUBLISHED-TTL") == "PT1H"


def test_req_17_a_file_is_no_calendar_of_its_own_and_no_calendar_has_a_uid(calendars: dict[str, Part]) -> None:
    for address, calendar in calendars.items():
        assert "UID" not in calendar.names()
        if address.startswith("/workshops/"):
            assert calendar.names() == ["VERSION", "PRODID", "CALSCALE", "METHOD"]


def test_req_18_it_is_published_by_one_organizer(calendars: dict[str, Part], events: list[tuple[str, Part]]) -> None:
    assert {calendar.value("METHOD") for calendar in calendars.values()} == {"PUBLISH"}
    assert {event.value("ORGANIZER") for _address, event in events} == {"mailto:partnership@icld.se"}
    assert not [address for address, event in events if "ATTENDEE" in event.names()]


def test_req_19_a_uid_is_ascii_of_our_domain_and_once_in_a_calendar(calendars: dict[str, Part]) -> None:
    for address, calendar in calendars.items():
        uids = Counter(event.value("UID") for event in calendar.all("VEVENT"))
        assert set(uids.values()) <= {1}, address
        assert not [uid for uid in uids if not re.fullmatch(r"[a-z0-9.-]+@[a-z0-9.-]+", uid)]


def test_req_19_an_entry_is_the_same_bytes_wherever_it_stands(bodies: dict[str, bytes], polled: Polled) -> None:
    found: dict[tuple[str, str], set[bytes]] = {}
    names = Counter[tuple[str, str]]()
    for address, body in bodies.items():
        if address in polled.own:
            continue  # whose entries may wait for a seat
        for piece in body.split(b"BEGIN:VEVENT\r\n")[1:]:
            event = piece.partition(b"END:VEVENT")[0]
            key = (lang_of(address), event.partition(b"\r\n")[0].decode())
            level = "overview" in address  # the entry of a workshop, not of a day
            found.setdefault((f"{key[0]}{level}", key[1]), set()).add(event)
            names[key] += 1
    assert max(names.values()) >= 3
    assert [key for key, pieces in found.items() if len(pieces) > 1] == []


def test_req_19_a_uid_does_not_depend_on_the_language(calendars: dict[str, Part]) -> None:
    for level in ("days", "overview", "sessions"):
        uids = [[event.value("UID") for event in calendars[f"/feeds/all.ics?lang={lang}&show={level}"].all("VEVENT")] for lang in LANGS]
        assert uids[0] == uids[1] == uids[2]


def test_req_20_every_entry_has_its_properties_once(events: list[tuple[str, Part]]) -> None:
    for _address, event in events:
        names = Counter(event.names())
        assert [name for name in ONCE if names[name] != 1] == []
        assert [name for name, number in names.items() if number > 1] == []
        for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
            assert re.fullmatch(INSTANT, event.value(name))
        assert event.value("DTSTAMP") == event.value("LAST-MODIFIED") >= event.value("CREATED")
        assert event.value("STATUS") in {"TENTATIVE", "CONFIRMED", "CANCELLED"}
        assert re.fullmatch(r"\d+", event.value("SEQUENCE"))
        assert re.fullmatch(re.escape(BASE) + r"/(sv|es|en)/[A-Za-z0-9%/_-]+", event.value("URL"))


def test_req_21_a_place_has_its_clock_and_what_is_only_online_has_utc(of_workshops: list[tuple[str, Part, Workshop]]) -> None:
    kinds = Counter[str]()
    for _address, event, workshop in of_workshops:
        start, end = event.parameters("DTSTART"), event.parameters("DTEND")
        assert start == end
        assert "DURATION" not in event.names()
        assert event.value("DTEND") > event.value("DTSTART")
        if start == {"VALUE": "DATE"}:
            assert (event.value("UID"), len(workshop.days) > 1) == (workshop.uid, True)
            shown = [datetime.strptime(event.value(name), "%Y%m%d").date() for name in ("DTSTART", "DTEND")]  # noqa: DTZ007  days
            assert shown == [workshop.days[0].on, workshop.days[-1].on + timedelta(days=1)]
        elif workshop.format == "online":
            assert (start, bool(re.fullmatch(INSTANT, event.value("DTSTART")))) == ({}, True)
        else:
            assert start == {"TZID": workshop.zone}
            for name in ("DTSTART", "DTEND"):
                wall = datetime.strptime(event.value(name), "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(workshop.zone))
                assert wall.utcoffset() == wall.replace(fold=1).utcoffset()
        kinds[next(iter(start), "UTC")] += 1
    assert kinds.keys() == {"VALUE", "TZID", "UTC"}


def test_req_22_a_workshop_of_several_days_is_an_entry_a_day(calendars: dict[str, Part], workshops: dict[str, Workshop]) -> None:
    shown = [event.value("UID") for event in calendars["/feeds/all.ics?lang=sv&show=days"].all("VEVENT")]
    rows = {workshop.id: workshop for workshop in workshops.values()}.values()
    assert sorted(shown) == sorted(day.uid for workshop in rows for day in workshop.days)
    bars = [event.value("UID") for event in calendars["/feeds/all.ics?lang=sv&show=overview"].all("VEVENT")]
    assert sorted(bars) == sorted(workshop.uid for workshop in rows)


def test_req_23_every_zone_that_is_named_is_told_once_and_right(calendars: dict[str, Part]) -> None:
    told: dict[str, set[str]] = {}
    for calendar in calendars.values():
        zones = calendar.all("VTIMEZONE")
        used = {event.parameters("DTSTART").get("TZID", "") for event in calendar.all("VEVENT")} - {""}
        assert sorted(used) == [zone.value("TZID") for zone in zones]
        starts = [event.value("DTSTART") for event in calendar.all("VEVENT") if "TZID" in event.parameters("DTSTART")]
        for zone in zones:
            told.setdefault(zone.value("TZID"), set()).add(repr(zone))
            kinds = [part.name for part in zone.parts]
            assert kinds in (["STANDARD"], ["STANDARD", "DAYLIGHT"])
            for part in zone.parts:
                rule = ["RRULE"] if len(kinds) == 2 else []
                assert part.names() == ["DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", *rule]
                assert part.value("DTSTART") < min(starts)
                assert not rule or re.fullmatch(r"FREQ=YEARLY;BYDAY=-?\d[A-Z]{2};BYMONTH=\d+", part.value("RRULE"))
    assert {key: len(kinds) for key, kinds in told.items()} == {"America/Bogota": 1, "America/Guatemala": 1, "Europe/Stockholm": 1}
    for zone in calendars["/feeds/all.ics?lang=sv&show=days"].all("VTIMEZONE"):
        clock, place, end = Clock(zone, until=2027), ZoneInfo(zone.value("TZID")), datetime(2027, 1, 1, tzinfo=UTC)
        moments = [end - number * timedelta(minutes=30) for number in range(1, 3 * 366 * 48)]
        assert [at for at in moments if clock.offset(at.replace(tzinfo=None)) != place.utcoffset(at.astimezone(place))] == []


def test_req_24_language_point_and_category(of_workshops: list[tuple[str, Part, Workshop]], polled: Polled) -> None:
    for address, event, workshop in of_workshops:
        if address not in polled.own:
            assert [event.parameters(name) for name in ("SUMMARY", "DESCRIPTION")] == [{"LANGUAGE": lang_of(address)}] * 2
        assert re.search(r"(?<!\\),", event.value("CATEGORIES")) is None
        assert "\\," not in event.value("CATEGORIES")
        assert ("GEO" in event.names()) == (workshop.format != "online")
        if "GEO" in event.names():
            latitude, longitude = map(float, event.value("GEO").split(";"))
            south, north, west, east = INSIDE[workshop.country or ""]
            assert south < latitude < north
            assert west < longitude < east


def test_req_25_no_alarm_no_address_no_telephone_no_participant(bodies: dict[str, bytes], polled: Polled) -> None:
    with polled.app.app_context():
        people = {row.person.name for row in db.session.query(Registration)}
        addresses = {row.address for row in db.session.query(Person)}
        db.session.remove()
    assert min(len(people), len(addresses)) > 20
    for address, body in bodies.items():
        if address in polled.own:
            continue
        words = body.replace(b"\r\n ", b"").decode()
        hidden = re.sub(r"\r\n(UID|ORGANIZER)[^\r]*", "", words)
        assert "VALARM" not in words
        assert re.findall(r"[\w.+-]+@[\w.-]+", hidden) == []
        assert set(re.findall(r"mailto:([^\r\n]*)", words)) == {"partnership@icld.se"}
        assert re.search(r"\btel:|\+\d{2}[ \d()-]{6,}\d", words) is None
        assert [name for name in people if name in words] == []


def test_req_26_a_later_stamp_never_stands_before_an_earlier_one(events: list[tuple[str, Part]]) -> None:
    by_uid: dict[str, set[tuple[str, str]]] = {}
    for address, event in events:
        if not address.startswith("/feeds/me/"):
            by_uid.setdefault(event.value("UID"), set()).add((event.value("SEQUENCE"), event.value("DTSTAMP")))
    assert [uid for uid, seen in by_uid.items() if len(seen) > 1] == []  # one age of an entry everywhere at a time


def test_req_27_what_does_not_take_place_says_so_in_its_title(of_workshops: list[tuple[str, Part, Workshop]]) -> None:
    seen = Counter[str]()
    for _address, event, workshop in of_workshops:
        state, title = workshop.state, event.text("SUMMARY")
        prefixes = PREFIXES[event.parameters("SUMMARY")["LANGUAGE"]]
        if state in {"cancelled", "postponed"}:
            assert title.startswith(prefixes[state]), title
            assert (event.value("STATUS"), event.value("TRANSP")) == ("CANCELLED", "TRANSPARENT")
            assert int(event.value("SEQUENCE")) > 0
            assert event.value("DTEND") > event.value("DTSTART")
        else:
            assert not title.startswith(tuple(prefixes.values()))
            assert (event.value("STATUS") != "CANCELLED", event.value("TRANSP")) == (True, "OPAQUE")
        seen[state] += 1
    assert seen.keys() >= {"cancelled", "postponed", "published"}


def shown(demo: Flask, workshop: Workshop) -> list[Part]:
    """The entries of one workshop: its days, and itself."""
    client = demo.test_client()
    days = read(client.get(f"/workshops/{workshop.slug}.ics?lang=es").data).all("VEVENT")
    whole = read(client.get("/feeds/all.ics?lang=es&show=overview").data).all("VEVENT")
    return [*days, *(event for event in whole if event.value("UID") == workshop.uid)]


def test_req_27_a_cancelled_workshop_stays_with_its_times(demo: Flask) -> None:
    workshop = db.session.query(Workshop).where(Workshop.state == "published", Workshop.starts_at > now()).all()[0]
    before = shown(demo, workshop)
    acts.cancel(workshop.id, dict.fromkeys(LANGS, "Por la tormenta."), by=KARIN, now=now())
    after = shown(demo, workshop)
    kept = ("UID", "DTSTART", "DTEND", "CREATED", "URL")
    assert [[event.value(name) for name in kept] for event in after] == [[event.value(name) for name in kept] for event in before]
    assert all(int(new.value("SEQUENCE")) > int(old.value("SEQUENCE")) for new, old in zip(after, before, strict=True))
    assert {event.value("STATUS") for event in after} == {"CANCELLED"}


def test_req_27_what_was_public_is_never_deleted_and_a_deleted_draft_never_had_an_address(demo: Flask) -> None:
    client = demo.test_client()
    published = db.session.query(Workshop).where(Workshop.state == "published").all()[0]
    draft = db.session.query(Workshop).where(Workshop.state == "draft").all()[0]
    slug, uids = draft.slug, [day.uid for day in draft.days]
    with pytest.raises(Refused):
        acts.delete_draft(published.id, by=KARIN, now=now())
    assert client.get(f"/workshops/{slug}.ics").status_code == 404
    acts.delete_draft(draft.id, by=KARIN, now=now())
    assert client.get(f"/workshops/{slug}.ics").status_code == 404
    assert not [uid for uid in uids if uid.encode() in client.get("/feeds/all.ics").data]
