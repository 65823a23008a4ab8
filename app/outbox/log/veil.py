"""A mail as staff may read it: codes and the links that are somebody's own are veiled."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from app.outbox.rules import ASKED_FOR

VEIL = "•••"
TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{32,}")  # a secret in an address has 43 characters
DIGITS = re.compile(r"(?<![\w#;&])\d{3}[ \u00a0]?\d{3}(?!\w)")
CHECK_IN = re.compile(r"(?<!\w)[A-HJKMNP-Z2-9]{8}(?!\w)")  # the letters of registrations.rules.CODE_LETTERS
WORDS = re.compile(r"(?<=>)[^<>]+(?=<)")


def text(body: bytes, kind: str) -> str:
    """The plain text."""
    return words(_part(body, "plain"), kind)


def html(body: bytes, kind: str) -> str:
    """The HTML: its addresses and the words between its tags. Its links open beside the frame."""
    found = TOKEN.sub(VEIL, _part(body, "html"))
    found = WORDS.sub(lambda between: words(between[0], kind), found)
    return found.replace("<head>", '<head><base target="_blank">', 1)


def words(said: str, kind: str) -> str:
    """A subject, or any words."""
    said = CHECK_IN.sub(VEIL, TOKEN.sub(VEIL, said))
    return DIGITS.sub(VEIL, said) if kind in ASKED_FOR else said


def _part(body: bytes, subtype: str) -> str:
    part = message_from_bytes(body, policy=policy.default).get_body((subtype,))
    raw = part.get_payload(decode=True) if isinstance(part, EmailMessage) else b""
    return raw.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(raw, bytes) else ""
