"""Hostile words: whatever is typed, a calendar has the same lines, and two readers read the same words (S6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import normalize

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.calendars import Address, clean, feed, invitation, render_entry
from app.errors import Refused
from tests.calendars.made import YEARS, entry
from tests.calendars.strict import read

NASTY = [
    "\r\nBEGIN:VALARM\r\n",
    "\nEND:VEVENT\n",
    "\\N",
    "\\n",
    "\\",
    '"',
    ";:,",
    "^'",
    "^n",
    "😀",
    "a\u0301",
    "\u2028",
]
NASTY += [
    " " * 90,
    "\t",
    "\ufeff",
    "\u202e",
    "\x85",
    "\x00",
    "\u3000" * 40,
    "None",
    "&amp;",
    "=",
    "%0D%0A",
    "\ud800",
    "ﬁ",
]
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=40)), max_size=12).map("".join)
tame = settings(max_examples=250, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = read(feed("x", [render_entry(entry(), YEARS)], YEARS, lang="sv")).parts[1].names()


def made_or_refused(make: Callable[[], bytes]) -> tuple[bytes, set[str]]:
    """What came of it: the bytes, or the names of the fields that were refused."""
    try:
        return make(), set()
    except Refused as refused:
        return b"", set(refused.problems)


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", clean(text, "text"))


@tame
@given(title=texts, text=texts, place=texts, kind=texts, name=texts)
@example(title="C:\\New\r\nBEGIN:VALARM", text="\\N", place="\\", kind="x;y", name='";:,')
def test_s6_hostile_words_stay_inside_their_property(title: str, text: str, place: str, kind: str, name: str) -> None:
    made = entry(summary=f"T{title}", description=f"D{text}", location=f"L{place}", categories=(f"K{kind}",))
    data, problems = made_or_refused(lambda: feed(f"N{name}", [render_entry(made, YEARS)], YEARS, lang="sv"))
    if not data:
        assert problems == {"categories"} or any(CONTROL.search(part) for part in (title, text, place, name))
        return

    calendar, theirs = read(data), Calendar.from_ical(data)
    event, their_event = calendar.parts[1], theirs.events[0]
    assert event.names() == NAMES
    assert [part.name for part in calendar.parts] == ["VTIMEZONE", "VEVENT"]
    assert event.text("SUMMARY") == str(their_event["SUMMARY"]) == one_line(f"T{title}")
    assert event.text("DESCRIPTION") == str(their_event["DESCRIPTION"]) == clean(f"D{text}", "text")
    assert event.text("LOCATION") == str(their_event["LOCATION"]) == one_line(f"L{place}")
    assert event.text("CATEGORIES") == their_event.categories[0] == one_line(f"K{kind}")
    assert calendar.text("NAME") == calendar.text("X-WR-CALNAME") == one_line(f"N{name}")


@tame
@given(name=texts)
@example(name='Ana "Anita"; Pérez: x, y')
@example(name="a^b")
@example(name="\\\\N, \\")
def test_s6_hostile_names_stay_inside_their_parameter(name: str) -> None:
    attendee = Address(f"A{name}", "ana@example.org")
    data, problems = made_or_refused(lambda: invitation(entry(), "REQUEST", attendee=attendee, years=YEARS))
    if not data:
        assert problems == {"attendee"}
        assert CONTROL.search(name)
        return

    event, (theirs,) = read(data).parts[1], Calendar.from_ical(data).events
    assert event.names() == [*NAMES, "ATTENDEE"]
    assert list(event.parameters("ATTENDEE")) == ["CN", "CUTYPE", "PARTSTAT", "ROLE", "RSVP"]
    wanted = one_line(f"A{name}").replace('"', "'").replace("\\", "/")
    assert event.parameters("ATTENDEE")["CN"].replace("^^", "^") == wanted
    assert theirs["ATTENDEE"].params["CN"] == wanted
    assert theirs["ATTENDEE"] == "mailto:ana@example.org"


@tame
@given(text=texts)
def test_cleaning_keeps_every_word_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        cleaned = clean(text, "text")
    except Refused:
        return

    assert clean(cleaned, "text") == cleaned
    assert cleaned.split() == normalize("NFC", text.replace("\u2028", "\n").replace("\u2029", "\n")).split()


@tame
@given(address=texts)
def test_s6_a_hostile_address_is_refused_or_one_line(address: str) -> None:
    for url in (f"https://example.org/{address}", f"https://{address}"):
        try:
            data = render_entry(entry(url=url), YEARS)
        except Refused:
            continue
        link = read(feed("x", [data], YEARS, lang="sv")).parts[1].value("URL")
        assert re.fullmatch(r"https://[a-z0-9.\-_\[\]:]+([/?#][A-Za-z0-9%/:?#@!$&'()*+,;=~._-]*)?", link), link
