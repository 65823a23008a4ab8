"""Templates into words in the recipient's language, and words into the bytes of a message (RFC 5322, 2046, 6047, 8058)."""

from __future__ import annotations

import re
import secrets
from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import Header
from email.utils import format_datetime
from functools import cache, lru_cache
from pathlib import Path

import css_inline
from flask import current_app
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import languages
from app.config import CONTROLS, DOMAIN, LOCAL

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
WORDS = ("From", "To", "Subject")  # people's own words, encoded before they come here
LARGEST = 10_000_000  # octets: many servers take no more
LINE = 78  # RFC 5322 section 2.1.1
BLANKS = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


@dataclass(frozen=True)
class Content:
    """The words of one mail: a subject on one line, plain text, and HTML with its styles inlined."""

    subject: str
    text: str
    html: str


class Unsendable(ValueError):
    """This can never be a message; the words say why (a line end in a header, an address that SMTP cannot carry)."""


def render(name: str, lang: str, /, **context: object) -> Content:
    """The mail called `name` in `lang`, from templates/mail/<name>.subject, .txt and .html; needs no request.

    Templates see `lang`, `subject` and what is given; a name that is missing raises jinja2.UndefinedError.
    """
    environment = _environment()
    with languages.using(lang):
        facts = {"lang": languages.current(), **context}
        subject = " ".join(environment.get_template(f"mail/{name}.subject").render(facts).split())
        facts["subject"] = subject
        text = environment.get_template(f"mail/{name}.txt").render(facts)
        html = environment.get_template(f"mail/{name}.html").render(facts)
    return Content(subject, BLANKS.sub("\n\n", text).strip() + "\n", _inliner().inline(html))


def link(path: str) -> str:
    """The absolute address of a path: BASE_URL, never what a request claims its host to be."""
    return f"{current_app.config['CONFIG'].base_url}{path}"


def new_message_id(unique: str) -> str:
    """`<unique@domain of the sender>`."""
    domain = current_app.config["CONFIG"].sender[1].rpartition("@")[2]
    return f"<{unique}@{_ascii(domain)}>"


def build(
    content: Content,
    *,
    lang: str,
    recipient: str,
    recipient_name: str = "",
    message_id: str,
    at: datetime,
    outbox_id: str = "",
    calendar: bytes | None = None,
    calendar_method: str = "REQUEST",
    unsubscribe: str | None = None,
) -> bytes:
    """The finished message: text, HTML and perhaps a calendar as alternatives, every line 7-bit and short.

    `unsubscribe` is an address that takes the one click of RFC 8058. Raises Unsendable.
    """
    parts = [_part("text/plain; charset=utf-8", content.text), _part("text/html; charset=utf-8", content.html)]
    if calendar is not None:
        parts.append(_part(f"text/calendar; method={calendar_method}; charset=utf-8", calendar))
    boundary = f"={secrets.token_hex(12)}="  # an equals sign stands in no encoded line, so no text can contain it
    headers = {
        "From": _sender(*current_app.config["CONFIG"].sender),
        "To": _mailbox(recipient_name, recipient),
        "Subject": _encoded("Subject", content.subject),
        "Date": format_datetime(at),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": lang,
        "X-Outbox-Id": outbox_id,
        "List-Unsubscribe": f"<{unsubscribe}>" if unsubscribe else "",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if unsubscribe else "",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = "".join(
        f"{name}: {value if name in WORDS else _on_one_line(name, value)}\r\n" for name, value in headers.items() if value or name in WORDS
    )
    between = f"\r\n--{boundary}"
    body = "".join(f"{between}\r\n{part}" for part in parts)
    message = f"{head}{body}{between}--\r\n".encode("ascii")
    if len(message) > LARGEST:
        reason = f"the message is larger than {LARGEST // 1_000_000} MB"
        raise Unsendable(reason)
    return message


def text_of(message: bytes) -> str:
    """The plain text of a finished message, to be looked at before it leaves."""
    part = message_from_bytes(message, policy=policy.default).get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _on_one_line(name: str, value: str, *, ascii_only: bool = True) -> str:
    """The value of a header, if nothing in it can begin another header. Raises Unsendable."""
    if CONTROLS.search(value) or (ascii_only and not value.isascii()):
        reason = f"{name} must stand on one line, without control characters"
        raise Unsendable(reason)
    return value


@lru_cache(256)
def _encoded(header: str, text: str) -> str:
    """Words in a header: as they are when they are ASCII, else as encoded words (RFC 2047) that keep every space.

    EmailMessage loses the spaces at which it folds encoded words, so a subject would arrive with two words run together.
    """
    _on_one_line(header, text, ascii_only=False)
    try:
        if text.isascii() and "=?" not in text:
            folded = Header(text, "us-ascii", header_name=header).encode(linesep="\r\n")
            if folded.replace("\r\n", "") == text and max(map(len, folded.split("\r\n"))) < LINE:
                return folded
    except MessageError:
        pass  # a word too long for a line, say
    return _words(header, text)


def _words(header: str, text: str) -> str:
    """Encoded words, each on a line of its own."""
    try:
        return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")
    except (MessageError, UnicodeError) as error:
        raise Unsendable(str(error)) from error


def _part(content_type: str, body: str | bytes) -> str:
    """One alternative, in short 7-bit lines (bytes as they are in base64), and without Content-Disposition: some programs
    hide an invitation that has one. Written here, because the standard library takes three times as long for it."""
    encoding, encoded = ("base64", encodebytes(body)) if isinstance(body, bytes) else ("quoted-printable", b2a_qp(body.encode()))
    lines = "\r\n".join(encoded.decode("ascii").splitlines())
    return f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{lines}\r\n"


@lru_cache(8)
def _sender(name: str, address: str) -> str:
    """Ours, the same in every mail."""
    return _mailbox(name, address)


def _mailbox(name: str, address: str) -> str:
    """'Åsa <asa@there.example>'. SMTP without an extension carries only ASCII before the @; domains are written in IDNA."""
    local, _, domain = _on_one_line("an address", address, ascii_only=False).rpartition("@")
    domain = _ascii(domain)
    if not LOCAL.fullmatch(local) or not DOMAIN.fullmatch(domain):
        reason = f"{address!r} is not an address that mail can be sent to"
        raise Unsendable(reason)
    name = _on_one_line("a name", name.strip(), ascii_only=False)
    if name.isascii() and "=?" not in name and "  " not in name and len(name) + len(address) < LINE - 12:
        words = name if PLAIN.fullmatch(name) else '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"')) if name else ""
        return f"{words} <{local}@{domain}>" if words else f"{local}@{domain}"
    return f"{_words('From', name)}\r\n <{local}@{domain}>"


@cache
def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        reason = f"{domain!r} is not a domain that mail can be sent to"
        raise Unsendable(reason) from error


@cache
def _environment() -> Environment:
    """Reads the same folder as the pages; escapes in HTML only; knows no request."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: bool(name and name.endswith(".html")),  # noqa: S701  subjects and plain text are not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    languages.prepare(environment)
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
