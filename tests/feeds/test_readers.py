"""What three independent readers see in the calendars over HTTP: the instants of the demo, and words that are meant to break them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from app.calendars import clean, group
from app.database import db
from app.membership.models import PartnershipEvent
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.values import Text
from tests import factories, missing, servers
from tests.calendars import jscalendar
from tests.calendars.readers import READERS, Seen
from tests.calendars.strict import read
from tests.factories import NOW
from tests.feeds.conftest import LANGS, Polled
from tests.workshops.made import KARIN, day, session, values

Instants = dict[str, tuple[float | str, float | str]]
PIECES = [
    "\r\nBEGIN:VALARM\r\n",
    "\nEND:VEVENT\nEND:VCALENDAR",
    "\\N",
    "\\n",
    "\\",
    "\\\\;",
    '"',
    ";:,",
    "^'^n",
    "&amp;<b>",
    "=0D=0A",
    "%0D%0A",
]
PIECES += [
    "😀👩‍👩‍👧‍👦",
    "a\u0301\u0327",
    "\u0301" * 25,
    "\u2028",
    " " * 90,
    "\t",
    "\u3000" * 40,
    "\u200d",
    "\u00ad",
    "ﬁ",
    "עברית العربية",
    "None",
]
TRIED = (Phase.explicit, Phase.generate)  # to make an example smaller takes minutes here, each try being several transactions
letters = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30)
hostile = st.lists(st.one_of(st.sampled_from(PIECES), letters), min_size=1, max_size=8).map("".join)
long = st.tuples(hostile, st.integers(300, 900)).map(lambda drawn: (drawn[0] * drawn[1])[:10_000])


def seen_by(name: str, bodies: list[bytes]) -> list[list[Seen]]:
    """What one reader sees of these calendars."""
    try:
        return READERS[name](bodies)
    except servers.NotHere as error:
        missing.skip(error)


@pytest.fixture(scope="module")
def instants(polled: Polled) -> Instants:
    """Of each UID of the demo, from the walls of its days and the tz database."""
    found: Instants = {}
    with polled.app.app_context():
        for workshop in db.session.query(Workshop).where(Workshop.state != "draft"):
            zone = ZoneInfo(workshop.zone)
            days = [(day.uid, day.on, day.starts, day.ends) for day in workshop.days]
            days += [(one.uid, day.on, one.starts, one.ends) for day in workshop.days for one in day.sessions]
            for uid, on, starts, ends in days:
                found[uid] = datetime.combine(on, starts, zone).timestamp(), datetime.combine(on, ends, zone).timestamp()
            first, last = workshop.days[0], workshop.days[-1]
            whole = (first.on.isoformat(), (last.on + timedelta(days=1)).isoformat())
            found[workshop.uid] = found[first.uid] if first is last else whole
        for date in db.session.query(PartnershipEvent):
            after = (date.ends_on + timedelta(days=1)).isoformat()
            found[date.uid] = (date.starts_at.timestamp(), date.ends_at.timestamp()) if date.starts else (date.starts_on.isoformat(), after)
        db.session.remove()
    return found


@pytest.fixture(scope="module")
def bodies(polled: Polled) -> list[bytes]:
    """The bytes at every address."""
    return [polled.get(address).body for address in [*polled.feeds(), *polled.files(), *polled.own]]


@pytest.mark.parametrize("name", READERS)
def test_req_21_all_instants_of_the_demo(name: str, bodies: list[bytes], instants: Instants) -> None:
    seen = [one for calendar in seen_by(name, bodies) for one in calendar]
    assert {one.uid for one in seen} == instants.keys()
    assert [one for one in seen if (one.starts, one.ends) != instants[one.uid]] == []


@pytest.fixture
def workshop(lite: Flask) -> Workshop:
    """A published workshop of one day with one session."""
    network = factories.network(factories.organisation("SE"))
    draft = service.save_draft(values(network, days=(day(3),), sessions=(session("Welcome"),)), by=KARIN, now=NOW)
    return acts.publish(draft.id, by=KARIN, now=NOW)


@dataclass(frozen=True)
class Typed:
    """What stands in the rows, beside the calendars of that moment: by day, by session, and of the workshop called off."""

    title: str
    summary: str
    venue: str
    session: str
    room: str
    reason: str
    bodies: tuple[bytes, bytes, bytes]


@pytest.mark.timeout(900)
def test_req_13_14_hostile_words_are_read_alike_by_everybody(lite: Flask, workshop: Workshop, full: bool) -> None:
    typed: list[Typed] = []
    number = workshop.id

    @settings(max_examples=150 if full else 12, deadline=None, database=None, phases=TRIED, suppress_health_check=list(HealthCheck))
    @given(hostile, st.one_of(hostile, long), hostile, hostile, hostile, hostile)
    @example(
        "\nBEGIN:VALARM\nTRIGGER:-P1D", "x\r\nBEGIN:VEVENT\r\nEND:VEVENT", "BEGIN:VALARM", "\rEND:VEVENT\r", "TRIGGER:-P1D", "BEGIN:VALARM"
    )
    @example("\u0301", "\u0301a\n\u0303b", "\u0301", "\u0301", "\u0301", "\u0323")
    @example("Å" * 3, "a\u0301" * 5000, "\\", "\\n", ";", ",")
    def write(title: str, summary: str, venue: str, name: str, room: str, reason: str) -> None:
        assume(summary.strip())  # a workshop that is public has a summary
        typed.append(written(lite, number, (f"T{title}", summary, f"V{venue}", f"P{name}", room, f"R{reason}")))

    write()
    bodies = [body for one in typed for body in one.bodies]
    strict = [
        [(event.text("SUMMARY"), event.text("DESCRIPTION"), event.text("LOCATION")) for event in read(body).all("VEVENT")]
        for body in bodies
    ]
    for reader in READERS:
        seen = seen_by(reader, bodies)
        assert [[(one.title, one.description, one.location) for one in calendar] for calendar in seen] == strict, reader
        assert len({(one.starts, one.ends) for calendar in seen[::3] for one in calendar}) == 1
    groups = [jscalendar.read(group(body, uid="all@example.org", lang="sv", updated=NOW))["entries"] for body in bodies]
    told = [[(event["title"], event["description"], event["locations"]["1"]["name"]) for event in events] for events in groups]
    assert told == strict
    for one, ((by_day,), (by_session,), (off,)) in zip(typed, zip(*[iter(strict)] * 3, strict=True), strict=True):
        assert by_day[0] == one_line(one.title)
        assert clean(one.summary, "") in by_day[1]
        assert one_line(one.venue) in by_day[2]
        assert by_session[0] == one_line(one.session)
        assert by_session[2].startswith(one_line(one.room))
        assert off[0] == one_line(f"INSTÄLLD: {one.title}")
        assert off[1].startswith(clean(one.reason, ""))


def written(lite: Flask, number: int, words: tuple[str, str, str, str, str, str]) -> Typed:
    """Puts these words into the rows, and fetches the calendars; called off in the last one."""
    title, summary, venue, name, room, reason = words
    client, url = lite.test_client(), "/feeds/all.ics?lang=sv"
    workshop = queries.get(number)
    changed = replace(
        queries.values_of(workshop),
        texts={lang: Text(title, summary) for lang in LANGS},
        venue=venue,
        sessions=(replace(session(name), titles=tuple((lang, name) for lang in LANGS), room=room),),
    )
    service.save(number, changed, workshop.version, by=KARIN, now=NOW)
    bodies = [client.get(url).data, client.get(f"{url}&show=sessions").data]
    acts.cancel(number, dict.fromkeys(LANGS, reason), by=KARIN, now=NOW)
    bodies.append(client.get(url).data)
    row = queries.get(number)
    held = row.days[0].sessions[0]
    stored = Typed(
        row.texts["sv"].title, row.texts["sv"].summary, row.venue, held.titles["sv"].title, held.room, row.texts["sv"].reason, tuple(bodies)
    )
    acts.restore(number, by=KARIN, now=NOW)
    return stored


def one_line(words: str) -> str:
    return re.sub(r"\s+", " ", clean(words, ""))
