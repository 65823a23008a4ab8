"""Links that open an entry in a calendar on the web, read back as the calendars read them."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendars import Days, Hours, Status
from app.calendars.links import MOST, Links, links
from tests.calendars.made import entry

HOSTILE = 'a&b=c; "100 %" + <b>x</b>\\n #1 / ¿«ñ»? 😀'
FOUR_DAYS = Days(date(2024, 3, 18), date(2024, 3, 21))


def made(**changes: object) -> Links:
    found = links(entry(**changes))
    assert found is not None
    return found


def fields(link: str) -> dict[str, str]:
    """What a server reads: no name twice, nothing empty, and a + where it finds one."""
    query = urlsplit(link).query
    assert "+" not in query
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def as_text(body: str) -> str:
    """What Outlook shows of the HTML that it takes the text for."""
    return html.unescape(body.replace("<br>", "\n"))


def test_google_gets_the_instants_the_words_and_the_place() -> None:
    one = entry()
    assert urlsplit(made().google)._replace(query="").geturl() == "https://calendar.google.com/calendar/render"
    assert fields(made().google) == {
        "action": "TEMPLATE",
        "dates": "20240319T210000Z/20240319T230000Z",
        "text": one.summary,
        "location": one.location,
        "details": one.description,
    }


@pytest.mark.parametrize(("name", "host"), [("outlook", "outlook.live.com"), ("office", "outlook.office.com")])
def test_both_outlooks_get_the_same(name: str, host: str) -> None:
    one = entry()
    link = getattr(made(), name)
    assert urlsplit(link)._replace(query="").geturl() == f"https://{host}/calendar/0/deeplink/compose"
    found = fields(link)
    assert as_text(found.pop("body")) == one.description
    assert found == {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "startdt": "2024-03-19T21:00:00Z",
        "enddt": "2024-03-19T23:00:00Z",
        "subject": one.summary,
        "location": one.location,
    }


def test_several_days_are_whole_days_up_to_the_day_after_the_last() -> None:
    found = made(when=FOUR_DAYS)
    assert fields(found.google)["dates"] == "20240318/20240322"
    for link in (found.outlook, found.office):
        assert {name: fields(link)[name] for name in ("startdt", "enddt", "allday")} == {
            "startdt": "2024-03-18",
            "enddt": "2024-03-22",
            "allday": "true",
        }


@pytest.mark.parametrize("zone", ["America/Bogota", "America/Guatemala", "Europe/Stockholm", "UTC"])
def test_the_instant_is_right_whatever_the_zone_and_the_season(zone: str) -> None:
    for month in (1, 7):
        starts, ends = (datetime(2025, month, 9, hour, tzinfo=ZoneInfo(zone)) for hour in (22, 23))
        found = made(when=Hours(starts, ends))
        first, last = fields(found.google)["dates"].split("/")
        assert datetime.strptime(first, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == starts
        assert datetime.strptime(last, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == ends
        assert datetime.fromisoformat(fields(found.office)["startdt"]) == starts


def test_what_does_not_take_place_has_no_links() -> None:
    assert links(entry(status=Status.CANCELLED)) is None


def test_without_a_place_or_a_text_the_page_is_the_text() -> None:
    found = fields(made(location="", description="").google)
    assert "location" not in found
    assert found["details"] == entry().url


def test_hostile_words_come_back_as_they_were() -> None:
    found = made(summary=HOSTILE, location=HOSTILE, description=f"{HOSTILE}\n{HOSTILE}")
    google, outlook = fields(found.google), fields(found.outlook)
    assert (google["text"], google["location"], google["details"]) == (HOSTILE, HOSTILE, f"{HOSTILE}\n{HOSTILE}")
    assert (outlook["subject"], outlook["location"]) == (HOSTILE, HOSTILE)
    assert as_text(outlook["body"]) == f"{HOSTILE}\n{HOSTILE}"
    assert "<b>" not in outlook["body"]


def test_a_long_text_is_cut_and_still_says_where_the_rest_is() -> None:
    one = entry(description="å " * 3000)
    for link in (made(description=one.description).google, made(description=one.description).office):
        assert MOST - 20 < len(link) <= MOST
        text = as_text(fields(link).get("details") or fields(link)["body"])
        assert text.endswith(f"…\n{one.url}")
        assert one.description.startswith(text.partition("…")[0])


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400)


@given(title=WORDS.filter(str.strip), place=WORDS, text=WORDS.map(lambda words: words * 20))
def test_whatever_is_typed_a_link_is_short_plain_and_says_what_was_typed(title: str, place: str, text: str) -> None:
    found = made(summary=title, location=place, description=text, when=FOUR_DAYS)
    for link, names in ((found.google, ("text", "details")), (found.outlook, ("subject", "body")), (found.office, ("subject", "body"))):
        assert len(link) <= MOST
        assert re.fullmatch(r"[A-Za-z0-9:/?&=%._~-]+", link)
        read = fields(link)
        said = read[names[0]]
        assert said == title or title.startswith(said.removesuffix("…"))
        assert (read.get("location", "") == place) or place.startswith(read["location"].removesuffix("…"))
