"""Requirements 28 to 32 of calendars, on the bytes of the mails that people of the demo get."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import pytest

from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import db, transaction
from app.outbox.models import Message
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests import factories
from tests.calendars.strict import Part, read
from tests.feeds.conftest import LANGS, Polled, running
from tests.workshops.made import KARIN

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Sent:
    """One mail with a calendar in it: as it goes over the wire, read, and the public entry of that moment."""

    raw: bytes
    mail: EmailMessage
    person: str
    public: Part

    @property
    def part(self) -> EmailMessage:
        """The calendar's part."""
        (found,) = [part for part in self.mail.walk() if part.get_content_type() == "text/calendar"]
        assert isinstance(found, EmailMessage)
        return found

    @property
    def calendar(self) -> Part:
        """The calendar, as an unforgiving reader reads it."""
        return read(self.part.get_payload(decode=True))  # type: ignore[arg-type]  # bytes

    @property
    def event(self) -> Part:
        (found,) = self.calendar.all("VEVENT")
        return found

    @property
    def method(self) -> str:
        return self.calendar.value("METHOD")


@pytest.fixture(scope="module")
def lives(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[list[Sent]]]:
    """For a workshop of each kind of the demo (online, each clock, one day or more): what one who comes gets, in the order of time."""
    with running(demo_template, tmp_path_factory.mktemp("mails")) as polled, polled.app.app_context():
        wanted = (Workshop.state == "published", Workshop.starts_at > now() + timedelta(days=3))
        found = db.session.query(Workshop).where(*wanted).order_by(Workshop.id).all()
        kinds = {(workshop.format == "online", workshop.zone, len(workshop.days) > 1): workshop.id for workshop in found}
        assert {zone for _online, zone, _several in kinds} == {"America/Bogota", "America/Guatemala", "Europe/Stockholm"}
        assert {several for _online, _zone, several in kinds} == {False, True}
        yield [life(polled, number, LANGS[turn % 3]) for turn, number in enumerate(kinds.values())]
        db.session.remove()


def life(polled: Polled, number: int, lang: str) -> list[Sent]:
    """A seat in a workshop that has been moved before; a move; leaving; coming again; the workshop is cancelled."""
    workshop, at = db.session.get_one(Workshop, number), now()
    moved(workshop, at)
    with transaction():
        workshop.capacity, workshop.opens_at, workshop.closes_at, workshop.approval = 90, None, None, False
    of = workshop.network.members[0].organisation
    me = factories.person(of, lang=lang, name=f'Ana "Anita"; Pérez: {lang}, ñ', address=f"ana.{number}@people.example")
    sent = []

    def then(act: Callable[[datetime], object]) -> None:
        nonlocal at
        at += HOUR
        act(at)
        sent.append(newest(polled, me, workshop))

    then(lambda at: registrations.register(number, me.id, by=actor(me), now=at))
    seat = db.session.query(Registration.id).filter_by(person_id=me.id).scalar()
    then(lambda at: moved(workshop, at))
    then(lambda at: registrations.cancel(seat, by=actor(me), now=at))
    then(lambda at: registrations.register(number, me.id, by=actor(me), now=at))
    then(lambda at: acts.cancel(number, dict.fromkeys(LANGS, "Stormen Ágata; allt är stängt."), by=KARIN, now=at))
    return sent


def moved(workshop: Workshop, at: datetime) -> None:
    """A week later."""
    saved = queries.values_of(workshop)
    days = tuple(replace(day, on=day.on + timedelta(days=7)) for day in saved.days)
    service.save(workshop.id, replace(saved, days=days), workshop.version, by=KARIN, now=at)


def newest(polled: Polled, me: Person, workshop: Workshop) -> Sent:
    """The newest mail to somebody, beside the public entry of this moment."""
    row = db.session.query(Message).filter_by(person_id=me.id).order_by(Message.created_at.desc()).limit(1).one()
    assert row.body is not None
    feed = read(polled.get(f"/feeds/all.ics?lang={me.lang}&show=overview").body)
    (public,) = [event for event in feed.all("VEVENT") if event.value("UID") == workshop.uid]
    return Sent(row.body, message_from_bytes(row.body, policy=policy.default), me.address, public)


def test_the_mails_are_the_ones_that_are_meant(lives: list[list[Sent]]) -> None:
    assert [[sent.method for sent in life] for life in lives] == [["REQUEST", "REQUEST", "CANCEL", "REQUEST", "CANCEL"]] * len(lives)


def test_req_28_one_message_to_one_person_in_three_parts(lives: list[list[Sent]]) -> None:
    for sent in (sent for life in lives for sent in life):
        assert [address for _name, address in getaddresses(sent.mail.get_all("To", []))] == [sent.person]
        assert str(sent.mail["To"]).count("@") == 1
        assert [name for name in ("Cc", "Bcc", "Resent-To") if sent.mail[name]] == []
        found = set(re.findall(r"[\w.+-]+@people\.example", " ".join(str(part.get_content()) for part in sent.mail.iter_parts())))
        assert found <= {sent.person}
        assert sent.mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in sent.mail.iter_parts()] == ["text/plain", "text/html", "text/calendar"]


def test_req_29_the_part_says_its_method_and_is_no_attachment(lives: list[list[Sent]]) -> None:
    for sent in (sent for life in lives for sent in life):
        assert f"Content-Type: text/calendar; method={sent.method}; charset=utf-8\r\n".encode() in sent.raw
        assert sent.part["Content-Transfer-Encoding"] in {"base64", "quoted-printable"}
        assert sent.part["Content-Disposition"] is None
        head = sent.raw.partition(b"\r\n\r\n")[0]
        assert head.isascii()
        assert re.search("\ufffd|=\\?", f"{sent.mail['Subject']} {sent.mail['To']}") is None


def test_req_30_one_entry_with_the_identity_of_the_feeds(lives: list[list[Sent]]) -> None:
    for life in lives:
        numbers = [int(sent.event.value("SEQUENCE")) for sent in life]
        assert numbers == sorted(set(numbers))
        stamps = [sent.event.value("DTSTAMP") for sent in life]
        assert stamps == sorted(set(stamps))
        for sent in life:
            assert int(sent.event.value("SEQUENCE")) >= int(sent.public.value("SEQUENCE"))
            same = ("UID", "DTSTART", "DTEND", "CREATED", "URL", "ORGANIZER")
            assert [sent.event.value(name) for name in same] == [sent.public.value(name) for name in same]
            assert sent.event.parameters("DTSTART") == sent.public.parameters("DTSTART")
            assert sent.calendar.names() == ["VERSION", "PRODID", "CALSCALE", "METHOD"]
            assert sent.event.parts == []


def test_req_31_one_organizer_and_one_attendee(lives: list[list[Sent]]) -> None:
    for sent in (sent for life in lives for sent in life):
        ((_name, sender),) = getaddresses(sent.mail.get_all("From", []))
        assert sent.event.value("ORGANIZER") == f"mailto:{sender}"
        assert sent.mail["Reply-To"] is None or sender in str(sent.mail["Reply-To"])
        assert sent.event.value("ATTENDEE") == f"mailto:{sent.person}"
        assert sender != sent.person
        asked = {"CUTYPE": "INDIVIDUAL", "PARTSTAT": "NEEDS-ACTION", "ROLE": "REQ-PARTICIPANT", "RSVP": "TRUE"}
        lang = sent.event.parameters("SUMMARY")["LANGUAGE"]
        assert sent.event.parameters("ATTENDEE") == {"CN": f"Ana 'Anita'; Pérez: {lang}, ñ", **asked}
        assert b";CN=\"Ana 'Anita'; P" in bytes(sent.part.get_payload(decode=True))


def test_req_32_cancelled_and_moved(lives: list[list[Sent]]) -> None:
    for first, again, left, back, off in lives:
        assert {sent.event.value("UID") for sent in (first, again, left, back, off)} == {first.event.value("UID")}
        assert again.event.value("DTSTART") > first.event.value("DTSTART")
        assert [sent.event.value("STATUS") for sent in (first, again, left, back, off)] == [
            "CONFIRMED",
            "CONFIRMED",
            "CANCELLED",
            "CONFIRMED",
            "CANCELLED",
        ]
        assert (left.public.value("STATUS"), off.public.value("STATUS")) == ("CONFIRMED", "CANCELLED")


def test_every_word_of_a_mail_s_calendar_survives_its_encoding(lives: list[list[Sent]]) -> None:
    for sent in (sent for life in lives for sent in life):
        lang = sent.event.parameters("SUMMARY")["LANGUAGE"]
        assert sent.event.parameters("DESCRIPTION") == {"LANGUAGE": lang}
        assert sent.event.text("LOCATION") == sent.public.text("LOCATION")
