"""Words into messages: their shape, their languages, and hostile words that stay words."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from app import create_core, mailer
from app.mailer import Content, Unsendable
from tests.conftest import SETTINGS
from tests.factories import NOW

WORDS = Content("Påminnelse: seminarium i Borås", "Hej Åsa!\n", "<p>Hej Åsa!</p>")
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"]


@pytest.fixture(scope="module", autouse=True)
def core(tmp_path_factory: pytest.TempPathFactory) -> Any:
    app: Flask = create_core({**SETTINGS, "INSTANCE": str(tmp_path_factory.mktemp("mailer")), "DATABASE_URL": "sqlite://"})
    with app.app_context():
        yield app


def built(content: Content = WORDS, **values: Any) -> bytes:
    facts: dict[str, Any] = {
        "lang": "sv",
        "recipient": "asa@boras.example",
        "recipient_name": "Åsa Öberg",
        "message_id": "<1@icld.se>",
        "at": NOW,
    }
    return mailer.build(content, **(facts | values))


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def name_of(raw: bytes) -> str:
    """The name of the recipient, decoded as RFC 2047 says (the parser adds spaces between encoded words of a long name)."""
    name = parseaddr(message_from_bytes(raw)["To"].replace("\r\n", ""))[0]
    return str(make_header(decode_header(name)))


def texts(message: EmailMessage) -> list[tuple[str, str]]:
    return [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in message.iter_parts()]


def test_text_and_html_stand_as_alternatives_plainest_first() -> None:
    message = parsed(built())
    assert message.get_content_type() == "multipart/alternative"
    assert texts(message) == [("text/plain", "Hej Åsa!\n"), ("text/html", "<p>Hej Åsa!</p>\n")]


def test_its_headers_are_these_and_no_others() -> None:
    message = parsed(built())
    assert message.keys() == HEADERS
    assert message["From"] == "ICLD <partnership@icld.se>"
    assert message["To"] == "Åsa Öberg <asa@boras.example>"
    assert message["Subject"] == "Påminnelse: seminarium i Borås"
    assert message["Date"] == "Mon, 03 Mar 2025 12:00:00 +0000"
    assert message["Message-ID"] == "<1@icld.se>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "sv"


def test_one_click_to_unsubscribe_stands_in_both_headers_of_rfc_8058() -> None:
    message = parsed(built(unsubscribe="https://w.example/r/abc/stop", outbox_id="7"))
    assert message["List-Unsubscribe"] == "<https://w.example/r/abc/stop>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["X-Outbox-Id"] == "7"


def test_a_calendar_is_the_last_alternative_byte_for_byte_and_no_attachment() -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nSUMMARY:Möte\r\nEND:VCALENDAR\r\n".encode()
    raw = built(calendar=calendar, calendar_method="CANCEL")
    part = list(parsed(raw).iter_parts())[-1]
    assert b"Content-Type: text/calendar; method=CANCEL; charset=utf-8\r\n" in raw
    assert part.get_payload(decode=True) == calendar
    assert b"Content-Disposition" not in raw


def test_every_line_is_short_ascii_and_ends_in_crlf() -> None:
    raw = built(Content("Å" * 300, "ö" * 5000 + " " * 200 + "\n", "<p>" + "x" * 5000 + "</p>"), calendar=b"x" * 5000)
    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert max(map(len, lines)) <= 78
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert texts(parsed(raw))[0][1] == "ö" * 5000 + " " * 200 + "\n"


def test_a_domain_in_letters_of_its_own_is_written_in_idna() -> None:
    assert parsed(built(recipient="info@malmö.example"))["To"] == "Åsa Öberg <info@xn--malm-8qa.example>"


@pytest.mark.parametrize(
    "facts",
    [
        {"recipient": "åsa@boras.example"},
        {"recipient": "two@a.example, two@b.example"},
        {"recipient": "a@b@c.example"},
        {"recipient": "<>"},
        {"recipient": "nobody"},
        {"recipient": "asa@boras.example\r\nBcc: all@evil.example"},
        {"recipient_name": "Åsa\r\nBcc: all@evil.example"},
        {"recipient_name": "Åsa\nX: y"},
        {"recipient_name": "A\x00sa"},
        {"message_id": "<1@icld.se>\r\nBcc: all@evil.example"},
        {"unsubscribe": "https://w.example/\r\nBcc: all@evil.example"},
        {"content": Content("Hej\r\nBcc: all@evil.example", "", "")},
        {"content": Content("Hej\u2028då", "", "")},
        {"recipient": "a@" + "ö" * 80 + ".example"},
    ],
)
def test_what_could_begin_another_header_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(Unsendable):
        built(**facts)


@pytest.mark.parametrize(("letters", "is_sent"), [(9_000_000, True), (10_100_000, False)])
def test_a_message_that_servers_would_not_take_is_refused_with_its_size(letters: int, is_sent: bool) -> None:
    content = Content("Hej", ("x" * 60 + "\n") * (letters // 62), "")
    if is_sent:
        assert built(content=content)
        return
    with pytest.raises(Unsendable, match="larger than 10 MB"):
        built(content=content)


@pytest.mark.parametrize(
    "words",
    [
        "Du är inte längre anmäld: Inför resan: förbered delegationen för Umeå, onsdag 2 december 2026",
        "Recordatorio: Antes de viajar: prepare a su delegación para Umeå, miércoles 2 de diciembre de 2026",
        "Reminder: Before you travel: prepare your delegation for Borås, and then for another place, Wednesday 2 December 2026",
        "An English subject without any letter that is not ASCII, which is nevertheless much too long to stand on one line",
        "=?utf-8?q?not_encoded?=",
        "x" * 300,
        "two  spaces",
    ],
)
def test_words_of_a_subject_stay_apart_wherever_it_is_folded(words: str) -> None:
    raw = built(Content(words, "", ""), recipient_name=words[:200])
    assert parsed(raw)["Subject"] == words
    assert name_of(raw) == words[:200]
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=200), st.text(max_size=80))
def test_whatever_is_typed_stays_where_it_was_put(subject: str, name: str) -> None:
    try:
        raw = built(Content(subject, "x\n", "<p>x</p>"), recipient_name=name)
    except Unsendable:
        return
    message = parsed(raw)
    assert message.keys() == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["asa@boras.example"]
    assert name_of(raw) == name.strip()
    assert str(message["Subject"]).strip() == subject.strip()
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(("lang", "word"), [("en", "code"), ("sv", "kod"), ("es", "código")])
def test_a_mail_is_written_in_the_language_of_its_reader(lang: str, word: str) -> None:
    content = mailer.render("sign_in_code", lang, code="123 456", minutes=10)
    assert word in content.text.lower()
    assert f'lang="{lang}"' in content.html
    assert "\n" not in content.subject
    assert "123 456" in content.text


def test_styles_stand_at_the_elements_and_rules_for_dark_and_small_screens_in_the_head() -> None:
    content = mailer.render("sign_in_code", "en", code="123 456", minutes=10)
    assert 'style="' in content.html
    assert "@media (prefers-color-scheme: dark)" in content.html
    assert "@media (max-width: 480px)" in content.html


def test_a_name_that_is_missing_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(UndefinedError):
        mailer.render("sign_in_code", "en")


def test_a_name_full_of_markup_is_text_in_the_html() -> None:
    content = mailer.render("sign_in_code", "en", code="<script>alert(1)</script>", minutes=10)
    assert "<script>" not in content.html
    assert "<script>" in content.text


def test_links_are_made_from_the_setting() -> None:
    assert mailer.link("/en/") == "http://127.0.0.1:5000/en/"
